# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`lattice send --file`: scripts of messages, bundles and times."""

import struct
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

SESSION = """
[session]
format = 1

[node a]
type = constant

[node main]
type = audio_out
channels = 1
limit = off

[cables]
cable = a -> main/in_1

[jack]
connect = main_1 -> rec:in_1
"""


def send(port, *words, text=None):
    """Run `lattice send`. Return its exit code and both outputs."""
    done = subprocess.run(
        [Lattice.program, "send", "--osc-port", str(port), *words],
        input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def sends_lines(lattice, port):
    script = harness.write("song", """# two nodes
/node/new sine lfo freq 3
{
  /node/new saw "b"
  /connect lfo b/freq 200Hz
}
/node/b/freq 110     # silent
/node/b/freq
""")
    for words, text in ([["--file", script], None],
                        [["--tcp", "--file", "-"], open(script).read()],
                        [["-"], open(script).read()]):
        code, out, err = send(port, *words, text=text)
        check((code, err) == (0, "") and out ==
              "/done /node/new lfo\n/done /bundle 2\n/node/b/freq 110\n",
              f"{words}: {code} {out!r} {err!r}")
    code, out, _ = send(port, "--quiet", "--file", script)
    check(code == 0 and out == "/node/b/freq 110\n",
          "--quiet leaves what was asked")
    check(("lfo/out", "b/freq") == tuple(lattice.osc.list("/graph/cables")[-1][:2]),
          "and it is there")


def says_what_failed(lattice, port):
    code, out, err = send(port, "-", text="""/node/new sine c
/node/c/freq 20ms
{
/node/c/freq 1

/node/nobody/freq 2
}
@0.1 /node/c/fre 2
@0.1 /node/c/freq 7
/node/c/freq
""")
    check(code == 1 and out.endswith("/done /bundle 1\n/node/c/freq 7\n"),
          f"the rest is done: {code} {out!r}")
    lines = err.splitlines()
    check(len(lines) == 3 and
          lines[0].startswith("lattice: standard input:2: /node/c/freq: ") and
          lines[1].startswith("lattice: standard input:6: /node/nobody/freq: ")
          and lines[2].startswith("lattice: standard input:8: /node/c/fre: "),
          f"each refusal names its line: {err!r}")
    n = len(lattice.osc.list("/graph/nodes"))
    code, out, err = send(port, "-", text="/node/new sine d\n/x 'y\n")
    check(code == 1 and not out and "standard input:2: a quote" in err and
          len(lattice.osc.list("/graph/nodes")) == n,
          f"nothing of a malformed file is sent: {err!r}")
    code, out, err = send(port, "-", text="/node/new sine d\n{\n" +
                          "/node/c/freq 3\n" * 5000 + "}\n")
    check(code == 1 and not out and
          "standard input:2: the bundle is too long for a datagram" in err,
          f"nor one with what no datagram holds: {err!r}")
    code, _, err = send(port, "--file", harness.path("none"))
    check(code == 1 and "none" in err, f"no such file: {err.strip()}")
    code, _, err = send(port, "--file", harness.path("none"), "/ping")
    check(code == 2 and "no use for '/ping'" in err, err.strip())
    code, _, err = send(9, "--timeout", "0.5", "-", text="@0 /ping\n")
    check(code == 3 and "does it run there" in err, "nobody is there")


def tells_what_was_late(port):
    text = "/node/c/freq 1\n@0 /node/c/freq 2\n@0.1 /node/c/freq 3\n"
    code, out, err = send(port, "--latency", "0.00001", "-", text=text)
    check(code == 0 and "standard input:2: 2 bundles came too late" in err and
          "--latency" in err, f"late bundles are told: {code} {err!r}")
    for _ in range(5):
        code, out, err = send(port, "--latency", "0.5", "-", text=text)
        if not err:
            break
    check((code, err) == (0, "") and out.count("/done /bundle 1") == 2,
          f"and no others: {code} {err!r}")


def frames(sound):
    at = numpy.flatnonzero(numpy.diff(sound[:, 0])) + 1
    return list(at), [round(float(v), 3) for v in sound[at, 0]]


def is_exact(write):
    """Record what a script does that write() returns; values and frames."""
    for _ in harness.tries(5, 180):
        recorder = Recorder("rec", 1, 3.0)
        lattice = Lattice(harness.write("timed.ini", SESSION))
        time.sleep(0.3)
        began = time.monotonic()
        code, _, err = send(lattice.osc.address[1], "--file", write())
        seconds = time.monotonic() - began
        sound, facts = recorder.finish()
        n_late = dict(lattice.osc.list("/status/engine"))["bundles_late"]
        lattice.stop()
        if facts["xruns"] == 0 and n_late == 0:
            break
        print(f"        ({facts['xruns']} xruns, {n_late} late: once more)")
    check(code == 0, f"all was done: {err}")
    return (*frames(sound), seconds)


def text_script():
    return harness.write("steps", "\n".join(
        ["@0 /node/a/value 0.1", "+0.1 /node/a/value 0.2", "+0.1 {",
         "/node/a/value 0.3", "}", "@0.3 /node/a/value 0.4"]))


def score():
    packets = b""
    texts = [b"/node/a/value\0\0\0,f\0\0" + struct.pack(">f", (k + 1) / 10)
             for k in range(4)]
    # As sclang ends its scores.
    for k, text in enumerate(texts + [b"/c_set\0\0,ii\0" + bytes(8)]):
        whole = (b"#bundle\0" + struct.pack(">Q", round(k * 0.1 * 2**32)) +
                 struct.pack(">i", len(text)) + text)
        packets += struct.pack(">i", len(whole)) + whole
    with open(harness.path("score.osc"), "wb") as file:
        file.write(packets)
    return harness.path("score.osc")


def test(_build):
    Jackd(512)  # a busy machine loses fewer of these
    lattice = Lattice()
    port = lattice.osc.address[1]
    sends_lines(lattice, port)
    says_what_failed(lattice, port)
    tells_what_was_late(port)
    lattice.stop()
    for write in (text_script, score):
        at, values, seconds = is_exact(write)
        check(values == [0.1, 0.2, 0.3, 0.4], f"{write.__name__}: {values}")
        apart = numpy.diff(at)
        check(len(apart) == 3 and abs(apart - 4800).max() <= 2,
              f"{write.__name__}: 100 ms are {apart} frames, {seconds:.2f} s")


harness.main(test)
