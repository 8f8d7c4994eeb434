// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of the client share; nobody else includes this.
///
/// A link (link.h) is one life of the client; this is what stays from one
/// life to the next: which ports and connections there should be, and the way
/// back after the server has gone.
///
///     OPENING -> SETTING_UP -> CONNECTING -> HELD -> LIVE
///        ^                                            |
///     WAITING <- LOST <-------------------------------+
///
/// At the start the same steps are taken, but waited for.  HELD is until
/// whoever opened the client lets it play.
///
/// A link that cannot be closed is left behind: libjack waits for a server that
/// is stopped, or that died at a bad moment.  If that server goes on after all,
/// it still has our old self, and calls the new one by another name; then the
/// new one is given up a few times, for the old one to go.  If that stays, the
/// other name is only for this life: at the next the wanted one is asked for.
///
/// A try to open may wait for an answer that never comes, though the server is
/// there: PipeWire that was stopped for a while may forget one.  So it is given
/// up after a while, and another made.  Each stays until the server answers or
/// goes; to have few of them, the next is given twice the time.
///
/// All functions of these files are [control].
#ifndef LAT_JACK_CLIENT_STATE_H
#define LAT_JACK_CLIENT_STATE_H

#include "client.h"
#include "remembered.h"

#define SECOND_NS   UINT64_C(1000000000)
#define OPEN_NS     (10 * SECOND_NS) // patience at the start,
#define END_OPEN_NS (3 * SECOND_NS)  // and where it is to end already
#define CLOSE_NS    (2 * SECOND_NS)
#define PATIENCE_NS (10 * SECOND_NS) // for a try to open, doubled each time
#define RETRY_NS    SECOND_NS
#define BEAT_NS     (SECOND_NS / 5)   // looked for whether cycles go on
#define STEP_NS     (SECOND_NS / 200) // on the way up or down

enum client_state {
    OPENING,
    SETTING_UP, ///< ports, activation
    CONNECTING,
    HELD, ///< all is there but the leave to play
    LIVE,
    LOST,    ///< closing what is left
    WAITING, ///< for the next try
};

/// A slot as the remembered connections know it.
struct seen_slot {
    bool is_used;
    bool is_living; ///< its node is in the graph: it is not fading out
    uint32_t generation, n_channels;
    char name[LAT_PORT_NAME_MAX];
};

/// A port that is there because its node has a process; see hosted.h.
struct hosted_port {
    uint64_t node;
    char own[128];           ///< [send/|return/]NODE/PORT
    char way[8];             ///< what comes before the node's name
    char name[LAT_NAME_MAX]; ///< the node's
};

struct lat_jack {
    struct lat_control *control;
    struct lat_engine *engine;
    struct lat_jack_options options;
    enum client_state state;
    struct lat_link *link;  ///< NULL while WAITING
    struct lat_link *dying; ///< could not be closed in time, or NULL
    uint64_t patience_ns;   ///< for the next answer to a try to open
    uint32_t n_renamings;   ///< names that were not the wanted one
    struct lat_remembered *remembered;
    struct lat_cable_plan cables; ///< that are connections, for the next link
    uint64_t cables_serial;       ///< of the present link
    bool wants_clock;
    struct seen_slot seen[LAT_MAX_DEVICE_SLOTS];
    struct lat_slot slots[LAT_MAX_DEVICE_SLOTS]; ///< as last told
    char name[256];                              ///< as the server has it
    char wanted[256];                            ///< under which to come back
    uint64_t digest; ///< of the lines that the wires would make
    bool has_digest; ///< of the present session's
    bool has_news;   ///< it has changed
    struct hosted_port *hosted;
    uint32_t n_hosted, hosted_capacity;
    bool is_graph_new; ///< nodes may have been renamed or freed
    uint32_t engine_rate, engine_period;
    bool has_latency;        ///< the present link was told
    uint64_t latency_serial; ///< of the graph that it was told of
    uint32_t latency_period;
    uint64_t latency_ns;
    bool has_been_live;
    bool is_dirty;    ///< the slots changed
    bool has_session; ///< a session was loaded
    bool is_changing_rate;
    int priority; ///< of the engine's workers
    uint64_t ports_serial, n_ordered;
    struct lat_names came; ///< in views that were too old to look at
    uint64_t since_ns;     ///< when the state began
    uint64_t tick_ns, stalled_ns, n_cycles;
    uint64_t look_ns;        ///< when to look at the connections again, or 0
    uint64_t n_xruns_before; ///< in earlier lives
    bool has_leaked;
    bool is_standing; ///< LIVE, but the server does nothing
    bool is_paused;   ///< so that the engine runs without it
    bool is_hasty;    ///< the next try to open is due now
    uint32_t n_losses;
    const char *lost_why; ///< a literal, or NULL
    uint64_t lost_s;      ///< since 1970
    uint64_t lost_ns, back_ns;
};

/// Note that @p j is in @p state from now on.
static inline void
enter(struct lat_jack *j, enum client_state state)
{
    j->state = state;
    j->since_ns = lat_now_ns();
}

#endif // LAT_JACK_CLIENT_STATE_H
