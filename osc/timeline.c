// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All pieces of the line share t0 and the slope; a move gives the next piece
// another f0.  So the clock's distance to a piece does not depend on where one
// looks, and a tag needs no more than the piece that it lies on.

#include "timeline.h"

#include <string.h>

#define NS UINT64_C(1000000000)

/// Distances of tags.
#define MS(ms) (((int64_t)(ms) << 32U) / 1000)
#define GAP    MS(20)  ///< to every tag before: the line may move
#define CREEP  MS(100) ///< without such a tag: by a frame

/// No tag for so long: the line is set anew.
#define PAUSE_NS NS

/// The wall clock was set when it moves by more against the steady one.
#define STEP MS(10)

/// Line and clock lie so far apart that the line is set anew.
#define APART_MS 50

/// A move is at most the distance divided by this: 2 frames in 4800.
#define SHARE 2400

uint64_t
lat_timeline_from_ns(uint64_t ns)
{
    const uint64_t rest = ns % NS;
    return (ns / NS << 32U) + (rest << 32U) / NS;
}

int64_t
lat_timeline_to_ns(int64_t tag)
{
    const int64_t second = INT64_C(1) << 32U;
    return tag / second * (int64_t)NS + tag % second * (int64_t)NS / second;
}

/// From @p from to @p to.  The circle of tags is 136 years long, of which 34
/// lie ahead; what is more than 68 behind is no older than that.
static int64_t
distance(uint64_t from, uint64_t to)
{
    const uint64_t ahead = to - from;
    const uint64_t behind = from - to;
    if (ahead < UINT64_C(1) << 62U) {
        return (int64_t)ahead;
    }
    return behind <= INT64_MAX ? -(int64_t)behind : INT64_MIN;
}

bool
lat_timeline_is_before(uint64_t tag, uint64_t other)
{
    return distance(other, tag) < 0;
}

/// (tag - t0) x rate, exactly.
static struct lat_timeline_place
frames_of(int64_t tags, uint32_t rate)
{
    const uint64_t size = tags >= 0 ? (uint64_t)tags : -(uint64_t)tags;
    const uint64_t low = (size & UINT32_MAX) * rate;
    struct lat_timeline_place p = {
        .frame = (int64_t)((size >> 32U) * rate + (low >> 32U)),
        .fraction = (uint32_t)low,
    };
    if (tags < 0) {
        p.frame = -p.frame - (p.fraction ? 1 : 0);
        p.fraction = -p.fraction;
    }
    return p;
}

static struct lat_timeline_place
add(struct lat_timeline_place a, struct lat_timeline_place b)
{
    const uint32_t fraction = a.fraction + b.fraction;
    return (struct lat_timeline_place){
        .frame = a.frame + b.frame + (fraction < a.fraction),
        .fraction = fraction,
    };
}

static struct lat_timeline_place
subtract(struct lat_timeline_place a, struct lat_timeline_place b)
{
    return (struct lat_timeline_place){
        .frame = a.frame - b.frame - (a.fraction < b.fraction),
        .fraction = a.fraction - b.fraction,
    };
}

static bool
is_less(struct lat_timeline_place a, struct lat_timeline_place b)
{
    return a.frame != b.frame ? a.frame < b.frame : a.fraction < b.fraction;
}

static struct lat_timeline_place
place_on(const struct lat_timeline *l, uint32_t piece, uint64_t tag)
{
    return add(l->pieces[piece].f0, frames_of(distance(l->t0, tag), l->rate));
}

/// A tag just before one at which the line moved back is not heard behind it.
static struct lat_timeline_place
place_of(const struct lat_timeline *l, uint64_t tag)
{
    uint32_t i = l->n_pieces - 1;
    while (i > 0 && lat_timeline_is_before(tag, l->pieces[i].from)) {
        --i;
    }
    struct lat_timeline_place p = place_on(l, i, tag);
    for (++i; i < l->n_pieces; ++i) {
        const struct lat_timeline_place next =
            place_on(l, i, l->pieces[i].from);
        p = is_less(next, p) ? next : p;
    }
    return p;
}

enum lat_timeline_news
lat_timeline_pass(struct lat_timeline *l,
                  const struct lat_timeline_clock *clock)
{
    const uint64_t arrived_ns = l->arrived_ns;
    if (arrived_ns && clock->steady_ns - arrived_ns < PAUSE_NS) {
        return LAT_TIMELINE_KEPT;
    }
    l->arrived_ns = l->passed_ns;
    const enum lat_timeline_news news =
        lat_timeline_arrive(l, clock, clock->now_tag);
    l->passed_ns = l->arrived_ns;
    l->arrived_ns = arrived_ns;
    return news;
}

uint64_t
lat_timeline_frame(const struct lat_timeline *l, uint64_t tag)
{
    const struct lat_timeline_place half = {.fraction = UINT32_C(1) << 31U};
    const struct lat_timeline_place p = add(place_of(l, tag), half);
    return p.frame > 0 ? (uint64_t)p.frame : 0;
}

/// p / rate, to the nearest: the inverse of frames_of().
static int64_t
tags_of(struct lat_timeline_place p, uint32_t rate)
{
    const int64_t per_second = rate;
    int64_t seconds = p.frame / per_second;
    int64_t rest = p.frame % per_second;
    if (rest < 0) {
        rest += per_second;
        --seconds;
    }
    const uint64_t part =
        (((uint64_t)rest << 32U | p.fraction) + rate / 2) / rate;
    return (int64_t)(((uint64_t)seconds << 32U) + part);
}

uint64_t
lat_timeline_tag(const struct lat_timeline *l, uint64_t frame)
{
    const struct lat_timeline_place at = {.frame = (int64_t)frame};
    uint64_t tag = 0;
    for (uint32_t i = l->n_pieces; i-- > 0;) {
        tag = l->t0 + (uint64_t)tags_of(subtract(at, l->pieces[i].f0), l->rate);
        if (!lat_timeline_is_before(tag, l->pieces[i].from)) {
            break;
        }
    }
    return tag;
}

static void
set_anew(struct lat_timeline *l, const struct lat_timeline_clock *clock)
{
    l->is_set = true;
    l->latest = l->latest ? l->latest : clock->tag;
    l->t0 = clock->tag;
    l->rate = clock->rate;
    l->n_breaks = clock->n_breaks;
    l->n_pieces = 1;
    l->pieces[0] = (struct lat_timeline_piece){
        .from = clock->tag,
        .f0 = {.frame = (int64_t)clock->frame},
    };
    if (lat_timeline_is_before(l->latest, clock->tag)) {
        l->latest = clock->tag;
    }
    l->moved_at = l->latest;
    l->crept_at = 0;
}

/// From the line to the clock, in frames.
static struct lat_timeline_place
error_of(const struct lat_timeline *l, const struct lat_timeline_clock *clock)
{
    const struct lat_timeline_place said = {.frame = (int64_t)clock->frame};
    return subtract(said, place_on(l, l->n_pieces - 1, clock->tag));
}

static bool
is_far_off(const struct lat_timeline *l, const struct lat_timeline_clock *clock)
{
    const struct lat_timeline_place error = error_of(l, clock);
    const int64_t most = (int64_t)clock->rate * APART_MS / 1000;
    return error.frame >= most || error.frame < -most;
}

/// The wall clock was set: tags mean what they meant, called otherwise.
static int64_t
find_step(struct lat_timeline *l, const struct lat_timeline_clock *clock)
{
    const uint64_t offset =
        clock->now_tag - lat_timeline_from_ns(clock->steady_ns);
    const int64_t moved = distance(l->offset, offset);
    const bool is_step = l->has_offset && (moved > STEP || moved < -STEP);
    l->offset = offset;
    l->has_offset = true;
    return is_step ? moved : 0;
}

static void
shift(struct lat_timeline *l, int64_t step)
{
    const uint64_t by = (uint64_t)step;
    l->t0 += by;
    l->latest += by;
    l->moved_at += by;
    l->crept_at += l->crept_at ? by : 0;
    for (uint32_t i = 0; i < l->n_pieces; ++i) {
        l->pieces[i].from += by;
    }
}

enum lat_timeline_news
lat_timeline_look(struct lat_timeline *l,
                  const struct lat_timeline_clock *clock, int64_t *step)
{
    *step = find_step(l, clock);
    if (*step) {
        shift(l, *step);
    }
    if (!clock->is_running) {
        l->is_set = false;
        return LAT_TIMELINE_KEPT;
    }
    if (l->is_set && clock->n_breaks == l->n_breaks && clock->rate == l->rate &&
        !is_far_off(l, clock)) {
        return LAT_TIMELINE_KEPT;
    }
    set_anew(l, clock);
    return LAT_TIMELINE_ANEW;
}

/// Move towards the clock, from @p tag on.
static void
move(struct lat_timeline *l, const struct lat_timeline_clock *clock,
     uint64_t tag, struct lat_timeline_place most)
{
    const struct lat_timeline_place zero = {0};
    const struct lat_timeline_place least = subtract(zero, most);
    struct lat_timeline_place by = error_of(l, clock);
    by = is_less(most, by) ? most : by;
    by = is_less(by, least) ? least : by;
    if (l->n_pieces == LAT_TIMELINE_MOVES) {
        --l->n_pieces;
        memmove(l->pieces, l->pieces + 1, l->n_pieces * sizeof(*l->pieces));
    }
    const struct lat_timeline_place f0 = l->pieces[l->n_pieces - 1].f0;
    l->pieces[l->n_pieces++] = (struct lat_timeline_piece){tag, add(f0, by)};
}

enum lat_timeline_news
lat_timeline_arrive(struct lat_timeline *l,
                    const struct lat_timeline_clock *clock, uint64_t tag)
{
    const bool is_first =
        !l->arrived_ns || clock->steady_ns - l->arrived_ns >= PAUSE_NS;
    l->arrived_ns = clock->steady_ns;
    if (!l->is_set) {
        return LAT_TIMELINE_KEPT;
    }
    if (is_first) {
        set_anew(l, clock);
        l->latest = l->moved_at = tag;
        return LAT_TIMELINE_ANEW;
    }
    const int64_t gap = distance(l->latest, tag);
    if (gap <= 0) {
        return LAT_TIMELINE_KEPT;
    }
    l->latest = tag;
    if (gap >= GAP) {
        const bool is_behind_creep =
            l->crept_at && distance(l->crept_at, tag) < CREEP;
        move(l, clock, tag,
             frames_of(gap / (is_behind_creep ? 2 * SHARE : SHARE), l->rate));
        l->moved_at = tag;
    } else if (distance(l->moved_at, tag) >= CREEP) {
        move(l, clock, tag, (struct lat_timeline_place){.frame = 1});
        // Not behind, or it would be less than a frame in 100 ms.
        l->moved_at += (uint64_t)CREEP;
        l->crept_at = tag;
    }
    return LAT_TIMELINE_KEPT;
}
