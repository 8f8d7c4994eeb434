# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""player, recorder: what is read from a disk and written to it."""

import math
import os

import lab
import numpy
from lab import Row

HZ = 1000.0


def played(bench, settings, source):
    """A file that plays from frame 0 on."""
    name = "played-%d-%d.wav" % (bench.rate, len(source))
    lab.write_wav(os.path.join(bench.folder, name), source, bench.rate)
    return bench.render(
        "[node it]\ntype = player\nfile = %s\nplay = 1\n%s[node main]\n"
        "type = audio_out\nlimit = off\n[cables]\ncable = it -> main\n"
        % (name, settings), 1)[:, 0]


def noise(bench):
    return numpy.random.default_rng(7).uniform(
        -0.9, 0.9, bench.rate).astype("<f4")


def exact(bench):
    """Samples at speed 1 that are not those of the file."""
    source = noise(bench)
    x = played(bench, "", source)
    return float(numpy.sum(x[:len(source)] != source[:len(x)]))


def resampled(speed):
    """What is beside a sine that plays at another speed, in dB of it."""
    def measure(bench):
        t = numpy.arange(3 * bench.rate)
        source = 0.5 * numpy.sin(2 * math.pi * HZ * t / bench.rate)
        x = played(bench, "speed = %r\n" % speed, source)[-(bench.rate // 2):]
        spectrum = lab.power_spectrum(x)
        at = lab.near(spectrum, bench.rate, HZ * speed)
        peak = numpy.sum(spectrum[at])
        spectrum[at] = 0.0
        return lab.db(numpy.sum(spectrum)) - lab.db(peak)
    return measure


def written(bench):
    """Samples in a recording that are not those that were heard."""
    folder = os.path.join(bench.folder, "recordings-%d" % bench.rate)
    os.makedirs(folder, exist_ok=True)
    x = bench.render(
        "[node hiss]\ntype = noise\n[node it]\ntype = recorder\n"
        "file = hiss.wav\nrecord = 1\n[node main]\ntype = audio_out\n"
        "limit = off\n[cables]\ncable = hiss -> it\ncable = hiss -> main\n", 1,
        "--record-dir", folder)
    found = lab.read_wav(os.path.join(folder, "hiss.wav"))
    if found.shape != x.shape:
        return float(x.size)
    return float(numpy.sum(found != x))


ROWS = [
    Row("player", "samples other than the file's", "", "<=", 0, exact),
    Row("player", "noise of 1 kHz at speed 1.5", "dB", "<=", -90,
        resampled(1.5)),
    Row("player", "noise of 1 kHz at speed 0.7", "dB", "<=", -90,
        resampled(0.7)),
    Row("recorder", "samples other than what was heard", "", "<=", 0, written),
]
