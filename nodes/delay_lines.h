// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The lines of delay and pingpong, where they are read, and how they pass to
/// an instance of another longest time.  For delay.c alone.
#ifndef LAT_DELAY_LINES_H
#define LAT_DELAY_LINES_H

#include "dsp/line.h"

#include "node/type.h"

#include <stdbool.h>
#include <string.h>

enum { SETTING_MAX_TIME, SETTING_CHANGE };

#define FADE_SECONDS 0.02

/// Most frames of a line that another takes over: a copy that takes no period.
#define MOST_TAKEN ((size_t)1 << 20U)

struct delay {
    uint32_t size; // of each line
    uint32_t n_lines;
    struct lat_line line; // its place is that of all lines
    uint32_t n_fade;      // frames that are left of the fade from `tap` to `to`
    double tap, to;       // frames of delay
    double speed;         // of a tape's head, frames of delay in a frame
    float share;          // of the sum of both sides, of pingpong
    uint32_t fade_frames; // of a whole fade
    bool is_leaving;      // the fade is from what is noted, not from `tap`
    // Of each line; then of each a note of fade_frames.
    _Alignas(LAT_ALIGNMENT) float frames[];
};

static inline uint32_t
line_frames(const struct lat_config *config)
{
    return lat_line_size(config->settings[SETTING_MAX_TIME].number *
                         config->rate);
}

static inline uint32_t
fade_frames(const struct lat_config *config)
{
    return (uint32_t)(FADE_SECONDS * config->rate + 0.5);
}

/// [control]
static inline size_t
delay_bytes(const struct lat_config *config)
{
    const size_t frames = (size_t)line_frames(config) + fade_frames(config);
    return sizeof(struct delay) + frames * config->n_out * sizeof(float);
}

/// [control]
static inline enum lat_status
delay_init(void *state, const struct lat_config *config)
{
    struct delay *s = state;
    s->size = line_frames(config);
    s->n_lines = config->n_out;
    s->fade_frames = fade_frames(config);
    return LAT_OK;
}

/// In frames.  [audio, worker]
LAT_RT static inline double
delay_longest(const struct delay *s)
{
    return (double)(s->size - LAT_LINE_EXTRA);
}

/// The memory of line @p line.  [audio, worker]
LAT_RT static inline float *
frames_of(struct delay *s, uint32_t line)
{
    return s->frames + (size_t)line * s->size;
}

/// Where the note of line @p line begins in `frames`.  [audio, worker]
LAT_RT static inline size_t
note_of(const struct delay *s, uint32_t line)
{
    return (size_t)s->n_lines * s->size + (size_t)line * s->fade_frames;
}

/// What is @p frames ago, or the newest.  [audio, worker]
LAT_RT static inline float
line_read(const struct delay *s, uint32_t line, double frames)
{
    const double ago = frames > 1.0 ? frames : 1.0;
    const uint32_t whole = (uint32_t)ago;
    return lat_line_between(&s->line, s->frames + (size_t)line * s->size,
                            s->size, whole, (float)(ago - (double)whole));
}

/// The echo of the frame that is @p ahead, 0 the next one: one tap's or between
/// two.  It is exact as far as all of it is in the line.  [audio, worker]
LAT_RT static inline float
tap_read(const struct delay *s, uint32_t line, uint32_t ahead)
{
    const uint32_t at = s->fade_frames - s->n_fade + ahead;
    if (!s->n_fade) {
        return line_read(s, line, s->tap - ahead);
    }
    if (at >= s->fade_frames) {
        return line_read(s, line, s->to - ahead);
    }
    const float echo = s->is_leaving ? s->frames[note_of(s, line) + at]
                                     : line_read(s, line, s->tap - ahead);
    const float done = (float)at / (float)s->fade_frames;
    const float share = done * done * (3.0F - 2.0F * done);
    const float next = line_read(s, line, s->to - ahead);
    return echo * (1.0F - share) + next * share;
}

/// Where taps are further back than what was taken over, note what they would
/// have given, and fade from that.  [audio]
LAT_RT static inline void
delay_leave(struct delay *s, const struct delay *o)
{
    const double longest = delay_longest(s);
    const double n_valid = (double)s->line.n_valid;
    const bool is_cut = s->line.n_valid < o->line.n_valid;
    const double reach = is_cut && n_valid < longest ? n_valid : longest;
    const double to = o->n_fade ? o->to : o->tap;
    s->is_leaving =
        o->line.n_valid && (o->is_leaving || o->tap > reach || to > reach);
    if (!s->is_leaving) {
        return;
    }
    for (uint32_t i = 0; i < s->n_lines; i++) {
        float *note = s->frames + note_of(s, i);
        for (uint32_t f = 0; f < s->fade_frames; f++) {
            note[f] = tap_read(o, i, f);
        }
    }
    s->n_fade = s->fade_frames;
    s->to = to < longest ? to : longest;
    s->speed = 0.0;
}

/// The newest frames of another's lines, as many as there is room for.  [audio]
LAT_RT static inline void
delay_take_over(void *state, const void *from)
{
    struct delay *s = state;
    const struct delay *o = from;
    size_t n = o->line.n_valid < s->size ? o->line.n_valid : s->size;
    n = n < MOST_TAKEN ? n : MOST_TAKEN;
    // What lies behind the first frame of the memory, and at its end.
    const size_t late = n < o->line.next ? n : o->line.next;
    const size_t early = n - late;
    for (uint32_t i = 0; i < s->n_lines; i++) {
        float *to = frames_of(s, i);
        const float *x = o->frames + (size_t)i * o->size;
        memcpy(to, x + o->size - early, early * sizeof(*to));
        memcpy(to + early, x + o->line.next - late, late * sizeof(*to));
    }
    s->line.next = n < s->size ? (uint32_t)n : 0;
    s->line.n_valid = (uint32_t)n;
    s->n_fade = o->n_fade;
    s->tap = o->tap;
    s->to = o->to;
    s->speed = o->speed;
    s->share = o->share;
    delay_leave(s, o);
}

/// [audio, worker]
LAT_RT static inline void
delay_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct delay *s = state;
    lat_line_reset(&s->line);
    s->n_fade = 0;
    s->is_leaving = false;
    s->speed = 0.0;
}

#endif // LAT_DELAY_LINES_H
