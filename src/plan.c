// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Compilation counts first, then carves everything out of one block, so that a
// plan of ten thousand nodes is a handful of allocations, and freeing it is
// too.

#include "plan.h"
#include "dependency.h"

#include <stdlib.h>
#include <string.h>

struct counts {
    uint32_t n_nodes, n_live, n_inputs, n_outputs, n_cables, n_terms;
    uint32_t max_in, max_out;
};

struct compiler {
    struct lat_graph *g;
    const struct lat_plan_options *options;
    struct counts n;
    bool without_dying; // dying cables would close a cycle: cut them now
    struct lat_node **nodes; // by index
    uint32_t *first_output;  // by index: number of its first output
    uint32_t *readers;       // by output
    uint32_t *buffers;       // by output
    struct lat_dependency *order;
    struct lat_plan *plan;
    uint32_t *place; // by index: place in the plan
};

static struct lat_node *
next_node(const struct lat_graph *g, const struct lat_node *node)
{
    if (node->is_dying) {
        return node->dying_next;
    }
    return node->next ? node->next : g->dying;
}

static struct lat_node *
first_node(const struct lat_graph *g)
{
    return g->first ? g->first : g->dying;
}

static void
count_all(struct compiler *k)
{
    struct counts *n = &k->n;
    for (struct lat_node *node = first_node(k->g); node;
         node = next_node(k->g, node)) {
        node->index = n->n_nodes++;
        n->n_live += !node->is_dying;
        const struct lat_config *config = node->instance->config;
        n->n_inputs += node->layout->n_in;
        n->n_outputs += node->layout->n_out;
        n->max_in = config->n_in > n->max_in ? config->n_in : n->max_in;
        n->max_out = config->n_out > n->max_out ? config->n_out : n->max_out;
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            n->n_cables += node->in[i].n_cables + node->in[i].n_dying;
            n->n_terms += node->in[i].n_cables;
        }
    }
}

// The cables of an input, live ones first, then the dying.
static struct lat_cable *
next_cable(const struct compiler *k, const struct lat_input *in,
           const struct lat_cable *c)
{
    if (c && c->is_dying) {
        return c->dying_next;
    }
    struct lat_cable *next = c ? c->next_in : in->first;
    return next || k->without_dying ? next : in->dying;
}

static enum lat_status
link_all(struct compiler *k)
{
    enum lat_status status = lat_dependency_new(k->n.n_nodes, &k->order);
    for (struct lat_node *node = first_node(k->g); !status && node;
         node = next_node(k->g, node)) {
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            for (struct lat_cable *c = next_cable(k, &node->in[i], NULL); c;
                 c = next_cable(k, &node->in[i], c)) {
                if (!c->is_feedback && !status) {
                    status = lat_dependency_link(k->order, c->src->index,
                                                 node->index);
                }
            }
        }
    }
    return status;
}

static enum lat_status
order_all(struct compiler *k)
{
    enum lat_status status = link_all(k);
    if (!status) {
        status = lat_dependency_sort(k->order);
    }
    if (status == LAT_ECYCLE && !k->without_dying) {
        lat_dependency_free(k->order);
        k->order = NULL;
        k->without_dying = true;
        status = link_all(k);
        if (!status) {
            status = lat_dependency_sort(k->order);
        }
    }
    return status;
}

static size_t
round_up(size_t bytes)
{
    return (bytes + LAT_ALIGNMENT - 1) / LAT_ALIGNMENT * LAT_ALIGNMENT;
}

static void *
carve(unsigned char **cursor, size_t bytes)
{
    void *p = *cursor;
    *cursor += round_up(bytes);
    return p;
}

static enum lat_status
allocate(struct compiler *k)
{
    const struct counts *n = &k->n;
    const uint32_t n_batches = lat_dependency_n_batches(k->order);
    const size_t scratch =
        ((size_t)n->max_in + n->max_out) * k->options->block * sizeof(float);
    const size_t total =
        round_up(sizeof(struct lat_plan)) +
        round_up(n->n_nodes * sizeof(struct lat_plan_node)) +
        round_up(n->n_inputs * sizeof(struct lat_plan_input)) +
        round_up(n->n_cables * sizeof(struct lat_plan_cable)) +
        round_up(n->n_terms * sizeof(struct lat_term)) +
        round_up(n->n_outputs * sizeof(struct lat_signal)) +
        round_up((n_batches + (size_t)1) * sizeof(uint32_t)) +
        round_up(scratch);
    unsigned char *cursor = aligned_alloc(LAT_ALIGNMENT, total);
    if (!cursor) {
        return LAT_ENOMEM;
    }
    memset(cursor, 0, total);
    struct lat_plan *p = carve(&cursor, sizeof(*p));
    p->nodes = carve(&cursor, n->n_nodes * sizeof(*p->nodes));
    struct lat_plan_input *inputs =
        carve(&cursor, n->n_inputs * sizeof(*inputs));
    struct lat_plan_cable *cables =
        carve(&cursor, n->n_cables * sizeof(*cables));
    struct lat_term *terms = carve(&cursor, n->n_terms * sizeof(*terms));
    struct lat_signal *signals =
        carve(&cursor, n->n_outputs * sizeof(*signals));
    p->batch_starts =
        carve(&cursor, (n_batches + (size_t)1) * sizeof(*p->batch_starts));
    p->scratch = carve(&cursor, scratch);
    p->block = k->options->block;
    p->n_nodes = n->n_nodes;
    p->n_live = n->n_live;
    p->n_batches = n_batches;
    lat_ramp_set(&p->fade, 1.0F);
    k->plan = p;

    // Hand the arrays out in plan order, so that a run walks them forward.
    const uint32_t *order = lat_dependency_order(k->order);
    for (uint32_t at = 0; at < n->n_nodes; ++at) {
        const struct lat_node *node = k->nodes[order[at]];
        struct lat_plan_node *pn = &p->nodes[at];
        k->place[order[at]] = at;
        pn->in = inputs;
        pn->out = signals;
        inputs += node->layout->n_in;
        signals += node->layout->n_out;
        for (uint32_t i = 0; i < node->layout->n_in; ++i) {
            pn->in[i].cables = cables;
            pn->in[i].terms = terms;
            cables += node->in[i].n_cables + node->in[i].n_dying;
            terms += node->in[i].n_cables;
        }
    }
    for (uint32_t b = 0; b <= n_batches; ++b) {
        p->batch_starts[b] = lat_dependency_batch_start(k->order, b);
    }
    return lat_buffer_pool_new(p->block, UINT32_MAX - 1, &p->pool);
}

static uint32_t
output_number(const struct compiler *k, const struct lat_cable *c)
{
    return k->first_output[c->src->index] + c->src_port;
}

static void
count_readers(struct compiler *k)
{
    uint32_t n_outputs = 0;
    for (uint32_t i = 0; i < k->n.n_nodes; ++i) {
        k->first_output[i] = n_outputs;
        n_outputs += k->nodes[i]->layout->n_out;
    }
    for (uint32_t i = 0; i < k->n.n_nodes; ++i) {
        const struct lat_node *node = k->nodes[i];
        for (uint32_t p = 0; p < node->layout->n_in; ++p) {
            for (struct lat_cable *c = next_cable(k, &node->in[p], NULL); c;
                 c = next_cable(k, &node->in[p], c)) {
                if (!c->is_feedback) {
                    ++k->readers[output_number(k, c)];
                }
            }
        }
    }
}

static void
fill_input(struct compiler *k, struct lat_plan_input *pi,
           const struct lat_node *node, uint32_t port)
{
    struct lat_plan *p = k->plan;
    pi->run = &node->instance->in[port];
    pi->kind = node->layout->in[port].port->kind;
    struct lat_plan_cable *pc = pi->cables;
    for (struct lat_cable *c = next_cable(k, &node->in[port], NULL); c;
         c = next_cable(k, &node->in[port], c)) {
        pc->run = c->run;
        if (c->is_feedback) {
            pc->feedback = c->src->instance->feedback[c->src_port];
        } else {
            const uint32_t at = k->place[c->src->index];
            pc->signal = &p->nodes[at].out[c->src_port];
        }
        ++*(c->is_dying ? &pi->n_dying : &pi->n_live);
        ++p->n_cables;
        ++pc;
    }
}

static void
fill_node(struct compiler *k, uint32_t at, const struct lat_node *node)
{
    struct lat_plan_node *pn = &k->plan->nodes[at];
    const struct lat_node_type *type = node->type;
    pn->inst = node->instance;
    pn->config = node->instance->config;
    pn->process = type->kernel ? k->options->kernels->process[type->kernel]
                               : type->process;
    pn->batch = lat_dependency_batch(k->order, node->index);
    pn->is_dying = node->is_dying;
    for (uint32_t i = 0; i < node->layout->n_in; ++i) {
        fill_input(k, &pn->in[i], node, i);
    }
}

static enum lat_status
assign_buffers(struct compiler *k)
{
    struct lat_plan *p = k->plan;
    const uint32_t *order = lat_dependency_order(k->order);
    for (uint32_t b = 0; b < p->n_batches; ++b) {
        const uint32_t end = p->batch_starts[b + 1];
        for (uint32_t at = p->batch_starts[b]; at < end; ++at) {
            const struct lat_node *node = k->nodes[order[at]];
            const uint32_t first = k->first_output[node->index];
            for (uint32_t o = 0; o < node->layout->n_out; ++o) {
                const uint32_t index =
                    lat_buffer_pool_get(p->pool, k->readers[first + o]);
                if (index == LAT_NO_BUFFER) {
                    return LAT_ENOMEM;
                }
                k->buffers[first + o] = index;
                p->nodes[at].out[o].data =
                    lat_buffer_pool_data(p->pool, index);
                p->nodes[at].out[o].step = 1;
            }
        }
        // What this batch reads may be written by the next one at the earliest.
        lat_buffer_pool_hold(p->pool);
        for (uint32_t at = p->batch_starts[b]; at < end; ++at) {
            const struct lat_node *node = k->nodes[order[at]];
            const uint32_t first = k->first_output[node->index];
            for (uint32_t o = 0; o < node->layout->n_out; ++o) {
                if (!k->readers[first + o]) {
                    lat_buffer_pool_release(p->pool, k->buffers[first + o]);
                }
            }
            for (uint32_t i = 0; i < node->layout->n_in; ++i) {
                for (struct lat_cable *c = next_cable(k, &node->in[i], NULL);
                     c; c = next_cable(k, &node->in[i], c)) {
                    if (!c->is_feedback) {
                        lat_buffer_pool_release(
                            p->pool, k->buffers[output_number(k, c)]);
                    }
                }
            }
        }
        lat_buffer_pool_let_go(p->pool);
    }
    lat_buffer_pool_counters(p->pool, &p->counters);
    return LAT_OK;
}

enum lat_status
lat_plan_compile(struct lat_graph *g, const struct lat_plan_options *options,
                 struct lat_plan **out)
{
    const uint64_t begin_ns = lat_now_ns();
    struct compiler k = {.g = g, .options = options};
    count_all(&k);
    const size_t n = k.n.n_nodes;
    const size_t n_outputs = k.n.n_outputs;
    k.nodes = calloc(n + 1, sizeof(struct lat_node *));
    uint32_t *block = calloc(2 * n + 2 * n_outputs + 1, sizeof(uint32_t));
    enum lat_status status = k.nodes && block ? LAT_OK : LAT_ENOMEM;
    if (!status) {
        k.first_output = block;
        k.place = block + n;
        k.readers = block + 2 * n;
        k.buffers = block + 2 * n + n_outputs;
        for (struct lat_node *node = first_node(g); node;
             node = next_node(g, node)) {
            k.nodes[node->index] = node;
        }
        status = order_all(&k);
    }
    if (!status) {
        status = allocate(&k);
    }
    if (!status) {
        count_readers(&k);
        for (uint32_t i = 0; i < n; ++i) {
            fill_node(&k, k.place[i], k.nodes[i]);
        }
        status = assign_buffers(&k);
    }
    lat_dependency_free(k.order);
    free(k.nodes);
    free(block);
    if (status) {
        lat_plan_free(k.plan);
        return status;
    }
    k.plan->compile_us = (uint32_t)((lat_now_ns() - begin_ns) / 1000);
    *out = k.plan;
    return LAT_OK;
}

void
lat_plan_free(struct lat_plan *plan)
{
    if (plan) {
        lat_buffer_pool_free(plan->pool);
        free(plan);
    }
}
