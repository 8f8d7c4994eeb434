// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What sleep.c (who sleeps with whom) and sleep_order.c (what has to run
/// before what, for that) share.  All functions are [control].
#ifndef LAT_PLAN_SLEEPERS_H
#define LAT_PLAN_SLEEPERS_H

#include "compiler.h"

/// No decider.
#define NONE UINT32_MAX

/// What keeps a unit awake, by number.
struct keeper {
    uint32_t decider; ///< or NONE
    const struct lat_ramp *fade;
};

struct keepers {
    uint32_t n;
    struct keeper *all;
};

/// A cable, from its source.
struct reader {
    uint32_t unit;
    bool is_ring;
    const struct lat_ramp *fade; ///< of one that goes
};

struct sleepers {
    struct lat_compiler *k;
    uint32_t n_deciders;
    uint8_t *decides; ///< by unit
    uint8_t *stays;   ///< by unit: it follows nobody
    uint8_t *carries; ///< by unit: what is awake comes through it
    uint32_t *first;  ///< by unit: its readers
    struct reader *readers;
    struct keepers *of;   ///< by unit
    struct keeper *found; ///< while they are collected
    uint32_t n_found;
    uint32_t *mark;  ///< by decider: the last that has found it
    uint32_t *order; ///< units, sources first
    struct lat_dependency *links;
};

static inline bool
is_amplitude_input(const struct lat_node_type *type, uint32_t port)
{
    return type->amplitude == LAT_AMPLITUDE_GAIN       ? port == 1 || port == 2
           : type->amplitude == LAT_AMPLITUDE_ENVELOPE ? port == 0
                                                       : false;
}

static inline uint32_t
n_cables(const struct lat_flat_patch *p)
{
    return p->n_live + p->n_dying;
}

static inline bool
is_follower(const struct sleepers *s, uint32_t index)
{
    return !s->decides[index] && s->of[index].n;
}

/// Does it sleep with this decider, and nobody else?
static inline bool
is_alone_with(const struct sleepers *s, uint32_t index, uint32_t decider)
{
    return is_follower(s, index) && s->of[index].n == 1 &&
           s->of[index].all[0].decider == decider;
}

/// Bring units and looks into an order.  Who follows in a circle stays awake
/// from now on.
/// @return LAT_OK, LAT_ENOMEM, or LAT_ECYCLE: there was one.
enum lat_status
lat_sleepers_sort(struct sleepers *s);

#endif // LAT_PLAN_SLEEPERS_H
