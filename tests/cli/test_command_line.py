#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the command line is read: what people type, and what they are told.

    python3 tests/cli/test_command_line.py [--build build/release] [options]
"""

import re
import subprocess
import sys

import test_cli
from test_cli import COMMANDS, TONE

LATER_COMMANDS = ["layout"]
LATER_OPTIONS = {}


class Case(test_cli.Case):
    def setUp(self):
        super().setUp()
        self.env.update(JACK_DEFAULT_SERVER="lattice-test-nobody",
                        JACK_NO_START_SERVER="1")
        self.write("tone.ini", TONE)
        self.write("tone", TONE)
        self.write("wrong.ini", TONE.replace("sine", "sien"))

    def node(self, *args):
        return subprocess.run([test_cli.PROGRAM + "-node", *args],
                              capture_output=True, text=True, timeout=60,
                              check=False, env=self.env)


class Files(Case):
    def test_a_file_is_run(self):
        """It comes as far as the server that is not there, or as its error."""
        for args in (["tone.ini"], ["./tone.ini"], ["tone"],
                     [self.path("tone")], ["--no-connect", "tone.ini"],
                     ["tone.ini", "--no-connect"], ["run", "tone.ini"]):
            with self.subTest(args=args):
                self.assertRegex(self.fails(3, *args),
                                 "no JACK server .*is running")
        for args in (["wrong.ini"], ["--osc-port", "0", "wrong.ini"]):
            self.assertIn("wrong.ini:5: ", self.fails(1, *args))
        self.assertIn("no file 'none.ini'", self.fails(1, "none.ini"))
        self.assertIn("has no use for", self.fails(2, "tone.ini", "more.ini"))

    def test_a_dash_is_a_session_not_an_option(self):
        # What it reads is the sessions' matter; it is not refused as a word.
        for args in (["-"], ["run", "-"], ["check", "-"], ["graph", "-"]):
            with self.subTest(args=args):
                result = self.lattice(*args)
                self.assertNotEqual(result.returncode, 2)

    def test_a_word_that_is_no_file_is_no_session(self):
        self.assertIn("there is no command", self.fails(2, "foo"))
        self.assertIn("there is no command",
                      self.fails(2, "--no-connect", "foo"))


class Help(Case):
    def test_help_is_asked_for_in_every_way(self):
        text = self.works("--help")
        for args in (["-h"], ["help"]):
            self.assertEqual(self.works(*args), text)
        for command in COMMANDS:
            own = self.works(command, "--help")
            for args in ([command, "-h"], ["help", command],
                         [command, "x", "-h"]):
                self.assertEqual(self.works(*args), own, args)
        self.assertIn("later release", self.works("help", "layout"))
        self.fails(2, "help", "nothing")
        self.fails(2, "help", "run", "render")

    def test_help_shows_what_can_be_asked(self):
        self.assertIn("--markdown", self.works("nodes", "--help"))
        self.assertIn("--wait", self.works("run", "--help"))

    def test_lattice_node_speaks_of_itself(self):
        text = self.node("--help").stdout
        self.assertEqual(self.node("-h").stdout, text)
        self.assertEqual(self.works("help", "lattice-node"), text)
        for foreign in ("session", "9000", "man lattice\n", "processes of"):
            self.assertNotIn(foreign, text)
        self.assertIn("man lattice-node\n", text)
        self.assertRegex(text, r"--osc-port N +.*0: a free")
        self.assertRegex(self.node("--version").stdout,
                         r"\Alattice-node \d+\.\d+\.\d+\n")


    def test_help_that_nobody_can_read_is_a_failure(self):
        for program in (test_cli.PROGRAM, test_cli.PROGRAM + "-node"):
            for option in ("--help", "-h", "--version"):
                with open("/dev/full", "w") as full:
                    done = subprocess.run(
                        [program, option], stdout=full, check=False,
                        stderr=subprocess.PIPE, env=self.env)
                self.assertEqual(done.returncode, 3, (program, option))
                self.assertIn(b"No space left", done.stderr)


class Options(Case):
    def test_options_are_gnu_options(self):
        for args in (["--seconds", "0.1"], ["--seconds=0.1"], ["--sec=0.1"],
                     ["--sec", "0.1"]):
            self.works("render", "tone.ini", "o.wav", "--quiet", *args)
            self.works("render", *args, "tone.ini", "--qu", "o.wav")
        self.works("render", "--seconds=0.1", "--", "tone.ini", "o.wav")

    def test_an_abbreviation_that_means_two_things_names_both(self):
        line = self.fails(2, "run", "--s", "x")
        self.assertIn("--session-dir, --sample-dir", line)
        line = self.fails(2, "render", "--se=x")
        self.assertIn("--seconds", line)
        self.assertIn("--session-dir", line)

    def test_what_comes_later_is_refused_as_such(self):
        for command in LATER_COMMANDS:
            for args in ([command], [command, "x"], [command, "--json"]):
                line = self.fails(2, *args)
                self.assertIn("'lattice %s' comes in a later release" %
                              command, line)
        for command, options in LATER_OPTIONS.items():
            for option in options:
                line = self.fails(2, command, option, "tone.ini", "o.wav")
                self.assertIn("comes in a later release", line)
                self.assertNotIn(option.split("=")[0],
                                 self.works(command, "--help"))

    def test_only_what_exists_is_suggested(self):
        """Every word near a command that comes later, by one edit."""
        letters = "aeotx"
        for command in LATER_COMMANDS:
            near = {command[:i] + command[i + 1:] for i in
                    range(len(command))}
            near |= {command[:i] + letter + command[i + 1:]
                     for i in range(len(command)) for letter in letters}
            for word in near - set(LATER_COMMANDS):
                line = self.fails(2, word)
                for match in re.findall(r"did you mean '(\w+)'", line):
                    self.assertNotIn(match, LATER_COMMANDS)
        for command in COMMANDS:
            self.assertIn("'%s'" % command, self.fails(2, command + "x"))


if __name__ == "__main__":
    sys.exit(test_cli.main())
