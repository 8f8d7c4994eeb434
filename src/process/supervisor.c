// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node that is to have a process goes through
//
//     DOWN -> BORN -> WIRING -> PLAYING -> (death) -> DOWN ... GIVEN_UP
//
// DOWN waits for its time, for its name, which the process before it may still
// hold, and for its turn: jackd tells every client of every new one, and
// clients that open together wait for each other until it gives them up.  A
// process is BORN until its ports are there, and in WIRING until its cables are
// connected; those that are ready together start at the same frame.  A node
// that played in the engine goes on there until its process plays; then what
// the engine hears of it fades out, comes from the process, and fades in.
//
// After every commit what a process was told is compared with the graph; only
// values that move are passed on as they come.

#include "supervisor.h"
#include "base/log.h"
#include "base/process_page.h"
#include "child.h"
#include "control/watch.h"
#include "mirror.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS_NS         UINT64_C(1000000)
#define BIRTH_NS      (10000 * MS_NS) // patience until a process is ready
#define WIRING_NS     (1500 * MS_NS)  // and until its cables are connected,
#define PER_WIRE_NS   (50 * MS_NS)    // for each of which JACK takes its time
#define TURN_NS       (2000 * MS_NS)  // a process that is not born by then
#define TOGETHER_NS   (3000 * MS_NS)  // others are waited for
#define FIRST_WAIT_NS (30000 * MS_NS) // the first frame waits
#define BACKOFF_NS    (100 * MS_NS)
#define MAX_BACKOFF   (10000 * MS_NS)
#define HEALTHY_NS    (10000 * MS_NS)
#define STALL_NS      (500 * MS_NS)
#define DEAF_NS       (900 * MS_NS)  // its control thread does nothing
#define LONG_TICK_NS  (200 * MS_NS)  // we were held up ourselves
#define END_NS        (1000 * MS_NS) // when lattice ends
#define LEAVE_NS      (1500 * MS_NS)
#define FADE_NS       (10 * MS_NS) // 5 ms, and the way there
#define WEIGH_NS      (200 * MS_NS)
#define WATCH_NS      (100 * MS_NS) // of processes that play
#define STEP_NS       (5 * MS_NS)   // of those that are on their way

enum state {
    DOWN,
    BORN,
    WIRING,
    PLAYING,
    GIVEN_UP,
    LEAVING, ///< told to end; the node is gone or back in the engine
};

/// Steps of a node from one place to the other, while it plays.
enum move {
    STILL,
    FADING_OUT,  ///< to the process
    FADING_BACK, ///< to the engine
};

struct process {
    uint64_t id; ///< the node's
    char name[LAT_NAME_MAX];
    enum state state;
    enum move move;
    uint64_t since_ns; ///< in this state
    uint64_t move_ns;
    uint64_t start_ns; ///< DOWN: when to start
    struct lat_child child;
    bool has_child;
    bool has_played;
    bool has_fresh_sound; ///< what comes from it is to fade in
    bool was_known;       ///< it played before: it is restarted
    bool is_asked;        ///< killed by request
    uint32_t n_deaths;    ///< in a row
    struct lat_told told;
    // Watching:
    uint64_t n_cycles, cycles_ns; ///< last change of its counter
    uint64_t jack_cycles;         ///< ours, when it changed
    uint64_t n_beats, beats_ns;
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
    bool are_cables_old;
    bool has_leavers;           ///< see is_leaver()
    uint32_t n_cables, n_late;  ///< as last reported
    uint64_t first_ns, tick_ns; ///< of the first tick, and of the last
    uint64_t n_deaths, n_restarts;
    uint64_t n_compared; ///< see lat_process_counts
    uint64_t birth_ns;   ///< when a process last got ready
    uint64_t lost_ns;    ///< when JACK was last not there
};

/// A time may have been noted after @p now_ns was read.
static uint64_t
passed(uint64_t now_ns, uint64_t since_ns)
{
    return now_ns > since_ns ? now_ns - since_ns : 0;
}

static void
enter(struct process *p, enum state state)
{
    p->state = state;
    p->since_ns = lat_now_ns();
}

/// Can it be told things?
static bool
listens(const struct process *p)
{
    return p->has_child && (p->state == WIRING || p->state == PLAYING);
}

static struct lat_node *
node_of(const struct lat_processes *s, const struct process *p)
{
    struct lat_node *node =
        lat_graph_find(lat_control_graph(s->control), p->name);
    return node && node->id == p->id ? node : NULL;
}

static struct process *
process_of(const struct lat_processes *s, const struct lat_node *node)
{
    struct process *p = s->first;
    while (p && (p->id != node->id || p->state == LEAVING)) {
        p = p->next;
    }
    return p;
}

// What is told of the control.

static void
flush(struct lat_processes *s, const struct process *p)
{
    const uint32_t port = atomic_load(&p->child.page->osc_port);
    lat_osc_sender_flush(s->sender, (uint16_t)port);
}

/// Tell a process what has changed.
static void
tell_changes(struct lat_processes *s, struct process *p,
             const struct lat_node *node, bool with_values)
{
    lat_told_update(&p->told, node, with_values, s->sender);
    flush(s, p);
}

static void
tell_panic(struct lat_processes *s)
{
    for (struct process *p = s->first; p; p = p->next) {
        if (listens(p)) {
            lat_osc_sender_add(s->sender, "/panic", "");
            flush(s, p);
        }
    }
}

static void
tell_value(struct lat_processes *s, const struct lat_change *change)
{
    const struct lat_node *node = change->node;
    struct process *p = node->place.is_hosted ? process_of(s, node) : NULL;
    if (!p || !listens(p)) {
        return; // it will be told when it can listen
    }
    char path[128];
    snprintf(path, sizeof(path), "/node/%s/%s", node->name,
             node->layout->in[change->input].name);
    if (change->seconds >= 0.0) {
        lat_osc_sender_add(s->sender, path, "dd", change->number,
                           change->seconds);
    } else {
        lat_osc_sender_add(s->sender, path, "d", change->number);
    }
    flush(s, p);
    if (node->layout == p->told.layout) {
        p->told.values[change->input] = (float)change->number;
    }
}

static struct process *
add_process(struct lat_processes *s, const struct lat_node *node)
{
    struct process *p = calloc(1, sizeof(*p));
    if (!p) {
        lat_log(LAT_LOG_ERROR, "out of memory: %s gets no process", node->name);
        return NULL;
    }
    p->id = node->id;
    memcpy(p->name, node->name, sizeof(p->name));
    p->next = s->first;
    s->first = p;
    enter(p, DOWN);
    return p;
}

static void
leave(struct lat_processes *s, struct process *p)
{
    if (p->has_child) {
        lat_child_end(&p->child);
    }
    enter(p, LEAVING);
    s->are_cables_old = true;
}

// Is it in the engine, and to leave it?
static bool
is_leaver(const struct lat_node *n)
{
    return !n->place.is_hosted && n->place.is_wanted;
}

/// Compare every process with the graph.
static void
follow_graph(struct lat_processes *s)
{
    const struct lat_graph *g = lat_control_graph(s->control);
    if (!lat_control_has_places(s->control)) {
        return;
    }
    for (struct process *p = s->first; p; p = p->next) {
        const struct lat_node *node = node_of(s, p);
        if (p->state != LEAVING && (!node || !node->place.is_hosted)) {
            leave(s, p); // freed, renamed, or back in the engine
        }
    }
    for (const struct lat_node *n = g->first; n; n = n->next) {
        s->has_leavers = s->has_leavers || is_leaver(n);
        struct process *p = n->place.is_hosted ? process_of(s, n) : NULL;
        if (n->place.is_hosted && !p) {
            (void)add_process(s, n);
        } else if (p && listens(p)) {
            tell_changes(s, p, n, false);
        }
    }
    s->are_cables_old = true;
    ++s->n_compared;
}

/// The amount of a cable between nodes of a process is no other connection.
static void
tell_amount(struct lat_processes *s, const struct lat_change *change)
{
    const struct lat_node *node = change->cable->dst;
    struct process *p = node->place.is_hosted ? process_of(s, node) : NULL;
    if (p && listens(p)) {
        tell_changes(s, p, node, false);
    }
}

#define COMPARED (LAT_TOPIC_STRUCTURE | LAT_TOPIC_SETTINGS | LAT_TOPIC_PLACES)

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_processes *s = data;
    const bool is_compared = changes->topics & COMPARED;
    for (uint32_t i = 0; i < changes->n; ++i) {
        const struct lat_change *change = &changes->entries[i];
        if (change->kind == LAT_CHANGE_VALUE) {
            tell_value(s, change);
        } else if (change->kind == LAT_CHANGE_AMOUNT && !is_compared) {
            tell_amount(s, change);
        } else if (change->kind == LAT_CHANGE_PANIC) {
            tell_panic(s);
        }
    }
    if (is_compared) {
        follow_graph(s);
    }
}

static uint32_t
count_late(const struct lat_processes *s)
{
    uint32_t n = 0;
    const struct lat_graph *g = lat_control_graph(s->control);
    for (const struct lat_cable *c = g->first_cable; c; c = c->next) {
        n += lat_cable_is_late(c);
    }
    return n;
}

static void
report_late(struct lat_processes *s)
{
    const uint32_t n = count_late(s);
    if (n != s->n_late && n) {
        struct lat_jack_status j;
        lat_jack_status(s->jack, &j);
        lat_log(LAT_LOG_INFO,
                "%u cable%s from processes %s one period (%u frames) late; "
                "/graph/late lists them",
                n, n == 1 ? "" : "s", n == 1 ? "is" : "are", j.period);
    }
    s->n_late = n;
}

static bool
is_there(void *data, const struct lat_node *node)
{
    const struct process *p = process_of(data, node);
    return p && listens(p);
}

static void
update_cables(struct lat_processes *s)
{
    const struct lat_graph *g = lat_control_graph(s->control);
    struct lat_cable_plan plan = {0};
    bool has_any = false;
    s->are_cables_old = false;
    for (const struct process *p = s->first; p; p = p->next) {
        has_any = has_any || p->state != LEAVING;
    }
    for (const struct lat_node *n = g->first; n; n = n->next) {
        if (n->place.is_hosted && is_there(s, n)) {
            lat_told_cables(&process_of(s, n)->told, n, g, is_there, s, &plan);
        }
    }
    report_late(s);
    s->n_cables = plan.n_cables;
    lat_jack_want_clock(s->jack, has_any);
    lat_jack_want_cables(s->jack, &plan);
}

// Life and death.

static void
tell(struct lat_processes *s, const char *path, const char *node,
     const char *text)
{
    if (s->options.tell) {
        s->options.tell(s->options.data, path, node, text);
    }
}

static void
spawn(struct lat_processes *s, struct process *p, const struct lat_node *node)
{
    struct lat_jack_status j;
    struct lat_engine_status e;
    lat_jack_status(s->jack, &j);
    lat_engine_status(lat_control_engine(s->control), &e);
    const struct lat_child_options how = {
        .node = node,
        .block = e.block,
        .server = s->options.server,
        .isa = s->options.isa,
        .sandbox = s->options.sandbox,
        .memory_mib = s->options.memory_mib,
        .verbose = s->options.verbose,
    };
    struct lat_error error = {.text = "out of memory"};
    lat_told_forget(&p->told);
    if (lat_told_remember(&p->told, node) != LAT_OK ||
        lat_child_start(&how, &p->child, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s gets no process: %s", node->name,
                error.text);
        p->start_ns = lat_now_ns() + MAX_BACKOFF;
        return;
    }
    p->has_child = true;
    p->has_played = false;
    p->is_asked = false;
    const uint64_t now_ns = lat_now_ns();
    p->n_cycles = p->n_beats = p->n_faults = 0;
    p->cycles_ns = p->beats_ns = p->weighed_ns = now_ns;
    p->jack_cycles = j.n_cycles;
    enter(p, BORN);
}

static bool
name_is_free(const struct lat_processes *s, const struct process *p)
{
    for (const struct process *q = s->first; q; q = q->next) {
        if (q != p && q->has_child && strcmp(q->name, p->name) == 0) {
            return false;
        }
    }
    return true;
}

/// JACK went, or has just come: no process is to blame.
static bool
is_jack_to_blame(const struct lat_processes *s)
{
    return s->lost_ns && lat_now_ns() - s->lost_ns < 3000 * MS_NS;
}

static void
bury(struct lat_processes *s, struct process *p, const char *why)
{
    const struct lat_node *node = node_of(s, p);
    lat_child_fini(&p->child);
    p->has_child = false;
    s->are_cables_old = true;
    if (p->state == LEAVING) {
        return;
    }
    const uint64_t now_ns = lat_now_ns();
    if (p->state == PLAYING && passed(now_ns, p->since_ns) >= HEALTHY_NS) {
        p->n_deaths = 0;
    }
    if (node && node->place.is_away) {
        lat_control_fade_outputs(s->control, p->name, false);
        p->has_fresh_sound = true;
    } else if (p->move == FADING_OUT) {
        lat_control_fade_outputs(s->control, p->name, true); // it stays
    }
    p->was_known = p->was_known || p->state == PLAYING;
    p->move = STILL;
    enter(p, DOWN);
    if (p->is_asked || is_jack_to_blame(s)) {
        p->start_ns = now_ns;
        return;
    }
    ++s->n_deaths;
    ++p->n_deaths;
    tell(s, "/node/died", p->name, why);
    if (p->n_deaths >= LAT_PROCESS_TRIES) {
        char text[32];
        snprintf(text, sizeof(text), "%u", p->n_deaths);
        lat_log(LAT_LOG_ERROR,
                "%s: %s; given up after %u tries: mend it, then send "
                "/node/%s/restart, or take it into the engine with "
                "/node/%s/process engine",
                p->name, why, p->n_deaths, p->name, p->name);
        tell(s, "/node/given_up", p->name, text);
        enter(p, GIVEN_UP);
        return;
    }
    uint64_t backoff_ns = BACKOFF_NS << (p->n_deaths - 1);
    backoff_ns = backoff_ns < MAX_BACKOFF ? backoff_ns : MAX_BACKOFF;
    lat_log(LAT_LOG_WARNING, "%s: %s; started anew in %.1f s", p->name, why,
            (double)backoff_ns * 1e-9);
    p->start_ns = now_ns + backoff_ns;
}

/// End a process that no longer does what it should, before anybody asks JACK
/// for anything: a client that stands still can hold up all others.
static void
put_down(struct lat_processes *s, struct process *p, const char *why)
{
    lat_child_kill(&p->child);
    bury(s, p, why);
}

static void
reap(struct lat_processes *s, struct process *p)
{
    char why[600];
    if (p->has_child && lat_child_has_ended(&p->child, why, sizeof(why))) {
        bury(s, p, why);
    }
}

/// Does it still run its periods, and its loop?  A period that does not end is
/// its own fault; one that does not begin may be JACK's.
static void
watch(struct lat_processes *s, struct process *p,
      const struct lat_jack_status *j, uint64_t now_ns)
{
    const struct lat_process_page *page = p->child.page;
    const uint64_t n_cycles = atomic_load(&page->n_cycles);
    const uint64_t began_ns = atomic_load(&page->began_ns);
    if (n_cycles != p->n_cycles || !j->is_ready || j->is_freewheeling ||
        j->n_cycles - p->jack_cycles < 3) {
        if (n_cycles != p->n_cycles) {
            p->jack_cycles = j->n_cycles;
        }
        p->n_cycles = n_cycles;
        p->cycles_ns = now_ns;
    }
    const uint64_t n_beats = atomic_load(&page->n_beats);
    if (n_beats != p->n_beats || passed(now_ns, s->tick_ns) > LONG_TICK_NS) {
        p->n_beats = n_beats;
        p->beats_ns = now_ns;
    }
    const uint64_t n_faults = atomic_load(&page->n_faults);
    if (n_faults != p->n_faults) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "node %s made samples that are no numbers in its "
                        "process; it was silenced and started anew there",
                        p->name);
        p->n_faults = n_faults;
    }
    if (passed(now_ns, p->cycles_ns) > STALL_NS ||
        (began_ns && passed(now_ns, began_ns) > STALL_NS)) {
        put_down(s, p, "its process stands still");
    } else if (passed(now_ns, p->beats_ns) > DEAF_NS) {
        put_down(s, p, "its process listens no more");
    } else if (passed(now_ns, p->weighed_ns) > WEIGH_NS) {
        p->weighed_ns = now_ns;
        if (lat_child_memory_mib(&p->child) > s->options.memory_mib) {
            put_down(s, p, "its process took too much memory");
        }
    }
}

// Step by step.

static bool
is_its_turn(const struct lat_processes *s, uint64_t now_ns)
{
    for (const struct process *p = s->first; p; p = p->next) {
        if (p->state == BORN && passed(now_ns, p->since_ns) < TURN_NS) {
            return false;
        }
    }
    return true;
}

static void
step_down(struct lat_processes *s, struct process *p, uint64_t now_ns,
          const struct lat_jack_status *j)
{
    const struct lat_node *node = node_of(s, p);
    if (node && j->is_ready && now_ns >= p->start_ns && name_is_free(s, p) &&
        is_its_turn(s, now_ns)) {
        spawn(s, p, node);
    }
}

static void
step_born(struct lat_processes *s, struct process *p, uint64_t now_ns)
{
    const struct lat_node *node = node_of(s, p);
    const uint32_t state = atomic_load(&p->child.page->state);
    if (state == LAT_PROCESS_READY && node) {
        s->birth_ns = now_ns;
        enter(p, WIRING);
        p->cycles_ns = p->beats_ns = now_ns;
        tell_changes(s, p, node, true);
        s->are_cables_old = true;
    } else if (passed(now_ns, p->since_ns) > BIRTH_NS) {
        put_down(s, p, "its process did not get ready");
    }
}

static bool
others_come(const struct lat_processes *s, uint64_t now_ns)
{
    for (const struct process *p = s->first; p; p = p->next) {
        const bool is_young = passed(now_ns, p->since_ns) < TOGETHER_NS ||
                              passed(now_ns, s->birth_ns) < TOGETHER_NS;
        const bool is_first = !p->was_known && p->n_deaths == 0;
        if (is_first && is_young && (p->state == DOWN || p->state == BORN)) {
            return true;
        }
    }
    return false;
}

/// Start all that are wired, at one frame.
static void
start_wired(struct lat_processes *s, uint64_t now_ns)
{
    const uint64_t patience_ns = WIRING_NS + s->n_cables * PER_WIRE_NS;
    bool has_some = false;
    bool is_late = false;
    for (const struct process *p = s->first; p; p = p->next) {
        has_some = has_some || p->state == WIRING;
        is_late = is_late || (p->state == WIRING &&
                              passed(now_ns, p->since_ns) > patience_ns);
    }
    if (!has_some || others_come(s, now_ns) ||
        (!is_late && (s->are_cables_old || !lat_jack_has_cables(s->jack)))) {
        return;
    }
    struct lat_engine_status e;
    struct lat_jack_status j;
    lat_jack_status(s->jack, &j);
    lat_engine_status(lat_control_engine(s->control), &e);
    // Time for the message to get there; none where no frame has passed yet.
    const uint64_t frame =
        j.is_open ? e.frame + 2 * (uint64_t)j.period + (uint64_t)(0.02 * e.rate)
                  : e.frame;
    for (struct process *p = s->first; p; p = p->next) {
        if (p->state == WIRING) {
            lat_osc_sender_add(s->sender, "/process/start", "h",
                               (int64_t)frame);
            flush(s, p);
            enter(p, PLAYING);
        }
    }
}

static void
place(struct lat_processes *s, const struct process *p, bool is_hosted,
      bool is_away)
{
    struct lat_error error;
    if (lat_control_place(s->control, p->name, is_hosted, is_away, &error) !=
        LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s stays where it is: %s", p->name, error.text);
    }
}

static void
begin_move(struct lat_processes *s, struct process *p, enum move move,
           uint64_t now_ns)
{
    lat_control_fade_outputs(s->control, p->name, false);
    p->move = move;
    p->move_ns = now_ns;
}

static void
end_move(struct lat_processes *s, struct process *p)
{
    const bool is_back = p->move == FADING_BACK;
    p->move = STILL;
    place(s, p, !is_back, !is_back);
    lat_control_fade_outputs(s->control, p->name, true);
}

static void
step_playing(struct lat_processes *s, struct process *p, uint64_t now_ns)
{
    const struct lat_node *node = node_of(s, p);
    if (!node || !atomic_load(&p->child.page->n_played)) {
        return;
    }
    if (!p->has_played) {
        p->has_played = true;
        lat_log(LAT_LOG_DEBUG, "%s plays in process %ld from frame %llu on",
                p->name, (long)p->child.pid,
                (unsigned long long)atomic_load(&p->child.page->first_frame));
    }
    if (!node->place.is_away && p->move == STILL) {
        begin_move(s, p, FADING_OUT, now_ns);
    }
    if (p->has_fresh_sound && node->place.is_away) {
        p->has_fresh_sound = false;
        lat_control_fade_outputs(s->control, p->name, true);
    }
    if (p->was_known) {
        p->was_known = false;
        ++s->n_restarts;
        lat_log(LAT_LOG_INFO, "%s plays again in its process", p->name);
        tell(s, "/node/restarted", p->name, NULL);
    }
}

static void
step_leaving(struct process *p, uint64_t now_ns)
{
    if (p->has_child && passed(now_ns, p->since_ns) > LEAVE_NS) {
        lat_child_kill(&p->child);
        lat_child_fini(&p->child);
        p->has_child = false;
    }
}

/// Back into the engine, where the user wants it.
static void
follow_wish(struct lat_processes *s, struct process *p, uint64_t now_ns)
{
    const struct lat_node *node = node_of(s, p);
    if (!node || p->state == LEAVING || p->move == FADING_BACK ||
        lat_control_wants_process(s->control, node)) {
        return;
    }
    if (node->place.is_away) {
        begin_move(s, p, FADING_BACK, now_ns);
    } else {
        place(s, p, false, false);
    }
}

static void
step(struct lat_processes *s, struct process *p, uint64_t now_ns,
     const struct lat_jack_status *j)
{
    reap(s, p);
    if (listens(p)) {
        watch(s, p, j, now_ns);
    }
    switch (p->state) {
    case DOWN:
        step_down(s, p, now_ns, j);
        break;
    case BORN:
        step_born(s, p, now_ns);
        break;
    case PLAYING:
        step_playing(s, p, now_ns);
        break;
    case LEAVING:
        step_leaving(p, now_ns);
        break;
    default:
        break;
    }
    follow_wish(s, p, now_ns);
    if (p->move != STILL && passed(now_ns, p->move_ns) >
                                FADE_NS + 2 * UINT64_C(1000000000) * j->period /
                                              (j->rate ? j->rate : 1)) {
        end_move(s, p);
    }
}

static void
process_free(struct process *p)
{
    if (p->has_child) {
        lat_child_kill(&p->child);
        lat_child_fini(&p->child);
    }
    lat_told_forget(&p->told);
    free(p);
}

static void
sweep(struct lat_processes *s)
{
    struct process **at = &s->first;
    while (*at) {
        struct process *p = *at;
        if (p->state == LEAVING && !p->has_child) {
            *at = p->next;
            process_free(p);
        } else {
            at = &p->next;
        }
    }
}

/// Nodes that cannot leave now are asked again.
static void
ask_leavers(struct lat_processes *s)
{
    const struct lat_graph *g = lat_control_graph(s->control);
    bool are_left = false;
    for (const struct lat_node *n = s->has_leavers ? g->first : NULL; n;) {
        const struct lat_node *next = n->next;
        struct lat_error error;
        if (is_leaver(n) &&
            lat_control_place(s->control, n->name, true, false, &error)) {
            are_left = true;
        }
        n = next;
    }
    s->has_leavers = are_left;
}

void
lat_processes_tick(struct lat_processes *s)
{
    const uint64_t now_ns = lat_now_ns();
    struct lat_jack_status j;
    lat_jack_status(s->jack, &j);
    if (!s->first_ns) {
        s->first_ns = now_ns;
    }
    if (!j.is_ready) {
        s->lost_ns = now_ns;
    }
    ask_leavers(s);
    for (struct process *p = s->first; p; p = p->next) {
        step(s, p, now_ns, &j);
    }
    sweep(s);
    if (s->are_cables_old) {
        update_cables(s);
    }
    start_wired(s, now_ns);
    lat_osc_sender_read(s->sender);
    s->tick_ns = now_ns;
}

/// Processes tell nothing by themselves, but through their page.
static uint64_t
process_next_ns(const struct process *p, uint64_t now_ns)
{
    if (p->state == GIVEN_UP) {
        return UINT64_MAX;
    }
    if (p->state == DOWN && now_ns < p->start_ns) {
        return p->start_ns;
    }
    const bool is_settled = p->state == PLAYING && p->move == STILL &&
                            p->has_played && !p->has_fresh_sound &&
                            !p->was_known;
    return now_ns + (is_settled ? WATCH_NS : STEP_NS);
}

uint64_t
lat_processes_next_ns(const struct lat_processes *s)
{
    const uint64_t now_ns = lat_now_ns();
    uint64_t next_ns = UINT64_MAX;
    if (s->has_leavers || s->are_cables_old) {
        next_ns = now_ns + STEP_NS;
    }
    for (const struct process *p = s->first; p; p = p->next) {
        const uint64_t ns = process_next_ns(p, now_ns);
        next_ns = ns < next_ns ? ns : next_ns;
    }
    return next_ns;
}

bool
lat_processes_are_up(struct lat_processes *s)
{
    lat_processes_tick(s);
    bool are_up = true;
    for (const struct process *p = s->first; p; p = p->next) {
        const bool is_open =
            p->state == PLAYING &&
            atomic_load(&p->child.page->state) == LAT_PROCESS_OPEN;
        are_up = are_up && (is_open || p->n_deaths > 0);
    }
    return are_up || lat_now_ns() - s->first_ns > FIRST_WAIT_NS;
}

enum lat_status
lat_processes_restart(struct lat_processes *s, const char *name,
                      struct lat_error *error)
{
    const struct lat_node *node =
        lat_control_need_node(s->control, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    struct process *p = process_of(s, node);
    if (!p) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s runs in the engine, which starts nothing "
                             "anew; /node/%s/process own gives it a process",
                             name, name);
    }
    p->n_deaths = 0;
    p->start_ns = 0;
    if (p->has_child) {
        p->is_asked = true;
        lat_child_kill(&p->child);
        bury(s, p, "restarted");
    } else {
        p->was_known = true;
        enter(p, DOWN);
    }
    return LAT_OK;
}

void
lat_processes_count(const struct lat_processes *s,
                    struct lat_process_counts *out)
{
    *out = (struct lat_process_counts){
        .n_deaths = s->n_deaths,
        .n_restarts = s->n_restarts,
        .n_compared = s->n_compared,
    };
    for (const struct process *p = s->first; p; p = p->next) {
        out->n += p->state != LEAVING;
        out->n_playing += p->state == PLAYING;
        out->n_given_up += p->state == GIVEN_UP;
        out->n_missed +=
            p->has_child ? atomic_load(&p->child.page->n_missed) : 0;
    }
    out->n_late_cables = count_late(s);
}

/// What an output of a process last gave.
static float
last_sample(void *data, const struct lat_node *node, uint32_t output)
{
    const struct lat_processes *s = data;
    const struct process *p = process_of(s, node);
    if (!p || !p->has_child || p->state != PLAYING ||
        output >= LAT_PROCESS_OUTPUTS) {
        return 0.0F;
    }
    const struct lat_process_page *page = p->child.page;
    const uint32_t slot = atomic_load(&page->slot_of[output]);
    return slot > 0 && slot <= LAT_PROCESS_SLOTS
               ? atomic_load(&page->last[slot - 1])
               : 0.0F;
}

enum lat_status
lat_processes_new(const struct lat_processes_options *options,
                  struct lat_control *control, struct lat_jack *jack,
                  struct lat_processes **out)
{
    struct lat_processes *s = calloc(1, sizeof(*s));
    if (!s || lat_osc_sender_new(&s->sender) != LAT_OK) {
        free(s);
        return LAT_ENOMEM;
    }
    s->options = *options;
    s->control = control;
    s->jack = jack;
    const struct lat_listener listener = {
        .data = s,
        .topics =
            COMPARED | LAT_TOPIC_VALUES | LAT_TOPIC_AMOUNTS | LAT_TOPIC_PANIC,
        .changed = on_changes,
    };
    if (lat_control_listen(control, &listener) != LAT_OK) {
        lat_osc_sender_free(s->sender);
        free(s);
        return LAT_ENOMEM;
    }
    lat_control_set_outside(control, last_sample, s);
    *out = s;
    follow_graph(s); // what was loaded before
    return LAT_OK;
}

/// A process that is killed leaves locks behind in JACK's metadata: give them a
/// moment to end by themselves.
static void
end_all(struct lat_processes *s)
{
    const uint64_t start_ns = lat_now_ns();
    const struct timespec pause = {0, (long)(2 * MS_NS)};
    bool are_there = true;
    for (struct process *p = s->first; p; p = p->next) {
        if (p->state != LEAVING) {
            leave(s, p);
        }
    }
    while (are_there && passed(lat_now_ns(), start_ns) < END_NS) {
        are_there = false;
        for (struct process *p = s->first; p; p = p->next) {
            reap(s, p);
            are_there = are_there || p->has_child;
        }
        nanosleep(&pause, NULL);
    }
}

void
lat_processes_free(struct lat_processes *s)
{
    if (!s) {
        return;
    }
    end_all(s);
    lat_control_set_outside(s->control, NULL, NULL);
    lat_control_unlisten(s->control, s);
    while (s->first) {
        struct process *p = s->first;
        s->first = p->next;
        process_free(p);
    }
    lat_osc_sender_free(s->sender);
    free(s);
}
