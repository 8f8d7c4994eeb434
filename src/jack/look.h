// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the server shows of ports and connections, at one moment.
#ifndef LAT_JACK_LOOK_H
#define LAT_JACK_LOOK_H

#include "link_state.h"

/// Publish a new view.  [the link's thread]
void
lat_link_make_view(struct lat_link *l);

#endif // LAT_JACK_LOOK_H
