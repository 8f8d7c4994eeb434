// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// One life of a JACK client, from open to close.
///
/// A link has a thread of its own, and every libjack call that talks to the
/// server is made there: a server that is stopped, or dies in the middle of a
/// call, holds up nobody else.  The control thread says which ports there
/// should be and which connections to make, and gets back a view of what the
/// server shows.
///
/// The process callback touches the engine only while the **gate** is open;
/// behind a closed gate it writes silence.
///
/// All functions are [control].
#ifndef LAT_JACK_LINK_H
#define LAT_JACK_LINK_H

#include "cable_plan.h"
#include "control/latency.h"
#include "link_options.h"
#include "run/engine_setup.h"
#include "view.h"

struct lat_link;

struct lat_link_status {
    char name[256]; ///< as the server gave it
    bool is_realtime, is_freewheeling;
    int priority;      ///< of the audio thread, 0 when it is not real-time
    bool is_shut_down; ///< the server said goodbye
    bool is_pipewire;  ///< which may go without a word
    uint32_t rate, period;
    uint64_t n_cycles;
    uint64_t n_xruns;
    double xrun_delay_us;
    uint64_t engine_ns_at_xrun;
    double cpu_load;
};

/// Bytes that the name of a client may have, without the final NUL.
uint32_t
lat_link_name_max(void);

/// Start opening; no server is started.
enum lat_status
lat_link_new(const struct lat_link_options *options, struct lat_link **out);

enum lat_link_state
lat_link_state(struct lat_link *l);

/// Why it failed.
void
lat_link_error(struct lat_link *l, struct lat_error *error);

void
lat_link_status(struct lat_link *l, struct lat_link_status *out);

/// The table of LAT_MAX_DEVICE_SLOTS ports that there should be.  A slot with
/// another generation than before is silent at once.  @return the serial of
/// this table.
uint64_t
lat_link_want_ports(struct lat_link *l, const struct lat_slot *slots);

void
lat_link_activate(struct lat_link *l);

/// Connect or disconnect; failures are logged.  Names without client are our
/// own ports.  @return the order's number.
uint64_t
lat_link_order(struct lat_link *l, bool is_connect, const char *from,
               const char *to);

/// The connections that there should be besides; those of an earlier list that
/// are not in this one are taken out.  They are made again whenever both ends
/// are there, and go backward only after what goes forward.  @return a serial
/// for lat_link_has_cables(): are all of them there?
uint64_t
lat_link_want_cables(struct lat_link *l, const struct lat_cable_plan *plan);
bool
lat_link_has_cables(struct lat_link *l, uint64_t serial);

/// How late slots are against each other, for JACK to be told; see
/// port_latency.h.  @return LAT_OK or LAT_ENOMEM: the old one stays.
enum lat_status
lat_link_set_latency(struct lat_link *l, const struct lat_latency *latency);

/// Have the port `clock`, which gives processes the engine's time, or not.
void
lat_link_want_clock(struct lat_link *l, bool is_wanted);

/// Was something connected to a slot's port when it was last looked at?
bool
lat_link_is_connected(const struct lat_link *l, uint32_t slot);

/// Take the newest view, if there is one since the last call.  It is the
/// caller's to give to lat_jack_view_fini().
bool
lat_link_take_view(struct lat_link *l, struct lat_jack_view *view);

/// Ask for a new view.  @return its number, for lat_link_has_looked().
uint64_t
lat_link_look(struct lat_link *l);
bool
lat_link_has_looked(struct lat_link *l, uint64_t number);

/// Let the process callback run the engine, at @p rate, or keep it out.
void
lat_link_open_gate(struct lat_link *l, struct lat_engine *engine,
                   uint32_t rate);
void
lat_link_close_gate(struct lat_link *l);
/// After closing the gate: has the process callback left the engine?
bool
lat_link_is_quiet(struct lat_link *l);

/// Linear peak of a slot since the last call, with has_meters.
float
lat_link_take_peak(struct lat_link *l, uint32_t slot);

/// Start closing; the gate is closed first.
void
lat_link_close(struct lat_link *l);
/// Free a link that has failed or is closed.  @return false if it is neither.
bool
lat_link_reap(struct lat_link *l);
/// Let go of a link that does not come to its end; it frees itself if it does.
/// The gate is closed and the engine is never touched again.
void
lat_link_abandon(struct lat_link *l);

#endif // LAT_JACK_LINK_H
