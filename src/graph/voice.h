// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Names of voices: `lead.3` is the third voice of `lead`.
///
/// All functions are [control].
#ifndef LAT_GRAPH_VOICE_H
#define LAT_GRAPH_VOICE_H

#include "graph.h"

/// A node, and one of its voices.
struct lat_voice {
    struct lat_node *node;
    uint32_t number; ///< from 1; 0: all, or the only one
};

/// Take `NAME.K` apart.
/// @param[out] name  NAME, up to @p size bytes with the NUL.
/// @return whether it is written so.
bool
lat_split_voice(const char *text, char *name, size_t size, uint32_t *number);

/// Write @p name, or `NAME.K` of voice @p number.  @return @p out.
char *
lat_voice_name(const char *name, uint32_t number, char out[LAT_VOICE_NAME_MAX]);

/// The node, or the voice of a node, that is called @p name.
/// @return LAT_OK, or LAT_ENOTFOUND and what there is instead.
enum lat_status
lat_graph_find_voice(const struct lat_graph *g, const char *name,
                     struct lat_voice *out, struct lat_error *error);

#endif // LAT_GRAPH_VOICE_H
