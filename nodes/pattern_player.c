// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which onsets a span has is asked up to the next place of a grid, so that
// times stay simple fractions, and those that are not due yet wait.  Where more
// lie there than can wait, the first ones do, and what follows them is asked
// for again when they are over.

#include "pattern_player.h"

#include <string.h>

/// Places of a cycle up to which onsets are asked for.
#define GRID 4096

/// Most halvings of what is asked for at once.
#define MOST_HALVINGS 30U

/// Cells of absolute frames, and most onsets of one.
#define CELL         64U
#define MOST_OF_CELL 64U

/// Cycles that may be made up for: where more were left out, they are gone.
#define MOST_MADE_UP 2

LAT_RT struct lat_player_pair
lat_player_pair(const struct lat_pattern *pattern,
                const struct lat_pattern *with)
{
    return (struct lat_player_pair){
        .pattern = pattern,
        .with = with,
        .pattern_serial = pattern ? lat_pattern_serial(pattern) : 0,
        .with_serial = with ? lat_pattern_serial(with) : 0,
    };
}

static bool
is_same(const struct lat_player_pair *a, const struct lat_player_pair *b)
{
    return !a->pattern == !b->pattern && !a->with == !b->with &&
           a->pattern_serial == b->pattern_serial &&
           a->with_serial == b->with_serial;
}

// --- Times -------------------------------------------------------------------

/// Where on the transport a time of the pattern lies.
static bool
to_position(const struct lat_pattern_player *s, struct lat_ratio time,
            struct lat_position *out)
{
    bool is_over = false;
    const struct lat_ratio rate = {(int64_t)s->rate.numerator,
                                   (int64_t)s->rate.denominator};
    const struct lat_ratio t = lat_ratio_div(time, rate, &is_over);
    out->cycle = lat_ratio_floor(t);
    out->numerator = (uint64_t)(t.n - out->cycle * t.d);
    out->denominator = (uint64_t)t.d;
    return !is_over;
}

LAT_RT uint32_t
lat_player_frame_of(const struct lat_pattern_player *s,
                    const struct lat_context *context, struct lat_ratio time,
                    uint32_t limit)
{
    struct lat_position position;
    return to_position(s, time, &position)
               ? lat_context_frame_of(context, position, limit)
               : limit;
}

/// The place of the pattern's own grid that is at a place of the transport's,
/// or before it; or the first that is not before it.
static struct lat_ratio
time_of(const struct lat_pattern_player *s, int64_t place, bool is_up)
{
    bool is_over = false;
    const lat_i128 n = (lat_i128)place * (int64_t)s->rate.numerator;
    const lat_i128 d = (int64_t)s->rate.denominator;
    const lat_i128 down = n / d - (n % d < 0);
    return lat_ratio_make(down + (is_up && down * d != n), GRID, &is_over);
}

// --- Asking ------------------------------------------------------------------

static int
compare(const struct lat_player_onset *a, const struct lat_player_onset *b)
{
    int order = lat_ratio_compare(a->begin, b->begin);
    order = order ? order : (a->place > b->place) - (a->place < b->place);
    return order ? order : (a->key > b->key) - (a->key < b->key);
}

struct asking {
    struct lat_pattern_player *s;
    const struct lat_context *context;
    bool was_cut, is_cut;
};

static bool
is_wanted(const struct asking *a, const struct lat_player_onset *onset)
{
    struct lat_position position;
    const struct lat_pattern_player *const s = a->s;
    return to_position(s, onset->begin, &position) &&
           !(a->was_cut && compare(onset, &s->last) <= 0) &&
           !(s->joined == a->context->frame &&
             lat_context_is_past(a->context, position)) &&
           !lat_context_is_dropped(a->context, position);
}

/// Put it where it belongs; the last one goes where there is no room.
static void
insert(struct asking *a, const struct lat_player_onset *onset)
{
    struct lat_pattern_player *const s = a->s;
    uint32_t i = s->n;
    while (i > s->at && compare(&s->ahead[i - 1], onset) > 0) {
        --i;
    }
    if (s->n == LAT_PLAYER_AHEAD) {
        a->is_cut = true;
        if (i == s->n) {
            return;
        }
        --s->n;
    }
    memmove(&s->ahead[i + 1], &s->ahead[i], (s->n - i) * sizeof(s->ahead[0]));
    s->ahead[i] = *onset;
    ++s->n;
}

LAT_RT static void
take_event(void *data, const struct lat_pattern_event *e)
{
    struct asking *const a = data;
    const struct lat_player_onset onset = {
        .begin = e->begin,
        .end = e->end,
        .place = e->place,
        .key = e->key,
        .value = (float)lat_ratio_to_double(e->values[0].number),
        .n = e->n_values > 1 && e->values[1].is_number
                 ? (float)lat_ratio_to_double(e->values[1].number)
                 : 0.0F,
        .is_note = e->values[0].is_note,
        .word = e->values[0].word,
        .serial = a->s->plays.pattern_serial,
    };
    if (lat_pattern_sounds(e) && is_wanted(a, &onset)) {
        insert(a, &onset);
    }
}

/// How far to ask where much is to come: 2^-k cycles of the pattern, of which
/// about as many onsets as can wait begin in one.
static struct lat_ratio
stretch_end(const struct lat_pattern_player *s, struct lat_ratio end)
{
    bool is_over = false;
    const struct lat_ratio far = lat_ratio_add(
        s->asked, (struct lat_ratio){1, INT64_C(1) << s->halvings}, &is_over);
    return s->halvings && !is_over ? lat_ratio_min(far, end) : end;
}

/// Ask for what comes up to @p limit, or a part of it.
/// @return whether that is all.
static bool
ask_up_to(struct lat_pattern_player *s, const struct lat_context *context,
          struct lat_ratio limit)
{
    const struct lat_ratio end = stretch_end(s, limit);
    struct asking a = {s, context, s->is_cut, false};
    struct lat_pattern_question q = {
        .pattern = s->plays.pattern,
        .with = s->plays.with,
        .begin = s->asked,
        .end = end,
        .seed = s->seed,
        .take = take_event,
        .data = &a,
    };
    memmove(s->ahead, s->ahead + s->at, (s->n - s->at) * sizeof(s->ahead[0]));
    s->n -= s->at;
    s->at = 0;
    if (s->plays.pattern && lat_ratio_is_below(s->asked, end)) {
        lat_pattern_ask(&q);
    }
    s->is_cut = a.is_cut;
    if (a.is_cut) {
        // All before the last that is known are known; the next ones follow it.
        s->asked = s->ahead[s->n - 1].begin;
        s->halvings += s->halvings < MOST_HALVINGS;
    } else {
        s->asked = end;
        s->halvings -= s->halvings > 0 && s->n < LAT_PLAYER_AHEAD / 4;
    }
    return !a.is_cut && !lat_ratio_is_below(end, limit);
}

/// Has all been asked for that comes up to the target?
static bool
is_complete(const struct lat_pattern_player *s)
{
    return !s->is_cut && !lat_ratio_is_below(s->asked, s->target);
}

/// Know what comes up to the target, of the one pattern and the next.
static void
refill(struct lat_pattern_player *s, const struct lat_context *context)
{
    if ((s->is_cut || s->halvings) && s->at < s->n) {
        return; // first those
    }
    if (s->is_late && !lat_ratio_is_below(s->target, s->swap)) {
        if (!ask_up_to(s, context, s->swap)) {
            return;
        }
        s->plays = s->next;
        s->is_late = false;
    }
    ask_up_to(s, context, s->target);
}

LAT_RT bool
lat_player_has_room(struct lat_pattern_player *s, uint64_t frame)
{
    if (frame / CELL != s->cell) {
        s->cell = frame / CELL;
        s->n_of_cell = 0;
    }
    return s->n_of_cell++ < MOST_OF_CELL;
}

// --- Beside it ---------------------------------------------------------------

struct moment {
    struct lat_ratio time;
    uint32_t place; ///< of what was found; UINT32_MAX: nothing
    float value;
};

LAT_RT static void
take_value(void *data, const struct lat_pattern_event *e)
{
    struct moment *const m = data;
    if (e->place < m->place && !lat_ratio_compare(e->part_begin, m->time)) {
        m->place = e->place;
        m->value = (float)lat_ratio_to_double(e->values[0].number);
    }
}

LAT_RT bool
lat_player_value_at(const struct lat_pattern_player *s,
                    const struct lat_pattern *track, struct lat_ratio time,
                    float *out)
{
    bool is_over = false;
    struct moment m = {time, UINT32_MAX, 0.0F};
    struct lat_pattern_question q = {
        .pattern = track,
        .begin = time,
        .end = lat_ratio_add(time, (struct lat_ratio){1, LAT_PLAYER_MOMENT},
                             &is_over),
        .seed = s->seed,
        .take = take_value,
        .data = &m,
    };
    if (is_over) {
        q.end = lat_ratio_of(lat_ratio_floor(time) + 1);
    }
    lat_pattern_ask(&q);
    *out = m.value;
    return m.place != UINT32_MAX;
}

// --- What is wished ----------------------------------------------------------

static const struct lat_pattern *
pattern_of(const struct lat_player_settings *settings, const void *prepared)
{
    return prepared && settings->pattern_of ? settings->pattern_of(prepared)
                                            : prepared;
}

/// Is a pattern there in the configuration's setting @p i, now or before?
static bool
is_there(const struct lat_config *config,
         const struct lat_player_settings *settings, uint32_t i,
         const struct lat_pattern *p, uint64_t serial)
{
    static const struct lat_player_settings plain;
    const struct lat_player_settings *const how =
        i == settings->pattern ? settings : &plain;
    const void *const *earlier = &config->earlier[i * LAT_CONFIG_EARLIER];
    bool is_found = !p || pattern_of(how, config->prepared[i]) == p;
    for (uint32_t k = 0; k < LAT_CONFIG_EARLIER && !is_found; ++k) {
        is_found = pattern_of(how, earlier[k]) == p;
    }
    return is_found && (!p || lat_pattern_serial(p) == serial);
}

LAT_RT struct lat_player_wish
lat_player_wish_of(const struct lat_pattern_player *s,
                   const struct lat_config *config,
                   const struct lat_player_settings *settings)
{
    struct lat_player_wish wish = {.rate = {1, 1}, .seed = config->seed};
    const struct lat_player_pair *const now = &s->plays;
    if (config->prepared) {
        const struct lat_fraction *const rate =
            config->prepared[settings->rate];
        wish.rate = rate ? *rate : wish.rate;
        wish.pair = lat_player_pair(
            pattern_of(settings, config->prepared[settings->pattern]),
            config->prepared[settings->with]);
        wish.may_go_on = config->earlier &&
                         *config->settings[settings->swap].text == 'c' &&
                         is_there(config, settings, settings->pattern,
                                  now->pattern, now->pattern_serial) &&
                         is_there(config, settings, settings->with, now->with,
                                  now->with_serial);
    }
    return wish;
}

// --- What happened -----------------------------------------------------------

static void
forget(struct lat_pattern_player *s)
{
    s->n = s->at = 0;
    s->is_cut = s->is_late = false;
}

static void
join(struct lat_pattern_player *s, const struct lat_context *context,
     const struct lat_player_wish *wish)
{
    const int64_t first = lat_context_first(context, GRID) - 1;
    const int64_t now = lat_context_due(context, 0, GRID) - 1;
    const bool is_moved = s->has_begun && s->n_locates != context->n_locates;
    forget(s);
    s->plays = wish->pair;
    s->rate = wish->rate;
    s->seed = wish->seed;
    // After a locate all comes that it did not drop, from its frame on.
    s->joined = is_moved ? UINT64_MAX : context->frame;
    s->asked = time_of(s, is_moved || first > now ? first : now, false);
    s->has_begun = true;
    s->n_locates = context->n_locates;
}

/// The first cycle of the pattern whose begin is not past.
static struct lat_ratio
next_cycle(const struct lat_pattern_player *s,
           const struct lat_context *context)
{
    const struct lat_ratio now =
        time_of(s, lat_context_due(context, 0, GRID) - 1, false);
    struct lat_ratio cycle = lat_ratio_of(lat_ratio_floor(now));
    struct lat_position position;
    while (to_position(s, cycle, &position) &&
           lat_context_is_past(context, position)) {
        ++cycle.n;
    }
    return cycle;
}

/// What plays goes on to the end of its cycle, and then @p wish.
static void
postpone(struct lat_pattern_player *s, const struct lat_context *context,
         const struct lat_player_wish *wish)
{
    s->next = wish->pair;
    if (s->is_late) {
        return;
    }
    s->is_late = true;
    s->swap = next_cycle(s, context);
    while (s->n > s->at &&
           !lat_ratio_is_below(s->ahead[s->n - 1].begin, s->swap)) {
        --s->n;
    }
    s->asked = lat_ratio_min(s->asked, s->swap);
}

LAT_RT void
lat_player_look(struct lat_pattern_player *s, const struct lat_context *context,
                const struct lat_player_wish *wish)
{
    const bool is_other = !is_same(&s->plays, &wish->pair);
    const bool must_join = !s->has_begun ||
                           s->n_locates != context->n_locates ||
                           s->rate.numerator != wish->rate.numerator ||
                           s->rate.denominator != wish->rate.denominator;
    if (must_join || (is_other && !wish->may_go_on)) {
        join(s, context, wish);
    } else if (is_other) {
        postpone(s, context, wish);
    } else {
        s->plays = wish->pair;
        s->is_late = false;
    }
    const int64_t end = lat_context_due(context, context->n_frames + 1, GRID);
    s->target = time_of(s, end, true);
    s->asked =
        lat_ratio_max(s->asked, time_of(s, end - MOST_MADE_UP * GRID, true));
    if (lat_ratio_is_below(s->asked, s->target)) {
        refill(s, context);
    }
}

LAT_RT const struct lat_player_onset *
lat_player_next(struct lat_pattern_player *s, const struct lat_context *context,
                uint32_t *frame)
{
    for (;;) {
        while (s->at == s->n && !is_complete(s)) {
            refill(s, context);
        }
        if (s->at == s->n) {
            return NULL;
        }
        struct lat_position position;
        const struct lat_player_onset *const onset = &s->ahead[s->at];
        if (to_position(s, onset->begin, &position) &&
            !lat_context_is_dropped(context, position)) {
            *frame =
                lat_context_frame_of(context, position, context->n_frames + 1);
            return *frame <= context->n_frames ? onset : NULL;
        }
        lat_player_take(s);
    }
}

LAT_RT void
lat_player_take(struct lat_pattern_player *s)
{
    s->last = s->ahead[s->at++];
}
