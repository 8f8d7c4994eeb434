// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers with units, from files: what they sound like, and what is saved of
// them.

#include "test_sessions.h"

TestSuite(value_text_saved, .timeout = 60);

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

Test(value_text_saved, is_what_is_saved)
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

Test(value_text_saved, sounds_as_the_number_and_is_asked_as_one)
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

Test(value_text_saved, goes_when_the_number_changes)
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

Test(value_text_saved, stays_when_the_number_does)
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

Test(value_text_saved, stays_when_ports_come_and_go)
{
    char *const out = after(move_ports);
    cr_expect_not_null(strstr(out, "level = -6dB\n"), "%s", out);
    free(out);
}
