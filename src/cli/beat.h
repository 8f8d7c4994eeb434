// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// When the event loop does what nobody sends it: never, while nothing happens.
///
/// Whoever has such work has a tick that does it and says when it has some
/// next. The tick runs then; when the bell is rung; and when the loop was woken
/// by anything else, since that may have made work, but then not within GAP of
/// the last time.  All functions are [control].
#ifndef LAT_CLI_BEAT_H
#define LAT_CLI_BEAT_H

#include "base/bell.h"

#include <uv.h>

struct lat_beat_hooks {
    void (*tick)(void *data);
    /// When the next tick is due, in lat_now_ns(); UINT64_MAX: when the bell
    /// rings, for which it asks.
    uint64_t (*next_ns)(void *data);
    void *data;
};

struct lat_beat {
    struct lat_beat_hooks hooks;
    struct lat_bell bell;
    uv_prepare_t prepare;
    uv_poll_t poll;
    uv_timer_t timer;
    bool is_due, has_ticked;
    uint64_t ticked_ns;
};

/// @param bell   is initialised, and outlives the handles, which are the
///               loop's to close.
/// @param hooks  copied.
/// @return 0, or an error of libuv's.
int
lat_beat_start(struct lat_beat *b, uv_loop_t *loop, const struct lat_bell *bell,
               const struct lat_beat_hooks *hooks);

#endif // LAT_CLI_BEAT_H
