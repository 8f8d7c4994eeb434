#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the seeds of fuzz_score: tests/fuzz/corpus/fuzz_score/*.

A patch that is played and goes, a score that is refused half way, and a
journal with every verb that only a score may hold.  Run it after a change here;
the files are checked in.
"""

import pathlib
import struct

from make_osc_corpus import bundle, message, sized, text

FOLDER = pathlib.Path(__file__).parent / "corpus" / "fuzz_score"
SECOND = 2**32


def typed(path, types, *values):
    """A message whose arguments are of these types: s, b, or struct's."""
    data = b""
    for kind, value in zip(types, values):
        if kind == "s":
            data += text(value)
        elif kind == "b":
            data += struct.pack(">I", len(value)) + value \
                + b"\0" * (-len(value) % 4)
        else:
            data += struct.pack(">" + {"h": "q"}.get(kind, kind), value)
    return text(path) + text("," + types) + data


def name_hash(name):
    """What a sound's name is in /strike: lat_name_hash() of it, signed."""
    number = 0xCBF29CE484222325
    for byte in name.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number - 2**64 if number >= 2**63 else number


def seeds():
    """(name, its bundles)"""
    yield "patch", [
        bundle(message("/g_new 1 0 0"), when=0),
        bundle(message("/node/new sine v freq 440.0"),
               message("/node/new audio_out main channels 2"),
               message("/connect v main 0.5"), when=SECOND // 10),
        bundle(message("/node/v/freq 880.0 0.2"), when=SECOND // 2),
        bundle(message("/node/free v"), when=7 * SECOND // 10),
        bundle(message("/c_set 0 0"), when=SECOND)]
    yield "failing", [
        bundle(message("/node/new audio_out main"), when=0),
        bundle(message("/node/x/freq 1.0"), when=SECOND // 2),
        bundle(message("/quit"), when=SECOND),
        bundle(message("/session/new"), message("/panic"),
               when=3 * SECOND // 2),
        bundle(message("/session/new"), when=2 * SECOND)]
    session = b"[session]\nformat = 1\n\n[node v]\ntype = sine\n"
    yield "journal", [
        bundle(typed("/journal", "id", 2, 48000.0), when=0),
        bundle(typed("/session/text", "b", session), when=0),
        bundle(message("/node/new sine v"), message("/node/new midi_notes keys"),
               message("/node/new audio_out main"),
               message("/connect v main"), when=0),
        bundle(typed("/midi", "sb", "midi_in", b"\x90\x3c\x64"), when=2**22),
        bundle(typed("/transport/followed", "idhhhhii", 1, 120.0, 0, 0, 0, 0,
                     1, 1), when=2**22),
        bundle(typed("/graph/at", "d", 480.0),
               message("/node/v/freq 220.0"), when=2**23),
        bundle(typed("/graph/plan", "d", 960.0),
               message("/node/free keys"), when=2**24),
        bundle(typed("/graph/faded", "d", 900.0), when=2**26)]
    yield "strikes", [
        bundle(typed("/node/new", "ssssss", "sampler", "drums", "sample", "bd",
                     "sounds", "bd sn"),
               message("/node/new audio_out main channels 1 limit off"),
               message("/connect drums/left main"), when=0),
        bundle(typed("/strike", "shd", "drums", 0, 0.0), when=2**22),
        bundle(typed("/strike", "shdsfsfsf", "drums", name_hash("sn"), 0.01,
                     "speed", -2.0, "gain", 0.5, "pan", 1.0),
               typed("/strike", "shdsfsfsfsfsfsfsf", "drums", name_hash("bd"),
                     0.02, "n", 3.0, "pitch", -7.0, "begin", 0.5, "end", 0.25,
                     "attack", 0.001, "release", 0.002, "cut", 1.0),
               when=2**23),
        bundle(typed("/strike", "shdsf", "drums", name_hash("none"), 1e9,
                     "cut", -1.0), message("/node/free drums"), when=2**24),
        bundle(typed("/strike", "shd", "main", 0, 0.0), when=2**25)]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, bundles in seeds():
        (FOLDER / f"{name}.osc").write_bytes(sized(*bundles))


if __name__ == "__main__":
    main()
