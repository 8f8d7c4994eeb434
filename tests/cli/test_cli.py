#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that need no JACK server: command line, check, nodes, graph and
render, run as a user runs them.

    python3 tests/cli/test_cli.py [--build build/release] [unittest options]
"""

import argparse
import array
import json
import math
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, "build/release/lattice")
COMMANDS = ["run", "render", "check", "nodes", "graph"]

TONE = """[session]
format = 1

[node tone]
type = sine
freq = 441

[node main]
type = audio_out
channels = 2

[cables]
cable = tone -> main * 0.25
"""

# The same from a lattice of tomorrow.
NEWER = TONE.replace("format = 1", "format = 1\nmade_by = lattice 99.0") \
    .replace("freq = 441", "freq = 441\nshape = 2") + \
    """cable = tone -> grains
cable = grains -> main/level * 3

[node grains]
type = granular

[video]
eye = 1
"""

# Something of everything: modulation, a loop, noise, an envelope.
RICH = """[session]
format = 1

[node lfo]
type = sine
freq = 3.7

[node voice]
type = saw
freq = 110

[node hiss]
type = noise

[node filter]
type = lowpass
cutoff = 800
q = 2

[node env]
type = adsr
gate = 1

[node amp]
type = gain

[node echo]
type = onepole
cutoff = 3000

[node main]
type = audio_out
channels = 2
level = 0.5

[cables]
cable = voice -> filter
cable = hiss -> filter * 0.1
cable = lfo -> filter/cutoff * 600
cable = filter -> amp
cable = env -> amp/cv
cable = amp -> echo
cable = echo -> amp * 0.4 feedback
cable = amp -> main/in_1
cable = echo -> main/in_2
"""


def many_voices():
    """A graph with work for several threads."""
    nodes, cables = [], []
    for i in range(300):
        nodes.append("""[node saw%d]
type = saw
freq = %g
[node low%d]
type = lowpass
cutoff = 900
q = 3
[node lfo%d]
type = sine
freq = %g
""" % (i, 50 + 7.1 * i, i, i, 0.1 + 0.03 * i))
        cables.append("cable = saw%d -> low%d\n"
                      "cable = lfo%d -> low%d/cutoff * 500\n"
                      "cable = low%d -> main/in_%d * 0.003\n" % (
                          i, i, i, i, i, i % 2 + 1))
    return ("[session]\nformat = 1\n" + "".join(nodes) +
            "[node main]\ntype = audio_out\n[cables]\n" + "".join(cables))


class Wav:
    """The samples of a 32-bit float WAV file, channel by channel."""

    def __init__(self, data):
        assert data[:4] == b"RIFF" and data[8:12] == b"WAVE", data[:12]
        at, samples = 12, None
        while at + 8 <= len(data):
            name, size = struct.unpack_from("<4sI", data, at)
            if name == b"fmt ":
                (self.tag, self.n_channels, self.rate, _, _,
                 self.bits) = struct.unpack_from("<HHIIHH", data, at + 8)
            elif name == b"data":
                samples = array.array("f", data[at + 8:at + 8 + size])
            at += 8 + size + (size & 1)
        if sys.byteorder == "big":
            samples.byteswap()
        self.channels = [samples[c::self.n_channels]
                         for c in range(self.n_channels)]
        self.n_frames = len(samples) // self.n_channels


def write_wav(path, channels, rate):
    samples = array.array("f")
    for frame in zip(*channels):
        samples.extend(frame)
    if sys.byteorder == "big":
        samples.byteswap()
    n = len(channels)
    data = samples.tobytes()
    with open(path, "wb") as file:
        file.write(struct.pack(
            "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ",
            16, 3, n, rate, rate * n * 4, n * 4, 32, b"data", len(data)))
        file.write(data)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lattice-cli.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.env = dict(os.environ, XDG_DATA_HOME=self.path("data"),
                        XDG_STATE_HOME=self.path("state"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return name

    def lattice(self, *args, **options):
        options = {"cwd": self.folder, "env": self.env, "timeout": 120,
                   "stdin": subprocess.DEVNULL, "capture_output": True,
                   **options}
        return subprocess.run([PROGRAM, *args], **options)

    def fails(self, code, *args, **options):
        """Run it, see it fail in one line, and return that line."""
        result = self.lattice(*args, **options)
        lines = result.stderr.decode().splitlines()
        self.assertEqual(result.returncode, code, (args, lines))
        self.assertEqual(len(lines), 1, (args, lines))
        self.assertFalse(result.stdout, args)
        return lines[0]

    def works(self, *args, **options):
        result = self.lattice(*args, **options)
        self.assertEqual(result.returncode, 0, (args, result.stderr))
        return result.stdout.decode()


class CommandLine(Case):
    def test_prints_its_version(self):
        self.assertRegex(self.works("--version"), r"\Alattice \d+\.\d+\.\d+\n")
        for command in COMMANDS:
            self.assertIn("lattice ", self.works(command, "--version"))

    def test_prints_help_for_each_command(self):
        text = self.works("--help")
        for command in COMMANDS:
            self.assertIn("\n  %s " % command, text)
            own = self.works(command, "--help")
            self.assertTrue(own.startswith("Usage: lattice %s" % command))
            for line in (text + own).splitlines():
                self.assertLess(len(line), 80, line)

    def test_the_manual_page_has_every_option(self):
        with open(os.path.join(ROOT, "docs/man/lattice.1")) as file:
            manual = file.read()
        for command in COMMANDS:
            for option in re.findall(r"^  --([a-z-]+)",
                                     self.works(command, "--help"), re.M):
                self.assertIn(".It Fl Fl %s" % option, manual)

    def test_refuses_what_it_does_not_know(self):
        for args in [["rendr", "a", "b"], ["run", "--blok", "3"],
                     ["run", "-x"], ["run", "a", "b"], ["render", "a"],
                     ["render"], ["check"], ["graph"], ["nodes", "a", "b"],
                     ["run", "--block"], ["run", "--quiet=yes"],
                     ["run", "--seconds", "3"], ["--block", "64", "render"],
                     ["render", "a", "b", "c"], ["run", "--quiet",
                                                 "--verbose"],
                     ["graph", "--dot", "--json", "s"],
                     ["run", "--empty", "s.ini"]]:
            with self.subTest(args=args):
                line = self.fails(2, *args)
                self.assertTrue(line.startswith("lattice: "), line)

    def test_names_the_nearest_match(self):
        self.assertIn("'render'", self.fails(2, "rendr", "a", "b"))
        self.assertIn("--block", self.fails(2, "run", "--blok", "3"))
        self.assertIn("lattice render", self.fails(2, "run", "--seconds", "1"))

    def test_checks_limits(self):
        for option, values in {
                "--block": ["0", "4097", "-1", "1.5", "x", "0x40"],
                "--rate": ["7999", "768001", "x", ""],
                "--seconds": ["0", "-1", "nan", "inf", "1e99", "1,5"],
                "--workers": ["0", "-2", "two", "100000"],
                "--isa": ["mmx", ""],
        }.items():
            for value in values:
                with self.subTest(option=option, value=value):
                    self.assertIn(option, self.fails(
                        2, "render", "s.ini", "o.wav", option, value))
        for option, values in {
                "--osc-port": ["-1", "65536", "x"],
                "--remote": ["no", "Play", ""],
                "--jack-name": [""],
        }.items():
            for value in values:
                with self.subTest(option=option, value=value):
                    self.assertIn(option, self.fails(2, "run", option, value))

    def test_checks_lists_of_processors(self):
        for value in ["", "x", "0-", "1-0", "0,", "-1", "99999"]:
            with self.subTest(value=value):
                self.assertIn("processors", self.fails(
                    2, "render", "s.ini", "o.wav", "--pin", value))
        self.assertIn("--pin", self.fails(
            2, "render", "s.ini", "o.wav", "--workers", "2", "--pin",
            str(min(os.sched_getaffinity(0)))))

    def test_a_node_alone_says_what_is_wrong(self):
        """What of lattice-node needs no JACK server."""
        def node(*args):
            done = subprocess.run([PROGRAM + "-node", *args],
                                  capture_output=True, text=True, timeout=60,
                                  check=False, env=self.env)
            return done.returncode, done.stdout + done.stderr
        for args, words in (([], "needs a type and a name"),
                            (["sine"], "needs a type and a name"),
                            (["--seconds", "1"], "of 'lattice render'"),
                            (["--block", "0", "sine", "x"], "--block takes"),
                            (["--conect", "sine", "x"], "--connect")):
            with self.subTest(args=args):
                code, text = node(*args)
                self.assertEqual(code, 2)
                self.assertIn(words, text)
        code, text = node("--help")
        self.assertEqual(code, 0)
        self.assertIn("lattice-node [OPTION]... TYPE NAME", text)
        code, text = node("--version")
        self.assertEqual(code, 0)

    def test_send_says_that_nobody_is_there(self):
        # Port 9 is discard, to which nobody listens.
        for how in [[], ["--tcp"]]:
            line = self.fails(3, "send", "--osc-port", "9", *how, "/ping")
            self.assertIn("does it run there", line)
        self.assertIn("does it run there",
                      self.fails(3, "watch", "--osc-port", "9"))
        self.assertIn("does it run there",
                      self.fails(3, "top", "--osc-port", "9", "--once"))
        self.assertIn("is no path", self.fails(1, "send", "ping"))
        self.assertIn("needs a path", self.fails(2, "send"))

    def test_says_what_comes_later(self):
        self.assertIn("later release", self.fails(2, "layout", "s.ini"))

    def test_says_when_nobody_can_read_it(self):
        for args in [["--help"], ["nodes"], ["nodes", "--json"]]:
            with self.subTest(args=args), open("/dev/full", "w") as full:
                result = self.lattice(*args, capture_output=False, stdout=full,
                                      stderr=subprocess.PIPE)
                self.assertEqual(result.returncode, 3)
                self.assertIn(b"No space left", result.stderr)


class Run(Case):
    """What can be seen without a JACK server."""

    def setUp(self):
        super().setUp()
        self.env.update(JACK_DEFAULT_SERVER="lattice-test-nobody",
                        JACK_NO_START_SERVER="1")

    def test_says_that_there_is_no_server(self):
        line = self.fails(3, "run", "--empty")
        self.assertIn("jackd", line)
        self.assertEqual(self.fails(3), line)

    def test_says_what_is_wrong_with_a_session_first(self):
        self.write("s.ini", TONE.replace("sine", "sien"))
        self.assertIn("s.ini:5: ", self.fails(1, "run", "s.ini"))
        self.assertIn("nothing", self.fails(1, "run", "nothing"))


class Nodes(Case):
    def types(self):
        return json.loads(self.works("nodes", "--json"))

    def test_lists_the_types(self):
        names = [line.split()[0] for line in self.works("nodes").splitlines()]
        self.assertEqual(names, [t["name"] for t in self.types()])
        for name in ["sine", "lowpass", "adsr", "gain", "audio_out"]:
            self.assertIn(name, names)

    def test_describes_each_type_in_full(self):
        for type_ in self.types():
            with self.subTest(type=type_["name"]):
                self.assertTrue(type_["doc"])
                text = self.works("nodes", type_["name"])
                one = json.loads(self.works("nodes", "--json", type_["name"]))
                self.assertEqual(one, type_)
                for port in type_["inputs"] + type_["outputs"]:
                    self.assertTrue(port["doc"], port["name"])
                    self.assertIn(port["name"], text)
                for setting in type_["settings"]:
                    self.assertTrue(setting["doc"], setting["name"])
                    self.assertIn(setting["name"], text)

    def test_ranges_make_sense(self):
        for type_ in self.types():
            for port in type_["inputs"]:
                with self.subTest(type=type_["name"], port=port["name"]):
                    self.assertLess(port["min"], port["max"])
                    self.assertLess(port["low"], port["high"])
                    for key in ("low", "high", "default"):
                        self.assertGreaterEqual(port[key], port["min"])
                        self.assertLessEqual(port[key], port["max"])
                    if port["curve"] == "exp":
                        self.assertGreater(port["low"] * port["high"], 0)

    def test_tells_the_words_of_settings(self):
        for type_ in self.types():
            text = self.works("nodes", type_["name"])
            words = {s["name"]: s["words"] for s in type_["settings"]}
            for word in sum(words.values(), []):
                self.assertIn(word, text)
            if type_["name"] == "audio_out":
                self.assertEqual(words["limit"], ["off"])
                self.assertNotIn("process", words)
            if type_["name"] == "sine":
                self.assertEqual(words["process"], ["engine", "own"])

    def test_names_the_nearest_type(self):
        self.assertIn("'lowpass'", self.fails(1, "nodes", "lowpas"))

    def test_the_reference_is_up_to_date(self):
        with open(os.path.join(ROOT, "docs/nodes.md")) as file:
            self.assertEqual(
                file.read(), self.works("nodes", "--markdown"),
                "run: build/release/lattice nodes --markdown > docs/nodes.md")


class Check(Case):
    def test_says_that_a_session_is_fine(self):
        self.write("s.ini", RICH)
        self.assertEqual(self.works("check", "s.ini"),
                         "s.ini: fine, 8 nodes, 9 cables\n")
        self.assertEqual(self.works("check", "--quiet", "s.ini"), "")

    def test_finds_sessions_by_name(self):
        os.makedirs(self.path("data/lattice/sessions"))
        self.write("data/lattice/sessions/tune.ini", TONE)
        self.assertIn("fine", self.works("check", "tune"))
        os.makedirs(self.path("mine"))
        self.write("mine/other.ini", TONE)
        self.assertIn("fine", self.works("check", "other", "--session-dir",
                                         "mine"))

    def test_the_examples_are_fine(self):
        folder = os.path.join(ROOT, "sessions/examples")
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith(".ini"):
                with self.subTest(name=name):
                    self.works("check", os.path.join(folder, name))

    def test_says_file_line_and_what_is_wrong(self):
        for line, wrong, right, hint in [
                (2, "format = 1", "format = x", ""),
                (5, "type = sine", "type = sien", "sine"),
                (6, "freq = 441", "frequ = 441", "freq"),
                (6, "freq = 441", "freq = high", ""),
                (6, "freq = 441", "freq = 1e9", ""),
                (10, "channels = 2", "channels = 65", ""),
                (13, "tone -> main", "ton -> main", "tone"),
                (13, "tone -> main", "tone -> main/in_3", ""),
                (13, "* 0.25", "* loud", ""),
        ]:
            with self.subTest(line=right):
                self.write("s.ini", TONE.replace(wrong, right))
                message = self.fails(1, "check", "s.ini")
                self.assertTrue(message.startswith("s.ini:%d: " % line),
                                message)
                self.assertIn(hint, message)

    def test_warns_of_what_only_a_newer_lattice_knows(self):
        self.write("s.ini", NEWER)
        result = self.lattice("check", "s.ini")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, b"s.ini: fine, 3 nodes, 4 cables\n")
        lines = result.stderr.decode().splitlines()
        self.assertEqual([line.split(": ")[0] for line in lines],
                         ["s.ini:1", "s.ini:8", "s.ini:20", "s.ini:22"])
        for word, line in zip(["newer", "shape", "granular", "video"], lines):
            self.assertIn(word, line)

    def test_spells_out_a_cycle(self):
        text = RICH.replace(" feedback", "")
        self.write("s.ini", text)
        line = text.splitlines().index("cable = echo -> amp * 0.4") + 1
        message = self.fails(1, "check", "s.ini")
        self.assertTrue(message.startswith("s.ini:%d: " % line), message)
        self.assertRegex(message, r"(amp -> echo -> amp|echo -> amp -> echo)")

    def test_says_what_is_not_there(self):
        self.assertIn("nothing.ini", self.fails(1, "check", "nothing.ini"))
        self.fails(1, "check", "/dev/null/x.ini")
        self.fails(1, "check", "./")


class Graph(Case):
    def setUp(self):
        super().setUp()
        self.write("s.ini", RICH)

    def test_prints_the_plan(self):
        text = self.works("graph", "s.ini")
        for node in ["lfo", "voice", "filter", "main"]:
            self.assertIn(node, text)

    def test_prints_json(self):
        plan = json.loads(self.works("graph", "--json", "s.ini"))
        self.assertEqual(plan["nodes"], 8)
        self.assertEqual(plan["cables"], 9)
        batch = {node["name"]: i for i, nodes in enumerate(plan["batches"])
                 for node in nodes}
        self.assertLess(batch["filter"], batch["amp"])
        self.assertGreater(plan["compile_us"], -1)

    def test_prints_voices_as_one(self):
        self.write("poly.ini", "[session]\nformat = 1\n"
                   "[node keys]\ntype = midi_notes\npoly = 8\n"
                   "[node lead]\ntype = saw\npoly = 8\n"
                   "[node main]\ntype = audio_out\n[cables]\n"
                   "cable = keys/pitch -> lead/pitch\ncable = lead -> main\n")
        text = self.works("graph", "poly.ini")
        self.assertIn("batch 0: keys x8\nbatch 1: lead x8\nbatch 2: main\n",
                      text)
        plan = json.loads(self.works("graph", "--json", "poly.ini"))
        self.assertEqual([(n["name"], n["poly"]) for nodes in plan["batches"]
                          for n in nodes],
                         [("keys", 8), ("lead", 8), ("main", 1)])
        dot = self.works("graph", "--dot", "poly.ini")
        self.assertIn('"lead" [label="lead x8\\nsaw"];', dot)

    def test_prints_dot(self):
        text = self.works("graph", "--dot", "s.ini")
        self.assertTrue(text.startswith("digraph"))
        self.assertIn('"lfo"', text)
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg"], input=text.encode(), check=True,
                           stdout=subprocess.DEVNULL)


class Render(Case):
    def setUp(self):
        super().setUp()
        self.write("tone.ini", TONE)
        self.write("rich.ini", RICH)

    def render(self, session, *options, out="out.wav"):
        self.works("render", session, out, *options)
        with open(self.path(out), "rb") as file:
            return file.read()

    def leftovers(self):
        return [name for name in os.listdir(self.folder)
                if name not in ("tone.ini", "rich.ini")]

    def test_writes_float_wav(self):
        wav = Wav(self.render("tone.ini", "--seconds", "1"))
        self.assertEqual((wav.tag, wav.bits), (3, 32))
        self.assertEqual((wav.n_channels, wav.rate, wav.n_frames),
                         (2, 48000, 48000))
        self.assertEqual(wav.channels[0], wav.channels[1])
        for frame, sample in enumerate(wav.channels[0]):
            wanted = 0.25 * math.sin(2 * math.pi * 441 * frame / 48000)
            self.assertAlmostEqual(sample, wanted, delta=1e-5)

    def test_leaves_silent_what_only_a_newer_lattice_knows(self):
        self.write("newer.ini", NEWER)
        self.assertEqual(self.render("newer.ini", "--seconds", "1"),
                         self.render("tone.ini", "--seconds", "1"))

    def test_writes_ten_seconds_unless_told(self):
        self.assertEqual(Wav(self.render("tone.ini")).n_frames, 480000)

    def test_rounds_to_frames(self):
        for seconds, n_frames in [("0.5001", 24005), ("1e-9", 1),
                                  ("0.00003", 1), ("2.5e-1", 12000)]:
            wav = Wav(self.render("tone.ini", "--seconds", seconds))
            self.assertEqual(wav.n_frames, n_frames)
        wav = Wav(self.render("tone.ini", "--seconds", "1", "--rate", "8000"))
        self.assertEqual((wav.n_frames, wav.rate), (8000, 8000))

    def test_takes_all_audio_outs_in_file_order(self):
        self.write("s.ini", """[session]
format = 1
[node z]
type = audio_out
channels = 1
[node one]
type = constant
value = 0.1
[node two]
type = constant
value = 0.2
[node three]
type = constant
value = 0.3
[node a]
type = audio_out
channels = 2
[cables]
cable = three -> a/in_2
cable = two -> a/in_1
cable = one -> z
""")
        wav = Wav(self.render("s.ini", "--seconds", "0.1"))
        self.assertEqual(wav.n_channels, 3)
        for channel, value in zip(wav.channels, (0.1, 0.2, 0.3)):
            self.assertAlmostEqual(channel[4000], value, places=6)

    def test_gives_the_same_bytes_again(self):
        first = self.render("rich.ini", "--seconds", "3")
        time.sleep(1.1)  # a file that knew the time would differ
        self.assertEqual(first, self.render("rich.ini", "--seconds", "3"))

    def test_gives_the_same_bytes_at_any_period(self):
        wanted = self.render("rich.ini", "--seconds", "1")
        for period in ["1", "17", "64", "100", "1024", "48001"]:
            with self.subTest(period=period):
                self.assertTrue(wanted == self.render(
                    "rich.ini", "--seconds", "1", "--period", period))

    def test_gives_the_same_bytes_with_any_instruction_set(self):
        wanted = self.render("rich.ini", "--seconds", "1")
        told = b"no fused multiply-add"
        for isa in ["baseline", "avx2", "avx512", "neon"]:
            result = self.lattice("render", "rich.ini", "isa.wav", "--seconds",
                                  "1", "--isa", isa)
            if result.returncode:
                continue
            with self.subTest(isa=isa), \
                    open(self.path("isa.wav"), "rb") as file:
                if told in result.stderr:  # last bits of its own
                    self.assertEqual(result.stderr.count(told), 1)
                    self.assertEqual(isa, "baseline")
                else:
                    self.assertTrue(wanted == file.read())

    def test_gives_the_same_bytes_with_any_number_of_workers(self):
        self.write("s.ini", many_voices())
        wanted = self.render("s.ini", "--seconds", "1", "--workers", "1")
        for workers in ["2", "3", "4"]:
            with self.subTest(workers=workers):
                self.assertTrue(wanted == self.render(
                    "s.ini", "--seconds", "1", "--workers", workers))
        cpu = str(min(os.sched_getaffinity(0)))
        self.assertTrue(wanted == self.render(
            "s.ini", "--seconds", "1", "--pin", cpu))

    def test_gives_the_same_bytes_at_any_block_without_feedback(self):
        self.write("s.ini", re.sub(r".* feedback\n", "", RICH))
        wanted = self.render("s.ini", "--seconds", "1")
        for block in ["1", "16", "63", "512", "4096"]:
            with self.subTest(block=block):
                self.assertTrue(wanted == self.render(
                    "s.ini", "--seconds", "1", "--block", block))

    def stats(self, *args):
        self.works("render", *args, "out.wav", "--stats", "stats.json")
        with open(self.path("stats.json")) as file:
            return json.load(file)

    def test_writes_statistics(self):
        stats = self.stats("tone.ini", "--seconds", "1", "--workers", "1")
        self.assertEqual(set(stats), {
            "frames", "rate", "block", "workers", "isa", "nodes", "cables",
            "batches", "chunks", "buffers", "wall_s", "cpu_s", "block_ns",
            "peak", "rms"})
        self.assertEqual(set(stats["block_ns"]), {"p50", "p99", "max"})
        self.assertEqual((stats["frames"], stats["rate"], stats["block"],
                          stats["workers"], stats["nodes"], stats["cables"]),
                         (48000, 48000, 64, 1, 2, 2))
        self.assertGreater(stats["wall_s"], 0)
        self.assertGreater(stats["cpu_s"], 0)
        self.assertLess(stats["cpu_s"], 10)
        block = stats["block_ns"]
        self.assertLessEqual(block["p50"], block["p99"])
        self.assertLessEqual(block["p99"], block["max"])
        self.assertLessEqual(1e-9 * 375 * block["p50"], stats["wall_s"])
        for peak, rms in zip(stats["peak"], stats["rms"]):
            self.assertAlmostEqual(peak, 0.25, places=4)
            self.assertAlmostEqual(rms, 0.25 / math.sqrt(2), places=4)
        self.assertEqual(len(stats["peak"]), 2)

    def test_works_with_one_thread_per_core_unless_told(self):
        stats = self.stats("tone.ini", "--seconds", "0.1")
        self.assertGreaterEqual(stats["workers"], 1)
        self.assertLessEqual(stats["workers"], len(os.sched_getaffinity(0)))
        stats = self.stats("tone.ini", "--seconds", "0.1", "--workers", "3")
        self.assertEqual(stats["workers"], 3)

    def test_takes_the_block_of_the_session_unless_told(self):
        self.write("s.ini", TONE.replace("format = 1",
                                         "format = 1\nblock = 256"))
        self.assertEqual(self.stats("s.ini", "--seconds", "0.1")["block"], 256)
        self.assertEqual(self.stats("s.ini", "--seconds", "0.1", "--block",
                                    "32")["block"], 32)

    def feed(self, n_channels=2):
        self.write("in.ini", """[session]
format = 1
[node mic]
type = audio_in
channels = %d
[node main]
type = audio_out
channels = %d
limit = off
[cables]
%s
""" % (n_channels, n_channels, "\n".join(
            "cable = mic/out_%d -> main/in_%d" % (c, c)
            for c in range(1, n_channels + 1))))
        return "in.ini"

    def test_feeds_audio_in(self):
        n = 12345
        left = array.array("f", (0.9 * math.sin(f * f * 1e-5)
                                 for f in range(n)))
        right = array.array("f", (math.cos(f) for f in range(n)))
        write_wav(self.path("feed.wav"), [left, right], 48000)
        wav = Wav(self.render(self.feed(), "--input", "feed.wav", "--seconds",
                              "0.5"))
        self.assertTrue(wav.channels[0][:n] == left)
        self.assertTrue(wav.channels[1][:n] == right)
        for channel in wav.channels:
            self.assertFalse(any(channel[n:]))

    def test_feeds_channels_in_order(self):
        write_wav(self.path("feed.wav"), [[0.5] * 48000], 48000)
        result = self.lattice("render", self.feed(3), "out.wav", "--input",
                              "feed.wav", "--seconds", "0.5")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"in order", result.stderr)
        with open(self.path("out.wav"), "rb") as file:
            wav = Wav(file.read())
        self.assertTrue(all(x == 0.5 for x in wav.channels[0]))
        self.assertFalse(any(wav.channels[1]) or any(wav.channels[2]))

    def test_resamples_what_it_feeds(self):
        feed = [0.5 * math.sin(2 * math.pi * 1000 * f / 44100)
                for f in range(44100)]
        write_wav(self.path("feed.wav"), [feed, feed], 44100)
        one = self.render(self.feed(), "--input", "feed.wav", "--seconds", "1")
        wav = Wav(one)
        for frame in range(2000, 46000):
            wanted = 0.5 * math.sin(2 * math.pi * 1000 * frame / 48000)
            self.assertAlmostEqual(wav.channels[0][frame], wanted, delta=1e-4)
        two = self.render(self.feed(), "--input", "feed.wav", "--seconds", "1",
                          "--period", "777")
        self.assertTrue(one == two)

    def test_refuses_a_feed_that_is_no_sound(self):
        self.assertIn("--input", self.fails(
            1, "render", "tone.ini", "o.wav", "--input", "tone.ini"))
        self.assertIn("no.wav", self.fails(
            1, "render", "tone.ini", "o.wav", "--input", "no.wav"))
        self.assertEqual(self.leftovers(), [])

    def test_says_when_there_is_nothing_to_render(self):
        self.write("s.ini", "[session]\nformat = 1\n")
        self.assertIn("audio_out", self.fails(1, "render", "s.ini", "o.wav"))

    def test_leaves_nothing_of_what_fails(self):
        self.fails(1, "render", "nothing.ini", "o.wav")
        self.assertIn("folder", self.fails(3, "render", "tone.ini",
                                           "no/o.wav"))
        self.fails(3, "render", "tone.ini", ".")
        self.fails(3, "render", "tone.ini", "/dev/full")
        self.assertEqual(self.leftovers(), [])

    def test_keeps_the_old_file_when_the_disk_is_full(self):
        old = self.render("tone.ini", "--seconds", "0.1", out="o.wav")

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
        line = self.fails(3, "render", "tone.ini", "o.wav", preexec_fn=limit)
        self.assertIn("make room", line)
        with open(self.path("o.wav"), "rb") as file:
            self.assertEqual(file.read(), old)
        self.assertEqual(self.leftovers(), ["o.wav"])

    def test_says_when_statistics_cannot_be_written(self):
        self.fails(3, "render", "tone.ini", "o.wav", "--stats", "no/s.json")
        self.fails(3, "render", "tone.ini", "o.wav", "--stats", "/dev/full")

    def test_writes_through_links_and_into_pipes(self):
        wanted = self.render("tone.ini", "--seconds", "1", out="o.wav")
        os.symlink("o.wav", self.path("link.wav"))
        other = self.render("tone.ini", "--seconds", "2", out="link.wav")
        self.assertTrue(os.path.islink(self.path("link.wav")))
        self.assertNotEqual(wanted, other)
        result = self.lattice("render", "tone.ini", "/dev/stdout",
                              "--seconds", "1")
        self.assertTrue(result.stdout == wanted)
        self.works("render", "tone.ini", "/dev/null")

    def test_leaves_nothing_when_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen(
                [PROGRAM, "render", "rich.ini", "o.wav", "--seconds", "1e6"],
                cwd=self.folder, env=self.env, stderr=subprocess.DEVNULL)
            end = time.monotonic() + 30
            while not self.leftovers() and time.monotonic() < end:
                time.sleep(0.05)
            for harmless in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
                             signal.SIGPIPE):
                process.send_signal(harmless)
                time.sleep(0.02)
            self.assertIsNone(process.poll())
            process.send_signal(number)
            self.assertEqual(process.wait(30), -number)
            self.assertEqual(self.leftovers(), [])


def main(build="build/release"):
    """Run the tests of the script that was started."""
    global PROGRAM
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--build", default=os.path.join(ROOT, build))
    args, rest = parser.parse_known_args()
    PROGRAM = os.path.abspath(os.path.join(args.build, "lattice"))
    if not os.path.exists(PROGRAM):
        print("%s is not built" % PROGRAM)
        return 77
    unittest.main(argv=[sys.argv[0]] + rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
