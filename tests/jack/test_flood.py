# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Floods of OSC: whatever one sender does, the others are answered soon.

Another client asks a thousand questions, one after the other, while somebody
floods the server: each is answered, half of them within 50 ms, and half of the
periods take less than half of their time to make.  A client that had to wait
for a flood's end would wait for every answer; what 99 of 100 waited is printed,
not held against a limit, for what else runs on the machine is in it too.
"""

import multiprocessing
import socket
import struct
import threading
import time

from harness import Jackd, Lattice, check, main
from osc_client import Osc, bundle, message, ntp

PERIOD = 1024
N_NODES = 1000
N_QUESTIONS = 1000
MOST_SECONDS = 3.0  # of a flood: it goes on for as long as questions are asked


def send_without_end(port, packets, transport, pause):
    """Send, and read nothing of the answers."""
    try:
        with Osc(port, transport) as osc:
            while True:
                for packet in packets:
                    osc.send_packet(packet)
                if pause:
                    time.sleep(pause)
    except OSError:
        pass  # who does not read is closed


class Flood:
    """Somebody who sends without end, in a process of its own."""

    def __init__(self, port, packets, transport="udp", pause=0.0):
        self.process = multiprocessing.Process(
            target=send_without_end, args=(port, packets, transport, pause),
            daemon=True)

    def __enter__(self):
        self.process.start()
        time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


def waits(osc, seconds, question=("/node/n1/freq",)):
    """How long each of the questions waits, sorted, in ms."""
    found, end = [], time.monotonic() + seconds
    while len(found) < N_QUESTIONS and time.monotonic() < end:
        begin = time.monotonic()
        osc.send(*question)
        osc.receive(30)
        found.append((time.monotonic() - begin) * 1e3)
    return sorted(found)


def p99(found):
    return found[min(len(found) - 1, int(len(found) * 0.99))]


def median(found):
    return found[len(found) // 2]


def vanish(port):
    """Connections that say nothing any more."""
    return [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]


def floods(port):
    pattern, nodes = message("/node/*/*"), message("/graph/nodes")
    comes = [("/node/new", "constant", "flood"), ("/connect", "flood", "n1"),
             ("/connect", "flood", "n2/phase", 0.1)]
    goes = ("/node/free", "flood")
    one_by_one = [message(*m) for m in (*comes, goes)]
    at_once = [bundle(*[message(*m) for m in comes]), message(*goes)]
    sets = bundle(*[message("/node/n*/freq", 5.0)] * 8)
    return {
        "a bundle of 100 patterns": Flood(port, [bundle(*[pattern] * 100)],
                                          pause=1.0),
        "a bundle of 2000 patterns": Flood(port, [bundle(*[pattern] * 2000)],
                                           pause=1.0),
        "2000 patterns over TCP": Flood(port, [bundle(*[pattern] * 2000)],
                                        "tcp", pause=0.5),
        "lists without end": Flood(port, [nodes] * 10, pause=0.005),
        "lists without end over TCP": Flood(port, [nodes] * 10, "tcp"),
        "edits by pattern": Flood(port, [sets], pause=0.1),
        "nodes that come and go": Flood(port, one_by_one, pause=0.002),
        "nodes that come and go over TCP": Flood(port, one_by_one, "tcp"),
        "bundles of nodes and cables": Flood(port, at_once, pause=0.002),
        "values without end": Flood(port, [message("/node/n1/freq", 7.0)] * 50,
                                    pause=0.002),
        "nonsense without end": Flood(port, [b"nonsense"] * 50, pause=0.002),
    }


def tagged(seconds, *messages):
    """A bundle of so many seconds from now."""
    return bundle(*messages, time_tag=ntp(time.time() + seconds))


def timed_floods(port):
    """Bundles that wait, by the thousand."""
    value = message("/node/n1/freq", 7.0)
    return {
        "bundles that wait": Flood(port, [tagged(600, value)] * 50, pause=0.002),
        "bundles that wait over TCP": Flood(port, [tagged(600, value)] * 50,
                                            "tcp"),
        "large bundles that wait": Flood(
            port, [tagged(600, *[value] * 1500)] * 4, pause=0.01),
    }


def serves_others_between_bundles(port):
    """All bundles that may wait, for one moment, hold up nobody else."""
    n = 4000
    edits = [message("/node/n1/freq", 5.0)] * 30
    with Osc(port, "tcp", timeout=30) as osc, Osc(port, "tcp") as calm:
        for packet in [tagged(1.0, *edits)] * n:
            osc.send_packet(packet)
        asked, answered = [], []

        def ask():
            while len(answered) < n:
                calm.send("/node/n1/freq")
                calm.receive(30)
                asked.append(time.monotonic())
                time.sleep(0.001)

        asker = threading.Thread(target=ask)
        asker.start()
        for _ in range(n):
            found = osc.receive()
            answered.append(time.monotonic())
            if found != ("/done", ["/bundle", 30]):
                check(False, f"a bundle of many is answered {found}")
        asker.join()
    between = sum(answered[0] < t < answered[-1] for t in asked)
    took = answered[-1] - answered[0]
    print(f"{n} bundles of one moment take {took:.2f} s, in which {between} "
          "questions are answered")
    check(between > 10, "others are served between bundles of one moment")


def sync_waits(port):
    """What /sync takes over TCP, with and without floods of values over UDP."""
    with Osc(port, "tcp") as osc:
        quiet = waits(osc, MOST_SECONDS, ("/sync", 1))
        print(f"/sync over TCP: p50 {median(quiet):.2f}, p99 {p99(quiet):.2f} ms "
              f"of {len(quiet)}")
        found = floods(port)
        for name in ("values without end", "nonsense without end",
                     "edits by pattern"):
            with found[name]:
                busy = waits(osc, MOST_SECONDS, ("/sync", 1))
            print(f"with {name}: p50 {median(busy):.2f}, p99 {p99(busy):.2f} ms, "
                  f"longest {busy[-1]:.2f} ms of {len(busy)}")
            check(median(busy) < 50, f"{name}: half of /sync take "
                  f"{median(busy):.1f} ms")


def takes_bundles_of_others(port):
    """Who floods the room for bundles keeps nobody out of it."""
    n = 40
    for name, flood in timed_floods(port).items():
        with Osc(port, "tcp") as calm, Osc(port, "tcp") as osc:
            with flood:
                time.sleep(1.0)
                late = waits(calm, MOST_SECONDS / 2)
                for k in range(n):
                    osc.send_packet(tagged(
                        0.3, message("/node/n2/freq", float(k))))
                    time.sleep(0.01)
                answers = [osc.receive(20) for _ in range(n)]
            print(f"{name}: p50 {median(late):.2f}, p99 {p99(late):.2f} ms")
            check(median(late) < 50, f"{name}: others wait {median(late):.1f} ms "
                  "for half of their answers")
            check(answers == [("/done", ["/bundle", 1])] * n,
                  f"{name}: all bundles of others are taken")
            osc.done("/clearSched")


def make_nodes(lattice):
    for first in range(0, N_NODES, 250):
        lattice.osc.send_bundle(*[("/node/new", "sine", f"n{i}")
                                  for i in range(first, first + 250)])
        check(lattice.osc.receive(20)[0] == "/done", "the nodes are there")


def answers_others(lattice, port):
    for transport in ("udp", "tcp"):
        with Osc(port, transport) as calm:
            quiet = p99(waits(calm, MOST_SECONDS))
            for name in floods(port):
                with floods(port)[name]:
                    found = waits(calm, MOST_SECONDS / 2)
                print(f"{name}, asked over {transport}: p50 "
                      f"{median(found):.2f}, p99 {p99(found):.2f} ms, longest "
                      f"{found[-1]:.2f} ms of {len(found)}; without: p99 "
                      f"{quiet:.2f} ms", flush=True)
                check(median(found) < 50, f"{name}: others wait "
                      f"{median(found):.1f} ms for half of their answers over "
                      f"{transport}")
    engine = dict(lattice.osc.list("/status/engine"))
    ms = {name: engine[f"process_ns_{name}"] / 1e6
          for name in ("p50", "p99", "p999")}
    print(f"a period of {PERIOD / 48:.1f} ms takes {ms} ms")
    check(ms["p50"] < PERIOD / 48 / 2, f"the sound takes {ms['p50']:.2f} ms")


def keeps_room_for_others(port):
    silent = vanish(port)
    with Osc(port, "tcp") as osc:
        osc.send("/ping")
        check(osc.receive()[0] == "/pong", "40 silent connections lock TCP")
    for connection in silent:
        connection.close()
    listeners = [Osc(port) for _ in range(70)]
    for osc in listeners:
        osc.send("/notify", 1)
        path, values = osc.receive()
        check(path == "/done" and values[0] == "/notify",
              f"/notify of one more is answered {path} {values}")
        osc.close()


def drops_only_the_excess(lattice, port):
    """A flooder's lane is bounded, and its excess is told."""
    with Flood(port, [message("/node/*/*"), *[message("/ping")] * 2000]):
        time.sleep(1.0)
    # Where the machine is slow, the flooder or the system drops them before.
    found = lattice.log().count("it sends faster than can be done")
    check(found <= 3, f"the excess is told {found} times")


def answers_an_incomplete_frame(port):
    """A size without its packet holds up nobody."""
    half = socket.create_connection(("127.0.0.1", port))
    half.sendall(struct.pack(">I", 1000) + b"/node")
    with Osc(port, "tcp") as osc:
        osc.send("/ping")
        check(osc.receive()[0] == "/pong", "half a packet locks TCP")
    half.close()


def test(_build):
    Jackd(PERIOD)
    lattice = Lattice()
    port = lattice.osc.address[1]
    make_nodes(lattice)
    answers_others(lattice, port)
    sync_waits(port)
    takes_bundles_of_others(port)
    serves_others_between_bundles(port)
    keeps_room_for_others(port)
    answers_an_incomplete_frame(port)
    drops_only_the_excess(lattice, port)
    lattice.stop()


main(test)
