// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Transforms to nodes: `every 4 rev | fast 2`.  Each takes the node before it;
// the first takes INPUT, which stands for the pattern.

#include "transforms.h"

static bool
is_at_end(const struct lat_lexer *l)
{
    const char c = lat_lexer_peek(l);
    return l->at >= l->size || c == '|' || c == ')';
}

/// A number or a fraction that stands alone: 3, 0.25, 1/8.
static bool
read_fraction(struct lat_pattern_parser *p, struct lat_ratio *out)
{
    struct lat_lexer *const l = &p->lexer;
    const size_t from = l->at;
    struct lat_lexeme word;
    struct lat_ratio below = {1, 1};
    bool is_over = false;
    bool is_good = lat_lexer_take_word(l, &word) &&
                   lat_lexeme_to_number(l, &word, out) == LAT_LEXEME_NUMBER;
    if (is_good && lat_lexer_take(l, '/')) {
        is_good = lat_lexer_take_word(l, &word) &&
                  lat_lexeme_to_number(l, &word, &below) == LAT_LEXEME_NUMBER &&
                  below.n > 0;
    }
    const size_t end = l->at;
    lat_lexer_skip_blanks(l);
    is_good = is_good && (l->at > end || is_at_end(l));
    *out = is_good ? lat_ratio_div(*out, below, &is_over) : *out;
    l->at = is_good && !is_over ? end : from;
    return is_good && !is_over;
}

static void
read_number(struct lat_pattern_parser *p, const struct lat_pattern_role *role,
            struct lat_ratio *out)
{
    const size_t at = p->lexer.at;
    if (!read_fraction(p, out)) {
        lat_lexer_expected(&p->lexer, at, role->what);
        return;
    }
    const double x = lat_ratio_to_double(*out);
    if (x < role->min || x > role->max || (role->is_whole && out->d != 1)) {
        lat_lexer_complain(
            &p->lexer, at, "expected %s, a%s number from %.10g to %.10g",
            role->what, role->is_whole ? " whole" : "", role->min, role->max);
    }
}

static uint32_t
read_pattern(struct lat_pattern_parser *p, const struct lat_pattern_role *role)
{
    struct lat_lexer *const l = &p->lexer;
    const size_t at = l->at;
    struct lat_ratio number;
    if (role->what && read_fraction(p, &number)) {
        l->at = at;
        read_number(p, role, &number);
        const double x = lat_ratio_to_double(number);
        p->most = x < 0 ? -x : x;
        p->least = x != 0 ? p->most : p->least;
        return lat_builder_number(&p->builder, number);
    }
    if (lat_lexer_take(l, '"')) {
        const uint32_t all = lat_parse_text(p, role, '"');
        if (!lat_parser_has_failed(p)) {
            lat_lexer_take(l, '"');
        }
        return all;
    }
    p->is_tight = true;
    const uint32_t all = lat_parse_operand(p, role, true);
    p->is_tight = false;
    return all;
}

static const struct lat_transform *
read_name(struct lat_pattern_parser *p)
{
    struct lat_lexeme word;
    lat_lexer_skip_blanks(&p->lexer);
    if (!lat_lexer_take_word(&p->lexer, &word)) {
        lat_lexer_expected(&p->lexer, p->lexer.at,
                           "a transform such as fast or rev");
        return NULL;
    }
    for (const struct lat_transform *t = lat_transforms; t->name; ++t) {
        if (lat_lexeme_is(&p->lexer, &word, t->name)) {
            return t;
        }
    }
    lat_lexer_complain(
        &p->lexer, word.at,
        "no transform is called '%.*s'; there are fast, slow, early, late, "
        "nudge, swing, rev, palindrome, iter, ply, every, sometimes, chunk, "
        "off, degradeBy, euclid, struct, mask, add, range",
        (int)(word.length < 60 ? word.length : 60), p->lexer.text + word.at);
    return NULL;
}

/// What a transform does with a node; a function's arguments come here again.
typedef uint32_t (*read_fn)(struct lat_pattern_parser *p, uint32_t input);

/// One transform, or several in ( ): what comes behind it in the text is up to
/// whoever called.
struct reader {
    read_fn one, chain;
};

static const struct reader *
reader(void);

static uint32_t
read_function(struct lat_pattern_parser *p, uint32_t input)
{
    struct lat_lexer *const l = &p->lexer;
    if (p->level == LAT_PATTERN_LEVELS) {
        lat_lexer_complain(l, l->at,
                           "more than %d transforms within each other",
                           LAT_PATTERN_LEVELS);
        return 0;
    }
    ++p->level;
    uint32_t all = 0;
    if (!lat_lexer_take(l, '(')) {
        all = reader()->one(p, input);
    } else {
        all = reader()->chain(p, input);
        if (!lat_parser_has_failed(p) && !lat_lexer_take(l, ')')) {
            lat_lexer_expected(l, l->at, "'|' or ')'");
        }
    }
    --p->level;
    return all;
}

static bool
read_argument(struct lat_pattern_parser *p, const struct lat_transform *t,
              uint32_t i, struct lat_transform_given *g)
{
    struct lat_lexer *const l = &p->lexer;
    const struct lat_transform_argument *const argument = &t->arguments[i];
    lat_lexer_skip_blanks(l);
    if (is_at_end(l)) {
        if (!argument->is_optional) {
            lat_lexer_expected(l, l->at,
                               argument->kind == LAT_TRANSFORM_FUNCTION
                                   ? "a transform"
                               : argument->role->what ? argument->role->what
                                                      : "a pattern");
        }
        return false;
    }
    g->n = i + 1;
    if (argument->kind == LAT_TRANSFORM_NUMBER) {
        read_number(p, argument->role, &g->numbers[i]);
    } else if (argument->kind == LAT_TRANSFORM_PATTERN) {
        p->most = 0;
        p->least = 1e9;
        g->nodes[i] = read_pattern(p, argument->role);
        g->most[i] = p->most;
        g->least[i] = p->least;
    } else {
        g->nodes[i] = read_function(p, t->feed ? t->feed(p, g) : g->input);
    }
    return !lat_parser_has_failed(p);
}

static uint32_t
read_one(struct lat_pattern_parser *p, uint32_t input)
{
    struct lat_transform_given g = {.input = input};
    const struct lat_transform *const t = read_name(p);
    // Random ones draw by their place; it follows that of all steps.
    const uint32_t place = LAT_PATTERN_TEXT + (uint32_t)p->lexer.at;
    if (!t) {
        return 0;
    }
    for (uint32_t i = 0; i < LAT_TRANSFORM_ARGUMENTS &&
                         t->arguments[i].kind != LAT_TRANSFORM_NOTHING;
         ++i) {
        p->builder.place = place;
        if (!read_argument(p, t, i, &g)) {
            break;
        }
    }
    p->builder.place = place;
    return lat_parser_has_failed(p) ? 0 : t->build(p, &g);
}

static uint32_t
read_chain(struct lat_pattern_parser *p, uint32_t input)
{
    do {
        input = reader()->one(p, input);
        lat_lexer_skip_blanks(&p->lexer);
    } while (!lat_parser_has_failed(p) && lat_lexer_take(&p->lexer, '|'));
    return input;
}

static const struct reader *
reader(void)
{
    static const struct reader all = {read_one, read_chain};
    return &all;
}

enum lat_status
lat_transform_parse(const char *text, size_t size, struct lat_pattern **out,
                    struct lat_pattern_place *place, struct lat_error *error)
{
    struct lat_pattern_parser p;
    lat_parser_init(&p, text, size, error);
    uint32_t root = 0;
    if (lat_lexer_check_text(&p.lexer)) {
        const uint32_t input = lat_builder_weigh(
            &p.builder,
            lat_builder_add(&p.builder, LAT_PATTERN_INPUT, 0, NULL));
        lat_lexer_skip_blanks(&p.lexer);
        root = p.lexer.at < size ? read_chain(&p, input) : input;
        if (!lat_parser_has_failed(&p) && p.lexer.at < size) {
            lat_lexer_expected(&p.lexer, p.lexer.at, "'|' or the end");
        }
    }
    return lat_parser_finish(&p, root, out, place, error);
}
