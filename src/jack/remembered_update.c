// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Comparing the wires with what the server shows.

#include "remembered.h"
#include "wires.h"

#include <string.h>

// A device takes its ports away one by one: only after this time another port
// takes the place of one.
#define MOVE_NS UINT64_C(1000000000)

// A dying server takes ports away before it says goodbye.
#define MOURN_NS UINT64_C(3000000000)

/// A wire that is not taken is tried so often.
#define MOST_TRIES 10U

static bool
has_port(const struct lat_jack_view *view, const char *port)
{
    return lat_names_have(strchr(port, ':') ? &view->others : &view->own, port);
}

/// The port that a wire's other end stands for, or NULL.  Which is the N-th
/// physical port may change with every device that comes; who is connected to
/// one stays with it as long as it is there.
static const char *
resolve(const struct lat_remembered *w, const struct wire *x,
        const struct lat_jack_view *view)
{
    const uint32_t n = lat_wire_physical_number(x->ask);
    if (!n) {
        return x->ask;
    }
    if (x->other && has_port(view, x->other)) {
        return x->other;
    }
    enum lat_physical kind =
        x->is_output ? LAT_PHYSICAL_PLAYBACK : LAT_PHYSICAL_CAPTURE;
    const struct own_port *own = lat_wires_find_port(w, x->own);
    if (own && own->is_midi) {
        kind = x->is_output ? LAT_PHYSICAL_MIDI_PLAYBACK
                            : LAT_PHYSICAL_MIDI_CAPTURE;
    }
    const struct lat_names *names = &view->physical[kind];
    return n <= names->n ? names->at[n - 1] : NULL;
}

/// Note which wires the server shows; those made by others are new.
static void
see_pairs(struct lat_remembered *w, const struct lat_jack_view *view)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_seen = false;
    }
    for (uint32_t i = 0; i < view->n_pairs; ++i) {
        const struct lat_jack_pair *pair = &view->pairs[i];
        // One of ours may be about to go.
        bool is_known =
            !lat_wires_find_port(w, pair->own) ||
            (!strchr(pair->other, ':') && !lat_wires_find_port(w, pair->other));
        for (struct wire *x = w->first; x; x = x->next) {
            const char *other = resolve(w, x, view);
            if (x->is_output == pair->is_output &&
                strcmp(x->own, pair->own) == 0 && other &&
                strcmp(other, pair->other) == 0) {
                x->is_seen = true;
                is_known = true;
            }
        }
        if (!is_known) {
            struct wire *x =
                lat_wires_add(w, pair->own, pair->other, pair->is_output);
            if (x) {
                x->is_seen = true;
                x->is_kept = true;
            }
        }
    }
}

struct update {
    const struct lat_remembered *w;
    const struct lat_jack_view *view;
    uint64_t now_ns;
    lat_remembered_order_fn order;
    void *data;
    bool is_unsettled; ///< look again soon
};

static void
give_order(const struct update *u, const struct wire *x, const char *other,
           bool is_connect)
{
    u->order(u->data, is_connect, x->is_output ? x->own : other,
             x->is_output ? other : x->own);
}

static void
be_present(struct wire *x, const char *other)
{
    if (!x->other || strcmp(x->other, other) != 0) {
        lat_wire_replace(&x->other, other);
    }
    x->state = WIRE_PRESENT;
    x->must_return = false;
}

static void
be_gone(struct wire *x, uint64_t now_ns)
{
    x->state = WIRE_GONE;
    x->gone_ns = now_ns;
    x->has_lost_end = false;
}

/// Whoever came anew was away before: nobody took its wires out.
static void
meet_again(const struct update *u, struct wire *x, const char *other)
{
    if (!other || !lat_names_have(&u->view->came, other)) {
        return;
    }
    if (x->state == WIRE_TRIED) {
        x->state = WIRE_WAITING;
    } else if (x->state == WIRE_GONE) {
        x->has_lost_end = true;
    }
}

/// A wire that went a while ago.  @return false when it is to be forgotten.
static bool
mourn(const struct update *u, struct wire *x)
{
    const uint64_t age_ns = u->now_ns - x->gone_ns;
    if (!lat_names_have(&u->view->own, x->own) ||
        !has_port(u->view, x->other)) {
        x->has_lost_end = true;
    }
    if (x->has_lost_end && x->is_kept) {
        x->state = WIRE_WAITING;
        return true;
    }
    return age_ns <= (x->has_lost_end ? MOURN_NS : LAT_REMEMBERED_SETTLE_NS);
}

/// Does a wire of the present session stand for the connection of @p x too?
static bool
is_still_wanted(const struct update *u, const struct wire *x, const char *other)
{
    for (const struct wire *y = u->w->first; y; y = y->next) {
        const char *same = y->is_marked ? NULL : resolve(u->w, y, u->view);
        if (same && y->is_output == x->is_output &&
            strcmp(y->own, x->own) == 0 && strcmp(same, other) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_of_process(const char *port)
{
    return !strchr(port, ':') && strchr(port, '/');
}

/// The clock, and what goes forward, is connected first: or the engine might
/// wait for a process.
static bool
is_too_early(const struct update *u, const struct wire *x)
{
    return !u->view->is_wired &&
           (is_of_process(x->own) || is_of_process(x->ask));
}

/// Would it lead to another physical port, because its own went just now?
static bool
is_moving(const struct update *u, const struct wire *x, const char *other)
{
    return x->other && strcmp(x->other, other) != 0 &&
           u->now_ns - x->gone_ns < MOVE_NS;
}

static void
try_wire(struct update *u, struct wire *x, const char *other)
{
    x->n_tries = x->state == WIRE_TRIED ? x->n_tries + 1 : 1;
    x->state = WIRE_TRIED;
    x->tried_ns = u->now_ns;
    give_order(u, x, other, true);
}

/// Nobody was seen to be connected: a client that is not active yet, or leaves,
/// takes no wire.
static void
try_again(struct update *u, struct wire *x, const char *other)
{
    if (x->state != WIRE_TRIED || x->n_tries >= MOST_TRIES) {
        return;
    }
    u->is_unsettled = true;
    if (u->now_ns - x->tried_ns >= LAT_REMEMBERED_SETTLE_NS) {
        try_wire(u, x, other);
    }
}

/// @return false when the wire is to be forgotten.
static bool
update_wire(struct update *u, struct wire *x)
{
    if (x->state == WIRE_NONE) {
        return !x->is_marked;
    }
    const char *other = resolve(u->w, x, u->view);
    if (x->is_marked) {
        if (x->is_seen && !is_still_wanted(u, x, other)) {
            give_order(u, x, other, false);
        }
        return false;
    }
    if (x->is_seen) {
        be_present(x, other);
        return true;
    }
    if (x->state == WIRE_PRESENT) {
        be_gone(x, u->now_ns);
    }
    meet_again(u, x, other);
    if (x->state == WIRE_GONE && !mourn(u, x)) {
        return false;
    }
    const bool are_ends_there = other &&
                                lat_names_have(&u->view->own, x->own) &&
                                has_port(u->view, other);
    if (x->state == WIRE_TRIED && !are_ends_there) {
        x->state = WIRE_WAITING;
    }
    if (are_ends_there) {
        try_again(u, x, other);
    }
    if (x->state == WIRE_WAITING && are_ends_there && !u->w->no_connect &&
        !is_too_early(u, x)) {
        if (is_moving(u, x, other)) {
            u->is_unsettled = true;
            return true;
        }
        try_wire(u, x, other);
        lat_wire_replace(&x->other, other);
    }
    return true;
}

/// Connect the MIDI sources that have come.
static void
connect_midi(struct lat_remembered *w, const struct lat_jack_view *view)
{
    const struct lat_names *now = &view->physical[LAT_PHYSICAL_MIDI_CAPTURE];
    struct lat_names sources = {0};
    for (uint32_t i = 0; i < now->n; ++i) {
        struct wire *x =
            lat_names_have(&w->sources, now->at[i])
                ? NULL
                : lat_wires_add(w, LAT_MIDI_PORT, now->at[i], false);
        if (x && !x->is_kept && !x->is_made) {
            x->is_passing = x->is_made = true;
        }
        if (x && x->state == WIRE_GONE) {
            x->state = WIRE_WAITING;
        }
        (void)lat_names_add(&sources, now->at[i]);
    }
    lat_names_sort(&sources);
    lat_names_fini(&w->sources);
    w->sources = sources;
}

bool
lat_remembered_update(struct lat_remembered *w,
                      const struct lat_jack_view *view, uint64_t now_ns,
                      lat_remembered_order_fn order, void *data)
{
    struct update u = {w, view, now_ns, order, data, false};
    w->n_playback = view->physical[LAT_PHYSICAL_PLAYBACK].n;
    if (w->connects_midi) {
        connect_midi(w, view);
    }
    see_pairs(w, view);
    struct wire **at = &w->first;
    while (*at) {
        struct wire *x = *at;
        if (update_wire(&u, x)) {
            u.is_unsettled |= x->state == WIRE_GONE && !x->has_lost_end;
            at = &x->next;
        } else {
            lat_wires_refuse(w, x);
            *at = x->next;
            lat_wire_free(x);
        }
    }
    return u.is_unsettled;
}

void
lat_remembered_lost(struct lat_remembered *w, uint64_t now_ns)
{
    for (struct wire *x = w->first; x; x = x->next) {
        if (x->state == WIRE_NONE) {
            continue;
        }
        const bool is_mourned =
            x->state == WIRE_GONE && now_ns - x->gone_ns <= MOURN_NS;
        x->must_return |= x->state == WIRE_PRESENT || is_mourned;
        if (x->must_return || x->is_kept) {
            x->state = WIRE_WAITING;
        }
    }
}
