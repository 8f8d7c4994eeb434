# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""lattice as a service: it waits for a server, says to whoever started it when
it is ready and when it stops, and its unit for systemd is right.

$NOTIFY_SOCKET is ours, as systemd's would be: a datagram socket with a path, or
an abstract one.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import harness
from harness import Child, Jackd, Lattice, check
from osc_client import Osc

SESSION = """[session]
format = 1

[node voice]
type = sine
process = own

[node main]
type = audio_out

[cables]
cable = voice -> main * 0.1
"""


class Manager:
    """Hears what a service tells."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.shown = "@" + address[1:] if address[0] == "\0" else address
        self.heard = []

    def hear(self, wanted, seconds=20):
        """Listen until a line begins so; return it, or None."""
        end = time.monotonic() + seconds
        while True:
            for line in self.heard:
                if line.startswith(wanted):
                    return line
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                self.heard += self.socket.recv(4096).decode().split("\n")
            except TimeoutError:
                return None

    def close(self):
        self.socket.close()


def start(notify_socket, *options):
    """With that socket for lattice alone: jackd would tell of itself there."""
    os.makedirs(harness.path("sessions"), exist_ok=True)
    return Child("service", ["env", f"NOTIFY_SOCKET={notify_socket}",
                             Lattice.program, "run", "--wait",
                             "--osc-port", "0", "--session-dir",
                             harness.path("sessions"), *options])


def test_readiness(address, what):
    """From a start without a server to the end."""
    manager = Manager(address)
    service = start(manager.shown)
    check(bool(manager.hear("STATUS=waiting")), f"{what}: it tells that it waits")
    check(bool(service.wait_for("waiting for it")), f"{what}: and the log")
    check(manager.hear("READY=1", 1.8) is None,
          f"{what}: it is not ready while there is no server")
    check(service.log().count("waiting for it") == 1,
          f"{what}: it says once that it waits")
    jackd = Jackd()
    check(bool(manager.hear("READY=1")), f"{what}: with a server it is ready")
    check(bool(manager.hear("STATUS=playing lattice at 48000 Hz")),
          f"{what}: and tells what it plays")
    port = service.wait_for(r"OSC on 127\.0\.0\.1:(\d+)")
    with Osc(int(port[1])) as osc:
        first = dict(osc.list("/status/engine"))["frame"]
        check(bool(harness.wait_until(
            lambda: dict(osc.list("/status/engine"))["frame"] != first)),
              f"{what}: the sound runs")
    jackd.stop(signal.SIGKILL)
    check(bool(manager.hear("STATUS=waiting for the JACK server, which")),
          f"{what}: it tells that the server is gone")
    jackd = Jackd(128, 44100)
    check(bool(manager.hear("STATUS=playing lattice at 44100 Hz, period 128")),
          f"{what}: and what it plays when there is another")
    check("STOPPING=1" not in manager.heard, f"{what}: it does not stop yet")
    check(service.stop() == 0, f"{what}: SIGTERM ends it in order")
    check(bool(manager.hear("STOPPING=1", 1)), f"{what}: it tells that it stops")
    check(manager.heard.count("READY=1") == 1, f"{what}: it was ready once")
    jackd.stop()
    manager.close()


def test_processes():
    """A node's process has the socket too, and tells nothing."""
    manager = Manager(harness.path("socket2"))
    jackd = Jackd()
    service = start(manager.shown, harness.write("one.ini", SESSION))
    check(bool(manager.hear("READY=1", 40)), "with a process: it is ready")
    service.wait_for("OSC on")
    code = service.stop()
    check(code == 0 and bool(manager.hear("STOPPING=1", 1)),
          "with a process: it stops")
    manager.hear("nothing", 0.3)
    check(manager.heard.count("READY=1") == 1 and
          manager.heard.count("STOPPING=1") == 1,
          "with a process: nobody but lattice tells anything")
    manager.close()
    return jackd


def test_odd_sockets():
    for odd in ("", "x", "@", "/", "relative/path", "/no/such/socket",
                "@nobody listens here", "/" + "x" * 500, "vsock:2:1234"):
        service = start(odd)
        check(bool(service.wait_for("playing")) and service.stop() == 0,
              f"NOTIFY_SOCKET {odd[:30]!r} does no harm")


def test_unit(build):
    """What cmake installs for systemd names a program that is there."""
    if not shutil.which("cmake"):
        print("skipped: cmake is not installed")
        return
    tree = harness.path("a tree")
    done = subprocess.run(["cmake", "--install", build, "--prefix", tree],
                          capture_output=True, text=True, check=False)
    check(done.returncode == 0, "it can be installed anywhere")
    unit = os.path.join(tree, "lib/systemd/user/lattice.service")
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    program = re.search(r'^ExecStart="(.*)" run --wait$', text, re.M)
    check(bool(program) and os.access(program[1], os.X_OK),
          "the unit starts the installed program, without a session")
    for line in ("Type=notify", "Restart=always", "RestartSec=2",
                 "StartLimitIntervalSec=0", "TimeoutStartSec=infinity"):
        check(line in text.split("\n"), f"the unit says {line}")
    if not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is not installed")
        return
    run = harness.path("run")
    os.makedirs(run, mode=0o700, exist_ok=True)
    done = subprocess.run(["systemd-analyze", "verify", "--user", "--man=no",
                           unit], env={**os.environ, "XDG_RUNTIME_DIR": run},
                          capture_output=True, text=True, check=False)
    if "Failed to initialize manager" in done.stderr:
        print("skipped: systemd-analyze does not work here")
        return
    check(done.returncode == 0 and not done.stderr,
          f"systemd has nothing against the unit {done.stderr}")


# systemd as a user has it, in a mount namespace of its own: it wants a tree of
# control groups and /run.
MANAGER = """
mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/systemd &&
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd &&
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system &&
echo $$ > "$(mktemp -d /sys/fs/cgroup/systemd/XXXXXX)/cgroup.procs" && echo can &&
exec /lib/systemd/systemd --user --unit=basic.target
"""


def systemctl(*arguments):
    return subprocess.run(["systemctl", "--user", *arguments],
                          capture_output=True, text=True,
                          check=False).stdout.strip()


def main_pid(but=0):
    """The service's process, once it is ready; another one than that."""
    def look():
        pid = int(systemctl("show", "lattice", "-p", "MainPID", "--value") or 0)
        active = systemctl("is-active", "lattice") == "active"
        return active and pid not in (0, but) and pid
    return harness.wait_until(look, 20)


def test_user_manager():
    """A real systemd starts it, and starts it again whatever happened."""
    os.environ["XDG_RUNTIME_DIR"] = harness.path("run")
    os.environ["XDG_CONFIG_HOME"] = harness.path("config")
    os.environ["SYSTEMD_OFFLINE"] = "0"  # whatever started this machine
    manager = Child("manager", ["unshare", "-m", "bash", "-c", MANAGER])
    if not (shutil.which("systemctl") and manager.wait_for("can\n", 5) and
            harness.wait_until(lambda: "active" in systemctl("show", "basic.target"), 10)):
        print("skipped: no systemd of our own can be started here")
        manager.stop()
        return
    unit = harness.path("a tree/lib/systemd/user/lattice.service")
    systemctl("link", unit)
    systemctl("start", "--no-block", "lattice")
    check(bool(harness.wait_until(lambda: "waiting for a JACK server" in
                                  systemctl("status", "lattice"), 20)),
          "a real systemd: it waits for a server, and the status says so")
    jackd = Jackd()
    pid = main_pid()
    check(bool(pid), "with one it is active")
    with Osc(9000) as osc:
        osc.done("/node/new", "sine", "a")
    time.sleep(2.5)
    for _ in range(6):  # more often than the limit that units have by default
        os.kill(pid, signal.SIGKILL)
        pid = main_pid(pid)
    check(bool(pid), "killed six times it is started again")
    with Osc(9000) as osc:
        check(osc.list("/graph/nodes") == [["a", "sine"]],
              "and plays what it played")
    systemctl("stop", "lattice")
    check(systemctl("is-active", "lattice") == "inactive" and
          systemctl("show", "lattice", "-p", "Result", "--value") == "success",
          "stopped it ends in order, and stays so")
    jackd.stop()
    manager.stop()


def test(build):
    test_unit(build)
    test_user_manager()
    test_readiness(harness.path("socket"), "a path")
    test_readiness(f"\0lattice-test-{os.getpid()}", "an abstract socket")
    jackd = test_processes()
    test_odd_sockets()
    jackd.stop()


if __name__ == "__main__":
    harness.main(test)
