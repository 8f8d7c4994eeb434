// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every example session gives the same bits however it is run.

#include "sessions/session.h"
#include "support/pace.h"
#include "support/patches.h"

#include "node/kernels.h"

#include <criterion/criterion.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_FRAMES  (24000 / (1 + TEST_STRIDE / 4))
#define N_SAMPLES (40 * N_FRAMES) // of all voices together

static struct rig
load(const char *path, const struct lat_control_options *options)
{
    struct rig r = rig_with(options);
    FILE *f = fopen(path, "re");
    cr_assert_not_null(f, "%s", path);
    lat_control_begin_load(r.c, options->block);
    cr_assert_eq(lat_session_read(r.c, f, path, NULL, NULL, NULL, &r.error),
                 LAT_OK, "%s", r.error.text);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    fclose(f);
    return r;
}

/// Fewer where many voices play: frame by frame that takes minutes.
static uint32_t
frames_for(const struct rig *r)
{
    uint32_t n_voices = 0;
    for (const struct lat_node *n = lat_control_graph(r->c)->first; n;
         n = n->next) {
        n_voices += n->poly;
    }
    return n_voices * N_FRAMES <= N_SAMPLES ? N_FRAMES : N_SAMPLES / n_voices;
}

static void
compare(const char *path, const struct rig *reference,
        const struct lat_control_options *options, uint32_t period)
{
    struct rig r = load(path, options);
    rig_run(&r, reference->n_frames, period);
    cr_assert_eq(rig_first_difference(reference, &r), reference->n_frames,
                 "%s: %u workers, %s, period %u: frame %u differs", path,
                 options->workers, options->isa, period,
                 rig_first_difference(reference, &r));
    rig_free(&r);
}

static void
each(const char *path, bool fuses)
{
    struct lat_control_options options = {
        .rate = 48000.0,
        .block = 64,
        .workers = 1,
        .is_offline = true,
        .without_lanes = true,
        .isa = rig_isa(fuses, 0),
    };
    struct rig reference = load(path, &options);
    rig_run(&reference, frames_for(&reference), 1);
    options.without_lanes = false;
    static const uint32_t periods[] = {1, 16, 64, 441, 512};
    for (size_t i = 0; i < LAT_COUNT(periods); ++i) {
        compare(path, &reference, &options, periods[i]);
    }
    for (uint32_t w = 2; w <= 8; ++w) {
        options.workers = w;
        options.always_parallel = true;
        options.grain_ns = 0.1F;
        compare(path, &reference, &options, 200);
    }
    options.workers = 2;
    for (size_t i = 1; (options.isa = rig_isa(fuses, i)); ++i) {
        compare(path, &reference, &options, 64);
    }
    rig_free(&reference);
}

Test(examples, same_bits_however_they_are_run, .timeout = 300)
{
    glob_t found;
    cr_assert_eq(
        glob(LAT_SOURCE_DIR "/sessions/examples/*.ini", 0, NULL, &found), 0);
    cr_assert_geq(found.gl_pathc, 4);
    for (size_t i = 0; i < found.gl_pathc; ++i) {
        for (int fuses = 0; fuses < 2; ++fuses) {
            if (rig_isa(fuses, 0)) {
                each(found.gl_pathv[i], fuses);
            }
        }
    }
    globfree(&found);
}
