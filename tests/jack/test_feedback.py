# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Feedback of a lattice that plays, to pages as TouchOSC has them: they send from
one port and listen at another, put a finger on a fader, sleep and wake up.

The rules are tried against a model in tests/osc/test_feedback.c; this is about
sockets and sound.
"""

import math
import socket
import struct
import time

import harness
from harness import Child, Jackd, Lattice, check
from osc_client import Osc, parse

SESSION = """[session]
format = 1

[node lfo]
type = sine
freq = 2

[node tone]
type = sine
freq = 1000

[node away]
type = constant
value = 0.25
process = own

[node main]
type = audio_out

[cables]
cable = tone -> main
cable = away -> main

[osc]
feedback = localhost:{port} /node/lfo/freq 50
"""


class Page:
    """Where messages come in: another port than they go out from."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def hear(self, seconds):
        """All that comes in that time, as (path, values)."""
        heard = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                heard += parse(self.socket.recv(65536))
            except TimeoutError:
                break
        return heard


def values(heard, path):
    return [v[0] for p, v in heard if p == path]


def follows(lattice, page):
    osc = lattice.osc
    osc.done("/subscribe", "/node/lfo/*/norm", 50.0, page.port)
    first = page.hear(0.3)
    check(values(first, "/node/lfo/phase/norm") and
          values(first, "/node/lfo/freq/norm"), "a page gets all at first")
    with Osc(lattice.osc.address[1]) as other:
        other.send("/node/lfo/freq", 2000.0, 0.5)
        moving = values(page.hear(0.8), "/node/lfo/freq/norm")
    check(len(moving) > 10 and moving == sorted(moving) and
          len(set(moving)) == len(moving),
          f"a glide is seen on its way ({len(moving)} values)")
    osc.send("/node/lfo/freq/norm/z", 1.0)
    osc.send("/node/lfo/freq/norm", 0.25)
    with Osc(lattice.osc.address[1]) as other:
        other.send("/node/lfo/freq", 440.0)
        check(not values(page.hear(0.5), "/node/lfo/freq/norm"),
              "nothing is sent under a finger")
    osc.send("/node/lfo/freq/norm/z", 0.0)
    last = values(page.hear(0.5), "/node/lfo/freq/norm")
    check(len(last) == 1 and 0.3 < last[0] < 0.7,
          "when it is lifted what the value is, once")
    osc.done("/unsubscribe", "/node/lfo/*/norm")


def measures(lattice, page):
    osc = lattice.osc
    osc.done("/subscribe", "/node/tone/out/*", 20.0, page.port)
    osc.done("/subscribe", "/node/away/out", 20.0, page.port)
    osc.done("/subscribe", "/transport/position", 20.0, page.port)
    heard = page.hear(1)
    peak = values(heard, "/node/tone/out/peak")
    rms = values(heard, "/node/tone/out/rms")
    check(peak and abs(peak[-1] - 1) < 1e-3 and rms and
          abs(rms[-1] - math.sqrt(0.5)) < 1e-2, "peak and RMS of a sine")
    scopes = values(heard, "/node/tone/out/scope")
    check(len(scopes) >= 5, f"a scope ({len(scopes)} frames)")
    wave = struct.unpack(">256f", scopes[-1])
    k = 2 * math.cos(2 * math.pi * 1000 / harness.RATE)
    off = max(abs(wave[i + 1] + wave[i - 1] - k * wave[i])
              for i in range(1, 255))
    check(off < 1e-5, "whose frames are consecutive samples")
    check(values(heard, "/node/away/out") == [0.25],
          "the last sample of a node in a process")
    osc.done("/subscribe", "/node/away/out/*", 20.0, page.port)
    heard = page.hear(1)
    osc.done("/unsubscribe", "/node/away/out/*")
    levels = [values(heard, f"/node/away/out/{kind}")[-1:]
              for kind in ("peak", "rms")]
    check(levels == [[0.25], [0.25]], f"its peak and RMS: {levels}")
    scopes = values(heard, "/node/away/out/scope")
    check(len(scopes) >= 5 and
          set(struct.unpack(">256f", scopes[-1])) == {0.25},
          f"and its scope ({len(scopes)} frames)")
    position = values(heard, "/transport/position")
    check(len(position) >= 10 and position == sorted(position),
          "the position moves")
    for pattern in ("/node/tone/out/*", "/node/away/out",
                    "/transport/position"):
        osc.done("/unsubscribe", pattern)
    page.hear(0.2)
    check(not page.hear(0.3), "what is unsubscribed is silent")


def over_tcp(lattice):
    port = lattice.osc.address[1]
    tcp = Osc(port, "tcp")
    tcp.done("/subscribe", "/status/engine/nodes")
    check(("/status/engine/nodes", [4]) in tcp.drain(0.3),
          "over TCP on the same connection")
    lattice.osc.done("/node/new", "sine", "more")
    check(("/status/engine/nodes", [5]) in tcp.drain(0.3), "when it changes")
    tcp.close()
    lattice.osc.done("/node/free", "more")
    lattice.osc.sync()


def is_watched(lattice):
    """By `lattice watch`, as somebody at a terminal does."""
    def watch(*patterns):
        child = Child("watch", [Lattice.program, "watch", "--osc-port",
                                str(lattice.osc.address[1]), *patterns])
        return child

    one, everything = watch("/node/lfo/{freq,phase}"), watch()
    check(bool(one.wait_for("/node/lfo/freq 440\n")), "watch prints a value")
    check(bool(everything.wait_for("/transport/tempo 120\n")),
          "and the tempo, where it is not told what to print")
    lattice.osc.send("/node/lfo/phase", 0.25)
    check(bool(one.wait_for("/node/lfo/phase 0.25\n")), "when it changes")
    lattice.osc.done("/node/new", "saw", "more")
    lattice.osc.done("/connect", "more", "main", 0.5)
    check(bool(everything.wait_for("/node/made more saw\n")) and
          bool(everything.wait_for("/cable/made more/out main/in_1 0.5 signal")),
          "what becomes of the graph")
    wrong = watch("/nothing")
    check(wrong.process.wait(10) == 1 and "nothing can be" in wrong.log(),
          "what cannot be subscribed to is told, exit code 1")
    lattice.osc.done("/node/free", "more")
    return one, everything


def test(_build):
    jackd = Jackd()
    line, page = Page(), Page()
    lattice = Lattice(harness.write("page.ini",
                                    SESSION.format(port=line.port)))
    check(values(line.hear(0.5), "/node/lfo/freq") == [2.0],
          "a session's line gets all at first")
    follows(lattice, page)
    check(values(line.hear(0.5), "/node/lfo/freq")[-1] == 440.0,
          "and what others do")
    line.hear(0.2)
    line.socket.sendto(b"/ping\0\0\0,\0\0\0", lattice.osc.address)
    check(values(line.hear(0.5), "/node/lfo/freq") == [440.0],
          "all again when its host is heard for the first time")
    measures(lattice, page)
    over_tcp(lattice)
    watches = is_watched(lattice)
    check(lattice.stop() == 0, "it ends with exit code 0")
    check([w.process.wait(10) for w in watches] == [0, 0],
          "and watch with it")
    jackd.stop()


harness.main(test)
