# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of this folder measure with.

A module has ROWS, a list of Row.  A row's function is given a Lab, which
renders sessions at one rate, and returns one number."""

import hashlib
import os
import struct
import subprocess
import sys

import numpy

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Row:
    """One figure: what it is of, how it is measured, and what it should be."""

    def __init__(self, type_, name, unit, comparison, goal, measure,
                 only_rates=None):
        """COMPARISON: `<=`, `>=`, or `within` (the value's size is at most
        GOAL).  MEASURE: a function of a Lab.  ONLY_RATES: where the figure has
        a meaning; None: at all."""
        assert comparison in ("<=", ">=", "within")
        self.type = type_
        self.name = name
        self.unit = unit
        self.comparison = comparison
        self.goal = goal
        self.measure = measure
        self.only_rates = only_rates

    def rates(self, wanted):
        return [rate for rate in wanted
                if self.only_rates is None or rate in self.only_rates]

    def is_reached(self, value):
        if self.comparison == ">=":
            return value >= self.goal
        size = abs(value) if self.comparison == "within" else value
        return size <= self.goal

    def goal_text(self):
        return "%s %s %s" % (self.comparison, number(self.goal), self.unit)


def number(value):
    return "%.4g" % value if abs(value) < 100 else "%.1f" % value


class Lab:
    """Renders sessions at one rate."""

    def __init__(self, program, folder, rate):
        self.program = program
        self.folder = folder
        self.rate = rate

    def render(self, text, seconds, *options):
        """The sound of a session that goes on behind its head, as an array
        [frames, channels] of doubles.  The same is rendered once."""
        text = "[session]\nformat = 1\n\n" + text
        key = hashlib.sha256(repr((text, seconds, options, self.rate)).encode())
        path = os.path.join(self.folder, key.hexdigest()[:24])
        if not os.path.exists(path + ".wav"):
            with open(path + ".ini", "w") as file:
                file.write(text)
            subprocess.run(
                [self.program, "render", "--quiet", "--rate", str(self.rate),
                 "--seconds", str(seconds), *options, path + ".ini",
                 path + ".wav"], check=True)
        return read_wav(path + ".wav")

    def node(self, type_, seconds, settings="", more="", cables=""):
        """The output of a node `it` of TYPE_, with further sections and
        cables, as one row of samples."""
        text = ("[node it]\ntype = %s\n%s\n%s\n[node main]\n"
                "type = audio_out\nchannels = 1\nlimit = off\n\n[cables]\n"
                "cable = it -> main\n%s\n" % (type_, settings, more, cables))
        return self.render(text, seconds)[:, 0]


def read_wav(path):
    """A WAV file of 32-bit floats."""
    with open(path, "rb") as file:
        data = file.read()
    at = 12
    n_channels = 1
    while at < len(data):
        name, size = struct.unpack("<4sI", data[at:at + 8])
        if name == b"fmt ":
            n_channels = struct.unpack("<H", data[at + 10:at + 12])[0]
        if name == b"data":
            samples = numpy.frombuffer(data[at + 8:at + 8 + size], "<f4")
            return samples.reshape(-1, n_channels).astype(float)
        at += 8 + size + (size & 1)
    raise ValueError("%s: no samples" % path)


def write_wav(path, x, rate):
    """One channel of 32-bit floats."""
    data = x.astype("<f4").tobytes()
    with open(path, "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
                   + struct.pack("<IHHIIHH", 16, 3, 1, rate, rate * 4, 4, 32)
                   + b"data" + struct.pack("<I", len(data)) + data)


# --- Spectra ------------------------------------------------------------------

# A Kaiser window of this beta has its side lobes below -190 dB, and its main
# lobe reaches this many bins to either side.
BETA = 22.0
LOBE = 9


def power_spectrum(x):
    """Power by bin of a window over X; a sine of amplitude 1 has 1 in the sum
    of its bins."""
    window = numpy.kaiser(len(x), BETA)
    bins = numpy.abs(numpy.fft.rfft(x * window)) ** 2
    return bins * 4.0 / (len(x) * numpy.sum(window ** 2))


def near(spectrum, rate, hz):
    """The bins that a sine of HZ fills."""
    at = int(round(hz * 2 * (len(spectrum) - 1) / rate))
    return slice(max(at - LOBE, 0), at + LOBE + 1)


def db(power):
    return 10 * numpy.log10(max(float(power), 1e-40))


def off_harmonics_db(x, rate, hz, low=20.0, high=20000.0, reference=None):
    """All energy between LOW and HIGH off the harmonics of HZ, below the
    fundamental, or below the harmonic of REFERENCE Hz."""
    spectrum = power_spectrum(x)
    peak = numpy.sum(spectrum[near(spectrum, rate, reference or hz)])
    rest = spectrum.copy()
    rest[near(spectrum, rate, 0.0)] = 0.0
    for k in range(1, int(rate / 2 / hz) + 1):
        rest[near(spectrum, rate, k * hz)] = 0.0
    step = rate / 2 / (len(spectrum) - 1)
    band = rest[int(numpy.ceil(low / step)):int(high / step) + 1]
    return db(numpy.sum(band)) - db(peak)


def off_strongest_db(x, rate, hz):
    """All energy off the harmonics of HZ below the strongest of the first."""
    levels = harmonics_db(x, rate, hz, 8)
    loudest = 1 + levels.index(max(levels))
    return off_harmonics_db(x, rate, hz, reference=hz * loudest)


def harmonics_db(x, rate, hz, n):
    """The levels of the first N harmonics of HZ, as amplitudes in dB."""
    spectrum = power_spectrum(x)
    return [db(numpy.sum(spectrum[near(spectrum, rate, k * hz)]))
            for k in range(1, n + 1)]
