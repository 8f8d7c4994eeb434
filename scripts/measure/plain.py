# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types whose every sample follows from a formula: arithmetic, mixing, events,
envelopes, the inputs from the outside."""

import math
import os

import lab
import numpy
from lab import Row
from load_script import load_script

def beside(x, expected):
    """The largest error, as a part of the largest value."""
    n = min(len(x), len(expected))
    return float(numpy.max(numpy.abs(x[:n] - expected[:n]))
                 / max(numpy.max(numpy.abs(expected[:n])), 1e-30))


def sine(rate, hz, n, phase=0.0):
    return numpy.sin(2 * math.pi * (hz * numpy.arange(n) / rate + phase))


A, B = 311.0, 101.0
TONES = "[node a]\ntype = sine\nfreq = %r\n[node b]\ntype = sine\nfreq = %r\n" \
    % (A, B)


def of_two(type_, formula, ports=("a", "b"), settings="", cables=""):
    def measure(bench):
        x = bench.node(type_, 1, settings, TONES, "".join(
            "cable = %s -> it/%s\n" % pair for pair in zip("ab", ports))
            + cables)
        n = len(x)
        return beside(x, formula(sine(bench.rate, A, n),
                                 sine(bench.rate, B, n)))
    return measure


ROWS = [Row(type_, "error beside the formula", "", "<=", 1e-6,
            of_two(type_, formula))
        for type_, formula in (
            ("add", lambda a, b: a + b), ("subtract", lambda a, b: a - b),
            ("multiply", lambda a, b: a * b), ("min", numpy.minimum),
            ("max", numpy.maximum))]
ROWS += [
    Row("mix", "error beside the sum", "", "<=", 1e-6,
        of_two("mix", lambda a, b: 0.5 * a + 0.25 * b, ("in_1", "in_2"),
               "inputs = 2\nlevel_1 = 0.5\nlevel_2 = 0.25\n")),
    Row("bus", "error beside the sum", "", "<=", 1e-6,
        of_two("bus", lambda a, b: a + b, ("in", "in"))),
    Row("gain", "error beside the product", "", "<=", 1e-6,
        of_two("gain", lambda a, b: 0.7 * a * b, ("in", "cv"), "gain = 0.7\n")),
]


def divided(bench):
    x = bench.node("divide", 1, "", TONES + "[node up]\ntype = add\nb = 2\n",
                   "cable = a -> it/a\ncable = b -> up/a\ncable = up -> it/b\n")
    return beside(x, sine(bench.rate, A, len(x))
                  / (sine(bench.rate, B, len(x)) + 2))


def constant(bench):
    return float(numpy.max(numpy.abs(bench.node(
        "constant", 1, "value = 0.3") - float(numpy.float32(0.3)))))


def power_of_places(bench):
    """How far left^2 + right^2 is from 1 along a pan, in dB."""
    x = bench.render("[node one]\ntype = constant\nvalue = 1\n[node lfo]\n"
               "type = sine\nfreq = 3\n[node it]\ntype = pan\n[node main]\n"
               "type = audio_out\nlimit = off\n[cables]\ncable = one -> it\n"
               "cable = lfo -> it/pan\ncable = it -> main\n", 1)
    return float(numpy.max(numpy.abs(10 * numpy.log10(
        numpy.sum(x ** 2, axis=1)))))


def impulses(bench):
    """Frames between where 7.3 Hz fall due and where they are."""
    x = bench.node("impulse", 10, "freq = 7.3")
    at = numpy.flatnonzero(x)
    due = numpy.ceil(numpy.arange(len(at)) * bench.rate / 7.3 - 1e-6)
    return float(numpy.max(numpy.abs(at - due)))


def slope_of(color):
    """dB an octave between 100 Hz and 6.4 kHz."""
    def measure(bench):
        x = bench.node("noise", 20, "color = %s" % color)
        power = numpy.zeros(8193)
        for k in range(len(x) // 16384):
            part = x[k * 16384:(k + 1) * 16384] * numpy.hanning(16384)
            power += numpy.abs(numpy.fft.rfft(part)) ** 2
        step = bench.rate / 16384
        bands = [lab.db(numpy.mean(power[int(hz / step):int(2 * hz / step)]))
                 for hz in (100, 200, 400, 800, 1600, 3200)]
        return numpy.polyfit(range(6), bands, 1)[0]
    return measure


ROWS += [
    Row("divide", "error beside the formula", "", "<=", 1e-6, divided),
    Row("constant", "error", "", "<=", 0, constant),
    Row("pan", "power of both sides, off 1", "dB", "<=", 0.001,
        power_of_places),
    Row("impulse", "off its frame, 7.3 Hz over 10 s", "frames", "<=", 1,
        impulses),
]
for color, wanted in (("white", 0.0), ("pink", -3.0103), ("brown", -6.0206)):
    ROWS.append(Row("noise", "%s: off %.3g dB an octave" % (color, wanted),
                    "dB", "within", 0.3,
                    (lambda m, w: lambda bench: m(bench) - w)(
                        slope_of(color), wanted)))


# --- Envelopes: whole stages, in frames ---------------------------------------

GATE = "[node beat]\ntype = impulse\nfreq = 0\n"


def stage_end(type_, settings, port, seconds, level):
    """Frames between the end of a stage of SECONDS and where LEVEL, the stage's
    last, is first reached."""
    def measure(bench):
        x = bench.node(type_, seconds + 1, settings,
                       "" if port == "gate" else GATE,
                       "" if port == "gate" else "cable = beat -> it/trigger")
        at = numpy.argmax(x >= level - 1e-7)
        return at - seconds * bench.rate
    return measure


ROWS += [
    Row("adsr", "end of an attack of 0.5 s", "frames", "within", 1,
        stage_end("adsr", "gate = 1\nattack = 0.5\nsustain = 1\n", "gate", 0.5,
                  1.0)),
    Row("adsr", "end of an attack of 60 s", "frames", "within", 1,
        stage_end("adsr", "gate = 1\nattack = 60\nsustain = 1\n", "gate", 60,
                  1.0), (48000,)),
    Row("ar", "end of an attack of 0.5 s", "frames", "within", 1,
        stage_end("ar", "gate = 1\nattack = 0.5\n", "gate", 0.5, 1.0)),
    Row("line", "end of a line of 2 s", "frames", "within", 1,
        stage_end("line", "from = 0\nto = 1\ntime = 2\n", "trigger", 2, 1.0)),
    Row("envelope", "end of a stage of 0.75 s", "frames", "within", 1,
        stage_end("envelope", "gate = 1\nlevels = 0 1\ntimes = 0.75\n"
                  "curves = 0\nsustain = 1\n", "gate", 0.75, 1.0)),
]


# --- Time ---------------------------------------------------------------------

TEMPO = "[transport]\ntempo = 133\nbeats_per_cycle = 4\nplaying = yes\n"


def ticks(type_, settings, port, per_cycle):
    """Frames between where ticks are due and where they are."""
    def measure(bench):
        x = bench.render(
            TEMPO + "[node it]\ntype = %s\n%s\n[node main]\ntype = audio_out\n"
            "channels = 1\nlimit = off\n[cables]\ncable = it/%s -> main\n" % (
                type_, settings, port), 20)[:, 0]
        at = numpy.flatnonzero((x[1:] > 0) & (x[:-1] <= 0)) + 1
        cycle = bench.rate * 240 / 133
        due = numpy.floor(numpy.arange(1, len(at) + 1) * cycle / per_cycle
                          + 0.5)
        return float(numpy.max(numpy.abs(at - due)))
    return measure


def turning(bench):
    """Error of a phasor, in turns."""
    x = bench.render(TEMPO + "[node it]\ntype = phasor\n[node main]\n"
                     "type = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
                     "cable = it -> main\n", 20)[:, 0]
    off = x - numpy.arange(len(x)) * 133 / 240 / bench.rate
    return float(numpy.max(numpy.abs(off - numpy.round(off))))


def stepped(bench):
    """Steps that have another value than the list's."""
    x = bench.render(
        TEMPO + "[node beat]\ntype = clock\nticks = 8\n[node it]\n"
        "type = steps\nvalues = 1 2 3 4 5\n[node main]\ntype = audio_out\n"
        "channels = 1\nlimit = off\n[cables]\n"
        "cable = beat/trigger -> it/trigger\ncable = it/value -> main\n",
        20)[:, 0]
    tick = bench.rate * 240 / 133 / 8
    n = int(len(x) / tick) - 1
    found = [x[int((k + 0.5) * tick)] for k in range(n)]
    return sum(v != k % 5 + 1 for k, v in enumerate(found))


ROWS += [
    Row("clock", "off its frame, 133 bpm, 16 ticks", "frames", "<=", 0,
        ticks("clock", "ticks = 16", "trigger", 16)),
    Row("pattern", "off its frame, 133 bpm, 7 notes a cycle", "frames", "<=", 0,
        ticks("pattern", "pattern = 1*7", "trigger", 7)),
    Row("phasor", "error over 20 s", "turns", "<=", 1e-6, turning),
    Row("steps", "steps with another value", "", "<=", 0, stepped),
]


# --- From the outside ---------------------------------------------------------


def played(bench, type_, settings, port, messages):
    """The output of a node `it` under a score: messages with their seconds."""
    supercollider = load_script("supercollider")
    path = os.path.join(bench.folder, "score-%d.osc" % abs(hash(
        (type_, str(messages)))))
    with open(path, "wb") as file:
        for seconds, words in messages:
            packet = supercollider.bundle(seconds,
                                          [supercollider.message(*words)])
            file.write(len(packet).to_bytes(4, "big") + packet)
    return bench.render(
        "[node it]\ntype = %s\n%s\n[node main]\ntype = audio_out\n"
        "channels = 1\nlimit = off\n[cables]\ncable = it/%s -> main\n" % (
            type_, settings, port), 2, "--score", path)[:, 0]


def struck(bench):
    """Off the pitch of a4, in semitones, and off its frame, in frames."""
    score = [(0.5, ("/note", "it", 69, 0.8)), (1.5, ("/note", "it", 69, 0.0))]
    pitch = played(bench, "midi_notes", "", "pitch", score)
    gate = played(bench, "midi_notes", "", "gate", score)
    at = numpy.argmax(gate > 0)
    return abs(pitch[-1] - 9) + abs(at - bench.rate // 2)


def told(bench):
    score = [(0.5, ("/fader", 0.75))]
    x = played(bench, "osc_in", "path = /fader\nsmooth = no", "out", score)
    return abs(x[-1] - 0.75) + abs(numpy.argmax(x > 0) - bench.rate // 2)


def unmoved(type_, port):
    """What comes out while nothing comes in."""
    def measure(bench):
        return float(numpy.max(numpy.abs(bench.render(
            "[node it]\ntype = %s\n[node main]\ntype = audio_out\n"
            "channels = 1\nlimit = off\n[cables]\ncable = it/%s -> main\n" % (
                type_, port), 1))))
    return measure


def beside_it(type_, settings, port):
    """What a node that only listens changes of the sound, to the bit."""
    def measure(bench):
        text = ("[node tone]\ntype = sine\nfreq = 311\n%s[node main]\n"
                "type = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
                "cable = tone -> main\n")
        alone = bench.render(text % "", 1)
        both = bench.render(
            text % ("[node it]\ntype = %s\n%s\n" % (type_, settings))
            + "cable = tone -> it/%s\n" % port, 1)
        return float(numpy.max(numpy.abs(alone - both)))
    return measure


def recorded(bench):
    """An input file against what comes of it, as a part of it."""
    source = bench.render("[node tone]\ntype = sine\nfreq = 311\n[node main]\n"
                          "type = audio_out\nchannels = 1\nlimit = off\n"
                          "[cables]\ncable = tone -> main\n", 1)[:, 0]
    path = os.path.join(bench.folder, "input-%d.wav" % bench.rate)
    lab.write_wav(path, source, bench.rate)
    x = bench.render(
        "[node it]\ntype = audio_in\nchannels = 1\n[node main]\n"
        "type = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
        "cable = it -> main\n", 1, "--input", path)[:, 0]
    return beside(x, source)


def sampled(bench):
    """A file at the engine's rate, played as it is."""
    source = 0.5 * sine(bench.rate, 311, bench.rate)
    path = os.path.join(bench.folder, "sample-%d.wav" % bench.rate)
    lab.write_wav(path, source, bench.rate)
    x = bench.render(
        GATE + "[node it]\ntype = sampler\nsample = %s\npan = -1\n[node main]\n"
        "type = audio_out\nchannels = 1\nlimit = off\n[cables]\n"
        "cable = beat -> it/trigger\ncable = it/left -> main\n" % path, 1)[:, 0]
    n = bench.rate // 2
    start = numpy.argmax(numpy.abs(x) > 0) - 1
    start = max(start, 0)
    return beside(x[start:start + n], source[:n])


def metered(bench):
    """The effective value of a sine of amplitude 1, off its own, in dB."""
    x = bench.render("[node tone]\ntype = sine\nfreq = 1000\n[node it]\n"
                     "type = meter\n[node main]\ntype = audio_out\n"
                     "channels = 1\nlimit = off\n[cables]\n"
                     "cable = tone -> it\ncable = it/rms -> main\n", 3)[:, 0]
    return 20 * math.log10(numpy.mean(x[-bench.rate:]) * math.sqrt(2))


ROWS += [
    Row("midi_notes", "off pitch and frame of a note at 0.5 s", "", "<=", 1e-6,
        struck),
    Row("osc_in", "off value and frame of a message at 0.5 s", "", "<=", 1e-6,
        told),
    Row("midi_cc", "output while nothing comes in", "", "<=", 0,
        unmoved("midi_cc", "value")),
    Row("midi_clock", "output while nothing comes in", "", "<=", 0,
        unmoved("midi_clock", "running")),
    Row("midi_out", "what it changes of the sound", "", "<=", 0,
        beside_it("midi_out", "", "gate")),
    Row("osc_out", "what it changes of the sound", "", "<=", 0,
        beside_it("osc_out", "path = /it", "in")),
    Row("audio_in", "error beside the input", "", "<=", 1e-6, recorded),
    Row("sampler", "error beside the file", "", "<=", 1e-6, sampled),
    Row("meter", "rms of a sine, off 1 / sqrt(2)", "dB", "within", 0.05,
        metered),
]
