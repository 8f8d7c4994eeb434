// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wiring.h"
#include "base/log.h"

uint32_t
lat_processes_count_late(const struct lat_processes *s)
{
    uint32_t n = 0;
    const struct lat_graph *g = lat_control_graph(s->control);
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        n += lat_control_is_late(c);
    }
    return n;
}

static void
report_late(struct lat_processes *s)
{
    const uint32_t n = lat_processes_count_late(s);
    if (n != s->n_late && n) {
        struct lat_jack_status j;
        lat_jack_status(s->jack, &j);
        lat_log(LAT_LOG_INFO,
                "%u cable%s from processes %s one period (%u frames) late; "
                "/graph/late lists them",
                n, n == 1 ? "" : "s", n == 1 ? "is" : "are", j.period);
    }
    s->n_late = n;
}

static bool
is_there(void *data, const struct lat_node *node)
{
    const struct process *p = lat_process_of(data, node);
    return p && lat_process_listens(p);
}

void
lat_processes_update_cables(struct lat_processes *s)
{
    const struct lat_graph *g = lat_control_graph(s->control);
    const struct lat_told_where where = {is_there, s, s->prefix};
    struct lat_cable_plan plan = {0};
    bool has_any = false;
    s->are_cables_old = false;
    for (const struct process *p = s->first; p; p = p->next) {
        has_any = has_any || p->state != LEAVING;
    }
    for (const struct lat_node *n = g->first; n; n = n->next) {
        if (lat_control_is_hosted(n) && is_there(s, n)) {
            lat_told_cables(&lat_process_of(s, n)->told, n, &where, &plan);
        }
    }
    if (plan.is_short) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "out of memory: cables of processes wait");
        lat_cable_plan_fini(&plan);
        s->are_cables_old = true; // the next tick tries again
        return;
    }
    report_late(s);
    s->n_cables = plan.n_cables;
    lat_jack_want_clock(s->jack, has_any);
    lat_jack_want_cables(s->jack, &plan);
}
