// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "midi_sync.h"

#include <math.h>
#include <string.h>

enum {
    POSITION = 0xf2,
    CLOCK = 0xf8,
    START = 0xfa,
    CONTINUE = 0xfb,
    STOP = 0xfc,
};

#define CLOCKS_A_BEAT      24
#define CLOCKS_A_SIXTEENTH 6

/// What is off the line by this part of a clock begins another.
#define OFF_THE_LINE 0.75

/// Without a clock for this long, and for that many clocks, it is gone.
#define GONE_SECONDS 0.5
#define GONE_CLOCKS  4.0

/// From these many clocks on the mean over all of them says how far two
/// crystals are apart, unless the tempo has moved by more than this part.
#define LONG_CLOCKS 240U
#define LONG_MOVES  0.003

/// Tempi are thought to be meant as tenths of a beat per minute.
#define NOMINAL 10.0

LAT_RT void
lat_midi_sync_set(struct lat_midi_sync *s, bool is_on)
{
    if (s->is_on == is_on) {
        return;
    }
    // Others may be reading what it tells.
    memset(s, 0, offsetof(struct lat_midi_sync, is_coming));
    s->is_on = is_on;
    atomic_store_explicit(&s->is_coming, false, memory_order_relaxed);
    atomic_store_explicit(&s->ppm, 0.0F, memory_order_relaxed);
    atomic_store_explicit(&s->jitter_us, 0.0F, memory_order_relaxed);
}

LAT_RT bool
lat_midi_sync_hears(const struct lat_midi_event *event)
{
    switch (event->data[0]) {
    case CLOCK:
    case START:
    case CONTINUE:
    case STOP:
        return event->size == 1;
    case POSITION:
        return event->size == 3;
    default:
        return false;
    }
}

static double
cycles_of(const struct lat_transport *t, double clocks)
{
    return clocks / (CLOCKS_A_BEAT * t->beats_per_cycle);
}

static double
tempo_of(const struct lat_transport *t, double period)
{
    return 60.0 * t->rate / (CLOCKS_A_BEAT * period);
}

static void
begin_line(struct lat_midi_sync *s)
{
    s->n = s->at = s->n_long = 0;
}

/// What a straight line through the clocks says.
struct line {
    double period; ///< frames
    double now;    ///< when the last one should have been
    double rms;    ///< what they are off it, frames
};

static double
arrival(const struct lat_midi_sync *s, uint32_t i)
{
    return s->frames[(s->at + LAT_MIDI_SYNC_CLOCKS - s->n + i) %
                     LAT_MIDI_SYNC_CLOCKS];
}

/// Least squares, of two clocks at least.
static struct line
fit(const struct lat_midi_sync *s)
{
    const double n = s->n;
    const double middle = (n - 1.0) / 2.0;
    double mean = 0.0;
    double slope = 0.0;
    double squares = 0.0;
    for (uint32_t i = 0; i < s->n; ++i) {
        mean += (arrival(s, i) - arrival(s, 0)) / n;
    }
    mean += arrival(s, 0);
    for (uint32_t i = 0; i < s->n; ++i) {
        slope += ((double)i - middle) * (arrival(s, i) - mean);
    }
    slope /= n * (n * n - 1.0) / 12.0;
    for (uint32_t i = 0; i < s->n; ++i) {
        const double off = arrival(s, i) - mean - slope * ((double)i - middle);
        squares += off * off;
    }
    return (struct line){slope, mean + slope * middle, sqrt(squares / n)};
}

/// How far two crystals are apart, by the mean over a longer time.
static void
measure(struct lat_midi_sync *s, const struct lat_transport *t,
        const struct line *line)
{
    if (s->n < LAT_MIDI_SYNC_CLOCKS) {
        s->n_long = 0;
        return;
    }
    if (!s->n_long++) {
        s->long_begin = line->now;
        return;
    }
    const double period = (line->now - s->long_begin) / (s->n_long - 1);
    if (s->n_long < LONG_CLOCKS) {
        return;
    }
    if (fabs(line->period / period - 1.0) > LONG_MOVES) {
        s->n_long = 0;
        return;
    }
    const double bpm = tempo_of(t, period);
    const double meant = round(bpm * NOMINAL) / NOMINAL;
    atomic_store_explicit(&s->ppm, (float)((bpm / meant - 1.0) * 1e6),
                          memory_order_relaxed);
}

/// A clock at @p frame. @return where it should have been.
static double
take_clock(struct lat_midi_sync *s, const struct lat_transport *t,
           uint64_t frame)
{
    const double now = (double)frame;
    if (s->n >= 2) {
        const struct line before = fit(s);
        if (fabs(now - before.now - before.period) >
            OFF_THE_LINE * before.period) {
            // Of the last interval more is right than of those before.
            const double last = arrival(s, s->n - 1);
            begin_line(s);
            s->frames[s->at++] = last;
            s->n = 1;
        }
    }
    s->frames[s->at] = now;
    s->at = (s->at + 1) % LAT_MIDI_SYNC_CLOCKS;
    s->n += s->n < LAT_MIDI_SYNC_CLOCKS;
    s->last = frame;
    atomic_store_explicit(&s->is_coming, true, memory_order_relaxed);
    if (s->n < 2) {
        return now;
    }
    const struct line line = fit(s);
    if (!(line.period > 0.0)) { // two at once
        begin_line(s);
        return now;
    }
    s->period = line.period;
    measure(s, t, &line);
    atomic_store_explicit(&s->jitter_us, (float)(line.rms / t->rate * 1e6),
                          memory_order_relaxed);
    return line.now;
}

/// Move the transport to where clock @p clock, which came at @p frame and was
/// meant for @p meant, says.
static void
move_to(struct lat_midi_sync *s, struct lat_transport *t, uint64_t frame,
        int64_t clock, double meant)
{
    const double period = s->period > 0.0
                              ? s->period
                              : 60.0 * t->rate / (CLOCKS_A_BEAT * t->tempo_bpm);
    const struct lat_cycle exact =
        lat_cycle_from_double(cycles_of(t, (double)clock));
    const struct lat_cycle place = lat_cycle_from_double(
        cycles_of(t, (double)clock + ((double)frame - meant) / period));
    const double off = lat_cycle_to_double(place) -
                       lat_cycle_to_double(lat_transport_at(t, frame));
    const bool begins = !t->is_playing;
    const bool is_far = s->jumps || fabs(off) > cycles_of(t, CLOCKS_A_BEAT);
    s->jumps = false;
    if (begins) {
        lat_transport_play(t, frame, true);
    }
    if (is_far) {
        lat_transport_locate(t, frame, exact);
    } else {
        // What lies at the clock where it begins is played, late as it may be.
        lat_transport_nudge(t, frame, begins ? exact : place);
    }
}

static void
hear_clock(struct lat_midi_sync *s, struct lat_transport *t, uint64_t frame)
{
    const double meant = take_clock(s, t, frame);
    const double bpm = s->period > 0.0 ? tempo_of(t, s->period) : 0.0;
    if (bpm >= LAT_TEMPO_MIN && bpm <= LAT_TEMPO_MAX) {
        lat_transport_set_tempo(t, frame, bpm);
    }
    if (!s->waits && !(s->is_ruled ? s->is_running : t->is_playing)) {
        return;
    }
    if (!s->has_place) {
        const struct lat_cycle now = lat_transport_at(t, frame);
        s->next = (int64_t)llround(lat_cycle_to_double(now) * CLOCKS_A_BEAT *
                                   t->beats_per_cycle);
        s->has_place = true;
    }
    s->waits = false;
    move_to(s, t, frame, s->next, meant);
    ++s->next;
}

static void
locate_to(struct lat_midi_sync *s, struct lat_transport *t, uint64_t frame,
          int64_t clock_number)
{
    s->next = clock_number;
    s->has_place = true;
    s->jumps = t->is_playing;
    if (!t->is_playing) {
        lat_transport_locate(
            t, frame,
            lat_cycle_from_double(cycles_of(t, (double)clock_number)));
    }
}

LAT_RT void
lat_midi_sync_take(struct lat_midi_sync *s, struct lat_transport *t,
                   uint64_t frame, const struct lat_midi_event *event)
{
    const uint8_t *data = event->data;
    switch (data[0]) {
    case CLOCK:
        hear_clock(s, t, frame);
        break;
    case START:
        locate_to(s, t, frame, 0);
        s->waits = s->is_ruled = s->is_running = true;
        break;
    case CONTINUE:
        s->waits = s->is_ruled = s->is_running = true;
        break;
    case POSITION:
        locate_to(s, t, frame,
                  (int64_t)(data[1] + 128U * data[2]) * CLOCKS_A_SIXTEENTH);
        break;
    case STOP:
        s->waits = s->is_running = false;
        s->is_ruled = true;
        lat_transport_play(t, frame, false);
        break;
    default:
        break;
    }
}

LAT_RT void
lat_midi_sync_disturb(struct lat_midi_sync *s)
{
    s->must_rule = s->is_ruled;
}

LAT_RT void
lat_midi_sync_rule(struct lat_midi_sync *s, struct lat_transport *t,
                   uint64_t frame)
{
    if (s->must_rule) {
        s->must_rule = false;
        lat_transport_play(t, frame, s->is_running);
    }
}

LAT_RT void
lat_midi_sync_begin(struct lat_midi_sync *s, const struct lat_transport *t,
                    uint64_t frame)
{
    const double patience =
        fmax(GONE_SECONDS * t->rate, GONE_CLOCKS * s->period);
    if (s->n && (double)(frame - s->last) > patience) {
        begin_line(s);
        // The one that comes next is the nearest; a start knows better.
        s->has_place = s->has_place && !t->is_playing;
        atomic_store_explicit(&s->is_coming, false, memory_order_relaxed);
    }
}
