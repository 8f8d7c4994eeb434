# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server is killed, stopped, frozen: lattice stays, and comes back."""

import os
import signal
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check, tool

SESSION = """
[session]
format = 1

[node voice]
type = sine
freq = 330

[node mic]
type = audio_in
channels = 1

[node main]
type = audio_out
channels = 2

[cables]
cable = voice -> main * 0.5
cable = mic -> main/in_1 * 0.1
"""


def ports():
    return sorted(line for line in tool("jack_lsp", "lattice").splitlines())


def connections():
    """OUTPUT -> INPUT of our ports."""
    found, port = [], None
    for line in tool("jack_lsp", "-c", "lattice").splitlines():
        if not line.startswith(" "):
            port = line
        elif "capture" in line:
            found.append(f"{line.strip()} -> {port}")
        else:
            found.append(f"{port} -> {line.strip()}")
    return sorted(found)


def is_back(before):
    """Wait until ports and connections are those of before."""
    start = time.monotonic()
    done = harness.wait_until(
        lambda: (ports(), connections()) == before, 10)
    print(f"        back after {time.monotonic() - start:.1f} s")
    if not done:
        print("       ", ports(), connections())
    return done


def sounds(name):
    sound, _ = harness.record_calmly(
        lambda: Recorder(name, 1, 0.3, "lattice:main_2"))
    peaks = harness.find_peaks(sound[:, 0])
    return bool(peaks) and abs(peaks[0][0] - 330) < 4 and \
        abs(peaks[0][1] - 0.5) < 0.02


def answers(osc):
    """OSC works, and edits do."""
    start = time.monotonic()
    osc.done("/node/new", "sine", "extra", "freq", 100.0)
    value = osc.ask("/node/extra/freq")
    osc.done("/node/free", "extra")
    osc.sync()
    print(f"        {time.monotonic() - start:.3f} s for three requests")
    return value == 100.0


def die_and_return(lattice, jackd, how, before):
    jackd.stop(how)
    time.sleep(0.5)
    check(lattice.is_alive() and answers(lattice.osc), "OSC goes on")
    time.sleep(1.5)
    check(lattice.is_alive() and answers(lattice.osc), "and after a while")
    jackd = Jackd(period=128)
    check(is_back(before), "ports and connections are back")
    check(sounds(f"rec{how}"), "the sound too")
    return jackd


AWAY = """
[session]
format = 1

[node voice]
type = sine
freq = 330
process = own

[node tone]
type = gain
process = own

[node main]
type = audio_out
channels = 2

[cables]
cable = voice -> tone
cable = tone -> main * 0.5
"""


def status(lattice):
    return dict(lattice.osc.list("/status/engine"))


def children(lattice):
    return sorted(tool("pgrep", "-P", str(lattice.process.pid)).split())


def stop_and_go(jackd, lattice, seconds):
    before = children(lattice)
    jackd.process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    n_losses = status(lattice)["jack_losses"]
    jackd.process.send_signal(signal.SIGCONT)
    check(bool(harness.wait_until(
        lambda: status(lattice)["jack"] == 1 and
        status(lattice)["processes_playing"] == 2, 10)),
        f"after {seconds} s without jackd it goes on")
    time.sleep(1.5)
    check(children(lattice) == before and
          status(lattice)["process_deaths"] == 0,
          "with the same processes: they only had nothing to do")
    check(sounds(f"rec{seconds}"), "and sounds")
    return n_losses


def test_processes():
    """A server that stands still is no reason to put processes down; one that
    really hangs is found, in front of a server that waits for it as well."""
    for options in ((), ("-S",)):
        print("processes,", *options)
        jackd = Jackd(256, harness.RATE, *options)
        lattice = Lattice(harness.write("away.ini", AWAY))
        check(stop_and_go(jackd, lattice, 1) == 0, "a second is no loss")
        check(stop_and_go(jackd, lattice, 6) == 1, "6 s are one, and told")
        check(status(lattice)["jack_lost"] ==
              "the JACK server does nothing any more", "by what it was")
        hung = int(children(lattice)[0])
        os.kill(hung, signal.SIGSTOP)
        check(bool(harness.wait_until(
            lambda: status(lattice)["process_deaths"] == 1, 20)),
            "a process that stands still is found")
        check(bool(harness.wait_until(
            lambda: status(lattice)["processes_playing"] == 2 and
            str(hung) not in children(lattice), 20)), "and another plays")
        check(bool(harness.wait_until(lambda: sounds("rec"), 10)),
              "which is heard")
        check(lattice.stop() == 0, "it ends with exit code 0")
        jackd.stop()


def test_overload():
    """A control thread that gets no time is not one that does nothing."""
    print("an overloaded processor")
    jackd = Jackd(256)
    lattice = Lattice(harness.write("away.ini", AWAY))
    check(bool(harness.wait_until(
        lambda: status(lattice)["processes_playing"] == 2, 10)), "it plays")
    before = children(lattice)
    cpu = {max(os.sched_getaffinity(0))}
    hogs = [subprocess.Popen(["sh", "-c", "while :; do :; done"])
            for _ in range(8)]
    for hog in hogs:
        os.sched_setaffinity(hog.pid, cpu)
    for child in before:  # of each the control thread only
        os.sched_setaffinity(int(child), cpu)
        os.sched_setscheduler(int(child), os.SCHED_IDLE, os.sched_param(0))
    time.sleep(6)
    for hog in hogs:
        hog.kill()
        hog.wait()
    time.sleep(1)
    check(children(lattice) == before and
          status(lattice)["process_deaths"] == 0,
          "the processes without time live on")
    check(sounds("rec_load"), "and sound")
    check(lattice.stop() == 0, "it ends with exit code 0")
    jackd.stop()


def test(_build):
    test_processes()
    test_overload()
    jackd = Jackd(period=64)
    lattice = Lattice(harness.write("death.ini", SESSION))
    tool("jack_disconnect", "lattice:main_1", "system:playback_1")
    tool("jack_connect", "lattice:main_1", "system:playback_2")
    tool("jack_connect", "system:capture_2", "lattice:mic_1")
    time.sleep(0.5)
    before = (ports(), connections())
    print("before:", "; ".join(before[1]))
    check(len(before[0]) == 4 and len(before[1]) == 3, "it is set up")

    print("kill -9")
    jackd = die_and_return(lattice, jackd, signal.SIGKILL, before)
    print("an orderly end")
    jackd = die_and_return(lattice, jackd, signal.SIGTERM, before)

    print("frozen for 5 s")
    jackd.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    check(answers(lattice.osc), "OSC goes on")
    time.sleep(4)
    check(answers(lattice.osc), "and after a while")
    jackd.process.send_signal(signal.SIGCONT)
    check(is_back(before), "ports and connections are back, names too")
    check(sounds("rec"), "the sound too")

    print("ending without a server")
    jackd.stop(signal.SIGKILL)
    time.sleep(0.2)
    start = time.monotonic()
    check(lattice.stop(signal.SIGINT) == 0, "Ctrl-C ends it, exit code 0")
    took = time.monotonic() - start
    print(f"        {took:.2f} s")
    check(took < 10, "soon")

    print("ending with a frozen server")
    jackd = Jackd()
    lattice = Lattice(harness.path("death.ini"))
    jackd.process.send_signal(signal.SIGSTOP)
    start = time.monotonic()
    check(lattice.stop(signal.SIGTERM) == 0, "exit code 0")
    took = time.monotonic() - start
    print(f"        {took:.2f} s")
    check(took < 10, "soon")
    jackd.process.send_signal(signal.SIGCONT)
    gone = [line for line in lattice.log().splitlines() if "JACK" in line]
    check(len(gone) <= 1, "without a word too many")


harness.main(test)
