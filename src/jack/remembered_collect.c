// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Writing the lines of a session from the wires.

#include "base/log.h"
#include "remembered.h"
#include "wires.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The wire that @p e is about, or NULL.
static struct wire *
find_wire(const struct lat_remembered *w, const struct wire_ends *e)
{
    for (struct wire *x = w->first; x; x = x->next) {
        if (!x->is_marked && x->is_output == e->is_output &&
            strcmp(x->own, e->own) == 0 &&
            (strcmp(x->ask, e->other) == 0 ||
             (x->other && strcmp(x->other, e->other) == 0))) {
            return x;
        }
    }
    return NULL;
}

static bool
is_connected(const struct wire *x)
{
    return !x->is_marked && x->state != WIRE_NONE &&
           (x->state == WIRE_PRESENT || x->must_return);
}

/// Is a connection of the rule there, or on its way?  The server may not have
/// answered yet; what a file says does not depend on how fast it is.
static bool
is_coming(const struct lat_remembered *w, const struct wire *x)
{
    return !x->is_marked &&
           (x->state == WIRE_WAITING || x->state == WIRE_TRIED) &&
           lat_wire_physical_number(x->ask) <= w->n_playback;
}

/// The rule's connections are written all or not at all: where it found one
/// port the other may come.
static bool
has_rule_connected(const struct lat_remembered *w)
{
    const struct wire *x = w->first;
    while (x && !(x->is_rule && (is_connected(x) || is_coming(w, x)))) {
        x = x->next;
    }
    return x;
}

/// Is it of a port that the session does not have any more?
static bool
is_leaving(const struct lat_remembered *w, const struct wire *x)
{
    const struct own_port *p = lat_wires_find_port(w, x->own);
    return p && p->is_leaving;
}

/// Is it a connection of the session, be it there or not?
static bool
is_of_session(const struct lat_remembered *w, const struct wire *x)
{
    if (x->is_marked || x->is_passing || x->state == WIRE_NONE ||
        is_leaving(w, x) || (x->state == WIRE_GONE && !x->has_lost_end)) {
        return false; // or taken out a moment ago
    }
    return is_connected(x) || (x->is_rule ? w->has_rule_connected : x->is_kept);
}

/// Has the port of @p x, which is to have none, a connection after all?
static bool
is_overruled(const struct lat_remembered *w, const struct wire *x)
{
    const struct wire *y = w->first;
    while (y && !(y->is_output == x->is_output && strcmp(y->own, x->own) == 0 &&
                  is_of_session(w, y))) {
        y = y->next;
    }
    return y;
}

static void
note_written(struct wire *x)
{
    x->is_written = true;
    x->is_kept = true;
    x->is_rule = false; // a line's from now on
}

/// Does a line still say the truth?
static bool
line_holds(const struct lat_remembered *w, const struct lat_line *line)
{
    struct wire_ends e;
    if (!lat_wire_parse(line, &e)) {
        return true; // not ours to judge
    }
    struct wire *x = find_wire(w, &e);
    lat_wire_ends_fini(&e);
    const bool is_none = x && x->state == WIRE_NONE;
    const bool was_taken_out = x && x->state == WIRE_GONE && !x->has_lost_end;
    if (!x || was_taken_out || is_leaving(w, x) ||
        (is_none && is_overruled(w, x))) {
        return false;
    }
    note_written(x);
    return true;
}

/// Did the user make the connection of @p x, which is the rule's, before?
static bool
is_made_by_hand(const struct lat_remembered *w, const struct wire *x)
{
    const struct wire *y = w->first;
    while (y && (y->is_rule || y->is_output != x->is_output || !y->other ||
                 !x->other || strcmp(y->own, x->own) != 0 ||
                 strcmp(y->other, x->other) != 0 || !is_connected(y))) {
        y = y->next;
    }
    return y;
}

/// Only where the rule would connect it must be said that a port is to have no
/// connection.
static bool
deserves_line(const struct lat_remembered *w, const struct wire *x)
{
    if (x->is_marked) {
        return false;
    }
    if (x->state == WIRE_NONE) {
        const struct own_port *p = lat_wires_find_port(w, x->own);
        return x->is_output && p && p->is_ruled && !is_overruled(w, x);
    }
    return is_of_session(w, x) && !(x->is_rule && is_made_by_hand(w, x));
}

static bool
is_new_line(const struct lat_remembered *w, const struct wire *x)
{
    return !x->is_written && deserves_line(w, x);
}

static uint32_t
order_of(const struct lat_remembered *w, const struct wire *x)
{
    const struct own_port *p = lat_wires_find_port(w, x->own);
    return p ? p->order : UINT32_MAX;
}

/// The next wire to be written, in the order of our ports.
static struct wire *
next_new_line(const struct lat_remembered *w)
{
    struct wire *best = NULL;
    for (struct wire *x = w->first; x; x = x->next) {
        if (!is_new_line(w, x)) {
            continue;
        }
        const uint32_t order = order_of(w, x);
        const uint32_t best_order = best ? order_of(w, best) : UINT32_MAX;
        const int by_own = best ? strcmp(x->own, best->own) : 0;
        if (!best || order < best_order ||
            (order == best_order &&
             (by_own < 0 || (!by_own && strverscmp(x->ask, best->ask) < 0)))) {
            best = x;
        }
    }
    return best;
}

static enum lat_status
append_line(struct lat_line **lines, const struct wire *x)
{
    char *text = NULL;
    if (strncmp(x->ask, PHYSICAL, strlen(PHYSICAL)) == 0 && !x->is_made) {
        lat_log(LAT_LOG_WARNING,
                "the connection of '%s' to '%s' is not saved: that name means "
                "a physical port",
                x->own, x->ask);
        return LAT_OK;
    }
    if (asprintf(&text, "%s -> %s", x->is_output ? x->own : x->ask,
                 x->is_output ? x->ask : x->own) < 0) {
        return LAT_ENOMEM;
    }
    const enum lat_status status =
        lat_line_append(lines, "connect", text, NULL);
    free(text);
    return status;
}

/// A connection may be known twice, as asked for and as made by hand.
static void
set_written(struct lat_remembered *w, struct wire *x)
{
    note_written(x);
    for (struct wire *y = w->first; y; y = y->next) {
        if (x->other && y->other && x->is_output == y->is_output &&
            strcmp(x->own, y->own) == 0 && strcmp(x->other, y->other) == 0) {
            note_written(y);
        }
    }
}

enum lat_status
lat_remembered_collect(struct lat_remembered *w, struct lat_line **lines)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_written = false;
        lat_wires_refuse(w, x);
    }
    w->has_rule_connected = has_rule_connected(w);
    struct lat_line **at = lines;
    while (*at) {
        struct lat_line *line = *at;
        if (line_holds(w, line)) {
            at = &line->next;
        } else {
            *at = line->next;
            line->next = NULL;
            lat_lines_free(&line);
        }
    }
    for (struct wire *x = w->first; x; x = x->next) {
        if (x->is_written) {
            set_written(w, x);
        }
    }
    struct wire *x = next_new_line(w);
    while (x) {
        const enum lat_status status = append_line(lines, x);
        if (status != LAT_OK) {
            return status;
        }
        set_written(w, x);
        x = next_new_line(w);
    }
    return LAT_OK;
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    } while (*text++);
    return hash;
}

uint64_t
lat_remembered_digest(struct lat_remembered *w)
{
    uint64_t digest = 0;
    w->has_rule_connected = has_rule_connected(w);
    for (const struct wire *x = w->first; x; x = x->next) {
        if (deserves_line(w, x)) {
            const uint64_t hash = hash_text(
                hash_text(UINT64_C(14695981039346656037) + x->is_output,
                          x->own),
                x->ask);
            digest += hash;
        }
    }
    return digest;
}
