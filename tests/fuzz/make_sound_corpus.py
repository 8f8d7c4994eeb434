#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the seeds of fuzz_sound: tests/fuzz/corpus/fuzz_sound/*.

Small sound files, whole ones and such as claim what they do not have.  Run it
after a change here; the files are checked in, and so is their use as named
cases of tests/cli/test_sound_files.py.
"""

import math
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "corpus" / "fuzz_sound"

PCM, FLOAT = 1, 3


def chunk(name, data, size=None):
    return name + struct.pack("<I", len(data) if size is None else size) + data


def wav(frames, channels=1, rate=48000, kind=PCM, bits=16, claimed=None):
    """A WAV file of that many frames, whose data may claim another size."""
    codes = {(PCM, 8): "B", (PCM, 16): "h", (PCM, 32): "i", (FLOAT, 32): "f",
             (FLOAT, 64): "d"}
    scale = 1 if kind == FLOAT else 2 ** (bits - 1) - 1
    samples = []
    for frame in range(frames):
        for channel in range(channels):
            x = 0.5 * math.sin(frame * 0.3 + channel) * scale
            samples.append(x if kind == FLOAT else int(x) + 128 * (bits == 8))
    data = struct.pack(f"<{len(samples)}{codes[kind, bits]}", *samples)
    size = bits // 8 * channels
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * size, size, bits)
    body = b"WAVE" + chunk(b"fmt ", form) + chunk(b"data", data, claimed)
    return chunk(b"RIFF", body)


def aiff(frames):
    data = b"".join(struct.pack(">h", 100 * n) for n in range(frames))
    common = struct.pack(">hLh", 1, frames, 16) + bytes.fromhex(
        "400ebb80000000000000")
    body = (b"AIFFCOMM" + struct.pack(">I", len(common)) + common +
            b"SSND" + struct.pack(">IIL", len(data) + 8, 0, 0) + data)
    return b"FORM" + struct.pack(">I", len(body)) + body


def not_numbers():
    whole = bytearray(wav(64, kind=FLOAT, bits=32))
    whole[44:56] = struct.pack("<3f", math.nan, math.inf, -math.inf)
    return bytes(whole)


CASES = {
    "whole.wav": wav(100),
    "truncated.wav": wav(1000)[:300],
    "no_frames.wav": wav(0),
    "header_only.wav": wav(0)[:20],
    "says_1_gib.wav": wav(50, claimed=1 << 30),
    "says_4_gib.wav": wav(50, claimed=0xffffffff),
    "rate_192k.wav": wav(200, rate=192000),
    "rate_1.wav": wav(20, rate=1),
    "channels_8.wav": wav(40, channels=8),
    "channels_256.wav": wav(4, channels=256, bits=8),
    "float_64.wav": wav(60, kind=FLOAT, bits=64),
    "not_numbers.wav": not_numbers(),
    "whole.aiff": aiff(50),
    "no_sound.wav": b"these are only words\n",
    "empty.wav": b"",
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in CASES.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
