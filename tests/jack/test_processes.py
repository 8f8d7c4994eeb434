# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in processes of their own: the same bits, and moves while they play.

The reference is the session in the engine alone, where every cable that is a
period late has a delay of one block, which is as long as the period.
"""

import re
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy
from osc_client import OscError

PERIOD = 1024

NODES = {
    "slow": "type = sine\nfreq = 0.7",
    "voice": "type = saw\nfreq = 110",
    "buzz": "type = square\nfreq = 55.5",
    "hiss": "type = noise\ncolor = pink",
    "sum": "type = mix\ninputs = 3\nlevel_2 = 0.4\nlevel_3 = 0.1",
    "filter": "type = lowpass\ncutoff = 900\nq = 4",
    "echo": "type = delay\ntime = 0.111\nfeedback = 0.5\nmix = 0.4",
    "beat": "type = pulse\nfreq = 3\nwidth = 0.2",
    "shape": "type = adsr\nattack = 0.01\ndecay = 0.2\nsustain = 0.2",
    "amp": "type = gain",
    "place": "type = pan",
}

CABLES = [
    ("voice/out", "sum/in_1", "", ""),
    ("buzz/out", "sum/in_2", "", ""),
    ("buzz/out", "sum/in_1", " * 0.25", ""),
    ("hiss/out", "sum/in_3", "", ""),
    ("sum/out", "filter/in", "", ""),
    ("slow/out", "filter/cutoff", " * 600", ""),
    ("beat/out", "shape/gate", "", ""),
    ("filter/out", "amp/in", "", ""),
    ("shape/out", "amp/cv", "", ""),
    ("amp/out", "echo/in", "", ""),
    ("echo/out", "place/in", "", ""),
    ("echo/out", "filter/in", " * 0.2", " feedback"),
    ("slow/out", "place/pan", " * 0.8", ""),
    ("place/left", "main/in_1", "", ""),
    ("place/right", "main/in_2", "", ""),
]


def session(away, is_reference=False):
    """The patch with some nodes away, or what it is to sound like."""
    text = f"[session]\nformat = 1\nblock = {PERIOD}\n"
    for name, body in NODES.items():
        own = "\nprocess = own" if name in away and not is_reference else ""
        text += f"\n[node {name}]\n{body}{own}\n"
    text += "\n[node main]\ntype = audio_out\nlevel = 0.5\n\n[cables]\n"
    for source, target, amount, feedback in CABLES:
        out = source.split("/")[0] in away
        into = target.split("/")[0] in away
        is_late = out and (not into or feedback)
        if is_reference and is_late:
            feedback = " feedback"
        text += f"cable = {source} -> {target}{amount}{feedback}\n"
    return text + "\n[jack]\nconnect = main_1 -> rec:in_1\n" \
                  "connect = main_2 -> rec:in_2\n"


def first_sound(sound):
    return int(numpy.argmax(sound.any(axis=1)))


def check_bits(title, away, *options, seconds=2):
    """Is what is recorded the reference, bit for bit?"""
    reference = harness.render(
        harness.write("reference.ini", session(away, True)), seconds)
    path = harness.write("session.ini", session(away))
    running = []

    def make():
        for lattice in running:
            lattice.stop()
        recorder = Recorder("rec", 2, seconds)
        running[:] = [Lattice(path, *options)]
        return recorder

    sound, facts = harness.record_calmly(make)
    status = dict(running[0].osc.list("/status/engine"))
    running[0].stop()
    got = sound[first_sound(sound):].view(numpy.uint32)
    expected = reference[first_sound(reference):].view(numpy.uint32)
    n_lost = harness.count_lost(got, expected, PERIOD)
    print(f"{title}: {status['processes_playing']} processes, "
          f"{status['late_cables']} late cables, peak "
          f"{numpy.abs(sound).max():.3f}, {n_lost} of "
          f"{len(got) // PERIOD} periods differ, {facts['xruns']} xruns")
    check(status["processes_playing"] == len(away), f"{title}: all are there")
    check(n_lost <= 4 * facts["xruns"], f"{title}: the bits of the reference")


def test_bits():
    check_bits("in the engine", [])
    check_bits("an oscillator", ["voice"])
    check_bits("a filter", ["filter"])
    check_bits("mixed", ["slow", "sum", "filter", "amp"])
    check_bits("all", list(NODES), "--node-per-process", seconds=6)


def test(_build):
    Jackd(period=PERIOD)
    test_bits()


harness.main(test)
