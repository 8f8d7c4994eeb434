// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A step is a word or brackets, with operators behind it (operators.c).  Steps
// that are read wait on the builder's stack for the end of their sequence, and
// sequences for the end of their brackets.

#include "operators.h"
#include "parser.h"

#include <string.h>

bool
lat_parser_has_failed(const struct lat_pattern_parser *p)
{
    return p->lexer.status || p->builder.status;
}

// --- Brackets ----------------------------------------------------------------

static bool
is_operator_word(const struct lat_lexer *l, const struct lat_lexeme *word)
{
    return lat_lexeme_is(l, word, "_") || lat_lexeme_is(l, word, ".") ||
           lat_lexeme_is(l, word, "..");
}

/// One pair of brackets, or the whole text.
struct brackets {
    char open, close;
    bool may_group; ///< by `.` and `|`
    uint32_t (*parse)(struct lat_pattern_parser *p,
                      const struct brackets *which);
};

/// What separates the parts of a text, as it was met first.
struct text_parts {
    uint32_t from;   ///< on the stack of steps
    uint32_t groups; ///< of the layer that is read
    uint32_t layers;
    char separator; ///< `,` `|` `.`, or 0
    struct lat_ratio first_weight;
    const struct brackets *which;
};

/// Make the steps from @p from on one step.
static void
close_sequence(struct lat_pattern_parser *p, struct text_parts *parts,
               uint32_t from)
{
    struct lat_pattern_builder *const b = &p->builder;
    struct lat_ratio weight;
    uint32_t all = lat_builder_sequence(b, from, &weight);
    if (parts->which->open == '<') {
        all = lat_builder_scale(b, all, (struct lat_ratio){weight.d, weight.n});
    }
    // Until all layers are read a step's weight is the steps of a layer.
    lat_builder_push(b, all, weight);
}

static bool
is_empty(const struct lat_pattern_parser *p, uint32_t from)
{
    return p->builder.n_steps == from;
}

/// A separator or the end has come: close what is open.
static bool
end_part(struct lat_pattern_parser *p, struct text_parts *parts, char with)
{
    struct lat_lexer *const l = &p->lexer;
    const uint32_t layer = parts->from + parts->layers;
    if (is_empty(p, layer + parts->groups)) {
        return lat_lexer_expected(l, l->at, "a step");
    }
    if (with && parts->separator && with != parts->separator) {
        return lat_lexer_complain(
            l, l->at,
            "'%c' and '%c' cannot stand side by side: put one of "
            "them into [ ]",
            parts->separator, with);
    }
    if (with) {
        parts->separator = with;
    }
    if (parts->separator == '.') {
        struct lat_ratio weight;
        const uint32_t group =
            lat_builder_sequence(&p->builder, layer + parts->groups, &weight);
        lat_builder_push(&p->builder, group, lat_ratio_of(1));
        ++parts->groups;
        if (with) {
            return true;
        }
        parts->groups = 0;
    }
    close_sequence(p, parts, layer);
    ++parts->layers;
    return true;
}

/// The separator that comes next, 0 for none.
static char
separator(const struct lat_pattern_parser *p, const struct brackets *which,
          bool is_end)
{
    struct lat_lexeme word;
    if (is_end) {
        return '\0';
    }
    const char c = lat_lexer_peek(&p->lexer);
    if (c == ',' || (c == '|' && which->may_group)) {
        return c;
    }
    const bool is_group = which->may_group &&
                          lat_lexer_peek_word(&p->lexer, &word) &&
                          lat_lexeme_is(&p->lexer, &word, ".");
    if (is_group) {
        return '.';
    }
    return '\0';
}

static bool
is_at_end(const struct lat_pattern_parser *p, char close)
{
    return close ? lat_lexer_peek(&p->lexer) == close
                 : p->lexer.at >= p->lexer.size;
}

/// The text ends too early, or brackets that are not open.
static bool
is_out_of_place(struct lat_pattern_parser *p, char close)
{
    struct lat_lexer *const l = &p->lexer;
    const char c = lat_lexer_peek(l);
    if (l->at < l->size && !(c && strchr("])}>", c))) {
        return false;
    }
    if (!close) {
        lat_lexer_complain(l, l->at, "no bracket is open that '%c' closes", c);
        return true;
    }
    const char what[] = {'\'', close, '\'', '\0'};
    lat_lexer_expected(l, l->at, what);
    return true;
}

/// Read all up to the closing bracket, which is left there.
/// @return false: something is wrong.
static bool
parse_parts(struct lat_pattern_parser *p, struct text_parts *parts)
{
    struct lat_lexer *const l = &p->lexer;
    const char close = parts->which->close;
    for (;;) {
        lat_lexer_skip_blanks(l);
        const bool is_end = is_at_end(p, close);
        const char with = separator(p, parts->which, is_end);
        if (is_end || with) {
            if (!end_part(p, parts, with)) {
                return false;
            }
            if (is_end) {
                return true;
            }
            ++l->at;
            continue;
        }
        if (is_out_of_place(p, close)) {
            return false;
        }
        struct lat_pattern_step step;
        p->read_step(p, &step);
        lat_builder_push(&p->builder, step.node, step.weight);
        if (lat_parser_has_failed(p)) {
            return false;
        }
    }
}

/// All layers as one; what a layer of the first has as steps.
static uint32_t
join(struct lat_pattern_parser *p, struct text_parts *parts)
{
    parts->first_weight = p->builder.steps[parts->from].weight;
    return lat_builder_together(&p->builder,
                                parts->separator == '|' ? LAT_PATTERN_CHOICE
                                                        : LAT_PATTERN_STACK,
                                parts->from);
}

static uint32_t
parse_plain(struct lat_pattern_parser *p, const struct brackets *which)
{
    struct text_parts parts = {.from = p->builder.n_steps, .which = which};
    return parse_parts(p, &parts) && !p->builder.status ? join(p, &parts) : 0;
}

/// Every layer at @p steps times as many steps a cycle as @p by says.
static void
align(struct lat_pattern_parser *p, const struct text_parts *parts,
      struct lat_ratio steps, uint32_t by, double most)
{
    struct lat_pattern_builder *const b = &p->builder;
    for (uint32_t i = parts->from; i < b->n_steps && !b->status; ++i) {
        bool is_over = false;
        const struct lat_pattern_step step = b->steps[i];
        const uint32_t all = lat_builder_add(b, LAT_PATTERN_FAST, 2,
                                             (const uint32_t[]){step.node, by});
        lat_builder_node(b, all)->number =
            lat_ratio_div(steps, step.weight, &is_over);
        lat_builder_node(b, all)->most = most;
        lat_builder_weigh(b, all);
        if (is_over) {
            lat_lexer_complain(&p->lexer, p->lexer.at,
                               "the weights of a layer are too fine");
        }
        b->steps[i].node = all;
    }
}

static uint32_t
parse_curly(struct lat_pattern_parser *p, const struct brackets *which)
{
    struct text_parts parts = {.from = p->builder.n_steps, .which = which};
    if (!parse_parts(p, &parts) || p->builder.status) {
        return 0;
    }
    struct lat_lexer *const l = &p->lexer;
    const size_t behind = ++l->at;
    lat_lexer_skip_blanks(l);
    if (lat_lexer_take(l, '%')) {
        const double most = p->most;
        const double least = p->least;
        p->most = 0;
        lat_lexer_skip_blanks(l);
        const uint32_t by = lat_parse_operand(p, &lat_role_factor, false);
        align(p, &parts, lat_ratio_of(1), by, p->most);
        p->most = most;
        p->least = least;
    } else {
        l->at = behind;
        align(p, &parts, p->builder.steps[parts.from].weight,
              lat_builder_number(&p->builder, lat_ratio_of(1)), 1);
    }
    return lat_parser_has_failed(p) ? 0 : join(p, &parts);
}

static uint32_t
parse_bracketed(struct lat_pattern_parser *p, const struct brackets *which)
{
    const uint32_t all = parse_plain(p, which);
    if (!lat_parser_has_failed(p)) {
        lat_lexer_take(&p->lexer, which->close);
    }
    return all;
}

// Found by their first character, so that none of these calls itself by name.
static const struct brackets brackets[] = {
    {'[', ']', true, parse_bracketed},
    {'<', '>', false, parse_bracketed},
    {'{', '}', false, parse_curly},
};

// --- Steps -------------------------------------------------------------------

uint32_t
lat_parse_term(struct lat_pattern_parser *p)
{
    struct lat_lexer *const l = &p->lexer;
    const char c = lat_lexer_peek(l);
    for (size_t i = 0; i < LAT_COUNT(brackets); ++i) {
        if (c != brackets[i].open) {
            continue;
        }
        if (p->level == LAT_PATTERN_LEVELS) {
            lat_lexer_complain(l, l->at,
                               "more than %d brackets within each other",
                               LAT_PATTERN_LEVELS);
            return 0;
        }
        ++p->level;
        ++l->at;
        const bool was_tight = p->is_tight;
        p->is_tight = false;
        const uint32_t all = brackets[i].parse(p, &brackets[i]);
        p->is_tight = was_tight;
        --p->level;
        return all;
    }
    struct lat_lexeme word;
    if (lat_lexer_peek_word(l, &word) && !is_operator_word(l, &word)) {
        return lat_parse_word(p);
    }
    lat_lexer_expected(l, l->at,
                       p->role->what ? p->role->what
                                     : "a step, such as a word, ~ or [");
    return 0;
}

uint32_t
lat_parse_operand(struct lat_pattern_parser *p,
                  const struct lat_pattern_role *role, bool may_have_operators)
{
    const struct lat_pattern_role *const outer = p->role;
    p->role = role;
    struct lat_pattern_step step = {0};
    if (may_have_operators) {
        const size_t at = p->lexer.at;
        p->read_step(p, &step);
        if (!lat_parser_has_failed(p) && step.weight.n != step.weight.d) {
            lat_lexer_complain(&p->lexer, at,
                               "'@', '_' and '!' make steps of a sequence: put "
                               "[ ] around them");
        }
    } else {
        step.node = lat_parse_term(p);
    }
    p->role = outer;
    return step.node;
}

uint32_t
lat_parse_text(struct lat_pattern_parser *p,
               const struct lat_pattern_role *role, char end)
{
    const struct brackets whole = {'[', end, true, parse_plain};
    const struct lat_pattern_role *const outer = p->role;
    p->role = role;
    const uint32_t all = whole.parse(p, &whole);
    p->role = outer;
    return all;
}
