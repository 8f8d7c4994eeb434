// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// wavetable: what it makes of cycles, between them and between files.

#include "nodes/dsp/wavetable.h"
#include "support/effects.h"
#include "support/sound_files.h"

#include "node/kernels.h"

#include <criterion/criterion.h>
#include <sndfile.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CYCLE = 2048, N = 1 << 16 };

TestSuite(wavetable, .init = sound_files_begin, .fini = sound_files_end,
          .timeout = 120);

/// Amplitude of harmonic @p k, from a sine (0) to a saw (1), at phase @p x.
static double
harmonic(double shape, uint32_t k, double x)
{
    const double level = k == 1 ? 1 : shape / k;
    return 0.5 * level * sin(2 * M_PI * k * x) * (k % 2 ? 1 : -1);
}

/// Write cycles of @p n_frames that go from a sine to a saw, as far as the last
/// is one, with @p n_harmonics of it.
static void
write_cycles(const char *name, uint32_t n_cycles, uint32_t n_frames,
             uint32_t n_harmonics, double last)
{
    SF_INFO info = {.samplerate = 44100,
                    .channels = 2,
                    .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *const file = sf_open(sound_path(name), SFM_WRITE, &info);
    cr_assert(file);
    for (uint32_t c = 0; c < n_cycles; ++c) {
        const double shape = n_cycles > 1 ? last * c / (n_cycles - 1) : last;
        for (uint32_t f = 0; f < n_frames; ++f) {
            double y = 0;
            for (uint32_t k = 1; k <= n_harmonics; ++k) {
                y += harmonic(shape, k, (double)f / n_frames);
            }
            const float frame[2] = {(float)y, 1.0F};
            sf_writef_float(file, frame, 1);
        }
    }
    sf_close(file);
}

static struct rig
rig_of(const char *name, const char *more)
{
    char text[500];
    snprintf(text, sizeof(text),
             "new wavetable w file %s%s\n"
             "new audio_out main channels 1 limit off\n"
             "connect w main\n",
             sound_path(name), more);
    return effects_rig(64, text);
}

Test(wavetable, a_saw_is_as_clean_as_the_saw)
{
    static const int bins[] = {151, 601, 2403, 5717, 9613}; // 110 to 7040 Hz
    write_cycles("saw.wav", 1, CYCLE, 1023, 1);
    for (size_t i = 0; i < LAT_COUNT(bins); ++i) {
        char more[40];
        const double hz = bins[i] * EFFECTS_RATE / N;
        snprintf(more, sizeof(more), " freq %.9g", hz);
        struct rig r = rig_of("saw.wav", more);
        rig_run(&r, 4096 + N, 64);
        const double db =
            effects_residue_db(r.recorded + 4096, N, hz, 20, 20000, 0);
        cr_expect_leq(db, -100, "%g Hz: %.1f dB", hz, db);
        rig_free(&r);
    }
}

Test(wavetable, harmonics_have_their_levels)
{
    write_cycles("saw.wav", 1, 600, 299, 1);
    struct rig r = rig_of("saw.wav", " freq 375"); // 51 up to 0.4 of the rate
    rig_run(&r, 4096 + 48000, 64);
    for (uint32_t k = 1; k <= 51; ++k) {
        const double level =
            effects_tone(r.recorded + 4096, 48000, 375.0 * k) * 2 * k;
        cr_expect_lt(fabs(20 * log10(level)), 0.05, "%u: %g", k, level);
    }
    rig_free(&r);
}

Test(wavetable, goes_along_with_a_saw)
{
    write_cycles("saw.wav", 1, CYCLE, 1023, 1);
    struct rig r = rig_of("saw.wav", " freq 450");
    rig_do(&r, "new saw same freq 450\n"
               "new subtract less\n"
               "disconnect w main\n"
               "connect w less/a 1\n"
               "connect same less/b 0.785398\n" // pi / 4
               "connect less main\n");
    rig_run(&r, 9600, 64);
    for (int k = 1; k < 6; ++k) { // beyond, a saw's edges are late by more
        const double left = effects_tone(r.recorded + 4800, 4800, 450.0 * k);
        cr_expect_lt(left, 1e-3, "%d: %g", k, left);
    }
    rig_free(&r);
}

Test(wavetable, position_goes_through_the_cycles_without_steps)
{
    write_cycles("way.wav", 9, CYCLE, 4, 1);
    struct rig r = rig_of("way.wav", " freq 400 position 0.3125"); // of 2, 3
    rig_run(&r, 52800, 64);
    const double second =
        effects_tone(r.recorded + 4800, 48000, 800) / 0.25; // of a saw's
    cr_expect_lt(fabs(second - 0.3125), 1e-4, "%g", second);
    rig_do(&r, "set w position 0.8 0.2\n");
    rig_run(&r, 9600, 64);
    rig_do(&r, "set w position 0.1\n");
    rig_run(&r, 4800, 64);
    for (uint32_t f = 53000; f < 67000; f += 16) {
        cr_assert_lt(effects_click(r.recorded, f), 3, "frame %u", f);
    }
    rig_free(&r);
}

Test(wavetable, sync_keeps_it_clean)
{
    static const double masters[] = {110, 440, 1000, 1500};
    write_cycles("saw.wav", 1, CYCLE, 1023, 1);
    for (size_t i = 0; i < LAT_COUNT(masters); ++i) {
        char more[40];
        snprintf(more, sizeof(more), " freq %g", 1.37 * masters[i]);
        struct rig r = rig_of("saw.wav", more);
        snprintf(more, sizeof(more), "new sine master freq %g\n", masters[i]);
        rig_do(&r, more);
        rig_do(&r, "connect master w/sync\n");
        rig_run(&r, 4096 + N, 64);
        const double db =
            effects_residue_db(r.recorded + 4096, N, masters[i], 20, 20000, 0);
        cr_expect_leq(db, -80, "sync by %g Hz: %.1f dB", masters[i], db);
        rig_free(&r);
    }
}

Test(wavetable, another_file_fades_in)
{
    char text[300];
    write_cycles("sine.wav", 1, CYCLE, 1, 0);
    write_cycles("way.wav", 2, CYCLE, 4, 0.5);
    struct rig r = rig_of("sine.wav", " freq 220 position 1");
    rig_run(&r, 9600, 64);
    snprintf(text, sizeof(text), "set w file %s\n", sound_path("way.wav"));
    rig_do(&r, text);
    rig_run(&r, 9600, 64);
    rig_set_text(&r, "w", "file", "");
    rig_run(&r, 9600, 64);
    cr_expect_lt(effects_click(r.recorded, 9600), 3);
    cr_expect_gt(effects_tone(r.recorded + 10560, 4800, 440), 0.1);
    cr_expect_gt(fabsf(r.recorded[19200 + 60]), 0.01F); // it goes slowly
    for (uint32_t f = 19200 + 241; f < 28800; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F);
    }
    rig_free(&r);
}

Test(wavetable, files_that_are_none_are_refused_with_a_remedy)
{
    static const struct {
        uint32_t n;
        bool is_one;
    } cases[] = {
        {1, true},           {600, true},        {2048, true},   {8191, true},
        {8192, true},        {8193, false},      {10000, false}, {20480, true},
        {257 * 2048, false}, {256 * 2048, true},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        char command[300];
        sound_write("some.wav", 48000, 1, cases[i].n);
        snprintf(command, sizeof(command), "new wavetable w file %s",
                 sound_path("some.wav"));
        struct rig r = rig_new(64);
        const enum lat_status status = rig_try(&r, command);
        cr_expect_eq(!status, cases[i].is_one, "%u frames: %s", cases[i].n,
                     r.error.text);
        if (status) {
            cr_expect(strstr(r.error.text, "some.wav has "), "%s",
                      r.error.text);
            cr_expect(strstr(r.error.text, "; name a file of up to 256 cycles "
                                           "of 2048 frames each"),
                      "%s", r.error.text);
        }
        rig_free(&r);
    }
}

Test(wavetable, gives_the_same_bits_for_any_block)
{
    char text[700];
    char turn[300];
    write_cycles("one.wav", 5, CYCLE, 200, 1);
    write_cycles("two.wav", 1, 600, 50, 0.5);
    snprintf(text, sizeof(text),
             "new wavetable w file %s freq 300\n"
             "new sine master freq 217\nnew sine slow freq 3\n"
             "new sine mod freq 333\nnew audio_out main channels 1 limit off\n"
             "connect w main\nconnect slow w/position 0.4\n"
             "connect mod w/phase 0.2\nconnect slow w/pitch 30\n",
             sound_path("one.wav"));
    snprintf(turn, sizeof(turn), "set w file %s", sound_path("two.wav"));
    const char *const turns[] = {
        "set w freq 5000",         "connect master w/sync", turn,
        "disconnect mod w/phase",  "set w position 0.7",    "set w freq 0.1",
        "disconnect slow w/pitch",
    };
    effects_same_bits(text, turns, LAT_COUNT(turns));
}

/// One alone, by the process of an instruction set: sync, phase and position
/// move.
static void
play(const struct lat_kernels *kernels, const void *table, float *out)
{
    const struct lat_node_type *const type = lat_node_type_find("wavetable");
    const void *const prepared[] = {table};
    const struct lat_config config = {.rate = 48000, .prepared = prepared};
    void *const state = aligned_alloc(64, 1024);
    memset(state, 0, 1024);
    cr_assert_leq(type->state_bytes(&config), 1024);
    cr_assert_eq(type->init(state, &config), LAT_OK);
    for (uint32_t at = 0; at < 9600; at += 64) {
        float in[5][64];
        for (uint32_t f = 0; f < 64; ++f) {
            in[0][f] = 300.0F + (float)(at + f);
            in[1][f] = (float)(f % 7) * 0.01F;
            in[2][f] = (float)((at + f) % 100) * 0.001F;
            in[3][f] = (float)((at + f) % 331) - 100.3F;
            in[4][f] = (float)((at + f) % 1000) * 0.001F;
        }
        const float *const ins[] = {in[0], in[1], in[2], in[3], in[4]};
        static const uint32_t steps[] = {1, 1, 1, 1, 1};
        float *const outs[] = {out + at};
        const struct lat_context context = {.rate = 48000,
                                            .rate_f = 48000.0F,
                                            .period_f = 1.0F / 48000.0F,
                                            .n_frames = 64,
                                            .frame = at};
        const struct lat_io io = {.in = ins,
                                  .step = steps,
                                  .out = outs,
                                  .state = state,
                                  .config = &config,
                                  .n_in = 5,
                                  .n_out = 1};
        lat_kernels_process(kernels, type)(&context, &io);
    }
    free(state);
}

Test(wavetable, gives_the_same_bits_by_any_instruction_set)
{
    static float frames[3 * CYCLE];
    static float out[LAT_N_ISAS][9600];
    struct lat_wavetable *table = NULL;
    for (uint32_t f = 0; f < 3 * CYCLE; ++f) {
        frames[f] = sound_sample(0, f / 16) - 0.5F;
    }
    cr_assert_eq(lat_wavetable_new(3, CYCLE, frames, &table), LAT_OK);
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        const struct lat_kernels *const k = lat_kernels_get((enum lat_isa)isa);
        if (k) {
            play(k, table, out[isa]);
            cr_expect_arr_eq(out[isa], out[0], sizeof(out[0]), "%s", k->name);
        }
    }
    free(table);
}
