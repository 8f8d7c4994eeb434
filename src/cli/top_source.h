// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where `lattice top` has its numbers from: a connection that asks for them
/// again and again, and is made again when it is lost.  All functions are
/// [control].
#ifndef LAT_CLI_TOP_SOURCE_H
#define LAT_CLI_TOP_SOURCE_H

#include "base/status.h"
#include "top.h"

/// Nodes whose outputs are measured at once, at most: a sender has 64
/// subscriptions.
#define LAT_TOP_MAX_MEASURED 60

struct lat_top_source;

/// @param host        borrowed.
/// @param interval_s  between two pictures.
/// @param top         is filled in; outlives the source.
/// @return NULL when out of memory.
struct lat_top_source *
lat_top_source_new(const char *host, uint16_t port, double interval_s,
                   struct lat_top *top);
void
lat_top_source_free(struct lat_top_source *s);

/// Do what is due at @p now_ns: connect, ask.
void
lat_top_source_step(struct lat_top_source *s, uint64_t now_ns);

/// Ask at once.
void
lat_top_source_hurry(struct lat_top_source *s);

/// Its socket, or -1 where there is no connection; when there is something to
/// read, lat_top_source_receive() does.
int
lat_top_source_fd(const struct lat_top_source *s);
void
lat_top_source_receive(struct lat_top_source *s);

/// What is wrong: nobody answers.  NULL: nothing, as far as is known.
const char *
lat_top_source_problem(const struct lat_top_source *s);

/// Measure rows @p first to @p first + @p n - 1 of what is seen, and no others,
/// from now on.
void
lat_top_source_measure(struct lat_top_source *s, const struct lat_top_view *v,
                       uint32_t first, uint32_t n);

#endif // LAT_CLI_TOP_SOURCE_H
