// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "look.h"
#include "names.h"
#include "planned.h"

#include <string.h>

static void
list_ports(struct lat_link *l, const char *type, unsigned long flags,
           struct lat_names *names)
{
    const char **found = jack_get_ports(l->client, NULL, type, flags);
    for (uint32_t i = 0; found && found[i]; ++i) {
        (void)lat_names_add(names, found[i]);
    }
    jack_free((void *)found);
}

/// As a session calls a port.
static const char *
name_in_session(const struct lat_link *l, const char *full)
{
    const char *own = lat_planned_own(l, full);
    return own ? own : lat_name_without_client(l->name, full);
}

/// A port of a process that is about to go, and is in no plan any more?
static bool
is_leaving(const struct lat_link *l, const char *other)
{
    for (uint32_t i = 0; strchr(other, ':') && i < l->n_foreign; ++i) {
        if (strcmp(l->foreign[i].label.port, other) == 0) {
            return true;
        }
    }
    return false;
}

/// Cables are the graph's business.
static void
list_pairs(struct lat_link *l, jack_port_t *port, struct lat_jack_view *view)
{
    const char *full = jack_port_name(port);
    const char *own = name_in_session(l, full);
    const bool is_output = (jack_port_flags(port) & JackPortIsOutput) != 0;
    (void)lat_names_add(&view->own, own);
    const char **found = jack_port_get_all_connections(l->client, port);
    for (uint32_t i = 0; found && found[i]; ++i) {
        const char *other = name_in_session(l, found[i]);
        const bool is_cable = lat_planned_has(l, is_output ? full : found[i],
                                              is_output ? found[i] : full);
        // Between two of ours, the output speaks.
        if (!is_cable && (is_output || strchr(other, ':')) &&
            !is_leaving(l, other)) {
            (void)lat_jack_view_add_pair(view, own, other, is_output);
        }
    }
    jack_free((void *)found);
}

/// What a process that was started need not know, and has no time for: every
/// change of the server would have all of them look.
static void
list_others(struct lat_link *l, struct lat_jack_view *view)
{
    list_ports(l, NULL, 0, &view->others);
    const unsigned long playback = JackPortIsPhysical | JackPortIsInput;
    const unsigned long capture = JackPortIsPhysical | JackPortIsOutput;
    list_ports(l, JACK_DEFAULT_AUDIO_TYPE, playback,
               &view->physical[LAT_PHYSICAL_PLAYBACK]);
    list_ports(l, JACK_DEFAULT_AUDIO_TYPE, capture,
               &view->physical[LAT_PHYSICAL_CAPTURE]);
    list_ports(l, JACK_DEFAULT_MIDI_TYPE, playback,
               &view->physical[LAT_PHYSICAL_MIDI_PLAYBACK]);
    list_ports(l, JACK_DEFAULT_MIDI_TYPE, capture,
               &view->physical[LAT_PHYSICAL_MIDI_CAPTURE]);
}

/// Ports that have come since the last look.
static void
list_came(struct lat_link *l, struct lat_names *came)
{
    const unsigned n = atomic_load(&l->n_came);
    const unsigned n_new = n - l->n_came_seen;
    unsigned i = n_new > LAT_LINK_CAME ? n - LAT_LINK_CAME : l->n_came_seen;
    for (; i != n; ++i) {
        const jack_port_t *port = jack_port_by_id(
            l->client, atomic_load(&l->came[i % LAT_LINK_CAME]));
        const char *name = port ? jack_port_name(port) : NULL;
        if (name) {
            (void)lat_names_add(came, name);
        }
    }
    l->n_came_seen = n;
}

static void
list_processes(struct lat_link *l, struct lat_jack_view *view)
{
    for (uint32_t i = 0; i < l->planned.n_labels; ++i) {
        jack_port_t *port =
            jack_port_by_name(l->client, l->planned.by_full[i]->port);
        if (port) {
            list_pairs(l, port, view);
        }
    }
}

/// Connections first: a port that goes in between then looks absent, as it is.
void
lat_link_make_view(struct lat_link *l)
{
    struct lat_jack_view view = {
        .ports_serial = l->todo_serial,
        .orders_done = l->n_done,
        .is_wired = l->cables_complete == l->cables_taken,
    };
    if (!l->options.page) {
        list_came(l, &view.came);
    }
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        jack_port_t *port = l->known[i].port;
        if (port) {
            atomic_store(&l->live[i].is_connected,
                         jack_port_connected(port) != 0);
        }
        if (port && !l->options.page) {
            list_pairs(l, port, &view);
        }
    }
    jack_port_t *midi = atomic_load(&l->midi);
    if (midi && !l->options.is_clocked) {
        list_pairs(l, midi, &view);
    }
    if (!l->options.page) {
        list_processes(l, &view);
        list_others(l, &view);
    }
    lat_names_sort(&view.own);
    lat_names_sort(&view.others);
    // A server that went in the middle shows nothing; that is no news.
    if (atomic_load(&l->is_shut_down)) {
        lat_jack_view_fini(&view);
        return;
    }
    pthread_mutex_lock(&l->mutex);
    struct lat_jack_view old = l->view;
    for (uint32_t i = 0; l->has_view && i < old.came.n; ++i) {
        (void)lat_names_add(&view.came, old.came.at[i]); // nobody saw it
    }
    lat_names_sort(&view.came);
    l->view = view;
    l->has_view = true;
    pthread_mutex_unlock(&l->mutex);
    lat_jack_view_fini(&old);
}
