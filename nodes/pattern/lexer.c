// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "lexer.h"
#include "base/column.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NO_BREAK_SPACE 0xa0U

bool
lat_lexer_complain(struct lat_lexer *l, size_t at, const char *format, ...)
{
    if (l->status) {
        return false;
    }
    char what[LAT_ERROR_MAX / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    l->wrong_at = at;
    l->status = lat_error_set(l->error, LAT_EINVAL, "column %u: %s",
                              lat_column_of(l->text, l->text + at), what);
    return false;
}

/// The character at byte @p at.
/// @param[out] n  its bytes; 0: it is no UTF-8.
static uint32_t
decode(const struct lat_lexer *l, size_t at, uint32_t *n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *const c = (const unsigned char *)l->text + at;
    *n = *c < 0x80              ? 1
         : (*c & 0xe0U) == 0xc0 ? 2
         : (*c & 0xf0U) == 0xe0 ? 3
         : (*c & 0xf8U) == 0xf0 ? 4
                                : 0;
    uint32_t character = *n < 2 ? *c : *c & (0x7fU >> *n);
    for (uint32_t i = 1; i < *n; ++i) {
        if (at + i >= l->size || (c[i] & 0xc0U) != 0x80) {
            *n = 0;
            return 0;
        }
        character = character << 6U | (c[i] & 0x3fU);
    }
    if (*n == 0 || character < least[*n] || character > 0x10ffff ||
        (character >= 0xd800 && character < 0xe000)) {
        *n = 0;
    }
    return character;
}

bool
lat_lexer_expected(struct lat_lexer *l, size_t at, const char *what)
{
    if (at >= l->size) {
        return lat_lexer_complain(l, at, "expected %s, but the text ends",
                                  what);
    }
    uint32_t n;
    decode(l, at, &n);
    return lat_lexer_complain(l, at, "expected %s, not '%.*s'", what, (int)n,
                              l->text + at);
}

static bool
is_blank(uint32_t character)
{
    return character == ' ' || character == '\t' || character == '\n' ||
           character == '\r' || character == NO_BREAK_SPACE;
}

bool
lat_lexer_check_text(struct lat_lexer *l)
{
    if (l->size > LAT_PATTERN_TEXT) {
        return lat_lexer_complain(l, 0, "the text has %zu bytes: at most %d",
                                  l->size, LAT_PATTERN_TEXT);
    }
    uint32_t n;
    for (size_t at = 0; at < l->size; at += n) {
        const uint32_t character = decode(l, at, &n);
        if (!n) {
            return lat_lexer_complain(l, at, "expected UTF-8, not byte 0x%02x",
                                      (unsigned char)l->text[at]);
        }
        if ((character < 0x20 && !is_blank(character)) ||
            (character >= 0x7f && character < NO_BREAK_SPACE)) {
            return lat_lexer_complain(l, at,
                                      "control character 0x%02x: write blanks "
                                      "between steps",
                                      character);
        }
    }
    return true;
}

void
lat_lexer_skip_blanks(struct lat_lexer *l)
{
    uint32_t n = 0;
    while (l->at < l->size && is_blank(decode(l, l->at, &n))) {
        l->at += n;
    }
}

char
lat_lexer_peek(const struct lat_lexer *l)
{
    if (l->at < l->size) {
        return l->text[l->at];
    }
    return '\0';
}

bool
lat_lexer_take(struct lat_lexer *l, char c)
{
    const bool comes = l->at < l->size && l->text[l->at] == c;
    l->at += comes;
    return comes;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_of_word(uint32_t character)
{
    return (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') ||
           (character < 0x80 && is_digit((char)character)) ||
           (character && character < 0x80 &&
            strchr("-#.^_~", (int)character)) ||
           (character >= 0x80 && lat_is_letter(character));
}

bool
lat_lexer_peek_word(const struct lat_lexer *l, struct lat_lexeme *out)
{
    size_t end = l->at;
    uint32_t n = 0;
    while (end < l->size && is_of_word(decode(l, end, &n))) {
        end += n;
    }
    *out = (struct lat_lexeme){l->at, end - l->at};
    return end > l->at;
}

bool
lat_lexer_take_word(struct lat_lexer *l, struct lat_lexeme *out)
{
    const bool comes = lat_lexer_peek_word(l, out);
    l->at += out->length;
    return comes;
}

bool
lat_lexeme_is(const struct lat_lexer *l, const struct lat_lexeme *word,
              const char *text)
{
    return strlen(text) == word->length &&
           memcmp(l->text + word->at, text, word->length) == 0;
}

#define MOST_DIGITS   15 // that doubles hold
#define MOST_DECIMALS 9

/// -digits.digits, with a digit on one side of the point at least.
static bool
looks_like_number(const char *c, const char *end)
{
    c += c < end && *c == '-';
    uint32_t n_digits = 0;
    uint32_t n_points = 0;
    for (; c < end; ++c) {
        n_digits += is_digit(*c);
        n_points += *c == '.';
        if (!is_digit(*c) && *c != '.') {
            return false;
        }
    }
    return n_digits > 0 && n_points < 2;
}

enum lat_lexeme_number
lat_lexeme_to_number(const struct lat_lexer *l, const struct lat_lexeme *word,
                     struct lat_ratio *out)
{
    const char *c = l->text + word->at;
    const char *const end = c + word->length;
    if (!looks_like_number(c, end)) {
        return LAT_LEXEME_WORD;
    }
    const bool is_negative = *c == '-';
    bool is_behind = false;
    uint32_t n_digits = 0;
    uint32_t n_decimals = 0;
    int64_t above = 0;
    int64_t below = 1;
    for (c += is_negative; c < end; ++c) {
        if (*c == '.') {
            is_behind = true;
            continue;
        }
        n_decimals += is_behind;
        n_digits += n_digits || *c != '0';
        if (n_digits > MOST_DIGITS || n_decimals > MOST_DECIMALS) {
            return LAT_LEXEME_TOO_LONG;
        }
        above = above * 10 + (*c - '0');
        below *= is_behind ? 10 : 1;
    }
    bool is_over = false;
    *out = lat_ratio_make(is_negative ? -above : above, below, &is_over);
    return LAT_LEXEME_NUMBER;
}

bool
lat_lexeme_to_note(const struct lat_lexer *l, const struct lat_lexeme *word,
                   int64_t *semitones)
{
    static const int steps[] = {9, 11, 0, 2, 4, 5, 7}; // from a on
    const char *c = l->text + word->at;
    const char *const end = c + word->length;
    const char letter = (char)(*c | 0x20);
    if (letter < 'a' || letter > 'g') {
        return false;
    }
    int64_t key = steps[letter - 'a'];
    if (++c < end && strchr("#sbf", *c)) {
        key += *c == '#' || *c == 's' ? 1 : -1;
        ++c;
    }
    const bool is_below = end - c == 2 && c[0] == '-' && c[1] == '1';
    if (c < end && !is_below && (end - c > 1 || !is_digit(*c))) {
        return false;
    }
    const int octave = is_below ? -1 : c < end ? *c - '0' : 4;
    *semitones = key + (int64_t)12 * (octave - 4);
    return true;
}
