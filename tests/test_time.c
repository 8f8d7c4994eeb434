// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// clock, phasor and steps: on the frames of musical time.

#include "rt.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig
rig_of(uint32_t block, const char *lines)
{
    struct rig r = rig_new(block);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out main channels 1 limit off");
    rig_do(&r, lines);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

/// The line that says where a position is, without the engine's arithmetic.
struct line {
    long double frames_per_cycle, c0;
    uint64_t f0;
    bool is_playing;
    int64_t next; ///< tick
    int ticks;
};

static long double
place_at(const struct line *l, uint64_t frame)
{
    return l->is_playing
               ? l->c0 + (long double)(frame - l->f0) / l->frames_per_cycle
               : l->c0;
}

static uint64_t
frame_of(const struct line *l, int64_t tick)
{
    const long double place = (long double)tick / l->ticks;
    const long double x = floorl((place - l->c0) * l->frames_per_cycle + 0.5L);
    return x > 0.0L ? l->f0 + (uint64_t)x : l->f0;
}

static void
drop(struct line *l)
{
    l->next = (int64_t)ceill(l->c0 * l->ticks - 1e-9L);
}

static void
set_tempo(struct rig *r, struct line *l, double bpm)
{
    cr_assert_eq(lat_control_tempo(r->c, bpm, &r->error), LAT_OK);
    l->c0 = place_at(l, r->n_frames);
    l->f0 = r->n_frames;
    l->frames_per_cycle = 48000.0L * 60.0L * 4.0L / (long double)bpm;
}

static void
set_playing(struct rig *r, struct line *l, bool is_playing)
{
    cr_assert_eq(lat_control_play(r->c, is_playing, &r->error), LAT_OK);
    l->c0 = place_at(l, r->n_frames);
    l->f0 = r->n_frames;
    if (is_playing && !l->is_playing) {
        drop(l);
    }
    l->is_playing = is_playing;
}

static void
locate(struct rig *r, struct line *l, double place)
{
    cr_assert_eq(lat_control_locate(r->c, place, &r->error), LAT_OK);
    l->c0 = (long double)place;
    l->f0 = r->n_frames;
    drop(l);
}

static void
change(struct rig *r, struct line *l)
{
    switch (rand() % 6) {
    case 0:
        set_playing(r, l, rand() % 4 != 0);
        break;
    case 1:
        locate(r, l, (rand() % 4096) / 256.0);
        break;
    case 2:
        set_playing(r, l, true);
        break;
    default:
        set_tempo(r, l, 60.0 + rand() % 6000 / 10.0);
        break;
    }
}

static void
expect_ticks(const struct rig *r, struct line *l, uint32_t from)
{
    for (uint32_t f = from; f < r->n_frames; ++f) {
        bool wanted = false;
        while (l->is_playing && frame_of(l, l->next) <= f) {
            wanted = true;
            ++l->next;
        }
        cr_assert_eq(r->recorded[f], wanted ? 1.0F : 0.0F,
                     "frame %u: %g, tick %lld", f, (double)r->recorded[f],
                     (long long)l->next);
    }
}

static void
play_about(uint32_t block, int ticks, unsigned seed)
{
    char lines[128];
    snprintf(lines, sizeof(lines),
             "new clock k ticks %d\nconnect k/trigger main", ticks);
    struct rig r = rig_of(block, lines);
    struct line l = {
        .frames_per_cycle = 96000.0L, .is_playing = true, .ticks = ticks};
    srand(seed);
    for (int i = 0; i < 120; ++i) {
        const uint32_t from = r.n_frames;
        rig_run(&r, 1 + (uint32_t)rand() % 3000, 1 + (uint32_t)rand() % 300);
        expect_ticks(&r, &l, from);
        change(&r, &l);
    }
    rig_free(&r);
}

Test(time, a_clock_ticks_at_its_frames_through_every_change)
{
    for (unsigned seed = 1; seed <= 12; ++seed) {
        play_about(64, (int)seed * 5, seed);
        play_about(1, (int)seed * 3, seed);
        play_about(64, 16, seed);
    }
}

Test(time, what_a_line_had_not_played_follows_the_next_one)
{
    // 187.5 frames a tick: the first is at 188, though its place is passed.
    struct rig r = rig_of(64, "new clock k ticks 512\nconnect k/trigger main");
    rig_run(&r, 188, 188);
    cr_assert_eq(lat_control_tempo(r.c, 60.0, &r.error), LAT_OK);
    rig_run(&r, 400, 64);
    cr_expect_eq(r.recorded[0], 1.0F);
    cr_expect_eq(r.recorded[188], 1.0F, "not played by the line before");
    cr_expect_eq(r.recorded[188 + 374], 1.0F, "375 frames from its place");
    rig_free(&r);
}

Test(time, a_gate_is_open_for_half_a_tick)
{
    struct rig r = rig_of(64, "new clock k ticks 8\nconnect k/gate main");
    rig_run(&r, 96000, 480);
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f], f % 12000 < 6000 ? 1.0F : 0.0F, "%u", f);
    }
    rig_free(&r);
}

Test(time, swing_makes_every_second_tick_late)
{
    struct rig r =
        rig_of(64, "new clock k ticks 8 swing 0.5\nconnect k/trigger main");
    struct rig full =
        rig_of(64, "new clock k ticks 8 swing 1\nconnect k/gate main");
    rig_run(&r, 48000, 480);
    rig_run(&full, 48000, 480);
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        const bool wanted = f % 24000 == 0 || f % 24000 == 15000;
        cr_assert_eq(r.recorded[f], wanted ? 1.0F : 0.0F, "%u", f);
        // Gate to gate: low at the frame, high from the next.
        const uint32_t at = f % 24000;
        const bool is_open =
            at < 6000 ? at != 0 || f == 0 : at >= 18000 && at < 24000;
        cr_assert_eq(full.recorded[f], is_open ? 1.0F : 0.0F, "full, %u", f);
    }
    rig_free(&r);
    rig_free(&full);
}

Test(time, a_stop_closes_the_gate_and_holds_the_place)
{
    struct rig r = rig_of(64, "new clock k ticks 4\nnew phasor p\n"
                              "connect k/gate main\nconnect p main 0.0001");
    rig_run(&r, 1000, 100);
    cr_expect_gt(r.recorded[999], 1.0F);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_run(&r, 30000, 480);
    const float place = 1000.0F / 96000.0F;
    for (uint32_t f = 1000; f < r.n_frames; ++f) {
        cr_assert_float_eq(r.recorded[f], place * 0.0001F, 1e-9F, "%u", f);
    }
    rig_free(&r);
}

Test(time, a_clock_that_is_made_later_plays_nothing_that_is_past)
{
    struct rig r = rig_of(64, "new constant x value 0");
    rig_run(&r, 30001, 480);
    lat_control_begin(r.c);
    rig_do(&r, "new clock k ticks 4\nnew audio_out main channels 1 limit off\n"
               "connect k/trigger main");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 40000, 480);
    for (uint32_t f = 30001; f < r.n_frames; ++f) {
        if (f > 30001 + 240) { // the cable fades in
            cr_assert_eq(r.recorded[f] > 0.0F, f % 24000 == 0, "%u", f);
        }
    }
    rig_free(&r);
}

static void
judge_phasor(uint32_t block, const char *cycles, long double turns)
{
    char lines[128];
    snprintf(lines, sizeof(lines), "new phasor p cycles %s\nconnect p main",
             cycles);
    struct rig r = rig_of(block, lines);
    struct line l = {
        .frames_per_cycle = 96000.0L, .is_playing = true, .ticks = 1};
    srand(5);
    for (int i = 0; i < 60; ++i) {
        const uint32_t from = r.n_frames;
        rig_run(&r, 1 + (uint32_t)rand() % 3000, 1 + (uint32_t)rand() % 300);
        for (uint32_t f = from; f < r.n_frames; ++f) {
            const long double turn = place_at(&l, f) / turns;
            const long double wanted = turn - floorl(turn);
            const float got = r.recorded[f];
            cr_assert(got >= 0.0F && got < 1.0F);
            cr_assert(fabsl(got - wanted) < 1e-6L ||
                          fabsl(got - wanted) > 1.0L - 1e-6L,
                      "frame %u: %g, not %Lg", f, (double)got, wanted);
        }
        change(&r, &l);
    }
    rig_free(&r);
}

Test(time, a_phasor_gives_the_place_at_every_frame)
{
    judge_phasor(64, "1", 1.0L);
    judge_phasor(64, "3/2", 1.5L);
    judge_phasor(1, "1/7", 1.0L / 7.0L);
    judge_phasor(64, "1000000", 1e6L);
}

Test(time, blocks_change_no_bit_of_it)
{
    static const char *const outputs[] = {"k/trigger", "k/gate", "p",
                                          "s/value",   "s/gate", "s/trigger"};
    for (size_t i = 0; i < LAT_COUNT(outputs); ++i) {
        char lines[400];
        snprintf(
            lines, sizeof(lines),
            "new clock k ticks 37 swing 0.3\nnew phasor p cycles 2/3\n"
            "new steps s values 0\teb3\t~\t7\t-12.5\nconnect k/gate s/trigger\n"
            "connect %s main",
            outputs[i]);
        struct rig a = rig_of(64, lines);
        struct rig b = rig_of(1, lines);
        struct rig *const both[] = {&a, &b};
        for (size_t n = 0; n < 2; ++n) {
            rig_run(both[n], 7001, n ? 64 : 111);
            cr_assert_eq(lat_control_tempo(both[n]->c, 133.3, &a.error),
                         LAT_OK);
            rig_run(both[n], 20000, n ? 480 : 64);
        }
        cr_expect_eq(rig_first_difference(&a, &b), a.n_frames, "%s at %u",
                     outputs[i], rig_first_difference(&a, &b));
        rig_free(&a);
        rig_free(&b);
    }
}

// Steps.

struct at {
    uint32_t frame;
    float value;
};

static void
expect_at(const char *lines, const char *output, const struct at *wanted,
          size_t n)
{
    char text[512];
    snprintf(text, sizeof(text), "%s\nconnect %s main", lines, output);
    struct rig r = rig_of(64, text);
    rig_run(&r, 48000, 64);
    for (size_t i = 0; i < n; ++i) {
        cr_expect_eq(r.recorded[wanted[i].frame], wanted[i].value,
                     "%s at %u: %g, not %g", output, wanted[i].frame,
                     (double)r.recorded[wanted[i].frame],
                     (double)wanted[i].value);
    }
    rig_free(&r);
}

// A tick each 12000 frames, its gate open for 6000.
#define CLOCKED "new clock k ticks 8\nconnect k/gate s/trigger"

Test(time, steps_play_one_after_the_other)
{
    static const char lines[] = "new steps s values 1\ta4\t~\t-2\n" CLOCKED;
    static const struct at values[] = {{0, 1},     {11999, 1},  {12000, 9},
                                       {24000, 9}, {36000, -2}, {47999, -2}};
    static const struct at gates[] = {{0, 1},     {5999, 1},  {6000, 0},
                                      {12000, 1}, {24000, 0}, {29000, 0},
                                      {36000, 1}, {42000, 0}};
    static const struct at triggers[] = {{0, 1},     {1, 0},     {12000, 1},
                                         {12001, 0}, {24000, 0}, {36000, 1}};
    expect_at(lines, "s/value", values, LAT_COUNT(values));
    expect_at(lines, "s/gate", gates, LAT_COUNT(gates));
    expect_at(lines, "s/trigger", triggers, LAT_COUNT(triggers));
}

Test(time, a_reset_makes_the_next_trigger_play_the_first)
{
    static const char lines[] =
        "new steps s values 1\t2\t3\t4\t5\n" CLOCKED
        "\nnew clock bar ticks 4\nconnect bar/trigger s/reset";
    static const struct at values[] = {
        {0, 1}, {12000, 2}, {24000, 1}, {36000, 2}};
    expect_at(lines, "s/value", values, LAT_COUNT(values));
}

Test(time, a_phase_picks_the_step)
{
    static const char lines[] =
        "new steps s values 1\t2\t~\t4\nnew phasor p cycles "
        "1/4\nconnect p s/phase\n" CLOCKED;
    // A turn takes 24000 frames, a step 6000.
    static const struct at values[] = {{0, 1},     {5999, 1},  {6000, 2},
                                       {12000, 2}, {18000, 4}, {24000, 1}};
    static const struct at gates[] = {{0, 1},     {5999, 1},  {6000, 0},
                                      {6001, 1},  {12000, 0}, {17999, 0},
                                      {18000, 1}, {24000, 0}, {24001, 1}};
    expect_at(lines, "s/value", values, LAT_COUNT(values));
    expect_at(lines, "s/gate", gates, LAT_COUNT(gates));
}

static void
refused(struct rig *r, const char *name, const char *value, const char *words)
{
    const struct lat_assignment a = {name, {.is_text = true, .text = value}};
    cr_expect_eq(
        lat_control_node_new(r->c, strcmp(name, "values") ? "phasor" : "steps",
                             "x", false, &a, 1, &r->error),
        LAT_EINVAL);
    cr_expect(strstr(r->error.text, words), "%s", r->error.text);
}

Test(time, texts_that_cannot_be_read_are_refused_by_the_word)
{
    struct rig r = rig_new(64);
    refused(&r, "values", "1 2 h4", "'h4'");
    refused(&r, "values", "1 1e9", "'1e9'");
    refused(&r, "values", "", "1 to 4096");
    refused(&r, "values", "   ", "1 to 4096");
    refused(&r, "values", "nan", "'nan'");
    refused(&r, "cycles", "1/0", "'1/0'");
    refused(&r, "cycles", "0", "'0'");
    refused(&r, "cycles", "-1", "'-1'");
    refused(&r, "cycles", "3/2/1", "'3/2/1'");
    refused(&r, "cycles", "1000001", "1000000");
    rig_free(&r);
}

// Oscillators.

Test(time, waves_with_steps_start_without_an_edge)
{
    static const struct {
        const char *lines;
        float first;
    } cases[] = {
        {"new square w freq 1", 1.0F},
        {"new square w freq 1 phase 0.5", -1.0F},
        {"new pulse w freq 1", 1.0F},
        {"new pulse w freq 1 phase 0.5", -1.0F},
        {"new pulse w freq 1 width 0.25 phase 0.25", -1.0F},
        {"new saw w freq 1", 0.0F},
        {"new saw w freq 1 phase 0.5", -1.0F},
        {"new triangle w freq 1", 0.0F},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        char lines[256];
        // With others in lanes, and alone.
        snprintf(lines, sizeof(lines),
                 "%s\nnew square v freq 2\n"
                 "new pulse u freq 3\nconnect w main",
                 cases[i].lines);
        for (uint32_t block = 1; block <= 64; block += 63) {
            struct rig r = rig_of(block, lines);
            rig_run(&r, 64, 64);
            cr_expect_float_eq(r.recorded[0], cases[i].first, 1e-6F, "%s: %g",
                               cases[i].lines, (double)r.recorded[0]);
            cr_expect_float_eq(r.recorded[1], cases[i].first, 1e-3F, "%s: %g",
                               cases[i].lines, (double)r.recorded[1]);
            rig_free(&r);
        }
    }
}

Test(time, a_square_as_a_gate_hits_only_where_it_rises)
{
    struct rig r = rig_of(64, "new square w freq 2 phase 0.5\nnew adsr env "
                              "attack 0 decay 0 sustain 1 release 0\n"
                              "connect w env/gate\nconnect env main");
    rig_run(&r, 24000, 64);
    uint32_t n = 0;
    for (uint32_t f = 1; f < r.n_frames; ++f) {
        n += r.recorded[f] > 0.0F && r.recorded[f - 1] <= 0.0F;
    }
    cr_expect_eq(r.recorded[0], 0.0F);
    cr_expect_eq(r.recorded[1], 0.0F);
    cr_expect_eq(n, 1);
    rig_free(&r);
}
