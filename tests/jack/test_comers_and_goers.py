# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of a [jack] connect line that comes and goes is connected each time.

It ends in order, or is killed, and may be back before anybody has seen that it
was gone.
"""

import signal
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check

harness.number("times", 20, "how often it comes")

SESSION = """
[session]
format = 1

[node voice]
type = sine

[node main]
type = audio_out
channels = 2

[cables]
cable = voice -> main

[jack]
connect = main_1 -> rec:in_1
connect = main_2 -> rec:in_2
"""

PATIENCE = 4  # seconds, on a busy machine


def come(seconds=0.02):
    """It begins to record once all its ports are connected."""
    begin = time.monotonic()
    recorder = Recorder("rec", 2, seconds)
    try:
        recorder.finish(PATIENCE)
    except subprocess.TimeoutExpired:
        print("       ", harness.tool("jack_lsp", "-c").split())
        recorder.stop()
        return None
    return time.monotonic() - begin


def vanish():
    """It is killed as soon as it is there."""
    recorder = Recorder("rec", 2, 60)
    recorder.stop(signal.SIGKILL)


def judge(what, waits):
    n_lost = waits.count(None)
    longest = max([wait for wait in waits if wait is not None], default=0)
    check(n_lost == 0, f"{what}: connected {len(waits) - n_lost} of "
          f"{len(waits)} times, after {longest:.2f} s at most")


def test(_build):
    jackd = Jackd(period=64)
    lattice = Lattice(harness.write("comers.ini", SESSION))
    times = harness.asked.times
    judge("it ends in order", [come() for _ in range(times)])
    waits = []
    for _ in range(times):
        vanish()
        waits.append(come())
    judge("it is killed before", waits)
    check(lattice.stop() == 0, "lattice ends in order")
    jackd.stop()


harness.main(test)
