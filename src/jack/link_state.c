// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "link_state.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

void
lat_link_wake(struct lat_link *l)
{
    const uint64_t one = 1;
    const ssize_t n = write(l->wake, &one, sizeof(one));
    (void)n; // a full counter wakes too
}

bool
lat_link_is_pipewire(void)
{
    return strstr(jack_get_version_string(), "PipeWire");
}

void
lat_link_wait_for_audio(struct lat_link *l)
{
    const unsigned turn = atomic_load(&l->turn);
    while (turn % 2 == 1 && atomic_load(&l->turn) == turn &&
           !atomic_load(&l->is_shut_down)) {
        const struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
    }
}
