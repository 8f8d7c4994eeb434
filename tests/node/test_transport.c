// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/transport.h"

#include <criterion/criterion.h>

#include <math.h>

static struct lat_transport
playing(double rate, double bpm, double beats)
{
    struct lat_transport t;
    lat_transport_init(&t, rate, bpm, beats);
    lat_transport_play(&t, 0, true);
    return t;
}

Test(transport, context_gives_the_cycle_at_an_offset)
{
    // 120 bpm, 4 beats: a cycle is 2 s, 96000 frames.
    const struct lat_transport t = playing(48000.0, 120.0, 4.0);
    const struct lat_context context = {
        .rate = 48000.0,
        .n_frames = 64,
        .frame = 96000 - 32,
        .transport = &t,
    };
    const struct lat_cycle before = lat_context_cycle_at(&context, 31);
    const struct lat_cycle at = lat_context_cycle_at(&context, 32);
    const struct lat_cycle quarter = lat_context_cycle_at(&context, 32 + 24000);
    cr_assert_eq(before.cycle, 0);
    cr_assert_eq(at.cycle, 1);
    cr_assert_eq(at.fraction, 0);
    cr_assert_eq(quarter.cycle, 1);
    cr_assert_eq(quarter.fraction, UINT64_C(1) << 62U);
}

Test(transport, does_not_drift_over_100000_cycles)
{
    // 137.31 bpm at 44100 Hz, 3.5 beats a cycle: 44100 * 60 * 3.5 / 137.31
    // frames a cycle; 13731 cycles are exactly 926100000 frames.
    const struct lat_transport t = playing(44100.0, 137.31, 3.5);
    for (uint64_t k = 1; k <= 8; ++k) {
        const struct lat_cycle c =
            lat_transport_at(&t, k * UINT64_C(926100000));
        cr_assert_eq(c.cycle, (int64_t)(13731 * k), "at %d", (int)k);
        cr_assert_eq(c.fraction, 0);
    }
}

Test(transport, frame_of_is_the_nearest_frame)
{
    const struct lat_transport t = playing(44100.0, 133.7, 4.0);
    const double frames = 44100.0 * 60.0 * 4.0 / 133.7; // of a cycle
    for (int i = 1; i < 2000; ++i) {
        const struct lat_cycle c = lat_cycle_from_double(i * 0.37);
        const uint64_t frame = lat_transport_frame_of(&t, c);
        const double exact = lat_cycle_to_double(c) * frames;
        cr_assert_leq(fabs((double)frame - exact), 0.5 + 1e-6, "%d", i);
    }
}

Test(transport, frame_of_takes_the_later_of_two_that_are_as_near)
{
    // 112 bpm at 44100 Hz, a beat a cycle: 23625 frames.
    const struct lat_transport t = playing(44100.0, 112.0, 1.0);
    cr_assert_eq(lat_transport_frame_of(&t, lat_cycle_from_double(0.5)), 11813);
    cr_assert_eq(lat_transport_frame_of(&t, lat_cycle_from_double(1.5)), 35438);
    // Place k of 6 is at 3937.5 k, though a sixth is no binary fraction.
    for (uint64_t k = 1; k < 100000; ++k) {
        const uint64_t frame = (7875 * k + 1) / 2;
        cr_assert_eq(lat_transport_due(&t, frame - 1, 6), (int64_t)k);
        cr_assert_eq(lat_transport_due(&t, frame, 6), (int64_t)k + 1);
    }
}

Test(transport, positions_in_a_row_are_those_asked_for_one_by_one)
{
    for (int i = 0; i < 50; ++i) {
        struct lat_transport t =
            playing(i % 2 ? 44100.0 : 96000.0, 20.0 + 19.37 * i, 0.25 + i);
        lat_transport_locate(&t, 77, lat_cycle_from_double(1e9 / (i + 0.7)));
        const struct lat_context context = {
            .frame = UINT64_C(1000000007) * (uint64_t)(i * i) + 77,
            .n_frames = 512,
            .transport = &t,
        };
        struct lat_cycle row[512];
        lat_context_cycles(&context, 0, 512, row);
        for (uint32_t f = 0; f < 512; ++f) {
            cr_assert_eq(
                lat_cycle_compare(row[f], lat_context_cycle_at(&context, f)), 0,
                "%d, frame %u", i, f);
        }
    }
}

Test(transport, a_new_tempo_keeps_the_place)
{
    struct lat_transport t = playing(48000.0, 120.0, 4.0);
    const struct lat_cycle before = lat_transport_at(&t, 12345);
    lat_transport_set_tempo(&t, 12345, 77.0);
    cr_assert_eq(lat_cycle_compare(lat_transport_at(&t, 12345), before), 0);
    cr_assert_float_eq(
        lat_cycle_to_double(lat_transport_at(&t, 12345 + 48000)) -
            lat_cycle_to_double(before),
        77.0 / 60.0 / 4.0, 1e-12);
}

Test(transport, stopping_freezes_and_locating_jumps)
{
    struct lat_transport t = playing(48000.0, 120.0, 4.0);
    lat_transport_play(&t, 48000, false);
    cr_assert_eq(lat_cycle_to_double(lat_transport_at(&t, 99999)), 0.5);
    cr_assert_eq(lat_transport_frame_of(&t, lat_cycle_from_double(1.0)),
                 UINT64_MAX);
    lat_transport_locate(&t, 99999, lat_cycle_from_double(7.25));
    lat_transport_play(&t, 99999, true);
    cr_assert_eq(lat_cycle_to_double(lat_transport_at(&t, 99999 + 96000)),
                 8.25);
}

Test(transport, tells_the_frame_of_the_next_cycle_after_a_locate)
{
    struct lat_transport t = playing(48000.0, 120.0, 4.0);
    lat_transport_locate(&t, 1000, lat_cycle_from_double(3.5));
    cr_assert_eq(lat_transport_frame_of(&t, lat_cycle_from_double(4.0)),
                 1000 + 48000);
    cr_assert_eq(lat_transport_frame_of(&t, lat_cycle_from_double(3.0)), 1000);
}
