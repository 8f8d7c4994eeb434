#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual pages: generated ones are up to date, all are clean, installed,
and say what the program says.

    python3 tests/cli/test_manuals.py [--build build/release] [options]
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys

import test_cli
from test_cli import ROOT

PAGES = ["lattice.1", "lattice-node.1", "lattice-pattern.1",
         "lattice-session.5",
         "lattice-nodes.7", "lattice-osc.7"]


def manual(page):
    with open(os.path.join(ROOT, "docs/man", page)) as file:
        return file.read().replace("\\-", "-")


class Manuals(test_cli.Case):
    def test_generated_ones_are_up_to_date(self):
        done = subprocess.run([sys.executable, "scripts/man-pages",
                               "--check"], cwd=ROOT, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_they_are_clean(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        pages = glob.glob(os.path.join(ROOT, "docs/man/*.[0-9]"))
        self.assertEqual(sorted(map(os.path.basename, pages)), sorted(PAGES))
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                               *pages], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_every_type_and_port_has_its_place(self):
        page = manual("lattice-nodes.7")
        parts = dict(zip(
            re.findall(r'^\.Ss "(.*)"$', page, re.M),
            re.split(r'^\.Ss .*$', page, flags=re.M)[1:]))
        for type_ in json.loads(self.works("nodes", "--json")):
            if type_["name"] == "faulty":
                continue  # of test builds
            part = parts[type_["name"]]
            for what in type_["inputs"] + type_["outputs"] + \
                    type_["settings"]:
                name = what["name"].split("_1")[0]
                self.assertRegex(part, r'\.It "\\fB%s' % re.escape(name))

    def test_every_message_has_its_place(self):
        with open(os.path.join(ROOT, "docs/osc.md")) as file:
            paths = re.findall(r"^\| `(/[^ `]*)", file.read(), re.M)
        self.assertGreater(len(paths), 30)
        page = manual("lattice-osc.7")
        for path in paths:
            self.assertIn('.It "\\fB%s' % path, page)

    def test_they_are_installed(self):
        build = os.path.dirname(test_cli.PROGRAM)
        if not shutil.which("cmake"):
            self.skipTest("cmake is not installed")
        subprocess.run(["cmake", "--install", build, "--prefix",
                        self.path("usr")], check=True, capture_output=True)
        for page in PAGES:
            self.assertTrue(os.path.exists(self.path(
                "usr/share/man/man%s/%s" % (page[-1], page))), page)


if __name__ == "__main__":
    sys.exit(test_cli.main())
