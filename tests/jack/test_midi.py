# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""MIDI is heard at the very frame at which it was sent, as it is tuned."""

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

SESSION = """
[session]
format = 1

[node keys]
type = midi_notes
tuning = half.scl

[node wheel]
type = midi_cc
control = 1

[node main]
type = audio_out
channels = 3
signal = cv
limit = off

[cables]
cable = keys/gate -> main/in_1
cable = keys/pitch -> main/in_2
cable = wheel -> main/in_3
"""

# Keys are half a semitone apart.
SCALE = """! half.scl
half a semitone
1
50.0
"""

# Offsets of all kinds: within a period, at its edges, two in one cycle.
NOTES = [(1000, 60), (1001, 0), (4097, 67), (4160, 0), (4161, 48), (9999, 0),
         (12345, 72), (12346, 0), (20000, 61), (20063, 0)]
WHEEL = [(3000, 127), (15001, 64), (15002, 0)]


def events():
    found = [(frame, bytes([0x90, note or last, 100 if note else 0]))
             for (frame, note), last in
             zip(NOTES, [0] + [note for _, note in NOTES])]
    found += [(frame, bytes([0xb0, 1, value])) for frame, value in WHEEL]
    # Neither of these is a short MIDI message.
    found += [(500, b"/osc\0\0\0\0"), (600, b"\xf0\x01\x02\x03\x04\xf7"),
              (700, b"\x42\x43")]
    return sorted(found)


def steps(x):
    """Frames at which a signal changes."""
    return (numpy.flatnonzero(numpy.diff(x)) + 1).tolist()


def judge(period):
    jackd = Jackd(period=period)
    running, sent_at = [], []

    def make():
        for lattice in running:
            lattice.stop()
        running[:] = [Lattice(harness.write("midi.ini", SESSION))]
        recorder = Recorder("rec", 3, 3.0, "lattice:main_1", "lattice:main_2",
                            "lattice:main_3")
        sent_at[:] = [harness.send_midi("keyboard", "lattice:midi_in",
                                        events())]
        return recorder

    sound, facts = harness.record_calmly(make)
    shift = sent_at[0] - facts["first_frame"]
    gate = [frame - shift for frame in steps(sound[:, 0])]
    pitch = {frame - shift: float(sound[frame, 1])
             for frame in steps(sound[:, 1])}
    wheel = [frame - shift for frame in steps(sound[:, 2])]
    print(f"period {period}: gate changes at {gate}")
    print(f"           pitch {pitch}, wheel at {wheel}; "
          f"{facts['xruns']} xruns")
    check(gate == [frame for frame, _ in NOTES],
          f"every gate is at its frame at period {period}")
    last, wanted = 0.0, {}
    for frame, note in NOTES:
        if note and (note - 60) / 2 != last:
            wanted[frame] = last = (note - 60) / 2
    check(pitch == wanted, "so is every pitch")
    check(wheel == [frame for frame, _ in WHEEL], "and the wheel")
    running[0].stop()
    jackd.stop()


def source_that_ends():
    """Keys of a keyboard that is unplugged do not hang."""
    jackd = Jackd(period=256)
    lattice = Lattice(harness.write("held.ini", SESSION))
    recorder = Recorder("rec", 1, 3.0, "lattice:main_1")
    harness.send_midi("keyboard", "lattice:midi_in",
                      [(1000, b"\x90\x3c\x64"), (1001, b"\xb0\x40\x7f")])
    sound, _ = recorder.finish()
    gate = steps(sound[:, 0])
    print(f"held key: gate changes at {gate}")
    check(len(gate) == 2, "a key is let go when its keyboard goes away")
    lattice.stop()
    jackd.stop()


def test(_build):
    harness.write("half.scl", SCALE)
    for period in (128, 1000):
        judge(period)
    source_that_ends()


harness.main(test)
