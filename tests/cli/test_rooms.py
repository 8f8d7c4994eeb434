#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms: this tree keeps to scripts/rooms, and the linters find what does
not.

    python3 tests/cli/test_rooms.py [--build build/release] [options]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


class Rooms(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lattice-rooms.")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("src", "nodes", "osc", "sessions", "scripts", "docs"):
            shutil.copytree(os.path.join(ROOT, name),
                            os.path.join(self.folder, name))

    def add(self, path, *lines):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))

    def replace(self, path, old, new):
        path = os.path.join(self.folder, path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def lint(self):
        done = subprocess.run(["scripts/lint", "rooms"], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def fails(self, *parts):
        status, output = self.lint()
        self.assertEqual(status, 1, output)
        self.assertIn("lint: not clean: rooms", output)
        for part in parts:
            self.assertIn(part, output)
        return output

    def test_this_tree_keeps_to_them(self):
        status, output = self.lint()
        self.assertEqual(status, 0, output)

    def test_a_room_that_is_not_listed_is_found(self):
        self.add("src/plan/plan.c", '#include "control/control.h"')
        self.fails("src/plan/plan.c:", '"control/control.h": plan may not '
                   "look into control, only into base, node, units")

    def test_a_bare_name_of_another_room_is_found(self):
        self.add("src/plan/plan.c", '#include "ring.h"')
        self.fails('"ring.h" is in no file of src/plan; a header of another '
                   'room is included as "room/header.h"')

    def test_a_library_where_it_does_not_belong_is_found(self):
        self.add("src/run/engine.c", "#include <jack/jack.h>")
        self.fails("src/run/engine.c:", "<jack/jack.h> belongs into jack, "
                   "process, not into run")

    def test_a_library_that_has_no_line_is_found(self):
        self.add("src/run/engine.c", "#include <fftw3.h>")
        self.fails("<fftw3.h> is a library's that has no line in "
                   "scripts/rooms")

    def test_a_use_of_what_an_unlisted_room_declares_is_found(self):
        # Its declaration came along with another header.
        self.add("src/plan/plan.c", "void", "f(void)", "{",
                 "    lat_control_tick(0);", "}")
        self.fails("lat_control_tick is of src/control/control.c, and plan "
                   "may not look into control")

    def test_a_circle_of_includes_is_found(self):
        self.add("src/base/high.h", '#include "low.h"')
        self.add("src/base/low.h", '#include "high.h"')
        self.fails("2 files stand in a circle; the shortest is "
                   "src/base/high.h -> src/base/low.h -> src/base/high.h",
                   'src/base/high.h:1 includes "low.h"',
                   'src/base/low.h:1 includes "high.h"',
                   "Move what both need into a file below them")

    def test_a_circle_of_calls_is_found(self):
        for name, other in (("high", "low"), ("low", "high")):
            self.add(f"src/base/{name}.c", "void", f"lat_{name}_do(void)",
                     "{", f"    lat_{other}_do();", "}")
        self.fails("src/base/high.c -> src/base/low.c -> src/base/high.c",
                   "src/base/high.c:4 uses lat_low_do of src/base/low.c")

    def test_a_circle_of_two_tables_is_found(self):
        for name, other in (("high", "low"), ("low", "high")):
            self.add(f"src/base/{name}.c", f"const struct lat_part "
                     f"lat_{name} = {{", f"    .other = &lat_{other},", "};")
        self.fails("src/base/high.c:2 uses lat_low of src/base/low.c")

    def test_words_in_comments_and_strings_are_no_uses(self):
        self.add("src/base/ring.c", "// lat_control_tick() is above.",
                 "/* lat_control_tick()", " */", "const char lat_words[] = {",
                 '    "lat_control_tick()"', "};")
        status, output = self.lint()
        self.assertEqual(status, 0, output)

    def test_a_table_in_the_page_that_is_old_is_found(self):
        self.replace("docs/architecture.md", "| `src/base/` |",
                     "| `src/bass/` |")
        self.fails("docs/architecture.md: its table of rooms is not that of "
                   "scripts/rooms: scripts/check-rooms --write")

    def test_a_drawing_that_is_old_is_found(self):
        self.replace("docs/img/rooms.dot", '"cli" -> "process";', "")
        self.fails("docs/img/rooms.dot: its drawing is not that of "
                   "scripts/rooms")

    def test_a_room_that_looks_up_is_refused(self):
        self.replace("scripts/rooms", "\nnode: base ", "\nnode: base run ")
        self.fails("'run' is no room above this line")


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--build")
    _, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0]] + rest)


if __name__ == "__main__":
    main()
