// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

/// Of a thread that others wait for.
#define PREFERRED_NICE (-10)

bool
lat_thread_start(pthread_t *out, size_t stack_bytes, void *(*run)(void *),
                 void *data)
{
    sigset_t all;
    sigset_t before;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes)) {
        return false;
    }
    pthread_attr_setstacksize(&attributes, stack_bytes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failure = pthread_create(out, &attributes, run, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return !failure;
}

void
lat_thread_prefer_self(void)
{
    const struct sched_param none = {0};
    errno = 0;
    if (sched_getscheduler(0) == SCHED_OTHER &&
        getpriority(PRIO_PROCESS, 0) == 0 && errno == 0 &&
        sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) == 0) {
        (void)setpriority(PRIO_PROCESS, 0, PREFERRED_NICE);
    }
}
