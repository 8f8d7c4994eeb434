// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which texts are OSC addresses that a node may have.  All functions are
/// [control].
#ifndef LAT_NODES_OSC_PATH_H
#define LAT_NODES_OSC_PATH_H

#include "base/status.h"

/// Parts that an address may have, and its bytes with the NUL: what osc/words.h
/// takes apart.
#define LAT_OSC_ADDRESS_PARTS 6
#define LAT_OSC_ADDRESS_BYTES 384

/// First parts of addresses that mean something already, or are to; NULL ends
/// them.
extern const char *const lat_osc_taken[];

/// An address to send to: a pattern is one, too.  "" is none, and right.
enum lat_status
lat_osc_path_check(const char *text, struct lat_error *error);

/// An address to listen at: no pattern, and free.  "" is none, and right.
enum lat_status
lat_osc_path_check_free(const char *text, struct lat_error *error);

#endif // LAT_NODES_OSC_PATH_H
