#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bash completes of the command lines of both programs.

    python3 tests/cli/test_completion.py [--build build/release] [options]
"""

import os
import re
import shutil
import subprocess
import sys

import test_cli
from test_cli import COMMANDS, ROOT

SCRIPT = os.path.join(ROOT, "docs/lattice.bash")


class Completion(test_cli.Case):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("data/lattice/sessions"))
        os.makedirs(self.path("songs"))
        for name in ("one.ini", "two words.ini", "data/lattice/sessions/"
                     "saved.ini", "songs/deep.ini"):
            self.write(name, test_cli.TONE)

    def complete(self, *words, program="lattice"):
        """What bash offers for the last of the words."""
        path = test_cli.PROGRAM + ("-node" if program != "lattice" else "")
        done = subprocess.run(
            ["bash", "-u", "-c", """
             source "$1"; shift
             COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
             $(complete -p "${1##*/}" | sed 's/.*-F \\([^ ]*\\).*/\\1/') "$1"
             [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
             """, "bash", SCRIPT, path, *words],
            capture_output=True, text=True, cwd=self.folder,
            env={**self.env, "HOME": self.folder}, check=False, timeout=30)
        self.assertEqual(done.stderr, "", words)
        return done.stdout.splitlines()

    def test_the_script_is_up_to_date(self):
        with open(SCRIPT) as file:
            self.assertEqual(
                file.read(), self.works("help", "--bash-completion"),
                "build/release/lattice help --bash-completion > "
                "docs/lattice.bash")

    def test_every_option_that_help_shows_is_completed(self):
        for command in COMMANDS + ["help"]:
            shown = re.findall(r"^  (--[a-z-]+)",
                               self.works(command, "--help"), re.M)
            self.assertTrue(shown)
            self.assertEqual(self.complete(command, "--"), shown)
            for option in shown:
                self.assertIn(option, self.complete(command, option[:-1]))
        text = self.works("help", "lattice-node")
        self.assertEqual(self.complete("--", program="lattice-node"),
                         re.findall(r"^  (--[a-z-]+)", text, re.M))

    def test_commands_and_sessions_come_first(self):
        offers = self.complete("")
        for word in COMMANDS + ["help", "one.ini", "two words.ini", "saved"]:
            self.assertIn(word, offers)
        self.assertEqual(self.complete("rend"), ["render"])
        self.assertIn("--meters", self.complete("--"))
        self.assertNotIn("layout", offers)  # it comes later

    def test_arguments_are_completed_by_their_kind(self):
        for command in ("run", "render", "check", "graph"):
            self.assertEqual(self.complete(command, "sa"), ["saved"])
            self.assertEqual(self.complete(command, "on"), ["one.ini"])
            self.assertEqual(self.complete(command, "songs/"),
                             ["songs/deep.ini"])
        self.assertEqual(self.complete("render", "--quiet", "one.ini", "tw"),
                         ["two words.ini"])
        self.assertEqual(self.complete("nodes", "low"), ["lowpass"])
        self.assertEqual(self.complete("low", program="lattice-node"),
                         ["lowpass"])
        self.assertEqual(self.complete("help", "lattice"), ["lattice-node"])
        self.assertEqual(self.complete("check", "one.ini", "tw"),
                         ["two words.ini"])

    def test_values_of_options_are_completed_by_their_kind(self):
        for words in (["run", "--remote", ""], ["run", "--remote", "=", ""],
                      ["--remote", ""], ["run", "--remote", "="]):
            self.assertEqual(self.complete(*words), ["play", "edit", "all"])
        self.assertEqual(self.complete("run", "--remote", "=", "e"), ["edit"])
        self.assertEqual(self.complete("render", "--isa", "base"),
                         ["baseline"])
        self.assertEqual(self.complete("run", "--session-dir", "so"),
                         ["songs"])
        self.assertIn("one.ini", self.complete("render", "--input", "o"))
        self.assertEqual(self.complete("run", "--block", ""), [])
        # A value is no argument.
        self.assertEqual(self.complete("render", "--block", "3", "sa"),
                         ["saved"])
        self.assertEqual(self.complete("--block", "3", "ren"), ["render"])

    def test_it_is_installed_where_bash_looks(self):
        build = os.path.dirname(test_cli.PROGRAM)
        if not shutil.which("cmake"):
            self.skipTest("cmake is not installed")
        subprocess.run(["cmake", "--install", build, "--prefix",
                        self.path("usr")], check=True, capture_output=True)
        folder = self.path("usr/share/bash-completion/completions")
        self.assertEqual(sorted(os.listdir(folder)),
                         ["lattice", "lattice-node"])
        loader = "/usr/share/bash-completion/bash_completion"
        if not os.path.exists(loader):
            self.skipTest("bash-completion is not installed")
        for name in ("lattice", "lattice-node"):
            done = subprocess.run(
                ["bash", "-c", "source %s; _completion_loader %s; complete "
                 "-p %s" % (loader, name, name)], capture_output=True,
                text=True, check=False, env={
                    **self.env, "HOME": self.folder,
                    "XDG_DATA_DIRS": self.path("usr/share"),
                    "PATH": self.path("usr/bin") + ":" + os.environ["PATH"]})
            self.assertEqual(done.stdout,
                             "complete -F _lattice %s\n" % name)


if __name__ == "__main__":
    sys.exit(test_cli.main())
