# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that people make music with, each of which makes a patch, hears what
becomes of it, and plays it in time.

What a program does is in clients/; what it says and what is heard is checked
here.  Each subscribes to a value and waits until it is moved, by this script;
then it plays notes 125 ms apart.  Where a program gives its bundles time tags,
200 ms ahead, notes last 10 ms, which is compared to the frame.

A program that is not installed is left out; with --all-programs 1, which
scripts/test --all says, that is a failure.
"""

import os
import shutil
import socket
import subprocess
import sys
import time

import harness
from harness import Child, Jackd, Lattice, Recorder, check, numpy

harness.number("all-programs", 0, "1: none may be missing")
harness.number("notes", 16, "that each of them plays")

RATE = harness.RATE
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients")
SECONDS = 5.0  # that are recorded
NODE_PATH = os.path.join(FOLDER, "../../../build/npm/node_modules")

SESSION = """
[session]
format = 1

[node main]
type = audio_out
limit = off
"""

SCLANG = {"QT_QPA_PLATFORM": "offscreen",
          "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
          "QTWEBENGINE_DISABLE_SANDBOX": "1"}


class Program:
    """One of them.

    is_tagged   its notes have time tags
    is_answered  it sends from where it listens, so /done and /synced reach it
    command(port)  what runs it, or nothing where it is not installed
    """

    def __init__(self, name, package, command, is_tagged=False,
                 is_answered=True):
        self.name, self.package, self.command = name, package, command
        self.is_tagged, self.is_answered = is_tagged, is_answered


def script(name):
    return os.path.join(FOLDER, name)


def sclang(_port):
    return shutil.which("sclang") and ["sclang", script("play.scd")]


def pd(port):
    return shutil.which("pd") and [
        "pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-send",
        f"lattice-notes {harness.asked.notes}; lattice-port {port}",
        script("play.pd")]


def chuck(_port):
    """Beside lattice on JACK: with --silent it would have no clock."""
    return shutil.which("chuck") and ["chuck", script("play.ck")]


def node(_port):
    """Where scripts/setup --all has put its library."""
    is_there = os.path.isdir(os.path.join(NODE_PATH, "osc"))
    return shutil.which("node") and is_there and ["node", script("play.js")]


def liblo(_port):
    """The first Python that has it."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import liblo"], check=False,
                          capture_output=True).returncode == 0:
            return [python, script("play_liblo.py")]
    return None


def liblo_tools(_port):
    return shutil.which("oscsend") and shutil.which("oscdump") and \
        shutil.which("oscsendfile") and ["sh", script("play_tools.sh")]


PROGRAMS = [
    Program("sclang", "supercollider-language", sclang, is_tagged=True),
    Program("pd", "puredata-core", pd),
    Program("chuck", "chuck", chuck, is_answered=False),
    Program("js", "osc, from npm", node, is_tagged=True),
    Program("liblo", "python3-liblo", liblo, is_tagged=True),
    Program("tools", "liblo-tools", liblo_tools, is_answered=False),
]


# --- What they do ---------------------------------------------------------------


def free_port():
    """A port of UDP that nobody listens at now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def begin_program(program, port):
    """Run it, or None where it is not installed."""
    command = program.command(port)
    if not command:
        return None
    home = harness.path("home")
    os.makedirs(home, exist_ok=True)
    told = {"LATTICE_PORT": str(port), "LATTICE_HEARS": str(free_port()),
            "LATTICE_NOTES": str(harness.asked.notes), "HOME": home, "NODE_PATH": NODE_PATH, **SCLANG}
    return Child(program.name, ["env", *[f"{k}={v}" for k, v in told.items()],
                                *command])


def edges(x):
    """Frames at which notes begin, and how long each lasts."""
    is_on = numpy.concatenate(([False], x > 0.5, [False])).astype(int)
    change = numpy.diff(is_on)
    begins = numpy.flatnonzero(change == 1)
    return begins, numpy.flatnonzero(change == -1) - begins


def check_notes(program, lattice, sound, facts):
    """That what is heard is what was played."""
    n, name = harness.asked.notes, program.name
    begins, lengths = edges(sound[:, 0])
    late = dict(lattice.osc.list("/status/engine"))["bundles_late"]
    apart = numpy.diff(begins)
    print(f"{name}: {len(begins)} notes, {apart.min() if len(apart) else 0} to "
          f"{apart.max() if len(apart) else 0} frames apart, lengths "
          f"{sorted(set(lengths.tolist()))[:8]}, {late} late, "
          f"{facts['xruns']} xruns")
    if not program.is_tagged:
        check(len(begins) == n, f"{name}: all {n} notes are heard")
        whole = (begins[-1] - begins[0]) / RATE if len(begins) else 0.0
        check(abs(whole - 0.125 * (n - 1)) < 1.0,
              f"{name}: about as long as it takes ({whole:.2f} s)")
        return
    # What the machine makes late may lose its length, or itself.
    check(n - len(begins) <= late + facts["xruns"],
          f"{name}: all {n} notes are heard but late ones")
    # Clients that count seconds since 1900 as doubles make tags of half a
    # microsecond, 0.02 frames: now and then one rounds to the next frame.
    exact = int((abs(lengths - 480) <= 1).sum())
    check(n - exact <= late + facts["xruns"],
          f"{name}: {exact} of {n} notes last 480 frames within 1, others are "
          "late")
    check(int((lengths != 480).sum()) <= n // 4 + late + facts["xruns"],
          f"{name}: nearly all of them last 480 frames")
    if late == 0 and facts["xruns"] == 0 and len(apart):
        check(numpy.abs(apart - 6000).max() <= 3,
              f"{name}: they begin 6000 frames apart, within 2 in 4800")


def tries(program):
    """One program, with a lattice of its own."""
    name = program.name
    lattice = Lattice(harness.write(f"{name}.ini", SESSION))
    began = time.monotonic()
    child = begin_program(program, lattice.osc.address[1])
    if not child:
        what = f"{name} is not installed ({program.package})"
        print(f"left out: {what}")
        check(not harness.asked.all_programs, f"nothing is left out: {name}")
        lattice.stop()
        return
    if program.is_answered:
        check(child.wait_for("SYNCED", 40), f"{name}: /sync is answered")
        for path in ("/node/new", "/connect"):
            check(child.wait_for(rf"HEARD:? (symbol )?{path}\b"),
                  f"{name}: /done {path} is heard")
    else:
        check(child.wait_for("NODES.* 2\\b", 20),
              f"{name}: feedback tells of its node")
    check(child.wait_for(r"FELT:? [^\n]*\b0", 20),
          f"{name}: feedback begins with what the value is")
    check([name, "adsr"] in lattice.osc.list("/graph/nodes") and
          [f"{name}/out", "main/in_1", 1.0, "signal"] in
          lattice.osc.list("/graph/cables"), f"{name}: its patch is there")
    recorder = Recorder(f"ear_{name}", 1, SECONDS, f"{lattice.name}:main_1")
    lattice.osc.send(f"/node/{name}/decay", 0.25)
    check(child.wait_for(r"FELT:? [^\n]*0\.25", 5),
          f"{name}: feedback says what another sender moves")
    check(child.wait_for("PLAYED", 20), f"{name}: it has played")
    sound, facts = recorder.finish()
    if name == "sclang":
        check(child.wait_for(r"REPLIES [1-9]"), f"{name}: /status is answered")
    check("FAILED" not in child.log(), f"{name}: nothing fails")
    check_notes(program, lattice, sound, facts)
    check(lattice.stop() == 0, f"{name}: lattice ends well "
          f"({time.monotonic() - began:.1f} s)")
    child.stop()


def test(_build):
    Jackd(period=256)
    for program in PROGRAMS:
        tries(program)


harness.main(test)
