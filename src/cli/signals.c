// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "signals.h"

#include <signal.h>

const int lat_cli_ending_signals[LAT_N_ENDING_SIGNALS] = {
    SIGINT,
    SIGTERM,
    SIGHUP,
};

/// Where the disposition is the default one: a profiler, say, may have its own.
static void
ignore(int number)
{
    struct sigaction old;
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_DFL) {
        const struct sigaction action = {.sa_handler = SIG_IGN};
        sigaction(number, &action, NULL);
    }
}

void
lat_cli_ignore_signals(void)
{
    // SIGQUIT stays: it is how a user asks for a core.
    static const int numbers[] = {
        SIGUSR1,   SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
#ifdef SIGPWR
        SIGPWR,
#endif
#ifdef SIGSTKFLT
        SIGSTKFLT,
#endif
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
        ignore(numbers[i]);
    }
    for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) {
        ignore(number);
    }
}

void
lat_cli_ignore_write_signals(void)
{
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
}

bool
lat_cli_is_ignored(int number)
{
    struct sigaction old;
    return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}
