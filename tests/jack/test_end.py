# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end, as a JACK client hears it: 20 ms of fading, and no click.

A session that is saved on the way out is whole, and a server that does nothing
any more does not hold up the end.
"""

import os
import signal
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

SESSION = """[session]
format = 1

[node voice]
type = sine
freq = 50

[node main]
type = audio_out
limit = off

[cables]
cable = voice -> main * 0.5
"""

RATE = 48000


def hear_end(end, how):
    lattice = Lattice(harness.write("end.ini", SESSION))
    recorder = Recorder("ear", 1, 3.0, "lattice:main_1")
    time.sleep(1)
    start = time.monotonic()
    code = end(lattice)
    took = time.monotonic() - start
    sound, facts = recorder.finish()
    check(code == 0, f"{how}: it ends with exit code 0 ({code})")
    check(took < 10, f"{how}: within {took:.2f} s")
    return sound[:, 0], facts, lattice


def check_fade(sound, how):
    heard = numpy.flatnonzero(sound)
    last = heard[-1]
    # Peaks of half cycles: from the last that is whole to the end.
    loud = numpy.flatnonzero(numpy.abs(sound) > 0.499)[-1]
    fade_ms = (last - loud) * 1000 / RATE
    check(8 < fade_ms < 32, f"{how}: it fades ({fade_ms:.1f} ms)")
    steps = numpy.abs(numpy.diff(sound[last - 4800:last + 100]))
    bends = numpy.abs(numpy.diff(sound[last - 4800:last + 100], 2))
    check(steps.max() < 0.0045 and bends.max() < 4e-5,
          f"{how}: no click (step {steps.max():.5f}, bend {bends.max():.7f})")
    check(not sound[last + 1:].any(), f"{how}: then silence")


def quit_over_osc(lattice):
    lattice.osc.send("/quit")
    return lattice.process.wait(10)


def test_sound():
    jackd = Jackd(period=256)
    for how, end in (
            ("SIGTERM", lambda it: it.stop(signal.SIGTERM)),
            ("SIGINT", lambda it: it.stop(signal.SIGINT)),
            ("/quit", quit_over_osc)):
        for _ in range(4):
            sound, facts, _ = hear_end(end, how)
            if not facts["xruns"]:
                break
        check_fade(sound, how)
    return jackd


def test_session():
    path = harness.write("whole.ini", SESSION)
    lattice = Lattice(path)
    before = open(path, encoding="utf-8").read()
    lattice.osc.done("/node/new", "noise", "hiss")
    lattice.process.send_signal(signal.SIGTERM)
    lattice.process.send_signal(signal.SIGUSR1)
    check(lattice.process.wait(10) == 0, "it ends while it saves")
    text = open(path, encoding="utf-8").read()
    check(text == before or "[node voice]" in text and "[node hiss]" in text,
          "a session saved on the way out is whole")


def is_held(pid, number):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["SigBlk"], 16) >> (number - 1) & 1


def test_start(jackd):
    os.kill(jackd.process.pid, signal.SIGSTOP)
    for number in (signal.SIGTERM, signal.SIGINT):
        early = harness.Child("early", [
            Lattice.program, "run", harness.write("early.ini", SESSION),
            "--osc-port", "0"])
        check(bool(harness.wait_until(
            lambda: is_held(early.process.pid, number))),
            f"{number.name} waits while a client is opened")
        start = time.monotonic()
        code = early.stop(number)
        took = time.monotonic() - start
        check(code == 0 and took < 10,
              f"it ends in order ({code}, {took:.2f} s), though no server "
              "answers")
    os.kill(jackd.process.pid, signal.SIGCONT)


def test_dead_server(jackd):
    lattice = Lattice(harness.write("dead.ini", SESSION))
    os.kill(jackd.process.pid, signal.SIGSTOP)
    start = time.monotonic()
    lattice.process.send_signal(signal.SIGTERM)
    code = lattice.process.wait(10)
    took = time.monotonic() - start
    os.kill(jackd.process.pid, signal.SIGCONT)
    check(took < 10, f"a server that stands still is not waited for: "
          f"{took:.2f} s, exit code {code}")


def test(_build):
    jackd = test_sound()
    test_session()
    test_start(jackd)
    test_dead_server(jackd)


harness.main(test)
