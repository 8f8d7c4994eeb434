// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is commanded while bundles wait for their frames is neither lost nor
// done by half: in the end the graph says what sounds.

#include "run/engine_setup.h"
#include "sessions/session.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

static struct rig rig;

static void
make(void)
{
    rig = rig_new(64);
}

static void
drop(void)
{
    rig_free(&rig);
}

TestSuite(meanwhile, .init = make, .fini = drop, .timeout = 120);

/// What is heard once everything that waited is over.
static float
settled(struct rig *r)
{
    rig_run(r, 4096, 64);
    return r->recorded[r->n_frames - 1];
}

/// A random command to a patch without memory.
static void
say_something(char *line, size_t size)
{
    static const char *const forms[] = {
        "set a value %u",        "set g gain 0.%u",    "set m inputs %u",
        "set d max_time %u",     "set m level_2 0.%u", "set d mix 0.%u",
        "connect a m/in_2 0.%u", "set g cv 0.%u"};
    const unsigned form = (unsigned)rand() % LAT_COUNT(forms);
    snprintf(line, size, forms[form],
             form == 2 ? 2 + (unsigned)rand() % 3 : 1 + (unsigned)rand() % 9);
}

static void
say_one(void)
{
    static const char *const nodes[] = {"g", "m", "d"};
    char line[64];
    switch (rand() % 6) {
    case 0:
        cr_assert_eq(lat_control_bypass(rig.c, nodes[rand() % 3], rand() % 2,
                                        &rig.error),
                     LAT_OK);
        break;
    case 1:
        cr_assert_eq(lat_control_tempo(rig.c, 60.0 + rand() % 99, &rig.error),
                     LAT_OK);
        break;
    case 2:
        cr_assert_eq(lat_control_play(rig.c, rand() % 2, &rig.error), LAT_OK);
        break;
    default:
        say_something(line, sizeof(line));
        rig_do(&rig, line);
        break;
    }
}

/// A synth with what the graph of the rig says.
static struct rig
made_of_the_graph(void)
{
    char *text = NULL;
    size_t length = 0;
    struct rig other = rig_new(64);
    struct lat_sessions *from = NULL;
    struct lat_sessions *to = NULL;
    cr_assert_eq(lat_sessions_new(rig.c, "/tmp/none", &from), LAT_OK);
    cr_assert_eq(lat_sessions_write_whole(from, &text, &length), LAT_OK);
    cr_assert_eq(lat_sessions_new(other.c, "/tmp/none", &to), LAT_OK);
    cr_assert_eq(
        lat_sessions_read_whole(to, text, length, "graph", false, &rig.error),
        LAT_OK, "%s", rig.error.text);
    free(text);
    lat_sessions_free(from);
    lat_sessions_free(to);
    return other;
}

// Bundles that wait, and what is commanded meanwhile: values, amounts, settings
// that make other instances, bypasses, the transport.
Test(meanwhile, what_sounds_in_the_end_is_what_the_graph_says)
{
    rig_do(&rig, "new constant a value 1\n"
                 "new audio_out main channels 1 limit off\n"
                 "new gain g\nnew mix m inputs 3\nnew delay d max_time 1 time "
                 "0.001 feedback 0\n"
                 "connect a g\nconnect g m/in_1\n"
                 "connect a m/in_2\nconnect m d\nconnect d main");
    for (unsigned seed = 0; seed < 200; ++seed) {
        srand(seed);
        rig.n_frames = 0; // of the recording
        for (int k = 0; k < 20; ++k) {
            const uint64_t now = lat_control_stamp(rig.c);
            lat_control_begin(rig.c);
            for (int n = rand() % 3; n >= 0; --n) {
                say_one();
            }
            cr_assert_eq(rand() % 2 ? lat_control_commit(rig.c, &rig.error)
                                    : lat_control_commit_at(
                                          rig.c, now + (uint64_t)(rand() % 400),
                                          &rig.error),
                         LAT_OK, "%s", rig.error.text);
            if (rand() % 3 == 0) {
                rig_run(&rig, 64, 64);
            }
        }
        const float heard = settled(&rig);
        struct rig other = made_of_the_graph();
        const float expected = settled(&other);
        cr_assert_float_eq(heard, expected, 1e-5F, "seed %u: %g, not %g", seed,
                           (double)heard, (double)expected);
        struct lat_engine_status s;
        struct lat_engine_status t;
        lat_engine_status(lat_control_engine(rig.c), &s);
        lat_engine_status(lat_control_engine(other.c), &t);
        cr_assert_eq(s.tempo_bpm, t.tempo_bpm, "seed %u", seed);
        cr_assert_eq(s.is_playing, t.is_playing, "seed %u", seed);
        rig_free(&other);
    }
}
