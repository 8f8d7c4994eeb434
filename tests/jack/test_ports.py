# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports come and go with nodes, and say what they are."""

import os
import re
import time

import harness
from harness import Jackd, Lattice, Recorder, check, tool

SESSION = """
[session]
format = 1

[node mic]
type = audio_in
channels = 1

[node wobble]
type = audio_out
channels = 1
signal = cv

[node main]
type = audio_out
channels = 2

[node more]
type = audio_out
channels = 3

[cables]
cable = mic -> main

[jack]
; to the third hand
connect = more_2 -> later:in_1
connect = physical:2 -> mic_1
"""


def flags():
    """Properties and type of each port."""
    found, port = {}, None
    for line in tool("jack_lsp", "-pt").splitlines():
        if not line.startswith("\t"):
            port = line
            found[port] = []
        else:
            found[port].append(line.strip().removeprefix("properties: "))
    return found


def metadata():
    """Properties in the database, by pretty name."""
    text = tool("jack_property", "-l")
    found = {}
    for block in re.split(r"^\d+$", text, flags=re.MULTILINE):
        keys = dict(re.findall(
            r"key: http://jackaudio.org/metadata/(\S+) value: (.*) type:",
            block))
        if "pretty-name" in keys:
            found[keys["pretty-name"]] = keys
    return found


def connections(port):
    return [line.strip() for line in
            tool("jack_lsp", "-c", port).splitlines() if line[:1] == " "]


def judge_flags():
    seen = flags()
    for port, wanted, kind in (
            ("main_1", "output,terminal,", "32 bit float mono audio"),
            ("more_3", "output,terminal,", "32 bit float mono audio"),
            ("wobble_1", "output,terminal,", "32 bit float mono audio"),
            ("mic_1", "input,", "32 bit float mono audio"),
            ("midi_in", "input,terminal,", "8 bit raw midi")):
        got = seen.get(f"lattice:{port}")
        check(got == [wanted, kind], f"lattice:{port} is {got}")


def judge_metadata():
    seen = metadata()
    print("metadata:", seen)
    check(seen.get("main left", {}).get("port-group") == "main" and
          seen.get("main right", {}).get("port-group") == "main",
          "a pair is a group with pretty names")
    check("more 3" in seen, "further channels have numbers")
    check(seen.get("wobble", {}).get("signal-type") == "CV" and
          "signal-type" not in seen.get("mic", {}), "CV is marked, audio not")
    check(seen.get("MIDI in", {}).get("event-types") == "MIDI",
          "the MIDI port says so")
    orders = [int(seen[name]["order"]) for name in
              ("mic", "wobble", "main left", "main right", "more 1", "more 2")
              if name in seen]
    check(len(orders) == 6 and orders == sorted(orders),
          f"order is that of the file: {orders}")


def judge_connections(lattice):
    check(connections("lattice:main_1") == ["system:playback_1"] and
          connections("lattice:main_2") == ["system:playback_2"],
          "the first audio output goes to the loudspeakers")
    check(connections("lattice:more_1") == [], "the second does not")
    check(connections("lattice:wobble_1") == [], "nor does control voltage")
    check(connections("lattice:mic_1") == ["system:capture_2"],
          "physical:2 is the second capture port")
    check("later:in_1" in lattice.log(), "an absent port is said")
    recorder = Recorder("later", 1, 60)
    check(bool(harness.wait_until(
        lambda: connections("lattice:more_2") == ["later:in_1"], 2)),
        "a line's port that comes later is connected then")
    recorder.stop()
    harness.wait_until(lambda: "later" not in tool("jack_lsp"), 2)
    recorder = Recorder("later", 1, 60)
    check(bool(harness.wait_until(
        lambda: connections("lattice:more_2") == ["later:in_1"], 2)),
        "and again when it comes again")
    recorder.stop()


def judge_edits(osc):
    osc.done("/node/rename", "main", "out")
    check(bool(harness.wait_until(
        lambda: connections("lattice:out_1") == ["system:playback_1"], 2)),
        "a renamed port keeps its connection")
    check("lattice:main_1" not in tool("jack_lsp"), "and loses its name")
    check("out left" in metadata(), "metadata follows")
    osc.done("/node/free", "more")
    check(bool(harness.wait_until(
        lambda: "lattice:more" not in tool("jack_lsp"), 2)),
        "the ports of a freed node go")
    osc.done("/node/new", "audio_out", "fresh", "channels", 2)
    check(bool(harness.wait_until(
        lambda: "lattice:fresh_2" in tool("jack_lsp"), 2)),
        "the ports of a new node come")
    check(connections("lattice:fresh_1") == [], "unconnected")
    names = sorted(metadata())
    print("pretty names:", names)
    check("more 1" not in names and "fresh left" in names,
          "no dead port speaks through a new one")


def judge_saving(osc):
    tool("jack_disconnect", "lattice:out_2", "system:playback_2")
    tool("jack_connect", "lattice:fresh_2", "system:playback_2")
    tool("jack_connect", "lattice:fresh_1", "lattice:mic_1")
    osc.done("/session/save", "saved")
    with open(os.path.join(harness.path("sessions"), "saved.ini"),
              encoding="utf-8") as file:
        text = file.read()
    jack = text[text.index("[jack]"):].strip().splitlines()
    print("saved:", jack)
    # New ones are in the order in which they were seen.
    check(jack[:4] == ["[jack]",
                       "connect = physical:2 -> mic_1",
                       "connect = out_1 -> physical:1",
                       "connect = out_2 -> nothing"] and
          sorted(jack[4:]) == ["connect = fresh_1 -> mic_1",
                               "connect = fresh_2 -> system:playback_2"],
          "what is connected is what is saved")
    osc.done("/session/new")
    check(bool(harness.wait_until(
        lambda: tool("jack_lsp", "lattice").split() == ["lattice:midi_in"],
        2)), "a new session has no ports but MIDI")
    osc.done("/session/load", "saved")
    check(bool(harness.wait_until(
        lambda: connections("lattice:fresh_2") == ["system:playback_2"], 2)),
        "load makes the saved connections")
    time.sleep(0.3)
    check(connections("lattice:fresh_1") == ["lattice:mic_1"],
          "also those between two of our ports")
    check(connections("lattice:out_2") == [] and
          connections("lattice:out_1") == ["system:playback_1"],
          "and no others")


def saved(osc, name):
    """The lines about outputs that a saved session has in [jack]."""
    osc.done("/session/save", name)
    with open(os.path.join(harness.path("sessions"), name + ".ini"),
              encoding="utf-8") as file:
        return [line for line in file if re.match(r"connect = \w+ -> ", line)]


def is_heard(name):
    """Soon connected to both speakers, each channel to its own?"""
    return bool(harness.wait_until(
        lambda: [connections(f"lattice:{name}_{i}") for i in (1, 2)] ==
        [[f"system:playback_{i}"] for i in (1, 2)], 2))


def judge_the_rule(osc):
    """The first audio_out is connected by itself, whatever was there before."""
    def load(name):
        harness.write(f"sessions/{name}.ini",
                      f"[session]\nformat = 1\n[node {name}]\n"
                      "type = audio_out\n")
        osc.done("/session/load", name)

    for name in ("first", "other", "first", "other"):
        load(name)
        check(is_heard(name), f"{name} is heard, loaded over another session")
    osc.done_bundle(("/node/free", "other"), ("/node/new", "audio_out", "next"))
    check(is_heard("next"), "so is one that takes the place of a freed one")
    quick = []
    for i in range(12):
        load("first")
        osc.done("/session/new")
        time.sleep(i % 4 * 0.005)
        osc.done("/node/new", "audio_out", "main")
        quick.append(saved(osc, f"quick_{i}"))
    check(quick == 12 * [["connect = main_1 -> physical:1\n",
                          "connect = main_2 -> physical:2\n"]],
          "what is being connected is saved like what is connected")
    check(is_heard("main"), "and is connected")
    osc.done("/node/new", "audio_out", "aux")
    osc.done("/node/free", "main")
    check(not [line for line in saved(osc, "fading") if "main" in line],
          "of one that fades out nothing is saved")
    time.sleep(0.3)
    check(connections("lattice:aux_1") == [],
          "one that is the first now stays unconnected")
    lines = saved(osc, "left")
    osc.done("/session/load", "left")
    time.sleep(0.3)
    check(connections("lattice:aux_1") == [] and
          lines == saved(osc, "left_again"), "also when it is loaded again")


def test(_build):
    Jackd()
    lattice = Lattice(harness.write("ports.ini", SESSION))
    judge_flags()
    judge_metadata()
    judge_connections(lattice)
    judge_edits(lattice.osc)
    judge_saving(lattice.osc)
    judge_the_rule(lattice.osc)
    check(lattice.stop() == 0, "it ends with exit code 0")
    check("lattice" not in tool("jack_lsp") and not metadata(),
          "and leaves nothing behind")


harness.main(test)
