// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The address of a session manager, as NSM_URL has it.
#ifndef LAT_OSC_NSM_URL_H
#define LAT_OSC_NSM_URL_H

#include "base/status.h"

struct lat_nsm_url {
    char host[256]; ///< a name, or an address without brackets
    char port[8];   ///< digits, 1 to 65535
};

/// Read osc.udp://HOST:PORT/; an IPv6 HOST stands in brackets.  [any]
/// @return LAT_OK, or LAT_EINVAL with what is wrong.
enum lat_status
lat_nsm_url_read(const char *url, struct lat_nsm_url *out,
                 struct lat_error *error);

#endif // LAT_OSC_NSM_URL_H
