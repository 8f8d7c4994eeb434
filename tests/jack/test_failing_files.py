# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that cannot be written: every call that a save makes fails in turn, the
disk is full, the folder cannot be written to, or is gone.

Whatever happens: who asked hears what is wrong with which file and what to do,
the sound goes on, what lies there is whole, and the next save is as good as any.
"""

import errno
import mmap
import os
import shutil
import stat
import struct
import subprocess

import harness
import numpy
from harness import (Jackd, Lattice, Recorder, check, record_calmly,
                     wait_until)
from osc_client import OscError

harness.number("calls", 5, "calls of an autosave that fail; 0: all (5)")

ONCE, EVERY, SINCE = 1, 2, 3
MODES = {ONCE: "once", EVERY: "every", SINCE: "since"}
PAGE = "<5I44s"

SESSION = """[session]
format = 1

[node voice]
type = sine
freq = 220
note = {note}

[node main]
type = audio_out
channels = 1

[cables]
cable = voice -> main * 0.1
"""


class Page:
    """Says which call fails; see tools/failing_files.c."""

    def __init__(self):
        self.path = harness.path("page")
        with open(self.path, "wb") as file:
            file.write(bytes(4096))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)

    def arm(self, mode, n, problem):
        """From now on calls are counted; n 0: and do not fail."""
        self.memory[:struct.calcsize(PAGE)] = struct.pack(
            PAGE, 0, n, problem, 0, 0, b"")
        self.memory[:4] = struct.pack("<I", mode)

    def disarm(self):
        """Return how many calls there were and failed, and which last."""
        self.memory[:4] = struct.pack("<I", 0)
        fields = struct.unpack(PAGE, self.memory[:struct.calcsize(PAGE)])
        return fields[3], fields[4], fields[5].split(b"\0")[0].decode()


def start_failing(page, library, folder, session):
    """A lattice whose calls about files in the folder can fail."""
    own = {"LD_PRELOAD": library, "LATTICE_FAIL_PAGE": page.path,
           "LATTICE_FAIL_UNDER": os.path.realpath(folder)}
    os.environ.update(own)
    try:
        return Lattice(session)
    finally:
        for name in own:
            del os.environ[name]


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def save(lattice, *arguments):
    """None, or what was answered with /fail."""
    try:
        lattice.osc.done("/session/save", *arguments)
        return None
    except OscError as failure:
        return failure.args[1]


class Saver:
    """Saves a session again and again, and says what went wrong."""

    def __init__(self, lattice, folder):
        self.lattice, self.folder, self.turn = lattice, folder, 0
        self.problems = []
        check(save(lattice, "song") is None, "saving works")
        check(save(lattice, "witness") is None, "under another name")
        self.old = read(folder, "song.ini")
        self.whole = {None, self.old}

    def expect(self, holds, what):
        if not holds:
            self.problems.append(what)

    def frame(self):
        return int(dict(self.lattice.osc.list("/status/engine"))["frame"])

    def try_once(self, page, mode, n, problem):
        """Return whether any call failed, and which."""
        osc = self.lattice.osc
        self.turn += 1
        osc.send("/node/voice/phase", (self.turn % 1000) / 1000)
        page.arm(mode, n, problem)
        said = save(self.lattice, "song", "overwrite")
        _, n_failed, call = page.disarm()
        now = read(self.folder, "song.ini")
        save(self.lattice, "witness", "overwrite")
        new = read(self.folder, "witness.ini")
        what = f"{errno.errorcode[problem]} {MODES[mode]} {n} ({call}): "
        self.expect(now in (self.old, new), what + "a torn file")
        self.whole.add(new)
        self.expect(read(self.folder, "song.ini.bak") in self.whole,
                    what + "a torn backup")
        if said is None:
            self.expect(now == new, what + "it was not saved")
        else:
            self.expect(n_failed > 0, what + "it failed for nothing: " + said)
            self.expect("song" in said and "; " in said and
                        os.strerror(problem) in said,
                        what + "it does not say what to do: " + said)
        again = save(self.lattice, "song", "overwrite")
        self.expect(again is None, f"{what}the next save: {again}")
        self.old = read(self.folder, "song.ini")
        self.expect(self.old == new, what + "the next save is another")
        left = set(os.listdir(self.folder)) - {
            "song.ini", "song.ini.bak", "witness.ini", "witness.ini.bak"}
        self.expect(not left, f"{what}left behind: {left}")
        return n_failed > 0, said

    def try_all(self, page, mode, problem):
        """Fail each call in turn until a save has no more of them."""
        n = 0
        n_refused = 0
        has_failed = True
        self.problems = []
        before = self.frame()
        while has_failed and n < 200:
            n += 1
            has_failed, said = self.try_once(page, mode, n, problem)
            n_refused += said is not None
        self.expect(self.frame() > before, "the engine stood still")
        for what in self.problems[:10]:
            print("       ", what)
        check(not self.problems, f"{errno.errorcode[problem]}, {MODES[mode]}: "
              f"{n - 1} calls fail in turn, {n_refused} saves are refused")


def test_calls(page, library):
    folder = harness.path("sessions")
    os.makedirs(folder, exist_ok=True)
    session = harness.write("start.ini", SESSION.format(
        note="x" + "\n    so it goes on and on" * 400))
    lattice = start_failing(page, library, folder, session)
    saver = Saver(lattice, folder)
    page.arm(ONCE, 0, errno.EIO)
    save(lattice, "song", "overwrite")
    check(page.disarm()[0] > 8, "the calls of a save are counted")
    for problem in (errno.ENOSPC, errno.EIO, errno.EACCES):
        for mode in (ONCE, EVERY, SINCE):
            saver.try_all(page, mode, problem)

    def record():
        recorder = Recorder("recorder", 1, 3, f"{lattice.name}:main_1")
        for _ in range(2):
            for n in range(1, 12):
                saver.try_once(page, ONCE, n, errno.ENOSPC)
        return recorder

    sound, _ = record_calmly(record)
    periods = sound[:len(sound) // 64 * 64, 0].reshape(-1, 64)
    loudness = numpy.abs(periods).max(axis=1)
    check(loudness.min() > 0.005, "the sound goes on while saves fail")
    check(save(lattice) is None, "and the last of them works")
    lattice.stop()


# What is kept by itself.


def are_whole(folder):
    """Is every autosave there, and none of them torn?"""
    files = [name for name in os.listdir(folder) if name.endswith(".ini")]
    return files and all(
        read(folder, name).splitlines()[-1].startswith("# kept by lattice; ")
        for name in files)


def newest(folder):
    files = sorted(name for name in os.listdir(folder) if
                   name.endswith(".ini") and not name.startswith("."))
    return read(folder, files[-1]) if files else ""


def fail_autosave(page, lattice, folder, n, value):
    """Fail call n of the next autosave.  Return whether there was one."""
    page.arm(ONCE, n, errno.EIO)
    lattice.osc.send("/node/voice/freq", float(value))
    kept = wait_until(lambda: f"freq = {value}\n" in newest(folder), 8)
    _, n_failed, call = page.disarm()
    what = f"an autosave with call {n} failing ({call})"
    check(kept and are_whole(folder), what + " comes in the end, none is torn")
    return n_failed > 0


def test_autosave(page, library):
    folder = os.path.join(os.environ["XDG_STATE_HOME"], "lattice", "lattice")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    session = harness.write("kept.ini", SESSION.format(note="kept"))
    lattice = start_failing(page, library, folder, session)
    check(wait_until(lambda: newest(folder), 8), "what plays is kept")
    calls = range(1, 100) if harness.asked.calls == 0 else range(
        1, 100, max(1, 18 // harness.asked.calls))
    for n in calls:
        if not fail_autosave(page, lattice, folder, n, 300 + n):
            break
    log = lattice.log()
    check("what plays is not kept: cannot write" in log and
          "what plays is kept again" in log, "the log says both")
    lattice.osc.send("/node/voice/freq", 999.0)
    lattice.osc.sync()
    check(lattice.stop() == 0 and "freq = 999\n" in newest(folder) and
          are_whole(folder), "and the end is kept")


# Real folders.


class Place:
    """A lattice with a small disk of its own as session folder, in a namespace
    that nobody else sees."""

    def __init__(self):
        self.folder = harness.path("disk")
        os.makedirs(self.folder)
        enter = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        script = harness.write("on_a_disk", f"""#!/bin/sh
exec {' '.join(enter)} sh -c 'mount -t tmpfs -o size=256k none {self.folder} &&
    exec {Lattice.program} "$@" --session-dir {self.folder}' sh "$@"
""")
        os.chmod(script, 0o755)
        own, Lattice.program = Lattice.program, script
        try:
            self.lattice = Lattice(harness.write(
                "disk.ini", SESSION.format(note="on a disk")))
        finally:
            Lattice.program = own
        self.pid = self.lattice.process.pid
        self.seen = f"/proc/{self.pid}/root{self.folder}"

    def mount(self, how):
        return subprocess.run(["nsenter", "-t", str(self.pid), "-m", "mount",
                               "-o", f"remount,{how}", self.folder],
                              check=False).returncode == 0


def can_mount():
    enter = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    return subprocess.run(enter + ["sh", "-c", "mount -t tmpfs none /mnt"],
                          capture_output=True, check=False).returncode == 0


def expect_refusal(lattice, words, what, *arguments):
    said = save(lattice, *arguments)
    print("       ", said)
    check(said is not None and "; " in said and
          all(word in said for word in words), f"{what}: it says so, and what "
          "to do")


def test_full_disk(place):
    lattice = place.lattice
    check(save(lattice, "song") is None, "there is room")
    old = read(place.seen, "song.ini")
    filler = os.open(os.path.join(place.seen, "filler"),
                     os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(filler, bytes(4096))
    except OSError:
        os.close(filler)
    lattice.osc.done("/node/new", "noise", "hiss")
    for _ in range(3):
        expect_refusal(lattice, ("song.ini", "No space left", "make room"),
                       "full disk")
    check(read(place.seen, "song.ini") == old, "full disk: the old file is whole")
    check(sorted(os.listdir(place.seen)) == ["filler", "song.ini"],
          "full disk: nothing is left behind")
    os.unlink(os.path.join(place.seen, "filler"))
    check(save(lattice) is None and "[node hiss]" in
          read(place.seen, "song.ini"), "with room again it saves")


def test_read_only(place):
    lattice = place.lattice
    if not place.mount("ro"):
        print("skipped: cannot mount anew")
        return
    old = read(place.seen, "song.ini")
    lattice.osc.done("/node/new", "saw", "buzz")
    for arguments in ((), ("other",)):
        expect_refusal(lattice, (arguments[0] if arguments else "song.ini",
                                 "Read-only", "another folder"), "read-only",
                       *arguments)
    check(read(place.seen, "song.ini") == old, "read-only: the old file is whole")
    check(place.mount("rw") and save(lattice) is None and
          "[node buzz]" in read(place.seen, "song.ini"),
          "writable again it saves")


def test_removed_folder():
    folder = harness.path("sessions")
    shutil.rmtree(folder, ignore_errors=True)
    lattice = Lattice(harness.write("gone.ini", SESSION.format(note="gone")))
    check(save(lattice, "song") is None, "there is a folder")
    for arguments in ((), ("song",), ("other",)):
        shutil.rmtree(folder)
        said = save(lattice, *arguments)
        name = (arguments or ("song",))[0] + ".ini"
        text = read(folder, name)
        check(said is None and text is not None and "[node voice]" in text,
              f"a folder that was removed is made again ({said})")
    # A file in its place.
    shutil.rmtree(folder)
    with open(folder, "w", encoding="utf-8"):
        pass
    for arguments in ((), ("other",)):
        expect_refusal(lattice, ("sessions", "Not a directory", "another"),
                       "a file in its place", *arguments)
    os.unlink(folder)
    check(save(lattice) is None, "with the file away it saves")
    # A folder in the file's place.
    os.unlink(os.path.join(folder, "other.ini"))
    os.mkdir(os.path.join(folder, "dir.ini"))
    expect_refusal(lattice, ("dir.ini",), "a folder in the file's place", "dir",
                   "overwrite")
    # A folder that may not be written to; root may all the same.
    if os.geteuid() != 0:
        os.chmod(folder, stat.S_IRUSR | stat.S_IXUSR)
        expect_refusal(lattice, ("Permission denied", "another"), "no rights")
        os.chmod(folder, stat.S_IRWXU)
        check(save(lattice) is None, "with the rights back it saves")
    lattice.stop()


def is_sanitized(build):
    cache = read(build, "CMakeCache.txt") or ""
    return any(line.startswith("LATTICE_SANITIZE") and not line.endswith("=")
               for line in cache.split("\n"))


def test(build):
    jackd = Jackd(period=256)
    library = os.path.join(build, "tests", "jack", "failing_files.so")
    if not os.path.exists(library) or is_sanitized(build):
        print("skipped: there is no library of failing calls for this build")
    else:
        page = Page()
        test_calls(page, library)
        test_autosave(page, library)
    test_removed_folder()
    if can_mount():
        place = Place()
        test_full_disk(place)
        test_read_only(place)
        place.lattice.stop()
    else:
        print("skipped: cannot mount a small disk")
    jackd.stop()


if __name__ == "__main__":
    harness.main(test)
