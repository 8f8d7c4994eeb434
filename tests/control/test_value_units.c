// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers with units, in the places of numbers: what an input or a setting
// takes, and what it says of the rest.

#include "base/rt.h"
#include "sessions/test_sessions.h"

TestSuite(value_units, .timeout = 60);

/// The units that somebody could write, each as a text that is a number.
static const char *const samples[] = {"440Hz", "1.2kHz", "0.5s", "20ms",
                                      "-6dB",  "50%",    "a4"};

/// What the contract allows: sample @p s for a port with @p unit.
static bool
may_be(size_t s, const char *unit, bool is_gain)
{
    static const char *const units[][2] = {
        {"Hz"}, {"Hz"}, {"s"}, {"s"}, {"dB"}, {""}, {"Hz", "semitones"}};
    for (size_t i = 0; i < 2 && units[s][i]; ++i) {
        if (strcmp(units[s][i], unit) == 0) {
            return true;
        }
    }
    return s == 4 && is_gain;
}

Test(value_units, every_input_of_every_type_takes_what_fits_and_says_what_would)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        cr_assert_eq(
            lat_control_node_new(c, (*t)->name, "n", false, NULL, 0, &error),
            LAT_OK, "%s", error.text);
        const struct lat_node *const n =
            lat_graph_find(lat_control_graph(c), "n");
        for (uint32_t i = 0; i < n->layout->n_in; ++i) {
            const struct lat_port *const p = n->layout->in[i].port;
            const bool is_gain = p->curve == LAT_CURVE_CONSOLE;
            for (size_t s = 0; s < LAT_COUNT(samples); ++s) {
                const struct lat_value v = {true, 0.0, samples[s]};
                const enum lat_status status = lat_control_param_set(
                    c, "n", n->layout->in[i].name, v, -1.0, &error);
                // One that fits may still lie outside of the limits.
                const bool fits = !status || strstr(error.text, "must lie");
                cr_expect_eq(fits, may_be(s, p->unit, is_gain), "%s.%s: %s: %s",
                             (*t)->name, n->layout->in[i].name, samples[s],
                             status ? error.text : "taken");
                cr_expect(fits || strstr(error.text, samples[s]), "%s",
                          error.text);
            }
        }
        const char *const name = "n";
        cr_assert_eq(lat_control_node_free(c, &name, 1, NULL), LAT_OK);
    }
    lat_control_free(c);
}

Test(value_units, limits_bind_what_it_comes_to)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    static const struct {
        const char *type, *param, *text;
        bool is_inside;
    } cases[] = {
        {"delay", "max_time", "60s", true},
        {"delay", "max_time", "60000ms", true},
        {"delay", "max_time", "60001ms", false},
        {"adsr", "sustain", "100%", true},
        {"adsr", "sustain", "101%", false},
        {"audio_out", "limit", "0dB", true},
        {"audio_out", "limit", "off", true},
        {"audio_out", "limit", "999dB", false},
        {"audio_out", "channels", "2.5", false},
        {"lowpass", "q", "5%", true}, // 0.05 is the printed minimum
        {"lowpass", "q", "4.9%", false},
        {"gain", "gain", "0dB", true},
        {"gain", "gain", "1000dB", false},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        const struct lat_assignment a = {cases[i].param,
                                         {true, 0.0, cases[i].text}};
        const enum lat_status status =
            lat_control_node_new(c, cases[i].type, "n", false, &a, 1, &error);
        cr_expect_eq(!status, cases[i].is_inside, "%s = %s: %s", cases[i].param,
                     cases[i].text, status ? error.text : "taken");
        const char *const name = "n";
        lat_control_node_free(c, &name, 1, NULL);
    }
    lat_control_free(c);
}

static bool
has_word(const struct lat_setting *setting, const char *word)
{
    for (size_t i = 0; setting->words && setting->words[i]; ++i) {
        if (strcmp(setting->words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/// Set setting @p k of node `n` by @p value and expect @p word to be its value.
static void
turn_switch(struct lat_control *c, const struct lat_node_type *type, uint32_t k,
            struct lat_value value, const char *word)
{
    struct lat_error error;
    const char *const name = type->settings[k].name;
    const struct lat_node *const n = lat_graph_find(lat_control_graph(c), "n");
    const enum lat_status status =
        lat_control_param_set(c, "n", name, value, -1.0, &error);
    if (!word) {
        cr_expect_eq(status, LAT_EINVAL, "%s.%s", type->name, name);
        return;
    }
    cr_expect_eq(status, LAT_OK, "%s.%s: %s", type->name, name, error.text);
    cr_expect_str_eq(n->settings[k].text, word, "%s.%s", type->name, name);
}

Test(value_units, every_switch_of_every_type_takes_0_and_1)
{
    struct lat_control *const c = new_control();
    struct lat_error error;
    uint32_t n_switches = 0;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        cr_assert_eq(
            lat_control_node_new(c, (*t)->name, "n", false, NULL, 0, &error),
            LAT_OK, "%s", error.text);
        for (uint32_t k = 0; k < (*t)->n_settings; ++k) {
            const struct lat_setting *const setting = &(*t)->settings[k];
            if (has_word(setting, "no") && has_word(setting, "yes")) {
                ++n_switches;
                turn_switch(c, *t, k, (struct lat_value){false, 1, NULL},
                            "yes");
                turn_switch(c, *t, k, (struct lat_value){false, 0, NULL}, "no");
                turn_switch(c, *t, k, (struct lat_value){true, 0, "1"}, "yes");
                turn_switch(c, *t, k, (struct lat_value){true, 0, "0"}, "no");
                turn_switch(c, *t, k, (struct lat_value){true, 0, "2"}, NULL);
                turn_switch(c, *t, k, (struct lat_value){false, 2, NULL}, NULL);
            }
        }
        const char *const name = "n";
        cr_assert_eq(lat_control_node_free(c, &name, 1, NULL), LAT_OK);
    }
    cr_expect_gt(n_switches, 1);
    lat_control_free(c);
}
