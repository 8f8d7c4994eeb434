# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal renders to the bits that were played.

lattice plays with --journal while values, glides, nodes, names, cables, tempo,
bypasses, notes and sessions change at random, by messages, by bundles with and
without a time tag, and by MIDI.  JACK records it, and the journal's rendering
is compared with the recording, bit by bit.
"""

import os
import random
import signal
import struct
import subprocess
import threading
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy
from journals import compare, render
from osc_client import Arg, ntp

harness.number("seconds", 10, "how long it is played")
harness.number("edits", 120, "how many edits are made")
harness.number("seed", 1, "of what is edited")
harness.number("period", 64, "of the server")

RATE = harness.RATE

SESSION = """
[session]
format = 1
block = 64

[transport]
tempo = 133
playing = yes

[node voice]
type = saw
freq = 110

[node buzz]
type = pulse
freq = 55.3
width = 0.3

[node hiss]
type = noise
color = pink

[node slow]
type = sine
freq = 0.7

[node filter]
type = lowpass
cutoff = 900
q = 4

[node echo]
type = delay
time = 0.111
feedback = 0.5
mix = 0.4

[node keys]
type = midi_notes

[node wheel]
type = midi_cc
control = 1

[node tone]
type = triangle

[node shape]
type = adsr
attack = 0.01
decay = 0.2
sustain = 0.2

[node amp]
type = gain

[node main]
type = audio_out
channels = 2
level = 0.7

[cables]
cable = voice -> filter * 0.3
cable = buzz -> filter * 0.2
cable = hiss -> filter * 0.1
cable = slow -> filter/cutoff * 600
cable = wheel -> filter/cutoff * 300
cable = filter -> echo
cable = echo -> filter/in * 0.2 feedback
cable = keys/pitch -> tone/pitch
cable = keys/gate -> shape
cable = tone -> amp
cable = shape -> amp/cv
cable = amp -> main * 0.5
cable = echo -> main * 0.5

[jack]
connect = main_1 -> rec:in_1
connect = main_2 -> rec:in_2
"""

ANOTHER = SESSION.replace("freq = 110", "freq = 82.5")

# What is imported has no port of its own, which nobody would record.
PART = """
[session]
format = 1

[node lfo]
type = sine
freq = 3

[node voice]
type = pulse
freq = 70

[cables]
cable = lfo -> voice/width * 0.2
"""

SOURCES = ("sine", "triangle", "saw", "pulse", "noise")


class Player:
    """Edits a lattice at random, and knows what it made."""

    def __init__(self, lattice, seed):
        self.osc = lattice.osc
        self.random = random.Random(seed)
        self.nodes, self.parts = [], []
        self.n_made = 0
        self.n_glides = self.n_tagged = 0

    def value(self):
        r = self.random
        path, low, high = r.choice((
            ("/node/voice/freq", 40, 800), ("/node/filter/cutoff", 100, 4000),
            ("/node/filter/q", 0.5, 8), ("/node/echo/mix", 0, 0.6),
            ("/node/echo/time", 0.01, 0.3), ("/node/buzz/width", 0.1, 0.9),
            ("/node/main/level", 0.2, 0.8), ("/node/amp/gain", 0.2, 1)))
        glide = (r.uniform(0.01, 0.5),) if r.random() < 0.3 else ()
        self.n_glides += len(glide)
        return [(path, r.uniform(low, high), *glide)]

    def pattern(self):
        return [("/node/n*/freq", self.random.uniform(50, 900))]

    def norm(self):
        return [("/node/filter/cutoff/norm", self.random.random())]

    def make(self):
        r = self.random
        name = f"n{self.n_made}"
        self.n_made += 1
        self.nodes.append(name)
        return [("/node/new", r.choice(SOURCES), name),
                ("/connect", name, r.choice(("filter", "main/in_1",
                                             "main/in_2", "echo")),
                 r.uniform(0.01, 0.1))]

    def free(self):
        if not self.nodes:
            return self.make()
        name = self.nodes.pop(self.random.randrange(len(self.nodes)))
        return [("/node/free", name)]

    def rename(self):
        if not self.nodes:
            return self.make()
        at = self.random.randrange(len(self.nodes))
        old, self.nodes[at] = self.nodes[at], f"m{self.n_made}"
        self.n_made += 1
        return [("/node/rename", old, self.nodes[at])]

    def cable(self):
        r = self.random
        src = r.choice(["slow", "voice", "buzz", *self.nodes, *self.parts])
        dst = r.choice(("filter", "main/in_1", "filter/cutoff"))
        how = r.choice(("/connect", "/connect", "/connect/feedback"))
        return [(how, src, dst, r.uniform(0.02, 0.2))]

    def cut(self):
        src, dst = self.random.choice((("buzz", "filter"), ("hiss", "filter"),
                                       ("slow", "filter/cutoff")))
        return [("/connect", src, dst, 0.1), ("/disconnect", src, dst),
                ("/connect", src, dst, 0.15)][:self.random.choice((1, 3))]

    def transport(self):
        r = self.random
        return [r.choice((("/transport/tempo", r.uniform(60, 180)),
                          ("/transport/stop",), ("/transport/play",),
                          ("/transport/locate", r.uniform(0, 8))))]

    def bypass(self):
        node = self.random.choice(("filter", "echo", "amp"))
        return [(f"/node/{node}/bypass", self.random.randrange(2))]

    def note(self):
        r = self.random
        return [("/note", "keys", r.randrange(40, 80), r.choice((0, 0.5, 1)))]

    def setting(self):
        return [("/node/hiss/color", self.random.choice(("white", "pink")))]

    def alone(self):
        self.n_made += 1
        what = self.random.choice(("panic", "load", "import", "import"))
        if what == "load":
            self.nodes, self.parts = [], []
            return [("/session/load", "another")]
        if what == "panic":
            return [("/panic",)]
        self.parts.append(f"part{self.n_made}.voice")
        return [("/session/import", "part", f"part{self.n_made}")]

    def edit(self):
        r = self.random
        what = r.choices(
            (self.value, self.pattern, self.norm, self.make, self.free,
             self.rename, self.cable, self.cut, self.transport, self.bypass,
             self.note, self.setting, self.alone),
            (30, 3, 4, 12, 9, 4, 8, 6, 6, 6, 10, 3, 2))[0]
        messages = what()
        if what == self.alone:
            self.osc.send(*messages[0])
            return
        way = r.random()
        if way < 0.4:
            for m in messages:
                self.osc.send(*m)
        elif way < 0.6:
            self.osc.send_bundle(*messages)
        else:
            self.n_tagged += 1
            ahead = r.uniform(0.005, 0.12)
            self.osc.send_bundle(*messages, time_tag=ntp(time.time() + ahead))

    def play(self, seconds, n_edits):
        """Edits at random times; more of them now and then."""
        begin = time.monotonic()
        times = sorted(self.random.uniform(0, seconds) for _ in range(n_edits))
        for when in times:
            time.sleep(max(0.0, begin + when - time.monotonic()))
            self.edit()
        time.sleep(max(0.0, begin + seconds - time.monotonic()))


def play_keys(seconds, seed):
    """MIDI at random frames, from a client that comes and goes."""
    r = random.Random(seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        events, held = [], 60
        for frame in sorted(r.randrange(48000) for _ in range(12)):
            kind = r.random()
            if kind < 0.5:
                held = r.randrange(40, 80)
                events.append((frame, bytes([0x90, held, r.randrange(1, 128)])))
            elif kind < 0.7:
                events.append((frame, bytes([0x80, held, 0])))
            else:
                events.append((frame, bytes([0xb0, 1, r.randrange(128)])))
        try:
            harness.send_midi("keyboard", "lattice:midi_in", events)
        except subprocess.CalledProcessError:
            pass  # lattice ends


def play(seconds, n_edits, seed):
    """Play and record; the sound, the facts of it and the journal."""
    journal = harness.path(f"journal-{seed}.osc")
    os.makedirs(harness.path("sessions"), exist_ok=True)
    harness.write("sessions/another.ini", ANOTHER)
    harness.write("sessions/part.ini", PART)
    recorder = Recorder("rec", 2, seconds)
    lattice = Lattice(harness.write("journal.ini", SESSION), "--journal",
                      journal)
    player = Player(lattice, seed)
    keys = threading.Thread(target=play_keys, args=(seconds - 2, seed))
    keys.start()
    player.play(seconds - 1, n_edits)
    sound, facts = recorder.finish(seconds + 30)
    keys.join()
    lattice.stop()
    print(f"{n_edits} edits, {player.n_tagged} tagged bundles, "
          f"{player.n_glides} glides, {facts['xruns']} xruns, "
          f"{os.path.getsize(journal)} bytes of journal")
    return sound, facts, journal, lattice


def refuse(place):
    """What `lattice run` says of a journal that cannot be, and its code."""
    done = subprocess.run(
        [Lattice.program, "run", "--empty", "--osc-port", "0", "--journal",
         place], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


def try_files():
    """Files that are there, that cannot be, that become full, and an end by
    force."""
    session = harness.path("journal.ini")
    there = harness.write("there.osc", "mine")
    code, said = refuse(there)
    check(code == 1 and "exists already" in said and there in said,
          "no file is overwritten")
    code, said = refuse(harness.path("no/where.osc"))
    check(code == 3 and "no/where.osc: No such file" in said,
          "a journal that cannot be written is told at the start")

    killed = harness.path("killed.osc")
    lattice = Lattice(session, "--journal", killed)
    for k in range(20):
        lattice.osc.send("/node/voice/freq", 100.0 + k)
        time.sleep(0.05)
    lattice.stop(signal.SIGKILL)
    rendered, said = render(killed, "--seconds", "2")
    check(rendered is not None and numpy.abs(rendered).max() > 0.01,
          "what was played before a kill -9 renders")

    full = harness.path("full.osc")
    wrapper = harness.write("full.sh", "#!/bin/bash\nulimit -f 4\n"
                            f'exec "{Lattice.program}" "$@"\n')
    os.chmod(wrapper, 0o755)
    program, Lattice.program = Lattice.program, wrapper
    lattice = Lattice(session, "--journal", full)
    Lattice.program = program
    for k in range(400):
        lattice.osc.send("/node/voice/freq", 100.0 + k)
        time.sleep(0.002)
    told = harness.wait_until(lambda: "cannot go on with the journal"
                              in lattice.log())
    check(told and full in lattice.log(), "a disk that is full is told")
    check(lattice.osc.ask("/node/voice/freq") == 499.0, "and it plays on")
    check(lattice.log().count("cannot go on") == 1, "once")
    lattice.stop()
    rendered, said = render(full, "--seconds", "1")
    check(rendered is not None, "what was written until then renders")


DATA = """[session]
format = 1

[node loop]
type = test_sound
file = first.wav

[node hiss]
type = noise

[node main]
type = audio_out
channels = 2
limit = off

[cables]
cable = loop -> main
cable = hiss -> main * 0.01

[jack]
connect = main_1 -> rec:in_1
connect = main_2 -> rec:in_2
"""


def write_slowly(name):
    """A file that cannot be read yet; call the result when it can."""
    harness.write(name, "")
    harness.write(name + ".slow", "")
    samples = numpy.random.default_rng(len(name)).uniform(-0.5, 0.5, 1000)
    data = samples.astype(numpy.float32).tobytes()
    head = struct.pack("<HHIIHH", 3, 1, RATE, RATE * 4, 4, 32)

    def fill():
        with open(harness.path(name), "wb") as file:
            file.write(b"RIFF" + struct.pack("<I", 36 + len(data))
                       + b"WAVEfmt " + struct.pack("<I", 16) + head
                       + b"data" + struct.pack("<I", len(data)) + data)
        os.remove(harness.path(name + ".slow"))
    return fill


def try_data(period):
    """Files that were read while it played come at their frames."""
    session = harness.write("data.ini", DATA)
    first, second = write_slowly("first.wav"), write_slowly("second.wav")
    journal = harness.path("data.osc")
    if subprocess.run([Lattice.program, "nodes", "test_sound"],
                      capture_output=True, check=False).returncode:
        print("        (this build has no type that reads a file)")
        return
    recorder = Recorder("rec", 2, 4)
    lattice = Lattice(session, "--journal", journal)
    time.sleep(0.7)
    first()
    time.sleep(0.7)
    lattice.osc.send("/node/set", "loop", "file", "second.wav")
    time.sleep(0.7)
    second()
    sound, facts = recorder.finish(30)
    lattice.stop()
    rendered, _ = render(journal)
    if check(rendered is not None, "a journal with files renders"):
        _, n_lost = compare(sound, rendered, period)
        check(n_lost <= 4 * facts["xruns"],
              "they are heard at the frames at which they came")


DRUMS = """[session]
format = 1

[transport]
tempo = 133
playing = yes

[node drums]
type = sampler
sounds = kit
pattern = kit:2*8

[node main]
type = audio_out
channels = 2

[cables]
cable = drums/left -> main/in_1
cable = drums/right -> main/in_2

[jack]
connect = main_1 -> rec:in_1
connect = main_2 -> rec:in_2
"""


def try_strikes(period):
    """What Tidal sends to a sampler comes at its frames."""
    if not harness.write_kit():
        print("        (this build has no sampler)")
        return
    session, journal = harness.write("drums.ini", DRUMS), harness.path("d.osc")
    recorder = Recorder("rec", 2, 5)
    lattice = Lattice(session, "--journal", journal, "--superdirt")
    # What cannot be read is not to keep later settings out of the journal.
    lattice.osc.send("/node/set", "drums", "sample", "none.wav")
    r = random.Random(7)
    end = time.monotonic() + 3.5
    while time.monotonic() < end:
        event = ["s", r.choice(("drums", "kit", "kit:2"))]
        for key, value in (("n", r.randrange(3)), ("pan", r.random()),
                           ("speed", r.uniform(-3, 3)), ("cut", 1),
                           ("gain", r.random()), ("sustain", r.random() / 20)):
            event += (key, value) if r.random() < 0.4 else ()
        if r.random() < 0.1:
            lattice.osc.send("/node/drums/pattern",
                             r.choice(("kit:2*8", "kit:1(3,8) kit", "kit*3")))
        ahead = time.time() + r.uniform(0.005, 0.1)
        lattice.osc.send_bundle(("/dirt/play", *event), time_tag=ntp(ahead))
        time.sleep(r.uniform(0, 0.03))
    sound, facts = recorder.finish(30)
    lattice.stop()
    rendered, _ = render(journal)
    if check(rendered is not None, "a journal with a sampler renders"):
        n, n_lost = compare(sound, rendered, period)
        check(n * period > 2 * RATE and n_lost <= 4 * facts["xruns"],
              "what it was told to play is heard at its frames")


def test(_build):
    jackd = Jackd(period=harness.asked.period)
    seconds, seed = harness.asked.seconds, harness.asked.seed
    for k in range(4):
        sound, facts, journal, lattice = play(seconds, harness.asked.edits,
                                              seed + k)
        if facts["xruns"] == 0 or seconds > 60:
            break
        print("        (played again)")
    rendered, said = render(journal)
    if not check(rendered is not None, "the journal renders"):
        return
    period = harness.asked.period
    n_periods, n_lost = compare(sound, rendered, period)
    check(n_periods * period > (seconds - 1) * RATE, "all of it is compared")
    check(n_lost <= min(4 * facts["xruns"], n_periods / 10),
          "the journal renders to the bits that were played")
    try_files()
    try_data(period)
    try_strikes(period)
    jackd.stop()


harness.main(test)
