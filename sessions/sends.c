// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which nodes want to send to hosts that the session does not name: they stay,
// silent.

#include "apply_private.h"

/// Where the node of a section wants to send, and may not; else NULL.
static const char *
refused_host(const struct lat_apply *a, const struct lat_draft_section *s)
{
    char name[LAT_NAME_MAX];
    const struct lat_node *const node =
        s->kind == LAT_SECTION_NODE &&
                lat_apply_name(a, s->name, name, sizeof(name))
            ? lat_graph_find(lat_control_graph(a->target->control), name)
            : NULL;
    const int host = node && (node->type->flags & LAT_TYPE_SENDS)
                         ? lat_setting_index(node->type, "host")
                         : -1;
    if (host < 0) {
        return NULL;
    }
    const char *const text = node->settings[host].text;
    return lat_document_may_send(lat_control_document(a->target->control), text)
               ? NULL
               : text;
}

void
lat_apply_warn_sends(const struct lat_apply *a)
{
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        const struct lat_draft_section *const s = &a->draft->sections[i];
        const char *const host = refused_host(a, s);
        if (host) {
            const struct lat_draft_entry *const e =
                lat_draft_entry(a->draft, s, "host");
            lat_apply_warn(a, e ? e->line : s->line,
                           "'%s' sends nothing: %s is not this machine, and no "
                           "line `send = %s` of [osc] allows it",
                           s->name, host, host);
        }
    }
}
