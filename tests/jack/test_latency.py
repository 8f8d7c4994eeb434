# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a type delays reaches JACK, /node/info and the drawn graph."""

import os
import re
import subprocess

import harness
from harness import Jackd, Lattice, check, tool

PERIOD = 256

SESSION = """
[session]
format = 1

[node mic]
type = audio_in
channels = 1

[node slow]
type = faulty
latency = 100

[node slower]
type = faulty
latency = 30

[node main]
type = audio_out
channels = 1

[node dry]
type = audio_out
channels = 1

[cables]
cable = mic -> slow
cable = slow -> slower
cable = slower -> main
cable = slow -> main
cable = mic -> dry

[jack]
connect = physical:1 -> mic_1
connect = main_1 -> physical:1
connect = dry_1 -> physical:2
"""


def latency(port, mode):
    """Least and most frames of a port, "capture" or "playback"."""
    found = re.search(mode + r" latency = \[ (\d+) (\d+) \]",
                      tool("jack_lsp", "-l", port))
    return (int(found[1]), int(found[2])) if found else None


def longer(pair, least, most):
    return (pair[0] + least, pair[1] + most)


def judge_paths(least, most, what):
    """Least and most of both ways on from the server's own ports."""
    came = latency("system:capture_1", "capture")
    goes = latency("system:playback_1", "playback")
    check(latency("lattice:mic_1", "capture") == came and
          latency("lattice:main_1", "playback") == goes,
          "what the server's ports have arrives as it is")
    check(bool(harness.wait_until(
        lambda: latency("lattice:main_1", "capture") ==
        longer(came, least, most))), f"{what}: out of main after "
        f"{least} to {most} frames")
    check(bool(harness.wait_until(
        lambda: latency("system:playback_1", "capture") ==
        longer(came, least, most))), f"{what}: and so at the loudspeaker")
    check(latency("lattice:dry_1", "capture") == came,
          f"{what}: the dry way is none the longer")
    check(bool(harness.wait_until(
        lambda: latency("lattice:mic_1", "playback") ==
        (goes[0], goes[1] + most))), f"{what}: into mic up to {most} frames "
        "before it is heard, and at once by the dry way")


def info(osc, node):
    return [row for row in osc.list("/node/info", node) if row[2] == "latency"]


def test(build):
    Jackd(period=PERIOD)
    path = harness.write("latency.ini", SESSION)
    lattice = Lattice(path)
    osc = lattice.osc
    judge_paths(100, 130, "as loaded")
    check([row[3] for row in info(osc, "slow")] == [100.0] and
          not info(osc, "dry"), "/node/info has it of the node that delays")
    osc.send("/node/slow/latency", 500)
    judge_paths(500, 530, "after a setting")
    osc.done("/disconnect", "slow", "main")
    judge_paths(530, 530, "after a cable has gone")
    osc.done("/node/free", "slower")
    osc.done("/connect", "mic", "main")
    judge_paths(0, 0, "after a node has gone")
    drawn = subprocess.run([os.path.join(build, "lattice"), "graph", path],
                           capture_output=True, text=True, check=True).stdout
    check("slow delays by 100 frames" in drawn and
          "from mic_1 to main_1: 100 to 130 frames" in drawn,
          "lattice graph draws it")
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
