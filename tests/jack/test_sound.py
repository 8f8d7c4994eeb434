# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a session says is what comes out of its JACK ports."""

import harness
from harness import Jackd, Lattice, Recorder, check

SESSION = """
[session]
format = 1

[node low]
type = sine
freq = 440

[node high]
type = sine
freq = 1000

[node main]
type = audio_out
channels = 2
level = 0.5

[cables]
cable = low -> main/in_1 * 0.8
cable = high -> main/in_2
cable = low -> main/in_2 * 0.1
"""


def test(_build):
    Jackd(period=256)
    lattice = Lattice(harness.write("sound.ini", SESSION))
    sound, facts = harness.record_calmly(lambda: Recorder(
        "rec", 2, 2.0, "lattice:main_1", "lattice:main_2"))
    left = harness.find_peaks(sound[:, 0])
    right = harness.find_peaks(sound[:, 1])
    print("left ", ", ".join(f"{f:.1f} Hz at {a:.4f}" for f, a in left))
    print("right", ", ".join(f"{f:.1f} Hz at {a:.4f}" for f, a in right))
    print("xruns", facts["xruns"])
    check(len(left) == 1, "there is one partial on the left")
    check(abs(left[0][0] - 440) < 1 and abs(left[0][1] - 0.4) < 0.002,
          "it is 440 Hz at 0.4")
    check(len(right) == 2, "there are two on the right")
    check(abs(right[0][0] - 1000) < 1 and abs(right[0][1] - 0.5) < 0.002,
          "one is 1000 Hz at 0.5")
    check(abs(right[1][0] - 440) < 1 and abs(right[1][1] - 0.05) < 0.001,
          "the other is 440 Hz at 0.05")
    check(lattice.stop() == 0, "SIGTERM ends it with exit code 0")


harness.main(test)
