// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of the JACK link share; nobody else includes this.
///
/// Three parties meet here.  The control thread writes wishes under the mutex;
/// the link's own thread carries them out, never holding the mutex while it
/// calls the server; JACK's threads run the callbacks, which take no lock.
///
/// The audio thread finds its ports in an array of atomic pointers.  `turn` is
/// odd while the process callback runs.  Whoever has taken a pointer out of the
/// array, or closed the gate, and then sees `turn` even, or changed, knows that
/// the callback no longer uses what it saw before: all of this is sequentially
/// consistent, so a callback that starts later sees the change.
#ifndef LAT_JACK_LINK_STATE_H
#define LAT_JACK_LINK_STATE_H

#include "cable_plan.h"
#include "control/latency.h"
#include "link_options.h"
#include "run/engine_setup.h"
#include "view.h"

#include <jack/jack.h>
#include <jack/uuid.h>

#include <pthread.h>
#include <stdatomic.h>

#define N_SLOTS      LAT_MAX_DEVICE_SLOTS
#define CALM_NS      UINT64_C(10000000) // changes come in crowds: look once
#define CALM_MS      10
#define AFTERMATH_NS UINT64_C(500000000) // xruns of a mode change
#define N_LAST       8 // cycles among which the late one is looked for
#define CLOCK_NAME   "clock"

/// Ports that come between two looks at the server, at most.
#define LAT_LINK_CAME 256U

/// What the audio thread knows of a port.
struct live_port {
    _Atomic(jack_port_t *) port; // written last
    atomic_bool is_output;
    atomic_bool is_plain;
    atomic_bool is_midi;
    atomic_bool is_connected; // as last looked at
    atomic_uint peak;         // bits of a float that is not negative
};

/// What the link's thread knows of a port.
struct known_port {
    jack_port_t *port;
    char name[LAT_PORT_NAME_MAX];
    char node[LAT_NAME_MAX];
    uint32_t generation, n_channels;
    bool is_output, is_cv, is_midi, is_plain;
    bool has_failed; ///< this generation cannot be registered
};

/// Ways from input slots to output slots.  Control makes it, and frees it when
/// whoever tells JACK of it has let go.
struct latency {
    struct latency *next; ///< retired earlier
    unsigned turn;        ///< in which it was last seen
    uint32_t n;
    struct lat_latency_path paths[];
};

struct order {
    bool is_connect;
    char *from, *to;
    struct order *next;
};

/// A port of a process that has a label, and where its metadata are kept.
struct foreign_port {
    struct lat_port_label label;
    jack_uuid_t uuid;
    uint64_t seen_ns; ///< when it was last there
};

/// A cable as the server names its ends.
struct planned_pair {
    char *from, *to;
};

/// The plan by its names; labels are the plan's.
struct planned {
    struct planned_pair *pairs; ///< sorted
    const struct lat_port_label **by_full, **by_own;
    uint32_t n_pairs, n_labels;
    bool is_short; ///< there was no memory for it
};

struct lat_link {
    struct lat_link_options options;
    bool is_pipewire;      // libjack is PipeWire's
    jack_client_t *client; // of the link's thread; callbacks may read it
    pthread_t thread;
    int wake; // eventfd

    pthread_mutex_t mutex;
    // Under the mutex:
    enum lat_link_state state;
    bool is_abandoned, is_finished;
    bool wants_active, wants_close;
    struct lat_slot want[N_SLOTS];
    uint64_t want_serial;
    struct order *first_order, **order_end;
    uint64_t n_ordered, n_looks_wanted, n_looks;
    struct lat_jack_view view;
    bool has_view;
    struct lat_error error;
    char name[256];
    bool wants_clock;
    bool has_new_latency;
    struct lat_cable_plan new_plan;
    uint64_t cables_serial, cables_taken;
    uint64_t cables_complete; // serial of a list that is connected, or 0

    struct latency *retired; // of the control thread

    // Of the link's thread:
    bool has_no_metadata; ///< the database cannot be written
    uint64_t asked_ns;    ///< since when PipeWire waits for latencies, or 0
    struct lat_cable_plan plan;
    struct foreign_port *foreign;
    uint32_t n_foreign;
    struct planned planned;
    struct known_port known[N_SLOTS];
    struct lat_slot todo[N_SLOTS];
    uint64_t todo_serial, n_done;
    uint64_t looked_ns;

    // Callbacks and everybody:
    struct lat_engine *engine; // set before the gate opens
    struct live_port live[N_SLOTS];
    atomic_uint n_live;                // slots below may have a port
    _Atomic(struct latency *) latency; // or NULL
    atomic_uint latency_turn;          // odd while somebody reads it
    atomic_uint latency_asked;         // bits of modes, for the link's thread
    _Atomic(jack_port_t *) midi;
    _Atomic(jack_port_t *) clock; // out, for processes
    uint64_t clock_end;           // audio only: where the next should begin
    uint64_t clock_frame;         // audio only: one more than the last played
    jack_nframes_t next_frame;    // audio only: JACK's, if none is lost
    atomic_uint turn;
    atomic_bool gate;
    atomic_uint turn_at_close;
    atomic_uint engine_rate, rate, period;
    atomic_int priority; // 0: not real-time
    atomic_bool is_realtime, is_freewheeling, is_shut_down, has_changed;
    atomic_uint came[LAT_LINK_CAME]; // ids of the last ports that came
    atomic_uint n_came;              // ever
    unsigned n_came_seen;            // by the link's thread
    atomic_ullong n_cycles;
    atomic_ullong last_ns[N_LAST]; // process times of the last cycles
    atomic_ullong changed_ns;      // of the last mode change
    atomic_ullong n_xruns, xrun_engine_ns;
    atomic_uint n_fresh_xruns; // may yet turn out to be of a mode change
    atomic_ullong fresh_ns;
    _Atomic double xrun_delay_us, fresh_delay_us;
    _Atomic double cpu_load;
};

/// Wake the link's thread.  [any but audio]
void
lat_link_wake(struct lat_link *l);

/// Is libjack PipeWire's?  [any but audio]
bool
lat_link_is_pipewire(void);

/// Wait until the process callback has let go of what was taken from it.
/// [link]
void
lat_link_wait_for_audio(struct lat_link *l);

#endif // LAT_JACK_LINK_STATE_H
