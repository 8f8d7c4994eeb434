// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the thread of a link does, from open to close.
#ifndef LAT_JACK_LINK_THREAD_H
#define LAT_JACK_LINK_THREAD_H

#include "link_state.h"

/// The thread: @p data is the link, which it frees when it was abandoned.
/// [link]
void *
lat_link_main(void *data);

/// Free the link when its thread has ended, or never began.  [control or link]
void
lat_link_free(struct lat_link *l);

#endif // LAT_JACK_LINK_THREAD_H
