# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""scripts/play finds or starts a server, plays, and cleans up behind itself."""

import os
import pty
import re
import select
import signal
import subprocess
import time

import harness
from harness import Jackd, check, tool

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PLAY = os.path.join(ROOT, "scripts", "play")
BUILD_SECONDS = 200  # it may have to build first


def play(*options):
    """Run it to its end."""
    done = subprocess.run([PLAY, *options], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=BUILD_SECONDS,
                          check=False)
    print(done.stdout.strip(), done.stderr.strip(), sep="\n")
    return done


def play_on_a_terminal():
    """Run it on a terminal of its own, with Ctrl-C in the end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(PLAY, [PLAY, "fm", "--", "--osc-port", "0"])
    text = b""
    end = time.monotonic() + BUILD_SECONDS
    stop_at = None
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                text += os.read(terminal, 65536)
            except OSError:
                break
        if stop_at is None and b" dB" in text:
            stop_at = time.monotonic() + 1.0
            server = tool("jack_lsp", "-c", "system:playback_1")
        if stop_at and time.monotonic() > stop_at:
            os.write(terminal, b"\x03")
            stop_at = float("inf")
    else:
        os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    return text.decode(errors="replace"), os.waitstatus_to_exitcode(status), \
        server if stop_at else ""


def test(_build):
    listed = subprocess.run([PLAY, "--list"], capture_output=True, text=True,
                            check=True).stdout.split()
    print("examples:", listed)
    check("drone" in listed, "it lists the examples")
    unknown = play("no_such_example")
    check(unknown.returncode == 1 and "drone" in unknown.stderr,
          "it names them for one that it does not know")
    check(play("--nonsense").returncode == 2, "wrong options are exit code 2")

    done = play("--seconds", "2", "--", "--osc-port", "0")
    check(done.returncode == 0, "it ends by itself")
    check("started JACK" in done.stdout, "it starts a server, and says so")
    check("playing lattice at 48000 Hz" in done.stdout, "it plays")
    check("\033" not in done.stdout, "no meters without a terminal")
    check("system" not in tool("jack_lsp"), "its server is gone")

    text, code, server = play_on_a_terminal()
    meters = re.findall(r"\S+ \[[#| ]+\] +-?[\d.]+ dB", text)
    print("a meter:", meters[-1] if meters else None)
    check(len(meters) > 10, "the meters move on a terminal")
    check("lattice:" in server, "it is connected")
    check(code == 0, f"Ctrl-C ends it, exit code {code}")
    check(text.rstrip("\r\n").endswith("\033[?25h"), "the cursor is back")
    check("system" not in tool("jack_lsp"), "its server is gone again")

    jackd = Jackd()
    done = play("--seconds", "1", "--", "--osc-port", "0")
    check("that is running" in done.stdout and done.returncode == 0,
          "it uses a server that runs")
    check(jackd.is_alive() and "system" in tool("jack_lsp"),
          "and leaves it alone")


harness.main(test)
