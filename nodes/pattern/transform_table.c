// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What each transform comes to, as nodes.

#include "operators.h"
#include "transforms.h"

static const struct lat_pattern_role role_time = {"a number of cycles", -1e6,
                                                  1e6, false};
static const struct lat_pattern_role role_near = {"a part of a cycle", -0.5,
                                                  0.5, false};
static const struct lat_pattern_role role_cycles = {"a number of cycles", 1,
                                                    1e6, true};
static const struct lat_pattern_role role_parts = {"a number of parts", 1, 4096,
                                                   true};
static const struct lat_pattern_role role_times = {"how many times", 0, 64,
                                                   true};
static const struct lat_pattern_role role_chance = {"a chance", 0, 1, false};
static const struct lat_pattern_role role_number = {"a number", -1e6, 1e6,
                                                    false};
static const struct lat_pattern_role role_steps = {"an even number of steps", 2,
                                                   4096, true};

static uint32_t
add(struct lat_pattern_parser *p, uint32_t kind, uint32_t a, uint32_t b,
    uint32_t n)
{
    return lat_builder_add(&p->builder, kind, n, (const uint32_t[]){a, b});
}

static uint32_t
weigh(struct lat_pattern_parser *p, uint32_t i)
{
    return lat_builder_weigh(&p->builder, i);
}

static uint32_t
build_fast(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return lat_parser_speed(p, g->input, g->nodes[0], true, false, g->most[0]);
}

static uint32_t
build_slow(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return lat_parser_speed(p, g->input, g->nodes[0], true, true,
                            1 / g->least[0]);
}

/// The number that an argument is, alone.
static bool
is_constant(struct lat_pattern_parser *p, uint32_t node, struct lat_ratio *out)
{
    const struct lat_pattern_node *const n =
        lat_builder_node(&p->builder, node);
    *out = n->number;
    return n->kind == LAT_PATTERN_ATOM && !n->is_word;
}

static uint32_t
shift(struct lat_pattern_parser *p, const struct lat_transform_given *g,
      int64_t sign)
{
    struct lat_ratio by;
    const bool is_alone = is_constant(p, g->nodes[0], &by);
    by = is_alone ? by : lat_ratio_of(1);
    by.n *= sign;
    const uint32_t all =
        add(p, LAT_PATTERN_LATE, g->input, g->nodes[0], is_alone ? 1 : 2);
    lat_builder_node(&p->builder, all)->number = by;
    return weigh(p, all);
}

static uint32_t
build_early(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return shift(p, g, -1);
}

static uint32_t
build_late(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return shift(p, g, 1);
}

static uint32_t
build_rev(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return weigh(p, add(p, LAT_PATTERN_REV, g->input, 0, 1));
}

/// @p changed in cycle @p turn of @p n, else what came in.
static uint32_t
in_turn(struct lat_pattern_parser *p, const struct lat_transform_given *g,
        uint32_t changed, struct lat_ratio n, int64_t turn)
{
    const uint32_t all = add(p, LAT_PATTERN_EVERY, changed, g->input, 2);
    lat_builder_node(&p->builder, all)->number = n;
    lat_builder_node(&p->builder, all)->second = lat_ratio_of(turn);
    return weigh(p, all);
}

static uint32_t
build_palindrome(struct lat_pattern_parser *p,
                 const struct lat_transform_given *g)
{
    return in_turn(p, g, build_rev(p, g), lat_ratio_of(2), 1);
}

static uint32_t
build_every(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return in_turn(p, g, g->nodes[1], g->numbers[0], 0);
}

static uint32_t
together(struct lat_pattern_parser *p, uint32_t a, uint32_t b)
{
    return weigh(p, add(p, LAT_PATTERN_STACK, a, b, 2));
}

static const struct lat_ratio half = {1, 2};

static uint32_t
feed_sometimes(struct lat_pattern_parser *p,
               const struct lat_transform_given *g)
{
    return lat_parser_degrade(p, LAT_PATTERN_UPGRADE, g->input, half);
}

/// What is not changed is what the function was not given: both draw at the
/// same place.
static uint32_t
build_sometimes(struct lat_pattern_parser *p,
                const struct lat_transform_given *g)
{
    return together(p,
                    lat_parser_degrade(p, LAT_PATTERN_DEGRADE, g->input, half),
                    g->nodes[0]);
}

static uint32_t
build_off(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return together(p, g->input, g->nodes[1]);
}

static uint32_t
build_degrade(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return lat_parser_degrade(p, LAT_PATTERN_DEGRADE, g->input, g->numbers[0]);
}

static uint32_t
by_pattern(struct lat_pattern_parser *p, const struct lat_transform_given *g,
           uint32_t kind)
{
    const uint32_t all = add(p, kind, g->input, g->nodes[0], 2);
    lat_builder_node(&p->builder, all)->most = g->most[0];
    return weigh(p, all);
}

static uint32_t
build_ply(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    struct lat_ratio times;
    const bool is_alone = is_constant(p, g->nodes[0], &times);
    const uint32_t all =
        add(p, LAT_PATTERN_PLY, g->input, g->nodes[0], is_alone ? 1 : 2);
    lat_builder_node(&p->builder, all)->number = times;
    lat_builder_node(&p->builder, all)->most = g->most[0];
    return weigh(p, all);
}

static uint32_t
build_struct(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return by_pattern(p, g, LAT_PATTERN_STRUCT);
}

static uint32_t
build_mask(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return by_pattern(p, g, LAT_PATTERN_MASK);
}

static uint32_t
build_add(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    return by_pattern(p, g, LAT_PATTERN_ADD);
}

static uint32_t
build_iter(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    const uint32_t all = add(p, LAT_PATTERN_ITER, g->input, 0, 1);
    lat_builder_node(&p->builder, all)->number = g->numbers[0];
    return weigh(p, all);
}

static uint32_t
build_chunk(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    const uint32_t all = add(p, LAT_PATTERN_CHUNK, g->nodes[1], g->input, 2);
    lat_builder_node(&p->builder, all)->number = g->numbers[0];
    return weigh(p, all);
}

static uint32_t
build_euclid(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    const uint32_t kids[] = {g->input, g->nodes[0], g->nodes[1], g->nodes[2]};
    const uint32_t all =
        lat_builder_add(&p->builder, LAT_PATTERN_EUCLID, g->n + 1, kids);
    lat_builder_node(&p->builder, all)->most = g->most[1];
    return weigh(p, all);
}

static uint32_t
build_range(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    bool is_over = false;
    const uint32_t all = add(p, LAT_PATTERN_LINE, g->input, 0, 1);
    lat_builder_node(&p->builder, all)->number =
        lat_ratio_sub(g->numbers[1], g->numbers[0], &is_over);
    lat_builder_node(&p->builder, all)->second = g->numbers[0];
    return weigh(p, all);
}

/// @param most  no nudge is further.
static uint32_t
nudge(struct lat_pattern_parser *p, const struct lat_transform_given *g,
      uint32_t by, struct lat_ratio most)
{
    const uint32_t all = add(p, LAT_PATTERN_NUDGE, g->input, by, 2);
    lat_builder_node(&p->builder, all)->second = most;
    return weigh(p, all);
}

static uint32_t
build_nudge(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    const struct lat_ratio most = {(int64_t)(g->most[0] * 64) + 1, 64};
    return nudge(p, g, g->nodes[0], most);
}

/// Every second of so many steps a cycle comes late.
static uint32_t
build_swing(struct lat_pattern_parser *p, const struct lat_transform_given *g)
{
    const struct lat_ratio n = g->n > 1 ? g->numbers[1] : lat_ratio_of(8);
    bool is_over = false;
    const struct lat_ratio late = lat_ratio_div(
        g->numbers[0], lat_ratio_mul(n, lat_ratio_of(2), &is_over), &is_over);
    const uint32_t from = p->builder.n_steps;
    struct lat_ratio weight;
    lat_builder_push(&p->builder,
                     lat_builder_number(&p->builder, lat_ratio_of(0)),
                     lat_ratio_of(1));
    lat_builder_push(&p->builder, lat_builder_number(&p->builder, late),
                     lat_ratio_of(1));
    const uint32_t two = lat_builder_sequence(&p->builder, from, &weight);
    const uint32_t by = lat_builder_scale(
        &p->builder, two, lat_ratio_mul(n, (struct lat_ratio){1, 2}, &is_over));
    return nudge(p, g, by, late);
}

const struct lat_transform lat_transforms[] = {
    {"fast",
     {{LAT_TRANSFORM_PATTERN, &lat_role_factor, false}},
     build_fast,
     NULL},
    {"slow",
     {{LAT_TRANSFORM_PATTERN, &lat_role_factor, false}},
     build_slow,
     NULL},
    {"early", {{LAT_TRANSFORM_PATTERN, &role_time, false}}, build_early, NULL},
    {"late", {{LAT_TRANSFORM_PATTERN, &role_time, false}}, build_late, NULL},
    {"nudge", {{LAT_TRANSFORM_PATTERN, &role_near, false}}, build_nudge, NULL},
    {"swing",
     {{LAT_TRANSFORM_NUMBER, &role_chance, false},
      {LAT_TRANSFORM_NUMBER, &role_steps, true}},
     build_swing,
     NULL},
    {"rev", {{LAT_TRANSFORM_NOTHING, NULL, false}}, build_rev, NULL},
    {"palindrome",
     {{LAT_TRANSFORM_NOTHING, NULL, false}},
     build_palindrome,
     NULL},
    {"iter", {{LAT_TRANSFORM_NUMBER, &role_parts, false}}, build_iter, NULL},
    {"ply", {{LAT_TRANSFORM_PATTERN, &role_times, false}}, build_ply, NULL},
    {"every",
     {{LAT_TRANSFORM_NUMBER, &role_cycles, false},
      {LAT_TRANSFORM_FUNCTION, NULL, false}},
     build_every,
     NULL},
    {"sometimes",
     {{LAT_TRANSFORM_FUNCTION, NULL, false}},
     build_sometimes,
     feed_sometimes},
    {"chunk",
     {{LAT_TRANSFORM_NUMBER, &role_parts, false},
      {LAT_TRANSFORM_FUNCTION, NULL, false}},
     build_chunk,
     NULL},
    {"off",
     {{LAT_TRANSFORM_PATTERN, &role_time, false},
      {LAT_TRANSFORM_FUNCTION, NULL, false}},
     build_off,
     build_late},
    {"degradeBy",
     {{LAT_TRANSFORM_NUMBER, &role_chance, false}},
     build_degrade,
     NULL},
    {"euclid",
     {{LAT_TRANSFORM_PATTERN, &lat_role_hits, false},
      {LAT_TRANSFORM_PATTERN, &lat_role_slots, false},
      {LAT_TRANSFORM_PATTERN, &lat_role_turn, true}},
     build_euclid,
     NULL},
    {"struct",
     {{LAT_TRANSFORM_PATTERN, &lat_role_value, false}},
     build_struct,
     NULL},
    {"mask",
     {{LAT_TRANSFORM_PATTERN, &lat_role_value, false}},
     build_mask,
     NULL},
    {"add", {{LAT_TRANSFORM_PATTERN, &role_number, false}}, build_add, NULL},
    {"range",
     {{LAT_TRANSFORM_NUMBER, &role_number, false},
      {LAT_TRANSFORM_NUMBER, &role_number, false}},
     build_range,
     NULL},
    {.name = NULL},
};
