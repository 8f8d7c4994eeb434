#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `lattice render` reads and writes: that it destroys nothing, formats,
pipes, and what it says when it is done.

    python3 tests/cli/test_render_files.py [--build build/release] [options]
"""

import itertools
import os
import pty
import re
import resource
import shutil
import subprocess
import sys

import test_cli
from test_cli import ROOT, TONE, Wav, write_wav

LOUD = """[session]
format = 1
[node hiss]
type = noise
[node main]
type = audio_out
channels = %d
limit = off
level = 2
[cables]
cable = hiss -> main/in_1
"""


class Case(test_cli.Case):
    def setUp(self):
        super().setUp()
        self.write("tone.ini", TONE)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class Destroys(Case):
    """Nothing that is read is written to."""

    def files(self):
        """Three names of one file: itself, a symbolic and a hard link."""
        os.makedirs(self.path("sub"), exist_ok=True)
        write_wav(self.path("take.wav"), [[0.5] * 4800] * 2, 48000)
        # A session whose name lets sound be written to it.
        self.write("song.wav", TONE)
        for name in ("take", "song"):
            os.symlink("%s.wav" % name, self.path("soft_%s.wav" % name))
            os.link(self.path("%s.wav" % name),
                    self.path("hard_%s.wav" % name))
        return {name: ["%s.wav" % name, "./sub/../%s.wav" % name,
                       self.path("%s.wav" % name), "soft_%s.wav" % name,
                       "hard_%s.wav" % name] for name in ("take", "song")}

    def test_every_output_is_held_against_every_input(self):
        names = self.files()
        before = {name: self.read(name + ".wav") for name in names}
        for read, written in itertools.product(range(5), range(5)):
            for file, is_output in itertools.product(names, (True, False)):
                args = ["render", names["song"][read],
                        names[file][written] if is_output else "out.wav",
                        "--input", names["take"][read]]
                if not is_output:
                    args += ["--stats", names[file][written]]
                with self.subTest(args=args):
                    line = self.fails(2, *args)
                    self.assertIn("itself, which is only read", line)
                    for name, data in before.items():
                        self.assertEqual(self.read(name + ".wav"), data)
                    self.assertFalse(os.path.exists(self.path("out.wav")))

    def test_a_session_found_by_name_is_held_against_outputs(self):
        folder = self.path("data/lattice/sessions")
        os.makedirs(folder)
        self.write("data/lattice/sessions/song.ini", TONE)
        self.assertIn("session itself", self.fails(
            2, "render", "song", "out.wav", "--stats", folder + "/song.ini"))
        self.assertEqual(self.read("data/lattice/sessions/song.ini"),
                         TONE.encode())

    def test_two_outputs_are_two_files(self):
        os.makedirs(self.path("sub"))
        os.symlink("new.wav", self.path("link.wav"))  # leads nowhere yet
        os.symlink("sub", self.path("folder"))
        same = [["new.wav", "./new.wav", self.path("new.wav"), "link.wav",
                 "folder/../new.wav"],
                ["sub/new.wav", "folder/new.wav"]]
        for group in same:
            for sound, stats in itertools.product(group, group):
                with self.subTest(sound=sound, stats=stats):
                    self.assertIn("the statistics", self.fails(
                        2, "render", "tone.ini", sound, "--stats", stats))
        self.assertIn("the statistics", self.fails(
            2, "render", "tone.ini", "-", "--stats", "-"))
        self.assertFalse(os.path.exists(self.path("new.wav")))
        self.works("render", "tone.ini", "/dev/null", "--stats", "/dev/null",
                   "--seconds", "0.1")
        self.works("render", "tone.ini", "new.wav", "--stats",
                   "sub/new.wav", "--seconds", "0.1")

    def test_redirected_output_is_held_against_inputs(self):
        write_wav(self.path("take.wav"), [[0.5] * 4800], 48000)
        before = self.read("take.wav")
        with open(self.path("take.wav"), "ab") as file:
            result = self.lattice("render", "tone.ini", "-", "--input",
                                  "take.wav", stdout=file,
                                  capture_output=False,
                                  stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"itself", result.stderr)
        self.assertEqual(self.read("take.wav"), before)

    def test_files_that_nodes_read_are_held_against_outputs(self):
        if b"file" not in self.lattice("nodes", "faulty").stdout:
            self.skipTest("no type that reads files in this build")
        os.makedirs(self.path("songs"))
        os.makedirs(self.path("samples"))
        self.write("songs/s.ini", TONE + "[node f]\ntype = faulty\n"
                   "file = a.wav\n")
        for name in ("songs/a.wav", "samples/a.wav"):
            self.write(name, "precious")
            self.assertIn("a file of the session itself", self.fails(
                2, "render", "songs/s.ini", name, "--sample-dir", "samples"))
            self.assertEqual(self.read(name), b"precious")


class Formats(Case):
    def test_the_name_says_the_format(self):
        for name in ["o.wav", "o.WAV", "o.w.wav", "/dev/null"]:
            self.works("render", "tone.ini", name, "--seconds", "0.1")
            if name != "/dev/null":
                self.assertEqual(self.read(name)[:4], b"RIFF")
        for name in ["o.flac", "o.Flac"]:
            self.works("render", "tone.ini", name, "--seconds", "0.1")
            self.assertEqual(self.read(name)[:4], b"fLaC")
        for name in ["o", "o.mp3", "o.wave", ".wav", "o.flac.txt", "o.ogg",
                     "wav"]:
            with self.subTest(name=name):
                line = self.fails(2, "render", "tone.ini", name)
                self.assertIn(".wav or .flac", line)
                self.assertFalse(os.path.exists(self.path(name)))

    def test_a_wav_header_has_all_that_float_needs(self):
        self.works("render", "tone.ini", "o.wav", "--seconds", "0.5")
        data = self.read("o.wav")
        self.assertEqual(int.from_bytes(data[4:8], "little"), len(data) - 8)
        chunks, at = {}, 12
        while at < len(data):
            size = int.from_bytes(data[at + 4:at + 8], "little")
            chunks[data[at:at + 4]] = data[at + 8:at + 8 + size]
            at += 8 + size
        self.assertEqual(list(chunks), [b"fmt ", b"fact", b"data"])
        self.assertEqual(len(chunks[b"fmt "]), 18)
        self.assertEqual(chunks[b"fact"], (24000).to_bytes(4, "little"))

    def test_no_reader_warns(self):
        for name, n in (("mono.ini", 1), ("six.ini", 6)):
            self.write(name, (LOUD % n).replace("level = 2", "level = 0.1"))
        n_readers = 0
        for session, name in itertools.product(
                ("tone.ini", "mono.ini", "six.ini"), ("o.wav", "o.flac")):
            self.works("render", session, name, "--seconds", "0.1")
            for reader in (["soxi"], ["sox", "-V2", "IN", "-n"],
                           ["ffprobe", "-v", "warning"],
                           ["sndfile-info"], ["flac", "-ts"]):
                if not shutil.which(reader[0]) or (
                        reader[0] == "flac" and name == "o.wav"):
                    continue
                n_readers += 1
                args = [name if arg == "IN" else arg for arg in reader]
                if "IN" not in reader:
                    args.append(name)
                with self.subTest(args=args, session=session):
                    done = subprocess.run(args, cwd=self.folder, check=True,
                                          capture_output=True)
                    self.assertEqual(done.stderr, b"")
        if not n_readers:
            self.skipTest("none is installed")

    def test_long_wav_is_rf64_from_its_first_byte(self):
        process = subprocess.Popen(
            [test_cli.PROGRAM, "render", "tone.ini", "-", "--seconds", "1e6"],
            cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        head = process.stdout.read(116)
        process.stdout.close()
        error = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(), 3)
        self.assertIn("has ended", error)
        self.assertEqual((head[:4], head[12:16]), (b"RF64", b"ds64"))
        self.assertEqual(int.from_bytes(head[28:36], "little"),
                         1000000 * 48000 * 8)
        self.assertEqual(head[48:52], b"fmt ")
        self.assertEqual(head[86:90], b"data")

    def test_flac_holds_what_wav_holds_to_24_bits(self):
        if not shutil.which("flac"):
            self.skipTest("flac is not installed")
        self.works("render", "tone.ini", "o.wav", "--seconds", "1")
        self.works("render", "tone.ini", "o.flac", "--seconds", "1")
        raw = subprocess.run(
            ["flac", "-dcs", "--force-raw-format", "--endian=little",
             "--sign=signed", self.path("o.flac")], check=True,
            capture_output=True).stdout
        wav = Wav(self.read("o.wav"))
        self.assertEqual(len(raw), 48000 * 2 * 3)
        for frame in range(0, 48000, 7):
            for c in range(2):
                at = 3 * (2 * frame + c)
                value = int.from_bytes(raw[at:at + 3], "little", signed=True)
                self.assertEqual(value, round(wav.channels[c][frame] * 2**23))

    def test_flac_cuts_and_counts(self):
        self.write("loud.ini", LOUD % 1)
        self.works("render", "loud.ini", "o.wav", "--seconds", "1")
        n = sum(abs(x) > 1 for x in Wav(self.read("o.wav")).channels[0])
        self.assertGreater(n, 1000)
        result = self.lattice("render", "loud.ini", "o.flac", "--seconds", "1")
        self.assertIn("%d samples beyond +-1 were cut" % n,
                      result.stderr.decode())
        result = self.lattice("render", "loud.ini", "o.flac", "--seconds", "1",
                              "--quiet")
        self.assertEqual(result.stderr, b"")

    def test_flac_has_at_most_eight_channels(self):
        self.write("eight.ini", LOUD % 8)
        self.works("render", "eight.ini", "o.flac", "--seconds", "0.1")
        self.write("nine.ini", LOUD % 9)
        line = self.fails(2, "render", "nine.ini", "p.flac")
        self.assertIn("at most 8 channels", line)
        self.assertIn(".wav", line)
        self.assertFalse(os.path.exists(self.path("p.flac")))
        self.assertIn("768000 Hz", self.fails(
            2, "render", "tone.ini", "p.flac", "--rate", "768000"))
        self.assertFalse(os.path.exists(self.path("p.flac")))

    def test_flac_stays_whole_when_the_disk_is_full(self):
        self.write("loud.ini", LOUD % 2)
        self.works("render", "loud.ini", "o.flac", "--seconds", "0.1")
        old = self.read("o.flac")
        for n in (1000, 20000, 100000, 500000):
            def limit(n=n):
                resource.setrlimit(resource.RLIMIT_FSIZE, (n, n))
            self.assertIn("make room", self.fails(
                3, "render", "loud.ini", "o.flac", preexec_fn=limit))
            self.assertEqual(self.read("o.flac"), old)
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["loud.ini", "o.flac", "tone.ini"])


class Pipes(Case):
    def test_a_dash_is_standard_output(self):
        self.works("render", "tone.ini", "o.wav", "--seconds", "1")
        for name in ("-", "/dev/stdout"):
            result = self.lattice("render", "tone.ini", name, "--seconds", "1")
            self.assertTrue(result.stdout == self.read("o.wav"))
        self.assertFalse(os.path.exists(self.path("-")))

    def test_redirected_sound_goes_where_the_shell_says(self):
        self.works("render", "tone.ini", "o.wav", "--seconds", "0.1")
        with open(self.path("p"), "wb") as file:
            file.write(b"before")
            file.flush()
            self.lattice("render", "tone.ini", "-", "--seconds", "0.1",
                         stdout=file, capture_output=False,
                         stderr=subprocess.DEVNULL)
        self.assertEqual(self.read("p"), b"before" + self.read("o.wav"))

    def test_sox_plays_it_from_a_pipe(self):
        if not shutil.which("sox"):
            self.skipTest("sox is not installed")
        done = subprocess.run(
            "%s render tone.ini - --seconds 1 --quiet | "
            "sox -t wav - -n stat" % test_cli.PROGRAM, shell=True,
            cwd=self.folder, env=self.env, capture_output=True, text=True,
            check=True)
        self.assertRegex(done.stderr, r"Samples read: +96000")
        self.assertNotIn("WARN", done.stderr)

    def test_sound_comes_before_all_is_rendered(self):
        process = subprocess.Popen(
            [test_cli.PROGRAM, "render", "tone.ini", "-", "--seconds", "1e5"],
            cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.assertEqual(len(process.stdout.read(100000)), 100000)
        self.assertIsNone(process.poll())
        process.kill()
        process.stdout.close()
        process.wait()

    def test_statistics_go_to_standard_output_too(self):
        text = self.works("render", "tone.ini", "o.wav", "--stats", "-",
                          "--seconds", "0.1")
        self.assertIn('"frames": 4800', text)
        self.assertFalse(os.path.exists(self.path("-")))

    def test_flac_goes_into_a_pipe_of_that_name(self):
        os.mkfifo(self.path("pipe.flac"))
        self.works("render", "tone.ini", "o.flac", "--seconds", "0.1")
        reader = subprocess.Popen(["cat", "pipe.flac"], cwd=self.folder,
                                  stdout=subprocess.PIPE)
        self.works("render", "tone.ini", "pipe.flac", "--seconds", "0.1")
        self.assertEqual(reader.communicate()[0], self.read("o.flac"))

    def test_no_sound_goes_to_a_terminal(self):
        master, slave = pty.openpty()
        result = self.lattice("render", "tone.ini", "-", stdout=slave,
                              capture_output=False, stderr=subprocess.PIPE)
        os.close(slave)
        os.close(master)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"terminal", result.stderr)


class Says(Case):
    def test_one_line_when_it_is_done(self):
        result = self.lattice("render", "tone.ini", "o.wav", "--seconds", "2")
        self.assertEqual(result.stdout, b"")
        self.assertRegex(
            result.stderr.decode(),
            r"\Alattice: o\.wav: 2 s, \d+(\.\d+)? x real time, "
            r"peak -12\.0 dB\n\Z")

    def test_quiet_says_nothing(self):
        for session in ("tone.ini",
                        os.path.join(ROOT, "sessions/examples/keys.ini")):
            result = self.lattice("render", session, "o.wav", "--seconds",
                                  "1", "--quiet")
            self.assertEqual((result.stdout, result.stderr), (b"", b""))

    def test_silence_is_told_and_explained(self):
        mic = "[session]\nformat = 1\n[node mic]\ntype = audio_in\n" \
              "[node main]\ntype = audio_out\n[cables]\ncable = mic -> main\n"
        self.write("mic.ini", mic)
        self.write("empty.ini",
                   "[session]\nformat = 1\n[node main]\ntype = audio_out\n")
        for session, word in (
                (os.path.join(ROOT, "sessions/examples/keys.ini"), "keys"),
                ("mic.ini", "--input"), ("empty.ini", "reach")):
            with self.subTest(session=session):
                result = self.lattice("render", session, "o.wav",
                                      "--seconds", "1")
                self.assertEqual(result.returncode, 0)
                lines = result.stderr.decode().splitlines()
                self.assertEqual(len(lines), 2)
                self.assertIn("silent all through", lines[0])
                self.assertIn(word, lines[0])

    def test_progress_is_for_terminals(self):
        def on_terminal(*options):
            master, slave = pty.openpty()
            process = subprocess.Popen(
                [test_cli.PROGRAM, "render", "tone.ini", "o.wav",
                 "--seconds", "300", *options], cwd=self.folder,
                env=self.env, stdout=subprocess.DEVNULL, stderr=slave)
            os.close(slave)
            text = b""
            try:
                while True:
                    piece = os.read(master, 4096)
                    if not piece:
                        break
                    text += piece
            except OSError:
                pass  # the terminal of a process that has ended
            os.close(master)
            process.wait()
            return text.decode()
        text = on_terminal()
        self.assertTrue(re.search(r"\d+ %", text), text)
        self.assertIn("o.wav: 300 s", text)
        self.assertEqual(on_terminal("--quiet"), "")


if __name__ == "__main__":
    sys.exit(test_cli.main())
