// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The table of transforms: what they are called, take, and come to.
#ifndef LAT_PATTERN_TRANSFORMS_H
#define LAT_PATTERN_TRANSFORMS_H

#include "parser.h"

#define LAT_TRANSFORM_ARGUMENTS 3

/// What was read for one transform.
struct lat_transform_given {
    uint32_t input;
    uint32_t n;
    uint32_t nodes[LAT_TRANSFORM_ARGUMENTS]; ///< of patterns, or what a
                                             ///< function made
    struct lat_ratio numbers[LAT_TRANSFORM_ARGUMENTS];
    double most[LAT_TRANSFORM_ARGUMENTS], least[LAT_TRANSFORM_ARGUMENTS];
};

enum lat_transform_argument_kind {
    LAT_TRANSFORM_NOTHING,
    LAT_TRANSFORM_NUMBER,   ///< a constant
    LAT_TRANSFORM_PATTERN,  ///< in mini-notation
    LAT_TRANSFORM_FUNCTION, ///< another transform, or several in ( )
};

struct lat_transform_argument {
    enum lat_transform_argument_kind kind;
    const struct lat_pattern_role *role;
    bool is_optional;
};

struct lat_transform {
    const char *name;
    struct lat_transform_argument arguments[LAT_TRANSFORM_ARGUMENTS];
    uint32_t (*build)(struct lat_pattern_parser *p,
                      const struct lat_transform_given *g);
    /// What a function in `arguments` is given; NULL: the input.
    uint32_t (*feed)(struct lat_pattern_parser *p,
                     const struct lat_transform_given *g);
};

/// All of them; the last has no name.
extern const struct lat_transform lat_transforms[];

#endif // LAT_PATTERN_TRANSFORMS_H
