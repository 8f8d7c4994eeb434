// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// `lattice run --wait`: wait for a JACK server.
#ifndef LAT_CLI_WAIT_H
#define LAT_CLI_WAIT_H

#include "jack/client.h"

#include <stdbool.h>

/// Open a client as lat_jack_open() does, and try again until the system lets
/// it: until there is a server.  Says once what it waits for.  [control, before
/// any thread]
///
/// @param[out] is_ended  a signal told the program to end; then there is no
///                       client, and no error.
/// @return LAT_OK, or what waiting does not mend.
enum lat_status
lat_cli_wait_for_jack(const struct lat_jack_options *options,
                      struct lat_jack **out, bool *is_ended,
                      struct lat_error *error);

#endif // LAT_CLI_WAIT_H
