#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `lattice check` says of files, and where sessions are read from.

    python3 tests/cli/test_check.py [--build build/release] [unittest options]
"""

import os
import re
import subprocess
import sys
import threading
import unittest

import test_cli
from test_cli import NEWER, ROOT, TONE

# A different error in each line that ends in "; wrong".
TEN = """[session]
format = 1
block = 0                       ; wrong

[transport]
tempo = fast                    ; wrong

[node voice]
type = saww                     ; wrong

[node filter]
type = lowpass
cutof = 800                     ; wrong
q = 9999                        ; wrong
q = 1                           ; wrong

[node 2nd]                      ; wrong
type = sine

[node main]
type = audio_out

[cables]
cable = voice -> filter
cable = filter -> main * loud   ; wrong
cable = filter => main          ; wrong
cable = 2nd -> main
cable = filter -> mian          ; wrong
"""


class Check(test_cli.Case):
    def lines_of(self, *files, code=1, **options):
        result = self.lattice("check", *files, **options)
        lines = result.stderr.decode().splitlines()
        self.assertEqual(result.returncode, code, lines)
        return lines

    def test_prints_ten_lines_for_ten_errors(self):
        self.write("ten.ini", TEN)
        wrong = [number for number, line in enumerate(TEN.splitlines(), 1)
                 if "; wrong" in line]
        self.assertEqual(len(wrong), 10)
        lines = self.lines_of("ten.ini")
        self.assertEqual([line.split(": ")[0] for line in lines],
                         ["ten.ini:%d" % number for number in wrong])

    def test_judges_patterns_of_feedback(self):
        good = ("[osc]\nfeedback = a:1 /node/*/{freq,gain}/norm 20\n"
                "feedback = a:1 /transport/*\n"
                "feedback = a:1 /node/*/process\n")
        self.write("good.ini", TONE + good)
        self.assertEqual(self.lines_of("good.ini", code=0), [])
        wrong = ("[osc]\nfeedback = a:1 /node/*/gain/loudness\n"
                 "feedback = a:1 /nothing\nfeedback = a:1 /node/[ab/gain\n")
        self.write("wrong.ini", TONE + wrong)
        first = len(TONE.splitlines()) + 2
        lines = self.lines_of("wrong.ini")
        self.assertEqual([line.split(": ")[0] for line in lines],
                         ["wrong.ini:%d" % (first + i) for i in range(3)])
        self.assertIn("nothing can be subscribed to by /nothing", lines[1])
        self.assertIn("a bracket without its other half", lines[2])
        result = self.lattice("run", "wrong.ini")
        self.assertEqual(result.returncode, 1)
        # A newer lattice may mean something by it.
        self.write("newer.ini", NEWER + wrong)
        self.lines_of("newer.ini", code=0)

    def test_tells_each_error_when_the_session_is_to_play(self):
        self.write("ten.ini", TEN)
        for command in [["render", "ten.ini", "o.wav"], ["graph", "ten.ini"],
                        ["run", "ten.ini"]]:
            result = self.lattice(*command)
            lines = result.stderr.decode().splitlines()
            self.assertEqual(result.returncode, 1, lines)
            self.assertEqual(len(lines), 10, lines)
            for line in lines:
                self.assertRegex(line, r"\Alattice: ten\.ini:\d+: ")
        self.assertFalse(os.path.exists(self.path("o.wav")))

    def test_takes_several_files(self):
        self.write("good.ini", TONE)
        self.write("bad.ini", TONE.replace("441", "x").replace("0.25", "y"))
        result = self.lattice("check", "good.ini", "bad.ini", "good.ini")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout.decode().splitlines(),
                         2 * ["good.ini: fine, 2 nodes, 2 cables"])
        self.assertEqual([line.split(": ")[0]
                          for line in result.stderr.decode().splitlines()],
                         ["bad.ini:6", "bad.ini:13"])
        self.assertEqual(self.lines_of("good.ini", "good.ini", code=0), [])
        self.assertEqual(len(self.lines_of("nothing.ini", "good.ini")), 1)

    def test_warns_of_what_nobody_hears(self):
        self.write("s.ini", TONE + "\n[node lost]\ntype = saw\n")
        lines = self.lines_of("s.ini", code=0)
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], r"\As\.ini:15: warning: .*'lost'")
        self.assertEqual(self.lines_of("--quiet", "s.ini", code=0), [])
        self.write("mute.ini", TONE.split("[cables]")[0])
        lines = self.lines_of("mute.ini", code=0)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("'tone'", lines[0])

    def test_says_that_warnings_are_warnings(self):
        self.write("s.ini", NEWER)
        for line in self.lines_of("s.ini", code=0):
            self.assertRegex(line, r"\As\.ini:\d+: warning: ")

    def test_speaks_of_one_and_of_many(self):
        self.write("s.ini", "[session]\nformat = 1\n[node m]\n"
                            "type = audio_out\nchannels = 1\n")
        self.assertEqual(self.works("check", "s.ini"),
                         "s.ini: fine, 1 node, 0 cables\n")

    def test_says_little_of_what_is_no_session(self):
        for name in ["LICENSE", "CMakeLists.txt", "build/release/lattice"]:
            path = os.path.join(ROOT, name)
            if os.path.exists(path):
                self.assertEqual(len(self.lines_of(path)), 1, name)

    def test_finds_examples_by_name_when_installed(self):
        tree = self.path("tree")
        build = os.path.dirname(test_cli.PROGRAM)
        if not os.path.exists(os.path.join(build, "cmake_install.cmake")):
            self.skipTest("no build tree")
        subprocess.run(["cmake", "--install", build, "--prefix", tree],
                       check=True, capture_output=True)
        program = os.path.join(tree, "bin", "lattice")
        result = subprocess.run([program, "check", "drone"], cwd=self.folder,
                                env=self.env, capture_output=True)
        self.assertEqual(result.returncode, 0, result.stderr)


class Pipes(test_cli.Case):
    """Sessions come from pipes, FIFOs and standard input too."""

    def test_reads_standard_input(self):
        for name in ["-", "/dev/stdin"]:
            for command in ["check", "graph"]:
                result = self.lattice(command, name, stdin=None,
                                      input=TONE.encode())
                self.assertEqual(result.returncode, 0, result.stderr)
            self.lattice("render", name, "o.wav", "--seconds", "0.1",
                         stdin=None, input=TONE.encode())
            self.assertTrue(os.path.exists(self.path("o.wav")))
            os.unlink(self.path("o.wav"))

    def test_reads_what_a_shell_substitutes(self):
        self.write("s.ini", TONE)
        result = subprocess.run(
            ["bash", "-c", '"$0" check <(cat s.ini) <(cat s.ini)',
             test_cli.PROGRAM], cwd=self.folder, env=self.env,
            capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.count(b"fine"), 2)

    def test_names_the_line_of_standard_input(self):
        result = self.lattice("check", "-", stdin=None,
                              input=TONE.replace("441", "x").encode())
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stderr.startswith(b"<stdin>:6: "),
                        result.stderr)

    def test_reads_a_fifo(self):
        path = self.path("fifo")
        os.mkfifo(path)

        def feed():
            with open(path, "w") as fifo:
                fifo.write(TONE)

        thread = threading.Thread(target=feed)
        thread.start()
        self.assertIn("fine", self.works("check", path))
        thread.join()

    def test_ends_with_what_never_ends(self):
        self.assertIn("NUL", self.fails(1, "check", "/dev/zero"))
        process = subprocess.Popen(["yes", "; comment"],
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        line = self.fails(1, "check", "-", stdin=process.stdout)
        self.assertIn("larger than 64 MiB", line)


class Home(test_cli.Case):
    """Nothing lands in the folder that one happens to be in."""

    def test_is_never_the_current_folder(self):
        for name in ["HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                     "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"]:
            self.env.pop(name, None)
        for home in [None, "", "here", "."]:
            for data in [None, "", "here"]:
                env = dict(self.env)
                if home is not None:
                    env["HOME"] = home
                if data is not None:
                    env["XDG_DATA_HOME"] = data
                line = self.fails(1, "check", "no_such_session", env=env)
                folder = re.search(r" in (\S+)", line).group(1)
                self.assertTrue(folder.startswith("/"), line)
                self.assertNotIn(self.folder, line)


if __name__ == "__main__":
    sys.exit(test_cli.main())
