// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sounds that a sampler strikes, as `/strike` says them: in journals, and to
/// nodes' processes.  All functions are [control].
#ifndef LAT_OSC_STRIKE_H
#define LAT_OSC_STRIKE_H

#include "node/type.h"

#include <lo/lo.h>

/// Say a number of a sound, within 1e9.
void
lat_osc_strike_say(struct lat_strike *strike, enum lat_strike_key key,
                   double value);

/// @return the key of that name, or LAT_STRIKE_N_KEYS.
enum lat_strike_key
lat_osc_strike_key(const char *name);

/// Add the arguments of the `/strike` that has the node @p name strike it.
void
lat_osc_strike_put(lo_message m, const char *name,
                   const struct lat_strike *strike);

#endif // LAT_OSC_STRIKE_H
