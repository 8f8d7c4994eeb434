// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Types that stand for those of a newer lattice.
///
/// A placeholder has the name and the ports that a session file speaks of, and
/// is silent: its outputs are 0.  The engine runs it like any other node.
///
/// A port whose name is "" is what a cable means that names no port.  Only
/// placeholders have such ports.
#ifndef LAT_GRAPH_PLACEHOLDER_H
#define LAT_GRAPH_PLACEHOLDER_H

#include "node/type.h"

/// Largest value that an input of a placeholder takes, and smallest, negated.
#define LAT_PLACEHOLDER_MAX 1e9F

/// Most bytes of a port's name.
#define LAT_PLACEHOLDER_NAME_MAX 40

/// Names of ports, each once.
struct lat_placeholder_ports {
    const char *const *names; ///< borrowed
    uint32_t n;               ///< up to LAT_MAX_PORTS
};

/// Those that were ever asked for.  Zeroed: none.
struct lat_placeholders {
    struct lat_placeholder *first;
};

/// Free them all.  No node may be of such a type any more.  [control]
void
lat_placeholders_fini(struct lat_placeholders *all);

/// The placeholder called @p name with these ports.  [control]
///
/// @return borrowed from @p all, the same for the same arguments; NULL when out
///         of memory.
const struct lat_node_type *
lat_placeholder_type(struct lat_placeholders *all, const char *name,
                     struct lat_placeholder_ports inputs,
                     struct lat_placeholder_ports outputs);

/// Is @p type a placeholder?  [any]
bool
lat_placeholder_is(const struct lat_node_type *type);

#endif // LAT_GRAPH_PLACEHOLDER_H
