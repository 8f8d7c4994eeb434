// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A configuration is only looked at by its node: kernels in lanes have none.
// A node with a way around it cannot run in lanes, so its group is run node by
// node as long as this plan lasts.

#include "amend.h"
#include "plan/naps.h"

LAT_RT void
lat_amend(struct lat_plan *plan, const struct lat_message *m)
{
    const uint32_t id = m->of->id;
    struct lat_plan_node *pn = id < plan->n_ids ? plan->node_of[id] : NULL;
    if (!pn || pn->inst != m->of) {
        return;
    }
    if (m->kind == LAT_MESSAGE_CONFIG) {
        pn->config = m->config;
        return;
    }
    pn->bypass = m->of->bypass;
    struct lat_plan_lanes *g = plan->group_of[id];
    if (g) {
        g->is_apart = true;
        lat_nap_end(g);
    }
}
