// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "operators.h"

#define MOST_COPIES 10000
#define MOST_RANGE  65536

static const struct lat_pattern_role role_weight = {"a weight", 0, 1e6, false};
static const struct lat_pattern_role role_copies = {"a number of copies", 1,
                                                    MOST_COPIES, true};
static const struct lat_pattern_role role_chance = {"a chance", 0, 1, false};
static const struct lat_pattern_role role_end = {"a number of the range", -1e6,
                                                 1e6, false};

/// A step and what its operators remember.
struct reading {
    struct lat_pattern_step step;
    uint32_t copied;   ///< the node that `copies` were made of, directly before
    uint32_t n_copies; ///< 0: something else came last
    size_t at;
    uint32_t n_pairs;
};

/// Numbers of an operand, apart from those of the text around it.
struct measured {
    uint32_t node;
    double most, least, lowest;
};

static bool
read_operand(struct lat_pattern_parser *p, const struct lat_pattern_role *role,
             bool may_have_operators, struct measured *out)
{
    const double most = p->most;
    const double least = p->least;
    const double lowest = p->lowest;
    p->most = 0;
    p->least = 1e9;
    p->lowest = 0;
    lat_lexer_skip_blanks(&p->lexer);
    out->node = lat_parse_operand(p, role, may_have_operators);
    out->most = p->most;
    out->least = p->least;
    out->lowest = p->lowest;
    p->most = most > p->most ? most : p->most;
    p->least = least < p->least ? least : p->least;
    p->lowest = lowest < p->lowest ? lowest : p->lowest;
    return !lat_parser_has_failed(p);
}

static void
speed_up(struct lat_pattern_parser *p, struct reading *r, bool is_slow)
{
    struct measured by;
    struct lat_lexeme word;
    lat_lexer_skip_blanks(&p->lexer);
    const bool is_word = lat_lexer_peek_word(&p->lexer, &word);
    if (read_operand(p, &lat_role_factor, false, &by)) {
        r->step.node =
            lat_parser_speed(p, r->step.node, by.node, is_word, is_slow,
                             is_slow ? 1 / by.least : by.most);
    }
}

uint32_t
lat_parser_speed(struct lat_pattern_parser *p, uint32_t node, uint32_t by,
                 bool is_constant, bool is_slow, double most)
{
    struct lat_pattern_builder *const b = &p->builder;
    const struct lat_pattern_node factor = *lat_builder_node(b, by);
    if (is_constant && factor.kind == LAT_PATTERN_ATOM && factor.number.n > 0) {
        bool is_over = false;
        return lat_builder_scale(
            b, node,
            is_slow ? lat_ratio_div(lat_ratio_of(1), factor.number, &is_over)
                    : factor.number);
    }
    const uint32_t all =
        lat_builder_add(b, is_slow ? LAT_PATTERN_SLOW : LAT_PATTERN_FAST, 2,
                        (const uint32_t[]){node, by});
    lat_builder_node(b, all)->most = most;
    return lat_builder_weigh(b, all);
}

static void
read_fast(struct lat_pattern_parser *p, struct reading *r)
{
    speed_up(p, r, false);
}

static void
read_slow(struct lat_pattern_parser *p, struct reading *r)
{
    speed_up(p, r, true);
}

/// Weights add up: a@3 _ is a@4.
static void
stretch(struct lat_pattern_parser *p, struct reading *r,
        struct lat_ratio weight)
{
    bool is_over = false;
    r->step.weight = lat_ratio_add(
        r->step.weight, lat_ratio_sub(weight, lat_ratio_of(1), &is_over),
        &is_over);
    if (is_over || r->step.weight.n <= 0) {
        lat_lexer_complain(&p->lexer, r->at, "expected a weight above 0");
    }
}

static void
read_weight(struct lat_pattern_parser *p, struct reading *r)
{
    struct lat_ratio weight;
    if (lat_parse_constant(p, &role_weight, &weight)) {
        stretch(p, r, weight);
    }
}

static bool
comes_number(const struct lat_pattern_parser *p)
{
    const char c = lat_lexer_peek(&p->lexer);
    return (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static void
read_copies(struct lat_pattern_parser *p, struct reading *r)
{
    struct lat_ratio n = {2, 1};
    if (comes_number(p) && !lat_parse_constant(p, &role_copies, &n)) {
        return;
    }
    if (!r->n_copies) {
        r->copied = r->step.node;
        r->n_copies = 1;
    }
    const int64_t more = n.n + r->n_copies - 1;
    if (more > MOST_COPIES) {
        lat_lexer_complain(&p->lexer, r->at, "more than %d copies of a step",
                           MOST_COPIES);
        return;
    }
    r->n_copies = (uint32_t)more;
    r->step.node = lat_builder_copies(&p->builder, r->copied, r->n_copies);
    r->step.weight = lat_ratio_of(more);
}

/// `(` k `,` n [`,` turn] `)`
static void
read_euclid(struct lat_pattern_parser *p, struct reading *r)
{
    static const struct lat_pattern_role *const roles[] = {
        &lat_role_hits, &lat_role_slots, &lat_role_turn};
    struct lat_lexer *const l = &p->lexer;
    struct measured args[3];
    uint32_t kids[4] = {r->step.node};
    const bool was_tight = p->is_tight;
    p->is_tight = false;
    uint32_t n = 0;
    do {
        if (!read_operand(p, roles[n], true, &args[n])) {
            return;
        }
        kids[n + 1] = args[n].node;
        ++n;
        lat_lexer_skip_blanks(l);
    } while (n < 3 && lat_lexer_take(l, ','));
    p->is_tight = was_tight;
    if (n < 2) {
        lat_lexer_expected(l, l->at, "',' and the number of slots");
    } else if (!lat_lexer_take(l, ')')) {
        lat_lexer_expected(l, l->at, n == 2 ? "',' or ')'" : "')'");
    } else {
        r->step.node =
            lat_builder_add(&p->builder, LAT_PATTERN_EUCLID, n + 1, kids);
        lat_builder_node(&p->builder, r->step.node)->most = args[1].most;
        lat_builder_weigh(&p->builder, r->step.node);
    }
}

static void
read_pair(struct lat_pattern_parser *p, struct reading *r)
{
    struct measured with;
    if (++r->n_pairs >= LAT_PATTERN_VALUES) {
        lat_lexer_complain(&p->lexer, p->lexer.at - 1,
                           "at most %d ':' behind a step",
                           LAT_PATTERN_VALUES - 1);
    } else if (read_operand(p, &lat_role_value, false, &with)) {
        r->step.node = lat_builder_weigh(
            &p->builder,
            lat_builder_add(&p->builder, LAT_PATTERN_PAIR, 2,
                            (const uint32_t[]){r->step.node, with.node}));
    }
}

static void
read_degrade(struct lat_pattern_parser *p, struct reading *r)
{
    struct lat_ratio chance = {1, 2};
    if (!comes_number(p) || lat_parse_constant(p, &role_chance, &chance)) {
        r->step.node =
            lat_parser_degrade(p, LAT_PATTERN_DEGRADE, r->step.node, chance);
    }
}

uint32_t
lat_parser_degrade(struct lat_pattern_parser *p, uint32_t kind, uint32_t node,
                   struct lat_ratio chance)
{
    const uint32_t all = lat_builder_add(&p->builder, kind, 1, &node);
    struct lat_pattern_node *const made = lat_builder_node(&p->builder, all);
    made->number = chance;
    // Of 2^64, less one where that is all.
    made->chance = chance.n >= chance.d
                       ? UINT64_MAX
                       : (uint64_t)(((lat_i128)chance.n << 64U) / chance.d);
    return lat_builder_weigh(&p->builder, all);
}

/// The first end was read without knowing what it is.
static bool
check_first_end(struct lat_pattern_parser *p, const struct reading *r)
{
    const struct lat_pattern_node *const from =
        lat_builder_node(&p->builder, r->step.node);
    return (from->kind == LAT_PATTERN_ATOM && from->is_word)
               ? lat_lexer_complain(&p->lexer, r->at,
                                    "expected a number before '..', not '%.*s'",
                                    (int)from->length,
                                    p->lexer.text + from->place)
               : true;
}

static void
read_range(struct lat_pattern_parser *p, struct reading *r)
{
    struct measured to;
    if (!check_first_end(p, r) || !read_operand(p, &role_end, false, &to)) {
        return;
    }
    const double widest = p->most + to.most;
    if (widest > MOST_RANGE) {
        lat_lexer_complain(&p->lexer, r->at,
                           "numbers of a range add up to %d at most",
                           MOST_RANGE);
        return;
    }
    const uint32_t all =
        lat_builder_add(&p->builder, LAT_PATTERN_RANGE, 2,
                        (const uint32_t[]){r->step.node, to.node});
    lat_builder_node(&p->builder, all)->most = widest;
    r->step.node = lat_builder_weigh(&p->builder, all);
}

typedef void (*operator_fn)(struct lat_pattern_parser *p, struct reading *r);

static const struct {
    char sign;
    operator_fn read;
} signs[] = {
    {'*', read_fast},    {'/', read_slow},   {'@', read_weight},
    {'!', read_copies},  {'(', read_euclid}, {':', read_pair},
    {'?', read_degrade},
};

static operator_fn
find_sign(struct lat_pattern_parser *p)
{
    for (size_t i = 0; i < LAT_COUNT(signs); ++i) {
        if (lat_lexer_take(&p->lexer, signs[i].sign)) {
            return signs[i].read;
        }
    }
    return NULL;
}

static void
read_share(struct lat_pattern_parser *p, struct reading *r)
{
    stretch(p, r, lat_ratio_of(2));
}

/// The operator that comes next, stepped over, or NULL.
static operator_fn
find_operator(struct lat_pattern_parser *p)
{
    struct lat_lexer *const l = &p->lexer;
    const size_t behind = l->at;
    struct lat_lexeme word;
    if (!p->is_tight) {
        lat_lexer_skip_blanks(l);
    }
    operator_fn found = find_sign(p);
    if (!found && lat_lexer_peek_word(l, &word)) {
        found = lat_lexeme_is(l, &word, "_")    ? read_share
                : lat_lexeme_is(l, &word, "..") ? read_range
                                                : NULL;
        l->at += found ? word.length : 0;
    }
    l->at = found ? l->at : behind;
    return found;
}

void
lat_parse_step(struct lat_pattern_parser *p, struct lat_pattern_step *out)
{
    const double most = p->most;
    struct reading r = {.at = p->lexer.at};
    p->most = 0; // of this step: a range may follow
    r.step.node = lat_parse_term(p);
    r.step.weight = lat_ratio_of(1);
    for (;;) {
        const operator_fn read =
            lat_parser_has_failed(p) ? NULL : find_operator(p);
        if (!read) {
            break;
        }
        p->builder.place = (uint32_t)p->lexer.at - 1;
        const uint32_t n_copies = r.n_copies;
        read(p, &r);
        r.n_copies = r.n_copies != n_copies ? r.n_copies : 0;
    }
    p->most = most > p->most ? most : p->most;
    *out = r.step;
}
