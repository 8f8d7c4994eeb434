# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ladder: slope, the pitch at which it oscillates, aliases of its drive, and
what a moving knob adds."""

import math

import lab
import numpy
from lab import Row


def tone(bench, hz, settings, seconds=2.0, level=1.0):
    return bench.node(
        "ladder", seconds, settings,
        "[node tone]\ntype = sine\nfreq = %r\n[node level]\ntype = gain\n"
        "gain = %r" % (hz, level), "cable = tone -> level/in\n"
        "cable = level -> it/in")


def on_bin(bench, hz, n):
    """The frequency nearest to HZ that has whole turns in N frames."""
    return round(hz * n / bench.rate) * bench.rate / n


def gain_db(hz, settings):
    def measure(bench):
        n = 1 << 15
        exact = on_bin(bench, hz, n)
        x = tone(bench, exact, settings, 2.0, 1e-3)[-n:]
        bins = numpy.fft.rfft(x) * 2 / n
        return 20 * math.log10(abs(bins[round(exact * n / bench.rate)]) / 1e-3)
    return measure


def oscillation_cents(hz, resonance=1.0):
    """From the turns of the phase between two windows a second apart."""
    def measure(bench):
        x = bench.node("ladder", 6, "cutoff = %r\nresonance = %r"
                       % (hz, resonance))
        n = bench.rate
        window = numpy.hanning(n)
        at = numpy.arange(n)
        phases = []
        for begin in (3 * bench.rate, 4 * bench.rate):
            wave = numpy.exp(-2j * numpy.pi * hz * (begin + at) / bench.rate)
            phases.append(numpy.angle(numpy.sum(x[begin:begin + n] * window
                                                * wave)))
        off = (phases[1] - phases[0] + numpy.pi) % (2 * numpy.pi) - numpy.pi
        spectrum = lab.power_spectrum(x[3 * n:5 * n])
        strongest = numpy.argmax(spectrum) * bench.rate / (2 * n)
        if abs(strongest - hz) > 3:
            return 1200 * math.log2(strongest / hz)
        return 1200 * math.log2(1 + off / (2 * numpy.pi) / hz)
    return measure


def aliases_db(drive, cutoff, resonance=0.0):
    def measure(bench):
        n = 1 << 16
        hz = on_bin(bench, 1245, n)
        x = tone(bench, hz, "drive = %r\ncutoff = %r\nresonance = %r"
                 % (drive, cutoff, resonance), 2.0)[-n:]
        return lab.off_harmonics_db(x, bench.rate, hz)
    return measure


def settled(bench):
    """What is left 3 s after a constant of 1 began, at 20 Hz."""
    x = bench.node("ladder", 3, "cutoff = 20\nin = 0.1")
    y = bench.node("ladder", 3, "cutoff = 2000\nin = 0.1")
    return float(abs(x[-1] - y[-1])) * 10


ROWS = [
    Row("ladder", "gain at 100 Hz, cutoff 1 kHz, resonance 0", "dB", "within",
        0.3, gain_db(100, "cutoff = 1000")),
    Row("ladder", "gain at 4 kHz, cutoff 250 Hz: 4 octaves above", "dB", "<=",
        -95, gain_db(4000, "cutoff = 250")),
] + [
    Row("ladder", "oscillates at %g Hz, off by" % hz, "cents", "within", 5,
        oscillation_cents(hz)) for hz in (55, 440, 1760, 7000)
] + [
    Row("ladder", "oscillates at 440 Hz at 0.95, off by", "cents", "within", 5,
        oscillation_cents(440, 0.95)),
] + [
    Row("ladder", "1245 Hz, drive %g dB, cutoff %g Hz, resonance %g: aliases"
        % what, "dB", "<=", -60, aliases_db(*what))
    for what in ((20, 20000, 0), (40, 20000, 0), (40, 5000, 0.9))
] + [
    Row("ladder", "a constant, 3 s at 20 Hz, off by", "", "<=", 1e-6, settled),
]
