// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lines that a document keeps as they are: [jack], [map], [osc].

#include "apply_private.h"
#include "check.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

static enum lat_status
check_feedback(const struct lat_apply *a, const char *text,
               struct lat_error *error)
{
    struct lat_words w;
    const enum lat_status status = lat_check_feedback(text, error);
    if (status || !a->target->judge) {
        return status;
    }
    // A newer lattice may know more forms.
    return lat_words_split(&w, text) && !a->target->judge(w.word[1], error)
               ? LAT_ENOTFOUND
               : LAT_OK;
}

static enum lat_status
check_line(const struct lat_apply *a, enum lat_section_kind kind,
           const char *key, const char *text, struct lat_error *error)
{
    switch (kind) {
    case LAT_SECTION_JACK:
        return lat_check_connect(text, error);
    case LAT_SECTION_MAP:
        return lat_check_map(text, lat_control_graph(a->target->control),
                             error);
    default:
        return strcmp(key, "send") == 0 ? lat_check_send(text, error)
                                        : check_feedback(a, text, error);
    }
}

void
lat_apply_warn_portless(const struct lat_apply *a)
{
    const struct lat_graph *const g = lat_control_graph(a->target->control);
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        const struct lat_draft_section *const s = &a->draft->sections[i];
        for (size_t k = 0; s->kind == LAT_SECTION_JACK && k < s->n; ++k) {
            const struct lat_draft_entry *const e =
                &a->draft->entries[s->first + k];
            struct lat_error error;
            char *text = NULL;
            if (lat_section_may_repeat(s, e->key) &&
                !lat_apply_text(a, e, &text) &&
                lat_check_connect_ports(text, g, &error)) {
                lat_apply_warn(a, e->line, "%s", error.text);
            }
            free(text);
        }
    }
}

/// Does the map lead to a node whose section has errors?
static bool
is_map_doubtful(const struct lat_apply *a, const struct lat_draft_section *s,
                const char *text)
{
    struct lat_words w;
    return s->kind == LAT_SECTION_MAP && lat_words_split(&w, text) &&
           w.n >= 3 && lat_apply_is_doubtful(a, w.word[2]);
}

static enum lat_status
apply_line(const struct lat_apply *a, const struct lat_draft_section *s,
           struct lat_line **list, const struct lat_draft_entry *e)
{
    char *text = NULL;
    enum lat_status status = lat_apply_text(a, e, &text);
    if (status) {
        return status;
    }
    struct lat_error local;
    status = check_line(a, s->kind, e->key, text, &local);
    if (status == LAT_ENOTFOUND && a->is_newer) {
        status = lat_apply_keep_line(a, s, e, local.text);
    } else if (status == LAT_ENOTFOUND && is_map_doubtful(a, s, text)) {
        // Its node's section has errors, which are told.
    } else if (status) {
        lat_apply_fail_at(a, e->line, &local);
    } else if (lat_line_append(list, e->key, text, e->comment)) {
        status = lat_apply_fail_memory(a, e->line);
    }
    free(text);
    return status;
}

void
lat_apply_lines(const struct lat_apply *a, const struct lat_draft_section *s)
{
    struct lat_document *const d = lat_control_document(a->target->control);
    struct lat_line **list = s->kind == LAT_SECTION_JACK  ? &d->jack
                             : s->kind == LAT_SECTION_MAP ? &d->map
                                                          : &d->osc;
    const char *const *const keys = lat_section_repeated(s->kind);
    size_t n_keys = 0;
    while (keys[n_keys]) {
        ++n_keys;
    }
    lat_apply_keys(a, s, keys, n_keys);
    if (s->n > 0 && s->kind == LAT_SECTION_MAP) {
        // Nothing reads the document's map yet.
        lat_apply_warn(a, s->line,
                       "[%s] is kept, but comes in a later release and does "
                       "nothing yet",
                       s->name);
    }
    for (size_t i = 0; i < s->n && !lat_problems_is_full(a->target->problems);
         ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        if (lat_section_may_repeat(s, e->key)) {
            apply_line(a, s, list, e);
        }
        while (*list) {
            list = &(*list)->next;
        }
    }
}
