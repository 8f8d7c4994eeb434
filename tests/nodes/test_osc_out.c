// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// osc_out: what is sent at which frame.

#include "control/watch.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096

/// What came, in its order.
static struct lat_record records[MOST];
static uint32_t n_records;

static struct lat_reader *
listen(struct rig *r)
{
    struct lat_reader *reader = NULL;
    n_records = 0;
    cr_assert_eq(lat_reader_new(r->c, MOST, 1U << LAT_RECORD_SENT, &reader),
                 LAT_OK);
    return reader;
}

static void
take(struct lat_reader *reader)
{
    while (n_records < MOST && lat_reader_next(reader, &records[n_records])) {
        ++n_records;
    }
}

static void
set_at(struct rig *r, const char *commands, uint64_t frame)
{
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit_at(r->c, frame, &r->error), LAT_OK);
}

/// A new value 1000 times a second is sent `rate` times, the last one at last,
/// and never sooner than that after the one before.
Test(osc_out, sends_changes_at_its_rate)
{
    struct rig r = rig_new(64);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new osc_out o path /x rate 100\n"
               "new phasor p\nconnect p o\n");
    rig_run(&r, 48000, 64);
    take(reader);
    cr_assert_geq(n_records, 99);
    cr_assert_leq(n_records, 101);
    for (uint32_t i = 2; i < n_records; ++i) {
        cr_expect_eq(records[i].frame - records[i - 1].frame, 480, "%u", i);
        cr_expect_not(records[i].sent.is_event);
    }
    // What stands still is sent once more, and no more.
    rig_do(&r, "disconnect p o\nset o in 0.3");
    rig_run(&r, 48000, 64);
    take(reader);
    const uint32_t n = n_records;
    cr_expect_eq(records[n - 1].sent.value, 0.3F);
    rig_run(&r, 48000, 64);
    take(reader);
    cr_expect_eq(n_records, n);
    lat_reader_free(reader);
    rig_free(&r);
}

Test(osc_out, says_nothing_of_a_0_that_was_0)
{
    struct rig r = rig_new(64);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new osc_out o path /x");
    rig_run(&r, 4800, 64);
    take(reader);
    cr_expect_eq(n_records, 0);
    lat_reader_free(reader);
    rig_free(&r);
}

// Three pulses in 300 frames, at a rate of one in 480: six edges, all of them
// sent with the frames at which they were.
Test(osc_out, keeps_events_until_their_turn)
{
    struct rig r = rig_new(64);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new osc_out o path /x rate 100\nnew constant c value 0\n"
               "connect c o\n");
    rig_run(&r, 640, 64);
    const uint64_t edges[] = {1000, 1001, 1100, 1150, 1299, 1300};
    for (size_t i = 0; i < LAT_COUNT(edges); ++i) {
        char line[64];
        snprintf(line, sizeof(line), "set c value %s", i % 2 ? "0" : "0.5");
        set_at(&r, line, edges[i]);
    }
    rig_run(&r, 6400, 64);
    take(reader);
    cr_assert_eq(n_records, LAT_COUNT(edges));
    for (uint32_t i = 0; i < n_records; ++i) {
        cr_expect(records[i].sent.is_event);
        cr_expect_eq(records[i].frame, edges[i]);
        cr_expect_eq(records[i].sent.value, i % 2 ? 0.0F : 0.5F);
        cr_expect_eq(records[i].sent.n_lost, 0);
    }
    lat_reader_free(reader);
    rig_free(&r);
}

// 24 000 edges a second at a rate of 1000: 1000 are sent, the rest is counted.
Test(osc_out, counts_events_that_it_must_leave_out)
{
    struct rig r = rig_new(64);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new osc_out o path /x rate 1000\nnew impulse i freq 12000\n"
               "connect i o\n");
    rig_run(&r, 48000, 64);
    take(reader);
    cr_expect_eq(n_records, 1000);
    uint64_t n_lost = 0;
    for (uint32_t i = 0; i < n_records; ++i) {
        n_lost += records[i].sent.n_lost;
    }
    // Two edges each 4 frames, but for what was sent and the 64 that wait.
    cr_expect_lt(n_lost, 24000 - 1000);
    cr_expect_gt(n_lost, 24000 - 1000 - 64 - 2 * 48);
    lat_reader_free(reader);
    rig_free(&r);
}

// A wave that passes through 0, and here exactly, is no event; what comes is
// its samples.
Test(osc_out, takes_no_wave_for_events)
{
    struct rig r = rig_new(64);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new osc_out o path /x rate 1000\n"
               "new sine s freq 50 phase 0.6\nconnect s o\n");
    rig_run(&r, 48000, 64);
    take(reader);
    cr_expect_geq(n_records, 990);
    for (uint32_t i = 1; i < n_records; ++i) {
        cr_expect_not(records[i].sent.is_event, "%u", i);
    }
    lat_reader_free(reader);
    rig_free(&r);
}

static void
play(uint32_t block, uint32_t period)
{
    struct rig r = rig_new(block);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new clock c ticks 37\nnew osc_out o path /x rate 90\n"
               "new sine s freq 3\nnew osc_out w path /y rate 300\n"
               "connect c/gate o\nconnect s w\n");
    rig_run(&r, 96000, period);
    take(reader);
    lat_reader_free(reader);
    rig_free(&r);
}

static int
compare(const void *a, const void *b)
{
    const struct lat_record *const x = a;
    const struct lat_record *const y = b;
    return x->frame != y->frame            ? (x->frame < y->frame ? -1 : 1)
           : x->sent.value < y->sent.value ? -1
                                           : x->sent.value > y->sent.value;
}

Test(osc_out, sends_the_same_for_any_cutting)
{
    static struct lat_record expected[MOST];
    const uint32_t ways[][2] = {{64, 64}, {1, 17}, {64, 1000}, {256, 33}};
    play(ways[0][0], ways[0][1]);
    const uint32_t n = n_records;
    cr_assert_gt(n, 300);
    memcpy(expected, records, sizeof(expected));
    qsort(expected, n, sizeof(*expected), compare);
    for (size_t i = 1; i < LAT_COUNT(ways); ++i) {
        play(ways[i][0], ways[i][1]);
        cr_assert_eq(n_records, n, "%u, not %u", n_records, n);
        qsort(records, n, sizeof(*records), compare);
        for (uint32_t k = 0; k < n; ++k) {
            cr_assert(records[k].frame == expected[k].frame &&
                          records[k].sent.value == expected[k].sent.value &&
                          records[k].sent.is_event == expected[k].sent.is_event,
                      "record %u, way %zu", k, i);
        }
    }
}

// More than a thread's table holds at one frame comes in the next ones.
Test(osc_out, hundreds_at_once_are_all_heard)
{
    enum { N = 600 };
    struct rig r = rig_new(64);
    struct lat_reader *reader = listen(&r);
    rig_do(&r, "new constant c value 0");
    lat_control_begin(r.c);
    for (int i = 0; i < N; ++i) {
        char lines[100];
        snprintf(lines, sizeof(lines), "new osc_out o%d path /x\nconnect c o%d",
                 i, i);
        rig_do(&r, lines);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 640, 64);
    rig_do(&r, "set c value 1");
    rig_run(&r, 640, 64);
    take(reader);
    cr_expect_eq(n_records, N);
    lat_reader_free(reader);
    rig_free(&r);
}
