// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers with units: which fit where, from files and from OSC, and what is
// saved of them.

#include "base/rt.h"
#include "node/note.h"
#include "node/value_text.h"
#include "osc/test_osc.h"
#include "sessions/test_sessions.h"

#include <math.h>

TestSuite(value_text, .timeout = 60);
TestSuite(value_text_osc, .init = osc_setup, .fini = osc_teardown,
          .timeout = 60);

#define NO ((double)NAN)

enum { FREQUENCY, SECONDS, DB, SEMITONES, CYCLES, NOTHING, GAIN, N_QUANTITIES };

static const struct lat_quantity quantities[N_QUANTITIES] = {
    [FREQUENCY] = {.unit = "Hz"},
    [SECONDS] = {.unit = "s"},
    [DB] = {.unit = "dB"},
    [SEMITONES] = {.unit = "semitones"},
    [CYCLES] = {.unit = "cycles"},
    [NOTHING] = {.unit = ""},
    [GAIN] = {.unit = "", .is_gain = true},
};

/// A text, and the number that it is in each quantity.
static const struct {
    const char *text;
    double number[N_QUANTITIES];
} table[] = {
    //           Hz    s     dB    semi  cycl  none  gain
    {"440", {440, 440, 440, 440, 440, 440, 440}},
    {"-1e-3", {-1e-3, -1e-3, -1e-3, -1e-3, -1e-3, -1e-3, -1e-3}},
    {"440Hz", {440, NO, NO, NO, NO, NO, NO}},
    {"0.5HZ", {0.5, NO, NO, NO, NO, NO, NO}},
    {"-3hz", {-3, NO, NO, NO, NO, NO, NO}},
    {"1.2kHz", {1200, NO, NO, NO, NO, NO, NO}},
    {"1e1KHZ", {10000, NO, NO, NO, NO, NO, NO}},
    {"0.5s", {NO, 0.5, NO, NO, NO, NO, NO}},
    {"2S", {NO, 2, NO, NO, NO, NO, NO}},
    {"20ms", {NO, 0.02, NO, NO, NO, NO, NO}},
    {"1.5MS", {NO, 0.0015, NO, NO, NO, NO, NO}},
    {"-20dB", {NO, NO, -20, NO, NO, NO, 0.1}},
    {"0db", {NO, NO, 0, NO, NO, NO, 1}},
    {"+20DB", {NO, NO, 20, NO, NO, NO, 10}},
    {"50%", {NO, NO, NO, NO, NO, 0.5, 0.5}},
    {"-7%", {NO, NO, NO, NO, NO, -0.07, -0.07}},
    {"a4", {440, NO, NO, 9, NO, NO, NO}},
    {"A3", {220, NO, NO, -3, NO, NO, NO}},
    {"eb3", {155.56349186104046, NO, NO, -9, NO, NO, NO}},
    {"F#2", {92.49860567790861, NO, NO, -18, NO, NO, NO}},
    {"c-1", {8.175798915643707, NO, NO, -60, NO, NO, NO}},
    {"b#9", {16744.036179238312, NO, NO, 72, NO, NO, NO}},
    {"", {NO, NO, NO, NO, NO, NO, NO}},
    {"Hz", {NO, NO, NO, NO, NO, NO, NO}},
    {"%", {NO, NO, NO, NO, NO, NO, NO}},
    {"440 Hz", {NO, NO, NO, NO, NO, NO, NO}},
    {" 440Hz", {NO, NO, NO, NO, NO, NO, NO}},
    {"440Hz ", {NO, NO, NO, NO, NO, NO, NO}},
    {"1,2kHz", {NO, NO, NO, NO, NO, NO, NO}},
    {"1kkHz", {NO, NO, NO, NO, NO, NO, NO}},
    {"1mHz", {NO, NO, NO, NO, NO, NO, NO}},
    {"0x1s", {NO, NO, NO, NO, NO, NO, NO}},
    {"infdB", {NO, NO, NO, NO, NO, NO, NO}},
    {"nan%", {NO, NO, NO, NO, NO, NO, NO}},
    {"1e309Hz", {NO, NO, NO, NO, NO, NO, NO}},
    {"1e9dB", {NO, NO, 1e9, NO, NO, NO, NO}},
    {"h4", {NO, NO, NO, NO, NO, NO, NO}},
    {"a", {NO, NO, NO, NO, NO, NO, NO}},
    {"a10", {NO, NO, NO, NO, NO, NO, NO}},
    {"a#b4", {NO, NO, NO, NO, NO, NO, NO}},
    {"7semitones", {NO, NO, NO, NO, NO, NO, NO}},
};

Test(value_text, is_a_number_where_its_unit_fits_and_nothing_elsewhere)
{
    for (size_t i = 0; i < LAT_COUNT(table); ++i) {
        for (size_t q = 0; q < N_QUANTITIES; ++q) {
            const double wanted = table[i].number[q];
            double got = (double)NAN;
            const bool is_good =
                lat_value_from_text(table[i].text, quantities[q], &got);
            cr_expect_eq(is_good, !isnan(wanted), "'%s' in '%s'", table[i].text,
                         quantities[q].unit);
            cr_expect(!is_good || (float)got == (float)wanted,
                      "'%s' in '%s': %.17g, not %.17g", table[i].text,
                      quantities[q].unit, got, wanted);
        }
    }
}

Test(value_text, notes_are_tuned_to_the_float_of_the_exact_frequency)
{
    static const char *const names[] = {"c",  "c#", "d",  "d#", "e",  "f",
                                        "f#", "g",  "g#", "a",  "a#", "b"};
    for (int octave = -1; octave < 10; ++octave) {
        for (int step = 0; step < 12; ++step) {
            char text[16];
            double hz = 0.0;
            double semitones = 0.0;
            snprintf(text, sizeof(text), "%s%d", names[step], octave);
            const int from_a4 = 12 * (octave - 4) + step - 9;
            cr_assert(lat_note_from_text(text, &semitones));
            cr_assert(lat_value_from_text(text, quantities[FREQUENCY], &hz));
            cr_expect_eq(semitones, from_a4 + 9.0);
            cr_expect_float_eq(hz, 440.0 * pow(2.0, from_a4 / 12.0), hz * 1e-15,
                               "%s: %.17g", text, hz);
        }
    }
}

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

Test(value_text, every_input_of_every_type_takes_what_fits_and_says_what_would)
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

Test(value_text, limits_bind_what_it_comes_to)
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

static const char written[] =
    "[session]\nformat = 1\nmade_by = lattice " LAT_VERSION "\n"
    "\n[transport]\ntempo = 120\nbeats_per_cycle = 4\nplaying = yes\n"
    "sync = own\n"
    "\n[node voice]\ntype = saw\nfreq = eb3 ; low\npitch = C5\n"
    "\n[node filter]\ntype = lowpass\ncutoff = 1.20kHz\nq = 2.0\n"
    "\n[node env]\ntype = adsr\nattack = 20ms\ndecay = 1S\nsustain = 50%\n"
    "gate = 1.0\n"
    "\n[node echo]\ntype = delay\nmax_time = 2500ms\n"
    "\n[node main]\ntype = audio_out\nchannels = 2\nlevel = -6dB\n"
    "limit = -1dB\n"
    "\n[cables]\ncable = voice -> filter * -6dB\n"
    "cable = voice -> filter/cutoff * 0.6kHz\n"
    "cable = env -> filter/q * 150%\ncable = env -> voice/pitch * c5\n"
    "cable = filter -> main * 1.0\n"
    "cable = filter -> env/attack * 5ms feedback\n";

Test(value_text, is_what_is_saved)
{
    char *const out = through(written);
    cr_expect_str_eq(out, written);
    free(out);
}

static double
value_of(struct lat_control *c, const char *node, const char *param)
{
    char text[1024];
    struct lat_value value;
    cr_assert_eq(
        lat_control_param_get(c, node, param, text, sizeof(text), &value, NULL),
        LAT_OK);
    cr_assert(!value.is_text);
    return value.number;
}

Test(value_text, sounds_as_the_number_and_is_asked_as_one)
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_assert_eq(read_text(c, written, &error), LAT_OK, "%s", error.text);
    cr_expect_eq((float)value_of(c, "voice", "freq"), 155.56349F);
    cr_expect_eq(value_of(c, "voice", "pitch"), 12.0);
    cr_expect_eq(value_of(c, "filter", "cutoff"), 1200.0);
    cr_expect_eq((float)value_of(c, "env", "attack"), 0.02F);
    cr_expect_eq(value_of(c, "env", "sustain"), 0.5);
    cr_expect_eq(value_of(c, "echo", "max_time"), 2.5);
    cr_expect_eq((float)value_of(c, "main", "level"), 0.5011872F);
    cr_expect_eq(value_of(c, "main", "limit"), -1.0);
    double amount = 0.0;
    lat_control_cable_get(c, "voice", "out", "filter", "in", &amount, NULL);
    cr_expect_eq((float)amount, 0.5011872F);
    lat_control_cable_get(c, "voice", "out", "filter", "cutoff", &amount, NULL);
    cr_expect_eq(amount, 600.0);
    lat_control_cable_get(c, "env", "out", "filter", "q", &amount, NULL);
    cr_expect_eq(amount, 1.5);
    lat_control_cable_get(c, "env", "out", "voice", "pitch", &amount, NULL);
    cr_expect_eq(amount, 12.0);
    lat_control_free(c);
}

/// Load `written`, let @p change something, and give back what is saved.
static char *
after(void (*change)(struct lat_control *c))
{
    struct lat_control *const c = new_control();
    struct lat_error error = {0};
    cr_assert_eq(read_text(c, written, &error), LAT_OK, "%s", error.text);
    change(c);
    char *const out = write_text(c);
    lat_control_free(c);
    return out;
}

static void
set_number(struct lat_control *c, const char *node, const char *param,
           double number)
{
    const struct lat_value v = {.number = number};
    cr_assert_eq(lat_control_param_set(c, node, param, v, -1.0, NULL), LAT_OK);
}

static void
set_other_numbers(struct lat_control *c)
{
    const double amount = 0.25;
    set_number(c, "filter", "cutoff", 1300.0);
    set_number(c, "main", "limit", -2.0);
    cr_assert_eq(
        lat_control_connect(c, "voice", "filter", &amount, false, NULL),
        LAT_OK);
}

Test(value_text, goes_when_the_number_changes)
{
    char *const out = after(set_other_numbers);
    cr_expect_not_null(strstr(out, "cutoff = 1300\n"), "%s", out);
    cr_expect_not_null(strstr(out, "limit = -2\n"), "%s", out);
    cr_expect_not_null(strstr(out, "voice -> filter * 0.25\n"), "%s", out);
    free(out);
}

static void
set_the_same_numbers(struct lat_control *c)
{
    const double amount = 600.0;
    set_number(c, "filter", "cutoff", 1200.0);
    set_number(c, "main", "limit", -1.0);
    set_number(c, "env", "gate", 0.0); // played
    cr_assert_eq(
        lat_control_connect(c, "voice", "filter/cutoff", &amount, false, NULL),
        LAT_OK);
}

static void
roll_back(struct lat_control *c)
{
    lat_control_begin(c);
    set_other_numbers(c);
    set_number(c, "main", "channels", 1.0); // and its ports
    set_number(c, "echo", "max_time", 1.0);
    lat_control_rollback(c);
}

Test(value_text, stays_when_the_number_does)
{
    char *same = after(set_the_same_numbers);
    cr_expect_str_eq(same, written);
    free(same);
    same = after(roll_back);
    cr_expect_str_eq(same, written);
    free(same);
}

static void
move_ports(struct lat_control *c)
{
    set_number(c, "main", "channels", 4.0);
    set_number(c, "main", "channels", 2.0);
}

Test(value_text, stays_when_ports_come_and_go)
{
    char *const out = after(move_ports);
    cr_expect_not_null(strstr(out, "level = -6dB\n"), "%s", out);
    free(out);
}

Test(value_text_osc, is_taken_wherever_a_number_is)
{
    osc_send("/node/new", "ssssss", "saw", "v", "freq", "a3", "pitch", "C5");
    osc_send("/node/new", "ssss", "lowpass", "f", "cutoff", "1.2kHz");
    cr_expect_str_eq(osc_send("/node/v/freq", ""), "/node/v/freq 220\n");
    cr_expect_str_eq(osc_send("/node/f/cutoff", "ss", "900HZ", "500ms"), "");
    cr_expect_str_eq(osc_send("/node/f/cutoff", ""), "/node/f/cutoff 900\n");
    osc_send("/node/set", "sss", "f", "cutoff", "a4");
    cr_expect_str_eq(osc_send("/node/f/cutoff", ""), "/node/f/cutoff 440\n");
    cr_expect_str_eq(osc_send("/connect", "sss", "v", "f", "-20dB"),
                     "/done \"/connect\" \"v\" \"f\"\n");
    cr_expect_str_eq(osc_send("/cable/v/out/f/in", ""),
                     "/cable/v/out/f/in 0.1\n");
    cr_expect_str_eq(osc_send("/cable/v/out/f/in", "s", "50%"), "");
    cr_expect_str_eq(osc_send("/cable/v/out/f/in", ""),
                     "/cable/v/out/f/in 0.5\n");
    cr_expect_str_eq(osc_send("/node/v/phase/norm", "s", "50%"), "");
    cr_expect_str_eq(osc_send("/node/v/phase/norm", ""),
                     "/node/v/phase/norm 0.5\n");
    cr_expect_str_eq(osc_send("/transport/tempo", "s", "90"),
                     "/done \"/transport/tempo\"\n");
}

Test(value_text_osc, refuses_what_does_not_fit_and_names_what_would)
{
    osc_send("/node/new", "ss", "saw", "v");
    osc_send("/node/new", "ss", "lowpass", "f");
    const char *answer = osc_send("/node/f/cutoff", "s", "20ms");
    cr_expect_not_null(strstr(answer, "a number in Hz, like 440, 1.2kHz or a4, "
                                      "not '20ms'"),
                       "%s", answer);
    answer = osc_send("/node/f/cutoff", "ss", "1kHz", "1Hz");
    cr_expect_not_null(strstr(answer, "like 0.02 or 20ms, not '1Hz'"), "%s",
                       answer);
    answer = osc_send("/connect", "sss", "v", "f/cutoff", "-6dB");
    cr_expect_not_null(strstr(answer, "f/cutoff is a number in Hz"), "%s",
                       answer);
    answer = osc_send("/transport/tempo", "s", "2Hz");
    cr_expect_not_null(strstr(answer, "BPM must be a number"), "%s", answer);
    cr_expect_str_eq(osc_send("/graph/cables", ""),
                     "/done \"/graph/cables\" 0\n");
}

Test(value_text_osc, is_what_is_saved_whatever_came_before)
{
    osc_send("/node/new", "ss", "sine", "v");
    osc_send("/node/v/freq", "f", 100.0);
    osc_send("/node/v/freq", "s", "a4");
    osc_send("/node/v/freq", "f", 440.0);
    osc_send("/node/v/pitch", "s", "c4"); // the default, but a note
    char *const out = write_text(osc_control);
    cr_expect_not_null(strstr(out, "type = sine\nfreq = a4\npitch = c4\n"),
                       "%s", out);
    free(out);
}
