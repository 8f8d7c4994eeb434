#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session of each node type that docs/nodes.md quotes: each is fine, and
sounds when `lattice render` plays it.

    python3 tests/cli/test_node_examples.py [--build build/debug]
"""

import array
import json
import math
import os
import sys
import unittest

import test_cli

FOLDER = os.path.join(test_cli.ROOT, "sessions", "nodes")

SILENCE = 1e-3   # peak
CLIPPING = 0.99


def files():
    return sorted(name[:-4] for name in os.listdir(FOLDER)
                  if name.endswith(".ini"))


def samples_of(path):
    with open(path, "rb") as file:
        data = file.read()
    at = data.index(b"data")
    size = int.from_bytes(data[at + 4:at + 8], "little")
    return array.array("f", data[at + 8:at + 8 + size])


class NodeExamples(test_cli.Case):
    def types(self):
        return [type_["name"]
                for type_ in json.loads(self.works("nodes", "--json"))]

    def test_every_type_has_one(self):
        missing = set(self.types()) - set(files())
        self.assertFalse(
            missing, "add sessions/nodes/TYPE.ini, a short session in which "
            "the type is heard, for: " + ", ".join(sorted(missing)))

    def test_none_is_without_a_type(self):
        self.assertFalse(set(files()) - set(self.types()))

    def test_each_uses_its_type_and_has_no_errors_or_warnings(self):
        for name in files():
            path = os.path.join(FOLDER, name + ".ini")
            with self.subTest(name):
                with open(path) as file:
                    text = file.read()
                self.assertIn("\ntype = %s\n" % name, text)
                result = self.lattice("check", "--quiet", path)
                self.assertEqual((result.returncode, result.stderr), (0, b""))

    def test_each_sounds(self):
        for name in files():
            with self.subTest(name):
                self.works("render", "--quiet", "--demo", "--seconds", "4",
                           os.path.join(FOLDER, name + ".ini"), "out.wav")
                sound = samples_of(self.path("out.wav"))
                self.assertTrue(all(map(math.isfinite, sound)))
                peak = max(map(abs, sound))
                self.assertGreater(peak, SILENCE, "%s is silent" % name)
                self.assertLess(peak, CLIPPING, "%s clips" % name)

    def test_the_reference_quotes_each(self):
        with open(os.path.join(test_cli.ROOT, "docs", "nodes.md")) as file:
            reference = file.read()
        for name in files():
            with open(os.path.join(FOLDER, name + ".ini")) as file:
                self.assertIn("```ini\n%s```" % file.read(), reference, name)


if __name__ == "__main__":
    sys.exit(test_cli.main("build/debug"))
