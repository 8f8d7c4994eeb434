// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "apply.h"
#include "apply_private.h"
#include "comments.h"

#include <stdio.h>
#include <string.h>

static bool
has_capital(const char *text, size_t length)
{
    bool has = false;
    for (size_t i = 0; i < length; ++i) {
        has = has || (text[i] >= 'A' && text[i] <= 'Z');
    }
    return has;
}

/// Refuse a section that is not known, and take it for what it seems to be.
static void
apply_unknown_section(const struct lat_apply *a, struct lat_draft_section *s)
{
    if (a->is_newer) {
        lat_apply_keep_section(a, s);
        return;
    }
    const enum lat_section_kind guess = lat_section_guess(s);
    const char *const later = lat_apply_later(LAT_SECTION_UNKNOWN, s->name);
    const size_t n_word = strcspn(s->name, " \t");
    char name[LAT_NAME_MAX + 16];
    struct lat_nearest nearest = {.best = NULL};
    if (guess == LAT_SECTION_NODE) {
        const char *const rest = s->name + n_word;
        snprintf(name, sizeof(name), "[node %s]", rest + strspn(rest, " \t"));
    } else {
        snprintf(name, sizeof(name), "[%s]", lat_section_name(guess));
    }
    if (s->is_bad) {
        // That is told already.
    } else if (later) {
        lat_apply_fail(a, LAT_ELATER, s->line, "%s", later);
    } else if (guess == LAT_SECTION_UNKNOWN &&
               lat_draft_entry(a->draft, s, "type")) {
        lat_apply_fail(a, LAT_ENOTFOUND, s->line,
                       "unknown section '%s'; a node's is [node %s]", s->name,
                       s->name);
    } else if (guess == LAT_SECTION_UNKNOWN) {
        lat_apply_unknown(a, s->line, "section", s->name, &nearest);
    } else {
        lat_apply_fail(a, LAT_ENOTFOUND, s->line,
                       "unknown section '%s'; did you mean %s?%s", s->name,
                       name,
                       has_capital(s->name, n_word)
                           ? " Names of sections are in lower case"
                           : "");
    }
    s->has_errors = true;
    s->kind = guess;
    if (guess == LAT_SECTION_NODE) {
        memmove(s->name, s->name + n_word, strlen(s->name + n_word) + 1);
        const size_t n = strspn(s->name, " \t");
        memmove(s->name, s->name + n, strlen(s->name + n) + 1);
    } else if (lat_draft_entry(a->draft, s, "type")) {
        s->kind = LAT_SECTION_NODE;
    }
}

/// Keep the comments of a section and, where they have no place of their own,
/// of its keys.
static enum lat_status
keep_comments(const struct lat_apply *a, struct lat_draft_section *s)
{
    struct lat_document *const d = lat_control_document(a->target->control);
    char prefix[16];
    snprintf(prefix, sizeof(prefix), "%s/", lat_section_name(s->kind));
    enum lat_status status =
        lat_comments_add(&d->comments, prefix, "", &s->comment);
    const bool is_single =
        s->kind == LAT_SECTION_SESSION || s->kind == LAT_SECTION_TRANSPORT;
    for (size_t i = 0; is_single && i < s->n && !status; ++i) {
        struct lat_draft_entry *const e = &a->draft->entries[s->first + i];
        if (e->comment) {
            status =
                lat_comments_add(&d->comments, prefix, e->key, &e->comment);
        }
    }
    return status ? lat_apply_fail_memory(a, s->line) : LAT_OK;
}

static void
apply_nodes(const struct lat_apply *a)
{
    for (size_t i = 0;
         i < a->draft->n_sections && !lat_problems_is_full(a->target->problems);
         ++i) {
        struct lat_draft_section *const s = &a->draft->sections[i];
        if (s->kind == LAT_SECTION_NODE) {
            lat_apply_node(a, s);
        }
    }
}

static void
apply_unknown_sections(const struct lat_apply *a)
{
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        if (a->draft->sections[i].kind == LAT_SECTION_UNKNOWN) {
            apply_unknown_section(a, &a->draft->sections[i]);
        }
    }
}

/// Everything but nodes, in file order, nodes being there.
static void
apply_others(const struct lat_apply *a)
{
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        struct lat_draft_section *const s = &a->draft->sections[i];
        if (s->kind == LAT_SECTION_CABLES) {
            lat_apply_cables(a, s);
        } else if (!a->target->part &&
                   (s->kind == LAT_SECTION_JACK || s->kind == LAT_SECTION_MAP ||
                    s->kind == LAT_SECTION_OSC)) {
            lat_apply_lines(a, s);
        }
        if (!a->target->part && s->kind < LAT_SECTION_NODE) {
            keep_comments(a, s);
        }
    }
}

static void
apply_document(const struct lat_apply *a, const struct lat_draft_head *head)
{
    struct lat_document *const document =
        lat_control_document(a->target->control);
    lat_apply_session(a, head);
    lat_apply_transport(a);
    if (a->draft->end_comment && lat_comments_add(&document->comments, "end/",
                                                  "", &a->draft->end_comment)) {
        lat_apply_fail_memory(a, 1);
    }
}

void
lat_draft_apply(struct lat_draft *d, const struct lat_draft_head *head,
                const struct lat_draft_target *target)
{
    struct lat_cable_ends *const ends =
        head->is_newer ? lat_cable_ends_new(d) : NULL;
    const struct lat_apply a = {
        .draft = d,
        .target = target,
        .is_newer = head->is_newer,
        .ends = ends,
    };
    struct lat_loose_cable **loose =
        &lat_control_document(target->control)->unknown.cables;
    while (*loose) {
        loose = &(*loose)->next;
    }
    if (head->is_newer && !ends) {
        lat_apply_fail_memory(&a, 1);
        return;
    }
    if (head->is_newer) {
        lat_apply_keep_head(&a, head);
    }
    if (!target->part) {
        apply_document(&a, head);
    }
    apply_unknown_sections(&a);
    apply_nodes(&a);
    apply_others(&a);
    if (target->problems->n_errors) {
        lat_loose_cables_free(loose);
    } else {
        lat_apply_warn_sends(&a);
        if (target->wants_heard) {
            lat_apply_warn_unheard(&a);
            lat_apply_warn_portless(&a);
        }
    }
    lat_cable_ends_free(ends);
}
