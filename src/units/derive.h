// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// From what is edited to what runs.
///
/// All functions are [control].
#ifndef LAT_UNITS_DERIVE_H
#define LAT_UNITS_DERIVE_H

#include "flat.h"
#include "graph/graph.h"
#include "units.h"

/// Make an instance with the present values of voice @p voice, from 0.  Slots
/// are filled in by the caller, who owns it.
/// @param means  rate, block, and what is shared; the rest is the node's.
/// @return LAT_OK or what lat_instance_new() returns.
enum lat_status
lat_units_make_instance(const struct lat_node *node, uint32_t voice,
                        const struct lat_instance_options *means,
                        struct lat_instance **out);

/// A configuration from the node's present settings; owned by the caller.
enum lat_status
lat_units_make_config(const struct lat_node *node, uint32_t voice,
                      const struct lat_instance_options *means,
                      struct lat_config **out);

/// Does a cable need such a door for the output that it reads?
bool
lat_cable_needs_door(const struct lat_cable *c, enum lat_door_kind kind);

/// Does any cable out of this output?
bool
lat_units_need_door(const struct lat_node *node, uint32_t output,
                    enum lat_door_kind kind);

/// How many doors a node is to have.
uint32_t
lat_units_count_doors(const struct lat_node *node);

/// Makes instances for doors.
struct lat_door_maker {
    void *data;
    /// @return LAT_OK, or what is wrong.
    enum lat_status (*make)(void *data, const struct lat_door *door,
                            struct lat_instance **out);
    void (*drop)(void *data, struct lat_instance *inst);
};

/// Bring the doors of a node, which runs as it is to, up to date: once in a
/// commit.
/// @return LAT_OK, LAT_ENOMEM, or what the maker returned.
enum lat_status
lat_units_derive_doors(struct lat_units *u, const struct lat_node *node,
                       const struct lat_door_maker *maker);

/// Write what runs into @p out, which is empty: list after list.  Units get
/// their number in `index`.
/// @param[out] out  to be freed with lat_flat_free(), on failure too.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_units_flatten(const struct lat_units *u, struct lat_flat *out);

#endif // LAT_UNITS_DERIVE_H
