# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures of each type are held against."""

SAMPLES = "the formula, sample by sample"
SERIES = "the Fourier series of the wave"
PROTOTYPE = "the analog prototype behind the bilinear transform"
FRAMES = "the frame that follows from tempo and position in exact arithmetic"
STAGES = "the stage's time, counted in frames"
PLACES = "a sine at the places that the LFO's formula says"
NOTHING = "silence, or the same sound without it, to the bit"

REFERENCES = {
    "constant": SAMPLES, "add": SAMPLES, "subtract": SAMPLES,
    "multiply": SAMPLES, "divide": SAMPLES, "min": SAMPLES, "max": SAMPLES,
    "mix": SAMPLES, "bus": SAMPLES, "gain": SAMPLES,
    "pan": "sin^2 + cos^2 = 1",
    "sine": "a single line of its spectrum; the phase after 10 minutes",
    "saw": SERIES, "square": SERIES, "triangle": SERIES, "pulse": SERIES,
    "wavetable": "the Fourier series of the cycle in the file",
    "impulse": "the first frame at or after k / freq",
    "noise": "0, -3.01 and -6.02 dB an octave",
    "lowpass": PROTOTYPE, "highpass": PROTOTYPE, "bandpass": PROTOTYPE,
    "notch": PROTOTYPE,
    "ladder": "four poles in a loop; the pitch of the cutoff",
    "onepole": "the constant that it is fed",
    "adsr": STAGES, "ar": STAGES, "line": STAGES, "envelope": STAGES,
    "delay": "the sound itself, that many frames later",
    "pingpong": "echoes by turns, each feedback times the one before",
    "chorus": PLACES, "flanger": PLACES,
    "phaser": "notches where six all-passes turn by 180, 540, 900 degrees",
    "reverb": "Schroeder's integral; Abel and Huang's echo density; ringing "
              "beside that of white noise",
    "distortion": "the harmonics of the curve alone",
    "fold": "the harmonics of the curve alone",
    "bitcrush": "the nearest of 2^bits steps",
    "compressor": "the static curve of threshold, ratio and knee; 63 % times",
    "gate": "its range, closed, and 0 dB, open",
    "limiter": "the ceiling; the shape of the wave",
    "audio_in": "the samples of the file",
    "audio_out": "the shape of the wave",
    "midi_notes": "semitones from middle C, and the frame of the message",
    "midi_cc": NOTHING, "midi_out": NOTHING, "midi_clock": NOTHING,
    "osc_in": "the number, and the frame of the message",
    "osc_out": NOTHING,
    "clock": FRAMES, "phasor": FRAMES, "pattern": FRAMES,
    "steps": "the list, in its order",
    "sampler": "the samples of the file",
    "player": "the samples of the file; a sine of the pitch that speed makes",
    "recorder": "the samples that were heard",
    "meter": "1 / sqrt(2), of a sine",
}
