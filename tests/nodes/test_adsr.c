// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// adsr: every frame against its closed form, on every instruction set, alone
// and in lanes.

#include "node/kernels.h"
#include "nodes/types.h"
#include "support/effects.h"

#include "base/rt.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LANES LAT_LANES
#define WORDS 12
#define MOST  4096

enum { GATE, ATTACK, DECAY, SUSTAIN, RELEASE, N_IN };

TestSuite(adsr, .timeout = 120);

// --- The definition ----------------------------------------------------------

/// What the contract says, frame by frame.
struct model {
    double rate, curve;
    double from, bend;
    uint32_t stage, i, n; ///< 0: release
    bool was_open;
};

static void
model_begin(struct model *m, uint32_t stage, double level, double seconds)
{
    m->stage = stage;
    m->from = level;
    m->i = 0;
    m->n = (uint32_t)fmax(floor(seconds * m->rate + 0.5), 1);
    m->bend = stage == 1 ? 0 : m->curve;
}

static double
model_next(struct model *m, const float *in)
{
    const double target = m->stage == 1   ? 1
                          : m->stage == 2 ? (double)in[SUSTAIN]
                                          : 0;
    const double p = m->i < m->n ? (double)m->i / m->n : 1;
    const double g = m->bend == 0 ? p : expm1(m->bend * p) / expm1(m->bend);
    const double level =
        m->i < m->n ? m->from + (target - m->from) * g : target;
    const bool opens = in[GATE] > 0.0F;
    if (opens && !m->was_open) {
        model_begin(m, 1, level, (double)in[ATTACK]);
    } else if (!opens && m->was_open) {
        model_begin(m, 0, level, (double)in[RELEASE]);
    } else if (m->stage == 1 && m->i == m->n) {
        model_begin(m, 2, level, (double)in[DECAY]);
    }
    m->was_open = opens;
    m->i += m->i < m->n;
    return level;
}

// --- The kernels -------------------------------------------------------------

/// Envelopes side by side, or one.
struct player {
    lat_process_fn process;
    double rate;
    uint32_t pitch; ///< LANES, or 1
    float curves[LANES];
    uint32_t state[WORDS * LANES];
    uint64_t frame;
};

/// The next @p n frames.
/// @param in  frame by frame, `pitch` floats each; with a step of 0 one
static void
play(struct player *p, const float *const *in, const uint32_t *step, float *out,
     uint32_t n)
{
    const struct lat_context context = {
        .rate = p->rate,
        .rate_f = (float)p->rate,
        .period_f = (float)(1 / p->rate),
        .n_frames = n,
        .block = MOST,
        .frame = p->frame,
    };
    const struct lat_setting_value curve = {.number = (double)p->curves[0]};
    const struct lat_config config = {.settings = &curve};
    uint64_t constant = 0;
    for (uint32_t i = 0; i < N_IN; ++i) {
        constant |= (uint64_t)!step[i] << i;
    }
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = &out,
        .state = p->state,
        .config = p->pitch == 1 ? &config : NULL,
        .settings = p->curves,
        .constant = constant,
        .n_in = N_IN,
        .n_out = 1,
    };
    const uint64_t still = p->process(&context, &io);
    for (uint32_t k = p->pitch; still && k < n * p->pitch; ++k) {
        out[k] = out[k - p->pitch];
    }
    p->frame += n;
}

static uint32_t drawn = 1;

static uint32_t
below(uint32_t n)
{
    drawn = drawn * 1664525U + 1013904223U;
    return (drawn >> 8U) % n;
}

static float play_in[N_IN][MOST * LANES] __attribute__((aligned(64)));
static float play_out[MOST * LANES] __attribute__((aligned(64)));
static float play_alone[MOST];

/// Gates of all lengths, some of one frame, and times that are whole frames.
static void
draw_inputs(double rate, bool moves)
{
    for (uint32_t l = 0; l < LANES; ++l) {
        bool is_open = below(2);
        float now[N_IN] = {0};
        uint32_t left = 0;
        for (uint32_t f = 0; f < MOST; ++f) {
            if (!left) {
                is_open = !is_open;
                left = 1 + below(below(3) ? 900 : 2);
                for (int i = ATTACK; i < N_IN && (moves || !f); ++i) {
                    now[i] = (float)(below(below(2) ? 500 : 40) / rate);
                }
                now[SUSTAIN] =
                    moves || !f ? (float)below(1000) / 999.0F : now[SUSTAIN];
            }
            now[GATE] = is_open ? 1.0F : 0.0F;
            left--;
            for (int i = 0; i < N_IN; ++i) {
                play_in[i][f * LANES + l] = now[i];
            }
        }
    }
}

static void
expect_model(const struct player *p, const float *curves)
{
    for (uint32_t l = 0; l < LANES; ++l) {
        struct model m = {.rate = p->rate, .curve = (double)curves[l]};
        for (uint32_t f = 0; f < MOST; ++f) {
            float in[N_IN];
            for (int i = 0; i < N_IN; ++i) {
                in[i] = play_in[i][f * LANES + l];
            }
            const double exact = model_next(&m, in);
            const float got = play_out[f * LANES + l];
            cr_assert(got >= 0.0F && got <= 1.0F);
            cr_assert_float_eq((double)got, exact, 1e-6,
                               "lane %u, curve %g, frame %u (%u of %u): %.9g, "
                               "not %.9g",
                               l, (double)curves[l], f, m.i, m.n, (double)got,
                               exact);
        }
    }
}

/// Lane @p l alone, in spans of its own, gives the bits of the lanes.
static void
expect_alone(const struct lat_kernels *k, struct player *lanes, uint32_t l,
             const uint32_t *step)
{
    struct player p = {
        .process = k->process[LAT_KERNEL_ADSR],
        .rate = lanes->rate,
        .pitch = 1,
        .curves = {lanes->curves[l]},
    };
    static float in[N_IN][MOST];
    for (int i = 0; i < N_IN; ++i) {
        for (uint32_t f = 0; f < MOST; ++f) {
            in[i][f] = play_in[i][f * LANES + l];
        }
    }
    for (uint32_t f = 0, n = 0; f < MOST; f += n) {
        n = l % 3 ? 1 + below(200) : 1;
        n = n < MOST - f ? n : MOST - f;
        const float *at[N_IN];
        for (int i = 0; i < N_IN; ++i) {
            at[i] = in[i] + f;
        }
        play(&p, at, step, play_alone + f, n);
    }
    for (uint32_t f = 0; f < MOST; ++f) {
        cr_assert_eq(play_alone[f], play_out[f * LANES + l],
                     "%s, lane %u, frame %u", k->name, l, f);
    }
}

Test(adsr, follows_its_definition_in_every_frame_on_every_instruction_set)
{
    const double rates[] = {44100, 48000, 96000, 192000};
    lat_rt_flush_denormals();
    for (int turn = 0; turn < 12; ++turn) {
        const bool moves = turn % 2;
        draw_inputs(rates[turn % 4], moves);
        const uint32_t step[N_IN] = {1, moves, moves, moves, moves};
        for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
            const struct lat_kernels *k = lat_kernels_get((enum lat_isa)isa);
            if (!k) {
                continue;
            }
            struct player p = {
                .process = k->process_lanes[LAT_KERNEL_ADSR],
                .rate = rates[turn % 4],
                .pitch = LANES,
            };
            for (int l = 0; l < LANES; ++l) {
                p.curves[l] = (float)((l - 8) * (turn % 3 ? 1.25 : 0.001));
            }
            for (uint32_t f = 0, n = 0; f < MOST; f += n) {
                n = 1 + below(300);
                n = n < MOST - f ? n : MOST - f;
                const float *at[N_IN];
                for (int i = 0; i < N_IN; ++i) {
                    at[i] = play_in[i] + (step[i] ? f * LANES : 0);
                }
                play(&p, at, step, play_out + f * LANES, n);
            }
            expect_model(&p, p.curves);
            for (uint32_t l = 0; l < LANES; ++l) {
                expect_alone(k, &p, l, step);
            }
        }
    }
}

static void
expect_long(double rate, double curve, double seconds, double from)
{
    struct player p = {
        .process = lat_kernels_best()->process[LAT_KERNEL_ADSR],
        .rate = rate,
        .pitch = 1,
        .curves = {(float)curve},
    };
    struct model m = {.rate = rate, .curve = curve};
    float value[N_IN] = {1.0F, 0.0F, 0.0F, (float)from, (float)seconds};
    const float *const in[] = {&value[0], &value[1], &value[2], &value[3],
                               &value[4]};
    const uint32_t step[N_IN] = {0};
    const uint64_t n = (uint64_t)llround(seconds * rate);
    uint64_t end = 0;
    double worst = 0;
    float last = 2;
    for (uint64_t f = 0; f < n + 2 * MOST; f += MOST) {
        value[GATE] = f ? 0.0F : 1.0F;
        play(&p, in, step, play_alone, MOST);
        for (uint32_t k = 0; k < MOST; ++k) {
            worst = fmax(worst,
                         fabs((double)play_alone[k] - model_next(&m, value)));
            end = f && !end && play_alone[k] == 0.0F ? f + k : end;
            cr_assert(f + k <= MOST || play_alone[k] <= last + 2e-7F);
            last = play_alone[k];
        }
    }
    cr_assert_lt(worst, 1e-6, "%g s at %g Hz, curve %g: off by %g", seconds,
                 rate, curve, worst);
    // Its end is on its frame, but for what is too near 0 for a float.
    cr_assert(end <= MOST + n && end + (curve < -6 ? n / 100 : 2) >= MOST + n,
              "%g s at %g Hz, curve %g: ends at %llu of %llu", seconds, rate,
              curve, (unsigned long long)(end - MOST), (unsigned long long)n);
}

Test(adsr, does_not_drift_in_stages_of_a_minute)
{
    lat_rt_flush_denormals();
    expect_long(44100, -4, 60, 1);
    expect_long(192000, 0, 60, 1);
    expect_long(192000, -10, 60, 0.3);
    expect_long(48000, 10, 60, 0.7);
    expect_long(96000, 3, 12.345, 0.9);
    expect_long(44100, -1, 0.001, 1);
}

Test(adsr, reaches_1_after_the_attack_time)
{
    static float out[MOST];
    const double attacks[] = {0, 0.00001, 0.001, 0.01, 0.1, 1, 10, 60};
    for (size_t i = 0; i < LAT_COUNT(attacks); i++) {
        struct player p = {
            .process = lat_kernels_best()->process[LAT_KERNEL_ADSR],
            .rate = 48000,
            .pitch = 1,
        };
        const float value[N_IN] = {1.0F, (float)attacks[i], 1.0F, 0.5F, 0.0F};
        const float *const in[] = {&value[0], &value[1], &value[2], &value[3],
                                   &value[4]};
        const uint32_t step[N_IN] = {0};
        const uint64_t frames = (uint64_t)fmax(round(attacks[i] * 48000), 1);
        uint64_t f = 0;
        bool is_there = false;
        while (!is_there && f < frames + MOST) {
            play(&p, in, step, out, 1000);
            for (uint32_t k = 0; k < 1000 && !is_there; ++k, ++f) {
                is_there = out[k] == 1.0F;
            }
        }
        cr_assert_eq(f - 1, frames, "%g s: %llu", attacks[i],
                     (unsigned long long)f - 1);
    }
}

Test(adsr, says_that_it_is_constant_at_rest)
{
    const struct lat_context context = {
        .rate = 48000,
        .rate_f = 48000.0F,
        .period_f = (float)(1.0 / 48000),
        .n_frames = 64,
        .block = 64,
    };
    float values[] = {0, 0, 0, 0.7F, 0};
    const float *const in[] = {&values[0], &values[1], &values[2], &values[3],
                               &values[4]};
    const uint32_t step[5] = {0};
    float frames[64];
    float *const out[] = {frames};
    uint32_t state[WORDS] = {0};
    const struct lat_setting_value curve = {.number = -4};
    const struct lat_config config = {.settings = &curve};
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = out,
        .state = state,
        .config = &config,
        .constant = 31,
        .n_in = 5,
        .n_out = 1,
    };
    const lat_process_fn process = lat_kernels_best()->process[LAT_KERNEL_ADSR];
    cr_assert_eq(process(&context, &io), 1U);
    cr_assert_eq(frames[0], 0.0F);
    values[0] = 1.0F;
    cr_assert_eq(process(&context, &io), 0U);
    cr_assert_eq(process(&context, &io), 1U);
    cr_assert_eq(frames[0], 0.7F);
    values[3] = 0.6F;
    cr_assert_eq(process(&context, &io), 1U); // it follows
    cr_assert_eq(frames[0], 0.6F);
    values[0] = 0.0F;
    cr_assert_eq(process(&context, &io), 0U);
    cr_assert_eq(process(&context, &io), 1U);
    cr_assert_eq(frames[0], 0.0F);
}

Test(adsr, stays_a_number_whatever_it_is_fed)
{
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F};
    for (size_t b = 0; b < LAT_COUNT(bad); ++b) {
        struct player p = {
            .process = lat_kernels_best()->process[LAT_KERNEL_ADSR],
            .rate = 48000,
            .pitch = 1,
            .curves = {-4},
        };
        for (int turn = 0; turn < 20; ++turn) {
            float value[N_IN];
            const float *in[N_IN];
            const uint32_t step[N_IN] = {0};
            for (int i = 0; i < N_IN; ++i) {
                value[i] = below(2) ? bad[b] : (float)below(2);
                in[i] = &value[i];
            }
            play(&p, in, step, play_alone, 100);
            for (int f = 0; f < 100; ++f) {
                cr_assert(play_alone[f] >= 0.0F && play_alone[f] <= 1.0F);
            }
        }
    }
}

// --- In the engine -----------------------------------------------------------

/// 48 frames of release from 1 that began at @p first.
static void
expect_release(const struct rig *r, uint32_t first, double from, double curve,
               double level)
{
    for (uint32_t i = 0; i <= 480; ++i) {
        const double p = i / 480.0;
        const double g = curve == 0 ? p : expm1(curve * p) / expm1(curve);
        cr_assert_float_eq((double)r->recorded[first + i] / level,
                           from * (1 - g), 3e-6, "curve %g, frame %u", curve,
                           i);
    }
}

static const char four[] =
    "new adsr e1 attack 0 sustain 1 release 0.01 gate 1\n"
    "new adsr e2 attack 0 sustain 1 release 0.01 gate 1\n"
    "new adsr e3 attack 0 sustain 1 release 0.01 gate 1\n"
    "new adsr e4 attack 0 sustain 1 release 0.01 gate 1\n"
    "new adsr e5 attack 0 sustain 1 release 0.01 gate 1\n"
    "connect e3 main";

Test(adsr, in_lanes_has_a_curve_of_its_own_that_may_change_while_it_plays)
{
    struct rig r = effects_rig(64, four);
    rig_run(&r, 128, 64);
    rig_do(&r, "set e2 curve 7");
    rig_do(&r, "set e3 curve 2");
    rig_run(&r, 128, 64);
    rig_do(&r, "set e3 gate 0");
    rig_run(&r, 100, 64);
    rig_do(&r, "set e3 curve -9"); // of a release to come
    rig_run(&r, 900, 50);
    expect_release(&r, 256, 1, 2, 1);
    rig_do(&r, "set e3 gate 1");
    rig_run(&r, 100, 50);
    rig_do(&r, "set e3 gate 0");
    rig_run(&r, 1000, 50);
    expect_release(&r, 1356, 1, -9, 1);
    rig_free(&r);
}

Test(adsr, keeps_its_curve_asleep_and_in_another_group)
{
    struct rig r = effects_rig(
        64, "new adsr e poly 5 attack 0 sustain 1 release 0.01 gate 0\n"
            "connect e main");
    rig_do(&r, "set e curve 3");
    rig_run(&r, 256, 64); // they sleep
    rig_do(&r, "set e.2 gate 1");
    rig_run(&r, 64, 64);
    rig_do(&r, "set e.2 gate 0");
    rig_run(&r, 960, 64);
    expect_release(&r, 320, 1, 3, 1);
    // One that comes before it takes its lane, or leaves it alone.
    rig_do(&r, "set e poly 2\n");
    rig_run(&r, 256, 64);
    const uint32_t from = 320 + 960 + 256;
    rig_do(&r, "set e.2 gate 1");
    rig_run(&r, 64, 64);
    rig_do(&r, "set e.2 gate 0");
    rig_run(&r, 960, 64);
    expect_release(&r, from + 64, 1, 3, 1);
    rig_free(&r);
}
