// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tuning.h"
#include "base/file.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIDDLE_C    60
#define MIDDLE_C_HZ 261.6255653005986 // 440 * 2^(-9/12)

// --- Lines -------------------------------------------------------------------

/// Most of a line that is looked at.
#define WORD_MAX 64

struct lines {
    const char *name; // of the file
    const char *at, *end;
    uint32_t line;       // that was read last, from 1
    char word[WORD_MAX]; // its first, cut
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// The next line that is no comment, and its first word.
static bool
next_line(struct lines *l)
{
    bool is_comment = true;
    while (is_comment && l->at < l->end) {
        const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
        const char *end = newline ? newline : l->end;
        const char *p = l->at;
        is_comment = p < end && *p == '!';
        while (p < end && is_blank(*p)) {
            ++p;
        }
        size_t n = 0;
        while (p < end && !is_blank(*p) && n < WORD_MAX - 1) {
            l->word[n++] = *p++;
        }
        l->word[n] = '\0';
        l->at = newline ? newline + 1 : l->end;
        ++l->line;
    }
    return !is_comment;
}

static enum lat_status
refuse(const struct lines *l, const char *wanted, struct lat_error *error)
{
    return lat_error_set(error, LAT_EINVAL,
                         "%.300s:%u: '%.40s' stands where %s is wanted",
                         l->name, l->line, l->word, wanted);
}

static enum lat_status
miss(const struct lines *l, const char *wanted, struct lat_error *error)
{
    return lat_error_set(error, LAT_EINVAL,
                         "%.300s ends where %s is wanted; get the whole file",
                         l->name, wanted);
}

// A whole number within limits, on a line of its own.
static enum lat_status
take_integer(struct lines *l, const char *wanted, double min, double max,
             int32_t *out, struct lat_error *error)
{
    double x = 0.0;
    if (!next_line(l)) {
        return miss(l, wanted, error);
    }
    if (strspn(l->word, "+-0123456789") != strlen(l->word) ||
        !lat_parse_number(l->word, &x) || x < min || x > max) {
        return refuse(l, wanted, error);
    }
    *out = (int32_t)x;
    return LAT_OK;
}

// --- Scales ------------------------------------------------------------------

static bool
take_digits(const char **p, double *out)
{
    const char *start = *p;
    double x = 0.0;
    for (; **p >= '0' && **p <= '9'; ++*p) {
        x = 10.0 * x + (double)(**p - '0');
    }
    *out = x;
    return *p != start;
}

// A ratio like 3/2 or 2, above 0, in semitones.
static bool
read_ratio(const char *word, double *out)
{
    const char *p = word;
    double over = 0.0;
    double under = 1.0;
    if (!take_digits(&p, &over)) {
        return false;
    }
    if (*p == '/') {
        ++p;
        if (!take_digits(&p, &under)) {
            return false;
        }
    }
    *out = 12.0 * log2(over / under);
    return *p == '\0' && isfinite(*out);
}

// What has a point is in cents: 701.955, 100., -5.0.
static bool
read_pitch(const char *word, double *out)
{
    char cents[WORD_MAX + 1];
    if (!strchr(word, '.')) {
        return read_ratio(word, out);
    }
    if (strspn(word, "+-.0123456789") != strlen(word)) {
        return false;
    }
    snprintf(cents, sizeof(cents), "%s0", word); // 100. is written, too
    double x = 0.0;
    if (!lat_parse_number(cents, &x)) {
        return false;
    }
    *out = x / 100.0;
    return true;
}

static enum lat_status
read_steps(struct lines *l, struct lat_scale *scale, struct lat_error *error)
{
    for (uint32_t i = 1; i <= scale->n; ++i) {
        double pitch = 0.0;
        if (!next_line(l)) {
            return miss(l, "one more of the notes that it announces", error);
        }
        if (!read_pitch(l->word, &pitch)) {
            return refuse(l,
                          "a pitch, in cents with a point (701.955) or as a "
                          "ratio (3/2),",
                          error);
        }
        if (i < scale->n) {
            scale->steps[i] = pitch;
        } else {
            scale->period = pitch;
        }
    }
    return LAT_OK;
}

enum lat_status
lat_scale_parse(const char *text, size_t size, const char *name,
                struct lat_scale **out, struct lat_error *error)
{
    struct lines l = {.name = name, .at = text, .end = text + size};
    int32_t n = 0;
    if (!next_line(&l)) {
        return miss(&l, "a description", error);
    }
    enum lat_status status =
        take_integer(&l, "the number of notes, at most 4096,", 0.0,
                     LAT_TUNING_NOTES, &n, error);
    if (status) {
        return status;
    }
    const size_t n_steps = n ? (size_t)n : 1;
    struct lat_scale *scale =
        calloc(1, sizeof(*scale) + n_steps * sizeof(*scale->steps));
    if (!scale) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    scale->n = (uint32_t)n;
    status = read_steps(&l, scale, error);
    if (status) {
        free(scale);
        return status;
    }
    *out = scale;
    return LAT_OK;
}

// --- Keyboard mappings -------------------------------------------------------

#define MOST_KEY 32767.0

static enum lat_status
read_head(struct lines *l, struct lat_keymap *k, struct lat_error *error)
{
    const struct {
        const char *wanted;
        int32_t *out;
    } keys[] = {
        {"the first key to retune", &k->first},
        {"the last key to retune", &k->last},
        {"the middle key, where the pattern begins,", &k->middle},
        {"the key of which the frequency is given", &k->reference},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); ++i) {
        const enum lat_status status = take_integer(
            l, keys[i].wanted, -MOST_KEY, MOST_KEY, keys[i].out, error);
        if (status) {
            return status;
        }
    }
    double hz = 0.0;
    const char *wanted = "the frequency of that key in Hz, such as 440.0,";
    if (!next_line(l)) {
        return miss(l, wanted, error);
    }
    if (!lat_parse_number(l->word, &hz) || !(hz > 0.0) || !isfinite(hz)) {
        return refuse(l, wanted, error);
    }
    k->pitch = 12.0 * log2(hz / MIDDLE_C_HZ);
    return take_integer(l, "the degree that is the formal octave", -MOST_KEY,
                        MOST_KEY, &k->octave, error);
}

// Unmapped keys at the end may be left out.
static enum lat_status
read_degrees(struct lines *l, struct lat_keymap *k, struct lat_error *error)
{
    bool is_there = true;
    for (uint32_t i = 0; i < k->n; ++i) {
        is_there = is_there && next_line(l);
        double x = 0.0;
        if (!is_there || strcmp(l->word, "x") == 0 ||
            strcmp(l->word, "X") == 0) {
            k->degrees[i] = LAT_KEY_UNMAPPED;
        } else if (strspn(l->word, "+-0123456789") == strlen(l->word) &&
                   lat_parse_number(l->word, &x) && fabs(x) <= MOST_KEY) {
            k->degrees[i] = (int32_t)x;
        } else {
            return refuse(l,
                          "a degree of the scale, or x for a key that "
                          "sounds nothing,",
                          error);
        }
    }
    return LAT_OK;
}

static int32_t
floor_div(int32_t a, int32_t b)
{
    return a / b - (a % b < 0);
}

// The entry of a key's place in the pattern.
LAT_RT static int32_t
entry(const struct lat_keymap *k, int32_t key)
{
    const int32_t n = (int32_t)k->n;
    const int32_t from = key - k->middle;
    return n ? k->degrees[from - n * floor_div(from, n)] : from;
}

enum lat_status
lat_keymap_parse(const char *text, size_t size, const char *name,
                 struct lat_keymap **out, struct lat_error *error)
{
    struct lines l = {.name = name, .at = text, .end = text + size};
    int32_t n = 0;
    enum lat_status status =
        take_integer(&l, "the size of the pattern, at most 4096,", 0.0,
                     LAT_TUNING_NOTES, &n, error);
    if (status) {
        return status;
    }
    struct lat_keymap *k =
        calloc(1, sizeof(*k) + (size_t)n * sizeof(*k->degrees));
    if (!k) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    k->n = (uint32_t)n;
    status = read_head(&l, k, error);
    if (!status) {
        status = read_degrees(&l, k, error);
    }
    if (!status && entry(k, k->reference) == LAT_KEY_UNMAPPED) {
        status = lat_error_set(error, LAT_EINVAL,
                               "%.300s: key %d, of which the frequency is "
                               "given, is unmapped; map it, or give that of "
                               "another",
                               name, (int)k->reference);
    }
    if (status) {
        free(k);
        return status;
    }
    *out = k;
    return LAT_OK;
}

// --- Files -------------------------------------------------------------------

static enum lat_status
read_file(const char *path, uint8_t **bytes, size_t *size,
          struct lat_error *error)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return lat_file_cannot_read(path, error);
    }
    const enum lat_status status =
        lat_file_read_all(file, path, LAT_TUNING_BYTES, bytes, size, error);
    fclose(file);
    return status == LAT_EFULL
               ? lat_error_set(error, LAT_EINVAL,
                               "%.400s is larger than 1 MiB; name a scale "
                               "(.scl) or keyboard mapping (.kbm)",
                               path)
               : status;
}

enum lat_status
lat_scale_prepare(const char *path, double rate, void **data,
                  struct lat_error *error)
{
    (void)rate;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct lat_scale *scale = NULL;
    enum lat_status status = read_file(path, &bytes, &size, error);
    if (!status) {
        status =
            lat_scale_parse((const char *)bytes, size, path, &scale, error);
    }
    if (!status) {
        *data = scale;
    }
    free(bytes);
    return status;
}

enum lat_status
lat_keymap_prepare(const char *path, double rate, void **data,
                   struct lat_error *error)
{
    (void)rate;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct lat_keymap *keymap = NULL;
    enum lat_status status = read_file(path, &bytes, &size, error);
    if (!status) {
        status =
            lat_keymap_parse((const char *)bytes, size, path, &keymap, error);
    }
    if (!status) {
        *data = keymap;
    }
    free(bytes);
    return status;
}

// --- Keys --------------------------------------------------------------------

// Of a degree, from degree 0.
LAT_RT static double
degree_pitch(const struct lat_scale *scale, int32_t degree)
{
    if (!scale) {
        return degree;
    }
    if (!scale->n) {
        return 0.0;
    }
    const int32_t n = (int32_t)scale->n;
    const int32_t period = floor_div(degree, n);
    return period * scale->period + scale->steps[degree - n * period];
}

// Of a key that is mapped, from degree 0 at the middle.
LAT_RT static double
mapped_pitch(const struct lat_scale *scale, const struct lat_keymap *k,
             int32_t key)
{
    const int32_t n = (int32_t)k->n;
    const int32_t octave = n ? floor_div(key - k->middle, n) : 0;
    return octave * degree_pitch(scale, k->octave) +
           degree_pitch(scale, entry(k, key));
}

LAT_RT static bool
key_pitch(const struct lat_scale *scale, const struct lat_keymap *k,
          int32_t key, double *pitch)
{
    if (!k) {
        *pitch = degree_pitch(scale, key - MIDDLE_C);
        return true;
    }
    if (key < k->first || key > k->last) {
        *pitch = key - MIDDLE_C;
        return true;
    }
    if (entry(k, key) == LAT_KEY_UNMAPPED) {
        return false;
    }
    *pitch = k->pitch + mapped_pitch(scale, k, key) -
             mapped_pitch(scale, k, k->reference);
    return true;
}

LAT_RT bool
lat_tuning_pitch(const struct lat_scale *scale, const struct lat_keymap *keymap,
                 double key, double *pitch)
{
    const double whole = floor(key);
    const double part = key - whole;
    double low = 0.0;
    double high = 0.0;
    if (!(whole >= -MOST_KEY && whole < MOST_KEY) ||
        !key_pitch(scale, keymap, (int32_t)whole, &low) ||
        (part > 0.0 && !key_pitch(scale, keymap, (int32_t)whole + 1, &high))) {
        return false;
    }
    *pitch = part > 0.0 ? low + part * (high - low) : low;
    return true;
}
