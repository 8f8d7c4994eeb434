# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""With sync = midi the transport follows a clock that jitters."""

import random
import threading

import harness
from harness import Jackd, Lattice, RATE, Recorder, check, numpy

SESSION = """
[session]
format = 1

[transport]
tempo = 90
playing = no
sync = midi

[node ticks]
type = clock
ticks = 4

[node main]
type = audio_out
channels = 1
signal = cv
limit = off

[cables]
cable = ticks/trigger -> main/in_1
"""

BPM = 126.5
STEP = RATE * 60 / BPM / 24
BEFORE = 48  # clocks before the start
CLOCKS = 24 * 16
JITTER = RATE // 1000


def clock():
    """A start, clocks a millisecond early or late, and where each was meant."""
    draw, events = random.Random(3), []
    for k in range(BEFORE + CLOCKS):
        meant = 4800 + k * STEP
        events.append((round(meant + draw.uniform(-JITTER, JITTER)), b"\xf8"))
        if k == BEFORE - 1:
            events.append((round(meant + STEP / 2), b"\xfa"))
    return events


def status(lattice):
    return dict(lattice.osc.list("/status/engine"))


def send_clock(lattice):
    """Send it, freewheeling: nobody is late however busy the machine is.

    Returns the frame time of its frame 0, and what was told meanwhile.
    """
    sent = []
    sender = threading.Thread(target=lambda: sent.append(harness.send_midi(
        "master", "lattice:midi_in", clock(), "--fast")))
    sender.start()
    seen = status(lattice)
    while sender.is_alive():
        now = status(lattice)
        if now["midi_clock"]:
            seen = now
    sender.join()
    return sent[0], seen


def follow(period):
    jackd = Jackd(period=period)
    lattice = None
    for _ in harness.tries(5, 180):
        if lattice:
            lattice.stop()
        lattice = Lattice(harness.write("sync.ini", SESSION))
        # It must not end while the server freewheels: that would not survive.
        recorder = Recorder("rec", 1, 13, "lattice:main_1")
        first_frame, seen = send_clock(lattice)
        sound, facts = recorder.finish()
        after = status(lattice)
        tempo = lattice.osc.ask("/transport/tempo")
        start = first_frame - facts["first_frame"] + 4800 + BEFORE * STEP
        ticks = numpy.flatnonzero(sound[:, 0])
        beats = [start + k * STEP * 24 for k in range(len(ticks))]
        # Those of the clock; behind it only the tempo is known.
        off = [tick - beat for tick, beat in zip(ticks, beats)][:CLOCKS // 24]
        # Those before it freewheels move the start, and later ones nothing.
        if not facts["xruns"] or abs(off[0]) <= JITTER + 1:
            break
    print(f"period {period}: {len(ticks)} beats, off by "
          f"{min(off):.0f} to {max(off):.0f} frames at a jitter of {JITTER}; "
          f"tempo {seen['tempo']:.3f}, told as {tempo:.2f}, "
          f"{seen['midi_clock_ppm']:.0f} ppm, "
          f"{seen['midi_clock_jitter_us']:.0f} us; {facts['xruns']} xruns")
    check(len(ticks) > 16, "beats come, and go on when the clock ends")
    # The first is at its clock, as early or late as that came.
    check(abs(off[0]) <= JITTER + 1, "the first is where the clock says")
    check(max(abs(x) for x in off[2:]) <= JITTER // 2,
          "the others are closer than the clock itself")
    check(abs(seen["tempo"] - BPM) < 0.3 and seen["midi_clock"] == 1,
          "the tempo is the clock's")
    check(abs(tempo - BPM) < 0.15, "listeners hear of it, to a tenth")
    check(200 < seen["midi_clock_jitter_us"] < 900, "its jitter is measured")
    check(after["midi_clock"] == 0 and after["playing"] == 1 and
          abs(after["tempo"] - BPM) < 0.3,
          "without a clock it goes on at the last tempo")
    answer = lattice.osc.fail("/transport/play")
    check("sync = midi" in str(answer), f"play is refused: {answer}")
    harness.send_midi("master", "lattice:midi_in", [(100, b"\xfc")])
    check(harness.wait_until(lambda: status(lattice)["playing"] == 0),
          "a stop stops it")
    harness.send_midi("master", "lattice:midi_in",
                      [(100, bytes([0xf2, 8, 1]))])
    check(harness.wait_until(
        lambda: abs(status(lattice)["cycle"] - 136 / 16) < 1e-6),
        "a song position moves it")
    lattice.stop()
    jackd.stop()


def test(_build):
    for period in (64, 512):
        follow(period)


harness.main(test)
