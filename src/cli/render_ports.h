// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which device slot of the engine is which channel of a file.
///
/// A score may add, rename and remove devices, and load another session.  A
/// file has the channels of the first devices that there are: a slot is what it
/// was as long as it is there, and whoever comes back under the same name is
/// what he was.  What comes later under another name is added to the channel of
/// its own number.
#ifndef LAT_CLI_RENDER_PORTS_H
#define LAT_CLI_RENDER_PORTS_H

#include "render_state.h"

/// Find the channels of both directions, before anything is rendered.
/// [control]
void
lat_render_find_ports(struct render *r);

/// Follow what has become of the devices.  [control]
void
lat_render_follow_ports(struct render *r);

/// @return false when out of memory.  [control]
bool
lat_render_alloc_ports(struct render *r);

/// [control]
void
lat_render_free_ports(struct render *r);

/// Bind the slots for frames from @p frame on of what is held.  [audio]
LAT_RT void
lat_render_bind_ports(struct render *r, uint32_t frame);

/// Finish @p n_frames from @p frame on: what nobody wrote is silence, and what
/// is added is added.  [audio]
LAT_RT void
lat_render_finish_ports(struct render *r, uint32_t frame, uint32_t n_frames);

#endif // LAT_CLI_RENDER_PORTS_H
