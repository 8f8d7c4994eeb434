// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is full says of what there is too little, how much there is and how much
// would be needed; and leaves everything as it was.

#include "base/rt.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static void
add_output(const char *name, double channels, struct rig *r,
           enum lat_status wanted, struct lat_error *error)
{
    const struct lat_assignment a = {
        .key = "channels",
        .value = {.number = channels},
    };
    cr_assert_eq(
        lat_control_node_new(r->c, "audio_out", name, false, &a, 1, error),
        wanted, "%s", error->text);
}

static uint32_t
n_ports(const struct rig *r)
{
    const struct lat_slot *d = lat_control_slots(r->c);
    uint32_t n = 0;
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        n += d[i].refs != 0;
    }
    return n;
}

static void
expect_words(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        cr_expect(strstr(text, words[i]), "no '%s' in: %s", words[i], text);
    }
    cr_expect_not(strstr(text, "table is full"), "%s", text);
}

static void
fill(struct rig *r)
{
    struct lat_error error;
    for (uint32_t i = 0; i < 16; ++i) {
        char name[16];
        snprintf(name, sizeof(name), "out%u", i);
        add_output(name, i == 15 ? 60.0 : 64.0, r, LAT_OK, &error);
    }
    cr_assert_eq(n_ports(r), 1020);
}

Test(capacity, names_the_ports_that_one_output_more_would_need)
{
    static const char *const words[] = {"cannot make more", "1028 ports",
                                        "audio_out", "there are 1024",
                                        "take 4 channels away"};
    struct rig r = rig_new(64);
    struct lat_error error;
    fill(&r);
    add_output("more", 8.0, &r, LAT_EFULL, &error);
    expect_words(error.text, words, LAT_COUNT(words));
    cr_expect_eq(n_ports(&r), 1020);
    cr_expect_null(lat_graph_find(lat_control_graph(r.c), "more"));
    add_output("more", 4.0, &r, LAT_OK, &error);
    rig_run(&r, 64, 64);
    rig_free(&r);
}

Test(capacity, leaves_an_output_as_it_was_that_cannot_grow)
{
    static const char *const words[] = {"cannot make small", "1083 ports",
                                        "there are 1024",
                                        "take 59 channels away"};
    struct rig r = rig_new(64);
    struct lat_error error;
    fill(&r);
    add_output("small", 1.0, &r, LAT_OK, &error);
    const struct lat_assignment grow = {
        .key = "channels",
        .value = {.number = 63.0},
    };
    cr_assert_eq(lat_control_node_set(r.c, "small", &grow, 1, &error),
                 LAT_EFULL);
    const struct lat_slot *d = lat_control_slots(r.c);
    expect_words(error.text, words, LAT_COUNT(words));
    cr_expect_eq(n_ports(&r), 1021);
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (d[i].refs && strcmp(d[i].node, "small") == 0) {
            cr_expect_eq(d[i].n_channels, 1);
        }
    }
    rig_free(&r);
}

Test(capacity, says_so_of_a_whole_session_too)
{
    static const char *const words[] = {"2560 ports", "there are 1024",
                                        "take 1536 channels away"};
    struct rig r = rig_new(64);
    struct lat_error error;
    const struct lat_assignment wide = {
        .key = "channels",
        .value = {.number = 64.0},
    };
    rig_do(&r, "new audio_out main");
    lat_control_begin_load(r.c, 64);
    for (uint32_t i = 0; i < 40; ++i) {
        char name[16];
        snprintf(name, sizeof(name), "wide%u", i);
        cr_assert_eq(lat_control_node_new(r.c, "audio_out", name, false, &wide,
                                          1, &error),
                     LAT_OK);
    }
    cr_assert_eq(lat_control_commit(r.c, &error), LAT_EFULL);
    expect_words(error.text, words, LAT_COUNT(words));
    cr_expect_eq(n_ports(&r), 2);
    cr_expect(lat_graph_find(lat_control_graph(r.c), "main"));
    rig_free(&r);
}

Test(capacity, says_that_what_sounds_now_has_the_ports)
{
    static const char *const words[] = {"it needs 64 ports", "4 of 1024",
                                        "/session/new"};
    struct rig r = rig_new(64);
    struct lat_error error;
    const struct lat_assignment wide = {
        .key = "channels",
        .value = {.number = 64.0},
    };
    fill(&r);
    lat_control_begin_load(r.c, 64);
    cr_assert_eq(lat_control_node_new(r.c, "audio_out", "other", false, &wide,
                                      1, &error),
                 LAT_OK);
    cr_assert_eq(lat_control_commit(r.c, &error), LAT_EFULL);
    expect_words(error.text, words, LAT_COUNT(words));
    cr_expect_eq(n_ports(&r), 1020);
    rig_free(&r);
}
