// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node with voices is as many nodes, made by hand.

#include "control/state.h"
#include "plan/plan.h"
#include "support/rig.h"
#include "units/units.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 5U

/// A line for each voice: # is its number.
static void
each(struct rig *r, const char *format)
{
    for (unsigned k = 1; k <= N; ++k) {
        char line[256];
        size_t n = 0;
        for (const char *at = format; *at; ++at) {
            line[n++] = *at == '#' ? (char)('0' + k) : *at;
        }
        line[n] = '\0';
        rig_do(r, line);
    }
}

static struct rig
voices(uint32_t block)
{
    struct rig r = rig_new(block);
    rig_do(&r, "new sine lfo freq 3\n"
               "new saw o poly 5 freq 110 freq.2 120.5 freq.5 333\n"
               "new lowpass f poly 5 cutoff 900 q.3 5\n"
               "new gain g poly 5 gain 0.5\n"
               "new bus b\n"
               "new audio_out main channels 1\n"
               "connect lfo f/cutoff 300\n"
               "connect o f\n"
               "connect f g\n"
               "connect g b 0.2\n"
               "feedback g f/cutoff 100\n"
               "feedback b o/freq 2\n"
               "connect b main\n"
               "connect o main 0.01");
    return r;
}

static struct rig
copies(uint32_t block)
{
    struct rig r = rig_new(block);
    rig_do(&r, "new sine lfo freq 3");
    each(&r, "new saw o# freq 110");
    rig_do(&r, "set o2 freq 120.5\nset o5 freq 333");
    rig_do(&r, "new lowpass f1 cutoff 900\n"
               "new lowpass f2 cutoff 900\n"
               "new lowpass f3 cutoff 900 q 5\n"
               "new lowpass f4 cutoff 900\n"
               "new lowpass f5 cutoff 900");
    each(&r, "new gain g# gain 0.5");
    rig_do(&r, "new bus b\nnew audio_out main channels 1");
    each(&r, "connect lfo f#/cutoff 300");
    each(&r, "connect o# f#");
    each(&r, "connect f# g#");
    each(&r, "connect g# b 0.2");
    each(&r, "feedback g# f#/cutoff 100");
    each(&r, "feedback b o#/freq 2");
    rig_do(&r, "connect b main");
    each(&r, "connect o# main 0.01");
    return r;
}

static void
expect_same(const struct rig *a, const struct rig *b, uint32_t from)
{
    cr_assert_eq(a->n_frames, b->n_frames);
    double sum = 0.0;
    for (uint32_t i = from; i < a->n_frames; ++i) {
        sum += fabs((double)a->recorded[i]);
        cr_assert_eq(memcmp(&a->recorded[i], &b->recorded[i], sizeof(float)), 0,
                     "frame %u of %u", i, a->n_frames);
    }
    cr_assert_gt(sum, 1.0, "it is heard");
}

static void
run_both(struct rig *a, struct rig *b, uint32_t n)
{
    rig_run(a, n, 100);
    rig_run(b, n, 100);
}

Test(poly, sounds_as_copies_do_that_were_made_by_hand)
{
    static const uint32_t blocks[] = {1, 16, 64};
    for (size_t i = 0; i < LAT_COUNT(blocks); ++i) {
        struct rig a = voices(blocks[i]);
        struct rig b = copies(blocks[i]);
        run_both(&a, &b, 3000);
        rig_do(&a, "set f.2 q 9\nset o freq 90 0.01\nconnect o main 0.05");
        rig_do(&b, "set f2 q 9");
        each(&b, "set o# freq 90 0.01");
        each(&b, "connect o# main 0.05");
        run_both(&a, &b, 3000);
        rig_do(&a, "disconnect o main\nset g gain 0.1");
        each(&b, "disconnect o# main");
        each(&b, "set g# gain 0.1");
        run_both(&a, &b, 2000);
        expect_same(&a, &b, 0);
        rig_free(&a);
        rig_free(&b);
    }
}

/// What is left of a session in which some voices went sounds as one in which
/// copies were freed, once all has faded.
Test(poly, keeps_the_voices_that_stay)
{
    struct rig a = voices(64);
    struct rig b = copies(64);
    run_both(&a, &b, 1000);
    lat_control_begin(a.c);
    rig_do(&a, "set g poly 3\nset o poly 3\nset f poly 3");
    cr_assert_eq(lat_control_commit(a.c, &a.error), LAT_OK);
    rig_do(&b, "free o4\nfree f4\nfree g4\nfree o5\nfree f5\nfree g5");
    run_both(&a, &b, 4800);
    cr_assert_eq(lat_control_n_fading(a.c), 0);
    // What fades is summed newest first, and goes on in the feedback's bits.
    double sum = 0.0;
    for (uint32_t i = 2000; i < a.n_frames; ++i) {
        sum += fabs((double)(a.recorded[i] - b.recorded[i]));
    }
    cr_assert_lt(sum / 3800, 1e-4);
    rig_free(&a);
    rig_free(&b);
}

static struct rig
plain(const char *poly)
{
    struct rig r = rig_new(64);
    char line[200];
    snprintf(line, sizeof(line),
             "new sine o poly %s freq 100 freq.2 200 freq.3 300", poly);
    rig_do(&r, line);
    rig_do(&r, "new audio_out main channels 1\nconnect o main 0.1");
    return r;
}

Test(poly, grows_and_shrinks_to_the_bits_of_a_session_that_was_always_so)
{
    struct rig a = plain("3");
    struct rig b = plain("3");
    run_both(&a, &b, 1000);
    rig_do(&a, "set o poly 8");
    rig_run(&a, 500, 64);
    rig_do(&a, "set o poly 3");
    rig_run(&a, 1500, 64);
    rig_run(&b, 2000, 64);
    run_both(&a, &b, 1000);
    cr_assert_eq(lat_control_n_fading(a.c), 0);
    expect_same(&a, &b, 2600);
    rig_free(&a);
    rig_free(&b);
}

/// Voices that come fade in, those that go fade out: no step is heard.
Test(poly, changes_without_a_click)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new constant k value 1\nnew gain g poly 2\nnew bus b\n"
               "new audio_out main channels 1 limit off\n"
               "connect k g\nconnect g b\nconnect b main");
    rig_run(&r, 500, 64);
    rig_do(&r, "set g poly 6");
    rig_run(&r, 700, 64);
    cr_expect_float_eq(r.recorded[r.n_frames - 1], 6.0F, 1e-5);
    rig_do(&r, "set g poly 1");
    rig_run(&r, 700, 64);
    cr_expect_float_eq(r.recorded[r.n_frames - 1], 1.0F, 1e-5);
    for (uint32_t i = 1; i < r.n_frames; ++i) {
        cr_assert_lt(fabsf(r.recorded[i] - r.recorded[i - 1]), 0.05F, "%u", i);
    }
    rig_free(&r);
}

static void
expect_refused(struct rig *r, const char *line, const char *words)
{
    char *before = lat_control_print_plan(r->c, LAT_PLAN_JSON);
    cr_assert_neq(rig_try(r, line), LAT_OK, "%s", line);
    cr_expect(strstr(r->error.text, words), "%s: %s", line, r->error.text);
    char *after = lat_control_print_plan(r->c, LAT_PLAN_JSON);
    cr_expect_str_eq(before, after);
    free(before);
    free(after);
}

Test(poly, refuses_other_numbers_and_names_both)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine a poly 4\nnew gain b poly 8\nnew gain c poly 4\n"
               "new audio_out main channels 1\nconnect a c\nconnect c main");
    expect_refused(&r, "connect a b", "a has 4 voices and b has 8");
    expect_refused(&r, "set a poly 8", "a has 8 voices and c has 4");
    expect_refused(&r, "new sine x poly 65", "from 1 to 64");
    expect_refused(&r, "new sine x poly 0", "from 1 to 64");
    expect_refused(&r, "new sine x poly 2.5", "from 1 to 64");
    expect_refused(&r, "set main poly 2", "audio_out has one voice");
    expect_refused(&r, "new sine x poly 2 freq.3 1", "no voice 3 of 2");
    expect_refused(&r, "set a.5 freq 3", "a has 4 voices: there is no a.5");
    expect_refused(&r, "set a.2 poly 3", "one voice of a has no poly");
    expect_refused(&r, "new sine x poly 2 process own", "has one voice");
    cr_expect_eq(lat_control_process_set(r.c, "a", true, &r.error), LAT_EINVAL);
    cr_expect(strstr(r.error.text, "has one voice, not 4"), "%s", r.error.text);
    // A chain changes in one bundle.
    lat_control_begin(r.c);
    rig_do(&r, "set a poly 8\nset c poly 8\nconnect a b");
    cr_expect_eq(lat_control_commit(r.c, &r.error), LAT_OK, "%s", r.error.text);
    // One that does not fit in the end changes nothing.
    lat_control_begin(r.c);
    rig_do(&r, "set a poly 3\nset c poly 3");
    cr_expect_neq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_expect(strstr(r.error.text, "a has 3 voices and b has 8"), "%s",
              r.error.text);
    cr_expect_eq(lat_graph_find(lat_control_graph(r.c), "a")->poly, 8);
    rig_run(&r, 500, 64);
    rig_free(&r);
}

/// So many nodes nobody makes for a test: their records are enough.
Test(poly, an_input_has_room_for_so_many_voices)
{
    enum { N_CABLES = LAT_MAX_CABLES_IN / LAT_MAX_POLY };
    struct rig r = rig_new(64);
    rig_do(&r, "new bus b");
    struct lat_node *const b = lat_graph_find(lat_control_graph(r.c), "b");
    struct lat_node many = {.poly = LAT_MAX_POLY};
    struct lat_node one = {.poly = 1};
    struct lat_cable *const k = calloc(N_CABLES, sizeof(*k));
    struct lat_cables in = {k, &k[N_CABLES - 1], N_CABLES};
    struct lat_input input = {.cables = &in};
    struct lat_node dst = *b;
    cr_assert(k);
    dst.in = &input;
    for (uint32_t i = 0; i < N_CABLES; ++i) {
        k[i].src = &many;
        k[i].next_in = i + 1 < N_CABLES ? &k[i + 1] : NULL;
    }
    cr_expect_eq(lat_control_check_leads(NULL, &dst, 0, &r.error), LAT_OK);
    cr_expect_eq(lat_control_check_leads(&one, &dst, 0, &r.error), LAT_EFULL);
    cr_expect(strstr(r.error.text, "b/in takes 2097152 cables at most"), "%s",
              r.error.text);
    k[7].src = &one;
    cr_expect_eq(lat_control_check_leads(&one, &dst, 0, &r.error), LAT_OK);
    cr_expect_eq(lat_control_check_leads(&many, &dst, 0, &r.error), LAT_EFULL);
    dst.poly = LAT_MAX_POLY; // each voice has its own input
    cr_expect_eq(lat_control_check_leads(&many, &dst, 0, &r.error), LAT_OK);
    free(k);
    rig_free(&r);
}

static double
value_of(struct rig *r, const char *name, const char *param)
{
    struct lat_value value;
    char text[100];
    cr_assert_eq(lat_control_param_get(r->c, name, param, text, sizeof(text),
                                       &value, &r->error),
                 LAT_OK, "%s", r->error.text);
    return value.number;
}

Test(poly, voices_have_values_of_their_own_until_all_are_set)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new sine a poly 3 freq 100 freq.2 200\nset a.3 freq 300");
    cr_expect_eq(value_of(&r, "a", "freq"), 100.0);
    cr_expect_eq(value_of(&r, "a.1", "freq"), 100.0);
    cr_expect_eq(value_of(&r, "a.2", "freq"), 200.0);
    cr_expect_eq(value_of(&r, "a.3", "freq"), 300.0);
    rig_do(&r, "set a.1 freq 50");
    cr_expect_eq(value_of(&r, "a", "freq"), 50.0, "the first is asked");
    lat_control_begin(r.c);
    rig_do(&r, "set a freq 10\nset a.2 freq 20");
    lat_control_rollback(r.c);
    cr_expect_eq(value_of(&r, "a.1", "freq"), 50.0);
    cr_expect_eq(value_of(&r, "a.2", "freq"), 200.0);
    rig_do(&r, "set a freq 70");
    for (int k = 1; k <= 3; ++k) {
        char name[16];
        snprintf(name, sizeof(name), "a.%d", k);
        cr_expect_eq(value_of(&r, name, "freq"), 70.0);
    }
    // A voice that comes back has what all have.
    rig_do(&r, "set a.3 freq 9\nset a poly 2\nset a poly 3");
    cr_expect_eq(value_of(&r, "a.3", "freq"), 70.0);
    rig_free(&r);
}

Test(poly, a_glide_of_one_voice_begins_where_it_is)
{
    struct rig r = rig_new(64);
    rig_do(&r,
           "new constant k poly 2\nnew audio_out main channels 1 limit off\n"
           "connect k main\nset k value 100 1");
    rig_run(&r, 24000, 64);
    rig_do(&r, "set k.2 value 0 1");
    rig_run(&r, 64, 64);
    cr_expect_float_eq(value_of(&r, "k.1", "value"), 50.1, 0.2);
    cr_expect_float_eq(value_of(&r, "k.2", "value"), 49.9, 0.2);
    cr_expect_float_eq(r.recorded[r.n_frames - 1], 100.0F, 0.3F, "as heard");
    rig_run(&r, 24000, 64);
    cr_expect_float_eq(value_of(&r, "k.2", "value"), 25.0, 0.2);
    // What all are given goes on from there in each.
    rig_do(&r, "set k value 0 1");
    rig_run(&r, 64, 64);
    cr_expect_float_eq(r.recorded[r.n_frames - 1], 125.0F, 0.5F, "as heard");
    rig_free(&r);
}

/// A gate of one voice opens that voice alone.
Test(poly, a_gate_of_one_voice_is_of_that_voice)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new adsr e poly 3 attack 0 sustain 1\n"
               "new audio_out main channels 1 limit off\nconnect e main");
    rig_run(&r, 100, 64);
    rig_do(&r, "set e.2 gate 1");
    rig_run(&r, 1000, 64);
    cr_expect_float_eq(r.recorded[r.n_frames - 1], 1.0F, 1e-4);
    rig_do(&r, "set e gate 1");
    rig_run(&r, 1000, 64);
    cr_expect_float_eq(r.recorded[r.n_frames - 1], 3.0F, 1e-4);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_run(&r, 1000, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.0F);
    rig_free(&r);
}

/// Seeds are those of NAME.K.
Test(poly, voices_differ_by_their_seeds)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new noise n poly 3\nnew noise m");
    const struct lat_graph *g = lat_control_graph(r.c);
    const struct lat_unit *k = lat_units_of(lat_graph_find(g, "n"));
    const struct lat_unit *mono = lat_units_of(lat_graph_find(g, "m"));
    rig_do(&r, "new noise n2");
    cr_assert(k && k->sister && k->sister->sister &&
              !k->sister->sister->sister);
    cr_expect_neq(k->inst->config->seed, k->sister->inst->config->seed);
    // FNV-1a of "n.2".
    uint64_t h = UINT64_C(14695981039346656037);
    for (const char *c = "n.2"; *c; ++c) {
        h = (h ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    cr_expect_eq(k->sister->inst->config->seed, h);
    cr_expect_neq(mono->inst->config->seed, h);
    rig_free(&r);
}

// A keyboard.

static const int chord[] = {57, 60, 64, 69};

static void
join_keys(struct rig *r)
{
    rig_do(r, "connect keys/pitch o/pitch\nconnect keys/gate e\n"
              "connect o g\nconnect e g/cv\nconnect g main 0.2");
}

/// Four voices that midi_notes plays.
static struct rig
played(uint32_t block)
{
    struct rig r = rig_new(block);
    rig_do(&r, "new midi_notes keys poly 4\nnew saw o poly 4\n"
               "new adsr e poly 4 attack 0.002\nnew gain g poly 4\n"
               "new audio_out main channels 1");
    join_keys(&r);
    return r;
}

/// One more voice of those that are made by hand.
static void
add_copy(struct rig *r, int k)
{
    char lines[256];
    snprintf(lines, sizeof(lines),
             "new saw o%d sleep yes\nnew adsr e%d sleep yes attack 0.002\nnew "
             "gain g%d sleep yes\n"
             "connect o%d g%d\nconnect e%d g%d/cv\nconnect g%d main 0.2",
             k, k, k, k, k, k, k, k);
    rig_do(r, lines);
}

/// Four of each, whose inputs are set by hand.
static struct rig
set_by_hand(uint32_t block)
{
    struct rig r = rig_new(block);
    rig_do(&r, "new audio_out main channels 1");
    for (int k = 1; k <= 4; ++k) {
        add_copy(&r, k);
    }
    return r;
}

static void
press(struct rig *a, struct rig *b, int k, bool is_down)
{
    char lines[64];
    cr_assert_eq(
        lat_control_note(a->c, "keys", chord[k - 1], is_down, 0.0, &a->error),
        LAT_OK, "%s", a->error.text);
    snprintf(lines, sizeof(lines), "set o%d pitch %d\nset e%d gate %d", k,
             chord[k - 1] - 60, k, is_down);
    rig_do(b, lines);
}

Test(poly, keys_play_as_hands_on_copies_do)
{
    static const uint32_t blocks[] = {1, 64};
    for (size_t i = 0; i < LAT_COUNT(blocks); ++i) {
        struct rig a = played(blocks[i]);
        struct rig b = set_by_hand(blocks[i]);
        run_both(&a, &b, 320);
        for (int k = 1; k <= 4; ++k) {
            press(&a, &b, k, true);
            run_both(&a, &b, 640);
        }
        press(&a, &b, 2, false);
        run_both(&a, &b, 6400);
        press(&a, &b, 2, true); // in the voice that it had
        press(&a, &b, 4, false);
        run_both(&a, &b, 3200);
        expect_same(&a, &b, 0);
        rig_free(&a);
        rig_free(&b);
    }
}

static void
change_poly(struct rig *r, int n)
{
    char lines[128];
    snprintf(lines, sizeof(lines),
             "set g poly %d\nset keys poly %d\nset o poly %d\nset e poly %d", n,
             n, n, n);
    lat_control_begin(r->c);
    rig_do(r, lines);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK, "%s",
                 r->error.text);
}

/// Notes go on in the voices that stay, to the bit; those of others end, and
/// no key is held for ever.
Test(poly, notes_go_on_in_the_voices_that_stay)
{
    struct rig a = played(64);
    struct rig b = set_by_hand(64);
    for (int k = 1; k <= 4; ++k) {
        press(&a, &b, k, true);
        run_both(&a, &b, 640);
    }
    change_poly(&a, 6);
    lat_control_begin(b.c);
    add_copy(&b, 5);
    add_copy(&b, 6);
    cr_assert_eq(lat_control_commit(b.c, &b.error), LAT_OK);
    run_both(&a, &b, 6400);
    expect_same(&a, &b, 0);
    change_poly(&a, 3);
    rig_do(&b, "free g4\nfree e4\nfree o4\nfree g5\nfree e5\nfree o5\n"
               "free g6\nfree e6\nfree o6");
    const uint32_t cut = a.n_frames;
    run_both(&a, &b, 6400);
    cr_expect_eq(lat_control_n_fading(a.c), 0);
    expect_same(&a, &b, cut + 480);
    for (int k = 1; k <= 3; ++k) {
        press(&a, &b, k, false);
    }
    cr_assert_eq(lat_control_note(a.c, "keys", chord[3], 0.0, 0.0, &a.error),
                 LAT_OK);
    run_both(&a, &b, 48000);
    expect_same(&a, &b, cut + 480);
    cr_expect_eq(a.recorded[a.n_frames - 1], 0.0F);
    rig_free(&a);
    rig_free(&b);
}
