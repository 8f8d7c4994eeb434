// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "view.h"
#include "base/array.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum lat_status
lat_names_add(struct lat_names *names, const char *name)
{
    if (!lat_grow((void **)&names->at, &names->capacity, names->n,
                  sizeof(*names->at))) {
        return LAT_ENOMEM;
    }
    char *copy = lat_strdup(name);
    if (!copy) {
        return LAT_ENOMEM;
    }
    names->at[names->n++] = copy;
    return LAT_OK;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void
lat_names_sort(struct lat_names *names)
{
    if (names->n > 1) {
        qsort(names->at, names->n, sizeof(*names->at), compare_names);
    }
}

bool
lat_names_have(const struct lat_names *names, const char *name)
{
    return names->n && bsearch(&name, names->at, names->n, sizeof(*names->at),
                               compare_names);
}

void
lat_names_fini(struct lat_names *names)
{
    for (uint32_t i = 0; i < names->n; ++i) {
        free(names->at[i]);
    }
    free((void *)names->at);
    *names = (struct lat_names){0};
}

enum lat_status
lat_jack_view_add_pair(struct lat_jack_view *view, const char *own,
                       const char *other, bool is_output)
{
    if (!lat_grow((void **)&view->pairs, &view->pairs_capacity, view->n_pairs,
                  sizeof(*view->pairs))) {
        return LAT_ENOMEM;
    }
    const struct lat_jack_pair pair = {lat_strdup(own), lat_strdup(other),
                                       is_output};
    if (!pair.own || !pair.other) {
        free(pair.own);
        free(pair.other);
        return LAT_ENOMEM;
    }
    view->pairs[view->n_pairs++] = pair;
    return LAT_OK;
}

void
lat_jack_view_fini(struct lat_jack_view *view)
{
    lat_names_fini(&view->own);
    lat_names_fini(&view->others);
    lat_names_fini(&view->came);
    for (uint32_t i = 0; i < LAT_N_PHYSICAL; ++i) {
        lat_names_fini(&view->physical[i]);
    }
    for (uint32_t i = 0; i < view->n_pairs; ++i) {
        free(view->pairs[i].own);
        free(view->pairs[i].other);
    }
    free(view->pairs);
    *view = (struct lat_jack_view){0};
}
