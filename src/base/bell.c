// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bell.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum lat_status
lat_bell_init(struct lat_bell *bell)
{
    bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return bell->fd >= 0 ? LAT_OK : LAT_ESYSTEM;
}

void
lat_bell_fini(struct lat_bell *bell)
{
    if (bell->fd >= 0) {
        close(bell->fd);
    }
    bell->fd = -1;
}

LAT_RT void
lat_bell_ring(const struct lat_bell *bell)
{
    const uint64_t one = 1;
    const int kept = errno; // the thread's own business may look at it
    const ssize_t n = write(bell->fd, &one, sizeof(one));
    (void)n; // a full counter is rung
    errno = kept;
}

void
lat_bell_hush(const struct lat_bell *bell)
{
    uint64_t n = 0;
    const ssize_t got = read(bell->fd, &n, sizeof(n));
    (void)got; // it was silent
}
