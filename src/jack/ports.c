// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ports.h"
#include "base/log.h"
#include "metadata.h"
#include "names.h"
#include "remembered.h"

#include <stdio.h>
#include <string.h>

static void
describe(struct lat_link *l, jack_port_t *port, const struct lat_slot *d)
{
    struct lat_port_label label = {
        .order = d->is_plain ? 0 : d->order * 64 + d->channel,
        .is_cv = d->is_cv,
        .is_midi = d->is_midi,
    };
    if (!lat_metadata_are_ours(l)) {
        return;
    }
    lat_name_for_people(d, label.pretty, sizeof(label.pretty));
    if (d->n_channels > 1) {
        memcpy(label.group, d->node, sizeof(label.group));
    }
    lat_metadata_set(l, jack_port_uuid(port), &label);
}

/// Show the audio thread a port, unless it is no longer wanted.
static void
publish(struct lat_link *l, uint32_t slot)
{
    const struct known_port *k = &l->known[slot];
    pthread_mutex_lock(&l->mutex);
    const struct lat_slot *d = &l->want[slot];
    if (d->refs && d->generation == k->generation) {
        if (atomic_load(&l->n_live) <= slot) {
            atomic_store(&l->n_live, slot + 1);
        }
        atomic_store(&l->live[slot].is_output, k->is_output);
        atomic_store(&l->live[slot].is_plain, k->is_plain);
        atomic_store(&l->live[slot].is_midi, k->is_midi);
        atomic_store(&l->live[slot].port, k->port);
    }
    pthread_mutex_unlock(&l->mutex);
}

static void
remove_port(struct lat_link *l, uint32_t slot)
{
    struct known_port *k = &l->known[slot];
    pthread_mutex_lock(&l->mutex);
    atomic_store(&l->live[slot].port, NULL);
    pthread_mutex_unlock(&l->mutex);
    lat_link_wait_for_audio(l);
    if (lat_metadata_are_ours(l)) {
        lat_metadata_forget(l, jack_port_uuid(k->port));
    }
    if (jack_port_unregister(l->client, k->port) != 0) {
        lat_log(LAT_LOG_DEBUG, "JACK port '%s' did not go", k->name);
    }
    *k = (struct known_port){0};
}

static void
remember(struct known_port *k, const struct lat_slot *d)
{
    memcpy(k->name, d->name, sizeof(k->name));
    memcpy(k->node, d->node, sizeof(k->node));
    k->generation = d->generation;
    k->n_channels = d->n_channels;
    k->is_output = d->is_output;
    k->is_cv = d->is_cv;
    k->is_midi = d->is_midi;
    k->is_plain = d->is_plain;
}

static void
add_port(struct lat_link *l, uint32_t slot)
{
    const struct lat_slot *d = &l->todo[slot];
    struct known_port *k = &l->known[slot];
    remember(k, d);
    k->port = jack_port_register(
        l->client, d->name,
        d->is_midi ? JACK_DEFAULT_MIDI_TYPE : JACK_DEFAULT_AUDIO_TYPE,
        d->is_output ? JackPortIsOutput | JackPortIsTerminal : JackPortIsInput,
        0);
    k->has_failed = !k->port;
    if (!k->port) {
        return;
    }
    if (strcmp(jack_port_short_name(k->port), d->name) != 0) {
        lat_log(LAT_LOG_WARNING, "JACK calls the port '%s' '%s'", d->name,
                jack_port_short_name(k->port));
    }
    publish(l, slot);
    describe(l, k->port, d);
}

/// Is one of our ports called @p name?
static bool
is_taken(const struct lat_link *l, const char *name)
{
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        if (l->known[i].port && strcmp(l->known[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/// Is it the name of a port that is no node's?
static bool
is_reserved(const char *name)
{
    return strcmp(name, LAT_MIDI_PORT) == 0 || strcmp(name, CLOCK_NAME) == 0;
}

static void
warn_of_reserved(const struct lat_slot *d)
{
    lat_log(LAT_LOG_WARNING,
            "the JACK port of the node '%s' cannot have that name, which is "
            "lattice's own: rename the node",
            d->node);
}

static void
rename_port(struct lat_link *l, uint32_t slot, const char *name)
{
    struct known_port *k = &l->known[slot];
    if (jack_port_rename(l->client, k->port, name) != 0) {
        lat_log(LAT_LOG_WARNING, "JACK does not rename the port '%s' to '%s'",
                k->name, name);
    }
    snprintf(k->name, sizeof(k->name), "%s", name);
}

/// Rename what can be; names that went round in a circle go over a third one.
static void
rename_ports(struct lat_link *l)
{
    for (uint32_t round = 0; round < 3; ++round) {
        for (uint32_t i = 0; i < N_SLOTS; ++i) {
            const struct known_port *k = &l->known[i];
            const struct lat_slot *d = &l->todo[i];
            if (!k->port || strcmp(k->name, d->name) == 0) {
                continue;
            }
            if (is_reserved(d->name)) {
                if (round == 0) {
                    warn_of_reserved(d);
                }
            } else if (!is_taken(l, d->name)) {
                rename_port(l, i, d->name);
            } else if (round == 1) {
                char other[32];
                snprintf(other, sizeof(other), "renaming_%u", i);
                rename_port(l, i, other);
            }
        }
    }
}

/// Say once of all ports that the server did not take.
/// @param first  the slot of the first of them.
static void
warn_of_refused(struct lat_link *l, uint32_t first, uint32_t n_refused)
{
    uint32_t n_own = 0;
    uint32_t n_all = 0;
    if (!n_refused || atomic_load(&l->is_shut_down)) {
        return;
    }
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        n_own += l->known[i].port != NULL;
    }
    const char **found = jack_get_ports(l->client, NULL, NULL, 0);
    while (found && found[n_all]) {
        ++n_all;
    }
    jack_free((void *)found);
    lat_log(LAT_LOG_WARNING,
            "JACK has no room for %u of %u ports, '%s' the first; they are "
            "silent. It has %u ports of all programs: end some, take channels "
            "away, or start it with room for more ('jackd -p 4096 ...')",
            n_refused, n_own + n_refused, l->known[first].name, n_all);
}

void
lat_ports_update(struct lat_link *l)
{
    uint32_t n_refused = 0;
    uint32_t first_refused = 0;
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        const struct lat_slot *d = &l->todo[i];
        struct known_port *k = &l->known[i];
        const bool is_same = d->refs && d->generation == k->generation &&
                             d->is_output == k->is_output;
        if (k->port && !is_same) {
            remove_port(l, i);
        }
        if (!is_same) {
            k->has_failed = false;
        }
    }
    rename_ports(l);
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        const struct lat_slot *d = &l->todo[i];
        struct known_port *k = &l->known[i];
        const bool is_wanted = d->refs && !k->port && !k->has_failed;
        if (is_wanted && is_reserved(d->name)) {
            if (strcmp(k->name, d->name) != 0) {
                remember(k, d);
                warn_of_reserved(d);
            }
        } else if (is_wanted && !is_taken(l, d->name)) {
            add_port(l, i);
            if (k->has_failed && !n_refused++) {
                first_refused = i;
            }
        } else if (k->port &&
                   (strcmp(k->node, d->node) != 0 ||
                    k->n_channels != d->n_channels || k->is_cv != d->is_cv)) {
            remember(k, d);
            describe(l, k->port, d);
        }
    }
    warn_of_refused(l, first_refused, n_refused);
}

static jack_port_t *
add_midi_port(struct lat_link *l, const char *name, const char *pretty,
              unsigned long flags)
{
    jack_port_t *port =
        jack_port_register(l->client, name, JACK_DEFAULT_MIDI_TYPE, flags, 0);
    if (port && lat_metadata_are_ours(l)) {
        struct lat_port_label label = {.is_midi = true};
        snprintf(label.pretty, sizeof(label.pretty), "%s", pretty);
        lat_metadata_set(l, jack_port_uuid(port), &label);
    } else if (!port) {
        lat_log(LAT_LOG_WARNING, "JACK refuses the port '%s'", name);
    }
    return port;
}

void
lat_ports_add_midi(struct lat_link *l)
{
    const unsigned long flags = JackPortIsInput | JackPortIsTerminal;
    atomic_store(&l->midi,
                 l->options.is_clocked
                     ? add_midi_port(l, CLOCK_NAME, "clock", flags)
                     : add_midi_port(l, LAT_MIDI_PORT, "MIDI in", flags));
}

void
lat_ports_update_clock(struct lat_link *l, bool is_wanted)
{
    jack_port_t *clock = atomic_load(&l->clock);
    if (is_wanted && !clock) {
        atomic_store(&l->clock,
                     add_midi_port(l, CLOCK_NAME, "clock",
                                   JackPortIsOutput | JackPortIsTerminal));
    } else if (!is_wanted && clock) {
        atomic_store(&l->clock, NULL);
        lat_link_wait_for_audio(l);
        lat_metadata_forget(l, jack_port_uuid(clock));
        jack_port_unregister(l->client, clock);
    }
}

void
lat_ports_forget(struct lat_link *l)
{
    // What stays in the database would describe the next owner of a slot.
    if (!lat_metadata_are_ours(l)) {
        return;
    }
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        if (l->known[i].port) {
            lat_metadata_forget(l, jack_port_uuid(l->known[i].port));
        }
    }
    jack_port_t *const others[] = {atomic_load(&l->midi),
                                   atomic_load(&l->clock)};
    for (uint32_t i = 0; i < LAT_COUNT(others); ++i) {
        if (others[i]) {
            lat_metadata_forget(l, jack_port_uuid(others[i]));
        }
    }
}
