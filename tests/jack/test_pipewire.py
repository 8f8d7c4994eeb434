# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions go from jackd to PipeWire and back; PipeWire may stop, end, come
back, and change its rate and quantum, under a session with two processes.

`--restarts 20 --changes 20` is the full demonstration.
"""

import os
import re
import shutil
import signal
import socket
import stat
import statistics
import subprocess
import sys
import time

import harness
from harness import Child, Jackd, Lattice, Recorder, check, tool

SESSION = """
[session]
format = 1

[node voice]
type = sine
freq = 330

[node main]
type = audio_out
channels = 2

[cables]
cable = voice -> main * 0.5
"""

harness.number("restarts", 2, "times that PipeWire ends (2)")
harness.number("changes", 3, "changes of rate and quantum (3)")

VALUES = {"/node/voice/freq": 440.0, "/node/tone/cutoff": 3000.0,
          "/node/echo/time": 0.03, "/node/main/level": 0.7}

CARD = "Built-in Audio Analog Stereo"


def is_answered(path):
    """Does somebody listen?  The file of one that was killed stays."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        return end.connect_ex(path) == 0


class PipeWire(Child):
    """A daemon of its own, without session manager."""

    is_worth_showing = False

    def __init__(self):
        folder = harness.path("run")
        os.makedirs(folder, mode=stat.S_IRWXU, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = folder
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"
        super().__init__("pipewire", ["pipewire"])
        if not harness.wait_until(
                lambda: is_answered(os.path.join(folder, "pipewire-0")), 10):
            raise RuntimeError("pipewire does not start:\n" + self.log())


class Device(Child):
    """Physical ports, as of a sound card."""

    is_worth_showing = False

    def __init__(self, name, *ports):
        super().__init__("device", ["pw-jack", os.path.join(
            Recorder.tools, "jack_device"), name, *ports])
        if not self.wait_for("ready"):
            raise RuntimeError("no device:\n" + self.log())


def pipewire_lattice(program, *arguments):
    wrapper = harness.write("pw-lattice", f'#!/bin/sh\nexec pw-jack '
                                          f'"{program}" "$@"\n')
    os.chmod(wrapper, 0o700)
    Lattice.program = wrapper
    try:
        return Lattice(*arguments)
    finally:
        Lattice.program = program


def connections(port, *how):
    return [line.strip() for line in
            tool(*how, "jack_lsp", "-c", port).splitlines() if line[:1] == " "]


def pw_connections():
    return [connections(f"lattice:main_{k}", "pw-jack") for k in (1, 2)]


def saved(name):
    with open(os.path.join(harness.path("sessions"), name + ".ini"),
              encoding="utf-8") as file:
        text = file.read()
    jack = text.partition("[jack]")[2]
    return [line for line in jack.splitlines() if line.startswith("connect")]


def save_with_jackd():
    jackd = Jackd()
    lattice = Lattice(harness.write("song.ini", SESSION))
    lattice.osc.done("/session/save", "song")
    lattice.stop()
    jackd.stop()
    print("saved:", saved("song"))
    check(saved("song") == ["connect = main_1 -> physical:1",
                            "connect = main_2 -> physical:2"],
          "what lattice connected is saved as physical ports")


def judge_portability(lattice):
    check(bool(harness.wait_until(
        lambda: "is not there" in lattice.log(), 5)),
        "without a sound card it waits, and says so")
    device = Device(CARD, "playback=playback_FL", "playback=playback_FR",
                    "capture=capture_FL")
    wanted = [[f"{CARD}:playback_FL"], [f"{CARD}:playback_FR"]]
    check(bool(harness.wait_until(lambda: pw_connections() == wanted)),
          f"the card that comes gets the sound: {pw_connections()}")
    lattice.osc.done("/session/save")
    check(saved("song") == ["connect = main_1 -> physical:1",
                            "connect = main_2 -> physical:2"],
          "saved again it is the same")
    second = Device("A Second Card", "playback=playback_FL")
    time.sleep(1)
    check(pw_connections() == wanted, "a second card changes nothing")
    second.stop()
    for k, side in ((1, "FL"), (2, "FR")):
        tool("pw-jack", "jack_disconnect", f"lattice:main_{k}",
             f"{CARD}:playback_{side}")
    lattice.osc.done("/session/save", "none")
    check(saved("none") == ["connect = main_1 -> nothing",
                            "connect = main_2 -> nothing"],
          "disconnecting by hand is saved")
    lattice.osc.done("/session/load", "song")
    check(bool(harness.wait_until(lambda: pw_connections() == wanted)),
          "one session is heard")
    lattice.osc.done("/session/load", "none")
    check(bool(harness.wait_until(lambda: pw_connections() == [[], []])),
          "and the other is not")
    tool("pw-jack", "jack_connect", "lattice:main_2", f"{CARD}:playback_FL")
    lattice.osc.done("/session/save", "hand")
    check(saved("hand") == ["connect = main_1 -> nothing",
                            f"connect = main_2 -> {CARD}:playback_FL"],
          "connecting by hand is saved by name")
    device.stop()


def is_up(lattice):
    return dict(lattice.osc.list("/status/engine"))["jack"] == 1


def judge_stops(pipewire, lattice):
    """It does nothing for a while, as a machine that sleeps."""
    for seconds in (1, 4, 4.7):
        pipewire.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        check(lattice.osc.ask("/ping") is not None, "OSC goes on")
        pipewire.process.send_signal(signal.SIGCONT)
        start = time.monotonic()
        check(bool(harness.wait_until(lambda: is_up(lattice), 15)),
              f"it plays again after {seconds} s without PipeWire")
        print(f"        {time.monotonic() - start:.1f} s")


LATE = """
[session]
format = 1

[node mic]
type = audio_in
channels = 1

[node slow]
type = faulty
latency = 100

[node main]
type = audio_out
channels = 1

[cables]
cable = mic -> slow
cable = slow -> main

[jack]
connect = physical:1 -> mic_1
connect = main_1 -> physical:1
"""


def latencies(port):
    """Least and most frames, of playback and of capture."""
    return [int(frames) for frames in re.findall(
        r"\d+", "".join(re.findall(r"\[.*\]", tool(
            "pw-jack", "jack_lsp", "-l", port))))]


def judge_latency(program):
    """PipeWire is told, though not when it asks."""
    session = harness.write("late.ini", LATE)
    if subprocess.run([program, "check", session], check=False,
                      capture_output=True).returncode != 0:
        print("        (no type that is late: not a build for tests)")
        return
    devices = [Device("Mic", "capture=c1"), Device("Card", "playback=p1")]
    lattice = pipewire_lattice(program, session)
    for frames in (100, 500):
        lattice.osc.send("/node/slow/latency", frames)
        check(bool(harness.wait_until(
            lambda: latencies("lattice:main_1") == [0, 0, frames, frames] and
            latencies("Card:p1") == [0, 0, frames, frames] and
            latencies("Mic:c1") == [frames, frames, 0, 0])),
            f"what takes {frames} frames does so for PipeWire")
    for _ in range(20):
        lattice.osc.send("/node/slow/latency", 700)
        lattice.osc.done("/node/free", "main")
        check(bool(harness.wait_until(
            lambda: "lattice:main_1" not in tool("pw-jack", "jack_lsp"))),
            "a port that was told of goes")
        lattice.osc.send("/node/slow/latency", 300)
        lattice.osc.done("/node/new", "audio_out", "main", "channels", 1)
        lattice.osc.done("/connect", "slow", "main")
        harness.wait_until(
            lambda: "lattice:main_1" in tool("pw-jack", "jack_lsp"))
    check(lattice.stop() == 0, "it ends with exit code 0")
    for device in devices:
        device.stop()


# --- Under a session with processes --------------------------------------------


class Ear(Recorder):
    """Records through PipeWire."""

    prefix = ["pw-jack"]


def status(lattice):
    return dict(lattice.osc.list("/status/engine"))


def values(lattice):
    return {path: lattice.osc.ask(path) for path in VALUES}


def all_connections():
    """Of ports that stay: those of ears come and go."""
    return harness.connections("pw-jack")


def is_heard(n_tries=3):
    """By a program that comes anew, which lattice connects.

    A machine that drops cycles bends the tone: then it is listened to again.
    @return whether the tone is right, and when there was one first.
    """
    first = None
    for _ in range(n_tries):
        sound, facts = Ear("ear", 2, 1.5).finish(20)
        first = first or facts["heard"]
        peaks = [harness.find_peaks(sound[len(sound) // 2:, k], 1,
                                    facts["rate"]) for k in (0, 1)]
        if all(p and abs(p[0][0] - 440.0) < 6.0 for p in peaks):
            return True, first
        print("       ", peaks, facts)
    return False, first


def come_back(lattice, before, start, what):
    """Judge a session after something happened to the server."""
    good, heard = is_heard()
    check(good, f"{what}: it sounds")
    if not check(bool(harness.wait_until(
            lambda: all_connections() == before[0], 20)),
            f"{what}: the connections are the same"):
        now = all_connections()
        print("lost:", sorted(before[0] - now), "new:", sorted(now - before[0]))
    check(values(lattice) == before[1], f"{what}: and the values")
    check(bool(harness.wait_until(
        lambda: status(lattice)["processes_playing"] == 2, 20)),
        f"{what}: the processes play")
    now = status(lattice)
    check(now["process_deaths"] == 0, f"{what}: none is blamed")
    check(now["cycle"] > before[2] and now["tempo"] == 133.0,
          f"{what}: the transport goes on")
    before[2] = now["cycle"]
    return heard - start


def set_up_processes(lattice):
    for path, value in VALUES.items():
        lattice.osc.send(path, value)
    check(bool(harness.wait_until(
        lambda: status(lattice)["processes_playing"] == 2, 20)),
        "nodes in processes play")
    ear = Ear("ear", 2, 0.5)
    for a, b in (("lattice:main_1", "ear:in_1"), ("tone:out", "ear:in_2"),
                 ("echo:out", f"{CARD}:playback_FR")):
        tool("pw-jack", "jack_connect", a, b)
    sound, _ = ear.finish(30)
    check(float(abs(sound).max()) > 0.1, "another program records them")
    time.sleep(1.5)
    check("cannot be written" not in lattice.log(),
          "without a session manager there are no names for people, and "
          "nothing is said of it")
    return [all_connections(), values(lattice), status(lattice)["cycle"]]


def judge_restarts(pipewire, lattice, device, before):
    took = []
    for k in range(harness.asked.restarts):
        how = (signal.SIGKILL, signal.SIGTERM)[k % 2]
        was_up, losses = is_up(lattice), status(lattice)["jack_losses"]
        device.stop(signal.SIGKILL)
        pipewire.stop(how)
        check(bool(harness.wait_until(lambda: not is_up(lattice), 15)),
              f"{k + 1}: {how.name} is seen")
        check(status(lattice)["jack_losses"] == losses + was_up,
              "and counted once")
        pipewire = PipeWire()
        start = time.monotonic()
        device = Device(CARD, *PORTS)
        took.append(come_back(lattice, before, start, f"restart {k + 1}"))
        print(f"        sound after {took[-1]:.2f} s", flush=True)
    if took:
        print(f"{len(took)} restarts; sound again after "
              f"{statistics.median(took):.2f} s (median), {max(took):.2f} s "
              "(worst)")
    return pipewire, device


CHANGES = [(48000, 256), (44100, 256), (96000, 512), (48000, 64),
           (44100, 512), (48000, 1024), (96000, 128), (48000, 2048)]


def judge_changes(lattice, before):
    took = []
    losses = status(lattice)["jack_losses"]
    for k in range(harness.asked.changes):
        rate, quantum = CHANGES[k % len(CHANGES)]
        start = time.monotonic()
        for key, value in (("rate", rate), ("quantum", quantum)):
            tool("pw-metadata", "-n", "settings", "0", f"clock.force-{key}",
                 str(value))
        check(bool(harness.wait_until(
            lambda: (status(lattice)["rate"], status(lattice)["period"]) ==
            (rate, quantum), 10)),
            f"change {k + 1}: it runs at {rate} Hz, quantum {quantum}, "
            f"{status(lattice)['rate']}, {status(lattice)['period']}")
        took.append(come_back(lattice, before, start, f"change {k + 1}"))
    check(status(lattice)["jack_losses"] == losses, "which is no loss")
    if took:
        print(f"{len(took)} changes; heard again after "
              f"{statistics.median(took):.2f} s (median), {max(took):.2f} s "
              "(worst)")


PORTS = ["playback=playback_FL", "playback=playback_FR", "capture=capture_FL"]


def test_processes(pipewire, build):
    device = Device(CARD, *PORTS)
    lattice = pipewire_lattice(os.path.join(build, "lattice"),
                               harness.write("away.ini", harness.AWAY))
    before = set_up_processes(lattice)
    judge_changes(lattice, before)
    pipewire, device = judge_restarts(pipewire, lattice, device, before)
    check(lattice.stop() == 0, "it ends with exit code 0")


def test(build):
    if not shutil.which("pipewire") or not shutil.which("pw-jack"):
        print("skipped: pipewire and pipewire-jack are not installed")
        sys.exit(77)
    save_with_jackd()
    pipewire = PipeWire()
    lattice = pipewire_lattice(os.path.join(build, "lattice"), "song")
    judge_portability(lattice)
    judge_stops(pipewire, lattice)
    check(lattice.stop() == 0, "it ends with exit code 0")
    judge_latency(os.path.join(build, "lattice"))
    test_processes(pipewire, build)


harness.main(test)
