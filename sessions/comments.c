// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "comments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum lat_status
lat_comments_add(struct lat_comment **list, const char *prefix, const char *key,
                 char **text)
{
    struct lat_comment *const c = malloc(sizeof(*c));
    char *full_key = NULL;
    if (asprintf(&full_key, "%s%s", prefix, key) < 0) {
        full_key = NULL;
    }
    char *const owned = *text ? *text : strdup("");
    *text = NULL;
    if (!c || !full_key || !owned) {
        free(c);
        free(full_key);
        free(owned);
        return LAT_ENOMEM;
    }
    *c = (struct lat_comment){.key = full_key, .text = owned};
    struct lat_comment **end = list;
    while (*end) {
        end = &(*end)->next;
    }
    *end = c;
    return LAT_OK;
}

const char *
lat_comments_find(const struct lat_comment *list, const char *prefix,
                  const char *key)
{
    const size_t n = strlen(prefix);
    for (; list; list = list->next) {
        if (strncmp(list->key, prefix, n) == 0 &&
            strcmp(list->key + n, key) == 0) {
            return list->text;
        }
    }
    return NULL;
}
