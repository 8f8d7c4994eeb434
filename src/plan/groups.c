// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Groups and chains.
//
// Within a batch, nodes of one kernel whose inputs have the same numbers of
// cables are sorted by where what they make comes together, so that a sum finds
// its terms side by side; then by where their first cable comes from, so that
// the lanes of a reader follow the lanes of its source; and cut into groups of
// LAT_LANES.  Where the sources of a group have crowds of readers, these stay
// in file order: sorted by source, they would hand on that order to all that
// reads them, and in the end to a sum, which takes whole rows of lanes in the
// order of its cables. Equal filters that feed one another in a row, where a
// batch has too few of them for lanes, make chains.

#include "compiler.h"

#include <stdlib.h>
#include <string.h>

/// So many readers of a source in lanes are not sorted by it.
#define CROWD 4U

_Static_assert(LAT_LANE_INPUTS <= 16, "three bits of a kind for each");

struct candidate {
    uint64_t kind;  ///< kernel, inputs, and numbers of cables
    uint64_t place; ///< of the first source
    /// 0: it does not sleep; 1: it follows; else a decider, by when it looks.
    uint32_t sleep;
    uint32_t home; ///< as find_homes() has it
    uint32_t index;
};

// Where a node belongs whose first cable this is.  Sources in groups come in
// the order of their lanes, those with a crowd of readers before the others of
// their group, all of them in one place.
static uint64_t
place_after(const struct lat_compiler *k, const struct lat_flat_lead *c)
{
    const struct lat_plan_lanes *g = k->group[c->source];
    if (!g) {
        return c->source;
    }
    const bool has_crowd = k->reads[c->output] >= CROWD;
    const uint32_t lane = has_crowd ? 0 : 1U + k->lane[c->source];
    return (uint64_t)1 << 63U | (uint64_t)g->number << 8U | lane;
}

// Those who sleep share groups, and deciders of a group are looked at together.
static uint32_t
sleep_kind(const struct lat_compiler *k, uint32_t index)
{
    const struct lat_plan_sleep *s = lat_compiler_sleep(k, index);
    return !s            ? 0
           : !s->decides ? 1
                         : 2 + lat_dependency_batch(k->order, k->look[index]);
}

static bool
fits_lanes(const struct lat_flat_unit *unit)
{
    return lat_kernel_fits_lanes(unit->type, unit->inst->n_in,
                                 unit->inst->n_out);
}

// Where what a node makes comes together with what others make: the first of
// its readers, or of theirs, and so on, that is in no lanes or reads as many as
// these; 0: nowhere.
// @param[out] homes  by index, one more than that of the reader; zeroed.
static void
find_homes(const struct lat_compiler *k, uint32_t *homes, uint32_t *readers)
{
    memset(readers, 0xff, k->n_units * sizeof(*readers));
    for (uint32_t at = k->n_units; at--;) {
        const uint32_t index = k->sequence[at];
        const bool goes_on = fits_lanes(&k->units[index]);
        const struct lat_flat_patch *end = NULL;
        for (const struct lat_flat_patch *p =
                 lat_compiler_patches(k, index, &end);
             p < end; ++p) {
            const uint32_t home =
                goes_on && p->n_live < LAT_LANES ? homes[index] : index + 1;
            for (uint32_t i = 0; i < p->n_live; ++i) {
                const struct lat_flat_lead *c = &k->leads[p->first + i];
                if (!c->is_ring && index < readers[c->source]) {
                    readers[c->source] = index;
                    homes[c->source] = home;
                }
            }
        }
    }
}

static struct candidate
describe(const struct lat_compiler *k, const uint32_t *homes, uint32_t index)
{
    const struct lat_flat_unit *node = &k->units[index];
    const uint32_t last = node->inst->n_in - 1;
    struct candidate c = {
        .kind = (uint64_t)node->type->kernel << 53U | (uint64_t)node->inst->n_in
                                                          << 48U,
        .sleep = sleep_kind(k, index),
        .home = homes[index],
        .index = index,
    };
    bool is_placed = false;
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        const uint32_t n = p->n_live;
        c.kind |= (uint64_t)(n < 7 ? n : 7) << 3U * (last - p->port);
        if (n && !is_placed && !p->is_event) {
            c.place = place_after(k, &k->leads[p->first]);
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
    if (x->sleep != y->sleep) {
        return x->sleep < y->sleep ? -1 : 1;
    }
    if (x->home != y->home) {
        return x->home < y->home ? -1 : 1;
    }
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static struct lat_plan_lanes *
new_group(struct lat_compiler *k, const struct lat_flat_unit *first,
          bool is_chain)
{
    struct lat_plan_lanes *g = lat_arena_take(k->keep, 1, sizeof(*g));
    if (!g) {
        return NULL;
    }
    const struct lat_node_type *type = first->type;
    g->number = k->n_groups;
    k->groups[k->n_groups++] = g;
    g->type = type;
    g->n_in = first->inst->n_in;
    g->n_out = first->inst->n_out;
    g->is_chain = is_chain;
    k->has_chains = k->has_chains || is_chain;
    g->is_dirty = true;
    g->has_muted = g->has_zero = true; // for all we know
    for (uint32_t o = 0; o < LAT_LANE_OUTPUTS; ++o) {
        g->out_pitch[o] = is_chain ? 1 : LAT_LANES;
    }
    g->in = lat_arena_take(k->keep, g->n_in, sizeof(*g->in));
    // Rows for the values, and for the floors, which chains do not have.
    const size_t n_rows = g->n_in * (size_t)(is_chain ? 1 : 2);
    float *rows = lat_arena_take(k->keep, n_rows, LAT_LANES * sizeof(*rows));
    // Near each other, as they are read together.
    void **near =
        lat_arena_take(k->keep, g->n_in, 2 * sizeof(*near) + sizeof(*g->steps));
    if (!g->in || !rows || !near) {
        return NULL;
    }
    g->rows = (const float **)near;
    g->pitches = (const uint32_t **)(near + g->n_in);
    g->steps = (uint32_t *)(near + (size_t)2 * g->n_in);
    for (uint32_t i = 0; i < g->n_in; ++i) {
        g->in[i].values = rows + (size_t)i * LAT_LANES;
        g->in[i].floors =
            is_chain ? NULL : rows + (size_t)(g->n_in + i) * LAT_LANES;
    }
    return g;
}

// @param settings  of the group, or NULL
static void
join_group(struct lat_compiler *k, struct lat_plan_lanes *g, float *settings,
           uint32_t index)
{
    struct lat_plan_node *pn = lat_compiler_node(k, index);
    k->group[index] = g;
    k->lane[index] = (uint8_t)g->n;
    for (uint32_t s = 0; settings && s < g->type->n_settings; ++s) {
        settings[s * LAT_LANES + g->n] = (float)pn->config->settings[s].number;
    }
    g->members[g->n++] = pn;
    g->has_feedback = g->has_feedback || pn->feedback;
    g->sleeps = pn->sleep;
    for (uint32_t o = 0; o < g->n_out; ++o) {
        if (!g->is_chain) {
            pn->out[o].pitch = &g->out_pitch[o];
        }
    }
}

// How many of @p n candidates, from @p c on, make a group.  Where the terms of
// a large sum end and fill half of it, so does it: the next sum begins with
// whole groups, too.
// @param n_home  how many candidates before these have the home of the first
static uint32_t
group_size(const struct candidate *c, uint32_t n, uint32_t n_home)
{
    const uint32_t most = n < LAT_LANES ? n : LAT_LANES;
    uint32_t same = 1;
    while (same < most && c[same].home == c->home) {
        ++same;
    }
    return n_home && same >= LAT_LANES / 2 ? same : most;
}

static enum lat_status
group_run(struct lat_compiler *k, const struct candidate *c, uint32_t n)
{
    uint32_t n_home = 0;
    while (n >= LAT_LANES_MIN) {
        const uint32_t count = group_size(c, n, n_home);
        struct lat_plan_lanes *g = new_group(k, &k->units[c->index], false);
        const uint32_t n_settings = g ? g->type->n_settings : 0;
        float *settings = n_settings
                              ? lat_arena_take(k->keep, n_settings,
                                               LAT_LANES * sizeof(*settings))
                              : NULL;
        if (!g || (n_settings && !settings)) {
            return LAT_ENOMEM;
        }
        g->settings = settings;
        for (uint32_t i = 0; i < count; ++i, ++c) {
            join_group(k, g, settings, c->index);
        }
        n -= count;
        n_home = n && c->home == c[-1].home ? n_home + count : 0;
    }
    return LAT_OK;
}

static bool
is_sorted(const struct candidate *all, uint32_t n)
{
    for (uint32_t i = 1; i < n; ++i) {
        if (by_kind(&all[i - 1], &all[i]) > 0) {
            return false;
        }
    }
    return true;
}

static enum lat_status
group_batch(struct lat_compiler *k, struct candidate *all, uint32_t n)
{
    if (!is_sorted(all, n)) {
        qsort(all, n, sizeof(*all), by_kind);
    }
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < n;) {
        uint32_t end = i + 1;
        while (end < n && all[end].kind == all[i].kind &&
               all[end].sleep == all[i].sleep) {
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
can_chain(const struct lat_compiler *k, const struct chains *s, uint32_t index)
{
    const struct lat_flat_unit *node = &k->units[index];
    if (!fits_lanes(node) || node->bypass || lat_compiler_sleep(k, index) ||
        s->crowd[index] >= LAT_LANES_MIN ||
        !k->options->kernels->process_chain[node->type->kernel] ||
        node->inst->feedback) {
        return false;
    }
    const struct lat_flat_patch *end = NULL;
    for (const struct lat_flat_patch *p = lat_compiler_patches(k, index, &end);
         p < end; ++p) {
        if (p->n_dying || (p->port && p->n_live)) {
            return false;
        }
    }
    return true;
}

static void
find_links(const struct lat_compiler *k, struct chains *s)
{
    memset(s->next, 0xff, k->n_units * sizeof(*s->next));
    for (uint32_t n = 0; n < k->n_units; ++n) {
        const struct lat_flat_patch *end = NULL;
        const struct lat_flat_patch *p = lat_compiler_patches(k, n, &end);
        if (p == end || p->port || p->n_live != 1 || !can_chain(k, s, n)) {
            continue;
        }
        const struct lat_flat_lead *c = &k->leads[p->first];
        const struct lat_flat_unit *source = &k->units[c->source];
        if (!c->is_ring && source->type == k->units[n].type &&
            k->reads[source->first_output] == 1 && can_chain(k, s, c->source)) {
            s->next[c->source] = n;
            s->has_before[n] = 1;
        }
    }
}

static enum lat_status
form_chain(struct lat_compiler *k, const struct chains *s, uint32_t head,
           uint32_t length)
{
    struct lat_plan_lanes *first = NULL;
    struct lat_plan_lanes **link = &first;
    for (; length >= (first ? 1 : LAT_LANES_MIN); link = &(*link)->next) {
        struct lat_plan_lanes *g = new_group(k, &k->units[head], true);
        if (!g) {
            return LAT_ENOMEM;
        }
        *link = g;
        g->head = first;
        for (; length && g->n < LAT_LANES; --length) {
            join_group(k, g, NULL, head);
            head = s->next[head];
        }
    }
    return LAT_OK;
}

static enum lat_status
form_chains(struct lat_compiler *k)
{
    const uint32_t n_kernels = k->options->kernels->n;
    struct chains s = {
        lat_arena_take(&k->step, k->n_units, sizeof(uint16_t)),
        lat_arena_take(&k->step, k->n_units, sizeof(uint32_t)),
        lat_arena_take(&k->step, k->n_units, 1),
    };
    uint16_t *counts = lat_arena_take(&k->step, n_kernels, sizeof(*counts));
    if (!s.crowd || !s.next || !s.has_before || !counts) {
        return LAT_ENOMEM;
    }
    const uint32_t *order = k->sequence;
    for (uint32_t b = 0; b < k->plan->n_batches; ++b) {
        const uint32_t end = k->plan->batch_starts[b + 1];
        memset(counts, 0, n_kernels * sizeof(*counts));
        for (uint32_t at = k->plan->batch_starts[b]; at < end; ++at) {
            uint16_t *count = &counts[k->units[order[at]].type->kernel];
            *count = (uint16_t)(*count < UINT16_MAX ? *count + 1 : *count);
        }
        for (uint32_t at = k->plan->batch_starts[b]; at < end; ++at) {
            s.crowd[order[at]] = counts[k->units[order[at]].type->kernel];
        }
    }
    find_links(k, &s);
    enum lat_status status = LAT_OK;
    for (uint32_t n = 0; !status && n < k->n_units; ++n) {
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
    struct candidate *all = lat_arena_take(&k->step, k->n_units, sizeof(*all));
    uint32_t *homes = lat_arena_take(&k->step, k->n_units, 2 * sizeof(*homes));
    k->groups = lat_arena_take(&k->work, k->n_units / LAT_LANES_MIN + 1,
                               sizeof(struct lat_plan_lanes *));
    if (!all || !homes || !k->groups) {
        return LAT_ENOMEM;
    }
    if (k->options->without_lanes) {
        return LAT_OK;
    }
    find_homes(k, homes, homes + k->n_units);
    enum lat_status status = form_chains(k);
    const uint32_t *order = k->sequence;
    for (uint32_t b = 0; !status && b < k->plan->n_batches; ++b) {
        uint32_t n = 0;
        const uint32_t end = k->plan->batch_starts[b + 1];
        for (uint32_t at = k->plan->batch_starts[b]; at < end; ++at) {
            const struct lat_flat_unit *node = &k->units[order[at]];
            if (fits_lanes(node) && !node->bypass && !k->group[order[at]] &&
                k->options->kernels->process_lanes[node->type->kernel]) {
                all[n++] = describe(k, homes, order[at]);
            }
        }
        status = group_batch(k, all, n);
    }
    return status;
}

// Feeds.

// The group in lanes that a cable comes from, or NULL.
static const struct lat_plan_lanes *
lane_source(const struct lat_compiler *k, const struct lat_flat_lead *c)
{
    const struct lat_plan_lanes *g = k->group[c->source];
    return c->is_ring || !g || g->is_chain ? NULL : g;
}

static uint32_t
source_port(const struct lat_compiler *k, const struct lat_flat_lead *c)
{
    return c->output - k->units[c->source].first_output;
}

static bool
is_shared(const struct lat_flat_lead *const *cables, uint32_t n)
{
    bool is = !cables[0]->is_ring;
    for (uint32_t l = 1; is && l < n; ++l) {
        is = !cables[l]->is_ring && cables[l]->output == cables[0]->output;
    }
    return is;
}

// One cable of every lane.
static void
feed_slot(const struct lat_compiler *k, const struct lat_plan_lanes *g,
          const struct lat_flat_lead *const *cables, struct lat_lane_feed *feed)
{
    if (is_shared(cables, g->n)) {
        feed->kind = LAT_FEED_SHARED;
        feed->shared = &lat_compiler_node(k, cables[0]->source)
                            ->out[source_port(k, cables[0])];
        return;
    }
    feed->kind = LAT_FEED_SCATTERED;
    bool is_aligned = true;
    for (uint32_t l = 0; l < g->n; ++l) {
        const struct lat_plan_lanes *from = lane_source(k, cables[l]);
        if (!from) {
            return;
        }
        const uint32_t port = source_port(k, cables[l]);
        const uint32_t lane = k->lane[cables[l]->source];
        uint32_t s = 0;
        while (s < feed->n_sources && feed->rows[s] != from->out[port]) {
            ++s;
        }
        if (s == LAT_FEED_SOURCES) {
            return;
        }
        if (s == feed->n_sources) {
            feed->rows[s] = from->out[port];
            feed->pitch[s] = &from->out_pitch[port];
            ++feed->n_sources;
        }
        feed->index[l] = (int32_t)lane;
        feed->mask[s] |= 1U << l;
        is_aligned = is_aligned && !s && lane == l;
    }
    feed->kind = is_aligned ? LAT_FEED_ALIGNED : LAT_FEED_PERMUTED;
    for (uint32_t h = 0; !is_aligned && h < LAT_LANES / LAT_HALF; ++h) {
        feed->halves[h] =
            lat_half_of(feed->mask, feed->n_sources, feed->index, h * LAT_HALF);
    }
}

static enum lat_status
feed_slots(struct lat_compiler *k, const struct lat_plan_lanes *g, uint32_t i,
           const struct lat_flat_patch *const *patches)
{
    struct lat_lane_input *in = &g->in[i];
    in->feeds = lat_arena_take(k->keep, in->n_slots, sizeof(*in->feeds));
    if (!in->feeds) {
        return LAT_ENOMEM;
    }
    const struct lat_flat_lead *cables[LAT_LANES];
    for (uint32_t j = 0; j < in->n_slots; ++j) {
        for (uint32_t l = 0; l < g->n; ++l) {
            cables[l] = &k->leads[patches[l]->first + j];
        }
        feed_slot(k, g, cables, &in->feeds[j]);
    }
    return LAT_OK;
}

static enum lat_status
feed_group(struct lat_compiler *k, const struct lat_plan_lanes *g)
{
    // Nodes of a group have the same numbers of live cables, but some that
    // fade may come on top.
    const struct lat_flat_patch *next[LAT_LANES];
    const struct lat_flat_patch *ends[LAT_LANES];
    for (uint32_t l = 0; l < g->n; ++l) {
        const uint32_t index = lat_compiler_index(k, g->members[l]);
        next[l] = lat_compiler_patches(k, index, &ends[l]);
    }
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < g->n_in; ++i) {
        struct lat_lane_input *in = &g->in[i];
        const struct lat_flat_patch *patches[LAT_LANES];
        in->kind = g->members[0]->in[i].kind;
        in->floor = g->members[0]->in[i].floor;
        in->is_regular = true;
        for (uint32_t l = 0; l < g->n; ++l) {
            const bool is_patched = next[l] < ends[l] && next[l]->port == i;
            patches[l] = is_patched ? next[l]++ : NULL;
            const uint32_t n_live = patches[l] ? patches[l]->n_live : 0;
            in->n_slots = l ? in->n_slots : n_live;
            in->is_regular = in->is_regular && n_live == in->n_slots &&
                             !(patches[l] && patches[l]->n_dying);
        }
        in->is_regular = in->is_regular && in->n_slots <= LAT_LANE_SLOTS;
        if (in->is_regular && in->n_slots) {
            status = feed_slots(k, g, i, patches);
        }
    }
    return status;
}

// Take a sum's cables, from number @p first on, sixteen at a time where a
// group holds them in order.
static enum lat_status
feed_sum(struct lat_compiler *k, struct lat_plan_patch *patch, uint32_t first)
{
    if (patch->n_live < LAT_LANES) {
        return LAT_OK;
    }
    const uint32_t n_rows = (patch->n_live + LAT_LANES - 1) / LAT_LANES;
    struct lat_plan_rows *rows = lat_arena_take(k->keep, n_rows, sizeof(*rows));
    if (!rows || (!patch->across && !lat_joins_across(k, patch))) {
        return LAT_ENOMEM;
    }
    uint32_t n_aligned = 0;
    for (uint32_t r = 0; r < n_rows; ++r) {
        const struct lat_flat_lead *c = &k->leads[first + r * LAT_LANES];
        const uint32_t left = patch->n_live - r * LAT_LANES;
        const uint32_t n = left < LAT_LANES ? left : LAT_LANES;
        const struct lat_plan_lanes *g = lane_source(k, c);
        const uint32_t port = source_port(k, c);
        bool is_aligned = g;
        for (uint32_t l = 0; is_aligned && l < n; ++l) {
            is_aligned = lane_source(k, &c[l]) == g &&
                         k->lane[c[l].source] == l &&
                         source_port(k, &c[l]) == port;
        }
        if (is_aligned) {
            rows[r] = (struct lat_plan_rows){g->out[port], &g->out_pitch[port]};
            ++n_aligned;
        }
    }
    patch->rows = 2 * n_aligned >= n_rows ? rows : NULL;
    return LAT_OK;
}

static enum lat_status
feed_sums(struct lat_compiler *k)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < k->n_patches; ++i) {
        struct lat_plan_patch *patch = k->made[i];
        if (k->patches[i].is_event) {
            continue;
        }
        if (!patch->parts) {
            status = feed_sum(k, patch, k->patches[i].first);
        }
        for (uint32_t p = 0; !status && p < patch->n_parts; ++p) {
            struct lat_plan_sum *sum = &patch->parts[p];
            status = feed_sum(k, &sum->in, sum->first);
        }
    }
    return status;
}

enum lat_status
lat_groups_feed(struct lat_compiler *k)
{
    struct lat_plan *p = k->plan;
    p->group_of =
        lat_arena_take(k->keep, p->n_ids, sizeof(struct lat_plan_lanes *));
    if (!p->group_of) {
        return LAT_ENOMEM;
    }
    for (uint32_t n = 0; n < k->n_units; ++n) {
        p->group_of[k->units[n].inst->id] = k->group[n];
    }
    enum lat_status status = feed_sums(k);
    for (uint32_t i = 0; !status && i < k->n_groups; ++i) {
        struct lat_plan_lanes *g = k->groups[i];
        status = g->is_chain ? LAT_OK : feed_group(k, g);
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

// A block and its words.
static size_t
block_bytes(const struct lat_plan_lanes *g)
{
    const size_t n_words = (size_t)g->type->state_words * LAT_LANES;
    const size_t bytes =
        sizeof(struct lat_lane_block) + n_words * sizeof(uint32_t);
    return (bytes + LAT_ALIGNMENT - 1) / LAT_ALIGNMENT * LAT_ALIGNMENT;
}

static struct lat_lane_block *
new_block(const struct lat_plan_lanes *g)
{
    const size_t bytes = block_bytes(g);
    struct lat_lane_block *block = aligned_alloc(LAT_ALIGNMENT, bytes);
    if (block) {
        memset(block, 0, bytes);
        block->n_words = g->type->state_words;
    }
    return block;
}

// Their memory, if many are new.
static void
expect_blocks(const struct lat_compiler *k)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < k->n_groups; ++i) {
        const struct lat_plan_lanes *g = k->groups[i];
        bytes +=
            g->members[0]->inst->block ? 0 : block_bytes(g) + LAT_ALIGNMENT;
    }
    lat_memory_expect(bytes);
}

static void
add_move(struct lat_plan *p, struct lat_instance *inst,
         struct lat_lane_block *block, uint32_t lane)
{
    if (inst->block == block && inst->lane == lane && !inst->is_displaced) {
        return;
    }
    inst->is_displaced = false;
    if (inst->block && inst->block->occupant[inst->lane] == inst) {
        inst->block->occupant[inst->lane] = NULL;
    }
    inst->block = block;
    inst->lane = (uint8_t)lane;
    p->moves[p->n_moves++] = (struct lat_move){
        .inst = inst,
        .home = block ? block->words + lane : inst->state,
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
    return new_block(g);
}

// How many instances will move: those whose place is another one now.
static uint32_t
count_moves(const struct lat_compiler *k)
{
    uint32_t n_moves = 0;
    for (uint32_t n = 0; n < k->n_units; ++n) {
        const struct lat_instance *inst = k->units[n].inst;
        const struct lat_plan_lanes *g = k->group[n];
        n_moves += inst->block != (g ? g->block : NULL) ||
                   (g && inst->lane != k->lane[n]) || inst->is_displaced;
    }
    return n_moves;
}

static enum lat_status
find_blocks(struct lat_compiler *k, uint64_t mark)
{
    struct lat_plan *p = k->plan;
    expect_blocks(k);
    for (uint32_t i = 0; i < k->n_groups; ++i) {
        struct lat_plan_lanes *g = k->groups[i];
        g->block = find_block(g, mark);
        if (!g->block) {
            return LAT_ENOMEM;
        }
        g->block->claimed_by = mark;
        ++g->block->refs;
        p->blocks[p->n_blocks++] = g->block;
    }
    return LAT_OK;
}

// Blocks are found by who is in them: nobody is, so all get new ones, and none
// is written over before it has moved.
void
lat_plan_displace(const struct lat_flat *flat)
{
    for (uint32_t i = 0; i < flat->n_units; ++i) {
        struct lat_instance *inst = flat->units[i].inst;
        inst->block = NULL;
        inst->lane = 0;
        inst->is_displaced = fits_lanes(&flat->units[i]);
        inst->sleep_role = LAT_SLEEP_DECIDES; // it may be asleep
    }
}

enum lat_status
lat_groups_settle(struct lat_compiler *k)
{
    static uint64_t mark;
    struct lat_plan *p = k->plan;
    p->blocks =
        lat_arena_take(k->keep, k->n_groups, sizeof(struct lat_lane_block *));
    if (!p->blocks) {
        return LAT_ENOMEM;
    }
    ++mark;
    for (uint32_t i = 0; i < k->n_units; ++i) {
        k->units[i].inst->plan_mark = mark;
    }
    enum lat_status status = find_blocks(k, mark);
    if (!status) {
        p->moves = lat_arena_take(k->keep, count_moves(k), sizeof(*p->moves));
        status = p->moves ? LAT_OK : LAT_ENOMEM;
    }
    if (status) {
        return status;
    }
    // Nothing fails from here on: instances learn their new places.
    for (uint32_t i = 0; i < k->n_groups; ++i) {
        struct lat_plan_lanes *g = k->groups[i];
        for (uint32_t l = 0; l < g->n; ++l) {
            add_move(p, g->members[l]->inst, g->block, l);
        }
    }
    for (uint32_t i = 0; i < k->n_units; ++i) {
        struct lat_instance *inst = k->units[i].inst;
        if (!k->group[i] && (inst->block || inst->is_displaced)) {
            add_move(p, inst, NULL, 0);
        }
    }
    for (uint32_t i = 0; i < k->n_groups; ++i) {
        struct lat_plan_lanes *g = k->groups[i];
        for (uint32_t l = 0; l < LAT_LANES; ++l) {
            g->block->occupant[l] = l < g->n ? g->members[l]->inst : NULL;
        }
    }
    return LAT_OK;
}
