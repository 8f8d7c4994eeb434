# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lattice says when JACK does not take it, or not all of it."""

import ctypes
import os
import subprocess

import harness
from harness import Jackd, Lattice, Recorder, check, tool

NO_START_SERVER = 1


def refused(code, *words, program="lattice", options=()):
    """The program ends with that code and one line that has the words."""
    done = subprocess.run([os.path.join(_build, program), *options],
                          capture_output=True, text=True, timeout=30,
                          check=False)
    lines = done.stderr.strip().splitlines()
    is_well = done.returncode == code and len(lines) == 1 and \
        all(word in lines[0] for word in words)
    check(is_well, f"{program} {' '.join(options)[:60]}: {code}, "
          f"{' … '.join(words)}")
    if not is_well:
        print("       ", done.returncode, done.stderr)


def judge_absent_servers():
    refused(3, "no JACK server", f"'jackd -n {os.environ['JACK_DEFAULT_SERVER']}"
            " -d alsa'", "JACK_DEFAULT_SERVER")
    own = os.environ.pop("JACK_DEFAULT_SERVER")
    refused(3, "no JACK server is running", "'jackd -d alsa'")
    os.environ["JACK_DEFAULT_SERVER"] = own
    nope = ("--jack-server", "nope")
    refused(3, "'nope'", "'jackd -n nope -d alsa'", options=nope)
    refused(3, "'jackd -n nope -d alsa'", program="lattice-node",
            options=("gain", "loud", *nope))


def judge_names():
    for name, words in (("n" * 64, ("64 bytes", "at most 63")),
                        ("n" * 300, ("300 bytes", "at most 63")),
                        ("a:b", ("'a:b'", "':'")),
                        ("a\nb", ("control characters",)),
                        ("", ("empty",))):
        refused(2, *words, options=("--jack-name", name))
    refused(2, "'x.mp3'", ".wav or .flac",
            options=("--quiet", "--empty", "--record", "x.mp3"))
    lattice = Lattice(None, "--jack-name", "n" * 63)
    check(f"{'n' * 63}:midi_in" in tool("jack_lsp"), "63 bytes are a name")
    refused(3, f"'{'n' * 63}' exists", "get a number",
            options=("--jack-name", "n" * 63, "--osc-port", "0"))
    lattice.stop()
    lattice = Lattice(None, "--jack-name", "loud")
    refused(3, "a JACK client 'loud' exists", "another name",
            program="lattice-node",
            options=("gain", "loud", "--osc-port", "0"))
    lattice.stop()


def judge_a_crowd():
    """The server has no room for one more client."""
    jack = ctypes.CDLL("libjack.so.0")
    jack.jack_client_open.restype = ctypes.c_void_p
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: None)
    jack.jack_set_error_function(quiet)
    clients = []
    while len(clients) < 300:
        client = jack.jack_client_open(b"crowd", NO_START_SERVER, None)
        client = client or jack.jack_client_open(
            f"more{len(clients)}".encode(), NO_START_SERVER, None)
        if not client:
            break
        clients.append(client)
    print(f"        {len(clients)} clients")
    refused(3, "takes no client 'lattice' more", "end some of them")
    for client in clients:
        jack.jack_client_close(ctypes.c_void_p(client))


def judge_too_many_ports():
    """One line for all that has no port, and the rest plays."""
    session = "[session]\nformat = 1\n" + "".join(
        f"\n[node o{k}]\ntype = audio_out\nchannels = 64\n" for k in range(5))
    lattice = Lattice(harness.write("wide.ini", session))
    harness.wait_until(lambda: "no room" in lattice.log(), 10)
    n_there = tool("jack_lsp", "lattice:o").count("lattice:")
    lines = [line for line in lattice.log().splitlines() if "JACK" in line]
    print("       ", lines)
    check(len(lines) == 1 and
          f"no room for {320 - n_there} of 320 ports" in lines[0] and
          "jackd -p 4096" in lines[0], "one line says what has no room")
    check(lattice.stop() == 0, "it goes on and ends")


def judge_a_full_database():
    """Programs that are killed fill the metadata of the user."""
    victim = os.path.join(Recorder.tools, "jack_device")
    folder = f"/dev/shm/jack_db-{os.getuid()}"
    n = 0
    while n < 400:
        process = subprocess.Popen([victim, "victim"], stderr=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.kill()
        n += 1
        if "BDB" in process.communicate()[1]:
            break
    print(f"        full after {n}")
    lattice = Lattice(harness.write("small.ini", "[session]\nformat = 1\n"
                                    "[node main]\ntype = audio_out\n"))
    check("lattice:main_2" in tool("jack_lsp"), "it plays")
    lattice.osc.done("/node/new", "audio_out", "more")
    harness.wait_until(lambda: "lattice:more_2" in tool("jack_lsp"), 5)
    lattice.osc.done("/node/free", "more")
    lattice.osc.sync()
    check(lattice.stop() == 0, "and ends")
    lines = [line for line in lattice.log().splitlines()
             if line.startswith("lattice: ") and "playing" not in line]
    print("       ", lattice.log().strip())
    check(len(lines) == 1 and f"remove {folder}" in lines[0],
          "it says once what to remove")
    check("BDB" not in lattice.log().partition("database of port")[2],
          "and does not try again")


def test(build):
    global _build
    _build = build
    judge_absent_servers()
    jackd = Jackd(period=1024)
    judge_names()
    # Hundreds of clients take minutes on a busy machine, and a full database
    # stays so for whoever comes next: only if asked to.
    is_asked = os.environ.get("LAT_STRESS")
    if is_asked:
        judge_a_crowd()
    jackd.stop()
    Jackd(1024, harness.RATE, "-p", "256")
    judge_too_many_ports()
    if is_asked:
        judge_a_full_database()


harness.main(test)
