// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How low cables take a filter's cutoff, and what low cutoffs sound like in
// every way of running them.

#include "support/patches.h"

#include "base/text.h"
#include "node/curve.h"
#include "node/kernels.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(cutoff, .timeout = 120);

#define RATE 48000.0

static const char *const types[] = {"lowpass", "highpass", "bandpass", "notch",
                                    "onepole"};

/// What is under test: patches take no arguments.
static const char *type;
static bool is_reference;

enum { FILTERS = 20 };

/// From 0 to 400 Hz, some below 5.
static double
value_of(int i)
{
    return i < 6 ? i * 1.5 : 20.0 * (i - 5);
}

/// Filter @p i at value + LFO; in the reference the lower end is made of nodes.
static void
add_filter(struct rig *r, int i)
{
    rig_say(r, "new sine s%d freq %d", i, 40 + 13 * i);
    rig_say(r, "new sine lfo%d freq %d", i, 3 + 7 * i);
    rig_say(r, "new %s f%d cutoff %g", type, i,
            is_reference ? 0.0 : value_of(i));
    rig_say(r, "connect s%d f%d", i, i);
    rig_say(r, "connect f%d main 0.05", i);
    if (!is_reference) {
        rig_say(r, "connect lfo%d f%d/cutoff 600", i, i);
        return;
    }
    rig_say(r, "new constant v%d value %g", i, value_of(i));
    rig_say(r, "new constant sum%d value %g", i, value_of(i));
    rig_say(r, "new min low%d b 5", i);
    rig_say(r, "new max top%d", i);
    rig_say(r, "connect lfo%d sum%d 600", i, i);
    rig_say(r, "connect v%d low%d/a", i, i);
    rig_say(r, "connect sum%d top%d/a", i, i);
    rig_say(r, "connect low%d top%d/b", i, i);
    rig_say(r, "connect top%d f%d/cutoff", i, i);
}

static void
patch_filters(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off");
    for (int i = 0; i < FILTERS; ++i) {
        add_filter(r, i);
    }
}

static void
glide(struct rig *r, int i, double to)
{
    if (is_reference) {
        rig_say(r, "set v%d value %g 0.03", i, to);
        rig_say(r, "set sum%d value %g 0.03", i, to);
    } else {
        rig_say(r, "set f%d cutoff %g 0.03", i, to);
    }
}

struct way {
    uint32_t block, period;
    bool without_lanes;
    size_t isa; // of those that are alike
};

static struct rig
played(struct way way, bool fuses, bool reference, patch_fn patch)
{
    const struct lat_control_options options = {
        .rate = RATE,
        .block = way.block,
        .workers = 1,
        .is_offline = true,
        .without_lanes = way.without_lanes,
        .isa = rig_isa(fuses, way.isa),
    };
    struct rig r = rig_with(&options);
    is_reference = reference;
    rig_build(&r, patch);
    rig_run(&r, 4096, way.period);
    if (patch == patch_filters) {
        glide(&r, 19, 0.02);
        glide(&r, 2, 300);
        rig_run(&r, 4096, way.period);
    }
    return r;
}

static const struct way ways[] = {
    {64, 64, true, 0},  {64, 64, false, 0}, {1, 64, false, 0},
    {1, 1024, true, 0}, {7, 64, false, 0},  {4096, 1024, false, 0},
    {64, 64, false, 1}, {64, 128, true, 1}, {64, 128, false, 2},
};

/// The first is played otherwise, as the reference.
static void
compare_ways(patch_fn patch, bool reference)
{
    for (int fuses = 0; fuses < 2; ++fuses) {
        if (!rig_isa(fuses, 0)) {
            continue;
        }
        struct rig want = played(ways[0], fuses, reference, patch);
        for (size_t i = 0; i < LAT_COUNT(ways); ++i) {
            if (rig_isa(fuses, ways[i].isa)) {
                struct rig got = played(ways[i], fuses, false, patch);
                rig_same_bits(&want, &got);
                rig_free(&got);
            }
        }
        rig_free(&want);
    }
}

Test(cutoff, with_cables_stays_at_or_above_5_hz_or_the_value)
{
    for (size_t t = 0; t < LAT_COUNT(types); ++t) {
        type = types[t];
        compare_ways(patch_filters, true);
    }
}

/// Rows of low filters, which run as chains, one after another and alone.
static void
patch_rows(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off\n"
              "new square s freq 30");
    for (int i = 0; i < 12; ++i) {
        rig_say(r, "new %s c%d cutoff %g", type, i, 30.0 * (i + 1) * (i + 1));
        if (i) {
            rig_say(r, "connect c%d c%d", i - 1, i);
        } else {
            rig_do(r, "connect s c0");
        }
        rig_say(r, "connect c%d main 0.1", i);
    }
    for (int i = 0; i < 9; ++i) {
        rig_say(r, "new %s x%d cutoff %g", type, i, 0.1 * (1 << i));
        rig_say(r, i ? "connect x%d x%d" : "connect s x0", i - 1, i);
    }
    rig_do(r, "connect x8 main 2");
}

Test(cutoff, that_is_low_gives_the_same_bits_in_every_way)
{
    for (size_t t = 0; t < LAT_COUNT(types); ++t) {
        type = types[t];
        compare_ways(patch_rows, false);
    }
}

// --- The README's walk -------------------------------------------------------

/// Do what an OSC message of the README does to nodes and cables: PATH and the
/// rest, with the types that oscsend wants.
static void
walk(struct rig *r, const char *path, char *rest, bool has_types)
{
    char node[64];
    char port[64];
    char norm[8] = "";
    if (has_types) {
        rest += strcspn(rest, " ");
        rest += strspn(rest, " ");
    }
    if (!strcmp(path, "/node/new")) {
        rig_say(r, "new %s", rest);
    } else if (!strcmp(path, "/connect") || !strcmp(path, "/disconnect")) {
        rig_say(r, "%s %s", path + 1, rest);
    } else if (sscanf(path, "/node/%63[a-z]/%63[a-z]/%7s", node, port, norm) ==
               3) {
        double x = 0;
        cr_assert(lat_parse_number(rest, &x), "%s", rest);
        const struct lat_port *cutoff =
            &lat_node_type_find("lowpass")->inputs[1];
        cr_assert_str_eq(port, cutoff->name);
        rig_say(r, "set %s %s %g", node, port, lat_curve_to_value(cutoff, x));
    } else if (*rest && strcmp(path, "/node/info") != 0 &&
               sscanf(path, "/node/%63[a-z]/%63[a-z]", node, port) == 2 &&
               strcmp(port, "process") != 0) {
        rig_say(r, "set %s %s %s", node, port, rest);
    }
}

/// All lines of the README up to its save.
static void
walk_readme(struct rig *r)
{
    FILE *const f = fopen(LAT_SOURCE_DIR "/README.md", "r");
    cr_assert_not_null(f);
    char line[256];
    unsigned n = 0;
    while (fgets(line, sizeof(line), f)) {
        char *at = strstr(line, " /");
        char path[64];
        if (strstr(line, "/session/save")) {
            break;
        }
        if (strncmp(line, "    ", 4) != 0 || !strstr(line, "send ") || !at ||
            sscanf(at, " %63s", path) != 1) {
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        char *rest = at + 1 + strlen(path);
        rest += strspn(rest, " ");
        walk(r, path, rest, strstr(line, "oscsend"));
        rig_run(r, 1024, 64);
        ++n;
    }
    fclose(f);
    cr_assert_gt(n, 8, "where is the walk?");
}

/// The highest level of DC, in dBFS, over windows of twice 11 turns of 55 Hz.
static double
dc_db(const struct rig *r, uint32_t begin)
{
    enum { N = 19200 };
    double most = 0;
    for (uint32_t at = begin; at + N <= r->n_frames; at += 960) {
        double sum = 0;
        for (uint32_t f = 0; f < N; ++f) {
            const double w = 1 - cos(2 * 3.14159265358979 * f / N);
            sum += w * (double)r->recorded[at + f];
        }
        most = fmax(most, fabs(sum / N));
    }
    return 20 * log10(most + 1e-9);
}

Test(cutoff, of_the_readmes_walk_sends_no_dc)
{
    struct rig r = rig_new(64);
    walk_readme(&r);
    rig_run(&r, 48000, 64);
    const uint32_t begin = r.n_frames;
    rig_run(&r, RIG_MAX_FRAMES - begin, 64);
    cr_assert_lt(dc_db(&r, begin), -60, "%.1f dBFS", dc_db(&r, begin));
    float peak = 0;
    for (uint32_t f = begin; f < r.n_frames; ++f) {
        peak = fmaxf(peak, fabsf(r.recorded[f]));
    }
    cr_assert_gt(peak, 0.05F);
    rig_free(&r);
}

Test(cutoff, that_an_lfo_takes_below_0_lets_no_dc_stand)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new audio_out main channels 1\n"
               "new saw voice freq 55\n"
               "new lowpass filter cutoff 317 q 2\n"
               "new sine lfo freq 0.3\n"
               "connect voice filter\n"
               "connect lfo filter/cutoff 600\n"
               "connect filter main 0.2");
    rig_run(&r, 48000, 64);
    rig_run(&r, 400000, 64);
    cr_assert_lt(dc_db(&r, 48000), -38, "%.1f dBFS", dc_db(&r, 48000));
    rig_free(&r);
}
