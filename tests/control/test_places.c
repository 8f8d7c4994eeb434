// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nodes that are away: what the engine keeps of them, without any process.

#include "control/state.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define N 256U

static int
slot_of(const struct rig *r, const char *name)
{
    const struct lat_slot *d = lat_control_slots(r->c);
    for (int i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (d[i].refs && strcmp(d[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static uint32_t
n_doors(const struct rig *r)
{
    uint32_t n = 0;
    const struct lat_unit *unit = r->c->units.first[LAT_UNITS_DOORS];
    for (; unit; unit = unit->next) {
        ++n;
    }
    return n;
}

// Process N frames with @p back in the return's slot.
static void
run(struct rig *r, float *main, float *sent, float *back)
{
    struct lat_engine *e = lat_control_engine(r->c);
    const int at[] = {slot_of(r, "main_1"), slot_of(r, "send/k/out"),
                      slot_of(r, "return/g/out")};
    float *const buffers[] = {main, sent, back};
    for (uint32_t i = 0; i < lat_engine_n_slots(e); ++i) {
        lat_engine_bind(e, i, NULL);
        for (size_t b = 0; b < LAT_COUNT(at); ++b) {
            if (at[b] == (int)i) {
                lat_engine_bind(e, i, buffers[b]);
            }
        }
    }
    lat_engine_process(e, N);
    lat_control_tick(r->c);
}

/// Until every fade is over.
static void
settle(struct rig *r, float *main, float *sent, float *back)
{
    for (int i = 0; i < 20; ++i) {
        run(r, main, sent, back);
    }
}

static void
fill(float *to, float with)
{
    for (uint32_t i = 0; i < N; ++i) {
        to[i] = with;
    }
}

static const char *const patch = "new audio_out main channels 1 limit off\n"
                                 "new constant k value 0.5\n"
                                 "new gain g gain 3 process own\n"
                                 "connect k g 2\n"
                                 "connect g main 0.25\n";

static void
build(struct rig *r)
{
    lat_control_begin(r->c);
    rig_do(r, patch);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
}

Test(places, cables_of_a_node_that_is_away_pass_through_doors)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N];
    build(&r);
    cr_assert_geq(slot_of(&r, "send/k/out"), 0);
    cr_assert_geq(slot_of(&r, "return/g/out"), 0);
    for (uint32_t i = 0; i < N; ++i) {
        back[i] = (float)i;
    }
    run(&r, main, sent, back);
    for (uint32_t i = 0; i < N; ++i) {
        cr_assert_eq(sent[i], 0.5F, "what is sent is plain, at %u", i);
        cr_assert_eq(main[i], 0.25F * (float)i, "at %u", i);
    }
    // Nobody sees the doors.
    const struct lat_graph *g = lat_control_graph(r.c);
    cr_assert_eq(g->n_nodes, 3);
    cr_assert_eq(g->n_cables, 2);
    rig_free(&r);
}

Test(places, a_node_that_comes_back_leaves_no_door)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N] = {0};
    build(&r);
    run(&r, main, sent, back);
    cr_assert_eq(lat_control_place(r.c, "g", LAT_PLACE_ENGINE, &r.error),
                 LAT_OK);
    settle(&r, main, sent, back);
    cr_assert_eq(slot_of(&r, "send/k/out"), -1);
    cr_assert_eq(slot_of(&r, "return/g/out"), -1);
    cr_assert_eq(main[N - 1], 0.5F * 2.0F * 3.0F * 0.25F);
    rig_free(&r);
}

Test(places, a_node_that_leaves_or_returns_is_heard_from_where_it_was)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N];
    build(&r);
    fill(back, 0.125F);
    const struct lat_node *g = lat_graph_find(lat_control_graph(r.c), "g");
    static const struct {
        enum lat_place place;
        float heard;
        uint32_t n_doors;
    } places[] = {
        {LAT_PLACE_RETURNING, 0.125F * 0.25F, 2},
        {LAT_PLACE_ENGINE, 0.5F * 2.0F * 3.0F * 0.25F, 0},
        {LAT_PLACE_LEAVING, 0.5F * 2.0F * 3.0F * 0.25F, 2},
        {LAT_PLACE_AWAY, 0.125F * 0.25F, 2},
    };
    for (size_t i = 0; i < LAT_COUNT(places); ++i) {
        cr_assert_eq(lat_control_place(r.c, "g", places[i].place, &r.error),
                     LAT_OK);
        cr_expect_eq(lat_control_place_of(g), places[i].place);
        settle(&r, main, sent, back);
        cr_expect_eq(main[N - 1], places[i].heard, "%zu", i);
        cr_expect_eq(n_doors(&r), places[i].n_doors, "%zu", i);
        cr_expect(g->is_own_process, "the wish stays");
    }
    rig_free(&r);
}

Test(places, what_was_muted_stays_so_wherever_it_goes)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N];
    build(&r);
    fill(back, 0.125F);
    lat_control_fade_outputs(r.c, "g", false);
    rig_do(&r, "new bus b\nconnect g b\nconnect b main");
    for (int place = LAT_PLACE_ENGINE; place <= LAT_PLACE_RETURNING; ++place) {
        cr_assert_eq(
            lat_control_place(r.c, "g", (enum lat_place)place, &r.error),
            LAT_OK);
        // The reader starts anew, too.
        cr_assert_eq(lat_control_place(r.c, "b", LAT_PLACE_AWAY, &r.error),
                     LAT_OK);
        cr_assert_eq(lat_control_place(r.c, "b", LAT_PLACE_ENGINE, &r.error),
                     LAT_OK);
        settle(&r, main, sent, back);
        cr_expect_eq(main[N - 1], 0.0F, "%d", place);
    }
    rig_free(&r);
}

Test(places, a_place_of_a_bundle_that_is_rolled_back_is_none)
{
    struct rig r = rig_new_with_processes();
    build(&r);
    const struct lat_node *g = lat_graph_find(lat_control_graph(r.c), "g");
    lat_control_begin(r.c);
    cr_assert_eq(lat_control_place(r.c, "g", LAT_PLACE_ENGINE, &r.error),
                 LAT_OK);
    cr_assert_eq(lat_control_process_set(r.c, "g", false, &r.error), LAT_OK);
    lat_control_rollback(r.c);
    cr_expect_eq(lat_control_place_of(g), LAT_PLACE_AWAY);
    cr_expect(g->is_own_process);
    rig_do(&r, "set g gain 2");
    cr_expect_eq(lat_control_place_of(g), LAT_PLACE_AWAY);
    rig_free(&r);
}

Test(places, a_failed_transaction_leaves_no_door)
{
    struct rig r = rig_new_with_processes();
    rig_do(&r, "new audio_out main channels 1");
    lat_control_begin(r.c);
    rig_do(&r, "new sine g process own\nconnect g main");
    lat_control_rollback(r.c);
    cr_assert_eq(slot_of(&r, "return/g/out"), -1);
    cr_assert_eq(n_doors(&r), 0);
    rig_do(&r, "new sine g\nconnect g main");
    cr_assert_eq(n_doors(&r), 0);
    rig_free(&r);
}

Test(places, doors_follow_edits)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N] = {0};
    build(&r);
    run(&r, main, sent, back);
    cr_assert_eq(lat_control_node_rename(r.c, "k", "kay", &r.error), LAT_OK);
    cr_assert_geq(slot_of(&r, "send/kay/out"), 0);
    rig_do(&r, "disconnect kay g\nfree g");
    settle(&r, main, sent, back);
    cr_assert_eq(slot_of(&r, "send/kay/out"), -1);
    cr_assert_eq(slot_of(&r, "return/g/out"), -1);
    rig_free(&r);
}

Test(places, doors_of_a_session_follow_edits)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N] = {0};
    lat_control_begin_load(r.c, 64);
    rig_do(&r, patch);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(n_doors(&r), 2);
    run(&r, main, sent, back);
    rig_do(&r, "disconnect k g");
    cr_assert_eq(n_doors(&r), 1);
    rig_do(&r, "connect k g");
    cr_assert_eq(n_doors(&r), 2);
    run(&r, main, sent, back);
    cr_assert_eq(sent[N - 1], 0.5F);
    rig_free(&r);
}

Test(places, a_door_follows_the_output_that_it_sends)
{
    struct rig r = rig_new_with_processes();
    struct lat_engine *e = lat_control_engine(r.c);
    float in[2][N];
    float sent[N];
    rig_do(&r, "new audio_in in channels 2\nnew gain g process own\n"
               "connect in/out_2 g");
    cr_assert_eq(lat_control_place(r.c, "g", LAT_PLACE_AWAY, &r.error), LAT_OK);
    // Output 2 goes and comes back, or stays while there are others.
    static const char *const bundles[] = {
        "set in channels 3",
        "set in channels 1\nset in channels 2\nconnect in/out_2 g",
        "set in channels 4\nset in channels 2",
    };
    for (size_t i = 0; i < LAT_COUNT(bundles); ++i) {
        lat_control_begin(r.c);
        rig_do(&r, bundles[i]);
        cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
        cr_assert_eq(n_doors(&r), 1);
        fill(in[0], 0.25F);
        fill(in[1], 0.75F);
        for (int k = 0; k < 20; ++k) {
            for (uint32_t s = 0; s < lat_engine_n_slots(e); ++s) {
                lat_engine_bind(e, s, NULL);
            }
            lat_engine_bind(e, (uint32_t)slot_of(&r, "in_1"), in[0]);
            lat_engine_bind(e, (uint32_t)slot_of(&r, "in_2"), in[1]);
            lat_engine_bind(e, (uint32_t)slot_of(&r, "send/in/out_2"), sent);
            lat_engine_process(e, N);
            lat_control_tick(r.c);
        }
        cr_expect_eq(sent[N - 1], 0.75F, "%s", bundles[i]);
    }
    rig_do(&r, "set in channels 1");
    cr_assert_eq(n_doors(&r), 0);
    rig_free(&r);
}

Test(places, settings_and_place_change_in_one_bundle)
{
    struct rig r = rig_new_with_processes();
    rig_do(&r, "new audio_out main channels 1\nnew delay d\nconnect d main");
    rig_run(&r, N, N);
    lat_control_begin(r.c);
    cr_assert_eq(lat_control_process_set(r.c, "d", true, &r.error), LAT_OK);
    rig_do(&r, "set d max_time 3");
    cr_assert_eq(lat_control_place(r.c, "d", LAT_PLACE_AWAY, &r.error), LAT_OK);
    cr_assert_eq(lat_control_place(r.c, "d", LAT_PLACE_ENGINE, &r.error),
                 LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 4 * N, N);
    rig_free(&r);
}

// Random edits of a graph with nodes that come and go.
Test(places, random_moves_never_break_the_graph)
{
    struct rig r = rig_new_with_processes();
    float main[N];
    float sent[N];
    float back[N] = {0};
    char text[96];
    srand(7);
    rig_do(&r, "new audio_out main channels 1");
    for (int round = 0; round < 1500; ++round) {
        const int a = rand() % 8;
        const int b = rand() % 8;
        switch (rand() % 6) {
        case 0:
            snprintf(text, sizeof(text), "new gain n%d process %s", a,
                     rand() % 2 ? "own" : "engine");
            break;
        case 1:
            snprintf(text, sizeof(text), "free n%d", a);
            break;
        case 2:
            snprintf(text, sizeof(text), "connect n%d n%d 0.5", a, b);
            break;
        case 3:
            snprintf(text, sizeof(text), "feedback n%d n%d 0.1", a, b);
            break;
        case 4:
            snprintf(text, sizeof(text), "connect n%d main", a);
            break;
        default:
            snprintf(text, sizeof(text), "n%d", a);
            (void)lat_control_place(r.c, text, (enum lat_place)(rand() % 4),
                                    &r.error);
            *text = '\0';
            break;
        }
        (void)rig_try(&r, text);
        run(&r, main, sent, back);
    }
    rig_free(&r);
}
