// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// From the graph's lists to flat arrays.  Nodes are numbered in file order and
// sorted by batch; plan_groups.c puts equal nodes in lanes, plan_schedule.c
// makes tasks and chunks of them and assigns buffers; here everything is
// allocated, connected and, in the end, given back.

#include "plan.h"
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/// Memory of the compiler's work, about, and of what belongs to a node in a
/// plan beside its own arrays.
#define WORK_NODE_BYTES  64U
#define WORK_CABLE_BYTES 40U
#define PLAN_NODE_BYTES  40U

/// A plan and the memory that it lives in.
struct plan_box {
    struct lat_plan plan;
    struct lat_arena arena;
};

// Nodes in processes are not the plan's, the doors to them are.
static struct lat_node *
next_node(const struct lat_graph *g, const struct lat_node *node)
{
    struct lat_node *next =
        node && node->is_dying ? NULL : lat_graph_next_node(g, node);
    while (next && next->place.is_away) {
        next = lat_graph_next_node(g, next);
    }
    return next ? next : node && node->is_dying ? node->dying_next : g->dying;
}

// About what the arrays take, so that their memory comes in one piece.
static void
reserve_work(struct lat_compiler *k)
{
    const struct lat_graph *g = k->g;
    lat_arena_reserve(&k->work, WORK_NODE_BYTES * (size_t)g->n_nodes +
                                    WORK_CABLE_BYTES * (size_t)g->n_cables);
}

static void
reserve_plan(struct lat_compiler *k)
{
    lat_arena_reserve(
        k->keep,
        (sizeof(struct lat_plan_node) + PLAN_NODE_BYTES) * k->n_nodes +
            sizeof(struct lat_plan_input) * k->n_inputs +
            (sizeof(struct lat_signal) + sizeof(uint32_t)) * k->n_outputs +
            sizeof(struct lat_plan_patch) * k->n_patches +
            (sizeof(struct lat_plan_cable) + sizeof(struct lat_term)) *
                k->n_cables);
}

static enum lat_status
number_nodes(struct lat_compiler *k)
{
    reserve_work(k);
    uint32_t n = 0;
    for (struct lat_node *node = next_node(k->g, NULL); node;
         node = next_node(k->g, node)) {
        node->index = n++;
    }
    k->n_nodes = n;
    struct lat_arena *work = &k->work;
    k->nodes = lat_arena_take(work, n + (size_t)1, sizeof(*k->nodes));
    k->place = lat_arena_take(work, n, sizeof(*k->place));
    k->group = lat_arena_take(work, n, sizeof(struct lat_plan_lanes *));
    k->lane = lat_arena_take(work, n, sizeof(*k->lane));
    k->task_of = lat_arena_take(work, n, sizeof(*k->task_of));
    if (!k->nodes || !k->place || !k->group || !k->lane || !k->task_of) {
        return LAT_ENOMEM;
    }
    for (struct lat_node *node = next_node(k->g, NULL); node;
         node = next_node(k->g, node)) {
        struct lat_flat_node *flat = &k->nodes[node->index];
        flat->node = node;
        flat->type = node->type;
        flat->inst = node->instance;
        flat->first_output = k->n_outputs;
        flat->first_patch = k->n_patches;
        k->n_outputs += node->layout->n_out;
        k->n_inputs += node->layout->n_in;
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            const struct lat_cables *in = node->in[i].cables;
            const uint32_t n_in = in ? in->n_cables + in->n_dying : 0;
            k->n_cables += n_in;
            k->n_patches += n_in != 0;
        }
    }
    reserve_plan(k);
    k->nodes[n].first_output = k->n_outputs;
    k->nodes[n].first_patch = k->n_patches;
    k->reads = lat_arena_take(work, k->n_outputs, sizeof(*k->reads));
    k->patches = lat_arena_take(work, k->n_patches, sizeof(*k->patches));
    k->cables = lat_arena_take(work, k->n_cables, sizeof(*k->cables));
    return k->reads && k->patches && k->cables ? LAT_OK : LAT_ENOMEM;
}

static void
flatten_cable(const struct lat_compiler *k, const struct lat_cable *c,
              struct lat_flat_cable *flat)
{
    const uint32_t source = lat_cable_source(c)->index;
    flat->source = source;
    flat->output = (k->nodes[source].first_output + lat_cable_source_port(c)) &
                   (UINT32_MAX >> 1U);
    flat->is_feedback = lat_cable_is_ring(c);
    flat->run = c->run;
}

static enum lat_status
flatten_cables(struct lat_compiler *k)
{
    struct lat_flat_patch *patch = k->patches;
    uint32_t at = 0;
    for (uint32_t n = 0; n < k->n_nodes; ++n) {
        const struct lat_node *node = k->nodes[n].node;
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            const struct lat_cables *in = node->in[i].cables;
            if (!in || (!in->n_cables && !in->n_dying)) {
                continue;
            }
            const enum lat_port_kind kind = node->layout->in[i].port->kind;
            *patch++ = (struct lat_flat_patch){
                .port = i,
                .first = at,
                .n_live = in->n_cables,
                .n_dying = in->n_dying,
                .is_event = lat_port_kind_is_event(kind),
            };
            for (const struct lat_cable *c = in->first; c; c = c->next_in) {
                flatten_cable(k, c, &k->cables[at++]);
            }
            for (const struct lat_cable *c = in->dying; c; c = c->dying_next) {
                flatten_cable(k, c, &k->cables[at++]);
            }
        }
    }
    return LAT_OK;
}

static enum lat_status
link_nodes(struct lat_compiler *k)
{
    enum lat_status status =
        lat_dependency_new(k->n_nodes, k->n_cables, &k->order);
    for (uint32_t n = 0; !status && n < k->n_nodes; ++n) {
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             p < end; ++p) {
            const uint32_t n_cables = p->n_live + p->n_dying;
            for (uint32_t c = p->first; !status && c < p->first + n_cables;
                 ++c) {
                if (!k->cables[c].is_feedback) {
                    status =
                        lat_dependency_link(k->order, k->cables[c].source, n);
                }
            }
        }
    }
    return status ? status : lat_dependency_sort(k->order);
}

static enum lat_status
order_nodes(struct lat_compiler *k)
{
    enum lat_status status = link_nodes(k);
    if (status == LAT_ECYCLE) {
        // The dying close it: they are cut now.
        lat_dependency_free(k->order);
        k->order = NULL;
        for (uint32_t p = 0; p < k->n_patches; ++p) {
            k->patches[p].n_dying = 0;
        }
        status = link_nodes(k);
    }
    return status;
}

static enum lat_status
allocate_nodes(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    p->n_nodes = k->n_nodes;
    p->n_batches = lat_dependency_n_batches(k->order);
    p->nodes = lat_arena_take(k->keep, p->n_nodes, sizeof(*p->nodes));
    p->batch_starts = lat_arena_take(k->keep, p->n_batches + (size_t)1,
                                     sizeof(*p->batch_starts));
    if (!p->nodes || !p->batch_starts) {
        return LAT_ENOMEM;
    }
    const uint32_t *order = lat_dependency_order(k->order);
    for (uint32_t at = 0; at < p->n_nodes; ++at) {
        k->place[order[at]] = at;
    }
    for (uint32_t b = 0; b <= p->n_batches; ++b) {
        p->batch_starts[b] = lat_dependency_batch_start(k->order, b);
    }
    return LAT_OK;
}

/// Where the next node's arrays begin.
struct arrays {
    struct lat_plan_input *input;
    struct lat_signal *output;
    uint32_t *pitch;
    struct lat_plan_patch *patch;
    struct lat_plan_cable *cable;
    struct lat_term *term;
};

// What only some nodes have.
static enum lat_status
fill_extras(struct lat_compiler *k, struct lat_plan_node *pn)
{
    const struct lat_instance *inst = pn->inst;
    if (inst->type->flags & LAT_TYPE_DEVICE_OUT) {
        pn->device = lat_arena_take(k->keep, inst->n_slots,
                                    LAT_SPAN_MAX * sizeof(float));
        ++k->plan->n_devices;
        if (!pn->device) {
            return LAT_ENOMEM;
        }
    }
    if (inst->feedback) {
        pn->feedback = lat_arena_take(k->keep, inst->n_out, sizeof(float *));
        if (!pn->feedback) {
            return LAT_ENOMEM;
        }
        memcpy(pn->feedback, inst->feedback, inst->n_out * sizeof(float *));
    }
    return LAT_OK;
}

static enum lat_status
fill_node(struct lat_compiler *k, uint32_t index, struct arrays *next)
{
    struct lat_plan_node *pn = lat_compiler_node(k, index);
    const struct lat_node *node = k->nodes[index].node;
    const struct lat_node_type *type = node->type;
    struct lat_instance *inst = node->instance;
    pn->inst = inst;
    pn->config = inst->config;
    pn->process = type->kernel ? k->options->kernels->process[type->kernel]
                               : type->process;
    k->plan->n_live += !node->is_dying;
    pn->in = next->input;
    pn->out = next->output;
    pn->out_pitch = next->pitch;
    next->input += inst->n_in;
    next->output += inst->n_out;
    next->pitch += inst->n_out;
    if (inst->id >= k->plan->n_ids) {
        k->plan->n_ids = inst->id + 1;
    }
    const struct lat_port_info *ports = node->layout->in;
    for (uint32_t i = 0; i < inst->n_in; ++i) {
        pn->in[i].ramp = ports[i].ramp;
        pn->in[i].kind = ports[i].port->kind;
        pn->in[i].floor = ports[i].port->floor;
    }
    for (uint32_t o = 0; o < inst->n_out; ++o) {
        pn->out_pitch[o] = 1;
        pn->out[o].pitch = &pn->out_pitch[o];
    }
    const size_t floats =
        ((size_t)inst->config->n_in + inst->config->n_out) * LAT_SPAN_MAX;
    if (floats > k->plan->scratch_floats) {
        k->plan->scratch_floats = floats;
    }
    return fill_extras(k, pn);
}

static void
fill_cable(struct lat_compiler *k, struct lat_plan_cable *pc,
           const struct lat_flat_cable *c)
{
    const struct lat_flat_node *source = &k->nodes[c->source];
    const uint32_t port = c->output - source->first_output;
    pc->run = c->run;
    if (c->is_feedback) {
        pc->feedback = source->inst->feedback[port];
    } else {
        pc->signal = &lat_compiler_node(k, c->source)->out[port];
        ++k->reads[c->output];
    }
}

// Cut the live cables of a large sum into parts, which become tasks.
static enum lat_status
cut_sum(struct lat_compiler *k, const struct lat_flat_patch *flat)
{
    struct lat_plan_patch *patch = flat->made;
    const uint32_t n = (patch->n_live + LAT_SUM_BLOCK - 1) / LAT_SUM_BLOCK;
    patch->parts = lat_arena_take(k->keep, n, sizeof(*patch->parts));
    struct lat_term *terms = lat_arena_take(k->keep, n, sizeof(*terms));
    if (!patch->parts || !terms) {
        return LAT_ENOMEM;
    }
    patch->n_parts = n;
    for (uint32_t i = 0; i < n; ++i) {
        const uint32_t first = i * LAT_SUM_BLOCK;
        const uint32_t left = patch->n_live - first;
        patch->parts[i].pitch = 1;
        patch->parts[i].in = (struct lat_plan_patch){
            .n_live = left < LAT_SUM_BLOCK ? left : LAT_SUM_BLOCK,
            .cables = patch->cables + first,
            .terms = patch->terms + first,
        };
        patch->parts[i].first = flat->first + first;
    }
    patch->terms = terms;
    return LAT_OK;
}

static enum lat_status
fill_patch(struct lat_compiler *k, struct lat_plan_node *pn,
           struct lat_flat_patch *flat, struct arrays *next)
{
    struct lat_plan_patch *patch = next->patch++;
    const uint32_t n = flat->n_live + flat->n_dying;
    pn->in[flat->port].patch = flat->made = patch;
    patch->n_live = flat->n_live;
    patch->n_dying = flat->n_dying;
    patch->cables = next->cable;
    patch->terms = next->term;
    next->cable += n;
    next->term += flat->n_live;
    for (uint32_t i = 0; i < n; ++i) {
        fill_cable(k, &patch->cables[i], &k->cables[flat->first + i]);
    }
    k->plan->n_cables += n;
    return flat->n_live > LAT_SUM_BLOCK && !flat->is_event ? cut_sum(k, flat)
                                                           : LAT_OK;
}

static enum lat_status
fill_all(struct lat_compiler *k)
{
    struct arrays next = {
        lat_arena_take(k->keep, k->n_inputs, sizeof(*next.input)),
        lat_arena_take(k->keep, k->n_outputs, sizeof(*next.output)),
        lat_arena_take(k->keep, k->n_outputs, sizeof(*next.pitch)),
        lat_arena_take(k->keep, k->n_patches, sizeof(*next.patch)),
        lat_arena_take(k->keep, k->n_cables, sizeof(*next.cable)),
        lat_arena_take(k->keep, k->n_cables, sizeof(*next.term)),
    };
    if (!next.input || !next.output || !next.pitch || !next.patch ||
        !next.cable || !next.term) {
        return LAT_ENOMEM;
    }
    // In plan order, so that a run walks the arrays forward.
    const uint32_t *order = lat_dependency_order(k->order);
    enum lat_status status = LAT_OK;
    for (uint32_t at = 0; !status && at < k->n_nodes; ++at) {
        status = fill_node(k, order[at], &next);
    }
    for (uint32_t at = 0; !status && at < k->n_nodes; ++at) {
        const struct lat_flat_patch *end = NULL;
        for (struct lat_flat_patch *p =
                 lat_compiler_patches(k, order[at], &end);
             !status && p < end; ++p) {
            status = fill_patch(k, &k->plan->nodes[at], p, &next);
        }
    }
    return status;
}

static enum lat_status
make_pools(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    enum lat_status status =
        lat_buffer_pool_new(k->span, UINT32_MAX - 1, &p->pool);
    if (!status) {
        status = lat_buffer_pool_new(k->span * LAT_LANES, UINT32_MAX - 1,
                                     &p->lane_pool);
    }
    return status;
}

static void
count_buffers(struct lat_plan *p)
{
    struct lat_buffer_counters lanes;
    lat_buffer_pool_counters(p->pool, &p->counters);
    lat_buffer_pool_counters(p->lane_pool, &lanes);
    struct lat_buffer_counters *c = &p->counters;
    const double reused =
        c->reuse * (double)c->gets + lanes.reuse * (double)lanes.gets;
    c->in_use += lanes.in_use;
    c->peak += lanes.peak;
    c->allocations += lanes.allocations;
    c->gets += lanes.gets;
    c->reuse = c->gets ? reused / (double)c->gets : 0.0;
}

static enum lat_status
make_scratch(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    const size_t line = LAT_ALIGNMENT / sizeof(float);
    p->scratch_floats = (p->scratch_floats + line - 1) / line * line;
    p->scratch = lat_arena_take(k->keep, p->scratch_floats,
                                k->options->n_threads * sizeof(float));
    p->devices =
        lat_arena_take(k->keep, p->n_devices, sizeof(struct lat_plan_node *));
    if (!p->scratch || !p->devices) {
        return LAT_ENOMEM;
    }
    p->n_devices = 0;
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        if (p->nodes[i].device) {
            p->devices[p->n_devices++] = &p->nodes[i];
        }
    }
    return LAT_OK;
}

static enum lat_status
compile(struct lat_compiler *k)
{
    static enum lat_status (*const steps[])(struct lat_compiler *) = {
        number_nodes,      flatten_cables, order_nodes,
        allocate_nodes,    fill_all,       lat_groups_form,
        lat_schedule_form, make_pools,     lat_schedule_buffers,
        lat_groups_feed,   make_scratch,   lat_groups_settle,
    };
    enum lat_status status = LAT_OK;
    for (size_t i = 0; !status && i < LAT_COUNT(steps); ++i) {
        status = steps[i](k);
        lat_arena_free(&k->step);
    }
    return status;
}

enum lat_status
lat_plan_compile(struct lat_graph *g, const struct lat_plan_options *options,
                 struct lat_plan **out)
{
    const uint64_t begin_ns = lat_now_ns();
    struct plan_box *box =
        aligned_alloc(LAT_ALIGNMENT, (sizeof(*box) + LAT_ALIGNMENT - 1) /
                                         LAT_ALIGNMENT * LAT_ALIGNMENT);
    if (!box) {
        return LAT_ENOMEM;
    }
    memset(box, 0, sizeof(*box));
    struct lat_compiler k = {
        .g = g,
        .options = options,
        .keep = &box->arena,
        .plan = &box->plan,
        .span = options->block < LAT_SPAN_MAX ? options->block : LAT_SPAN_MAX,
    };
    box->plan.block = options->block;
    lat_ramp_set(&box->plan.fade, 1.0F);
    const enum lat_status status = compile(&k);
    lat_dependency_free(k.order);
    lat_arena_free(&k.work);
    if (status) {
        lat_plan_free(&box->plan);
        return status;
    }
    count_buffers(&box->plan);
    box->plan.compile_us = (uint32_t)((lat_now_ns() - begin_ns) / 1000);
    *out = &box->plan;
    return LAT_OK;
}

void
lat_plan_free(struct lat_plan *plan)
{
    if (!plan) {
        return;
    }
    for (uint32_t i = 0; i < plan->n_blocks; ++i) {
        struct lat_lane_block *block = plan->blocks[i];
        if (!--block->refs) {
            free(block);
        }
    }
    struct plan_box *box = (struct plan_box *)plan;
    lat_buffer_pool_free(plan->pool);
    lat_buffer_pool_free(plan->lane_pool);
    lat_arena_free(&box->arena);
    free(box);
}
