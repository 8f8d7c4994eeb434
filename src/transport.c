// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Integers only.  With tempo in micro-beats per minute and beats per cycle in
// thousandths, one frame is
//
//     numerator / denominator = tempo_u / (60000 * rate * beats_m)   cycles
//
// and the products below stay under 128 bits for any uint64_t frame count.

#include "transport.h"

#include <math.h>

__extension__ typedef unsigned __int128 u128;

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
    const u128 high = (u128)whole * t->denominator + (part >> 64U);
    u128 n = high / t->numerator;
    if (high % t->numerator || (uint64_t)part) {
        ++n;
    }
    n += t->anchor_frame;
    return n > UINT64_MAX ? UINT64_MAX : (uint64_t)n;
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
    t->is_playing = is_playing;
}

LAT_RT void
lat_transport_locate(struct lat_transport *t, uint64_t frame,
                     struct lat_cycle c)
{
    t->anchor = c;
    t->anchor_frame = frame;
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
