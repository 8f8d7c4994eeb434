// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Moves of a node between the engine and its process, while it plays: what is
/// heard of it fades out, comes from the other place, and fades in.
/// All functions are [control].
#ifndef LAT_PROCESS_MOVES_H
#define LAT_PROCESS_MOVES_H

#include "process_state.h"

/// Fade out what is heard of its node, which is to be in the other place.
void
lat_process_begin_move(struct lat_processes *s, struct process *p,
                       const struct lat_node *node, uint64_t now_ns);

/// It has faded: put its node where it is to be, and fade in.
void
lat_process_end_move(struct lat_processes *s, struct process *p);

/// Back into the engine, where the user wants it.
void
lat_process_follow_wish(struct lat_processes *s, struct process *p,
                        uint64_t now_ns);

#endif // LAT_PROCESS_MOVES_H
