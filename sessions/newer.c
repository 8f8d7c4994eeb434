// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a newer lattice wrote and this one does not know, kept so that it can be
// written back.

#include "apply_private.h"
#include "lines.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

// Versions

/// The version in "lattice 1.2.3"; of other programs' versions we know nothing.
static const char *
version_of(const char *made_by)
{
    static const char prefix[] = "lattice ";
    const size_t n = sizeof(prefix) - 1;
    const bool is_ours = strncmp(made_by, prefix, n) == 0;
    return is_ours && made_by[n] >= '0' && made_by[n] <= '9' ? made_by + n
                                                             : "0";
}

bool
lat_is_made_by_newer(const char *made_by, const char *other)
{
    const char *a = version_of(made_by);
    const char *b = version_of(other);
    for (int i = 0; i < 3; ++i) {
        char *end_a = NULL;
        char *end_b = NULL;
        const unsigned long n_a = strtoul(a, &end_a, 10);
        const unsigned long n_b = strtoul(b, &end_b, 10);
        if (n_a != n_b) {
            return n_a > n_b;
        }
        a = *end_a == '.' ? end_a + 1 : "0";
        b = *end_b == '.' ? end_b + 1 : "0";
    }
    return false;
}

static struct lat_unknown *
kept(const struct lat_apply *a)
{
    return &lat_control_document(a->target->control)->unknown;
}

/// Append to a list that may be long.
static enum lat_status
append(struct lat_line **list, struct lat_line **last, const char *key,
       const char *text, const char *comment)
{
    struct lat_line **const end = *last ? &(*last)->next : list;
    const enum lat_status status = lat_line_append(end, key, text, comment);
    *last = status ? *last : *end;
    return status;
}

enum lat_status
lat_apply_keep_head(const struct lat_apply *a,
                    const struct lat_draft_head *head)
{
    struct lat_unknown *const u = kept(a);
    if (head->format > u->format) {
        u->format = head->format;
    }
    if (head->made_by &&
        (!u->made_by || lat_is_made_by_newer(head->made_by, u->made_by))) {
        char *const made_by = strdup(head->made_by);
        if (!made_by) {
            return lat_apply_fail_memory(a, 1);
        }
        free(u->made_by);
        u->made_by = made_by;
    }
    return LAT_OK;
}

// Lines and sections

/// An import takes nodes and cables only.
static const char *
fate(const struct lat_apply *a)
{
    return a->target->part ? "left out" : "kept and does nothing";
}

enum lat_status
lat_apply_keep_line(const struct lat_apply *a,
                    const struct lat_draft_section *s,
                    const struct lat_draft_entry *e, const char *reason)
{
    if (reason) {
        lat_apply_warn(a, e->line, "%s; the line is %s", reason, fate(a));
    } else {
        lat_apply_warn(a, e->line, "unknown key '%s' is %s", e->key, fate(a));
    }
    if (a->target->part) {
        return LAT_OK;
    }
    char *key = NULL;
    enum lat_status status = LAT_ENOMEM;
    if (asprintf(&key, "%s/%s", s->name, e->key) >= 0) {
        status = append(&kept(a)->keys, &kept(a)->last_key, key, e->value,
                        e->comment);
        free(key);
    }
    return status ? lat_apply_fail_memory(a, e->line) : LAT_OK;
}

enum lat_status
lat_apply_keep_section(const struct lat_apply *a,
                       const struct lat_draft_section *s)
{
    lat_apply_warn(a, s->line, "unknown section '%s' is %s", s->name, fate(a));
    if (a->target->part) {
        return LAT_OK;
    }
    struct lat_unknown *const u = kept(a);
    enum lat_status status =
        append(&u->sections, &u->last_section, "", s->name, s->comment);
    for (size_t i = 0; i < s->n && !status; ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        status = append(&u->sections, &u->last_section, e->key, e->value,
                        e->comment);
    }
    return status ? lat_apply_fail_memory(a, s->line) : LAT_OK;
}

// Cables

static uint32_t
serial_of(const struct lat_graph *g, const char *endpoint)
{
    char name[LAT_NAME_MAX];
    const size_t n = strcspn(endpoint, "/");
    if (n >= sizeof(name)) {
        return 0;
    }
    memcpy(name, endpoint, n);
    name[n] = '\0';
    const struct lat_node *const node = lat_graph_find(g, name);
    return node ? node->serial : 0;
}

/// Can the cable be written when its nodes have the longest of names?
static bool
stays_short(const char *key, const char *text, const char *src, const char *dst)
{
    const size_t rest = strlen(text) - strcspn(src, "/") - strcspn(dst, "/");
    return strlen(key) + 1 + rest + 2 * (size_t)(LAT_NAME_MAX - 1) <=
           LAT_SESSION_CABLE_MAX;
}

static struct lat_loose_cable *
new_cable(const struct lat_graph *g, const struct lat_draft_entry *e,
          const char *text, const char *src, const char *dst)
{
    struct lat_loose_cable *const cable = calloc(1, sizeof(*cable));
    if (!cable || lat_line_append(&cable->line, e->key, text, e->comment)) {
        free(cable);
        return NULL;
    }
    cable->src = serial_of(g, src);
    cable->dst = serial_of(g, dst);
    return cable;
}

enum lat_status
lat_apply_keep_cable(const struct lat_apply *a, const struct lat_draft_entry *e,
                     const char *src, const char *dst, const char *reason)
{
    lat_apply_warn(a, e->line, "%s; the cable is kept and does nothing",
                   reason);
    // Behind the ends stands what was read already: three words at most.
    struct lat_words w;
    char text[4096];
    lat_words_split(&w, e->value);
    int n = snprintf(text, sizeof(text), "%s -> %s", src, dst);
    for (size_t i = 3; i < w.n; ++i) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, " %s", w.word[i]);
    }
    if (!stays_short(e->key, text, src, dst)) {
        return lat_apply_fail(a, LAT_EINVAL, e->line, "the line is too long");
    }
    struct lat_loose_cable **list = &kept(a)->cables;
    while (*list) {
        list = &(*list)->next;
    }
    *list = new_cable(lat_control_graph(a->target->control), e, text, src, dst);
    return *list ? LAT_OK : lat_apply_fail_memory(a, e->line);
}
