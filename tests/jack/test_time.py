# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes that tell the time do it alike in the engine and in processes.

Each is there twice; what comes from a process is a period late, to the frame,
while tempo, place and play change under way.
"""

import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy
from osc_client import OscError

PERIOD = 1024
SECONDS = 6.0

NODES = {
    "clock": ("type = clock\nticks = 16\nswing = 0.3", "gate"),
    "phasor": ("type = phasor\ncycles = 3/2", "out"),
}


def session():
    text = f"[session]\nformat = 1\nblock = {PERIOD}\n" \
           "\n[transport]\ntempo = 120\nplaying = yes\n"
    for name, (body, _) in NODES.items():
        text += f"\n[node {name}]\n{body}\n"
        text += f"\n[node {name}_own]\n{body}\nprocess = own\n"
    text += f"\n[node main]\ntype = audio_out\nchannels = {2 * len(NODES)}\n" \
            "limit = off\n\n[cables]\n"
    for k, (name, (_, port)) in enumerate(NODES.items()):
        text += f"cable = {name}/{port} -> main/in_{2 * k + 1}\n" \
                f"cable = {name}_own/{port} -> main/in_{2 * k + 2}\n"
    text += "\n[jack]\n"
    for k in range(2 * len(NODES)):
        text += f"connect = main_{k + 1} -> rec:in_{k + 1}\n"
    return text


def conduct(osc):
    """Change everything, now and then."""
    for path, *arguments in (
            ("/transport/tempo", 133.7), ("/transport/locate", 0.3),
            ("/transport/stop", 1), ("/transport/tempo", 77.0),
            ("/transport/play", 1), ("/transport/locate", 7.0),
            ("/transport/tempo", 240.0)):
        osc.send(path, *arguments)
        time.sleep(0.31)


def check_steps(osc):
    """Its trigger goes in and out: one client has no two ports of a name."""
    try:
        osc.done("/node/new", "steps", "row", "process", "own")
        check(False, "steps in a process is refused")
    except OscError as error:
        check("steps always runs in the engine" in error.args[1],
              f"steps in a process: {error.args[1]}")


def test(_build):
    Jackd(period=PERIOD)
    for _ in range(3):
        recorder = Recorder("rec", 2 * len(NODES), SECONDS)
        lattice = Lattice(harness.write("time.ini", session()))
        check(bool(harness.wait_until(lambda: dict(lattice.osc.list(
            "/status/engine"))["processes_playing"] == len(NODES), 5)),
            "all processes play")
        conduct(lattice.osc)
        check_steps(lattice.osc)
        sound, facts = recorder.finish()
        missed = dict(lattice.osc.list("/status/engine"))["process_missed"]
        lattice.stop()
        if facts["xruns"] == 0 and missed == 0:
            break
        print("        (periods were lost: recorded again)")
    n = len(sound) // PERIOD * PERIOD
    for k, name in enumerate(NODES):
        here, away = sound[:n - PERIOD, 2 * k], sound[PERIOD:n, 2 * k + 1]
        # From where both sound, and have faded in.
        begin = int(numpy.argmax(away != 0.0)) + harness.RATE // 2
        differ = numpy.flatnonzero(here[begin:] != away[begin:])
        print(f"{name}: {n - begin} frames compared, {len(differ)} differ, "
              f"{len(numpy.unique(here[begin:]))} values, "
              f"{facts['xruns']} xruns, {missed} missed")
        check(n - begin > 2 * harness.RATE, f"{name}: enough was recorded")
        check(here[begin:].any(), f"{name}: it does something")
        if facts["xruns"] == 0 and missed == 0:
            check(len(differ) == 0, f"{name}: a process tells the same time")


harness.main(test)
