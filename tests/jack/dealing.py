# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain model of who gets a voice, as nodes/dealer.h has the rule."""

MIDDLE_C = 60
NOTES = 0  # the holder of commands; channels of MIDI are 1 to 16
SUSTAIN, SOSTENUTO, RESET, LOCAL = 64, 66, 121, 122
ALL_SOUND_OFF, POLY = 120, 127


class Voice:
    def __init__(self):
        self.key = self.velocity = 0
        self.struck = self.let_go = 0
        self.edges, self.triggers = [], []  # frames
        self.said = [(-1, 0, 0)]  # frame, key from middle C, velocity


class Model:
    """Who has which voice, by the rule, and what the voices say."""

    def __init__(self, n_voices):
        self.voices = [Voice() for _ in range(n_voices)]
        self.held = []  # [holder, key, voice, is down, is kept], as struck
        self.sustain, self.sostenuto = set(), set()
        self.count, self.frame = 0, 0

    def edge(self, v):
        last = v.edges[-1] if v.edges else -1
        v.edges.append(max(self.frame, last + 1))

    def grip(self, v):
        # 0: free; 1: only a pedal holds it; 2: a key that is down does.
        of = [note for note in self.held if note[2] is v]
        return 2 if any(note[3] for note in of) else 1 if of else 0

    def choose(self):
        def order(v):
            grip = self.grip(v)
            return (grip, v.struck if grip else v.let_go, self.voices.index(v))
        return min(self.voices, key=order)

    def strike(self, holder, key, velocity):
        same = [n for n in self.held if n[:2] == [holder, key]]
        v = same[0][2] if same else self.choose()
        gone = [n for n in self.held if n[2] is v]
        self.held = [n for n in self.held if n[2] is not v]
        self.held.append([holder, key, v, True, bool(same and same[0][4])])
        self.count += 1
        v.struck = self.count
        for _ in range(2 if gone else 1):
            self.edge(v)
        v.triggers.append(self.frame)
        v.said.append((self.frame, key - MIDDLE_C, velocity))

    def drop(self, is_over):
        for note in [n for n in self.held if is_over(n)]:
            self.held.remove(note)
            self.count += 1
            note[2].let_go = self.count
            self.edge(note[2])

    def drop_free(self):
        self.drop(lambda n: not (n[3] or n[4] or n[0] in self.sustain))

    def let_go(self, holder, key):
        for note in self.held:
            if note[:2] == [holder, key]:
                note[3] = False
        self.drop_free()

    def release(self, holders):
        self.sustain -= holders
        self.sostenuto -= holders
        self.drop(lambda n: n[0] in holders)

    def pedal(self, control, holder, is_down):
        pedals = self.sustain if control == SUSTAIN else self.sostenuto
        if control == SOSTENUTO and is_down != (holder in pedals):
            for note in self.held:
                if note[0] == holder:
                    note[4] = is_down and note[3]
        (pedals.add if is_down else pedals.discard)(holder)
        self.drop_free()

    def hear(self, frame, data):
        self.frame = frame
        status, one, two = (*data, 0)[:3]
        holder = (status & 15) + 1
        if status & 0xf0 == 0x90 and two:
            self.strike(holder, one, two)
        elif status & 0xf0 in (0x80, 0x90):
            self.let_go(holder, one)
        elif status & 0xf0 != 0xb0:
            return
        elif one in (SUSTAIN, SOSTENUTO):
            self.pedal(one, holder, two >= 64)
        elif one == RESET:
            self.pedal(SOSTENUTO, holder, False)
            self.pedal(SUSTAIN, holder, False)
        elif one != LOCAL and one >= ALL_SOUND_OFF:
            self.release({holder})

    def play(self, frame, key, velocity):
        self.frame = frame
        if velocity:
            self.strike(NOTES, key, velocity)
        else:
            self.let_go(NOTES, key)
