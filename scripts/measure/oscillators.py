# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""sine, saw, square, triangle, pulse: spectra and pitch."""

import cmath
import math

import lab
import numpy
from lab import Row

PITCHES = (110, 440, 1760, 4186, 7040)
SETTLED = 0.25  # seconds that are left out at the start


def sound(bench, type_, settings, more="", cables=""):
    n = 1 << 17
    seconds = SETTLED + n / bench.rate
    x = bench.node(type_, math.ceil(seconds * 8) / 8, settings, more, cables)
    return x[len(x) - n:]


# --- What is off the harmonics ------------------------------------------------


def off(type_, hz, more=""):
    def measure(bench):
        x = sound(bench, type_, "freq = %r\n%s" % (hz, more))
        return lab.off_harmonics_db(x, bench.rate, hz)
    return measure


def spurs(hz):
    """The highest bin that is not the sine's, below it."""
    def measure(bench):
        spectrum = lab.power_spectrum(sound(bench, "sine", "freq = %r" % hz))
        at = lab.near(spectrum, bench.rate, hz)
        peak = numpy.sum(spectrum[at])
        spectrum[at] = 0.0
        return lab.db(numpy.max(spectrum)) - lab.db(peak)
    return measure


# --- Levels of harmonics ------------------------------------------------------


def series(type_, k, width=0.5):
    """The amplitude of harmonic K of a wave of full level."""
    if type_ == "saw":
        return 2 / (math.pi * k)
    if type_ == "triangle":
        return 8 / (math.pi * k) ** 2 if k % 2 else 0.0
    return 4 / (math.pi * k) * abs(math.sin(math.pi * k * width))


def levels(type_, hz, more="", width=0.5):
    """How far any harmonic up to 0.4 of the rate is from its level."""
    def measure(bench):
        x = sound(bench, type_, "freq = %r\n%s" % (hz, more))
        n = int(0.4 * bench.rate / hz)
        found = lab.harmonics_db(x, bench.rate, hz, n)
        far = 0.0
        for k in range(1, n + 1):
            wanted = series(type_, k, width)
            if wanted > series(type_, 1, width) * 1e-4:
                far = max(far, abs(found[k - 1] - 20 * math.log10(wanted)))
        return far
    return measure


def beyond(type_):
    """What is left of a fundamental at 0.52 of the rate, over what it is at
    0.1."""
    def measure(bench):
        low = sound(bench, type_, "freq = %r" % (0.1 * bench.rate))
        high = sound(bench, type_, "freq = %r" % (0.52 * bench.rate))
        return lab.db(numpy.mean(high ** 2) + 1e-30) - lab.db(
            numpy.mean(low ** 2))
    return measure


# --- Pitch --------------------------------------------------------------------


def phase_at(x, first, n, cycles_per_frame):
    """The phase, in cycles, of a sine in N frames from FIRST on."""
    window = numpy.hanning(n)
    t = numpy.arange(n) * cycles_per_frame
    value = numpy.sum(x[first:first + n] * window *
                      numpy.exp(-2j * math.pi * t))
    return cmath.phase(value) / (2 * math.pi)


def drift(hz, seconds):
    """Cents between a sine's pitch and HZ, over SECONDS."""
    def measure(bench):
        x = bench.node("sine", seconds, "freq = %r" % hz)
        n = bench.rate // 2
        last = len(x) - n
        step = hz / bench.rate
        moved = phase_at(x, last, n, step) - phase_at(x, 0, n, step)
        moved -= math.fmod(hz * last, bench.rate) / bench.rate
        moved -= round(moved)
        return 1200 / math.log(2) * moved / (hz * last / bench.rate)
    return measure


# --- Modulation ---------------------------------------------------------------


def synced(master, ratio):
    """What is off the master's harmonics, below the strongest of them."""
    def measure(bench):
        x = sound(bench, "saw", "freq = %r" % (master * ratio),
                  "[node m]\ntype = sine\nfreq = %r\n" % master,
                  "cable = m -> it/sync")
        return lab.off_strongest_db(x, bench.rate, master)
    return measure


def by_phase(type_, hz):
    """How much more is off the harmonics of a pitch that phase makes than of
    the same one by freq, or than -130 dB: a phase input is no finer."""
    def measure(bench):
        whole = sound(bench, type_, "freq = %r" % hz)
        part = sound(bench, type_, "freq = %r" % (hz / 2),
                     "[node p]\ntype = phasor\ncycles = 1/%d\n[transport]\n"
                     "tempo = 600\nbeats_per_cycle = 1\n" % (hz / 2 / 10),
                     "cable = p -> it/phase")
        return (lab.off_harmonics_db(part, bench.rate, hz) -
                max(lab.off_harmonics_db(whole, bench.rate, hz), -130))
    return measure


ROWS = []
for type_, cases in (("saw", [("", "", 0.5)]), ("square", [("", "", 0.5)]),
                     ("pulse", [(" width 0.5", "width = 0.5", 0.5),
                                (" width 0.3", "width = 0.3", 0.3),
                                (" width 0.1", "width = 0.1", 0.1)]),
                     ("triangle", [("", "", 0.5)])):
    for text, settings, width in cases:
        for hz in PITCHES:
            goal = -90 if type_ != "triangle" else -105 if hz <= 1760 else -95
            ROWS.append(Row(type_, "off the harmonics, %d Hz%s" % (hz, text),
                            "dB", "<=", goal, off(type_, hz, settings)))
        for hz in PITCHES:
            ROWS.append(Row(type_, "harmonics to 0.4 rate, %d Hz%s" % (
                hz, text), "dB", "within", 0.1,
                levels(type_, hz, settings, width)))
    ROWS.append(Row(type_, "fundamental at 0.52 of the rate", "dB", "<=", -80,
                    beyond(type_)))
for hz in PITCHES:
    ROWS.append(Row("sine", "highest spur, %d Hz" % hz, "dB", "<=", -140,
                    spurs(hz)))
for seconds in (10, 600):
    ROWS.append(Row("sine", "pitch at 440.1 Hz over %d s" % seconds, "cents",
                    "within", 0.001, drift(440.1, seconds), (48000,)))
for master in (110, 440, 1000):
    ROWS.append(Row("saw", "off the master's harmonics, sync 1.37 of %d Hz" %
                    master, "dB", "<=", -70, synced(master, 1.37)))
for type_ in ("saw", "square", "triangle"):
    ROWS.append(Row(type_, "1760 Hz half by phase, over all by freq", "dB",
                    "<=", 3, by_phase(type_, 1760)))
