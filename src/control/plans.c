// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Plans, and what waits with its own for a frame.
//
// What units are now is what they will be when the last plan that waits has
// been taken.  For each plan that may not have been taken yet, and for the one
// before them, what it was compiled from is kept: a layer.  A commit that is to
// be heard before such a plan is made to what is heard then, and to each layer
// behind it (units/merge.h), and a plan is compiled for each.  They take the
// place of those that wait: audio takes no plan that is older than the one that
// it has.  All go at once, so it finds the old ones in time, or the new.
//
// Where the commit concerns what a plan that waits concerns, too, it waits with
// it: of two commands the last is what sounds in the end.

#include "state.h"
#include "units/derive.h"
#include "units/merge.h"

#include <string.h>

void
lat_control_describe_plan(struct lat_control *c)
{
    struct lat_engine_status *info = &c->engine->info;
    const struct lat_plan *p = c->plan;
    info->rate = c->rate;
    info->block = p->block;
    info->n_nodes = c->graph.n_nodes;
    info->n_cables = c->graph.n_cables;
    info->n_batches = p->n_batches;
    info->n_chunks = p->n_chunks;
    info->buffers_in_use = p->counters.in_use;
    info->buffers_peak = p->counters.peak;
    info->buffer_allocations = p->counters.allocations;
    info->buffer_gets = p->counters.gets;
    info->buffer_reuse = p->counters.reuse;
    info->compile_us = p->compile_us;
}

// Layers.

static void
forget_layers(struct lat_control *c, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; ++i) {
        lat_flat_free(&c->layers[i].flat);
    }
    memmove(c->layers + first, c->layers + end,
            (c->n_layers - end) * sizeof(*c->layers));
    c->n_layers -= end - first;
}

void
lat_control_forget_layers(struct lat_control *c)
{
    forget_layers(c, 0, c->n_layers);
}

static bool
is_alive(const struct lat_control *c, uint64_t serial)
{
    uint32_t i = 0;
    while (i < c->n_alive && c->alive[i].serial != serial) {
        ++i;
    }
    return i < c->n_alive;
}

/// How many are heard until @p frame; the last of them is heard then.
static uint32_t
count_heard(const struct lat_control *c, uint64_t frame)
{
    uint32_t n = 0;
    while (n < c->n_layers && c->layers[n].frame <= frame) {
        ++n;
    }
    return n;
}

/// Forget those that nothing to come is heard in.
static void
forget_past(struct lat_control *c)
{
    const uint32_t n = count_heard(c, c->present);
    bool are_alive = !lat_control_runs_itself(c);
    if (n > 1) {
        forget_layers(c, 0, n - 1);
    }
    // What plans hold is there as long as they are.
    for (uint32_t i = 0; i < c->n_layers; ++i) {
        are_alive = are_alive && is_alive(c, c->layers[i].serial);
    }
    if (!are_alive && c->n_layers > 1) {
        forget_layers(c, 0, c->n_layers - 1);
    }
}

// Compiling.

static void
drop(struct lat_coming *k)
{
    for (uint32_t i = 0; i < LAT_MAX_LAYERS; ++i) {
        lat_plan_free(k->plans[i]);
        lat_flat_free(&k->layers[i].flat);
    }
    *k = (struct lat_coming){0};
}

static enum lat_status
compile(struct lat_control *c, struct lat_flat *flat, uint32_t block,
        struct lat_plan **out)
{
    const struct lat_plan_options options = {
        .block = block,
        .kernels = c->kernels,
        .n_threads = c->n_threads,
        .grain_ns = c->grain_ns,
        .without_lanes = c->without_lanes,
    };
    ++c->work.n_plans;
    return lat_plan_compile(flat, &options, out);
}

static enum lat_status
compile_one(struct lat_control *c, struct lat_coming *k, uint32_t i,
            uint32_t block)
{
    const uint64_t begin_ns = lat_now_ns();
    const enum lat_status status =
        compile(c, &k->layers[i].flat, block, &k->plans[i]);
    if (!status) {
        k->plans[i]->compile_us = (uint32_t)((lat_now_ns() - begin_ns) / 1000);
    }
    return status;
}

/// Room for all plans that may be sent at once.
static enum lat_status
reserve_alive(struct lat_control *c)
{
    return lat_grow_to((void **)&c->alive, &c->alive_capacity,
                       c->n_alive + (size_t)LAT_MAX_LAYERS, sizeof(*c->alive))
               ? LAT_OK
               : LAT_ENOMEM;
}

enum lat_status
lat_control_compile(struct lat_control *c, const struct lat_units *u,
                    uint32_t block, struct lat_coming *out)
{
    *out = (struct lat_coming){.n = 1, .n_kept = c->n_layers};
    enum lat_status status = reserve_alive(c);
    if (!status) {
        status = lat_units_flatten(u, &out->layers[0].flat);
    }
    if (!status) {
        status = compile_one(c, out, 0, block);
    }
    if (status) {
        drop(out);
    }
    return status;
}

// A way around a node that what waits changes fades by messages.
static bool
is_settled(const struct lat_node *node, uint64_t frame)
{
    const struct lat_unit *unit = lat_units_of(node);
    while (unit && unit->inst->since <= frame && unit->inst->changed <= frame) {
        unit = unit->sister;
    }
    return !unit;
}

/// Plans that wait and are made anew, and what is compiled for that, while
/// others wait: some 10 ms.
#define MOST_WAITING  8U
#define MOST_COMPILED 20000U

/// May plans that wait be made anew with what the transaction brings?
static bool
may_go_before(const struct lat_control *c, uint64_t frame)
{
    const uint32_t n = count_heard(c, frame);
    const uint32_t n_waiting = c->n_layers - n;
    // A rendering does what was done when it was played, and nobody waits.
    const bool has_time =
        c->is_offline ||
        (n_waiting <= MOST_WAITING &&
         (n_waiting + 1) * (c->units.n_units + c->units.n_leads) <=
             MOST_COMPILED);
    bool may = n && n_waiting && has_time && c->n_layers < LAT_MAX_LAYERS &&
               !c->n_moves;
    for (uint32_t i = 0; may && i < c->g->n_edits; ++i) {
        const struct lat_edit *edit = &c->g->journal[i];
        may = edit->kind != LAT_EDIT_BYPASS || is_settled(edit->node, frame);
    }
    return may;
}

/// What runs before each of the plans that wait, with what has changed.
static enum lat_status
merge(struct lat_control *c, uint64_t frame, const struct lat_flat *after,
      struct lat_coming *k, bool *fits)
{
    const uint32_t first = count_heard(c, frame) - 1;
    const struct lat_flat *before = &c->layers[c->n_layers - 1].flat;
    enum lat_status status = LAT_OK;
    *fits = true;
    k->n_kept = first + 1;
    for (uint32_t i = first; !status && *fits && i + 1 < c->n_layers; ++i) {
        struct lat_layer *layer = &k->layers[k->n++];
        status = lat_flat_merge(&c->layers[i].flat, before, after, &layer->flat,
                                fits);
        layer->frame = c->layers[i].frame;
        layer->serial = c->layers[i].serial;
    }
    return status;
}

// Which plans that were compiled will be taken is not known.
static void
displace(struct lat_control *c, const struct lat_coming *k)
{
    for (uint32_t i = 0; i < c->n_layers; ++i) {
        lat_plan_displace(&c->layers[i].flat);
    }
    for (uint32_t i = 0; i < k->n; ++i) {
        lat_plan_displace(&k->layers[i].flat);
    }
}

/// Plans for all that wait, and for what is heard before.
/// @return LAT_ENOMEM; or LAT_ECYCLE: a cable that goes later is in the way.
static enum lat_status
compile_all(struct lat_control *c, struct lat_coming *k)
{
    enum lat_status status = LAT_OK;
    displace(c, k);
    for (uint32_t i = 0; !status && i < k->n; ++i) {
        status = compile_one(c, k, i, c->block);
    }
    if (status) {
        displace(c, k);
    }
    return status;
}

enum lat_status
lat_control_compile_edits(struct lat_control *c, uint64_t frame,
                          struct lat_coming *out)
{
    struct lat_flat after = {0};
    bool fits = false;
    forget_past(c);
    if (!may_go_before(c, frame)) {
        return lat_control_compile(c, &c->units, c->block, out);
    }
    *out = (struct lat_coming){0};
    enum lat_status status = reserve_alive(c);
    if (!status) {
        status = lat_units_flatten(&c->units, &after);
    }
    if (!status) {
        status = merge(c, frame, &after, out, &fits);
    }
    if (!status && fits) {
        out->layers[out->n] = c->layers[c->n_layers - 1];
        out->layers[out->n++].flat = after;
        after = (struct lat_flat){0};
        status = compile_all(c, out);
    }
    lat_flat_free(&after);
    if (!status && fits) {
        return LAT_OK;
    }
    drop(out);
    return status == LAT_ENOMEM
               ? status
               : lat_control_compile(c, &c->units, c->block, out);
}

// Sending.

static void
send(struct lat_control *c, struct lat_plan *plan, uint64_t frame,
     bool fades_old)
{
    plan->serial = ++c->plan_serial;
    c->alive[c->n_alive++] = (struct lat_alive){plan->serial};
    c->plan = plan;
    lat_scheduler_expect(c->engine->scheduler, plan);
    const uint64_t told = c->told;
    lat_control_emit(c, &(struct lat_message){
                            .kind = LAT_MESSAGE_PLAN,
                            .frame = frame,
                            .fades_old = fades_old,
                            .plan = plan,
                        });
    if (frame > c->stamp) {
        c->told = told; // what it brings was given to those before it
    }
}

/// What a plan that waited was the first without, the one in its place is.
/// @param first  serial of the first of those.
static void
date_garbage(struct lat_control *c, const struct lat_coming *k, uint64_t first)
{
    for (uint32_t i = 0; i < c->n_garbage; ++i) {
        const uint64_t serial = c->garbage[i].serial;
        uint32_t n = 1;
        while (n < k->n && serial > k->layers[n].serial) {
            ++n;
        }
        if (serial > k->layers[0].serial) {
            c->garbage[i].serial = first + (n < k->n ? n : 0);
        }
    }
}

void
lat_control_submit(struct lat_control *c, struct lat_coming *coming,
                   bool fades_old)
{
    forget_layers(c, coming->n_kept, c->n_layers);
    if (coming->n > 1) {
        date_garbage(c, coming, c->plan_serial + 1);
    } else if (c->n_layers && c->layers[c->n_layers - 1].frame == c->stamp) {
        forget_layers(c, c->n_layers - 1, c->n_layers);
    }
    if (c->n_layers + coming->n > LAT_MAX_LAYERS) {
        lat_control_forget_layers(c);
    }
    for (uint32_t i = 0; i < coming->n; ++i) {
        struct lat_layer *layer = &coming->layers[i];
        layer->frame = i && layer->frame > c->stamp ? layer->frame : c->stamp;
        send(c, coming->plans[i], layer->frame, fades_old);
        layer->serial = c->plan_serial;
        c->layers[c->n_layers++] = *layer;
    }
    lat_control_order(c, c->layers[c->n_layers - 1].frame);
    lat_control_describe_plan(c);
}
