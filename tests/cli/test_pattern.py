#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`lattice pattern`: its command line, and its events against a slow reference
in fractions, on random patterns.

    python3 tests/cli/test_pattern.py [--build build/release] [unittest options]

Where shared/patterns is beside the project, all of its cases are tried too.
"""

import collections
import json
import math
import os
import random
import re
import shlex
import subprocess
import sys
from fractions import Fraction as F

import test_cli
from test_cli import ROOT

SHARED = [os.path.join(ROOT, up, "shared", "patterns")
          for up in ("..", os.path.join("..", ".."))]


# --- The reference ------------------------------------------------------------
#
# A pattern is a function from begin and end to events (whole, part, value), a
# span being a pair.  Everything is taken apart at cycles and put together again,
# as slowly as it comes.

def cycles(begin, end):
    """The pieces of a span, cycle by cycle."""
    while begin < end:
        to = min(end, F(math.floor(begin) + 1))
        yield math.floor(begin), begin, to
        begin = to


def silence(begin, end):
    return []


def pure(value):
    return lambda begin, end: [((F(c), F(c + 1)), (b, e), value)
                               for c, b, e in cycles(begin, end)]


def moved(events, to_outer):
    return [(tuple(map(to_outer, whole)), tuple(map(to_outer, part)), value)
            for whole, part, value in events]


def fast(factor, pattern):
    if factor == 0:
        return silence
    return lambda begin, end: moved(pattern(begin * factor, end * factor),
                                    lambda t: t / factor)


def late(by, pattern):
    return lambda begin, end: moved(pattern(begin - by, end - by),
                                    lambda t: t + by)


def stack(*patterns):
    return lambda begin, end: [e for p in patterns for e in p(begin, end)]


def sequence(*steps):
    """Steps are (weight, pattern)."""
    if len(steps) == 1:
        return steps[0][1]
    total = sum(F(weight) for weight, _ in steps)

    def query(begin, end):
        found = []
        for c, b, e in cycles(begin, end):
            at = F(c)
            for weight, pattern in steps:
                length = F(weight) / total
                first, last = max(b, at), min(e, at + length)
                if first < last:
                    found += moved(
                        pattern(c + (first - at) / length,
                                c + (last - at) / length),
                        lambda t, c=c, at=at, length=length:
                        at + (t - c) * length)
                at += length
        return found
    return query


def turns(*steps):
    return fast(1 / sum(F(weight) for weight, _ in steps), sequence(*steps))


def polymeter(rate, *layers):
    """Layers are (steps, pattern); the rate a number or a pattern."""
    rate = rate if callable(rate) else pure(rate)
    return stack(*[by(lambda v, p, n=n: fast(F(v) / n, p), rate, p)
                   for n, p in layers])


def by(change, arguments, pattern):
    """In each stretch, what `arguments` says there."""
    return lambda begin, end: [
        e for _, (b, to), value in arguments(begin, end)
        for e in change(value, pattern)(b, to)]


def cut(event, begin, end):
    whole, part, value = event
    part = max(part[0], begin), min(part[1], end)
    return [(whole, part, value)] if part[0] < part[1] else []


def rhythm(k, n):
    front, rest = [[1]] * abs(k), [[0]] * (n - abs(k))
    while len(rest) > 1 and front:
        m = min(len(front), len(rest))
        joined = [a + b for a, b in zip(front, rest)]
        rest = front[m:] + rest[m:]
        front = joined
    hits = [x for group in front + rest for x in group]
    return [1 - x for x in hits] if k < 0 else hits


def shaped(beats, pattern):
    """The values of a pattern in the shape of another."""
    return lambda begin, end: [
        (whole, p, value) for whole, part, is_on in beats(begin, end) if is_on
        for _, p, value in sum((cut(e, *part) for e in pattern(*whole)), [])]


def euclid(k, n, turn, pattern):
    if k == 0:
        return silence
    hits = rhythm(k, n)
    return shaped(sequence(*[(1, pure(hits[(i - turn) % n]))
                             for i in range(n)]), pattern)


def paired(pattern, second):
    def query(begin, end):
        found = []
        for event in pattern(begin, end):
            for _, part, value in second(*event[1]):
                for whole, p, first in cut(event, *part):
                    first = first if isinstance(first, list) else [first]
                    found.append((whole, p, first + [value]))
        return found
    return query


def rev(pattern):
    def query(begin, end):
        found = []
        for c, b, e in cycles(begin, end):
            around = 2 * c + 1
            for whole, part, value in pattern(around - e, around - b):
                found.append(((around - whole[1], around - whole[0]),
                              (around - part[1], around - part[0]), value))
        return found
    return query


def every(n, changed, pattern):
    return lambda begin, end: [
        x for c, b, e in cycles(begin, end)
        for x in (changed if c % n == 0 else pattern)(b, e)]


def ply(n, pattern):
    def query(begin, end):
        found = []
        for (b, e), part, value in pattern(begin, end):
            for i in range(n):
                whole = b + (e - b) * i / n, b + (e - b) * (i + 1) / n
                found += cut((whole, whole, value), *part)
        return found
    return query


def iterated(n, pattern):
    def query(begin, end):
        found = []
        for c, b, e in cycles(begin, end):
            back = c - c // n - F(c % n, n)
            found += moved(pattern(b - back, e - back),
                           lambda t, back=back: t + back)
        return found
    return query


def chunk(n, changed, pattern):
    def query(begin, end):
        found = []
        for c, b, e in cycles(begin, end):
            a, z = c + F(c % n, n), c + F(c % n + 1, n)
            for p, x, y in ((pattern, b, min(e, a)),
                            (changed, max(b, a), min(e, z)),
                            (pattern, max(b, z), e)):
                if x < y:
                    found += p(x, y)
        return found
    return query


def masked(beats, pattern):
    return lambda begin, end: [
        x for event in pattern(begin, end)
        for _, part, is_on in beats(*event[1]) if is_on
        for x in cut(event, *part)]


# --- Random patterns ----------------------------------------------------------

class Maker:
    """Random texts, each with its reference."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        text = self.random.choice(["1", "2", "3", "4", "5", "1.5", "0.5", "0"])
        return text, F(text)

    def factor(self):
        """A factor as text, and as a pattern of numbers."""
        if self.random.random() < 0.6:
            text, value = self.number()
            return text, value
        numbers = [self.number() for _ in range(self.random.randint(1, 3))]
        steps = [(1, pure(value)) for _, value in numbers]
        words = " ".join(text for text, _ in numbers)
        if self.random.random() < 0.5:
            return f"<{words}>", turns(*steps)
        return f"[{words}]", sequence(*steps)

    def word(self):
        text = self.random.choice(["a", "bd", "x-1", "7", "-2", "0.25", "c4",
                                   "größe", "~"])
        if text == "~":
            return text, silence
        try:
            return text, pure(float(text) if "." in text else int(text))
        except ValueError:
            return text, pure(text)

    def layer(self, depth):
        steps = [self.step(depth) for _ in range(self.random.randint(1, 4))]
        return (" ".join(text for text, _, _ in steps),
                [(weight, pattern) for _, weight, pattern in steps])

    def layers(self, depth):
        many = [self.layer(depth)
                for _ in range(self.random.choice([1, 1, 1, 2]))]
        return ", ".join(text for text, _ in many), [s for _, s in many]

    def term(self, depth):
        kind = self.random.random()
        if depth == 0 or kind < 0.3:
            return self.word()
        text, layers = self.layers(depth - 1)
        if kind < 0.55:
            return f"[{text}]", stack(*[sequence(*s) for s in layers])
        if kind < 0.8:
            return f"<{text}>", stack(*[turns(*s) for s in layers])
        sized = [(sum(F(w) for w, _ in s), sequence(*s)) for s in layers]
        if kind < 0.9:
            return f"{{{text}}}", polymeter(sized[0][0], *sized)
        factor, rate = self.factor()
        return f"{{{text}}}%{factor}", polymeter(rate, *sized)

    def operate(self, text, pattern):
        kind = self.random.random()
        if kind < 0.3:
            factor, value = self.factor()
            if callable(value):
                return f"{text}*{factor}", by(fast, value, pattern)
            return f"{text}*{factor}", fast(value, pattern)
        if kind < 0.5:
            factor, value = self.factor()
            slow = lambda v, p: fast(1 / F(v) if v else 0, p)
            if callable(value):
                return f"{text}/{factor}", by(slow, value, pattern)
            return f"{text}/{factor}", slow(value, pattern)
        if kind < 0.8:
            n = self.random.randint(1, 13)
            k = self.random.randint(-n, n)
            turn = self.random.randint(-3, 9)
            if self.random.random() < 0.5:
                return f"{text}({k},{n})", euclid(k, n, 0, pattern)
            return f"{text}({k},{n},{turn})", euclid(k, n, turn, pattern)
        if kind < 0.9 and ":" not in text:
            n = self.random.randint(1, 9)
            return f"{text}:{n}", paired(pattern, pure(n))
        return text, pattern

    def step(self, depth):
        text, pattern = self.term(depth)
        for _ in range(self.random.choice([0, 0, 1, 1, 2])):
            text, pattern = self.operate(text, pattern)
        kind = self.random.random()
        if kind < 0.1:
            n = self.random.randint(2, 4)
            return f"{text}!{n}", n, sequence(*[(1, pattern)] * n)
        if kind < 0.2:
            weight = self.random.choice(["2", "3", "0.5", "1.25"])
            return f"{text}@{weight}", F(weight), pattern
        if kind < 0.3:
            return f"{text} _", 2, pattern
        return text, 1, pattern

    def pattern(self):
        text, layers = self.layers(2)
        return text, stack(*[sequence(*s) for s in layers])

    def transform(self, pattern, depth=1):
        kind = self.random.choice(
            ["fast", "slow", "early", "late", "rev", "palindrome", "iter",
             "ply", "euclid", "mask", "struct"] +
            ["every", "chunk", "off"] * (depth > 0))
        n = self.random.randint(1, 5)
        if kind in ("fast", "slow"):
            return f"{kind} {n}/3", fast(F(n, 3) if kind == "fast"
                                         else F(3, n), pattern)
        if kind in ("early", "late"):
            return f"{kind} {n}/8", late(F(n if kind == "late" else -n, 8),
                                         pattern)
        if kind == "rev":
            return kind, rev(pattern)
        if kind == "palindrome":
            return kind, every(2, pattern, rev(pattern))
        if kind == "iter":
            return f"iter {n}", iterated(n, pattern)
        if kind == "ply":
            return f"ply {n}", ply(n, pattern)
        if kind == "euclid":
            return f"euclid {n} 8 1", euclid(n, 8, 1, pattern)
        beats = sequence((1, pure(1)), (1, silence), (2, pure(1)), (1, pure(0)))
        if kind == "mask":
            return 'mask "1 ~ 1@2 0"', masked(beats, pattern)
        if kind == "struct":
            return 'struct "x ~ x@2 f"', shaped(beats, pattern)
        inner = late(F(n, 16), pattern) if kind == "off" else pattern
        text, changed = self.transform(inner, depth - 1)
        if kind == "every":
            return f"every {n} ({text})", every(n, changed, pattern)
        if kind == "chunk":
            return f"chunk {n} {text}", chunk(n, changed, pattern)
        return f"off {n}/16 ({text})", stack(pattern, changed)


# --- Comparing ----------------------------------------------------------------

def written(span):
    return [f"{F(t).numerator}/{F(t).denominator}" for t in span]


def as_key(whole, part, value):
    return json.dumps([whole, part, value])


def counted(events):
    return collections.Counter(
        as_key(e["whole"], e["part"], e["value"]) for e in events)


def sounding(events):
    return collections.Counter(
        as_key(e["whole"], None, e["value"]) for e in events
        if e["whole"][0] == e["part"][0])


# The same sounds on both sides: "|" in place of "==".
EQUAL = """
a b | [a b]
a*3 b | [a a a] b
[a b]*2 | a b a b
a [b c]*2 | a [b c b c]
a _ _ b | a@3 b
a ! ! b | a a a b
a!3 b!2 | a a a b b
[a b]!2 c | [a b] [a b] c
a . b c . d e f | a [b c] [d e f]
a@3 b | a@1.5 b@0.5
<a b>!2 c | <a b> <a b> c
<a b c>*2 | <[a b] [c a] [b c]>
<a b>/2 | <a@2 b@2>
<a <b c>> | <a b a c>
{a b c}%4 | <[a b c a] [b c a b] [c a b c]>
{a b, c d e} | a b, <[c d] [e c] [d e]>
{a b c}%1 | <a b c>
x(3,8) | x ~ ~ x ~ ~ x ~
x(3,8,2) | x ~ x ~ ~ x ~ ~
x(-3,8) | ~ x x ~ x x ~ x
x(<3 5>,8) | <x(3,8) x(5,8)>
[a b](3,8) | a ~ ~ a ~ ~ b ~
0 .. 3 | [0 1 2 3]
3 .. 1 7 | [3 2 1] 7
[bd sd]:3 | bd:3 sd:3
bd:<1 2> | <bd:1 bd:2>
[0 1 2]/3 | <0 1 2>
"""

RHYTHMS = {(2, 5): "x.x..", (3, 4): "xxx.", (3, 7): "x.x.x..",
           (3, 8): "x..x..x.", (4, 12): "x..x..x..x..", (5, 8): "x.xx.xx.",
           (5, 12): "x..x.x..x.x.", (7, 12): "x.xx.x.xx.x.",
           (5, 16): "x..x..x..x..x...", (9, 16): "x.xx.x.x.xx.x.x.",
           (-3, 8): ".xx.xx.x"}

# Text, and the column in which it is wrong.
MALFORMED = [
    ("", 1), (" \t", 1), ("[", 2), ("]", 1), ("[]", 2), ("<>", 2), ("{}", 2),
    ("a]", 2), ("[a>", 3), ("a b)", 4), ("a*", 3), ("a* 2*", 6), ("a/", 3),
    ("a*/2", 3), ("a@", 3), ("a@0", 1), ("a@x", 3), ("a!0", 3), ("a!1.5", 3),
    ("a?2", 3), ("a(3", 4), ("a(3,", 5), ("a(3,8", 6), ("a()", 3),
    ("a(x,8)", 3), ("a(3.5,8)", 3), ("_ a", 1), ("! a", 1), (". a", 1),
    ("a .", 4), ("a . . b", 5), (", a", 1), ("a ,", 4), ("a | b, c", 6),
    ("a . b | c", 7), ("<a . b>", 4), ("{a | b}", 4), ("a %3", 3), ("%", 1),
    ("a .. b", 1), ("1 .. b", 6), ("a;b", 2), ("ä ö =", 5), ("a\x07", 2), ("a\x7f", 2),
    ("\u00a0\u200b", 2), ("a*-1", 3), ("12345678901234567", 1),
    ("a*1000001", 3), ("[" * 101 + "a" + "]" * 101, 101), ('a "b"', 3),
    ("a " * 40000, 1), ("[[a*9999]*9999]*9999", 1),
]

MALFORMED_WITH = [
    ("fast", 5), ("fast x", 6), ("fst 2", 1), ("rev 2", 5), ("every 4", 8),
    ("every 0 rev", 7), ("every 4 (rev", 13), ("rev | ", 7), ("ply 65", 5),
    ("range 1", 8), ("swing 0.5 3.5", 11), ("euclid 3", 9), ("struct", 7),
    ('struct "x', 10), ("nudge 2", 7), ("degradeBy 2", 11), ("rev)", 4),
    ("fast 2 rev", 8), ("every 4 " * 200 + "rev", 809),
]


class Case(test_cli.Case):
    def run_pattern(self, text, *options):
        return self.lattice("pattern", *options, "--", text)

    def events(self, text, n=1, *options):
        result = self.run_pattern(text, "--cycles", str(n), *options)
        self.assertEqual(result.returncode, 0, (text, options, result.stderr))
        return [json.loads(line) for line in result.stdout.splitlines()]

    def refusal(self, *args):
        result = self.lattice("pattern", *args)
        self.assertEqual((result.returncode, result.stdout), (1, b""), args)
        return result.stderr.decode(errors="replace")



class Pattern(Case):
    def test_prints_an_event_a_line(self):
        result = self.run_pattern("bd:3 [1.50 -2]/2")
        self.assertEqual(result.stdout.decode().splitlines(), [
            '{"whole":["0/1","1/2"],"part":["0/1","1/2"],"value":["bd",3]}',
            '{"whole":["1/2","1/1"],"part":["1/2","1/1"],"value":1.5}'])

    def test_takes_its_text_as_it_is(self):
        for args, value in [(["-h"], "-h"), (["-2"], -2),
                            (["--cycles=2"], "--cycles=2"),
                            (["--version"], "--version"),
                            (["--cycles", "1", "x"], "x"),
                            (["x", "--cycles", "1"], "x"),
                            (["--", "--draw"], "--draw"),
                            (["--from", "7", "--seed", "me", "a"], "a"),
                            (["--with", "rev", "--", "--help"], "--help")]:
            result = self.lattice("pattern", *args)
            if value in ("--cycles=2",):
                self.assertEqual(result.returncode, 1, args)
                self.assertIn(b"column 9", result.stderr)
                continue
            self.assertEqual(result.returncode, 0, (args, result.stderr))
            self.assertEqual(json.loads(result.stdout)["value"], value, args)
        own = self.works("pattern", "--help")
        self.assertTrue(own.startswith("Usage: lattice pattern"))
        self.assertEqual(self.works("help", "pattern"), own)
        self.assertIn("\n  pattern TEXT ", self.works("--help"))
        for wrong in ([], ["a", "b"], ["--cycles"], ["--cycles", "0", "a"],
                      ["--cycles", "x", "a"], ["--from", "1.5", "a"]):
            self.assertEqual(self.lattice("pattern", *wrong).returncode, 2,
                             wrong)

    def test_says_where_a_text_is_wrong(self):
        for text, column in MALFORMED:
            lines = self.refusal("--", text).splitlines()
            self.assertTrue(
                lines[0].startswith(f"lattice: column {column}: ") or
                column == 1 and "too much" in lines[0], (text[:40], lines[0]))
            if column > 1 and len(text) < 60:
                self.assertEqual(lines[2].index("^"), column + 1, lines)
        for text, column in MALFORMED_WITH:
            lines = self.refusal("--with", text, "a").splitlines()
            self.assertIn(f"--with, column {column}: ", lines[0], text[:40])
        for text in (b"\x80", b"a \xc0\xaf", b"\xed\xa0\x80", b"a\xff"):
            self.assertIn("UTF-8", self.refusal(text))

    def test_nests_as_deep_as_it_says(self):
        for open_, close in ("[]", "<>", "{}"):
            text = open_ * 100 + "a b" + close * 100
            self.assertEqual(len(self.events(text)), 1 if open_ == "<" else 2)
        for text in ("a" + "?0" * 399, "a" + "*<1>" * 198,
                     "a" + "(<1>,<1>,<0>)" * 56):
            result = subprocess.run(
                ["bash", "-c", 'ulimit -s 400; exec "$0" pattern -- "$1"',
                 test_cli.PROGRAM, text], capture_output=True, check=False)
            self.assertEqual(result.returncode, 0, text)
        self.assertIn("too deep", self.refusal("a" + "?0" * 400))
        self.assertIn("too deep",
                      self.refusal("a" + "?0" * 300, "--with",
                                   " | ".join(["rev"] * 101)))
        text = "".join(f"x{i} [" for i in range(60)) + "z" + "]" * 60
        self.assertEqual(len(self.events(text)), 61)

    def test_equal_texts_sound_the_same(self):
        for line in EQUAL.strip().splitlines():
            left, right = line.split(" | ")
            self.assertEqual(sounding(self.events(left, 12)),
                             sounding(self.events(right, 12)), line)

    def test_euclidean_rhythms(self):
        for (k, n), rhythm_ in RHYTHMS.items():
            at = {F(e["whole"][0]) * n for e in self.events(f"x({k},{n})")}
            self.assertEqual(
                "".join("x" if i in at else "." for i in range(n)), rhythm_)
        for n in range(1, 40):
            for k in range(-n, n + 1):
                at = {F(e["whole"][0]) * n
                      for e in self.events(f"x({k},{n})")} if n % 7 == 5 else \
                    None
                if at is not None:
                    self.assertEqual([i in at for i in range(n)],
                                     [bool(x and k) for x in rhythm(k, n)],
                                     (k, n))

    def compare(self, text, pattern, from_, n, *options):
        got = counted(self.events(text, n, "--from", str(from_), *options))
        want = collections.Counter(
            as_key(written(whole), written(part), value)
            for c in range(from_, from_ + n)
            for whole, part, value in pattern(F(c), F(c + 1)))
        self.assertEqual(got, want, (text, options))

    def test_random_patterns_are_those_of_the_reference(self):
        for seed in range(120):
            maker = Maker(seed)
            text, pattern = maker.pattern()
            self.compare(text, pattern,
                         maker.random.choice([0, 0, 5, 1000, 10 ** 9]), 4)

    def test_random_transforms_are_those_of_the_reference(self):
        for seed in range(120):
            maker = Maker(1000 + seed)
            text, pattern = maker.pattern()
            names = []
            for _ in range(maker.random.randint(1, 2)):
                name, pattern = maker.transform(pattern)
                names.append(name)
            self.compare(text, pattern, maker.random.choice([0, 3, 10 ** 6]),
                         3, "--with", " | ".join(names))

    def test_far_cycles_cost_what_near_ones_cost(self):
        far = self.events("<a b>/997 c", 3, "--from", "1000000000")
        pattern = sequence((1, fast(F(1, 997), turns((1, pure("a")),
                                                     (1, pure("b"))))),
                           (1, pure("c")))
        want = collections.Counter(
            as_key(written(w), written(p), v) for c in range(10 ** 9,
                                                             10 ** 9 + 3)
            for w, p, v in pattern(F(c), F(c + 1)))
        self.assertEqual(counted(far), want)
        self.assertEqual(len(self.events("a " * 10000)), 10000)

    def test_random_is_the_same_on_every_run_and_seed(self):
        texts = ["hh*64?", "[a|b|c|d]*32", "a?0.3!40", "[a, b]*64?"]
        for text in texts:
            one = self.events(text, 4)
            self.assertEqual(one, self.events(text, 4))
            self.assertEqual(one[-3:], self.events(text, 1, "--from", "3")[-3:])
            self.assertNotEqual(one, self.events(text, 4, "--seed", "other"))
        kept = len(self.events("hh*1000?0.2", 4))
        self.assertTrue(3000 < kept < 3400, kept)
        # Layers and copies are dropped each for itself.
        layers = collections.Counter(
            e["whole"][0] for e in self.events("[a, b]*100?", 4))
        self.assertIn(1, layers.values())
        self.assertIn(2, layers.values())
        self.assertTrue(0 < len(self.events("a?!40")) < 40)

    def test_sometimes_changes_what_it_takes_out(self):
        plain = self.events("0*64", 4)
        for with_ in ("sometimes (add 1)", "sometimes rev"):
            self.assertEqual(len(self.events("0*64", 4, "--with", with_)),
                             len(plain))
        changed = sum(e["value"] for e in
                      self.events("0*64", 4, "--with", "sometimes (add 1)"))
        self.assertTrue(90 < changed < 166, changed)

    def test_values_and_times_of_the_other_transforms(self):
        def heard(text, with_):
            return [(e["whole"][0], e["value"])
                    for e in self.events(text, 1, "--with", with_)
                    if e["whole"][0] == e["part"][0]]
        self.assertEqual(heard("0 0.5 1", "range 2 6"),
                         [("0/1", 2), ("1/3", 4), ("2/3", 6)])
        self.assertEqual(heard("0 c4 c3 x", "add <12 0>"),
                         [("0/1", 12), ("1/4", 12), ("1/2", 0), ("3/4", "x")])
        self.assertEqual(heard("a*4", "swing 0.5 4"),
                         [("0/1", "a"), ("5/16", "a"), ("1/2", "a"),
                          ("13/16", "a")])
        self.assertEqual(heard("a*4", 'nudge "0 0.125 -0.125 0"'),
                         [("0/1", "a"), ("3/8", "a"), ("3/8", "a"),
                          ("3/4", "a")])
        self.assertEqual(heard("a b", " "), [("0/1", "a"), ("1/2", "b")])

    def test_draws(self):
        result = self.run_pattern("c3 [eb3, g3]/2 größe", "--draw",
                                  "--cycles", "2")
        lines = result.stdout.decode().splitlines()
        self.assertEqual([x for x in lines if x[0] != " "],
                         ["0         0              1/4             1/2        "
                          "     3/4", "1         0              1/4           "
                          "  1/2             3/4"])
        self.assertTrue(any("|größe---" in line for line in lines))
        self.assertTrue(any("-----" in line and "|eb3" not in line
                            for line in lines[4:]))

    def test_the_manual_shows_what_is_printed(self):
        with open(os.path.join(ROOT, "docs/patterns.md")) as f:
            blocks = re.findall(r"^    \$ lattice (pattern .*)\n((?:    .*\n)*)",
                                f.read(), re.M)
        self.assertGreater(len(blocks), 20)
        for command, output in blocks:
            lines = self.works(*shlex.split(command)).splitlines()
            self.assertEqual([line.rstrip() for line in lines],
                             [line[4:] for line in output.splitlines()],
                             command)

    def test_times_that_do_not_fit_are_told(self):
        text = "a"
        for n in range(3, 100, 2):
            text = f"[{text}]@{n}.000000001 b"
            if len(text) > 1000:
                break
        result = self.run_pattern(text)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"simpler", result.stderr)


SESSION = """[session]
format = 1

[node melody]
type = pattern
pattern = %s
with = struct "x ~ x x" | every 2 (rev | add 12)

[node main]
type = audio_out
channels = 1
limit = off

[cables]
cable = melody/value -> main
"""


class Sessions(Case):
    def test_a_line_is_a_pattern(self):
        for text in ("c3 eb3 <g3 bb3>*2", "c3\\x20eb3 \\\n  <g3 bb3>*2",
                     "{c4 d4}%3 , ~ e | f", "c3 ; a comment"):
            self.write("song.ini", SESSION % text.replace("\\\n", "\n"))
            if "|" in text:
                line = self.fails(1, "check", "song.ini")
                self.assertRegex(line, r"song\.ini:6: .*column 17: ")
                continue
            self.assertIn("fine", self.works("check", "song.ini"))

    def test_a_word_that_is_no_note_is_refused_with_its_place(self):
        self.write("song.ini", SESSION % "c3 [eb3 kick]")
        line = self.fails(1, "check", "song.ini")
        self.assertRegex(line, r"song\.ini:6: .*column 9: 'kick'")

    def test_what_is_rendered_is_what_is_printed(self):
        text = "c3 eb3 <g3 bb3>*2"
        self.write("song.ini", SESSION % text)
        self.works("render", "song.ini", "song.wav", "--seconds", "4")
        with open(self.path("song.wav"), "rb") as f:
            sound = test_cli.Wav(f.read()).channels[0]
        notes = {"c3": -12, "eb3": -9, "g3": -5, "bb3": -2}
        with_ = 'struct "x ~ x x" | every 2 (rev | add 12)'
        for e in self.events(text, 2, "--with", with_):
            at = F(e["whole"][0])
            if at.denominator > 0 and e["whole"][0] == e["part"][0]:
                value = e["value"]
                self.assertEqual(sound[int(at * 96000) + 10],
                                 notes.get(value, value), e)


def shared_folder():
    return next((f for f in SHARED if os.path.isdir(f)), None)


class Shared(Case):
    """The cases beside the project."""

    def setUp(self):
        super().setUp()
        if not shared_folder():
            self.skipTest("no shared/patterns beside the project")

    def test_open(self):
        with open(os.path.join(shared_folder(), "open.jsonl")) as f:
            cases = [json.loads(line) for line in f]
        for case in cases:
            events = self.events(case["pattern"], case["cycles"])
            got = counted(events)
            if case.get("random") == "choice":
                for c in range(case["cycles"]):
                    here = self.in_cycle(events, c)
                    self.assertIn(here, [self.in_cycle(a["events"], c)
                                         for a in case["alternatives"]])
            elif case.get("random"):
                self.assertFalse(got - counted(case["events"]), case["id"])
            else:
                self.assertEqual(got, counted(case["events"]), case["pattern"])

    @staticmethod
    def in_cycle(events, c):
        return counted(e for e in events
                       if math.floor(F(e["part"][0])) == c)

    def test_malformed(self):
        with open(os.path.join(shared_folder(), "malformed-open.txt"),
                  "rb") as f:
            lines = [line.strip()[1:-1] for line in f]
        plain = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
        for line in lines:
            text = re.sub(
                rb"\\(x..|.)", lambda m: bytes([int(m[1][1:], 16)])
                if m[1][:1] == b"x" else plain.get(m[1], m[1]), line)
            if b"\0" not in text: # which no command line can say
                self.assertIn("column", self.refusal("--", text))


if __name__ == "__main__":
    sys.exit(test_cli.main())
