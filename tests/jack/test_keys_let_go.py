# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""No key hangs: a keyboard that goes away lets go of what it holds, and so does
/panic, also of nodes in processes."""

import os
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check

SESSION = """
[session]
format = 1

[node keys]
type = midi_notes

[node level]
type = meter

[cables]
cable = keys/gate -> level
"""


def peak(lattice):
    return lattice.osc.ask("/node/level/peak")


def gate(lattice):
    """Is a key held?  The meter's peak falls when it is let go."""
    first = peak(lattice)
    time.sleep(0.1)
    return peak(lattice) > 0.99 * first > 0.5


def hold(name):
    """A keyboard with a key down that stays connected.

    As a client comes, cycles are late, and what is sent in one that lattice
    misses is lost to it.  So the key is struck again for a second.
    """
    strikes = [f"{frame}:903c64" for frame in range(100, 48000, 9600)]
    child = harness.Child(name, [
        os.path.join(Recorder.tools, "jack_send"), name, "lattice:midi_in",
        *strikes, "4000000:803c00"])
    check(harness.wait_until(lambda: "lattice:midi_in" in
                             harness.tool("jack_lsp", "-c", f"{name}:out")),
          f"keyboard {name} is connected")
    time.sleep(1.2)  # the last strike is over
    return child


def judge(period):
    jackd = Jackd(period=period)
    lattice = Lattice(harness.write("keys.ini", SESSION))
    time.sleep(0.3)

    keyboard = hold("one")
    check(gate(lattice), f"a key is held at period {period}")
    subprocess.run(["jack_disconnect", "one:out", "lattice:midi_in"],
                   check=True, timeout=20, capture_output=True)
    check(harness.wait_until(lambda: not gate(lattice)),
          "a keyboard that is disconnected lets go")
    keyboard.stop()

    for how, number in (("ends", 15), ("is killed", 9)):
        keyboard = hold("two")
        check(gate(lattice), "a key is held")
        keyboard.stop(number)
        check(harness.wait_until(lambda: not gate(lattice)),
              f"a keyboard that {how} lets go")

    keyboard = hold("three")
    check(gate(lattice), "a key is held")
    lattice.osc.done("/panic")
    check(harness.wait_until(lambda: not gate(lattice)), "/panic lets go")
    keyboard.stop()

    lattice.osc.done("/note", "keys", "a4", 1.0)
    time.sleep(0.2)
    check(gate(lattice), "/note strikes a key")
    lattice.osc.done("/note", "keys", "a4", 0)
    check(harness.wait_until(lambda: not gate(lattice)), "and lets it go")

    keyboard = hold("four")
    check(gate(lattice), "a key is held")
    jackd.stop(9)
    keyboard.stop()
    jackd = Jackd(period=period)
    check(harness.wait_until(lambda: "lattice:midi_in" in
                             harness.tool("jack_lsp"), 20), "the server is back")
    check(harness.wait_until(lambda: not gate(lattice)),
          "a server that was killed takes its keys along")
    lattice.stop()
    jackd.stop()


def test(_build):
    for period in (256, 1024):
        judge(period)


harness.main(test)
