// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Mini-notation to nodes; transforms take their arguments from here.
/// All functions are [any but audio].
#ifndef LAT_PATTERN_PARSER_H
#define LAT_PATTERN_PARSER_H

#include "build.h"
#include "lexer.h"

/// What the words of a part of the text are for.
struct lat_pattern_role {
    const char *what; ///< "a number of slots", for people; NULL: anything goes
    double min, max;
    bool is_whole;
};

extern const struct lat_pattern_role lat_role_value;
extern const struct lat_pattern_role lat_role_factor;
extern const struct lat_pattern_role lat_role_hits;
extern const struct lat_pattern_role lat_role_slots;
extern const struct lat_pattern_role lat_role_turn;

struct lat_pattern_parser {
    /// Reads a step with its operators, which in turn read brackets.
    void (*read_step)(struct lat_pattern_parser *p,
                      struct lat_pattern_step *out);
    struct lat_lexer lexer;
    struct lat_pattern_builder builder;
    const struct lat_pattern_role *role;
    /// Of the numbers that were read in this role: the largest, and the
    /// smallest that is not 0 but for its sign.
    double most, least;
    double lowest;  ///< with its sign
    uint32_t level; ///< brackets that are open
    bool is_tight;  ///< no blanks before operators: in arguments of transforms
};

void
lat_parser_init(struct lat_pattern_parser *p, const char *text, size_t size,
                struct lat_error *error);

/// Read what stands for a value in one place: a word or brackets, in a role.
/// @param may_have_operators  they may follow.
/// @return its node; 0 where the lexer or the builder complains.
uint32_t
lat_parse_operand(struct lat_pattern_parser *p,
                  const struct lat_pattern_role *role, bool may_have_operators);

/// Read layers of sequences up to @p end, which is left there; '\0': to the end
/// of the text.
uint32_t
lat_parse_text(struct lat_pattern_parser *p,
               const struct lat_pattern_role *role, char end);

/// Read a number as it is written, with nothing in between.
bool
lat_parse_constant(struct lat_pattern_parser *p,
                   const struct lat_pattern_role *role, struct lat_ratio *out);

/// Has something gone wrong?
bool
lat_parser_has_failed(const struct lat_pattern_parser *p);

/// Make the pattern, or say why not; frees what the parser has.
enum lat_status
lat_parser_finish(struct lat_pattern_parser *p, uint32_t root,
                  struct lat_pattern **out, struct lat_pattern_place *place,
                  struct lat_error *error);

#endif // LAT_PATTERN_PARSER_H
