// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Units and leads of flat arrays, found by their keys.
///
/// All functions are [control].
#ifndef LAT_UNITS_SIDE_H
#define LAT_UNITS_SIDE_H

#include "base/status.h"
#include "flat.h"

/// No place in an array.
#define LAT_NOWHERE UINT32_MAX

/// Places of keys: 0, or one more than the place.
struct lat_side_table {
    uint32_t *slots;
    uint32_t mask;
};

/// A lead without numbers that hold for its own arrays only.
struct lat_wire {
    uint64_t src, dst; ///< keys
    uint32_t output, input;
    bool is_ring, is_dying;
};

/// The arrays of one of those that are merged, by key.
struct lat_side {
    const struct lat_flat *flat;
    struct lat_side_table units, leads;
    uint32_t *reader; ///< by lead: the unit
    uint32_t *patch;  ///< by lead
};

/// Read @p flat, which lives as long as @p s, whose memory is the arena's.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_side_read(struct lat_arena *work, const struct lat_flat *flat,
              struct lat_side *s);

/// Where a unit, or a lead, is; or LAT_NOWHERE.
uint32_t
lat_side_unit(const struct lat_side *s, uint64_t key);
uint32_t
lat_side_lead(const struct lat_side *s, uint64_t key);

/// The patches of a unit, up to @p end; NULL: of LAT_NOWHERE.
const struct lat_flat_patch *
lat_side_patches(const struct lat_side *s, uint32_t unit,
                 const struct lat_flat_patch **end);

/// That of an input, or NULL.
const struct lat_flat_patch *
lat_side_patch(const struct lat_side *s, uint32_t unit, uint32_t port);

/// What lead number @p lead joins.
struct lat_wire
lat_side_wire(const struct lat_side *s, uint32_t lead);

/// What may be changed of a unit by itself: bits of a set.  All: the whole.
enum lat_part {
    LAT_PART_CONFIG = 1,
    LAT_PART_BYPASS = 2,
    LAT_PART_SLEEP = 4,
    LAT_PART_ALL = 7,
};

/// In what unit @p i of a side differs from unit @p k of another: enum
/// lat_part; 0: in nothing.
uint32_t
lat_side_compare_units(const struct lat_side *x, uint32_t i,
                       const struct lat_side *y, uint32_t k);

/// The same of leads, which are changed as a whole.
uint32_t
lat_side_compare_leads(const struct lat_side *x, uint32_t i,
                       const struct lat_side *y, uint32_t k);

#endif // LAT_UNITS_SIDE_H
