#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound from disk and to it while JACK runs: a file that is played is recorded
as it is, starts and stops are on their frames, what is written is a file after
kill -9, and nothing that exists is overwritten.

    python3 tests/jack/test_recording.py [--build build/release]
"""

import os
import signal
import time

import harness
import numpy
from harness import Jackd, Lattice, check, path, read_wav, wait_until, write
from osc_client import OscError

SECONDS = 20

SESSION = """
[session]
format = 1
[transport]
playing = yes
[node tape]
type = player
file = long.wav
[node hand]
type = constant
value = 0
[node machine]
type = recorder
file = take.wav
[node main]
type = audio_out
limit = off
[cables]
cable = tape -> main
cable = tape -> machine
cable = hand -> tape/play
cable = hand -> machine/record
"""


def write_wav(name, frames):
    """Frames [frame, channel] as a float WAV."""
    data = numpy.ascontiguousarray(frames, numpy.float32).tobytes()
    n = frames.shape[1]
    head = numpy.array([16, 3 | n << 16, 48000, 48000 * 4 * n,
                        4 * n | 32 << 16], numpy.uint32).tobytes()
    with open(path(name), "wb") as file:
        file.write(b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVE" +
                   b"fmt " + head + b"data" + len(data).to_bytes(4, "little") +
                   data)


def noise(n):
    random = numpy.random.default_rng(1)
    return random.uniform(-0.9, 0.9, (n, 2)).astype(numpy.float32)


def takes(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def number(osc, key):
    return dict(osc.list("/status/engine"))[key]


def plays_and_records(tape):
    """What is played is recorded, bit by bit, from the same frame on."""
    folder = path("takes")
    lattice = Lattice(write("song.ini", SESSION), "--record-dir", folder,
                      "--record", path("all.wav"), "--no-connect")
    osc = lattice.osc
    time.sleep(0.5)
    osc.send("/node/hand/value", 1.0)
    time.sleep(8)
    osc.send("/node/hand/value", 0.0)
    osc.sync()
    lost, late = number(osc, "lost_frames"), number(osc, "late_reads")
    code = lattice.stop()
    check(code == 0 and lost == 0 and late == 0,
          f"it ends with 0, {lost} frames lost, {late} reads too late")
    take = read_wav(os.path.join(folder, "take.wav"))
    check(len(take) > 6 * 48000 and numpy.array_equal(take, tape[:len(take)]),
          f"a file that is played is recorded as it is, {len(take)} frames")
    whole = read_wav(path("all.wav"))
    begin = numpy.flatnonzero(whole[:, 0])[0]
    check(numpy.array_equal(whole[begin:begin + len(take)], take) and
          not whole[:begin].any(),
          "--record has the same, from the start on")


def starts_and_stops():
    """A gate from a clock, in the graph: each take begins on its frame."""
    folder = path("many")
    session = SESSION.replace("type = constant\nvalue = 0",
                              "type = square\nfreq = 10")
    lattice = Lattice(write("many.ini", session), "--record-dir", folder,
                      "--no-connect")
    wait_until(lambda: len(takes(folder)) > 102, 40)
    lattice.stop()
    names = [f"take-{n}.wav" for n in range(3, 103)]
    lengths = {len(read_wav(os.path.join(folder, name))) for name in names}
    check(set(names) <= set(takes(folder)), "100 starts make 100 files")
    check(lengths == {2400}, f"each is as long as its gate: {lengths}")
    return [read_wav(os.path.join(folder, name)) for name in names]


def survives_kill():
    folder = path("killed")
    session = SESSION.replace("value = 0", "value = 1")
    lattice = Lattice(write("killed.ini", session), "--record-dir", folder,
                      "--no-connect")
    time.sleep(5)
    lattice.stop(signal.SIGKILL)
    take = read_wav(os.path.join(folder, "take.wav"))
    check(len(take) > 3 * 48000 and take.any(),
          f"after kill -9 the file has {len(take) / 48000:.1f} s of 5")


def keeps_the_last():
    folder = path("last")
    session = SESSION.replace("value = 0", "value = 1")
    lattice = Lattice(write("last.ini", session), "--record-dir", folder,
                      "--record-last", "1", "--no-connect")
    osc = lattice.osc
    time.sleep(4)
    name = osc.done("/record/last", 2.0)[-1]
    wait_until(lambda: "recorded " + name in lattice.log())
    sound = read_wav(name)
    check(len(sound) == 96000 and sound[-1].any(),
          f"/record/last 2 is {len(sound)} frames of what was heard")
    check(os.path.dirname(name) == folder, "in the folder for recordings")
    for wrong in ((), (0.0,), (-3.0,), ("x",), (1e9,)):
        try:
            osc.done("/record/last", *wrong)
            check(False, f"/record/last {wrong} is refused")
        except OscError:
            pass
    lattice.stop()
    lattice = Lattice(None, "--record-last", "0", "--no-connect")
    try:
        lattice.osc.done("/record/last", 2.0)
        check(False, "/record/last needs what was kept")
    except OscError as error:
        check("--record-last" in str(error), "and says how to keep it")
    lattice.stop()


def ends_with_the_server(server):
    """JACK dies and comes back: one file, whole."""
    folder = path("died")
    session = SESSION.replace("value = 0", "value = 1")
    lattice = Lattice(write("died.ini", session), "--record-dir", folder,
                      "--record", path("died.wav"), "--no-connect")
    time.sleep(2)
    server.stop(signal.SIGKILL)
    time.sleep(1)
    code = lattice.stop()
    check(code == 0, "it ends with 0 although the server is gone")
    for name in (os.path.join(folder, "take.wav"), path("died.wav")):
        check(len(read_wav(name)) > 48000, f"{os.path.basename(name)} is whole")


def test(build):
    del build
    tape = noise(SECONDS * 48000)
    write_wav("long.wav", tape)
    server = Jackd(64)
    plays_and_records(tape)
    pieces = starts_and_stops()
    check(all(numpy.array_equal(p, tape[:len(p)]) for p in pieces),
          "each is what was played from its frame on")
    survives_kill()
    keeps_the_last()
    with open(path("mine.wav"), "w", encoding="ascii") as file:
        file.write("mine")
    lattice = Lattice(None, "--record", path("mine.wav"), "--no-connect")
    lattice.stop()
    with open(path("mine.wav"), encoding="ascii") as file:
        check(file.read() == "mine" and os.path.exists(path("mine-2.wav")),
              "--record overwrites nothing")
    ends_with_the_server(server)


if __name__ == "__main__":
    harness.main(test)
