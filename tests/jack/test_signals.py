# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What signals do to both programs, while they play and while they wait.

Three end them in order, SIGUSR1 saves, the others do nothing; a SIGHUP that
nohup had ignored stays ignored.
"""

import os
import re
import signal
import time

import harness
from harness import Child, Jackd, Lattice, check

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOTHING = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM,
           signal.SIGPROF, signal.SIGIO, signal.SIGPIPE, signal.SIGPWR,
           signal.SIGXFSZ, signal.SIGRTMIN, signal.SIGRTMAX)

SESSION = """[session]
format = 1

[node voice]
type = sine
freq = 220

[node main]
type = audio_out

[cables]
cable = voice -> main * 0.1
"""


def survives(child, numbers, when):
    for number in numbers:
        child.process.send_signal(number)
        time.sleep(0.03)
        check(child.is_alive(), f"{number.name} does nothing {when}")
    time.sleep(0.1)
    check(child.is_alive(), f"all of them do nothing {when}")


def ends_all(make, when):
    for number in ENDING:
        child = make()
        code = child.stop(number)
        check(code == 0, f"{number.name} ends it in order {when} ({code})")


def play_node():
    node = Child("node", [Lattice.program + "-node", "sine", "tone"])
    check(bool(node.wait_for("OSC on")), "lattice-node plays")
    return node


def wait_for_server(*options):
    waiting = Child("waiting", [
        *options, Lattice.program, "run", "--wait", "--osc-port", "0",
        "--session-dir", harness.path("sessions")])
    check(bool(waiting.wait_for("waiting for it")), "--wait says so")
    return waiting


def saves(text_of, lattice):
    lattice.osc.done("/node/new", "noise", "hiss")
    lattice.process.send_signal(signal.SIGUSR1)
    check(bool(harness.wait_until(lambda: "[node hiss]" in text_of(), 5)),
          "SIGUSR1 saves a session that has a name")


def test_waiting():
    ends_all(wait_for_server, "while it waits for a server")
    waiting = wait_for_server()
    survives(waiting, NOTHING, "while it waits")
    jackd = Jackd()
    check(bool(waiting.wait_for(r"playing \S+ at")),
          "--wait plays once there is a server")
    check(waiting.stop() == 0, "and ends as ever")
    return jackd


def test_playing():
    file = harness.write("song.ini", SESSION)

    def text_of():
        with open(file, encoding="utf-8") as session:
            return session.read()
    lattice = Lattice(file)
    survives(lattice, NOTHING, "while lattice plays")
    saves(text_of, lattice)
    check(not re.search("cannot|refused", lattice.log()), "nothing complains")
    lattice.stop()
    empty = Lattice()
    survives(empty, NOTHING, "while lattice plays what has no name")
    check(not os.listdir(harness.path("sessions")), "SIGUSR1 saves nothing new")
    empty.stop()
    ends_all(lambda: Lattice(file), "while lattice plays")


def test_node():
    node = play_node()
    survives(node, NOTHING, "while lattice-node plays")
    node.stop()
    ends_all(play_node, "while lattice-node plays")


def test_nohup():
    for command in ([Lattice.program, "run", "--osc-port", "0"],
                    [Lattice.program + "-node", "sine", "tone"]):
        child = Child("nohup", ["nohup", *command])
        child.wait_for("OSC on")
        child.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        check(child.is_alive(), f"{command[0]} goes on under nohup")
        check(child.stop() == 0, "and ends at SIGTERM")


def test(_build):
    test_waiting()
    test_playing()
    test_node()
    test_nohup()


harness.main(test)
