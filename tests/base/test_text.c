// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.h"
#include "support/pace.h"

#include <criterion/criterion.h>

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_NUMBERS (150000 / (int)TEST_STRIDE)

TestSuite(text, .timeout = 20);

static double
parsed(const char *text)
{
    double value = -1.0;
    cr_assert(lat_parse_number(text, &value), "'%s' was refused", text);
    return value;
}

Test(text, reads_numbers_as_people_write_them)
{
    cr_assert_eq(parsed("440"), 440.0);
    cr_assert_eq(parsed("0.5"), 0.5);
    cr_assert_eq(parsed("-12"), -12.0);
    cr_assert_eq(parsed("+3"), 3.0);
    cr_assert_eq(parsed("1e-3"), 1e-3);
    cr_assert_eq(parsed("2E+4"), 2e4);
    cr_assert_eq(parsed(".25"), 0.25);
    cr_assert_eq(parsed("7."), 7.0);
    cr_assert_eq(parsed("1e-999"), 0.0);
}

Test(text, refuses_what_is_no_decimal_number)
{
    static const char *const wrong[] = {
        "",       " 1",       "1 ",    "0,5",     "0x10", "1p3", "inf",
        "-inf",   "nan",      "1e",    "1e+",     "e5",   ".",   "-",
        "+",      "--1",      "1.2.3", "1e999",   "1_0",  "12a", "1e5e",
        "NAN(1)", "infinity", "1'000", "\u00a01",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
        double value = 42.0;
        cr_assert_not(lat_parse_number(wrong[i], &value), "'%s' was taken",
                      wrong[i]);
        cr_assert_eq(value, 42.0);
    }
    double value = 42.0;
    cr_assert_not(lat_parse_number(NULL, &value));
}

/// Build a locale of ASCII and a decimal comma in @p folder with localedef,
/// which needs no other sources than these.
static void
build_comma(const char *folder)
{
    char command[512];
    snprintf(command, sizeof(command),
             "cd '%s' && {"
             " echo '<code_set_name> ASCII'; echo CHARMAP;"
             " for i in $(seq 0 127); do"
             " printf '<U%%04X> \\x%%02x\n' $i $i; done;"
             " echo 'END CHARMAP'; } >map &&"
             " printf '%%s\n' LC_NUMERIC 'decimal_point \"<U002C>\"'"
             " 'thousands_sep \"\"' 'grouping -1' 'END LC_NUMERIC' >source &&"
             " localedef -c -i source -f map ./comma >log 2>&1",
             folder);
    // It fails because the locale has nothing else in it, but makes it.
    (void)!system(command);
}

Test(text, ignores_the_locale)
{
    char folder[] = P_tmpdir "/lattice-locale.XXXXXX";
    char command[256];
    char buffer[32];
    cr_assert_not_null(mkdtemp(folder));
    build_comma(folder);
    setenv("LOCPATH", folder, 1);
    const bool has_comma = setlocale(LC_NUMERIC, "comma") != NULL;
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
    if (!has_comma) {
        cr_skip_test("localedef makes no locale here");
    }
    snprintf(buffer, sizeof(buffer), "%g", 0.5);
    cr_assert_str_eq(buffer, "0,5");
    cr_assert_eq(parsed("0.5"), 0.5);
    cr_assert_str_eq(lat_format_float(0.5F, buffer, sizeof(buffer)), "0.5");
    cr_assert_str_eq(lat_format_double(0.1, buffer, sizeof(buffer)), "0.1");
    setlocale(LC_NUMERIC, "C");
    unsetenv("LOCPATH");
}

Test(text, writes_floats_as_people_would)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {0.0F, "0"},
        {-0.0F, "-0"},
        {1.0F, "1"},
        {0.1F, "0.1"},
        {-12.5F, "-12.5"},
        {440.0F, "440"},
        {20000.0F, "20000"},
        {261.6256F, "261.6256"},
        {0.001F, "0.001"},
        {0.0001F, "0.0001"},
        {0.00001F, "1e-5"},
        {1e10F, "1e10"},
        {1.5e-7F, "1.5e-7"},
        {1e9F, "1000000000"},
        {96000.5F, "96000.5"},
        {1.0F / 3.0F, "0.33333334"},
        {16777216.0F, "16777216"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        char buffer[32];
        cr_assert_str_eq(
            lat_format_float(cases[i].value, buffer, sizeof(buffer)),
            cases[i].text, "%s, not %s", buffer, cases[i].text);
    }
}

Test(text, reads_back_the_bits_of_every_float_it_writes)
{
    uint32_t bits = 1;
    for (int i = 0; i < N_NUMBERS; ++i) {
        bits = bits * UINT32_C(1664525) + UINT32_C(1013904223);
        float value = 0.0F;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value)) {
            continue;
        }
        char buffer[32];
        lat_format_float(value, buffer, sizeof(buffer));
        const float back = (float)parsed(buffer);
        cr_assert_arr_eq(&back, &value, sizeof(value), "%a became %s",
                         (double)value, buffer);
    }
}

Test(text, reads_back_the_bits_of_every_double_it_writes)
{
    uint64_t bits = 1;
    for (int i = 0; i < N_NUMBERS; ++i) {
        bits = bits * UINT64_C(6364136223846793005) +
               UINT64_C(1442695040888963407);
        double value = 0.0;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value)) {
            continue;
        }
        char buffer[32];
        lat_format_double(value, buffer, sizeof(buffer));
        const double back = parsed(buffer);
        cr_assert_arr_eq(&back, &value, sizeof(value), "%a became %s", value,
                         buffer);
    }
}

static const char *
nearest(const char *word)
{
    static const char *const candidates[] = {
        "sine",     "saw",    "square", "lowpass",
        "highpass", "cutoff", "freq",   "resonance",
    };
    struct lat_nearest n;
    lat_nearest_init(&n, word);
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); ++i) {
        lat_nearest_try(&n, candidates[i]);
    }
    return n.best;
}

Test(text, finds_the_nearest_word)
{
    cr_assert_str_eq(nearest("sien"), "sine");
    cr_assert_str_eq(nearest("Lowpas"), "lowpass");
    cr_assert_str_eq(nearest("cuttof"), "cutoff");
    cr_assert_str_eq(nearest("frequency"), "freq");
    cr_assert_str_eq(nearest("reso"), "resonance");
    cr_assert_str_eq(nearest("SAW"), "saw");
}

Test(text, finds_nothing_when_nothing_is_near)
{
    cr_assert_null(nearest("x"));
    cr_assert_null(nearest(""));
    cr_assert_null(nearest("reverb"));
    char word[300];
    memset(word, 's', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    cr_assert_null(nearest(word));
}

Test(text, copies_nothing_as_nothing)
{
    cr_assert_null(lat_strdup(NULL));
    char *const copy = lat_strdup("abc");
    cr_assert_str_eq(copy, "abc");
    free(copy);
}
