// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How late ports are, told to JACK when it asks, and when it has changed.
///
/// jackd asks one client after the other, and goes on with what is told before
/// its callback returns.  PipeWire's libjack (seen in 0.3.65) holds a lock
/// during the callback, and what is told there may first have it carry out a
/// change of period or rate that its audio thread has just noticed, for which
/// it takes that lock: its thread then waits for itself, this client for its
/// thread, and everybody who is connected to this client for a cycle.  There,
/// the link's thread tells, a moment later.
#ifndef LAT_JACK_PORT_LATENCY_H
#define LAT_JACK_PORT_LATENCY_H

#include "link_state.h"

/// JACK's latency callback; @p data is the link.  [jack]
void
lat_port_latency_asked(jack_latency_callback_mode_t mode, void *data);

/// Tell PipeWire what it has asked for; with @p is_new, have everybody hear
/// that our latencies are others now.  [link]
void
lat_port_latency_tell(struct lat_link *l, bool is_new);

#endif // LAT_JACK_PORT_LATENCY_H
