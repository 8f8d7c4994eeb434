// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "patches.h"
#include "control/watch.h"
#include "node/kernels.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
rig_say(struct rig *r, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    rig_do(r, line);
}

void
rig_build(struct rig *r, patch_fn make)
{
    lat_control_begin(r->c);
    make(r);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                 r->error.text);
}

struct rig
rig_of_patch(patch_fn make, const char *isa, bool without_lanes)
{
    struct rig r = rig_on(64, isa, without_lanes);
    rig_build(&r, make);
    return r;
}

static void
compare_in(const char *isa, patch_fn make, uint32_t n_frames, const char *what)
{
    static const uint32_t periods[] = {64, 63, 17, 16, 7, 1};
    struct rig alone = rig_of_patch(make, isa, true);
    rig_run(&alone, n_frames, 64);
    for (size_t p = 0; p < LAT_COUNT(periods); ++p) {
        struct rig r = rig_of_patch(make, isa, false);
        rig_run(&r, n_frames, periods[p]);
        cr_expect_eq(rig_first_difference(&alone, &r), n_frames, "%s, %s, %u",
                     what, isa, periods[p]);
        rig_free(&r);
    }
    rig_free(&alone);
}

void
rig_compare_patch(patch_fn make, uint32_t n_frames, const char *what)
{
    static const char *const isas[] = {"baseline", "avx2", "avx512", "neon"};
    for (size_t i = 0; i < LAT_COUNT(isas); ++i) {
        if (lat_kernels_find(isas[i])) {
            compare_in(isas[i], make, n_frames, what);
        }
    }
}

float
rig_hear_tap(struct rig *r, const char *node)
{
    struct lat_reader *reader = NULL;
    const struct lat_tap_wish wish = {.kind = LAT_RECORD_SAMPLE, .hz = 100.0};
    cr_assert_eq(lat_reader_new(r->c, 64, 0, &reader), LAT_OK);
    cr_assert_eq(lat_reader_watch(reader, node, "out", &wish, &r->error),
                 LAT_OK);
    rig_run(r, 960, 64);
    float heard = 0.0F;
    struct lat_record record;
    while (lat_reader_next(reader, &record)) {
        heard = record.sample;
    }
    lat_reader_free(reader);
    return heard;
}

void
rig_same_bits(const struct rig *a, const struct rig *b)
{
    float peak = 0.0F;
    for (uint32_t i = 0; i < a->n_frames; ++i) {
        peak = fmaxf(peak, fabsf(a->recorded[i]));
    }
    cr_assert_gt(peak, 1e-4F, "silence proves nothing");
    cr_assert_eq(a->n_frames, b->n_frames);
    cr_assert_eq(rig_first_difference(a, b), a->n_frames,
                 "they differ at frame %u of %u", rig_first_difference(a, b),
                 a->n_frames);
}

void
patch_voices(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < 70; ++i) {
        rig_say(r, "new sine l%d freq 0.3 phase %g", i, i / 70.0);
        rig_say(r, "new saw s%d freq %g", i, 55 + 8.3 * i);
        rig_say(r, "new lowpass f%d cutoff 1200 q 2", i);
        rig_say(r, "new adsr e%d gate 1 attack 0.01 decay 0.1 sustain 0.8", i);
        rig_say(r, "new gain g%d", i);
        rig_say(r, "connect l%d f%d/cutoff 900", i, i);
        rig_say(r, "connect s%d f%d", i, i);
        rig_say(r, "connect f%d g%d", i, i);
        rig_say(r, "connect e%d g%d/cv", i, i);
        rig_say(r, "connect g%d main 0.004", i);
    }
}

void
patch_layers(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew sine s0 freq 110\n"
              "new sine s1 freq 220\nnew sine s2 freq 330\nnew sine s3 freq "
              "440");
    for (int l = 0; l < 5; ++l) {
        for (int i = 0; i < 52; ++i) {
            rig_say(r, "new onepole n%d_%d cutoff %d", l, i, 2000 + 37 * i);
            const int a = l ? i : i % 4;
            const int b = l ? (i + 1 + 13 * l) % 52 : (i + 1) % 4;
            if (l) {
                rig_say(r, "connect n%d_%d n%d_%d 0.5", l - 1, a, l, i);
                rig_say(r, "connect n%d_%d n%d_%d 0.5", l - 1, b, l, i);
            } else {
                rig_say(r, "connect s%d n%d_%d 0.5", a, l, i);
                rig_say(r, "connect s%d n%d_%d 0.25", b, l, i);
            }
        }
    }
    for (int i = 0; i < 52; ++i) {
        rig_say(r, "connect n4_%d main 0.01", i);
    }
}

void
patch_chain(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew saw s freq 55");
    for (int i = 0; i < 70; ++i) {
        rig_say(r, "new %s f%d cutoff %d%s", i < 40 ? "lowpass" : "onepole", i,
                8000 + 20 * i, i < 40 ? " q 0.7" : "");
        if (i) {
            rig_say(r, "connect f%d f%d%s", i - 1, i, i % 5 ? "" : " 0.9");
        }
    }
    rig_do(r, "connect s f0 0.3\nconnect f69 main");
}

void
patch_sines(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < 300; ++i) {
        rig_say(r, "new sine s%d freq %g", i, 100 + 11.37 * i);
        rig_say(r, "connect s%d main 0.001", i);
    }
}

void
patch_tangle(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1\nnew sine lfo freq 7\n"
              "new noise hiss");
    srand(11);
    for (int i = 0; i < 60; ++i) {
        rig_say(r, "new triangle t%d freq %d", i, 50 + 13 * i);
        rig_say(r, "new multiply m%d", i);
        rig_say(r, "new highpass h%d cutoff %d", i, 100 + 10 * i);
        rig_say(r, "new add a%d b 0.125", i);
        rig_say(r, "new pan p%d pan %g", i, i / 30.0 - 1.0);
    }
    for (int i = 0; i < 60; ++i) {
        rig_say(r, "connect t%d m%d/a", rand() % 60, i);
        rig_say(r, "connect lfo m%d/b 0.5", i);
        for (int k = rand() % 6; k > 0; --k) {
            rig_say(r, "connect m%d h%d %g", rand() % 60, i, k * 0.1);
        }
        rig_say(r, "connect hiss h%d 0.05", i);
        rig_say(r, "connect h%d a%d/a", 59 - i, i);
        rig_say(r, "connect a%d p%d", i, i);
        rig_say(r, "connect p%d/right main %g", i, 0.01 + 0.001 * i);
        if (i % 7 == 0) {
            rig_say(r, "feedback p%d/left h%d 0.2", i, (i + 9) % 60);
        }
    }
}

void
patch_edit_voices(struct rig *r, int turn)
{
    srand((unsigned)turn + 1);
    for (int k = 0; k < 4; ++k) {
        const int i = rand() % 70;
        switch (rand() % 9) {
        case 0:
            rig_say(r, "set f%d cutoff %d", i, 200 + rand() % 3000);
            break;
        case 1:
            rig_say(r, "set s%d freq %d 0.01", i, 30 + rand() % 900);
            break;
        case 2:
            rig_say(r, "set e%d gate %d", i, rand() % 2);
            break;
        case 3:
            rig_say(r, "connect g%d main %g", i, (rand() % 10) * 0.001);
            break;
        case 4: {
            char line[80];
            snprintf(line, sizeof(line), "disconnect l%d f%d/cutoff", i, i);
            rig_try(r, line);
            break;
        }
        case 5:
            rig_say(r, "connect l%d f%d/cutoff %d", i, i, rand() % 900);
            break;
        case 6: {
            char line[80];
            snprintf(line, sizeof(line), "free x%d", i % 9);
            rig_try(r, line);
            break;
        }
        case 7:
            rig_say(r, "new sine x%d freq %d", i % 9, 100 + rand() % 1000);
            rig_say(r, "connect x%d main 0.01", i % 9);
            break;
        default:
            rig_say(r, "set s%d sync 1", i);
            break;
        }
    }
}
