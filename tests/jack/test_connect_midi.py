# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""--connect-midi connects every MIDI source, when it comes, and saves none."""

import os
import re

import harness
from harness import Jackd, Lattice, Recorder, check

SESSION = """
[session]
format = 1

[node keys]
type = midi_notes
"""


def device(name, *ports):
    found = harness.Child("device", [
        os.path.join(Recorder.tools, "jack_device"), name, *ports])
    if not found.wait_for("ready"):
        raise RuntimeError("the device does not start:\n" + found.log())
    return found


def is_connected(source):
    return (source, "lattice:midi_in") in harness.connections()


def comes(source):
    return harness.wait_until(lambda: is_connected(source))


def stays_out(source, seconds=1.5):
    harness.time.sleep(seconds)
    return not is_connected(source)


def sources():
    jackd = Jackd(period=256)
    device("piano", "midi-capture=keys", "midi-playback=light")
    path = harness.write("plain.ini", SESSION)
    lattice = Lattice(path)
    check(stays_out("piano:keys"), "without the option nothing is connected")
    lattice.stop()
    lattice = Lattice(path, "--connect-midi")
    check(comes("piano:keys"), "a source that is there is connected")
    pads = device("pads", "midi-capture=out_1", "midi-capture=out_2")
    check(comes("pads:out_1") and comes("pads:out_2"),
          "and those that come later")
    harness.tool("jack_disconnect", "piano:keys", "lattice:midi_in")
    check(stays_out("piano:keys"), "what is taken out by hand stays out")
    pads.stop()
    pads = device("pads", "midi-capture=out_1")
    check(comes("pads:out_1"), "one that comes back is connected again")
    check(not is_connected("piano:keys"), "the other still is not")
    lattice.osc.send("/session/save", "saved")
    saved = harness.path("sessions/saved.ini")
    harness.wait_until(lambda: os.path.exists(saved))
    with open(saved, encoding="utf-8") as file:
        check("midi_in" not in file.read(), "an option is not saved")
    lattice.osc.send("/session/load", "saved")
    lattice.osc.sync()
    harness.time.sleep(1.0)
    check(is_connected("pads:out_1"), "another session leaves it alone")
    lattice.stop()
    jackd.stop()


def view():
    """The line of the meters says what came last."""
    jackd = Jackd(period=256)
    path = harness.write("plain.ini", SESSION)
    log = harness.path("typescript")
    child = harness.Child("view", [
        "script", "-qfc", f"{Lattice.program} run {path} --osc-port 0 --meters",
        log])
    harness.wait_until(lambda: "lattice:midi_in" in harness.tool("jack_lsp"))
    harness.time.sleep(0.5)
    harness.send_midi("keyboard", "lattice:midi_in",
                      [(4800, b"\x90\x3c\x64"), (4900, b"\xf8"),
                       (24000, b"\x80\x3c\0")])

    def shown():
        with open(log, encoding="utf-8", errors="replace") as file:
            return re.findall(r"MIDI  (note [^\x1b\r\n]*)", file.read())
    harness.wait_until(lambda: any("note off" in line for line in shown()))
    print(f"shown: {sorted(set(shown()))}")
    check("note on c4 100 ch 1   from keyboard:out" in shown(),
          "a note is shown, with where it comes from")
    check(any("note off c4 ch 1" in line for line in shown()),
          "and that it was let go; a clock is not")
    child.stop()
    jackd.stop()


def test(_build):
    sources()
    view()


harness.main(test)
