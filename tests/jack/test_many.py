# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A large graph made over OSC, a message for each node and each cable.

Nobody waits for an answer, some messages are wrong, and questions come in
between: each is answered, in order, with what is true then, and what is wrong
is undone alone.  scripts/bench-osc says how long it takes.
"""

import threading
import time

from harness import Jackd, Lattice, check, main
from osc_client import Osc, message

PERIOD = 1024
N_NODES = 2000
MOST_SECONDS = 5.0
N_TRIES = 3  # where the machine is busy, periods are late for no fault of ours

SHAPES = {
    "into one sum": lambda i: (f"n{i}", "main"),
    "forward": lambda i: (f"n{i - 1}", f"n{i}"),
    "backward": lambda i: (f"n{i}", f"n{i - 1}"),
}


def wrong(i):
    """A message that fails, and would leave something behind if half done."""
    return [
        ("/node/new", "sine", f"n{i}"),  # the name is taken
        ("/node/new", "gain", f"bad{i}", "gain", 0.5, "nonsense", 1.0),
        ("/connect", f"n{i}", "nobody"),
        ("/connect", f"n{i}", f"n{i}"),  # a cycle
    ][i // 50 % 4]


def conversation(ends_of):
    """What is said, and how the answer to each begins."""
    for i in range(N_NODES):
        new = ("/node/new", "gain", f"n{i}", "gain", i / N_NODES)
        yield new, ("/done", ["/node/new"])
        if i:
            cable = ("/connect", *ends_of(i), 0.001)
            yield cable, ("/done", ["/connect"])
        if i % 50 == 49:
            failing = wrong(i)
            yield failing, ("/fail", [failing[0]])
        if i % 100 == 99:
            path = f"/node/n{i}/gain"
            yield (path,), (path, [i / N_NODES])
        if i % 500 == 250:
            yield ("/sync", i), ("/synced", [i])


def begins_with(got, expected):
    path, values = expected
    return got[0] == path and len(got[1]) >= len(values) and all(
        a == b if isinstance(b, str) else abs(a - b) < 1e-6
        for a, b in zip(got[1], values))


def send_all(osc, said):
    for words, _ in said:
        osc.send_packet(message(*words))


def count_wrong(osc, said):
    """Answers that are not what is due.  /synced comes when it is true: after
    what was said before, and whatever was said later may be answered first."""
    due = [answer for _, answer in said if answer[0] != "/synced"]
    syncs = {answer[1][0]: k for k, (_, answer) in enumerate(said)
             if answer[0] == "/synced"}
    places = [k for k, (_, answer) in enumerate(said)
              if answer[0] != "/synced"]
    n_wrong, at = 0, 0
    while at < len(due) or syncs:
        got = osc.receive(30)
        if got[0] == "/synced":
            place = syncs.pop(got[1][0], None)
            is_early = place is None or (at < len(due) and places[at] < place)
            n_wrong += is_early
        else:
            n_wrong += not begins_with(got, due[at])
            at += 1
    return n_wrong


def make(lattice, transport, ends_of):
    """Make the graph; the seconds it took, and the answers that are wrong."""
    said = list(conversation(ends_of))
    with Osc(lattice.osc.address[1], transport) as osc:
        sender = threading.Thread(target=send_all, args=(osc, said))
        begin = time.monotonic()
        sender.start()
        n_wrong = count_wrong(osc, said)
        sender.join()
        return time.monotonic() - begin, n_wrong


def n_late(lattice):
    with Osc(lattice.osc.address[1], "tcp") as osc:
        return sum(int(item[1]) for item in osc.list("/status/engine")
                   if item[0] in ("xruns", "late"))


def is_as_told(lattice, what, ends_of):
    with Osc(lattice.osc.address[1], "tcp") as osc:
        names = {item[0] for item in osc.list("/graph/nodes")}
        check(names == {"main"} | {f"n{i}" for i in range(N_NODES)},
              f"{what}: the nodes are there, and no other")
        n_cables = len(osc.list("/graph/cables"))
        check(n_cables == N_NODES - 1, f"{what}: {n_cables} cables")
        check(osc.done("/disconnect", *ends_of(N_NODES // 2)) is not None,
              f"{what}: a cable is where it should be")


def try_to_make(transport, what, ends_of):
    lattice = Lattice()
    lattice.osc.done("/node/new", "audio_out", "main", "channels", 1)
    before = n_late(lattice)
    seconds, n_wrong = make(lattice, transport, ends_of)
    late = n_late(lattice) - before
    check(n_wrong == 0, f"{what}: {n_wrong} answers are wrong")
    check(seconds < MOST_SECONDS, f"{what}: made in {seconds:.2f} s")
    is_as_told(lattice, what, ends_of)
    lattice.stop()
    return late


def test(_build):
    Jackd(PERIOD)
    for transport in ("tcp", "udp"):
        for shape, ends_of in SHAPES.items():
            what = f"{shape} over {transport}"
            for _ in range(N_TRIES):
                late = try_to_make(transport, what, ends_of)
                if late == 0:
                    break
            check(late == 0, f"{what}: {late} periods are late meanwhile")


main(test)
