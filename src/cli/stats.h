// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a rendering cost, and how loud it was: the file of --stats.
/// All functions are [control].
#ifndef LAT_CLI_STATS_H
#define LAT_CLI_STATS_H

#include "run/engine_setup.h"

#include <stddef.h>

struct lat_cli_stats;

/// For @p n_channels channels.  NULL when out of memory.
struct lat_cli_stats *
lat_cli_stats_new(uint32_t n_channels);
void
lat_cli_stats_free(struct lat_cli_stats *s);

/// A block took @p ns.
void
lat_cli_stats_block(struct lat_cli_stats *s, uint64_t ns);

/// Some blocks together took @p wall_ns, and @p cpu_ns of all threads.
void
lat_cli_stats_time(struct lat_cli_stats *s, uint64_t wall_ns, uint64_t cpu_ns);

/// Channel @p channel went on with these samples.
void
lat_cli_stats_sound(struct lat_cli_stats *s, uint32_t channel,
                    const float *samples, size_t n);

/// Seconds that the blocks took.
double
lat_cli_stats_wall(const struct lat_cli_stats *s);

/// The largest of all samples, without its sign.
double
lat_cli_stats_peak(const struct lat_cli_stats *s);

/// Write the object to @p path; "-" is standard output.
enum lat_status
lat_cli_stats_write(const struct lat_cli_stats *s,
                    const struct lat_engine_status *engine, uint64_t n_frames,
                    const char *path, struct lat_error *error);

#endif // LAT_CLI_STATS_H
