# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A journal of a transport that follows another renders to what was played.

JACK's transport starts, stops, jumps and gets a timebase master; then a MIDI
clock that jitters starts, stops, continues, moves and changes its tempo.  Each
time a client records what is heard, and the journal's rendering is compared
with that, bit by bit.
"""

import os
import random
import shutil
import sys
import threading
import time

import harness
from harness import Jackd, Lattice, RATE, Recorder, Transport, check
from journals import compare, render

SESSION = """
[session]
format = 1

[transport]
tempo = 120
playing = yes
sync = {sync}

[node ticks]
type = clock
ticks = 16
swing = 0.3

[node turn]
type = phasor
cycles = 1/4

[node row]
type = steps
values = 1 2 3 4 5

[node hiss]
type = noise

[node main]
type = audio_out
channels = 1
limit = off

[cables]
cable = ticks/gate -> main
cable = ticks/trigger -> row/trigger
cable = row/value -> main
cable = turn -> main * 0.1
cable = hiss -> main * 0.001

[jack]
connect = main_1 -> rec:in_1
"""


def move_transport(seconds):
    """Whatever can be done to JACK's transport, at random."""
    draw, end = random.Random(5), time.monotonic() + seconds
    transport = Transport()
    transport.say("play")
    while time.monotonic() < end:
        transport.say(draw.choice((
            "stop", "play", "play", "locate %d" % draw.randrange(10 * RATE),
            "master", "release", "tempo %d" % draw.randrange(60, 200),
            "tempo %d" % draw.randrange(60, 200))))
    transport.close()


def clock(seconds):
    """Clocks that jitter by a millisecond, and all that may come between."""
    draw, events, at, bpm = random.Random(7), [], 2400.0, 126.5
    while at < seconds * RATE:
        frame = max(round(at + draw.uniform(-48, 48)),
                    events[-1][0] if events else 0)
        events.append((frame, b"\xf8"))
        chance = draw.random()
        if chance < 0.02:
            events.append((frame + 5, draw.choice((b"\xfa", b"\xfb", b"\xfc"))))
        elif chance < 0.03:
            events.append((frame + 5, bytes([0xf2, draw.randrange(64), 0])))
        elif chance < 0.04:
            bpm = draw.uniform(60, 180)
        elif chance < 0.045:
            at += RATE  # it goes, and comes back
        at += RATE * 60 / bpm / 24
    return events


def send_clock(seconds):
    harness.send_midi("master", "lattice:midi_in", clock(seconds))


def follow(sync, move, period, seconds):
    for k in harness.tries(5):
        journal = harness.path(f"{sync}-{period}-{k}.osc")
        recorder = Recorder("rec", 1, seconds)
        lattice = Lattice(harness.write(f"{sync}.ini",
                                        SESSION.format(sync=sync)),
                          "--journal", journal)
        mover = threading.Thread(target=move, args=(seconds - 2,))
        mover.start()
        time.sleep(seconds / 2)
        lattice.osc.send("/transport/tempo", 99.0)  # until it says otherwise
        sound, facts = recorder.finish(seconds + 30)
        mover.join()
        lattice.stop()
        if facts["xruns"] == 0:
            break
        print("        (played again)")
    rendered, _ = render(journal)
    if not check(rendered is not None, f"sync = {sync}: the journal renders"):
        return
    with open(journal, "rb") as file:
        n_moves = file.read().count(b"/transport/followed")
    print(f"sync = {sync}, period {period}: {n_moves} moves, "
          f"{os.path.getsize(journal)} bytes, {facts['xruns']} xruns")
    check(n_moves > 10, "it holds what the transport followed")
    n_periods, n_lost = compare(sound, rendered, period)
    check(n_periods * period > (seconds - 1) * RATE, "all of it is compared")
    check(n_lost <= 4 * facts["xruns"],
          "it renders to the bits that were played")


def test(_build):
    if not shutil.which("jack_transport"):
        print("skipped: jack_transport is not installed")
        harness.stop_all()
        sys.exit(77)
    for period in (64, 512):
        jackd = Jackd(period=period)
        follow("jack", move_transport, period, 12)
        follow("midi", send_clock, period, 12)
        jackd.stop()


harness.main(test)
