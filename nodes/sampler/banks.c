// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "banks.h"
#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct lat_bank *first; ///< under the mutex

/// Under the mutex.
static struct lat_bank *
find(const char *path, double rate, uint64_t stamp)
{
    struct lat_bank *b = first;
    while (b && (b->rate != rate || b->stamp != stamp ||
                 strcmp(b->path, path) != 0)) {
        b = b->next;
    }
    return b;
}

/// Another one's, if it is there.
static struct lat_bank *
share(const char *path, double rate, uint64_t stamp)
{
    pthread_mutex_lock(&mutex);
    struct lat_bank *const b = find(path, rate, stamp);
    if (b) {
        ++b->refs;
    }
    pthread_mutex_unlock(&mutex);
    return b;
}

bool
lat_bank_is_at_hand(const char *path, double rate)
{
    const uint64_t stamp = lat_sounds_stamp(path);
    pthread_mutex_lock(&mutex);
    const bool is_here = find(path, rate, stamp) != NULL;
    pthread_mutex_unlock(&mutex);
    return is_here;
}

static void
free_bank(struct lat_bank *b)
{
    if (b && b->sounds) {
        lat_sounds_forget(b->sounds);
    }
    if (b) {
        free(b->path);
    }
    free(b);
}

enum lat_status
lat_bank_get(const char *path, double rate, struct lat_bank **out,
             struct lat_error *error)
{
    // What is written meanwhile has another stamp than what is read.
    const uint64_t stamp = lat_sounds_stamp(path);
    struct lat_bank *b = share(path, rate, stamp);
    if (b) {
        *out = b;
        return LAT_OK;
    }
    b = calloc(1, sizeof(*b));
    char *const copy = b ? lat_strdup(path) : NULL;
    if (!copy) {
        free(b);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    void *sounds = NULL;
    const enum lat_status status = lat_sounds_read(path, rate, &sounds, error);
    *b = (struct lat_bank){sounds, copy, rate, stamp, 1, NULL};
    if (status) {
        free_bank(b);
        return status;
    }
    pthread_mutex_lock(&mutex);
    b->next = first;
    first = b;
    pthread_mutex_unlock(&mutex);
    *out = b;
    return LAT_OK;
}

void
lat_bank_release(struct lat_bank *bank)
{
    if (!bank) {
        return;
    }
    pthread_mutex_lock(&mutex);
    const bool is_last = !--bank->refs;
    struct lat_bank **link = &first;
    while (is_last && *link != bank) {
        link = &(*link)->next;
    }
    *link = is_last ? bank->next : *link;
    pthread_mutex_unlock(&mutex);
    if (is_last) {
        free_bank(bank);
    }
}
