// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bypass.h"

#include <stdlib.h>
#include <string.h>

static uint16_t
first_signal(const struct lat_layout *layout)
{
    uint16_t i = 0;
    while (i < layout->n_in && layout->in[i].port->kind != LAT_PORT_SIGNAL) {
        ++i;
    }
    return i < layout->n_in ? i : LAT_BYPASS_NOTHING;
}

static uint16_t
source_of(const struct lat_layout *layout, uint32_t output)
{
    const struct lat_port_info *info = &layout->out[output];
    const uint16_t first = first_signal(layout);
    if (lat_port_kind_is_event(info->port->kind) || info->port->is_message ||
        first == LAT_BYPASS_NOTHING) {
        return LAT_BYPASS_NOTHING;
    }
    const int own = lat_layout_input(layout, info->name);
    return own >= 0 ? (uint16_t)own : first;
}

enum lat_status
lat_bypass_new(const struct lat_node_type *type,
               const struct lat_layout *layout, const struct lat_config *config,
               struct lat_bypass **out)
{
    struct lat_bypass *b =
        calloc(1, sizeof(*b) + layout->n_out * sizeof(*b->source));
    if (!b) {
        return LAT_ENOMEM;
    }
    b->latency = type->latency ? type->latency(config) : 0;
    if (b->latency) {
        b->rings =
            calloc((size_t)layout->n_out + 1, b->latency * sizeof(*b->rings));
        if (!b->rings) {
            free(b);
            return LAT_ENOMEM;
        }
    }
    for (uint32_t o = 0; o < layout->n_out; ++o) {
        b->source[o] = source_of(layout, o);
    }
    lat_ramp_set(&b->share, 0.0F);
    *out = b;
    return LAT_OK;
}

void
lat_bypass_free(struct lat_bypass *b)
{
    if (b) {
        free(b->rings);
        free(b);
    }
}
