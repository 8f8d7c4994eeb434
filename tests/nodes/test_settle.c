// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What follows a constant arrives at it, however slowly.

#include "node/kernels.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(settle, .timeout = 300);

#define RATE 48000.0

enum { SPAN = 4096, LANES = LAT_LANES };

struct filter {
    const char *name;
    enum lat_kernel kernel;
    uint32_t n_in;
    float gain; // of a constant
};

static const struct filter filters[] = {
    {"lowpass", LAT_KERNEL_LOWPASS, 4, 1},
    {"highpass", LAT_KERNEL_HIGHPASS, 4, 0},
    {"bandpass", LAT_KERNEL_BANDPASS, 4, 0},
    {"notch", LAT_KERNEL_NOTCH, 4, 1},
    {"onepole", LAT_KERNEL_ONEPOLE, 2, 1},
};

// Sanitizers and debug builds take too long for the lowest cutoffs: there all
// that is below 1 Hz is a hundred times faster.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||           \
    !defined(__OPTIMIZE__)
# define HASTE 100.0
static const float cutoffs[LANES] = {
    1, 2, 5, 10, 30, 1, 2, 5, 20, 50, 100, 200, 450, 500, 900, 5000,
};
#else
# define HASTE 1.0
static const float cutoffs[LANES] = {
    0.01F, 0.02F, 0.05F, 0.1F, 0.3F, 1,   2,   5,
    20,    50,    100,   200,  450,  500, 900, 5000,
};
#endif

static struct lat_context
context_of(uint32_t n_frames)
{
    return (struct lat_context){
        .rate = RATE,
        .rate_f = (float)RATE,
        .period_f = (float)(1 / RATE),
        .n_frames = n_frames,
        .block = SPAN,
    };
}

/// Sixteen filters with the cutoffs above, all of one q.
struct bank {
    lat_process_fn process;
    float x[LANES], pitch[LANES], q[LANES];
    uint32_t state[12 * LANES] __attribute__((aligned(LAT_ALIGNMENT)));
    float out[SPAN * LANES] __attribute__((aligned(LAT_ALIGNMENT)));
    uint32_t n_in;
};

static void
bank_run(struct bank *b, double seconds)
{
    const float *const in[] = {b->x, cutoffs, b->pitch, b->q};
    const uint32_t step[4] = {0};
    float *const out[] = {b->out};
    const struct lat_context context = context_of(SPAN);
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = out,
        .state = b->state,
        .constant = ~UINT64_C(0),
        .n_in = b->n_in,
        .n_out = 1,
    };
    for (double frames = seconds * RATE; frames > 0; frames -= SPAN) {
        b->process(&context, &io);
    }
}

static void
settles(const struct filter *f, float q, float from, float to)
{
    static struct bank b;
    memset(&b, 0, sizeof(b));
    b.process = lat_kernels_best()->process_lanes[f->kernel];
    b.n_in = f->n_in;
    for (int l = 0; l < LANES; ++l) {
        b.x[l] = from;
        b.q[l] = q;
    }
    // 0.01 Hz needs some 16 s for each factor of e.
    const double slowness = q < 0.5F ? 0.7 / (double)q : (double)q * 1.5;
    const double longest = f->n_in == 2 ? 350 : 350 * fmax(1, slowness);
    const double seconds = longest / HASTE;
    if (from != 0.0F) {
        bank_run(&b, seconds);
    }
    for (int l = 0; l < LANES; ++l) {
        b.x[l] = to;
    }
    bank_run(&b, seconds);
    const float *last = &b.out[(SPAN - 1) * LANES];
    for (int l = 0; l < LANES; ++l) {
        const float want = to * f->gain;
        const float error =
            fabsf(last[l] - want) / fmaxf(fabsf(to), fabsf(from));
        cr_expect_leq(error, 1e-6F,
                      "%s at %g Hz, q %g, from %g to %g: %g too much", f->name,
                      (double)cutoffs[l], (double)q, (double)from, (double)to,
                      (double)(last[l] - want));
    }
}

static void
settles_everywhere(const struct filter *f)
{
    const float qs[] = {0.7071F, 0.1F, 4};
    const float steps[][2] = {{0, 1}, {0, -0.3F}, {2, 1}, {0, 0.75F}, {1, 0}};
    const size_t n_qs = f->n_in == 2 ? 1 : LAT_COUNT(qs);
    for (size_t i = 0; i < n_qs; ++i) {
        // The others take long.
        for (size_t j = 0; j < (i ? 1 : LAT_COUNT(steps)); ++j) {
            settles(f, qs[i], steps[j][0], steps[j][1]);
        }
    }
}

Test(settle, lowpass_on_a_constant_at_any_cutoff)
{
    lat_rt_flush_denormals();
    settles_everywhere(&filters[0]);
}

Test(settle, highpass_on_silence_at_any_cutoff)
{
    lat_rt_flush_denormals();
    settles_everywhere(&filters[1]);
}

Test(settle, bandpass_on_silence_at_any_cutoff)
{
    lat_rt_flush_denormals();
    settles_everywhere(&filters[2]);
}

Test(settle, notch_on_a_constant_at_any_cutoff)
{
    lat_rt_flush_denormals();
    settles_everywhere(&filters[3]);
}

Test(settle, onepole_on_a_constant_at_any_cutoff)
{
    lat_rt_flush_denormals();
    settles_everywhere(&filters[4]);
}

// --- Envelopes and meters ----------------------------------------------------

static const float decays[LANES] = {0.1F, 0.5F, 1,  1.4F, 1.5F, 2,  3,  5,
                                    8,    13,   21, 30,   50,   70, 90, 100};

/// Sixteen envelopes, open, side by side or lane @p lane alone.
static void
run_adsr(lat_process_fn process, uint32_t *state, float *out, int lane,
         float sustain, uint32_t span)
{
    const uint32_t pitch = lane < 0 ? LANES : 1;
    float rows[5][LANES];
    for (uint32_t l = 0; l < pitch; ++l) {
        rows[0][l] = 1.0F;
        rows[1][l] = 0.001F;
        rows[2][l] = lane < 0 ? decays[l] : decays[lane];
        rows[3][l] = sustain;
        rows[4][l] = 1.0F;
    }
    const float *const in[] = {rows[0], rows[1], rows[2], rows[3], rows[4]};
    const uint32_t step[5] = {0};
    float *const outs[] = {out};
    const struct lat_context context = context_of(span);
    const struct lat_setting_value curve = {.number = -4};
    const struct lat_config config = {.settings = &curve};
    float curves[LANES];
    for (uint32_t l = 0; l < LANES; ++l) {
        curves[l] = -4.0F;
    }
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = outs,
        .state = state,
        .config = &config,
        .settings = curves,
        .constant = ~UINT64_C(0),
        .n_in = 5,
        .n_out = 1,
    };
    const uint64_t still = process(&context, &io);
    for (uint32_t i = pitch; still && i < span * pitch; ++i) {
        out[i] = out[i - pitch];
    }
}

Test(settle, adsr_at_its_sustain_after_any_decay)
{
    const float sustains[] = {0.9F, 0.5F, 0.999F};
    static float out[SPAN * LANES] __attribute__((aligned(LAT_ALIGNMENT)));
    lat_rt_flush_denormals();
    const lat_process_fn process =
        lat_kernels_best()->process_lanes[LAT_KERNEL_ADSR];
    for (size_t i = 0; i < LAT_COUNT(sustains); ++i) {
        uint32_t state[12 * LANES]
            __attribute__((aligned(LAT_ALIGNMENT))) = {0};
        for (double frames = 101 * RATE; frames > 0; frames -= SPAN) {
            run_adsr(process, state, out, -1, sustains[i], SPAN);
        }
        for (int l = 0; l < LANES; ++l) {
            cr_expect_eq(out[(SPAN - 1) * LANES + l], sustains[i],
                         "decay %g s to %g: %.9g", (double)decays[l],
                         (double)sustains[i],
                         (double)out[(SPAN - 1) * LANES + l]);
        }
    }
}

Test(settle, adsr_by_the_same_bits_alone_in_lanes_and_in_other_spans)
{
    static float lanes[SPAN * LANES] __attribute__((aligned(LAT_ALIGNMENT)));
    static float alone[SPAN];
    lat_rt_flush_denormals();
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        if (!kernels) {
            continue;
        }
        uint32_t state[12 * LANES]
            __attribute__((aligned(LAT_ALIGNMENT))) = {0};
        uint32_t own[LANES][12] = {{0}};
        for (int turn = 0; turn < 24; ++turn) { // two seconds
            run_adsr(kernels->process_lanes[LAT_KERNEL_ADSR], state, lanes, -1,
                     0.9F, SPAN);
            for (int l = 0; l < LANES; ++l) {
                for (uint32_t f = 0; f < SPAN; f += 64) {
                    run_adsr(kernels->process[LAT_KERNEL_ADSR], own[l],
                             alone + f, l, 0.9F, 64);
                }
                for (uint32_t f = 0; f < SPAN; ++f) {
                    cr_assert_eq(alone[f], lanes[f * LANES + (uint32_t)l],
                                 "%s, decay %g s", kernels->name,
                                 (double)decays[l]);
                }
            }
        }
    }
}

Test(settle, meter_on_the_rms_of_a_constant)
{
    const float levels[] = {1, 0.3F, 1e-3F, 7};
    for (size_t i = 0; i < LAT_COUNT(levels); ++i) {
        const struct lat_node_type *type = lat_node_type_find("meter");
        uint64_t state[8] = {0};
        static float out[2][SPAN];
        const float *const in[] = {&levels[i]};
        const uint32_t step[] = {0};
        float *const outs[] = {out[0], out[1]};
        const struct lat_context context = context_of(SPAN);
        const struct lat_io io = {
            .in = in,
            .step = step,
            .out = outs,
            .state = state,
            .n_in = 1,
            .n_out = 2,
        };
        for (int turn = 0; turn < 30; ++turn) {
            type->process(&context, &io);
        }
        cr_expect_float_eq(out[1][SPAN - 1] / levels[i], 1.0F, 1.3e-7F,
                           "%g: %.9g", (double)levels[i],
                           (double)out[1][SPAN - 1]);
    }
}
