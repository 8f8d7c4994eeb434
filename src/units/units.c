// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lists are doubly linked, and what is taken out keeps its own links: undoing
// changes last first puts everything back in its old place.

#include "units.h"
#include "base/array.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/// Notes that grew beyond this are given back.
#define KEPT_CHANGES 4096U

void
lat_units_init(struct lat_units *u, struct lat_slab *ramps)
{
    *u = (struct lat_units){
        .voices.bytes = sizeof(struct lat_voices),
        .units.bytes = sizeof(struct lat_unit),
        .doors.bytes = sizeof(struct lat_door),
        .patches.bytes = sizeof(struct lat_patch),
        .leads.bytes = sizeof(struct lat_lead),
        .ramps = ramps,
        .mark = 1,
    };
}

void
lat_units_fini(struct lat_units *u)
{
    lat_slab_free(&u->voices);
    lat_slab_free(&u->units);
    lat_slab_free(&u->doors);
    lat_slab_free(&u->patches);
    lat_slab_free(&u->leads);
    free((void *)u->dying);
    free(u->changes);
    lat_units_init(u, u->ramps);
}

// Looking.

struct lat_patch *
lat_units_patch(const struct lat_unit *unit, uint32_t port)
{
    struct lat_patch *p = unit->in;
    while (p && p->port < port) {
        p = p->next;
    }
    return p && p->port == port ? p : NULL;
}

static uint32_t
list_of(const struct lat_unit *unit)
{
    return unit->state == LAT_RUN_DYING ? LAT_UNITS_DYING
           : unit->is_door              ? LAT_UNITS_DOORS
                                        : LAT_UNITS_NODES;
}

struct lat_unit *
lat_units_next(const struct lat_units *u, const struct lat_unit *unit)
{
    struct lat_unit *next = unit ? unit->next : NULL;
    for (uint32_t list = unit ? list_of(unit) + 1 : 0;
         !next && list < LAT_UNITS_LISTS; ++list) {
        next = u->first[list];
    }
    return next;
}

void
lat_units_each_lead(const struct lat_unit *unit,
                    void (*each)(void *data, struct lat_lead *lead), void *data)
{
    for (const struct lat_patch *p = unit->in; p; p = p->next) {
        for (struct lat_lead *l = p->first; l; l = l->next) {
            each(data, l);
        }
        for (struct lat_lead *l = p->dying; l; l = l->next) {
            each(data, l);
        }
    }
}

// Lists.

static void
link_unit(struct lat_units *u, struct lat_unit *unit)
{
    const uint32_t list = list_of(unit);
    *(unit->prev ? &unit->prev->next : &u->first[list]) = unit;
    *(unit->next ? &unit->next->prev : &u->last[list]) = unit;
    ++u->n_units;
    u->n_doors += unit->is_door;
    u->n_live += unit->state == LAT_RUN_LIVE;
}

static void
unlink_unit(struct lat_units *u, struct lat_unit *unit)
{
    const uint32_t list = list_of(unit);
    *(unit->prev ? &unit->prev->next : &u->first[list]) = unit->next;
    *(unit->next ? &unit->next->prev : &u->last[list]) = unit->prev;
    --u->n_units;
    u->n_doors -= unit->is_door;
    u->n_live -= unit->state == LAT_RUN_LIVE;
}

static void
link_first(struct lat_units *u, struct lat_unit *unit)
{
    unit->prev = NULL;
    unit->next = u->first[list_of(unit)];
    link_unit(u, unit);
}

static void
link_lead(struct lat_units *u, struct lat_lead *lead)
{
    struct lat_patch *p = lat_units_patch(lead->dst, lead->dst_port);
    struct lat_lead *last = NULL;
    *(lead->prev       ? &lead->prev->next
      : lead->is_dying ? &p->dying
                       : &p->first) = lead;
    *(lead->next       ? &lead->next->prev
      : lead->is_dying ? &last
                       : &p->last) = lead;
    p->n_live += !lead->is_dying;
    ++u->n_leads;
}

static void
unlink_lead(struct lat_units *u, struct lat_lead *lead)
{
    struct lat_patch *p = lat_units_patch(lead->dst, lead->dst_port);
    struct lat_lead *last = NULL;
    *(lead->prev       ? &lead->prev->next
      : lead->is_dying ? &p->dying
                       : &p->first) = lead->next;
    *(lead->next       ? &lead->next->prev
      : lead->is_dying ? &last
                       : &p->last) = lead->prev;
    p->n_live -= !lead->is_dying;
    --u->n_leads;
}

// Notes.

static bool
can_note(struct lat_units *u)
{
    return !u->is_noting || lat_grow((void **)&u->changes, &u->changes_capacity,
                                     u->n_changes, sizeof(*u->changes));
}

// There is room.
static void
note(struct lat_units *u, const struct lat_unit_change *change)
{
    if (u->is_noting) {
        u->changes[u->n_changes++] = *change;
    }
}

// Units.

enum lat_status
lat_units_need_voices(struct lat_units *u, struct lat_node *node)
{
    if (node->run) {
        return LAT_OK;
    }
    struct lat_voices *voices = can_note(u) ? lat_slab_take(&u->voices) : NULL;
    if (!voices) {
        return LAT_ENOMEM;
    }
    voices->node = node;
    node->run = voices;
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_VOICES,
                                      .node = node});
    return LAT_OK;
}

enum lat_status
lat_units_set_place(struct lat_units *u, struct lat_node *node,
                    enum lat_place place)
{
    if (lat_units_need_voices(u, node) || !can_note(u)) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_PLACE,
                                      .node = node,
                                      .place = node->run->place});
    node->run->place = (uint8_t)place;
    return LAT_OK;
}

static struct lat_unit *
last_unit(const struct lat_node *node)
{
    struct lat_unit *unit = lat_units_of(node);
    while (unit && unit->sister) {
        unit = unit->sister;
    }
    return unit;
}

// Behind its sisters, and what runs of the nodes before it in the file.
static struct lat_unit *
unit_before(const struct lat_node *node)
{
    struct lat_unit *before = NULL;
    for (; node && !before; node = node->prev) {
        before = last_unit(node);
    }
    return before;
}

// Among its sisters, and away from them.
static void
show_unit(struct lat_voices *voices, struct lat_unit *unit)
{
    struct lat_unit **link = &voices->first;
    while (*link && (*link)->voice < unit->voice) {
        link = &(*link)->sister;
    }
    unit->sister = *link;
    *link = unit;
}

static void
hide_unit(struct lat_voices *voices, struct lat_unit *unit)
{
    struct lat_unit **link = &voices->first;
    while (*link != unit) {
        link = &(*link)->sister;
    }
    *link = unit->sister;
}

enum lat_status
lat_units_add(struct lat_units *u, struct lat_node *node,
              struct lat_instance *inst)
{
    struct lat_unit *unit = lat_units_need_voices(u, node) || !can_note(u)
                                ? NULL
                                : lat_slab_take(&u->units);
    if (!unit) {
        return LAT_ENOMEM;
    }
    const struct lat_unit *last = last_unit(node);
    unit->of = node->run;
    unit->inst = inst;
    unit->key = ++u->n_ever;
    unit->voice = last ? (uint8_t)(last->voice + 1) : 0;
    unit->prev = unit_before(node);
    unit->next = unit->prev ? unit->prev->next : u->first[list_of(unit)];
    link_unit(u, unit);
    show_unit(node->run, unit);
    note(u, &(struct lat_unit_change){
                .kind = LAT_UNIT_CHANGE_ADDED, .node = node, .unit = unit});
    return LAT_OK;
}

static enum lat_status
remove_unit(struct lat_units *u, struct lat_node *node, struct lat_unit *unit)
{
    if (!can_note(u)) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_GONE,
                                      .node = node,
                                      .unit = unit,
                                      .inst = unit->inst});
    unlink_unit(u, unit);
    unit->state = LAT_RUN_GONE;
    hide_unit(node->run, unit);
    return LAT_OK;
}

enum lat_status
lat_units_remove(struct lat_units *u, struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    while (!status && lat_units_of(node)) {
        status = remove_unit(u, node, lat_units_of(node));
    }
    return status;
}

static enum lat_status
let_unit_die(struct lat_units *u, struct lat_node *node, struct lat_unit *unit)
{
    if (!can_note(u)) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_DIES,
                                      .unit = unit,
                                      .node = node,
                                      .next = unit->next,
                                      .prev = unit->prev});
    unlink_unit(u, unit);
    unit->state = LAT_RUN_DYING;
    unit->of = unit->is_door ? unit->of : NULL;
    link_first(u, unit);
    return LAT_OK;
}

// A node that is gone knows its units until it is freed.
enum lat_status
lat_units_let_die(struct lat_units *u, struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    for (struct lat_unit *k = lat_units_of(node); !status && k; k = k->sister) {
        status = let_unit_die(u, node, k);
    }
    return status;
}

enum lat_status
lat_units_let_voices_die(struct lat_units *u, struct lat_node *node, uint32_t n)
{
    struct lat_unit *last = last_unit(node);
    enum lat_status status = LAT_OK;
    for (; !status && last && last->voice >= n; last = last_unit(node)) {
        status = last->inst->is_live ? let_unit_die(u, node, last)
                                     : remove_unit(u, node, last);
        if (!status && last->state == LAT_RUN_DYING) {
            hide_unit(node->run, last);
        }
    }
    return status;
}

// Put patches in the order of their ports.
static void
sort_patches(struct lat_unit *unit)
{
    struct lat_patch *left = unit->in;
    unit->in = NULL;
    while (left) {
        struct lat_patch *p = left;
        struct lat_patch **link = &unit->in;
        left = p->next;
        while (*link && (*link)->port <= p->port) {
            link = &(*link)->next;
        }
        p->next = *link;
        *link = p;
    }
}

static void
set_port(struct lat_patch *p, uint16_t port)
{
    p->port = port;
    for (struct lat_lead *l = p->first; l; l = l->next) {
        l->dst_port = port;
    }
    for (struct lat_lead *l = p->dying; l; l = l->next) {
        l->dst_port = port;
    }
}

// Outputs that one of the layouts does not have are about to end: they keep
// their number.
static void
follow_output(struct lat_lead *lead, const struct lat_unit *unit,
              const struct lat_layout *from, const struct lat_layout *to)
{
    for (; lead; lead = lead->sister) {
        const int port =
            lead->src == unit && lead->src_port < from->n_out
                ? lat_layout_follow_output(from, to, lead->src_port)
                : -1;
        if (port >= 0) {
            lead->src_port = (uint16_t)port;
        }
    }
}

// Leads out of it follow its outputs by name.
static void
follow_outputs(const struct lat_node *node, const struct lat_unit *unit,
               const struct lat_layout *from, const struct lat_layout *to)
{
    for (const struct lat_door *d = node->run->doors; d; d = d->next) {
        follow_output(d->lead, unit, from, to);
    }
    for (const struct lat_cable *k = node->out; k; k = k->next_out) {
        follow_output(k->run, unit, from, to);
    }
}

static void
follow_layout(const struct lat_node *node, struct lat_unit *unit,
              const struct lat_layout *from, const struct lat_layout *to)
{
    if (from == to) {
        return;
    }
    for (struct lat_patch *p = unit->in; p; p = p->next) {
        const int port = p->port >= LAT_PATCH_GONE
                             ? -1
                             : lat_layout_follow_input(from, to, p->port);
        p->old_port = p->port;
        set_port(p, (uint16_t)(port < 0 ? p->port | LAT_PATCH_GONE
                                        : (uint32_t)port));
    }
    sort_patches(unit);
    follow_outputs(node, unit, from, to);
}

static void
unfollow_layout(const struct lat_node *node, struct lat_unit *unit,
                const struct lat_layout *from, const struct lat_layout *to)
{
    if (from == to) {
        return;
    }
    for (struct lat_patch *p = unit->in; p; p = p->next) {
        set_port(p, p->old_port);
    }
    sort_patches(unit);
    follow_outputs(node, unit, from, to);
}

// What starts anew goes on with nobody's state.
static void
forget_adoption(struct lat_units *u, const struct lat_unit *unit)
{
    for (uint32_t i = 0; i < u->n_changes; ++i) {
        struct lat_unit_change *change = &u->changes[i];
        if (change->kind == LAT_UNIT_CHANGE_INSTANCE && change->unit == unit) {
            change->is_adopted = false;
        }
    }
}

enum lat_status
lat_units_renew(struct lat_units *u, struct lat_node *node,
                struct lat_unit *unit, struct lat_instance *inst, bool adopts)
{
    if (!can_note(u)) {
        return LAT_ENOMEM;
    }
    if (!adopts && lat_type_is_dealer(inst->type)) {
        forget_adoption(u, unit);
    }
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_INSTANCE,
                                      .node = node,
                                      .unit = unit,
                                      .inst = unit->inst,
                                      .is_adopted = adopts});
    follow_layout(node, unit, unit->inst->layout, inst->layout);
    unit->inst = inst;
    return LAT_OK;
}

enum lat_status
lat_units_renew_door(struct lat_units *u, struct lat_door *door,
                     struct lat_instance *inst)
{
    return lat_units_renew(u, NULL, &door->unit, inst, false); // same layout
}

enum lat_status
lat_units_configure(struct lat_units *u, struct lat_unit *unit,
                    struct lat_config *config)
{
    if (!can_note(u)) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_CONFIG,
                                      .unit = unit,
                                      .inst = unit->inst,
                                      .config = unit->inst->config});
    unit->inst->config = config;
    return LAT_OK;
}

enum lat_status
lat_units_hear_bypass(struct lat_units *u, struct lat_instance *inst)
{
    const bool is_new = !inst->bypass;
    if (!can_note(u) ||
        (is_new && lat_bypass_new(inst->type, inst->layout, inst->config,
                                  &inst->bypass))) {
        return LAT_ENOMEM;
    }
    if (!inst->bypass->is_heard) {
        note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_HEARD,
                                          .inst = inst});
        inst->bypass->is_heard = true;
    }
    return LAT_OK;
}

// Leads.

static struct lat_patch *
need_patch(struct lat_units *u, struct lat_unit *unit, uint16_t port)
{
    struct lat_patch **link = &unit->in;
    while (*link && (*link)->port < port) {
        link = &(*link)->next;
    }
    if (*link && (*link)->port == port) {
        return *link;
    }
    struct lat_patch *p = lat_slab_take(&u->patches);
    if (p) {
        p->port = port;
        p->old_port = UINT16_MAX;
        p->next = *link;
        *link = p;
        ++u->n_patches;
    }
    return p;
}

static enum lat_status
need_ring(const struct lat_lead *lead)
{
    return lead->is_ring
               ? lat_instance_need_feedback(lead->src->inst, lead->src_port)
               : LAT_OK;
}

static void
free_lead(struct lat_units *u, struct lat_lead *lead)
{
    if (lead) {
        lat_slab_give(u->ramps, lead->amount);
        lat_slab_give(&u->leads, lead);
    }
}

float
lat_units_target(const struct lat_cable *cable)
{
    const struct lat_voices *src = cable->src->run;
    const struct lat_port *port = cable->dst->layout->in[cable->dst_port].port;
    return src && src->is_muted && lat_port_fades(port) ? 0.0F : cable->amount;
}

/// An output that runs: what a lead reads.
struct source {
    struct lat_unit *unit; ///< NULL: nothing runs of it
    uint32_t port;
    bool is_ring;
};

/// All leads of a cable, or of a door that sends.
struct wiring {
    struct lat_units *u;
    struct lat_cable *cable; ///< NULL: of the door
    struct lat_door *door;
    struct lat_lead **first;
    uint32_t n; ///< wanted
};

static uint32_t
src_voice(const struct wiring *w, uint32_t k)
{
    return !w->cable || w->cable->src->poly > 1 ? k : 0;
}

static uint32_t
dst_voice(const struct wiring *w, uint32_t k)
{
    return w->cable && w->cable->dst->poly > 1 ? k : 0;
}

// What lead @p k reads of what runs.  What comes from a process is late anyway.
static struct source
source_of(const struct wiring *w, uint32_t k)
{
    const struct lat_cable *c = w->cable;
    const uint32_t voice = src_voice(w, k);
    if (!c) {
        const struct lat_node *node = w->door->node;
        const uint32_t port = (uint32_t)lat_units_door_output(w->door);
        return (struct source){lat_units_voice(node, voice),
                               lat_units_output(node, voice, port),
                               w->door->kind == LAT_DOOR_SEND_LATE};
    }
    if (lat_units_is_away(c->src)) {
        const char *output = c->src->layout->out[c->src_port].name;
        struct lat_door *d =
            lat_units_find_door(c->src, LAT_DOOR_RETURN, output);
        return (struct source){.unit = d ? &d->unit : NULL};
    }
    return (struct source){lat_units_voice(c->src, voice),
                           lat_units_output(c->src, voice, c->src_port),
                           c->is_feedback};
}

static struct lat_unit *
reader_of(const struct wiring *w, uint32_t k)
{
    return w->cable ? lat_units_voice(w->cable->dst, dst_voice(w, k))
                    : &w->door->unit;
}

static uint32_t
input_of(const struct wiring *w, uint32_t k)
{
    return w->cable ? lat_units_input(w->cable->dst, dst_voice(w, k),
                                      w->cable->dst_port)
                    : 0;
}

static void
set_source(struct lat_lead *lead, const struct source *source)
{
    lead->src = source->unit;
    lead->src_port = (uint16_t)source->port;
    lead->is_ring = source->is_ring;
}

// The last of these leads into an input.
static struct lat_lead *
last_into(struct lat_lead *lead, const struct lat_unit *unit, uint32_t port)
{
    struct lat_lead *last = NULL;
    for (; lead; lead = lead->sister) {
        last = lead->dst == unit && lead->dst_port == port ? lead : last;
    }
    return last;
}

// Behind its sisters, and those of the cables before it.
static struct lat_lead *
lead_before(const struct wiring *w, const struct lat_unit *unit, uint32_t port)
{
    struct lat_lead *before = last_into(*w->first, unit, port);
    const struct lat_cable *c = w->cable ? w->cable->prev_in : NULL;
    for (; c && !before; c = c->prev_in) {
        before = last_into(c->run, unit, port);
    }
    return before;
}

/// @param holder  where the sister before it, or its cable, has it.
static enum lat_status
add_lead(const struct wiring *w, uint32_t k, struct lat_lead **holder)
{
    struct lat_units *u = w->u;
    const struct source source = source_of(w, k);
    struct lat_unit *dst = reader_of(w, k);
    struct lat_patch *p = need_patch(u, dst, (uint16_t)input_of(w, k));
    struct lat_lead *lead = p && can_note(u) ? lat_slab_take(&u->leads) : NULL;
    if (lead) {
        lead->amount = lat_slab_take(u->ramps);
        set_source(lead, &source);
    }
    if (!lead || !lead->amount || need_ring(lead)) {
        free_lead(u, lead);
        return LAT_ENOMEM;
    }
    lead->key = ++u->n_ever;
    lead->dst = dst;
    lead->dst_port = p->port;
    lead->src_voice = (uint8_t)src_voice(w, k);
    lead->dst_voice = (uint8_t)dst_voice(w, k);
    lead->prev = lead_before(w, dst, p->port);
    lead->next = lead->prev ? lead->prev->next : p->first;
    lat_ramp_set(lead->amount, w->cable ? lat_units_target(w->cable) : 1.0F);
    link_lead(u, lead);
    *holder = lead;
    note(u, &(struct lat_unit_change){
                .kind = LAT_LEAD_CHANGE_ADDED, .holder = holder, .lead = lead});
    return LAT_OK;
}

static enum lat_status
source_lead(struct lat_units *u, struct lat_lead *lead,
            const struct source *source)
{
    struct lat_lead now = *lead;
    set_source(&now, source);
    if (now.src == lead->src && now.src_port == lead->src_port &&
        now.is_ring == lead->is_ring) {
        return need_ring(lead);
    }
    if (!can_note(u) || need_ring(&now)) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){.kind = LAT_LEAD_CHANGE_SOURCE,
                                      .lead = lead,
                                      .src = lead->src,
                                      .src_port = lead->src_port,
                                      .is_ring = lead->is_ring});
    *lead = now;
    return LAT_OK;
}

/// @param holder  the link to it; NULL: it was dying.
static enum lat_status
end_lead(struct lat_units *u, struct lat_lead *lead, struct lat_lead **holder)
{
    if (!can_note(u)) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){
                .kind = LAT_LEAD_CHANGE_GONE, .holder = holder, .lead = lead});
    unlink_lead(u, lead);
    lead->state = LAT_RUN_GONE;
    if (holder) {
        *holder = lead->sister;
    }
    return LAT_OK;
}

static enum lat_status
end_leads(struct lat_units *u, struct lat_lead **first)
{
    enum lat_status status = LAT_OK;
    while (!status && *first) {
        status = end_lead(u, *first, first);
    }
    return status;
}

enum lat_status
lat_units_end_leads(struct lat_units *u, struct lat_cable *cable)
{
    return end_leads(u, &cable->run);
}

static bool
can_die(struct lat_units *u)
{
    return can_note(u) && lat_grow((void **)&u->dying, &u->dying_capacity,
                                   u->n_dying, sizeof(struct lat_lead *));
}

/// @param holder  the link to it, which is to lead on; NULL: it stays.
static enum lat_status
let_lead_die(struct lat_units *u, struct lat_lead *lead, uint32_t src_port,
             struct lat_lead **holder)
{
    // Its source may have started anew in the same commit.
    if (!can_die(u) || (lead->is_ring && lat_instance_need_feedback(
                                             lead->src->inst, src_port))) {
        return LAT_ENOMEM;
    }
    note(u, &(struct lat_unit_change){.kind = LAT_LEAD_CHANGE_DIES,
                                      .holder = holder,
                                      .lead = lead,
                                      .next = lead->next,
                                      .prev = lead->prev,
                                      .src_port = lead->src_port});
    unlink_lead(u, lead);
    lead->state = LAT_RUN_DYING;
    lead->is_dying = true;
    lead->src_port = (uint16_t)src_port;
    lead->prev = NULL;
    lead->next = lat_units_patch(lead->dst, lead->dst_port)->dying;
    link_lead(u, lead);
    u->dying[u->n_dying++] = lead;
    if (holder) {
        *holder = lead->sister;
    }
    return LAT_OK;
}

enum lat_status
lat_units_let_lead_die(struct lat_units *u, struct lat_lead *lead,
                       uint32_t src_port)
{
    return let_lead_die(u, lead, src_port, NULL);
}

// Does a lead of a voice that goes fade?  Its ports may be gone with it.
static bool
voice_fades(const struct lat_lead *lead)
{
    const struct lat_instance *dst = lead->dst->inst;
    return lead->is_told && lead->src->state != LAT_RUN_GONE &&
           lead->dst->state != LAT_RUN_GONE &&
           lead->src_port < lead->src->inst->n_out &&
           lead->dst_port < LAT_PATCH_GONE &&
           (lead->dst->state == LAT_RUN_DYING ||
            lat_port_fades(dst->layout->in[lead->dst_port].port));
}

// Those that are there, are those of the first voices.
static enum lat_status
bring_leads(const struct wiring *w)
{
    struct lat_lead **link = w->first;
    enum lat_status status = LAT_OK;
    uint32_t k = 0;
    for (; !status && k < w->n && *link &&
           (*link)->src_voice == src_voice(w, k) &&
           (*link)->dst_voice == dst_voice(w, k);
         ++k) {
        const struct source source = source_of(w, k);
        status = source_lead(w->u, *link, &source);
        link = &(*link)->sister;
    }
    while (!status && *link) {
        status = voice_fades(*link)
                     ? let_lead_die(w->u, *link, (*link)->src_port, link)
                     : end_lead(w->u, *link, link);
    }
    for (; !status && k < w->n; ++k) {
        status = add_lead(w, k, link);
        link = status ? link : &(*link)->sister;
    }
    return status;
}

enum lat_status
lat_units_lead(struct lat_units *u, struct lat_cable *cable)
{
    const struct wiring w = {.u = u,
                             .cable = cable,
                             .first = &cable->run,
                             .n = lat_cable_n_leads(cable)};
    return reader_of(&w, 0) && source_of(&w, 0).unit
               ? bring_leads(&w)
               : lat_units_end_leads(u, cable);
}

enum lat_status
lat_units_cut_fades(struct lat_units *u, const struct lat_node *node)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && node->run && i < u->n_dying; ++i) {
        struct lat_lead *lead = u->dying[i];
        if (lead->state == LAT_RUN_DYING &&
            (lead->src->of == node->run || lead->dst->of == node->run)) {
            status = end_lead(u, lead, NULL);
        }
    }
    return status;
}

// Doors.

struct lat_door *
lat_units_find_door(const struct lat_node *node, enum lat_door_kind kind,
                    const char *output)
{
    struct lat_door *d = node->run ? node->run->doors : NULL;
    while (d && (d->kind != kind || strcmp(d->output, output) != 0)) {
        d = d->next;
    }
    return d;
}

static void
show_door(struct lat_door *door)
{
    door->next = door->node->run->doors;
    door->node->run->doors = door;
}

static void
hide_door(struct lat_door *door)
{
    struct lat_door **link = &door->node->run->doors;
    while (*link != door) {
        link = &(*link)->next;
    }
    *link = door->next;
}

struct lat_door *
lat_units_add_door(struct lat_units *u, const struct lat_door *wanted,
                   struct lat_instance *inst)
{
    struct lat_door *door = can_note(u) ? lat_slab_take(&u->doors) : NULL;
    if (!door) {
        return NULL;
    }
    *door = *wanted;
    door->unit = (struct lat_unit){
        .of = door->node->run,
        .inst = inst,
        .key = ++u->n_ever,
        .is_door = true,
        .prev = u->last[LAT_UNITS_DOORS],
    };
    link_unit(u, &door->unit);
    show_door(door);
    note(u, &(struct lat_unit_change){.kind = LAT_UNIT_CHANGE_ADDED,
                                      .unit = &door->unit});
    return door;
}

enum lat_status
lat_units_lead_door(struct lat_units *u, struct lat_door *door)
{
    if (door->kind == LAT_DOOR_RETURN) {
        return LAT_OK;
    }
    const struct wiring w = {
        .u = u, .door = door, .first = &door->lead, .n = door->node->poly};
    return bring_leads(&w);
}

enum lat_status
lat_units_let_door_die(struct lat_units *u, struct lat_door *door)
{
    const bool has_output = lat_units_door_output(door) >= 0;
    enum lat_status status = let_unit_die(u, NULL, &door->unit);
    if (!status) {
        hide_door(door);
    }
    struct lat_lead **link = &door->lead;
    while (!status && *link) {
        struct lat_lead *lead = *link;
        const bool is_heard =
            lead->is_told && has_output && lead->src->state != LAT_RUN_GONE;
        if (is_heard) {
            status = let_lead_die(u, lead, lead->src_port, NULL);
            link = &lead->sister;
        } else {
            status = end_lead(u, lead, link);
        }
    }
    return status;
}

// Undoing.

struct undoing {
    struct lat_units *u;
    void (*drop)(void *data, struct lat_instance *inst);
    void *data;
};

static void
free_unit(struct lat_units *u, struct lat_unit *unit)
{
    while (unit->in) {
        struct lat_patch *next = unit->in->next;
        lat_slab_give(&u->patches, unit->in);
        unit->in = next;
        --u->n_patches;
    }
    lat_slab_give(unit->is_door ? &u->doors : &u->units, unit);
}

static void
undo_voices(const struct undoing *k, const struct lat_unit_change *change)
{
    lat_units_forget(k->u, change->node);
}

static void
undo_place(const struct undoing *k, const struct lat_unit_change *change)
{
    (void)k;
    change->node->run->place = change->place;
}

static void
undo_added(const struct undoing *k, const struct lat_unit_change *change)
{
    unlink_unit(k->u, change->unit);
    k->drop(k->data, change->unit->inst);
    if (change->unit->is_door) {
        hide_door(lat_units_door(change->unit));
    } else {
        hide_unit(change->node->run, change->unit);
    }
    free_unit(k->u, change->unit);
}

static void
undo_gone(const struct undoing *k, const struct lat_unit_change *change)
{
    change->unit->state = LAT_RUN_LIVE;
    link_unit(k->u, change->unit);
    show_unit(change->node->run, change->unit);
}

static void
undo_dies(const struct undoing *k, const struct lat_unit_change *change)
{
    struct lat_unit *unit = change->unit;
    unlink_unit(k->u, unit);
    unit->state = LAT_RUN_LIVE;
    if (unit->is_door) {
        show_door(lat_units_door(unit));
    } else {
        unit->of = change->node->run;
        if (lat_units_voice(change->node, unit->voice) != unit) {
            show_unit(unit->of, unit);
        }
    }
    unit->next = change->next;
    unit->prev = change->prev;
    link_unit(k->u, unit);
}

static void
undo_instance(const struct undoing *k, const struct lat_unit_change *change)
{
    struct lat_unit *unit = change->unit;
    unfollow_layout(change->node, unit, unit->inst->layout,
                    change->inst->layout);
    k->drop(k->data, unit->inst);
    unit->inst = change->inst;
}

static void
undo_config(const struct undoing *k, const struct lat_unit_change *change)
{
    (void)k;
    lat_config_free(change->inst->type, change->inst->config);
    change->inst->config = change->config;
}

static void
undo_heard(const struct undoing *k, const struct lat_unit_change *change)
{
    (void)k;
    change->inst->bypass->is_heard = false;
}

static void
undo_lead_added(const struct undoing *k, const struct lat_unit_change *change)
{
    unlink_lead(k->u, change->lead);
    *change->holder = change->lead->sister;
    free_lead(k->u, change->lead);
}

static void
undo_lead_gone(const struct undoing *k, const struct lat_unit_change *change)
{
    struct lat_lead *lead = change->lead;
    lead->state = lead->is_dying ? LAT_RUN_DYING : LAT_RUN_LIVE;
    link_lead(k->u, lead);
    if (change->holder) {
        *change->holder = lead;
    }
}

static void
undo_lead_dies(const struct undoing *k, const struct lat_unit_change *change)
{
    struct lat_lead *lead = change->lead;
    --k->u->n_dying; // it is the newest one
    unlink_lead(k->u, lead);
    lead->state = LAT_RUN_LIVE;
    lead->is_dying = false;
    lead->src_port = change->src_port;
    lead->next = change->next;
    lead->prev = change->prev;
    link_lead(k->u, lead);
    if (change->holder) {
        *change->holder = lead;
    }
}

static void
undo_lead_source(const struct undoing *k, const struct lat_unit_change *change)
{
    (void)k;
    change->lead->src = change->src;
    change->lead->src_port = change->src_port;
    change->lead->is_ring = change->is_ring;
}

static void (*const undo[])(const struct undoing *k,
                            const struct lat_unit_change *change) = {
    [LAT_UNIT_CHANGE_VOICES] = undo_voices,
    [LAT_UNIT_CHANGE_PLACE] = undo_place,
    [LAT_UNIT_CHANGE_ADDED] = undo_added,
    [LAT_UNIT_CHANGE_GONE] = undo_gone,
    [LAT_UNIT_CHANGE_DIES] = undo_dies,
    [LAT_UNIT_CHANGE_INSTANCE] = undo_instance,
    [LAT_UNIT_CHANGE_CONFIG] = undo_config,
    [LAT_UNIT_CHANGE_HEARD] = undo_heard,
    [LAT_LEAD_CHANGE_ADDED] = undo_lead_added,
    [LAT_LEAD_CHANGE_GONE] = undo_lead_gone,
    [LAT_LEAD_CHANGE_DIES] = undo_lead_dies,
    [LAT_LEAD_CHANGE_SOURCE] = undo_lead_source,
};

static void
forget_changes(struct lat_units *u)
{
    u->n_changes = 0;
    ++u->mark;
    if (u->changes_capacity > KEPT_CHANGES) {
        free(u->changes);
        u->changes = NULL;
        u->changes_capacity = 0;
    }
}

void
lat_units_undo(struct lat_units *u,
               void (*drop)(void *data, struct lat_instance *inst), void *data)
{
    const struct undoing k = {u, drop, data};
    while (u->n_changes) {
        const struct lat_unit_change *change = &u->changes[--u->n_changes];
        undo[change->kind](&k, change);
    }
    forget_changes(u);
}

// Settling.

static void
settle_unit(struct lat_units *u, struct lat_unit *unit)
{
    struct lat_patch **link = &unit->in;
    while (*link) {
        struct lat_patch *p = *link;
        p->is_told = p->n_live > 0;
        if (p->port >= LAT_PATCH_GONE) {
            *link = p->next;
            lat_slab_give(&u->patches, p);
            --u->n_patches;
        } else {
            link = &p->next;
        }
    }
}

static void
settle_change(struct lat_units *u, const struct lat_unit_change *change)
{
    switch (change->kind) {
    case LAT_UNIT_CHANGE_ADDED:
    case LAT_UNIT_CHANGE_INSTANCE:
        if (change->unit->state == LAT_RUN_LIVE) {
            settle_unit(u, change->unit);
        }
        break;
    case LAT_LEAD_CHANGE_ADDED:
        change->lead->is_told = true;
        break;
    default:
        break;
    }
}

static void
free_change(struct lat_units *u, const struct lat_unit_change *change)
{
    if (change->kind == LAT_UNIT_CHANGE_GONE) {
        free_unit(u, change->unit);
    } else if (change->kind == LAT_LEAD_CHANGE_GONE) {
        lat_slab_give(&u->leads, change->lead);
    }
}

void
lat_units_settle(struct lat_units *u)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < u->n_dying; ++i) {
        if (u->dying[i]->state == LAT_RUN_DYING) {
            u->dying[kept++] = u->dying[i];
        }
    }
    u->n_dying = kept;
    for (uint32_t i = 0; i < u->n_changes; ++i) {
        settle_change(u, &u->changes[i]);
    }
    for (uint32_t i = 0; i < u->n_changes; ++i) {
        free_change(u, &u->changes[i]);
    }
    forget_changes(u);
}

static void
tell_lead(void *data, struct lat_lead *lead)
{
    (void)data;
    lead->is_told = true;
}

void
lat_units_settle_all(struct lat_units *u)
{
    for (struct lat_unit *unit = lat_units_next(u, NULL); unit;
         unit = lat_units_next(u, unit)) {
        settle_unit(u, unit);
        lat_units_each_lead(unit, tell_lead, NULL);
    }
    u->is_noting = true;
    ++u->mark;
}

// What has happened already.

void
lat_units_forget(struct lat_units *u, struct lat_node *node)
{
    struct lat_voices *voices = node->run;
    if (!voices) {
        return;
    }
    assert(!voices->doors);
    struct lat_unit *k = u->n_doors ? u->first[LAT_UNITS_DYING] : NULL;
    for (; k; k = k->next) {
        k->of = k->of == voices ? NULL : k->of;
    }
    lat_slab_give(&u->voices, voices);
    node->run = NULL;
}

void
lat_units_bury(struct lat_units *u, struct lat_unit *unit)
{
    assert(unit->state == LAT_RUN_DYING);
    unlink_unit(u, unit);
    free_unit(u, unit);
}

void
lat_units_bury_lead(struct lat_units *u, struct lat_lead *lead)
{
    assert(lead->state == LAT_RUN_DYING);
    unlink_lead(u, lead);
    lat_slab_give(&u->leads, lead);
}
