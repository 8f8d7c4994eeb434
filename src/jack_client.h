// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The JACK client: heartbeat, ports, connections, transport, MIDI.
///
/// Only this module and node_process.c know JACK.  Ports follow the engine's
/// device slots.  When the server goes, the graph and OSC stay; reopening under
/// the same name is tried every second.
#ifndef LAT_JACK_CLIENT_H
#define LAT_JACK_CLIENT_H

#include "control.h"

struct lat_jack;

struct lat_jack_options {
    const char *name;   ///< client name, "lattice"
    const char *server; ///< or NULL
    bool no_connect;    ///< make no connections of our own
};

struct lat_jack_status {
    bool is_open;
    bool is_realtime;
    bool is_freewheeling;
    char name[256];       ///< as the server gave it
    uint32_t rate, period;
    uint64_t n_xruns;
    double xrun_delay_us; ///< JACK's figure for the last one
    uint64_t engine_ns_at_xrun; ///< the engine's own time in that cycle
    double cpu_load;      ///< jack_cpu_load(), 0..100
};

/// Open the client; no server is started.  [control]
/// @return LAT_OK, or LAT_ESYSTEM with a message that says what to start.
enum lat_status
lat_jack_open(struct lat_control *control,
              const struct lat_jack_options *options, struct lat_jack **out,
              struct lat_error *error);

/// Rate of the server that lat_jack_open() found; the caller makes control run
/// at it before lat_jack_start().
uint32_t
lat_jack_rate(const struct lat_jack *j);

/// Register ports, activate, make the session's connections.
enum lat_status
lat_jack_start(struct lat_jack *j, struct lat_error *error);

/// Once every 10 to 50 ms: port changes, connections, loss of the server,
/// reopening.  Bounded in time.
void
lat_jack_tick(struct lat_jack *j);

/// A session was loaded: make its connections.
void
lat_jack_connect_session(struct lat_jack *j);

/// Replace document->jack by the present connections of our ports; those to
/// clients that are absent are kept.
void
lat_jack_collect(struct lat_jack *j);

void
lat_jack_status(const struct lat_jack *j, struct lat_jack_status *out);

/// Close within two seconds, whatever the server does.
void
lat_jack_close(struct lat_jack *j);

#endif // LAT_JACK_CLIENT_H
