// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What must run follows from the graph alone, but for what dies.

#include "units.h"

/// What is looked at next, and the first thing that differs.
struct check {
    const struct lat_unit *unit;
    uint32_t n_units, n_leads;
    const char *wrong;
};

static void
expect(struct check *k, bool is_so, const char *wrong)
{
    k->wrong = is_so || k->wrong ? k->wrong : wrong;
}

static void
check_lead(struct check *k, const struct lat_cable *c,
           const struct lat_lead *lead, const struct lat_unit *unit)
{
    ++k->n_leads;
    expect(k, lead && lead == c->run, "a cable has another lead");
    if (k->wrong) {
        return;
    }
    expect(k, lead->src == lat_units_of(lat_cable_source(c)),
           "a lead has another source");
    expect(k, lead->src_port == lat_cable_source_port(c),
           "a lead has another output");
    expect(k, lead->is_ring == lat_cable_is_ring(c), "a ring is no ring");
    expect(k, lead->dst == unit && lead->dst_port == c->dst_port,
           "a lead has another input");
    expect(k, lead->state == LAT_RUN_LIVE, "a lead of a cable dies");
}

static void
check_input(struct check *k, const struct lat_node *node, uint32_t i)
{
    const struct lat_unit *unit = lat_units_of(node);
    const struct lat_patch *p = lat_units_patch(unit, i);
    const struct lat_lead *lead = p ? p->first : NULL;
    for (const struct lat_cable *c = lat_input_first(&node->in[i]);
         c && !k->wrong; c = c->next_in) {
        check_lead(k, c, lead, unit);
        lead = lead ? lead->next : NULL;
    }
    expect(k, !lead, "an input has too many leads");
    expect(k, !p || p->n_live == lat_input_n_cables(&node->in[i]),
           "leads are miscounted");
}

static void
check_node(struct check *k, const struct lat_node *node)
{
    const struct lat_unit *unit = lat_units_of(node);
    expect(k, !unit == node->place.is_away, "a node runs that is away");
    if (!unit || k->wrong) {
        return;
    }
    ++k->n_units;
    expect(k, unit == k->unit, "units are in another order");
    expect(k, unit->state == LAT_RUN_LIVE, "a unit of a node dies");
    expect(k, unit->inst->layout == node->layout, "a unit has other ports");
    for (uint32_t i = 0; !k->wrong && i < node->layout->n_in; ++i) {
        check_input(k, node, i);
    }
    k->unit = unit->next;
}

static void
count_dying(void *data, struct lat_lead *lead)
{
    struct check *k = data;
    k->n_leads += lead->is_dying;
}

const char *
lat_units_check(const struct lat_units *u, const struct lat_graph *g)
{
    struct check k = {.unit = u->first[LAT_UNITS_NODES]};
    for (const struct lat_node *n = g->first; n && !k.wrong; n = n->next) {
        check_node(&k, n);
    }
    expect(&k, !k.unit, "there are units of no node");
    k.unit = u->first[LAT_UNITS_DOORS];
    for (const struct lat_node *n = g->first_door; n && !k.wrong; n = n->next) {
        check_node(&k, n);
    }
    expect(&k, !k.unit, "there are doors of no node");
    expect(&k, k.n_units == u->n_live, "units are miscounted");
    for (const struct lat_unit *unit = lat_units_next(u, NULL); unit;
         unit = lat_units_next(u, unit)) {
        lat_units_each_lead(unit, count_dying, &k);
    }
    expect(&k, k.n_leads == u->n_leads, "leads of no cable live");
    return k.wrong;
}
