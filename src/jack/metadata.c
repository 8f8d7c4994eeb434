// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Metadata: best effort, one complaint.  A database that is full or broken
// stays so while the server runs, and every call would print that anew.
//
// The server keeps them by the place of a port, and what the last port there
// was said to be may still be there.  They are in a database that all clients
// of a user share; who walks over it while another writes can lock both up for
// good, the server too.  So nothing is written that is there already, and no
// key is touched that need not be: a process that comes back finds its own.
//
// A process that was killed leaves what it said of its ports in the server's
// database, where it would describe the next owner of the same place; whoever
// has seen the port takes it out.

#include "metadata.h"
#include "base/log.h"

#include <jack/metadata.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FORGET_NS UINT64_C(15000000000)

bool
lat_metadata_are_ours(const struct lat_link *l)
{
    return !l->options.page;
}

/// The database cannot be used: leave it alone, and say once what helps.
static void
stop(struct lat_link *l)
{
    static atomic_bool has_warned;
    const bool has_been_said = atomic_exchange(&has_warned, true);
    if (strstr(jack_get_version_string(), "PipeWire")) {
        return; // it keeps none until its session manager is there
    }
    l->has_no_metadata = true;
    if (has_been_said) {
        return;
    }
    lat_log(
        LAT_LOG_WARNING,
        "JACK's database of port names, groups and types cannot be written: "
        "patchbays show less, sound is as ever. JACK programs that were killed "
        "fill it: end all JACK programs, then remove /dev/shm/jack_db-%u",
        (unsigned)getuid());
}

/// @p value NULL: there is to be none.
static void
set_property(struct lat_link *l, jack_uuid_t uuid, const char *key,
             const char *value, const char *type)
{
    if (l->has_no_metadata) {
        return;
    }
    char *present = NULL;
    char *present_type = NULL;
    const bool is_there =
        jack_get_property(uuid, key, &present, &present_type) == 0 && present;
    int rc = 0;
    if (!value && is_there) {
        rc = jack_remove_property(l->client, uuid, key);
    } else if (value && !(is_there && strcmp(present, value) == 0)) {
        rc = jack_set_property(l->client, uuid, key, value, type);
    }
    jack_free(present);
    jack_free(present_type);
    if (rc != 0) {
        stop(l);
    }
}

void
lat_metadata_forget(struct lat_link *l, jack_uuid_t uuid)
{
    const char *const keys[] = {
        JACK_METADATA_PRETTY_NAME, JACK_METADATA_PORT_GROUP,
        JACK_METADATA_ORDER,       JACK_METADATA_SIGNAL_TYPE,
        JACK_METADATA_EVENT_TYPES,
    };
    for (size_t i = 0; i < LAT_COUNT(keys); ++i) {
        set_property(l, uuid, keys[i], NULL, NULL);
    }
}

void
lat_metadata_set(struct lat_link *l, jack_uuid_t uuid,
                 const struct lat_port_label *label)
{
    char order[16];
    snprintf(order, sizeof(order), "%u", label->order);
    set_property(l, uuid, JACK_METADATA_PRETTY_NAME,
                 *label->pretty ? label->pretty : NULL, "text/plain");
    set_property(l, uuid, JACK_METADATA_PORT_GROUP,
                 *label->group ? label->group : NULL, "text/plain");
    set_property(l, uuid, JACK_METADATA_ORDER, label->order ? order : NULL,
                 "http://www.w3.org/2001/XMLSchema#int");
    set_property(l, uuid, JACK_METADATA_SIGNAL_TYPE, label->is_cv ? "CV" : NULL,
                 "text/plain");
    set_property(l, uuid, JACK_METADATA_EVENT_TYPES,
                 label->is_midi ? "MIDI" : NULL, "text/plain");
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
is_same_label(const struct lat_port_label *a, const struct lat_port_label *b)
{
    return strcmp(a->pretty, b->pretty) == 0 &&
           strcmp(a->group, b->group) == 0 && a->order == b->order &&
           a->is_cv == b->is_cv && a->is_midi == b->is_midi;
}

void
lat_metadata_label(struct lat_link *l, const struct lat_port_label *label)
{
    jack_port_t *port = jack_port_by_name(l->client, label->port);
    const jack_uuid_t uuid = port ? jack_port_uuid(port) : 0;
    struct foreign_port *f = port ? find_foreign(l, label->port, uuid) : NULL;
    if (!port || (f && is_same_label(&f->label, label))) {
        return;
    }
    if (!f) {
        struct foreign_port *grown =
            lat_cable_plan_grow(l->foreign, l->n_foreign, sizeof(*grown));
        if (!grown) {
            return;
        }
        l->foreign = grown;
        f = &grown[l->n_foreign++];
    }
    f->label = *label;
    f->uuid = uuid;
    f->seen_ns = lat_now_ns();
    lat_metadata_set(l, uuid, label);
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

void
lat_metadata_forget_dead(struct lat_link *l)
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
            lat_metadata_forget(l, f->uuid);
        }
    }
    l->n_foreign = kept;
}
