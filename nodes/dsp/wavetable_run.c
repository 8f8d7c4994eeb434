// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// wavetable: cycles read by the phase of wave_places.inc.  Products are rounded
// before they are added, so every instruction set gives the same bits.
//
// What is heard is CUT_LAG frames old, like the slopes of a saw: the phase
// goes back by what it went on in that time, less what sync made it jump.  So
// where sync cuts the wave off, it and the one that begins leave behind what
// cut_taps.h says, and the two come out as if one low-pass had heard both.
// That is good for partials up to 0.45 of the rate; so for as long as sync goes
// on, those of the table fade out earlier.

#include "kernel.h"

#include "cut_taps.h"
#include "four.h"
#include "waves.h"
#include "wavetable_state.h"

#include "ops_one.inc"

#undef FMA
#define FMA(a, b, c) ((a) * (b) + (c))

#include "math.inc"
#include "rows.inc"
#include "wave_places.inc"

#include "cuts.inc"

_Static_assert(WAVE_WORDS + 2 * CUT_PAIRS == LAT_WAVETABLE_WORDS,
               "the words of a wave");

enum { POSITION = 4 };

/// Frames after which nothing is left of a cut: below -200 dB.
#define RINGS 640U

/// Frames after a cut in which partials fade out earlier, by how much, and at
/// the end of them those in which that goes away.
#define SYNCED      10240U
#define SYNCED_FADE 2048U
#define EARLIER     0.08F

/// CUT_LAG without its two whole frames, in 2^-32.
#define LAG_PART ((int64_t)((CUT_LAG - 2.0F) * 0x1p32F))

/// The weights of four frames around a place, @p t of the way from the second
/// to the third: the cubic B-spline.
DSP_INLINE four
weights(float t)
{
    const four x = four_splat(t);
    four q = x * (four){-1 / 6.0F, 0.5F, -0.5F, 1 / 6.0F} +
             (four){0.5F, -1.0F, 0.5F, 0.0F};
    q = x * q + (four){-0.5F, 0.0F, 0.5F, 0.0F};
    return x * q + (four){1 / 6.0F, 4 / 6.0F, 1 / 6.0F, 0.0F};
}

/// Where in the cycles: between two of them.
struct position {
    uint32_t cycle, next;
    float part;
};

DSP_INLINE struct position
position_of(const struct lat_wavetable *t, float position)
{
    const float x = FN(clamp)(position, 0.0F, 1.0F) * (float)(t->n_cycles - 1);
    const uint32_t cycle = (uint32_t)x;
    const uint32_t next = cycle + (cycle + 1 < t->n_cycles);
    return (struct position){cycle, next, x - (float)cycle};
}

DSP_INLINE float
read_level(const struct lat_wavetable_level *level, struct position p,
           uint32_t phase)
{
    const float t = (float)(int32_t)(phase << level->bits >> 1U) * 0x1p-31F;
    const float *const at = level->frames + (phase >> (32U - level->bits)) - 1;
    const four a = four_load(at + (size_t)p.cycle * level->stride);
    const four b = four_load(at + (size_t)p.next * level->stride);
    const four y = weights(t) * (a + (b - a) * p.part);
    return (y[0] + y[2]) + (y[1] + y[3]);
}

/// The level that is right at a speed, from the one that was before.
DSP_INLINE uint32_t
level_at(const struct lat_wavetable *t, uint32_t level, float speed)
{
    while (level && speed >= t->levels[level].none) {
        level--;
    }
    while (level + 1 < t->n_levels && speed < t->levels[level + 1].none) {
        level++;
    }
    return level;
}

/// What is heard of a table, if there is one: a level and some of that below.
struct share {
    const struct lat_wavetable_level *level, *low; ///< either may be NULL
    struct position position;
    float part; ///< of the level
};

DSP_INLINE struct share
share_of(struct lat_wavetable_use *use, float speed, float position)
{
    const struct lat_wavetable *const t = use->table;
    if (!t) {
        return (struct share){0};
    }
    use->level = level_at(t, use->level, speed);
    const struct lat_wavetable_level *const level = &t->levels[use->level];
    struct share share = {.level = level, .position = position_of(t, position)};
    if (use->level && speed > level->whole) {
        share.low = level - 1;
        share.part = (level->none - speed) / (level->none - level->whole);
    }
    return share;
}

DSP_INLINE float
read_share(const struct share *share, uint32_t phase)
{
    if (!share->level) {
        return 0.0F;
    }
    const float y = read_level(share->level, share->position, phase);
    if (!share->low) {
        return y;
    }
    const float low = read_level(share->low, share->position, phase);
    return low + (y - low) * share->part;
}

/// What is heard: a table, or two that fade.
struct mix {
    struct share now, old;
    float part; ///< of the old one; 0: there is none
};

DSP_INLINE struct mix
mix_of(struct lat_wavetable_osc *s, float speed, float position)
{
    struct mix mix = {.now = share_of(&s->now, speed, position)};
    if (s->n_left) {
        mix.old = share_of(&s->old, speed, position);
        mix.part = (float)s->n_left / (float)s->n_fade;
    }
    return mix;
}

DSP_INLINE float
read_mix(const struct mix *mix, uint32_t phase)
{
    const float y = read_share(&mix->now, phase);
    if (mix->part == 0.0F) {
        return y;
    }
    return y + (read_share(&mix->old, phase) - y) * mix->part;
}

/// Is @p table one that the configuration still holds?
DSP_INLINE bool
is_held(const struct lat_config *config, const void *table)
{
    bool is = !table || (config->prepared && table == config->prepared[0]);
    for (uint32_t i = 0; config->earlier && i < LAT_CONFIG_EARLIER; i++) {
        is = is || table == config->earlier[i];
    }
    return is;
}

/// Let go of what may no longer be there.
DSP_INLINE void
hold(struct lat_wavetable_osc *s, const struct lat_config *config,
     const struct lat_wavetable *wanted, bool is_first)
{
    if (is_first || !is_held(config, s->now.table)) {
        s->now = (struct lat_wavetable_use){.table = wanted};
        s->n_left = 0;
    }
    if (!is_held(config, s->old.table)) {
        s->old = (struct lat_wavetable_use){0};
        s->n_left = 0;
    }
}

/// Begin to fade to another table, unless a fade is under way.
DSP_INLINE void
change(struct lat_wavetable_osc *s, const struct lat_wavetable *wanted)
{
    if (!s->n_left && s->now.table != wanted) {
        s->old = s->now;
        s->now = (struct lat_wavetable_use){.table = wanted};
        s->n_left = s->n_fade;
    }
}

/// The speed at which partials fade out, for one that is @p speed.
DSP_INLINE float
synced_speed(const struct lat_wavetable_osc *s, float speed)
{
    const float part = MIN((float)s->n_synced / SYNCED_FADE, 1.0F);
    return speed + speed * (EARLIER * part);
}

/// What is left behind where sync made one wave of another, @p ago frames ago:
/// @p end is where the phase of the first would be, @p at that of the second,
/// @p way what they go on by.
DSP_INLINE void
cut(struct FN(rings) * rings, float ago, const struct mix *first,
    const struct mix *second, uint32_t end, uint32_t at, int32_t way)
{
    const uint32_t back = (uint32_t)(int32_t)((double)way * (double)ago) +
                          CUT_TAPS_BEFORE * (uint32_t)way;
    float step[CUT_PAIRS] = {0};
    float slope[CUT_PAIRS] = {0};
    end -= back;
    at -= back;
    for (uint32_t i = 0; i < CUT_TAPS; i++) {
        const float size = read_mix(second, at) - read_mix(first, end);
        EACH_PAIR
        {
            step[k] += size * cut_taps[i][k][0];
            slope[k] += size * cut_taps[i][k][1];
        }
        end += (uint32_t)way;
        at += (uint32_t)way;
    }
    const struct FN(rings) steps = FN(rings_after)(cut_step, ago);
    const struct FN(rings) ramps = FN(rings_after)(cut_ramp, ago);
    EACH_PAIR
    {
        rings->now[k] += step[k] * steps.now[k] + slope[k] * ramps.now[k];
        rings->before[k] +=
            step[k] * steps.before[k] + slope[k] * ramps.before[k];
    }
}

/// The frames of a block, whose places are known.
DSP_INLINE void
give(struct lat_wavetable_osc *s, const struct lat_wavetable *wanted,
     const struct FN(wave_block) * b, const struct FN(rows) * position,
     size_t first, size_t n, struct FN(wave_course) * c,
     struct FN(rings) * rings, float *restrict out)
{
    for (size_t f = 0; f < n; f++) {
        change(s, wanted);
        const uint32_t at = b->place[f].at;
        const float x = ROW(*position, first, f);
        const float speed =
            MAX(FN(absolute)(b->cycles[f]),
                MIN(FN(absolute)(b->speed[f]), FN(absolute)(c->speed)));
        const int32_t way = (int32_t)(b->unsynced[f] - c->place.at);
        const int64_t part = (int64_t)s->ways[1] * LAG_PART;
        const uint32_t lag = (uint32_t)way + (uint32_t)s->ways[0] +
                             (uint32_t)(int32_t)(part >> 32);
        if (s->n_rings) {
            FN(rings_go_on)(rings);
        }
        struct mix mix = mix_of(s, synced_speed(s, speed), x);
        if (b->rises[f].is) {
            const struct mix ended = mix;
            s->n_synced = SYNCED;
            s->n_rings = RINGS;
            mix = mix_of(s, synced_speed(s, speed), x);
            cut(rings, b->rises[f].ago, &ended, &mix, b->unsynced[f], at, way);
        }
        float y = read_mix(&mix, at - lag);
        if (s->n_rings) {
            y += FN(rings_sum)(rings);
            if (!--s->n_rings) {
                *rings = (struct FN(rings)){0};
            }
        }
        out[first + f] =
            y * FN(wave_level)(b->cycles[f], b->speed[f], c->speed);
        s->ways[1] = s->ways[0];
        s->ways[0] = way;
        c->place.at = at;
        c->cycles = b->cycles[f];
        c->modulation = b->modulation[f];
        c->earlier = c->speed;
        c->speed = b->speed[f];
        s->n_left -= s->n_left > 0;
        s->n_synced -= s->n_synced > 0;
    }
}

LAT_RT uint64_t
KERNEL_LOOP(wavetable)(const struct lat_context *context,
                       const struct lat_io *io)
{
    struct lat_wavetable_osc *const s = io->state;
    const struct lat_wavetable *const wanted =
        io->config->prepared ? io->config->prepared[0] : NULL;
    const size_t n_frames = context->n_frames;
    const unsigned inputs = (1U << POSITION) - 1;
    const unsigned moving = (unsigned)~io->constant & inputs;
    float fill[5][ROWS_FILL];
    struct FN(osc) o = FN(osc_begin)(context, io, 0);
    o.state = s->words;
    const struct FN(wave_inputs) in =
        FN(wave_inputs)(&o, io, WAVE_SAW, 0, fill);
    const struct FN(rows) position = ROWS_OF(io, POSITION, 0, fill[4]);
    struct FN(wave_course) c = FN(wave_load)(&o);
    struct FN(rings) rings = FN(rings_load)(o.state + WAVE_WORDS);
    bool is_first = !s->words[OSC_WORDS];
    hold(s, io->config, wanted, is_first);
    for (size_t first = 0, n; first < n_frames; first += n) {
        struct FN(wave_block) b;
        n = TAIL(n_frames - first);
        // A constant sync input crosses 0 at the first frame, if at all.
        const unsigned moves =
            moving | FN(MOVES_PHASE) | (first ? 0 : FN(MOVES_SYNC));
        FN(wave_phases)(&o, &in, moves, first, n, &c, &b);
        FN(wave_places)(&in, WAVE_SAW, moves, first, n, &c, &b);
        if (!(moves & FN(MOVES_SYNC))) {
            EACH_FRAME(n)
            {
                b.unsynced[f] = b.place[f].at;
                b.rises[f].is = false;
            }
        }
        if (is_first) {
            is_first = false;
            c.place.at = b.unsynced[0] = b.place[0].at;
            b.rises[0].is = false;
            b.speed[0] = 0.0F;
        }
        give(s, wanted, &b, &position, first, n, &c, &rings, io->out[0]);
    }
    FN(wave_store)(&o, n_frames, &c);
    FN(rings_store)(o.state + WAVE_WORDS, &rings);
    return LAT_ALL_FINITE;
}

#include "ops_end.inc"
