// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Tasks, clusters, chunks, levels.
//
// A task is a node, a group, a chain, or a part of a large sum.  A task whose
// readers are all in one cluster joins it while there is room for it and for
// what is made for it alone: what is made there is used there, from the nearest
// cache.  Clusters are put on levels by the longest path; the clusters of a
// level are packed, neighbours together, into chunks of about a grain, as many
// for every thread, and levels of one chunk in a row become one chunk.
//
// Buffers follow the order in which chunks run.  One that only its own chunk
// reads is used again within the chunk; any other only from the level on that
// comes after its last reader's.

#include "compiler.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define NONE UINT32_MAX

/// Frame time that a cluster, and a chunk, should not exceed: 6 us for 64
/// frames.  scripts/bench measures the choice.
#define GRAIN_NS 94.0F

/// And what is made for one reader alone may fill in all.
#define MOST_GRAINS 2.0F

/// Into at least this share of a grain a level's chunks are cut, so that every
/// thread gets as many.
#define LEAST_PART 4.0F

/// What a lane costs of a node alone, about, its gathering included.
#define LANE_SHARE 0.3F

/// What a chain costs of a node alone, and each of its filters on top.
#define CHAIN_ALONE 3.0F
#define CHAIN_SHARE 0.05F

/// Frame time of a cable in a sum, and of one into a lane.
#define CABLE_NS      0.02F
#define LANE_CABLE_NS 0.06F

struct schedule {
    struct lat_compiler *k;
    struct lat_dependency *links; ///< between tasks
    float grain_ns;
    uint32_t n_clusters;
    uint32_t *cluster; ///< by task
    float *tree;       ///< by task
    uint8_t *is_whole; ///< by task: all of its tree is in its cluster
    float *weight;     ///< by cluster
    uint32_t *level;   ///< by cluster
    uint32_t *sorted;  ///< clusters by (level, first task)
    uint32_t *emitted; ///< by task: 1 when it has its place
    uint32_t *linked;  ///< by task: the reader that it was linked to last
    // Sources of every task, flat.
    uint32_t *source_start, *sources;
    uint32_t n_levels;
    struct lat_task *ordered;
    uint32_t n_ordered;
};

// Tasks.

static uint32_t
add_task(struct lat_compiler *k, struct lat_task task, float cost)
{
    k->tasks[k->n_tasks] = task;
    k->cost[k->n_tasks] = cost;
    return k->n_tasks++;
}

// The frame time of gathering a node's inputs: @p cable_ns for a cable, or for
// a part of a large sum.
static float
inputs_cost(const struct lat_compiler *k, uint32_t index, float cable_ns)
{
    uint32_t n = 0;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        n += lat_compiler_made(k, p)->parts ? lat_compiler_made(k, p)->n_parts
                                            : p->n_live;
    }
    return cable_ns * (float)n;
}

static uint32_t
count_parts(const struct lat_compiler *k)
{
    uint32_t n_parts = 0;
    for (uint32_t p = 0; p < k->n_patches; ++p) {
        n_parts += k->made[p]->n_parts;
    }
    return n_parts;
}

// The task of a group, or of a chain, of which this is the first.
static struct lat_task
group_task(struct lat_plan_lanes *g)
{
    return (struct lat_task){g->is_chain ? LAT_TASK_CHAIN : LAT_TASK_LANES,
                             {.lanes = g}};
}

static float
group_cost(const struct lat_plan_lanes *g)
{
    const float cost = g->type->cost_ns;
    if (!g->is_chain) {
        return LANE_SHARE * cost * (float)g->n;
    }
    float share = CHAIN_ALONE;
    for (; g; g = g->next) {
        share += CHAIN_SHARE * (float)g->n;
    }
    return share * cost;
}

// What a node adds to its group's task; within a chain there are no sums.
static float
group_input_cost(const struct lat_compiler *k, const struct lat_plan_lanes *g,
                 uint32_t index)
{
    if (!g->is_chain) {
        return inputs_cost(k, index, LANE_CABLE_NS);
    }
    const bool is_first = k->group[index] == g && k->lane[index] == 0;
    return is_first ? inputs_cost(k, index, CABLE_NS) : 0.0F;
}

/// What looking at a sleeper costs, about.
#define LOOK_NS 0.1F

static uint32_t
add_look(struct lat_compiler *k, struct lat_plan_look *look)
{
    return add_task(k, (struct lat_task){LAT_TASK_LOOK, {.look = look}},
                    LOOK_NS * (float)look->n);
}

static enum lat_status
make_tasks(struct lat_compiler *k)
{
    const size_t most = (size_t)k->n_units + k->plan->n_sleeps + count_parts(k);
    k->tasks = lat_arena_take(&k->step, most, sizeof(*k->tasks));
    k->cost = lat_arena_take(&k->step, most, sizeof(*k->cost));
    if (!k->tasks || !k->cost) {
        return LAT_ENOMEM;
    }
    // Nodes in order of (batch, file), so that tasks are in a runnable order
    // too, but for chains and sums.
    const uint32_t *order = k->sequence;
    for (uint32_t at = 0; at < k->n_units; ++at) {
        const uint32_t index = order[at];
        struct lat_plan_lanes *g = k->group[index];
        const float cost = k->units[index].type->cost_ns;
        if (!g) {
            struct lat_plan_node *pn = &k->plan->nodes[at];
            k->task_of[index] =
                add_task(k, (struct lat_task){LAT_TASK_NODE, {.node = pn}},
                         cost + inputs_cost(k, index, CABLE_NS));
        } else if (k->lane[index] == 0 && g == lat_compiler_head(g)) {
            g->task = add_task(k, group_task(g), group_cost(g));
        }
    }
    for (uint32_t index = 0; index < k->n_units; ++index) {
        const struct lat_plan_lanes *g = lat_compiler_head(k->group[index]);
        if (g) {
            k->task_of[index] = g->task;
            k->cost[g->task] += group_input_cost(k, g, index);
        }
    }
    return lat_sleep_add_looks(k, add_look);
}

// Cables between two tasks are one link, where they come in a row.
static enum lat_status
link_once(struct schedule *s, uint32_t source, uint32_t reader)
{
    if (source == reader || s->linked[source] == reader) {
        return LAT_OK;
    }
    s->linked[source] = reader;
    return lat_dependency_link(s->links, source, reader);
}

static enum lat_status
link_patch(struct schedule *s, const struct lat_flat_patch *p, uint32_t task)
{
    struct lat_compiler *k = s->k;
    const struct lat_flat_lead *c = &k->leads[p->first];
    enum lat_status status = LAT_OK;
    uint32_t reader = task;
    for (uint32_t n = 0; !status && n < p->n_live + p->n_dying; ++n, ++c) {
        const bool is_part = lat_compiler_made(k, p)->parts && n < p->n_live;
        if (is_part && n % LAT_SUM_BLOCK == 0) {
            struct lat_plan_sum *sum =
                &lat_compiler_made(k, p)->parts[n / LAT_SUM_BLOCK];
            reader = add_task(k, (struct lat_task){LAT_TASK_SUM, {.sum = sum}},
                              CABLE_NS * (float)sum->in.n_live);
            status = lat_dependency_link(s->links, reader, task);
        }
        if (!status && !c->is_ring) {
            status =
                link_once(s, k->task_of[c->source], is_part ? reader : task);
        }
    }
    return status;
}

static enum lat_status
link_tasks(struct schedule *s)
{
    struct lat_compiler *k = s->k;
    const uint32_t most = k->n_tasks + count_parts(k);
    s->linked = lat_arena_take(&k->step, most, sizeof(*s->linked));
    enum lat_status status = s->linked ? LAT_OK : LAT_ENOMEM;
    if (!status) {
        memset(s->linked, 0xff, most * sizeof(*s->linked));
        status = lat_dependency_new(most, most, &s->links);
    }
    for (uint32_t n = 0; !status && n < k->n_units; ++n) {
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             !status && p < end; ++p) {
            status = link_patch(s, p, k->task_of[n]);
        }
    }
    status = status ? status : lat_sleep_link(k, s->links);
    return status ? status : lat_dependency_sort(s->links);
}

// Sources of every task, from the links of readers.
static enum lat_status
list_sources(struct schedule *s)
{
    const uint32_t n = s->k->n_tasks;
    struct lat_arena *work = &s->k->step;
    s->source_start = lat_arena_take(work, n + (size_t)2, sizeof(uint32_t));
    if (!s->source_start) {
        return LAT_ENOMEM;
    }
    uint32_t total = 0;
    const uint32_t *readers = NULL;
    for (uint32_t t = 0; t < n; ++t) {
        const uint32_t count = lat_dependency_readers(s->links, t, &readers);
        total += count;
        for (uint32_t i = 0; i < count; ++i) {
            ++s->source_start[readers[i] + 2];
        }
    }
    s->sources = lat_arena_take(work, total, sizeof(uint32_t));
    if (!s->sources) {
        return LAT_ENOMEM;
    }
    for (uint32_t t = 2; t < n + 2; ++t) {
        s->source_start[t] += s->source_start[t - 1];
    }
    // Entry t + 1 is where task t's list is being filled; in the end it is
    // where the next one's begins.
    for (uint32_t t = 0; t < n; ++t) {
        const uint32_t count = lat_dependency_readers(s->links, t, &readers);
        for (uint32_t i = 0; i < count; ++i) {
            s->sources[s->source_start[readers[i] + 1]++] = t;
        }
    }
    return LAT_OK;
}

// Clusters.

// Frame time of every task with all that is made for it alone.
static void
weigh_trees(struct schedule *s)
{
    const struct lat_compiler *k = s->k;
    const uint32_t *order = lat_dependency_order(s->links);
    for (uint32_t i = 0; i < k->n_tasks; ++i) {
        const uint32_t t = order[i];
        const uint32_t *readers = NULL;
        s->tree[t] += k->cost[t];
        if (lat_dependency_readers(s->links, t, &readers) == 1 &&
            k->tasks[t].kind != LAT_TASK_SUM) {
            s->tree[readers[0]] += s->tree[t];
        }
    }
}

// From readers to sources.  A tree that fits is not torn apart: its room is
// taken when its root gets its cluster.  Parts of a large sum are for different
// threads.
static void
form_clusters(struct schedule *s)
{
    const struct lat_compiler *k = s->k;
    const float most = MOST_GRAINS * s->grain_ns;
    const uint32_t *order = lat_dependency_order(s->links);
    for (uint32_t i = k->n_tasks; i-- > 0;) {
        const uint32_t t = order[i];
        const uint32_t *readers = NULL;
        const uint32_t n = lat_dependency_readers(s->links, t, &readers);
        uint32_t common = n ? s->cluster[readers[0]] : NONE;
        for (uint32_t r = 1; r < n; ++r) {
            common = s->cluster[readers[r]] == common ? common : NONE;
        }
        if (k->tasks[t].kind == LAT_TASK_SUM) {
            common = NONE;
        }
        s->is_whole[t] = common != NONE && n == 1 && s->is_whole[readers[0]];
        if (s->is_whole[t]) {
            s->cluster[t] = common;
            continue;
        }
        if (common == NONE || s->weight[common] + s->tree[t] > most) {
            common = s->n_clusters++;
        }
        s->cluster[t] = common;
        s->is_whole[t] = s->weight[common] + s->tree[t] <= most;
        s->weight[common] += s->is_whole[t] ? s->tree[t] : k->cost[t];
    }
}

static void
level_clusters(struct schedule *s)
{
    const uint32_t *order = lat_dependency_order(s->links);
    for (uint32_t i = 0; i < s->k->n_tasks; ++i) {
        const uint32_t t = order[i];
        const uint32_t c = s->cluster[t];
        for (uint32_t x = s->source_start[t]; x < s->source_start[t + 1]; ++x) {
            const uint32_t from = s->cluster[s->sources[x]];
            if (from != c && s->level[from] + 1 > s->level[c]) {
                s->level[c] = s->level[from] + 1;
            }
        }
        if (s->level[c] + 1 > s->n_levels) {
            s->n_levels = s->level[c] + 1;
        }
    }
}

// Clusters in the order of (level, first task): a counting sort.
static enum lat_status
sort_clusters(struct schedule *s)
{
    struct lat_compiler *k = s->k;
    uint32_t *starts =
        lat_arena_take(&k->step, s->n_levels + (size_t)2, sizeof(*starts));
    uint8_t *seen = lat_arena_take(&k->step, s->n_clusters, 1);
    if (!starts || !seen) {
        return LAT_ENOMEM;
    }
    for (uint32_t c = 0; c < s->n_clusters; ++c) {
        ++starts[s->level[c] + 1];
    }
    for (uint32_t l = 0; l < s->n_levels; ++l) {
        starts[l + 1] += starts[l];
    }
    for (uint32_t t = 0; t < k->n_tasks; ++t) {
        const uint32_t c = s->cluster[t];
        if (!seen[c]) {
            seen[c] = 1;
            s->sorted[starts[s->level[c]]++] = c;
        }
    }
    return LAT_OK;
}

// The tasks of a cluster, sources first, depth first: a column of lanes is
// finished before the next one begins.
static enum lat_status
list_roots(struct schedule *s, uint32_t *root_of)
{
    for (uint32_t t = 0; t < s->k->n_tasks; ++t) {
        root_of[s->cluster[t]] = NONE;
    }
    const uint32_t *order = lat_dependency_order(s->links);
    for (uint32_t i = 0; i < s->k->n_tasks; ++i) {
        root_of[s->cluster[order[i]]] = order[i]; // the last one stays
    }
    return LAT_OK;
}

static void
emit_tree(struct schedule *s, uint32_t root, uint32_t *stack, uint32_t *next)
{
    const uint32_t cluster = s->cluster[root];
    uint32_t n = 0;
    stack[n++] = root;
    next[root] = s->source_start[root];
    s->emitted[root] = 1;
    while (n) {
        const uint32_t t = stack[n - 1];
        if (next[t] < s->source_start[t + 1]) {
            const uint32_t source = s->sources[next[t]++];
            if (s->cluster[source] == cluster && !s->emitted[source]) {
                s->emitted[source] = 1;
                next[source] = s->source_start[source];
                stack[n++] = source;
            }
        } else {
            s->ordered[s->n_ordered++] = s->k->tasks[t];
            --n;
        }
    }
}

// Chunks.

// Frame time of a chunk on a level that takes @p cost: as many chunks of about
// a grain as it fills, but the same number for every thread.
static float
chunk_cost(const struct schedule *s, float cost)
{
    const uint32_t threads = s->k->options->n_threads;
    uint32_t n = 1 + (uint32_t)(cost / s->grain_ns);
    if (n > 1) {
        const uint32_t most = (uint32_t)(cost * LEAST_PART / s->grain_ns);
        n = (n + threads - 1) / threads * threads;
        n = n < most ? n : most;
    }
    return fmaxf(cost / (float)n, FLT_MIN);
}

static enum lat_status
form_chunks(struct schedule *s)
{
    struct lat_compiler *k = s->k;
    struct lat_plan *p = k->plan;
    uint32_t *root_of =
        lat_arena_take(&k->step, s->n_clusters, sizeof(uint32_t));
    uint32_t *stack = lat_arena_take(&k->step, k->n_tasks, sizeof(uint32_t));
    uint32_t *next = lat_arena_take(&k->step, k->n_tasks, sizeof(uint32_t));
    p->chunks = lat_arena_take(k->keep, s->n_clusters, sizeof(*p->chunks));
    p->claimed_in =
        lat_arena_take(k->keep, s->n_clusters, sizeof(*p->claimed_in));
    p->levels = lat_arena_take(k->keep, s->n_levels, sizeof(*p->levels));
    if (!root_of || !stack || !next || !p->chunks || !p->claimed_in ||
        !p->levels) {
        return LAT_ENOMEM;
    }
    p->n_levels = s->n_levels;
    for (uint32_t c = 0; c < s->n_clusters; ++c) {
        p->levels[s->level[c]].cost_ns += s->weight[c];
        p->cost_ns += s->weight[c];
    }
    list_roots(s, root_of);
    uint32_t i = 0;
    for (uint32_t l = 0; l < p->n_levels; ++l) {
        struct lat_level *level = &p->levels[l];
        const float share = chunk_cost(s, level->cost_ns);
        float before = 0.0F;
        uint32_t part = NONE; // of the level
        struct lat_chunk *chunk = NULL;
        level->first = p->n_chunks;
        for (; i < s->n_clusters && s->level[s->sorted[i]] == l; ++i) {
            const uint32_t c = s->sorted[i];
            // That in which the middle of the cluster lies.
            const uint32_t at =
                (uint32_t)((before + 0.5F * s->weight[c]) / share);
            if (at != part) {
                part = at;
                chunk = &p->chunks[p->n_chunks++];
                chunk->first = s->n_ordered;
                ++level->n;
            }
            emit_tree(s, root_of[c], stack, next);
            chunk->n = s->n_ordered - chunk->first;
            chunk->cost_ns += s->weight[c];
            before += s->weight[c];
        }
    }
    return LAT_OK;
}

static void
merge_narrow_levels(struct lat_plan *p)
{
    uint32_t n_levels = 0;
    uint32_t n_chunks = 0;
    for (uint32_t l = 0; l < p->n_levels; ++l) {
        const struct lat_level level = p->levels[l];
        if (level.n == 1 && n_levels && p->levels[n_levels - 1].n == 1) {
            struct lat_chunk *before = &p->chunks[n_chunks - 1];
            before->n += p->chunks[level.first].n;
            before->cost_ns += p->chunks[level.first].cost_ns;
            continue;
        }
        p->levels[n_levels++] =
            (struct lat_level){.first = n_chunks, .n = level.n};
        for (uint32_t c = 0; c < level.n; ++c) {
            p->chunks[n_chunks++] = p->chunks[level.first + c];
        }
    }
    p->n_levels = n_levels;
    p->n_chunks = n_chunks;
    for (uint32_t l = 0; l < n_levels; ++l) {
        struct lat_level *level = &p->levels[l];
        for (uint32_t c = level->first; c < level->first + level->n; ++c) {
            const float cost = p->chunks[c].cost_ns;
            level->cost_ns += cost;
            level->largest_ns =
                cost > level->largest_ns ? cost : level->largest_ns;
        }
    }
}

enum lat_status
lat_schedule_form(struct lat_compiler *k)
{
    struct schedule s = {
        .k = k,
        .grain_ns =
            k->options->grain_ns > 0.0F ? k->options->grain_ns : GRAIN_NS,
    };
    enum lat_status status = make_tasks(k);
    if (!status) {
        status = link_tasks(&s);
    }
    if (!status) {
        status = list_sources(&s);
    }
    const size_t n = k->n_tasks;
    if (!status) {
        s.cluster = lat_arena_take(&k->step, n, sizeof(uint32_t));
        s.weight = lat_arena_take(&k->step, n, sizeof(float));
        s.tree = lat_arena_take(&k->step, n, sizeof(float));
        s.is_whole = lat_arena_take(&k->step, n, 1);
        s.level = lat_arena_take(&k->step, n, sizeof(uint32_t));
        s.sorted = lat_arena_take(&k->step, n, sizeof(uint32_t));
        s.emitted = lat_arena_take(&k->step, n, sizeof(uint32_t));
        s.ordered = lat_arena_take(k->keep, n, sizeof(*s.ordered));
        if (!s.cluster || !s.weight || !s.tree || !s.is_whole || !s.level ||
            !s.sorted || !s.emitted || !s.ordered) {
            status = LAT_ENOMEM;
        }
    }
    if (!status) {
        weigh_trees(&s);
        form_clusters(&s);
        level_clusters(&s);
        status = sort_clusters(&s);
    }
    if (!status) {
        status = form_chunks(&s);
    }
    if (!status) {
        k->plan->tasks = s.ordered;
        k->plan->n_tasks = s.n_ordered;
        merge_narrow_levels(k->plan);
    }
    lat_dependency_free(s.links);
    return status;
}

// Buffers.

// What holds a buffer: an output of a node alone or of a chain's end, or an
// output of a group, which stands for all of its lanes.
struct holder {
    uint32_t reads; ///< left
    uint32_t buffer;
    uint32_t chunk; ///< that fills it
    bool is_lanes;
    bool is_private; ///< no other chunk reads it
};

struct buffers {
    struct lat_compiler *k;
    struct holder *holders; ///< by output number, those of lane 0 for groups
    uint32_t *holder_of;    ///< by output number
    struct holder *sums;    ///< by number of the part
    uint32_t n_sums;
    uint32_t *chunk_of; ///< by node index
    uint32_t chunk;     ///< being assigned
    uint32_t *local[2]; ///< free within this chunk: plain, lanes
    uint32_t n_local[2];
};

static struct holder *
holder_of(const struct buffers *b, uint32_t output)
{
    return &b->holders[b->holder_of[output]];
}

// The sum that a cable's source adds itself to, or NULL.
static struct lat_plan_across *
joined_sum(const struct lat_compiler *k, const struct lat_flat_lead *c)
{
    const struct lat_plan_lanes *g = k->group[c->source];
    return g && !g->is_chain ? g->sum : NULL;
}

// Does a cable into node @p index hold no buffer: does it carry what was made a
// quantum ago, is it within a chain, or was it added up already?
static bool
is_free(const struct lat_compiler *k, const struct lat_flat_lead *c,
        uint32_t index)
{
    return c->is_ring || joined_sum(k, c) ||
           (k->has_chains && k->group[index] && k->group[index]->is_chain &&
            lat_compiler_head(k->group[c->source]) == k->group[index]->head);
}

static void
note_reads(struct buffers *b, uint32_t index)
{
    const struct lat_compiler *k = b->k;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        const struct lat_flat_lead *c = &k->leads[p->first];
        const struct lat_plan_sum *parts = lat_compiler_made(k, p)->parts;
        for (uint32_t n = 0; n < p->n_live + p->n_dying; ++n, ++c) {
            if (!is_free(k, c, index)) {
                const uint32_t chunk = parts && n < p->n_live
                                           ? parts[n / LAT_SUM_BLOCK].chunk
                                           : b->chunk_of[index];
                struct holder *h = holder_of(b, c->output);
                ++h->reads;
                h->is_private = h->is_private && h->chunk == chunk;
            }
        }
    }
}

static uint32_t
take(struct buffers *b, bool is_lanes)
{
    struct lat_plan *p = b->k->plan;
    struct lat_buffer_pool *pool = is_lanes ? p->lane_pool : p->pool;
    if (b->n_local[is_lanes]) {
        const uint32_t index = b->local[is_lanes][--b->n_local[is_lanes]];
        lat_buffer_pool_again(pool, index);
        return index;
    }
    return lat_buffer_pool_get(pool, 1);
}

static void
give(struct buffers *b, uint32_t index, bool is_lanes, bool is_private)
{
    struct lat_plan *p = b->k->plan;
    if (is_private) {
        b->local[is_lanes][b->n_local[is_lanes]++] = index;
    } else {
        lat_buffer_pool_release(is_lanes ? p->lane_pool : p->pool, index);
    }
}

static void
drop_read(struct buffers *b, struct holder *h)
{
    if (!--h->reads) {
        give(b, h->buffer, h->is_lanes, h->is_private);
    }
}

static float *
fill_holder(struct buffers *b, struct holder *h)
{
    const struct lat_plan *p = b->k->plan;
    h->buffer = take(b, h->is_lanes);
    return h->buffer == LAT_NO_BUFFER
               ? NULL
               : lat_buffer_pool_data(h->is_lanes ? p->lane_pool : p->pool,
                                      h->buffer);
}

static uint32_t
first_output(const struct lat_compiler *k, const struct lat_plan_node *pn)
{
    return k->units[lat_compiler_index(k, pn)].first_output;
}

static enum lat_status
give_node_buffers(struct buffers *b, struct lat_plan_node *pn)
{
    const uint32_t first = first_output(b->k, pn);
    for (uint32_t o = 0; o < pn->inst->n_out; ++o) {
        pn->out[o].data = fill_holder(b, holder_of(b, first + o));
        if (!pn->out[o].data) {
            return LAT_ENOMEM;
        }
    }
    return LAT_OK;
}

// Partial sums are held from the first group on that adds itself.
static enum lat_status
give_partials(struct buffers *b, struct lat_plan_across *sum)
{
    sum->buffer = take(b, true);
    if (sum->buffer == LAT_NO_BUFFER) {
        return LAT_ENOMEM;
    }
    sum->partials = lat_buffer_pool_data(b->k->plan->lane_pool, sum->buffer);
    return LAT_OK;
}

static void
drop_partials(struct buffers *b, const struct lat_plan_patch *patch)
{
    if (patch->across) {
        give(b, patch->across->buffer, true, true);
    }
}

static enum lat_status
give_group_buffers(struct buffers *b, struct lat_plan_lanes *g)
{
    if (g->sum && !g->row && give_partials(b, g->sum)) {
        return LAT_ENOMEM;
    }
    const uint32_t first = first_output(b->k, g->members[0]);
    for (uint32_t o = 0; o < g->n_out; ++o) {
        g->out[o] = fill_holder(b, holder_of(b, first + o));
        if (!g->out[o]) {
            return LAT_ENOMEM;
        }
        for (uint32_t l = 0; l < g->n; ++l) {
            g->members[l]->out[o].data = g->out[o] + l;
        }
    }
    return LAT_OK;
}

// Only the last filter of a chain is heard outside; when the chain has to run
// one by one, the others take turns in two buffers.
static enum lat_status
give_chain_buffers(struct buffers *b, struct lat_plan_lanes *g)
{
    const uint32_t turns[2] = {take(b, false), take(b, false)};
    if (turns[0] == LAT_NO_BUFFER || turns[1] == LAT_NO_BUFFER) {
        return LAT_ENOMEM;
    }
    for (; g; g = g->next) {
        struct lat_plan_node *last = g->members[g->n - 1];
        for (uint32_t l = 0; l < g->n; ++l) {
            g->members[l]->out[0].data =
                lat_buffer_pool_data(b->k->plan->pool, turns[l & 1U]);
        }
        if (!g->next && give_node_buffers(b, last)) {
            return LAT_ENOMEM;
        }
        g->out[0] = last->out[0].data;
    }
    give(b, turns[1], false, true);
    give(b, turns[0], false, true);
    return LAT_OK;
}

static void
drop_reads(struct buffers *b, uint32_t first, uint32_t n, uint32_t index)
{
    const struct lat_compiler *k = b->k;
    for (uint32_t c = first; c < first + n; ++c) {
        if (!is_free(k, &k->leads[c], index)) {
            drop_read(b, holder_of(b, k->leads[c].output));
        }
    }
}

static void
drop_node_reads(struct buffers *b, const struct lat_plan_node *pn)
{
    const struct lat_compiler *k = b->k;
    const uint32_t index = lat_compiler_index(k, pn);
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        if (lat_compiler_made(k, p)->parts) {
            drop_reads(b, p->first + p->n_live, p->n_dying, index);
        } else {
            drop_reads(b, p->first, p->n_live + p->n_dying, index);
        }
        for (uint32_t i = 0; i < lat_compiler_made(k, p)->n_parts; ++i) {
            drop_read(b, &b->sums[lat_compiler_made(k, p)->parts[i].number]);
        }
        drop_partials(b, lat_compiler_made(k, p));
    }
    // What nobody reads has served its purpose.
    const uint32_t last = k->units[index + 1].first_output;
    for (uint32_t o = k->units[index].first_output; o < last; ++o) {
        struct holder *h = &b->holders[o];
        if (b->holder_of[o] == o && !h->reads && h->chunk == b->chunk &&
            h->buffer != LAT_NO_BUFFER) {
            give(b, h->buffer, h->is_lanes, h->is_private);
            h->buffer = LAT_NO_BUFFER;
        }
    }
}

static void
drop_sum_reads(struct buffers *b, const struct lat_plan_sum *sum)
{
    const struct lat_flat_lead *c = &b->k->leads[sum->first];
    for (uint32_t i = 0; i < sum->in.n_live; ++i, ++c) {
        if (!c->is_ring && !joined_sum(b->k, c)) {
            drop_read(b, holder_of(b, c->output));
        }
    }
    drop_partials(b, &sum->in);
}

static enum lat_status
give_task_buffers(struct buffers *b, const struct lat_task *t)
{
    enum lat_status status = LAT_OK;
    switch (t->kind) {
    case LAT_TASK_NODE:
        status = give_node_buffers(b, t->node);
        break;
    case LAT_TASK_LANES:
        status = give_group_buffers(b, t->lanes);
        break;
    case LAT_TASK_CHAIN:
        status = give_chain_buffers(b, t->lanes);
        break;
    case LAT_TASK_SUM:
        t->sum->out = fill_holder(b, &b->sums[t->sum->number]);
        status = t->sum->out ? LAT_OK : LAT_ENOMEM;
        break;
    case LAT_TASK_LOOK:
        return LAT_OK; // at what deciders read, before they do
    }
    if (status) {
        return status;
    }
    if (t->kind == LAT_TASK_NODE) {
        drop_node_reads(b, t->node);
    } else if (t->kind == LAT_TASK_SUM) {
        drop_sum_reads(b, t->sum);
    } else {
        for (const struct lat_plan_lanes *g = t->lanes; g; g = g->next) {
            for (uint32_t l = 0; l < g->n; ++l) {
                drop_node_reads(b, g->members[l]);
            }
        }
    }
    return LAT_OK;
}

static void
note_group(struct buffers *b, const struct lat_plan_lanes *g, uint32_t chunk)
{
    for (; g; g = g->next) {
        for (uint32_t l = 0; l < g->n; ++l) {
            b->chunk_of[lat_compiler_index(b->k, g->members[l])] = chunk;
        }
    }
}

// Which chunk every node and part is in.
static void
note_chunks(struct buffers *b)
{
    const struct lat_compiler *k = b->k;
    const struct lat_plan *p = k->plan;
    for (uint32_t c = 0; c < p->n_chunks; ++c) {
        const uint32_t end = p->chunks[c].first + p->chunks[c].n;
        for (uint32_t i = p->chunks[c].first; i < end; ++i) {
            const struct lat_task *t = &p->tasks[i];
            if (t->kind == LAT_TASK_SUM) {
                t->sum->chunk = c;
                t->sum->number = b->n_sums++;
            } else if (t->kind == LAT_TASK_NODE) {
                b->chunk_of[lat_compiler_index(k, t->node)] = c;
            } else if (t->kind != LAT_TASK_LOOK) {
                note_group(b, t->lanes, c);
            }
        }
    }
}

static void
start_holders(struct buffers *b)
{
    const struct lat_compiler *k = b->k;
    for (uint32_t n = 0; n < k->n_units; ++n) {
        const struct lat_plan_lanes *g = k->group[n];
        const bool is_lanes = g && !g->is_chain;
        const uint32_t first = k->units[n].first_output;
        const uint32_t holder =
            is_lanes ? first_output(k, g->members[0]) : first;
        for (uint32_t o = first; o < k->units[n + 1].first_output; ++o) {
            b->holder_of[o] = holder + (o - first);
            b->holders[o] = (struct holder){
                .buffer = LAT_NO_BUFFER,
                .chunk = b->chunk_of[n],
                .is_lanes = is_lanes,
                .is_private = true,
            };
        }
    }
    for (uint32_t n = 0; n < k->n_units; ++n) {
        note_reads(b, n);
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
             p < end; ++p) {
            for (uint32_t i = 0; i < lat_compiler_made(k, p)->n_parts; ++i) {
                const struct lat_plan_sum *sum =
                    &lat_compiler_made(k, p)->parts[i];
                b->sums[sum->number] = (struct holder){
                    .reads = 1,
                    .chunk = sum->chunk,
                    .is_private = sum->chunk == b->chunk_of[n],
                };
            }
        }
    }
}

static enum lat_status
assign_chunk(struct buffers *b, uint32_t chunk)
{
    struct lat_plan *p = b->k->plan;
    const struct lat_chunk *c = &p->chunks[chunk];
    enum lat_status status = LAT_OK;
    b->chunk = chunk;
    for (uint32_t i = 0; !status && i < c->n; ++i) {
        status = give_task_buffers(b, &p->tasks[c->first + i]);
    }
    for (uint32_t kind = 0; kind < 2; ++kind) {
        struct lat_buffer_pool *pool = kind ? p->lane_pool : p->pool;
        while (b->n_local[kind]) {
            lat_buffer_pool_release(pool, b->local[kind][--b->n_local[kind]]);
        }
    }
    return status;
}

enum lat_status
lat_schedule_buffers(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    const size_t most =
        (size_t)k->units[k->n_units].first_output + k->n_tasks + 2;
    struct buffers b = {
        .k = k,
        .holders = lat_arena_take(&k->step, most, sizeof(struct holder)),
        .holder_of = lat_arena_take(&k->step, most, sizeof(uint32_t)),
        .sums = lat_arena_take(&k->step, k->n_tasks, sizeof(struct holder)),
        .chunk_of = lat_arena_take(&k->step, k->n_units, sizeof(uint32_t)),
        .local = {lat_arena_take(&k->step, most, sizeof(uint32_t)),
                  lat_arena_take(&k->step, most, sizeof(uint32_t))},
    };
    if (!b.holders || !b.holder_of || !b.sums || !b.chunk_of || !b.local[0] ||
        !b.local[1]) {
        return LAT_ENOMEM;
    }
    note_chunks(&b);
    start_holders(&b);
    enum lat_status status = LAT_OK;
    for (uint32_t l = 0; !status && l < p->n_levels; ++l) {
        lat_buffer_pool_hold(p->pool);
        lat_buffer_pool_hold(p->lane_pool);
        for (uint32_t c = 0; !status && c < p->levels[l].n; ++c) {
            status = assign_chunk(&b, p->levels[l].first + c);
        }
        lat_buffer_pool_let_go(p->pool);
        lat_buffer_pool_let_go(p->lane_pool);
    }
    return status;
}
