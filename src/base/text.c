// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "text.h"
#include "rt.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/// Longest word that gets a suggestion, and longest suggestion.
#define NEAREST_MAX 64

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

// On failure c_locale stays 0 and the locale of the process is used, which is
// "C" unless a library called setlocale().
static void
make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double
read_double(const char *text)
{
    pthread_once(&c_locale_once, make_c_locale);
    return c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL);
}

/// Print in exponent notation, DIGITS after the point, with a '.'.
static void
print_exponent(char *buffer, size_t size, int digits, double value)
{
    pthread_once(&c_locale_once, make_c_locale);
    const locale_t old = c_locale ? uselocale(c_locale) : (locale_t)0;
    snprintf(buffer, size, "%.*e", digits, value);
    if (old) {
        uselocale(old);
    }
}

static const char *
skip_digits(const char *c)
{
    while (*c >= '0' && *c <= '9') {
        ++c;
    }
    return c;
}

/// [+-] digits [. digits] [e [+-] digits], with a digit on one side of the
/// point at least.
static bool
looks_like_number(const char *c)
{
    if (*c == '+' || *c == '-') {
        ++c;
    }
    const char *const whole = c;
    c = skip_digits(c);
    bool has_digits = c > whole;
    if (*c == '.') {
        const char *const fraction = ++c;
        c = skip_digits(c);
        has_digits = has_digits || c > fraction;
    }
    if (has_digits && (*c == 'e' || *c == 'E')) {
        ++c;
        if (*c == '+' || *c == '-') {
            ++c;
        }
        const char *const exponent = c;
        c = skip_digits(c);
        has_digits = c > exponent;
    }
    return has_digits && *c == '\0';
}

bool
lat_parse_number(const char *text, double *out)
{
    if (!text || !looks_like_number(text)) {
        return false;
    }
    const double value = read_double(text);
    if (!isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

/// Turn "-1.25e+03" into what people write: "-1250".  Exponents from -4 to 9
/// become plain digits, which is where the fewest digits that read back equal
/// may be followed by zeros.
static void
write_plainly(const char *scientific, char *buffer, size_t size)
{
    char digits[40];
    size_t n = 0;
    const bool is_negative = *scientific == '-';
    const char *c = scientific + is_negative;
    for (; *c != '\0' && *c != 'e'; ++c) {
        if (*c != '.' && n < sizeof(digits) - 1) {
            digits[n++] = *c;
        }
    }
    digits[n] = '\0';
    const int exponent = *c == 'e' ? (int)strtol(c + 1, NULL, 10) : 0;
    const char *const sign = is_negative ? "-" : "";

    if (exponent < -4 || exponent > 9) {
        snprintf(buffer, size, "%s%c%s%se%d", sign, digits[0], n > 1 ? "." : "",
                 digits + 1, exponent);
    } else if (exponent < 0) {
        snprintf(buffer, size, "%s0.%.*s%s", sign, -exponent - 1, "0000",
                 digits);
    } else if ((size_t)exponent + 1 >= n) {
        snprintf(buffer, size, "%s%s%.*s", sign, digits, exponent + 1 - (int)n,
                 "0000000000");
    } else {
        snprintf(buffer, size, "%s%.*s.%s", sign, exponent + 1, digits,
                 digits + exponent + 1);
    }
}

char *
lat_format_float(float value, char *buffer, size_t size)
{
    char scientific[48];
    for (int digits = 0; digits < 9; ++digits) {
        print_exponent(scientific, sizeof(scientific), digits, (double)value);
        if ((float)read_double(scientific) == value) {
            break;
        }
    }
    write_plainly(scientific, buffer, size);
    return buffer;
}

char *
lat_format_double(double value, char *buffer, size_t size)
{
    char scientific[48];
    for (int digits = 0; digits < 17; ++digits) {
        print_exponent(scientific, sizeof(scientific), digits, value);
        if (read_double(scientific) == value) {
            break;
        }
    }
    write_plainly(scientific, buffer, size);
    return buffer;
}

static int
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/// Edits that turn A into B, letter case aside: insert, delete, replace, swap
/// two neighbours.  Both are at most NEAREST_MAX long.
static size_t
edit_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= n_b; ++j) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= n_a; ++i) {
        const size_t *const before = rows[(i + 1) % 3]; // row i - 2
        const size_t *const above = rows[(i + 2) % 3];  // row i - 1
        size_t *const row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= n_b; ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = smaller(above[j - 1] + !same,
                             smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = smaller(row[j], before[j - 2] + 1);
            }
        }
    }
    return rows[n_a % 3][n_b];
}

uint64_t
lat_name_hash(const char *name, size_t length)
{
    uint64_t x = UINT64_C(0xcbf29ce484222325); // FNV-1a
    for (size_t i = 0; i < length; ++i) {
        x = (x ^ (unsigned char)name[i]) * UINT64_C(0x100000001b3);
    }
    return x ? x : 1;
}

void
lat_nearest_init(struct lat_nearest *nearest, const char *word)
{
    nearest->word = word;
    nearest->best = NULL;
    nearest->distance = SIZE_MAX;
}

void
lat_nearest_try(struct lat_nearest *nearest, const char *candidate)
{
    const size_t n_word = strnlen(nearest->word, NEAREST_MAX + 1);
    const size_t n_candidate = strnlen(candidate, NEAREST_MAX + 1);
    if (n_word > NEAREST_MAX || n_candidate > NEAREST_MAX) {
        return;
    }
    size_t distance =
        edit_distance(nearest->word, n_word, candidate, n_candidate);
    // "frequency" for "freq", "reso" for "resonance": people abbreviate.
    const size_t n_common = smaller(n_word, n_candidate);
    if (n_common >= 3 && distance > 2 &&
        strncasecmp(nearest->word, candidate, n_common) == 0) {
        distance = 2;
    }
    const size_t limit = n_word / 3 > 2 ? n_word / 3 : 2;
    if (distance <= limit && distance < n_word &&
        distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

struct lat_phrase
lat_count(size_t n, const char *noun)
{
    struct lat_phrase p;
    snprintf(p.text, sizeof(p.text), "%zu %s%s", n, noun, n == 1 ? "" : "s");
    return p;
}

struct lat_phrase
lat_age(double seconds)
{
    static const struct {
        double seconds;
        const char *noun;
    } units[] = {
        {86400.0, "day"}, {3600.0, "hour"}, {60.0, "minute"}, {1.0, "second"}};
    size_t i = 0;
    while (i + 1 < LAT_COUNT(units) && seconds < units[i].seconds) {
        ++i;
    }
    return lat_count(seconds > 0.0 ? (size_t)(seconds / units[i].seconds) : 0,
                     units[i].noun);
}

struct lat_phrase
lat_with_article(const char *noun)
{
    const bool is_vowel = *noun != '\0' && strchr("aeioAEIO", *noun) != NULL;
    struct lat_phrase p;
    snprintf(p.text, sizeof(p.text), "a%s %s", is_vowel ? "n" : "", noun);
    return p;
}

char *
lat_strdup(const char *text)
{
    return text ? strdup(text) : NULL;
}

const char *
lat_text_ordinal(const char *text)
{
    const char *const colon = strrchr(text, ':');
    const size_t n = colon ? strspn(colon + 1, "0123456789") : 0;
    return n > 0 && n < 7 && colon[1 + n] == '\0' ? colon : text + strlen(text);
}
