// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a session holds besides nodes and cables.

#include "document.h"
#include "base/address.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

const char *const lat_sync_words[] = {"own", "jack", "midi"};
const char *const lat_tuning_words[] = {
    [LAT_TUNING_SCALE] = "tuning", [LAT_TUNING_KEYMAP] = "keymap"};

enum lat_status
lat_line_append(struct lat_line **list, const char *key, const char *text,
                const char *comment)
{
    struct lat_line *line = calloc(1, sizeof(*line));
    if (line) {
        line->key = lat_strdup(key);
        line->text = lat_strdup(text);
        line->comment = lat_strdup(comment);
    }
    if (!line || !line->key || !line->text || (comment && !line->comment)) {
        lat_lines_free(&line);
        return LAT_ENOMEM;
    }
    while (*list) {
        list = &(*list)->next;
    }
    *list = line;
    return LAT_OK;
}

void
lat_lines_free(struct lat_line **list)
{
    while (*list) {
        struct lat_line *line = *list;
        *list = line->next;
        free(line->key);
        free(line->text);
        free(line->comment);
        free(line);
    }
}

void
lat_comments_free(struct lat_comment **list)
{
    while (*list) {
        struct lat_comment *comment = *list;
        *list = comment->next;
        free(comment->key);
        free(comment->text);
        free(comment);
    }
}

void
lat_loose_cables_free(struct lat_loose_cable **list)
{
    while (*list) {
        struct lat_loose_cable *cable = *list;
        *list = cable->next;
        lat_lines_free(&cable->line);
        free(cable);
    }
}

static void
unknown_free(struct lat_unknown *u)
{
    free(u->made_by);
    lat_lines_free(&u->keys);
    lat_lines_free(&u->sections);
    lat_loose_cables_free(&u->cables);
}

bool
lat_document_may_send(const struct lat_document *d, const char *address)
{
    struct lat_address to;
    if (!lat_address_read(address, &to)) {
        return false;
    }
    bool may = lat_host_is_here(to.host);
    for (const struct lat_line *line = d->osc; line && !may;
         line = line->next) {
        struct lat_address allowed;
        may = strcmp(line->key, "send") == 0 &&
              lat_address_read(line->text, &allowed) &&
              lat_host_is(to.host, allowed.host) &&
              (!allowed.port || allowed.port == to.port);
    }
    return may;
}

void
lat_document_free(struct lat_document *d)
{
    unknown_free(&d->unknown);
    for (size_t i = 0; i < LAT_TUNING_FILES; ++i) {
        free(d->tuning[i]);
        free(d->tuning_path[i]);
    }
    lat_tuned_release(d->tuned);
    lat_lines_free(&d->jack);
    lat_lines_free(&d->map);
    lat_lines_free(&d->osc);
    lat_comments_free(&d->comments);
    *d = (struct lat_document){0};
}
