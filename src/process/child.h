// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Starting, weighing and ending one process of a node.
///
/// A child dies with its parent, holds none of its files, and is in a process
/// group of its own, so that Ctrl-C in a terminal is the parent's to handle.
/// All functions are [control]; none waits, but lat_child_kill() until the
/// kernel has ended the process.
#ifndef LAT_PROCESS_CHILD_H
#define LAT_PROCESS_CHILD_H

#include "base/process_page.h"
#include "graph/graph.h"

#include <sys/types.h>

struct lat_child {
    pid_t pid;
    struct lat_process_page *page;
};

struct lat_child_options {
    const struct lat_node *node;
    const char *client; ///< the JACK client's name
    uint32_t block;
    const char *server; ///< JACK's, or NULL
    const char *isa;    ///< or NULL
    bool sandbox, verbose;
    uint32_t memory_mib;
};

/// Start lattice-node, which lies beside this program, with the node's present
/// settings and values.
enum lat_status
lat_child_start(const struct lat_child_options *how, struct lat_child *out,
                struct lat_error *error);

/// Ask it to end.
void
lat_child_end(const struct lat_child *child);

/// End it, now.
void
lat_child_kill(struct lat_child *child);

/// Has it ended by itself?  @p why says how.
bool
lat_child_has_ended(struct lat_child *child, char *why, size_t size);

/// Memory that it holds, without what it shares.
uint32_t
lat_child_memory_mib(const struct lat_child *child);

/// Processor time that it has used, of all its threads.
uint64_t
lat_child_cpu_ns(const struct lat_child *child);

/// Does its control thread run, or wait for a processor?
/// @param[out] cpu_ns  processor time that this thread has used, to 10 ms.
bool
lat_child_is_runnable(const struct lat_child *child, uint64_t *cpu_ns);

/// Release what belonged to a child that has ended.
void
lat_child_fini(struct lat_child *child);

#endif // LAT_PROCESS_CHILD_H
