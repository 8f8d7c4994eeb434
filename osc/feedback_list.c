// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The list of those whom feedback is for.

#include "feedback_state.h"

#include <stdlib.h>
#include <string.h>

/// Subscriptions of all but a session's, of one sender, and lines of a session.
#define MAX_ALL   512U
#define MAX_ONE   64U
#define MAX_LINES 128U

struct lat_subscriber *
lat_feedback_add(struct lat_osc_feedback *f, const struct lat_osc_peer *from,
                 const struct lat_osc_peer *to, const char *pattern, double hz,
                 struct lat_error *error)
{
    const bool is_line = to->socket == LAT_OSC_OUTGOING;
    uint32_t n_lines = 0;
    uint32_t n_of_it = 0;
    struct lat_subscriber **end = &f->first;
    for (; *end; end = &(*end)->next) {
        n_lines += (*end)->line != 0;
        n_of_it += !(*end)->line && lat_osc_is_same_peer(&(*end)->from, from);
    }
    if (is_line && n_lines == MAX_LINES) {
        lat_error_set(error, LAT_EFULL, "a session has %u lines of it at most",
                      MAX_LINES);
        return NULL;
    }
    if (!is_line && (f->n - n_lines == MAX_ALL || n_of_it == MAX_ONE)) {
        lat_error_set(error, LAT_EFULL,
                      "%u of at most %u subscriptions are there, and you have "
                      "%u of at most %u; /unsubscribe PATTERN ends one",
                      f->n - n_lines, MAX_ALL, n_of_it, MAX_ONE);
        return NULL;
    }
    struct lat_subscriber *const s = calloc(1, sizeof(*s));
    char *const copy = strdup(pattern);
    char *const asked = strdup(pattern);
    if (!s || !copy || !asked) {
        free(s);
        free(copy);
        free(asked);
        lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
        return NULL;
    }
    s->peer = *to;
    s->from = *from;
    s->pattern = copy;
    s->asked = asked;
    s->interval_ns = (uint64_t)(1e9 / hz);
    s->wake_ns = UINT64_MAX;
    *end = s;
    ++f->n;
    return s;
}

void
lat_feedback_drop(struct lat_osc_feedback *f, struct lat_subscriber **at)
{
    struct lat_subscriber *const s = *at;
    *at = s->next;
    --f->n;
    lat_feedback_drop_items(f, s);
    free(s->pattern);
    free(s->asked);
    free(s);
}

void
lat_feedback_drop_lines(struct lat_osc_feedback *f)
{
    for (struct lat_subscriber **at = &f->first; *at;) {
        if ((*at)->line) {
            lat_feedback_drop(f, at);
        } else {
            at = &(*at)->next;
        }
    }
}
