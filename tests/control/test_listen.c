// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Listeners hear what was changed, and who did it.

#include "support/failing.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

/// What was heard, as text: a line for each entry.
struct ear {
    uint32_t n_calls, topics;
    bool is_whole, is_session;
    struct lat_origin origin; ///< of the last entry
    char said[4096];
};

static void
say(struct ear *ear, const char *text)
{
    strncat(ear->said, text, sizeof(ear->said) - strlen(ear->said) - 1);
}

static void
hear_change(struct ear *ear, const struct lat_change *k)
{
    static const char *const words[] = {
        "added", "removed", "renamed", "connected", "cut",
        "value", "amount",  "set",     "bypass",    "poly",
        "sleep", "place",   "note",    "number",    "strike",
        "tempo", "beats",   "play",    "locate",    "panic",
    };
    char line[256];
    if (k->cable) {
        snprintf(line, sizeof(line), "%s %s %s %g\n", words[k->kind],
                 k->cable->src->name, k->cable->dst->name,
                 k->kind == LAT_CHANGE_AMOUNT ? k->number
                                              : (double)k->cable->amount);
    } else if (k->kind == LAT_CHANGE_VALUE) {
        snprintf(line, sizeof(line), "value %s/%s %g %g\n", k->node->name,
                 k->node->layout->in[k->input].name, k->number, k->seconds);
    } else if (k->kind == LAT_CHANGE_NOTE) {
        snprintf(line, sizeof(line), "note %s %g %g\n", k->node->name,
                 k->number, k->velocity);
    } else if (k->kind == LAT_CHANGE_NODE_RENAMED) {
        snprintf(line, sizeof(line), "renamed %s %s\n", k->old_name,
                 k->node->name);
    } else if (k->node) {
        snprintf(line, sizeof(line), "%s %s\n", words[k->kind], k->node->name);
    } else {
        snprintf(line, sizeof(line), "%s %g\n", words[k->kind], k->number);
    }
    say(ear, line);
    ear->origin = k->origin;
}

static void
hear(void *data, const struct lat_changes *changes)
{
    struct ear *ear = data;
    ++ear->n_calls;
    ear->topics = changes->topics;
    ear->is_whole = changes->is_whole;
    ear->is_session = changes->is_session;
    for (uint32_t i = 0; i < changes->n; ++i) {
        hear_change(ear, &changes->entries[i]);
    }
}

static void
listen_to(struct rig *r, struct ear *ear, uint32_t topics)
{
    const struct lat_listener listener = {ear, topics, hear};
    *ear = (struct ear){0};
    cr_assert_eq(lat_control_listen(r->c, &listener), LAT_OK);
}

static struct rig
new_patch(void)
{
    struct rig r = rig_new(64);
    rig_do(&r, "new constant k value 0.5\n"
               "new gain g\n"
               "new audio_out main channels 1\n"
               "connect k g\n"
               "connect g main\n");
    return r;
}

static void
expect(struct rig *r, struct ear *ear, const char *commands, uint32_t topics,
       const char *said)
{
    ear->n_calls = ear->topics = 0;
    *ear->said = '\0';
    lat_control_begin(r->c);
    rig_do(r, commands);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
    cr_assert_eq(ear->n_calls, 1, "after: %s", commands);
    cr_assert_eq(ear->topics, topics, "0x%x after: %s", ear->topics, commands);
    cr_assert_str_eq(ear->said, said);
}

Test(listen, entries_say_what_was_changed_in_order)
{
    struct rig r = new_patch();
    struct ear ear;
    const uint32_t edits = LAT_TOPIC_STRUCTURE | LAT_TOPIC_PORTS;
    listen_to(&r, &ear, UINT32_MAX);
    expect(&r, &ear, "set k value 0.25 2\n", LAT_TOPIC_VALUES,
           "value k/value 0.25 2\n");
    expect(&r, &ear, "connect k g 0.5\nset g gain 2\n",
           LAT_TOPIC_AMOUNTS | LAT_TOPIC_VALUES,
           "amount k g 0.5\nvalue g/gain 2 -1\n");
    expect(&r, &ear, "new sine s\nconnect s g 0.1\n", edits,
           "added s\nconnected s g 0.1\n");
    expect(&r, &ear, "free s\n", edits, "cut s g 0.1\nremoved s\n");
    expect(&r, &ear, "set main channels 2\n",
           LAT_TOPIC_SETTINGS | LAT_TOPIC_PORTS, "set main\n");
    rig_free(&r);
}

Test(listen, the_transport_a_panic_and_names_are_changes)
{
    struct rig r = new_patch();
    struct ear ear;
    listen_to(&r, &ear, UINT32_MAX);
    cr_assert_eq(lat_control_tempo(r.c, 90.0, &r.error), LAT_OK);
    cr_assert_eq(lat_control_play(r.c, false, &r.error), LAT_OK);
    cr_assert_eq(ear.topics, LAT_TOPIC_TRANSPORT);
    cr_assert_eq(lat_control_locate(r.c, 2.0, &r.error), LAT_OK);
    cr_assert_eq(lat_control_panic(r.c, &r.error), LAT_OK);
    cr_assert_eq(ear.topics, LAT_TOPIC_PANIC);
    cr_assert_eq(lat_control_node_rename(r.c, "k", "j", &r.error), LAT_OK);
    cr_assert_str_eq(ear.said, "tempo 90\nplay 0\nlocate 2\npanic 0\n"
                               "renamed k j\n");
    rig_free(&r);
}

Test(listen, a_bypass_is_no_setting)
{
    struct rig r = new_patch();
    struct ear ear;
    listen_to(&r, &ear, LAT_TOPIC_SETTINGS);
    cr_assert_eq(lat_control_bypass(r.c, "k", true, &r.error), LAT_OK);
    cr_expect_str_eq(ear.said, "bypass k\n");
    rig_free(&r);
}

Test(listen, messages_stand_where_they_were_said)
{
    struct rig r = new_patch();
    struct ear ear;
    listen_to(&r, &ear, UINT32_MAX);
    lat_control_begin(r.c);
    rig_do(&r, "set k value 1\n");
    cr_assert_eq(lat_control_tempo(r.c, 60.0, &r.error), LAT_OK);
    rig_do(&r, "set k value 2\n");
    cr_assert_eq(lat_control_tempo(r.c, 61.0, &r.error), LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_str_eq(ear.said, "value k/value 1 -1\ntempo 60\n"
                               "value k/value 2 -1\ntempo 61\n");
    rig_free(&r);
}

Test(listen, what_failed_or_was_undone_is_not_told)
{
    struct rig r = new_patch();
    struct ear ear;
    listen_to(&r, &ear, UINT32_MAX);
    lat_control_begin(r.c);
    rig_do(&r, "set k value 1\nfree g\n");
    lat_control_rollback(r.c);
    cr_assert_neq(rig_try(&r, "connect k nobody"), LAT_OK);
    cr_assert_eq(ear.n_calls, 0);
    lat_control_begin(r.c);
    rig_do(&r, "set k value 1\n");
    cr_assert_neq(rig_try(&r, "connect g k 1"), LAT_OK); // a cycle
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_str_eq(ear.said, "value k/value 1 -1\n");
    rig_free(&r);
}

Test(listen, each_change_says_who_made_it)
{
    struct rig r = new_patch();
    struct ear ear;
    const struct lat_origin one = {LAT_ORIGIN_OSC, 7};
    const struct lat_origin two = {LAT_ORIGIN_MIDI, 0};
    listen_to(&r, &ear, UINT32_MAX);
    rig_do(&r, "set k value 1\n");
    cr_assert_eq(ear.origin.kind, LAT_ORIGIN_PROGRAM);
    // Of several in one transaction, each has his own.
    lat_control_begin(r.c);
    const struct lat_origin before = lat_control_set_origin(r.c, one);
    cr_assert_eq(before.kind, LAT_ORIGIN_PROGRAM);
    rig_do(&r, "set k value 2\n");
    lat_control_set_origin(r.c, two);
    cr_assert_eq(lat_control_tempo(r.c, 99.0, &r.error), LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(ear.origin.kind, LAT_ORIGIN_MIDI);
    lat_control_set_origin(r.c, one);
    rig_do(&r, "set k value 3\n");
    cr_assert_eq(ear.origin.kind, LAT_ORIGIN_OSC);
    cr_assert_eq(ear.origin.id, 7);
    rig_free(&r);
}

Test(listen, only_topics_that_were_asked_for_are_told)
{
    struct rig r = new_patch();
    struct ear values;
    struct ear ports;
    listen_to(&r, &values, LAT_TOPIC_VALUES);
    listen_to(&r, &ports, LAT_TOPIC_PORTS);
    rig_do(&r, "set k value 1\n");
    cr_assert_eq(values.n_calls, 1);
    cr_assert_eq(ports.n_calls, 0, "a value touches no port");
    rig_do(&r, "connect k main 0.5\n");
    cr_assert_eq(values.n_calls, 1);
    cr_assert_eq(ports.n_calls, 1);
    rig_free(&r);
}

Test(listen, another_graph_is_told_as_a_whole)
{
    struct rig r = new_patch();
    struct ear ear;
    listen_to(&r, &ear, LAT_TOPIC_VALUES);
    lat_control_begin_load(r.c, 0);
    rig_do(&r, "new constant k\nset k value 3\n");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert(ear.n_calls == 1 && ear.is_whole && ear.is_session);
    cr_assert_eq(lat_control_clear(r.c, &r.error), LAT_OK);
    cr_assert(ear.n_calls == 2 && ear.is_whole && !ear.is_session);
    cr_assert_str_eq(ear.said, "");
    rig_free(&r);
}

// Who runs the processes passes it on.
Test(listen, what_is_away_is_told_to_strike)
{
    if (!lat_node_type_find("sampler")) {
        cr_skip_test("built without sound files");
    }
    struct rig r = rig_new_with_processes();
    struct ear ear;
    lat_control_begin(r.c);
    rig_do(&r, "new sampler s process own\n");
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    listen_to(&r, &ear, LAT_TOPIC_NOTES);
    struct lat_node *const s = lat_graph_find(lat_control_graph(r.c), "s");
    cr_assert(lat_control_is_away(s));
    const struct lat_strike strike = {.sound = 7};
    cr_assert_eq(lat_control_strike(r.c, s, &strike, &r.error), LAT_OK, "%s",
                 r.error.text);
    cr_assert_str_eq(ear.said, "strike s\n");
    rig_free(&r);
}

Test(listen, any_number_may_listen_until_they_stop)
{
    struct rig r = new_patch();
    static struct ear ears[100];
    for (size_t i = 0; i < 100; ++i) {
        listen_to(&r, &ears[i], LAT_TOPIC_VALUES);
    }
    rig_do(&r, "set k value 1\n");
    lat_control_unlisten(r.c, &ears[50]);
    rig_do(&r, "set k value 2\n");
    for (size_t i = 0; i < 100; ++i) {
        cr_assert_eq(ears[i].n_calls, i == 50 ? 1 : 2);
    }
    rig_free(&r);
}

Test(listen, a_listener_that_cannot_be_added_is_an_error)
{
    struct rig r = new_patch();
    struct ear ear = {0};
    const struct lat_listener listener = {&ear, LAT_TOPIC_VALUES, hear};
    failing_begin(1, false);
    cr_assert_eq(lat_control_listen(r.c, &listener), LAT_ENOMEM);
    cr_assert(failing_end());
    rig_do(&r, "set k value 1\n");
    cr_assert_eq(ear.n_calls, 0);
    rig_free(&r);
}
