// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What changes the graph while a bundle, which changes it too, waits for its
// frame: it is heard at once, and the bundle at its frame.

#include "base/array.h"
#include "run/engine.h"
#include "run/engine_setup.h"
#include "support/pace.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;

static void
make(void)
{
    rig = rig_new(64);
    rig_do(&rig, "new constant a value 1\nnew constant z value 0\n"
                 "new audio_out main channels 1 limit off\nconnect a main\n"
                 "connect z a/value");
    rig_run(&rig, 1024, 64);
}

static void
drop(void)
{
    rig_free(&rig);
}

TestSuite(meantime, .init = make, .fini = drop);

/// Until a cable to a smooth input is heard whole.
#define FADE 241U

Test(meantime, a_node_and_its_cable_are_heard_at_once)
{
    rig_do_at(&rig, "new constant b value 10\nconnect b a/value", 3000);
    rig_do(&rig, "new constant u value 100\nconnect u a/value");
    rig_run(&rig, 1000, 64);
    rig_do(&rig, "free u");
    rig_run(&rig, 2048, 64);
    rig_expect_sound(&rig, 1024, 2024, 101.0);
    rig_expect_sound(&rig, 2024, 3000, 1.0);
    rig_expect_sound(&rig, 3000, 4072, 11.0);
}

Test(meantime, what_goes_with_a_bundle_stays_until_then)
{
    rig_do(&rig, "new constant b value 10\nconnect b a/value");
    rig_run(&rig, 64, 64);
    rig_do_at(&rig, "free b", 3000);
    rig_do(&rig, "new constant u value 100\nconnect u a/value");
    rig_run(&rig, 2960, 64);
    rig_expect_sound(&rig, 1088, 3000, 111.0);
    rig_expect_sound(&rig, 3000, 4048, 101.0);
}

Test(meantime, bundles_in_any_order_have_their_frames)
{
    rig_do_at(&rig, "new constant b value 10\nconnect b a/value", 3000);
    rig_do_at(&rig, "new constant d value 20\nconnect d a/value", 2001);
    rig_do_at(&rig, "free d", 2501);
    rig_do(&rig, "new constant u value 100\nconnect u a/value");
    rig_run(&rig, 3072, 64);
    rig_expect_sound(&rig, 1024, 2001, 101.0);
    rig_expect_sound(&rig, 2001, 2501, 121.0);
    rig_expect_sound(&rig, 2501, 3000, 101.0);
    rig_expect_sound(&rig, 3000, 4096, 111.0);
}

Test(meantime, settings_that_make_a_node_anew_and_poly_do_not_wait)
{
    rig_do(&rig, "new steps s values 5\nconnect s/value a/value");
    rig_run(&rig, 64, 64);
    rig_expect_sound(&rig, 1024, 1088, 6.0);
    rig_do_at(&rig, "new constant b value 10\nconnect b a/value", 3000);
    rig_do(&rig, "set s values 7");
    rig_run(&rig, 64, 64);
    rig_expect_sound(&rig, 1088, 1152, 8.0);
    rig_do(&rig, "new constant u value 100\nconnect u a/value\nset u poly 3");
    rig_run(&rig, 64, 64);
    rig_expect_sound(&rig, 1152, 1216, 308.0);
    rig_run(&rig, 2880, 64);
    rig_expect_sound(&rig, 1216, 3000, 308.0);
    rig_expect_sound(&rig, 3000, 4096, 318.0);
}

// Of one transaction all is heard at once.
Test(meantime, a_setting_beside_a_strike_does_not_wait)
{
    if (!lat_node_type_find("sampler")) {
        cr_skip_test("built without sound files");
    }
    rig_do(&rig, "set a value 2\nnew sampler s");
    rig_run(&rig, 64, 64);
    rig_do_at(&rig, "new constant b value 10\nconnect b a/value", 3000);
    lat_control_begin(rig.c);
    rig_do(&rig, "set main limit 0");
    const struct lat_graph *g = lat_control_graph(rig.c);
    const struct lat_strike strike = {.sound = 0};
    cr_assert_eq(
        lat_control_strike(rig.c, lat_graph_find(g, "s"), &strike, &rig.error),
        LAT_OK, "%s", rig.error.text);
    cr_assert_eq(lat_control_commit(rig.c, &rig.error), LAT_OK);
    rig_run(&rig, 64, 64);
    rig_expect_sound(&rig, 1024, 1088, 2.0);
    rig_expect_sound(&rig, 1088, 1152, 1.0);
}

// What concerns the same as what waits does not go before it.
Test(meantime, what_acts_on_what_waits_comes_behind_it)
{
    rig_do_at(&rig, "new constant b value 10\nconnect b a/value", 3000);
    rig_do(&rig, "new constant u value 100\nconnect u b/value");
    rig_run(&rig, 3072, 64);
    rig_expect_sound(&rig, 1024, 3000, 1.0);
    rig_expect_sound(&rig, 3000, 4096, 111.0);
}

Test(meantime, a_cable_that_a_bundle_takes_is_not_there_twice)
{
    rig_do_at(&rig, "disconnect a main", 3000);
    rig_do(&rig, "connect a main");
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, 1024, 3000, 1.0);
    rig_expect_sound(&rig, 3000 + FADE, 5120, 1.0);
}

// Both tell the input whether anything is patched in.
Test(meantime, the_first_cable_of_an_input_comes_behind_another_first)
{
    rig_do(&rig, "new gain g in 5 gain 2\nconnect g main");
    rig_run(&rig, 1024, 64);
    rig_do_at(&rig, "new constant b value 10\nconnect b g", 4000);
    rig_do(&rig, "new constant u value 100\nconnect u g");
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, 2047, 4000, 11.0);
    rig_expect_sound(&rig, 4000 + FADE, 6144, 221.0);
}

Test(meantime, a_load_is_not_gone_before)
{
    rig_do_at(&rig, "new constant b value 10\nconnect b a/value", 3000);
    cr_assert_eq(lat_control_clear(rig.c, &rig.error), LAT_OK);
    rig_do(&rig, "new constant u value 100\nnew audio_out main channels 1 "
                 "limit off\nconnect u main");
    rig_run(&rig, 4096, 64);
    rig_expect_sound(&rig, 1024, 3000, 1.0);
    rig_expect_sound(&rig, 3000 + FADE, 5120, 100.0);
}

// A voice in a bundle every 20 ms, each sent 60 ms ahead.
Test(meantime, fifty_bundles_a_second_delay_nobody)
{
    const uint32_t first = rig.n_frames;
    char text[128];
    for (uint32_t i = 0; i < 100; ++i) {
        const uint64_t frame = first + 960 * i + 2880;
        snprintf(text, sizeof(text),
                 "new constant b%u value 1\nconnect b%u a/value", i, i);
        rig_do_at(&rig, text, frame);
        if (i >= 8) {
            snprintf(text, sizeof(text), "free b%u", i - 8);
            rig_do_at(&rig, text, frame + 1);
        }
        rig_run(&rig, 448, 64);
        snprintf(text, sizeof(text),
                 "new constant u%u value 1000\nconnect u%u a/value", i, i);
        rig_do(&rig, text);
        rig_run(&rig, 512, 64);
    }
    for (uint32_t i = first; i < rig.n_frames; ++i) {
        const uint32_t since = i - first;
        const uint32_t n_bundles = since < 2880 ? 0 : (since - 2880) / 960 + 1;
        const uint32_t n_gone =
            since < 2881 + 8 * 960 ? 0 : (since - 2881) / 960 + 1 - 8;
        const uint32_t n_edits = since < 448 ? 0 : (since - 448) / 960 + 1;
        const double value = 1.0 + n_bundles - n_gone + 1000.0 * n_edits;
        cr_assert_eq((double)rig.recorded[i], value, "frame %u is %g, not %g",
                     since, (double)rig.recorded[i], value);
    }
}

// Against one that is told everything at its frame.

#define N_GROUPS  6U
#define N_MEMBERS 6U
#define MOST_WAIT 5U

struct waiting {
    char text[400];
    uint64_t frame;
    enum lat_status status;
};

/// What happens to the nodes of one group: nobody else touches them, but for
/// one that bundles bypass and others let sleep.
static void
write_commands(char *text, size_t size, char letter, uint32_t group)
{
    static const char *const types[] = {"sine", "lowpass", "gain", "triangle"};
    const uint32_t n = 1 + (uint32_t)rand() % 3;
    size_t used = 0;
    for (uint32_t i = 0; i < n; ++i) {
        const int a = rand() % (int)N_MEMBERS;
        const int b = rand() % (int)N_MEMBERS;
        char name[2][16];
        snprintf(name[0], sizeof(name[0]), "%c%u_%d", letter, group, a);
        snprintf(name[1], sizeof(name[1]), "%c%u_%d", letter, group, b);
        char line[100];
        switch (rand() % 10) {
        case 0:
        case 1:
            snprintf(line, sizeof(line), "new %s %s", types[a % 4], name[0]);
            break;
        case 2:
        case 3:
            snprintf(line, sizeof(line), "connect %s main 0.1", name[0]);
            break;
        case 4:
            snprintf(line, sizeof(line), "connect %s %s 0.5", name[0], name[1]);
            break;
        case 5:
            snprintf(line, sizeof(line), "disconnect %s %s", name[0],
                     rand() % 2 ? "main" : name[1]);
            break;
        case 6:
            snprintf(line, sizeof(line), "free %s", name[0]);
            break;
        case 7:
            snprintf(line, sizeof(line), "set %s poly %d", name[0],
                     1 + rand() % 3);
            break;
        case 8:
            snprintf(line, sizeof(line), "set both%u %s %s", group,
                     letter == 'b' ? "sleep" : "bypass",
                     rand() % 2 ? "yes" : "no");
            break;
        default:
            snprintf(line, sizeof(line), "set %s freq %d", name[0],
                     100 + rand() % 900);
            break;
        }
        used += (size_t)snprintf(text + used, size - used, "%s\n", line);
    }
}

static void
try_all(struct rig *r, const char *commands)
{
    char line[100];
    while (*commands) {
        const size_t n = strcspn(commands, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)n, commands);
        rig_try(r, line);
        commands += n + 1;
    }
}

static void
run_until(struct rig *r, uint64_t frame)
{
    rig_run(r, (uint32_t)(frame - r->n_frames), 64);
}

struct play {
    struct rig live, told;
    struct waiting waiting[MOST_WAIT];
    uint32_t n_waiting;
    uint64_t last[N_GROUPS]; ///< frame of a group's last bundle
};

static void
send_bundle(struct play *p)
{
    const uint32_t group = (uint32_t)rand() % N_GROUPS;
    const uint64_t now = p->live.n_frames;
    const uint64_t frame = now + 1 + (uint64_t)rand() % 2880;
    if (p->n_waiting == MOST_WAIT || frame <= p->last[group]) {
        return;
    }
    struct waiting *w = &p->waiting[p->n_waiting++];
    write_commands(w->text, sizeof(w->text), 'b', group);
    w->frame = p->last[group] = frame;
    lat_control_begin(p->live.c);
    try_all(&p->live, w->text);
    w->status = lat_control_commit_at(p->live.c, frame, &p->live.error);
}

static void
do_now(struct play *p)
{
    char text[400];
    write_commands(text, sizeof(text), 'u', (uint32_t)rand() % N_GROUPS);
    enum lat_status status[2];
    for (int i = 0; i < 2; ++i) {
        struct rig *r = i ? &p->told : &p->live;
        lat_control_begin(r->c);
        try_all(r, text);
        status[i] = lat_control_commit(r->c, &r->error);
    }
    cr_assert_eq(status[0], status[1]);
}

/// The other rig is told what was sent ahead only when its frame has come.
static void
advance(struct play *p, uint32_t n)
{
    const uint64_t end = p->live.n_frames + n;
    rig_run(&p->live, n, 64);
    for (;;) {
        struct waiting *first = NULL;
        for (uint32_t i = 0; i < p->n_waiting; ++i) {
            struct waiting *w = &p->waiting[i];
            first = !first || w->frame < first->frame ? w : first;
        }
        if (!first || first->frame >= end) {
            break;
        }
        run_until(&p->told, first->frame);
        lat_control_begin(p->told.c);
        try_all(&p->told, first->text);
        cr_assert_eq(lat_control_commit(p->told.c, &p->told.error),
                     first->status);
        *first = p->waiting[--p->n_waiting];
    }
    run_until(&p->told, end);
}

static void
play_randomly(unsigned seed)
{
    struct play p = {.live = rig_new(64), .told = rig_new(64)};
    srand(seed);
    for (int i = 0; i < 2; ++i) {
        struct rig *r = i ? &p.told : &p.live;
        rig_do(r, "new constant z value 1\nnew audio_out main channels 1 limit "
                  "off\nconnect z main 0");
        for (unsigned group = 0; group < N_GROUPS; ++group) {
            char text[100];
            snprintf(text, sizeof(text),
                     "new gain both%u gain 0.5\nconnect z both%u\n"
                     "connect both%u main",
                     group, group, group);
            rig_do(r, text);
        }
    }
    for (unsigned i = 0; i < 300; ++i) {
        switch (rand() % 5) {
        case 0:
        case 1:
            send_bundle(&p);
            break;
        case 2:
        case 3:
            do_now(&p);
            break;
        default:
            advance(&p, 1 + (uint32_t)rand() % 500);
            break;
        }
    }
    advance(&p, 4000);
    for (uint32_t i = 0; i < p.live.n_frames; ++i) {
        const double x = (double)p.live.recorded[i];
        const double y = (double)p.told.recorded[i];
        cr_assert_lt(fabs(x - y), 1e-4, "play %u: frame %u is %g, not %g", seed,
                     i, x, y);
    }
    rig_free(&p.live);
    rig_free(&p.told);
}

Test(meantime, random_plays_sound_as_if_each_was_told_at_its_frame)
{
    for (unsigned seed = 0; seed < 40 / TEST_STRIDE + 1; ++seed) {
        play_randomly(seed);
    }
}
