// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Steps, and what may follow them.  All functions are [any but audio].
#ifndef LAT_PATTERN_OPERATORS_H
#define LAT_PATTERN_OPERATORS_H

#include "parser.h"

/// Read a word, which comes next: words.c.
uint32_t
lat_parse_word(struct lat_pattern_parser *p);

/// Read a word or brackets: brackets.c.
uint32_t
lat_parse_term(struct lat_pattern_parser *p);

/// Read a term and the operators behind it.  On failure the lexer or the
/// builder complains.
void
lat_parse_step(struct lat_pattern_parser *p, struct lat_pattern_step *out);

/// Node @p node at the speed that @p by says, of which the largest factor is
/// @p most.
/// @param is_constant  a number alone holds for all time; any pattern is taken
///                     cycle by cycle, and cuts what it is asked for there.
uint32_t
lat_parser_speed(struct lat_pattern_parser *p, uint32_t node, uint32_t by,
                 bool is_constant, bool is_slow, double most);

/// DEGRADE or UPGRADE.
uint32_t
lat_parser_degrade(struct lat_pattern_parser *p, uint32_t kind, uint32_t node,
                   struct lat_ratio chance);

#endif // LAT_PATTERN_OPERATORS_H
