// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Types whose process is compiled per instruction set: however frames are
// parted, and whatever moves, all that fuse products give the same bits, and
// the others nearly those; chorus and flanger those of what they are, one frame
// after the other.

#include "node/kernels.h"
#include "nodes/dsp/moving.h"
#include "nodes/dsp/plain.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(loops, .timeout = 120);

enum { FRAMES = 6000, MOST = 8, SPAN = 64 };

static uint32_t seed;

static uint32_t
random_bits(void)
{
    seed = seed * 1664525U + 1013904223U;
    return seed >> 8U;
}

static float
random_within(float low, float high)
{
    return low + (high - low) * (float)random_bits() * 0x1p-24F;
}

/// What goes into one.
struct scene {
    const struct lat_node_type *type;
    struct lat_config config;
    bool moves[MOST];
    float in[MOST][FRAMES]; ///< the first counts where it does not move
};

/// Knobs within their limits: still ones, ones that wander, and ones that jump
/// from frame to frame; the sound, noise and silence.
static void
make_scene(struct scene *s, const char *name, double rate, uint32_t turn)
{
    seed = turn;
    memset(s, 0, sizeof(*s));
    s->type = lat_node_type_find(name);
    cr_assert_not_null(s->type);
    s->config = (struct lat_config){.rate = rate,
                                    .block = SPAN,
                                    .n_in = s->type->n_inputs,
                                    .n_out = s->type->n_outputs,
                                    .n_voices = 1};
    for (uint32_t i = 0; i < s->type->n_inputs; ++i) {
        const struct lat_port *port = &s->type->inputs[i];
        const bool is_sound = port->kind == LAT_PORT_SIGNAL;
        const float low = is_sound ? -1.0F : port->min;
        const float high = is_sound ? 1.0F : port->max;
        const uint32_t way = is_sound ? 2 : turn ? random_bits() % 3 : 0;
        s->moves[i] = way > 0;
        float x = turn ? random_within(low, high) : port->initial;
        const float step = random_within(-1e-3F, 1e-3F) * (high - low);
        for (uint32_t f = 0; f < FRAMES; ++f) {
            if (way == 1) {
                x = plain_clamp(x + step, low, high);
            } else if (way == 2) {
                x = f < 4500 || !is_sound ? random_within(low, high) : 0.0F;
            }
            s->in[i][f] = x;
        }
    }
}

/// Two channels of FRAMES.
typedef float sound[2][FRAMES];

/// @param span  frames at a time; 0: now so many, now so many
static void
play(const struct scene *s, lat_process_fn process, uint32_t span, sound got)
{
    const size_t bytes = (s->type->state_bytes(&s->config) + 63) / 64 * 64;
    void *state = aligned_alloc(64, bytes);
    memset(state, 0, bytes);
    if (s->type->init) {
        cr_assert_eq(s->type->init(state, &s->config), LAT_OK);
    }
    seed = span + 1;
    uint32_t n = 0;
    for (uint32_t f = 0; f < FRAMES; f += n) {
        const float *in[MOST];
        uint32_t step[MOST];
        float *const out[2] = {got[0] + f, got[1] + f};
        n = span ? span : 1 + random_bits() % SPAN;
        n = n < FRAMES - f ? n : FRAMES - f;
        for (uint32_t i = 0; i < s->config.n_in; ++i) {
            in[i] = s->moves[i] ? s->in[i] + f : s->in[i];
            step[i] = s->moves[i];
        }
        const struct lat_context context = {
            .rate = s->config.rate,
            .rate_f = (float)s->config.rate,
            .period_f = (float)(1.0 / s->config.rate),
            .n_frames = n,
            .block = SPAN,
            .frame = f,
        };
        const struct lat_io io = {
            .in = in,
            .step = step,
            .out = out,
            .state = state,
            .config = &s->config,
            .n_in = s->config.n_in,
            .n_out = s->config.n_out,
        };
        process(&context, &io);
    }
    free(state);
}

static float
input(const struct scene *s, uint32_t i, uint32_t f)
{
    return s->in[i][s->moves[i] ? f : 0];
}

/// A sine of four phases, as modulated.c tells of it.
static four
sines(uint32_t turn)
{
    const uint32_t turns[4] = {turn, turn + 0x80000000U, turn + 0x40000000U,
                               turn + 0xc0000000U};
    four x;
    for (int k = 0; k < 4; ++k) {
        const int32_t p = (int32_t)turns[k];
        const bool is_far = p > 0x40000000 || p < -0x40000000;
        x[k] =
            (float)(is_far ? (int32_t)(0x80000000U - turns[k]) : p) * 0x1p-31F;
    }
    const four s = x * x;
    four q = s * 0.0821458866F - 0.599264529F;
    q = q * s + 2.55016404F;
    q = q * s - 5.16771278F;
    q = q * s + 3.14159265F;
    return q * x;
}

/// a b + c, rounded once or twice.
static float
product(bool is_fused, float a, float b, float c)
{
    return is_fused ? __builtin_fmaf(a, b, c) : a * b + c;
}

/// What the line held so many frames ago.
static four
between(const struct lat_line *line, const float *frames, uint32_t size,
        four ages, bool is_fused)
{
    four x[6];
    four w[6];
    four y;
    lat_six_weights(lat_line_sixes(line, frames, size, ages, x), w);
    for (int k = 0; k < 4; ++k) {
        const float near =
            product(is_fused, w[2][k], x[2][k], w[3][k] * x[3][k]);
        const float about =
            product(is_fused, w[1][k], x[1][k], w[4][k] * x[4][k]);
        y[k] = near + about +
               product(is_fused, w[0][k], x[0][k], w[5][k] * x[5][k]);
    }
    return y;
}

/// Chorus or flanger, frame by frame.
static void
play_plainly(const struct scene *s, bool is_chorus, bool is_fused, sound got)
{
    const float rate = (float)s->config.rate;
    const uint32_t size = lat_moving_size(s->config.rate);
    const float centre =
        (is_chorus ? LAT_CHORUS_SECONDS : LAT_FLANGER_SECONDS) * rate;
    const float way = (is_chorus ? LAT_CHORUS_DEPTH : LAT_FLANGER_DEPTH) * rate;
    float *frames = calloc(size, sizeof(*frames));
    struct lat_line line = {0, 0};
    uint64_t phase = 0;
    for (uint32_t f = 0; f < FRAMES; ++f) {
        const float depth =
            plain_clamp(input(s, LAT_MOVING_DEPTH, f), 0.0F, 1.0F);
        const float again =
            plain_clamp(input(s, LAT_MOVING_FEEDBACK, f), -0.99F, 0.99F);
        const float mix = plain_clamp(input(s, LAT_MOVING_MIX, f), 0.0F, 1.0F);
        const float hz =
            plain_clamp(input(s, LAT_MOVING_RATE, f), 0.0F, 1000.0F);
        const float x = input(s, LAT_MOVING_IN, f);
        const four y = between(
            &line, frames, size,
            centre + way * depth * sines((uint32_t)(phase >> 32U)), is_fused);
        const float copies[2] = {is_chorus ? (y[0] + y[1]) * 0.5F : y[0],
                                 is_chorus ? (y[2] + y[3]) * 0.5F : y[2]};
        lat_line_write(&line, frames, size, x + again * copies[0]);
        for (int side = 0; side < 2; ++side) {
            got[side][f] = x * (1.0F - mix) + copies[side] * mix;
        }
        phase += (uint64_t)((double)hz / s->config.rate * 0x1p64);
    }
    free(frames);
}

static void
expect_same(const struct scene *s, const char *what, uint32_t span,
            sound expected, sound got)
{
    for (uint32_t side = 0; side < s->config.n_out; ++side) {
        for (uint32_t f = 0; f < FRAMES; ++f) {
            cr_assert_eq(memcmp(&expected[side][f], &got[side][f], 4), 0,
                         "%s, %s, span %u: frame %u of output %u is %.9g, not "
                         "%.9g",
                         s->type->name, what, span, f, side,
                         (double)got[side][f], (double)expected[side][f]);
        }
    }
}

static const double rates[] = {48000.0, 44100.0, 8000.0, 192000.0};

static void
expect_spans_same(const struct scene *s, const struct lat_kernels *k,
                  sound expected)
{
    static sound got;
    const uint32_t spans[] = {1, SPAN, 17, 0};
    for (uint32_t i = 0; i < LAT_COUNT(spans); ++i) {
        play(s, k->loops[s->type->loop], spans[i], got);
        expect_same(s, k->name, spans[i], expected, got);
    }
}

Test(loops, of_chorus_and_flanger_give_the_bits_of_one_frame_after_the_other)
{
    static struct scene s;
    static sound expected;
    for (uint32_t turn = 0; turn < 16; ++turn) {
        const bool is_chorus = turn % 2 == 0;
        make_scene(&s, is_chorus ? "chorus" : "flanger",
                   rates[turn / 2 % LAT_COUNT(rates)], turn / 2);
        for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
            const struct lat_kernels *k = lat_kernels_get((enum lat_isa)isa);
            if (k) {
                play_plainly(&s, is_chorus, k->fuses, expected);
                expect_spans_same(&s, k, expected);
            }
        }
    }
}

/// Within 100 dB below the peak.
static void
expect_alike(const struct scene *s, const char *what, sound a, sound b)
{
    for (uint32_t side = 0; side < s->config.n_out; ++side) {
        float peak = 0;
        float most = 0;
        for (uint32_t f = 0; f < FRAMES; ++f) {
            peak = fmaxf(peak, fabsf(a[side][f]));
            most = fmaxf(most, fabsf(a[side][f] - b[side][f]));
        }
        cr_assert(most <= peak * 1e-5F, "%s, %s: %g of %g", s->type->name, what,
                  (double)most, (double)peak);
    }
}

Test(loops, of_other_types_give_the_same_bits_on_every_instruction_set)
{
    static struct scene s;
    static sound expected;
    static sound by_one;
    const char *const names[] = {"reverb", "distortion", "fold", "ladder"};
    for (uint32_t turn = 0; turn < 24; ++turn) {
        bool is_known = false;
        make_scene(&s, names[turn % LAT_COUNT(names)],
                   rates[turn / LAT_COUNT(names) % LAT_COUNT(rates)],
                   turn / LAT_COUNT(names));
        for (int isa = LAT_N_ISAS - 1; isa >= 0; --isa) {
            const struct lat_kernels *k = lat_kernels_get((enum lat_isa)isa);
            if (!k) {
                continue;
            }
            play(&s, k->loops[s.type->loop], 1, by_one);
            expect_spans_same(&s, k, by_one);
            if (!is_known) {
                memcpy(expected, by_one, sizeof(expected));
                is_known = true;
            } else if (k->fuses == lat_kernels_best()->fuses) {
                expect_same(&s, k->name, 1, expected, by_one);
            } else {
                expect_alike(&s, k->name, expected, by_one);
            }
        }
    }
}
