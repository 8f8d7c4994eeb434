// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What wakes a thread that sleeps in its event loop.
///
/// A bell is a descriptor that can be polled (an eventfd).  Ringing it is one
/// system call that cannot wait: the counter behind it does not block, and one
/// that is full still reads as rung.  Rung often before it is heard, it is
/// heard once.
#ifndef LAT_BASE_BELL_H
#define LAT_BASE_BELL_H

#include "rt.h"
#include "status.h"

struct lat_bell {
    int fd; ///< readable once rung; -1: rings nobody
};

/// @return LAT_OK or LAT_ESYSTEM, with fd -1.  [control]
enum lat_status
lat_bell_init(struct lat_bell *bell);

/// [control, nobody rings it any more]
void
lat_bell_fini(struct lat_bell *bell);

/// Ring it.  An audio thread may, where it does so once for each time that it
/// was asked to.  [any]
LAT_RT void
lat_bell_ring(const struct lat_bell *bell);

/// Heard: it is silent until it is rung again.  [who sleeps]
void
lat_bell_hush(const struct lat_bell *bell);

#endif // LAT_BASE_BELL_H
