# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a patchbay shows of the cables between processes and the engine."""

import re

import harness
from harness import Jackd, Lattice, check, tool

SESSION = """
[session]
format = 1

[node voice]
type = saw

[node both]
type = sine
freq = 3

[node lfo]
type = sine
freq = 0.3

[node sway]
type = sine
freq = 0.2
process = own

[node filter]
type = lowpass
process = own

[node place]
type = pan
process = own

[node loud]
type = gain

[node main]
type = audio_out

[cables]
cable = voice -> filter
cable = lfo -> filter/cutoff * 600
cable = both -> place * 0.5
cable = both -> place/pan * 0.1
cable = filter -> loud
cable = sway -> loud/gain * 0.1
cable = place -> main
"""

# Port: pretty name, or "" for none that differs; group; signal type.
WANTED = {
    "filter:cutoff_2": ("cutoff", "", "CV"),
    "filter:in": ("", "", ""),
    "filter:out": ("", "", ""),
    "place:left": ("", "place", ""),
    "place:right": ("", "place", ""),
    "place:in_2": ("in 2", "", ""),
    "sway:out": ("", "", "CV"),
    "lattice:send/lfo/out": ("lfo out", "", "CV"),
    "lattice:send/voice/out": ("voice out", "", ""),
    "lattice:send/both/out": ("both out", "", ""),
    "lattice:return/sway/out": ("sway out", "", "CV"),
    "lattice:return/filter/out": ("filter out", "", ""),
    "lattice:return/place/left": ("place left", "place", ""),
    "lattice:return/place/right": ("place right", "place", ""),
}


def labels():
    """Pretty name, group and signal type of each port."""
    text = tool("jack_property", "-l")
    known = {}
    for block in re.split(r"^(?=\d+$)", text, flags=re.MULTILINE):
        number = block.partition("\n")[0]
        known[number] = dict(re.findall(
            r"key: http://jackaudio.org/metadata/(\S+) value: (.*) type:",
            block))
    found, port = {}, None
    for line in tool("jack_lsp", "-U").splitlines():
        if line[:1] not in " \t":
            port = line
        elif "uuid" in line:
            keys = known.get(line.split()[-1], {})
            found[port] = tuple(keys.get(key, "") for key in (
                "pretty-name", "port-group", "signal-type"))
    return found


def judge(wanted, what):
    harness.wait_until(lambda: wanted.items() <= labels().items(), 8)
    seen = labels()
    for port, label in wanted.items():
        check(seen.get(port) == label, f"{what}: {port} is {seen.get(port)}")


def test(_build):
    Jackd(period=1024)
    lattice = Lattice(harness.write("patchbay.ini", SESSION))
    osc = lattice.osc
    judge(WANTED, "as loaded")
    osc.done("/connect", "both", "filter/cutoff", 10.0)
    judge({"filter:cutoff_2": ("cutoff 2", "", "CV"),
           "filter:cutoff_3": ("cutoff 3", "", "CV")}, "with two cables")
    osc.done("/disconnect", "lfo", "filter/cutoff")
    osc.done("/connect", "lfo", "place", 0.1)
    judge({"filter:cutoff_3": ("cutoff", "", "CV"),
           "lattice:send/lfo/out": ("lfo out", "", "")},
          "with one of them, and sound of an LFO")
    osc.done("/connect", "sway", "loud")
    judge({"sway:out": ("", "", ""),
           "lattice:return/sway/out": ("sway out", "", "")},
          "heard by itself")
    osc.done("/node/rename", "place", "stage")
    judge({"lattice:return/stage/left": ("stage left", "stage", ""),
           "lattice:return/stage/right": ("stage right", "stage", "")},
          "renamed")
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
