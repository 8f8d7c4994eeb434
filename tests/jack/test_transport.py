# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""JACK's transport is followed with `sync = jack`, and latencies pass through."""

import shutil
import sys
import time

import harness
from harness import Jackd, Lattice, Transport, check, tool

SESSION = """
[session]
format = 1

[transport]
tempo = 120
beats_per_cycle = 4
playing = no
sync = jack

[node mic]
type = audio_in
channels = 1

[node main]
type = audio_out
channels = 1

[cables]
cable = mic -> main

[jack]
connect = physical:1 -> mic_1
connect = main_1 -> physical:2
"""


def latencies():
    """Port -> {playback or capture: range}."""
    found, port = {}, None
    for line in tool("jack_lsp", "-l").splitlines():
        if not line.startswith("\t"):
            port = found.setdefault(line, {})
        else:
            words = line.split()
            port[words[1]] = (int(words[5]), int(words[6]))
    return found


def status(lattice):
    return dict(lattice.osc.list("/status/engine"))


def judge_transport(lattice):
    transport = Transport()
    transport.say("locate 96000")
    now = status(lattice)
    print("located:", now["cycle"], now["playing"])
    check(now["cycle"] == 1.0 and not now["playing"],
          "frame 96000 at 120 bpm is cycle 1")
    transport.say("play")
    before, first = time.monotonic(), status(lattice)
    time.sleep(1.0)
    passed, last = time.monotonic() - before, status(lattice)
    cycles = last["cycle"] - first["cycle"]
    print(f"rolling: {cycles:.4f} cycles in {passed:.3f} s")
    check(first["playing"] and abs(cycles - passed / 2) < 0.03,
          "it rolls at that tempo")
    transport.say("stop")
    stopped = status(lattice)["cycle"]
    time.sleep(0.3)
    check(status(lattice)["cycle"] == stopped, "it stops, and stays")
    transport.say("master")
    transport.say("tempo 90")
    transport.say("locate 0")
    transport.say("play")
    now = status(lattice)
    print("with a timebase master: tempo", now["tempo"])
    check(now["tempo"] == 90.0, "a timebase master's tempo is taken")
    transport.say("stop")
    transport.close()


def judge_latencies():
    seen = latencies()
    for port in ("lattice:mic_1", "lattice:main_1", "system:capture_1",
                 "system:playback_2"):
        print(port, seen.get(port))
    check(seen["lattice:main_1"]["capture"] ==
          seen["system:capture_1"]["capture"],
          "what goes out is as old as what came in")
    check(seen["lattice:mic_1"]["playback"] ==
          seen["system:playback_2"]["playback"],
          "what comes in is heard when what goes out is")


def test(_build):
    if not shutil.which("jack_transport"):
        print("skipped: jack_transport is not installed")
        harness.stop_all()
        sys.exit(77)
    Jackd(period=256)
    lattice = Lattice(harness.write("transport.ini", SESSION))
    judge_latencies()
    judge_transport(lattice)
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
