// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "signals.h"

#include <signal.h>
#include <time.h>

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
lat_cli_ends_us(int number)
{
    return number != SIGHUP || !lat_cli_is_ignored(number);
}

static sigset_t
ending_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < LAT_N_ENDING_SIGNALS; ++i) {
        const int number = lat_cli_ending_signals[i];
        if (lat_cli_ends_us(number)) {
            sigaddset(&set, number);
        }
    }
    return set;
}

void
lat_cli_hold_ending_signals(bool are_held)
{
    const sigset_t set = ending_set();
    pthread_sigmask(are_held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

bool
lat_cli_has_ending_signal(void)
{
    sigset_t pending;
    sigpending(&pending);
    const sigset_t set = ending_set();
    sigset_t both;
    sigandset(&both, &pending, &set);
    return !sigisemptyset(&both);
}

bool
lat_cli_wait_for_ending_signal(unsigned ms)
{
    const struct timespec time = {.tv_nsec = (long)ms * 1000000L};
    const sigset_t set = ending_set();
    return sigtimedwait(&set, NULL, &time) > 0;
}

bool
lat_cli_is_ignored(int number)
{
    struct sigaction old;
    return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}
