# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sound files that are read while it plays, heard as a JACK client hears them.

A file beside one stands for a slow disk: who reads that waits until it is gone.
Only builds with test hooks have a type that reads a file (test_sound).
"""

import array
import os
import struct
import subprocess
import sys
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

SESSION = """[session]
format = 1

[node loop]
type = test_sound
file = %s

[node main]
type = audio_out
channels = 1
limit = off

[cables]
cable = loop -> main
"""


def wav(value):
    data = array.array("f", [value] * 1000).tobytes()
    head = struct.pack("<HHIIHH", 3, 1, 48000, 48000 * 4, 4, 32)
    return (b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
            + struct.pack("<I", 16) + head
            + b"data" + struct.pack("<I", len(data)) + data)


def begin_slow(name):
    harness.write(name + ".slow", "")
    harness.write(name, "")
    return harness.path(name)


def fill(path, data):
    with open(path, "wb") as file:
        file.write(data)
    os.remove(path + ".slow")


def levels():
    """The values that are heard, without neighbours that are equal."""
    sound, _ = Recorder("ear", 1, 0.3, "lattice:main_1").finish()
    heard = sound[:, 0]
    keep = numpy.concatenate(([True], heard[1:] != heard[:-1]))
    return [float(x) for x in heard[keep]]


def settles(value):
    return harness.wait_until(lambda: levels() == [value])


def name_file(lattice, file_path):
    """A relative name: the session lies in the same folder."""
    lattice.osc.done("/node/set", "loop", "file", os.path.basename(file_path))


def test_slow_file():
    slow = begin_slow("slow.wav")
    lattice = Lattice(harness.write("s.ini", SESSION % "slow.wav"))
    check(levels() == [0.0], "a node is silent until its file is read")
    start = time.monotonic()
    lattice.osc.sync()
    check(time.monotonic() - start < 10, "and OSC is answered meanwhile")
    fill(slow, wav(0.25))
    check(settles(0.25), "then it sounds")
    other = begin_slow("other.wav")
    name_file(lattice, other)
    lattice.osc.sync()
    check(levels() == [0.25],
          "while another file is read it keeps what it had")
    fill(other, wav(0.5))
    check(settles(0.5), "then that is heard")
    return lattice


def test_failures(lattice):
    bad = begin_slow("bad.wav")
    name_file(lattice, bad)
    fill(bad, b"no sound")
    answer, values = lattice.osc.receive(5)
    check(answer == "/fail" and values[0] == "/node/loop/file"
          and values[1].startswith("file of loop: cannot read ")
          and "bad.wav" in values[1]
          and values[1].endswith("what was there before stays"),
          f"what fails later is told to whoever named it ({values})")
    check(levels() == [0.5], "and what sounded stays")
    check(lattice.osc.ask("/node/loop/file") == "other.wav",
          "the setting says what sounds")
    os.mkfifo(harness.path("pipe.wav"))
    name_file(lattice, "pipe.wav")
    answer, values = lattice.osc.receive(5)
    check(answer == "/fail" and "pipe.wav: it is no ordinary" in values[1],
          f"a pipe is not waited for ({values})")
    check("lies outside of" in lattice.osc.fail("/node/set", "loop", "file",
                                                "/etc/passwd"),
          "a file outside of the folders is refused at once")
    lattice.stop()
    lattice = Lattice(harness.write("t.ini", SESSION % "none.wav"))
    check(lattice.wait_for(r"t\.ini:6: warning: file of loop: cannot read "),
          "what a session's line names is told in the log with that line")
    lattice.stop()


def test_other_rate(jackd):
    """Files are read anew, for the new rate, while everything else goes on."""
    with open(harness.path("rate.wav"), "wb") as file:
        file.write(wav(0.625))
    lattice = Lattice(harness.write("r.ini", SESSION % "rate.wav"))
    check(settles(0.625), "a file sounds")
    jackd.stop()
    slow = begin_slow("rate.wav")
    jackd = Jackd(period=256, rate=44100)
    check(bool(harness.wait_until(lambda: dict(
        lattice.osc.list("/status/engine"))["rate"] == 44100.0, 10)),
        "at another rate")
    lattice.osc.sync()
    check(lattice.osc.ask("/node/loop/file") == "rate.wav" and
          bool(harness.wait_until(lambda: levels() == [0.0], 10)),
          "it is read anew, and nothing waits for that")
    fill(slow, wav(0.625))
    check(settles(0.625), "then it sounds again")
    lattice.stop()
    return jackd


def test_end():
    begin_slow("stuck.wav")
    lattice = Lattice(harness.write("u.ini", SESSION % "stuck.wav"))
    start = time.monotonic()
    code = lattice.stop()
    took = time.monotonic() - start
    check(code == 0 and took < 10,
          f"a file that never ends holds up no end ({took:.2f} s, exit code "
          f"{code})")


def test_process():
    own = SESSION.replace("file = %s", "file = %s\nprocess = own")
    with open(harness.path("mine.wav"), "wb") as file:
        file.write(wav(0.125))
    with open(harness.path("yours.wav"), "wb") as file:
        file.write(wav(0.375))
    lattice = Lattice(harness.write("p.ini", own % "mine.wav"))
    check(settles(0.125), "a node in a process finds its file, too")
    name_file(lattice, "yours.wav")
    check(settles(0.375), "and another one")
    lattice.stop()
    lattice = Lattice(harness.write("q.ini", own % "none.wav"))
    check(lattice.wait_for(r"file of loop: cannot read .*none\.wav"),
          "what it cannot read is told")
    check(not lattice.wait_for("given up", 3) and levels() == [0.0],
          "and it stays, silent")
    lattice.stop()


def test(_build):
    if b"file" not in subprocess.run([Lattice.program, "nodes", "test_sound"],
                                     capture_output=True, check=False).stdout:
        print("skipped: no type that reads sound files in this build")
        sys.exit(77)
    jackd = Jackd(period=256)
    lattice = test_slow_file()
    test_failures(lattice)
    test_process()
    test_other_rate(jackd)
    test_end()


harness.main(test)
