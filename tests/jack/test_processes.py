# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in processes of their own: the same bits, and moves while they play.

The reference is the session in the engine alone, where every cable that is a
period late has a delay of one block, which is as long as the period.
"""

import re
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy
from osc_client import OscError

PERIOD = 1024

NODES = {
    "slow": "type = sine\nfreq = 0.7",
    "voice": "type = saw\nfreq = 110",
    "buzz": "type = square\nfreq = 55.5",
    "hiss": "type = noise\ncolor = pink",
    "sum": "type = mix\ninputs = 3\nlevel_2 = 0.4\nlevel_3 = 0.1",
    "filter": "type = lowpass\ncutoff = 900\nq = 4",
    "echo": "type = delay\ntime = 0.111\nfeedback = 0.5\nmix = 0.4",
    "beat": "type = pulse\nfreq = 3\nwidth = 0.2",
    "shape": "type = adsr\nattack = 0.01\ndecay = 0.2\nsustain = 0.2",
    "amp": "type = gain",
    "place": "type = pan",
}

CABLES = [
    ("voice/out", "sum/in_1", "", ""),
    ("buzz/out", "sum/in_2", "", ""),
    ("buzz/out", "sum/in_1", " * 0.25", ""),
    ("hiss/out", "sum/in_3", "", ""),
    ("sum/out", "filter/in", "", ""),
    ("slow/out", "filter/cutoff", " * 600", ""),
    ("beat/out", "shape/gate", "", ""),
    ("filter/out", "amp/in", "", ""),
    ("shape/out", "amp/cv", "", ""),
    ("amp/out", "echo/in", "", ""),
    ("echo/out", "place/in", "", ""),
    ("echo/out", "filter/in", " * 0.2", " feedback"),
    ("slow/out", "place/pan", " * 0.8", ""),
    ("place/left", "main/in_1", "", ""),
    ("place/right", "main/in_2", "", ""),
]

# A sampler whose pattern follows the transport; the session's folder has "kit".
DRUM_NODES = {
    "drums": "type = sampler\npattern = kit*3 kit:1(3,8) ~ <kit:2 kit>/3\n"
             "with = every 2 rev\ngain_pattern = 1 0.5 0.7\nspeed = 0.9",
    "tone": "type = lowpass\ncutoff = 5000",
}

DRUM_CABLES = [
    ("drums/left", "tone/in", "", ""),
    ("tone/out", "main/in_1", "", ""),
    ("drums/right", "main/in_2", "", ""),
]

# Voices that go to a process as one sum, and hear what comes back.
POLY_NODES = {
    "chord": "type = saw\npoly = 5\nfreq = 110\nfreq.2 = 138.6\n"
             "freq.3 = 164.8\nfreq.4 = 207.7\nfreq.5 = 246.9",
    "tone": "type = lowpass\ncutoff = 900\nq = 4",
    "fan": "type = gain\npoly = 5\ngain.2 = 0.5\ngain.5 = 0.2",
    "echo": "type = delay\ntime = 0.111\nfeedback = 0.5\nmix = 0.4",
}

POLY_CABLES = [
    ("chord/out", "tone/in", "", ""),
    ("tone/out", "fan/in", "", ""),
    ("fan/out", "main/in_1", "", ""),
    ("fan/out", "echo/in", "", ""),
    ("echo/out", "main/in_2", "", ""),
]


def session(away, is_reference=False, nodes=None, cables=None):
    """The patch with some nodes away, or what it is to sound like."""
    nodes, cables = nodes or NODES, cables or CABLES
    text = f"[session]\nformat = 1\nblock = {PERIOD}\n" \
           "[transport]\ntempo = 171\nplaying = yes\n"
    for name, body in nodes.items():
        own = "\nprocess = own" if name in away and not is_reference else ""
        text += f"\n[node {name}]\n{body}{own}\n"
    text += "\n[node main]\ntype = audio_out\nlevel = 0.5\n\n[cables]\n"
    for source, target, amount, feedback in cables:
        out = source.split("/")[0] in away
        into = target.split("/")[0] in away
        is_late = out and (not into or feedback)
        if is_reference and is_late:
            feedback = " feedback"
        text += f"cable = {source} -> {target}{amount}{feedback}\n"
    return text + "\n[jack]\nconnect = main_1 -> rec:in_1\n" \
                  "connect = main_2 -> rec:in_2\n"


def first_sound(sound):
    return int(numpy.argmax(sound.any(axis=1)))


def check_bits(title, away, *options, seconds=3, **patch):
    """Is what is recorded the reference, bit for bit?"""
    reference = harness.render(
        harness.write("reference.ini", session(away, True, **patch)), seconds)
    path = harness.write("session.ini", session(away, **patch))
    running = []

    def make():
        for lattice in running:
            lattice.stop()
        recorder = Recorder("rec", 2, seconds)
        running[:] = [Lattice(path, *options)]
        return recorder

    for _ in range(3):
        sound, facts = harness.record_calmly(make)
        status = dict(running[0].osc.list("/status/engine"))
        if status["process_missed"] == 0:
            break
        print("        (processes missed periods: recorded again)")
    running[0].stop()
    got = sound[first_sound(sound):].view(numpy.uint32)
    expected = reference[first_sound(reference):].view(numpy.uint32)
    n_lost = harness.count_lost(got, expected, PERIOD)
    print(f"{title}: {status['processes_playing']} processes, "
          f"{status['late_cables']} late cables, peak "
          f"{numpy.abs(sound).max():.3f}, {n_lost} of "
          f"{len(got) // PERIOD} periods differ, {facts['xruns']} xruns")
    check(status["processes_playing"] == len(away), f"{title}: all are there")
    if status["process_missed"] == 0:
        check(n_lost <= 4 * facts["xruns"],
              f"{title}: the bits of the reference")


def test_bits():
    check_bits("in the engine", [])
    check_bits("an oscillator", ["voice"])
    check_bits("a filter", ["filter"])
    check_bits("mixed", ["slow", "sum", "filter", "amp"])
    check_bits("all", list(NODES), "--node-per-process", seconds=6)
    if harness.write_kit():
        patch = {"nodes": DRUM_NODES, "cables": DRUM_CABLES}
        check_bits("a sampler in the engine", [], **patch)
        check_bits("a sampler with a pattern", ["drums"], **patch)
        check_bits("what follows a sampler", ["tone"], **patch)
    patch = {"nodes": POLY_NODES, "cables": POLY_CABLES}
    check_bits("voices into a process", ["tone"], **patch)
    check_bits("voices, all that may", ["tone", "echo"], "--node-per-process",
               **patch)


MOVING = f"""[session]
format = 1
block = {PERIOD}

[node voice]
type = sine
freq = 220

[node tone]
type = lowpass
cutoff = 1500
q = 1

[node main]
type = audio_out
channels = 1
level = 0.5

[cables]
cable = voice -> tone
cable = tone -> main
"""


def place_of(osc, node):
    return osc.ask(f"/node/{node}/process")


def listen(name, seconds, action):
    recorder = Recorder(name, 1, seconds, "lattice:main_1")
    time.sleep(seconds / 4)
    action()
    sound, facts = recorder.finish()
    return sound[:, 0], facts


def silence(sound):
    """The longest stretch of silence, in seconds."""
    loud = numpy.flatnonzero(numpy.abs(sound) > 1e-4)
    return numpy.diff(loud).max() / harness.RATE if len(loud) > 1 else 99.0


def loudness(name):
    time.sleep(0.5)
    return float(numpy.abs(listen(name, 0.5, lambda: None)[0][-4800:]).max())


def check_move(osc, name, where):
    sound, facts = listen(name, 2.5, lambda: osc.done(
        "/node/tone/process", where))
    status = dict(osc.list("/status/engine"))
    ratio, at = harness.roughness(sound)
    print(f"to {where}: {status['processes_playing']} processes, largest bend "
          f"{ratio:.2f} x its neighbours' at frame {at}, silent for "
          f"{1e3 * silence(sound):.0f} ms at most, {facts['xruns']} xruns")
    check(place_of(osc, "tone") == where, f"it says {where}")
    check(status["processes_playing"] == (where == "own"), "and is there")
    if facts["xruns"] == 0:
        check(ratio < 4.0, f"to {where}: no click")
        check(silence(sound) < 0.2, f"to {where}: a short fade")
    check(len(osc.list("/graph/cables")) == 2, f"to {where}: no cable is lost")
    check(numpy.abs(sound[-4800:]).max() > 0.1, f"to {where}: it sounds")


def test_moves():
    lattice = Lattice(harness.write("moving.ini", MOVING), "--verbose")
    osc = lattice.osc
    for k, where in enumerate(("own", "engine", "own")):
        check_move(osc, f"m{k}", where)
    # Its process leads the sound around it, when told and when started anew.
    osc.send("/node/tone/cutoff", 40.0)
    through = loudness("through")
    osc.done("/node/tone/bypass", 1)
    around = loudness("around")
    osc.done("/node/tone/restart")
    check(bool(harness.wait_until(
        lambda: dict(osc.list("/status/engine"))["process_restarts"] >= 1 and
        dict(osc.list("/status/engine"))["processes_playing"] == 1, 5)),
        "a bypassed node can be restarted")
    again = loudness("again")
    osc.done("/node/tone/bypass", 0)
    print(f"around a filter {around:.3f}, after a restart {again:.3f}, through "
          f"it {through:.3f}, in the end {loudness('end'):.3f}")
    check(around > 5 * through, "a process leads sound around its node")
    check(again > 5 * through, "and after a restart")
    # What is set while it is away, and what follows a rename and a restart.
    osc.send("/node/tone/cutoff", 300.0)
    osc.done("/connect", "voice", "tone/cutoff", 100.0)
    check(bool(harness.wait_until(
        lambda: "tone:cutoff_2" in harness.tool("jack_lsp"), 3)),
        "a cabled knob has a port")
    check(bool(harness.wait_until(
        lambda: "CV" in harness.tool("jack_property", "-l"), 3)),
        "which says that it carries control voltages")
    osc.done("/node/rename", "tone", "colour")
    check(bool(harness.wait_until(
        lambda: "colour:out" in harness.tool("jack_lsp") and
        dict(osc.list("/status/engine"))["processes_playing"] == 1, 5)),
        "a rename takes the process along")
    harness.tool("jack_connect", "colour:out", "system:playback_2")
    time.sleep(0.5)
    osc.done("/node/colour/restart")
    check(bool(harness.wait_until(
        lambda: dict(osc.list("/status/engine"))["process_restarts"] >= 2, 5)),
        "it can be restarted")
    check("colour: its process ended (exit code 0)" in lattice.log(),
          "by asking it to end, since a killed client can hold up all others")
    check(bool(harness.wait_until(
        lambda: "system:playback_2" in
        harness.tool("jack_lsp", "-c", "colour:out"), 5)),
        "and what a patchbay connected is connected again")
    harness.tool("jack_disconnect", "colour:out", "system:playback_2")
    time.sleep(2.5)
    check("system:playback_2" not in
          harness.tool("jack_lsp", "-c", "colour:out"),
          "but not what a patchbay has taken out")
    for what, words in (("/node/main/process", "always runs in the engine"),
                        ("/node/voice/restart", "runs in the engine")):
        try:
            osc.done(what, *(["own"] if what.endswith("process") else []))
            check(False, f"{what} is refused")
        except OscError as error:
            check(words in error.args[1], f"{what}: {error.args[1]}")
    osc.done("/session/save", "moved")
    osc.done("/graph/clear")
    check(bool(harness.wait_until(
        lambda: "colour:" not in harness.tool("jack_lsp"), 3)),
        "clear ends the process")
    osc.done("/session/load", "moved")
    check(bool(harness.wait_until(
        lambda: "lattice:return/colour/out" in
        harness.tool("jack_lsp", "-c", "colour:out"), 5)),
        "a session brings it back, and its cables")
    check(osc.ask("/node/colour/cutoff") == 300.0, "with its values")
    check(lattice.stop() == 0, "it ends with exit code 0")


def run_node(*arguments):
    node = harness.Child("node", [
        Lattice.program + "-node", *arguments])
    node.wait_for("OSC on")
    return node


def test_alone():
    """lattice-node as a plain JACK tool."""
    node = run_node("--connect", "gain", "boost", "gain=2")
    check(bool(harness.wait_until(
        lambda: harness.tool("jack_lsp", "-c", "boost:out").count(
            "system:playback") == 2, 3)), "its output goes to both speakers")
    check("system:capture_1" in harness.tool("jack_lsp", "-c", "boost:in"),
          "its input comes from the microphone")
    again = run_node("sine", "boost")
    again.process.wait(5)
    check(again.process.returncode == 3 and
          "a JACK client 'boost' exists: stop it, or choose another name" in
          again.log(), "a taken name is refused")
    for arguments, words in ((["sien", "x"], "did you mean 'sine'"),
                             (["sine", "x", "freq"], "is no PARAM=VALUE"),
                             (["sine", "x", "freq=hi"], "freq needs a number in Hz"),
                             (["audio_out", "x"], "always runs in the engine"),
                             (["sine", "1x"], "is no name for a node")):
        wrong = run_node(*arguments)
        wrong.process.wait(5)
        check(wrong.process.returncode == 1 and words in wrong.log(),
              f"lattice-node {' '.join(arguments)}: {words}")
    other = run_node("--client=piece/boost", "gain", "boost", "gain=2")
    check(bool(harness.wait_until(
        lambda: "piece/boost:out" in harness.tool("jack_lsp"), 3)),
        "its client can have another name than its node")
    check(other.stop() == 0 and node.stop() == 0, "it ends with exit code 0")


def test_sandbox():
    lattice = Lattice(harness.write("moving.ini", MOVING), "--sandbox",
                      "--node-per-process")
    osc = lattice.osc
    check(bool(harness.wait_until(
        lambda: dict(osc.list("/status/engine"))["processes_playing"] == 2,
        10)), "nodes play shut in")
    time.sleep(1.0)
    children = harness.tool("pgrep", "-P", str(lattice.process.pid)).split()
    modes = []
    for pid in children:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            modes += re.findall(r"Seccomp:\t(\d)", file.read())
    check(modes == ["2", "2"], f"their system calls are filtered: {modes}")
    osc.send("/node/voice/freq", 330.0)
    osc.done("/connect", "voice", "tone/cutoff", 100.0)
    sound, _ = listen("shut", 1.0, lambda: None)
    peaks = harness.find_peaks(sound[-24000:], 1)
    check(peaks and abs(peaks[0][0] - 330.0) < 3.0,
          f"values and cables reach them: {peaks}")
    status = dict(osc.list("/status/engine"))
    check(status["process_deaths"] == 0, "none died of it")
    check(lattice.stop() == 0, "it ends with exit code 0")


HEARING = """[session]
format = 1

[node mic]
type = audio_in
channels = 1

[node near]
type = gain
process = own

[node main]
type = audio_out
channels = 1

[cables]
cable = mic -> near
cable = near -> main

[jack]
connect = physical:1 -> mic_1
"""


def latency(port, kind):
    lines = harness.tool("jack_lsp", "-l", port).splitlines()
    at = next(i for i, line in enumerate(lines) if line == port)
    found = next(line for line in lines[at + 1:at + 3] if kind in line)
    return [int(n) for n in re.findall(r"\d+", found)]


def test_latency():
    lattice = Lattice(harness.write("hearing.ini", HEARING))
    in_, out = (latency("system:capture_1", "capture")[0],
                latency("system:playback_1", "playback")[0])
    wanted = {("lattice:main_1", "capture"): in_ + PERIOD,
              ("near:out", "capture"): in_,
              ("near:in", "capture"): in_,
              ("lattice:mic_1", "playback"): out + PERIOD,
              ("near:in", "playback"): out + PERIOD,
              ("near:out", "playback"): out + PERIOD}
    for (port, kind), frames in wanted.items():
        got = harness.wait_until(
            lambda: latency(port, kind) == [frames, frames], 3)
        check(got, f"{kind} latency of {port}: {frames} frames, "
              f"{latency(port, kind)}")
    check(lattice.osc.list("/graph/late") == [
        ["near/out", "main/in_1", PERIOD]], "/graph/late says which cable")
    check(lattice.stop() == 0, "it ends with exit code 0")


def test_server_death(jackd):
    lattice = Lattice(harness.write("moving.ini", MOVING), "--node-per-process")
    osc = lattice.osc
    jackd.stop()
    time.sleep(1.5)
    Jackd(period=PERIOD)
    check(bool(harness.wait_until(
        lambda: "lattice:return/tone/out" in
        harness.tool("jack_lsp", "-c", "tone:out") and
        dict(osc.list("/status/engine"))["processes_playing"] == 2, 15)),
        "processes come back with the server, and their cables")
    check(dict(osc.list("/status/engine"))["process_deaths"] == 0,
          "and none is blamed")
    check(lattice.stop() == 0, "it ends with exit code 0")


def test(_build):
    jackd = Jackd(period=PERIOD)
    test_alone()
    test_bits()
    test_moves()
    test_latency()
    test_sandbox()
    test_server_death(jackd)


harness.main(test)
