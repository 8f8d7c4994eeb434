# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hundred sound files that are replaced at random while fifty voices play
them, heard as a JACK client hears them."""

import math
import os
import random
import struct

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

N_FILES, N_VOICES = 100, 50
LENGTH = 4800

SESSION = """[session]
format = 1

[node s]
type = sampler
sample = bank
voices = 64
loop = yes
pan = -1
attack = 0.1

[node main]
type = audio_out
channels = 1
limit = off

[cables]
cable = s/left -> main
"""


def write_file(number, turns, amplitude=0.004):
    """Whole turns of a sine, so that going round makes no edge; it appears
    whole."""
    path = harness.path("bank/%02d.wav" % number)
    step = 2 * math.pi * turns / LENGTH
    data = struct.pack("<%df" % LENGTH, *(amplitude * math.sin(step * f)
                                          for f in range(LENGTH)))
    head = struct.pack("<HHIIHH", 3, 1, 48000, 48000 * 4, 4, 32)
    with open(path + ".new", "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
                   + struct.pack("<I", 16) + head
                   + b"data" + struct.pack("<I", len(data)) + data)
    os.replace(path + ".new", path)


def strike(lattice, number):
    lattice.osc.done("/node/set", "s", "n", float(number))
    lattice.osc.done("/node/set", "s", "trigger", 1.0)


def lines(sound):
    """How loud each whole number of turns is in the last tenths of a second."""
    tail = sound[-10 * LENGTH:]
    return numpy.abs(numpy.fft.rfft(tail))[::10] / len(tail) * 2


def test(pick):
    os.mkdir(harness.path("bank"))
    for k in range(N_FILES):
        write_file(k, 10 + k % 20)
    jackd = Jackd(period=64)
    lattice = Lattice(harness.write("s.ini", SESSION))
    lattice.osc.sync()
    for k in range(N_VOICES):
        strike(lattice, k)
    harness.wait_until(lambda: False, 0.5)

    def replace():
        recorder = Recorder("ear", 1, 4.0, "lattice:main_1")
        for turn in range(N_FILES):
            write_file(pick.randrange(N_FILES), 61 + turn % 29)
            if turn % 25 == 12:
                lattice.osc.done("/sample/reload")
        for k in range(N_FILES):
            write_file(k, 60)
        return recorder

    sound, facts = harness.record_calmly(replace)
    sound = sound[:, 0]
    check(numpy.abs(sound).max() > 0.02, "fifty voices play")
    worst, where = harness.roughness(sound)
    check(worst < 3 or facts["xruns"] > 0,
          f"no file that is replaced makes a click ({worst:.2f} at {where}, "
          f"{facts['xruns']} xruns)")
    heard = lines(sound)
    check(heard[60:90].max() < 1e-4 and heard[10:30].sum() > 0.05,
          f"what played plays its old sound on ({heard[60:90].max():.2g}, "
          f"{heard[10:30].sum():.2g})")

    def is_new():
        strike(lattice, 3)
        harness.wait_until(lambda: False, 0.3)
        new = Recorder("ear", 1, 1.5, "lattice:main_1").finish()[0][:, 0]
        return lines(new)[60] > 1e-3

    check(harness.wait_until(is_new, 20),
          "new voices play what is there now, and nobody said so")
    check(lattice.is_alive(), "and it lives")
    lattice.stop()
    jackd.stop()


if __name__ == "__main__":
    harness.main(lambda build: test(random.Random(7)))
