// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What `lattice top` knows of a lattice that runs, and the lines that say it.
///
/// A picture is put together from answers: lat_top_take() is given every
/// message that comes.  What is seen of it is chosen by a view, and written a
/// line at a time; nothing here knows a terminal.  All functions are [control].
#ifndef LAT_CLI_TOP_H
#define LAT_CLI_TOP_H

#include "node/type.h"
#include "osc/packet.h"

#include <stdbool.h>
#include <stdint.h>

/// Longest line, with its NUL.
#define LAT_TOP_LINE_BYTES 320

/// Lines above the table.
#define LAT_TOP_N_HEADER 3

/// How loud an output was lately, linear.
struct lat_top_meter {
    char output[32];
    float peak, rms;
};

/// Outputs of a node that are measured, at most.
#define LAT_TOP_METERS 8

/// One node.
struct lat_top_row {
    char name[LAT_NAME_MAX + 1];
    char type[64];
    double block_ns;        ///< nanoseconds per block, as /graph/load tells it
    int32_t batch;          ///< -1: in none
    uint32_t asleep;        ///< voices
    uint32_t asleep_coming; ///< the same, of the list that is on its way
    struct lat_top_meter meters[LAT_TOP_METERS];
    uint32_t n_meters;
};

/// Numbers of /status/engine.
struct lat_top_engine {
    double rate, block, period, workers, threads, workers_realtime;
    double load, load_peak, process_ns_p99, periods, late;
    double bundles_late, bundles_waiting, nodes, cables, batches, asleep;
    double playing, tempo, cycle;
    double jack, xruns, jack_load;
    double processes, processes_playing;
    char isa[32], late_node[LAT_NAME_MAX + 1];
};

/// Zeroed, it knows nothing yet.
struct lat_top {
    struct lat_top_engine engine;
    struct lat_top_row *rows; ///< by name
    uint32_t n_rows;
    struct lat_top_row *coming; ///< of the list that is on its way
    uint32_t n_coming, capacity;
    uint64_t n_pictures; ///< complete so far
    bool is_out_of_memory;
};

enum lat_top_column {
    LAT_TOP_NODE,
    LAT_TOP_TYPE,
    LAT_TOP_BATCH,
    LAT_TOP_NS,
    LAT_TOP_SHARE,
    LAT_TOP_PEAK,
    LAT_TOP_RMS,
    LAT_TOP_N_COLUMNS,
};

/// Which rows are seen, and in which order.  Numbers are sorted from the
/// largest down, names from a to z, `is_reversed` the other way round.
struct lat_top_view {
    enum lat_top_column column;
    bool is_reversed;
    const char *filter; ///< see lat_top_matches(); borrowed
    uint32_t *order;    ///< which rows; owned, lat_top_view_fini() frees it
    uint32_t n, capacity;
    int name_width, type_width;
};

/// What has to be asked, in this order, for the next picture.
extern const char *const lat_top_questions[];
extern const uint32_t lat_top_n_questions;

/// Take in a message.
void
lat_top_take(struct lat_top *t, const struct lat_osc_message *m);

void
lat_top_fini(struct lat_top *t);

/// Find a node, or NULL.
struct lat_top_row *
lat_top_find(const struct lat_top *t, const char *name);

/// @return the column that is called so, or LAT_TOP_N_COLUMNS.
enum lat_top_column
lat_top_column_find(const char *name);
const char *
lat_top_column_name(enum lat_top_column column);

/// Is a node of this name meant by @p filter: a part of the name or, with `*`,
/// `?`, `[…]` or `{…}`, a pattern for all of it?  Empty or NULL means all.
bool
lat_top_matches(const char *filter, const char *name);

/// Find rows and order of @p v anew.
/// @return false when out of memory, with nothing to be seen.
bool
lat_top_select(const struct lat_top *t, struct lat_top_view *v);
void
lat_top_view_fini(struct lat_top_view *v);

/// The loudest of its outputs, linear; below 0: not told.
float
lat_top_peak(const struct lat_top_row *row);
float
lat_top_rms(const struct lat_top_row *row);

/// Is it known what a row takes?  It is not of what runs in a process, and of a
/// new node until it is timed.
bool
lat_top_is_timed(const struct lat_top_row *row);

/// Nanoseconds of a row per period of JACK, and its share of that time, 0 to 1;
/// -1 where it was not timed.
double
lat_top_period_ns(const struct lat_top *t, const struct lat_top_row *row);
double
lat_top_share(const struct lat_top *t, const struct lat_top_row *row);

/// Line @p i of those above the table, without newline.  @return @p out.
char *
lat_top_header(const struct lat_top *t, uint32_t i,
               char out[LAT_TOP_LINE_BYTES]);

/// The head of the table (the column that it is sorted by has a mark), and a
/// row of it, which ends with how many voices sleep.  Both end at @p width
/// characters.  @return @p out.
char *
lat_top_head(const struct lat_top_view *v, int width,
             char out[LAT_TOP_LINE_BYTES]);
char *
lat_top_line(const struct lat_top *t, const struct lat_top_view *v,
             const struct lat_top_row *row, int width,
             char out[LAT_TOP_LINE_BYTES]);

#endif // LAT_CLI_TOP_H
