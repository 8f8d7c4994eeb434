// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The pattern node against a slow reference: onsets at fractions of a cycle,
// and at every frame the question which of them are due.

#include "support/due.h"
#include "support/failing.h"
#include "support/pace.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MILLION 1000000

// --- The reference -----------------------------------------------------------

/// Onsets in a cycle, at places of `q`.
struct onsets {
    const char *text;
    int64_t q;
    uint32_t n;
    int64_t at[16];
};

static const struct onsets texts[] = {
    {"0 1 2", 3, 3, {0, 1, 2}},
    {"0 [1 2 3 4 5] ~ <6 7>", 20, 7, {0, 5, 6, 7, 8, 9, 15}},
    {"0(5,13)@3 [1 2]", 104, 7, {0, 18, 30, 48, 60, 78, 91}},
    {"0@0.7 1@0.2 2@0.1", 10, 3, {0, 7, 9}},
};

static void
onset_place(const void *events, int64_t k, due_wide *p, due_wide *q)
{
    const struct onsets *const o = events;
    const int64_t cycle = (int64_t)due_floor(k, o->n);
    *p = (due_wide)cycle * o->q + o->at[k - cycle * o->n];
    *q = o->q;
}

/// At 120 bpm, from frame 0 on.
static struct due
due_of(const struct onsets *onsets)
{
    struct due d = {
        .line = {0, 120 * (int64_t)MILLION, 4000, 0, false},
        .per_cycle = onsets->n,
        .slack = 2 * (int64_t)onsets->n,
        .place = onset_place,
        .events = onsets,
        .next = INT64_MIN,
    };
    due_play(&d, 0, true);
    return d;
}

// --- Rigs --------------------------------------------------------------------

/// A pattern of which @p output is heard, with @p more settings.
static struct rig
pattern_rig(uint32_t block, const char *text, const char *output,
            const char *more)
{
    char commands[300];
    struct rig r = rig_new(block);
    snprintf(commands, sizeof(commands),
             "new audio_out o channels 1 limit off\nnew pattern p %s\n"
             "connect %s o\n",
             more, output);
    lat_control_begin(r.c);
    rig_do(&r, commands);
    rig_set_text(&r, "p", "pattern", text);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    return r;
}

/// The next @p n frames, over what was recorded before.
static const float *
more(struct rig *r, uint32_t n, uint32_t period)
{
    r->n_frames = 0;
    rig_run(r, n, period);
    return r->recorded;
}

static void
compare(struct rig *r, struct due *due, int64_t *frame, uint32_t n,
        uint32_t period)
{
    const float *y = more(r, n, period);
    for (uint32_t f = 0; f < n; ++f) {
        const bool comes = due_step(due, *frame + f);
        cr_assert_eq(y[f] > 0.0F, comes, "'%s', frame %lld: %g",
                     ((const struct onsets *)due->events)->text,
                     (long long)*frame + f, (double)y[f]);
    }
    *frame += n;
}

static void
set_tempo(struct rig *r, struct due *due, int64_t frame, double bpm)
{
    cr_assert_eq(lat_control_tempo(r->c, bpm, &r->error), LAT_OK);
    due_tempo(due, frame, bpm);
}

static void
locate(struct rig *r, struct due *due, int64_t frame, double cycle)
{
    cr_assert_eq(lat_control_locate(r->c, cycle, &r->error), LAT_OK);
    due_locate(due, frame, cycle);
}

static uint32_t
draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)*seed * n >> 32);
}

// --- When --------------------------------------------------------------------

TestSuite(pattern_node, .timeout = 300);

Test(pattern_node, onsets_are_at_the_frames_of_the_formula)
{
    static const double tempos[] = {30, 61.7, 97.301, 120, 133.7, 300};
    static const uint32_t periods[] = {16, 64, 441, 1024, 4096};
    for (uint32_t i = 0; i < 30; i += TEST_STRIDE) {
        const struct onsets *o = &texts[i % LAT_COUNT(texts)];
        struct rig r = pattern_rig(64, o->text, "p/trigger", "");
        struct due due = due_of(o);
        int64_t frame = 0;
        set_tempo(&r, &due, 0, tempos[i % 6]);
        compare(&r, &due, &frame, 100000, periods[i % 5]);
        // A hundred thousand cycles further it is as exact.
        locate(&r, &due, frame, 100000.3);
        compare(&r, &due, &frame, 100000, periods[i % 5]);
        locate(&r, &due, frame, 1e9);
        compare(&r, &due, &frame, 50000, periods[i % 5]);
        rig_free(&r);
    }
}

static void
change(struct rig *r, struct due *due, int64_t frame, uint32_t *seed)
{
    static const double tempos[] = {112, 28, 120, 60, 1000, 133.7};
    const uint32_t kind = draw(seed, 10);
    if (kind < 5) {
        set_tempo(r, due, frame,
                  draw(seed, 2) ? tempos[draw(seed, 6)]
                                : 20 + draw(seed, 900000) / 1000.0);
    } else if (kind < 7) {
        locate(r, due, frame, draw(seed, 4000) / (draw(seed, 2) ? 16.0 : 30.0));
    } else {
        const bool is_playing = kind > 7;
        cr_assert_eq(lat_control_play(r->c, is_playing, &r->error), LAT_OK);
        due_play(due, frame, is_playing);
    }
}

Test(pattern_node, follows_every_change_of_the_transport_on_its_frame)
{
    for (uint32_t i = 0; i < 16; i += TEST_STRIDE) {
        uint32_t seed = 99 + i;
        const struct onsets *o = &texts[i % LAT_COUNT(texts)];
        struct rig r =
            pattern_rig(i % 3 ? 64 : 1, o->text, "p/trigger", "legato yes");
        struct due due = due_of(o);
        int64_t frame = 0;
        for (uint32_t k = 0; k < 150; ++k) {
            // Often where an event is about to come, or several at once.
            uint32_t n = draw(&seed, 3) ? draw(&seed, 9000) : draw(&seed, 3);
            if (due.line.is_playing && draw(&seed, 2)) {
                const int64_t to = due_frame(&due, due.next) - frame;
                const int64_t off = (int64_t)draw(&seed, 3) - 1;
                n = to + off >= 0 && to < 90000 ? (uint32_t)(to + off) : n;
            }
            compare(&r, &due, &frame, n, 1 + draw(&seed, 300));
            change(&r, &due, frame, &seed);
        }
        rig_free(&r);
    }
}

Test(pattern_node, onsets_keep_their_frames_where_thousands_lie_in_a_cycle)
{
    // More at once, and more in a stretch, than can wait.
    struct rig r = pattern_rig(64, "0*20000, 1!300, ~", "p/trigger", "");
    const float *y = more(&r, 96000, 512);
    uint32_t n = 0;
    for (uint32_t f = 0; f < 96000; ++f) {
        n += y[f] > 0.0F;
    }
    // Every third of the copies falls together with another onset.
    cr_expect_eq(n, 20000 + 300 - 100, "%u", n);
    rig_free(&r);
}

Test(pattern_node, plays_as_many_cycles_to_one_as_its_rate_says)
{
    struct rig r = pattern_rig(64, "0 1", "p/trigger", "rate 3/2");
    const float *y = more(&r, 192000, 100);
    for (uint32_t f = 0; f < 192000; ++f) {
        cr_assert_eq(y[f] > 0.0F, f % 32000 == 0, "frame %u", f);
    }
    rig_free(&r);
}

// --- Gates -------------------------------------------------------------------

static void
expect_between(const float *y, uint32_t from, uint32_t to, float level)
{
    for (uint32_t f = from; f < to; ++f) {
        cr_assert_eq(y[f], level, "frame %u: %g", f, (double)y[f]);
    }
}

Test(pattern_node, a_gate_is_low_for_a_frame_before_an_onset_that_touches)
{
    struct rig r = pattern_rig(64, "0 1 ~ 2", "p/gate", "");
    const float *y = more(&r, 192000, 100);
    for (uint32_t c = 0; c < 2; ++c, y += 96000) {
        expect_between(y, 0, 23999, 1.0F);
        expect_between(y, 23999, 24000, 0.0F);
        expect_between(y, 24000, 48000, 1.0F);
        expect_between(y, 48000, 72000, 0.0F);
        expect_between(y, 72000, 95999, 1.0F);
        expect_between(y, 95999, 96000, 0.0F);
    }
    rig_free(&r);
}

Test(pattern_node, legato_keeps_the_gate_open_and_triggers_all_the_same)
{
    struct rig r = pattern_rig(64, "0 1 ~ 2", "p/gate",
                               "legato yes\nconnect p/trigger o 10");
    const float *y = more(&r, 96000, 100);
    expect_between(y, 0, 1, 11.0F);
    expect_between(y, 1, 24000, 1.0F);
    expect_between(y, 24000, 24001, 11.0F);
    expect_between(y, 24001, 48000, 1.0F);
    expect_between(y, 48000, 72000, 0.0F);
    rig_free(&r);
}

Test(pattern_node, a_stop_closes_the_gate_and_drops_no_place)
{
    struct rig r = pattern_rig(64, "0@3 1", "p/gate", "");
    rig_do(&r, "connect p/value o 10");
    const float *y = more(&r, 1000, 64);
    expect_between(y, 0, 1000, 1.0F);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    y = more(&r, 5000, 64);
    expect_between(y, 0, 5000, 0.0F);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    y = more(&r, 72000, 64);
    expect_between(y, 0, 71000, 0.0F);
    expect_between(y, 71000, 72000, 11.0F);
    rig_free(&r);
}

// --- Values ------------------------------------------------------------------

Test(pattern_node, notes_without_an_octave_are_in_the_fourth)
{
    static const struct {
        const char *text;
        float value;
    } rows[] = {{"c", 0},    {"c4", 0},    {"c#", 1},   {"cs", 1},
                {"eb3", -9}, {"ef3", -9},  {"bb", 10},  {"b", 11},
                {"a", 9},    {"g-1", -53}, {"F#9", 66}, {"-2.5", -2.5F},
                {"60", 60},  {"7:3", 7}};
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        struct rig r = pattern_rig(64, rows[i].text, "p/value", "");
        const float *y = more(&r, 100, 64);
        cr_expect_eq(y[99], rows[i].value, "%s: %g", rows[i].text,
                     (double)y[99]);
        rig_free(&r);
    }
}

Test(pattern_node, transforms_are_heard)
{
    struct rig r = pattern_rig(64, "0 1 2 3", "p/value", "");
    rig_set_text(&r, "p", "with", "rev | add 12");
    const float *y = more(&r, 96000, 64);
    for (uint32_t i = 0; i < 4; ++i) {
        cr_expect_eq(y[i * 24000 + 1000], 15.0F - (float)i);
    }
    rig_free(&r);
}

Test(pattern_node, refuses_what_is_wrong_and_plays_on)
{
    static const struct {
        const char *param, *text, *says;
    } rows[] = {
        {"pattern", "", "empty"},
        {"pattern", "0 [1", "column 5"},
        {"pattern", "c kick", "column 3"},
        {"pattern", "[[0*9999]*9999]", "too much"},
        {"with", "fst 2", "column 1"},
        {"with", "ply 64 | ply 64 | ply 64 | ply 64 | ply 64", "too much"},
        {"pattern", "c*1000000", "too much"},
        {"rate", "0", "rate"},
        {"rate", "1000000", "too much"},
        {"swap", "later", "swap"},
    };
    struct rig r = pattern_rig(64, "1 2", "p/value", "");
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        cr_expect_neq(rig_try_text(&r, "p", rows[i].param, rows[i].text),
                      LAT_OK);
        cr_expect_not_null(strstr(r.error.text, rows[i].says), "'%s': %s",
                           rows[i].text, r.error.text);
    }
    const float *y = more(&r, 96000, 64);
    expect_between(y, 0, 48000, 1.0F);
    expect_between(y, 48000, 96000, 2.0F);
    rig_free(&r);
}

// --- Voices ------------------------------------------------------------------

Test(pattern_node, events_at_once_go_to_voices_by_their_place)
{
    for (uint32_t voice = 1; voice <= 4; ++voice) {
        struct rig r = rig_new(64);
        char text[100];
        lat_control_begin(r.c);
        rig_do(&r, "new audio_out o channels 1 limit off\n"
                   "new pattern p poly 4\nnew constant k poly 4 value 0\n"
                   "new multiply m poly 4\nconnect p/value m/a\n"
                   "connect k m/b\nconnect m o\n");
        rig_set_text(&r, "p", "pattern", "[7,3,5] ~");
        snprintf(text, sizeof(text), "set k.%u value 1", voice);
        rig_do(&r, text);
        cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
        const float *y = more(&r, 1000, 64);
        const float wanted[] = {7.0F, 3.0F, 5.0F, 0.0F};
        cr_expect_eq(y[999], wanted[voice - 1], "voice %u: %g", voice,
                     (double)y[999]);
        rig_free(&r);
    }
}

Test(pattern_node, chords_that_touch_are_low_for_a_frame_in_all_voices)
{
    struct rig r = pattern_rig(64, "[0,4,7] [1,5,8]", "p/gate", "poly 3");
    const float *y = more(&r, 96000, 64);
    expect_between(y, 0, 47999, 3.0F);
    expect_between(y, 47999, 48000, 0.0F);
    expect_between(y, 48000, 95999, 3.0F);
    rig_free(&r);
}

// --- Other patterns ----------------------------------------------------------

Test(pattern_node, another_pattern_goes_on_from_the_same_position)
{
    struct rig r = pattern_rig(64, "1 2 3 4", "p/value", "");
    rig_run(&r, 30000, 64);
    rig_set_text(&r, "p", "pattern", "5 6 7 8");
    rig_run(&r, 96000, 64);
    expect_between(r.recorded, 24000, 48000, 2.0F);
    expect_between(r.recorded, 48000, 72000, 7.0F);
    expect_between(r.recorded, 72000, 96000, 8.0F);
    expect_between(r.recorded, 96000, 120000, 5.0F);
    rig_free(&r);
}

Test(pattern_node, swap_by_cycle_waits_for_its_end)
{
    struct rig r = pattern_rig(64, "1 2 3 4", "p/value", "swap cycle");
    rig_run(&r, 30000, 64);
    // Again and again: the last one counts, the first one plays on.
    rig_set_text(&r, "p", "pattern", "50");
    rig_set_text(&r, "p", "with", "fast 4");
    rig_set_text(&r, "p", "pattern", "60 61");
    rig_set_text(&r, "p", "with", "");
    rig_set_text(&r, "p", "pattern", "5 6 7 8");
    rig_run(&r, 96000, 64);
    expect_between(r.recorded, 24000, 48000, 2.0F);
    expect_between(r.recorded, 48000, 72000, 3.0F);
    expect_between(r.recorded, 72000, 96000, 4.0F);
    expect_between(r.recorded, 96000, 120000, 5.0F);
    expect_between(r.recorded, 120000, 126000, 6.0F);
    // At the very frame at which a cycle begins it is the new one's.
    rig_run(&r, 192000 - 126000, 64);
    rig_set_text(&r, "p", "pattern", "9 10");
    const float *y = more(&r, 48000, 64);
    expect_between(y, 0, 48000, 9.0F);
    rig_free(&r);
}

Test(pattern_node, a_hundred_patterns_leave_no_memory_and_lose_no_beat)
{
    static const char *const patterns[] = {"1*8",     "<1 2>*8",   "1!8",
                                           "[1 2]*4", "{1 2 3}%8", "1(8,8)"};
    struct rig r = pattern_rig(64, "1*8", "p/trigger", "");
    uint32_t seed = 5;
    for (uint32_t i = 0; i < 100; ++i) {
        rig_set_text(&r, "p", "swap", i % 3 ? "now" : "cycle");
        rig_set_text(&r, "p", "pattern",
                     patterns[draw(&seed, LAT_COUNT(patterns))]);
        rig_run(&r, 1 + draw(&seed, 4000), 1 + draw(&seed, 200));
        cr_assert_null(failing_audio_call(), "%s", failing_audio_call());
    }
    for (uint32_t f = 0; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f] > 0.0F, f % 12000 == 0, "frame %u", f);
    }
    rig_free(&r);
}

// As far away as a transport can be followed.
Test(pattern_node, sounds_the_same_for_any_cutting_far_away)
{
    static const struct lat_transport_move far = {
        .tempo_bpm = 133.7,
        .anchor = {LAT_CYCLES_FOLLOWED, 12345678901234567U},
        .first = {LAT_CYCLES_FOLLOWED, 12345678901234567U},
        .n_locates = 1,
        .is_playing = true,
    };
    static const uint32_t cuts[][2] = {
        {64, 64}, {1, 17}, {64, 777}, {4096, 4096}};
    static const char *const rates[] = {"1", "3/7", "997/1000",
                                        "999999/1000000"};
    for (uint32_t k = 0; k < LAT_COUNT(rates); ++k) {
        struct rig rigs[LAT_COUNT(cuts)];
        for (uint32_t i = 0; i < LAT_COUNT(cuts); ++i) {
            struct rig *const r = &rigs[i];
            *r = pattern_rig(cuts[i][0],
                             "c3 <eb3 d3 f3>/5 [g3 a3 b3]/7 {1 2 3}%11",
                             "p/value", "");
            rig_do(r, "connect p/trigger o 100");
            rig_set_text(r, "p", "rate", rates[k]);
            rig_run(r, 640, cuts[i][1]);
            lat_control_lead_transport(r->c);
            cr_assert_eq(lat_control_move_transport(r->c, &far, &r->error),
                         LAT_OK);
            rig_run(r, 200000, cuts[i][1]);
        }
        uint32_t n_changes = 0;
        for (uint32_t f = 1; f < rigs[0].n_frames; ++f) {
            n_changes += rigs[0].recorded[f] != rigs[0].recorded[f - 1];
        }
        cr_expect_gt(n_changes, 5);
        for (uint32_t i = 0; i < LAT_COUNT(cuts); ++i) {
            cr_expect_eq(rig_first_difference(&rigs[0], &rigs[i]),
                         rigs[0].n_frames, "rate %s", rates[k]);
        }
        for (uint32_t i = 0; i < LAT_COUNT(cuts); ++i) {
            rig_free(&rigs[i]);
        }
    }
}

Test(pattern_node, sounds_the_same_for_any_cutting)
{
    static const char text[] =
        "<c3 eb3 [g3,bb3]>*3 [0? 1 | 2 3]*2 {4 5 6}%5 7(<3 5>,8)";
    struct rig whole = pattern_rig(64, text, "p/value", "poly 3");
    struct rig cut = pattern_rig(1, text, "p/value", "poly 3");
    rig_do(&whole, "connect p/gate o 100\nconnect p/trigger o 1000");
    rig_do(&cut, "connect p/gate o 100\nconnect p/trigger o 1000");
    rig_set_text(&whole, "p", "with",
                 "every 2 rev | swing 0.3 8 | sometimes (add 12)");
    rig_set_text(&cut, "p", "with",
                 "every 2 rev | swing 0.3 8 | sometimes (add 12)");
    rig_run(&whole, 400000, 4096);
    rig_run(&cut, 400000, 17);
    cr_expect_eq(rig_first_difference(&whole, &cut), 400000);
    rig_free(&whole);
    rig_free(&cut);
}
