// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "due.h"

#include <math.h>

#define RATE 48000

due_wide
due_floor(due_wide a, due_wide b)
{
    const due_wide q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static due_wide
position(const struct due_line *l, int64_t frame)
{
    const due_wide den = (due_wide)60000 * RATE * l->beats_m;
    const due_wide n = (due_wide)(frame - l->f0) * l->tempo_u;
    if (!l->is_playing) {
        return l->c0;
    }
    return l->c0 + ((n / den) << 64) + ((n % den) << 64) / den;
}

/// f0 + floor((t - c0) * frames per cycle + 1/2), not clamped to f0.  Numbers
/// of 256 bits would do it in a line; here t - c0 is cut into its whole part
/// and three that are below one: x / 2^64, y / q and the rest of each division.
int64_t
due_frame(const struct due *d, int64_t k)
{
    const struct due_line *l = &d->line;
    const due_wide den = (due_wide)60000 * RATE * l->beats_m; // below 2^44
    const due_wide num = l->tempo_u;
    due_wide p = 0;
    due_wide q = 1; // below 2^31
    d->place(d->events, k, &p, &q);
    // (p / q - c0) * den / num = (p * den / q - c0 * den) / num
    const due_wide a = p * den;
    const due_wide a_whole = due_floor(a, q);
    const due_wide a_rest = a - a_whole * q; // / q
    const due_wide c_whole = due_floor(l->c0, (due_wide)1 << 64);
    const due_wide c_low = l->c0 - (c_whole << 64);
    const due_wide b = c_low * den; // below 2^108
    const due_wide b_whole = c_whole * den + (b >> 64);
    const due_wide b_rest = b & (((due_wide)1 << 64) - 1); // / 2^64
    // whole + a_rest / q - b_rest / 2^64; floor((2 x + num) / (2 num)) needs
    // the floor of 2 x alone.
    const due_wide twice = due_floor((a_rest << 65) - 2 * b_rest * q, q << 64);
    const due_wide x2 = 2 * (a_whole - b_whole) + twice;
    return l->f0 + (int64_t)due_floor(x2 + num, 2 * num);
}

static void
to_first(struct due *d)
{
    int64_t k =
        (int64_t)due_floor(d->line.c0 * d->per_cycle, (due_wide)1 << 64) -
        d->slack;
    while (due_frame(d, k) < d->line.f0) {
        ++k;
    }
    d->next = k;
}

static void
new_line(struct due *d, int64_t frame)
{
    d->line.c0 = position(&d->line, frame);
    d->line.f0 = frame;
}

void
due_tempo(struct due *d, int64_t frame, double bpm)
{
    new_line(d, frame);
    d->line.tempo_u = (int64_t)(bpm * 1e6 + 0.5);
}

void
due_locate(struct due *d, int64_t frame, double cycle)
{
    const double whole = floor(cycle);
    d->line.c0 =
        ((due_wide)whole << 64) + (due_wide)(uint64_t)ldexp(cycle - whole, 64);
    d->line.f0 = frame;
    to_first(d);
}

void
due_play(struct due *d, int64_t frame, bool is_playing)
{
    const bool starts = is_playing && !d->line.is_playing;
    new_line(d, frame);
    d->line.is_playing = is_playing;
    if (starts) {
        const int64_t next = d->next;
        to_first(d);
        d->next = next > d->next ? next : d->next;
    }
}

bool
due_step(struct due *d, int64_t frame)
{
    bool comes = false;
    while (d->line.is_playing && due_frame(d, d->next) <= frame) {
        comes = true;
        ++d->next;
    }
    return comes;
}
