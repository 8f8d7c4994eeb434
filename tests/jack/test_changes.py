# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other periods, freewheeling, a second lattice, and starts that must fail."""

import re
import subprocess
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy, tool

SESSION = """
[session]
format = 1

[node voice]
type = sine
freq = 500

[node main]
type = audio_out
channels = 1

[cables]
cable = voice -> main * 0.5
"""


def purity(sound):
    """Share of a recording that is not a 500 Hz sine, as amplitude."""
    x = sound[:, 0].astype(numpy.float64)
    t = 2 * numpy.pi * 500 / harness.RATE * numpy.arange(len(x))
    basis = numpy.stack([numpy.sin(t), numpy.cos(t)], axis=1)
    fit, *_ = numpy.linalg.lstsq(basis, x, rcond=None)
    return numpy.abs(x - basis @ fit).max() / 0.5, numpy.hypot(*fit)


def count_impure(sound, n_frames=480):
    """Pieces of a recording that are not the sine."""
    n = 0
    for begin in range(0, len(sound) - n_frames + 1, n_frames):
        rest, level = purity(sound[begin:begin + n_frames])
        n += not (rest < 1e-4 and abs(level - 0.5) < 1e-3)
    return n


def change_period(lattice):
    """Where the machine drops a cycle the sine jumps, and nowhere else."""
    for period in (256, 32, 4096, 64):
        tool("jack_bufsize", str(period))
        time.sleep(0.3)
        for _ in range(4):
            sound, facts = harness.record_calmly(
                lambda: Recorder(f"p{period}", 1, 0.4, "lattice:main_1"))
            n_impure = count_impure(sound)
            if n_impure <= 20:
                break
        rest, level = purity(sound)
        print(f"period {period}: level {level:.4f}, rest {rest:.2e}, "
              f"{n_impure} of 40 pieces impure, {facts['xruns']} xruns")
        check(n_impure <= min(4 * facts["xruns"], 20),
              f"the sound is whole at period {period}")
    status = dict(lattice.osc.list("/status/engine"))
    print(f"xruns counted: {status['xruns']}, late: {status['late']}")


def freewheel(lattice):
    """The recorder is there before: jackd trips over clients that come while
    it is freewheeling."""
    seconds = 8.0
    recorder = Recorder("fast", 1, seconds, "lattice:main_1")
    start = time.monotonic()
    tool("jack_freewheel", "y")
    answer = lattice.osc.ask("/node/voice/freq")
    sound, _ = recorder.finish()
    took = time.monotonic() - start
    tool("jack_freewheel", "n")
    rest, level = purity(sound)
    print(f"freewheeling: {seconds} s in {took:.2f} s, level {level:.4f}, "
          f"rest {rest:.2e}")
    check(rest < 1e-4 and abs(level - 0.5) < 1e-3, "the sound is whole")
    check(answer == 500.0, "OSC goes on")
    check(took < 0.7 * seconds, "faster than real time")
    time.sleep(1)
    status = dict(lattice.osc.list("/status/engine"))
    print(f"xruns counted: {status['xruns']}")
    check(status["jack"] == 1, "back in real time")


def second(session, osc_port):
    other = Lattice(session, "--jack-name", "lattice")
    print("the second is", other.name)
    check(other.name == "lattice-01", "a second lattice is lattice-01")
    check("lattice-01:main_1" in tool("jack_lsp"), "and has ports")
    check(other.stop() == 0, "it ends")
    other = Lattice(session, "--jack-name", "bass", "--no-connect")
    check("bass:main_1" in tool("jack_lsp"), "--jack-name names it")
    check("bass" not in tool("jack_lsp", "-c", "system:playback_1"),
          "--no-connect connects nothing")
    other.stop()
    code, said = run(session, "--osc-port", str(osc_port))
    print("port taken:", said)
    check(code == 3 and str(osc_port) in said, "a taken port is exit code 3")


def run(session, *options):
    """Run lattice to its end; its exit code and stderr."""
    done = subprocess.run([Lattice.program, "run", session, *options],
                          capture_output=True, text=True, timeout=15,
                          check=False)
    return done.returncode, done.stderr.strip()


def start_without_server(session):
    code, said = run(session, "--osc-port", "0")
    print("no server:", said)
    check(code == 3 and "jackd" in said and "\n" not in said,
          "no JACK server is exit code 3 and one line that helps")
    wrong = harness.write("wrong.ini", SESSION.replace("freq", "frq"))
    code, said = run(wrong, "--osc-port", "0")
    print("wrong session:", said)
    check(code == 1 and re.search(r"wrong\.ini:\d+: ", said),
          "a wrong session is exit code 1, also without a server")


def test(_build):
    session = harness.write("changes.ini", SESSION)
    start_without_server(session)
    Jackd(period=64)
    lattice = Lattice(session)
    check(sorted(tool("jack_lsp", "-c", "lattice:main_1").split()[1:]) ==
          ["system:playback_1", "system:playback_2"],
          "one channel goes to both physical ports")
    change_period(lattice)
    freewheel(lattice)
    second(session, lattice.osc.address[1])
    check(lattice.stop() == 0, "it ends with exit code 0")


harness.main(test)
