# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of nodes die, hang, take memory and make NaN while a patch plays.

What they do not feed must not change by a bit, and every one of them must come
back, with its values and cables, and leave nothing behind.  LATTICE_FAULTS says
how many faults of each kind there are (3).
"""

import os
import random
import signal
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

PERIOD = 512
N_NODES = 12
N_FAULTS = int(os.environ.get("LATTICE_FAULTS", "3"))
KINDS = ("crash", "kill", "stall", "stop", "leak", "bad")
PAUSE_S = 11.0 / N_NODES  # or one that dies too often is given up


def session():
    text = f"""[session]
format = 1
block = {PERIOD}

[node voice]
type = saw
freq = 110

[node lfo]
type = sine
freq = 0.3

[node filter]
type = lowpass
cutoff = 800
q = 2

[node main]
type = audio_out
channels = 1
level = 0.5

[node other]
type = audio_out
channels = 1
level = 0.01
"""
    cables = ["voice -> filter", "lfo -> filter/cutoff * 600",
              "filter -> main"]
    for k in range(N_NODES):
        text += f"\n[node f{k}]\ntype = faulty\nprocess = own\n"
        cables += [f"voice -> f{k} * 0.5", f"f{k} -> other"]
    text += "\n[cables]\n" + "".join(f"cable = {c}\n" for c in cables)
    return text + "\n[jack]\nconnect = main_1 -> rec:in_1\n"


def status(osc):
    return dict(osc.list("/status/engine"))


def pid_of(lattice, node):
    out = subprocess.run(
        ["pgrep", "-P", str(lattice.process.pid), "-f", f" faulty {node}( |$)"],
        capture_output=True, text=True, check=False).stdout.split()
    return int(out[0]) if out else None


def do_fault(lattice, kind, node):
    """@return whether the process is to die of it."""
    osc = lattice.osc
    if kind == "kill":
        os.kill(pid_of(lattice, node), signal.SIGKILL)
    elif kind == "stop":
        os.kill(pid_of(lattice, node), signal.SIGSTOP)
    elif kind == "leak":
        for _ in range(8):
            osc.send(f"/node/{node}/leak", 1.0)
            time.sleep(0.05)
    else:
        osc.send(f"/node/{node}/{kind}", 1.0)
    return kind != "bad"


def resources(lattice):
    """What may leak: children, files, shared memory, ports."""
    pid = lattice.process.pid
    children = subprocess.run(["ps", "-o", "stat=", "--ppid", str(pid)],
                              capture_output=True, text=True,
                              check=False).stdout.split()
    server = os.environ["JACK_DEFAULT_SERVER"]
    return {
        "children": len(children),
        "zombies": sum(s.startswith("Z") for s in children),
        "files": len(os.listdir(f"/proc/{pid}/fd")),
        "shared memory": sum(server in name for name in os.listdir("/dev/shm")),
        "ports": len(harness.tool("jack_lsp").split()),
        "connections": len(harness.tool("jack_lsp", "-c").split("\n   ")),
    }


def inflict(lattice, rng):
    osc = lattice.osc
    plan = [kind for kind in KINDS for _ in range(N_FAULTS)]
    rng.shuffle(plan)
    n_deaths = 0
    for i, kind in enumerate(plan):
        before = status(osc)
        begin = time.monotonic()
        if not do_fault(lattice, kind, f"f{i % N_NODES}"):
            time.sleep(0.2)
            continue
        n_deaths += 1
        back = harness.wait_until(
            lambda: status(osc)["process_restarts"] >
            before["process_restarts"], 20)
        if not back:
            check(False, f"f{i % N_NODES} is back after {kind}")
            break
        took = time.monotonic() - begin
        time.sleep(max(0.0, PAUSE_S - took))
    return n_deaths


def judge(before, after):
    for key, value in before.items():
        check(after[key] == value,
              f"{key}: {value} before, {after[key]} after")


def judge_sound(sound, rendered, n_xruns):
    begin = int(numpy.argmax(sound[:, 0] != 0))
    got = sound[begin:].view(numpy.uint32)
    # The render is not as long: it is compared until it ends.
    got = got[:len(rendered) - PERIOD]
    expected = rendered[int(numpy.argmax(rendered[:, 0] != 0)):]
    n_lost = harness.count_lost(got, expected.view(numpy.uint32), PERIOD)
    print(f"{len(got) // PERIOD} periods compared, {n_lost} are not of the "
          f"sound, {n_xruns} xruns")
    check(n_lost <= 4 * n_xruns, "what they do not feed has not changed")


def test(build):
    path = harness.write("session.ini", session())
    seconds = 10 + int(len(KINDS) * N_FAULTS * max(1.5, PAUSE_S))
    rendered = harness.render(path, seconds)[:, :1]
    Jackd(period=PERIOD)
    recorder = Recorder("rec", 1, seconds)
    lattice = Lattice(path)
    osc = lattice.osc
    if not check(bool(harness.wait_until(
            lambda: status(osc)["processes_playing"] == N_NODES, 30)),
            "all play"):
        return
    osc.send("/notify", 1)
    time.sleep(0.5)
    before = resources(lattice)
    n_deaths = inflict(lattice, random.Random(1))
    harness.wait_until(
        lambda: status(osc)["processes_playing"] == N_NODES, 20)
    time.sleep(1.0)
    after = status(osc)
    print(f"{n_deaths} deaths, {after['process_deaths']} seen, "
          f"{after['process_restarts']} restarts; engine late in "
          f"{after['late']} of {after['periods']} periods, "
          f"{after['xruns']} xruns")
    check(after["processes_playing"] == N_NODES, "every node is back")
    check(after["processes_given_up"] == 0, "none was given up")
    check(after["process_deaths"] >= n_deaths, "each death was seen")
    if harness.can_be_realtime():
        check(after["late"] <= 1e-3 * after["periods"],
              "the engine was not late")
    judge(before, resources(lattice))
    sound, facts = recorder.finish(seconds + 30)
    judge_sound(sound, rendered, facts["xruns"])
    pids = [pid_of(lattice, f"f{k}") for k in range(N_NODES)]
    check(lattice.stop() == 0, "it ends with exit code 0")
    time.sleep(0.5)
    check(not any(pid and os.path.exists(f"/proc/{pid}") for pid in pids),
          "no process is left")


harness.main(test)
