// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The inside of a node's process: an engine that holds one node, and a plain
/// port for each of its inputs and outputs.
///
/// Outputs go to ports of their names.  A signal input has a port of its name
/// too; it is patched to the node while something is connected to it, so that
/// an input with nothing connected keeps its value.  Who started the process
/// adds ports and cables over OSC, in names beginning with `in.`.
///
/// All functions are [control].
#ifndef LAT_PROCESS_HOST_H
#define LAT_PROCESS_HOST_H

#include "base/process_page.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_control;
struct lat_host;
struct lat_jack;

/// Strings are borrowed.
struct lat_host_options {
    const char *type, *name;
    char **assignments; ///< PARAM=VALUE; each is cut at its sign
    uint32_t n_assignments;
    bool connects;      ///< to the first physical ports
    bool sandbox;       ///< shut the process in before it plays
    uint32_t page_fd;   ///< of the page shared with who started it, or 0
    uint32_t parent;    ///< its process id
    const char *client; ///< the JACK client's name, or NULL: the node's
};

/// Read the page that @p o names, and tie this process's life to that of
/// who started it.  @return LAT_OK, with *out NULL where there is no page.
enum lat_status
lat_host_open_page(const struct lat_host_options *o,
                   struct lat_process_page **out, struct lat_error *error);

/// Make the node.  @p o is copied; @p page may be NULL.
enum lat_status
lat_host_new(const struct lat_host_options *o, struct lat_control *control,
             struct lat_process_page *page, struct lat_host **out,
             struct lat_error *error);
void
lat_host_free(struct lat_host *h);

/// Ports are there and the server calls: tell who started us.
void
lat_host_is_ready(struct lat_host *h, uint16_t osc_port);

/// Play from @p frame of the clock on.
void
lat_host_start(struct lat_host *h, uint64_t frame);

/// May the engine run?  At once, where nobody started us.
bool
lat_host_may_play(const struct lat_host *h);

/// Follow connections and settings, report.  Call it when lat_host_next_ns()
/// says so, when the bell rings and after commands.
void
lat_host_tick(struct lat_host *h, const struct lat_jack *jack);

/// When lat_host_tick() has something to do, in lat_now_ns(), or UINT64_MAX.
uint64_t
lat_host_next_ns(const struct lat_host *h);

#endif // LAT_PROCESS_HOST_H
