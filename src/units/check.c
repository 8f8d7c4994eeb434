// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What must run follows from the graph alone, but for what dies.

#include "derive.h"

#include <string.h>

/// What is looked at next, and the first thing that differs.
struct check {
    const struct lat_unit *unit;
    uint32_t n_units, n_leads, n_doors;
    const char *wrong;
};

static void
expect(struct check *k, bool is_so, const char *wrong)
{
    k->wrong = is_so || k->wrong ? k->wrong : wrong;
}

// What comes from a process is read from a door, and no ring.
static void
check_source(struct check *k, const struct lat_cable *c,
             const struct lat_lead *lead)
{
    const char *output = c->src->layout->out[c->src_port].name;
    const bool is_here = !lat_units_is_away(c->src);
    const struct lat_door *door =
        lat_units_find_door(c->src, LAT_DOOR_RETURN, output);
    expect(k, is_here || door, "a cable from a process has no door");
    expect(k,
           lead->src == (is_here ? lat_units_of(c->src)
                         : door  ? &door->unit
                                 : NULL),
           "a lead has another source");
    expect(k, lead->src_port == (is_here ? c->src_port : 0),
           "a lead has another output");
    expect(k, lead->is_ring == (is_here && c->is_feedback),
           "a ring is no ring");
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
    check_source(k, c, lead);
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
    expect(k, !unit == lat_units_is_away(node), "a node runs that is away");
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

// The one lead into a door that sends.
static void
check_sent(struct check *k, const struct lat_door *door)
{
    const struct lat_lead *lead = door->lead;
    const struct lat_patch *p = lat_units_patch(&door->unit, 0);
    const int output = lat_units_door_output(door);
    expect(k, lead && p && p->first == lead && p->n_live == 1,
           "a door has not the one lead");
    if (!k->wrong) {
        ++k->n_leads;
        expect(k, lead->src == lat_units_of(door->node),
               "a door reads another unit");
        expect(k, (int)lead->src_port == output, "a door reads another output");
        expect(k, lead->is_ring == (door->kind == LAT_DOOR_SEND_LATE),
               "a door reads the wrong ring");
        expect(k, lead->state == LAT_RUN_LIVE, "a lead into a door dies");
    }
}

static bool
is_needed(const struct lat_door *door)
{
    const int output = lat_units_door_output(door);
    return output >= 0 &&
           lat_units_need_door(door->node, (uint32_t)output, door->kind);
}

static void
check_doors(struct check *k, const struct lat_node *node)
{
    uint32_t n = 0;
    const struct lat_door *door = node->run->doors;
    for (; door && !k->wrong; door = door->next, ++n) {
        expect(k, door->node == node, "a door is another node's");
        expect(k, door->unit.state == LAT_RUN_LIVE, "a door dies");
        expect(k, is_needed(door), "nobody needs a door");
        if (door->kind != LAT_DOOR_RETURN) {
            check_sent(k, door);
        }
        for (const struct lat_door *d = door->next; d; d = d->next) {
            expect(k,
                   d->kind != door->kind ||
                       strcmp(d->output, door->output) != 0,
                   "a door is there twice");
        }
    }
    expect(k, n == lat_units_count_doors(node), "a door is not there");
    k->n_doors += n;
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
        check_doors(&k, n);
    }
    expect(&k, !k.unit, "there are units of no node");
    expect(&k, k.n_units + k.n_doors == u->n_live, "units are miscounted");
    for (const struct lat_unit *unit = lat_units_next(u, NULL); unit;
         unit = lat_units_next(u, unit)) {
        lat_units_each_lead(unit, count_dying, &k);
    }
    expect(&k, k.n_leads == u->n_leads, "leads of no cable live");
    return k.wrong;
}
