# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notes and clocks leave at their frame, and no note stays behind."""

import random
import struct

import harness
from harness import Jackd, Lattice, Listener, RATE, check

THROUGH = """
[session]
format = 1

[node keys]
type = midi_notes
poly = {0}

[node synth]
type = midi_out
channel = 3
poly = {0}

[cables]
cable = keys/gate -> synth/gate
cable = keys/pitch -> synth/pitch
cable = keys/velocity -> synth/velocity

[jack]
connect = synth -> ear:in
"""

HELD = """
[session]
format = 1

[node key]
type = constant
value = 1

[node other]
type = midi_out
gate = 1
pitch = 12

[node synth]
type = midi_out

[cables]
cable = key -> synth/gate

[jack]
connect = synth -> ear:in
"""

CLOCK = """
[session]
format = 1

[transport]
tempo = 137
beats_per_cycle = 3.5
playing = no

[node sync]
type = midi_out
clock = yes
"""


# --- A MIDI file, written and read ----------------------------------------------

DIVISION = 480  # ticks a beat
TEMPO_US = 400000  # a beat


def variable(number):
    """A number as MIDI files have it."""
    data = [number & 0x7f]
    while number > 0x7f:
        number >>= 7
        data.insert(0, 0x80 | number & 0x7f)
    return bytes(data)


def midi_file(notes):
    """A file of one track from (tick, key, velocity), 0 lets go."""
    track, last = bytearray(), 0
    for tick, key, velocity in notes:
        track += variable(tick - last) + bytes([0x90, key, velocity])
        last = tick
    track = (variable(0) + b"\xff\x51\x03" + TEMPO_US.to_bytes(3, "big") +
             bytes(track) + variable(0) + b"\xff\x2f\x00")
    return (b"MThd" + struct.pack(">IHHH", 6, 0, 1, DIVISION) + b"MTrk" +
            struct.pack(">I", len(track)) + track)


def read_midi_file(data):
    """(frame, bytes) of the notes of such a file."""
    at, tick, found = data.index(b"MTrk") + 8, 0, []
    while at < len(data):
        delta = 0
        while True:
            delta = delta << 7 | data[at] & 0x7f
            at += 1
            if not data[at - 1] & 0x80:
                break
        tick += delta
        if data[at] == 0xff:
            at += 3 + data[at + 2]
            continue
        frame = round(tick / DIVISION * TEMPO_US * 1e-6 * RATE)
        found.append((frame, bytes(data[at:at + 3])))
        at += 3
    return found


def piece(n_voices, draw):
    """As many lines, each of keys of its own: notes overlap, are repeated,
    begin together, and end where the next begins."""
    notes = []
    for voice in range(n_voices):
        tick, keys = 200, range(voice, 128, n_voices)
        key = draw.choice(keys)
        for _ in range(40):
            key = key if draw.random() < 0.3 else draw.choice(keys)
            length = draw.choice([24, 60, 119, 120])
            notes += [(tick, key, draw.randint(1, 127)),
                      (tick + length, key, 0)]
            tick += 120
    return midi_file(sorted(notes, key=lambda note: (note[0], note[2] > 0)))


def chords(n_voices, draw):
    """Chords of as many notes, many of them struck again soon."""
    notes, tick, keys = [], 200, []
    for _ in range(25):
        if draw.random() < 0.6 or not keys:
            keys = draw.sample(range(128), n_voices)
        length = draw.choice([1, 60, 240])
        notes += [(tick, key, draw.randint(1, 127)) for key in keys]
        notes += [(tick + length, key, 0) for key in keys]
        tick += length + draw.choice([1, 30])
    return midi_file(notes)


def phrase():
    """Notes of one voice: some a frame long, some that touch."""
    draw, tick, notes = random.Random(7), 200, []
    for _ in range(150):
        key, velocity = draw.randint(0, 127), draw.randint(1, 127)
        length = draw.choice([1, 5, 30])
        notes += [(tick, key, velocity), (tick + length, key, 0)]
        tick += length + draw.choice([1, 3, 15])
    return midi_file(notes)


# --- Tests ----------------------------------------------------------------------


def as_struck(event):
    """Channel 3 instead of 1, and an off as midi_out writes it."""
    _, key, velocity = event
    return bytes([0x92, key, velocity] if velocity else [0x82, key, 64])


def strikes_twice(heard):
    """Is a key struck that is down?"""
    down = set()
    for _, data in heard:
        if data[0] & 0xf0 == 0x90 and data[1] in down:
            return True
        (down.add if data[0] & 0xf0 == 0x90 else down.discard)(data[1])
    return False


def notes_through(what, file, n_voices, period):
    jackd = Jackd(period=period)
    lattice = Lattice(harness.write("through.ini", THROUGH.format(n_voices)))
    wanted = read_midi_file(file)
    for _ in range(5):
        ear = Listener("ear", wanted[-1][0] / RATE + 1.5, "lattice:synth")
        first = harness.send_midi("keyboard", "lattice:midi_in", wanted)
        heard, facts = ear.finish()
        if not facts["xruns"]:
            break
    # At one frame voices speak in their order, not in that of the keys.
    got = sorted((frame - first, data) for frame, data in heard)
    right = sorted((frame, as_struck(data)) for frame, data in wanted)
    n_right = len(set(got) & set(right))
    print(f"{what}, period {period}: {n_right} of {len(right)} events at their "
          f"frame, {len(got)} heard, {facts['xruns']} xruns")
    check(got == right, f"every note of {what} comes back on its frame at "
          f"{period}")
    check(not strikes_twice(heard), "no key is struck that is down")
    lattice.stop()
    jackd.stop()


def keys_down(heard):
    """Keys that were struck and not let go."""
    down = set()
    for _, data in heard:
        if data[0] & 0xf0 == 0x90:
            down.add((data[0] & 15, data[1]))
        elif data[0] & 0xf0 == 0x80:
            down.discard((data[0] & 15, data[1]))
    return down


def nothing_hangs():
    jackd = Jackd(period=256)
    ways = [
        ("/node/free", lambda o: o.send("/node/free", "synth")),
        ("/disconnect", lambda o: o.send("/disconnect", "key", "synth/gate")),
        ("/node/free of the key", lambda o: o.send("/node/free", "key")),
        ("/node/set channel", lambda o: o.send("/node/set", "synth", "channel",
                                               5)),
        ("/node/set controls", lambda o: (
            o.send("/disconnect", "key", "synth/gate"),
            o.send("/node/set", "synth", "controls", 2))),
        ("bypass", lambda o: o.send("/node/synth/bypass", 1)),
        ("/session/new", lambda o: o.send("/session/new")),
        ("/graph/clear", lambda o: o.send("/graph/clear")),
        ("/quit", lambda o: o.send("/quit")),
        ("SIGTERM", None),
    ]
    for what, end in ways:
        lattice = Lattice()
        ear = Listener("ear", 1.5)
        lattice.osc.send("/node/new", "constant", "key")
        lattice.osc.send("/node/new", "midi_out", "synth")
        harness.wait_until(lambda: "lattice:synth" in
                           harness.tool("jack_lsp"))
        harness.tool("jack_connect", "lattice:synth", "ear:in")
        lattice.osc.send("/connect", "key", "synth/gate")
        lattice.osc.send("/node/set", "key", "value", 1.0)
        harness.time.sleep(0.3)
        if end:
            end(lattice.osc)
        else:
            lattice.stop()
        heard, _ = ear.finish()
        n_struck = sum(data[0] & 0xf0 == 0x90 for _, data in heard)
        check(n_struck == 1 and not keys_down(heard),
              f"no key stays down after {what}: {heard}")
        lattice.stop()
    # A gate that is a value is 0 after a panic.
    lattice = Lattice(harness.write("held.ini", HELD))
    harness.wait_until(lambda: "lattice:other" in harness.tool("jack_lsp"))
    ear = Listener("ear2", 1.5, "lattice:other")
    lattice.osc.send("/node/other/gate", 0)
    lattice.osc.send("/node/other/gate", 1)
    harness.time.sleep(0.3)
    lattice.osc.send("/panic")
    heard, _ = ear.finish()
    check(len(heard) >= 2 and not keys_down(heard),
          f"no key stays down after a panic: {heard}")
    lattice.stop()
    jackd.stop()


def ports():
    """The port is MIDI, follows the node's name, and is remembered."""
    jackd = Jackd(period=256)
    path = harness.write("through.ini", THROUGH.format(1))
    lattice = Lattice(path)
    ear = Listener("ear", 30)
    check(harness.wait_until(
        lambda: ("lattice:synth", "ear:in") in harness.connections()),
        "[jack] connects the port when the other end comes")
    text = harness.tool("jack_lsp", "-t", "lattice:synth")
    check("8 bit raw midi" in text, "it is a MIDI port")
    lattice.osc.send("/node/rename", "synth", "piano")
    check(harness.wait_until(
        lambda: ("lattice:piano", "ear:in") in harness.connections()),
        "renamed, the port has the node's name, and stays connected")
    # A name that is lattice's own.
    lattice.osc.send("/node/new", "midi_out", "clock")
    check(lattice.wait_for("'clock' cannot have that name.*rename"),
          "a node whose name is lattice's own has no port, and is told of")
    lattice.osc.send("/node/rename", "clock", "drums")
    check(harness.wait_until(
        lambda: "lattice:drums" in harness.tool("jack_lsp")),
        "renamed, it has one")
    lattice.osc.send("/node/free", "drums")
    lattice.osc.send("/session/save", "other")
    saved = harness.path("sessions/other.ini")
    check(harness.wait_until(lambda: harness.os.path.exists(saved)),
          "it is saved")
    with open(saved, encoding="utf-8") as file:
        check("connect = piano -> ear:in" in file.read(),
              "with the connection")
    ear.stop()
    lattice.stop()
    jackd.stop()


def clock_out():
    jackd = Jackd(period=128)
    for _ in range(5):
        lattice = Lattice(harness.write("clock.ini", CLOCK))
        harness.wait_until(lambda: "lattice:sync" in harness.tool("jack_lsp"))
        ear = Listener("ear", 6, "lattice:sync")
        lattice.osc.send("/transport/locate", 0.0)
        lattice.osc.send("/transport/play")
        harness.time.sleep(2.0)
        lattice.osc.send("/transport/locate", 10.0)
        harness.time.sleep(1.5)
        lattice.osc.send("/transport/stop")
        heard, facts = ear.finish()
        lattice.stop()
        if not facts["xruns"]:
            break
    data = [event for _, event in heard]
    check(data[:2] == [b"\xf2\0\0", b"\xfa"],
          f"it begins with a position and a start: {data[:3]}")
    start = heard[data.index(b"\xfa")][0]
    again = data.index(b"\xfc")
    clocks = [frame for frame, event in heard[:again] if event == b"\xf8"]
    step = RATE * 60 / 137 / 24
    wanted = [start + int(k * step + 0.5) for k in range(len(clocks))]
    print(f"{len(clocks)} clocks before the locate, "
          f"{sum(a != b for a, b in zip(clocks, wanted))} off their frame")
    check(len(clocks) > 80 and clocks == wanted,
          "every clock is at its frame")
    check(data[again + 1] == bytes([0xf2, 140 & 127, 140 >> 7]),
          f"a locate says where it is: {data[again:again + 3]}")
    check(data.index(b"\xfb") > again and data[-1] == b"\xfc",
          "goes on, and a stop ends it")
    late = heard[data.index(b"\xfb")][0]
    clocks = [frame for frame, event in heard[data.index(b"\xfb"):]
              if event == b"\xf8"]
    wanted = [late + int(k * step + 0.5) for k in range(len(clocks))]
    check(max(abs(a - b) for a, b in zip(clocks, wanted)) <= 1,
          "clocks after it are in step")
    jackd.stop()


def test(_build):
    draw = random.Random(8)
    for period in (64, 1000):
        notes_through("a phrase", phrase(), 1, period)
        # A voice that ends and begins at one frame would begin a frame later.
        notes_through("a piece of 8 lines", piece(8, draw), 16, period)
        notes_through("chords of 16", chords(16, draw), 16, period)
    nothing_hangs()
    ports()
    clock_out()


harness.main(test)
