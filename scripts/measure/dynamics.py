# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""compressor, limiter and the limiter of audio_out."""

import math

import lab
import numpy
from lab import Row

TONE = "[node tone]\ntype = sine\nfreq = %r\n"
RATIO = 4.0
THRESHOLD = -20.0


def level(x, rate, hz):
    """Of a tone, in dB of an amplitude of 1."""
    turn = numpy.exp(-2j * numpy.pi * hz * numpy.arange(len(x)) / rate)
    return 20 * math.log10(2 * abs(numpy.mean(x * turn)))


def off_tone(x, rate, hz):
    """All that is not the fundamental, up to half the rate."""
    spectrum = lab.power_spectrum(x)
    at = lab.near(spectrum, rate, hz)
    peak = numpy.sum(spectrum[at])
    spectrum[at] = 0.0
    spectrum[lab.near(spectrum, rate, 0.0)] = 0.0
    return lab.db(numpy.sum(spectrum)) - lab.db(peak)


def compressed(bench, hz, level_db, settings, seconds=3):
    return bench.node(
        "compressor", seconds, "threshold = %r\nratio = %r\n%s"
        % (THRESHOLD, RATIO, settings), TONE % hz,
        "cable = tone -> it/in * %.9g" % 10 ** (level_db / 20))


def wanted(level_db, knee):
    over = level_db - THRESHOLD
    slope = 1 - 1 / RATIO
    if 2 * over <= -knee:
        return level_db
    if 2 * over >= knee:
        return level_db - slope * over
    return level_db - slope * (over + knee / 2) ** 2 / (2 * knee)


def curve(knee, share=None):
    """At 1 kHz, or a part of the rate."""
    def measure(bench):
        far = 0.0
        hz = bench.rate / share if share else 1000.0
        for db in range(-36, 13, 6):
            x = compressed(bench, hz, float(db), "knee = %r\n" % knee)
            far = max(far, abs(level(x[-bench.rate:], bench.rate, hz)
                               - wanted(db, knee)))
        return far
    return measure


def time_error(which, seconds):
    """How far the time in which the reduction goes 63 % of its way is from
    what was asked for, in percent."""
    def measure(bench):
        x = bench.render(
            "%s[node turn]\ntype = square\nfreq = 0.1\n[node half]\n"
            "type = multiply\nb = 0.475\n[node up]\ntype = add\nb = 0.525\n"
            "[node loud]\ntype = multiply\n[node it]\ntype = compressor\n"
            "threshold = %r\nratio = %r\nknee = 0\n%s = %r\n[node main]\n"
            "type = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
            "cable = turn -> half/a\ncable = half -> up/a\n"
            "cable = up -> loud/a\ncable = tone -> loud/b\n"
            "cable = loud -> it/in\ncable = it/reduction -> main\n"
            % (TONE % 1000.0, THRESHOLD, RATIO, which, seconds), 10)[:, 0]
        part = slice(5 * bench.rate, None) if which == "release" else slice(
            0, 5 * bench.rate)
        x = x[part]
        end = (THRESHOLD - 0) * (1 / RATIO - 1)
        if which == "attack":
            at = numpy.argmax(x >= end * (1 - math.exp(-1)))
        else:
            at = numpy.argmax(x <= end * math.exp(-1))
        return (at / bench.rate / seconds - 1) * 100
    return measure


def bass(bench):
    x = compressed(bench, 60.0, -12.0, "knee = 0\n", 5)
    return off_tone(x[-(1 << 17):], bench.rate, 60.0)


def behind_limiter(bench, source, cable):
    return bench.render(
        "%s[node it]\ntype = limiter\nceiling = -1\n[node main]\n"
        "type = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
        "cable = %s\ncable = it/left -> main\n" % (source, cable), 5)[:, 0]


def limited(bench):
    x = behind_limiter(bench, TONE % 60.0, "tone -> it/left * 4")
    return off_tone(x[-(1 << 17):], bench.rate, 60.0)


def above_ceiling(bench):
    x = behind_limiter(bench, "[node hiss]\ntype = noise\n",
                       "hiss -> it/left * 8")
    return 20 * math.log10(numpy.max(numpy.abs(x))) + 1


def speakers(bench):
    x = bench.render("%s[node main]\ntype = audio_out\nchannels = 1\n[cables]\n"
                     "cable = tone -> main * 4\n" % (TONE % 60.0), 5)[:, 0]
    return off_tone(x[-(1 << 17):], bench.rate, 60.0)


ROWS = [Row("compressor", "static curve at 1 kHz, knee of %g dB" % knee, "dB",
            "<=", 0.1, curve(knee)) for knee in (0.0, 12.0)]
ROWS += [Row("compressor", "static curve at a sixth of the rate", "dB", "<=",
             0.1, curve(0.0, 6))]
ROWS += [Row("compressor", "%s of %g s" % (which, seconds), "%", "within", 5.0,
             time_error(which, seconds))
         for which, seconds in (("attack", 0.01), ("attack", 0.1),
                                ("release", 0.05), ("release", 0.5))]
ROWS += [
    Row("compressor", "THD at 60 Hz, 6 dB of reduction", "dB", "<=", -70.0,
        bass),
    Row("limiter", "THD at 60 Hz and +13 dB", "dB", "<=", -70.0, limited),
    Row("limiter", "noise above the ceiling", "dB", "<=", 1e-4, above_ceiling),
    Row("audio_out", "THD of the limiter at 60 Hz and +12 dB", "dB", "<=",
        -40.0, speakers),
]
