// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Processes follow the graph: who is to have one, and what each is told.
///
/// After every commit what a process was told is compared with the graph; only
/// values that move are passed on as they come.  All functions are [control].
#ifndef LAT_PROCESS_FOLLOW_H
#define LAT_PROCESS_FOLLOW_H

#include "process_state.h"

/// After which changes the graph is compared with the processes.
#define COMPARED (LAT_TOPIC_STRUCTURE | LAT_TOPIC_SETTINGS | LAT_TOPIC_PLACES)

/// Send what was added for @p p.
void
lat_process_flush(struct lat_processes *s, const struct process *p);

/// Tell a process what has changed.
void
lat_process_tell_changes(struct lat_processes *s, struct process *p,
                         const struct lat_node *node, bool with_values);

/// Compare every process with the graph.
void
lat_processes_follow(struct lat_processes *s);

/// Of the listener at the control; @p data is the struct lat_processes.
void
lat_processes_on_changes(void *data, const struct lat_changes *changes);

/// Nodes that cannot leave now are asked again.
void
lat_processes_ask_leavers(struct lat_processes *s);

#endif // LAT_PROCESS_FOLLOW_H
