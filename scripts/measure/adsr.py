# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""adsr: how long its stages take, and how far they are from their curves."""

import numpy
from lab import Row


def opened(bench, seconds, settings):
    return bench.node("adsr", seconds, "gate = 1\n" + settings)


def attack_frames(seconds):
    """First frame at 1, off by."""
    def measure(bench):
        x = opened(bench, seconds + 0.1, "attack = %r\nsustain = 1" % seconds)
        return float(numpy.argmax(x >= 1) - round(seconds * bench.rate))
    return measure


def decay_frames(seconds):
    """First frame at the sustain level, off by.  A curve that is steep at its
    end is told from it in the frame before."""
    def measure(bench):
        x = opened(bench, seconds + 0.1, "attack = 0\nsustain = 0.25\n"
                   "curve = 4\ndecay = %r" % seconds)
        return float(numpy.argmax(x[1:] <= 0.25) - round(seconds * bench.rate))
    return measure


def curve_error(seconds, curve):
    def measure(bench):
        x = opened(bench, seconds + 0.1, "attack = 0\nsustain = 0.25\n"
                   "curve = %r\ndecay = %r" % (curve, seconds))
        n = round(seconds * bench.rate)
        part = numpy.arange(n + 1) / n
        bent = (numpy.expm1(curve * part) / numpy.expm1(curve) if curve
                else part)
        return float(numpy.max(numpy.abs(x[1:n + 2] - (1 - 0.75 * bent))))
    return measure


ROWS = [
    Row("adsr", "attack of %g s, off by" % s, "frames", "within", 1,
        attack_frames(s)) for s in (0.001, 0.5, 10, 60)
] + [
    Row("adsr", "decay of %g s, off by" % s, "frames", "within", 1,
        decay_frames(s)) for s in (0.001, 0.5, 10)
] + [
    Row("adsr", "decay of %g s on a curve of %g, off by" % what, "", "<=", 1e-6,
        curve_error(*what))
    for what in ((0.01, -4), (1, -10), (1, 0), (1, 10), (20, -4))
]
