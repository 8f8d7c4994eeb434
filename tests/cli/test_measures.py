#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/measure-dsp measures every node type, and its rows say no when a
figure is not reached.

    python3 tests/cli/test_measures.py [--build build/debug]
"""

import json
import os
import sys
import unittest

import test_cli

sys.path.insert(0, os.path.join(test_cli.ROOT, "scripts"))

from load_script import load_script  # noqa: E402  (found by the line above)

try:
    import numpy
except ImportError:
    numpy = None


@unittest.skipUnless(numpy, "no numpy")
class Measures(test_cli.Case):
    def setUp(self):
        super().setUp()
        self.script = load_script("measure-dsp")

    def types(self):
        return {type_["name"]
                for type_ in json.loads(self.works("nodes", "--json"))}

    def test_every_type_has_a_figure(self):
        measured = {row.type for row in self.script.find_rows()}
        missing = self.types() - measured
        self.assertFalse(
            missing, "add a Row to a module of scripts/measure/ for: "
            + ", ".join(sorted(missing)))
        self.assertFalse(measured - self.types())

    def test_every_type_is_held_against_something(self):
        import references
        missing = self.types() - set(references.REFERENCES)
        self.assertFalse(
            missing, "say in scripts/measure/references.py what its figures "
            "are held against: " + ", ".join(sorted(missing)))

    def test_figures_are_measured_and_held_against_their_goals(self):
        import lab
        bench = lab.Lab(os.path.abspath(test_cli.PROGRAM), self.folder, 48000)
        for row in self.script.find_rows():
            if row.type in ("add", "pan", "clock", "pingpong"):
                with self.subTest(row.name):
                    self.assertTrue(row.is_reached(row.measure(bench)))
        least = lab.Row("x", "y", "dB", ">=", 0.9, None)
        self.assertTrue(least.is_reached(0.9) and not least.is_reached(0.89))
        most = lab.Row("x", "y", "dB", "<=", -90, None)
        self.assertTrue(most.is_reached(-90) and not most.is_reached(-89))
        around = lab.Row("x", "y", "dB", "within", 0.1, None)
        self.assertFalse(around.is_reached(-0.2) or around.is_reached(0.2))

    def test_a_peer_is_not_asked_for_what_it_has_not(self):
        import peers
        for name, kind in peers.installed().items():
            peer = kind(name, self.folder, 48000)
            with self.assertRaises(peers.NoEquivalent):
                peer.node("noise", 1)


if __name__ == "__main__":
    sys.exit(test_cli.main("build/debug"))
