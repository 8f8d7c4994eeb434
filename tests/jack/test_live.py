# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A patch is built, played, taken apart, saved and loaded while it sounds.

Nothing of it clicks, and the engine is never later than a period.
"""

import os
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy
from osc_client import OscError

PERIOD = 256


def listen(osc, name, seconds, *actions):
    """Record main_1 while the actions are done, spread over the time."""
    recorder = Recorder(name, 1, seconds, "lattice:main_1")
    for action in actions:
        time.sleep(seconds / (len(actions) + 1))
        action()
    sound, facts = recorder.finish()
    osc.sync()
    return sound[:, 0], facts


def is_smooth(name, sound, facts, limit=3.0):
    """Does the sound hold no click?"""
    ratio, where = harness.roughness(sound)
    print(f"{name}: peak {numpy.abs(sound).max():.3f}, largest bend "
          f"{ratio:.2f} x its neighbours' at frame {where}, "
          f"{facts['xruns']} xruns")
    if facts["xruns"]:
        print("        (the machine dropped cycles: not judged)")
        return True
    return check(ratio < limit, f"{name}: no click")


def build(osc):
    osc.done("/node/new", "audio_out", "main", "channels", 1, "level", 0.5)
    check(bool(harness.wait_until(
        lambda: "lattice:main_1" in harness.tool("jack_lsp"), 2)),
        "the port of a new audio_out is there within 2 s")
    osc.done("/node/new", "sine", "voice", "freq", 220.0)
    osc.done("/node/new", "lowpass", "filter", "cutoff", 1500.0, "q", 1.0)


def change(osc):
    """Every kind of change that must not click."""
    is_smooth("connect", *listen(
        osc, "r1", 1.0,
        lambda: osc.done("/connect", "voice", "filter"),
        lambda: osc.done("/connect", "filter", "main")))
    is_smooth("set a level", *listen(
        osc, "r2", 1.0,
        lambda: osc.send("/node/main/level", 0.1),
        lambda: osc.send("/node/main/level", 0.8),
        lambda: osc.send("/node/main/level", 0.3)))
    is_smooth("set a cutoff", *listen(
        osc, "r3", 1.0,
        lambda: osc.send("/node/filter/cutoff", 300.0),
        lambda: osc.send("/node/filter/cutoff", 4000.0)))
    is_smooth("glide a pitch", *listen(
        osc, "r4", 1.0,
        lambda: osc.send("/node/voice/freq", 330.0, 0.3)))
    osc.done("/node/new", "sine", "second", "freq", 150.0)
    is_smooth("second cable", *listen(
        osc, "r5", 1.0,
        lambda: osc.done("/connect", "second", "main", 0.3),
        lambda: osc.done("/disconnect", "second", "main")))
    osc.done("/connect", "second", "main")
    is_smooth("free a node", *listen(
        osc, "r6", 0.8, lambda: osc.done("/node/free", "second")))
    is_smooth("feedback", *listen(
        osc, "r7", 1.0,
        lambda: osc.done("/connect/feedback", "filter", "filter/in", 0.3),
        lambda: osc.done("/disconnect", "filter", "filter/in")))
    is_smooth("rename", *listen(
        osc, "r8", 0.8, lambda: osc.done("/node/rename", "voice", "singer")))


def save_and_load(lattice):
    osc = lattice.osc
    osc.done("/session/save", "one")
    saved = os.path.join(harness.path("sessions"), "one.ini")
    with open(saved, encoding="utf-8") as file:
        text = file.read()
    check("connect = main_1 -> physical:1" in text and
          "connect = main_1 -> physical:2" in text,
          "the connections that the rule made are saved")
    # Nothing ramps at load: a sine that begins has a corner, but no step.
    is_smooth("load", *listen(
        osc, "r9", 1.0, lambda: osc.done("/session/load", "one")), limit=12.0)
    is_smooth("disconnect", *listen(
        osc, "r10", 0.8, lambda: osc.done("/disconnect", "filter", "main")))
    osc.done("/session/load", "one")
    sound, facts = listen(osc, "r11", 0.6, lambda: osc.done("/graph/clear"))
    # The port goes with its node: what counts is the sound until then.
    loud = numpy.flatnonzero(numpy.abs(sound) > 1e-6)
    is_smooth("clear", sound[:loud[-1] + 1], facts)
    check(osc.list("/graph/nodes") == [], "clear leaves nothing")
    osc.done("/session/load", "one")
    check(len(osc.list("/graph/nodes")) == 3, "load brings it back")
    check(bool(harness.wait_until(
        lambda: "lattice:main_1" in harness.tool(
            "jack_lsp", "-c", "system:playback_1"), 2)),
        "and its connections")
    sound, _ = listen(osc, "r12", 0.5)
    check(numpy.abs(sound).max() > 0.05, "it sounds")


def hammer(osc):
    """Many edits at once, as fast as they are answered."""
    n_edits = 0
    end = time.monotonic() + 2.0
    while time.monotonic() < end:
        for k in range(20):
            osc.done("/node/new", "sine", f"n{k}", "freq", 100.0 + 10 * k)
            osc.done("/connect", f"n{k}", "main", 0.01)
        for k in range(20):
            osc.done("/node/free", f"n{k}")
        n_edits += 60
    print(f"{n_edits / 2:.0f} edits a second")


def judge_time(status):
    """The engine has to be done within a period, whoever else is late."""
    period_ns = 1e9 * PERIOD / harness.RATE
    print(f"engine: {status['process_ns_max'] / 1e3:.0f} us at most, "
          f"{100 * status['load']:.1f} % of {period_ns / 1e3:.0f} us in the "
          f"mean, {status['swaps']} plans; JACK saw {status['xruns']} xruns, "
          f"the engine took {status['xrun_engine_ns'] / 1e3:.0f} us in the "
          f"last")
    check(status["load"] < 0.5, "the engine has time to spare")
    # What else runs on this machine may hold up any thread now and then.
    if harness.can_be_realtime():
        check(status["late"] <= 1e-3 * status["periods"],
              f"the engine was late in {status['late']} of "
              f"{status['periods']} periods")


def test(_build):
    Jackd(period=PERIOD)
    lattice = Lattice(None, "--verbose")
    osc = lattice.osc
    build(osc)
    change(osc)
    save_and_load(lattice)
    hammer(osc)
    try:
        osc.done("/connect", "nobody", "main")
        check(False, "a wrong edit is refused")
    except OscError as error:
        check(True, f"a wrong edit is refused: {error.args[1]}")
    judge_time(dict(osc.list("/status/engine")))
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
