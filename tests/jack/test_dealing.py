# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thousand notes a second, held against a plain model of who gets a voice.

Keys of several channels, pedals and mode messages come over JACK MIDI, and
notes over OSC; what each of eight voices says is recorded.  MIDI has its exact
frames, so each frame is compared; commands have none, so they are compared in
their order.  Keyboards come and go, and no note stays.  While MIDI comes the
server freewheels: nobody is late then.
"""

import random
import threading
import time

import harness
from dealing import (ALL_SOUND_OFF, MIDDLE_C, Model, POLY, SOSTENUTO, SUSTAIN)
from harness import Child, Jackd, Lattice, RATE, Recorder, check, numpy, os

VOICES = 8
NUMBERS = range(1, VOICES + 1)
PERIOD = 128
CHANNELS = 3
LOW, HIGH = 66, 86  # keys of commands
ALL_UP = [(key, 0) for key in range(LOW, HIGH + 1)]

# What is recorded: output of keys, factor, what is added, how many values a
# voice can have, and how many voices a channel carries as digits of that base.
# Sums of whole numbers below 2^24 are exact.
MEASURES = [
    ("gate", 1, 0, 2, 8),
    ("trigger", 1, 0, 2, 8),
    ("pitch", 1, MIDDLE_C, 128, 3),
    ("velocity", 127, 0, 128, 2),
]

CLICKS = """
[session]
format = 1

[node keys]
type = midi_notes
poly = 8

[node voice]
type = sine
poly = 8

[node envelope]
type = adsr
poly = 8
attack = 0.005
release = 0.005

[node amp]
type = gain
poly = 8

[node main]
type = audio_out
channels = 1
signal = cv
limit = off

[cables]
cable = keys/pitch -> voice/pitch
cable = keys/gate -> envelope/gate
cable = voice -> amp
cable = envelope -> amp/cv
cable = amp -> main/in_1
"""


# --- Voices as digits of numbers ------------------------------------------------


def channels():
    """(measure, its first voice) of each."""
    return [(measure, first) for measure in MEASURES
            for first in range(0, VOICES, measure[4])]


def session():
    nodes, cables = [], []
    for i, ((output, factor, _, base, n), first) in enumerate(channels(), 1):
        factors = [f"b.{k + 1} = {factor * base ** (k - first)}"
                 if first <= k < first + n else f"b.{k + 1} = 0"
                 for k in range(VOICES)]
        nodes.append("\n".join([f"[node digit_{i}]", "type = multiply",
                                f"poly = {VOICES}", *factors, ""]))
        cables += [f"cable = keys/{output} -> digit_{i}/a",
                   f"cable = digit_{i} -> main/in_{i}"]
    return "\n".join([
        "[session]", "format = 1", "",
        "[node keys]", "type = midi_notes", f"poly = {VOICES}", "",
        "[node main]", "type = audio_out", f"channels = {len(channels())}",
        "signal = cv", "limit = off", "", *nodes, "[cables]", *cables, ""])


def decode(sound):
    """{output: whole numbers [frame, voice]} of what was recorded."""
    found = {measure[0]: [] for measure in MEASURES}
    for i, ((output, _, added, base, n), first) in enumerate(channels()):
        n_digits = min(n, VOICES - first)
        x = numpy.rint(sound[:, i].astype(numpy.float64)).astype(numpy.int64)
        x += sum(added * base ** k for k in range(n_digits))
        for _ in range(n_digits):
            found[output].append(x % base - added)
            x //= base
    return {output: numpy.stack(voices, 1) for output, voices in found.items()}


def written(model, n_frames):
    """What decode() is to find of a model."""
    found = {measure[0]: numpy.zeros((n_frames, VOICES), numpy.int64)
             for measure in MEASURES}
    for k, v in enumerate(model.voices):
        numpy.add.at(found["gate"][:, k], v.edges, 1)
        found["trigger"][v.triggers, k] = 1
        for frame, key, velocity in v.said[1:]:
            found["pitch"][frame:, k] = key
            found["velocity"][frame:, k] = velocity
    found["gate"] = numpy.cumsum(found["gate"], 0) % 2
    return found


# --- What is played -------------------------------------------------------------


def storm(draw, n_frames, n_channels=CHANNELS, keys=(40, 64)):
    """Random (frame, message), a thousand a second, some at one frame: notes,
    pedals, and now and then a mode message."""
    events, frame = [], 0
    while True:
        frame += draw.choice([0, 1, 2, 16, 48, 48, 64, 64, 96, 128])
        if frame >= n_frames:
            return events
        channel, key = draw.randrange(n_channels), draw.randint(*keys)
        kind = draw.random()
        if kind < 0.46:
            data = [0x90 | channel, key, draw.randint(1, 127)]
        elif kind < 0.92:
            data = draw.choice([[0x80 | channel, key, 64],
                                [0x90 | channel, key, 0]])
        elif kind < 0.995:
            data = [0xb0 | channel, draw.choice([SUSTAIN, SOSTENUTO]),
                    draw.choice([0, 63, 64, 127])]
        else:
            data = [0xb0 | channel, draw.randint(ALL_SOUND_OFF, POLY), 0]
        events.append((frame, bytes(data)))


def ending(frame, n_channels=CHANNELS):
    """Every key and pedal comes up."""
    return [(frame + i, bytes(data)) for i, data in enumerate(
        data for channel in range(n_channels)
        for data in ([0xb0 | channel, SUSTAIN, 0],
                     [0xb0 | channel, SOSTENUTO, 0],
                     *([0x80 | channel, key, 64] for key in range(128))))]


def notes(draw, n):
    """Random (key, velocity) of commands; 0 lets go."""
    return [(draw.randint(LOW, HIGH), draw.choice([0, draw.randint(1, 127)]))
            for _ in range(n)]


def play_notes(lattice, wanted):
    for key, velocity in wanted:
        lattice.osc.send("/note", "keys", key, velocity / 127)
        time.sleep(0.001)
    lattice.osc.drain()


# --- Tests ----------------------------------------------------------------------


def renew(running, text):
    """Play a session instead of the one that is in the list."""
    for lattice in running:
        lattice.stop()
    running[:] = [Lattice(harness.write("played.ini", text))]
    return running[0]


def record(seconds, n_channels):
    return Recorder("rec", n_channels, seconds,
                    *[f"lattice:main_{i + 1}" for i in range(n_channels)])


def frames_of_midi(seconds):
    draw = random.Random(3)
    until = int(seconds * RATE)
    events = storm(draw, until) + ending(until)
    running, sent_at = [], []

    def make():
        renew(running, session())
        recorder = record(seconds + 2.0, len(channels()))
        sent_at[:] = [harness.send_midi("keyboard", "lattice:midi_in", events,
                                        "--fast")]
        return recorder

    sound, facts = harness.record_calmly(make)
    shift = sent_at[0] - facts["first_frame"]
    model = Model(VOICES)
    for frame, data in events:
        model.hear(frame + shift, data)
    got, wanted = decode(sound), written(model, len(sound))
    n_struck = sum(len(v.triggers) for v in model.voices)
    print(f"{len(events)} messages in {seconds} s, {n_struck} notes struck, "
          f"{facts['xruns']} xruns")
    for output in got:
        wrong = numpy.flatnonzero((got[output] != wanted[output]).any(1))
        check(not len(wrong),
              f"{output} of all voices is the model's at every frame" +
              (f": not at {len(wrong)} from {wrong[0] - shift} on: "
               f"{got[output][wrong[0]]}, not {wanted[output][wrong[0]]}"
               if len(wrong) else ""))
    check(wanted["gate"].any() and not got["gate"][-1].any(),
          "no gate stays open")
    running[0].stop()


def ask(lattice, output):
    return [lattice.osc.ask(f"/node/keys.{k}/{output}") for k in NUMBERS]


def order_of_commands(seconds):
    played = notes(random.Random(5), int(seconds * 800))
    running, held = [], {}

    def make():
        lattice = renew(running, session())
        recorder = record(2.5 * seconds + 2.0, len(channels()))
        play_notes(lattice, played)
        lattice.osc.sync()
        time.sleep(0.1)
        held.update({what: ask(lattice, what) for what in ("gate", "pitch")})
        play_notes(lattice, ALL_UP)
        return recorder

    # A period that is late is recorded twice, with its edges.
    sound, facts = harness.record_calmly(make)
    got, model = decode(sound), Model(VOICES)
    for i, (key, velocity) in enumerate(played):
        model.play(3 * i, key, velocity)
    are_open = [len(v.edges) % 2 for v in model.voices]
    print(f"{len(played)} commands, {facts['xruns']} xruns")
    check(held["gate"] == are_open and any(are_open),
          f"after them the model's voices are open: {held['gate']}")
    check(held["pitch"] == [v.said[-1][1] for v in model.voices],
          f"with the same keys: {held['pitch']}")
    for i, (key, velocity) in enumerate(ALL_UP):
        model.play(3 * (len(played) + i), key, velocity)
    for k, v in enumerate(model.voices):
        said = list(zip(got["pitch"][:, k].tolist(),
                        got["velocity"][:, k].tolist()))
        said = [said[0]] + [b for a, b in zip(said, said[1:]) if a != b]
        n_edges = numpy.count_nonzero(numpy.diff(got["gate"][:, k]))
        rest = iter([x[1:] for x in v.said])
        check(n_edges == len(v.edges) and all(x in rest for x in said),
              f"voice {k + 1} has its {len(v.edges)} edges and its notes, in "
              f"their order ({n_edges} edges)")
    check(not got["gate"][-1].any(), "no gate stays open")
    running[0].stop()


def keyboards_that_go(seconds):
    draw = random.Random(9)
    lattice = Lattice(harness.write("digits.ini", session()))
    rounds = max(2, int(seconds))
    played = notes(draw, rounds * 700)
    commands = threading.Thread(target=play_notes, args=(lattice, played))
    commands.start()
    keyboards = []
    for i in range(rounds):
        name = f"keyboard_{i}"
        events = storm(draw, int(0.6 * RATE)) + [(40 * RATE, b"\x80\0\0")]
        keyboards.append(Child(name, [
            os.path.join(Recorder.tools, "jack_send"), name, "lattice:midi_in",
            *[f"{frame}:{data.hex()}" for frame, data in events]]))
        time.sleep(0.5)
        if i % 2:
            keyboards[i].stop(draw.choice([9, 15]))
        else:
            harness.tool("jack_disconnect", f"{name}:out", "lattice:midi_in")
    commands.join()
    for keyboard in keyboards:
        keyboard.stop()
    time.sleep(0.3)
    play_notes(lattice, ALL_UP)
    check(harness.wait_until(lambda: not any(ask(lattice, "gate"))),
          "no note stays of keyboards that went and commands")
    play_notes(lattice, [(key, 1) for key in range(LOW, LOW + VOICES)])
    lattice.osc.sync()
    held = sorted(ask(lattice, "pitch"))
    check(held == [LOW - MIDDLE_C + k for k in range(VOICES)],
          "and every voice is free afterwards")
    lattice.stop()


def clicks(seconds):
    draw = random.Random(11)
    until, top_key = int(seconds * RATE), 48
    # Of one channel, without pedals: most strike a voice that sounds.
    events = [(frame, data) for frame, data
              in storm(draw, until, 1, (24, top_key))
              if data[0] & 0xf0 == 0x90] + ending(until, 1)
    running = []

    def make():
        renew(running, CLICKS)
        recorder = record(seconds + 2.0, 1)
        harness.send_midi("keyboard", "lattice:midi_in", events, "--fast")
        return recorder

    sound, facts = harness.record_calmly(make)
    # A sine and an envelope of 5 ms, in each of the voices.
    top = 261.6256 * 2 ** ((top_key - MIDDLE_C) / 12)
    bound = VOICES * (2 * numpy.pi * top / RATE + 1 / (0.005 * RATE))
    step = numpy.abs(numpy.diff(sound[:, 0])).max()
    print(f"largest step {step:.4f}, bound {bound:.4f}, "
          f"peak {numpy.abs(sound).max():.2f}, {facts['xruns']} xruns")
    check(numpy.abs(sound).max() > 1 and step < bound,
          "voices that are stolen do not click")
    check(not sound[-1].any(), "and there is silence afterwards")
    running[0].stop()


def test(_build):
    seconds = harness.asked.seconds
    jackd = Jackd(period=PERIOD)
    frames_of_midi(seconds)
    order_of_commands(seconds)
    keyboards_that_go(seconds)
    clicks(seconds)
    jackd.stop()


harness.number("seconds", 2, "how long each storm lasts")
harness.main(test)
