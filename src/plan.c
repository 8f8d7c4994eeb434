// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// From the graph's lists to flat arrays.  Nodes are numbered in file order and
// sorted by batch; plan_groups.c puts equal nodes in lanes, plan_schedule.c
// makes tasks and chunks of them and assigns buffers; here everything is
// allocated, connected and, in the end, given back.

#include "plan.h"
#include "plan_private.h"

#include <stdlib.h>
#include <string.h>

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

struct lat_cable *
lat_compiler_cable(const struct lat_compiler *k, const struct lat_input *in,
                   const struct lat_cable *c)
{
    if (c && c->is_dying) {
        return c->dying_next;
    }
    struct lat_cable *next = c ? c->next_in : in->first;
    return next || k->without_dying ? next : in->dying;
}

static enum lat_status
number_nodes(struct lat_compiler *k)
{
    uint32_t n = 0;
    for (struct lat_node *node = next_node(k->g, NULL); node;
         node = next_node(k->g, node)) {
        node->index = n++;
    }
    k->n_nodes = n;
    k->nodes = lat_arena_take(&k->work, n, sizeof(struct lat_node *));
    k->place = lat_arena_take(&k->work, n, sizeof(*k->place));
    k->first_output = lat_arena_take(&k->work, n, sizeof(*k->first_output));
    k->group = lat_arena_take(&k->work, n, sizeof(struct lat_plan_lanes *));
    k->lane = lat_arena_take(&k->work, n, sizeof(*k->lane));
    k->task_of = lat_arena_take(&k->work, n, sizeof(*k->task_of));
    if (!k->nodes || !k->place || !k->first_output || !k->group || !k->lane ||
        !k->task_of) {
        return LAT_ENOMEM;
    }
    for (struct lat_node *node = next_node(k->g, NULL); node;
         node = next_node(k->g, node)) {
        k->nodes[node->index] = node;
        k->first_output[node->index] = k->n_outputs;
        k->n_outputs += node->layout->n_out;
        k->n_inputs += node->layout->n_in;
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            k->n_cables += node->in[i].n_cables + node->in[i].n_dying;
        }
    }
    k->reads = lat_arena_take(&k->work, k->n_outputs, sizeof(*k->reads));
    return k->reads ? LAT_OK : LAT_ENOMEM;
}

static enum lat_status
link_nodes(struct lat_compiler *k)
{
    enum lat_status status = lat_dependency_new(k->n_nodes, &k->order);
    for (uint32_t n = 0; !status && n < k->n_nodes; ++n) {
        const struct lat_node *node = k->nodes[n];
        for (uint32_t i = 0; !status && i < node->layout->n_in; ++i) {
            for (struct lat_cable *c =
                     lat_compiler_cable(k, &node->in[i], NULL);
                 !status && c; c = lat_compiler_cable(k, &node->in[i], c)) {
                if (!lat_cable_is_ring(c)) {
                    status = lat_dependency_link(k->order,
                                                 lat_cable_source(c)->index, n);
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
    if (status == LAT_ECYCLE && !k->without_dying) {
        lat_dependency_free(k->order);
        k->order = NULL;
        k->without_dying = true;
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
    k->next_input =
        lat_arena_take(k->keep, k->n_inputs, sizeof(struct lat_plan_input));
    k->next_output =
        lat_arena_take(k->keep, k->n_outputs, sizeof(struct lat_signal));
    k->next_pitch = lat_arena_take(k->keep, k->n_outputs, sizeof(uint32_t));
    k->next_cable =
        lat_arena_take(k->keep, k->n_cables, sizeof(struct lat_plan_cable));
    k->next_term =
        lat_arena_take(k->keep, k->n_cables, sizeof(struct lat_term));
    if (!p->nodes || !p->batch_starts || !k->next_input || !k->next_output ||
        !k->next_pitch || !k->next_cable || !k->next_term) {
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

static enum lat_status
fill_node(struct lat_compiler *k, const struct lat_node *node)
{
    struct lat_plan_node *pn = lat_compiler_node(k, node);
    const struct lat_node_type *type = node->type;
    struct lat_instance *inst = node->instance;
    pn->inst = inst;
    pn->config = inst->config;
    pn->process = type->kernel ? k->options->kernels->process[type->kernel]
                               : type->process;
    pn->batch = lat_dependency_batch(k->order, node->index);
    pn->is_dying = node->is_dying;
    k->plan->n_live += !node->is_dying;
    pn->in = k->next_input;
    pn->out = k->next_output;
    pn->out_pitch = k->next_pitch;
    k->next_input += inst->n_in;
    k->next_output += inst->n_out;
    k->next_pitch += inst->n_out;
    if (type->flags & LAT_TYPE_DEVICE_OUT) {
        pn->device = lat_arena_take(k->keep, inst->n_slots,
                                    LAT_SPAN_MAX * sizeof(float));
        ++k->plan->n_devices;
        if (!pn->device) {
            return LAT_ENOMEM;
        }
    }
    if (inst->id >= k->plan->n_ids) {
        k->plan->n_ids = inst->id + 1;
    }
    for (uint32_t o = 0; o < inst->n_out; ++o) {
        pn->out_pitch[o] = 1;
        pn->out[o].pitch = &pn->out_pitch[o];
    }
    if (inst->feedback) {
        pn->feedback = lat_arena_take(k->keep, inst->n_out, sizeof(float *));
        if (!pn->feedback) {
            return LAT_ENOMEM;
        }
        memcpy(pn->feedback, inst->feedback, inst->n_out * sizeof(float *));
    }
    const size_t floats =
        ((size_t)inst->config->n_in + inst->config->n_out) * LAT_SPAN_MAX;
    if (floats > k->plan->scratch_floats) {
        k->plan->scratch_floats = floats;
    }
    return LAT_OK;
}

static void
fill_cable(struct lat_compiler *k, struct lat_plan_cable *pc,
           const struct lat_cable *c)
{
    const struct lat_node *src = lat_cable_source(c);
    const uint32_t port = lat_cable_source_port(c);
    pc->run = c->run;
    if (lat_cable_is_ring(c)) {
        pc->feedback = src->instance->feedback[port];
    } else {
        pc->signal = &lat_compiler_node(k, src)->out[port];
        ++k->reads[k->first_output[src->index] + port];
    }
    ++k->plan->n_cables;
}

// Cut the live cables of a large sum into parts, which become tasks.
static enum lat_status
cut_sum(struct lat_compiler *k, const struct lat_input *in,
        struct lat_plan_input *pi)
{
    const uint32_t n = (pi->n_live + LAT_SUM_BLOCK - 1) / LAT_SUM_BLOCK;
    pi->parts = lat_arena_take(k->keep, n, sizeof(*pi->parts));
    struct lat_term *terms = lat_arena_take(k->keep, n, sizeof(*terms));
    if (!pi->parts || !terms) {
        return LAT_ENOMEM;
    }
    pi->n_parts = n;
    const struct lat_cable *c = in->first;
    for (uint32_t i = 0; i < n; ++i) {
        const uint32_t first = i * LAT_SUM_BLOCK;
        const uint32_t left = pi->n_live - first;
        pi->parts[i].pitch = 1;
        pi->parts[i].in = (struct lat_plan_input){
            .kind = LAT_PORT_SIGNAL,
            .n_live = left < LAT_SUM_BLOCK ? left : LAT_SUM_BLOCK,
            .cables = pi->cables + first,
            .terms = pi->terms + first,
        };
        pi->parts[i].first = c;
        for (uint32_t j = 0; c && j < LAT_SUM_BLOCK; ++j) {
            c = c->next_in;
        }
    }
    pi->terms = terms;
    return LAT_OK;
}

static enum lat_status
fill_input(struct lat_compiler *k, const struct lat_node *node, uint32_t port)
{
    struct lat_plan_input *pi = &lat_compiler_node(k, node)->in[port];
    const struct lat_input *in = &node->in[port];
    pi->run = &node->instance->in[port];
    pi->kind = node->layout->in[port].port->kind;
    const uint32_t n = in->n_cables + in->n_dying;
    if (!n) {
        return LAT_OK;
    }
    pi->cables = k->next_cable;
    pi->terms = k->next_term;
    k->next_cable += n;
    k->next_term += in->n_cables;
    struct lat_plan_cable *pc = pi->cables;
    for (struct lat_cable *c = lat_compiler_cable(k, in, NULL); c;
         c = lat_compiler_cable(k, in, c)) {
        fill_cable(k, pc++, c);
        ++*(c->is_dying ? &pi->n_dying : &pi->n_live);
    }
    const bool is_event =
        pi->kind == LAT_PORT_GATE || pi->kind == LAT_PORT_TRIGGER;
    return pi->n_live > LAT_SUM_BLOCK && !is_event ? cut_sum(k, in, pi)
                                                   : LAT_OK;
}

static enum lat_status
fill_all(struct lat_compiler *k)
{
    // In plan order, so that a run walks the arrays forward.
    const uint32_t *order = lat_dependency_order(k->order);
    enum lat_status status = LAT_OK;
    for (uint32_t at = 0; !status && at < k->n_nodes; ++at) {
        status = fill_node(k, k->nodes[order[at]]);
    }
    for (uint32_t at = 0; !status && at < k->n_nodes; ++at) {
        const struct lat_node *node = k->nodes[order[at]];
        for (uint32_t i = 0; !status && i < node->layout->n_in; ++i) {
            status = fill_input(k, node, i);
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
        number_nodes, order_nodes,          allocate_nodes,
        fill_all,     lat_groups_form,      lat_schedule_form,
        make_pools,   lat_schedule_buffers, lat_groups_feed,
        make_scratch, lat_groups_settle,
    };
    enum lat_status status = LAT_OK;
    for (size_t i = 0; !status && i < LAT_COUNT(steps); ++i) {
        status = steps[i](k);
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
            free(block->words);
            free(block);
        }
    }
    struct plan_box *box = (struct plan_box *)plan;
    lat_buffer_pool_free(plan->pool);
    lat_buffer_pool_free(plan->lane_pool);
    lat_arena_free(&box->arena);
    free(box);
}
