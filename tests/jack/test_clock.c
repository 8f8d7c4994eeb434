// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "jack/clock.h"

#include <criterion/criterion.h>

#include <string.h>

Test(clock, brings_the_time_unchanged_in_bytes_that_midi_may_carry)
{
    struct lat_engine_time time = {.frame = UINT64_MAX - 5};
    lat_transport_init(&time.transport, 44100.0, 133.7, 3.5);
    time.transport.is_playing = true;
    time.transport.anchor_frame = 1234567890123U;
    time.transport.anchor = (struct lat_cycle){-3, UINT64_C(1) << 63U};
    time.transport.first = (struct lat_cycle){-4, 99};
    time.transport.n_locates = UINT64_C(1) << 40U;
    time.transport.n_breaks = 17;
    uint8_t bytes[LAT_CLOCK_BYTES];
    lat_clock_write(&time, bytes);
    cr_assert_eq(bytes[0], 0xf0);
    cr_assert_eq(bytes[LAT_CLOCK_BYTES - 1], 0xf7);
    for (size_t i = 1; i < LAT_CLOCK_BYTES - 1; ++i) {
        cr_assert_lt(bytes[i], 0x80);
    }
    struct lat_engine_time got;
    cr_assert(lat_clock_read(bytes, sizeof(bytes), &got));
    cr_assert_eq(got.frame, time.frame);
    cr_assert_eq(got.transport.anchor_frame, time.transport.anchor_frame);
    cr_assert_eq(got.transport.anchor.cycle, -3);
    cr_assert_eq(got.transport.anchor.fraction, UINT64_C(1) << 63U);
    cr_assert_eq(got.transport.numerator, time.transport.numerator);
    cr_assert_eq(got.transport.denominator, time.transport.denominator);
    cr_assert_eq(got.transport.rate, 44100.0);
    cr_assert_eq(got.transport.tempo_bpm, 133.7);
    cr_assert(got.transport.is_playing);
    cr_assert_eq(got.transport.first.cycle, -4);
    cr_assert_eq(got.transport.first.fraction, 99);
    cr_assert_eq(got.transport.n_locates, UINT64_C(1) << 40U);
    cr_assert_eq(got.transport.n_breaks, 17);
}

Test(clock, is_not_taken_from_other_messages)
{
    struct lat_engine_time time = {.frame = 1};
    struct lat_engine_time got;
    lat_transport_init(&time.transport, 48000.0, 120.0, 4.0);
    uint8_t bytes[LAT_CLOCK_BYTES];
    lat_clock_write(&time, bytes);
    cr_assert_not(lat_clock_read(bytes, sizeof(bytes) - 1, &got));
    bytes[1] = 0x7e;
    cr_assert_not(lat_clock_read(bytes, sizeof(bytes), &got));
    memset(bytes + 4, 0, sizeof(bytes) - 5); // no denominator
    bytes[1] = 0x7d;
    cr_assert_not(lat_clock_read(bytes, sizeof(bytes), &got));
}
