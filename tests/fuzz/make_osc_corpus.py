#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the seeds of fuzz_osc: tests/fuzz/corpus/fuzz_osc/*.

Every verb is there, with arguments that do something to the graph which the
fuzzer starts from (sine a -> lowpass b, audio_out c), and as a question where
it is one; bundles, nested ones too; TCP streams in every framing; and packets
that are broken.  Run it after a change here; the files are checked in.
"""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "corpus" / "fuzz_osc"

# The first byte of a seed: see fuzz_osc.c.
PACKET, REMOTE, STREAM, BURST = 0, 1, 2, 4

# A message a line.  Words are text, numbers are numbers with a point or not;
# T, F, N and I are themselves.
VERBS = """
/node/new sine d freq 440.0
/node/new steps e values "0 2 ~ 3"
/node/new adsr f
/node/new midi_notes n
/node/new mix m inputs 3
/node/free a b
/node/rename a z
/node/set b cutoff 300.0 q "2"
/node/info b
/node/replace a saw
/node/a/bypass 1
/record/last 2.0
/node/a/restart
/node/a/process own
/node/a/process
/node/a/poly 4
/node/a/freq 220.0
/node/a/freq 220.0 0.5
/node/a/freq a4
/node/a/freq
/node/*/freq 1
/node/b/cutoff/norm 0.5
/node/b/cutoff/norm
/connect a c
/connect a b/cutoff 50.0
/connect/feedback b a/pitch -0.25
/disconnect a b
/cable/a/out/b/in 0.75
/cable/a/out/b/in
/graph/nodes
/graph/cables
/graph/late
/graph/batches
/graph/types
/graph/load
/graph/clear
/panic
/note a c4 0.5
/in 0.5
/in loud
/dirt/play s f note 3 sustain 0.5 gain 0.8 cps 0.5
/dirt/play s nobody n 2
/dirt/handshake
/strike a 0 0.5 gain 0.5
/node/new osc_in g path /g smooth no
/node/new osc_out h host localhost:9 path /h rate 50
/node/set e host 192.0.2.1:9 path /e
/session/save x overwrite
/session/save
/session/load x
/session/import x part
/session/new
/session/list
/session/status
/transport/tempo 133.5
/transport/tempo
/transport/play
/transport/stop
/transport/locate 2.5
/transport/locate
/status
/status/engine
/sync 7
/notify 1 3
/notify 0
/process/start 64
/process/at 64
/version
/ping 1 2.5 text T F N I
/clearSched
/dumpOSC 0
/error 0
/quit
/map/add /x b/cutoff 20 2000 exp
/map/learn b/cutoff
/map/remove /x
/map/list
/subscribe /node/*/freq 10
/subscribe /node/?/{out,freq}/{norm,peak,rms,scope} 1000 9001
/subscribe /status/engine/* 0.01
/unsubscribe /node/*/freq
/undo
/redo
/snapshot/first
/node/[ab]/{freq,cutoff} 100
/cable/?/*/b/in 0.1
/done /sync
/1/fader3 0.25
""".strip().splitlines()


def text(value):
    data = value.encode()
    return data + b"\0" * (4 - len(data) % 4)


def words_of(line):
    out, quoted = [], False
    for part in line.split('"'):
        out += [part] if quoted else part.split()
        quoted = not quoted
    return out


def argument(word):
    if word in "TFNI":
        return word, b""
    try:
        return "i", struct.pack(">i", int(word))
    except ValueError:
        pass
    try:
        return "f", struct.pack(">f", float(word))
    except ValueError:
        return "s", text(word)


def message(line):
    path, *words = words_of(line)
    arguments = [argument(w) for w in words]
    types = "," + "".join(t for t, _ in arguments)
    return text(path) + text(types) + b"".join(d for _, d in arguments)


def bundle(*parts, when=1):
    return text("#bundle") + struct.pack(">Q", when) + b"".join(
        struct.pack(">I", len(p)) + p for p in parts)


def sized(*packets):
    return b"".join(struct.pack(">I", len(p)) + p for p in packets)


def slip(*packets, is_double=False):
    out = b""
    for p in packets:
        p = p.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        out += (b"\xc0" if is_double else b"") + p + b"\xc0"
    return out


def seeds():
    """(name, first byte, the rest)"""
    for line in VERBS:
        words = line.replace('"', "").split()
        name = "_".join(words[:2] if len(words) > 1 else words)
        for old, new in (("/", "."), ("*", "any"), ("?", "one"), ("[", ""),
                         ("]", ""), ("{", ""), ("}", "")):
            name = name.replace(old, new)
        yield f"verb{name}_{len(words)}", PACKET, message(line)
    new, cable, sync = (message(m) for m in (
        "/node/new saw w freq 55", "/connect w c 0.1", "/sync 9"))
    fails = message("/connect w nobody")
    yield "bundle_plain", PACKET, bundle(new, cable, sync)
    yield "bundle_empty", PACKET, bundle()
    yield "bundle_nested", PACKET, bundle(new, bundle(cable, bundle(sync)))
    yield "bundle_refused", PACKET, bundle(new, cable, fails)
    yield "bundle_later", PACKET, bundle(new, when=0xE000000000000000)
    soon = 0xED9B800010000000
    yield "bundle_soon", STREAM, sized(
        bundle(cable, when=soon + 2**26), bundle(new, when=soon),
        bundle(fails, when=soon + 2**27), sync, sync, sync)
    yield "bundle_dropped", STREAM, sized(
        bundle(new, bundle(cable, when=soon + 9), when=soon),
        message("/clearSched"))
    hears, touches, lifts = (message(m) for m in (
        "/subscribe /node/*/* 1000", "/node/a/freq/z 1", "/node/a/freq/z 0"))
    yield "feedback_moves", STREAM, sized(
        hears, message("/node/a/freq 220"), message("/node/a/freq 440 2.5"),
        message("/node/a/freq/norm 0.5"), sync, sync)
    yield "feedback_finger", STREAM, sized(
        hears, touches, message("/node/a/freq 300"), lifts, sync, sync)
    yield "feedback_of_the_freed", STREAM, sized(
        hears, message("/subscribe /cable/*/*/*/*"), message("/node/free a"),
        message("/node/rename b z"), new, cable, message("/graph/clear"),
        message("/unsubscribe /node/*/*"))
    yield "feedback_elsewhere", STREAM | REMOTE, sized(
        message("/subscribe /transport/* 30 9001"),
        message("/subscribe /node/b/out/scope 30 9001"),
        message("/unsubscribe /transport/* 9001"))
    yield "feedback_of_bundles", STREAM, sized(
        hears, bundle(message("/node/[ab]/* 0.5"), when=soon),
        bundle(hears, message("/node/a/bypass 1"), when=soon + 2**25),
        sync, sync, sync)
    yield "news", STREAM, sized(
        message("/notify 1"), new, cable, message("/node/rename w v"),
        bundle(message("/node/free v"), when=soon), sync, sync,
        message("/notify 0"))
    yield "bundles_of_one_time", STREAM, sized(*[
        bundle(message(f"/node/{n}/bypass {k}"), when=soon)
        for k, n in ((1, "a"), (0, "a"), (1, "*"), (0, "{b,c}"))], sync, sync)
    yield "bundle_alone", PACKET, bundle(message("/graph/clear"), new)
    yield "bundle_patterns", PACKET, bundle(
        message("/node/?/freq 10"), message("/cable/*/*/*/* 0.5"))
    yield "remote_edit", REMOTE, new
    yield "remote_refused", REMOTE, message("/dumpOSC 1")
    several = (new, cable, bundle(fails, sync), message("/graph/cables"))
    yield "stream_sized", STREAM, sized(*several)
    yield "stream_slip", STREAM, slip(*several)
    yield "stream_double", STREAM, slip(*several, is_double=True)
    yield "stream_burst", STREAM | BURST, sized(
        new, cable, message("/disconnect a b"), fails, message("/node/free w"),
        new, sync)
    yield "stream_remote", STREAM | REMOTE, sized(*several)
    yield "broken_no_types", PACKET, text("/ping")
    yield "broken_cut", PACKET, new[:-3]
    yield "broken_text_without_end", PACKET, b"/node/info\0\0,s\0\0abcd"
    yield "broken_unknown_type", PACKET, text("/ping") + text(",q")
    yield "broken_too_few", PACKET, text("/sync") + text(",iii") + b"\0" * 4
    yield "broken_no_slash", PACKET, text("ping") + text(",")
    yield "broken_bracket", PACKET, message("/node/[ab/freq 1")
    yield "broken_nan", PACKET, (
        text("/node/a/freq") + text(",f") + b"\x7f\xc0\0\0")
    yield "broken_control_bytes", PACKET, (
        text("/node/info") + text(",s") + text("a\x1b[2J\n"))
    yield "broken_bundle_size", PACKET, (
        text("#bundle") + b"\0" * 8 + b"\xff\xff\xff\xfc")
    yield "broken_bundle_cut", PACKET, bundle(new, cable)[:-8]
    yield "broken_stream_size", STREAM, b"\0\xff\xff\xff"
    yield "broken_stream_escape", STREAM, b"\xc0\xdb\x01\xc0"
    yield "broken_stream_garbage", STREAM, b"GET / HTTP/1.1\r\n"


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    names = set()
    for name, first, rest in seeds():
        assert name not in names, name
        names.add(name)
        (FOLDER / name).write_bytes(bytes([first]) + rest)


if __name__ == "__main__":
    main()
