# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SuperCollider Server object that watches lattice as a remote server.

What Server sends by itself is answered, or passes without a line in the log.
Exits with 77 where there is no sclang.
"""

import os
import re
import shutil
import subprocess
import sys

from harness import Jackd, Lattice, check, main, path, write

SECONDS = 10

PROGRAM = """
var server, replies = 0, logins = 0, synced = 0, told = "";
OSCFunc({ replies = replies + 1 }, '/status.reply');
OSCFunc({ |m| logins = logins + 1; told = m.asString }, '/done',
    argTemplate: ['/notify']);
server = Server.remote(\\lattice, NetAddr("127.0.0.1", %(port)d));
server.startAliveThread;
fork {
    %(seconds)d.wait;
    server.sync; synced = synced + 1;
    server.sendMsg('/node/new', 'sine', 'from_sclang');
    server.sync; synced = synced + 1;
    server.freeAll;
    server.sync; synced = synced + 1;
    ("RESULT running" + server.serverRunning + "replies" + replies
        + "logins" + logins + "synced" + synced + "told" + told).postln;
    AppClock.sched(0.5, { 0.exit; nil });
};
"""


def run_sclang(port):
    home = path("home")
    os.makedirs(home, exist_ok=True)
    script = write("watch.scd", PROGRAM % {"port": port,
                                                "seconds": SECONDS})
    done = subprocess.run(
        ["sclang", script], stdin=subprocess.DEVNULL, timeout=60, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "HOME": home, "QT_QPA_PLATFORM": "offscreen",
             "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
             "QTWEBENGINE_DISABLE_SANDBOX": "1"})
    return done.stdout


def test(_build):
    Jackd(1024)
    lattice = Lattice()
    said = run_sclang(lattice.osc.address[1])
    found = re.search(r"RESULT running (\w+) replies (\d+) logins (\d+) "
                      r"synced (\d+) told (.*)", said)
    check(found, "sclang ends its program" + ("" if found else ":\n" + said))
    if not found:
        return
    print(found[0])
    check(found[1] == "true", "serverRunning is true")
    check(int(found[2]) >= SECONDS, f"{found[2]} times /status.reply")
    check(int(found[3]) >= 1 and "/notify" in found[5], "/done /notify came")
    check(found[4] == "3", "sync returns")
    nodes = lattice.osc.list("/graph/nodes")
    check(any("from_sclang" in str(n) for n in nodes), "the node is there")
    spam = [line for line in lattice.log().splitlines() if "OSC from" in line]
    check(not spam, f"the log is quiet: {spam[:5]}")
    lattice.stop()


if not shutil.which("sclang"):
    print("sclang is not installed (supercollider-language)")
    sys.exit(77)
main(test)
