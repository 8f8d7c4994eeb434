// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// OSC to programs on this machine that lattice started: edits of one commit
/// leave as one bundle, so that they reach the sound together.
///
/// All functions are [control].
#ifndef LAT_OSC_SENDER_H
#define LAT_OSC_SENDER_H

#include "base/status.h"
#include "node/type.h"

#include <stdint.h>

struct lat_osc_sender;

enum lat_status
lat_osc_sender_new(struct lat_osc_sender **out);
void
lat_osc_sender_free(struct lat_osc_sender *s);

/// Add a message to the bundle.  @p types: at most 20 of s h d, then the
/// values.  Out of memory loses the message, with a line in the log.
void
lat_osc_sender_add(struct lat_osc_sender *s, const char *path,
                   const char *types, ...);

/// Add that the node @p name is to strike a sound.
void
lat_osc_sender_strike(struct lat_osc_sender *s, const char *name,
                      const struct lat_strike *strike);

/// What is sent from now on takes effect at this frame of the clock (0: as soon
/// as can be), where it goes to nodes' processes.
void
lat_osc_sender_set_frame(struct lat_osc_sender *s, uint64_t frame);

/// Send the bundle to UDP port @p port of 127.0.0.1 and begin another.
void
lat_osc_sender_flush(struct lat_osc_sender *s, uint16_t port);

/// Log what the programs refused.  Call it now and then.
void
lat_osc_sender_read(struct lat_osc_sender *s);

#endif // LAT_OSC_SENDER_H
