// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "control/watch.h"
#include "run/engine.h"
#include "support/failing.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000.0

/// Nodes alone, in lanes, and in a chain.
static const char *const patch = "new audio_out main channels 1 limit off\n"
                                 "new sine lfo freq 3\n"
                                 "new noise n\n"
                                 "new mix m inputs 6\n"
                                 "connect m main 0.1\n";

static void
build(struct rig *r)
{
    char line[160];
    lat_control_begin(r->c);
    rig_do(r, patch);
    for (int i = 1; i <= 6; ++i) {
        snprintf(line, sizeof(line),
                 "new saw v%d freq %d\nconnect v%d m/in_%d\n"
                 "connect lfo v%d/pitch %d",
                 i, 100 + 7 * i, i, i, i, i);
        rig_do(r, line);
    }
    for (int i = 1; i <= 6; ++i) {
        snprintf(line, sizeof(line), "new lowpass f%d cutoff %d", i, 500 * i);
        rig_do(r, line);
        snprintf(line, sizeof(line),
                 i > 1 ? "connect f%d f%d" : "connect n f%d", i > 1 ? i - 1 : i,
                 i);
        rig_do(r, line);
    }
    rig_do(r, "connect f6 main 0.1");
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                 r->error.text);
}

static const char *const outputs[] = {"lfo", "n",  "m",  "v1", "v2", "v5",
                                      "v6",  "f1", "f2", "f3", "f6"};

static struct lat_tap_wish
wish_of(uint32_t i)
{
    static const struct lat_tap_wish kinds[] = {
        {.kind = LAT_RECORD_SAMPLE, .hz = 97.0},
        {.kind = LAT_RECORD_LEVEL, .hz = 31.0},
        {.kind = LAT_RECORD_SCOPE, .hz = 50.0, .n_samples = 200, .step = 3},
    };
    struct lat_tap_wish wish = kinds[i % LAT_COUNT(kinds)];
    wish.id = i;
    return wish;
}

static struct lat_reader *
watch_all(struct rig *r)
{
    struct lat_reader *reader = NULL;
    cr_assert_eq(lat_reader_new(r->c, 16384, 0, &reader), LAT_OK);
    for (uint32_t i = 0; i < 3 * LAT_COUNT(outputs); ++i) {
        const struct lat_tap_wish wish = wish_of(i);
        cr_assert_eq(
            lat_reader_watch(reader, outputs[i / 3], "out", &wish, &r->error),
            LAT_OK, "%s", r->error.text);
    }
    return reader;
}

static struct lat_reader *
watch(struct rig *r, const char *node, struct lat_tap_wish wish)
{
    struct lat_reader *reader = NULL;
    cr_assert_eq(lat_reader_new(r->c, 4096, 0, &reader), LAT_OK);
    cr_assert_eq(lat_reader_watch(reader, node, "out", &wish, &r->error),
                 LAT_OK, "%s", r->error.text);
    return reader;
}

static struct lat_engine_status
status_of(const struct rig *r)
{
    struct lat_engine_status s;
    lat_engine_status(lat_control_engine(r->c), &s);
    return s;
}

/// Records in the order of their watches, for comparing.
struct all {
    struct lat_record at[8192];
    uint32_t n;
};

static int
by_id(const void *a, const void *b)
{
    const struct lat_record *x = a;
    const struct lat_record *y = b;
    if (x->id != y->id) {
        return x->id < y->id ? -1 : 1;
    }
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static struct all *
read_all(struct lat_reader *reader)
{
    struct all *all = calloc(1, sizeof(*all));
    while (all->n < LAT_COUNT(all->at) &&
           lat_reader_next(reader, &all->at[all->n])) {
        ++all->n;
    }
    qsort(all->at, all->n, sizeof(*all->at), by_id);
    return all;
}

Test(watch, nothing_is_done_where_nobody_asks)
{
    struct rig r = rig_new(64);
    build(&r);
    rig_run(&r, 9600, 256);
    const struct lat_engine_status s = status_of(&r);
    cr_expect_eq(s.n_tapped, 0);
    cr_expect_eq(s.n_sent, 0);
    cr_expect_eq(s.n_lost, 0);
    // Nor when the reader is gone again.
    struct lat_reader *reader = watch_all(&r);
    rig_run(&r, 960, 256);
    cr_expect_gt(status_of(&r).n_tapped, 0);
    lat_reader_free(reader);
    rig_run(&r, 256, 256);
    const uint64_t before = status_of(&r).n_tapped;
    rig_run(&r, 9600, 256);
    cr_expect_eq(status_of(&r).n_tapped, before);
    rig_free(&r);
}

Test(watch, readers_do_not_change_a_bit)
{
    static const char *const workers[] = {"1", "4"};
    for (size_t i = 0; i < LAT_COUNT(workers); ++i) {
        setenv("RIG_WORKERS", workers[i], 1);
        struct rig a = rig_new(64);
        struct rig b = rig_new(64);
        build(&a);
        build(&b);
        rig_run(&a, 48000, 256);
        struct lat_reader *reader = watch_all(&b);
        rig_run(&b, 20000, 256);
        lat_reader_free(reader);
        rig_run(&b, 28000, 256);
        cr_expect_eq(rig_first_difference(&a, &b), 48000);
        rig_free(&a);
        rig_free(&b);
    }
}

/// Everything that everybody gives, for some period and number of threads.
static struct all *
records_of(uint32_t block, uint32_t period, const char *workers)
{
    setenv("RIG_WORKERS", workers, 1);
    struct rig r = rig_new(block);
    build(&r);
    struct lat_reader *reader = watch_all(&r);
    rig_run(&r, 24000, period);
    struct all *all = read_all(reader);
    cr_expect_eq(lat_reader_lost(reader), 0);
    lat_reader_free(reader);
    rig_free(&r);
    return all;
}

Test(watch, records_are_the_same_for_any_period_block_and_threads)
{
    struct all *wanted = records_of(64, 256, "1");
    cr_assert_gt(wanted->n, 1000);
    static const struct {
        uint32_t block, period;
        const char *workers;
    } ways[] = {{64, 100, "1"},  {64, 24000, "1"}, {1, 256, "1"},
                {16, 1024, "1"}, {64, 256, "4"},   {64, 77, "3"}};
    for (size_t i = 0; i < LAT_COUNT(ways); ++i) {
        struct all *other =
            records_of(ways[i].block, ways[i].period, ways[i].workers);
        cr_expect_eq(other->n, wanted->n, "way %zu: %u, not %u", i, other->n,
                     wanted->n);
        cr_expect_eq(memcmp(other, wanted, sizeof(*other)), 0, "way %zu", i);
        free(other);
    }
    free(wanted);
}

static const char *const plain = "new audio_out main channels 1 limit off\n"
                                 "new saw a freq 1234\n"
                                 "connect a main\n";

static struct rig
plain_rig(void)
{
    struct rig r = rig_new(64);
    lat_control_begin(r.c);
    rig_do(&r, plain);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

Test(watch, a_sample_comes_at_its_rate_and_is_that_sample)
{
    struct rig r = plain_rig();
    struct lat_reader *reader = watch(
        &r, "a",
        (struct lat_tap_wish){.kind = LAT_RECORD_SAMPLE, .hz = 30.0, .id = 7});
    struct lat_record record;
    uint32_t n = 0;
    for (uint32_t period = 0; period < 187; ++period) {
        rig_run(&r, 256, 256);
        while (lat_reader_next(reader, &record)) {
            cr_assert_eq(record.frame, n * 1600);
            cr_assert_eq(record.id, 7);
            cr_assert_eq(record.kind, LAT_RECORD_SAMPLE);
            cr_assert_eq(record.sample, r.recorded[record.frame]);
            // In the period in which it was made.
            cr_assert_lt(record.frame, r.n_frames);
            cr_assert_geq(record.frame, r.n_frames - 256);
            ++n;
        }
    }
    cr_expect_eq(n, 30);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, a_level_covers_every_frame_since_the_one_before)
{
    struct rig r = plain_rig();
    struct lat_reader *reader = watch(
        &r, "a", (struct lat_tap_wish){.kind = LAT_RECORD_LEVEL, .hz = 100.0});
    rig_run(&r, 48000, 333);
    struct lat_record record;
    uint32_t n = 0;
    while (lat_reader_next(reader, &record)) {
        const uint32_t from = n * 480;
        float peak = 0.0F;
        double squares = 0.0;
        for (uint32_t f = from; f < from + 480; ++f) {
            peak = fabsf(r.recorded[f]) > peak ? fabsf(r.recorded[f]) : peak;
            squares += (double)r.recorded[f] * (double)r.recorded[f];
        }
        cr_assert_eq(record.frame, from + 480);
        cr_assert_eq(record.level.peak, peak);
        cr_assert_float_eq((double)record.level.mean_square, squares / 480.0,
                           1e-6);
        ++n;
    }
    cr_expect_eq(n, 100);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, a_scope_may_have_every_sample)
{
    struct rig r = plain_rig();
    struct lat_reader *reader =
        watch(&r, "a",
              (struct lat_tap_wish){.kind = LAT_RECORD_SCOPE,
                                    .hz = 100.0,
                                    .n_samples = 480,
                                    .step = 1});
    rig_run(&r, 48000, 256);
    struct lat_record record;
    uint64_t next = 0;
    while (lat_reader_next(reader, &record)) {
        cr_assert_eq(record.frame, next);
        cr_assert_eq(record.at, next % 480);
        for (uint32_t i = 0; i < record.n; ++i) {
            cr_assert_eq(record.samples[i], r.recorded[next + i]);
        }
        next += record.n;
    }
    cr_expect_gt(next, 47900);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, a_scope_takes_every_step_th_sample)
{
    struct rig r = plain_rig();
    struct lat_reader *reader = watch(
        &r, "a",
        (struct lat_tap_wish){
            .kind = LAT_RECORD_SCOPE, .hz = 10.0, .n_samples = 100, .step = 7});
    rig_run(&r, 48000, 256);
    struct lat_record record;
    uint32_t n = 0;
    while (lat_reader_next(reader, &record)) {
        const uint32_t from = n / 100 * 4800;
        for (uint32_t i = 0; i < record.n; ++i, ++n) {
            cr_assert_eq(record.samples[i], r.recorded[from + n % 100 * 7]);
        }
    }
    cr_expect_eq(n, 1000);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, who_does_not_read_loses_counted_records_and_harms_nobody)
{
    struct rig r = plain_rig();
    struct lat_reader *lazy = NULL;
    const struct lat_tap_wish wish = {.kind = LAT_RECORD_SAMPLE, .hz = 400.0};
    struct lat_reader *reader = watch(&r, "a", wish);
    cr_assert_eq(lat_reader_new(r.c, 16, 0, &lazy), LAT_OK);
    cr_assert_eq(lat_reader_watch(lazy, "a", "out", &wish, &r.error), LAT_OK);
    rig_run(&r, 48000, 256);
    struct lat_record record;
    uint32_t n = 0;
    while (lat_reader_next(reader, &record)) {
        cr_assert_eq(record.frame, n * 120);
        ++n;
    }
    cr_expect_eq(n, 400);
    cr_expect_eq(lat_reader_lost(reader), 0);
    // The first ones are there, and all others were counted.
    n = 0;
    while (lat_reader_next(lazy, &record)) {
        cr_assert_eq(record.frame, n * 120);
        ++n;
    }
    cr_expect_eq(n, 16);
    cr_expect_eq(lat_reader_lost(lazy), 400 - 16);
    cr_expect_eq(status_of(&r).n_lost, 400 - 16);
    cr_expect_eq(status_of(&r).n_sent, 400 + 16);
    lat_reader_free(lazy);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, a_wish_beyond_what_a_span_can_give_is_refused)
{
    struct rig r = plain_rig();
    struct lat_reader *reader = NULL;
    cr_assert_eq(lat_reader_new(r.c, 16, 0, &reader), LAT_OK);
    static const struct lat_tap_wish wishes[] = {
        {.kind = LAT_RECORD_SAMPLE, .hz = 751.0},
        {.kind = LAT_RECORD_SAMPLE, .hz = 0.0},
        {.kind = LAT_RECORD_SAMPLE, .hz = -1.0},
        {.kind = LAT_RECORD_SAMPLE, .hz = (double)NAN},
        {.kind = LAT_RECORD_SCOPE, .hz = 10.0, .n_samples = 0, .step = 1},
        {.kind = LAT_RECORD_SCOPE, .hz = 10.0, .n_samples = 4801, .step = 1},
        {.kind = LAT_RECORD_SCOPE, .hz = 10.0, .n_samples = 1, .step = 0},
        {.kind = LAT_RECORD_SCOPE, .hz = 0.1, .n_samples = 65537, .step = 1},
    };
    for (size_t i = 0; i < LAT_COUNT(wishes); ++i) {
        cr_expect_eq(lat_reader_watch(reader, "a", "out", &wishes[i], &r.error),
                     LAT_EINVAL, "%zu", i);
    }
    const struct lat_tap_wish wish = {.kind = LAT_RECORD_SAMPLE, .hz = 750.0};
    cr_expect_eq(lat_reader_watch(reader, "b", "out", &wish, &r.error),
                 LAT_ENOTFOUND);
    cr_expect_eq(lat_reader_watch(reader, "a", "in", &wish, &r.error),
                 LAT_ENOTFOUND);
    cr_expect_eq(lat_reader_watch(reader, "a", "out", &wish, &r.error), LAT_OK);
    lat_reader_free(reader);
    rig_free(&r);
}

static uint32_t
count(struct lat_reader *reader)
{
    struct lat_record record;
    uint32_t n = 0;
    while (lat_reader_next(reader, &record)) {
        ++n;
    }
    return n;
}

Test(watch, what_is_watched_is_the_node_of_that_name)
{
    struct rig r = plain_rig();
    struct lat_reader *reader = watch(
        &r, "a", (struct lat_tap_wish){.kind = LAT_RECORD_SAMPLE, .hz = 100.0});
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    cr_assert_eq(lat_control_node_rename(r.c, "a", "b", &r.error), LAT_OK);
    rig_do(&r, "new saw a\nset a freq 3"); // not that one
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    rig_do(&r, "free b");
    rig_run(&r, 480, 480);
    count(reader);
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 0, "there is no b");
    rig_do(&r, "new noise b");
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    rig_do(&r, "set b color pink"); // made anew
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    lat_control_begin_load(r.c, 32);
    rig_do(&r, "new sine b");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, it_follows_a_node_that_is_renamed_and_made_anew_at_once)
{
    struct rig r = plain_rig();
    rig_do(&r, "new noise n");
    struct lat_reader *reader = watch(
        &r, "n", (struct lat_tap_wish){.kind = LAT_RECORD_SAMPLE, .hz = 100.0});
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    lat_control_begin(r.c);
    rig_do(&r, "set n color pink");
    cr_assert_eq(lat_control_node_rename(r.c, "n", "m", &r.error), LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 4800, 480);
    cr_expect_eq(count(reader), 10);
    lat_reader_free(reader);
    rig_free(&r);
}

/// The answer to a question, after at most one period.
static enum lat_answer
ask(struct rig *r, const char *node, const char *output, float *value)
{
    struct lat_question *q = NULL;
    cr_assert_eq(lat_control_ask(r->c, node, output, &q, &r->error), LAT_OK);
    cr_expect_eq(lat_control_answer(r->c, q, value), LAT_ANSWER_WAITS);
    rig_run(r, 256, 256);
    const enum lat_answer answer = lat_control_answer(r->c, q, value);
    lat_question_free(r->c, q);
    return answer;
}

Test(watch, any_outputs_last_sample_can_be_asked)
{
    struct rig r = rig_new(64);
    build(&r);
    rig_do(&r, "new constant k value 0.25\nnew bus a\nnew bus b\nnew bus c\n"
               "new bus d\nconnect k a\nconnect k b 2\nconnect k c 3\n"
               "connect k d 4");
    rig_run(&r, 4800, 256);
    static const struct {
        const char *node;
        float value;
    } wanted[] = {
        {"k", 0.25F}, {"a", 0.25F}, {"b", 0.5F}, {"c", 0.75F}, {"d", 1.0F}};
    for (size_t i = 0; i < LAT_COUNT(wanted); ++i) {
        float value = 0.0F;
        cr_expect_eq(ask(&r, wanted[i].node, "out", &value), LAT_ANSWER_HERE);
        cr_expect_eq(value, wanted[i].value, "%s", wanted[i].node);
    }
    float value = 0.0F;
    cr_expect_eq(ask(&r, "m", "out", &value), LAT_ANSWER_HERE);
    rig_free(&r);
}

Test(watch, the_last_sample_is_the_last_one_of_a_period)
{
    struct rig r = plain_rig();
    rig_run(&r, 1000, 100);
    float value = 0.0F;
    cr_expect_eq(ask(&r, "a", "out", &value), LAT_ANSWER_HERE);
    cr_expect_eq(value, r.recorded[r.n_frames - 1]);
    rig_free(&r);
}

Test(watch, a_question_outlives_its_node_and_waits_for_a_transaction)
{
    struct rig r = plain_rig();
    struct lat_question *q = NULL;
    float value = 0.0F;
    lat_control_begin(r.c);
    rig_do(&r, "new constant k value 3");
    cr_assert_eq(lat_control_ask(r.c, "k", "out", &q, &r.error), LAT_OK);
    cr_expect_eq(lat_control_answer(r.c, q, &value), LAT_ANSWER_WAITS);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_expect_eq(lat_control_answer(r.c, q, &value), LAT_ANSWER_WAITS);
    rig_do(&r, "free k");
    rig_run(&r, 256, 256);
    cr_expect_eq(lat_control_answer(r.c, q, &value), LAT_ANSWER_HERE);
    cr_expect_eq(value, 3.0F);
    lat_question_free(r.c, q);

    lat_control_begin(r.c);
    rig_do(&r, "new constant k value 3");
    cr_assert_eq(lat_control_ask(r.c, "k", "out", &q, &r.error), LAT_OK);
    lat_control_rollback(r.c);
    cr_expect_eq(lat_control_answer(r.c, q, &value), LAT_ANSWER_NEVER);
    lat_question_free(r.c, q);

    // Nobody waits for the answer.
    cr_assert_eq(lat_control_ask(r.c, "a", "out", &q, &r.error), LAT_OK);
    cr_expect_eq(lat_control_answer(r.c, q, &value), LAT_ANSWER_WAITS);
    lat_question_free(r.c, q);
    rig_do(&r, "free a");
    rig_run(&r, 4800, 256);
    rig_free(&r);
}

Test(watch, midi_and_faults_come_to_who_hears_them)
{
    struct rig r = rig_new(64);
    struct lat_reader *reader = NULL;
    struct lat_reader *deaf = NULL;
    struct lat_record record;
    cr_assert_eq(lat_reader_new(r.c, 64,
                                1U << LAT_RECORD_MIDI | 1U << LAT_RECORD_FAULT,
                                &reader),
                 LAT_OK);
    cr_assert_eq(lat_reader_new(r.c, 64, 0, &deaf), LAT_OK);
    rig_do(&r, "new constant k value 1e6\nnew multiply m1\nnew multiply m2\n"
               "new multiply m3\nconnect k m1/a\nconnect k m1/b\n"
               "connect m1 m2/a\nconnect m1 m2/b\nconnect m2 m3/a\n"
               "connect m2 m3/b");
    static const uint8_t message[] = {0xb0, 7, 99};
    rig_run(&r, 256, 256);
    lat_engine_midi(lat_control_engine(r.c), 17, message, 3);
    rig_run(&r, 256, 256);
    uint32_t n_midi = 0;
    uint32_t n_faults = 0;
    while (lat_reader_next(reader, &record)) {
        if (record.kind == LAT_RECORD_MIDI) {
            cr_expect_eq(record.frame, 256 + 17);
            cr_expect_eq(record.midi.size, 3);
            cr_expect_eq(memcmp(record.midi.data, message, 3), 0);
            ++n_midi;
        } else {
            cr_expect_eq(record.kind, LAT_RECORD_FAULT);
            ++n_faults;
        }
    }
    cr_expect_eq(n_midi, 1);
    cr_expect_eq(n_faults, status_of(&r).n_faults);
    cr_expect_gt(n_faults, 0);
    cr_expect_not(lat_reader_next(deaf, &record));
    lat_reader_free(deaf);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(watch, without_memory_nothing_is_watched_and_nothing_leaks)
{
    struct rig r = plain_rig();
    bool has_failed = true;
    for (uint32_t i = 1; has_failed; ++i) {
        struct lat_reader *reader = NULL;
        const struct lat_tap_wish wish = {.kind = LAT_RECORD_LEVEL, .hz = 9.0};
        failing_begin(i, false);
        enum lat_status status = lat_reader_new(r.c, 16, 0, &reader);
        if (!status) {
            status = lat_reader_watch(reader, "a", "out", &wish, &r.error);
        }
        has_failed = failing_end();
        cr_assert_eq(status, has_failed ? LAT_ENOMEM : LAT_OK);
        lat_reader_free(reader);
        rig_run(&r, 256, 256);
    }
    rig_free(&r);
}
