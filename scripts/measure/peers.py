# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same small sessions, played by SuperCollider's scsynth and by Csound.

A peer's lab takes a session as lab.Lab does and plays what it has for the node
`it`: saw, pulse, triangle, sine, hard sync of a saw, the low-pass, the
compressor, and a reverb that is told its RT60.  For all else it raises
NoEquivalent."""

import hashlib
import os
import re
import shutil
import struct
import subprocess

import lab
from load_script import load_script

BLOCK = 64
LONGEST = 60  # seconds of sound that a peer is asked for


class NoEquivalent(Exception):
    """The peer has nothing to hold against the type, or this use of it."""


class Patch:
    """What a session says: settings by node, and cables (from, to, amount)."""

    def __init__(self, text):
        self.nodes, self.cables = {}, []
        section = {}
        for line in text.splitlines():
            head = re.match(r"\[(?:node )?(\w+)\]", line)
            entry = re.match(r"(\w+) = (.*)", line)
            if head:
                section = self.nodes.setdefault(head[1], {})
            elif entry and entry[1] == "cable":
                self.cables.append(re.match(
                    r"(\S+) -> (\S+?)(?: \* (\S+))?$", entry[2]).groups())
            elif entry:
                section[entry[1]] = entry[2]
        if "it" not in self.nodes:
            raise NoEquivalent()
        self.it = self.nodes["it"]
        self.type = self.it["type"]

    def number(self, name, default, node="it"):
        return float(self.nodes[node].get(name, default))

    def source(self):
        """The node that is patched into the first input, the input, and the
        cable's amount."""
        found = [c for c in self.cables if c[1].split("/")[0] == "it"]
        if len(found) != 1:
            raise NoEquivalent()
        node, port, amount = found[0]
        return node, port.partition("/")[2], float(amount or 1)

    def is_alone(self):
        return all(c[1].split("/")[0] != "it" for c in self.cables)


class Peer(lab.Lab):
    """Renders the same sessions by another program; see NoEquivalent."""

    def render(self, text, seconds, *options):
        patch = Patch(text)
        if options or seconds > LONGEST:
            raise NoEquivalent()
        score = self.score(patch, seconds)
        key = hashlib.sha256(repr((self.program, seconds, self.rate)).encode()
                             + score)
        path = os.path.join(self.folder, key.hexdigest()[:24])
        if not os.path.exists(path + ".wav"):
            with open(path + ".score", "wb") as file:
                file.write(score)
            subprocess.run(self.command(path), check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        return lab.read_wav(path + ".wav")

    def score(self, patch, seconds):
        raise NotImplementedError

    def command(self, path):
        raise NotImplementedError


# --- Csound -------------------------------------------------------------------

CSOUND = """<CsoundSynthesizer>
<CsInstruments>
sr = %d
ksmps = 1
nchnls = 2
0dbfs = 1
instr 1
%s
outs a1, a2
endin
</CsInstruments>
<CsScore>
i1 0 %g
</CsScore>
</CsoundSynthesizer>
"""


def csound_wave(patch):
    freq = patch.number("freq", 261.6256)
    if not patch.is_alone():
        node, port, _ = patch.source()
        if (patch.type, port) != ("saw", "sync"):
            raise NoEquivalent()
        return ("am, as syncphasor %.9g, a(0)\nap, ax syncphasor %.9g, as\n"
                "a1 = 2 * ap - 1" % (patch.number("freq", 0, node), freq))
    shapes = {"saw": "vco2 1, %.9g, 0" % freq,
              "square": "vco2 1, %.9g, 10" % freq,
              "pulse": "vco2 1, %.9g, 2, %.9g" % (
                  freq, patch.number("width", 0.5)),
              "triangle": "vco2 1, %.9g, 12" % freq,
              "sine": "poscil 1, %.9g" % freq}
    if patch.type not in shapes:
        raise NoEquivalent()
    return "a1 " + shapes[patch.type]


def csound_source(patch):
    node, port, amount = patch.source()
    type_ = patch.nodes[node]["type"]
    if type_ == "impulse":
        return "ai mpulse 1, 0\n", port
    if type_ == "sine":
        return "ai poscil %.9g, %.9g\n" % (
            amount, patch.number("freq", 0, node)), port
    raise NoEquivalent()


def csound_text(patch):
    if patch.type in ("lowpass", "compressor", "reverb"):
        source, port = csound_source(patch)
    if patch.type == "lowpass":
        return source + "a1 rbjeq ai, %.9g, 1, %.9g, 1, 0\na2 = a1" % (
            patch.number("cutoff", 1000), patch.number("q", 0.7071))
    if patch.type == "compressor" and patch.cables[-1][0] != "it/reduction":
        threshold, knee = patch.number("threshold", -20), patch.number("knee",
                                                                       6)
        return source + ("a1 compress2 ai, ai, -200, %.9g, %.9g, %.9g, 0.01, "
                         "0.15, 0.01\na2 = a1" % (
                             threshold - knee / 2, threshold + knee / 2,
                             patch.number("ratio", 4)))
    if patch.type == "reverb":
        sides = ["ai", "a(0)"]
        sides = sides if port == "left" else sides[::-1]
        return source + "".join("a%d nreverb %s, %.9g, 0\n" % (
            k + 1, side, patch.number("decay", 2))
            for k, side in enumerate(sides))
    return csound_wave(patch) + "\na2 = a1"


class Csound(Peer):
    def score(self, patch, seconds):
        return (CSOUND % (self.rate, csound_text(patch), seconds)).encode()

    def command(self, path):
        os.rename(path + ".score", path + ".csd")
        return [self.program, "-d", "-f", "-W", "-o", path + ".wav",
                path + ".csd"]


# --- scsynth ------------------------------------------------------------------

supercollider = load_script("supercollider")
AUDIO = supercollider.AUDIO


def scsynth_wave(patch, d):
    freq = patch.number("freq", 261.6256)
    if not patch.is_alone():
        node, port, _ = patch.source()
        if (patch.type, port) != ("saw", "sync"):
            raise NoEquivalent()
        return d.unit("SyncSaw", AUDIO, patch.number("freq", 0, node), freq)
    if patch.type == "pulse":
        return d.unit("Pulse", AUDIO, freq, patch.number("width", 0.5))
    units = {"saw": ("Saw", (freq,)), "square": ("Pulse", (freq, 0.5)),
             "sine": ("SinOsc", (freq, 0))}
    if patch.type not in units:
        raise NoEquivalent()
    name, inputs = units[patch.type]
    return d.unit(name, AUDIO, *inputs)


def scsynth_sound(patch, d):
    if patch.type not in ("lowpass", "compressor", "reverb"):
        return scsynth_wave(patch, d)
    node, port, amount = patch.source()
    type_ = patch.nodes[node]["type"]
    if type_ == "impulse":
        source = d.unit("Impulse", AUDIO, 0, 0)
    elif type_ == "sine":
        source = d.unit("SinOsc", AUDIO, patch.number("freq", 0, node),
                        0) * amount
    else:
        raise NoEquivalent()
    if patch.type == "lowpass":
        return d.unit("BLowPass", AUDIO, source, patch.number("cutoff", 1000),
                      1 / patch.number("q", 0.7071))
    if patch.type == "compressor" and patch.cables[-1][0] != "it/reduction":
        return d.unit("Compander", AUDIO, source, source,
                      10 ** (patch.number("threshold", -20) / 20), 1,
                      1 / patch.number("ratio", 4), 0.01, 0.15)
    if patch.type == "reverb":
        # Room size in metres; no dry sound, no early reflections.
        room = 10 + 90 * patch.number("size", 0.5)
        return d.unit("GVerb", AUDIO, source, room, patch.number("decay", 2),
                      patch.number("damping", 0), 1, 15, 0, 0, 1, 300,
                      outputs=2)
    raise NoEquivalent()


class Scsynth(Peer):
    def score(self, patch, seconds):
        d = supercollider.Definition("it", bus=0)
        sound = scsynth_sound(patch, d)
        other = sound
        if patch.type == "reverb":
            other = supercollider.Signal(d, sound.unit, AUDIO, 1)
        d.unit("Out", AUDIO, 0, sound, other, outputs=0)
        packets = [supercollider.bundle(0, [
            supercollider.message("/d_recv", d.encode())]),
            supercollider.bundle(0, [
                supercollider.message("/s_new", "it", 1000, 1, 0)]),
            supercollider.bundle(seconds, [
                supercollider.message("/c_set", 0, 0.0)])]
        return b"".join(struct.pack(">i", len(p)) + p for p in packets)

    def command(self, path):
        return [self.program, "-i", "0", "-o", "2", "-R", "0", "-D", "0", "-m",
                "65536", "-z", str(BLOCK), "-N", path + ".score", "_",
                path + ".wav", str(self.rate), "WAV", "float"]


def installed():
    """The labs of the peers that this machine has, by their program."""
    return {name: kind for name, kind in (("scsynth", Scsynth),
                                          ("csound", Csound))
            if shutil.which(name)}
