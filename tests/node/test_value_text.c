// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers with units: which fit where.

#include "base/rt.h"
#include "node/note.h"
#include "node/value_text.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>

TestSuite(value_text, .timeout = 60);

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
