# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles with time tags are heard at their frame, and delay nobody.

What is set is recorded through JACK, and the frames at which it changes are
compared with the tags.
"""

import random
import subprocess
import sys
import threading
import time

import harness
from harness import Jackd, Lattice, Recorder, check, numpy
from osc_client import Osc, bundle, message, ntp

harness.number("pairs", 100, "pairs of bundles at each period")

RATE = harness.RATE
SECOND = 2**32

SESSION = """
[session]
format = 1

[node a]
type = constant

[node b]
type = constant

[node main]
type = audio_out
channels = 2
limit = off

[cables]
cable = a -> main/in_1
cable = b -> main/in_2

[jack]
connect = main_1 -> rec:in_1
connect = main_2 -> rec:in_2
"""

# Something to do for every period, and for the lanes.
VOICES = "".join(f"""
[node osc{k}]
type = saw
freq = {50 + k}

[node vcf{k}]
type = lowpass

[node out{k}]
type = gain
gain = 0
""" for k in range(40)) + """
[node sink]
type = audio_out
channels = 1
"""


def loaded_session():
    cables = "".join(f"cable = osc{k} -> vcf{k}\ncable = vcf{k} -> out{k}\n"
                     f"cable = out{k} -> sink\n" for k in range(40))
    return SESSION.replace("[cables]\n", VOICES + "\n[cables]\n" + cables)


def steps(x):
    """Frames at which a channel changes, and to what."""
    at = numpy.flatnonzero(numpy.diff(x)) + 1
    return at, x[at]


def status(osc):
    return dict(osc.list("/status/engine"))


def value_bundle(node, value, tag):
    return bundle(message(f"/node/{node}/value", float(value)), time_tag=tag)


def frames_of(sound, channel, n, unit):
    """The frame of each of n values, 1 to n times a unit; 0: never heard."""
    found = numpy.zeros(n + 1, dtype=int)
    for frame, value in zip(*steps(sound[:, channel])):
        k = round(float(value) / unit)
        if 0 < k <= n:
            found[k] = frame
    return found[1:]


def record(period, seconds, send, session=SESSION, *options):
    """Record what send(lattice) does, again where periods were lost."""
    for _ in harness.tries(5):
        recorder = Recorder("rec", 2, seconds)
        lattice = Lattice(harness.write("timed.ini", session), *options)
        time.sleep(0.3)
        result = send(lattice)
        sound, facts = recorder.finish(seconds + 30)
        numbers = status(lattice.osc)
        lattice.stop()
        if facts["xruns"] == 0:
            break
        print(f"        ({facts['xruns']} xruns at {period}: recorded again)")
    return sound, facts, numbers, result


def check_pairs(period):
    """Two bundles 100 samples apart, under load, many times over."""
    n, gap = harness.asked.pairs, 0.025

    def send(lattice):
        osc = lattice.osc
        base = ntp(time.time() + 0.3)
        hundred = 100 * SECOND // RATE + 1
        for k in range(n):
            tag = base + round(k * gap * SECOND)
            osc.send_packet(value_bundle("a", (2 * k + 1) / 4096, tag))
            osc.send_packet(value_bundle("a", (2 * k + 2) / 4096,
                                         tag + hundred))
            ahead = k * gap - (time.time() - ntp_base(base)) - 0.2
            if ahead > 0:
                time.sleep(ahead)
        return None

    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for _ in range(2)]
    try:
        sound, facts, numbers, _ = record(
            period, n * gap + 3.0, send, loaded_session())
    finally:
        for child in busy:
            child.kill()
            child.wait()
    frames = frames_of(sound, 0, 2 * n, 1 / 4096)
    first, second = frames[0::2], frames[1::2]
    heard = (first > 0) & (second > 0)
    apart = (second - first)[heard]
    exact = int((apart == 100).sum())
    print(f"period {period}: {int(heard.sum())} of {n} pairs heard, {exact} "
          f"exactly 100 samples apart, {facts['xruns']} xruns, "
          f"{numbers['bundles_late']} late; others: {apart[apart != 100][:20]}")
    # A machine that holds the control thread up makes bundles late; both of a
    # pair may then share a frame.
    n_late = numbers["bundles_late"]
    if facts["xruns"] == 0:
        check(n - heard.sum() <= n_late,
              f"period {period}: every bundle that is not late is heard")
        check(n - exact <= n_late,
              f"period {period}: pairs that are not late are 100 samples apart")
        check(exact > n // 2, f"period {period}: most are not late")


def ntp_base(tag):
    return tag / SECOND - 2208988800


def check_tenths(period):
    """Tags 100 ms apart are 4800 frames apart within 2."""
    n = 60

    def send(lattice):
        base = ntp(time.time() + 0.3)
        for k in range(n):
            lattice.osc.send_packet(
                value_bundle("a", (k + 1) / 4096, base + k * SECOND // 10))
            time.sleep(0.1)

    sound, facts, numbers, _ = record(period, n * 0.1 + 2.0, send)
    apart = numpy.diff(frames_of(sound, 0, n, 1 / 4096))
    print(f"period {period}: tags 100 ms apart are {apart.min()} to "
          f"{apart.max()} frames apart, {numbers['bundles_late']} late")
    if facts["xruns"] == 0 and numbers["bundles_late"] == 0:
        check(abs(apart - 4800).max() <= 2,
              f"period {period}: tags 100 ms apart keep their distance")


def check_events(period):
    """Gates of short notes, 200 ms ahead: not one is lost."""
    n = 200
    session = SESSION.replace(
        "[node a]\ntype = constant", "[node a]\ntype = adsr\nattack = 0\n"
        "decay = 0\nsustain = 1\nrelease = 0")

    def send(lattice):
        base = time.time() + 0.3
        for k in range(n):
            on = ntp(base + k * 0.02)
            off = on + 40 * SECOND // RATE  # 40 frames: within a period
            for value, tag in ((1, on), (0, off)):
                lattice.osc.send_packet(bundle(
                    message("/node/a/gate", value), time_tag=tag))
            ahead = base + k * 0.02 - time.time() - 0.2
            if ahead > 0:
                time.sleep(ahead)

    sound, facts, numbers, _ = record(period, n * 0.02 + 2.0, send, session)
    is_high = sound[:, 0] > 0.5
    ups = int((numpy.diff(is_high.astype(int)) == 1).sum())
    print(f"period {period}: {ups} of {n} notes of 40 frames are heard, "
          f"{numbers['bundles_late']} late")
    if facts["xruns"] == 0:
        check(ups == n, f"period {period}: no note is lost")


def check_structure(period):
    """A bundle that makes nodes and cables is heard at its frame, too."""

    def send(lattice):
        osc = lattice.osc
        tag = ntp(time.time() + 0.5)
        osc.send_packet(value_bundle("b", 0.5, tag))
        osc.send_packet(bundle(
            message("/node/new", "constant", "c", "value", 0.25),
            message("/disconnect", "a", "main/in_1"),
            message("/connect", "c", "main/in_1"), time_tag=tag))
        answers = [osc.receive(2.0) for _ in range(2)]
        return answers

    sound, facts, numbers, answers = record(period, 3.0, send)
    check(answers == [("/done", ["/bundle", 1]), ("/done", ["/bundle", 3])],
          f"each is answered once: {answers}")
    begins = numpy.flatnonzero(sound[:, 0])
    at, _ = steps(sound[:, 1])
    print(f"period {period}: a node begins at {begins[:1]}, a value at {at}")
    if facts["xruns"] == 0 and numbers["bundles_late"] == 0:
        check(len(begins) > 0 and len(at) == 1 and
              0 <= begins[0] - at[0] <= 2,
              f"period {period}: plans and values take effect together")


BETWEEN = SESSION.replace(
    "[node b]\ntype = constant",
    "[node k]\ntype = constant\nvalue = 0.25\n\n"
    "[node b]\ntype = gain\ngain = 0").replace(
    "cable = b", "cable = k -> b\ncable = b")

# What makes the second channel sound, and what ends it.
EDITS = {
    "a bypass": ([message("/node/b/bypass", 1)],
                 [message("/node/b/bypass", 0)]),
    "a node and its cable": (
        [message("/node/new", "constant", "d", "value", 0.25),
         message("/connect", "d", "main/in_2")], [message("/node/free", "d")]),
    "a cable": ([message("/connect", "k", "main/in_2")],
                [message("/disconnect", "k", "main/in_2")]),
}


def check_between(period, what):
    """An edit is heard although a bundle with a plan is already on its way,
    which stays at its frame."""
    n, apart = 20, 0.22

    def send(lattice):
        base = time.time() + 0.1
        for k in range(n):
            when = base + k * apart
            lattice.osc.send_packet(bundle(
                message("/node/new", "constant", f"c{k}"),
                message("/node/a/value", (k + 1) / 4096), time_tag=ntp(when)))
            # It goes into the engine's hands 20 ms or more before its time.
            time.sleep(max(when - 0.07 - time.time(), 0.0))
            while status(lattice.osc)["bundles_waiting"] and time.time() < when:
                pass
            for edit in EDITS[what]:
                lattice.osc.send_packet(bundle(*edit))
                time.sleep(0.06)
            time.sleep(max(when + apart - 0.1 - time.time(), 0.0))

    sound, facts, numbers, _ = record(period, n * apart + 3.0, send, BETWEEN)
    ups = numpy.flatnonzero((sound[1:, 1] > 0) & (sound[:-1, 1] == 0)) + 1
    marks = frames_of(sound, 0, n, 1 / 4096)
    before = [int(mark - ups[ups < mark + RATE // 20][-1])
              for mark in marks if mark and (ups < mark + RATE // 20).any()]
    prompt = sum(0 < frames < RATE // 20 for frames in before)
    print(f"period {period}: {what} is heard so many frames before the "
          f"bundle that waits: {before}")
    if facts["xruns"] == 0 and numbers["bundles_late"] == 0:
        check(len(before) == n and prompt >= n - 3,
              f"period {period}: {prompt} of {n} do not wait for it")
        off = numpy.abs(numpy.diff(marks) - round(apart * RATE)).max()
        check(off <= 2, f"period {period}: it is at its frame, within {off}")


def check_process(period):
    """A node in a process hears a bundle at the same frame: a period later."""
    n = 40
    session = SESSION.replace("[node a]\ntype = constant",
                              "[node a]\ntype = constant\nprocess = own")

    def send(lattice):
        harness.wait_until(
            lambda: status(lattice.osc)["processes_playing"] == 1)
        time.sleep(0.5)
        base = ntp(time.time() + 0.3)
        for k in range(n):
            lattice.osc.send_packet(bundle(
                *(message(f"/node/{node}/value", (k + 1) / 4096)
                  for node in "ab"), time_tag=base + k * SECOND // 20))
            time.sleep(0.05)

    sound, facts, numbers, _ = record(period, n * 0.05 + 4.0, send, session)
    away, here = (frames_of(sound, c, n, 1 / 4096) for c in (0, 1))
    late = away - here
    exact = int((late == period).sum())
    print(f"period {period}: {exact} of {n} values of a process are exactly a "
          f"period late; others: {late[late != period][:20]}; "
          f"{numbers['process_missed']} missed")
    if facts["xruns"] == 0 and numbers["process_missed"] == 0 and \
            numbers["bundles_late"] == 0:
        check(exact == n, f"period {period}: so are all")


def check_strikes(period):
    """A sampler in a process strikes what one in the engine strikes: a period
    later, to the bit."""
    if not harness.write_kit():
        print("        (this build has no sampler)")
        return
    pick = random.Random(period)
    kind = "type = sampler\nsample = kit\npan = -1"
    session = SESSION.replace(
        "[node a]\ntype = constant", f"[node a]\n{kind}\nprocess = own").replace(
        "[node b]\ntype = constant", f"[node b]\n{kind}").replace(
        "cable = a", "cable = a/left").replace("cable = b", "cable = b/left")

    def send(lattice):
        harness.wait_until(
            lambda: status(lattice.osc)["processes_playing"] == 1)
        time.sleep(0.5)
        base = ntp(time.time() + 0.3)
        for k in range(40):
            event = ["n", pick.randrange(3)]
            for key, value in (("speed", pick.uniform(-3, 3)), ("cut", 1),
                               ("gain", pick.random()), ("begin", 0.25),
                               ("sustain", pick.random() / 20)):
                event += (key, value) if pick.random() < 0.5 else ()
            lattice.osc.send_packet(bundle(
                *(message("/dirt/play", "s", node, *event) for node in "ab"),
                time_tag=base + k * SECOND // 20))
            time.sleep(0.05)

    sound, facts, numbers, _ = record(period, 6.0, send, session,
                                      "--superdirt")
    begins = int((numpy.diff((sound[:, 1] != 0).astype(int)) == 1).sum())
    wrong = int((sound[period:, 0] != sound[:-period, 1]).sum())
    print(f"period {period}: {begins} sounds begin, {wrong} samples of the "
          f"process differ, {numbers['process_missed']} missed")
    check(numbers["dirt_played"] == 80 and begins > 10,
          f"period {period}: both samplers are struck")
    if facts["xruns"] == 0 and numbers["process_missed"] == 0 and \
            numbers["bundles_late"] == 0:
        check(wrong == 0, f"period {period}: all are at their frames")


def check_latency(period):
    """Faders are as quick with as without 50 bundles a second that wait."""
    n = 150

    def fader(osc, first, times):
        for k in range(first, first + n):
            osc.send("/node/b/value", (k + 1) / 4096)
            times.append(time.time())
            time.sleep(0.021)

    def send(lattice):
        times = []
        is_over = threading.Event()

        def traffic():
            with Osc(lattice.osc.address[1]) as other:
                k = 0
                while not is_over.wait(0.02):
                    k += 1
                    other.send_packet(value_bundle(
                        "a", k % 100 / 100, ntp(time.time() + 0.2)))

        quiet = []
        fader(lattice.osc, 0, quiet)
        thread = threading.Thread(target=traffic)
        thread.start()
        time.sleep(0.3)
        fader(lattice.osc, n, times)
        is_over.set()
        thread.join()
        return quiet, times

    sound, facts, _, (quiet, busy) = record(period, 9.0, send)
    frames = frames_of(sound, 1, 2 * n, 1 / 4096)
    result = []
    for first, sent in ((0, quiet), (n, busy)):
        heard = frames[first:first + n]
        late = heard / RATE - numpy.array(sent)
        result.append(1000 * late[heard > 0])
    floor = min(r.min() for r in result)
    for name, r in zip(("without", "with"), result):
        print(f"period {period}: fader {name} bundles: median "
              f"{numpy.median(r) - floor:.2f} ms, p99 "
              f"{numpy.percentile(r, 99) - floor:.2f} ms above the quickest")
    check(numpy.median(result[1]) - numpy.median(result[0]) <
          1000 * 4 * period / RATE + 5, "bundles that wait delay no fader")


def check_rules():
    """Late ones, /clearSched, the limit, and two senders out of order."""
    lattice = Lattice(harness.write("timed.ini", SESSION))
    osc = lattice.osc
    osc.send("/notify", 1)
    osc.drain()
    before = status(osc)["bundles_late"]
    osc.send_packet(value_bundle("a", 0.125, ntp(time.time() - 1.0)))
    found = [osc.receive(2.0) for _ in range(2)]
    check(("/done", ["/bundle", 1]) in found and ("/late", [1]) in found,
          f"a late bundle is done, and told: {found}")
    check(osc.ask("/node/a/value") == 0.125, "a late bundle is applied")
    check(status(osc)["bundles_late"] == before + 1, "and counted")
    osc.send("/notify", 0)
    osc.drain()

    far = ntp(time.time() + 60.0)
    osc.send_packet(value_bundle("a", 0.5, far))
    osc.sync()
    check(osc.ask("/node/a/value") == 0.125, "a bundle waits, /sync does not")
    check(status(osc)["bundles_waiting"] == 1, "it is counted")
    osc.send("/clearSched")
    found = osc.drain()
    check([p for p, _ in found] == ["/fail", "/done"] and
          found[0][1][0] == "/bundle" and "/clearSched" in found[0][1][1],
          f"/clearSched drops it: {found}")
    check(status(osc)["bundles_waiting"] == 0, "nothing waits then")

    for k in range(4096):
        osc.send_packet(value_bundle("a", 0.5, far + k))
        if k % 64 == 63:
            osc.ask("/ping")
    check(status(osc)["bundles_waiting"] == 4096, "4096 may wait")
    osc.send_packet(value_bundle("a", 0.5, far))
    found = osc.receive(2.0)
    check(found[0] == "/fail" and found[1][0] == "/bundle" and
          "4096 bundles" in found[1][1], f"the next is refused: {found}")
    osc.send("/clearSched")
    n = len([p for p, _ in osc.drain(0.3) if p == "/fail"])
    check(n == 4096, f"{n} senders are told")

    osc.send_packet(bundle(message("/node/new", "sine", "x"),
                           message("/node/nobody/freq", 1.0),
                           time_tag=ntp(time.time() + 0.2)))
    found = osc.receive(2.0)
    check(found[0] == "/fail" and found[1][2:] == [1, "/node/nobody/freq"],
          f"one wrong message: {found}")
    check(["x", "sine"] not in osc.list("/graph/nodes"), "nothing is done")

    with Osc(osc.address[1]) as other:
        now = time.time()
        osc.send_packet(value_bundle("a", 0.75, ntp(now + 0.3)))
        other.send_packet(value_bundle("a", 0.25, ntp(now + 0.2)))
        time.sleep(0.25)
        middle = osc.ask("/node/a/value")
        time.sleep(0.15)
        check((middle, osc.ask("/node/a/value")) == (0.25, 0.75),
              "tags of two senders are taken in their order")
    lattice.stop()


def test(_build):
    for period in (64, 1024):
        server = Jackd(period=period)
        check_pairs(period)
        check_tenths(period)
        check_events(period)
        check_structure(period)
        if period == 64:
            for what in EDITS:
                check_between(period, what)
        check_process(period)
        check_strikes(period)
        check_latency(period)
        if period == 64:
            check_rules()
        server.stop()


harness.main(test)
