// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sounds that are in memory once, whoever plays them: by where they lie, and
/// as they were when they were read.
///
/// All functions are [any but audio].
#ifndef LAT_NODES_SAMPLER_BANKS_H
#define LAT_NODES_SAMPLER_BANKS_H

#include "sounds.h"

struct lat_bank {
    struct lat_sounds *sounds;
    // For the list of them:
    char *path;
    double rate;
    uint64_t stamp;
    uint32_t refs;
    struct lat_bank *next;
};

/// Have what lies at @p path, as it is now: read, if nobody has it.
/// @param[out] out  to be released.
/// @return LAT_OK, or what lat_sounds_read() returns, with its error.
enum lat_status
lat_bank_get(const char *path, double rate, struct lat_bank **out,
             struct lat_error *error);

/// Has somebody what lies there now?
bool
lat_bank_is_at_hand(const char *path, double rate);

/// NULL does nothing.
void
lat_bank_release(struct lat_bank *bank);

#endif // LAT_NODES_SAMPLER_BANKS_H
