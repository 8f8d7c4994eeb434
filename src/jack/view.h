// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a JACK server shows at one moment: ports, and the connections of ours.
///
/// All functions are [any], one thread per object.
#ifndef LAT_JACK_VIEW_H
#define LAT_JACK_VIEW_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// A list of names, owned.
struct lat_names {
    char **at;
    uint32_t n, capacity;
};

enum lat_status
lat_names_add(struct lat_names *names, const char *name);
void
lat_names_sort(struct lat_names *names);
/// Of a sorted list.
bool
lat_names_have(const struct lat_names *names, const char *name);
void
lat_names_fini(struct lat_names *names);

enum lat_physical {
    LAT_PHYSICAL_PLAYBACK,
    LAT_PHYSICAL_CAPTURE,
    LAT_PHYSICAL_MIDI_PLAYBACK,
    LAT_PHYSICAL_MIDI_CAPTURE,
    LAT_N_PHYSICAL,
};

/// One connection as the server shows it.
struct lat_jack_pair {
    char *own;      ///< our port, without client name; NODE/PORT of a process
    char *other;    ///< CLIENT:PORT; a port of ours like own
    bool is_output; ///< own -> other
};

/// What the server showed at one moment.
struct lat_jack_view {
    struct lat_names own;    ///< our ports, without client name; sorted
    struct lat_names others; ///< all others; sorted
    struct lat_names came;   ///< those that came since the view before; sorted
    struct lat_names physical[LAT_N_PHYSICAL]; ///< in the server's order
    struct lat_jack_pair *pairs;
    uint32_t n_pairs, pairs_capacity;
    uint64_t ports_serial; ///< of the port table it reflects
    uint64_t orders_done;  ///< orders carried out before
    bool is_wired;         ///< all cables of processes are connected
};

enum lat_status
lat_jack_view_add_pair(struct lat_jack_view *view, const char *own,
                       const char *other, bool is_output);
void
lat_jack_view_fini(struct lat_jack_view *view);

#endif // LAT_JACK_VIEW_H
