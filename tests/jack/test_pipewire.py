# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions go from jackd to PipeWire and back, and PipeWire may stop."""

import os
import shutil
import signal
import stat
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

CARD = "Built-in Audio Analog Stereo"


class PipeWire(Child):
    """A daemon of its own, without session manager."""

    is_worth_showing = False

    def __init__(self):
        folder = harness.path("run")
        os.makedirs(folder, mode=stat.S_IRWXU, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = folder
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"
        super().__init__("pipewire", ["pipewire"])
        socket = os.path.join(folder, "pipewire-0")
        if not harness.wait_until(lambda: os.path.exists(socket), 10):
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


harness.main(test)
