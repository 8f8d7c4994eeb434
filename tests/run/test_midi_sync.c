// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// sync = midi: what the transport makes of another's clock.

#include "run/midi_sync.h"

#include <criterion/criterion.h>

#include <math.h>

#define RATE 48000.0

static struct lat_midi_sync s;
static struct lat_transport t;
static double most; // that the position was off, in frames
static double off;  // that the tempo was last, in bpm
static uint32_t seed = 1;

static void
begin(void)
{
    s = (struct lat_midi_sync){0};
    lat_midi_sync_set(&s, true);
    lat_transport_init(&t, RATE, 100.0, 4.0);
    most = 0.0;
}

static void
take(uint64_t frame, uint8_t status, uint32_t value)
{
    const struct lat_midi_event event = {
        .size = status == 0xf2 ? 3 : 1,
        .data = {status, value & 0x7fU, (uint8_t)(value >> 7U)},
    };
    cr_assert(lat_midi_sync_hears(&event));
    lat_midi_sync_begin(&s, &t, frame);
    lat_midi_sync_take(&s, &t, frame, &event);
}

/// From -1 to 1.
static double
noise(void)
{
    seed = seed * 1664525U + 1013904223U;
    return (double)seed / 2147483648.0 - 1.0;
}

/// Clocks from @p frame on, the first of them number @p first, each up to
/// @p jitter frames off. @return the frame of the one behind them.
static double
clocks(double frame, uint32_t first, uint32_t n, double bpm, double jitter)
{
    const double period = RATE * 60.0 / bpm / 24.0;
    for (uint32_t i = 0; i < n; ++i) {
        const double at = frame + period * i;
        take((uint64_t)(at + jitter * noise() + 0.5), 0xf8, 0);
        const double place =
            lat_cycle_to_double(lat_transport_at(&t, t.anchor_frame)) * 96.0;
        const double wanted =
            first + i + ((double)t.anchor_frame - at) / period;
        const double now = fabs(place - wanted) * period;
        most = i > 96 && now > most ? now : most;
    }
    off = fabs(t.tempo_bpm - bpm);
    return frame + period * n;
}

Test(midi_sync, waits_for_the_start_and_the_clock_behind_it)
{
    begin();
    double frame = clocks(1000.0, 0, 48, 120.0, 0.0);
    cr_expect_not(t.is_playing);
    cr_expect_float_eq(t.tempo_bpm, 120.0, 0.01);
    take((uint64_t)frame - 300, 0xfa, 0);
    cr_expect_not(t.is_playing);
    take((uint64_t)frame, 0xf8, 0);
    cr_expect(t.is_playing);
    cr_expect_float_eq(
        lat_cycle_to_double(lat_transport_at(&t, t.anchor_frame)), 0.0, 1e-6);
    take((uint64_t)frame + 500, 0xfc, 0);
    cr_expect_not(t.is_playing);
}

// A clock that is up to 2 ms off, as cheap interfaces make it: the position
// is far closer than that, and so is the tempo.
Test(midi_sync, takes_the_jitter_out)
{
    begin();
    double frame = clocks(1000.0, 0, 48, 123.4, 96.0);
    take((uint64_t)frame - 300, 0xfa, 0);
    clocks(frame, 0, 4800, 123.4, 96.0);
    cr_expect_lt(most, 60.0);
    cr_expect_lt(off, 0.5);
    const float jitter_us = atomic_load(&s.jitter_us);
    cr_expect_gt(jitter_us, 500.0F);
    cr_expect_lt(jitter_us, 1700.0F);
}

Test(midi_sync, measures_how_far_crystals_are_apart)
{
    begin();
    double frame = clocks(1000.0, 0, 48, 120.0, 0.0);
    take((uint64_t)frame - 300, 0xfa, 0);
    clocks(frame, 0, 24 * 240, 120.0 * (1.0 + 80e-6), 24.0);
    const float ppm = atomic_load(&s.ppm);
    cr_expect_gt(ppm, 60.0F);
    cr_expect_lt(ppm, 100.0F);
}

Test(midi_sync, follows_a_tempo_that_jumps)
{
    begin();
    double frame = clocks(1000.0, 0, 48, 120.0, 0.0);
    take((uint64_t)frame - 300, 0xfa, 0);
    frame = clocks(frame, 0, 240, 120.0, 24.0);
    most = 0.0;
    frame = clocks(frame, 240, 240, 61.0, 24.0);
    cr_expect_lt(off, 0.2);
    frame = clocks(frame, 480, 240, 178.0, 24.0);
    cr_expect_lt(off, 0.6);
    cr_expect_lt(most, 24.0);
    cr_expect_eq(t.n_locates, 1); // that of the start
}

Test(midi_sync, goes_where_the_song_position_says)
{
    begin();
    double frame = clocks(1000.0, 0, 48, 120.0, 0.0);
    take((uint64_t)frame - 600, 0xf2, 130);
    cr_expect_float_eq(lat_cycle_to_double(t.anchor), 130.0 / 16.0, 1e-9);
    take((uint64_t)frame - 300, 0xfb, 0);
    frame = clocks(frame, 780, 240, 120.0, 24.0);
    cr_expect_lt(most, 24.0);
    take((uint64_t)frame - 300, 0xfc, 0);
    // On from where it stood.
    take((uint64_t)frame + 9000, 0xfb, 0);
    clocks(frame + 10000.0, 1020, 240, 120.0, 24.0);
    cr_expect_lt(most, 24.0);
}

Test(midi_sync, keeps_the_tempo_without_a_clock_and_finds_back)
{
    begin();
    double frame = clocks(1000.0, 0, 48, 120.0, 0.0);
    take((uint64_t)frame - 300, 0xfa, 0);
    frame = clocks(frame, 0, 240, 120.0, 0.0);
    cr_expect(atomic_load(&s.is_coming));
    lat_midi_sync_begin(&s, &t, (uint64_t)frame + 30000);
    cr_expect_not(atomic_load(&s.is_coming));
    cr_expect(t.is_playing);
    cr_expect_float_eq(t.tempo_bpm, 120.0, 0.01);
    // 100 clocks are not heard.
    const uint64_t n_locates = t.n_locates;
    clocks(frame + 100000.0, 340, 240, 120.0, 0.0);
    cr_expect_lt(most, 2.0);
    cr_expect_eq(t.n_locates, n_locates);
}

// Who joins a clock that runs keeps its place, and takes the tempo.
Test(midi_sync, joins_a_clock_that_runs)
{
    begin();
    lat_transport_play(&t, 0, true);
    clocks(48000.0 + 500.0, 32, 240, 100.0, 0.0);
    cr_expect_eq(t.n_locates, 0);
    cr_expect_float_eq(t.tempo_bpm, 100.0, 0.01);
}
