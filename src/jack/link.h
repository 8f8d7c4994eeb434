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

#include "base/bell.h"
#include "base/process_page.h"
#include "run/engine_setup.h"
#include "view.h"

struct lat_link;

enum lat_link_state {
    LAT_LINK_OPENING,
    LAT_LINK_FAILED, ///< never opened: reap it
    LAT_LINK_OPEN,
    LAT_LINK_ACTIVE, ///< the server calls us
    LAT_LINK_CLOSED, ///< reap it
};

/// The order in which connections are made.
enum lat_jack_rank {
    LAT_RANK_CLOCK,    ///< puts the engine before a process
    LAT_RANK_FORWARD,  ///< to a process
    LAT_RANK_RETURN,   ///< from a process to the engine
    LAT_RANK_BACKWARD, ///< from process to process, and closes a cycle
    LAT_N_RANKS,
};

/// A connection that is a cable: CLIENT:PORT, or a port of ours.
struct lat_jack_wire {
    char *from, *to;
    enum lat_jack_rank rank;
};

/// What to say of a port of a process in the server's metadata: no more than
/// must be, since the server tells every client of every word.  The process
/// does not say it itself: one that is killed while it does would leave the
/// database locked, for all clients and servers of the user.
struct lat_jack_label {
    char port[128];           ///< CLIENT:PORT
    char pretty[128];         ///< or "": the name is pretty enough
    char group[LAT_NAME_MAX]; ///< or ""
    uint32_t order;           ///< or 0: none
    bool is_cv, is_midi;
};

/// Make a port's name one for people: blanks for / and _.
void
lat_spell_out(char *name);

/// Connections and labels that there should be; strings are owned.
struct lat_jack_plan {
    struct lat_jack_wire *wires;
    uint32_t n_wires;
    struct lat_jack_label *labels;
    uint32_t n_labels;
};
void
lat_jack_plan_fini(struct lat_jack_plan *plan);
enum lat_status
lat_jack_plan_add_wire(struct lat_jack_plan *plan, const char *from,
                       const char *to, enum lat_jack_rank rank);
enum lat_status
lat_jack_plan_add_label(struct lat_jack_plan *plan,
                        const struct lat_jack_label *label);
/// @return false, with @p out empty, when out of memory.
bool
lat_jack_plan_copy(const struct lat_jack_plan *plan, struct lat_jack_plan *out);

struct lat_link_options {
    char name[256];
    bool is_exact_name; ///< another name is a failure
    bool is_clocked;    ///< plays with the time that comes in by `clock`
    struct lat_process_page *page; ///< to report to, or NULL
    const char *server;            ///< or NULL; outlives the link
    bool has_meters;
    int cpu;       ///< to pin the audio thread to, or -1
    bool is_retry; ///< libjack's messages are old news
    /// Rung when the state, the status or what is looked at may have changed;
    /// outlives the link unless that is abandoned.  NULL: ask again and again.
    const struct lat_bell *bell;
};

struct lat_link_status {
    char name[256]; ///< as the server gave it
    bool is_realtime, is_freewheeling;
    int priority;      ///< of the audio thread, 0 when it is not real-time
    bool is_shut_down; ///< the server said goodbye
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
lat_link_want_ports(struct lat_link *l, const struct lat_device *devices);

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
/// for lat_link_has_wires(): are all of them there?
uint64_t
lat_link_want_wires(struct lat_link *l, const struct lat_jack_plan *plan);
bool
lat_link_has_wires(struct lat_link *l, uint64_t serial);

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
