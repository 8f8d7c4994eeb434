// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cable_plan.h"
#include "base/text.h"

#include <stdlib.h>

void
lat_cable_plan_fini(struct lat_cable_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_cables; ++i) {
        free(plan->cables[i].from);
        free(plan->cables[i].to);
    }
    free(plan->cables);
    free(plan->labels);
    *plan = (struct lat_cable_plan){0};
}

void *
lat_cable_plan_grow(void *array, uint32_t n, size_t element)
{
    return n % 16 ? array : realloc(array, (n + (size_t)16) * element);
}

enum lat_status
lat_cable_plan_add(struct lat_cable_plan *plan, const char *from,
                   const char *to, enum lat_cable_rank rank)
{
    struct lat_planned_cable *cables =
        lat_cable_plan_grow(plan->cables, plan->n_cables, sizeof(*cables));
    if (!cables) {
        plan->is_short = true;
        return LAT_ENOMEM;
    }
    plan->cables = cables;
    const struct lat_planned_cable cable = {lat_strdup(from), lat_strdup(to),
                                            rank};
    if (!cable.from || !cable.to) {
        free(cable.from);
        free(cable.to);
        plan->is_short = true;
        return LAT_ENOMEM;
    }
    cables[plan->n_cables++] = cable;
    return LAT_OK;
}

enum lat_status
lat_cable_plan_add_label(struct lat_cable_plan *plan,
                         const struct lat_port_label *label)
{
    struct lat_port_label *labels =
        lat_cable_plan_grow(plan->labels, plan->n_labels, sizeof(*labels));
    if (!labels) {
        plan->is_short = true;
        return LAT_ENOMEM;
    }
    plan->labels = labels;
    labels[plan->n_labels++] = *label;
    return LAT_OK;
}

bool
lat_cable_plan_copy(const struct lat_cable_plan *plan,
                    struct lat_cable_plan *out)
{
    enum lat_status status = LAT_OK;
    *out = (struct lat_cable_plan){0};
    for (uint32_t i = 0; !status && i < plan->n_cables; ++i) {
        const struct lat_planned_cable *c = &plan->cables[i];
        status = lat_cable_plan_add(out, c->from, c->to, c->rank);
    }
    for (uint32_t i = 0; !status && i < plan->n_labels; ++i) {
        status = lat_cable_plan_add_label(out, &plan->labels[i]);
    }
    if (status) {
        lat_cable_plan_fini(out);
    }
    return !status;
}
