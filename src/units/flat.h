// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What runs, as plain arrays: what a plan is compiled from.
///
/// They are written anew for every plan, and know nothing of the graph.
/// Everything here is [control].
#ifndef LAT_UNITS_FLAT_H
#define LAT_UNITS_FLAT_H

#include "base/arena.h"
#include "instance.h"

/// An instance and where its share of the other arrays begins; it ends where
/// that of the next one does.
struct lat_flat_unit {
    uint64_t key; ///< the same whatever its instance is
    const struct lat_node_type *type;
    struct lat_instance *inst;
    const struct lat_config *config;
    struct lat_bypass *bypass; ///< that is heard: it runs alone; or NULL
    bool may_sleep;            ///< its node says so, and its type can
    bool is_dying;
    uint32_t first_patch;
    uint32_t first_output;
};

/// An input that leads lead to.
struct lat_flat_patch {
    uint32_t port;
    uint32_t first; ///< of its leads: the live ones, then the dying
    uint32_t n_live, n_dying;
    bool is_event;
};

/// What one input reads of one output.
struct lat_flat_lead {
    uint64_t key;
    uint32_t source;      ///< a unit
    uint32_t output : 31; ///< number among all outputs
    uint32_t is_ring : 1; ///< of its feedback ring
    struct lat_ramp *amount;
};

struct lat_flat {
    uint32_t n_units, n_patches, n_leads;
    uint32_t n_live; ///< units that are not dying
    uint32_t n_inputs, n_outputs;
    struct lat_flat_unit *units; ///< in order; one more, the end
    struct lat_flat_patch *patches;
    struct lat_flat_lead *leads;
    struct lat_arena arena;
};

/// Give the arrays back.
void
lat_flat_free(struct lat_flat *flat);

#endif // LAT_UNITS_FLAT_H
