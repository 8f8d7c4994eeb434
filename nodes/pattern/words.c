// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Words, and what they may be where a number is wanted.

#include "operators.h"
#include "parser.h"

const struct lat_pattern_role lat_role_value = {.what = NULL};
const struct lat_pattern_role lat_role_factor = {"a factor", 0, 1e6, false};
const struct lat_pattern_role lat_role_hits = {
    "a number of hits", -LAT_PATTERN_SLOTS, LAT_PATTERN_SLOTS, true};
const struct lat_pattern_role lat_role_slots = {"a number of slots", 0,
                                                LAT_PATTERN_SLOTS, true};
const struct lat_pattern_role lat_role_turn = {"a number of slots to turn by",
                                               -1e6, 1e6, true};

static double
size_of(double x)
{
    return x < 0 ? -x : x;
}

static void
note_number(struct lat_pattern_parser *p, double x)
{
    p->most = size_of(x) > p->most ? size_of(x) : p->most;
    p->least = x != 0 && size_of(x) < p->least ? size_of(x) : p->least;
    p->lowest = x < p->lowest ? x : p->lowest;
}

static bool
fits(const struct lat_pattern_role *role, struct lat_ratio number)
{
    const double x = lat_ratio_to_double(number);
    return x >= role->min && x <= role->max &&
           (!role->is_whole || number.d == 1);
}

static bool
refuse_number(struct lat_pattern_parser *p, const struct lat_pattern_role *role,
              const struct lat_lexeme *word)
{
    return lat_lexer_complain(
        &p->lexer, word->at,
        "expected %s, a%s number from %.10g to %.10g, not "
        "'%.*s'",
        role->what, role->is_whole ? " whole" : "", role->min, role->max,
        (int)(word->length < 60 ? word->length : 60), p->lexer.text + word->at);
}

/// Read @p word as a number, if it is one.  @return false: it was refused.
static bool
read_number(struct lat_pattern_parser *p, const struct lat_pattern_role *role,
            const struct lat_lexeme *word, struct lat_ratio *out,
            bool *is_number)
{
    const enum lat_lexeme_number kind =
        lat_lexeme_to_number(&p->lexer, word, out);
    if (kind == LAT_LEXEME_TOO_LONG) {
        return lat_lexer_complain(
            &p->lexer, word->at,
            "a number has up to 15 digits, of them 9 after the point");
    }
    *is_number = kind == LAT_LEXEME_NUMBER;
    if (role->what && (!*is_number || !fits(role, *out))) {
        return refuse_number(p, role, word);
    }
    return true;
}

bool
lat_parse_constant(struct lat_pattern_parser *p,
                   const struct lat_pattern_role *role, struct lat_ratio *out)
{
    struct lat_lexeme word;
    bool is_number;
    if (!lat_lexer_take_word(&p->lexer, &word)) {
        return lat_lexer_expected(&p->lexer, p->lexer.at, role->what);
    }
    return read_number(p, role, &word, out, &is_number);
}

static bool
is_rest(const struct lat_lexer *l, const struct lat_lexeme *word)
{
    return lat_lexeme_is(l, word, "~") || lat_lexeme_is(l, word, "-");
}

uint32_t
lat_parse_word(struct lat_pattern_parser *p)
{
    struct lat_lexeme word;
    lat_lexer_take_word(&p->lexer, &word);
    p->builder.place = (uint32_t)word.at;
    if (is_rest(&p->lexer, &word)) {
        return lat_builder_weigh(
            &p->builder,
            lat_builder_add(&p->builder, LAT_PATTERN_SILENCE, 0, NULL));
    }
    struct lat_ratio number = lat_ratio_of(0);
    bool is_number = false;
    if (!read_number(p, p->role, &word, &number, &is_number)) {
        return 0;
    }
    int64_t semitones = 0;
    const bool is_note =
        !is_number && lat_lexeme_to_note(&p->lexer, &word, &semitones);
    const uint32_t atom = lat_builder_number(
        &p->builder, is_note ? lat_ratio_of(semitones) : number);
    struct lat_pattern_node *const node = lat_builder_node(&p->builder, atom);
    node->is_word = !is_number;
    node->is_note = is_note;
    node->length = (uint32_t)word.length;
    note_number(p, lat_ratio_to_double(number));
    return atom;
}
