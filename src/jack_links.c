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

#include "jack_private.h"
#include "log.h"
#include "text.h"

#include <jack/metadata.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
lat_jack_wires_free(struct lat_jack_wire *wires, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        free(wires[i].from);
        free(wires[i].to);
    }
    free(wires);
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

static void
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
}

// Ports of others that may die without taking their metadata along.

static bool
is_known(const struct lat_link *l, const char *port)
{
    for (uint32_t i = 0; i < l->n_foreign; ++i) {
        if (strcmp(l->foreign[i].name, port) == 0) {
            return true;
        }
    }
    return false;
}

static void
note_foreign(struct lat_link *l, const char *name)
{
    if (!strchr(name, ':') || is_known(l, name)) {
        return;
    }
    jack_port_t *port = jack_port_by_name(l->client, name);
    struct foreign_port *grown =
        port ? realloc(l->foreign, (l->n_foreign + (size_t)1) * sizeof(*grown))
             : NULL;
    if (grown) {
        l->foreign = grown;
        struct foreign_port *f = &grown[l->n_foreign++];
        snprintf(f->name, sizeof(f->name), "%s", name);
        f->uuid = jack_port_uuid(port);
    }
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

static void
forget_dead(struct lat_link *l)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < l->n_foreign; ++i) {
        const struct foreign_port *f = &l->foreign[i];
        if (jack_port_by_name(l->client, f->name)) {
            l->foreign[kept++] = *f;
        } else if (!uuid_is_used(l, f->uuid)) {
            jack_remove_properties(l->client, f->uuid);
        }
    }
    l->n_foreign = kept;
}

// Keeping the connections.

static bool
has_wire(const struct lat_jack_wire *wires, uint32_t n,
         const struct lat_jack_wire *w)
{
    for (uint32_t i = 0; i < n; ++i) {
        if (strcmp(wires[i].from, w->from) == 0 &&
            strcmp(wires[i].to, w->to) == 0) {
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
    struct lat_jack_wire *wires = l->new_wires;
    const uint32_t n = l->n_new_wires;
    const bool is_new = l->wires_serial != l->wires_taken;
    l->new_wires = NULL;
    l->n_new_wires = 0;
    l->wires_taken = l->wires_serial;
    pthread_mutex_unlock(&l->mutex);
    if (!is_new) {
        return;
    }
    for (uint32_t i = 0; i < l->n_wires; ++i) {
        if (!has_wire(wires, n, &l->wires[i]) &&
            is_connected(l, &l->wires[i])) {
            change(l, &l->wires[i], false);
        }
    }
    lat_jack_wires_free(l->wires, l->n_wires);
    l->wires = wires;
    l->n_wires = n;
}

static void
take_out_backward(struct lat_link *l)
{
    for (uint32_t i = 0; i < l->n_wires; ++i) {
        if (l->wires[i].is_backward && is_connected(l, &l->wires[i])) {
            change(l, &l->wires[i], false);
        }
    }
}

/// @return whether something had to be made.
static bool
make_missing(struct lat_link *l, bool is_backward)
{
    bool has_made = false;
    for (uint32_t i = 0; i < l->n_wires; ++i) {
        const struct lat_jack_wire *w = &l->wires[i];
        if (w->is_backward == is_backward && is_there(l, w) &&
            !is_connected(l, w)) {
            if (!is_backward && !has_made) {
                take_out_backward(l);
            }
            change(l, w, true);
            has_made = true;
        }
    }
    return has_made;
}

void
lat_link_keep_wires(struct lat_link *l)
{
    take_wires(l);
    if (l->n_foreign) {
        forget_dead(l);
    }
    make_missing(l, false);
    make_missing(l, true);
    bool are_complete = true;
    for (uint32_t i = 0; i < l->n_wires; ++i) {
        are_complete = are_complete && is_connected(l, &l->wires[i]);
        note_foreign(l, l->wires[i].from);
        note_foreign(l, l->wires[i].to);
    }
    pthread_mutex_lock(&l->mutex);
    l->wires_complete = are_complete ? l->wires_taken : 0;
    pthread_mutex_unlock(&l->mutex);
}

void
lat_link_free_wires(struct lat_link *l)
{
    lat_jack_wires_free(l->wires, l->n_wires);
    lat_jack_wires_free(l->new_wires, l->n_new_wires);
    free(l->foreign);
}

// The control thread.

uint64_t
lat_link_want_wires(struct lat_link *l, const struct lat_jack_wire *wires,
                    uint32_t n)
{
    struct lat_jack_wire *copy = calloc(n + (size_t)1, sizeof(*copy));
    uint32_t n_copied = 0;
    for (; copy && n_copied < n; ++n_copied) {
        copy[n_copied].from = lat_strdup(wires[n_copied].from);
        copy[n_copied].to = lat_strdup(wires[n_copied].to);
        copy[n_copied].is_backward = wires[n_copied].is_backward;
        if (!copy[n_copied].from || !copy[n_copied].to) {
            free(copy[n_copied].from);
            free(copy[n_copied].to);
            break;
        }
    }
    pthread_mutex_lock(&l->mutex);
    lat_jack_wires_free(l->new_wires, l->n_new_wires);
    l->new_wires = copy;
    l->n_new_wires = n_copied;
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
