# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`lattice top`: tables for scripts, and the live view in a terminal.

The terminal is a pseudoterminal whose bytes are read here, as far as a text
needs them to be understood.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import harness
from harness import Jackd, Lattice, check

SESSION = """
[session]
format = 1

[node loud]
type = constant
value = 1

[node quiet]
type = gain
gain = 0.1

[node level]
type = meter

[node main]
type = audio_out
channels = 1

[cables]
cable = loud -> quiet
cable = quiet -> main
cable = quiet -> level
"""


def top(port, *words):
    """Run it. Return its exit code and both outputs."""
    done = subprocess.run(
        [Lattice.program, "top", "--osc-port", str(port), *words],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        check=False)
    return done.returncode, done.stdout, done.stderr


def nodes(text):
    """The names in the first column of a table."""
    rows = text.split("NODE", 1)[1].splitlines()[1:] if "NODE" in text else []
    return [row.split()[0] for row in rows if row]


def prints_tables(port):
    code, out, err = top(port, "--once")
    check(code == 0 and not err and "\x1b" not in out, "--once is plain text")
    check(sorted(nodes(out)) == ["level", "loud", "main", "quiet"],
          f"all nodes are in it: {nodes(out)}")
    check(re.search(r"^4 nodes, 3 cables, \d+ batches; 256 frames at 48000 Hz",
                    out, re.M), "the graph is told")
    check(re.search(r"^late: \d+ of \d+ periods.*xruns; bundles: \d+ late, "
                    r"0 waiting", out, re.M), "what was late is told")
    check(re.search(r"^loud +constant .* [+-]0\.0 dB +[+-]0\.[0-3] dB$", out,
                    re.M), "how loud a node is")
    level = re.search(r"^level +meter .* (\S+) dB +(\S+) dB$", out, re.M)
    check(level and abs(float(level[1]) + 20) < 0.5, "what a meter measures")
    for words, wanted in [
            (("--sort", "node"), "level loud main quiet"),
            (("--sort", "node", "--reverse"), "quiet main loud level"),
            (("--sort", "node", "--filter", "l?[u]*"), "loud"),
            (("--sort", "node", "--filter", "l*"), "level loud"),
            (("--sort", "node", "--filter", "u"), "loud quiet"),
            (("--sort", "type", "--lines", "2"), "main loud")]:
        got = " ".join(nodes(top(port, "--once", *words)[1]))
        check(got == wanted, f"{' '.join(words)}: {got}")
    shares = [float(share) for share in
              re.findall(r"([\d.]+)%", out.split("NODE", 1)[1])]
    check(len(shares) == 4 and shares == sorted(shares, reverse=True),
          f"the dearest comes first: {shares}")


def prints_json(port):
    code, out, _ = top(port, "--json", "--sort", "peak")
    told = json.loads(out)
    check(code == 0 and told["nodes"] == 4 and told["rate"] == 48000
          and told["bundles_waiting"] == 0, "JSON has the engine's numbers")
    rows = told["table"]
    check(rows[0]["name"] == "loud" and rows[0]["type"] == "constant"
          and abs(rows[0]["peak"] - 1) < 0.1 and rows[0]["ns"] > 0
          and 0 < rows[0]["share"] < 1, f"JSON has the rows: {rows[0]}")
    check(rows[-1]["name"] == "main" and rows[-1]["peak"] is None,
          "who has no outputs has no peak")


def has_figures_after_an_edit(lattice, port):
    for k in range(5):
        lattice.osc.send("/node/new", "saw", f"fresh{k}")
        lattice.osc.send("/connect", f"fresh{k}", "main", 0.0)
        told = json.loads(top(port, "--json")[1])
        rows = {row["name"]: row["ns"] for row in told["table"]}
        check(len(rows) == 5 + k and all(ns and ns > 0 for ns in rows.values()),
              f"a new node has figures: {rows}")
    for k in range(5):
        lattice.osc.send("/node/free", f"fresh{k}")


def marks_sleepers(lattice, port):
    lattice.osc.send("/node/new", "gain", "doze", "poly", 3, "gain", 0.0)
    lattice.osc.send("/connect", "doze", "main/in_1", 0.0)
    lattice.osc.sync()
    harness.wait_until(lambda: json.loads(top(port, "--json")[1])["asleep"] > 0)
    rows = {row["name"]: row["asleep"]
            for row in json.loads(top(port, "--json")[1])["table"]}
    check(rows["doze"] == 3 and rows["loud"] == 0, f"who sleeps: {rows}")
    out = top(port, "--once")[1]
    check(re.search(r"^doze .*  3 asleep$", out, re.M) and
          not re.search(r"^loud .*asleep", out, re.M), "a mark says so")
    lattice.osc.send("/node/free", "doze")


def waits_for_long_blocks(session):
    """A span of 1024 frames comes 47 times a second, and a node is timed in one
    of 64."""
    lattice = Lattice(session, "--block", "1024")
    lattice.osc.send("/node/new", "saw", "fresh")
    told = json.loads(top(lattice.osc.address[1], "--json")[1])
    rows = {row["name"]: row["ns"] for row in told["table"]}
    check(len(rows) == 5 and all(ns and ns > 0 for ns in rows.values()),
          f"a new node has figures with long blocks, too: {rows}")
    lattice.stop()


def refuses(port, free_port):
    for words, code, what in [
            (("--sort", "colour"), 2, "--sort takes one of node type"),
            (("--lines", "0"), 2, "--lines"),
            ((), 2, "needs a terminal"),
            (("x",), 2, "no use for 'x'")]:
        got, _, err = top(port, *words)
        check(got == code and what in err, f"{words}: {err.strip()}")
    code, out, err = top(free_port, "--once")
    check(code == 3 and not out and "does it run there" in err,
          "nobody listens: exit code 3")


class Terminal:
    """A program in a pseudoterminal, and what it shows."""

    def __init__(self, rows, columns, *command):
        self.rows, self.columns = rows, columns
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(command[0], command)
        self.bytes = ""
        self.resize(rows, columns)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """What is written in this time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                try:
                    self.bytes += os.read(self.fd, 65536).decode("ascii",
                                                                 "replace")
                except OSError:  # it has ended
                    return

    def waits_for(self, pattern, seconds=10):
        """Is this on the screen?  A new size has all of it drawn anew."""
        end = time.monotonic() + seconds
        rows, columns = self.rows, self.columns
        while time.monotonic() < end:
            self.bytes = ""
            self.resize(rows, columns - (self.columns == columns))
            self.read(0.4)
            if re.search(pattern, self.text()):
                return True
        print(repr(self.text()[-600:]))
        return False

    def text(self):
        """What was written, without the moves of the cursor."""
        return re.sub(r"\x1b(\[[\d;?]*[A-Za-z]|[()=>][0B]?)", " ", self.bytes)

    def press(self, keys):
        """Type."""
        self.read(0.3)
        os.write(self.fd, keys.encode())

    def ends(self, seconds=5):
        """Its exit code, None while it runs."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None


def is_live(port):
    live = Terminal(16, 100, Lattice.program, "top", "--osc-port", str(port),
                    "--interval", "0.2")
    check(live.waits_for(r"1 to 4 of 4 nodes"), "live: all nodes are seen")
    check(live.waits_for(r"SHAREv") and live.waits_for(r"q quit"),
          "live: head and help")
    check(live.waits_for(r"load +[\d.]+%"), "live: the load")
    live.press("s")
    check(live.waits_for(r"PEAKv"), "live: s sorts by the next column")
    live.press("r")
    check(live.waits_for(r"\^"), "live: r reverses")
    live.press("/u")
    check(live.waits_for(r"filter: u"), "live: / types a filter")
    live.press("\n")
    check(live.waits_for(r"1 to 2 of 2 nodes, filter: u"),
          "live: it is in force")
    live.press("p")
    check(live.waits_for(r"paused"), "live: p pauses")
    live.read(0.5)
    live.bytes = ""
    live.read(1.0)
    check(not live.text().strip(), "live: nothing moves then")
    live.press("p")
    live.press("\x1b")
    check(live.waits_for(r"of 4 nodes"), "live: Esc ends the filter")
    live.press("")
    live.resize(7, 40)
    check(live.waits_for(r"1 to 1 of 4 nodes"), "live: it resizes")
    live.resize(3, 3)
    live.read(0.5)
    live.resize(24, 100)
    check(live.waits_for(r"to 4 of 4 nodes"), "live: and back")
    return live


def ends_by_signal(port, number):
    live = Terminal(16, 100, Lattice.program, "top", "--osc-port", str(port))
    live.waits_for(r"of 4 nodes")
    os.kill(live.pid, number)
    code = live.ends()
    check(code == 0 and "\x1b[?1049l" in live.bytes,
          f"live: signal {number} gives the terminal back: {code}")


def test(_build):
    Jackd(256)
    session = harness.write("top.ini", SESSION)
    lattice = Lattice(session)
    port = lattice.osc.address[1]
    prints_tables(port)
    prints_json(port)
    marks_sleepers(lattice, port)
    has_figures_after_an_edit(lattice, port)
    live = is_live(port)
    ends_by_signal(port, signal.SIGTERM)
    ends_by_signal(port, signal.SIGINT)
    live.press("")
    lattice.stop()
    check(live.waits_for(r"no lattice answers|has +ended"),
          "live: it says that lattice has gone")
    check(top(port, "--once")[0] == 3, "nobody is there")
    back = Lattice(session, osc_port=port)
    check(live.waits_for(r"to 4 of 4 nodes"), "live: and goes on")
    refuses(port, 9)
    live.press("q")
    check(live.ends() == 0, "live: q ends it")
    back.stop()
    waits_for_long_blocks(session)


harness.main(test)
