// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A line in the log about a session that was read or written.
#ifndef LAT_SESSION_TELL_H
#define LAT_SESSION_TELL_H

#include "session.h"

/// "DID FILE: 5 nodes, 4 cables", with the file that is loaded now.  [control]
void
lat_sessions_tell(const struct lat_sessions *s, const struct lat_control *c,
                  const char *did);

/// "imported NAME as PART: …", with what there is now.  [control]
void
lat_sessions_tell_import(const struct lat_control *c, const char *name,
                         const char *part);

#endif // LAT_SESSION_TELL_H
