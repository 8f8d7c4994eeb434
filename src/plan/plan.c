// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Units, numbered in file order, are sorted by batch; groups.c puts
// equal ones in lanes, chunks.c
// makes tasks and chunks of them and assigns buffers; here everything is
// allocated, connected and, in the end, given back.

#include "plan.h"
#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/// Memory of the compiler's work, about, and of what belongs to a node in a
/// plan beside its own arrays.
#define WORK_NODE_BYTES 40U
#define WORK_LEAD_BYTES 24U
#define PLAN_NODE_BYTES 40U

/// A plan and the memory that it lives in.
struct plan_box {
    struct lat_plan plan;
    struct lat_arena arena;
};

// About what the arrays take, so that their memory comes in one piece.
static void
reserve(struct lat_compiler *k, const struct lat_flat *flat)
{
    const size_t n = flat->n_units;
    lat_arena_reserve(&k->work, WORK_NODE_BYTES * n +
                                    WORK_LEAD_BYTES * (size_t)flat->n_leads);
    lat_arena_reserve(
        k->keep,
        (sizeof(struct lat_plan_node) + PLAN_NODE_BYTES) * n +
            sizeof(struct lat_plan_input) * flat->n_inputs +
            (sizeof(struct lat_signal) + sizeof(uint32_t)) * flat->n_outputs +
            sizeof(struct lat_plan_patch) * flat->n_patches +
            (sizeof(struct lat_plan_cable) + sizeof(struct lat_term)) *
                flat->n_leads);
}

static enum lat_status
begin(struct lat_compiler *k, struct lat_flat *flat)
{
    const uint32_t n = flat->n_units;
    struct lat_arena *work = &k->work;
    reserve(k, flat);
    k->n_units = n;
    k->n_patches = flat->n_patches;
    k->n_leads = flat->n_leads;
    k->n_inputs = flat->n_inputs;
    k->units = flat->units;
    k->patches = flat->patches;
    k->leads = flat->leads;
    k->plan->n_live = flat->n_live;
    k->place = lat_arena_take(work, n, sizeof(*k->place));
    k->group = lat_arena_take(work, n, sizeof(struct lat_plan_lanes *));
    k->lane = lat_arena_take(work, n, sizeof(*k->lane));
    k->task_of = lat_arena_take(work, n, sizeof(*k->task_of));
    k->reads = lat_arena_take(work, flat->n_outputs, sizeof(*k->reads));
    k->made =
        lat_arena_take(work, k->n_patches, sizeof(struct lat_plan_patch *));
    return k->place && k->group && k->lane && k->task_of && k->reads && k->made
               ? LAT_OK
               : LAT_ENOMEM;
}

static enum lat_status
link_nodes(struct lat_compiler *k)
{
    enum lat_status status =
        lat_dependency_new(k->n_units, k->n_leads, &k->order);
    for (uint32_t n = 0; !status && n < k->n_units; ++n) {
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             p < end; ++p) {
            const uint32_t n_cables = p->n_live + p->n_dying;
            for (uint32_t c = p->first; !status && c < p->first + n_cables;
                 ++c) {
                if (!k->leads[c].is_ring) {
                    status =
                        lat_dependency_link(k->order, k->leads[c].source, n);
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
    p->n_nodes = k->n_units;
    const uint32_t n_batches = lat_dependency_n_batches(k->order);
    k->sequence = lat_arena_take(&k->work, p->n_nodes, sizeof(*k->sequence));
    p->nodes = lat_arena_take(k->keep, p->n_nodes, sizeof(*p->nodes));
    p->batch_starts = lat_arena_take(k->keep, n_batches + (size_t)1,
                                     sizeof(*p->batch_starts));
    if (!p->nodes || !p->batch_starts || !k->sequence) {
        return LAT_ENOMEM;
    }
    // Looks have places in the order, and no nodes.
    const uint32_t *order = lat_dependency_order(k->order);
    uint32_t at = 0;
    for (uint32_t b = 0; b < n_batches; ++b) {
        const uint32_t first = at;
        const uint32_t end = lat_dependency_batch_start(k->order, b + 1);
        for (uint32_t i = lat_dependency_batch_start(k->order, b); i < end;
             ++i) {
            if (order[i] < k->n_units) {
                k->place[order[i]] = at;
                k->sequence[at++] = order[i];
            }
        }
        if (at > first) {
            p->batch_starts[++p->n_batches] = at;
        }
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
        ++k->plan->n_outputs;
        if (!pn->device) {
            return LAT_ENOMEM;
        }
    }
    k->plan->n_midi_outs += inst->held != NULL;
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
    struct lat_instance *inst = k->units[index].inst;
    const struct lat_node_type *type = inst->type;
    pn->inst = inst;
    pn->config = k->units[index].config;
    pn->bypass = k->units[index].bypass;
    pn->process = lat_kernels_process(k->options->kernels, type);
    pn->in = next->input;
    pn->out = next->output;
    pn->out_pitch = next->pitch;
    next->input += inst->n_in;
    next->output += inst->n_out;
    next->pitch += inst->n_out;
    if (inst->id >= k->plan->n_ids) {
        k->plan->n_ids = inst->id + 1;
    }
    const struct lat_port_info *ports = inst->layout->in;
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
           const struct lat_flat_lead *c)
{
    const struct lat_flat_unit *source = &k->units[c->source];
    const uint32_t port = c->output - source->first_output;
    pc->amount = c->amount;
    if (c->is_ring) {
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
    struct lat_plan_patch *patch = lat_compiler_made(k, flat);
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
    pn->in[flat->port].patch = k->made[flat - k->patches] = patch;
    patch->n_live = flat->n_live;
    patch->n_dying = flat->n_dying;
    patch->cables = next->cable;
    patch->terms = next->term;
    next->cable += n;
    next->term += flat->n_live;
    for (uint32_t i = 0; i < n; ++i) {
        fill_cable(k, &patch->cables[i], &k->leads[flat->first + i]);
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
        lat_arena_take(k->keep, k->units[k->n_units].first_output,
                       sizeof(*next.output)),
        lat_arena_take(k->keep, k->units[k->n_units].first_output,
                       sizeof(*next.pitch)),
        lat_arena_take(k->keep, k->n_patches, sizeof(*next.patch)),
        lat_arena_take(k->keep, k->n_leads, sizeof(*next.cable)),
        lat_arena_take(k->keep, k->n_leads, sizeof(*next.term)),
    };
    if (!next.input || !next.output || !next.pitch || !next.patch ||
        !next.cable || !next.term) {
        return LAT_ENOMEM;
    }
    // In plan order, so that a run walks the arrays forward.
    const uint32_t *order = k->sequence;
    enum lat_status status = LAT_OK;
    for (uint32_t at = 0; !status && at < k->n_units; ++at) {
        status = fill_node(k, order[at], &next);
    }
    for (uint32_t at = 0; !status && at < k->n_units; ++at) {
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
    p->outputs =
        lat_arena_take(k->keep, p->n_outputs, sizeof(struct lat_plan_node *));
    p->midi_outs =
        lat_arena_take(k->keep, p->n_midi_outs, sizeof(struct lat_plan_node *));
    if (!p->scratch || !p->outputs || !p->midi_outs) {
        return LAT_ENOMEM;
    }
    p->n_outputs = p->n_midi_outs = 0;
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        if (p->nodes[i].device) {
            p->outputs[p->n_outputs++] = &p->nodes[i];
        } else if (p->nodes[i].inst->held) {
            p->midi_outs[p->n_midi_outs++] = &p->nodes[i];
        }
    }
    return LAT_OK;
}

static enum lat_status
compile(struct lat_compiler *k, struct lat_flat *flat)
{
    static enum lat_status (*const steps[])(struct lat_compiler *) = {
        order_nodes,    lat_sleep_find,       allocate_nodes,    fill_all,
        lat_sleep_fill, lat_groups_form,      lat_schedule_form, lat_joins_find,
        make_pools,     lat_schedule_buffers, lat_groups_feed,   lat_naps_find,
        make_scratch,   lat_groups_settle,    lat_sleep_settle,
    };
    enum lat_status status = begin(k, flat);
    for (size_t i = 0; !status && i < LAT_COUNT(steps); ++i) {
        status = steps[i](k);
        lat_arena_free(&k->step);
    }
    return status;
}

enum lat_status
lat_plan_compile(struct lat_flat *flat, const struct lat_plan_options *options,
                 struct lat_plan **out)
{
    struct plan_box *box =
        aligned_alloc(LAT_ALIGNMENT, (sizeof(*box) + LAT_ALIGNMENT - 1) /
                                         LAT_ALIGNMENT * LAT_ALIGNMENT);
    if (!box) {
        return LAT_ENOMEM;
    }
    memset(box, 0, sizeof(*box));
    struct lat_compiler k = {
        .options = options,
        .keep = &box->arena,
        .plan = &box->plan,
        .span = options->block < LAT_SPAN_MAX ? options->block : LAT_SPAN_MAX,
    };
    box->plan.block = options->block;
    lat_ramp_set(&box->plan.fade, 1.0F);
    const enum lat_status status = compile(&k, flat);
    lat_dependency_free(k.order);
    lat_arena_free(&k.work);
    if (status) {
        lat_plan_free(&box->plan);
        return status;
    }
    count_buffers(&box->plan);
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
