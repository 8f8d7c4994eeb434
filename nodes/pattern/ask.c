// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A question from outside.

#include "asking.h"

/// What a question may cost in all: many times what patterns may take in a
/// cycle, so that it is never met but where a text was refused.
#define MOST_VISITS (INT64_C(64) * (int64_t)LAT_PATTERN_COST)

static const lat_ask_fn kinds[LAT_PATTERN_N_KINDS] = {
    [LAT_PATTERN_SILENCE] = lat_ask_silence,
    [LAT_PATTERN_ATOM] = lat_ask_atom,
    [LAT_PATTERN_SEQUENCE] = lat_ask_sequence,
    [LAT_PATTERN_STACK] = lat_ask_stack,
    [LAT_PATTERN_CHOICE] = lat_ask_choice,
    [LAT_PATTERN_SCALE] = lat_ask_scale,
    [LAT_PATTERN_FAST] = lat_ask_speed,
    [LAT_PATTERN_SLOW] = lat_ask_speed,
    [LAT_PATTERN_EUCLID] = lat_ask_euclid,
    [LAT_PATTERN_PAIR] = lat_ask_pair,
    [LAT_PATTERN_RANGE] = lat_ask_range,
    [LAT_PATTERN_DEGRADE] = lat_ask_degrade,
    [LAT_PATTERN_UPGRADE] = lat_ask_degrade,
    [LAT_PATTERN_INPUT] = lat_ask_input,
    [LAT_PATTERN_REV] = lat_ask_rev,
    [LAT_PATTERN_EVERY] = lat_ask_every,
    [LAT_PATTERN_LATE] = lat_ask_speed,
    [LAT_PATTERN_NUDGE] = lat_ask_nudge,
    [LAT_PATTERN_PLY] = lat_ask_ply,
    [LAT_PATTERN_ITER] = lat_ask_iter,
    [LAT_PATTERN_CHUNK] = lat_ask_chunk,
    [LAT_PATTERN_STRUCT] = lat_ask_struct,
    [LAT_PATTERN_MASK] = lat_ask_mask,
    [LAT_PATTERN_LINE] = lat_ask_line,
    [LAT_PATTERN_ADD] = lat_ask_pair,
};

struct outside {
    struct lat_taker taker;
};

LAT_RT static void
take_outside(struct lat_asking *a, const struct lat_taker *self,
             struct lat_pattern_event *event)
{
    (void)self;
    a->question->take(a->question->data, event);
}

LAT_RT void
lat_pattern_ask(struct lat_pattern_question *q)
{
    struct lat_asking a = {
        .question = q,
        .kinds = kinds,
        .patience = MOST_VISITS,
        .seed = lat_draw(q->seed, 0),
    };
    const struct outside outside = {{take_outside}};
    const struct lat_stretch s =
        lat_stretch_to(&outside.taker, q->begin, q->end, 0);
    const struct lat_pattern *const top = q->with ? q->with : q->pattern;
    q->n_lost = 0;
    lat_visit(&a, top, top->root, &s);
}
