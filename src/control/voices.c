// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which numbers of voices cables may join, and how many an input takes.

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

/// How many leads a cable has into each voice of its destination.
static uint32_t
n_leads(const struct lat_node *src, const struct lat_node *dst)
{
    return dst->poly > 1 ? 1 : src->poly;
}

enum lat_status
lat_control_check_leads(const struct lat_node *src, const struct lat_node *dst,
                        uint32_t port, struct lat_error *error)
{
    const struct lat_input *in = &dst->in[port];
    const struct lat_cable *k = lat_input_first(in);
    uint32_t n = src ? n_leads(src, dst) : 0;
    if ((lat_input_n_cables(in) + 1) * LAT_MAX_POLY <= LAT_MAX_CABLES_IN) {
        return LAT_OK;
    }
    for (; k && n <= LAT_MAX_CABLES_IN; k = k->next_in) {
        n += n_leads(k->src, dst);
    }
    return n > LAT_MAX_CABLES_IN
               ? lat_error_set(error, LAT_EFULL,
                               "%s/%s takes %u cables at most, a cable from "
                               "many voices counting as many; sum some in a "
                               "bus first",
                               dst->name, dst->layout->in[port].name,
                               LAT_MAX_CABLES_IN)
               : LAT_OK;
}

static enum lat_status
check_input(const struct lat_node *node, uint32_t port, struct lat_error *error)
{
    const struct lat_cable *k = lat_input_first(&node->in[port]);
    enum lat_status status = lat_control_check_leads(NULL, node, port, error);
    for (; !status && k; k = k->next_in) {
        status = lat_control_check_voices(k->src, node, error);
    }
    return status;
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
            status = check_input(node, p, error);
        }
        const struct lat_cable *k = node->out;
        for (; !status && k; k = k->next_out) {
            status = lat_control_check_voices(node, k->dst, error);
            if (!status) {
                status =
                    lat_control_check_leads(NULL, k->dst, k->dst_port, error);
            }
        }
    }
    return status;
}
