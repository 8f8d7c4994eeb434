# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""python3-liblo: bundles with time tags from a program that uses liblo."""

import os
import time

import liblo

N = int(os.environ["LATTICE_NOTES"])
LATTICE = liblo.Address("127.0.0.1", int(os.environ["LATTICE_PORT"]))


class Player(liblo.Server):
    """Plays once it feels that a value was moved."""

    felt = 0.0

    @liblo.make_method("/done", None)
    def done(self, _path, values):
        print("HEARD", values[0], flush=True)

    @liblo.make_method("/fail", None)
    def fail(self, _path, values):
        print("FAILED", *values, flush=True)

    @liblo.make_method("/synced", "i")
    def synced(self, _path, _values):
        print("SYNCED", flush=True)
        self.send(LATTICE, "/subscribe", "/node/liblo/decay", 30.0)

    @liblo.make_method("/node/liblo/decay", "f")
    def decay(self, _path, values):
        self.felt = values[0]
        print("FELT", self.felt, flush=True)

    def gate(self, tag, value):
        self.send(LATTICE, liblo.Bundle(tag, liblo.Message(
            "/node/liblo/gate", value)))

    def play(self):
        start = liblo.time() + 0.2
        for k in range(N):
            self.gate(start + k * 0.125, 1.0)
            self.gate(start + k * 0.125 + 0.01, 0.0)
            time.sleep(max(0.0, start + k * 0.125 - 0.1 - liblo.time()))
        time.sleep(1.0)
        print("PLAYED", flush=True)


player = Player()
player.send(LATTICE, "/node/new", "adsr", "liblo", "attack", 0.0, "decay", 0.0,
            "sustain", 1.0, "release", 0.0)
player.send(LATTICE, "/connect", "liblo", "main/in_1")
player.send(LATTICE, "/sync", 5)
while player.felt < 0.2:
    player.recv(100)
player.play()
