#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files that nodes read while they play, and that they write: odd ones,
long ones, none that is overwritten.

    python3 tests/cli/test_sound_files.py [--build build/release] [options]
"""

import math
import os
import resource
import sys

import test_cli
from test_cli import ROOT, Wav, write_wav

SEEDS = os.path.join(ROOT, "tests/fuzz/corpus/fuzz_sound")

PLAYER = """[session]
format = 1
[node tape]
type = player
file = %s
play = 1
%s
[node main]
type = audio_out
limit = off
[cables]
cable = tape -> main
"""

SAMPLER = PLAYER.replace("player", "sampler").replace("file", "sample") \
    .replace("play = 1", "trigger = 1")

RECORDER = """[session]
format = 1
[node voice]
type = saw
freq = 110.5
[node tape]
type = recorder
file = take.wav
record = 1
[node main]
type = audio_out
limit = off
[cables]
cable = voice -> main
cable = voice -> tape
"""


def limit_memory():
    # Sanitizers take all addresses for themselves, and have limits of their own.
    with open(test_cli.PROGRAM, "rb") as file:
        is_sanitized = b"__asan_init" in file.read()
    if not is_sanitized:
        resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))


class Case(test_cli.Case):
    def channels(self, name):
        with open(self.path(name), "rb") as file:
            return Wav(file.read()).channels


class Odd(Case):
    """What is wrong with a file is said, and costs neither time nor memory."""

    # What is said of it, by a player and by a sampler; None: it plays.
    CASES = {
        "whole.wav": (None, None),
        "truncated.wav": (None, None),
        "no_frames.wav": ("it has no frames", None),
        "header_only.wav": ("cannot read", "cannot read"),
        "says_1_gib.wav": (None, None),
        "says_4_gib.wav": (None, None),
        "rate_192k.wav": (None, None),
        "rate_1.wav": (None, "cannot be brought to"),
        "channels_8.wav": (None, None),
        "channels_256.wav": (None, None),
        "float_64.wav": (None, None),
        "not_numbers.wav": (None, None),
        "whole.aiff": (None, None),
        "no_sound.wav": ("cannot read", "cannot read"),
        "empty.wav": ("cannot read", "cannot read"),
        "none.wav": ("No such file", "No such file"),
    }

    def test_every_seed_is_a_case(self):
        self.assertEqual(set(os.listdir(SEEDS)) | {"none.wav"},
                         set(self.CASES))

    def render(self, text):
        self.write("odd.ini", text)
        result = self.lattice("render", "odd.ini", "out.wav", "--seconds",
                              "0.1", timeout=20, preexec_fn=limit_memory)
        return result.returncode, result.stderr.decode()

    def test_players_and_samplers_say_what_is_wrong(self):
        for name, said in self.CASES.items():
            for text, what in zip((PLAYER, SAMPLER), said):
                with self.subTest(name=name, text=text):
                    code, line = self.render(text % (
                        os.path.join(SEEDS, name), ""))
                    self.assertEqual(code, 0, line)
                    if what:
                        self.assertIn(what, line)
                        self.assertIn(name, line)
                    else:
                        self.assertNotIn("cannot", line)

    def test_what_plays_is_heard_and_finite(self):
        for name in ("whole.wav", "truncated.wav", "says_1_gib.wav",
                     "rate_192k.wav", "channels_8.wav", "float_64.wav",
                     "not_numbers.wav", "whole.aiff"):
            with self.subTest(name=name):
                self.render(PLAYER % (os.path.join(SEEDS, name), ""))
                left = self.channels("out.wav")[0]
                self.assertTrue(all(map(math.isfinite, left)))
                self.assertGreater(max(left), 0.01)

    def test_a_folder_and_a_pipe_are_no_sounds(self):
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("pipe.wav"))
        for name, said in (("folder", "a folder"), ("pipe.wav", "ordinary")):
            code, line = self.render(PLAYER % (name, ""))
            self.assertEqual(code, 0)
            self.assertIn(said, line)


class Folders(Case):
    def test_a_sample_dir_that_is_none_is_told_and_no_more(self):
        self.write("file", "")
        self.write("quiet.ini", "[session]\nformat = 1\n"
                   "[node main]\ntype = audio_out\n")
        for name, said in (("gone", "No such file"), ("file", "no folder")):
            result = self.lattice("render", "quiet.ini", "out.wav", "--seconds",
                                  "0.1", "--sample-dir", name)
            line = result.stderr.decode()
            self.assertEqual(result.returncode, 0, line)
            self.assertIn(f"--sample-dir {name}", line)
            self.assertIn(said, line)
        result = self.lattice("render", "quiet.ini", "out.wav", "--seconds",
                              "0.1", "--sample-dir", ".")
        self.assertNotIn("sample-dir", result.stderr.decode())


class Long(Case):
    def test_a_file_of_hours_costs_no_memory_and_no_time(self):
        """Six hours of silence, sparse on disk, with a mark near the end."""
        frames = 6 * 3600 * 48000
        write_wav(self.path("long.wav"), [[0.0], [0.0]], 48000)
        with open(self.path("long.wav"), "r+b") as file:
            # RF64 would be needed for its whole size; 32 bits say the most.
            frames = min(frames, (0xffffffff - 100) // 8)
            size = frames * 8
            file.seek(4)
            file.write((36 + size).to_bytes(4, "little"))
            file.seek(40)
            file.write(size.to_bytes(4, "little"))
            file.truncate(44 + size)
            file.seek(44 + (frames - 100) * 8)
            file.write(b"\x00\x00\x00\x3f" * 200)
        self.write("long.ini", PLAYER % (
            "long.wav", "position = %.6f" % ((frames - 48000) / 48000)))
        result = self.lattice("render", "long.ini", "out.wav", "--seconds", "2",
                              timeout=30, preexec_fn=limit_memory)
        self.assertEqual(result.returncode, 0, result.stderr)
        left = self.channels("out.wav")[0]
        self.assertGreater(left.count(0.5), 50)

    def test_a_rendering_is_the_same_each_time_and_for_any_block(self):
        write_wav(self.path("in.wav"), [
            [math.sin(0.05 * n) * 0.5 for n in range(100000)],
            [math.cos(0.03 * n) * 0.5 for n in range(100000)]], 44100)
        self.write("busy.ini", (PLAYER % ("in.wav", "loop = yes\nspeed = 1.3"))
                   .replace("[cables]", "[node where]\ntype = square\nfreq = 3"
                            "\n[cables]\ncable = where -> tape/position"))
        first = None
        for options in ([], [], ["--block", "1"], ["--block", "4096"],
                        ["--workers", "2"], ["--period", "777"]):
            self.works("render", "busy.ini", "out.wav", "--seconds", "3",
                       "--quiet", *options)
            channels = self.channels("out.wav")
            first = first or channels
            self.assertEqual(channels, first, options)


class Recorders(Case):
    def render(self, *options):
        self.write("tape.ini", RECORDER)
        return self.works("render", "tape.ini", "out.wav", "--seconds", "5",
                          "--quiet", *options)

    def test_a_rendering_records_what_it_renders(self):
        self.render()
        folder = "data/lattice/recordings/"
        self.assertEqual(os.listdir(self.path(folder)), ["take.wav"])
        self.assertEqual(self.channels(folder + "take.wav"),
                         self.channels("out.wav"))

    def test_nothing_is_overwritten(self):
        for _ in range(3):
            self.render("--record-dir", "here")
        self.assertEqual(sorted(os.listdir(self.path("here"))),
                         ["take-2.wav", "take-3.wav", "take.wav"])

    def test_a_name_outside_is_refused_with_its_line(self):
        self.write("tape.ini", RECORDER.replace("take.wav", "../take.wav"))
        line = self.lattice("check", "tape.ini").stderr.decode()
        self.assertRegex(line, r"^tape\.ini:8: .*--record-dir")

    def test_a_recorder_is_of_use_where_nothing_hears_it(self):
        self.write("tape.ini", RECORDER.replace("cable = voice -> main\n", ""))
        line = self.lattice("check", "tape.ini").stderr.decode()
        self.assertNotIn("tape", line)
        self.assertNotIn("voice", line)

    def test_a_disk_that_is_full_is_said_and_is_an_error(self):
        def full():
            resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))
        self.write("tape.ini", RECORDER)
        result = self.lattice("render", "tape.ini", "/dev/null",
                              "--seconds", "5", preexec_fn=full)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(b"take.wav", result.stderr)
        self.assertIn(b"make room", result.stderr)

    def test_flac_by_its_name(self):
        self.write("tape.ini", RECORDER.replace("take.wav", "take.flac"))
        self.works("render", "tape.ini", "out.wav", "--record-dir", "here")
        with open(self.path("here/take.flac"), "rb") as file:
            self.assertEqual(file.read(4), b"fLaC")


if __name__ == "__main__":
    sys.exit(test_cli.main())
