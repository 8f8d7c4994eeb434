// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a pattern consists of.  Nodes come before those that have them as kids.
#ifndef LAT_PATTERN_TREE_H
#define LAT_PATTERN_TREE_H

#include "pattern.h"

enum lat_pattern_kind {
    LAT_PATTERN_SILENCE,
    LAT_PATTERN_ATOM,     ///< `number`, or the word at `place`
    LAT_PATTERN_SEQUENCE, ///< kids, by their weights
    LAT_PATTERN_STACK,    ///< kids at once
    LAT_PATTERN_CHOICE,   ///< a kid each cycle
    LAT_PATTERN_SCALE,    ///< kid, `number` times as fast
    LAT_PATTERN_FAST,     ///< kid, times a pattern's factor times `number`
    LAT_PATTERN_SLOW,     ///< the same, divided by it
    LAT_PATTERN_EUCLID,   ///< kid, hits, slots, turn (or none)
    LAT_PATTERN_PAIR,     ///< kid, what its value is paired with
    LAT_PATTERN_RANGE,    ///< from, to
    LAT_PATTERN_DEGRADE,  ///< kid; events at or above `chance` stay
    LAT_PATTERN_UPGRADE,  ///< kid; those below it stay
    LAT_PATTERN_INPUT,    ///< of transforms: what is transformed
    LAT_PATTERN_REV,      ///< kid
    LAT_PATTERN_EVERY,    ///< in cycle `turn` of `number` the first kid, else
                          ///< the second
    LAT_PATTERN_LATE,     ///< kid, by `number`, times a pattern if there is one
    LAT_PATTERN_NUDGE,    ///< kid, by a pattern at each onset
    LAT_PATTERN_PLY,      ///< kid, how many: a pattern, or `number`
    LAT_PATTERN_ITER,     ///< kid, `number` parts
    LAT_PATTERN_CHUNK,    ///< changed and plain kid, `number` parts
    LAT_PATTERN_STRUCT,   ///< kid, rhythm
    LAT_PATTERN_MASK,     ///< kid, rhythm
    LAT_PATTERN_LINE,     ///< kid; value * `number` + `second`
    LAT_PATTERN_ADD,      ///< kid, what is added
    LAT_PATTERN_N_KINDS,
};

struct lat_pattern_node {
    uint8_t kind;
    bool is_word, is_note; ///< ATOM
    bool is_same;          ///< SEQUENCE: n times its one kid
    bool has_sums;         ///< SEQUENCE: else all weigh the same
    uint16_t depth;
    uint32_t place, length; ///< in the text
    uint32_t first, n;      ///< kids
    uint32_t sums;          ///< SEQUENCE: first of n + 1
    struct lat_ratio number, second;
    uint64_t chance; ///< of 2^64
    double rate;     ///< what a cycle takes, roughly
    double point;    ///< what it takes to look at all
    double most;     ///< largest factor, most slots, … of the second kid
};

struct lat_pattern {
    uint64_t serial;
    uint32_t n_nodes, n_kids, n_sums, root, size;
    struct lat_pattern_node *nodes; ///< all in one piece with this
    uint32_t *kids;
    int64_t *sums; ///< of weights, in whole numbers
    char *text;
};

/// Index of kid @p i of @p n.  [any]
LAT_RT static inline uint32_t
lat_pattern_kid(const struct lat_pattern *p, const struct lat_pattern_node *n,
                uint32_t i)
{
    return p->kids[n->first + (n->is_same ? 0 : i)];
}

/// What a transformed pattern takes.
struct lat_pattern_cost {
    double rate, point;
};

/// Work out what node @p i takes, of which the kids are known.  [any but audio]
/// @param input  of what is transformed; NULL: next to nothing.
void
lat_pattern_weigh(struct lat_pattern_node *nodes, const uint32_t *kids,
                  const int64_t *sums, uint32_t i,
                  const struct lat_pattern_cost *input);

/// Does hit or rest @p slot of the rhythm E(@p k, @p n) sound?  [any]
/// @param k  hits; below 0, the slots that E(-k, n) leaves empty.
/// @param slot  0 to n - 1.
LAT_RT bool
lat_euclid_hits(int64_t k, int64_t n, int64_t slot);

#endif // LAT_PATTERN_TREE_H
