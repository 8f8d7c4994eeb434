// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Getting a client from the server, and saying why there is none.
///
/// libjack prints what it knows better than its status bits.
#ifndef LAT_JACK_OPENING_H
#define LAT_JACK_OPENING_H

#include "link_state.h"

/// Let libjack's messages come here, for all links.  [control]
/// @param is_retry  they are old news.
void
lat_opening_listen(bool is_retry);

/// Open the link's client; where that fails, the link has the error.
/// [the link's thread]
/// @return it, or NULL.
jack_client_t *
lat_opening_client(struct lat_link *l);

#endif // LAT_JACK_OPENING_H
