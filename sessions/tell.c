// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sessions/tell.h"
#include "log.h"

#include <stdio.h>

/// "5 nodes, 1 cable".
static const char *
count(const struct lat_control *c, char *out, size_t size)
{
    const struct lat_graph *const g = lat_control_graph(c);
    snprintf(out, size, "%u node%s, %u cable%s", g->n_nodes,
             g->n_nodes == 1 ? "" : "s", g->n_cables,
             g->n_cables == 1 ? "" : "s");
    return out;
}

void
lat_sessions_tell(const struct lat_sessions *s, const struct lat_control *c,
                  const char *did)
{
    char counts[64];
    const char *const file = lat_sessions_loaded(s);
    lat_log(LAT_LOG_INFO, "%s %.700s: %s", did,
            file ? file : "an empty session", count(c, counts, sizeof(counts)));
}

void
lat_sessions_tell_import(const struct lat_control *c, const char *name,
                         const char *part)
{
    char counts[64];
    lat_log(LAT_LOG_INFO, "imported %s as %s: there are %s now", name, part,
            count(c, counts, sizeof(counts)));
}
