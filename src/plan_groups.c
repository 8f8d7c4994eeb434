// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Groups and chains.
//
// Within a batch, nodes of one kernel whose inputs have the same numbers of
// cables are sorted by where their first cable comes from, so that the lanes of
// a reader follow the lanes of its source, and cut into groups of LAT_LANES.
// Equal filters that feed one another in a row, where a batch has too few of
// them for lanes, make chains.

#include "plan_private.h"

#include <stdlib.h>
#include <string.h>

struct candidate {
    uint64_t kind;  ///< kernel and numbers of cables
    uint64_t place; ///< of the first source
    uint32_t index;
};

static bool
is_event(enum lat_port_kind kind)
{
    return kind == LAT_PORT_GATE || kind == LAT_PORT_TRIGGER;
}

static struct candidate
describe(const struct lat_compiler *k, const struct lat_node *node)
{
    const struct lat_plan_node *pn = lat_compiler_node(k, node);
    struct candidate c = {.kind = node->type->kernel, .index = node->index};
    bool is_placed = false;
    for (uint32_t i = 0; i < pn->inst->n_in; ++i) {
        const uint32_t n = pn->in[i].n_live;
        c.kind = c.kind << 3U | (n < 7 ? n : 7);
        if (n && !is_placed && !is_event(pn->in[i].kind)) {
            const struct lat_cable *first = node->in[i].first;
            const uint32_t src = lat_cable_source(first)->index;
            // Sources in groups come in the order of their lanes.
            c.place = k->group[src]
                          ? ((uint64_t)1 << 63U) |
                                (uint64_t)(k->group[src] - k->plan->groups)
                                    << 8U |
                                k->lane[src]
                          : src;
            is_placed = true;
        }
    }
    return c;
}

static int
by_kind(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static struct lat_plan_lanes *
new_group(struct lat_compiler *k, const struct lat_plan_node *first,
          bool is_chain)
{
    struct lat_plan_lanes *g = &k->plan->groups[k->plan->n_groups++];
    const struct lat_node_type *type = first->inst->type;
    g->type = type;
    g->process = k->options->kernels->process_lanes[type->kernel];
    g->n_in = first->inst->n_in;
    g->n_out = first->inst->n_out;
    g->is_chain = is_chain;
    g->is_dirty = true;
    g->has_muted = true; // for all we know
    g->out_pitch[0] = g->out_pitch[1] = is_chain ? 1 : LAT_LANES;
    g->in = lat_arena_take(k->keep, g->n_in, sizeof(*g->in));
    return g->in ? g : NULL;
}

static void
join_group(struct lat_compiler *k, struct lat_plan_lanes *g, uint32_t index)
{
    struct lat_plan_node *pn = lat_compiler_node(k, k->nodes[index]);
    k->group[index] = g;
    k->lane[index] = (uint8_t)g->n;
    g->members[g->n++] = pn;
    g->has_feedback = g->has_feedback || pn->feedback;
    for (uint32_t o = 0; o < pn->inst->n_out; ++o) {
        if (!g->is_chain) {
            pn->out[o].pitch = &g->out_pitch[o];
        }
    }
}

static enum lat_status
group_run(struct lat_compiler *k, const struct candidate *c, uint32_t n)
{
    while (n >= LAT_LANES_MIN) {
        const uint32_t count = n < LAT_LANES ? n : LAT_LANES;
        const struct lat_plan_node *first =
            lat_compiler_node(k, k->nodes[c->index]);
        struct lat_plan_lanes *g = new_group(k, first, false);
        if (!g) {
            return LAT_ENOMEM;
        }
        for (uint32_t i = 0; i < count; ++i, ++c) {
            join_group(k, g, c->index);
        }
        n -= count;
    }
    return LAT_OK;
}

static enum lat_status
group_batch(struct lat_compiler *k, struct candidate *all, uint32_t n)
{
    qsort(all, n, sizeof(*all), by_kind);
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < n;) {
        uint32_t end = i + 1;
        while (end < n && all[end].kind == all[i].kind) {
            ++end;
        }
        status = group_run(k, &all[i], end - i);
        i = end;
    }
    return status;
}

// Chains.

struct chains {
    uint16_t *crowd; ///< by index: nodes of the same kernel in its batch
    uint32_t *next;  ///< by index: the node that it alone feeds, or none
    uint8_t *has_before;
};

#define NONE UINT32_MAX

static bool
can_chain(const struct lat_compiler *k, const struct chains *s,
          const struct lat_node *node)
{
    const struct lat_plan_node *pn = lat_compiler_node(k, node);
    if (!node->type->kernel || s->crowd[node->index] >= LAT_LANES_MIN ||
        !k->options->kernels->process_chain[node->type->kernel]) {
        return false;
    }
    for (uint32_t i = 1; i < pn->inst->n_in; ++i) {
        if (pn->in[i].n_live || pn->in[i].n_dying) {
            return false;
        }
    }
    return !pn->feedback && !pn->in[0].n_dying;
}

static void
find_links(const struct lat_compiler *k, struct chains *s)
{
    memset(s->next, 0xff, k->n_nodes * sizeof(*s->next));
    for (uint32_t n = 0; n < k->n_nodes; ++n) {
        const struct lat_node *node = k->nodes[n];
        if (!can_chain(k, s, node) || node->in[0].n_cables != 1) {
            continue;
        }
        const struct lat_cable *c = node->in[0].first;
        if (!lat_cable_is_ring(c) && lat_cable_source(c)->type == node->type &&
            k->reads[k->first_output[lat_cable_source(c)->index]] == 1 &&
            can_chain(k, s, lat_cable_source(c))) {
            s->next[lat_cable_source(c)->index] = n;
            s->has_before[n] = 1;
        }
    }
}

static enum lat_status
form_chain(struct lat_compiler *k, const struct chains *s, uint32_t head,
           uint32_t length)
{
    while (length >= LAT_LANES_MIN) {
        const uint32_t count = length < LAT_LANES ? length : LAT_LANES;
        struct lat_plan_lanes *g =
            new_group(k, lat_compiler_node(k, k->nodes[head]), true);
        if (!g) {
            return LAT_ENOMEM;
        }
        for (uint32_t i = 0; i < count; ++i) {
            join_group(k, g, head);
            head = s->next[head];
        }
        length -= count;
    }
    return LAT_OK;
}

static enum lat_status
form_chains(struct lat_compiler *k)
{
    struct chains s = {
        lat_arena_take(&k->work, k->n_nodes, sizeof(uint16_t)),
        lat_arena_take(&k->work, k->n_nodes, sizeof(uint32_t)),
        lat_arena_take(&k->work, k->n_nodes, 1),
    };
    if (!s.crowd || !s.next || !s.has_before) {
        return LAT_ENOMEM;
    }
    const uint32_t *order = lat_dependency_order(k->order);
    for (uint32_t b = 0; b < k->plan->n_batches; ++b) {
        uint16_t counts[LAT_N_KERNELS] = {0};
        const uint32_t end = k->plan->batch_starts[b + 1];
        for (uint32_t at = k->plan->batch_starts[b]; at < end; ++at) {
            uint16_t *count = &counts[k->nodes[order[at]]->type->kernel];
            *count = (uint16_t)(*count < UINT16_MAX ? *count + 1 : *count);
        }
        for (uint32_t at = k->plan->batch_starts[b]; at < end; ++at) {
            s.crowd[order[at]] = counts[k->nodes[order[at]]->type->kernel];
        }
    }
    find_links(k, &s);
    enum lat_status status = LAT_OK;
    for (uint32_t n = 0; !status && n < k->n_nodes; ++n) {
        if (s.has_before[n] || s.next[n] == NONE) {
            continue;
        }
        uint32_t length = 1;
        for (uint32_t at = n; s.next[at] != NONE; at = s.next[at]) {
            ++length;
        }
        status = form_chain(k, &s, n, length);
    }
    return status;
}

enum lat_status
lat_groups_form(struct lat_compiler *k)
{
    struct candidate *all = lat_arena_take(&k->work, k->n_nodes, sizeof(*all));
    k->plan->groups = lat_arena_take(k->keep, k->n_nodes / LAT_LANES_MIN + 1,
                                     sizeof(*k->plan->groups));
    if (!all || !k->plan->groups) {
        return LAT_ENOMEM;
    }
    if (k->options->without_lanes) {
        return LAT_OK;
    }
    enum lat_status status = form_chains(k);
    const uint32_t *order = lat_dependency_order(k->order);
    for (uint32_t b = 0; !status && b < k->plan->n_batches; ++b) {
        uint32_t n = 0;
        const uint32_t end = k->plan->batch_starts[b + 1];
        for (uint32_t at = k->plan->batch_starts[b]; at < end; ++at) {
            const struct lat_node *node = k->nodes[order[at]];
            if (node->type->kernel && !k->group[order[at]] &&
                k->options->kernels->process_lanes[node->type->kernel] &&
                node->layout->n_out <= 2) {
                all[n++] = describe(k, node);
            }
        }
        status = group_batch(k, all, n);
    }
    return status;
}

// Feeds.

// The group's buffer that holds a cable's source, or NULL, and the lane.
static const float *
lane_source(const struct lat_compiler *k, const struct lat_cable *c,
            const uint32_t **pitch, uint32_t *lane)
{
    const struct lat_plan_lanes *g = k->group[lat_cable_source(c)->index];
    if (lat_cable_is_ring(c) || !g || g->is_chain) {
        return NULL;
    }
    *lane = k->lane[lat_cable_source(c)->index];
    *pitch = &g->out_pitch[lat_cable_source_port(c)];
    return g->out[lat_cable_source_port(c)];
}

static void
feed_slot(const struct lat_compiler *k, const struct lat_plan_lanes *g,
          struct lat_cable *const *cables, struct lat_lane_feed *feed)
{
    bool is_shared = !lat_cable_is_ring(cables[0]);
    for (uint32_t l = 1; l < g->n; ++l) {
        is_shared =
            is_shared && !lat_cable_is_ring(cables[l]) &&
            lat_cable_source(cables[l]) == lat_cable_source(cables[0]) &&
            lat_cable_source_port(cables[l]) ==
                lat_cable_source_port(cables[0]);
    }
    if (is_shared) {
        feed->kind = LAT_FEED_SHARED;
        feed->shared = &lat_compiler_node(k, lat_cable_source(cables[0]))
                            ->out[lat_cable_source_port(cables[0])];
        return;
    }
    feed->kind = LAT_FEED_SCATTERED;
    bool is_aligned = true;
    for (uint32_t l = 0; l < g->n; ++l) {
        const uint32_t *pitch = NULL;
        uint32_t lane = 0;
        const float *rows = lane_source(k, cables[l], &pitch, &lane);
        uint32_t s = 0;
        while (s < feed->n_sources && feed->rows[s] != rows) {
            ++s;
        }
        if (!rows || s == LAT_FEED_SOURCES) {
            return;
        }
        if (s == feed->n_sources) {
            feed->rows[s] = rows;
            feed->pitch[s] = pitch;
            ++feed->n_sources;
        }
        feed->index[l] = (int32_t)lane;
        feed->mask[s] |= 1U << l;
        is_aligned = is_aligned && !s && lane == l;
    }
    feed->kind = is_aligned ? LAT_FEED_ALIGNED : LAT_FEED_PERMUTED;
}

static enum lat_status
feed_input(struct lat_compiler *k, struct lat_plan_lanes *g,
           struct lat_node *const *nodes, uint32_t i)
{
    struct lat_lane_input *in = &g->in[i];
    in->kind = g->members[0]->in[i].kind;
    in->n_slots = g->members[0]->in[i].n_live;
    in->is_regular = in->n_slots <= LAT_LANE_SLOTS;
    for (uint32_t l = 0; l < g->n; ++l) {
        const struct lat_plan_input *pi = &g->members[l]->in[i];
        in->is_regular =
            in->is_regular && pi->n_live == in->n_slots && !pi->n_dying;
    }
    if (!in->is_regular || !in->n_slots) {
        return LAT_OK;
    }
    in->feeds = lat_arena_take(k->keep, in->n_slots, sizeof(*in->feeds));
    if (!in->feeds) {
        return LAT_ENOMEM;
    }
    struct lat_cable *cables[LAT_LANES] = {nodes[0]->in[i].first};
    for (uint32_t l = 1; l < g->n; ++l) {
        cables[l] = nodes[l]->in[i].first;
    }
    for (uint32_t j = 0; j < in->n_slots; ++j) {
        feed_slot(k, g, cables, &in->feeds[j]);
        for (uint32_t l = 0; l < g->n; ++l) {
            cables[l] = cables[l]->next_in;
        }
    }
    return LAT_OK;
}

// Take a sum's cables sixteen at a time where a group holds them in order.
static enum lat_status
feed_sum(struct lat_compiler *k, struct lat_plan_input *pi,
         const struct lat_cable **cable)
{
    const uint32_t n_rows = (pi->n_live + LAT_LANES - 1) / LAT_LANES;
    struct lat_plan_rows *rows = lat_arena_take(k->keep, n_rows, sizeof(*rows));
    pi->amounts =
        lat_arena_take(k->keep, (size_t)n_rows * LAT_LANES, sizeof(float));
    if (!rows || !pi->amounts) {
        return LAT_ENOMEM;
    }
    uint32_t n_aligned = 0;
    for (uint32_t r = 0; r < n_rows; ++r) {
        const uint32_t left = pi->n_live - r * LAT_LANES;
        const uint32_t n = left < LAT_LANES ? left : LAT_LANES;
        const float *data = NULL;
        const uint32_t *pitch = NULL;
        bool is_aligned = true;
        for (uint32_t l = 0; l < n; ++l, *cable = (*cable)->next_in) {
            uint32_t lane = 0;
            const uint32_t *its_pitch = NULL;
            const float *its = lane_source(k, *cable, &its_pitch, &lane);
            if (!l) {
                data = its;
                pitch = its_pitch;
            }
            is_aligned = is_aligned && its && its == data && lane == l;
        }
        if (is_aligned) {
            rows[r] = (struct lat_plan_rows){data, pitch};
            ++n_aligned;
        }
    }
    pi->rows = 2 * n_aligned >= n_rows ? rows : NULL;
    return LAT_OK;
}

static enum lat_status
feed_sums(struct lat_compiler *k, const struct lat_node *node)
{
    struct lat_plan_node *pn = lat_compiler_node(k, node);
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < pn->inst->n_in; ++i) {
        struct lat_plan_input *pi = &pn->in[i];
        const struct lat_cable *cable = node->in[i].first;
        if (pi->n_live < LAT_LANES || is_event(pi->kind)) {
            continue;
        }
        if (!pi->parts) {
            status = feed_sum(k, pi, &cable);
        }
        for (uint32_t p = 0; !status && pi->parts && p < pi->n_parts; ++p) {
            status = feed_sum(k, &pi->parts[p].in, &cable);
        }
    }
    return status;
}

enum lat_status
lat_groups_feed(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    struct lat_node *(*nodes)[LAT_LANES] =
        lat_arena_take(&k->work, p->n_groups, sizeof(*nodes));
    p->group_of =
        lat_arena_take(k->keep, p->n_ids, sizeof(struct lat_plan_lanes *));
    if (!nodes || !p->group_of) {
        return LAT_ENOMEM;
    }
    enum lat_status status = LAT_OK;
    for (uint32_t n = 0; !status && n < k->n_nodes; ++n) {
        struct lat_plan_lanes *g = k->group[n];
        p->group_of[k->nodes[n]->instance->id] = g;
        if (g) {
            nodes[g - p->groups][k->lane[n]] = k->nodes[n];
        }
        status = feed_sums(k, k->nodes[n]);
    }
    for (uint32_t i = 0; !status && i < p->n_groups; ++i) {
        struct lat_plan_lanes *g = &p->groups[i];
        for (uint32_t j = 0; !status && !g->is_chain && j < g->n_in; ++j) {
            status = feed_input(k, g, nodes[i], j);
        }
        const size_t floats =
            ((g->n_in + LAT_LANE_SLOTS + (size_t)1) * LAT_LANES + g->n_in +
             g->n_out + 2) *
            LAT_SPAN_MAX;
        p->scratch_floats =
            floats > p->scratch_floats ? floats : p->scratch_floats;
    }
    return status;
}

// State.

static bool
fits(const struct lat_plan_lanes *g, const struct lat_lane_block *block,
     uint64_t mark)
{
    if (!block || block->n_words != g->type->state_words) {
        return false;
    }
    for (uint32_t l = 0; l < g->n; ++l) {
        const struct lat_instance *there = block->occupant[l];
        // Whoever stays in the plan must stay in its lane.
        if (there && there != g->members[l]->inst && there->plan_mark == mark) {
            return false;
        }
    }
    return true;
}

static struct lat_lane_block *
new_block(uint32_t n_words)
{
    struct lat_lane_block *block = calloc(1, sizeof(*block));
    const size_t bytes =
        (n_words ? n_words : (size_t)1) * LAT_LANES * sizeof(uint32_t);
    uint32_t *words = aligned_alloc(LAT_ALIGNMENT, bytes);
    if (!block || !words) {
        free(block);
        free(words);
        return NULL;
    }
    memset(words, 0, bytes);
    block->n_words = n_words;
    block->words = words;
    return block;
}

static void
add_move(struct lat_plan *p, struct lat_instance *inst,
         struct lat_lane_block *block, uint32_t lane)
{
    if (inst->block == block && inst->lane == lane) {
        return;
    }
    if (inst->block && inst->block->occupant[inst->lane] == inst) {
        inst->block->occupant[inst->lane] = NULL;
    }
    inst->block = block;
    inst->lane = lane;
    p->moves[p->n_moves++] = (struct lat_move){
        .inst = inst,
        .home = block ? block->words + lane : inst->state,
        .pitch = block ? LAT_LANES : 1,
    };
}

static struct lat_lane_block *
find_block(const struct lat_plan_lanes *g, uint64_t mark)
{
    // The block of any member will do; usually it is the first one's.
    for (uint32_t l = 0; l < g->n; ++l) {
        struct lat_lane_block *block = g->members[l]->inst->block;
        if (block && block->claimed_by != mark && fits(g, block, mark)) {
            return block;
        }
    }
    return new_block(g->type->state_words);
}

enum lat_status
lat_groups_settle(struct lat_compiler *k)
{
    static uint64_t mark;
    struct lat_plan *p = k->plan;
    p->moves = lat_arena_take(k->keep, p->n_nodes, sizeof(*p->moves));
    p->blocks =
        lat_arena_take(k->keep, p->n_groups, sizeof(struct lat_lane_block *));
    if (!p->moves || !p->blocks) {
        return LAT_ENOMEM;
    }
    ++mark;
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        p->nodes[i].inst->plan_mark = mark;
    }
    for (uint32_t i = 0; i < p->n_groups; ++i) {
        struct lat_plan_lanes *g = &p->groups[i];
        g->block = find_block(g, mark);
        if (!g->block) {
            return LAT_ENOMEM;
        }
        g->block->claimed_by = mark;
        ++g->block->refs;
        p->blocks[p->n_blocks++] = g->block;
    }
    // Nothing fails from here on: instances learn their new places.
    for (uint32_t i = 0; i < p->n_groups; ++i) {
        struct lat_plan_lanes *g = &p->groups[i];
        for (uint32_t l = 0; l < g->n; ++l) {
            add_move(p, g->members[l]->inst, g->block, l);
        }
    }
    for (uint32_t i = 0; i < k->n_nodes; ++i) {
        struct lat_instance *inst = k->nodes[i]->instance;
        if (!k->group[i] && inst->block) {
            add_move(p, inst, NULL, 0);
        }
    }
    for (uint32_t i = 0; i < p->n_groups; ++i) {
        struct lat_plan_lanes *g = &p->groups[i];
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            g->block->occupant[l] = l < g->n ? g->members[l]->inst : NULL;
        }
    }
    return LAT_OK;
}
