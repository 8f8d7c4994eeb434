# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""reverb, delay, distortion, fold: impulse responses, spectra, echoes."""

import math

import lab
import numpy
from lab import Row

# --- reverb -------------------------------------------------------------------

BANDS = (250, 500, 1000, 2000, 4000)
IMPULSE = "[node hit]\ntype = impulse\nfreq = 0\n"


def responses(bench, size, decay, seconds, damping=0):
    """Left to left, left to right, right to left, right to right."""
    found = []
    for side in ("left", "right"):
        x = bench.render(
            "%s[node it]\ntype = reverb\nsize = %r\ndecay = %r\n"
            "damping = %r\nmix = 1\n[node main]\ntype = audio_out\nlimit = off\n"
            "[cables]\ncable = hit -> it/%s\ncable = it/left -> main/in_1\n"
            "cable = it/right -> main/in_2\n" % (IMPULSE, size, decay, damping,
                                                 side), seconds)
        found += [x[:, 0], x[:, 1]]
    return found


def octave(x, rate, hz):
    """X in the octave around HZ, by a window over its spectrum."""
    n = 1 << (len(x) - 1).bit_length() + 1
    bins = numpy.fft.rfft(x, n)
    at = numpy.abs(numpy.log2(numpy.maximum(
        numpy.arange(len(bins)) * rate / n, 1e-3) / hz))
    window = numpy.clip((0.75 - at) * 2, 0, 1)
    return numpy.fft.irfft(bins * numpy.sin(window * numpy.pi / 2), n)[:len(x)]


def rt60(x, rate, hz):
    """From -5 to -35 dB of the energy yet to come, by a straight line."""
    energy = numpy.cumsum(octave(x, rate, hz)[::-1] ** 2)[::-1]
    fall = 10 * numpy.log10(energy / energy[0] + 1e-30)
    at = numpy.flatnonzero((fall < -5) & (fall > -35))
    return -60 / numpy.polyfit(at / rate, fall[at], 1)[0]


def decay_error(size, decay):
    """The band that is farthest from the decay, in percent."""
    def measure(bench):
        found = responses(bench, size, decay, math.ceil(decay * 0.8 + 1))
        return max((abs(numpy.mean([rt60(x, bench.rate, hz) for x in found])
                        / decay - 1) for hz in BANDS)) * 100
    return measure


def density(size):
    """Echo density (Abel and Huang, 2006) within 60 ms, the least of four."""
    def measure(bench):
        half = int(0.01 * bench.rate)
        window = 0.5 + 0.5 * numpy.cos(numpy.pi * numpy.arange(-half, half)
                                       / half)
        window /= numpy.sum(window)
        least = 10.0
        for x in responses(bench, size, 2.0, 4):
            most = 0.0
            for at in range(int(0.03 * bench.rate), int(0.06 * bench.rate), 48):
                part = x[at - half:at + half]
                beyond = part ** 2 > numpy.sum(window * part ** 2)
                most = max(most, numpy.sum(window * beyond) / 0.31731)
            least = min(least, most)
        return least
    return measure


def ringing(size, decay):
    """The strongest bin over the mean of its third of an octave, in the tail
    from 0.5 s on."""
    def measure(bench):
        worst = 0.0
        for x in responses(bench, size, decay, math.ceil(decay * 0.8 + 2)):
            begin = int(0.5 * bench.rate)
            part = x[begin:begin + 65536]
            power = numpy.abs(numpy.fft.rfft(
                part * numpy.hanning(len(part)), 65536)) ** 2
            for k in range(13):
                centre = 250 * 2 ** (k / 3) * 65536 / bench.rate
                band = power[math.ceil(centre * 2 ** (-1 / 6)):
                             int(centre * 2 ** (1 / 6)) + 1]
                worst = max(worst, lab.db(numpy.max(band) / numpy.mean(band)))
        return worst
    return measure


def correlation(bench):
    found = responses(bench, 0.5, 2.0, 4)
    begin = int(0.05 * bench.rate)
    return max(abs(numpy.corrcoef(found[k][begin:], found[k + 1][begin:])[0, 1])
               for k in (0, 2))


def tail_end(bench):
    x = responses(bench, 0.5, 1.0, 5)[0]
    return 2 * lab.db(numpy.max(numpy.abs(x[-bench.rate:])))


REVERB = [Row("reverb", "RT60, 250 Hz to 4 kHz, size %g, %g s" % (size, decay),
              "%", "<=", 3.0, decay_error(size, decay))
          for size in (0.0, 0.5, 1.0) for decay in (0.5, 2.0, 20.0)]
REVERB += [Row("reverb", "echo density within 60 ms, size %g" % size, "", ">=",
               0.9, density(size)) for size in (0.0, 0.5, 1.0)]
REVERB += [Row("reverb", "ringing, size %g, %g s" % (size, decay), "dB", "<=",
               12.0, ringing(size, decay))
           for size in (0.0, 0.5, 1.0) for decay in (2.0, 10.0)]
REVERB += [Row("reverb", "correlation of the sides", "", "<=", 0.1, correlation),
           Row("reverb", "end of the tail", "dB", "<=", -140.0, tail_end)]


# --- delay --------------------------------------------------------------------

TONE = "[node tone]\ntype = sine\nfreq = %r\n"


def delayed(bench, hz, frames):
    """Amplitude in dB and lateness in frames of a tone behind a delay."""
    x = bench.node("delay", 2, "mix = 1\nfeedback = 0\ntime = %.9g\n"
                   % (frames / bench.rate), TONE % hz, "cable = tone -> it")
    n = bench.rate
    turn = numpy.exp(2j * numpy.pi * hz * numpy.arange(n, 2 * n) / bench.rate)
    c = 2j * numpy.mean(x[n:2 * n] * numpy.conj(turn))
    late = -numpy.angle(c) / (2 * numpy.pi) * bench.rate / hz - frames
    period = bench.rate / hz
    return 20 * math.log10(abs(c)), (late + period / 2) % period - period / 2


def fraction(bench):
    return max(abs(delayed(bench, 1000.0, 100 + k / 8)[1]) for k in range(8))


def flatness(bench):
    return max(abs(delayed(bench, hz, 100.5)[0])
               for hz in (100.0, 1000.0, 5000.0, 10000.0))


def echoes(bench):
    time = 0.1
    x = bench.node("delay", 2, "mix = 1\nfeedback = 0.7\ntime = %r\n" % time,
                   IMPULSE, "cable = hit -> it")
    return max(abs(20 * math.log10(x[round(k * time * bench.rate)]
                                   / 0.7 ** (k - 1))) for k in range(1, 13))


DELAY = [
    Row("delay", "a part of a frame, at 1 kHz", "frames", "<=", 0.01, fraction),
    Row("delay", "flatness up to 10 kHz, between frames", "dB", "<=", 0.5,
        flatness),
    Row("delay", "12 echoes by their feedback", "dB", "<=", 0.01, echoes),
]


# --- distortion, fold ---------------------------------------------------------


def aliases(type_, hz, drive):
    def measure(bench):
        x = bench.node(type_, 3, "drive = %r\n" % drive, TONE % hz,
                       "cable = tone -> it")
        return lab.off_harmonics_db(x[-(1 << 16):], bench.rate, hz)
    return measure


BENT = [Row("distortion", "aliases, %g Hz, %g dB of drive" % (hz, drive), "dB",
            "<=", goal, aliases("distortion", hz, drive))
        for hz, drive, goal in ((5000.7, 26.0, -60.0), (1245.0, 26.0, -75.0),
                                (1245.0, 40.0, -70.0), (110.0, 60.0, -75.0))]
BENT += [Row("fold", "aliases, %g Hz, %g dB of drive" % (hz, drive), "dB", "<=",
             goal, aliases("fold", hz, drive))
         for hz, drive, goal in ((1245.0, 14.0, -75.0), (220.0, 26.0, -75.0))]

ROWS = REVERB + DELAY + BENT
