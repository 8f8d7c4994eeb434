# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a patchbay connects to lattice, and to the processes of its nodes, comes
back: with the other program, the process, and lattice itself.
"""

import os
import signal
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check, tool

SESSION = """
[session]
format = 1

[node voice]
type = sine
freq = 330

[node tone]
type = lowpass
cutoff = 4000
process = own

[node main]
type = audio_out

[cables]
cable = voice -> tone
cable = tone -> main
"""

BY_HAND = [("lattice:main_1", "synth:in_1"), ("tone:out", "synth:in_2"),
           ("system:capture_1", "tone:in"), ("lattice:main_2", "tone:in"),
           ("lattice:send/voice/out", "system:playback_1")]

LINES = ["main_1 -> physical:1", "main_1 -> synth:in_1", "main_2 -> tone/in",
         "send/voice/out -> system:playback_1", "system:capture_1 -> tone/in",
         "tone/out -> synth:in_2"]


def are_connected(*pairs):
    """Is each of them there?"""
    found = harness.connections()
    return all(pair in found for pair in pairs)


def come(*pairs, seconds=8):
    return bool(harness.wait_until(lambda: are_connected(*pairs), seconds))


def stay_away(pair, seconds=2.5):
    """It is not made in this time."""
    return not harness.wait_until(lambda: are_connected(pair), seconds)


def path_of(name):
    return os.path.join(harness.path("sessions"), name + ".ini")


def saved(osc, name):
    """Save, and give the connections in their order."""
    osc.done("/session/save", name, "overwrite")
    return lines_of(name)


def lines_of(name):
    with open(path_of(name), encoding="utf-8") as file:
        text = file.read().partition("[jack]")[2]
    return [line.removeprefix("connect = ") for line in text.splitlines()
            if line.startswith("connect")]


def patch():
    for a, b in BY_HAND:
        tool("jack_connect", a, b)
    tool("jack_disconnect", "lattice:main_2", "system:playback_2")
    check(are_connected(*BY_HAND), "it is patched by hand")
    time.sleep(0.6)  # until it is known that a hand took one out


def follow(osc, synth):
    """Through a program that goes, a restart and a new name."""
    check(sorted(saved(osc, "one")) == LINES, f"saved: {lines_of('one')}")
    check(saved(osc, "two") == lines_of("one"), "and again the same")
    synth.stop()
    time.sleep(4.0)
    check(saved(osc, "two") == lines_of("one"),
          "connections to a program that has gone are kept")
    synth = Recorder("synth", 2, 100)
    check(come(*BY_HAND), "and made again when it comes")
    osc.done("/node/tone/restart")
    check(bool(harness.wait_until(lambda: not are_connected(BY_HAND[1]), 5)),
          "the process is started anew")
    check(come(*BY_HAND), "with all that was connected to it")
    osc.done("/node/rename", "tone", "colour")
    renamed = [(a.replace("tone:", "colour:"), b.replace("tone:", "colour:"))
               for a, b in BY_HAND]
    check(come(*renamed), "and when it is renamed")
    wanted = sorted(line.replace("tone/", "colour/") for line in LINES)
    check(sorted(saved(osc, "two")) == wanted, f"saved: {lines_of('two')}")
    osc.done("/node/colour/process", "engine")
    check(bool(harness.wait_until(
        lambda: "colour:" not in tool("jack_lsp"), 5)), "in the engine")
    check(sorted(saved(osc, "two")) == wanted,
          "a node without process keeps the lines of its process")
    osc.done("/node/colour/process", "own")
    check(come(*renamed), "which count when it has one again")
    check(sorted(saved(osc, "two")) == wanted, f"saved: {lines_of('two')}")
    return synth, renamed


def start_anew(lattice, synth, renamed):
    """From the saved file, after a death; the other program comes later."""
    lattice.stop(signal.SIGKILL)
    synth.stop()
    lattice = Lattice(path_of("two"))
    here = [pair for pair in renamed if "synth" not in pair[1]]
    check(come(*here), "a new start connects what is there")
    check(saved(lattice.osc, "three") == lines_of("two"),
          "and forgets nothing of the rest")
    synth = Recorder("synth", 2, 100)
    check(come(*renamed), "which is connected when it comes")
    check(not are_connected(("lattice:main_2", "system:playback_2")),
          "what was taken out by hand stays out")
    return lattice, synth


def take_out(osc, renamed):
    tool("jack_disconnect", *renamed[1])
    time.sleep(1.0)
    check("colour/out -> synth:in_2" not in saved(osc, "three"),
          "what a hand takes out of a process is not saved")
    osc.done("/node/colour/restart")
    check(come(renamed[2], renamed[3]) and stay_away(renamed[1]),
          "nor made again with the process")
    osc.done("/node/free", "colour")
    check(sorted(saved(osc, "three")) ==
          ["main_1 -> physical:1", "main_1 -> synth:in_1",
           "main_2 -> nothing", "send/voice/out -> system:playback_1"],
          f"lines go with their node: {lines_of('three')}")


def judge_lines(lattice):
    """What people write."""
    text = SESSION + "\n[jack]\n"
    harness.write("server.ini", text + "connect = main_1 -> tone:in\n")
    harness.write("engine.ini", text.replace("process = own", "") +
                  "connect = tone/out -> system:playback_1\n")
    harness.write("wrong.ini", text + "connect = tone//out -> system:in\n")
    for name, code in (("server", 0), ("engine", 0), ("wrong", 1)):
        done = subprocess.run(
            [Lattice.program, "check", harness.path(name + ".ini")],
            capture_output=True, text=True, check=False)
        check(done.returncode == code, f"check {name}: {done.stderr.strip()}")
    lattice.stop()
    lattice = Lattice(harness.path("server.ini"))
    check(come(("lattice:main_1", "tone:in")),
          "a process can be named as the server names it")
    check(saved(lattice.osc, "server") == ["main_1 -> tone/in"],
          f"and is saved as ours: {lines_of('server')}")
    lattice.stop()
    lattice = Lattice(harness.path("engine.ini"))
    check("waits until tone has a process" in lattice.log(),
          "a line for a process that is none says so")
    lattice.osc.done("/node/tone/process", "own")
    check(come(("tone:out", "system:playback_1")), "and counts once it is")
    return lattice


def test(_build):
    Jackd(period=256)
    lattice = Lattice(harness.write("first.ini", SESSION))
    synth = Recorder("synth", 2, 100)
    patch()
    synth, renamed = follow(lattice.osc, synth)
    lattice, synth = start_anew(lattice, synth, renamed)
    take_out(lattice.osc, renamed)
    lattice = judge_lines(lattice)
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
