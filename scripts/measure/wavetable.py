# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""wavetable: a saw, and the way from a sine to it, from files."""

import math
import os

import lab
import numpy
from lab import Row

PITCHES = (110, 440, 1760, 4186, 7040)
CYCLE = 2048
SETTLED = 0.25  # seconds


def saw(n_harmonics):
    """A cycle that drops in its middle."""
    k = numpy.arange(1, n_harmonics + 1)
    levels = 2 / (math.pi * k) * numpy.where(k % 2, 1, -1)
    turns = numpy.outer(numpy.arange(CYCLE) / CYCLE, k)
    return numpy.sin(2 * math.pi * turns) @ levels


def sound(bench, name, cycles, settings, more="", cables=""):
    path = os.path.join(bench.folder, name)
    if not os.path.exists(path):
        lab.write_wav(path, numpy.concatenate(cycles), 48000)
    n = 1 << 17
    x = bench.node("wavetable", math.ceil((SETTLED + n / bench.rate) * 8) / 8,
                   "file = %s\n%s" % (name, settings), more, cables)
    return x[len(x) - n:]


def off(hz):
    def measure(bench):
        x = sound(bench, "saw.wav", [saw(1023)], "freq = %r" % hz)
        return lab.off_harmonics_db(x, bench.rate, hz)
    return measure


def levels(hz):
    """How far any harmonic up to 0.4 of the rate is from its level."""
    def measure(bench):
        x = sound(bench, "saw.wav", [saw(1023)], "freq = %r" % hz)
        n = int(0.4 * bench.rate / hz)
        found = lab.harmonics_db(x, bench.rate, hz, n)
        return max(abs(found[k - 1] - 20 * math.log10(2 / (math.pi * k)))
                   for k in range(1, n + 1))
    return measure


def synced(master, ratio):
    """What is off the master's harmonics, below the strongest of them."""
    def measure(bench):
        x = sound(bench, "saw.wav", [saw(1023)], "freq = %r" % (master * ratio),
                  "[node m]\ntype = sine\nfreq = %r\n" % master,
                  "cable = m -> it/sync")
        return lab.off_strongest_db(x, bench.rate, master)
    return measure


def swept(bench):
    """What is off the harmonics while a sine of 1 Hz leads through 16 cycles:
    beyond 100 Hz around each there is nothing of that."""
    ramp = numpy.arange(16)[:, None] / 15
    sine = 2 / math.pi * numpy.sin(2 * math.pi * numpy.arange(CYCLE) / CYCLE)
    cycles = list(sine + ramp * (saw(20) - sine))
    x = sound(bench, "way.wav", cycles, "freq = 440\nposition = 0.5",
              "[node lfo]\ntype = sine\nfreq = 1\n",
              "cable = lfo -> it/position * 0.5")
    spectrum = lab.power_spectrum(x)
    hz = numpy.arange(len(spectrum)) * bench.rate / len(x)
    far = numpy.abs(hz / 440 - numpy.round(hz / 440)) * 440 > 100
    peak = numpy.sum(spectrum[lab.near(spectrum, bench.rate, 440)])
    return lab.db(numpy.sum(spectrum[far & (hz > 20) & (hz < 20000)]) / peak)


ROWS = [Row("wavetable", "saw, off the harmonics, %d Hz" % hz, "dB", "<=", -90,
            off(hz)) for hz in PITCHES]
ROWS += [Row("wavetable", "saw, harmonics to 0.4 rate, %d Hz" % hz, "dB",
             "within", 0.1, levels(hz)) for hz in PITCHES]
ROWS += [Row("wavetable", "off the master's harmonics, sync 1.37 of %d Hz" %
             master, "dB", "<=", -70, synced(master, 1.37))
         for master in (110, 440, 1000)]
ROWS.append(Row("wavetable", "position swept, off the harmonics", "dB", "<=",
                -90, swept))
