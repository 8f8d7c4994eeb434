// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the OSC tests share: a router on an engine without a driver, packets
/// in, answers out as text.
#ifndef LAT_TEST_OSC_H
#define LAT_TEST_OSC_H

#include "osc/packet.h"
#include "osc/router.h"

/// What is under test; one a process.
extern struct lat_control *osc_control;
extern struct lat_osc_router *osc_router;
extern struct lat_osc_options osc_options;

/// The sender of what follows; zero is somebody on this machine.
extern struct lat_osc_peer osc_peer;

/// Times options.quit was called.
extern unsigned osc_quits;

/// Make and free all that; .init and .fini of a suite.
void
osc_setup(void);
void
osc_teardown(void);

/// A router that has sessions, instead of the one that osc_setup() made.
void
osc_use_sessions(struct lat_sessions *sessions);

/// Send a message and return the answers, each a line: the path, then the
/// arguments, text in quotes.  @p types: s S i h f d T F N I, then the values.
/// Valid until the next call.
const char *
osc_send(const char *path, const char *types, ...);

/// Between these, nothing is flushed: what is sent arrives together.  The
/// second returns all answers that have come since the first.
void
osc_begin_burst(void);
const char *
osc_end_burst(void);

/// Send bytes as they are.
const char *
osc_send_bytes(const void *bytes, size_t size);

/// Put a bundle together, for now or with a time tag, and send it.
void
osc_bundle(void);
void
osc_bundle_at(uint64_t tag);
void
osc_add(const char *path, const char *types, ...);
const char *
osc_send_bundle(void);

/// Run the router's tick and return what it sent.
const char *
osc_tick(void);

/// All nodes with their values and settings, and all cables, as text; free()
/// it.
char *
osc_graph(void);

/// One packet from a message in the notation of osc_send(); free() it.
void *
osc_packet(size_t *size, const char *path, const char *types, ...);

/// The answers in @p packet as text, as osc_send() gives them; free() it.
char *
osc_as_text(const void *packet, size_t size);

#endif // LAT_TEST_OSC_H
