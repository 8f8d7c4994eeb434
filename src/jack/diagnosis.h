// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a JACK client could not be opened, in words that say what to do.
///
/// libjack sets bits, but jackd's overwrites most of them with "server failed"
/// or "server error"; what it knows better it only prints.  So both are looked
/// at.  All functions are [any].
#ifndef LAT_JACK_DIAGNOSIS_H
#define LAT_JACK_DIAGNOSIS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_jack_failure {
    unsigned status;            ///< jack_status_t
    const char *messages;       ///< what libjack printed meanwhile
    const char *name;           ///< of the client
    const char *server;         ///< as asked for, or NULL
    const char *default_server; ///< $JACK_DEFAULT_SERVER, or NULL
    bool is_pipewire;           ///< libjack is PipeWire's
    bool is_name_taken;         ///< as found out by trying another
};

/// Describe a failure.
///
/// @return LAT_EEXIST where the name is taken, LAT_EINVAL where it cannot be a
///         name, else LAT_ESYSTEM; @p error has it too.
enum lat_status
lat_jack_diagnose(const struct lat_jack_failure *f, struct lat_error *error);

/// Can a client have this name?
///
/// @param max_bytes  as many bytes as libjack takes.
/// @return LAT_OK or LAT_EINVAL.
enum lat_status
lat_jack_check_name(const char *name, uint32_t max_bytes,
                    struct lat_error *error);

#endif // LAT_JACK_DIAGNOSIS_H
