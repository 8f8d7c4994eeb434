# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters: responses, and where they settle."""

import math

import numpy
from lab import Row

IMPULSE = "[node i]\ntype = impulse\nfreq = 0\n"
STEP = "[node i]\ntype = constant\nvalue = 1\n"


def gain_db(x, rate, hz):
    """The response at HZ of what X is the impulse response of."""
    t = numpy.arange(len(x))
    return 20 * math.log10(abs(numpy.sum(
        x * numpy.exp(-2j * math.pi * hz / rate * t))))


def corner(cutoff):
    """How far, in percent, the -3 dB point of a flat lowpass is from where it
    should be; CUTOFF in Hz, or by the rate where it is below 1."""
    def measure(bench):
        hz = cutoff * bench.rate if cutoff < 1 else cutoff
        x = bench.node("lowpass", 4, "cutoff = %r\nq = 0.70710678" % hz,
                       IMPULSE, "cable = i -> it")
        wanted = 10 * math.log10(0.5)
        low, high = hz * 0.9, min(hz * 1.1, bench.rate * 0.499)
        for _ in range(40):
            middle = (low + high) / 2
            if gain_db(x, bench.rate, middle) > wanted:
                low = middle
            else:
                high = middle
        return (low / hz - 1) * 100
    return measure


def peak(cutoff):
    """The gain at the cutoff for Q 10, less 20 dB."""
    def measure(bench):
        x = bench.node("lowpass", 4, "cutoff = %r\nq = 10" % cutoff, IMPULSE,
                       "cable = i -> it")
        return gain_db(x, bench.rate, cutoff) - 20
    return measure


def settles(type_, cutoff, seconds):
    """How far from a constant it is in the end."""
    def measure(bench):
        x = bench.node(type_, seconds, "cutoff = %r" % cutoff, STEP,
                       "cable = i -> it")
        return abs(x[-1] - 1)
    return measure


def prototype(type_, hz, cutoff, q, rate):
    """The gain in dB of the analog filter of the second order behind it, at the
    frequency that the bilinear transform maps to HZ."""
    s = 1j * math.tan(math.pi * hz / rate) / math.tan(math.pi * cutoff / rate)
    over = {"lowpass": 1, "highpass": s * s, "bandpass": s / q,
            "notch": s * s + 1}[type_]
    return 20 * math.log10(abs(over / (s * s + s / q + 1)) + 1e-12)


def off_prototype(type_, cutoff, q):
    """In dB, where farthest, from a twentieth of the cutoff to twenty times."""
    def measure(bench):
        x = bench.node(type_, 4, "cutoff = %r\nq = %r" % (cutoff, q), IMPULSE,
                       "cable = i -> it")
        far = 0.0
        for k in range(-12, 13):
            hz = cutoff * 20 ** (k / 12 + 0.01)
            wanted = prototype(type_, hz, cutoff, q, bench.rate)
            if hz < 0.45 * bench.rate and wanted > -60:
                far = max(far, abs(gain_db(x, bench.rate, hz) - wanted))
        return far
    return measure


ROWS = [Row(type_, "off its prototype, 1 kHz, Q %g" % q, "dB", "<=", 0.05,
            off_prototype(type_, 1000.0, q))
        for type_ in ("lowpass", "highpass", "bandpass", "notch")
        for q in (0.7, 5.0)]
for cutoff in (20, 200, 2000, 10000, 0.4):
    text = "%g Hz" % cutoff if cutoff >= 1 else "%g of the rate" % cutoff
    ROWS.append(Row("lowpass", "-3 dB point, off %s" % text, "%", "within",
                    0.05, corner(cutoff)))
for cutoff in (100, 1000, 10000):
    ROWS.append(Row("lowpass", "Q 10 at %d Hz, off 20 dB" % cutoff, "dB",
                    "within", 0.05, peak(cutoff)))
for type_ in ("onepole", "lowpass"):
    for cutoff, seconds in ((0.01, 400), (0.1, 60), (10, 5)):
        ROWS.append(Row(type_, "off a constant, %g Hz, after %d s" % (
            cutoff, seconds), "", "<=", 1e-6, settles(type_, cutoff, seconds),
            (48000,)))
