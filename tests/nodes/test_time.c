// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// clock, phasor and steps against a slow reference: it keeps every line that
// the transport follows as fractions, and asks at every frame, for every event,
// whether its frame has come.

#include "support/due.h"
#include "support/pace.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE    48000
#define MILLION 1000000

// --- The reference -----------------------------------------------------------

/// A clock's events: number k at (2 k + (k odd) swing) / (2 ticks) cycles.
struct ticking {
    int64_t ticks, swing_u; // swing in millionths
};

static void
tick_place(const void *events, int64_t k, due_wide *p, due_wide *q)
{
    const struct ticking *const t = events;
    *p = (due_wide)2 * MILLION * k + (k & 1 ? t->swing_u : 0);
    *q = (due_wide)2 * MILLION * t->ticks;
}

/// At 120 bpm, from frame 0 on.
static struct due
due_of(const struct ticking *ticking)
{
    struct due d = {
        .line = {0, 120 * (int64_t)MILLION, 4000, 0, false},
        .per_cycle = ticking->ticks,
        .slack = 3,
        .place = tick_place,
        .events = ticking,
        .next = INT64_MIN,
    };
    due_play(&d, 0, true);
    return d;
}

// --- A rig that runs for long ------------------------------------------------

static uint32_t
draw(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)*seed * n >> 32);
}

static void
build(struct rig *r, const char *commands)
{
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                 r->error.text);
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
change(struct rig *r, struct due *due, int64_t frame, uint32_t *seed)
{
    static const double tempos[] = {112, 28, 120, 60, 1000, 133.7};
    const double bpm = draw(seed, 2) ? tempos[draw(seed, 6)]
                                     : 20 + draw(seed, 900000) / 1000.0;
    const uint32_t kind = draw(seed, 10);
    if (kind < 5) {
        cr_assert_eq(lat_control_tempo(r->c, bpm, &r->error), LAT_OK);
        due_tempo(due, frame, bpm);
    } else if (kind < 7) {
        const double cycle = draw(seed, 4000) / (draw(seed, 2) ? 16.0 : 30.0);
        cr_assert_eq(lat_control_locate(r->c, cycle, &r->error), LAT_OK);
        due_locate(due, frame, cycle);
    } else {
        const bool is_playing = kind > 7;
        cr_assert_eq(lat_control_play(r->c, is_playing, &r->error), LAT_OK);
        due_play(due, frame, is_playing);
    }
}

static void
follow_for(uint32_t seed, uint32_t ticks, double swing, uint32_t block,
           int n_changes)
{
    char text[200];
    struct rig r = rig_new(block);
    const struct ticking ticking = {ticks, (int64_t)(swing * MILLION + 0.5)};
    struct due due = due_of(&ticking);
    snprintf(text, sizeof(text),
             "new audio_out o channels 1 limit off\n"
             "new clock c ticks %u swing %g\nconnect c/trigger o\n",
             ticks, swing);
    build(&r, text);
    int64_t frame = 0;
    for (int i = 0; i < n_changes; ++i) {
        // Often where an event is about to come, or several at once.
        uint32_t n = draw(&seed, 3) ? draw(&seed, 9000) : draw(&seed, 3);
        if (due.line.is_playing && draw(&seed, 2)) {
            const int64_t to = due_frame(&due, due.next) - frame;
            const int64_t off = (int64_t)draw(&seed, 3) - 1;
            n = to + off >= 0 && to < 90000 ? (uint32_t)(to + off) : n;
        }
        const float *y = more(&r, n, 1 + draw(&seed, 300));
        for (uint32_t f = 0; f < n; ++f) {
            const bool comes = due_step(&due, frame + f);
            cr_assert_eq(y[f] > 0.0F, comes,
                         "%u ticks, swing %g, change %d, frame %lld: %g", ticks,
                         swing, i, (long long)frame + f, (double)y[f]);
        }
        frame += n;
        change(&r, &due, frame, &seed);
    }
    rig_free(&r);
}

Test(time, ticks_come_on_their_frames_through_every_change, .timeout = 300)
{
    static const uint32_t ticks[] = {1, 3, 4, 6, 7, 16, 96, 1024};
    static const double swings[] = {0, 0.6, 1, 0.333333};
    for (uint32_t i = 0; i < 32; i += TEST_STRIDE) {
        follow_for(1234 + i, ticks[i % 8], swings[i / 8], i % 3 ? 64 : 1, 200);
    }
}

Test(time, ticks_do_not_drift_in_hours, .timeout = 300)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out o channels 1 limit off\n"
              "new clock c ticks 7 swing 0.6\nconnect c/trigger o\n");
    cr_assert_eq(lat_control_tempo(r.c, 133.7, &r.error), LAT_OK);
    const struct ticking ticking = {7, 600000};
    struct due due = due_of(&ticking);
    due_tempo(&due, 0, 133.7);
    int64_t frame = 0;
    // Ten days are gone in a moment; and what follows is as exact.
    struct lat_engine *e = lat_control_engine(r.c);
    for (int day = 0; day < 10; ++day) {
        const float *y = more(&r, 480000, 4096);
        for (uint32_t f = 0; f < 480000; ++f) {
            cr_assert_eq(y[f] > 0.0F, due_step(&due, frame + f), "frame %lld",
                         (long long)frame + f);
        }
        frame += 480000 + (int64_t)86400 * RATE;
        struct lat_engine_time time;
        lat_engine_get_time(e, &time);
        time.frame = (uint64_t)frame;
        lat_engine_set_time(e, &time);
        (void)due_step(&due, frame - 1);
        // What was due in the day left out comes at once.
        const float now = *more(&r, 1, 1);
        cr_assert_eq(now, 1.0F);
        (void)due_step(&due, frame);
        ++frame;
    }
    rig_free(&r);
}

// --- Gates -------------------------------------------------------------------

static struct rig
gates(const char *settings)
{
    char text[200];
    struct rig r = rig_new(64);
    snprintf(text, sizeof(text),
             "new audio_out o channels 1 limit off\nnew clock c %s\n"
             "connect c/gate o\n",
             settings);
    build(&r, text);
    return r;
}

static void
expect_between(const float *y, uint32_t from, uint32_t to, float level)
{
    for (uint32_t f = from; f < to; ++f) {
        cr_assert_eq(y[f], level, "frame %u: %g", f, (double)y[f]);
    }
}

Test(time, a_gate_is_high_for_half_a_tick)
{
    // A cycle is 96000 frames, a tick 24000.
    struct rig r = gates("ticks 4 swing 0.5");
    rig_run(&r, 96000, 100);
    expect_between(r.recorded, 0, 12000, 1.0F);
    expect_between(r.recorded, 12000, 30000, 0.0F);
    expect_between(r.recorded, 30000, 42000, 1.0F);
    expect_between(r.recorded, 42000, 48000, 0.0F);
    expect_between(r.recorded, 48000, 60000, 1.0F);
    rig_free(&r);
}

Test(time, gates_that_would_touch_are_low_for_a_frame)
{
    struct rig r = gates("ticks 4 swing 1");
    rig_run(&r, 96000, 64);
    expect_between(r.recorded, 0, 12000, 1.0F);
    expect_between(r.recorded, 12000, 36000, 0.0F);
    expect_between(r.recorded, 36000, 48000, 1.0F);
    expect_between(r.recorded, 48000, 48001, 0.0F);
    expect_between(r.recorded, 48001, 60000, 1.0F);
    rig_free(&r);
}

Test(time, a_stop_closes_the_gate_and_play_goes_on_where_it_was)
{
    struct rig r = gates("ticks 4");
    rig_run(&r, 5000, 64);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_run(&r, 5000, 64);
    expect_between(r.recorded, 5000, 10000, 0.0F);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    rig_run(&r, 30000, 64);
    expect_between(r.recorded, 10000, 29000, 0.0F);
    expect_between(r.recorded, 29000, 40000, 1.0F);
    rig_free(&r);
}

Test(time, a_locate_closes_the_gate_and_plays_what_is_there)
{
    struct rig r = gates("ticks 4");
    rig_run(&r, 5000, 64);
    cr_assert_eq(lat_control_locate(r.c, 0.375, &r.error), LAT_OK);
    rig_run(&r, 13000, 64);
    expect_between(r.recorded, 5000, 17000, 0.0F);
    expect_between(r.recorded, 17000, 18000, 1.0F);
    cr_assert_eq(lat_control_locate(r.c, 7.25, &r.error), LAT_OK);
    rig_run(&r, 13000, 64);
    expect_between(r.recorded, 18000, 30000, 1.0F);
    expect_between(r.recorded, 30000, 31000, 0.0F);
    rig_free(&r);
}

// --- phasor ------------------------------------------------------------------

static struct rig
phasor(const char *cycles)
{
    char text[200];
    struct rig r = rig_new(64);
    snprintf(text, sizeof(text),
             "new audio_out o channels 1 limit off\nnew phasor p cycles %s\n"
             "connect p o\n",
             cycles);
    build(&r, text);
    return r;
}

Test(time, a_phasor_turns_once_in_its_cycles_and_stays_below_1)
{
    const struct {
        const char *text;
        int64_t above, below;
    } rows[] = {{"1", 1, 1},   {"3/2", 3, 2},       {"0.25", 1, 4}, {"7", 7, 1},
                {"1/3", 1, 3}, {"1/1000", 1, 1000}, {"1.5", 3, 2}};
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        struct rig r = phasor(rows[i].text);
        rig_run(&r, 300000, 441);
        for (int64_t f = 0; f < 300000; ++f) {
            // 96000 frames a cycle.
            const int64_t turn = 96000 * rows[i].above;
            const double exact =
                (double)(f * rows[i].below % turn) / (double)turn;
            cr_assert_float_eq((double)r.recorded[f], exact, 1e-7,
                               "%s at %lld: %.9g", rows[i].text, (long long)f,
                               (double)r.recorded[f]);
            cr_assert_lt(r.recorded[f], 1.0F);
        }
        rig_free(&r);
    }
}

Test(time, a_phasor_holds_while_stopped_and_jumps_with_a_locate)
{
    struct rig r = phasor("1");
    rig_run(&r, 24000, 64);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    expect_between(r.recorded, 24000, 25000, 0.25F);
    cr_assert_eq(lat_control_locate(r.c, 5.75, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    expect_between(r.recorded, 25000, 26000, 0.75F);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    rig_run(&r, 24001, 64);
    cr_assert_eq(r.recorded[50000], 0.0F);
    rig_free(&r);
}

Test(time, a_phasor_wraps_on_its_frame_after_changes_of_tempo)
{
    // A third of a cycle at 120 bpm, the rest of it in 128000 frames at 60.
    struct rig r = phasor("1");
    rig_run(&r, 32000, 64);
    cr_assert_eq(lat_control_tempo(r.c, 60.0, &r.error), LAT_OK);
    rig_run(&r, 130000, 64);
    cr_assert_gt(r.recorded[159999], 0.9999F);
    cr_assert_eq(r.recorded[160000], 0.0F);
    rig_free(&r);
}

// --- steps -------------------------------------------------------------------

static enum lat_status
new_steps(struct rig *r, const char *values)
{
    const struct lat_assignment a = {"values",
                                     {.is_text = true, .text = values}};
    return lat_control_node_new(r->c, "steps", "s", false, &a, 1, &r->error);
}

static struct rig
steps(const char *values, const char *commands)
{
    struct rig r = rig_new(64);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out o channels 1 limit off");
    cr_assert_eq(new_steps(&r, values), LAT_OK, "%s", r.error.text);
    rig_do(&r, commands);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

Test(time, steps_play_one_value_a_trigger_and_hold_it_over_rests)
{
    struct rig r = steps("c4 ~ eb3 -2.5 A4",
                         "new clock c ticks 8\nconnect c/gate s/trigger\n"
                         "connect s/value o\nconnect s/gate o 100\n"
                         "connect s/trigger o 1000");
    rig_run(&r, 12000 * 7, 64);
    static const float values[] = {0, 0, -9, -2.5F, 9, 0, 0};
    for (uint32_t k = 0; k < 7; ++k) {
        const float gate = k % 5 == 1 ? 0.0F : 100.0F;
        const uint32_t at = 12000 * k;
        cr_assert_eq(r.recorded[at], values[k] + 11 * gate, "step %u: %g", k,
                     (double)r.recorded[at]);
        expect_between(r.recorded, at + 1, at + 6000, values[k] + gate);
        expect_between(r.recorded, at + 6000, at + 12000, values[k]);
    }
    rig_free(&r);
}

Test(time, steps_start_over_after_a_reset)
{
    struct rig r = steps("1 2 3 4", "connect s/value o");
    static const char *const script[] = {
        "",
        "set s trigger 1",
        "set s trigger 1",
        "set s reset 1",
        "set s trigger 1",
        "set s trigger 1",
    };
    static const float values[] = {1, 1, 2, 2, 1, 2};
    for (size_t i = 0; i < LAT_COUNT(script); ++i) {
        rig_do(&r, script[i]);
        rig_run(&r, 64, 64);
        cr_assert_eq(r.recorded[r.n_frames - 1], values[i], "%zu", i);
    }
    rig_free(&r);
}

Test(time, a_phase_picks_the_step_and_opens_the_gate_for_its_length)
{
    struct rig r = steps("5 6 ~ 7", "new phasor p\nconnect p s/phase\n"
                                    "connect s/value o\nconnect s/gate o 100\n"
                                    "connect s/trigger o 1000");
    rig_run(&r, 97000, 37);
    cr_assert_eq(r.recorded[0], 1105.0F);
    expect_between(r.recorded, 1, 24000, 105.0F);
    cr_assert_eq(r.recorded[24000], 1006.0F); // low between two
    expect_between(r.recorded, 24001, 48000, 106.0F);
    expect_between(r.recorded, 48000, 72000, 6.0F);
    cr_assert_eq(r.recorded[72000], 1107.0F);
    expect_between(r.recorded, 72001, 96000, 107.0F);
    cr_assert_eq(r.recorded[96000], 1005.0F);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    expect_between(r.recorded, 97000, 98000, 5.0F);
    cr_assert_eq(lat_control_locate(r.c, 0, &r.error), LAT_OK);
    cr_assert_eq(lat_control_play(r.c, true, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    cr_assert_eq(r.recorded[98000], 1105.0F);
    expect_between(r.recorded, 98001, 99000, 105.0F);
    rig_free(&r);
}

Test(time, a_phase_from_the_transport_picks_steps_on_the_frames_of_a_clock)
{
    for (int n = 1; n <= 32; ++n) {
        char values[200] = "";
        char text[200];
        for (int k = 0; k < n; ++k) {
            strcat(values, "1 ");
        }
        snprintf(text, sizeof(text),
                 "new phasor p\nconnect p s/phase\nnew clock c ticks %d\n"
                 "connect s/trigger o\nconnect c/trigger o -1",
                 n);
        // A step begins at the first frame whose phase is in it, a tick at the
        // nearest: the same one where it falls on a frame.
        struct rig r = steps(values, text);
        rig_run(&r, 96000, 64);
        for (uint32_t f = 0; n > 1 && f < 96000; ++f) {
            const bool is_whole = (uint64_t)f * (uint64_t)n % 96000 == 0;
            if (is_whole) {
                cr_assert_eq(r.recorded[f], 0.0F, "%d steps, %u: %g", n, f,
                             (double)r.recorded[f]);
            }
        }
        rig_free(&r);
    }
}

Test(time, bad_settings_are_refused_by_the_word_that_is_wrong)
{
    static const char *const values[][2] = {
        {"", "at least"},       {"  ", "at least"}, {"1 2 h4", "'h4'"},
        {"c4 c10 c5", "'c10'"}, {"1,5", "'1,5'"},   {"1 nan", "'nan'"},
        {"1e7", "'1e7'"},       {"~~", "'~~'"},     {"0x10", "'0x10'"}};
    struct rig r = rig_new(64);
    for (size_t i = 0; i < LAT_COUNT(values); ++i) {
        cr_assert_eq(new_steps(&r, values[i][0]), LAT_EINVAL, "%s",
                     values[i][0]);
        cr_assert_not_null(strstr(r.error.text, values[i][1]), "%s",
                           r.error.text);
    }
    static const char *const cycles[] = {"0",   "-1",        "1/0",  "x",
                                         "3/",  "/2",        "1//2", "1000001",
                                         "1e2", "1.0000001", "1/2/3"};
    char text[100];
    for (size_t i = 0; i < LAT_COUNT(cycles); ++i) {
        snprintf(text, sizeof(text), "new phasor p cycles %s", cycles[i]);
        cr_assert_eq(rig_try(&r, text), LAT_EINVAL, "%s", cycles[i]);
        snprintf(text, sizeof(text), "'%s'", cycles[i]);
        cr_assert_not_null(strstr(r.error.text, text), "%s", r.error.text);
    }
    cr_assert_eq(rig_try(&r, "new clock c ticks 0"), LAT_EINVAL);
    cr_assert_eq(rig_try(&r, "new clock c swing 1.1"), LAT_EINVAL);
    rig_free(&r);
}

// --- The same bits -----------------------------------------------------------

static struct rig
everything(uint32_t block)
{
    struct rig r = rig_new(block);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out o channels 1 limit off");
    cr_assert_eq(new_steps(&r, "c4 ~ 3 1.5"), LAT_OK);
    rig_do(&r,
           "new clock c ticks 1000 swing 0.7\nnew phasor p cycles 3/7\n"
           "new phasor q cycles 1/100\nconnect c/gate s/trigger\n"
           "connect q s/reset\nconnect p o\nconnect s/value o\n"
           "connect s/gate o\nconnect s/trigger o 3\nconnect c/trigger o 5");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

Test(time, same_bits_at_any_block_and_period)
{
    static const uint32_t periods[] = {1, 37, 64, 441, 4096};
    struct rig reference = everything(1);
    for (size_t i = 0; i <= LAT_COUNT(periods); ++i) {
        struct rig r = i ? everything(64) : reference;
        for (int k = 0; k < 12; ++k) {
            rig_run(&r, 4096, i ? periods[i - 1] : 1);
            if (k % 4 == 0) {
                cr_assert_eq(lat_control_tempo(r.c, 90 + 31.7 * k, &r.error),
                             LAT_OK);
            } else if (k % 4 == 1) {
                cr_assert_eq(lat_control_locate(r.c, k / 3.0, &r.error),
                             LAT_OK);
            } else {
                cr_assert_eq(lat_control_play(r.c, k % 4 == 3, &r.error),
                             LAT_OK);
            }
        }
        if (!i) {
            reference = r;
        } else {
            rig_same_bits(&reference, &r);
            rig_free(&r);
        }
    }
    rig_free(&reference);
}
