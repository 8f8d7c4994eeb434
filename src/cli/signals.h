// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What signals do to the programs.
///
/// Those of lat_cli_ending_signals end a program in order.  SIGUSR1 saves the
/// session of `lattice run`.  Everything else that somebody could send by
/// mistake, and that would kill a program that says nothing, is ignored from
/// the first line of main() on. All functions are [control].
#ifndef LAT_CLI_SIGNALS_H
#define LAT_CLI_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

#define LAT_N_ENDING_SIGNALS 3

extern const int lat_cli_ending_signals[LAT_N_ENDING_SIGNALS];

/// Ignore what would kill for no reason.  [main thread, before all others]
void
lat_cli_ignore_signals(void);

/// Ignore those that kill whoever writes to a closed pipe or a full disk: the
/// write fails instead.
void
lat_cli_ignore_write_signals(void);

/// Keep the ending signals for later, or let them through again.  A program
/// that is killed while it opens a client can leave a lock of JACK's metadata
/// behind, at which every other client then waits.  [main thread]
void
lat_cli_hold_ending_signals(bool are_held);

/// Has one come that is kept for later?
bool
lat_cli_has_ending_signal(void);

/// Wait for one that is kept, which is then forgotten, or for that long.
/// @return has one come?
bool
lat_cli_wait_for_ending_signal(unsigned ms);

/// Does this one of the ending signals end us?  nohup means what it says.  A
/// shell that starts us in the background ignores SIGINT for us, which is not
/// what whoever sends one means.
bool
lat_cli_ends_us(int number);

/// Did whoever started us want signal @p number ignored, as nohup does?
bool
lat_cli_is_ignored(int number);

#endif // LAT_CLI_SIGNALS_H
