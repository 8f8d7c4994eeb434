// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Writing a session whose files are called otherwise than they are while it
/// plays.  All functions are [control].
#ifndef LAT_SESSION_WRITE_H
#define LAT_SESSION_WRITE_H

#include "linking.h"

#include <stdio.h>

/// lat_session_write(), with these names; NULL: none.
enum lat_status
lat_session_write_linked(struct lat_control *control,
                         const struct lat_link_names *links, FILE *stream);

#endif // LAT_SESSION_WRITE_H
