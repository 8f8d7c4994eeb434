#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The threads' tags: this tree has them, and scripts/check-tags finds what has
not.

    python3 tests/cli/test_tags.py [--build build/release] [options]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HEAD = "// SPDX\n\n/// What it is for.\n#ifndef X\n\n"


def check(*files):
    done = subprocess.run(
        [sys.executable, os.path.join(ROOT, "scripts", "check-tags"), *files],
        cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Tags(unittest.TestCase):
    def of(self, text, name="x.h"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return check(path)

    def is_clean(self, text, name="x.h"):
        self.assertEqual(self.of(text, name), (0, ""))

    def has(self, what, text, name="x.h"):
        status, output = self.of(text, name)
        self.assertEqual(status, 1, output)
        self.assertIn(what, output)

    def test_this_tree_has_them(self):
        self.assertEqual(check(), (0, ""))

    def test_a_function_without_one_is_found(self):
        self.has("x.h:7: lat_x_do does not say which thread calls it",
                 HEAD + "/// Do it.\nvoid\nlat_x_do(int a,\n         int b);\n")
        self.has("lat_x_do", HEAD + "void\nlat_x_do(void);\n")
        self.has("lat_x_do", HEAD + "/// Once.  [control]\nvoid\nlat_x(void);\n"
                                    "\n/// Do it.\nvoid\nlat_x_do(void);\n")

    def test_inline_functions_are_functions(self):
        self.has("lat_x_do", HEAD + "static inline int\nlat_x_do(int a)\n"
                                    "{\n    return lat_y(a);\n}\n")

    def test_its_own_comment_a_group_or_the_head_may_have_it(self):
        self.is_clean(HEAD + "/// Do it.  [control]\nvoid\nlat_x_do(void);\n")
        self.is_clean(HEAD + "/// Both.  [control, no span is run]\nvoid\n"
                             "lat_x_do(void);\nvoid\nlat_x_undo(void);\n")
        self.is_clean(HEAD.replace("for.", "for.  All functions are [any].") +
                      "void\nlat_x_do(void);\n")

    def test_what_audio_calls_bears_its_mark_and_the_other_way_round(self):
        self.has("says [audio, worker] without LAT_RT",
                 HEAD + "/// Do it.  [audio, worker]\nvoid\nlat_x_do(void);\n")
        self.has("bears LAT_RT, and says [control]",
                 HEAD + "/// Do it.  [control]\nLAT_RT void\nlat_x_do(void);\n")
        self.is_clean(
            HEAD + "/// Do it.  [audio]\nLAT_RT void\nlat_x_do(void);\n")
        self.is_clean(HEAD + "/// Do it.  [any but audio]\nvoid\nlat_x(void);\n")

    def test_functions_of_node_types_bear_it_too(self):
        source = ("\nstatic uint64_t\nx_process(const struct lat_io *io)\n"
                  "{\n}\n\nstatic const struct lat_node_type x = {\n"
                  "    .process = x_process,\n};\n")
        self.has("the audio thread calls x_process", source, "x.c")
        self.is_clean(source.replace("static uint64_t", "LAT_RT static uint64_t"),
                      "x.c")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build")
    _, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)
