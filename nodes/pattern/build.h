// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Trees under construction.  A call that fails for want of memory, or of room,
/// says so by `status`; after that nothing is built any more, and indices mean
/// nothing.  All functions are [any but audio].
#ifndef LAT_PATTERN_BUILD_H
#define LAT_PATTERN_BUILD_H

#include "tree.h"

/// A step that is not in its sequence yet.
struct lat_pattern_step {
    uint32_t node;
    struct lat_ratio weight;
};

struct lat_pattern_builder {
    enum lat_status status;
    const char *complaint; ///< with LAT_EINVAL
    struct lat_pattern_node *nodes;
    uint32_t *kids;
    int64_t *sums;
    struct lat_pattern_step *steps; ///< a stack
    uint32_t n_nodes, n_kids, n_sums, n_steps;
    uint32_t room_nodes, room_kids, room_sums, room_steps;
    uint32_t place; ///< of nodes to come
};

void
lat_builder_fini(struct lat_pattern_builder *b);

/// A node with up to 4 kids; the rest is the caller's to fill in before
/// lat_builder_weigh().
uint32_t
lat_builder_add(struct lat_pattern_builder *b, uint32_t kind, uint32_t n_kids,
                const uint32_t *kids);

/// A node of lat_builder_add().  It moves with the next one.
struct lat_pattern_node *
lat_builder_node(struct lat_pattern_builder *b, uint32_t i);

/// Say what node @p i costs, as all about it is known.  @return @p i.
uint32_t
lat_builder_weigh(struct lat_pattern_builder *b, uint32_t i);

void
lat_builder_push(struct lat_pattern_builder *b, uint32_t node,
                 struct lat_ratio weight);

/// Make the steps from @p from on one, and take them off the stack.
/// @param[out] weight  of them all.
uint32_t
lat_builder_sequence(struct lat_pattern_builder *b, uint32_t from,
                     struct lat_ratio *weight);

/// The same, at once: STACK or CHOICE.
uint32_t
lat_builder_together(struct lat_pattern_builder *b, uint32_t kind,
                     uint32_t from);

/// @p n copies of a node one after the other.
uint32_t
lat_builder_copies(struct lat_pattern_builder *b, uint32_t node, uint32_t n);

uint32_t
lat_builder_scale(struct lat_pattern_builder *b, uint32_t node,
                  struct lat_ratio factor);

uint32_t
lat_builder_number(struct lat_pattern_builder *b, struct lat_ratio number);

/// What there is, with the text, in one piece.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_builder_finish(const struct lat_pattern_builder *b, uint32_t root,
                   const char *text, uint32_t size, struct lat_pattern **out);

#endif // LAT_PATTERN_BUILD_H
