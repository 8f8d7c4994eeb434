// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What other machines may do: the least of `--remote` that a message needs.
#ifndef LAT_OSC_REMOTE_H
#define LAT_OSC_REMOTE_H

#include <stdbool.h>

enum lat_remote {
    LAT_REMOTE_PLAY, ///< set, ask, subscribe, use maps
    LAT_REMOTE_EDIT, ///< add nodes, cables, transport
    LAT_REMOTE_ALL,  ///< add sessions, clear, quit
    LAT_N_REMOTES,
};

/// Its word on the command line, a constant.  [any]
const char *
lat_remote_word(enum lat_remote remote);

/// @return false where @p word is none, and *out stays.  [any]
bool
lat_remote_from_word(const char *word, enum lat_remote *out);

#endif // LAT_OSC_REMOTE_H
