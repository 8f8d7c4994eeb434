#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where bundles with time tags are placed, against a model of the rules.

    python3 tests/cli/test_placement.py [--build build/debug] [--minutes 10]

Two senders tag bundles, in no order, for a clock that drifts and shakes, whose
periods get lost, whose engine starts anew or leaps, and which somebody sets by an hour.
The program place_bundles of the build is told of each clock and bundle; this
computes the same from docs/osc.md, in whole numbers of 2^-32 frames.
"""

import argparse
import os
import random
import subprocess
import sys

SECOND = 1 << 32
MS = SECOND // 1000
START = 3989000000 * SECOND
HALF = 1 << 31
LEAD = 200  # frames
SLACK_S = 0.060  # the most that control takes for itself


# --- The rules ------------------------------------------------------------------


class Line:
    """frame = f0 + (tag - t0) x rate, in pieces: a move gives the tags from its
    own on another f0."""

    def __init__(self, clock):
        self.t0, self.rate = clock.tag, clock.rate
        self.pieces = [(clock.tag, clock.frame << 32)]

    def on(self, piece, tag):
        return self.pieces[piece][1] + (tag - self.t0) * self.rate

    def place(self, tag):
        """No tag comes behind a later one."""
        last = len(self.pieces) - 1
        i = last
        while i > 0 and tag < self.pieces[i][0]:
            i -= 1
        return min([self.on(i, tag)] +
                   [self.on(k, self.pieces[k][0])
                    for k in range(i + 1, last + 1)])

    def error(self, clock):
        """From the line to the clock."""
        return (clock.frame << 32) - self.on(-1, clock.tag)

    def move(self, clock, tag, most):
        by = max(-most, min(most, self.error(clock)))
        self.pieces.append((tag, self.pieces[-1][1] + by))
        self.pieces = self.pieces[-64:]

    def shift(self, step):
        self.t0 += step
        self.pieces = [(tag + step, f0) for tag, f0 in self.pieces]


class Model:
    def __init__(self):
        self.line = None
        self.breaks = self.offset = self.arrived_ns = None
        self.latest = self.moved_at = self.crept_at = None
        self.waiting = []  # [tag, order of arrival, number, place]

    def set_anew(self, clock):
        self.line = Line(clock)
        self.breaks = clock.breaks
        self.latest = max(self.latest or clock.tag, clock.tag)
        self.moved_at, self.crept_at = self.latest, None

    def place_all(self):
        for bundle in self.waiting:
            bundle[3] = self.line.place(bundle[0])

    def look(self, clock):
        offset = clock.now_tag - (clock.steady_ns << 32) // 10**9
        step = offset - self.offset if self.offset is not None else 0
        self.offset = offset
        if abs(step) > 10 * MS:
            if self.line:
                self.line.shift(step)
            for name in ("latest", "moved_at", "crept_at"):
                if getattr(self, name) is not None:
                    setattr(self, name, getattr(self, name) + step)
            for bundle in self.waiting:
                bundle[0] += step
        if not clock.is_running:
            self.line = None
        elif not self.line or clock.breaks != self.breaks or \
                abs(self.line.error(clock)) > (clock.rate << 32) // 20:
            self.set_anew(clock)
            self.place_all()

    def arrive(self, clock, tag):
        """Where a bundle is placed that has come."""
        self.look(clock)
        is_first = self.arrived_ns is None or \
            clock.steady_ns - self.arrived_ns >= 10**9
        self.arrived_ns = clock.steady_ns
        if not self.line:
            return None
        if is_first:
            self.set_anew(clock)
            self.latest = self.moved_at = tag
            self.place_all()
        elif tag > self.latest:
            gap, self.latest = tag - self.latest, tag
            if gap >= 20 * MS:
                is_near = self.crept_at is not None and \
                    tag - self.crept_at < 100 * MS
                self.line.move(clock, tag, gap * clock.rate //
                               (4800 if is_near else 2400))
                self.moved_at = tag
            elif tag - self.moved_at >= 100 * MS:
                self.line.move(clock, tag, SECOND)
                self.moved_at += 100 * MS
                self.crept_at = tag
        return self.line.place(tag)


# --- The world ------------------------------------------------------------------


class Clock:
    """JACK's, the wall's, and the one that nobody sets."""

    def __init__(self, chance, loss):
        self.chance, self.loss = chance, loss
        self.is_running, self.rate, self.period = True, 48000, 64
        self.frame, self.breaks = 1000000, 1
        self.cycle_s = self.now_s = 0.0
        self.wall = START  # at 0 s
        self.ppm = chance.uniform(-300, 300)
        self.read()

    def read(self):
        """What the wall and the steady clock say of this moment, exactly."""
        self.steady_ns = 10**12 + round(self.now_s * 1e9)
        self.now_tag = self.wall + (self.steady_ns << 32) // 10**9
        shaken_s = self.chance.gauss(0.0, 5e-6)  # the cycle time is filtered
        since_ns = max(0, round((self.now_s - self.cycle_s + shaken_s) * 1e9))
        self.tag = self.now_tag - (since_ns << 32) // 10**9

    def go_on(self, periods):
        for _ in range(periods):
            self.cycle_s += self.period / self.rate * (1 + self.ppm * 1e-6)
            if self.chance.random() < self.loss:
                self.breaks += 1
            else:
                self.frame += self.period
        self.now_s = self.cycle_s + self.chance.uniform(
            0, self.period / self.rate)
        self.read()

    def line(self):
        return (f"clock {int(self.is_running)} {self.frame} {self.tag} "
                f"{self.now_tag} {self.steady_ns} {self.breaks} {self.rate} "
                f"{self.period}")

    def now_frame(self):
        return self.frame + (self.now_tag - self.tag) * self.rate / SECOND


class Senders:
    """A sequencer that is ahead by 200 ms, and somebody who plays as it comes;
    or one stream that is dense, with gaps."""

    def __init__(self, chance, is_dense):
        self.chance, self.is_dense = chance, is_dense
        self.next_s, self.pause_until_s = [0.0, 0.0], 0.0

    def tags(self, clock):
        """Seconds from now of what is sent now."""
        if clock.now_s < self.pause_until_s:
            return []
        if self.chance.random() < 0.0003:
            self.pause_until_s = clock.now_s + self.chance.uniform(0.5, 2.5)
        found = []
        if self.is_dense:
            if self.chance.random() < 0.03:
                self.pause_until_s = clock.now_s + self.chance.uniform(0.0, 0.05)
            return [0.2]
        if clock.now_s >= self.next_s[0]:
            self.next_s[0] = clock.now_s + 0.125
            found += [0.2, 0.2 + 100 / 48000, 0.21]
        if clock.now_s >= self.next_s[1]:
            self.next_s[1] = clock.now_s + self.chance.choice(
                (0.002, 0.005, 0.03, 0.15))
            found += [self.chance.uniform(-0.01, 0.4)
                      for _ in range(self.chance.randint(1, 3))]
        self.chance.shuffle(found)
        return found


# --- Side by side ---------------------------------------------------------------


class Wrong(Exception):
    pass


def is_place(frame, place):
    """Half up; where rounding is a matter of less than 0.01 of a frame, the
    neighbour will do: the rules say "at most"."""
    near = place & (SECOND - 1)
    other = {-1: 0, 1: 0}
    if abs(near - HALF) < SECOND // 100:
        other = {-1: 1, 1: 1}
    wanted = (place + HALF) >> 32
    return frame == wanted or (abs(frame - wanted) == 1 and
                               other[frame - wanted])


def check_time(what, frame, place, clock):
    """Late are those, and only those, that cannot be played any more."""
    wanted = (place + HALF) >> 32
    if frame == 0:
        if wanted >= clock.now_frame() + 2 * clock.period:
            raise Wrong(f"{what} is no more late: {wanted} at "
                        f"{clock.now_frame():.0f}")
    else:
        if not is_place(frame, place):
            raise Wrong(f"{what} is at {frame}, not at {place / SECOND:.4f}")
        if frame < clock.frame:
            raise Wrong(f"{what}, {frame}, is late: the clock says {clock.frame}")


class Game:
    def __init__(self, program, seed, loss):
        self.chance = random.Random(seed)
        self.clock = Clock(self.chance, loss)
        self.senders = Senders(self.chance, seed % 5 == 1)
        self.model = Model()
        self.program = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lines, self.expected = [], []
        self.n = self.n_late = self.n_lines = 0

    # The program runs behind: what is said is noted beside what is expected.

    def say(self, line):
        self.lines.append(line)

    def play(self, seconds, steps):
        """Let time go on; at some moments the wall clock is set."""
        when = sorted(self.chance.uniform(0, seconds) for _ in range(steps))
        while self.clock.now_s < seconds:
            self.clock.go_on(self.chance.choice((1, 3, 4, 4)))
            if when and self.clock.now_s >= when[0]:
                when.pop(0)
                self.clock.wall += self.chance.choice((-3600, 3600)) * SECOND
                self.clock.read()
            if self.chance.random() < 0.0003:  # frames that nobody tells of
                self.clock.frame += self.chance.choice((2000, 3000))
            if self.chance.random() < 0.0001:  # the server begins anew
                self.clock.is_running = not self.clock.is_running
            elif not self.clock.is_running and self.chance.random() < 0.02:
                self.clock.is_running, self.clock.breaks = True, \
                    self.clock.breaks + 1
            tags = [self.clock.now_tag + int(s * SECOND)
                    for s in self.senders.tags(self.clock)]
            self.say(self.clock.line())
            self.look_for_due()
            for tag in tags:
                self.send(tag)
            if len(self.lines) > 2000:
                self.compare()
        self.compare()
        self.program.stdin.close()
        if self.program.wait() != 0:
            raise Wrong(f"place_bundles ends with {self.program.returncode}")

    def snapshot(self):
        """The clock, as it is now."""
        c = object.__new__(Clock)
        c.__dict__.update(self.clock.__dict__)
        return c

    def send(self, tag):
        number = self.n
        self.n += 1
        self.say(f"bundle {number} {tag}")
        self.answer(self.read_one(), number, tag)

    def read_one(self):
        self.flush()
        return self.program.stdout.readline().split()

    def flush(self):
        self.program.stdin.write("\n".join(self.lines) + "\n")
        self.program.stdin.flush()
        self.lines.clear()

    def answer(self, words, number, tag):
        place = self.model.arrive(self.clock, tag)
        what = f"bundle {number}"
        if int(words[1]) != number:
            raise Wrong(f"{what} is answered {words}")
        frame = int(words[2])
        if place is None:  # no frames: the wall clock decides
            if (words[0] == "now") != (tag <= self.clock.now_tag):
                raise Wrong(f"{what} is answered {words} without a server")
        elif words[0] == "now":
            check_time(what, frame, place, self.clock)
            ahead = (place >> 32) - self.clock.now_frame()
            if ahead > LEAD + (SLACK_S + 0.002) * self.clock.rate:
                raise Wrong(f"{what} is carried out {ahead:.0f} frames ahead")
        elif words[0] != "later" or not is_place(frame, place):
            raise Wrong(f"{what}: {words}, not at {place / SECOND:.4f}")
        self.n_late += words[0] == "now" and frame == 0
        if words[0] == "later":
            self.model.waiting.append([tag, number, number, place])
            self.model.waiting.sort()

    def look_for_due(self):
        # A bundle that nobody can wait for ends the answer.
        self.say(f"due {LEAD}")
        self.say(f"bundle {self.n} {self.clock.now_tag + 100000 * SECOND}")
        self.flush()
        self.model.look(self.clock)
        while (words := self.program.stdout.readline().split())[0] == "due":
            tag, _, number, place = self.model.waiting.pop(0)
            if int(words[1]) != number:
                raise Wrong(f"{words} is due before {number}")
            frame = int(words[2])
            if place is None or not self.model.line:
                if frame or tag > self.clock.now_tag:
                    raise Wrong(f"{words} without a server")
                continue
            check_time(f"due {number}", frame, place, self.clock)
            self.n_late += frame == 0
            ahead = (place >> 32) - self.clock.now_frame()
            if ahead > LEAD + (SLACK_S + 0.002) * self.clock.rate:
                raise Wrong(f"{words} is due {ahead:.0f} frames ahead")
        if words[0] != "never" or int(words[1]) != self.n:
            raise Wrong(f"{words} is not refused")
        self.n += 1
        if self.model.waiting and self.model.line:
            first = self.model.waiting[0]
            left = (first[3] >> 32) - self.clock.now_frame()
            if left < LEAD:
                raise Wrong(f"{first} is still waiting, {left:.0f} frames left")

    def compare(self):
        if self.lines:
            self.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/debug")
    parser.add_argument("--minutes", type=float, default=10.0,
                        help="with a tenth of all periods lost")
    parser.add_argument("--seeds", type=int, default=20,
                        help="of 10 s, with fewer lost, or none")
    asked = parser.parse_args()
    program = os.path.join(asked.build, "place_bundles")
    if not os.path.exists(program):
        print(f"{program} is not built")
        return 77
    games = [(0, 0.1, 60 * asked.minutes, 4)]
    games += [(1 + k, (0.0, 0.0001, 0.002, 0.1)[k % 4], 10.0, k % 3)
              for k in range(asked.seeds)]
    status = 0
    for seed, loss, seconds, steps in games:
        game = Game(program, seed, loss)
        try:
            game.play(seconds, steps)
            print(f"ok      seed {seed}, {100 * loss:g} % of periods lost, {seconds:g}"
                  f" s: {game.n} bundles, {game.n_late} late")
        except Wrong as wrong:
            game.program.kill()
            print(f"FAILED  seed {seed}, at {game.clock.now_s:.3f} s: {wrong}")
            status = 1
    return status


sys.exit(main())
