# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A synth to which nothing happens sleeps, and wakes up at once.

How often the control thread wakes up is what the kernel counts as its voluntary
context switches, while nobody sends anything and the sound goes on.  How soon
it wakes up is told by what it answers.
"""

import os
import statistics
import time

from harness import Child, Jackd, Lattice, check, main, write
from osc_client import Osc

PERIOD = 64
PERIOD_MS = PERIOD / 48
IDLE_SECONDS = 4.0
MOST_WAKES = 15  # a second
N_ANSWERS = 200
N_TRIES = 3

SESSION = """\
[session]
format = 1
[node voice]
type = sine
freq = 220
[node main]
type = audio_out
channels = 1
[cables]
cable = voice -> main * 0.1
"""


def n_wakes(pid):
    """Voluntary context switches of a process's main thread so far."""
    with open(f"/proc/{pid}/task/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])
    raise RuntimeError("the kernel does not count context switches")


def wakes_a_second(pid):
    before = n_wakes(pid)
    time.sleep(IDLE_SECONDS)
    return (n_wakes(pid) - before) / IDLE_SECONDS


def sleeps(pid, what):
    time.sleep(0.5)  # what was begun ends
    rate = wakes_a_second(pid)
    check(rate < MOST_WAKES, f"{what} wakes up {rate:.1f} times a second")


def ms_of(request):
    """Median, and 95 of 100, of what a request takes, in ms."""
    found = []
    for i in range(N_ANSWERS):
        begin = time.monotonic()
        request(i)
        found.append((time.monotonic() - begin) * 1e3)
    found.sort()
    return statistics.median(found), found[int(0.95 * N_ANSWERS)]


def answers(lattice):
    """What an answer takes, each asked for alone: the synth was asleep."""
    osc = lattice.osc

    def wake(_):
        time.sleep(0.003)
        osc.ask("/ping")

    def edit(i):
        osc.done("/node/new", "constant", f"c{i}")

    def bundle(i):
        osc.done_bundle(("/node/new", "gain", f"g{i}"),
                        ("/connect", f"c{i}", f"g{i}", 0.5))

    def set_and_sync(i):
        osc.send("/node/voice/freq", 200.0 + i)
        osc.sync()

    return {
        "/ping after 3 ms": (ms_of(wake), 3.0 + 2.0),
        "/done of a node": (ms_of(edit), 3.0),
        "/done of a bundle": (ms_of(bundle), 4.0),
        # At most a period until it is taken, one ahead, and its own.
        "/synced of a value": (ms_of(set_and_sync), 3 * PERIOD_MS + 3.0),
    }


def is_answered_soon(lattice):
    """A machine that is busy with something else gets more tries."""
    for _ in range(N_TRIES):
        found = answers(lattice)
        lattice.osc.done("/node/free", *(f"{x}{i}" for x in "cg"
                                         for i in range(N_ANSWERS)))
        if all(median < most for (median, _), most in found.values()):
            break
    for what, ((median, late), most) in found.items():
        check(median < most, f"{what}: median {median:.2f} ms, 95 of 100 "
              f"within {late:.2f} ms")


def gives_back(lattice):
    """What audio lets go of comes back though nobody asks."""
    pid = lattice.process.pid
    lattice.osc.done("/connect", "voice", "main", 0.2)
    time.sleep(0.3)
    before = n_wakes(pid)
    lattice.osc.done("/disconnect", "voice", "main")
    time.sleep(0.3)
    n = n_wakes(pid) - before
    # The message, the end of its fade, plans that come back, the beat.
    check(n < 25, f"a cable that fades wakes it {n} times")


def lone_node(build):
    node = Child("lattice-node", [os.path.join(build, "lattice-node"), "sine",
                                  "alone", "--osc-port", "0"])
    match = node.wait_for(r"OSC on 127\.0\.0\.1:(\d+)")
    check(match is not None, "lattice-node plays")
    sleeps(node.process.pid, "lattice-node")
    with Osc(int(match[1])) as osc:
        check(osc.ask("/ping") == [], "lattice-node answers")
    node.stop()


def with_processes():
    lattice = Lattice(write("own.ini", SESSION.replace(
        "type = sine", "type = sine\nprocess = own")))
    pid = lattice.process.pid
    sleeps(pid, "a synth with a node in a process")
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = file.read().split()
    check(len(children) == 1, "its node has a process")
    sleeps(int(children[0]), "the node's process")
    lattice.stop()


def test(build):
    Jackd(PERIOD)
    lattice = Lattice(write("idle.ini", SESSION))
    pid = lattice.process.pid
    sleeps(pid, "an idle synth")
    is_answered_soon(lattice)
    gives_back(lattice)
    sleeps(pid, "a synth that was played")
    lattice.osc.done("/session/new")
    sleeps(pid, "a synth with nothing in it")
    check(lattice.stop() == 0, "a sleeping synth ends when it is told to")
    lone_node(build)
    with_processes()


main(test)
