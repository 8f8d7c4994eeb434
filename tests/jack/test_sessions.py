# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions over OSC stay in their folder, come from pipes, survive kills, and
keep the names of other programs."""

import os
import signal
import stat
import time

import harness
from harness import Jackd, Lattice, check, tool, wait_until

SESSION = """[session]
format = 1

[node main]
type = audio_out
channels = 1
"""

SECRET = "root:x:0:0:topsecret\n"


def folder(name):
    return os.path.join(harness.path("sessions"), name)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def from_a_pipe():
    """`lattice run <(cat s.ini)`: the session is read once, checked and played,
    and is no file that could be saved to."""
    fifo = harness.path("fifo")
    os.mkfifo(fifo)
    writer = harness.Child("cat", ["sh", "-c", 'cat "$1" > "$2"', "cat",
                                   harness.write("piped.ini", SESSION), fifo])
    lattice = Lattice(fifo)
    writer.process.wait()
    check([row[0] for row in lattice.osc.list("/graph/nodes")] == ["main"],
          "a session is played from a pipe")
    said = lattice.osc.fail("/session/save")
    print("save:", said)
    check("say which" in said and stat.S_ISFIFO(os.stat(fifo).st_mode),
          "what came from a pipe is not written back")
    lattice.osc.done("/session/save", "piped")
    check(read(folder("piped.ini")).startswith("[session]"),
          "it is saved under a name")
    lattice.stop()


def inside(lattice):
    outside = harness.path("outside")
    os.makedirs(outside)
    victim = os.path.join(outside, "victim.txt")
    with open(victim, "w", encoding="utf-8") as file:
        file.write(SECRET)
    os.symlink("../outside/victim.txt", folder("song.ini"))
    os.symlink(victim, folder("abs.ini"))
    with open(folder("foreign.ini"), "w", encoding="utf-8") as file:
        file.write(SECRET)
    os.mkfifo(folder("pipe.ini"))
    for name in ("song", "abs"):
        for message in (("/session/save", name, "overwrite"),
                        ("/session/save", name), ("/session/load", name),
                        ("/session/import", name, "p")):
            said = lattice.osc.fail(*message)
            print(" ".join(message), "->", said)
            check("root" not in said, f"{message} shows nothing of the file")
    check(read(victim) == SECRET and os.listdir(outside) == ["victim.txt"],
          "a file outside of the folder is not written to")
    for name in ("foreign", "pipe"):
        said = lattice.osc.fail("/session/load", name)
        print(name, "->", said)
        check("root" not in said, f"loading {name} shows nothing of the file")
    names = [row[0] for row in lattice.osc.list("/session/list")]
    check("song" not in names and "abs" not in names and "pipe" not in names,
          "what cannot be loaded is not listed")
    for name in ("song", "abs", "foreign", "pipe"):
        os.unlink(folder(name + ".ini"))


def all_errors(lattice):
    with open(folder("bad.ini"), "w", encoding="utf-8") as file:
        file.write(SESSION + "level = x\nchanels = 1\nfoo\n")
    said = lattice.osc.fail("/session/load", "bad")
    print("bad ->", said)
    check(said.startswith("bad.ini:7: ") and
          said.endswith("(and 2 more errors)"),
          "the first error is answered, and how many more there are")
    check([row[0] for row in lattice.osc.list("/graph/nodes")] == ["main"],
          "nothing of a wrong file is applied")
    os.unlink(folder("bad.ini"))


def names_of_others(lattice):
    """ALSA's ports may end in a blank."""
    client = harness.write("client.py", CLIENT)
    odd = "trail ; #= \\x41 -> \u00e9:x "
    child = harness.Child("client", ["python3", client, odd])
    if not child.wait_for("ready"):
        print("no client:", child.log())
        check(False, "a client with an odd port starts")
        return
    port = wait_until(lambda: [line for line in
                               tool("jack_lsp").split("\n")
                               if line.startswith("odd:")])
    print("port:", port)
    if tool("jack_connect", "lattice:main_1", "odd:" + odd) is None:
        check(False, "it is connected")
    time.sleep(0.3)
    lattice.osc.done("/session/save", "odd")
    print([line for line in read(folder("odd.ini")).split("\n")
           if "connect" in line])
    before = read(folder("odd.ini"))
    check("trail" in before, "the connection is saved")
    lattice.osc.done("/session/load", "odd")
    lattice.osc.done("/session/save", "odd")
    check(read(folder("odd.ini")) == before, "save, load, save: the same bytes")
    child.stop()


CLIENT = """
import ctypes, sys, time
jack = ctypes.CDLL("libjack.so.0")
jack.jack_client_open.restype = ctypes.c_void_p
jack.jack_port_register.restype = ctypes.c_void_p
client = ctypes.c_void_p(jack.jack_client_open(b"odd", 1, None))
jack.jack_port_register(client, sys.argv[1].encode(),
                        b"32 bit float mono audio", ctypes.c_ulong(1),
                        ctypes.c_ulong(0))
callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)(
    lambda n, arg: 0)
jack.jack_set_process_callback(client, callback, None)
jack.jack_activate(client)
print("ready", flush=True)
time.sleep(60)
"""


def left_over(session):
    """Killed in the middle of saves, it leaves files; the next one cleans."""
    n_seen = 0
    for _ in range(40):
        lattice = Lattice(session)
        for i in range(200):
            lattice.osc.send("/session/save", "victim", "overwrite")
        time.sleep(0.02)
        lattice.stop(signal.SIGKILL)
        n_seen += any(name.startswith(".victim")
                      for name in os.listdir(harness.path("sessions")))
        if n_seen >= 2:
            break
    print("kills that left a file:", n_seen)
    foreign = folder(".victim.ini.notes")
    open(foreign, "w", encoding="utf-8").close()
    lattice = Lattice(session)
    names = [name for name in os.listdir(harness.path("sessions"))
             if name.startswith(".")]
    check(names == [".victim.ini.notes"],
          f"files of killed saves are removed, others stay: {names}")
    check(read(folder("victim.ini")).startswith("[session]"),
          "the saved file is whole")
    lattice.stop()


def test(_build):
    session = harness.write("s.ini", SESSION)
    Jackd(period=256)
    from_a_pipe()
    lattice = Lattice(session)
    inside(lattice)
    all_errors(lattice)
    names_of_others(lattice)
    check(lattice.stop() == 0, "it ends with exit code 0")
    left_over(session)


harness.main(test)
