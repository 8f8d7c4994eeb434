#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plays is kept and plays again, also after kill -9 at any moment.

    tests/jack/test_autosave.py --build build/release [--kills 1000]
"""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time

import harness
from harness import Jackd, Lattice, check, path, tool, wait_until, write

harness.number("kills", 12, "times that it is killed (12)")

SESSION = """[session]
format = 1

[transport]
tempo = 93

[node a]
type = sine
freq = 220

[node main]
type = audio_out
channels = 2
level = 0.1

[cables]
cable = a -> main
"""


def folder(name="lattice"):
    return os.path.join(os.environ["XDG_STATE_HOME"], "lattice", name)


def autosaves():
    return sorted(name for name in os.listdir(folder())
                  if re.fullmatch(r"\d+\.ini", name))


def wait_kept(n, seconds=6):
    """Wait for an autosave with a number above n; return the newest."""
    def newest():
        files = autosaves()
        number = int(files[-1][:-4]) if files else 0
        return number if number > n else 0
    return wait_until(newest, seconds)


def test_lives():
    write("song.ini", SESSION)
    synth = Lattice(path("song.ini"))
    wait_kept(0)
    synth.osc.send("/node/a/freq", 333.0)
    synth.osc.send("/transport/tempo", 77.0)
    number = wait_kept(1)
    check(number, "a change is kept by itself")
    check(synth.stop(signal.SIGKILL) == -9, "kill -9")

    synth = Lattice(restores=True)
    log = synth.log()
    said = re.search(r"restored (\S+\.ini): 2 nodes, 2 cables, \d+ \w+ old; "
                     r"JACK period 64", log)
    check(said and said[1].startswith(folder()),
          "the start says what is restored: file, nodes, cables, age, period")
    check(synth.osc.ask("/node/a/freq") == 333.0, "a value is restored")
    check(synth.osc.ask("/transport/tempo") == 77.0, "the tempo is restored")
    check(synth.osc.ask("/session/status") == ["", 1],
          "what is restored has no name, and no file has it")
    check("/session/save NAME" in synth.osc.fail("/session/save"),
          "saving it needs a name")
    check(wait_until(lambda: "system:playback_1" in
                     tool("jack_lsp", "-c", "lattice:main_1"), 5),
          "and it is connected")

    other = Lattice(restores=True)
    check("another lattice keeps what it plays in" in other.log() and
          not other.osc.list("/graph/nodes"),
          "a second one of that name says so and starts without")
    check(other.stop() == 0, "and ends")

    synth.osc.send("/node/a/freq", 444.0)
    synth.osc.sync()
    synth.osc.send("/quit")
    check(synth.process.wait(10) == 0, "/quit")
    synth = Lattice(restores=True)
    check(synth.osc.ask("/node/a/freq") == 444.0,
          "what /quit ended is kept at once")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        synth.osc.send("/node/a/freq", 500.0 + number)
        synth.osc.sync()
        check(synth.stop(number) == 0, f"signal {int(number)} ends it")
        synth = Lattice(restores=True)
        check(synth.osc.ask("/node/a/freq") == 500.0 + number,
              "and what it ended is kept")
    return synth


def test_unsaved(synth):
    """Another session over work that no file has."""
    synth.osc.done("/session/new")
    check("/session/load autosave brings it back" in synth.log(),
          "it says that what was not saved is kept")
    check(synth.osc.ask("/session/status") == ["", 0], "and begins unchanged")
    synth.osc.done("/session/load", "autosave")
    check(len(synth.osc.list("/graph/nodes")) == 2, "/session/load autosave brings it back")
    check(synth.osc.fail("/session/save", "autosave"),
          "no session is saved under that name")
    synth.osc.done("/session/save", "Träume #1")
    check(synth.osc.ask("/session/status") == ["Träume #1", 0],
          "a name in UTF-8 is a session's")
    before = autosaves()
    os.kill(synth.process.pid, signal.SIGUSR1)
    time.sleep(0.2)
    check(autosaves()[-1] == before[-1],
          "SIGUSR1 writes the session, not the autosave")
    synth.stop()


def test_broken():
    synth = Lattice(restores=True)
    synth.osc.send("/node/a/freq", 611.0)
    synth.stop()
    newest = os.path.join(folder(), autosaves()[-1])
    with open(newest, "r+b") as file:
        file.truncate(os.path.getsize(newest) // 2)
    synth = Lattice(restores=True)
    check("is cut short" in synth.log() and "restored" in synth.log(),
          "a broken file falls back to the one before, saying so")
    synth.stop()
    synth = Lattice("--empty")
    check(not synth.osc.list("/graph/nodes"), "--empty is empty")
    synth.stop()


def freq_of_next():
    """What a start without a session plays."""
    synth = Lattice(restores=True)
    value = (synth.osc.ask("/node/a/freq") if synth.osc.list("/graph/nodes")
             else None)
    synth.stop()
    return value


def test_other_starts():
    """Other starts leave what the next plain one restores."""
    synth = Lattice(restores=True)
    for value in (700.0, 701.0):
        synth.osc.send("/node/a/freq", value)
        wait_kept(int(autosaves()[-1][:-4]))
    synth.osc.send("/quit")
    check(synth.process.wait(10) == 0 and
          "lattice without a session plays it again" in synth.log(),
          "/quit says that what was not saved is kept")
    before = sorted(os.listdir(folder()))

    session = write("other.ini", SESSION)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        codes = [subprocess.run([Lattice.program, "run", how, "--osc-port",
                                 port], capture_output=True,
                                check=False).returncode
                 for how in ("--empty", session)]
    check(codes == [3, 3] and sorted(os.listdir(folder())) == before,
          f"starts that fail touch nothing ({codes})")
    check(freq_of_next() == 701.0, "and it is restored")

    synth = Lattice("--empty")
    check("/session/load autosave brings it back" in synth.log(),
          "--empty says that what was not saved is kept")
    synth.stop()
    check(freq_of_next() == 701.0, "--empty without a change leaves it")

    synth = Lattice(session)
    wait_kept(int(autosaves()[-1][:-4]))
    synth.osc.done("/session/load", "autosave")
    check(synth.osc.ask("/node/a/freq") == 701.0,
          "a session leaves it among unsaved work")
    synth.stop()


def test_lost():
    """Work that cannot be kept at the end is an error."""
    synth = Lattice("--empty")
    synth.osc.done("/node/new", "sine", "a")
    shutil.rmtree(folder())
    with open(folder(), "w", encoding="utf-8"):
        pass
    check(synth.stop() == 3 and "what was not saved is lost: cannot write "
          in synth.log(), "work that is lost is exit status 3, and why")
    os.unlink(folder())


def test_kills(jackd, n):
    """kill -9 at random moments of edits: at most the last 2 s are lost."""
    print(f"        {n} kills")
    dice = random.Random(1)
    worst = 0.0
    torn = lost = 0
    synth = Lattice(restores=True)
    synth.osc.done("/node/new", "constant", "kill", "value", 0.0)
    wait_kept(int(autosaves()[-1][:-4]) if autosaves() else 0)
    sent = [(time.monotonic(), 0.0)]  # when a value was in force
    value = 0.0
    for i in range(n):
        until = time.monotonic() + dice.uniform(0.0, 2.5)
        while time.monotonic() < until:
            value += 1.0
            synth.osc.send("/node/kill/value", value)
            sent.append((time.monotonic(), value))
            time.sleep(dice.uniform(0.001, 0.05))
        killed = time.monotonic()
        synth.process.kill()
        synth.process.wait()
        synth.out.close()
        synth.osc.close()
        if i % 100 == 99:
            # Clients that are killed leak locks of the server's database.
            jackd.stop()
            jackd = Jackd(64)
        synth = Lattice(restores=True)
        torn += "cut short" in synth.log() or "restored" not in synth.log()
        got = synth.osc.ask("/node/kill/value")
        # The first value after the one that came back was lost.
        later = [when for when, number in sent if number > got]
        age = killed - later[0] if later else 0.0
        worst = max(worst, age)
        lost += age > 2.0
        value = got
        sent = [(time.monotonic(), got)]
    check(torn == 0, f"{n} of {n} restarts load, no file is torn")
    check(lost == 0, f"none loses more than 2 s (worst {worst:.2f} s)")
    synth.stop()


def test(_):
    jackd = Jackd(64)
    test_unsaved(test_lives())
    test_broken()
    test_other_starts()
    test_lost()
    test_kills(jackd, harness.asked.kills)


harness.main(test)
