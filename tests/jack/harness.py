# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests against a real JACK server share.

Each test is a script: `python3 tests/jack/test_X.py --build build/release`.  It
starts servers of its own, prints what it measured, and exits 0 when all of its
checks hold.  Only processes started here are ever stopped.
"""

import argparse
import ctypes
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

try:
    import numpy
except ImportError:
    # The first python3 of a PATH need not be the one that packages extend.
    system = "/usr/bin/python3"
    if os.environ.get("LATTICE_TEST_PYTHON") or not os.path.exists(system):
        print("skipped: numpy is not installed")
        sys.exit(77)
    os.environ["LATTICE_TEST_PYTHON"] = system
    os.execv(system, [system, *sys.argv])

from osc_client import Osc

RATE = 48000

# A voice through two nodes in processes of their own.
AWAY = """
[session]
format = 1

[transport]
tempo = 133
playing = yes

[node voice]
type = sine
freq = 330

[node tone]
type = lowpass
cutoff = 4000
process = own

[node echo]
type = delay
time = 0.05
mix = 0.1
process = own

[node main]
type = audio_out
channels = 2

[cables]
cable = voice -> tone
cable = tone -> echo
cable = echo -> main * 0.5
"""

_began = time.monotonic()
_folder = None
_children = []
_failed = []  # claims that did not hold
_numbers = []  # options of the script
asked = None  # the command line


# --- The script ----------------------------------------------------------------


def number(name, default, help_text):
    """Let the command line say how much is done: --NAME N, as asked.NAME."""
    _numbers.append((name, default, help_text))


def begin():
    """Read the command line, make a folder; return the build folder."""
    global _folder, asked
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    for name, default, help_text in _numbers:
        parser.add_argument("--" + name, type=int, default=default,
                            help=help_text)
    asked = parser.parse_args()
    build = os.path.abspath(asked.build)
    for tool in ("jackd", "jack_lsp"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed")
            sys.exit(77)
    _folder = tempfile.mkdtemp(prefix="lattice-jack-")
    os.environ["JACK_NO_START_SERVER"] = "1"
    os.environ["JACK_DEFAULT_SERVER"] = f"lattice-test-{os.getpid()}"
    os.environ["XDG_DATA_HOME"] = os.path.join(_folder, "data")
    os.environ["XDG_STATE_HOME"] = os.path.join(_folder, "state")
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: sys.exit(1))
    Lattice.program = os.path.join(build, "lattice")
    for place in (build, os.path.join(build, "tests", "jack")):
        if os.path.exists(os.path.join(place, "jack_record")):
            Recorder.tools = place
    return build


def check(holds, what):
    """Note one claim; the script goes on."""
    print(("ok      " if holds else "FAILED  ") + what, flush=True)
    if not holds:
        _failed.append(what)
    return holds


def end():
    """Stop what still runs and exit."""
    stop_all()
    for what in _failed:
        print("FAILED  " + what)
    if _failed:
        print(f"{len(_failed)} claims failed")
    sys.exit(1 if _failed else 0)


def main(test):
    """Run test(build) and clean up whatever happens."""
    build = begin()
    try:
        test(build)
    except BaseException:
        stop_all(keep_logs=True)
        raise
    end()


def stop_all(keep_logs=False):
    """Stop first and speak later: nobody may be listening any more."""
    logs = []
    for child in reversed(_children):
        child.stop()
        if (keep_logs or _failed) and child.is_worth_showing:
            logs.append(f"--- {child.title}:\n{child.log()}")
    _children.clear()
    if _folder:
        shutil.rmtree(_folder, ignore_errors=True)
    for log in logs:
        print(log)


def path(name):
    return os.path.join(_folder, name)


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)
    return path(name)


def wait_until(condition, seconds=5.0):
    """Wait for condition() to be true; return its last value."""
    end_time = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end_time:
            return value
        time.sleep(0.02)


def tool(*command):
    """Output of a JACK tool, stdout and stderr."""
    return subprocess.run(command, capture_output=True, text=True, timeout=20,
                          check=False).stdout


def connections(*prefix):
    """All pairs of ports that jack_lsp shows, each from both sides."""
    found, port = set(), None
    for line in tool(*prefix, "jack_lsp", "-c").splitlines():
        if not line.startswith(" "):
            port = line
        else:
            found.add((port, line.strip()))
    return found


def can_be_realtime():
    """May this user's jackd use real-time priority?"""
    return subprocess.run(["chrt", "-f", "1", "true"], capture_output=True,
                          check=False).returncode == 0


def _die_with_parent():
    """Let the kernel end the child if the script is killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Child:
    """A process whose output goes to a file."""

    is_worth_showing = True

    def __init__(self, title, command):
        self.title = title
        self.log_path = path(f"log-{len(_children)}-{title}")
        self.out = open(self.log_path, "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=self.out,
                                        stderr=subprocess.STDOUT,
                                        preexec_fn=_die_with_parent)
        _children.append(self)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def is_alive(self):
        return self.process.poll() is None

    def stop(self, number=signal.SIGTERM, seconds=10):
        """Send a signal and wait; return the exit code, None if it hung."""
        if self.is_alive():
            self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        self.out.close()
        return code

    def wait_for(self, pattern, seconds=10):
        """Wait until the output matches; return the match or None."""
        return wait_until(lambda: re.search(pattern, self.log()) or
                          (None if self.is_alive() else False), seconds)


class Jackd(Child):
    """A private server on the dummy driver."""

    is_worth_showing = False

    def __init__(self, period=64, rate=RATE, *options):
        how = ["-R", "-P", "70"] if can_be_realtime() else ["-r"]
        super().__init__("jackd", [
            "jackd", "-n", os.environ["JACK_DEFAULT_SERVER"], *how, *options,
            "-d", "dummy", "-r", str(rate), "-p", str(period)])
        if not wait_until(lambda: "system:playback_1" in tool("jack_lsp")):
            raise RuntimeError("jackd does not start:\n" + self.log())


class Lattice(Child):
    """`lattice run`, with a session, empty, or with what it played last."""

    program = None

    def __init__(self, session=None, *options, osc_port=0, restores=False):
        command = [self.program, "run"]
        if session:
            command.append(session)
        elif not restores:
            command.append("--empty")
        command += ["--osc-port", str(osc_port),
                    "--session-dir", path("sessions"), *options]
        os.makedirs(path("sessions"), exist_ok=True)
        super().__init__("lattice", command)
        # Processes of nodes are born one by one.
        match = self.wait_for(r"playing (\S+) at (\d+) Hz, block (\d+); "
                              r"OSC on 127\.0\.0\.1:(\d+)", 40)
        if not match:
            raise RuntimeError("lattice does not start:\n" + self.log())
        self.name = match[1]
        self.osc = Osc(int(match[4]))

    def stop(self, number=signal.SIGTERM, seconds=10):
        if getattr(self, "osc", None):
            self.osc.close()
        return super().stop(number, seconds)


class Recorder(Child):
    """A client that records; it begins when all its ports are connected."""

    is_worth_showing = False
    tools = None
    prefix = []  # of the command

    def __init__(self, name, n_ports, seconds, *sources):
        self.n_ports = n_ports
        self.sound_path = path(f"sound-{len(_children)}")
        super().__init__(name, [
            *self.prefix, os.path.join(self.tools, "jack_record"), name, str(n_ports),
            str(int(seconds * RATE)), self.sound_path, *sources])
        if not self.wait_for("ready"):
            raise RuntimeError("the recorder does not start:\n" + self.log())

    def finish(self, seconds=30):
        """Wait for the end; return the sound [frame, port] and what it says."""
        code = self.process.wait(seconds)
        if code != 0:
            raise RuntimeError("the recorder failed:\n" + self.log())
        facts = json.loads(self.log().strip().splitlines()[-1])
        sound = numpy.fromfile(self.sound_path, dtype=numpy.float32)
        return sound.reshape(-1, self.n_ports), facts


class Listener(Child):
    """A client that writes down the MIDI of a port."""

    is_worth_showing = False

    def __init__(self, name, seconds, *source):
        self.events_path = path(f"events-{len(_children)}")
        super().__init__(name, [
            os.path.join(Recorder.tools, "jack_listen"), name,
            str(int(seconds * RATE)), self.events_path, *source])
        if not self.wait_for("ready"):
            raise RuntimeError("the listener does not start:\n" + self.log())

    def finish(self, seconds=30, now=False):
        """Wait for the end; return [(frame time, bytes)] and what it says."""
        if now:
            self.process.terminate()
        if self.process.wait(seconds) != 0:
            raise RuntimeError("the listener failed:\n" + self.log())
        facts = json.loads(self.log().strip().splitlines()[-1])
        with open(self.events_path, encoding="ascii") as file:
            lines = [line.split() for line in file]
        return [(int(frame), bytes.fromhex(data))
                for frame, data in lines], facts


def tries(n, seconds=60):
    """Count n tries, but only one once the script has taken so long."""
    yield 0
    for k in range(1, n):
        if time.monotonic() - _began < seconds:
            yield k


def record_calmly(make, n_tries=6):
    """Record until the machine lets the server run without an xrun.

    make() starts what is needed and returns a Recorder; it is called again
    after a disturbed recording.  Returns sound and facts of the last one.
    """
    for _ in tries(n_tries, 180):
        sound, facts = make().finish()
        if facts["xruns"] == 0:
            break
        print(f"        ({facts['xruns']} xruns: recorded again)")
    return sound, facts


def send_midi(name, target, events, *options):
    """Send (frame, bytes) events; return the frame time of frame 0."""
    done = subprocess.run(
        [os.path.join(Recorder.tools, "jack_send"), *options, name, target,
         *[f"{frame}:{data.hex()}" for frame, data in events]],
        capture_output=True, text=True, timeout=40, check=True)
    return json.loads(done.stdout)["first_frame"]


class Transport:
    """The jack_transport tool, one command at a time."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["jack_transport"], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        time.sleep(0.3)

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        time.sleep(0.3)

    def close(self):
        self.process.stdin.close()
        self.process.wait(5)


def render(session, seconds, *options):
    """The channels that `lattice render` makes of a session [frame, channel]."""
    out = path("render.wav")
    subprocess.run([Lattice.program, "render", session, out, "--seconds",
                    str(seconds), "--quiet", *options], check=True,
                   capture_output=True, timeout=60)
    return read_wav(out)


def read_wav(name):
    """The channels of a file of floats [frame, channel]."""
    with open(name, "rb") as file:
        data = file.read()
    n_channels = struct.unpack_from("<H", data, data.index(b"fmt ") + 10)[0]
    at = data.index(b"data")
    size = struct.unpack_from("<I", data, at + 4)[0]
    samples = numpy.frombuffer(data[at + 8:at + 8 + size], numpy.float32)
    return samples.reshape(-1, n_channels)


# --- Listening -----------------------------------------------------------------


def write_kit(n=3):
    """A folder `kit` of sounds beside the sessions.

    @return whether this build has types that play them."""
    os.makedirs(path("kit"), exist_ok=True)
    for k in range(n):
        samples = numpy.random.default_rng(k).uniform(-0.5, 0.5, 1000 + 500 * k)
        data = samples.astype(numpy.float32).tobytes()
        head = struct.pack("<HHIIHH", 3, 1, RATE, RATE * 4, 4, 32)
        with open(path(f"kit/{k}.wav"), "wb") as file:
            file.write(b"RIFF" + struct.pack("<I", 36 + len(data))
                       + b"WAVEfmt " + struct.pack("<I", 16) + head
                       + b"data" + struct.pack("<I", len(data)) + data)
    return subprocess.run([Lattice.program, "nodes", "sampler"],
                          capture_output=True, check=False).returncode == 0


def find_peaks(x, n=5, rate=RATE):
    """The strongest partials of a sound: (Hz, amplitude), strongest first."""
    window = numpy.hanning(len(x))
    spectrum = numpy.abs(numpy.fft.rfft(x * window)) * 2 / window.sum()
    at = [k for k in range(2, len(spectrum) - 2)
          if spectrum[k] == spectrum[k - 2:k + 3].max() and spectrum[k] > 1e-4]
    at.sort(key=lambda k: -spectrum[k])
    return [(k * rate / len(x), spectrum[k]) for k in at[:n]]


def count_lost(got, expected, period):
    """Periods of a recording that are not of the sound, in its order.

    Where the machine drops a cycle, the recorder or the engine misses one: the
    sound goes on later, or is interrupted.  What is recorded of it must still
    be its bits.
    """
    n_lost = 0
    place = 0
    for begin in range(0, len(got) - period + 1, period):
        piece = got[begin:begin + period]
        for ahead in range(400):
            at = place + ahead * period
            if numpy.array_equal(piece, expected[at:at + period]):
                place = at + period
                break
        else:
            n_lost += 1
    return n_lost


def roughness(x, reach=64):
    """How much the largest bend of a sound stands out from those around it.

    The bend is the second difference; a click is one that is large beside its
    neighbours (reach samples to either side, the nearest two left out).
    """
    bend = numpy.abs(numpy.diff(x.astype(numpy.float64), 2))
    worst, where = 0.0, 0
    for k in numpy.argsort(bend)[-50:]:
        around = numpy.concatenate((bend[max(0, k - reach):max(0, k - 2)],
                                    bend[k + 3:k + reach]))
        if len(around) == 0:
            continue
        ratio = bend[k] / max(around.max(), 1e-4)
        if ratio > worst:
            worst, where = ratio, int(k)
    return worst, where
