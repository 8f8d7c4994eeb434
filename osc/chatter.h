// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What others send by themselves, which nobody need hear of: TouchOSC's pages
/// (/1), touches (/1/fader1/z) and accelerometer (/accxyz); the groups and
/// definitions of SuperCollider's Server (/g_new, /d_recv).
#ifndef LAT_OSC_CHATTER_H
#define LAT_OSC_CHATTER_H

#include "verbs.h"

/// Does it say that a control was touched, or let go: …/z?  [any]
bool
lat_osc_is_touch(const struct lat_osc_words *words);

/// Is it an address of that kind?  Ask only where no verb fits.  [any]
bool
lat_osc_is_chatter(const struct lat_osc_words *words);

#endif // LAT_OSC_CHATTER_H
