// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The callbacks that libjack makes.
#ifndef LAT_JACK_PROCESS_H
#define LAT_JACK_PROCESS_H

#include "link_state.h"

/// Set all callbacks; before activation.  [the link's thread]
void
lat_process_set_callbacks(struct lat_link *l);

#endif // LAT_JACK_PROCESS_H
