// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The engine's numbers, of /status/engine.  All functions are [control].
#ifndef LAT_OSC_NUMBERS_H
#define LAT_OSC_NUMBERS_H

#include "control/control.h"
#include "server.h"

struct lat_osc_number {
    const char *key;
    char type;      ///< d, h or s
    double real;    ///< d
    int64_t count;  ///< h
    char text[128]; ///< s
};

#define LAT_OSC_MAX_NUMBERS 96

struct lat_osc_numbers {
    struct lat_osc_number at[LAT_OSC_MAX_NUMBERS];
    uint32_t n;
};

/// Bundles with time tags, what nodes send, and SuperDirt's events.
struct lat_osc_bundle_counts {
    uint64_t n_waiting, n_late;
    uint64_t n_sent, n_not_sent; ///< by osc_out
    uint64_t n_dirt_played, n_dirt_unknown;
};

/// As they are now; the same keys in the same order as ever.
void
lat_osc_numbers_take(struct lat_control *control,
                     const struct lat_osc_options *options,
                     const struct lat_osc_bundle_counts *bundles,
                     struct lat_osc_numbers *out);

#endif // LAT_OSC_NUMBERS_H
