// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The processes of nodes: started, fed, connected, watched, started again.
///
/// The graph says which nodes are to have one.  Each is a JACK client of the
/// node's name; its cables are JACK connections, its values go there over OSC.
/// A process that dies, hangs or takes too much memory is killed and started
/// anew with the node's values, settings and cables, after 0.1 s, then 0.2 s,
/// and so on up to 10 s; after LAT_PROCESS_TRIES deaths in a row, with less
/// than ten healthy seconds between them, it is given up.
///
/// All functions are [control]; none waits.
#ifndef LAT_PROCESS_SUPERVISOR_H
#define LAT_PROCESS_SUPERVISOR_H

#include "jack/client.h"
#include "osc/server.h"

/// Deaths in a row after which a node is given up.
#define LAT_PROCESS_TRIES 8

struct lat_processes;

struct lat_processes_options {
    const char *server; ///< JACK's, or NULL
    bool sandbox;
    uint32_t memory_mib;
    const char *isa; ///< or NULL
    bool verbose;
    /// Something happened to a node's process: "/node/died" with the reason,
    /// "/node/restarted", "/node/given_up" with the number of tries.
    void (*tell)(void *data, const char *path, const char *node,
                 const char *text);
    void *data;
};

/// @param options  copied; strings are borrowed.
enum lat_status
lat_processes_new(const struct lat_processes_options *options,
                  struct lat_control *control, struct lat_jack *jack,
                  struct lat_processes **out);

/// End them all, within a second; what has not ended by then is killed.
void
lat_processes_free(struct lat_processes *s);

/// Call it when lat_processes_next_ns() says so, and after commands.
void
lat_processes_tick(struct lat_processes *s);

/// When lat_processes_tick() has something to do, in lat_now_ns(); UINT64_MAX
/// where no node has a process.
uint64_t
lat_processes_next_ns(const struct lat_processes *s);

/// Has every process that the session wants been started, or failed to?  The
/// first frame waits for it, but not for ever.
bool
lat_processes_are_up(struct lat_processes *s);

/// From now on the JACK client of a node's process is called @p prefix and the
/// node's name: processes that have another name make way for new ones.  "" at
/// first.
///
/// @param prefix  copied, 79 bytes of it; a name that JACK finds too long gets
///                no process.
void
lat_processes_set_prefix(struct lat_processes *s, const char *prefix);

/// Start a node's process anew, also when it was given up.
enum lat_status
lat_processes_restart(struct lat_processes *s, const char *name,
                      struct lat_error *error);

void
lat_processes_count(const struct lat_processes *s,
                    struct lat_process_counts *out);

#endif // LAT_PROCESS_SUPERVISOR_H
