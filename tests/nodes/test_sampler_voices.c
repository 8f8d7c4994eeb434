// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The voice manager of the sampler, on sounds that are made here: what it plays
// is compared with closed forms.

#include "nodes/sampler/voices.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6000, SOUND = 4800 };

struct bench {
    float samples[LAT_SOUND_EDGE + SOUND + LAT_SOUND_EDGE];
    float quiet[LAT_SOUND_EDGE + SOUND + LAT_SOUND_EDGE];
    float peaks[2][SOUND / LAT_SOUND_PEAK_FRAMES + 1];
    struct lat_sound list[2];
    struct lat_sounds sounds;
    struct lat_voices *voices;
    struct lat_sampler_live live;
    float left[N], right[N];
    uint32_t at, chunk;
};

/// Sine waves of @p period frames; the second sound is a hundredth as loud.
static struct bench *
bench_new(uint32_t n_most, double period)
{
    struct bench *b = calloc(1, sizeof(*b));
    b->voices = calloc(1, sizeof(*b->voices));
    cr_assert(b && b->voices);
    b->voices->n_most = n_most;
    b->voices->n_fade = 240;
    for (uint32_t i = 0; i < SOUND; i++) {
        const double x = sin(2 * M_PI * i / period);
        b->samples[LAT_SOUND_EDGE + i] = (float)x;
        b->quiet[LAT_SOUND_EDGE + i] = (float)(0.01 * x);
    }
    for (uint32_t i = 0; i < LAT_COUNT(b->peaks[0]); i++) {
        b->peaks[0][i] = 1.0F;
        b->peaks[1][i] = 0.01F;
    }
    for (uint32_t i = 0; i < 2; i++) {
        float *const to = (i ? b->quiet : b->samples) + LAT_SOUND_EDGE;
        b->list[i] = (struct lat_sound){SOUND, 1, {to, to}, b->peaks[i]};
    }
    b->sounds.n = 2;
    b->sounds.list = b->list;
    for (uint32_t f = 0; f < LAT_SAMPLER_CHUNK; f++) {
        b->live.step[f] = LAT_PLACE(1);
        b->live.left[f] = b->live.right[f] = 1.0F;
        b->live.n_release[f] = 240;
    }
    b->live.is_steady = true;
    b->chunk = LAT_SAMPLER_CHUNK;
    return b;
}

static void
bench_free(struct bench *b)
{
    lat_voices_clear(b->voices);
    cr_expect_eq(b->sounds.n_held, 0, "what nobody plays is not held");
    free(b->voices);
    free(b);
}

static void
set_step(struct bench *b, double step)
{
    for (uint32_t f = 0; f < LAT_SAMPLER_CHUNK; f++) {
        b->live.step[f] = lat_place_step(step);
    }
}

static struct lat_sampler_event
whole(const struct bench *b, uint32_t sound)
{
    return (struct lat_sampler_event){
        .sound = &b->list[sound],
        .sounds = (struct lat_sounds *)&b->sounds,
        .height = 1.0F,
        .speed = 1.0F,
        .end = 1.0F,
        .n_release = LAT_SAMPLER_OPEN,
        .n_hold = LAT_SAMPLER_OPEN,
    };
}

static void
run_to(struct bench *b, uint32_t end)
{
    while (b->at < end) {
        const uint32_t left = end - b->at;
        const uint32_t n = left < b->chunk ? left : b->chunk;
        lat_voices_add(b->voices, &b->live, n, b->left + b->at,
                       b->right + b->at);
        b->at += n;
    }
}

static void
strike(struct bench *b, uint32_t frame, struct lat_sampler_event event)
{
    run_to(b, frame);
    lat_voices_begin(b->voices, &event);
}

static double
worst(const struct bench *b, uint32_t from, uint32_t to,
      double (*want)(uint32_t f))
{
    double most = 0;
    for (uint32_t f = from; f < to; f++) {
        most = fmax(most, fabs((double)b->left[f] - want(f)));
    }
    return most;
}

static double
sine_48(uint32_t f)
{
    return sin(2 * M_PI * f / 48.0);
}

Test(sampler_voices, at_speed_1_a_sound_is_given_back_as_it_is)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.height = 0.5F;
    strike(b, 100, event);
    run_to(b, N);
    for (uint32_t f = 0; f < N; f++) {
        const float want = f >= 100 && f < 100 + SOUND
                               ? 0.5F * b->samples[LAT_SOUND_EDGE + f - 100]
                               : 0.0F;
        cr_assert_eq(b->left[f], want, "frame %u", f);
        cr_assert_eq(b->right[f], want, "frame %u", f);
    }
    cr_expect(lat_voices_are_silent(b->voices));
    bench_free(b);
}

static double
slow_sine(uint32_t f)
{
    return sin(2 * M_PI * 0.37 * f / 48.0);
}

Test(sampler_voices, between_frames_it_is_the_sine_that_was_sampled)
{
    struct bench *b = bench_new(4, 48);
    set_step(b, 0.37);
    strike(b, 0, whole(b, 0));
    run_to(b, N);
    // 1 kHz of 48: six points are -115 dB off.
    cr_expect_lt(worst(b, 10, N - 10, slow_sine), 3e-6);
    bench_free(b);
}

static double
fast_sine(uint32_t f)
{
    return sin(2 * M_PI * 1.3 * f / 48.0);
}

Test(sampler_voices, faster_it_ends_sooner)
{
    struct bench *b = bench_new(4, 48);
    set_step(b, 1.3);
    strike(b, 0, whole(b, 0));
    run_to(b, N);
    cr_expect_lt(worst(b, 3, 3600, fast_sine), 3e-6);
    const uint32_t end = 3693; // 4800 / 1.3 = 3692.3
    cr_expect_neq(b->left[end - 1], 0.0F);
    for (uint32_t f = end; f < N; f++) {
        cr_assert_eq(b->left[f], 0.0F, "frame %u", f);
    }
    bench_free(b);
}

Test(sampler_voices, backwards_it_begins_at_the_last_frame)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.is_backwards = true;
    set_step(b, -1);
    strike(b, 0, event);
    run_to(b, N);
    for (uint32_t f = 0; f < SOUND; f++) {
        cr_assert_eq(b->left[f], b->samples[LAT_SOUND_EDGE + SOUND - 1 - f]);
    }
    cr_expect(lat_voices_are_silent(b->voices));
    bench_free(b);
}

Test(sampler_voices, end_before_begin_plays_the_part_backwards)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.begin = 0.5F;
    event.end = 0.25F;
    strike(b, 0, event);
    run_to(b, N);
    for (uint32_t f = 0; f < 900; f++) {
        cr_assert_eq(b->left[f], b->samples[LAT_SOUND_EDGE + 2399 - f]);
    }
    for (uint32_t f = 1200; f < N; f++) {
        cr_assert_eq(b->left[f], 0.0F);
    }
    bench_free(b);
}

/// The largest second difference over the largest of the 64 to either side.
static double
roughness(const float *x, uint32_t from, uint32_t to)
{
    double worst = 0;
    for (uint32_t f = from; f < to; f++) {
        double around = 1e-9;
        double here = 0;
        for (uint32_t k = f - 66; k <= f + 66; k++) {
            const double d =
                fabs((double)x[k - 1] - 2 * (double)x[k] + (double)x[k + 1]);
            if (k + 2 >= f && k <= f + 2) {
                here = fmax(here, d);
            } else {
                around = fmax(around, d);
            }
        }
        worst = fmax(worst, here / around);
    }
    return worst;
}

Test(sampler_voices, a_part_ends_on_its_frame_without_a_click)
{
    struct bench *b = bench_new(4, 480);
    struct lat_sampler_event event = whole(b, 0);
    event.end = 0.275F; // 1320: where the wave is at its top
    strike(b, 0, event);
    run_to(b, N);
    cr_expect_neq(b->left[1318], 0.0F);
    for (uint32_t f = 1320; f < N; f++) {
        cr_assert_eq(b->left[f], 0.0F);
    }
    cr_expect_lt(roughness(b->left, 400, 1500), 3);
    bench_free(b);
}

Test(sampler_voices, an_attack_comes_up_in_its_time)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.n_attack = 480;
    strike(b, 0, event);
    run_to(b, N);
    cr_expect_eq(b->left[0], 0.0F);
    cr_expect_float_eq(b->left[240 + 12], 0.5 * (0.5 + 12 / 480.0) / 0.5, 0.02);
    for (uint32_t f = 480; f < SOUND; f++) {
        cr_assert_eq(b->left[f], b->samples[LAT_SOUND_EDGE + f]);
    }
    bench_free(b);
}

Test(sampler_voices, a_loop_of_whole_waves_is_one_wave)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.begin = 0.1F; // 480
    event.end = 0.2F;   // 960: ten waves
    event.loop = LAT_SAMPLER_ROUND;
    set_step(b, 0.37);
    strike(b, 0, event);
    run_to(b, N);
    cr_expect_lt(worst(b, 0, N, slow_sine), 3e-6);
    cr_expect_not(lat_voices_are_silent(b->voices));
    bench_free(b);
}

Test(sampler_voices, where_a_loop_does_not_lead_on_nothing_clicks)
{
    static const struct {
        float begin, end;
        double step;
    } cases[] = {{0.2F, 0.77F, 1}, {0.0F, 0.823F, 1},   {0.31F, 1.0F, 1},
                 {0.0F, 1.0F, 1},  {0.01F, 0.61F, 0.7}, {0.2F, 0.77F, -1.3}};
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        struct bench *b = bench_new(4, 171);
        struct lat_sampler_event event = whole(b, 0);
        event.begin = cases[i].begin;
        event.end = cases[i].end;
        event.loop = LAT_SAMPLER_ROUND;
        event.is_backwards = cases[i].step < 0;
        set_step(b, cases[i].step);
        strike(b, 0, event);
        run_to(b, N);
        const double length = (double)(cases[i].end - cases[i].begin) * SOUND /
                              fabs(cases[i].step);
        const uint32_t seam = (uint32_t)length;
        cr_expect_lt(roughness(b->left, seam - 200, seam + 200), 3, "%zu: %g",
                     i, roughness(b->left, seam - 200, seam + 200));
        double most = 0;
        for (uint32_t f = 0; f < N; f++) {
            most = fmax(most, fabs((double)b->left[f]));
        }
        cr_expect_lt(most, 1.5);
        bench_free(b);
    }
}

Test(sampler_voices, a_loop_that_is_a_wave_keeps_its_edge)
{
    struct bench *b = bench_new(4, 96);
    struct lat_sampler_event event = whole(b, 0);
    event.end = 72 / (float)SOUND; // three quarters: from -1 to 0
    event.loop = LAT_SAMPLER_ROUND;
    strike(b, 0, event);
    run_to(b, N);
    for (uint32_t f = 0; f < N; f++) {
        cr_assert_eq(b->left[f], b->samples[LAT_SOUND_EDGE + f % 72]);
    }
    bench_free(b);
}

Test(sampler_voices, each_has_a_speed_a_place_and_a_length_of_its_own)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    for (uint32_t f = 0; f < LAT_SAMPLER_CHUNK; f++) {
        b->live.gain[f] = 1.0F;
    }
    event.speed = 0.37F;
    event.pan = -1.0F;
    event.n_hold = 2000;
    event.n_release = 100;
    strike(b, 0, event);
    run_to(b, N);
    cr_expect_lt(worst(b, 10, 2000, slow_sine), 1e-4, "%g",
                 worst(b, 10, 2000, slow_sine));
    cr_expect_neq(b->left[2095], 0.0F);
    for (uint32_t f = 0; f < N; f++) {
        cr_assert_eq(b->right[f], 0.0F);
        cr_assert(f < 2100 || b->left[f] == 0.0F, "frame %u", f);
    }
    bench_free(b);
}

Test(sampler_voices, what_is_held_goes_round_until_it_is_let_go)
{
    struct bench *b = bench_new(4, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.end = 0.1F;
    event.loop = LAT_SAMPLER_HELD;
    strike(b, 0, event);
    run_to(b, 3000);
    lat_voices_let_go(b->voices, LAT_SAMPLER_TRIGGER, 240);
    run_to(b, N);
    cr_expect_lt(worst(b, 0, 3000, sine_48), 1e-6);
    cr_expect_neq(b->left[3230], 0.0F);
    for (uint32_t f = 3240; f < N; f++) {
        cr_assert_eq(b->left[f], 0.0F);
    }
    cr_expect_lt(roughness(b->left, 2900, 3300), 3);
    bench_free(b);
}

static uint32_t
n_playing(const struct lat_voices *v, const struct lat_sound *sound)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < LAT_SAMPLER_SLOTS; i++) {
        n += (v->used[i / 64] >> i % 64 & 1U) && v->voices[i].sound == sound &&
             !v->voices[i].n_fade;
    }
    return n;
}

Test(sampler_voices, the_quietest_gives_way_or_the_oldest)
{
    for (int oldest = 0; oldest < 2; oldest++) {
        struct bench *b = bench_new(3, 48);
        b->voices->takes_oldest = oldest;
        strike(b, 0, whole(b, 0));
        strike(b, 10, whole(b, 1));
        strike(b, 20, whole(b, 0));
        strike(b, 30, whole(b, 0));
        cr_expect_eq(n_playing(b->voices, &b->list[0]), oldest ? 2 : 3);
        cr_expect_eq(n_playing(b->voices, &b->list[1]), oldest ? 1 : 0);
        bench_free(b);
    }
}

Test(sampler_voices, fewer_of_them_let_the_others_go)
{
    struct bench *b = bench_new(5, 480);
    for (uint32_t i = 0; i < 5; i++) {
        strike(b, 100 * i, whole(b, 0));
    }
    run_to(b, 1000);
    lat_voices_limit(b->voices, 2);
    cr_expect_eq(n_playing(b->voices, &b->list[0]), 2);
    lat_voices_limit(b->voices, 5);
    cr_expect_eq(n_playing(b->voices, &b->list[0]), 2);
    run_to(b, N);
    cr_expect_lt(roughness(b->left, 900, 1400), 3);
    bench_free(b);
}

Test(sampler_voices, to_take_a_voice_makes_no_click)
{
    struct bench *b = bench_new(2, 480);
    struct lat_sampler_event event = whole(b, 0);
    event.n_attack = 240; // a sine has a corner where it begins
    for (uint32_t i = 0; i < 12; i++) {
        strike(b, i * 250, event);
    }
    run_to(b, N);
    cr_expect_lt(roughness(b->left, 600, 2600), 3);
    bench_free(b);
}

Test(sampler_voices, groups_cut_their_like)
{
    struct bench *b = bench_new(8, 48);
    struct lat_sampler_event event = whole(b, 0);
    event.group = 1;
    strike(b, 0, event);
    event.group = 2;
    strike(b, 100, event);
    event.sound = &b->list[1];
    strike(b, 200, event);
    cr_expect_eq(n_playing(b->voices, &b->list[0]), 1, "group 1 plays on");
    cr_expect_eq(n_playing(b->voices, &b->list[1]), 1);
    event.group = -3;
    strike(b, 300, event);
    event.sound = &b->list[0];
    strike(b, 400, event);
    cr_expect_eq(n_playing(b->voices, &b->list[1]), 2, "another sound's");
    run_to(b, N);
    bench_free(b);
}

Test(sampler_voices, a_cut_ends_the_same_sound_or_all)
{
    static const struct {
        enum lat_sampler_cut cut;
        uint32_t loud, quiet;
    } cases[] = {
        {LAT_SAMPLER_CUT_NONE, 2, 1},
        {LAT_SAMPLER_CUT_SAME, 1, 1},
        {LAT_SAMPLER_CUT_ALL, 1, 0},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); i++) {
        struct bench *b = bench_new(8, 480);
        struct lat_sampler_event event = whole(b, 0);
        strike(b, 0, whole(b, 0));
        strike(b, 0, whole(b, 1));
        event.cut = cases[i].cut;
        strike(b, 500, event);
        cr_expect_eq(n_playing(b->voices, &b->list[0]), cases[i].loud);
        cr_expect_eq(n_playing(b->voices, &b->list[1]), cases[i].quiet);
        bench_free(b);
    }
}

static uint64_t chance;

static uint32_t
below(uint32_t n)
{
    chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (uint32_t)(chance >> 33U) % n;
}

/// Strike at random, much more than there are voices.
static void
play_at_random(struct bench *b)
{
    chance = 1;
    for (uint32_t f = 0; f < N - 100; f += below(60)) {
        struct lat_sampler_event event = whole(b, below(2));
        event.begin = (float)below(100) / 100.0F;
        event.end = (float)below(100) / 100.0F;
        event.n_attack = below(300);
        event.loop = (enum lat_sampler_loop)below(3);
        event.cut = below(9) ? LAT_SAMPLER_CUT_NONE : LAT_SAMPLER_CUT_SAME;
        event.is_backwards = below(2);
        strike(b, f, event);
        if (below(5) == 0) {
            lat_voices_let_go(b->voices, LAT_SAMPLER_TRIGGER, below(500));
        }
        cr_assert_leq(n_playing(b->voices, &b->list[0]) +
                          n_playing(b->voices, &b->list[1]),
                      b->voices->n_most);
    }
    run_to(b, N);
}

Test(sampler_voices, how_time_is_cut_changes_no_bit)
{
    static const uint32_t chunks[] = {1, 7, 64};
    static const double steps[] = {1, 0.3, -1.7, 250, 0, -3};
    for (size_t s = 0; s < LAT_COUNT(steps); s++) {
        struct bench *b[3];
        for (size_t i = 0; i < 3; i++) {
            b[i] = bench_new(5, 37.7);
            b[i]->chunk = chunks[i];
            b[i]->live.is_steady = i != 0;
            set_step(b[i], steps[s]);
            play_at_random(b[i]);
            uint32_t f = 0;
            while (f < N && b[i]->left[f] == b[0]->left[f]) {
                ++f;
            }
            cr_expect_eq(f, N, "step %g, %u frames at a time: frame %u",
                         steps[s], chunks[i], f);
        }
        for (size_t i = 0; i < 3; i++) {
            bench_free(b[i]);
        }
    }
}
