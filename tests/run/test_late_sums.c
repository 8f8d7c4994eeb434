// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sums of two cables that filters in lanes take by themselves, as they come to
// each frame, and what they make of a cable into their cutoff, give the bits of
// filters alone.

#include "support/patches.h"

#include <criterion/criterion.h>

#include <stdio.h>

static const char *const types[] = {"onepole", "lowpass", "highpass",
                                    "bandpass", "notch"};

#define WIDTH 40

/// Two layers of filters, of which each reads its own place of the layer before
/// and another one.
static struct {
    const char *type;
    int shift;      ///< how far that is away
    double low;     ///< cutoff of every third one; 0: as the others
    bool amounts;   ///< not all of them 1
    bool moves;     ///< the cutoffs do
    bool overflows; ///< one of the sums, now and then
} layers;

static void
make_filter(struct rig *r, int layer, int i)
{
    static const char *const names[] = {"s", "a", "b"};
    const char *before = names[layer - 1];
    const char *name = names[layer];
    rig_say(r, "new %s %s%d cutoff %g", layers.type, name, i,
            layers.low > 0.0 && i % 3 == 0 ? layers.low * (1 + i % 7)
                                           : 1500.0 + 90.0 * i);
    if (layers.moves) {
        rig_say(r, "connect lfo %s%d/cutoff 400", name, i);
    }
    const double share = layers.overflows ? 2.0 : layers.amounts ? 0.4 : 1.0;
    rig_say(r, "connect %s%d %s%d %g", before, i, name, i, share);
    rig_say(r, "connect %s%d %s%d %g", before, (i + layers.shift) % WIDTH, name,
            i, share);
}

static void
build_layers(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off\n"
              "new sine lfo freq 300");
    for (int i = 0; i < WIDTH; ++i) {
        rig_say(r, "new saw saw%d freq %g", i, 90.0 + 31.7 * i);
        rig_say(r, "new gain s%d", i);
        rig_say(r, "connect saw%d s%d", i, i);
    }
    if (layers.overflows) {
        // Nearly the largest number there is, in steps.
        for (int k = 0; k < 4; ++k) {
            rig_say(r, "new gain g%d cv 1e6 gain 1000", k);
        }
        rig_do(r, "disconnect saw21 s21\nconnect saw21 g0\nconnect g0 g1\n"
                  "connect g1 g2\nconnect g2 g3\nconnect g3 s21\n"
                  "set s21 gain 300");
    }
    for (int layer = 1; layer <= 2; ++layer) {
        for (int i = 0; i < WIDTH; ++i) {
            make_filter(r, layer, i);
        }
    }
    for (int i = 0; i < WIDTH; ++i) {
        rig_say(r, "connect b%d main %g", i, 0.01 * (1 + i % 5));
    }
}

static void
compare_layers(void)
{
    char what[64];
    snprintf(what, sizeof(what), "%s by %d", layers.type, layers.shift);
    rig_compare_patch(build_layers, 500, what);
}

static void
compare_types(void)
{
    for (size_t i = 0; i < LAT_COUNT(types); ++i) {
        layers.type = types[i];
        compare_layers();
    }
}

Test(late_sums, of_any_distance_equal_those_of_filters_alone)
{
    // The other lanes come from one, two or three groups.
    static const int shifts[] = {1, 3, 15, 16, 21, 39};
    layers.type = "onepole";
    for (size_t i = 0; i < LAT_COUNT(shifts); ++i) {
        layers.shift = shifts[i];
        layers.amounts = i % 2;
        compare_layers();
    }
}

Test(late_sums, of_every_type_equal_those_of_filters_alone)
{
    layers.shift = 5;
    layers.amounts = true;
    compare_types();
}

Test(late_sums, into_filters_that_carry_equal_those_alone)
{
    layers.shift = 7;
    layers.low = 11.0;
    compare_types();
}

Test(late_sums, into_filters_whose_cutoff_moves_equal_those_alone)
{
    layers.shift = 9;
    layers.moves = true;
    compare_types();
}

Test(late_sums, that_overflow_are_silenced_as_those_alone)
{
    layers.shift = 2;
    layers.overflows = true;
    compare_types();
}

/// Filters whose cutoffs each have a cable.
static struct {
    const char *type;
    int shift;    ///< how far its source is away
    bool shared;  ///< all cables have one source
    bool plain;   ///< all amounts are 1
    bool moves_q; ///< q moves too, where there is one
} cutoffs;

static double
cutoff_of(int i)
{
    return 500.0 + 150.0 * i;
}

/// Sums of every fifth one fall below the least cutoff, those of others to
/// where filters carry over.
static double
amount_of(int i)
{
    return cutoff_of(i) * (i % 5 == 0 ? 3.0 : i % 3 ? 0.5 : 0.99);
}

static void
build_cutoffs(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1 limit off\n"
              "new sine lfo freq 90");
    for (int i = 0; i < WIDTH; ++i) {
        rig_say(r, "new saw s%d freq %g", i, 90.0 + 31.7 * i);
        rig_say(r, "new sine l%d freq %g", i, 150.0 + 11.3 * i);
        rig_say(r, "new gain a%d gain %g cv 100", i,
                cutoffs.plain ? amount_of(i) / 100.0 : 0.01);
        rig_say(r, "new %s f%d cutoff %g", cutoffs.type, i, cutoff_of(i));
        rig_say(r, "connect l%d a%d", i, i);
        rig_say(r, "connect s%d f%d", i, i);
        rig_say(r, "connect f%d main %g", i, 0.01 * (1 + i % 5));
        if (cutoffs.moves_q) {
            rig_say(r, "connect lfo f%d/q 0.4", i);
        }
    }
    for (int i = 0; i < WIDTH; ++i) {
        const int from = cutoffs.shared ? 0 : (i + cutoffs.shift) % WIDTH;
        rig_say(r, "connect a%d f%d/cutoff %g", from, i,
                cutoffs.plain ? 1.0 : amount_of(i));
    }
}

static void
compare_cutoffs(const char *what)
{
    for (size_t i = 0; i < LAT_COUNT(types); ++i) {
        cutoffs.type = types[i];
        char name[64];
        snprintf(name, sizeof(name), "%s %s", types[i], what);
        rig_compare_patch(build_cutoffs, 500, name);
    }
}

Test(late_sums, of_cutoffs_in_place_equal_those_of_filters_alone)
{
    compare_cutoffs("in place");
    cutoffs.plain = true;
    compare_cutoffs("in place, by 1");
}

Test(late_sums, of_cutoffs_from_other_lanes_equal_those_of_filters_alone)
{
    cutoffs.shift = 7;
    compare_cutoffs("permuted");
    cutoffs.shared = true;
    compare_cutoffs("of one source");
}

Test(late_sums, of_cutoffs_while_q_moves_equal_those_of_filters_alone)
{
    cutoffs.moves_q = true;
    for (size_t i = 1; i < LAT_COUNT(types); ++i) { // a one-pole has none
        cutoffs.type = types[i];
        rig_compare_patch(build_cutoffs, 500, types[i]);
    }
}
