// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The OSC server: UDP and TCP on one port, in the control thread's loop.
///
/// Only this folder knows liblo. All functions are [control].
#ifndef LAT_OSC_SERVER_H
#define LAT_OSC_SERVER_H

#include "control/control.h"
#include "remote.h"
#include "sessions/session.h"
#include "timeline.h"

#include <uv.h>

struct lat_osc;

/// Where SuperDirt listens, and so sclang.
#define LAT_OSC_DIRT_PORT 57120

/// The processes of nodes, in numbers.
struct lat_process_counts {
    uint32_t n, n_playing, n_given_up;
    uint32_t n_late_cables; ///< one period late
    uint64_t n_deaths, n_restarts;
    uint64_t n_missed; ///< times that one of them missed periods
    /// Times that all were compared with the graph, and JACK's connections
    /// looked at again.
    uint64_t n_compared;
};

/// JACK in numbers.
struct lat_osc_jack {
    bool is_open;
    uint64_t n_xruns, engine_ns_at_xrun;
    double cpu_load;
    uint32_t n_losses;
    const char *lost_why; ///< NULL: never lost
    uint64_t lost_s;      ///< seconds since 1970
    double away_s;
};

struct lat_osc_options {
    uint16_t port;    ///< 0 picks a free one
    const char *bind; ///< address to listen on
    enum lat_remote remote;
    bool is_score;    ///< what comes is out of a file: `in_score` is allowed
    bool keeps_block; ///< sessions in it do not say how long a block is
    bool dumps;       ///< every message is told in the log, as by /dumpOSC 1
    /// Listen at SuperDirt's port too, over UDP, and take /dirt/….
    bool superdirt;
    void (*quit)(void *data); ///< /quit was accepted
    /// For /status/engine's JACK fields; may be NULL.
    void (*jack_status)(void *data, struct lat_osc_jack *out);
    /// Start the process of a node anew; NULL: there are none.
    enum lat_status (*restart)(void *data, const char *node,
                               struct lat_error *error);
    /// How many processes there are; NULL: there are none.
    void (*process_status)(void *data, struct lat_process_counts *out);
    /// Write the last @p seconds of what was heard to a file, whose path is to
    /// be freed; NULL: nothing is kept.
    enum lat_status (*write_last)(void *data, double seconds, char **path,
                                  struct lat_error *error);
    /// Play from this frame on, in lattice-node; else NULL.
    void (*start)(void *data, uint64_t frame);
    /// Read a clock other than the engine's, for bundles; NULL: there is none.
    void (*clock)(void *data, struct lat_timeline_clock *out);
    void *data;
};

/// Start listening.  SIGPIPE is ignored from here on.  [control]
///
/// @param options  copied; strings stay borrowed.
/// @return LAT_OK, LAT_ESYSTEM when the port is taken (the message says so).
enum lat_status
lat_osc_new(uv_loop_t *loop, struct lat_control *control,
            struct lat_sessions *sessions,
            const struct lat_osc_options *options, struct lat_osc **out,
            struct lat_error *error);

/// The port in use.
uint16_t
lat_osc_port(const struct lat_osc *o);

/// Send what waited for the sound (/synced).  Call after lat_control_tick().
void
lat_osc_tick(struct lat_osc *o);

/// The frame for which something waits to be told, or UINT64_MAX.
uint64_t
lat_osc_awaited(const struct lat_osc *o);

/// When lat_osc_tick() has something to do that no frame tells, in
/// lat_now_ns(); UINT64_MAX: never.
uint64_t
lat_osc_next_ns(const struct lat_osc *o);

/// Tell all who sent /notify 1: @p path and two arguments, a name and a text
/// (NULL: none).
void
lat_osc_tell(struct lat_osc *o, const char *path, const char *name,
             const char *text);

/// Tell whoever asked over OSC for what could not be had.
/// @return whether anybody was told, and the log.
bool
lat_osc_unprepared(struct lat_osc *o, const struct lat_unprepared *what);

/// Close the sockets; the loop must run once more.
void
lat_osc_free(struct lat_osc *o);

#endif // LAT_OSC_SERVER_H
