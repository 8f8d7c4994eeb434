// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of the supervisor share; nobody else includes this.
///
/// A node that is to have a process goes through
///
///     DOWN -> BORN -> WIRING -> PLAYING -> (death) -> DOWN ... GIVEN_UP
///
/// DOWN waits for its time, for its name, which the process before it may still
/// hold, and for its turn: jackd tells every client of every new one, and
/// clients that open together wait for each other until it gives them up.  A
/// process is BORN until its ports are there, and in WIRING until its cables
/// are connected; those that are ready together start at the same frame.  A
/// node that played in the engine goes on there until its process plays; then
/// what the engine hears of it fades out, comes from the process, and fades in.
///
/// After every commit what a process was told is compared with the graph; only
/// values that move are passed on as they come.
///
/// All functions of these files are [control].
#ifndef LAT_PROCESS_PROCESS_STATE_H
#define LAT_PROCESS_PROCESS_STATE_H

#include "child.h"
#include "mirror.h"
#include "supervisor.h"

#define MS_NS UINT64_C(1000000)

enum process_state {
    DOWN,
    BORN,
    WIRING,
    PLAYING,
    GIVEN_UP,
    LEAVING, ///< the node is gone or back in the engine
};

struct process {
    uint64_t id; ///< the node's
    char name[LAT_NAME_MAX];
    enum process_state state;
    bool is_moving;    ///< its node fades out, and will be in the other place
    uint64_t since_ns; ///< in this state
    uint64_t move_ns;
    uint64_t start_ns; ///< DOWN: when to start
    struct lat_child child;
    bool has_child;
    bool has_played;
    bool has_fresh_sound; ///< what comes from it is to fade in
    bool was_known;       ///< it played before: it is restarted
    bool is_asked;        ///< ended by request
    bool is_lost;         ///< ended since it had lost the server, or so it said
    uint64_t end_ns;      ///< when it was told to end; 0: it was not
    uint32_t n_deaths;    ///< in a row
    struct lat_told told;
    // Watching:
    uint64_t n_cycles, cycles_ns;    ///< last change of its counter
    uint64_t jack_cycles;            ///< ours, when it changed
    uint64_t began_ns, began_cpu_ns; ///< its period, as last seen
    uint64_t n_beats, beats_ns;
    bool is_starved;      ///< no beat, but it wants to run
    uint64_t starved_cpu; ///< what its control thread had used by then, in ns
    uint64_t n_faults;
    uint64_t weighed_ns;
    struct process *next;
};

struct lat_processes {
    struct lat_processes_options options;
    struct lat_control *control;
    struct lat_jack *jack;
    struct lat_osc_sender *sender;
    struct process *first;
    char prefix[80]; ///< before a node's name in that of its JACK client
    bool are_cables_old;
    bool is_behind;             ///< memory ran out: follow the graph again
    bool has_leavers;           ///< see lat_processes_ask_leavers()
    uint32_t n_cables, n_late;  ///< as last reported
    uint64_t first_ns, tick_ns; ///< of the first tick, and of the last
    uint64_t n_deaths, n_restarts;
    uint64_t n_compared; ///< see lat_process_counts
    uint64_t birth_ns;   ///< when a process last got ready
    uint64_t lost_ns;    ///< when JACK was last not there
};

/// A time may have been noted after @p now_ns was read.
static inline uint64_t
passed(uint64_t now_ns, uint64_t since_ns)
{
    return now_ns > since_ns ? now_ns - since_ns : 0;
}

/// Note that @p p is in @p state from now on.
void
lat_process_enter(struct process *p, enum process_state state);

/// Can it be told things?
bool
lat_process_listens(const struct process *p);

/// Does it play, its cables connected?
bool
lat_process_plays(const struct process *p);

/// @return its node, or NULL when that was freed or renamed.
struct lat_node *
lat_process_node(const struct lat_processes *s, const struct process *p);

/// @return the process of @p node that is not leaving, or NULL.
struct process *
lat_process_of(const struct lat_processes *s, const struct lat_node *node);

#endif // LAT_PROCESS_PROCESS_STATE_H
