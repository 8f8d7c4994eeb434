// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Cables that are JACK connections, kept as they should be by the link's
// thread.  Their order matters: jackd makes the connection that closes a loop
// of clients its feedback edge, one period late.  So the clock comes first and
// puts the engine before every process; then what goes forward; then what goes
// back.  When something that goes forward has to be made again, connections
// that go back between processes are taken out before and made after it.
//
// A process that was killed leaves what it said of its ports in the server's
// database, where it would describe the next owner of the same place; whoever
// has seen the port takes it out.

#include "base/log.h"
#include "base/text.h"
#include "link_state.h"

#include <jack/metadata.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORGET_NS UINT64_C(15000000000)
#define SETTLE_NS UINT64_C(1000000000) // ports go after their connections

void
lat_spell_out(char *name)
{
    for (; *name; ++name) {
        if (*name == '/' || *name == '_') {
            *name = ' ';
        }
    }
}

void
lat_jack_plan_fini(struct lat_jack_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_wires; ++i) {
        free(plan->wires[i].from);
        free(plan->wires[i].to);
    }
    free(plan->wires);
    free(plan->labels);
    *plan = (struct lat_jack_plan){0};
}

/// Room for one more, in steps of 16; an array that has shrunk may be larger.
static void *
grow(void *array, uint32_t n, size_t element)
{
    return n % 16 ? array : realloc(array, (n + (size_t)16) * element);
}

enum lat_status
lat_jack_plan_add_wire(struct lat_jack_plan *plan, const char *from,
                       const char *to, enum lat_jack_rank rank)
{
    struct lat_jack_wire *wires =
        grow(plan->wires, plan->n_wires, sizeof(*wires));
    if (!wires) {
        return LAT_ENOMEM;
    }
    plan->wires = wires;
    const struct lat_jack_wire wire = {lat_strdup(from), lat_strdup(to), rank};
    if (!wire.from || !wire.to) {
        free(wire.from);
        free(wire.to);
        return LAT_ENOMEM;
    }
    wires[plan->n_wires++] = wire;
    return LAT_OK;
}

enum lat_status
lat_jack_plan_add_label(struct lat_jack_plan *plan,
                        const struct lat_jack_label *label)
{
    struct lat_jack_label *labels =
        grow(plan->labels, plan->n_labels, sizeof(*labels));
    if (!labels) {
        return LAT_ENOMEM;
    }
    plan->labels = labels;
    labels[plan->n_labels++] = *label;
    return LAT_OK;
}

bool
lat_jack_plan_copy(const struct lat_jack_plan *plan, struct lat_jack_plan *out)
{
    enum lat_status status = LAT_OK;
    *out = (struct lat_jack_plan){0};
    for (uint32_t i = 0; !status && i < plan->n_wires; ++i) {
        const struct lat_jack_wire *w = &plan->wires[i];
        status = lat_jack_plan_add_wire(out, w->from, w->to, w->rank);
    }
    for (uint32_t i = 0; !status && i < plan->n_labels; ++i) {
        status = lat_jack_plan_add_label(out, &plan->labels[i]);
    }
    if (status) {
        lat_jack_plan_fini(out);
    }
    return !status;
}

static jack_port_t *
find(const struct lat_link *l, const char *name)
{
    char full[600];
    lat_link_full_name(l, name, full, sizeof(full));
    return jack_port_by_name(l->client, full);
}

static bool
is_there(const struct lat_link *l, const struct lat_jack_wire *w)
{
    return find(l, w->from) && find(l, w->to);
}

static bool
is_connected(const struct lat_link *l, const struct lat_jack_wire *w)
{
    char to[600];
    jack_port_t *from = find(l, w->from);
    lat_link_full_name(l, w->to, to, sizeof(to));
    return from && jack_port_connected_to(from, to);
}

static bool
change(struct lat_link *l, const struct lat_jack_wire *w, bool is_connect)
{
    char from[600];
    char to[600];
    lat_link_full_name(l, w->from, from, sizeof(from));
    lat_link_full_name(l, w->to, to, sizeof(to));
    const int rc = is_connect ? jack_connect(l->client, from, to)
                              : jack_disconnect(l->client, from, to);
    if (rc != 0) {
        lat_log(LAT_LOG_DEBUG, "JACK does not %s '%s' and '%s' (%d)",
                is_connect ? "connect" : "disconnect", from, to, rc);
    }
    return rc == 0;
}

// What is said of the ports of processes.

/// What is known of this very port, or NULL.
static struct foreign_port *
find_foreign(const struct lat_link *l, const char *port, jack_uuid_t uuid)
{
    for (uint32_t i = 0; i < l->n_foreign; ++i) {
        if (l->foreign[i].uuid == uuid &&
            strcmp(l->foreign[i].label.port, port) == 0) {
            return &l->foreign[i];
        }
    }
    return NULL;
}

static bool
is_same_label(const struct lat_jack_label *a, const struct lat_jack_label *b)
{
    return strcmp(a->pretty, b->pretty) == 0 &&
           strcmp(a->group, b->group) == 0 && a->order == b->order &&
           a->is_cv == b->is_cv && a->is_midi == b->is_midi;
}

static void
set_label(struct lat_link *l, const struct lat_jack_label *label)
{
    jack_port_t *port = jack_port_by_name(l->client, label->port);
    const jack_uuid_t uuid = port ? jack_port_uuid(port) : 0;
    struct foreign_port *f = port ? find_foreign(l, label->port, uuid) : NULL;
    if (!port || (f && is_same_label(&f->label, label))) {
        return;
    }
    if (!f) {
        struct foreign_port *grown =
            grow(l->foreign, l->n_foreign, sizeof(*grown));
        if (!grown) {
            return;
        }
        l->foreign = grown;
        f = &grown[l->n_foreign++];
    }
    f->label = *label;
    f->uuid = uuid;
    f->seen_ns = lat_now_ns();
    lat_link_set_label(l, uuid, label);
}

static bool
uuid_is_used(struct lat_link *l, jack_uuid_t uuid)
{
    const char **names = jack_get_ports(l->client, NULL, NULL, 0);
    bool is_used = false;
    for (uint32_t i = 0; names && names[i] && !is_used; ++i) {
        jack_port_t *port = jack_port_by_name(l->client, names[i]);
        is_used = port && jack_port_uuid(port) == uuid;
    }
    jack_free((void *)names);
    return is_used;
}

/// What is said of a port that stays away; one that comes back soon finds it.
static void
forget_dead(struct lat_link *l)
{
    const uint64_t now_ns = lat_now_ns();
    uint32_t kept = 0;
    for (uint32_t i = 0; i < l->n_foreign; ++i) {
        struct foreign_port *f = &l->foreign[i];
        jack_port_t *port = jack_port_by_name(l->client, f->label.port);
        if (port && jack_port_uuid(port) == f->uuid) {
            f->seen_ns = now_ns;
        }
        if (now_ns - f->seen_ns < FORGET_NS) {
            l->foreign[kept++] = *f;
        } else if (!uuid_is_used(l, f->uuid)) {
            lat_link_forget(l, f->uuid);
        }
    }
    l->n_foreign = kept;
}

// What others connect to the ports of processes comes back with the process, as
// it does with all of our ports when a server comes back.

static bool
is_planned(const struct lat_link *l, const char *from, const char *to)
{
    char a[600];
    char b[600];
    for (uint32_t i = 0; i < l->plan.n_wires; ++i) {
        lat_link_full_name(l, l->plan.wires[i].from, a, sizeof(a));
        lat_link_full_name(l, l->plan.wires[i].to, b, sizeof(b));
        if (strcmp(a, from) == 0 && strcmp(b, to) == 0) {
            return true;
        }
    }
    return false;
}

static void
note_hand(struct lat_link *l, const char *from, const char *to)
{
    for (uint32_t i = 0; i < l->n_hand; ++i) {
        if (strcmp(l->hand[i].from, from) == 0 &&
            strcmp(l->hand[i].to, to) == 0) {
            return;
        }
    }
    struct hand_wire *grown = grow(l->hand, l->n_hand, sizeof(*grown));
    const struct hand_wire h = {.from = lat_strdup(from), .to = lat_strdup(to)};
    if (grown) {
        l->hand = grown;
    }
    if (grown && h.from && h.to) {
        grown[l->n_hand++] = h;
    } else {
        free(h.from);
        free(h.to);
    }
}

static void
look_for_hands(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->n_foreign; ++i) {
        const char *name = l->foreign[i].label.port;
        jack_port_t *port = jack_port_by_name(l->client, name);
        const char **found =
            port ? jack_port_get_all_connections(l->client, port) : NULL;
        for (uint32_t k = 0; found && found[k]; ++k) {
            const bool is_out = (jack_port_flags(port) & JackPortIsOutput) != 0;
            const char *from = is_out ? name : found[k];
            const char *to = is_out ? found[k] : name;
            if (!is_planned(l, from, to)) {
                note_hand(l, from, to);
            }
        }
        jack_free((void *)found);
    }
}

/// @return false when it is to be forgotten.
static bool
keep_hand(struct lat_link *l, struct hand_wire *h, uint64_t now_ns)
{
    const struct lat_jack_wire w = {h->from, h->to, LAT_RANK_FORWARD};
    if (is_planned(l, h->from, h->to)) {
        return false; // a cable now
    }
    if (is_connected(l, &w)) {
        h->is_gone = false;
        h->missing_ns = 0;
    } else if (!is_there(l, &w)) {
        h->missing_ns = h->is_gone ? h->missing_ns : now_ns;
        h->is_gone = true;
        return now_ns - h->missing_ns < FORGET_NS;
    } else if (h->is_gone) {
        h->is_gone = !change(l, &w, true);
    } else if (!h->missing_ns) {
        h->missing_ns = now_ns;
    } else {
        return now_ns - h->missing_ns < SETTLE_NS;
    }
    return true;
}

static void
keep_hands(struct lat_link *l)
{
    const uint64_t now_ns = lat_now_ns();
    uint32_t kept = 0;
    look_for_hands(l);
    for (uint32_t i = 0; i < l->n_hand; ++i) {
        if (keep_hand(l, &l->hand[i], now_ns)) {
            l->hand[kept++] = l->hand[i];
        } else {
            free(l->hand[i].from);
            free(l->hand[i].to);
        }
    }
    l->n_hand = kept;
}

// Keeping the connections.

static bool
has_wire(const struct lat_jack_plan *plan, const struct lat_jack_wire *w)
{
    for (uint32_t i = 0; i < plan->n_wires; ++i) {
        if (strcmp(plan->wires[i].from, w->from) == 0 &&
            strcmp(plan->wires[i].to, w->to) == 0) {
            return true;
        }
    }
    return false;
}

/// Take the newest list; what is no longer on it is disconnected.
static void
take_wires(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    struct lat_jack_plan plan = l->new_plan;
    const bool is_new = l->wires_serial != l->wires_taken;
    l->new_plan = (struct lat_jack_plan){0};
    l->wires_taken = l->wires_serial;
    pthread_mutex_unlock(&l->mutex);
    if (!is_new) {
        return;
    }
    for (uint32_t i = 0; i < l->plan.n_wires; ++i) {
        const struct lat_jack_wire *w = &l->plan.wires[i];
        if (!has_wire(&plan, w) && is_connected(l, w)) {
            (void)change(l, w, false);
        }
    }
    lat_jack_plan_fini(&l->plan);
    l->plan = plan;
}

/// What closes a cycle between processes must come last.
static void
take_out_backward(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->plan.n_wires; ++i) {
        const struct lat_jack_wire *w = &l->plan.wires[i];
        if (w->rank == LAT_RANK_BACKWARD && is_connected(l, w)) {
            (void)change(l, w, false);
        }
    }
}

/// @return false when the server refused one: then nothing of a higher rank may
/// be made, or the engine would wait for a process.
static bool
make_missing(struct lat_link *l, enum lat_jack_rank rank)
{
    bool has_made = false;
    bool is_well = true;
    for (uint32_t i = 0; i < l->plan.n_wires; ++i) {
        const struct lat_jack_wire *w = &l->plan.wires[i];
        if (w->rank == rank && is_there(l, w) && !is_connected(l, w)) {
            if (rank == LAT_RANK_FORWARD && !has_made) {
                take_out_backward(l);
            }
            is_well = change(l, w, true) && is_well;
            has_made = true;
        }
    }
    return is_well;
}

void
lat_link_keep_wires(struct lat_link *l)
{
    take_wires(l);
    if (l->n_foreign) {
        forget_dead(l);
    }
    bool are_complete = true;
    for (uint32_t r = 0; are_complete && r < LAT_N_RANKS; ++r) {
        are_complete = make_missing(l, (enum lat_jack_rank)r);
    }
    if (!are_complete) {
        atomic_store(&l->has_changed, true); // and soon again
        lat_link_wake(l);
    }
    for (uint32_t i = 0; are_complete && i < l->plan.n_wires; ++i) {
        are_complete = is_connected(l, &l->plan.wires[i]);
    }
    for (uint32_t i = 0; i < l->plan.n_labels; ++i) {
        set_label(l, &l->plan.labels[i]);
    }
    // Only behind the clock: or the engine might wait for a process.
    if (are_complete) {
        keep_hands(l);
    }
    pthread_mutex_lock(&l->mutex);
    l->wires_complete = are_complete ? l->wires_taken : 0;
    pthread_mutex_unlock(&l->mutex);
}

void
lat_link_free_wires(struct lat_link *l)
{
    lat_jack_plan_fini(&l->plan);
    lat_jack_plan_fini(&l->new_plan);
    free(l->foreign);
    for (uint32_t i = 0; i < l->n_hand; ++i) {
        free(l->hand[i].from);
        free(l->hand[i].to);
    }
    free(l->hand);
}

// The control thread.

uint64_t
lat_link_want_wires(struct lat_link *l, const struct lat_jack_plan *plan)
{
    struct lat_jack_plan copy;
    if (!lat_jack_plan_copy(plan, &copy)) {
        lat_log(LAT_LOG_ERROR, "out of memory: cables to processes are cut");
    }
    pthread_mutex_lock(&l->mutex);
    lat_jack_plan_fini(&l->new_plan);
    l->new_plan = copy;
    const uint64_t serial = ++l->wires_serial;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
    return serial;
}

bool
lat_link_has_wires(struct lat_link *l, uint64_t serial)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_them = l->wires_complete >= serial;
    pthread_mutex_unlock(&l->mutex);
    return has_them;
}
