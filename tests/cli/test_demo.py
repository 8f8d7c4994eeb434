#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lattice render --demo`: the phrase, and the examples that play it.

    python3 tests/cli/test_demo.py [--build build/release] [options]
"""

import math
import os
import sys

import test_cli
import test_score
from test_cli import ROOT, TONE, Wav

RATE = 48000
STEP = 12000  # an eighth at 120 beats a minute
BARS = 4

# Steps at which something is struck, of 32.
STRUCK = [0, 2, 3, 4, 6, 8, 11, 12, 14, 16, 18, 19, 20, 23, 24, 26, 27, 28]

KEYS = """[session]
format = 1
[node keys]
type = midi_notes
poly = %d
%s
[node main]
type = audio_out
channels = 1
signal = cv
limit = off
[cables]
cable = keys/%s -> main
"""

# Examples that midi_notes plays, and how many voices the phrase has in them.
EXAMPLES = {"keys": 1, "pad": 5, "pluck": 5, "organ": 5, "mpe": 5}

# MIDI's keys: a chord of the phrase from its first to its eighth step, and what
# is between them.
CHORD, REST = (45, 57, 60, 64), (46, 58, 61, 63)


def level(x, key):
    """Of the sine at a key in samples, through Hann's window."""
    w = 2 * math.pi * 440 * 2 ** ((key - 69) / 12) / RATE
    turn, a, b = 2 * math.cos(w), 0.0, 0.0
    for i, v in enumerate(x):
        v *= 0.5 - 0.5 * math.cos(2 * math.pi * i / len(x))
        a, b = v + turn * a - b, a
    return math.sqrt(max(a * a + b * b - turn * a * b, 1e-20)) * 4 / len(x)


def rms(x):
    return math.sqrt(sum(v * v for v in x) / len(x))


class Case(test_score.Case):
    def demo(self, text, *args, bundles=None, seconds=8):
        """Render it, the phrase once or more, with a score or without."""
        self.write("a.ini", text)
        if bundles:
            with open(self.path("a.osc"), "wb") as file:
                file.write(test_score.score(*bundles))
            args += ("--score", "a.osc")
        result = self.lattice("render", "--demo", "--seconds", str(seconds),
                              *args, "a.ini", "out.wav")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.said = result.stderr.decode()
        with open(self.path("out.wav"), "rb") as file:
            return Wav(file.read())

    def struck(self, wav):
        return [k for k, v in enumerate(wav.channels[0]) if v]


class Phrase(Case):
    def test_is_struck_at_exact_frames_over_and_over(self):
        wav = self.demo(KEYS % (8, "", "trigger"), seconds=16)
        self.assertEqual(self.struck(wav), [(cycle * 32 + s) * STEP
                                            for cycle in range(2)
                                            for s in STRUCK])

    def test_has_chords_and_a_melody(self):
        wav = self.demo(KEYS % (8, "", "gate"))
        gates = wav.channels[0]
        for bar in range(BARS):
            self.assertEqual(max(gates[bar * 8 * STEP:][:STEP]), 5)
        # Between the bars all is let go.
        self.assertEqual([gates[bar * 8 * STEP - 1] for bar in range(1, BARS)],
                         [0] * (BARS - 1))

    def test_leaves_the_melody_where_one_note_sounds(self):
        pitches = self.demo(KEYS % (1, "", "pitch")).channels[0]
        self.assertEqual([pitches[s * STEP] for s in STRUCK],
                         [16, 12, 11, 9, 12, 9, 7, 5, 9, 7, 12, 14, 16, 14, 14,
                          11, 12, 11])

    def test_goes_by_the_tempo(self):
        text = KEYS % (8, "", "trigger") + "[transport]\ntempo = 90\n"
        self.assertEqual(self.struck(self.demo(text, seconds=2)),
                         [s * 16000 for s in STRUCK if s < 6])
        # Out of bounds it would be no music.
        text = text.replace("tempo = 90", "tempo = 1000\nplaying = no")
        self.assertEqual(self.struck(self.demo(text, seconds=1))[:3],
                         [0, STEP, STEP * 3 // 2])

    def test_is_the_same_at_any_period(self):
        text = KEYS % (8, "", "pitch")
        whole = self.demo(text, seconds=3).channels[0]
        for period in ("1", "17", "441", "4096"):
            again = self.demo(text, "--period", period, seconds=3).channels[0]
            self.assertEqual(again, whole, period)

    def test_says_that_nobody_hears_it(self):
        self.demo(TONE, seconds=1)
        self.assertIn("a.ini has no midi_notes", self.said)
        self.demo(KEYS % (1, "", "gate"), seconds=1)
        self.assertNotIn("no midi_notes", self.said)

    def test_plays_what_comes_later(self):
        wav = self.demo(KEYS % (1, "", "trigger"), seconds=3, bundles=[
            (0, ("/node/free", "keys")),
            (0.9, ("/node/new", "midi_notes", "late"),
             ("/connect", "late/trigger", "main"))])
        self.assertEqual(self.struck(wav), [s * STEP for s in (4, 6, 8, 11)])


class FirstKey(Case):
    """Ends it, for the node that it is for, and nothing is left hanging."""

    def gates(self, settings, *bundles, seconds=3):
        return self.demo(KEYS % (8, settings, "gate"), bundles=bundles,
                         seconds=seconds).channels[0]

    def expect_end(self, gates, frame):
        self.assertEqual(gates[frame - 1], 5)
        self.assertLess(max(gates[frame + STEP:]), 2)
        self.assertEqual(max(gates[frame + 4 * STEP:]), 0)

    def test_of_note(self):
        gates = self.gates("", (0.2, ("/note", "keys", 50, 1.0, 0.5)))
        self.expect_end(gates, 9600)
        self.assertEqual(set(gates[9602:9600 + 24000]), {1})
        self.assertEqual(max(gates[9600 + 24000:]), 0)

    def test_of_note_that_the_phrase_holds_too(self):
        gates = self.gates("", (0.2, ("/note", "keys", 60, 1.0, 0.5)),
                           (2, ("/note", "keys", 60, 0.5)),
                           (2.5, ("/note", "keys", 60, 0.0)))
        self.assertEqual(set(gates[9602:9600 + 24000]), {1})
        self.assertEqual(max(gates[9600 + 24000:95999]), 0)
        self.assertEqual(set(gates[96001:119999]), {1})
        self.assertEqual(max(gates[120000:]), 0)

    def test_of_midi(self):
        gates = self.gates("", (0.2, ("/midi", "a", b"\x90\x3c\x40")),
                           (1.2, ("/midi", "a", b"\x80\x3c\x40")))
        self.expect_end(gates, 9600)
        # The key is held until it is let go, though the phrase had it too.
        self.assertEqual(set(gates[9600 + STEP:57599]), {1})
        self.assertEqual(max(gates[57601:]), 0)

    def test_of_its_own_channel_and_range(self):
        on = b"\x92\x3c\x40"
        off = b"\x82\x3c\x40"
        bundles = (0.2, ("/midi", "a", on)), (0.3, ("/midi", "a", off))
        for settings in ("channel = 3", "key_low = 60", "key_high = 60"):
            with self.subTest(settings=settings):
                self.assertEqual(max(self.gates(settings, *bundles)[2 * STEP:]),
                                 0)
        for settings in ("channel = 2", "key_low = 61", "key_high = 59"):
            with self.subTest(settings=settings):
                self.assertGreater(
                    max(self.gates(settings, *bundles)[8 * STEP:]), 0)

    def test_not_of_what_is_no_key(self):
        for data in (b"\x80\x3c\x40", b"\x90\x3c\x00", b"\xb0\x01\x40", b"\xf8"):
            gates = self.gates("", (0.2, ("/midi", "a", data)))
            self.assertEqual(gates[8 * STEP + 10], 5, data)

    def test_leaves_other_nodes_alone(self):
        other = ("[node more]\ntype = midi_notes\npoly = 8\n")
        text = KEYS % (8, "", "trigger") + other
        wav = self.demo(text, seconds=3, bundles=[
            (0.2, ("/note", "more", 50, 1.0, 0.5))])
        self.assertEqual(self.struck(wav),
                         [s * STEP for s in STRUCK if s < 12])

    def test_or_a_panic(self):
        gates = self.gates("", (0.2, ("/panic",)))
        self.assertEqual(gates[9599], 5)
        self.assertEqual(max(gates[9601:]), 0)


class Examples(Case):
    def load(self, name):
        with open(os.path.join(ROOT, "sessions/examples", name)) as file:
            return file.read()

    def all(self):
        folder = os.path.join(ROOT, "sessions/examples")
        return {name[:-4]: self.load(name)
                for name in sorted(os.listdir(folder)) if name.endswith(".ini")}

    def test_are_listed_here(self):
        self.assertEqual({name for name, text in self.all().items()
                          if "type = midi_notes" in text}, set(EXAMPLES))

    def test_say_first_how_they_sound(self):
        for name in EXAMPLES:
            self.assertIn("--demo", self.load(name + ".ini").splitlines()[0])

    def test_play_music(self):
        for name, n_voices in EXAMPLES.items():
            with self.subTest(name=name):
                wav = self.demo(self.load(name + ".ini"), seconds=9)
                for x in wav.channels:
                    peak = max(abs(v) for v in x)
                    self.assertTrue(0.2 < peak < 0.8, peak)
                    # No half second without sound, none that sticks out.
                    levels = [rms(x[at:at + RATE // 2])
                              for at in range(0, 8 * RATE, RATE // 2)]
                    self.assertGreater(min(levels), 0.03)
                    self.assertLess(max(levels), 4 * min(levels))
                    # A click is a bend that no wave here has, or that the
                    # waves of the 10 ms before and after do not have.
                    bends = [abs(c - 2 * b + a)
                             for a, b, c in zip(x, x[1:], x[2:])]
                    self.assertLess(max(bends), 0.45 * peak)
                    most = [max(bends[at:at + RATE // 100], default=0)
                            for at in range(0, len(bends), RATE // 100)]
                    for a, b, c in zip(most, most[1:], most[2:]):
                        self.assertLess(b, 3 * max(a, c, 1e-4))
                if n_voices > 1:
                    self.expect_chord(wav.channels)

    def expect_chord(self, channels):
        # On both sides: on one, a room can put a note out.
        parts = [x[19200:19200 + 72000] for x in channels]
        quietest, loudest = (
            pick(math.hypot(*(level(part, key) for part in parts))
                 for key in keys)
            for pick, keys in ((min, CHORD), (max, REST)))
        self.assertGreater(quietest, 2 * max(loudest, 0.0005))

    def test_are_silent_without_it(self):
        for name in EXAMPLES:
            self.write("a.ini", self.load(name + ".ini"))
            result = self.lattice("render", "--seconds", "1", "a.ini", "o.wav")
            self.assertIn(b"silent", result.stderr)


if __name__ == "__main__":
    sys.exit(test_cli.main())
