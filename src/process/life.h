// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Life and death of processes: started, told to end, killed, buried,
/// forgotten. All functions are [control].
#ifndef LAT_PROCESS_LIFE_H
#define LAT_PROCESS_LIFE_H

#include "process_state.h"

/// Tell whoever runs the supervisor; see lat_processes_options.
void
lat_processes_tell(struct lat_processes *s, const char *path, const char *node,
                   const char *text);

/// Note that @p node is to have a process.
/// @return it, which the supervisor owns, or NULL with a line in the log.
struct process *
lat_process_add(struct lat_processes *s, const struct lat_node *node);

/// Start the process of @p node; what fails is logged, and tried anew later.
void
lat_process_spawn(struct lat_processes *s, struct process *p,
                  const struct lat_node *node);

/// Does no other process hold its name?
bool
lat_process_name_is_free(const struct lat_processes *s,
                         const struct process *p);

/// Its child is dead: what is heard of it fades, and it is DOWN, or GIVEN_UP.
void
lat_process_bury(struct lat_processes *s, struct process *p, const char *why);

/// One that ended since it had lost the server is to be started anew.  If we
/// have not lost it too, it died like any other.
void
lat_process_judge_loss(struct lat_processes *s, struct process *p);

/// End a process that no longer does what it should, before anybody asks JACK
/// for anything: a client that stands still can hold up all others.
void
lat_process_put_down(struct lat_processes *s, struct process *p,
                     const char *why);

/// Bury it if its child has ended.
void
lat_process_reap(struct lat_processes *s, struct process *p);

/// Tell its child once to end by itself, and note when.  One that is killed
/// while it opens or closes its client can leave a lock of JACK's metadata
/// behind, at which every other client then waits.
void
lat_process_end(struct process *p);

/// Kill a child that was told to end and has not.
void
lat_process_insist(struct lat_processes *s, struct process *p, uint64_t now_ns);

/// Its node is gone, or back in the engine: end it.
void
lat_process_leave(struct lat_processes *s, struct process *p);

/// Kill its child, if it has one, and free it.
void
lat_process_free(struct process *p);

/// Free those that have left.
void
lat_processes_sweep(struct lat_processes *s);

#endif // LAT_PROCESS_LIFE_H
