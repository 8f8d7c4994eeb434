# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""--demo under JACK: the phrase comes at exact frames, which a journal shows,
and ends at the first key, by a message and by MIDI."""

import os
import subprocess
import time

import harness
from harness import Jackd, Lattice, check

STEP = 12000  # frames of an eighth
FIRST = [0, 2, 3, 4, 6, 8]  # of the steps

SESSION = """
[session]
format = 1

[node keys]
type = midi_notes
poly = 8

[node main]
type = audio_out
channels = 1
signal = cv
limit = off

[cables]
cable = keys/%s -> main
"""


def take(output, play):
    """Run it, play, and render what the journal has of it."""
    journal = harness.path("take.osc")
    if os.path.exists(journal):
        os.remove(journal)
    lattice = Lattice(harness.write("keys.ini", SESSION % output), "--demo",
                      "--journal", journal)
    play(lattice)
    lattice.stop()
    wav = harness.path("take.wav")
    subprocess.run([Lattice.program, "render", "--score", journal, wav],
                   check=True, capture_output=True, timeout=60)
    return [float(v) for v in harness.read_wav(wav)[:, 0]]


def is_closed(x, frames=12000):
    return not any(x[-frames:])


def test(_build):
    Jackd()
    x = take("trigger", lambda _: time.sleep(3.5))
    struck = [k for k, v in enumerate(x) if v]
    steps = [(k - struck[0]) / STEP for k in struck]
    print("struck at", steps)
    check(steps[:len(FIRST)] == FIRST, "it is struck at exact frames")

    def note(lattice):
        time.sleep(1.2)
        lattice.osc.send("/note", "keys", 50.0, 1.0, 0.2)
        time.sleep(2.5)
    x = take("gate", note)
    check(max(x) >= 5, "there are chords")
    check(is_closed(x), "/note ends it, and nothing hangs")

    def key(_):
        time.sleep(1.2)
        harness.send_midi("one", "lattice:midi_in",
                          [(100, b"\x90\x3c\x64"), (9000, b"\x80\x3c\x00")])
        time.sleep(2.5)
    x = take("gate", key)
    check(max(x) >= 5, "there are chords")
    check(is_closed(x), "a key ends it, and nothing hangs")


if __name__ == "__main__":
    harness.main(test)
