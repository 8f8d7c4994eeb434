// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Tell who started the program, systemd mostly, how far it is: sd_notify(3)
/// without its library.
#ifndef LAT_CLI_NOTIFY_H
#define LAT_CLI_NOTIFY_H

/// Send @p state, lines of KEY=VALUE as "READY=1", to the socket that
/// $NOTIFY_SOCKET names: a path, or an abstract one with a leading '@'. Without
/// one, or where nobody listens, nothing happens.  Waits a second at most.
/// [control]
void
lat_notify(const char *state);

#endif // LAT_CLI_NOTIFY_H
