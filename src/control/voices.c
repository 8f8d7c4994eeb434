// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which numbers of voices cables may join.

#include "state.h"

enum lat_status
lat_control_check_voices(const struct lat_node *src, const struct lat_node *dst,
                         struct lat_error *error)
{
    if (src->poly == dst->poly || src->poly == 1 || dst->poly == 1) {
        return LAT_OK;
    }
    return lat_error_set(error, LAT_EINVAL,
                         "%s has %u voices and %s has %u: a cable joins equal "
                         "numbers, or one to many; give both the same poly, "
                         "in one bundle if they are joined",
                         src->name, src->poly, dst->name, dst->poly);
}

// Who changes the voices of a chain does so node by node: only in the end need
// they fit.
enum lat_status
lat_control_check_poly(const struct lat_control *c, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        const struct lat_node *node = edit->node;
        if (edit->kind != LAT_EDIT_POLY || node->is_removed) {
            continue;
        }
        for (uint32_t p = 0; !status && p < node->layout->n_in; ++p) {
            const struct lat_cable *k = lat_input_first(&node->in[p]);
            for (; !status && k; k = k->next_in) {
                status = lat_control_check_voices(k->src, k->dst, error);
            }
        }
        const struct lat_cable *k = node->out;
        for (; !status && k; k = k->next_out) {
            status = lat_control_check_voices(k->src, k->dst, error);
        }
    }
    return status;
}
