// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "remembered.h"
#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A dying server takes ports away before it says goodbye.
#define MOURN_NS UINT64_C(3000000000)

#define PHYSICAL "physical:"
#define NOTHING  "nothing"

enum wire_state {
    WIRE_WAITING, ///< not there; made as soon as both ends are
    WIRE_TRIED,   ///< ordered since both ends are there
    WIRE_PRESENT,
    WIRE_GONE, ///< was present until gone_ns; not yet clear why it went
    WIRE_NONE, ///< leads nowhere, as the user wants it
};

struct wire {
    char *own;
    char *ask;   ///< the other end as the line says it, or as it was seen
    char *other; ///< the port that it stands for, once seen
    bool is_output;
    enum wire_state state;
    bool is_kept;     ///< remembered while the other end is absent
    bool is_made;     ///< by us: the next session may take it out
    bool is_rule;     ///< of the rule, not of a line
    bool is_marked;   ///< of the last session
    bool must_return; ///< was present when the server went
    bool has_lost_end;
    bool is_seen;    ///< scratch of update
    bool is_written; ///< scratch of collect
    uint64_t gone_ns;
    struct wire *next;
};

/// One of our ports; the list is in their order.
struct own_port {
    char *name;
    uint32_t order;
    bool is_ruled; ///< the rule would connect it
    struct own_port *next;
};

struct lat_remembered {
    bool no_connect;
    bool has_rule_connected; ///< scratch of collect
    struct wire *first;
    struct own_port *ports;
};

// Lines: `OUR_PORT -> CLIENT:PORT` or `CLIENT:PORT -> OUR_PORT`; two ports of
// ours may be connected too.  `nothing` stands for no port at all.

struct ends {
    char *own, *other;
    bool is_output;
};

static void
ends_fini(struct ends *e)
{
    free(e->own);
    free(e->other);
}

/// Can this be a port of ours?
static bool
is_own(const char *port, size_t length)
{
    return length > 0 && !memchr(port, ':', length) &&
           !memchr(port, ' ', length);
}

/// Split a line at the first arrow that makes sense: other clients' names may
/// hold arrows, ours have no colon.  @return false if it is not a connection.
static bool
parse_line(const struct lat_line *line, struct ends *out)
{
    static const char separator[] = " -> ";
    if (strcmp(line->key, "connect") != 0) {
        return false;
    }
    for (const char *arrow = strstr(line->text, separator); arrow;
         arrow = strstr(arrow + 1, separator)) {
        const size_t n = (size_t)(arrow - line->text);
        const char *to = arrow + sizeof(separator) - 1;
        const bool is_from_nothing =
            n == strlen(NOTHING) && memcmp(line->text, NOTHING, n) == 0;
        const bool is_output = !is_from_nothing && is_own(line->text, n);
        if (!is_output && !is_own(to, strlen(to))) {
            continue;
        }
        char *left = strndup(line->text, n);
        char *right = lat_strdup(to);
        *out = (struct ends){
            .own = is_output ? left : right,
            .other = is_output ? right : left,
            .is_output = is_output,
        };
        if (left && right) {
            return true;
        }
        ends_fini(out);
    }
    return false;
}

bool
lat_remembered_in_lines(const struct lat_line *lines, const char *own)
{
    for (; lines; lines = lines->next) {
        struct ends e;
        if (!parse_line(lines, &e)) {
            continue;
        }
        const bool is_it = strcmp(e.own, own) == 0 || strcmp(e.other, own) == 0;
        ends_fini(&e);
        if (is_it) {
            return true;
        }
    }
    return false;
}

/// Is this the N-th physical port?  @return N, or 0 if it is the name of one.
static uint32_t
physical_number(const char *ask)
{
    const size_t n = strlen(PHYSICAL);
    if (strncmp(ask, PHYSICAL, n) != 0 || !ask[n] ||
        strspn(ask + n, "0123456789") != strlen(ask + n)) {
        return 0; // or of a client called "physical"
    }
    return (uint32_t)strtoul(ask + n, NULL, 10);
}

// The list of wires.

enum lat_status
lat_remembered_new(bool no_connect, struct lat_remembered **out)
{
    struct lat_remembered *w = calloc(1, sizeof(*w));
    if (!w) {
        return LAT_ENOMEM;
    }
    w->no_connect = no_connect;
    *out = w;
    return LAT_OK;
}

static void
wire_free(struct wire *x)
{
    free(x->own);
    free(x->ask);
    free(x->other);
    free(x);
}

void
lat_remembered_free(struct lat_remembered *w)
{
    if (!w) {
        return;
    }
    while (w->first) {
        struct wire *x = w->first;
        w->first = x->next;
        wire_free(x);
    }
    while (w->ports) {
        struct own_port *p = w->ports;
        w->ports = p->next;
        free(p->name);
        free(p);
    }
    free(w);
}

static struct own_port *
find_port(const struct lat_remembered *w, const char *own)
{
    struct own_port *p = w->ports;
    while (p && strcmp(p->name, own) != 0) {
        p = p->next;
    }
    return p;
}

/// @return the new wire, the one that is there already, or NULL.
static struct wire *
add_wire(struct lat_remembered *w, const char *own, const char *ask,
         bool is_output)
{
    struct wire **end = &w->first;
    for (; *end; end = &(*end)->next) {
        struct wire *x = *end;
        if (x->is_output == is_output && strcmp(x->own, own) == 0 &&
            strcmp(x->ask, ask) == 0) {
            return x;
        }
    }
    struct wire *x = calloc(1, sizeof(*x));
    if (!x) {
        return NULL;
    }
    x->own = lat_strdup(own);
    x->ask = lat_strdup(ask);
    x->is_output = is_output;
    if (!x->own || !x->ask) {
        wire_free(x);
        return NULL;
    }
    *end = x;
    return x;
}

/// Add a wire that we make ourselves.
/// @return it, or NULL.
static struct wire *
add_ours(struct lat_remembered *w, const char *own, const char *ask,
         bool is_output)
{
    struct wire *x = add_wire(w, own, ask, is_output);
    if (!x) {
        return NULL;
    }
    x->is_kept = true;
    x->is_made = true;
    x->is_marked = false;
    if (x->state != WIRE_PRESENT) {
        x->state = WIRE_WAITING;
    }
    return x;
}

/// Note that a port is to have no connection; where it gets one after all, that
/// counts.
static void
add_nothing(struct lat_remembered *w, const char *own, bool is_output)
{
    struct wire *x = add_ours(w, own, NOTHING, is_output);
    if (x) {
        x->state = WIRE_NONE;
    }
}

static void
add_line(struct lat_remembered *w, const struct ends *e)
{
    if (strcmp(e->other, NOTHING) == 0) {
        add_nothing(w, e->own, e->is_output);
        return;
    }
    struct wire *x = add_ours(w, e->own, e->other, e->is_output);
    if (x) {
        x->is_rule = false;
    }
}

// Our ports.

void
lat_remembered_port_added(struct lat_remembered *w, const char *own,
                          uint32_t order, const struct lat_line *lines)
{
    if (find_port(w, own)) {
        return;
    }
    struct own_port *p = calloc(1, sizeof(*p));
    char *name = lat_strdup(own);
    if (!p || !name) {
        free(p);
        free(name);
        return;
    }
    p->name = name;
    p->order = order;
    struct own_port **at = &w->ports;
    while (*at && (*at)->order <= order) {
        at = &(*at)->next;
    }
    p->next = *at;
    *at = p;
    for (; lines; lines = lines->next) {
        struct ends e;
        if (!parse_line(lines, &e)) {
            continue;
        }
        if (strcmp(e.own, own) == 0) {
            add_line(w, &e);
        }
        ends_fini(&e);
    }
}

void
lat_remembered_port_removed(struct lat_remembered *w, const char *own)
{
    for (struct own_port **at = &w->ports; *at; at = &(*at)->next) {
        if (strcmp((*at)->name, own) == 0) {
            struct own_port *p = *at;
            *at = p->next;
            free(p->name);
            free(p);
            break;
        }
    }
    struct wire **at = &w->first;
    while (*at) {
        struct wire *x = *at;
        if (strcmp(x->own, own) == 0) {
            *at = x->next;
            wire_free(x);
        } else {
            at = &x->next;
        }
    }
}

static void
replace(char **text, const char *with)
{
    char *copy = lat_strdup(with);
    if (copy) {
        free(*text);
        *text = copy;
    }
}

static void
rename_in_line(struct lat_line *line, const char *own, const char *name)
{
    struct ends e;
    if (!parse_line(line, &e)) {
        return;
    }
    const char *from = e.is_output ? e.own : e.other;
    const char *to = e.is_output ? e.other : e.own;
    const bool is_from = strcmp(from, own) == 0;
    const bool is_to = strcmp(to, own) == 0;
    if (is_from || is_to) {
        char *text = NULL;
        if (asprintf(&text, "%s -> %s", is_from ? name : from,
                     is_to ? name : to) >= 0) {
            free(line->text);
            line->text = text;
        }
    }
    ends_fini(&e);
}

void
lat_remembered_port_renamed(struct lat_remembered *w, const char *own,
                            const char *name, struct lat_line *lines)
{
    struct own_port *p = find_port(w, own);
    if (p) {
        replace(&p->name, name);
    }
    for (struct wire *x = w->first; x; x = x->next) {
        if (strcmp(x->own, own) == 0) {
            replace(&x->own, name);
        }
        if (strcmp(x->ask, own) == 0) {
            replace(&x->ask, name);
        }
        if (x->other && strcmp(x->other, own) == 0) {
            replace(&x->other, name);
        }
    }
    for (; lines; lines = lines->next) {
        rename_in_line(lines, own, name);
    }
}

// Sessions.

/// A line that wants no connection means those made by hand too.
static void
mark_all(struct lat_remembered *w, const struct ends *e)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_marked |=
            x->is_output == e->is_output && strcmp(x->own, e->own) == 0;
    }
}

static void
mark_last_session(struct lat_remembered *w, const struct lat_line *lines)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_marked = x->is_made;
    }
    for (; lines; lines = lines->next) {
        struct ends e;
        if (parse_line(lines, &e)) {
            if (strcmp(e.other, NOTHING) == 0) {
                mark_all(w, &e);
            }
            ends_fini(&e);
        }
    }
}

void
lat_remembered_load(struct lat_remembered *w, const struct lat_line *lines)
{
    mark_last_session(w, lines);
    for (; lines; lines = lines->next) {
        struct ends e;
        if (!parse_line(lines, &e)) {
            lat_log(LAT_LOG_WARNING,
                    "[jack] '%s = %s' is not understood: write 'connect = "
                    "OUR_PORT -> CLIENT:PORT', or the other way round",
                    lines->key, lines->text);
            continue;
        }
        if (find_port(w, e.own)) {
            add_line(w, &e);
        } else {
            lat_log(LAT_LOG_WARNING,
                    "[jack] '%s': this session has no port '%s'", lines->text,
                    e.own);
        }
        ends_fini(&e);
    }
}

bool
lat_remembered_is_refused(const struct lat_remembered *w, const char *own)
{
    const struct wire *x = w->first;
    while (x && (x->state != WIRE_NONE || x->is_marked || !x->is_output ||
                 strcmp(x->own, own) != 0)) {
        x = x->next;
    }
    return x;
}

void
lat_remembered_add_default(struct lat_remembered *w, const char *own,
                           uint32_t n)
{
    if (w->no_connect) {
        return;
    }
    char ask[32];
    snprintf(ask, sizeof(ask), PHYSICAL "%u", n);
    struct wire *x = add_ours(w, own, ask, true);
    if (x) {
        x->is_rule = true;
    }
}

void
lat_remembered_drop_default(struct lat_remembered *w, const char *own,
                            uint32_t n)
{
    for (struct wire *x = w->first; x; x = x->next) {
        x->is_marked |= x->is_rule && physical_number(x->ask) == n &&
                        strcmp(x->own, own) == 0;
    }
}

void
lat_remembered_set_ruled(struct lat_remembered *w, const char *own,
                         bool is_ruled)
{
    struct own_port *p = find_port(w, own);
    if (p) {
        p->is_ruled = is_ruled;
    }
}

// Comparing with the server.

static bool
is_midi(const char *own)
{
    return strcmp(own, "midi_in") == 0;
}

static bool
has_port(const struct lat_jack_view *view, const char *port)
{
    return lat_names_have(strchr(port, ':') ? &view->others : &view->own, port);
}

/// The port that a wire's other end stands for, or NULL.  Which is the N-th
/// physical port may change with every device that comes; who is connected to
/// one stays with it as long as it is there.
static const char *
resolve(const struct wire *x, const struct lat_jack_view *view)
{
    const uint32_t n = physical_number(x->ask);
    if (!n) {
        return x->ask;
    }
    if (x->other && has_port(view, x->other)) {
        return x->other;
    }
    enum lat_physical kind =
        x->is_output ? LAT_PHYSICAL_PLAYBACK : LAT_PHYSICAL_CAPTURE;
    if (is_midi(x->own)) {
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
        bool is_known = !find_port(w, pair->own); // it is about to go
        for (struct wire *x = w->first; x; x = x->next) {
            const char *other = resolve(x, view);
            if (x->is_output == pair->is_output &&
                strcmp(x->own, pair->own) == 0 && other &&
                strcmp(other, pair->other) == 0) {
                x->is_seen = true;
                is_known = true;
            }
        }
        if (!is_known) {
            struct wire *x =
                add_wire(w, pair->own, pair->other, pair->is_output);
            if (x) {
                x->is_seen = true;
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
        replace(&x->other, other);
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
        const char *same = y->is_marked ? NULL : resolve(y, u->view);
        if (same && y->is_output == x->is_output &&
            strcmp(y->own, x->own) == 0 && strcmp(same, other) == 0) {
            return true;
        }
    }
    return false;
}

/// @return false when the wire is to be forgotten.
static bool
update_wire(const struct update *u, struct wire *x)
{
    if (x->state == WIRE_NONE) {
        return !x->is_marked;
    }
    const char *other = resolve(x, u->view);
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
    if (x->state == WIRE_GONE && !mourn(u, x)) {
        return false;
    }
    const bool are_ends_there = other &&
                                lat_names_have(&u->view->own, x->own) &&
                                has_port(u->view, other);
    if (x->state == WIRE_TRIED && !are_ends_there) {
        x->state = WIRE_WAITING;
    }
    if (x->state == WIRE_WAITING && are_ends_there && !u->w->no_connect) {
        x->state = WIRE_TRIED;
        give_order(u, x, other, true);
        replace(&x->other, other);
    }
    return true;
}

/// If a wire was taken out by hand its port is to have none.  What the rule
/// would still connect it to is then not wanted either.
static void
refuse(struct lat_remembered *w, const struct wire *x)
{
    if (x->state != WIRE_GONE || x->has_lost_end || x->is_marked) {
        return;
    }
    for (struct wire *y = w->first; y; y = y->next) {
        y->is_marked |= y->is_rule && y->state == WIRE_WAITING &&
                        strcmp(y->own, x->own) == 0;
    }
    add_nothing(w, x->own, x->is_output);
}

bool
lat_remembered_update(struct lat_remembered *w,
                      const struct lat_jack_view *view, uint64_t now_ns,
                      lat_remembered_order_fn order, void *data)
{
    const struct update u = {w, view, now_ns, order, data};
    bool is_unsettled = false;
    see_pairs(w, view);
    struct wire **at = &w->first;
    while (*at) {
        struct wire *x = *at;
        if (update_wire(&u, x)) {
            is_unsettled |= x->state == WIRE_GONE && !x->has_lost_end;
            at = &x->next;
        } else {
            refuse(w, x);
            *at = x->next;
            wire_free(x);
        }
    }
    return is_unsettled;
}

void
lat_remembered_warn(const struct lat_remembered *w)
{
    for (const struct wire *x = w->first; x && !w->no_connect; x = x->next) {
        if (x->state == WIRE_WAITING && x->is_made) {
            lat_log(LAT_LOG_WARNING,
                    "JACK port '%s' is not there; '%s' is connected to it when "
                    "it appears",
                    x->ask, x->own);
        }
    }
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

// Writing.

/// The wire that @p e is about, or NULL.
static struct wire *
find_wire(const struct lat_remembered *w, const struct ends *e)
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

/// The rule's connections are written all or not at all: where it found one
/// port the other may come.
static bool
has_rule_connected(const struct lat_remembered *w)
{
    const struct wire *x = w->first;
    while (x && !(x->is_rule && is_connected(x))) {
        x = x->next;
    }
    return x;
}

/// Is it a connection of the session, be it there or not?
static bool
is_of_session(const struct lat_remembered *w, const struct wire *x)
{
    if (x->is_marked || x->state == WIRE_NONE ||
        (x->state == WIRE_GONE && !x->has_lost_end)) {
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
    struct ends e;
    if (!parse_line(line, &e)) {
        return true; // not ours to judge
    }
    struct wire *x = find_wire(w, &e);
    ends_fini(&e);
    const bool is_none = x && x->state == WIRE_NONE;
    const bool was_taken_out = x && x->state == WIRE_GONE && !x->has_lost_end;
    if (!x || was_taken_out || (is_none && is_overruled(w, x))) {
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
is_new_line(const struct lat_remembered *w, const struct wire *x)
{
    if (x->is_written || x->is_marked) {
        return false;
    }
    if (x->state == WIRE_NONE) {
        const struct own_port *p = find_port(w, x->own);
        return x->is_output && p && p->is_ruled && !is_overruled(w, x);
    }
    return is_of_session(w, x) &&
           (x->is_rule ? !is_made_by_hand(w, x) : is_connected(x));
}

static uint32_t
order_of(const struct lat_remembered *w, const struct wire *x)
{
    const struct own_port *p = find_port(w, x->own);
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
        if (!best || order < order_of(w, best) ||
            (order == order_of(w, best) && strverscmp(x->ask, best->ask) < 0)) {
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
        refuse(w, x);
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
