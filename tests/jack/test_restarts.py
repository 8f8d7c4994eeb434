# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server ends and comes back, again and again, with another rate and period.

Each time the session must sound as before, to another program that comes anew
as well, with every connection that a patchbay made, and every value.
`--restarts 50` is the full demonstration.
"""

import signal
import statistics
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check, tool

harness.number("restarts", 6, "times that the server ends (6)")

SERVERS = [(48000, 64), (44100, 128), (96000, 256), (48000, 1024),
           (44100, 64), (96000, 1024), (48000, 256), (48000, 128)]

VALUES = {"/node/voice/freq": 440.0, "/node/tone/cutoff": 3000.0,
          "/node/tone/q": 1.5, "/node/echo/time": 0.03,
          "/node/echo/mix": 0.2, "/node/main/level": 0.7}

# What a patchbay connects: a port of the engine, and one of a node's process.
BY_HAND = [("lattice:main_1", "ear:in_1"), ("tone:out", "ear:in_2"),
           ("echo:out", "system:playback_2"), ("system:capture_1", "tone:in")]


def connections():
    """None if jack_lsp hangs, which clients of a server that was killed may
    do."""
    try:
        return harness.connections()
    except subprocess.TimeoutExpired:
        return None


def status(osc):
    return dict(osc.list("/status/engine"))


def values(osc):
    return {path: osc.ask(path) for path in VALUES}


def set_up(osc):
    for path, value in VALUES.items():
        osc.send(path, value)
    ear = Recorder("ear", 2, 1.0)
    for a, b in BY_HAND:
        tool("jack_connect", a, b)
    before = harness.wait_until(
        lambda: (lambda all_: all_ if all(pair in all_ for pair in BY_HAND)
                 else None)(connections()))
    ear.finish()
    check(bool(before), "it is patched by hand")
    now = values(osc)
    check(all(abs(now[path] - value) < 1e-6 for path, value in VALUES.items()),
          "and its values are set")
    return before, now


def come_back(lattice, server, before, last_cycle):
    """Start the server and judge the recovery; return the seconds it took."""
    rate, period = server
    jackd = Jackd(period, rate)
    start = time.monotonic()
    ear = Recorder("ear", 2, 1.5)
    same = harness.wait_until(lambda: connections() == before[0], 45)
    facts = None
    if same:
        sound, facts = ear.finish()
    else:
        found = connections() or set()
        print("lost:", sorted(before[0] - found),
              "new:", sorted(found - before[0]))
        ear.stop()
    check(same, f"the connections are the same at {rate} Hz, period {period}")
    if facts:
        peaks = [harness.find_peaks(sound[:, k], 1, rate) for k in (0, 1)]
        check(all(p and abs(p[0][0] - 440.0) < 5.0 for p in peaks),
              f"and the sound: {peaks}")
    osc = lattice.osc
    check(values(osc) == before[1], "the values are")
    check(bool(harness.wait_until(
        lambda: status(osc)["processes_playing"] == 2, 10)),
        "the processes play")
    now = status(osc)
    check(now["process_deaths"] == 0, "and none is blamed")
    check(now["rate"] == rate and now["period"] == period, "it runs as told")
    check(now["playing"] == 1 and now["tempo"] == 133.0 and
          now["cycle"] > last_cycle, "the transport goes on from where it was")
    return jackd, facts["heard"] - start if facts and facts["heard"] else None


def judge_status(lattice, n, why):
    now = status(lattice.osc)
    check(now["jack"] == 0 and now["jack_losses"] == n and
          now["jack_lost"] == why and now["jack_away"] > 0 and
          now["jack_lost_at"] > "2020-01-01T00:00:00Z",
          "/status/engine says that the server went, why and when")


def test(_build):
    jackd = Jackd(*reversed(SERVERS[0]))
    lattice = Lattice(harness.write("again.ini", harness.AWAY))
    before = set_up(lattice.osc)
    took = []
    for k in range(harness.asked.restarts):
        how = (signal.SIGKILL, signal.SIGTERM)[k % 2]
        last_cycle = status(lattice.osc)["cycle"]
        jackd.stop(how)
        check(bool(harness.wait_until(
            lambda: status(lattice.osc)["jack"] == 0, 10)),
            f"{k + 1}: {how.name} is seen")
        judge_status(lattice, k + 1, "the JACK server has gone")
        jackd, seconds = come_back(lattice, SERVERS[(k + 1) % len(SERVERS)],
                                   before, last_cycle)
        if check(seconds is not None, "it is heard again"):
            took.append(seconds)
            print(f"        sound {seconds:.2f} s after the server is there",
                  flush=True)
    if took:
        print(f"{len(took)} recoveries of {harness.asked.restarts}; sound "
              f"again after {statistics.median(took):.2f} s (median), "
              f"{max(took):.2f} s (worst)")
    check(status(lattice.osc)["jack_away"] > 0, "and how long it took")
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
