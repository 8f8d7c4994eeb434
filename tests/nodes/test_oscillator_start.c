// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The first frame of an oscillator: nothing came before it, so there is no edge
// to smooth, and what is patched into a gate says at once whether it is open.

#include "node/kernels.h"
#include "support/pace.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/// Build in one transaction: nothing ramps.
static void
build(struct rig *r, const char *commands)
{
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                 r->error.text);
}

static void
open_at(struct rig *r, const char *wave, double phase, double freq)
{
    char text[200];
    snprintf(text, sizeof(text),
             "new audio_out o channels 1 limit off\n"
             "new %s w phase %.9g freq %.9g\nconnect w o\n",
             wave, phase, freq);
    *r = rig_new(64);
    build(r, text);
}

static double
first_frame(const char *wave, double phase, double freq)
{
    struct rig r;
    open_at(&r, wave, phase, freq);
    rig_run(&r, 1, 1);
    const double y = (double)r.recorded[0];
    rig_free(&r);
    return y;
}

/// The naive wave at @p turns, 0 to 1.
static double
naive(const char *wave, double turns)
{
    if (!strcmp(wave, "saw")) {
        return turns < 0.5 ? 2 * turns : 2 * turns - 2;
    }
    if (!strcmp(wave, "triangle")) {
        const double t = turns + 0.25 - floor(turns + 0.25);
        return 1 - 4 * fabs(t - 0.5);
    }
    return turns < 0.5 ? 1 : -1;
}

Test(oscillator_start, first_frame_is_the_wave_itself)
{
    const char *const waves[] = {"square", "pulse", "saw", "triangle"};
    const double freqs[] = {0.1, 1, -3, 440, -440, 9000};
    for (size_t w = 0; w < LAT_COUNT(waves); ++w) {
        for (unsigned k = 0; k < 16; k += TEST_STRIDE) {
            for (size_t f = 0; f < LAT_COUNT(freqs); ++f) {
                const double y = first_frame(waves[w], k / 16.0, freqs[f]);
                cr_assert_float_eq(y, naive(waves[w], k / 16.0), 1e-6,
                                   "%s, phase %u/16, %g Hz: %g", waves[w], k,
                                   freqs[f], y);
            }
        }
    }
}

Test(oscillator_start, a_square_half_a_turn_on_opens_no_gate_at_first)
{
    cr_assert_eq(first_frame("square", 0.5, 1), -1.0);
    cr_assert_eq(first_frame("pulse", 0.5, 1), -1.0);
    cr_assert_eq(first_frame("square", 0, 1), 1.0);
    cr_assert_eq(first_frame("pulse", 0, 1), 1.0);
    struct rig r = rig_new(64);
    build(&r, "new audio_out o channels 1 limit off\n"
              "new square beat freq 1 phase 0.5\nnew adsr e attack 0\n"
              "connect beat e/gate\nconnect e o\n");
    rig_run(&r, 23998, 64);
    for (uint32_t f = 0; f < 23998; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F, "frame %u: %g", f,
                     (double)r.recorded[f]);
    }
    rig_free(&r);
}

Test(oscillator_start, frames_after_the_first_keep_their_smoothed_edges)
{
    // The edge at the turn's half comes at frame 24; nothing before knows of
    // it, and the low-pass takes some frames.
    struct rig r;
    open_at(&r, "square", 0, 1000);
    rig_run(&r, 200, 64);
    for (uint32_t f = 0; f < 24; ++f) {
        cr_assert_eq(r.recorded[f], 1.0F, "frame %u", f);
    }
    cr_assert_float_eq(r.recorded[24], 1.0F, 1e-3F);
    cr_assert_lt(r.recorded[28], -0.9F);
    cr_assert_float_eq(r.recorded[47], -1.0F, 0.05F);
    cr_assert_float_eq(r.recorded[48], r.recorded[47], 0.1F);
    cr_assert_gt(r.recorded[52], 0.9F);
    rig_free(&r);
}

Test(oscillator_start, panic_begins_anew)
{
    struct rig r;
    open_at(&r, "square", 0, 100);
    rig_run(&r, 100, 64);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    const uint32_t at = r.n_frames;
    rig_run(&r, 100, 64);
    cr_assert_eq(r.recorded[at], 1.0F);
    rig_free(&r);
}

static struct rig
many(const char *isa, bool without_lanes, uint32_t block)
{
    struct rig r = rig_on(block, isa, without_lanes);
    lat_control_begin(r.c);
    rig_do(&r, "new audio_out o channels 1 limit off\nnew impulse i freq 300");
    static const char *const waves[] = {"square", "pulse", "saw", "triangle"};
    for (int k = 0; k < 72; ++k) {
        rig_say(&r,
                "new %s w%d phase %.9g freq %d\nconnect w%d o %.9g\n"
                "connect i w%d/%s\n",
                waves[k / 18], k, (k % 18) / 8.0, 100 + 7 * k, k,
                (k + 1) / 100.0, k, k % 3 ? "phase" : "sync");
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    return r;
}

Test(oscillator_start, same_bits_alone_in_lanes_and_on_any_isa)
{
    for (int fuses = 0; fuses < 2; ++fuses) {
        if (!rig_isa(fuses, 0)) {
            continue;
        }
        struct rig reference = many(rig_isa(fuses, 0), true, 1);
        rig_run(&reference, 600, 1);
        for (size_t i = 0; rig_isa(fuses, i / 2); ++i) {
            struct rig r = many(rig_isa(fuses, i / 2), i % 2, 64);
            rig_run(&r, 600, 37);
            rig_same_bits(&reference, &r);
            rig_free(&r);
        }
        rig_free(&reference);
    }
}

Test(oscillator_start, an_impulse_of_frequency_zero_comes_once_at_the_start)
{
    struct rig r = rig_new(64);
    build(&r, "new audio_out o channels 1 limit off\n"
              "new impulse i freq 0\nconnect i o\n");
    rig_run(&r, 48000, 64);
    for (uint32_t f = 0; f < 48000; ++f) {
        cr_assert_eq(r.recorded[f], f ? 0.0F : 1.0F, "frame %u", f);
    }
    // Panic starts the node anew.
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_run(&r, 48000, 441);
    for (uint32_t f = 48000; f < 96000; ++f) {
        cr_assert_eq(r.recorded[f], f > 48000 ? 0.0F : 1.0F, "frame %u", f);
    }
    rig_free(&r);
}
