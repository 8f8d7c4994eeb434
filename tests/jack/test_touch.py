# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of faders as TouchOSC has them, at a lattice that plays.

A page sends 60 moves a second while a finger is on a fader, most with …/z 1 and
…/z 0 around them, and rests in between, while somebody else moves the same values.  Half of the pages
are lines of the session; they sleep for more than 10 s and come back with any
message, some with a finger on that was never lifted.  The others subscribe, to
the tab that is shown, again when they change tabs or wake.

Held against a model of each fader: nothing comes while a finger is on it, or
within 200 ms after its last message; then what the value is, once, unless it is
moved; and the page is right when it wakes.  How soon is printed: half of them
must be right in 100 ms.

A page's round is a play: --plays 1000 takes some 8 minutes.
"""

import collections
import random
import select
import socket
import time

import harness
from harness import Jackd, Lattice, check
from osc_client import Osc, message, parse

harness.number("plays", 32, "rounds of pages")
harness.number("seed", 1, "of what is played")

N_PAGES = 32  # that play at once
N_FADERS = 4  # of a tab
TICK = 1 / 60
PLAY_SECONDS = 2.5
SLEEP_SECONDS = 10.6
QUIET_SECONDS = 0.2
MOST_SECONDS = 5.0  # until a page is right


class Fader:
    """A value as its page shows it."""

    def __init__(self, path):
        self.path = path
        self.shown = None
        self.ticks_left = 0  # of a finger
        self.rest_ticks = 0  # in which it holds still
        self.is_touched = False  # as …/z says
        self.is_guarded = False  # lattice has heard of the finger
        self.sent_at = 0.0  # its last message
        self.n_heard = 0  # since the finger was lifted
        self.is_moved = False  # by others since the finger came

    def is_at_rest(self, now):
        return not self.ticks_left and now > self.sent_at + 2 * QUIET_SECONDS


class Page:
    """One of them, with two tabs where it subscribes."""

    def __init__(self, number, is_line):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.name, self.is_line = f"p{number}", is_line
        self.tabs = [[Fader(f"/node/{self.name}_{tab}{k}/gain")
                      for k in range(N_FADERS)]
                     for tab in ("a" if is_line else "ab")]
        self.tab = 0
        self.is_awake = True
        self.woke_at = self.right_at = 0.0
        self.fights, self.repeated = [], []
        self.pings = collections.deque()  # faders of which lattice is to hear

    def faders(self):
        return self.tabs[self.tab]

    def pattern(self):
        return f"/node/{self.name}_{'ab'[self.tab]}*/gain"

    def send(self, *words):
        self.socket.sendto(message(*words), self.to)

    def begin(self, to):
        self.to = to
        if not self.is_line:
            self.send("/subscribe", self.pattern(), 60.0)

    # Fingers.

    def press(self, fader, n_ticks, is_touch):
        fader.ticks_left, fader.is_touched = n_ticks, is_touch
        fader.is_moved = fader.is_guarded = False
        fader.sent_at = time.monotonic()
        if is_touch:
            self.send(fader.path + "/z", 1.0)
        self.move(fader)
        # What comes behind the answer to this was sent behind the finger.
        self.send("/ping")
        self.pings.append(fader)

    def move(self, fader):
        value = round(random.random() * 64) / 64
        fader.sent_at = time.monotonic()
        fader.shown = value
        self.send(fader.path, value)

    def lift(self, fader):
        fader.ticks_left, fader.rest_ticks, fader.n_heard = 0, 0, 0
        if fader.is_touched:
            fader.sent_at = time.monotonic()
            self.send(fader.path + "/z", 0.0)
        fader.is_touched = False

    def tick(self):
        """A sixtieth of a second of a hand."""
        for fader in self.faders():
            if fader.rest_ticks:
                fader.rest_ticks -= 1
            elif fader.ticks_left > 1:
                fader.ticks_left -= 1
                self.move(fader)
                if fader.is_touched and random.random() < 0.05:
                    fader.rest_ticks = 20  # longer than it stays quiet
            elif fader.ticks_left == 1:
                self.lift(fader)
        now = time.monotonic()
        idle = [f for f in self.faders() if f.is_at_rest(now)]
        if idle and random.random() < 0.05:
            self.press(random.choice(idle), random.randint(2, 50),
                       random.random() < 0.7)
        elif len(idle) == N_FADERS and not self.is_line and \
                random.random() < 0.02:
            self.change_tab()

    def change_tab(self):
        self.send("/unsubscribe", self.pattern())
        self.tab = 1 - self.tab
        for fader in self.faders():
            fader.shown = None
            fader.is_moved = True  # all is sent again
        self.send(f"/{self.tab + 1}")  # as a page tells that it is shown
        self.send("/subscribe", self.pattern(), 60.0)

    # Sleep.

    def sleep(self, forgets):
        """The screen goes dark, perhaps under a finger."""
        if forgets and self.is_line:
            self.press(self.faders()[0], 1, True)
        self.is_awake = False
        for fader in self.faders():
            fader.ticks_left, fader.rest_ticks = 0, 0
            fader.is_touched = False
            fader.is_guarded, fader.shown = False, None
        self.pings.clear()

    def wake(self):
        while self.receive_packet() is not None:
            pass  # nobody was there
        self.is_awake = True
        self.woke_at = time.monotonic()
        if self.is_line:
            self.send("/1")
        else:
            self.send("/subscribe", self.pattern(), 60.0)

    # What comes.

    def receive_packet(self):
        try:
            return parse(self.socket.recv(65536, socket.MSG_DONTWAIT))
        except BlockingIOError:
            return None

    def receive(self):
        while (found := self.receive_packet()) is not None:
            now = time.monotonic()
            for path, values in found:
                if path == "/pong" and self.pings:
                    self.pings.popleft().is_guarded = True
                for fader in self.faders():
                    if fader.path == path:
                        self.hear(fader, values[0], now)

    def hear(self, fader, value, now):
        is_quiet = fader.ticks_left or fader.is_touched or \
            now < fader.sent_at + QUIET_SECONDS
        if fader.is_guarded and is_quiet:
            self.fights.append((fader.path, value))
        fader.shown = value
        fader.n_heard += 1
        if not is_quiet and fader.is_guarded and not fader.is_moved and \
                fader.n_heard > 1:
            self.repeated.append(fader.path)

    def is_right(self, truth):
        return all(f.shown == truth[f.path] for f in self.faders())


class Desk:
    """Somebody else, who moves the same values."""

    def __init__(self, port, pages):
        self.osc, self.pages = Osc(port, "tcp"), pages

    def move(self, chance):
        for page in self.pages:
            for tab in page.tabs:
                for fader in tab:
                    if random.random() < chance:
                        fader.is_moved = True
                        self.osc.send(fader.path,
                                      round(random.random() * 64) / 64)

    def truth(self):
        """All values, when what was sent before is in the sound."""
        self.osc.sync()
        self.osc.send("/node/*/gain")
        self.osc.send("/ping")
        found = {}
        while (answer := self.osc.receive())[0] != "/pong":
            found[answer[0]] = answer[1][0]
        return found


def serve(pages, seconds, tick=None, is_over=None):
    """Let the pages hear for a while, ticking 60 times a second."""
    sockets = {page.socket: page for page in pages}
    now = time.monotonic()
    end, due = now + seconds, now
    while now < end and not (is_over and is_over()):
        ready, _, _ = select.select(list(sockets), [], [],
                                    max(0.0, min(due, end) - now))
        for each in ready:
            if sockets[each].is_awake:
                sockets[each].receive()
            else:
                sockets[each].receive_packet()
        now = time.monotonic()
        if tick and now >= due:
            tick()
            due = max(due + TICK, now)
        elif not tick:
            due = now + TICK


def become_right(pages, desk):
    """Wait until all pages show what is; note when each does."""
    truth = desk.truth()
    for page in pages:
        page.right_at = 0.0

    def is_over():
        now = time.monotonic()
        for page in pages:
            if not page.right_at and page.is_right(truth):
                page.right_at = now
        return all(page.right_at for page in pages)

    serve(pages, MOST_SECONDS, is_over=is_over)
    return [page.name for page in pages if not page.right_at]


def play_round(pages, desk, waits):
    """Moves, a rest, sleep, and the morning.  Returns who is not right then."""
    def play():
        for page in pages:
            page.tick()
        desk.move(0.02)

    serve(pages, PLAY_SECONDS, play)
    for page in pages:
        for fader in page.faders():
            if fader.ticks_left:
                page.lift(fader)
    desk.osc.sync()
    serve(pages, 2 * QUIET_SECONDS)
    wrong = become_right(pages, desk)

    for page in pages:
        page.sleep(random.random() < 0.3)
    desk.move(0.5)
    serve(pages, SLEEP_SECONDS)
    truth = desk.truth()
    for page in pages:
        page.wake()
        serve([page], MOST_SECONDS, is_over=lambda p=page: p.is_right(truth))
        if page.is_right(truth):
            waits.append(time.monotonic() - page.woke_at)
        else:
            wrong.append(page.name + " that woke up")
    return wrong


def session(pages):
    names = [fader.path.split("/")[2]
             for page in pages for tab in page.tabs for fader in tab]
    nodes = "".join(f"[node {name}]\ntype = gain\n\n" for name in names)
    lines = "".join(f"feedback = 127.0.0.1:{page.port} {page.pattern()} 60\n"
                    for page in pages if page.is_line)
    return f"[session]\nformat = 1\n\n{nodes}[osc]\n{lines}"


def test(_build):
    random.seed(harness.asked.seed)
    Jackd(64)
    n_rounds = -(-harness.asked.plays // N_PAGES)
    pages = [Page(k, k % 2 == 0) for k in range(N_PAGES)]
    lattice = Lattice(harness.write("touch.ini", session(pages)))
    for page in pages:
        page.begin(lattice.osc.address)
    desk = Desk(lattice.osc.address[1], pages)
    waits, wrong = [], []
    for _ in range(n_rounds):
        wrong += play_round(pages, desk, waits)
    fights = [f for page in pages for f in page.fights]
    repeated = [r for page in pages for r in page.repeated]
    ms = sorted(1e3 * w for w in waits)
    print(f"{n_rounds * N_PAGES} plays; right after waking: p50 "
          f"{ms[len(ms) // 2]:.1f}, p99 {ms[int(0.99 * (len(ms) - 1))]:.1f}, "
          f"longest {ms[-1]:.1f} ms, {sum(m > 100 for m in ms)} of {len(ms)} "
          "later than 100 ms")
    check(not fights, f"no finger is fought: {fights[:5]}")
    check(not repeated, f"what it is is told once: {repeated[:5]}")
    check(not wrong, f"every page is right in the end: {wrong[:5]}")
    check(ms[len(ms) // 2] < 100, "half are right 100 ms after waking up")
    check(lattice.stop() == 0, "lattice ends well")


harness.main(test)
