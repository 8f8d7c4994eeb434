// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "planned.h"
#include "base/text.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

static int
compare_pairs(const void *a, const void *b)
{
    const struct planned_pair *x = a;
    const struct planned_pair *y = b;
    const int by_from = strcmp(x->from, y->from);
    return by_from ? by_from : strcmp(x->to, y->to);
}

static int
compare_full(const void *a, const void *b)
{
    const struct lat_port_label *const *x = a;
    const struct lat_port_label *const *y = b;
    return strcmp((*x)->port, (*y)->port);
}

static int
compare_own(const void *a, const void *b)
{
    const struct lat_port_label *const *x = a;
    const struct lat_port_label *const *y = b;
    return strcmp((*x)->own, (*y)->own);
}

void
lat_planned_fini(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->planned.n_pairs; ++i) {
        free(l->planned.pairs[i].from);
        free(l->planned.pairs[i].to);
    }
    free(l->planned.pairs);
    free((void *)l->planned.by_full);
    free((void *)l->planned.by_own);
    l->planned = (struct planned){0};
}

static bool
learn_pairs(struct lat_link *l)
{
    struct planned *p = &l->planned;
    p->pairs = calloc(l->plan.n_cables + (size_t)1, sizeof(*p->pairs));
    for (uint32_t i = 0; p->pairs && i < l->plan.n_cables; ++i) {
        char from[600];
        char to[600];
        const struct lat_planned_cable *c = &l->plan.cables[i];
        lat_name_with_client(l->name, c->from, from, sizeof(from));
        lat_name_with_client(l->name, c->to, to, sizeof(to));
        struct planned_pair *pair = &p->pairs[p->n_pairs++];
        *pair = (struct planned_pair){lat_strdup(from), lat_strdup(to)};
        if (!pair->from || !pair->to) {
            return false;
        }
    }
    if (p->n_pairs > 1) {
        qsort(p->pairs, p->n_pairs, sizeof(*p->pairs), compare_pairs);
    }
    return p->pairs;
}

static bool
learn_labels(struct lat_link *l)
{
    struct planned *p = &l->planned;
    const uint32_t n = l->plan.n_labels;
    const size_t size = sizeof(*p->by_full);
    p->by_full = calloc(n + (size_t)1, size);
    p->by_own = calloc(n + (size_t)1, size);
    if (!p->by_full || !p->by_own) {
        return false;
    }
    p->n_labels = n;
    for (uint32_t i = 0; i < n; ++i) {
        p->by_full[i] = p->by_own[i] = &l->plan.labels[i];
    }
    if (n > 1) {
        qsort((void *)p->by_full, n, size, compare_full);
        qsort((void *)p->by_own, n, size, compare_own);
    }
    return true;
}

void
lat_planned_learn(struct lat_link *l)
{
    lat_planned_fini(l);
    if (!learn_pairs(l) || !learn_labels(l)) {
        lat_planned_fini(l);
        l->planned.is_short = true;
    }
}

bool
lat_planned_has(const struct lat_link *l, const char *from, const char *to)
{
    const struct planned *p = &l->planned;
    const struct planned_pair key = {(char *)from, (char *)to};
    return p->is_short || (p->n_pairs && bsearch(&key, p->pairs, p->n_pairs,
                                                 sizeof(key), compare_pairs));
}

const char *
lat_planned_own(const struct lat_link *l, const char *full)
{
    const struct planned *p = &l->planned;
    struct lat_port_label label;
    const struct lat_port_label *key = &label;
    if (!p->n_labels || strlen(full) >= sizeof(label.port)) {
        return NULL;
    }
    memcpy(label.port, full, strlen(full) + 1);
    const struct lat_port_label *const *found =
        bsearch(&key, (const void *)p->by_full, p->n_labels,
                sizeof(*p->by_full), compare_full);
    return found ? (*found)->own : NULL;
}

bool
lat_planned_full(const struct lat_link *l, const char *name, char *out,
                 size_t size)
{
    const struct planned *p = &l->planned;
    struct lat_port_label label;
    const struct lat_port_label *key = &label;
    const struct lat_port_label *const *found = NULL;
    const bool is_inner = !strchr(name, ':') && strchr(name, '/');
    if (is_inner && p->n_labels && strlen(name) < sizeof(label.own)) {
        memcpy(label.own, name, strlen(name) + 1);
        found = bsearch(&key, (const void *)p->by_own, p->n_labels,
                        sizeof(*p->by_own), compare_own);
    }
    lat_name_with_client(l->name, found ? (*found)->port : name, out, size);
    return !is_inner || found || jack_port_by_name(l->client, out);
}
