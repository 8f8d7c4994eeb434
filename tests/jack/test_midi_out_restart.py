# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""No key hangs where MIDI goes when the server dies and comes back.

A client that hears a port again is let go of the keys that were down as the
server died, and of those that were let go while there was none; what is struck
from then on stays.
"""

import signal
import time

import harness
from harness import Jackd, Lattice, Listener, check

SESSION = """
[session]
format = 1

[node keys]
type = midi_out

[node chord]
type = midi_out
poly = 2
"""

NOTE_ON, NOTE_OFF = 0x90, 0x80


def keys(events, status):
    return sorted(data[1] for _, data in events if data[0] & 0xf0 == status)


def strike(lattice, pitch):
    lattice.osc.send("/node/keys/pitch", pitch)
    lattice.osc.send("/node/keys/gate", 1.0)
    lattice.osc.sync()


def hear(port, seconds, act=None):
    listener = Listener("ears", seconds, port)
    if act:
        time.sleep(0.3)
        act()
    return listener.finish()[0]


def return_of(jackd, how=signal.SIGKILL, meanwhile=None):
    """The server dies, and there is another."""
    jackd.stop(how)
    time.sleep(1.0)
    if meanwhile:
        meanwhile()
    jackd = Jackd(period=128)
    back = harness.wait_until(
        lambda: "lattice:keys" in harness.tool("jack_lsp"), 15)
    check(back, "the ports are back")
    return jackd


def test(_build):
    jackd = Jackd(period=128)
    lattice = Lattice(harness.write("out.ini", SESSION))
    events = hear("lattice:keys", 1.5, lambda: strike(lattice, 0.0))
    check(keys(events, NOTE_ON) == [60] and not keys(events, NOTE_OFF),
          f"a key is down: {events}")

    jackd = return_of(jackd)
    events = hear("lattice:keys", 1.5)
    check(keys(events, NOTE_OFF) == [60], f"it is let go: {events}")

    lattice.osc.send("/node/keys/gate", 0.0)
    strike(lattice, 7.0)
    jackd = return_of(jackd, meanwhile=lambda: lattice.osc.done("/panic"))
    events = hear("lattice:keys", 1.5)
    check(67 in keys(events, NOTE_OFF),
          f"so is one of which a panic was while there was none: {events}")

    events = hear("lattice:keys", 1.5, lambda: strike(lattice, 7.0))
    check(keys(events, NOTE_ON) == [67], f"it is struck again: {events}")
    events = hear("lattice:keys", 1.0)
    check(67 not in keys(events, NOTE_OFF),
          f"and stays down whoever comes: {events}")
    lattice.stop()
    jackd.stop()


harness.main(test)
