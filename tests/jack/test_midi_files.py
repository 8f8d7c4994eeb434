# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pieces from MIDI files come in, and go out again, note for note.

Each of the 16 channels has a midi_notes of its own, and a midi_out behind it.
What they are to make of a piece is told by a plain model of the rule by which
voices are dealt; where every note finds a voice that is all notes of the file.

The server freewheels meanwhile, so nobody is late however busy the machine is,
and a piece takes a fraction of its time; a few are played in real time besides.
Pieces are made here, and taken from the music of OpenTTD (openttd-openmsx).
Exits with 77 where the library that reads them is not installed.
"""

import bisect
import collections
import glob
import os
import random
import sys

import harness
from dealing import MIDDLE_C, Model, SUSTAIN
from harness import Jackd, Lattice, Listener, RATE, check

try:
    import mido
except ImportError:
    print("skipped: mido (python3-mido) is not installed")
    sys.exit(77)

PIECES = "/usr/share/games/openttd/baseset/openmsx/*.mid"
CHANNELS = range(1, 17)
BEAT = 480  # ticks
BEND = 0xe0
BEGIN = RATE // 10  # frame of a piece's beginning: all are connected before


# --- Files ----------------------------------------------------------------------


def write_file(name, tracks, tempo_us=(400000,)):
    """Write tracks of (tick, bytes) as a file; a tempo a beat, the last stays."""
    file = mido.MidiFile(type=1, ticks_per_beat=BEAT)
    meta = [(i * BEAT, mido.MetaMessage("set_tempo", tempo=us))
            for i, us in enumerate(tempo_us)]
    for events in [meta, *([(tick, mido.Message.from_bytes(data))
                            for tick, data in track] for track in tracks)]:
        track, last = file.add_track(), 0
        for tick, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=tick - last))
            last = tick
    file.save(harness.path(name))
    return harness.path(name)


def read_file(path, speed):
    """(frame, bytes) of a file's messages to channels.

    Without bends: midi_out strikes the key to which one leads.
    """
    found, seconds = [], 0.0
    for message in mido.MidiFile(path):
        seconds += message.time
        data = bytes(message.bin()) if not message.is_meta else b"\xf0"
        if data[0] < 0xf0 and data[0] & 0xf0 != BEND:
            found.append((BEGIN + round(seconds / speed * RATE), data))
    return found


# --- Pieces made here -----------------------------------------------------------


def on(channel, key, velocity):
    return bytes([0x90 | channel, key, velocity])


def lines(draw, n_voices):
    """As many lines, each of keys of its own: notes overlap, are repeated,
    begin together, and end where the next begins."""
    notes = []
    for voice in range(n_voices):
        tick, keys = 0, range(voice, 128, n_voices)
        key = draw.choice(keys)
        for _ in range(40):
            key = key if draw.random() < 0.3 else draw.choice(keys)
            length = draw.choice([24, 60, 119, 120])
            notes += [(tick, on(2, key, draw.randint(1, 127))),
                      (tick + length, on(2, key, 0))]
            tick += 120
    return write_file("lines.mid", [notes])


def chords(draw, n_voices):
    """Chords of as many notes, many of them struck again soon."""
    notes, tick, keys = [], 0, []
    for _ in range(25):
        if draw.random() < 0.6 or not keys:
            keys = draw.sample(range(128), n_voices)
        length = draw.choice([1, 60, 240])
        notes += [(tick, on(2, key, draw.randint(1, 127))) for key in keys]
        notes += [(tick + length, on(2, key, 0)) for key in keys]
        tick += length + draw.choice([1, 30])
    return write_file("chords.mid", [notes])


def phrase(draw):
    """Notes of one voice: some a frame long, some that touch."""
    tick, notes = 0, []
    for _ in range(150):
        key, velocity = draw.randint(0, 127), draw.randint(1, 127)
        length = draw.choice([1, 5, 30])
        notes += [(tick, on(2, key, velocity)), (tick + length, on(2, key, 0))]
        tick += length + draw.choice([1, 3, 15])
    return write_file("phrase.mid", [notes])


def crowd(draw):
    """All channels, a pedal each, a tempo that changes: keys that are struck
    while they are down, more than there are voices, and of no length."""
    tracks = []
    for channel in range(16):
        track = []
        for _ in range(150):
            tick, key = draw.randrange(8 * BEAT), draw.randint(50, 70)
            length = draw.choice([0, 30, 400])
            track += [(tick, on(channel, key, draw.randint(1, 127))),
                      (tick + length,
                       bytes([0x80 | channel, key, draw.randint(0, 127)]))]
        track += [(draw.randrange(8 * BEAT),
                   bytes([0xb0 | channel, SUSTAIN, value]))
                  for value in [0, 127] * 10]
        tracks.append(track + [(10 * BEAT,
                                bytes([0xb0 | channel, SUSTAIN, 0]))])
    return write_file("crowd.mid", tracks,
                      [draw.randint(300000, 700000) for _ in range(8)])


# --- The model ------------------------------------------------------------------


def struck(voices, channel):
    """(frame, bytes) that midi_out makes of voices: those whose gate falls let
    their key go, unless another has it down, then others strike theirs, or
    leave it for another.
    """
    changed = collections.defaultdict(set)
    for k, v in enumerate(voices):
        for frame in (*v.edges, *(said[0] for said in v.said[1:])):
            changed[frame].add(k)
    events, down = [], {}

    def let_go(key):
        if key not in down.values():
            events.append((frame, bytes([0x80 | channel, key, 64])))

    for frame in sorted(changed):
        n_edges = {k: bisect.bisect_right(voices[k].edges, frame)
                   for k in sorted(changed[frame])}
        for k, n in n_edges.items():
            if n % 2 == 0 and k in down:
                let_go(down.pop(k))
        for k in [k for k, n in n_edges.items() if n % 2]:
            v, old = voices[k], down.get(k)
            _, key, velocity = v.said[bisect.bisect_right(
                v.said, (frame, 1000)) - 1]
            key += MIDDLE_C
            if v.edges[n_edges[k] - 1] == frame or key != old:
                down[k] = key
                events.append((frame, on(channel, key, velocity)))
                if old is not None:
                    let_go(old)
    return events


def right_events(events, n_voices):
    """What is to come out, in the order of frames."""
    models = [Model(n_voices) for _ in range(16)]
    for frame, data in events:
        models[data[0] & 15].hear(frame, data)
    return sorted(event for channel, model in enumerate(models)
                  for event in struck(model.voices, channel))


# --- Tests ----------------------------------------------------------------------


def session(n_voices, channels):
    nodes, cables = [], []
    for channel in channels:
        for name, kind in ((f"keys_{channel}", "midi_notes"),
                           (f"out_{channel}", "midi_out")):
            nodes.append(f"[node {name}]\ntype = {kind}\npoly = {n_voices}\n"
                         f"channel = {channel}\n")
        cables += [f"cable = keys_{channel}/{port} -> out_{channel}/{port}"
                   for port in ("gate", "pitch", "velocity")]
    connect = [f"connect = out_{channel} -> ear:in" for channel in channels]
    return "\n".join(["[session]\nformat = 1\n", *nodes, "[cables]", *cables,
                      "\n[jack]", *connect, ""])


def strikes_twice(heard):
    """Is a key struck that is down?"""
    down = set()
    for _, data in heard:
        key = data[0] & 15, data[1]
        if data[0] & 0xf0 == 0x90 and key in down:
            return True
        (down.add if data[0] & 0xf0 == 0x90 else down.discard)(key)
    return False


class Players:
    """A server, and lattice with the session."""

    def __init__(self, n_voices, period, channels):
        self.n_voices, self.period = n_voices, period
        self.channels = channels
        self.jackd = Jackd(period=period)
        self.lattice = Lattice(harness.write("files.ini",
                                             session(n_voices, channels)))

    def stop(self):
        self.lattice.stop()
        self.jackd.stop()

    def hear(self, events, *options):
        """What comes out, from the first frame on, and how many xruns."""
        ear = Listener("ear", 10000)
        harness.wait_until(lambda: sum(
            b == "ear:in" for _, b in harness.connections()) == len(self.channels))
        first = harness.send_midi("keyboard", "lattice:midi_in", events,
                                  *options)
        heard, facts = ear.finish(now=True)
        return [(frame - first, data) for frame, data in heard], facts

    def play(self, path, speed=1.0, is_fast=True):
        events = read_file(path, speed)
        right = right_events(events, self.n_voices)
        for _ in harness.tries(5, 180):
            heard, facts = self.hear(events, *(["--fast"] if is_fast else []))
            if is_fast or not facts["xruns"]:
                break
        # At one frame voices speak in their order, not in that of the keys.
        got = sorted(heard)
        name = os.path.basename(path)
        n_notes = sum(data[0] & 0xf0 == 0x90 and data[2] > 0
                      for _, data in events)
        n_struck = sum(data[0] & 0xf0 == 0x90 for _, data in got)
        n_right = len(set(got) & set(right))
        print(f"{name}: {n_notes} notes on "
              f"{len({data[0] & 15 for _, data in right})} channels; "
              f"{n_right} of {len(right)} events at their frame, {len(got)} "
              f"heard, {n_struck} struck" +
              ("" if is_fast else f", {facts['xruns']} xruns"))
        check(got == right and n_struck == n_notes,
              f"every note of {name} comes back on its frame, period "
              f"{self.period}{'' if is_fast else ', in real time'}")
        check(not strikes_twice(heard), "and no key is struck that is down")


def test(_build):
    draw = random.Random(8)
    # A voice that ends and begins at one frame would begin a frame later.
    made = [lines(draw, 8), chords(draw, 8), phrase(draw), crowd(draw)]
    pieces = sorted(glob.glob(PIECES))
    pieces = pieces[::max(1, len(pieces) // harness.asked.pieces)]
    players = Players(16, 64, CHANNELS)
    for path in made + pieces:
        players.play(path, 1 if path in made else harness.asked.speed)
    players.stop()
    for n_voices, paths in ((16, made[:2]), (1, [made[2]])):
        players = Players(n_voices, 1000, [3])
        for path in paths:
            players.play(path, is_fast=False)
        players.stop()
    if not pieces:
        print("skipped: openttd-openmsx is not installed")


harness.number("pieces", 7, "how many files of the package are played, or one "
               "more")
harness.number("speed", 8, "how many times as fast as they are")
harness.main(test)
