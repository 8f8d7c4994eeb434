# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""No note stays behind, ports are MIDI's, and clocks leave at their frame."""

import harness
from harness import Jackd, Lattice, Listener, RATE, check

THROUGH = """
[session]
format = 1

[node keys]
type = midi_notes

[node synth]
type = midi_out
channel = 3

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


# --- Tests ----------------------------------------------------------------------


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
    path = harness.write("through.ini", THROUGH)
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
    # Long periods: a machine that is busy is late with fewer of them.
    jackd = Jackd(period=1000)
    for _ in harness.tries(8, 180):
        lattice = Lattice(harness.write("clock.ini", CLOCK))
        harness.wait_until(lambda: "lattice:sync" in harness.tool("jack_lsp"))
        ear = Listener("ear", 6, "lattice:sync")
        lattice.osc.send("/transport/locate", 0.0)
        harness.time.sleep(0.2)  # another span
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
    check(data[:3] == [b"\xf2\0\0", b"\xf2\0\0", b"\xfa"],
          "it goes to a position, and begins with one and a start: "
          f"{data[:3]}")
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
    nothing_hangs()
    ports()
    clock_out()


harness.main(test)
