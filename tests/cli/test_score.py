#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lattice render --score`: scores written here, and by sclang where it is
installed.

    python3 tests/cli/test_score.py [--build build/release] [options]
"""

import os
import resource
import shutil
import struct
import subprocess
import sys
import unittest

import test_cli
from test_cli import ROOT, TONE, Wav

sys.path.insert(0, os.path.join(ROOT, "scripts"))
from load_script import load_script  # noqa: E402

writer = load_script("supercollider")
RATE = 48000

SCLANG = """
Score.write([
    [0.0, [\\g_new, 1, 0, 0]],
    [0.0, ["/node/new", "constant", "a"],
        ["/node/new", "audio_out", "main", "limit", "off"],
        ["/connect", "a", "main"]],
    [0.25, ["/node/a/value", 0.5]],
    [0.5, ["/node/a/value", -0.25], ["/node/rename", "a", "b"]],
    [0.75, ["/node/b/value", 0.125]],
    [1.0, [\\c_set, 0, 0]]
], "%s");
0.exit;
"""


def score(*bundles):
    """Bundles: seconds and messages, tuples of an address and its values."""
    packets = [writer.bundle(seconds, [writer.message(*m) for m in messages])
               for seconds, *messages in bundles]
    return b"".join(struct.pack(">i", len(p)) + p for p in packets)


PATCH = (0, ("/node/new", "constant", "a"),
         ("/node/new", "audio_out", "main", "limit", "off"),
         ("/connect", "a", "main"))


class Case(test_cli.Case):
    def render(self, data, *args, code=0):
        with open(self.path("a.osc"), "wb") as file:
            file.write(data)
        result = self.lattice("render", "--score", "a.osc", *args, "out.wav")
        self.assertEqual(result.returncode, code, result.stderr)
        self.said = result.stderr.decode()
        if code:
            self.assertFalse(os.path.exists(self.path("out.wav")))
            return None
        with open(self.path("out.wav"), "rb") as file:
            return Wav(file.read())

    def steps(self, wav):
        x = wav.channels[0]
        return [(k, x[k]) for k in range(1, len(x)) if x[k] != x[k - 1]]


class Renders(Case):
    def test_at_exact_frames(self):
        frames = (1, 63, 64, 65, 1000, 1001, 24000, 47998)
        bundles = [(k / RATE, ("/node/a/value", float(n + 1)))
                   for n, k in enumerate(frames)]
        wav = self.render(score(PATCH, *bundles, (1, ("/c_set", 0, 0))))
        self.assertEqual(wav.n_frames, RATE)
        self.assertEqual(self.steps(wav),
                         [(k, float(n + 1)) for n, k in enumerate(frames)])

    def test_at_the_next_frame_where_it_is_half(self):
        tags = [(k * 2 + 1) / (2 * RATE) for k in (100, 2000)]
        # A float of half a frame is not exact: rounded down, it is before.
        wav = self.render(score(PATCH, (tags[0] + 2 ** -32,
                                        ("/node/a/value", 1.0)),
                                (tags[1] - 2 ** -31, ("/node/a/value", 2.0)),
                                (0.1,)))
        self.assertEqual([k for k, _ in self.steps(wav)], [101, 2000])

    def test_in_the_order_of_the_file(self):
        wav = self.render(score(PATCH, (0.5, ("/node/a/value", 0.3)),
                                (0.25, ("/node/a/value", 0.125)),
                                (0.5, ("/node/a/value", 0.75)), (1,)))
        self.assertEqual(self.steps(wav), [(12000, 0.125), (24000, 0.75)])

    def test_notes_to_the_end_of_their_length(self):
        keys = (0, ("/node/new", "midi_notes", "k"),
                ("/node/new", "audio_out", "main", "channels", 1, "limit",
                 "off", "signal", "cv"),
                ("/connect", "k/gate", "main"))
        # The second begins where the first ends, the third is cut short.
        wav = self.render(score(keys, (0.25, ("/note", "k", 60, 1.0, 0.25)),
                                (0.5, ("/note", "k", 62, 1.0, 0.125)),
                                (0.75, ("/note", "k", 60, 1.0, 9.0)),
                                (0.875, ("/note", "k", 60, 0.0)), (1,)))
        self.assertEqual(self.steps(wav),
                         [(12000, 1), (24000, 0), (24001, 1), (30000, 0),
                          (36000, 1), (42000, 0)])

    def test_until_seconds(self):
        wav = self.render(score(PATCH, (9, ("/panic",))), "--seconds", "0.5")
        self.assertEqual(wav.n_frames, RATE / 2)

    def test_what_is_for_its_end(self):
        self.render(score(PATCH, (1, ("/session/save", "last"))),
                    "--session-dir", self.path("."))
        self.assertTrue(os.path.exists(self.path("last.ini")))
        os.remove(self.path("out.wav"))
        self.render(score(PATCH, (1, ("/node/nope/freq", 1.0))), code=1)
        self.assertIn("bundle 2 at 1.0", self.said)

    def test_on_top_of_a_session(self):
        self.write("tone.ini", TONE)
        wav = self.render(score((0.5, ("/node/free", "tone")), (1,)),
                          "tone.ini")
        self.assertEqual(wav.n_channels, 2)
        self.assertGreater(max(wav.channels[0][:24000]), 0.2)
        self.assertEqual(max(wav.channels[0][24300:]), 0)

    def test_from_standard_input(self):
        data = score(PATCH, (0.5, ("/node/a/value", 0.5)), (1,))
        out = self.lattice("render", "--score", "-", "out.wav", stdin=None,
                           input=data)
        self.assertEqual(out.returncode, 0, out.stderr)
        with open(self.path("out.wav"), "rb") as file:
            first = file.read()
        self.render(data)
        with open(self.path("out.wav"), "rb") as file:
            self.assertEqual(file.read(), first)

    def test_silence_before_the_first_audio_out(self):
        wav = self.render(score((0, ("/node/new", "constant", "a", "value",
                                     0.5)),
                                (0.3, *PATCH[2:]), (1,)))
        self.assertEqual(wav.n_frames, RATE)
        self.assertEqual(max(wav.channels[0][:14400]), 0)
        self.assertEqual(wav.channels[0][20000], 0.5)

    def test_sessions_one_after_the_other(self):
        other = TONE.replace("node main", "node out").replace("> main",
                                                              "> out")
        wav = self.render(score((0, ("/session/text", TONE.encode())),
                                (0.5, ("/session/text", other.encode())),
                                (1,)))
        self.assertEqual(wav.n_channels, 2)
        self.assertGreater(max(wav.channels[1][30000:]), 0.2)
        self.assertIn("is added to them", self.said)

    def test_midi(self):
        wav = self.render(score(
            (0, ("/node/new", "midi_notes", "keys"),
             ("/node/new", "audio_out", "main", "limit", "off"),
             ("/connect", "keys/gate", "main")),
            (0.25, ("/midi", "midi_in", b"\x90\x3c\x40")),
            (0.5, ("/midi", "midi_in", b"\x80\x3c\x40")), (1,)))
        self.assertEqual([k for k, _ in self.steps(wav)], [12000, 24000])


class Refuses(Case):
    def test_bundles_that_fail_and_tells_all_of_them(self):
        self.render(score(PATCH, (0.5, ("/node/b/value", 1.0)),
                          (0.75, ("/node/a/valeu", 1.0)), (0.8, ("/quit",)),
                          (0.9, ("/session/new",), ("/panic",)), (1,)), code=1)
        for part in ("a.osc: bundle 2 at 0.500000 s: /node/b/value: no node",
                     "bundle 3 at 0.750000 s: /node/a/valeu: constant has no",
                     "bundle 4 at 0.800000 s: /quit:", "bundle 5 at 0.9"):
            self.assertIn(part, self.said)

    def test_what_is_not_a_number(self):
        nan = float("nan")
        self.render(score(PATCH, (0.5, ("/node/a/value", nan)), (1,)), code=1)
        self.assertIn("not a finite number", self.said)

    def test_files_that_are_no_scores(self):
        good = score(PATCH, (1,))
        for data, part in ((b"", "is empty"), (TONE.encode(), "length of"),
                           (good[:-3], "cut short"),
                           (good[:30], "cut short"),
                           (b"\x7f\xff\xff\xfc" + good, "cut short"),
                           (b"\xff\xff\xff\xfc" + good, "length of"),
                           (score((4e9, ("/panic",))), "count from 0"),
                           (score(PATCH), "--seconds")):
            self.render(data, code=1)
            self.assertIn(part, self.said)
            self.assertIn("a.osc", self.said)

    def test_one_that_is_not_there(self):
        line = self.fails(1, "render", "--score", "no.osc", "out.wav")
        self.assertIn("no.osc", line)
        line = self.fails(2, "render", "out.wav")
        self.assertIn("needs a session", line)

    def test_writing_over_it(self):
        self.write("out.wav", "x")
        with open(self.path("out.wav"), "wb") as file:
            file.write(score(PATCH, (1,)))
        line = self.fails(2, "render", "--score", "out.wav", "out.wav")
        self.assertIn("the score", line)


    def test_saving_over_what_it_reads(self):
        tone = self.write("tone.ini", TONE)
        save = score((0, ("/session/save", "tone", "overwrite")), (0.5,))
        for args in (("tone.ini",), ()):
            with self.subTest(args=args):
                if not args:
                    os.symlink("a.osc", self.path("link.ini"))
                    save = score((0, ("/session/save", "link", "overwrite")),
                                 *[(0, m) for m in PATCH[1:]], (0.5,))
                self.render(save, *args, "--session-dir", self.path("."),
                            code=1)
                self.assertIn("/session/save", self.said)
                with open(self.path("a.osc"), "rb") as file:
                    self.assertEqual(file.read(), save)
        self.render(score((0, ("/session/load", "tone")),
                          (0.2, ("/session/save",)), (0.5,)),
                    "--session-dir", self.path("."), code=1)
        self.assertIn("only read", self.said)
        with open(self.path("tone.ini"), encoding="utf-8") as file:
            self.assertEqual(file.read(), TONE)

    def test_a_full_disk(self):
        with open(self.path("a.osc"), "wb") as file:
            file.write(score(
                (*PATCH, *[("/node/new", "sine", f"n{i}") for i in range(200)]),
                (0.0001, ("/session/save", "x")), (0.001,)))

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        line = self.fails(3, "render", "--score", "a.osc", "--session-dir",
                          self.path("."), "out.wav", preexec_fn=limit)
        self.assertIn("make room", line)
        self.assertIn("x.ini", line)


@unittest.skipUnless(shutil.which("sclang"), "sclang is not installed")
class Sclang(Case):
    def test_writes_a_score_that_renders(self):
        self.write("write.scd", SCLANG % self.path("sc.osc"))
        os.makedirs(self.path("home"))
        subprocess.run(
            ["sclang", self.path("write.scd")], stdin=subprocess.DEVNULL,
            timeout=120, check=False, capture_output=True,
            env={**os.environ, "HOME": self.path("home"),
                 "QT_QPA_PLATFORM": "offscreen",
                 "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
                 "QTWEBENGINE_DISABLE_SANDBOX": "1"})
        with open(self.path("sc.osc"), "rb") as file:
            wav = self.render(file.read())
        self.assertEqual(wav.n_frames, RATE)
        self.assertEqual(self.steps(wav),
                         [(12000, 0.5), (24000, -0.25), (36000, 0.125)])
        self.assertIn("left out 2 commands", self.said)


if __name__ == "__main__":
    sys.exit(test_cli.main())
