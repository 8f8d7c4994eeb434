// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Names of sessions, those of the folder and of the examples.

#include "base/array.h"
#include "session.h"
#include "session_state.h"

#include <stdlib.h>
#include <string.h>

/// Names of two sorted lists.
struct names {
    char **name;
    uint32_t n, capacity;
    bool is_out_of_memory;
};

static void
add_to_list(void *data, const char *name)
{
    struct names *const l = data;
    if (!lat_grow((void **)&l->name, &l->capacity, l->n, sizeof(*l->name))) {
        l->is_out_of_memory = true;
        return;
    }
    l->name[l->n] = strdup(name);
    l->is_out_of_memory = l->is_out_of_memory || !l->name[l->n];
    l->n += l->name[l->n] != NULL;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum lat_status
lat_sessions_list(struct lat_sessions *s,
                  void (*each)(void *data, const char *name), void *data,
                  struct lat_error *error)
{
    struct names names = {0};
    enum lat_status status = LAT_OK;
    if (s->folder) {
        lat_store_clean(s->folder);
        status = lat_store_list(s->folder, add_to_list, &names, error);
    }
    if (!status && s->examples) {
        // That there are no examples is no failure.
        lat_store_list(s->examples, add_to_list, &names, NULL);
    }
    if (!status && names.is_out_of_memory) {
        status = no_memory(error);
    }
    if (names.n > 0) {
        qsort(names.name, names.n, sizeof(*names.name), by_name);
    }
    for (size_t i = 0; i < names.n; ++i) {
        const bool is_again =
            i > 0 && strcmp(names.name[i], names.name[i - 1]) == 0;
        if (!status && !is_again) {
            each(data, names.name[i]);
        }
    }
    for (size_t i = 0; i < names.n; ++i) {
        free(names.name[i]);
    }
    free(names.name);
    return status;
}
