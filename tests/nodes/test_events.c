// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Events: what MIDI, notes and values make of gates, and what panic ends.

#include "base/rt.h"
#include "node/note.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N       512U
#define MAX_LEN 12

struct event {
    uint32_t frame;
    uint8_t size;
    uint8_t data[3];
};

/// MIDI events, and the frames at which the gate changes, beginning closed.
struct midi_case {
    const char *claim;
    struct event events[MAX_LEN];
    uint32_t edges[MAX_LEN];
};

#define ON(f, key)                                                             \
 {                                                                             \
  f, 3,                                                                        \
  {                                                                            \
   0x90, key, 100                                                              \
  }                                                                            \
 }
#define OFF(f, key)                                                            \
 {                                                                             \
  f, 3,                                                                        \
  {                                                                            \
   0x80, key, 0                                                                \
  }                                                                            \
 }
#define CC(f, number, x)                                                       \
 {                                                                             \
  f, 3,                                                                        \
  {                                                                            \
   0xb0, number, x                                                             \
  }                                                                            \
 }
#define BYTE(f, byte)                                                          \
 {                                                                             \
  f, 1,                                                                        \
  {                                                                            \
   byte                                                                        \
  }                                                                            \
 }

static const struct midi_case midi_cases[] = {
    {"a key opens and closes", {ON(10, 60), OFF(90, 60)}, {10, 90}},
    {"velocity 0 lets go", {ON(10, 60), {90, 3, {0x90, 60, 0}}}, {10, 90}},
    {"off and on at one frame: low at it, high from the next",
     {ON(10, 60), OFF(90, 60), ON(90, 60), OFF(200, 60)},
     {10, 90, 91, 200}},
    {"on and off at one frame opens for a frame",
     {ON(100, 60), OFF(100, 60)},
     {100, 101}},
    {"on, off, on at one frame",
     {ON(100, 60), OFF(100, 60), ON(100, 62)},
     {100, 101, 102}},
    {"edges go over the end of a block",
     {ON(63, 60), OFF(63, 60), ON(63, 61)},
     {63, 64, 65}},
    {"edges at the frames of others come after them",
     {ON(10, 60), OFF(10, 60), ON(11, 60), OFF(11, 60)},
     {10, 11, 12, 13}},
    {"from key to key it stays open",
     {ON(10, 60), ON(20, 62), OFF(20, 60)},
     {10}},
    {"the pedal holds it",
     {ON(10, 60), CC(20, 64, 127), OFF(30, 60), CC(99, 64, 0)},
     {10, 99}},
    {"the pedal holds no key that is down",
     {ON(10, 60), CC(20, 64, 127), CC(30, 64, 0), OFF(77, 60)},
     {10, 77}},
    {"a key that the pedal held is struck anew and let go",
     {CC(5, 64, 127), ON(10, 60), OFF(20, 60), ON(30, 60), OFF(40, 60),
      CC(50, 64, 0)},
     {10, 50}},
    {"all sound off", {ON(10, 60), CC(50, 120, 0), OFF(60, 60)}, {10, 50}},
    {"reset of controllers lets the pedal go",
     {ON(10, 60), CC(20, 64, 127), OFF(30, 60), CC(50, 121, 0)},
     {10, 50}},
    {"reset of controllers keeps keys", {ON(10, 60), CC(50, 121, 0)}, {10}},
    {"all notes off, the pedal too",
     {ON(10, 60), CC(20, 64, 127), CC(50, 123, 0), OFF(60, 60)},
     {10, 50}},
    {"omni off", {ON(10, 60), CC(50, 124, 0)}, {10, 50}},
    {"omni on", {ON(10, 60), CC(50, 125, 0)}, {10, 50}},
    {"mono", {ON(10, 60), CC(50, 126, 1)}, {10, 50}},
    {"poly", {ON(10, 60), CC(50, 127, 0)}, {10, 50}},
    {"system reset", {ON(10, 60), BYTE(50, 0xff)}, {10, 50}},
    {"a source that is lost",
     {ON(10, 60), BYTE(50, LAT_MIDI_SOURCE_LOST)},
     {10, 50}},
    {"active sensing and clock are nothing",
     {ON(10, 60), BYTE(50, 0xfe), BYTE(51, 0xf8), BYTE(52, 0xfa)},
     {10}},
    {"all notes off of another channel",
     {ON(10, 60), {50, 3, {0xb1, 123, 0}}, OFF(90, 60)},
     {10, 90}},
    {"a key that two channels hold",
     {ON(10, 60), {20, 3, {0x91, 60, 9}}, {30, 3, {0x81, 60, 0}}, OFF(90, 60)},
     {10, 90}},
    {"illegal data bytes are nothing",
     {{10, 3, {0x90, 0xff, 0x40}}, {11, 3, {0x90, 0x40, 0xff}}},
     {0}},
};

static uint32_t
edges_of(const float *x, uint32_t n, uint32_t *edges)
{
    uint32_t n_edges = 0;
    for (uint32_t f = 0; f < n && n_edges < MAX_LEN; ++f) {
        const float before = f ? x[f - 1] : 0.0F;
        if ((x[f] > 0.0F) != (before > 0.0F)) {
            edges[n_edges++] = f;
        }
    }
    return n_edges;
}

// Nothing fades in.
static void
in_one_transaction(struct rig *r, const char *lines)
{
    lat_control_begin(r->c);
    rig_do(r, lines);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
}

static void
send(struct rig *r, const struct event *e)
{
    lat_engine_midi(lat_control_engine(r->c), e->frame, e->data, e->size);
}

static void
judge(const struct midi_case *k, uint32_t block, uint32_t period)
{
    struct rig r = rig_new(block);
    in_one_transaction(
        &r, "new audio_out main channels 1 limit off\nnew midi_notes keys\n"
            "connect keys/gate main");
    for (uint32_t from = 0; from < N; from += period) {
        for (uint32_t i = 0; i < MAX_LEN && k->events[i].size; ++i) {
            struct event e = k->events[i];
            if (e.frame >= from && e.frame < from + period) {
                e.frame -= from;
                send(&r, &e);
            }
        }
        rig_run(&r, period, period);
    }
    uint32_t edges[MAX_LEN] = {0};
    edges_of(r.recorded, N, edges);
    for (uint32_t i = 0; i < MAX_LEN; ++i) {
        cr_expect_eq(edges[i], k->edges[i],
                     "%s, blocks of %u: edge %u at %u, not %u", k->claim, block,
                     i, edges[i], k->edges[i]);
    }
    rig_free(&r);
}

Test(events, midi_opens_and_closes_the_gate_as_the_standard_has_it)
{
    for (size_t i = 0; i < LAT_COUNT(midi_cases); ++i) {
        judge(&midi_cases[i], 64, N);
        judge(&midi_cases[i], 64, 32);
        judge(&midi_cases[i], 1, N);
    }
}

Test(events, pitch_and_trigger_come_at_the_frame_itself)
{
    const char *const outputs[] = {"pitch", "trigger", "velocity"};
    const float wanted[] = {2.0F, 1.0F, 100.0F / 127.0F};
    const struct event events[] = {OFF(90, 60), ON(90, 62)};
    for (size_t i = 0; i < LAT_COUNT(outputs); ++i) {
        struct rig r = rig_new(64);
        char line[128];
        snprintf(line, sizeof(line),
                 "new audio_out main channels 1 limit off\n"
                 "connect keys/%s main",
                 outputs[i]);
        rig_do(&r, "new midi_notes keys");
        in_one_transaction(&r, line);
        send(&r, &events[0]);
        send(&r, &events[1]);
        rig_run(&r, N, N);
        cr_expect_eq(r.recorded[90], wanted[i], "%s", outputs[i]);
        cr_expect_eq(r.recorded[89], 0.0F, "%s", outputs[i]);
        rig_free(&r);
    }
}

Test(events, another_channel_lets_the_keys_go)
{
    struct rig r = rig_new(64);
    const struct event on = ON(0, 60);
    const struct event off = OFF(0, 60);
    in_one_transaction(&r,
                       "new audio_out main channels 1 limit off\n"
                       "new midi_notes keys channel 1\nconnect keys/gate main");
    send(&r, &on);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[63], 1.0F);
    rig_do(&r, "set keys channel 2");
    send(&r, &off);
    rig_run(&r, 256, 64);
    cr_expect_eq(r.recorded[319], 0.0F);
    rig_free(&r);
}

Test(events, a_source_that_goes_away_lets_its_keys_go)
{
    struct rig r = rig_new(64);
    const struct event on = ON(0, 60);
    in_one_transaction(&r, "new audio_out main channels 1 limit off\n"
                           "new midi_notes keys\nconnect keys/gate main");
    send(&r, &on);
    rig_run(&r, 64, 64);
    lat_engine_lose_midi(lat_control_engine(r.c));
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[64], 0.0F);
    send(&r, &on);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[128], 1.0F);
    rig_free(&r);
}

struct control_case {
    uint32_t control;
    struct event event;
    float value; // after 0.5 or so
};

Test(events, a_reset_puts_controllers_where_the_practice_has_them)
{
    static const struct control_case cases[] = {
        {1, CC(9, 121, 0), 0.0F},
        {11, CC(9, 121, 0), 1.0F},
        {7, CC(9, 121, 0), 64.0F / 127.0F},
        {10, CC(9, 121, 0), 64.0F / 127.0F},
        {74, CC(9, 121, 0), 64.0F / 127.0F},
        {91, CC(9, 121, 0), 64.0F / 127.0F},
        {1, BYTE(9, 0xff), 0.0F},
        {7, BYTE(9, 0xff), 0.0F},
        {1, CC(9, 123, 0), 64.0F / 127.0F}};
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        const struct event set = CC(3, (uint8_t)cases[i].control, 64);
        struct rig r = rig_new(64);
        char line[128];
        snprintf(line, sizeof(line),
                 "new audio_out main channels 1 limit off\n"
                 "new midi_cc knob control %u\nconnect knob main",
                 cases[i].control);
        in_one_transaction(&r, line);
        send(&r, &set);
        send(&r, &cases[i].event);
        rig_run(&r, 64, 64);
        cr_expect_eq(r.recorded[5], 64.0F / 127.0F);
        cr_expect_eq(r.recorded[10], cases[i].value, "control %u: %g",
                     cases[i].control, (double)r.recorded[10]);
        rig_free(&r);
    }
}

// Values.

static struct rig
gate_rig(const char *from)
{
    struct rig r = rig_new(64);
    char line[64];
    snprintf(line, sizeof(line), "connect %s main", from);
    // An envelope that follows its gate at once shows it.
    in_one_transaction(&r, "new audio_out main channels 1 limit off\n"
                           "new adsr env attack 0 decay 0 sustain 1 release 0\n"
                           "new constant k value 0.25\nnew constant l value 1");
    rig_do(&r, line);
    rig_run(&r, 400, 100);
    return r;
}

Test(events, a_gate_that_opens_and_closes_in_one_bundle_opens)
{
    struct rig r = gate_rig("env");
    uint32_t edges[MAX_LEN];
    in_one_transaction(&r, "set env gate 1\nset env gate 0");
    rig_run(&r, 156, 156);
    cr_assert_eq(edges_of(r.recorded, r.n_frames, edges), 2);
    cr_expect_eq(edges[1], edges[0] + 1);
    rig_do(&r, "set env gate 1");
    rig_run(&r, 64, 64);
    in_one_transaction(&r, "set env gate 0\nset env gate 1");
    rig_run(&r, 128, 64);
    cr_assert_eq(edges_of(r.recorded, r.n_frames, edges), 5);
    cr_expect_eq(edges[4], edges[3] + 1);
    rig_free(&r);
}

Test(events, what_comes_with_edges_does_not_wait_for_them)
{
    struct rig a = gate_rig("k");
    struct rig b = gate_rig("k");
    in_one_transaction(&a, "set env gate 1\nset env gate 0\nset env gate 1\n"
                           "set k value 0.5");
    in_one_transaction(&b, "set k value 0.5");
    rig_run(&a, 156, 156);
    rig_run(&b, 156, 156);
    cr_expect_eq(rig_first_difference(&a, &b), a.n_frames);
    rig_free(&a);
    rig_free(&b);
}

Test(events, edges_and_a_plan_behind_them_keep_their_order)
{
    struct rig r = gate_rig("env");
    uint32_t edges[MAX_LEN];
    in_one_transaction(&r, "set env gate 1\nset env gate 0\nset env gate 1");
    rig_do(&r, "new gain g\nconnect l g");
    rig_do(&r, "free g\nset env gate 0");
    rig_run(&r, 412, 64);
    cr_expect_eq(edges_of(r.recorded, r.n_frames, edges), 4);
    in_one_transaction(&r, "set env gate 1\nset env gate 0\nset env gate 1");
    rig_do(&r, "free env");
    rig_run(&r, 412, 64);
    rig_free(&r);
}

// More at once than there is room for: none is lost, all in order.
Test(events, a_thousand_edges_at_once_are_a_thousand_edges)
{
    struct rig r = gate_rig("env");
    lat_control_begin(r.c);
    for (int i = 0; i < 1000; ++i) {
        rig_do(&r, i % 2 ? "set env gate 0" : "set env gate 1");
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 2000, 64);
    uint32_t n = 0;
    for (uint32_t f = 1; f < r.n_frames; ++f) {
        n += (r.recorded[f] > 0.0F) != (r.recorded[f - 1] > 0.0F);
    }
    cr_expect_eq(n, 1000);
    rig_free(&r);
}

Test(events, a_panic_acts_in_its_place_in_a_bundle)
{
    struct rig r = gate_rig("env");
    lat_control_begin(r.c);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_do(&r, "set env gate 1");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 1.0F);
    lat_control_begin(r.c);
    rig_do(&r, "set env gate 0\nset env gate 1");
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 0.0F);
    rig_free(&r);
}

Test(events, edges_at_the_first_frame_of_a_node_do_not_merge)
{
    uint32_t edges[MAX_LEN];
    for (int is_late = 0; is_late < 2; ++is_late) {
        struct rig r = rig_new(64);
        in_one_transaction(&r, "new audio_out main channels 1 limit off");
        rig_run(&r, is_late ? 640 : 0, 64);
        const uint32_t from = r.n_frames;
        in_one_transaction(&r,
                           "new audio_out other\nfree main\n"
                           "new audio_out main channels 1 limit off\n"
                           "new adsr env attack 0 decay 0 sustain 1 release 0\n"
                           "connect env main\nset env gate 1\nset env gate 0");
        rig_run(&r, 640, 64);
        const uint32_t n = edges_of(r.recorded + from, 640, edges);
        cr_expect_eq(n, 2, "%u edges, %d", n, is_late);
        rig_free(&r);
    }
}

Test(events, midi_that_is_lost_leaves_no_key_hanging)
{
    struct rig r = rig_new(64);
    in_one_transaction(&r, "new audio_out main channels 1 limit off\n"
                           "new midi_notes keys\nconnect keys/gate main");
    const struct event on = ON(0, 60);
    const struct event bend = {1, 3, {0xe0, 0, 64}};
    const struct event off = OFF(2, 60);
    send(&r, &on);
    for (uint32_t i = 0; i < LAT_MAX_MIDI; ++i) {
        send(&r, &bend);
    }
    send(&r, &off);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[63], 1.0F);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[64], 0.0F);
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r.c), &status);
    cr_expect_eq(status.n_lost_midi, 2);
    rig_free(&r);
}

// Notes.

Test(events, a_note_over_osc_plays_like_a_key)
{
    struct rig r = rig_new(64);
    uint32_t edges[MAX_LEN];
    in_one_transaction(
        &r, "new audio_out main channels 1 limit off\nnew midi_notes keys\n"
            "new midi_notes others\nconnect others/gate main 100\n"
            "connect keys/gate main");
    rig_run(&r, 64, 64);
    const uint32_t from = r.n_frames;
    cr_assert_eq(lat_control_note(r.c, "keys", 60.5, 1.0, 0.0, &r.error),
                 LAT_OK);
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 1.0F);
    cr_assert_eq(lat_control_note(r.c, "keys", 60.5, 0.0, 0.0, &r.error),
                 LAT_OK);
    rig_run(&r, 64, 64);
    cr_expect_eq(edges_of(r.recorded + from, 128, edges), 2);
    // Off and on in one bundle is another attack.
    cr_assert_eq(lat_control_note(r.c, "keys", 60.0, 0.5, 0.0, &r.error),
                 LAT_OK);
    rig_run(&r, 64, 64);
    lat_control_begin(r.c);
    cr_assert_eq(lat_control_note(r.c, "keys", 60.0, 0.0, 0.0, &r.error),
                 LAT_OK);
    cr_assert_eq(lat_control_note(r.c, "keys", 61.0, 1.0, 0.0, &r.error),
                 LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 64, 64);
    cr_assert_eq(edges_of(r.recorded + from, 256, edges), 5);
    cr_expect_eq(edges[4], edges[3] + 1);
    rig_free(&r);
}

Test(events, notes_that_nobody_can_play_are_refused)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new saw s\nnew midi_notes keys");
    cr_expect_eq(lat_control_note(r.c, "s", 60.0, 1.0, 0.0, &r.error),
                 LAT_EINVAL);
    cr_expect(strstr(r.error.text, "midi_notes"), "%s", r.error.text);
    cr_expect_eq(lat_control_note(r.c, "kez", 60.0, 1.0, 0.0, &r.error),
                 LAT_ENOTFOUND);
    cr_expect_eq(lat_control_note(r.c, "keys", 128.0, 1.0, 0.0, &r.error),
                 LAT_EINVAL);
    cr_expect_eq(lat_control_note(r.c, "keys", 60.0, 1.5, 0.0, &r.error),
                 LAT_EINVAL);
    rig_free(&r);
}

Test(events, hundreds_of_notes_at_once_are_all_played)
{
    struct rig r = rig_new(64);
    in_one_transaction(
        &r, "new audio_out main channels 1 limit off\nnew midi_notes keys\n"
            "connect keys/pitch main");
    rig_run(&r, 64, 64);
    lat_control_begin(r.c);
    for (int i = 0; i < 300; ++i) {
        cr_assert_eq(lat_control_note(r.c, "keys", i % 128, 1.0, 0.0, &r.error),
                     LAT_OK);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 256, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], (float)(299 % 128) - 60.0F);
    rig_free(&r);
}

// Panic.

// A node of the type, with a moving signal, a gate or a number at every input.
static void
feed_all(struct rig *r, const struct lat_node_type *type)
{
    char line[96];
    lat_control_begin(r->c);
    rig_do(r, "new audio_out main channels 1 limit off\n"
              "new saw mover freq 700\nnew square beat freq 90\n"
              "new sine slow freq 3");
    snprintf(line, sizeof(line), "new %s x", type->name);
    rig_do(r, line);
    const struct lat_node *x = lat_graph_find(lat_control_graph(r->c), "x");
    for (uint32_t i = 0; i < x->layout->n_in; ++i) {
        const enum lat_port_kind kind = x->layout->in[i].port->kind;
        snprintf(line, sizeof(line), "connect %s x/%s %s",
                 kind == LAT_PORT_SIGNAL ? "mover"
                 : kind == LAT_PORT_KNOB ? "slow"
                                         : "beat",
                 x->layout->in[i].name, kind == LAT_PORT_KNOB ? "0.01" : "1");
        rig_do(r, line);
    }
    for (uint32_t o = 0; o < x->layout->n_out; ++o) {
        snprintf(line, sizeof(line), "connect x/%s main",
                 x->layout->out[o].name);
        rig_do(r, line);
    }
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
}

Test(events, after_panic_every_type_plays_as_if_made_anew)
{
    const struct event on = ON(0, 60);
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        struct rig fresh = rig_new(64);
        struct rig r = rig_new(64);
        feed_all(&fresh, *t);
        feed_all(&r, *t);
        rig_run(&fresh, 4096, 64);
        send(&r, &on);
        rig_run(&r, 64 * 41, 64);
        cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
        // Time itself goes on.
        cr_assert_eq(lat_control_locate(r.c, 0.0, &r.error), LAT_OK);
        const uint32_t from = r.n_frames;
        rig_run(&r, 4096, 64);
        for (uint32_t f = 0; f < 4096; ++f) {
            cr_assert_eq(memcmp(&r.recorded[from + f], &fresh.recorded[f], 4),
                         0, "%s: %g, not %g, %u frames after", (*t)->name,
                         (double)r.recorded[from + f],
                         (double)fresh.recorded[f], f);
        }
        rig_free(&fresh);
        rig_free(&r);
    }
}

Test(events, panic_lets_keys_and_gates_go_until_they_are_set_again)
{
    struct rig r = rig_new(64);
    const struct event events[] = {ON(0, 60), CC(1, 64, 127)};
    in_one_transaction(
        &r, "new audio_out main channels 1 limit off\nnew midi_notes keys\n"
            "new adsr env attack 0 decay 0 sustain 1 release 0 gate 1\n"
            "connect env main\nconnect keys/gate main");
    send(&r, &events[0]);
    send(&r, &events[1]);
    rig_run(&r, 256, 64);
    cr_expect_eq(r.recorded[255], 2.0F);
    in_one_transaction(&r, "set env gate 0\nset env gate 1");
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    rig_run(&r, 256, 64);
    for (uint32_t f = 256; f < r.n_frames; ++f) {
        cr_assert_eq(r.recorded[f], 0.0F, "at %u", f);
    }
    const struct lat_node *env = lat_graph_find(lat_control_graph(r.c), "env");
    cr_expect_eq(env->in[0].saved, 1.0F, "the saved value stays");
    rig_do(&r, "set env gate 1");
    rig_run(&r, 64, 64);
    cr_expect_eq(r.recorded[r.n_frames - 1], 1.0F);
    rig_free(&r);
}
