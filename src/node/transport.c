// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Integers only.  With tempo in micro-beats per minute and beats per cycle in
// thousandths, one frame is
//
//     numerator / denominator = tempo_u / (60000 * rate * beats_m)   cycles
//
// and the products below stay under 128 bits for any uint64_t frame count, or,
// where places in a cycle are counted, for 2^45 frames since the anchor.

#include "transport.h"

#include <math.h>

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

static void
update_ratio(struct lat_transport *t)
{
    const uint64_t rate = (uint64_t)(t->rate + 0.5);
    const uint64_t beats_m = (uint64_t)(t->beats_per_cycle * 1000.0 + 0.5);
    t->numerator = (uint64_t)(t->tempo_bpm * 1e6 + 0.5);
    t->denominator = UINT64_C(60000) * rate * beats_m;
}

void
lat_transport_init(struct lat_transport *t, double rate, double tempo_bpm,
                   double beats_per_cycle)
{
    *t = (struct lat_transport){
        .rate = rate,
        .tempo_bpm = tempo_bpm,
        .beats_per_cycle = beats_per_cycle,
        .first = {-1, 0},
    };
    update_ratio(t);
}

LAT_RT struct lat_cycle
lat_transport_at(const struct lat_transport *t, uint64_t frame)
{
    if (!t->is_playing || frame <= t->anchor_frame) {
        return t->anchor;
    }
    const u128 product = (u128)(frame - t->anchor_frame) * t->numerator;
    const u128 whole = product / t->denominator;
    const u128 rest = product % t->denominator;
    const uint64_t fraction = (uint64_t)((rest << 64U) / t->denominator);
    struct lat_cycle c = {
        .cycle = t->anchor.cycle + (int64_t)whole,
        .fraction = t->anchor.fraction + fraction,
    };
    c.cycle += c.fraction < fraction; // carry
    return c;
}

LAT_RT uint64_t
lat_transport_frame_of(const struct lat_transport *t, struct lat_cycle c)
{
    if (lat_cycle_compare(c, t->anchor) <= 0) {
        return t->anchor_frame;
    }
    if (!t->is_playing || !t->numerator) {
        return UINT64_MAX;
    }
    const uint64_t fraction = c.fraction - t->anchor.fraction;
    const uint64_t whole = (uint64_t)c.cycle - (uint64_t)t->anchor.cycle -
                           (c.fraction < t->anchor.fraction);
    const u128 part = (u128)fraction * t->denominator;
    // Twice the numbers: half a frame more is one numerator, and what is below
    // the point does not reach the next whole one.
    const u128 twice = (u128)whole * t->denominator * 2 + (part >> 63U);
    const u128 n = (twice + t->numerator) / ((u128)t->numerator * 2);
    const u128 frame = n + t->anchor_frame;
    return frame > UINT64_MAX ? UINT64_MAX : (uint64_t)frame;
}

// ceil(per_cycle * (c + a / b)), with b above 0.
static int64_t
places_before(struct lat_cycle c, i128 a, u128 b, uint64_t per_cycle)
{
    const u128 part = (u128)c.fraction * per_cycle;
    a *= (i128)per_cycle;
    i128 whole = a / (i128)b;
    i128 rest = a % (i128)b;
    if (rest < 0) {
        --whole;
        rest += (i128)b;
    }
    // rest / b and the low word of part / 2^64 are both below 1.
    const u128 sum = ((u128)rest << 64U) + (uint64_t)part * b;
    whole += (sum > 0) + (sum > b << 64U);
    whole += (i128)c.cycle * (i128)per_cycle + (i128)(part >> 64U);
    return (int64_t)whole;
}

LAT_RT int64_t
lat_transport_due(const struct lat_transport *t, uint64_t frame,
                  uint64_t per_cycle)
{
    const int64_t since = (int64_t)(frame - t->anchor_frame);
    const i128 half_frames = (i128)since * 2 + 1;
    return places_before(t->anchor, half_frames * t->numerator,
                         (u128)t->denominator * 2, per_cycle);
}

// Is a / b below c / d, all but a / b = c / d = 0 being parts below 1?  By
// turning both over again and again: products would not fit.
static bool
is_part_below(u128 a, u128 b, u128 c, u128 d)
{
    while (a > 0 && c > 0) {
        const u128 whole_a = b / a;
        const u128 whole_c = d / c;
        if (whole_a != whole_c) {
            return whole_a > whole_c;
        }
        const u128 rest_a = b % a;
        const u128 rest_c = d % c;
        // a / b < c / d where rest_c / c < rest_a / a.
        b = c;
        d = a;
        a = rest_c;
        c = rest_a;
    }
    return c > 0;
}

static bool
is_before(struct lat_position p, i128 cycle, u128 part, u128 of)
{
    return p.cycle != cycle
               ? p.cycle < cycle
               : is_part_below(p.numerator, p.denominator, part, of);
}

LAT_RT bool
lat_transport_is_due(const struct lat_transport *t, uint64_t frame,
                     struct lat_position position)
{
    const int64_t since = (int64_t)(frame - t->anchor_frame);
    const i128 above = ((i128)since * 2 + 1) * t->numerator;
    const i128 below = (i128)t->denominator * 2; // below 2^54
    i128 whole = above / below;
    i128 rest = above % below;
    if (rest < 0) {
        --whole;
        rest += below;
    }
    const u128 of = (u128)below << 64U;
    u128 part = (u128)t->anchor.fraction * (u128)below + ((u128)rest << 64U);
    if (part >= of) {
        ++whole;
        part -= of;
    }
    return is_before(position, whole + t->anchor.cycle, part, of);
}

LAT_RT int64_t
lat_transport_first(const struct lat_transport *t, uint64_t per_cycle)
{
    return places_before(t->first, 0, 1, per_cycle);
}

// Half a frame before the anchor, rounded down: what is nearer to a frame
// before is not due any more.
static struct lat_cycle
border_of_anchor(const struct lat_transport *t)
{
    const u128 half = ((u128)t->numerator << 63U) / t->denominator + 1;
    const uint64_t fraction = (uint64_t)half;
    return (struct lat_cycle){
        .cycle = t->anchor.cycle - (int64_t)(half >> 64U) -
                 (t->anchor.fraction < fraction),
        .fraction = t->anchor.fraction - fraction,
    };
}

static void
move_anchor(struct lat_transport *t, uint64_t frame)
{
    t->anchor = lat_transport_at(t, frame);
    t->anchor_frame = frame;
}

LAT_RT void
lat_transport_set_tempo(struct lat_transport *t, uint64_t frame, double bpm)
{
    move_anchor(t, frame);
    t->tempo_bpm = bpm;
    update_ratio(t);
}

LAT_RT void
lat_transport_set_beats(struct lat_transport *t, uint64_t frame,
                        double beats_per_cycle)
{
    move_anchor(t, frame);
    t->beats_per_cycle = beats_per_cycle;
    update_ratio(t);
}

LAT_RT void
lat_transport_set_rate(struct lat_transport *t, uint64_t frame, double rate)
{
    move_anchor(t, frame);
    t->rate = rate;
    update_ratio(t);
}

LAT_RT void
lat_transport_play(struct lat_transport *t, uint64_t frame, bool is_playing)
{
    move_anchor(t, frame);
    if (t->is_playing && !is_playing) {
        ++t->n_breaks;
    } else if (!t->is_playing && is_playing) {
        const struct lat_cycle border = border_of_anchor(t);
        t->first = lat_cycle_compare(border, t->first) > 0 ? border : t->first;
    }
    t->is_playing = is_playing;
}

LAT_RT void
lat_transport_locate(struct lat_transport *t, uint64_t frame,
                     struct lat_cycle c)
{
    t->anchor = c;
    t->anchor_frame = frame;
    ++t->n_locates;
    ++t->n_breaks;
    // While it stands, only the play to come can say how long a frame is; a
    // cycle is longer than that.
    t->first = t->is_playing ? border_of_anchor(t)
                             : (struct lat_cycle){c.cycle - 1, c.fraction};
}

LAT_RT void
lat_transport_nudge(struct lat_transport *t, uint64_t frame, struct lat_cycle c)
{
    t->anchor = c;
    t->anchor_frame = frame;
}

LAT_RT bool
lat_transport_moved(const struct lat_transport *before,
                    const struct lat_transport *after,
                    struct lat_transport_move *out)
{
    if (before->anchor_frame == after->anchor_frame &&
        before->tempo_bpm == after->tempo_bpm &&
        before->is_playing == after->is_playing &&
        before->n_locates == after->n_locates &&
        before->n_breaks == after->n_breaks &&
        lat_cycle_compare(before->anchor, after->anchor) == 0 &&
        lat_cycle_compare(before->first, after->first) == 0) {
        return false;
    }
    *out = (struct lat_transport_move){
        .tempo_bpm = after->tempo_bpm,
        .anchor = after->anchor,
        .first = after->first,
        .n_locates = (uint32_t)(after->n_locates - before->n_locates),
        .n_breaks = (uint32_t)(after->n_breaks - before->n_breaks),
        .is_playing = after->is_playing,
    };
    return true;
}

LAT_RT void
lat_transport_move(struct lat_transport *t, uint64_t frame,
                   const struct lat_transport_move *move)
{
    t->tempo_bpm = move->tempo_bpm;
    t->anchor = move->anchor;
    t->anchor_frame = frame;
    t->first = move->first;
    t->n_locates += move->n_locates;
    t->n_breaks += move->n_breaks;
    t->is_playing = move->is_playing;
    update_ratio(t);
}

LAT_RT struct lat_cycle
lat_cycle_from_double(double cycles)
{
    const double whole = floor(cycles);
    const double fraction = ldexp(cycles - whole, 64);
    return (struct lat_cycle){
        .cycle = (int64_t)whole,
        .fraction = fraction >= 0x1p64 ? UINT64_MAX : (uint64_t)fraction,
    };
}

LAT_RT double
lat_cycle_to_double(struct lat_cycle c)
{
    return (double)c.cycle + ldexp((double)c.fraction, -64);
}

LAT_RT int
lat_cycle_compare(struct lat_cycle a, struct lat_cycle b)
{
    if (a.cycle != b.cycle) {
        return a.cycle < b.cycle ? -1 : 1;
    }
    return (a.fraction > b.fraction) - (a.fraction < b.fraction);
}

LAT_RT struct lat_cycle
lat_context_cycle_at(const struct lat_context *context, uint32_t offset)
{
    return lat_transport_at(context->transport, context->frame + offset);
}

// From frame to frame the remainder of the division goes on, so that the
// positions are those of lat_transport_at().
LAT_RT void
lat_context_cycles(const struct lat_context *context, uint32_t offset,
                   uint32_t n, struct lat_cycle *out)
{
    const struct lat_transport *t = context->transport;
    const uint64_t frame = context->frame + offset;
    if (!t->is_playing || frame < t->anchor_frame) {
        for (uint32_t f = 0; f < n; ++f) {
            out[f] = lat_transport_at(t, frame + f);
        }
        return;
    }
    const uint64_t d = t->denominator;
    const u128 since = (u128)(frame - t->anchor_frame) * t->numerator;
    const u128 scaled = since % d << 64U;
    const u128 step = ((u128)t->numerator << 64U) / d;
    const uint64_t step_rest = (uint64_t)(((u128)t->numerator << 64U) % d);
    uint64_t rest = (uint64_t)(scaled % d);
    u128 place = ((u128)(uint64_t)t->anchor.cycle << 64U) + t->anchor.fraction +
                 (since / d << 64U) + scaled / d;
    for (uint32_t f = 0; f < n; ++f) {
        out[f] = (struct lat_cycle){
            .cycle = (int64_t)(uint64_t)(place >> 64U),
            .fraction = (uint64_t)place,
        };
        rest += step_rest; // both below d, which is far below 2^63
        const bool carries = rest >= d;
        rest -= carries ? d : 0;
        place += step + carries;
    }
}

LAT_RT int64_t
lat_context_due(const struct lat_context *context, uint32_t offset,
                uint64_t per_cycle)
{
    return lat_transport_due(context->transport, context->frame + offset - 1,
                             per_cycle);
}

LAT_RT int64_t
lat_context_first(const struct lat_context *context, uint64_t per_cycle)
{
    return lat_transport_first(context->transport, per_cycle);
}

LAT_RT bool
lat_context_is_past(const struct lat_context *context,
                    struct lat_position position)
{
    return lat_transport_is_due(context->transport, context->frame - 1,
                                position);
}

LAT_RT uint32_t
lat_context_frame_of(const struct lat_context *context,
                     struct lat_position position, uint32_t limit)
{
    const struct lat_transport *const t = context->transport;
    const u128 part = ((u128)position.numerator << 64U) / position.denominator;
    const struct lat_cycle near = {position.cycle, (uint64_t)part};
    if (!t->is_playing) {
        return limit;
    }
    // Rounded down to 2^-64 cycles: a frame early at most, where two are as
    // near.
    const uint64_t frame = lat_transport_frame_of(t, near);
    uint64_t offset = frame > context->frame ? frame - context->frame : 0;
    while (offset < limit &&
           !lat_transport_is_due(t, context->frame + offset, position)) {
        ++offset;
    }
    return offset < limit ? (uint32_t)offset : limit;
}

LAT_RT bool
lat_context_is_dropped(const struct lat_context *context,
                       struct lat_position position)
{
    const struct lat_cycle first = context->transport->first;
    return is_before(position, first.cycle, first.fraction, (u128)1 << 64U);
}
