// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Messages that are run as they come, alone or in a batch.
///
/// Making a plan costs more than the edit itself, so plain edits that arrive
/// together are a batch: one transaction, in which each of them may fail by
/// itself.  It ends when nothing more is waiting, or when something comes that
/// cannot be part of it; until then its answers are held.  Should the engine
/// refuse the transaction, its messages are run again, in smaller batches:
/// lat_osc_router_flush().
///
/// All functions are [control].
#ifndef LAT_OSC_BATCH_H
#define LAT_OSC_BATCH_H

#include "packet.h"
#include "router.h"

/// A batch ends at so many messages, or bytes of messages or answers.
#define LAT_OSC_MAX_BATCH       1024
#define LAT_OSC_MAX_BATCH_BYTES 1048576

/// Run one message and answer it; @p is_grouped: in the transaction of a batch,
/// which it opens if need be.  Answers are held from then on.
void
lat_osc_run_plain(struct lat_osc_router *r, const struct lat_osc_message *m,
                  const struct lat_osc_peer *peer, bool is_grouped);

#endif // LAT_OSC_BATCH_H
