# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""pingpong, chorus, flanger, phaser, bitcrush and gate against closed forms."""

import math

import numpy
from lab import Row

TONE = "[node tone]\ntype = sine\nfreq = %r\n"
IMPULSE = "[node hit]\ntype = impulse\nfreq = 0\n"


def sides(bench, type_, settings, source, cables, seconds):
    return bench.render(
        "%s[node it]\ntype = %s\n%s\n[node main]\ntype = audio_out\n"
        "limit = off\n[cables]\n%s\ncable = it -> main\n" % (
            source, type_, settings, cables), seconds)


def bounces(cables):
    """The worst of 8 echoes of a mono sound, off its side and its level."""
    def measure(bench):
        x = sides(bench, "pingpong", "mix = 1\nfeedback = 0.5\ntime = 0.1",
                  IMPULSE, cables, 1)
        worst = 0.0
        for k in range(1, 9):
            at = round(k * 0.1 * bench.rate)
            worst = max(worst, abs(x[at, (k + 1) % 2] - 0.5 ** (k - 1)),
                        abs(x[at, k % 2]))
        return worst
    return measure


def moving(bench, type_, centre, depth, turns):
    """Copies of a 500 Hz sine at places that an LFO of 1 Hz moves, off what the
    places say, as a part of the amplitude."""
    x = sides(bench, type_, "rate = 1\ndepth = 1\nfeedback = 0\nmix = 1",
              TONE % 500.0, "cable = tone -> it", 3)[:, 0]
    t = numpy.arange(len(x)) / bench.rate
    wanted = 0.0
    for turn in turns:
        late = centre + depth * numpy.sin(2 * math.pi * (t + turn))
        wanted = wanted + numpy.sin(2 * math.pi * 500 * (t - late)) / len(turns)
    return float(numpy.max(numpy.abs(x - wanted)[bench.rate:]))


def chorus(bench):
    return moving(bench, "chorus", 0.015, 0.008, (0.0, 0.5))


def flanger(bench):
    return moving(bench, "flanger", 0.003, 0.00275, (0.0,))


def phaser(bench):
    """What is left at the three notches of six all-passes at rest, in dB."""
    left = -200.0
    for degrees in (15, 45, 75):
        t = math.tan(math.pi * 800 / bench.rate) * math.tan(
            math.radians(degrees))
        hz = math.atan(t) * bench.rate / math.pi
        x = sides(bench, "phaser", "depth = 0\nfeedback = 0", TONE % hz,
                  "cable = tone -> it", 2)[bench.rate:, 0]
        left = max(left, 10 * math.log10(2 * numpy.mean(x ** 2) + 1e-20))
    return left


def crushed(bench):
    """Off the nearest of the steps, as a part of a step."""
    x = bench.node("bitcrush", 1, "bits = 5\nrate = 192000", TONE % 311.0,
                   "cable = tone -> it")
    sine = numpy.sin(2 * math.pi * 311 * numpy.arange(len(x)) / bench.rate)
    return float(max(numpy.max(numpy.abs(x - sine)) * 16 - 0.5,
                     numpy.max(numpy.abs(x * 16 - numpy.round(x * 16)))))


def opened(bench):
    """The reduction of a closed gate, off its range, and of an open one, dB."""
    far = 0.0
    for level, wanted in ((0.001, 60.0), (0.5, 0.0)):
        x = bench.render(
            "%s[node it]\ntype = gate\nthreshold = -40\nrange = 60\n[node main]"
            "\ntype = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
            "cable = tone -> it/in * %r\ncable = it/reduction -> main\n" % (
                TONE % 311.0, level), 3)[-bench.rate // 2:, 0]
        far = max(far, float(numpy.max(numpy.abs(x - wanted))))
    return far


ROWS = [
    Row("pingpong", "8 echoes of a mono sound to the left side", "", "<=",
        1e-6, bounces("cable = hit -> it/left")),
    Row("pingpong", "8 echoes of a mono sound to both sides", "", "<=", 1e-6,
        bounces("cable = hit -> it")),
    Row("chorus", "off the places of its copies, 500 Hz", "", "<=", 1e-3,
        chorus),
    Row("flanger", "off the place of its copy, 500 Hz", "", "<=", 1e-3,
        flanger),
    Row("phaser", "left at its three notches", "dB", "<=", -40, phaser),
    Row("bitcrush", "off the nearest step", "steps", "<=", 1e-3, crushed),
    Row("gate", "off its range, closed and open", "dB", "<=", 0.1, opened),
]
