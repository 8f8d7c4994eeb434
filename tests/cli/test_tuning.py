#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`tuning` and `keymap` of a session: what its keys and the names of notes mean.

    python3 tests/cli/test_tuning.py [--build build/release] [options]
"""

import math
import os
import sys

import test_cli
import test_score
from test_score import score

RATE = 48000
JUST = (16 / 15, 9 / 8, 6 / 5, 5 / 4, 4 / 3, 45 / 32, 3 / 2, 8 / 5, 5 / 3,
        9 / 5, 15 / 8, 2)
HEAD = "[session]\nformat = 1\n%s\n"
MAIN = ("[node main]\ntype = audio_out\nchannels = 1\nsignal = cv\n"
        "limit = off\n[cables]\ncable = %s -> main\n")


def semitones(ratio):
    return 12 * math.log2(ratio)


class Case(test_score.Case):
    def setUp(self):
        super().setUp()
        lines = ["just", "%d" % len(JUST)]
        lines += ["%.6f" % (1200 * math.log2(x)) for x in JUST]
        self.put("just.scl", "\n".join(lines) + "\n")
        # Fifths of two keys: another scale for the same keys.
        self.put("wide.scl", "wide\n1\n350.0\n")
        # Middle C is a key up.
        self.put("up.kbm", "0\n0\n127\n61\n61\n261.6255653\n12\n")
        # Only C is mapped.
        self.put("gaps.kbm", "12\n0\n127\n60\n60\n261.6255653\n12\n0\n" +
                 "x\n" * 11)

    def put(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def session(self, head, nodes, out):
        self.put("a.ini", HEAD % head + nodes + MAIN % out)

    def play(self, *bundles, end=0.1):
        """The session's one channel."""
        wav = self.render(score(*bundles, (end,)), "a.ini")
        return wav.channels[0]

    def pitch_of(self, head, settings="", key=64):
        """That midi_notes gives for a key."""
        self.session(head, "[node keys]\ntype = midi_notes\n" + settings,
                     "keys/pitch")
        return self.play((0.01, ("/note", "keys", float(key), 1.0)))[-1]

    def frequency(self, x):
        ups = [k for k in range(1, len(x)) if x[k - 1] < 0 <= x[k]]
        return (len(ups) - 1) * RATE / (ups[-1] - ups[0])


class Tunes(Case):
    def test_keys(self):
        self.assertAlmostEqual(self.pitch_of(""), 4, places=5)
        self.assertAlmostEqual(self.pitch_of("tuning = just.scl"),
                               semitones(5 / 4), places=5)
        self.assertAlmostEqual(
            self.pitch_of("tuning = just.scl\nkeymap = up.kbm"),
            semitones(6 / 5), places=5)

    def test_no_keys_of_nodes_that_are_tuned_themselves(self):
        for own, pitch in (("tuning = wide.scl", 4 * 3.5),
                           ("keymap = up.kbm", 3)):
            self.assertAlmostEqual(
                self.pitch_of("tuning = just.scl", own + "\n"), pitch,
                places=5)

    def test_names_where_they_are_semitones(self):
        self.session("tuning = just.scl",
                     "[node s]\ntype = steps\nvalues = g4 c4\n", "s/value")
        self.assertAlmostEqual(self.play()[-1], semitones(3 / 2), places=5)

    def test_names_that_are_no_key_of_the_mapping_are_rests(self):
        self.session("keymap = gaps.kbm",
                     "[node s]\ntype = steps\nvalues = d4 c5\n", "s/value")
        self.assertAlmostEqual(self.play()[-1], 12, places=5)

    def test_names_where_they_are_hertz_in_files_and_messages(self):
        self.session("tuning = just.scl",
                     "[node s]\ntype = sine\nfreq = e4\n", "s")
        middle = 261.6255653
        x = self.play((2, ("/node/s/freq", "g4")), end=4)
        self.assertAlmostEqual(self.frequency(x[:2 * RATE]), middle * 5 / 4,
                               delta=0.01)
        self.assertAlmostEqual(self.frequency(x[2 * RATE + 100:]),
                               middle * 3 / 2, delta=0.01)

    def test_a_name_without_a_key_is_refused(self):
        self.session("keymap = gaps.kbm",
                     "[node s]\ntype = sine\nfreq = e4\n", "s")
        result = self.lattice("check", "a.ini")
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"a.ini:6: freq needs a number in Hz", result.stderr)


class IsKept(Case):
    def saved(self, *messages):
        os.makedirs(self.path("kept"), exist_ok=True)
        bundles = [(0.01 * (n + 1), m) for n, m in enumerate(messages)]
        self.render(score(*bundles, (0.05, ("/session/save", "b")), (0.1,)),
                    "--session-dir", "kept", "a.ini")
        with open(self.path("kept/b.ini")) as file:
            return file.read()

    def test_as_it_was_written(self):
        self.session("; fifths that are\ntuning = just.scl\nkeymap = up.kbm",
                     "[node s]\ntype = sine\nfreq = e4\n", "s")
        text = self.saved()
        # It is saved elsewhere, where the names would lead to nothing.
        self.assertIn("; fifths that are\ntuning = %s\nkeymap = %s\n" % (
            self.path("just.scl"), self.path("up.kbm")), text)
        self.assertIn("freq = e4\n", text)

    def test_when_the_graph_is_cleared(self):
        self.session("tuning = just.scl",
                     "[node s]\ntype = sine\nfreq = e4\n", "s")
        text = self.saved(("/graph/clear",),
                          ("/node/new", "steps", "t", "values", "c4"))
        self.assertIn("tuning = %s\n" % self.path("just.scl"), text)
        self.assertNotIn("[node s]", text)

    def test_where_there_is_no_such_file_with_a_warning(self):
        self.session("tuning = none.scl",
                     "[node s]\ntype = steps\nvalues = e4\n", "s/value")
        self.assertAlmostEqual(self.play()[-1], 4, places=5)
        self.assertIn("a.ini:3: warning: tuning: cannot read", self.said)
        self.assertIn("tuning = none.scl\n", self.saved())

    def test_and_what_is_wrong_in_it_is_told_with_its_line(self):
        self.put("bad.scl", "bad\n2\n100.0\nfive\n")
        self.session("tuning = bad.scl",
                     "[node s]\ntype = steps\nvalues = e4\n", "s/value")
        self.play()
        self.assertIn("bad.scl:4", self.said)


if __name__ == "__main__":
    sys.exit(test_cli.main())
