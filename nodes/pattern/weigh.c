// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What patterns cost, so that a text which would take too long is refused when
// it is written.  Looking at a stretch of L cycles takes about rate * L + point
// visits of nodes: `rate` is what lies in a cycle, at its densest, and `point`
// is the way to it.

#include "tree.h"

#include <stdlib.h>

struct weighing {
    const struct lat_pattern_node *nodes;
    const uint32_t *kids;
    const int64_t *sums;
    const struct lat_pattern_cost *input;
};

static const struct lat_pattern_node *
kid(const struct weighing *w, const struct lat_pattern_node *n, uint32_t i)
{
    return &w->nodes[w->kids[n->first + (n->is_same ? 0 : i)]];
}

static double
larger(double a, double b)
{
    return a > b ? a : b;
}

static void
weigh_sequence(const struct weighing *w, struct lat_pattern_node *n)
{
    for (uint32_t i = 0; i < (n->is_same ? 1 : n->n); ++i) {
        const struct lat_pattern_node *const k = kid(w, n, i);
        n->rate += k->rate + k->point;
        n->point = larger(n->point, k->point);
    }
    n->rate *= n->is_same ? n->n : 1;
    n->point += 1;
}

static void
weigh_together(const struct weighing *w, struct lat_pattern_node *n)
{
    for (uint32_t i = 0; i < n->n; ++i) {
        n->rate += kid(w, n, i)->rate;
        n->point += kid(w, n, i)->point;
    }
    n->point += 1;
}

/// Steps that take turns are not there all at once.
static double
densest_turn(const struct weighing *w, const struct lat_pattern_node *sequence,
             double factor)
{
    double most = 0;
    for (uint32_t i = 0; i < sequence->n; ++i) {
        const struct lat_pattern_node *const k = kid(w, sequence, i);
        const double share =
            sequence->has_sums
                ? (double)(w->sums[sequence->sums + i + 1] -
                           w->sums[sequence->sums + i]) /
                      (double)w->sums[sequence->sums + sequence->n]
                : 1.0 / sequence->n;
        most = larger(most, (k->rate + k->point) * factor / share);
    }
    return most;
}

static void
weigh_scale(const struct weighing *w, struct lat_pattern_node *n)
{
    const struct lat_pattern_node *const k = kid(w, n, 0);
    const double factor = lat_ratio_to_double(n->number);
    n->rate = k->kind == LAT_PATTERN_SEQUENCE && factor < 1
                  ? densest_turn(w, k, factor)
                  : k->rate * larger(factor, 1);
    n->point = k->point + 1;
}

/// Kid 1 says how often, or how much, of kid 0.
static void
weigh_by_second(const struct weighing *w, struct lat_pattern_node *n)
{
    const struct lat_pattern_node *const k = kid(w, n, 0);
    const struct lat_pattern_node *const by = kid(w, n, 1);
    const double most =
        larger(n->most * larger(lat_ratio_to_double(n->number), 1), 1);
    n->rate = k->rate * most + by->rate * (k->point + 1);
    n->point = k->point + by->point + 1;
}

/// Of kid 0 a rhythm asks no more than there is, but in every slot by itself.
static void
weigh_slots(const struct weighing *w, struct lat_pattern_node *n)
{
    const struct lat_pattern_node *const k = kid(w, n, 0);
    weigh_together(w, n);
    const double pieces = n->rate - k->rate;
    n->rate += (n->most + pieces) * (k->point + 1);
}

static void
weigh_pairs(const struct weighing *w, struct lat_pattern_node *n)
{
    const struct lat_pattern_node *const k = kid(w, n, 0);
    const struct lat_pattern_node *const with = kid(w, n, 1);
    n->rate = k->rate * (1 + with->point) + with->rate;
    n->point = k->point + with->point + 1;
}

/// A nudge looks further than it is asked.
static void
weigh_nudge(const struct weighing *w, struct lat_pattern_node *n)
{
    weigh_pairs(w, n);
    n->point += 2 * lat_ratio_to_double(n->second) * n->rate;
}

static void
weigh_range(const struct weighing *w, struct lat_pattern_node *n)
{
    weigh_pairs(w, n);
    n->rate *= 1 + n->most;
}

static void
weigh_ply(const struct weighing *w, struct lat_pattern_node *n)
{
    if (n->n == 1) {
        weigh_together(w, n);
    } else {
        weigh_pairs(w, n);
    }
    n->rate *= larger(n->most, 1);
}

static void
weigh_input(const struct weighing *w, struct lat_pattern_node *n)
{
    n->rate = w->input ? w->input->rate : 1;
    n->point = w->input ? w->input->point : 1;
}

static void
weigh_leaf(const struct weighing *w, struct lat_pattern_node *n)
{
    (void)w;
    n->rate = n->point = 1;
}

typedef void (*weigh_fn)(const struct weighing *w, struct lat_pattern_node *n);

static const weigh_fn ways[LAT_PATTERN_N_KINDS] = {
    [LAT_PATTERN_SILENCE] = weigh_leaf,
    [LAT_PATTERN_ATOM] = weigh_leaf,
    [LAT_PATTERN_SEQUENCE] = weigh_sequence,
    [LAT_PATTERN_SCALE] = weigh_scale,
    [LAT_PATTERN_FAST] = weigh_by_second,
    [LAT_PATTERN_SLOW] = weigh_by_second,
    [LAT_PATTERN_EUCLID] = weigh_slots,
    [LAT_PATTERN_STRUCT] = weigh_slots,
    [LAT_PATTERN_PAIR] = weigh_pairs,
    [LAT_PATTERN_ADD] = weigh_pairs,
    [LAT_PATTERN_MASK] = weigh_pairs,
    [LAT_PATTERN_NUDGE] = weigh_nudge,
    [LAT_PATTERN_RANGE] = weigh_range,
    [LAT_PATTERN_PLY] = weigh_ply,
    [LAT_PATTERN_INPUT] = weigh_input,
};

void
lat_pattern_weigh(struct lat_pattern_node *nodes, const uint32_t *kids,
                  const int64_t *sums, uint32_t i,
                  const struct lat_pattern_cost *input)
{
    const struct weighing w = {nodes, kids, sums, input};
    nodes[i].rate = nodes[i].point = 0;
    const weigh_fn way = ways[nodes[i].kind];
    (way ? way : weigh_together)(&w, &nodes[i]);
}

static struct lat_pattern_cost
cost_of(const struct lat_pattern *p)
{
    const struct lat_pattern_node *const root = &p->nodes[p->root];
    return (struct lat_pattern_cost){root->rate, root->point};
}

enum lat_status
lat_pattern_check(const struct lat_pattern *pattern,
                  const struct lat_pattern *with, double most,
                  struct lat_error *error)
{
    struct lat_pattern_cost cost = cost_of(pattern);
    const uint32_t depth = pattern->nodes[pattern->root].depth +
                           (with ? with->nodes[with->root].depth : 0U);
    if (depth > LAT_PATTERN_DEPTH) {
        return lat_error_set(error, LAT_EINVAL,
                             "the pattern is too deep with its transforms: put "
                             "fewer into each other");
    }
    if (with) {
        const size_t bytes = with->n_nodes * sizeof(*with->nodes);
        struct lat_pattern_node *const nodes = malloc(bytes);
        if (!nodes) {
            return lat_error_set(error, LAT_ENOMEM, "out of memory");
        }
        for (uint32_t i = 0; i < with->n_nodes; ++i) {
            nodes[i] = with->nodes[i];
            lat_pattern_weigh(nodes, with->kids, with->sums, i, &cost);
        }
        cost.rate = nodes[with->root].rate;
        free(nodes);
    }
    if (cost.rate <= most) {
        return LAT_OK;
    }
    return lat_error_set(error, LAT_EINVAL,
                         "the pattern%s has too much in a cycle, about %.3g "
                         "steps: at most %.0f, so use smaller factors",
                         with ? " with its transforms" : "", cost.rate, most);
}
