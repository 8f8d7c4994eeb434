# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""JACK and `lattice render` make the same bits, at any period.

The session names the recorder in [jack], so lattice connects to it before the
engine's first frame: the recording begins where the rendering does.
"""

import harness
from harness import Jackd, Lattice, Recorder, check, numpy

SECONDS = 2.0
PERIODS = (64, 128, 441, 1024)

SESSION = """
[session]
format = 1
block = 64

[transport]
playing = yes

[node slow]
type = sine
freq = 0.7

[node fast]
type = triangle
freq = 130

[node voice]
type = saw
freq = 110

[node buzz]
type = pulse
freq = 55.3
width = 0.3

[node hiss]
type = noise
color = pink

[node sum]
type = mix
inputs = 3
level_2 = 0.4
level_3 = 0.1

[node filter]
type = lowpass
cutoff = 900
q = 4

[node echo]
type = delay
time = 0.111
feedback = 0.5
mix = 0.4

[node beat]
type = pulse
freq = 3
width = 0.2

[node shape]
type = adsr
attack = 0.01
decay = 0.2
sustain = 0.2

[node amp]
type = gain

[node place]
type = pan

[node main]
type = audio_out
channels = 2
level = 0.7

[cables]
cable = voice -> sum/in_1
cable = buzz -> sum/in_2
cable = hiss -> sum/in_3
cable = sum -> filter
cable = slow -> filter/cutoff * 600
cable = fast -> filter/cutoff * 200
cable = beat -> shape
cable = filter -> amp
cable = shape -> amp/cv
cable = amp -> echo
cable = echo -> place
cable = place/left -> filter/in * 0.2 feedback
cable = slow -> place/pan * 0.8
cable = place -> main

[jack]
connect = main_1 -> rec:in_1
connect = main_2 -> rec:in_2
"""


def first_sound(sound):
    return int(numpy.argmax(sound.any(axis=1)))


def compare(period, session, rendered):
    jackd = Jackd(period=period)
    running = []

    def make():
        for lattice in running:
            lattice.stop()
        recorder = Recorder("rec", 2, SECONDS)
        running[:] = [Lattice(session)]
        return recorder

    sound, facts = harness.record_calmly(make)
    running[0].stop()
    jackd.stop()
    got = sound[first_sound(sound):].view(numpy.uint32)
    expected = rendered[first_sound(rendered):].view(numpy.uint32)
    n_periods = len(got) // period
    n_lost = harness.count_lost(got, expected, period)
    print(f"period {period}: {n_periods} periods compared, {n_lost} are not "
          f"of the sound, {facts['xruns']} xruns")
    check(n_periods * period > (SECONDS - 0.2) * harness.RATE,
          "the recording is long enough")
    check(n_lost <= 4 * facts["xruns"],
          f"the bits are those of render at {period}")


def test(_build):
    session = harness.write("bits.ini", SESSION)
    rendered = harness.render(session, SECONDS)
    print(f"render: peak {numpy.abs(rendered).max():.4f}")
    check(numpy.abs(rendered).max() > 0.05, "there is sound")
    for period in PERIODS:
        compare(period, session, rendered)


harness.main(test)
