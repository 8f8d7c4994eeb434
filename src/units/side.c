// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "side.h"

static uint32_t
slot_of(const struct lat_side_table *t, uint64_t key)
{
    return (uint32_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32U) & t->mask;
}

static bool
make_table(struct lat_arena *work, uint32_t n, struct lat_side_table *t)
{
    uint32_t size = 4;
    while (size < 2 * n) {
        size *= 2;
    }
    t->mask = size - 1;
    t->slots = lat_arena_take(work, size, sizeof(*t->slots));
    return t->slots;
}

static void
add_key(struct lat_side_table *t, uint64_t key, uint32_t i)
{
    uint32_t at = slot_of(t, key);
    while (t->slots[at]) {
        at = (at + 1) & t->mask;
    }
    t->slots[at] = i + 1;
}

uint32_t
lat_side_unit(const struct lat_side *s, uint64_t key)
{
    uint32_t at = slot_of(&s->units, key);
    while (s->units.slots[at] &&
           s->flat->units[s->units.slots[at] - 1].key != key) {
        at = (at + 1) & s->units.mask;
    }
    return s->units.slots[at] ? s->units.slots[at] - 1 : LAT_NOWHERE;
}

uint32_t
lat_side_lead(const struct lat_side *s, uint64_t key)
{
    uint32_t at = slot_of(&s->leads, key);
    while (s->leads.slots[at] &&
           s->flat->leads[s->leads.slots[at] - 1].key != key) {
        at = (at + 1) & s->leads.mask;
    }
    return s->leads.slots[at] ? s->leads.slots[at] - 1 : LAT_NOWHERE;
}

enum lat_status
lat_side_read(struct lat_arena *work, const struct lat_flat *flat,
              struct lat_side *s)
{
    s->flat = flat;
    s->reader = lat_arena_take(work, flat->n_leads, sizeof(*s->reader));
    s->patch = lat_arena_take(work, flat->n_leads, sizeof(*s->patch));
    if (!s->reader || !s->patch ||
        !make_table(work, flat->n_units, &s->units) ||
        !make_table(work, flat->n_leads, &s->leads)) {
        return LAT_ENOMEM;
    }
    for (uint32_t u = 0; u < flat->n_units; ++u) {
        add_key(&s->units, flat->units[u].key, u);
        for (uint32_t p = flat->units[u].first_patch;
             p < flat->units[u + 1].first_patch; ++p) {
            const struct lat_flat_patch *patch = &flat->patches[p];
            for (uint32_t k = 0; k < patch->n_live + patch->n_dying; ++k) {
                const uint32_t lead = patch->first + k;
                add_key(&s->leads, flat->leads[lead].key, lead);
                s->reader[lead] = u;
                s->patch[lead] = p;
            }
        }
    }
    return LAT_OK;
}

struct lat_wire
lat_side_wire(const struct lat_side *s, uint32_t lead)
{
    const struct lat_flat_lead *l = &s->flat->leads[lead];
    const struct lat_flat_unit *src = &s->flat->units[l->source];
    const struct lat_flat_patch *p = &s->flat->patches[s->patch[lead]];
    return (struct lat_wire){
        .src = src->key,
        .dst = s->flat->units[s->reader[lead]].key,
        .output = l->output - src->first_output,
        .input = p->port,
        .is_ring = l->is_ring,
        .is_dying = lead >= p->first + p->n_live,
    };
}

const struct lat_flat_patch *
lat_side_patches(const struct lat_side *s, uint32_t unit,
                 const struct lat_flat_patch **end)
{
    *end = unit == LAT_NOWHERE
               ? NULL
               : &s->flat->patches[s->flat->units[unit + 1].first_patch];
    return unit == LAT_NOWHERE
               ? NULL
               : &s->flat->patches[s->flat->units[unit].first_patch];
}

const struct lat_flat_patch *
lat_side_patch(const struct lat_side *s, uint32_t unit, uint32_t port)
{
    const struct lat_flat_patch *end = NULL;
    const struct lat_flat_patch *p = lat_side_patches(s, unit, &end);
    while (p < end && p->port < port) {
        ++p;
    }
    return p < end && p->port == port ? p : NULL;
}

uint32_t
lat_side_compare_units(const struct lat_side *x, uint32_t i,
                       const struct lat_side *y, uint32_t k)
{
    const struct lat_flat_unit *a = &x->flat->units[i];
    const struct lat_flat_unit *b = &y->flat->units[k];
    if (a->inst != b->inst || a->is_dying != b->is_dying) {
        return LAT_PART_ALL;
    }
    return (a->config != b->config ? LAT_PART_CONFIG : 0U) |
           (a->bypass != b->bypass ? LAT_PART_BYPASS : 0U) |
           (a->may_sleep != b->may_sleep ? LAT_PART_SLEEP : 0U);
}

uint32_t
lat_side_compare_leads(const struct lat_side *x, uint32_t i,
                       const struct lat_side *y, uint32_t k)
{
    const struct lat_wire a = lat_side_wire(x, i);
    const struct lat_wire b = lat_side_wire(y, k);
    const bool is_same = a.src == b.src && a.dst == b.dst &&
                         a.output == b.output && a.input == b.input &&
                         a.is_ring == b.is_ring && a.is_dying == b.is_dying;
    return is_same ? 0U : LAT_PART_ALL;
}
