#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files that a session names, as `lattice render` and `check` meet them.

    python3 tests/cli/test_prepared.py [--build build/debug] [unittest options]

Only builds with test hooks have a type that reads a file (test_sound).
"""

import array
import os
import struct
import sys
import unittest

import test_cli

SESSION = """[session]
format = 1

[node loop]
type = test_sound
file = %s

[node main]
type = audio_out
channels = 1
limit = off

[cables]
cable = loop -> main
"""

N = 1000


def wav(samples):
    data = array.array("f", samples).tobytes()
    head = struct.pack("<HHIIHH", 3, 1, 48000, 48000 * 4, 4, 32)
    return (b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
            + struct.pack("<I", 16) + head
            + b"data" + struct.pack("<I", len(data)) + data)


def samples_of(path):
    with open(path, "rb") as file:
        data = file.read()
    at = data.index(b"data")
    n, = struct.unpack("<I", data[at + 4:at + 8])
    return list(array.array("f", data[at + 8:at + 8 + n]))


def ramp(first):
    return [first + k / 65536 for k in range(N)]


class Prepared(test_cli.Case):
    def setUp(self):
        super().setUp()
        if b"file" not in self.lattice("nodes", "test_sound").stdout:
            self.skipTest("no type that reads sound files in this build")
        os.makedirs(self.path("songs"))
        os.makedirs(self.path("samples"))

    def write_wav(self, name, first):
        with open(self.path(name), "wb") as file:
            file.write(wav(ramp(first)))

    def render(self, *options):
        self.works("render", "songs/s.ini", "o.wav", "--seconds", "0.1",
                   *options)
        return samples_of(self.path("o.wav"))

    def expect(self, sound, first):
        want = (ramp(first) * 5)[:len(sound)]
        self.assertEqual(len(sound), 4800)
        self.assertEqual(sound, want)

    def test_render_has_every_file_before_frame_0(self):
        self.write_wav("songs/a.wav", 0.25)
        self.write("songs/s.ini", SESSION % "a.wav")
        for period in ("1", "64", "1024"):
            self.expect(self.render("--period", period), 0.25)

    def test_files_lie_beside_the_session_then_in_sample_dirs(self):
        self.write("songs/s.ini", SESSION % "a.wav")
        self.write_wav("samples/a.wav", 0.125)
        os.makedirs(self.path("more"))
        self.write_wav("more/a.wav", 0.5)
        dirs = ["--sample-dir", "samples", "--sample-dir", "more"]
        self.expect(self.render(*dirs), 0.125)
        self.write_wav("songs/a.wav", 0.25)
        self.expect(self.render(*dirs), 0.25)
        # The working directory is none of them.
        self.write_wav("a.wav", 0.75)
        os.remove(self.path("songs/a.wav"))
        self.assertEqual(set(self.render()), {0.0})

    def test_a_session_from_a_pipe_names_files_from_where_we_are(self):
        self.write_wav("a.wav", 0.25)
        self.works("render", "-", "o.wav", "--seconds", "0.1",
                   input=(SESSION % "a.wav").encode(), stdin=None)
        self.expect(samples_of(self.path("o.wav")), 0.25)

    def test_a_missing_file_is_a_warning_with_its_line(self):
        self.write("songs/s.ini", SESSION % "none.wav")
        result = self.lattice("check", "songs/s.ini")
        lines = result.stderr.decode().splitlines()
        self.assertEqual(result.returncode, 0, lines)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith("songs/s.ini:6: warning: file: "
                                            "cannot read "), lines)
        self.assertIn("songs/none.wav", lines[0])
        self.assertTrue(lines[0].endswith("; name a sound file that is there; "
                                          "the node goes without it"), lines)
        result = self.lattice("render", "songs/s.ini", "o.wav", "--seconds",
                              "0.1")
        lines = result.stderr.decode().splitlines()
        self.assertEqual(result.returncode, 0, lines)
        self.assertIn("songs/s.ini:6: warning: file: cannot read", lines[0])
        self.assertEqual(set(samples_of(self.path("o.wav"))), {0.0})

    def test_a_file_that_is_no_sound_is_the_same(self):
        self.write("songs/a.wav", "once upon a time")
        self.write("songs/s.ini", SESSION % "a.wav")
        result = self.lattice("check", "songs/s.ini")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"s.ini:6: warning: file: cannot read", result.stderr)

    def test_a_pipe_or_a_device_is_not_waited_for(self):
        os.mkfifo(self.path("songs/a.wav"))
        os.symlink("/dev/tty", self.path("songs/tty.wav"))
        for name in ("a.wav", "tty.wav"):
            self.write("songs/s.ini", SESSION % name)
            for words in (("check", "songs/s.ini"),
                          ("render", "songs/s.ini", "o.wav", "--seconds",
                           "0.1")):
                result = self.lattice(*words, timeout=20)
                self.assertEqual(result.returncode, 0)
                lines = result.stderr.decode().splitlines()
                self.assertRegex(
                    lines[0], r"^(lattice: )?songs/s\.ini:6: warning: file: "
                    rf"cannot read \S+{name}: it is no ordinary file; "
                    "the node goes without it$")

    def test_a_graph_is_shown_without_reading_files(self):
        self.write_wav("songs/a.wav", 0.25)
        self.write("songs/a.wav.slow", "")  # whoever reads it waits for ever
        self.write("songs/s.ini", SESSION % "a.wav")
        self.assertIn("loop", self.works("graph", "songs/s.ini", timeout=20))


if __name__ == "__main__":
    sys.exit(test_cli.main("build/debug"))
