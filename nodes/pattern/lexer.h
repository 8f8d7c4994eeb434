// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Characters and words of pattern texts, and where they are wrong.
/// All functions are [any but audio].
#ifndef LAT_PATTERN_LEXER_H
#define LAT_PATTERN_LEXER_H

#include "pattern.h"

/// A text that is read from left to right.  The first complaint stands.
struct lat_lexer {
    const char *text;
    size_t size, at;
    enum lat_status status;
    size_t wrong_at;
    struct lat_error *error;
};

/// A run of word characters.
struct lat_lexeme {
    size_t at, length;
};

/// Complain of byte @p at; what is said gets the column.  @return false.
__attribute__((format(printf, 3, 4))) bool
lat_lexer_complain(struct lat_lexer *l, size_t at, const char *format, ...);

/// "expected X, found Y", where Y is what stands at @p at.  @return false.
bool
lat_lexer_expected(struct lat_lexer *l, size_t at, const char *what);

/// Is the whole text UTF-8 without control bytes, and not too long?
bool
lat_lexer_check_text(struct lat_lexer *l);

void
lat_lexer_skip_blanks(struct lat_lexer *l);

/// The next byte; 0 at the end of the text.
char
lat_lexer_peek(const struct lat_lexer *l);

/// Step over @p c if it comes next.
bool
lat_lexer_take(struct lat_lexer *l, char c);

/// Step over a word.  @return false, with nothing taken, where none is.
bool
lat_lexer_take_word(struct lat_lexer *l, struct lat_lexeme *out);

/// The word that comes next, without stepping over it.
bool
lat_lexer_peek_word(const struct lat_lexer *l, struct lat_lexeme *out);

bool
lat_lexeme_is(const struct lat_lexer *l, const struct lat_lexeme *word,
              const char *text);

/// What a word reads as.
enum lat_lexeme_number {
    LAT_LEXEME_WORD,
    LAT_LEXEME_NUMBER,
    LAT_LEXEME_TOO_LONG, ///< a number with more digits than are exact
};

/// Read a word as a decimal number: -2, 0.5, .5.
enum lat_lexeme_number
lat_lexeme_to_number(const struct lat_lexer *l, const struct lat_lexeme *word,
                     struct lat_ratio *out);

/// Read a word as a note: a letter a to g, `#` or `s` or `b` or `f`, an octave
/// from -1 to 9, which is 4 where none is written; c4 is 0.
bool
lat_lexeme_to_note(const struct lat_lexer *l, const struct lat_lexeme *word,
                   int64_t *semitones);

/// Is the character a letter, beyond ASCII?
bool
lat_is_letter(uint32_t character);

#endif // LAT_PATTERN_LEXER_H
