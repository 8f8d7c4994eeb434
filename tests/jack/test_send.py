# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`lattice send` against a lattice that runs, and what that one says of it.

Answers, exit codes, and the log: --verbose, /dumpOSC, files, refusals.
"""

import re
import subprocess
import time

import harness
from harness import Jackd, Lattice, check
from osc_client import Osc


def send(port, *words):
    """Run `lattice send`. Return its exit code and both outputs."""
    done = subprocess.run(
        [Lattice.program, "send", "--osc-port", str(port), *words],
        capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


# What is sent, the exit code, and what is printed: a pattern for stdout or,
# where it failed, for stderr.
ASKED = [
    (["/node/new", "sine", "lfo", "freq", "3"], 0, r"^/done /node/new lfo\n$"),
    (["/node/new", "lowpass", "filter"], 0, r"^/done /node/new filter\n$"),
    (["--quiet", "/node/new", "saw", "voice"], 0, r"^$"),
    (["--tcp", "/connect", "lfo", "filter/cutoff", "-0.6kHz"], 0, r"^/done "),
    (["/graph/cables"], 0, r"filter/cutoff -600 signal\n/done /graph/cables 1"),
    (["/node/lfo/freq", "a4"], 0, r"^$"),
    (["/node/lfo/freq"], 0, r"^/node/lfo/freq 440\n$"),
    (["/node/lfo/freq", "-12"], 0, r"^$"),
    (["/node/lfo/freq"], 0, r"^/node/lfo/freq -12\n$"),
    (["/node/lfo/out/last"], 0, r"^/node/lfo/out/last -?[\d.e-]+\n$"),
    (["/node/lfo/pitch/norm", "50%"], 0, r"^$"),
    (["/node/lfo/pitch/norm"], 0, r"^/node/lfo/pitch/norm 0.5\n$"),
    (["/node/*/freq"], 0, r"^/node/lfo/freq -12\n/node/voice/freq [\d.]+\n$"),
    (["/node/{lfo,voice}/freq", "9"], 0, r"^$"),
    (["--tcp", "/graph/nodes"], 0, r"^(/graph/nodes \w+ \w+\n){3}/done "),
    (["/node/info", "lfo"], 0, r"setting engine 0 0 engine .* engine own\n"),
    (["/status"], 0, r"^/status.reply 1 3 3 "),
    (["/version"], 0, r"^/version.reply lattice "),
    (["/ping"], 0, r"^/pong\n$"),
    (["/sync", "77"], 0, r"^/synced 77\n$"),
    (["/error", "-1"], 0, r"^$"),
    (["/1/fader1/z", "1"], 0, r"^$"),
    (["/session/list"], 0, r"/done /session/list \d+\n$"),
    (["/transport/tempo"], 0, r"^/transport/tempo 120\n$"),
    (["/node/lfo/freq", "20ms"], 1, r"freq needs a number in Hz.*'20ms'"),
    (["/node/lof/freq", "3"], 1, r"did you mean 'lfo'\?"),
    (["--tcp", "/node/lof/freq", "3"], 1, r"did you mean 'lfo'\?"),
    (["/node/lof/freq"], 1, r"did you mean 'lfo'\?"),
    (["/node/z*/freq", "3"], 1, r"matches nothing"),
    (["/sync", "x"], 1, r"ID must be a number"),
    (["/nonsense", "3"], 1, r"no message /nonsense"),
    (["/transport/sto*"], 1, r"reached by none"),
    (["nonsense"], 1, r"is no path"),
    (["--osc-prot", "9", "/ping"], 2, r"did you mean --osc-port"),
    ([], 2, r"needs a path"),
]


def asks_and_is_answered(port):
    for words, code, printed in ASKED:
        got, out, err = send(port, *words)
        check(got == code and re.search(printed, err if code else out)
              and (code or not err),
              f"send {' '.join(words)}: {got} {(out + err).strip()[:90]!r}")


def hears_nobody(free_port):
    for options in [], ["--tcp"]:
        code, _, err = send(free_port, *options, "/ping")
        check(code == 3 and "does it run there" in err,
              f"nobody listens {options}: exit code 3")
    # Somebody who never answers is not waited for longer than is asked.
    import socket
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        began = time.monotonic()
        code, _, err = send(mute.getsockname()[1], "--timeout", "0.5", "/ping")
        check(code == 3 and "not in time" in err
              and 0.4 < time.monotonic() - began < 5,
              "nobody answers: exit code 3 after --timeout")


def tells_what_came(lattice, port):
    send(port, "/node/lfo/freq", "5")
    check("/node/lfo/freq 5" not in lattice.log(), "no message is in the log")
    send(port, "/dumpOSC", "1")
    send(port, "/node/lfo/freq", "6")
    send(port, "/node/lof/freq", "7")
    send(port, "/1")
    with Osc(port) as osc:
        osc.done_bundle(("/node/lfo/freq", 1.0), ("/node/lfo/pitch", 1.0))
    send(port, "/dumpOSC", "0")
    send(port, "/node/lfo/freq", "8")
    log = lattice.log()
    for line in ("/node/lfo/freq 6: set", "/node/lof/freq 7: failed: no node",
                 "/1: ignored", "/node/lfo/pitch 1: in a bundle",
                 "bundle of 2: done"):
        check(line in log, f"/dumpOSC tells: {line}")
    check(log.count("no node is called 'lof'") == 4, "a failure once")
    check("/node/lfo/freq 8" not in log, "/dumpOSC 0 ends it")


def sums_up_refusals(lattice, port):
    time.sleep(1.2)
    with Osc(port) as osc:
        for _ in range(50):
            osc.send("/bad")
        osc.drain()
    check(harness.wait_until(
        lambda: "40 more lines of this kind were left out" in lattice.log(), 3),
        "what the log left out is summed up without another line")


def tells_files(lattice, port):
    send(port, "/session/save", "song")
    send(port, "/session/load", "song")
    send(port, "/session/import", "song", "part")
    log = lattice.log()
    check(re.search(r"saved /.*/song.ini: 3 nodes, 1 cable\n", log), "saved")
    check(re.search(r"loaded /.*/song.ini: 3 nodes, 1 cable\n", log), "loaded")
    check("imported song as part: there are 6 nodes, 2 cables" in log,
          "imported")
    check("started an empty session: 0 nodes, 0 cables" in log, "started")


def test(_build):
    Jackd(256)
    lattice = Lattice()
    port = lattice.osc.address[1]
    asks_and_is_answered(port)
    tells_what_came(lattice, port)
    sums_up_refusals(lattice, port)
    tells_files(lattice, port)
    check(send(port, "/quit")[0] == 0, "quit")
    lattice.stop()
    hears_nobody(port)
    loud = Lattice(None, "--verbose")
    send(loud.osc.address[1], "/node/new", "sine", "a")
    check("/node/new sine a: done" in loud.log(), "--verbose tells each message")
    loud.stop()


harness.main(test)
