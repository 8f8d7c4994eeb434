// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "strike.h"

#include <string.h>

static const char *const keys[LAT_STRIKE_N_KEYS] = {
    [LAT_STRIKE_N] = "n",
    [LAT_STRIKE_SPEED] = "speed",
    [LAT_STRIKE_GAIN] = "gain",
    [LAT_STRIKE_PAN] = "pan",
    [LAT_STRIKE_PITCH] = "pitch",
    [LAT_STRIKE_BEGIN] = "begin",
    [LAT_STRIKE_END] = "end",
    [LAT_STRIKE_ATTACK] = "attack",
    [LAT_STRIKE_RELEASE] = "release",
    [LAT_STRIKE_CUT] = "cut",
};

void
lat_osc_strike_say(struct lat_strike *strike, enum lat_strike_key key,
                   double value)
{
    const double most = 1e9;
    value = value > -most ? value : -most;
    strike->values[key] = (float)(value < most ? value : most);
    strike->has |= 1U << key;
}

enum lat_strike_key
lat_osc_strike_key(const char *name)
{
    uint32_t key = 0;
    while (key < LAT_STRIKE_N_KEYS && strcmp(name, keys[key]) != 0) {
        ++key;
    }
    return key;
}

void
lat_osc_strike_put(lo_message m, const char *name,
                   const struct lat_strike *strike)
{
    lo_message_add_string(m, name);
    lo_message_add_int64(m, (int64_t)strike->sound);
    lo_message_add_double(m, strike->hold);
    for (uint32_t k = 0; k < LAT_STRIKE_N_KEYS; ++k) {
        if (strike->has >> k & 1U) {
            lo_message_add_string(m, keys[k]);
            lo_message_add_float(m, strike->values[k]);
        }
    }
}
