// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "build.h"
#include "base/array.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void
lat_builder_fini(struct lat_pattern_builder *b)
{
    free(b->nodes);
    free(b->kids);
    free(b->sums);
    free(b->steps);
    *b = (struct lat_pattern_builder){0};
}

static uint32_t
complain(struct lat_pattern_builder *b, const char *complaint)
{
    if (!b->status) {
        b->status = LAT_EINVAL;
        b->complaint = complaint;
    }
    return 0;
}

static bool
make_room(struct lat_pattern_builder *b, void *array, uint32_t *room, size_t n,
          size_t element)
{
    void *grown = *(void **)array;
    if (!b->status && !lat_grow_to(&grown, room, n, element)) {
        b->status = LAT_ENOMEM;
    }
    *(void **)array = grown;
    return !b->status;
}

static uint32_t
add_kids(struct lat_pattern_builder *b, uint32_t n)
{
    const uint32_t first = b->n_kids;
    if (!make_room(b, &b->kids, &b->room_kids, (size_t)first + n,
                   sizeof(*b->kids))) {
        return 0;
    }
    b->n_kids += n;
    return first;
}

/// What a kind takes of the stack, in about what the simplest takes.
static uint32_t
height_of(uint32_t kind)
{
    static const uint8_t heights[LAT_PATTERN_N_KINDS] = {
        [LAT_PATTERN_FAST] = 2,   [LAT_PATTERN_SLOW] = 2,
        [LAT_PATTERN_LATE] = 2,   [LAT_PATTERN_EUCLID] = 7,
        [LAT_PATTERN_RANGE] = 6,  [LAT_PATTERN_PAIR] = 4,
        [LAT_PATTERN_ADD] = 4,    [LAT_PATTERN_MASK] = 4,
        [LAT_PATTERN_STRUCT] = 4, [LAT_PATTERN_NUDGE] = 3,
        [LAT_PATTERN_PLY] = 4,
    };
    return heights[kind] ? heights[kind] : 1;
}

static void
measure_depth(struct lat_pattern_builder *b, struct lat_pattern_node *node)
{
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < (node->is_same ? 1 : node->n); ++i) {
        const uint32_t depth = b->nodes[b->kids[node->first + i]].depth;
        deepest = depth > deepest ? depth : deepest;
    }
    node->depth = (uint16_t)(deepest + height_of(node->kind));
    if (node->depth > LAT_PATTERN_DEPTH) {
        complain(b, "is too deep: put fewer brackets and operators into each "
                    "other");
    }
}

static uint32_t
add_node(struct lat_pattern_builder *b, const struct lat_pattern_node *node)
{
    if (!make_room(b, &b->nodes, &b->room_nodes, (size_t)b->n_nodes + 1,
                   sizeof(*b->nodes))) {
        return 0;
    }
    b->nodes[b->n_nodes] = *node;
    b->nodes[b->n_nodes].place = b->place;
    measure_depth(b, &b->nodes[b->n_nodes]);
    return b->status ? 0 : b->n_nodes++;
}

uint32_t
lat_builder_add(struct lat_pattern_builder *b, uint32_t kind, uint32_t n_kids,
                const uint32_t *kids)
{
    const uint32_t first = add_kids(b, n_kids);
    for (uint32_t i = 0; i < n_kids && !b->status; ++i) {
        b->kids[first + i] = kids[i];
    }
    const struct lat_pattern_node node = {
        .kind = (uint8_t)kind,
        .first = first,
        .n = n_kids,
        .number = {1, 1},
        .second = {0, 1},
    };
    return b->status ? 0 : add_node(b, &node);
}

struct lat_pattern_node *
lat_builder_node(struct lat_pattern_builder *b, uint32_t i)
{
    static struct lat_pattern_node nowhere;
    return b->status ? &nowhere : &b->nodes[i];
}

uint32_t
lat_builder_weigh(struct lat_pattern_builder *b, uint32_t i)
{
    if (!b->status) {
        lat_pattern_weigh(b->nodes, b->kids, b->sums, i, NULL);
    }
    return i;
}

void
lat_builder_push(struct lat_pattern_builder *b, uint32_t node,
                 struct lat_ratio weight)
{
    if (b->n_steps >= LAT_PATTERN_STEPS) {
        complain(b, "has too many steps: at most 262144, copies counted");
    }
    if (make_room(b, &b->steps, &b->room_steps, (size_t)b->n_steps + 1,
                  sizeof(*b->steps))) {
        b->steps[b->n_steps++] = (struct lat_pattern_step){node, weight};
    }
}

/// The least whole number that makes all weights whole; 0: too large.
static int64_t
common_denominator(const struct lat_pattern_step *steps, uint32_t n)
{
    bool is_over = false;
    int64_t all = 1;
    for (uint32_t i = 0; i < n; ++i) {
        const struct lat_ratio r =
            lat_ratio_make(steps[i].weight.d, all, &is_over);
        all = lat_ratio_mul(lat_ratio_of(all), lat_ratio_of(r.n), &is_over).n;
    }
    return is_over ? 0 : all;
}

static void
add_sums(struct lat_pattern_builder *b, struct lat_pattern_node *node,
         const struct lat_pattern_step *steps)
{
    const int64_t unit = common_denominator(steps, node->n);
    node->has_sums = true;
    node->sums = b->n_sums;
    if (!make_room(b, &b->sums, &b->room_sums, (size_t)b->n_sums + node->n + 1,
                   sizeof(*b->sums))) {
        return;
    }
    bool is_over = unit == 0;
    struct lat_ratio sum = lat_ratio_of(0);
    b->sums[b->n_sums++] = 0;
    for (uint32_t i = 0; i < node->n; ++i) {
        const struct lat_ratio whole =
            lat_ratio_mul(steps[i].weight, lat_ratio_of(unit), &is_over);
        sum = lat_ratio_add(sum, whole, &is_over);
        b->sums[b->n_sums++] = sum.n;
    }
    if (is_over) {
        complain(b, "has weights that are too fine to be added up");
    }
}

uint32_t
lat_builder_sequence(struct lat_pattern_builder *b, uint32_t from,
                     struct lat_ratio *weight)
{
    *weight = lat_ratio_of(1);
    if (b->status) {
        return 0;
    }
    const struct lat_pattern_step *const steps = b->steps + from;
    const uint32_t n = b->n_steps - from;
    bool is_over = false;
    bool is_even = true;
    *weight = lat_ratio_of(0);
    for (uint32_t i = 0; i < n; ++i) {
        is_even =
            is_even && lat_ratio_compare(steps[i].weight, steps[0].weight) == 0;
        *weight = lat_ratio_add(*weight, steps[i].weight, &is_over);
    }
    if (is_over) {
        return complain(b, "has weights that are too fine to be added up");
    }
    if (n == 1) {
        b->n_steps = from;
        return steps[0].node;
    }
    struct lat_pattern_node node = {
        .kind = LAT_PATTERN_SEQUENCE,
        .first = add_kids(b, n),
        .n = n,
        .number = *weight,
    };
    for (uint32_t i = 0; i < n && !b->status; ++i) {
        b->kids[node.first + i] = steps[i].node;
    }
    if (!is_even && !b->status) {
        add_sums(b, &node, steps);
    }
    b->n_steps = from;
    return b->status ? 0 : lat_builder_weigh(b, add_node(b, &node));
}

uint32_t
lat_builder_together(struct lat_pattern_builder *b, uint32_t kind,
                     uint32_t from)
{
    if (b->status) {
        return 0;
    }
    const uint32_t n = b->n_steps - from;
    const struct lat_pattern_step *const steps = b->steps + from;
    b->n_steps = from;
    if (n == 1) {
        return steps[0].node;
    }
    const struct lat_pattern_node node = {
        .kind = (uint8_t)kind,
        .first = add_kids(b, n),
        .n = n,
        .number = {1, 1},
        .second = {0, 1},
    };
    for (uint32_t i = 0; i < n && !b->status; ++i) {
        b->kids[node.first + i] = steps[i].node;
    }
    return b->status ? 0 : lat_builder_weigh(b, add_node(b, &node));
}

uint32_t
lat_builder_copies(struct lat_pattern_builder *b, uint32_t node, uint32_t n)
{
    if (n < 2) {
        return node;
    }
    const uint32_t all = lat_builder_add(b, LAT_PATTERN_SEQUENCE, 1, &node);
    struct lat_pattern_node *const made = lat_builder_node(b, all);
    made->is_same = true;
    made->n = n;
    made->number = lat_ratio_of(n);
    return lat_builder_weigh(b, all);
}

uint32_t
lat_builder_scale(struct lat_pattern_builder *b, uint32_t node,
                  struct lat_ratio factor)
{
    if (factor.n == factor.d) {
        return node;
    }
    const uint32_t all = lat_builder_add(b, LAT_PATTERN_SCALE, 1, &node);
    lat_builder_node(b, all)->number = factor;
    return lat_builder_weigh(b, all);
}

uint32_t
lat_builder_number(struct lat_pattern_builder *b, struct lat_ratio number)
{
    const uint32_t atom = lat_builder_add(b, LAT_PATTERN_ATOM, 0, NULL);
    lat_builder_node(b, atom)->number = number;
    return lat_builder_weigh(b, atom);
}

static size_t
round_up(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

enum lat_status
lat_builder_finish(const struct lat_pattern_builder *b, uint32_t root,
                   const char *text, uint32_t size, struct lat_pattern **out)
{
    const size_t nodes_at = round_up(sizeof(struct lat_pattern));
    const size_t sums_at = nodes_at + b->n_nodes * sizeof(*b->nodes);
    const size_t kids_at = sums_at + b->n_sums * sizeof(*b->sums);
    const size_t text_at = kids_at + b->n_kids * sizeof(*b->kids);
    unsigned char *const block = malloc(text_at + size + 1);
    if (!block) {
        return LAT_ENOMEM;
    }
    static _Atomic uint64_t n_made;
    struct lat_pattern *const p = (void *)block;
    *p = (struct lat_pattern){
        .serial = atomic_fetch_add_explicit(&n_made, 1, memory_order_relaxed),
        .n_nodes = b->n_nodes,
        .n_kids = b->n_kids,
        .n_sums = b->n_sums,
        .root = root,
        .size = size,
        .nodes = (void *)(block + nodes_at),
        .sums = (void *)(block + sums_at),
        .kids = (void *)(block + kids_at),
        .text = (char *)block + text_at,
    };
    memcpy(p->nodes, b->nodes, b->n_nodes * sizeof(*b->nodes));
    if (b->n_sums) {
        memcpy(p->sums, b->sums, b->n_sums * sizeof(*b->sums));
    }
    if (b->n_kids) {
        memcpy(p->kids, b->kids, b->n_kids * sizeof(*b->kids));
    }
    memcpy(p->text, text, size);
    p->text[size] = '\0';
    *out = p;
    return LAT_OK;
}
