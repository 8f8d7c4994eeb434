// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What follows a constant arrives at it, however slowly.

#include "kernels.h"

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

static const float cutoffs[LANES] = {
    0.01F, 0.02F, 0.05F, 0.1F, 0.3F, 1,   2,   5,
    20,    50,    100,   200,  450,  500, 900, 5000,
};

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
    uint32_t state[8 * LANES] __attribute__((aligned(LAT_ALIGNMENT)));
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
    const double seconds = f->n_in == 2 ? 350 : 350 * fmax(1, slowness);
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
        for (size_t j = 0; j < LAT_COUNT(steps); ++j) {
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
