// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "osc/timeline.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

#define RATE   48000
#define SECOND (UINT64_C(1) << 32U)
#define START  (UINT64_C(3989000000) << 32U)

__extension__ typedef __int128 wide;

static struct lat_timeline line;
static struct lat_timeline_clock now;

static void
make(void)
{
    line = (struct lat_timeline){.is_set = false};
    now = (struct lat_timeline_clock){
        .is_running = true,
        .frame = 1000000,
        .tag = START,
        .now_tag = START,
        .steady_ns = UINT64_C(77000000000),
        .rate = RATE,
        .period = 64,
    };
    srand(7);
}

TestSuite(timeline, .init = make);

static uint64_t
tags(double seconds)
{
    return (uint64_t)(int64_t)(seconds * (double)SECOND);
}

/// Time goes on; the card's clock runs faster by some parts in a million.
static void
wait_for(double seconds, double ppm)
{
    static double frames;
    frames += seconds * RATE * (1.0 + ppm * 1e-6);
    const uint64_t whole = (uint64_t)frames;
    frames -= (double)whole;
    now.frame += whole;
    now.now_tag += tags(seconds);
    // The frame began a little before.
    now.tag = now.now_tag - tags(frames / RATE);
    now.steady_ns += (uint64_t)(seconds * 1e9);
}

static enum lat_timeline_news
look(void)
{
    int64_t step = 0;
    return lat_timeline_look(&line, &now, &step);
}

static uint64_t
come(uint64_t tag)
{
    (void)look();
    (void)lat_timeline_arrive(&line, &now, tag);
    return lat_timeline_frame(&line, tag);
}

/// As the definition has it.
static uint64_t
model(uint64_t tag)
{
    const wide frames = (wide)(int64_t)(tag - START) * RATE;
    return (uint64_t)(1000000 + ((frames + ((wide)1 << 31)) >> 32));
}

Test(timeline, is_the_line_rounded_half_up)
{
    cr_expect_eq(come(START + 12345), model(START + 12345));
    for (int i = 0; i < 100000; ++i) {
        const uint64_t tag =
            START +
            ((uint64_t)rand() << 16U ^ (uint64_t)rand()) % (SECOND / 50);
        cr_assert_eq(come(tag), model(tag));
    }
    // 187 frames and a half.
    cr_expect_eq(lat_timeline_frame(&line, START + (1U << 24U)), 1000188);
    cr_expect_eq(lat_timeline_frame(&line, START + (1U << 24U) - 1), 1000187);
    cr_expect_eq(lat_timeline_frame(&line, START - (1U << 24U)), 999813);
}

Test(timeline, near_tags_keep_their_distance_to_the_frame)
{
    const uint64_t hundred = 100 * SECOND / RATE + 1;
    for (int i = 0; i < 4000; ++i) {
        wait_for(0.025, 300.0);
        const uint64_t tag = now.now_tag + tags(0.2);
        const uint64_t first = come(tag);
        cr_assert_eq(come(tag + hundred) - first, 100);
        cr_assert_eq(come(tag), first, "equal tags share a frame");
    }
}

Test(timeline, tags_100_ms_apart_are_4800_frames_apart_within_2)
{
    for (int ppm = -2000; ppm <= 2000; ppm += 500) {
        make();
        uint64_t before = 0;
        for (int i = 0; i < 300; ++i) {
            wait_for(0.1, ppm);
            const uint64_t frame = come(now.now_tag + tags(0.2));
            const int64_t apart = (int64_t)(frame - before);
            cr_assert(!before || (apart >= 4798 && apart <= 4802) ||
                          abs(ppm) > 416,
                      "%lld at %d", (long long)apart, ppm);
            before = frame;
        }
    }
}

/// Where the clock says that a tag is, to half a frame.
static double
clock_place(uint64_t tag)
{
    return (double)(now.frame - 1000000) +
           (double)(int64_t)(tag - now.tag) / (double)SECOND * RATE;
}

Test(timeline, follows_a_clock_that_drifts)
{
    static const struct {
        double gap_s, ppm;
    } cases[] = {{0.1, 200},   {0.1, -200},  {0.025, 400},
                 {0.25, -400}, {0.005, 200}, {0.001, -200}};
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); ++k) {
        make();
        double worst = 0.0;
        for (double t = 0.0; t < 120.0; t += cases[k].gap_s) {
            wait_for(cases[k].gap_s, cases[k].ppm);
            const uint64_t tag = now.now_tag + tags(0.2);
            const double off = (double)(come(tag) - 1000000) - clock_place(tag);
            worst = off < 0 ? (-off > worst ? -off : worst)
                            : (off > worst ? off : worst);
        }
        cr_expect_lt(worst, 8.0, "case %zu: %g frames off", k, worst);
    }
}

Test(timeline, any_tags_move_by_2_frames_in_4800_at_most)
{
    enum { N = 40000 };
    static uint64_t tag[N];
    static uint64_t frame[N];
    uint64_t t = START + SECOND;
    for (int i = 0; i < N; ++i) {
        const double gap = rand() % 200 == 0  ? 0.13
                           : rand() % 20 == 0 ? 0.001 * (rand() % 40)
                                              : 0.0001 * (rand() % 50);
        wait_for(gap, (i / 5000) % 2 ? 900.0 : -900.0);
        t += tags(gap);
        tag[i] = t;
        frame[i] = come(t);
    }
    for (int i = 0; i < N; ++i) {
        for (int k = i + 1; k < N && tag[k] - tag[i] <= SECOND / 10; ++k) {
            const double exact =
                (double)(tag[k] - tag[i]) / (double)SECOND * RATE;
            const double off = (double)(frame[k] - frame[i]) - exact;
            cr_assert(off < 3.0 && off > -3.0, "%d and %d: %g", i, k, off);
            cr_assert(frame[k] >= frame[i], "later tags come later");
        }
    }
}

Test(timeline, an_earlier_tag_is_mapped_as_before_the_move)
{
    const uint64_t first = come(START + tags(0.5));
    wait_for(0.3, 3000.0); // the line is off by 43 frames
    const uint64_t far = come(START + tags(0.9));
    cr_assert_neq(far - first, 19200, "the line has moved");
    cr_expect_eq(come(START + tags(0.51)) - first, 480);
    cr_expect_eq(come(START + tags(0.501)) - first, 48);
    cr_expect_leq(come(START + tags(0.9) - 1), far, "nor beyond it");
}

Test(timeline, is_set_anew_when_periods_were_lost)
{
    come(START + tags(0.1));
    cr_expect_eq(look(), LAT_TIMELINE_KEPT);
    now.now_tag = now.tag = START + tags(0.5);
    now.frame += 24000 - 64;
    now.n_breaks = 1;
    cr_expect_eq(look(), LAT_TIMELINE_ANEW);
    cr_expect_eq(lat_timeline_frame(&line, START + tags(0.5)), now.frame);
    cr_expect_eq(look(), LAT_TIMELINE_KEPT);
}

Test(timeline, is_set_anew_where_the_clock_is_far_off)
{
    come(START + tags(0.1));
    now.frame += 2000;
    cr_expect_eq(look(), LAT_TIMELINE_KEPT, "41 ms");
    now.frame += 401;
    cr_expect_eq(look(), LAT_TIMELINE_ANEW, "50 ms");
    now.frame -= 2401;
    cr_expect_eq(look(), LAT_TIMELINE_ANEW, "to the other side");
}

Test(timeline, is_set_anew_at_the_first_tag_after_a_second)
{
    (void)look();
    cr_expect_eq(lat_timeline_arrive(&line, &now, START), LAT_TIMELINE_ANEW);
    wait_for(0.9, 5000.0);
    (void)look();
    cr_expect_eq(lat_timeline_arrive(&line, &now, now.now_tag),
                 LAT_TIMELINE_KEPT);
    wait_for(1.1, 5000.0);
    (void)look();
    cr_expect_eq(lat_timeline_arrive(&line, &now, now.now_tag),
                 LAT_TIMELINE_ANEW);
    cr_expect_eq(lat_timeline_frame(&line, now.tag), now.frame);
}

Test(timeline, another_rate_sets_it_anew)
{
    come(START + tags(0.1));
    now.rate = 44100;
    cr_expect_eq(look(), LAT_TIMELINE_ANEW);
    cr_expect_eq(lat_timeline_frame(&line, now.tag + SECOND),
                 now.frame + 44100);
}

Test(timeline, moves_with_the_wall_clock_when_that_is_set)
{
    static const int64_t seconds[] = {3600, -3600, 86400, -1};
    for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); ++i) {
        make();
        int64_t step = 0;
        const uint64_t tag = START + tags(0.25);
        const uint64_t frame = come(tag);
        const uint64_t by = (uint64_t)seconds[i] * SECOND;
        wait_for(0.05, 0.0);
        now.tag += by;
        now.now_tag += by;
        cr_expect_eq(lat_timeline_look(&line, &now, &step), LAT_TIMELINE_KEPT);
        cr_expect(llabs(step - (int64_t)by) < (int64_t)SECOND / 100000, "%lld",
                  (long long)step);
        const int64_t off =
            (int64_t)(lat_timeline_frame(&line, tag + by) - frame);
        cr_expect(off >= -1 && off <= 1, "%lld", (long long)off);
    }
}

Test(timeline, a_clock_that_is_nudged_is_no_step)
{
    int64_t step = 0;
    come(START);
    now.tag += tags(0.009);
    now.now_tag += tags(0.009);
    (void)lat_timeline_look(&line, &now, &step);
    cr_expect_eq(step, 0);
}

Test(timeline, has_no_frames_while_nothing_runs)
{
    come(START);
    now.is_running = false;
    cr_expect_eq(look(), LAT_TIMELINE_KEPT);
    cr_expect_not(line.is_set);
    now.is_running = true;
    cr_expect_eq(look(), LAT_TIMELINE_ANEW);
}

Test(timeline, knows_old_tags_from_new_ones)
{
    const uint64_t unix_epoch = UINT64_C(1780000000) << 32U;
    cr_expect(lat_timeline_is_before(unix_epoch, START), "seconds since 1970");
    cr_expect(lat_timeline_is_before(START, START + 1));
    cr_expect_not(lat_timeline_is_before(START, START));
    cr_expect_not(lat_timeline_is_before(UINT64_C(5) << 32U, START),
                  "2036 and 5 seconds");
    cr_expect_eq(lat_timeline_to_ns(INT64_C(3) << 31U), 1500000000);
    cr_expect_eq(lat_timeline_to_ns(-(INT64_C(3) << 31U)), -1500000000);
    cr_expect_eq(lat_timeline_from_ns(UINT64_C(1500000000)), UINT64_C(3)
                                                                 << 31U);
}

// On a line with many moves every frame has a tag that leads back to it, at any
// rate; so have those before the first move.
Test(timeline, gives_every_frame_its_tag)
{
    const uint32_t rates[] = {44100, 48000, 192000};
    for (size_t k = 0; k < LAT_COUNT(rates); ++k) {
        make();
        now.rate = rates[k];
        for (int i = 0; i < 200; ++i) {
            wait_for(0.03, 150.0);
            come(now.now_tag + tags(0.1));
        }
        for (uint64_t frame = now.frame - 9000; frame < now.frame + 9000;
             frame += 7) {
            const uint64_t tag = lat_timeline_tag(&line, frame);
            // Where the line moved back two frames share their tags, where it
            // moved on one has none.
            const int64_t off =
                (int64_t)(lat_timeline_frame(&line, tag) - frame);
            cr_assert_leq(llabs(off), 2, "%lld", (long long)off);
        }
    }
    make();
    come(START);
    for (uint64_t frame = 1; frame < 3000000; frame += 997) {
        cr_assert_eq(lat_timeline_frame(&line, lat_timeline_tag(&line, frame)),
                     frame);
    }
}

/// What the line is off from the clock, in seconds.
static double
error_of_line(void)
{
    const uint64_t tag = lat_timeline_tag(&line, now.frame);
    return (double)(int64_t)(tag - now.tag) / (double)SECOND;
}

// What goes out keeps to the clock of the card for an hour, though nothing
// comes that would move the line, and near events keep their distance.
Test(timeline, follows_the_card_while_only_events_go_out)
{
    (void)look();
    for (int i = 0; i < 4 * 3600; ++i) {
        wait_for(0.25, 150.0);
        (void)look();
        (void)lat_timeline_pass(&line, &now);
        cr_assert_lt(fabs(error_of_line()), 0.0005, "%d", i);
        const uint64_t apart = lat_timeline_tag(&line, now.frame + 4800) -
                               lat_timeline_tag(&line, now.frame);
        cr_assert_leq((uint64_t)llabs((int64_t)(apart - tags(0.1))),
                      tags(2.0 / RATE));
    }
}

// Tags that come move the line, and what goes out does not.
Test(timeline, leaves_the_line_to_tags_that_come)
{
    come(START + tags(1.0));
    wait_for(0.9, 50.0);
    const struct lat_timeline before = line;
    (void)look();
    cr_expect_eq(lat_timeline_pass(&line, &now), LAT_TIMELINE_KEPT);
    cr_expect_eq(line.n_pieces, before.n_pieces);
    cr_expect_eq(line.latest, before.latest);
    // After a second of nothing but events that go out, the first that comes
    // sets it anew, as if nothing had.
    for (int i = 0; i < 20; ++i) {
        wait_for(0.1, 50.0);
        (void)look();
        (void)lat_timeline_pass(&line, &now);
    }
    cr_expect_eq(lat_timeline_arrive(&line, &now, now.now_tag + tags(0.2)),
                 LAT_TIMELINE_ANEW);
    cr_expect_lt(fabs(error_of_line()), 1e-6);
}
