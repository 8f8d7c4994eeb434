# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command of README.md, in its order, as written.

Only the port is another one, so that it disturbs nobody, and the build folder.
What needs a tool that is not installed is left out.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import time

import harness
from harness import Jackd, Lattice, check

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
# Those that build, install or play until they are told to end.
NOT_HERE = ("scripts/", "sudo ", "cmake ")


def commands():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        text = file.read()
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M):
        if not block.lstrip().startswith("["):  # a part of a session
            for line in block.splitlines():
                if line.strip() and not line.strip().startswith(NOT_HERE):
                    yield line.strip()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_there(line):
    """Are the tools of a command installed?"""
    for part in line.split("|"):
        tool = shlex.split(part)[0]
        if not tool.startswith("build/") and not shutil.which(tool):
            print(f"        (without {tool}: {line})")
            return False
    return True


def adapt(line, build, port):
    line = re.sub(r"(127\.0\.0\.1|localhost) 9000", f"127.0.0.1 {port}", line)
    line = re.sub(r"build/release/(lattice(?:-node)?)\b", build + r"/\1", line)
    first = re.match(r"\S+/lattice( run| send| watch| top)?(?= |$)", line)
    if first and (first[1] or re.match(r" (-|&|$)", line[first.end():])):
        line = (line[:first.end()] + f" --osc-port {port}" +
                line[first.end():])
    line = line.replace("0.0.0.0", "127.0.0.1")  # strangers stay out
    return line.replace("sessions/examples", ROOT + "/sessions/examples")


class Program:
    """One that goes on until it is stopped."""

    def __init__(self, line):
        self.line = line
        with open(harness.path("output"), "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(shlex.split(line), stdout=out,
                                            stderr=subprocess.STDOUT,
                                            cwd=harness.path("."))
        harness.wait_until(lambda: "OSC on" in self.output() or
                           self.process.poll() is not None, 10)

    @staticmethod
    def output():
        with open(harness.path("output"), encoding="utf-8") as file:
            return file.read()

    def ends(self):
        if self.process.poll() is None:
            self.process.terminate()
        check(self.process.wait(10) == 0, f"{self.line}: ends well")
        for word in ("cannot", "there is no", "refused", "/fail"):
            check(word not in self.output(),
                  f"no '{word}' in what it printed")


def run_all(build, port):
    running = []
    for original in commands():
        line = adapt(original, build, port)
        if not is_there(original):
            continue
        if original.endswith("&") or re.match(
                r"build/release/lattice(-node| run| -)", original):
            if "lattice-node" not in line:
                for program in running:
                    program.ends()
                running.clear()
            program = Program(line.rstrip("&"))
            check(program.process.poll() is None, f"{original}: plays")
            running.append(program)
            continue
        if " watch " in original:  # until Ctrl-C
            line = f"timeout --preserve-status -s INT 2 {line}; [ $? = 130 ]"
        done = subprocess.run(line, shell=True, cwd=harness.path("."),
                              capture_output=True, text=True, check=False,
                              timeout=60)
        check(done.returncode == 0, f"{original} {done.stderr.strip()}")
        time.sleep(0.1)
    for program in running:
        program.ends()


def test(build):
    Jackd(period=256)
    Lattice.program = os.path.join(build, "lattice")
    run_all(build, free_port())


harness.main(test)
