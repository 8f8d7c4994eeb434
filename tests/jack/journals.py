# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of journals share: rendering one, and comparing the bits."""

import subprocess

import harness
from harness import Lattice, numpy


def render(journal, *options):
    """What a journal renders to, and what is said of it."""
    out = harness.path("journal.wav")
    done = subprocess.run([Lattice.program, "render", "--score", journal, out,
                           *options], capture_output=True, text=True,
                          timeout=900, check=False)
    print(done.stderr.strip())
    return (harness.read_wav(out) if done.returncode == 0 else None), done.stderr


def first_sound(sound):
    return int(numpy.argmax(sound.any(axis=1)))


def compare(sound, rendered, period):
    got = sound[first_sound(sound):].view(numpy.uint32)
    expected = rendered[first_sound(rendered):].view(numpy.uint32)
    n_periods = min(len(got), len(expected)) // period
    n_lost = harness.count_lost(got[:n_periods * period], expected, period)
    wrong = numpy.flatnonzero((got[:n_periods * period] !=
                               expected[:n_periods * period]).any(axis=1))
    if len(wrong):
        print(f"the first difference is at frame "
              f"{wrong[0] + first_sound(rendered)} of the journal")
    print(f"{n_periods} periods compared, {n_lost} are not of the sound")
    return n_periods, n_lost
