# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last samples of outputs are asked for, in the engine and in processes."""

import os
import signal
import subprocess

import harness
from harness import Jackd, Lattice, check
from osc_client import OscError

SESSION = """
[session]
format = 1

[node k]
type = constant
value = 0.25

[node near]
type = gain
gain = 2

[node far]
type = gain
gain = 3
process = own

[node wide]
type = pan
pan = 0
process = own

[node main]
type = audio_out
channels = 2

[cables]
cable = k -> near
cable = k -> far
cable = k -> wide
cable = near -> main/in_1
cable = far -> main/in_2
"""


def soon(osc, path, value):
    return bool(harness.wait_until(
        lambda: abs(osc.ask(path) - value) < 1e-6, 5))


def value_of(osc, node, output):
    return next(row[3] for row in osc.list("/node/info", node)
                if row[1] == output and row[2] == "out")


def pid_of(lattice, node):
    out = subprocess.run(
        ["pgrep", "-P", str(lattice.process.pid), "-f", f" {node}( |$)"],
        capture_output=True, text=True, check=False).stdout.split()
    return int(out[0])


def test(_build):
    Jackd(period=256)
    lattice = Lattice(harness.write("outputs.ini", SESSION))
    osc = lattice.osc
    check(soon(osc, "/node/near/out", 0.5), "an output in the engine")
    check(soon(osc, "/node/far/out", 0.75), "and one in a process")
    check(soon(osc, "/node/far/out/last", 0.75), "by its long name too")
    check(abs(value_of(osc, "far", "out") - 0.75) < 1e-6,
          "/node/info has it")
    outputs = [row[1] for row in osc.list("/node/info", "wide")
               if row[2] == "out"]
    got = [osc.ask(f"/node/wide/{name}") for name in outputs]
    check(len(got) == 2 and abs(got[0] - got[1]) < 1e-6 and got[0] > 0.1,
          f"each of two outputs: {got}")
    osc.send("/node/wide/pan", -1)
    check(soon(osc, f"/node/wide/{outputs[0]}", 0.25) and
          soon(osc, f"/node/wide/{outputs[1]}", 0.0), "by itself")
    osc.send("/node/far/gain", 1.5)
    check(soon(osc, "/node/far/out", 0.375), "what it is told is heard")
    os.kill(pid_of(lattice, "far"), signal.SIGKILL)
    check(bool(harness.wait_until(
        lambda: osc.ask("/node/far/out") == 0.0, 5)),
        "a dead one gives 0")
    check(soon(osc, "/node/far/out", 0.375), "and is back afterwards")
    osc.send("/node/far/process", "engine")
    check(soon(osc, "/node/far/out", 0.375), "as it is in the engine again")
    try:
        osc.ask("/node/far/nothing")
        check(False, "an output that is not there is refused")
    except OscError as error:
        check("nothing" in str(error), f"what is not there is named: {error}")
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
