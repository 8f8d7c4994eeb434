// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wait.h"
#include "base/log.h"
#include "signals.h"

#include <signal.h>
#include <time.h>

#define PAUSE_MS 500

static volatile sig_atomic_t is_told;

static void
on_signal(int number)
{
    (void)number;
    is_told = 1;
}

/// Take the ending signals, or leave them to the system again.  A second one
/// kills: a library may hang.
static void
set_signals(bool are_ours)
{
    struct sigaction action = {.sa_handler = are_ours ? on_signal : SIG_DFL};
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < LAT_N_ENDING_SIGNALS; ++i) {
        const int number = lat_cli_ending_signals[i];
        if (number != SIGHUP || !lat_cli_is_ignored(number)) {
            sigaction(number, &action, NULL);
        }
    }
}

enum lat_status
lat_cli_wait_for_jack(const struct lat_jack_options *options,
                      struct lat_jack **out, bool *is_ended,
                      struct lat_error *error)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    set_signals(true);
    enum lat_status status;
    for (bool is_first = true;; is_first = false) {
        status = lat_jack_open(options, out, error);
        if (status != LAT_ESYSTEM || is_told) {
            break;
        }
        if (is_first) {
            lat_log(LAT_LOG_INFO, "%s; waiting for it (--wait)", error->text);
        }
        nanosleep(&pause, NULL); // a signal ends it
        if (is_told) {
            break;
        }
    }
    set_signals(false);
    *is_ended = status != LAT_OK && is_told;
    return *is_ended ? LAT_OK : status;
}
