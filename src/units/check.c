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
    const uint32_t voice = lead->src_voice;
    expect(k, is_here || door, "a cable from a process has no door");
    expect(k,
           lead->src == (is_here ? lat_units_voice(c->src, voice)
                         : door  ? &door->unit
                                 : NULL),
           "a lead has another source");
    expect(k,
           lead->src_port ==
               (is_here ? lat_units_output(c->src, voice, c->src_port) : 0),
           "a lead has another output");
    expect(k, lead->is_ring == (is_here && c->is_feedback),
           "a ring is no ring");
}

/// @param i  its place among those of the cable.
static void
check_lead(struct check *k, const struct lat_cable *c,
           const struct lat_lead *lead, uint32_t i)
{
    ++k->n_leads;
    expect(k, lead, "a cable has too few leads");
    if (k->wrong) {
        return;
    }
    expect(k, lead->src_voice == (c->src->poly > 1 ? i : 0),
           "a lead is of another voice");
    expect(k, lead->dst_voice == (c->dst->poly > 1 ? i : 0),
           "a lead is for another voice");
    expect(k,
           c->src->poly < 2 || c->dst->poly < 2 || c->src->poly == c->dst->poly,
           "a cable joins other numbers of voices");
    check_source(k, c, lead);
    expect(k,
           lead->dst == lat_units_voice(c->dst, lead->dst_voice) &&
               lead->dst_port ==
                   lat_units_input(c->dst, lead->dst_voice, c->dst_port),
           "a lead has another input");
    expect(k, lead->state == LAT_RUN_LIVE, "a lead of a cable dies");
}

static void
check_cable(struct check *k, const struct lat_cable *c)
{
    const struct lat_lead *lead = c->run;
    const uint32_t n = lat_cable_n_leads(c);
    for (uint32_t i = 0; i < n && !k->wrong; ++i) {
        check_lead(k, c, lead, i);
        lead = lead ? lead->sister : NULL;
    }
    expect(k, !lead, "a cable has too many leads");
}

// The order of leads in the input of one voice.
static void
check_order(struct check *k, const struct lat_node *node, uint32_t i,
            const struct lat_unit *unit, uint32_t port)
{
    const struct lat_patch *p = lat_units_patch(unit, port);
    const struct lat_lead *next = p ? p->first : NULL;
    uint32_t n = 0;
    for (const struct lat_cable *c = lat_input_first(&node->in[i]);
         c && !k->wrong; c = c->next_in) {
        for (const struct lat_lead *l = c->run; l; l = l->sister) {
            if (l->dst == unit && l->dst_port == port) {
                expect(k, next == l, "an input has its leads in another order");
                next = next ? next->next : NULL;
                ++n;
            }
        }
    }
    expect(k, !next, "an input has too many leads");
    expect(k, (p ? p->n_live : 0) == n, "leads are miscounted");
}

static void
check_input(struct check *k, const struct lat_node *node, uint32_t i)
{
    for (const struct lat_cable *c = lat_input_first(&node->in[i]);
         c && !k->wrong; c = c->next_in) {
        check_cable(k, c);
    }
    for (uint32_t v = 0; v < node->poly && !k->wrong; ++v) {
        check_order(k, node, i, lat_units_voice(node, v),
                    lat_units_input(node, v, i));
    }
}

static void
check_node(struct check *k, const struct lat_node *node)
{
    const struct lat_unit *unit = lat_units_of(node);
    expect(k, !unit == lat_units_is_away(node), "a node runs that is away");
    if (!unit || k->wrong) {
        return;
    }
    uint32_t n = 0;
    for (; unit && !k->wrong; unit = unit->sister, ++n) {
        expect(k, unit == k->unit, "units are in another order");
        expect(k, unit->voice == n, "a unit is of another voice");
        expect(k, unit->state == LAT_RUN_LIVE, "a unit of a node dies");
        expect(k, lat_layout_is_of(unit->inst->layout, node->layout),
               "a unit has other ports");
        expect(k,
               unit->inst->layout->n_voices ==
                   (lat_type_is_dealer(node->type) ? node->poly : 1),
               "a unit has the ports of other voices");
        k->unit = unit->next;
    }
    k->n_units += n;
    expect(k, n == lat_units_wanted(node), "a node has not all its voices");
    for (uint32_t i = 0; !k->wrong && i < node->layout->n_in; ++i) {
        check_input(k, node, i);
    }
}

// The leads into a door that sends: one from each voice.
static void
check_sent(struct check *k, const struct lat_door *door)
{
    const struct lat_node *node = door->node;
    const struct lat_lead *lead = door->lead;
    const struct lat_patch *p = lat_units_patch(&door->unit, 0);
    const int output = lat_units_door_output(door);
    expect(k, lead && p && p->first == lead && p->n_live == node->poly,
           "a door has not its leads");
    for (uint32_t v = 0; v < node->poly && !k->wrong; ++v) {
        ++k->n_leads;
        expect(k, lead->src == lat_units_voice(node, v),
               "a door reads another unit");
        expect(k, lead->src_port == lat_units_output(node, v, (uint32_t)output),
               "a door reads another output");
        expect(k, lead->is_ring == (door->kind == LAT_DOOR_SEND_LATE),
               "a door reads the wrong ring");
        expect(k, lead->state == LAT_RUN_LIVE, "a lead into a door dies");
        expect(k, v + 1U == node->poly || lead->sister,
               "a door has too few leads");
        lead = lead->sister;
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
