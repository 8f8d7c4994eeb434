// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/log.h"
#include "link_state.h"

#include <jack/metadata.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIDI_NAME "midi_in"

// Metadata: best effort, one complaint.  A database that is full or broken
// stays so while the server runs, and every call would print that anew.

// The server keeps them by the place of a port, and what the last port there
// was said to be may still be there.  They are in a database that all clients
// of a user share; who walks over it while another writes can lock both up for
// good, the server too.  So nothing is written that is there already, and no
// key is touched that need not be: a process that comes back finds its own.

void
lat_link_stop_metadata(struct lat_link *l)
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
        lat_link_stop_metadata(l);
    }
}

void
lat_link_forget(struct lat_link *l, jack_uuid_t uuid)
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

/// How a person would call a channel.
static void
pretty_name(const struct lat_device *d, char *out, size_t size)
{
    static const char *const side[] = {"left", "right"};
    if (d->is_plain) {
        // send/voice/out is "voice out"
        const char *slash = strchr(d->name, '/');
        snprintf(out, size, "%s", slash ? slash + 1 : d->name);
        lat_spell_out(out);
    } else if (d->n_channels == 1) {
        snprintf(out, size, "%s", d->node);
    } else if (d->n_channels == 2 && d->channel >= 1 && d->channel <= 2) {
        snprintf(out, size, "%s %s", d->node, side[d->channel - 1]);
    } else {
        snprintf(out, size, "%s %u", d->node, d->channel);
    }
}

void
lat_link_set_label(struct lat_link *l, jack_uuid_t uuid,
                   const struct lat_jack_label *label)
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

/// May we write to the server's metadata?  A process that may be killed at any
/// moment leaves it to who started it.
static bool
has_metadata(const struct lat_link *l)
{
    return !l->options.page;
}

static void
describe(struct lat_link *l, jack_port_t *port, const struct lat_device *d)
{
    struct lat_jack_label label = {
        .order = d->is_plain ? 0 : d->order * 64 + d->channel,
        .is_cv = d->is_cv,
    };
    if (!has_metadata(l)) {
        return;
    }
    pretty_name(d, label.pretty, sizeof(label.pretty));
    if (d->n_channels > 1) {
        memcpy(label.group, d->node, sizeof(label.group));
    }
    lat_link_set_label(l, jack_port_uuid(port), &label);
}

// Ports.

/// Wait until the process callback has let go of what was taken from it.
static void
wait_for_audio(struct lat_link *l)
{
    const unsigned turn = atomic_load(&l->turn);
    while (turn % 2 == 1 && atomic_load(&l->turn) == turn &&
           !atomic_load(&l->is_shut_down)) {
        const struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
    }
}

/// Show the audio thread a port, unless it is no longer wanted.
static void
publish(struct lat_link *l, uint32_t slot)
{
    const struct known_port *k = &l->known[slot];
    pthread_mutex_lock(&l->mutex);
    const struct lat_device *d = &l->want[slot];
    if (d->refs && d->generation == k->generation) {
        if (atomic_load(&l->n_live) <= slot) {
            atomic_store(&l->n_live, slot + 1);
        }
        atomic_store(&l->live[slot].is_output, k->is_output);
        atomic_store(&l->live[slot].is_plain, k->is_plain);
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
    wait_for_audio(l);
    if (has_metadata(l)) {
        lat_link_forget(l, jack_port_uuid(k->port));
    }
    if (jack_port_unregister(l->client, k->port) != 0) {
        lat_log(LAT_LOG_DEBUG, "JACK port '%s' did not go", k->name);
    }
    *k = (struct known_port){0};
}

static void
remember(struct known_port *k, const struct lat_device *d)
{
    memcpy(k->name, d->name, sizeof(k->name));
    memcpy(k->node, d->node, sizeof(k->node));
    k->generation = d->generation;
    k->n_channels = d->n_channels;
    k->is_output = d->is_output;
    k->is_cv = d->is_cv;
    k->is_plain = d->is_plain;
}

static void
add_port(struct lat_link *l, uint32_t slot)
{
    const struct lat_device *d = &l->todo[slot];
    struct known_port *k = &l->known[slot];
    remember(k, d);
    k->port = jack_port_register(
        l->client, d->name, JACK_DEFAULT_AUDIO_TYPE,
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
            const struct lat_device *d = &l->todo[i];
            if (!k->port || strcmp(k->name, d->name) == 0) {
                continue;
            }
            if (!is_taken(l, d->name)) {
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
lat_link_update_ports(struct lat_link *l)
{
    uint32_t n_refused = 0;
    uint32_t first_refused = 0;
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        const struct lat_device *d = &l->todo[i];
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
    bool is_later = false;
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        const struct lat_device *d = &l->todo[i];
        struct known_port *k = &l->known[i];
        if (d->refs && !k->port && !k->has_failed && !is_taken(l, d->name)) {
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
        if (k->port &&
            (k->late_min != d->late_min || k->late_max != d->late_max)) {
            k->late_min = d->late_min;
            k->late_max = d->late_max;
            atomic_store(&l->live[i].late_min, d->late_min);
            atomic_store(&l->live[i].late_max, d->late_max);
            is_later = true;
        }
    }
    warn_of_refused(l, first_refused, n_refused);
    if (is_later) {
        jack_recompute_total_latencies(l->client);
    }
}

// What the server shows.

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

/// The name without our client's name, if it is a port of ours.
static const char *
short_name(const struct lat_link *l, const char *name)
{
    const size_t n = strlen(l->name);
    return strncmp(name, l->name, n) == 0 && name[n] == ':' ? name + n + 1
                                                            : name;
}

static void
list_pairs(struct lat_link *l, jack_port_t *port, struct lat_jack_view *view)
{
    const char *own = short_name(l, jack_port_name(port));
    const bool is_output = (jack_port_flags(port) & JackPortIsOutput) != 0;
    (void)lat_names_add(&view->own, own);
    const char **found = jack_port_get_all_connections(l->client, port);
    for (uint32_t i = 0; found && found[i]; ++i) {
        const char *other = short_name(l, found[i]);
        // Between two of ours, the output speaks.
        if (is_output || strchr(other, ':')) {
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

/// Connections first: a port that goes in between then looks absent, as it is.
void
lat_link_make_view(struct lat_link *l)
{
    struct lat_jack_view view = {
        .ports_serial = l->todo_serial,
        .orders_done = l->n_done,
    };
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        jack_port_t *port = l->known[i].port;
        if (port) {
            atomic_store(&l->live[i].is_connected,
                         jack_port_connected(port) != 0);
        }
        // What goes through doors is the graph's business.
        if (port && !l->options.page &&
            (!l->known[i].is_plain || l->options.is_clocked)) {
            list_pairs(l, port, &view);
        }
    }
    jack_port_t *midi = atomic_load(&l->midi);
    if (midi && !l->options.is_clocked) {
        list_pairs(l, midi, &view);
    }
    if (!l->options.page) {
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
    l->view = view;
    l->has_view = true;
    pthread_mutex_unlock(&l->mutex);
    lat_jack_view_fini(&old);
}

static jack_port_t *
add_midi_port(struct lat_link *l, const char *name, const char *pretty,
              unsigned long flags)
{
    jack_port_t *port =
        jack_port_register(l->client, name, JACK_DEFAULT_MIDI_TYPE, flags, 0);
    if (port && has_metadata(l)) {
        struct lat_jack_label label = {.is_midi = true};
        snprintf(label.pretty, sizeof(label.pretty), "%s", pretty);
        lat_link_set_label(l, jack_port_uuid(port), &label);
    } else if (!port) {
        lat_log(LAT_LOG_WARNING, "JACK refuses the port '%s'", name);
    }
    return port;
}

void
lat_link_add_midi(struct lat_link *l)
{
    const unsigned long flags = JackPortIsInput | JackPortIsTerminal;
    atomic_store(&l->midi, l->options.is_clocked
                               ? add_midi_port(l, CLOCK_NAME, "clock", flags)
                               : add_midi_port(l, MIDI_NAME, "MIDI in", flags));
}

void
lat_link_update_clock(struct lat_link *l, bool is_wanted)
{
    jack_port_t *clock = atomic_load(&l->clock);
    if (is_wanted && !clock) {
        atomic_store(&l->clock,
                     add_midi_port(l, CLOCK_NAME, "clock",
                                   JackPortIsOutput | JackPortIsTerminal));
    } else if (!is_wanted && clock) {
        atomic_store(&l->clock, NULL);
        wait_for_audio(l);
        lat_link_forget(l, jack_port_uuid(clock));
        jack_port_unregister(l->client, clock);
    }
}

void
lat_link_forget_ports(struct lat_link *l)
{
    // What stays in the database would describe the next owner of a slot.
    if (!has_metadata(l)) {
        return;
    }
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        if (l->known[i].port) {
            lat_link_forget(l, jack_port_uuid(l->known[i].port));
        }
    }
    jack_port_t *const others[] = {atomic_load(&l->midi),
                                   atomic_load(&l->clock)};
    for (uint32_t i = 0; i < LAT_COUNT(others); ++i) {
        if (others[i]) {
            lat_link_forget(l, jack_port_uuid(others[i]));
        }
    }
}
