// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tell.h"
#include "base/log.h"
#include "base/text.h"
#include "session_state.h"

void
lat_sessions_tell(const struct lat_sessions *s, const struct lat_control *c,
                  const char *did)
{
    const struct lat_graph *const g = lat_control_graph(c);
    const char *const file = lat_sessions_loaded(s);
    lat_log(LAT_LOG_INFO, "%s %.700s: %s, %s", did,
            file          ? file
            : s->nameless ? s->nameless->what
                          : "an empty session",
            lat_count(g->n_nodes, "node").text,
            lat_count(g->n_cables, "cable").text);
}

void
lat_sessions_tell_import(const struct lat_control *c, const char *name,
                         const char *part)
{
    const struct lat_graph *const g = lat_control_graph(c);
    lat_log(LAT_LOG_INFO, "imported %s as %s: there are %s, %s now", name, part,
            lat_count(g->n_nodes, "node").text,
            lat_count(g->n_cables, "cable").text);
}
