// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A link (jack_link.h) is one life of the client; this is what stays from one
// life to the next: which ports and connections there should be, and the way
// back after the server has gone.
//
//     OPENING -> SETTING_UP -> CONNECTING -> HELD -> LIVE
//        ^                                            |
//     WAITING <- LOST <-------------------------------+
//
// At the start the same steps are taken, but waited for.  HELD is until whoever
// opened the client lets it play.
//
// A link that cannot be closed is left behind: libjack waits for a server that
// is stopped, or that died at a bad moment.  If that server goes on after all,
// it still has our old self, and calls the new one by another name; then the
// new one is given up once the old one is gone.
//
// A try to open may wait for an answer that never comes, though the server is
// there: PipeWire that was stopped for a while may forget one.  So it is given
// up after a while, and another made.  Each stays until the server answers or
// goes; to have few of them, the next is given twice the time.

#include "client.h"
#include "base/log.h"
#include "diagnosis.h"
#include "link.h"
#include "remembered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS       UINT64_C(1000000000)
#define OPEN_NS         (10 * SECOND_NS) // patience at the start
#define CLOSE_NS        (2 * SECOND_NS)
#define DYING_NS        (5 * SECOND_NS)  // for the old link before a new try
#define PATIENCE_NS     (10 * SECOND_NS) // for a try to open, doubled each time
#define MAX_PATIENCE_NS (300 * SECOND_NS)
#define MAX_RENAMINGS   3
#define RETRY_NS        SECOND_NS
#define STALL_NS        (2 * SECOND_NS) // no cycle for so long: the server is dead
#define BEAT_NS         (SECOND_NS / 5)   // looked for whether cycles go on
#define LONG_TICK_NS    (SECOND_NS / 2)   // we were stopped ourselves
#define STEP_NS         (SECOND_NS / 200) // on the way up or down
#define LATENCY_NS      (SECOND_NS / 10)  // from one look at it to the next
#define COLLECT_NS      (SECOND_NS / 2)
#define MIDI_PORT       "midi_in"

enum state {
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
    uint32_t generation, n_channels;
    char name[LAT_PORT_NAME_MAX];
};

struct lat_jack {
    struct lat_control *control;
    struct lat_engine *engine;
    struct lat_jack_options options;
    enum state state;
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
    char name[256];                              ///< under which to come back
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
    uint64_t since_ns; ///< when the state began
    uint64_t tick_ns, stalled_ns, n_cycles;
    uint64_t look_ns;        ///< when to look at the connections again, or 0
    uint64_t n_xruns_before; ///< in earlier lives
    bool has_leaked;
};

static void
enter(struct lat_jack *j, enum state state)
{
    j->state = state;
    j->since_ns = lat_now_ns();
}

// Ports and connections.

static const struct lat_slot *
first_output(const struct lat_slot *slots)
{
    const struct lat_slot *first = NULL;
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct lat_slot *d = &slots[i];
        if (d->refs && d->is_output && !d->is_cv && !d->is_plain &&
            (!first || d->order < first->order)) {
            first = d;
        }
    }
    return first;
}

static const struct lat_line *
session_lines(const struct lat_jack *j)
{
    return lat_control_document(j->control)->jack;
}

/// Has a line or the user said where a node's outputs go?
static bool
is_decided(const struct lat_jack *j, const struct lat_slot *slots,
           const char *node)
{
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (slots[i].refs && slots[i].is_output &&
            strcmp(slots[i].node, node) == 0 &&
            (lat_remembered_in_lines(session_lines(j), slots[i].name) ||
             lat_remembered_is_refused(j->remembered, slots[i].name))) {
            return true;
        }
    }
    return false;
}

static void
connect_by_rule(struct lat_jack *j, const struct lat_slot *d)
{
    lat_remembered_add_default(j->remembered, d->name, d->channel);
    if (d->n_channels == 1) {
        lat_remembered_add_default(j->remembered, d->name, 2);
    } else if (d->channel == 1) {
        lat_remembered_drop_default(j->remembered, d->name, 2);
    }
}

/// The only connection that nobody asked for: the first audio_out goes to the
/// first two physical ports, one channel to both.
/// @param is_new  slots that have changed.
static void
apply_rule(struct lat_jack *j, const struct lat_slot *slots, const bool *is_new)
{
    const struct lat_slot *first = first_output(slots);
    const bool is_open = first && !is_decided(j, slots, first->node);
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct lat_slot *d = &slots[i];
        const bool is_ruled = d->refs && d->is_output && !d->is_plain &&
                              d->channel <= 2 && first &&
                              strcmp(first->node, d->node) == 0;
        if (d->refs) {
            lat_remembered_set_ruled(j->remembered, d->name, is_ruled);
        }
        if (is_ruled && is_open && is_new[i]) {
            connect_by_rule(j, d);
        }
    }
}

/// Are its connections for the session and for people?  Those of doors, and of
/// processes that were started, are cables.
static bool
is_ours(const struct lat_jack *j, const struct lat_slot *d)
{
    return !d->is_plain || (j->options.is_clocked && !j->options.page);
}

static void
follow_slot(struct lat_jack *j, const struct lat_slot *slots, uint32_t i)
{
    const struct lat_slot *d = &slots[i];
    struct seen_slot *seen = &j->seen[i];
    struct lat_document *document = lat_control_document(j->control);
    const bool is_same =
        seen->is_used && d->refs && seen->generation == d->generation;
    if (!is_ours(j, d) && !seen->is_used) {
        return;
    }
    if (seen->is_used && !is_same) {
        lat_remembered_port_removed(j->remembered, seen->name);
    }
    if (is_same && strcmp(seen->name, d->name) != 0) {
        lat_remembered_port_renamed(j->remembered, seen->name, d->name,
                                    document->jack);
    }
    seen->is_used = d->refs && is_ours(j, d);
    seen->generation = d->generation;
    seen->n_channels = d->n_channels;
    memcpy(seen->name, d->name, sizeof(seen->name));
}

/// Bring the connections up to date with the engine's slots.
static void
follow_slots(struct lat_jack *j)
{
    const struct lat_slot *slots = lat_engine_slots(j->engine);
    bool is_new[LAT_MAX_DEVICE_SLOTS];
    bool has_changed[LAT_MAX_DEVICE_SLOTS];
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct seen_slot *seen = &j->seen[i];
        is_new[i] = slots[i].refs && is_ours(j, &slots[i]) &&
                    !(seen->is_used && seen->generation == slots[i].generation);
        has_changed[i] = is_new[i] || seen->n_channels != slots[i].n_channels;
        follow_slot(j, slots, i);
    }
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        if (is_new[i]) {
            const struct lat_slot *d = &slots[i];
            lat_remembered_port_added(j->remembered, d->name,
                                      d->order * 64 + d->channel,
                                      session_lines(j));
        }
    }
    apply_rule(j, slots, has_changed);
    j->is_dirty = false;
}

static void
follow_session(struct lat_jack *j)
{
    bool all[LAT_MAX_DEVICE_SLOTS];
    memset(all, true, sizeof(all));
    lat_remembered_load(j->remembered, session_lines(j));
    apply_rule(j, lat_engine_slots(j->engine), all);
    j->has_session = false;
}

/// Listeners are called inside commands: the audio thread must not put the new
/// owner's sound into the old owner's port, the rest can wait for the tick.
static void
follow_ports(struct lat_jack *j)
{
    const struct lat_slot *slots = lat_engine_slots(j->engine);
    const size_t n = lat_engine_n_slots(j->engine);
    if (memcmp(slots, j->slots, n * sizeof(*slots)) == 0) {
        return; // told after every command
    }
    memcpy(j->slots, slots, n * sizeof(*slots));
    if (j->link) {
        j->ports_serial = lat_link_want_ports(j->link, slots);
    }
    j->is_dirty = true;
}

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_jack *j = data;
    follow_ports(j);
    j->has_session = j->has_session || changes->is_session;
}

void
lat_jack_connect_session(struct lat_jack *j)
{
    j->has_session = true;
}

static void
give_order(void *data, bool is_connect, const char *from, const char *to)
{
    struct lat_jack *j = data;
    j->n_ordered = lat_link_order(j->link, is_connect, from, to);
}

/// Look at what the server shows, if that is newer than our last wish.
/// @return true when it was looked at.
static bool
take_view(struct lat_jack *j, bool is_to_warn)
{
    struct lat_jack_view view;
    if (!lat_link_take_view(j->link, &view)) {
        return false;
    }
    const bool is_new = view.ports_serial == j->ports_serial &&
                        view.orders_done >= j->n_ordered;
    if (is_new) {
        if (j->has_session) {
            follow_session(j);
            is_to_warn = true;
        }
        const uint64_t now_ns = lat_now_ns();
        if (lat_remembered_update(j->remembered, &view, now_ns, give_order,
                                  j)) {
            j->look_ns = now_ns + LAT_REMEMBERED_SETTLE_NS;
        }
        if (is_to_warn) {
            lat_remembered_warn(j->remembered);
        }
    }
    lat_jack_view_fini(&view);
    return is_new;
}

/// Is what the link was told of latencies old?
static bool
is_latency_old(const struct lat_jack *j)
{
    return !j->has_latency || j->latency_period != j->engine_period ||
           j->latency_serial != lat_control_latency_serial(j->control);
}

/// A crowd of changes is looked at once: it takes time in large graphs.
static void
follow_latency(struct lat_jack *j)
{
    const uint64_t now_ns = lat_now_ns();
    struct lat_latency latency = {0};
    if (!is_latency_old(j) || now_ns - j->latency_ns < LATENCY_NS) {
        return;
    }
    j->latency_ns = now_ns;
    j->latency_period = j->engine_period;
    j->latency_serial = lat_control_latency_serial(j->control);
    j->has_latency =
        !lat_control_latency(j->control, j->latency_period, &latency) &&
        !lat_link_set_latency(j->link, &latency);
    lat_latency_fini(&latency);
}

// The way up.

/// Let go of the link that is dying, if there still is one.
static void
leave_behind(struct lat_jack *j)
{
    if (j->dying && !lat_link_reap(j->dying)) {
        lat_link_abandon(j->dying);
        j->has_leaked = true;
    }
    j->dying = NULL;
}

static enum lat_status
start_opening(struct lat_jack *j)
{
    struct lat_link_options options = {
        .server = j->options.server,
        .has_meters = j->options.has_meters,
        .bell = j->options.bell,
        .cpu = j->options.cpu,
        .is_exact_name = j->options.is_exact_name,
        .is_clocked = j->options.is_clocked,
        .page = j->options.page,
        .is_retry = j->has_been_live,
    };
    memcpy(options.name, j->name, sizeof(options.name));
    const enum lat_status status = lat_link_new(&options, &j->link);
    if (status == LAT_OK) {
        j->ports_serial = 0;
        j->n_ordered = 0;
        j->has_latency = false;
        j->latency_ns = 0;
        enter(j, OPENING);
    }
    return status;
}

static void
start_setting_up(struct lat_jack *j)
{
    follow_slots(j);
    j->ports_serial = lat_link_want_ports(j->link, lat_engine_slots(j->engine));
    lat_link_activate(j->link);
    lat_link_want_clock(j->link, j->wants_clock);
    j->cables_serial = lat_link_want_cables(j->link, &j->cables);
    enter(j, SETTING_UP);
}

static void
log_back(const struct lat_jack *j, const struct lat_link_status *s)
{
    if (j->has_been_live) {
        lat_log(LAT_LOG_INFO, "JACK is back: playing as %s at %u Hz, period %u",
                s->name, s->rate, s->period);
    }
}

/// Workers run at the audio thread's own priority; like it they have none
/// while the server is freewheeling.
static void
follow_priority(struct lat_jack *j, const struct lat_link_status *s)
{
    const int priority =
        s->is_realtime && !s->is_freewheeling ? s->priority : 0;
    if (priority == j->priority) {
        return;
    }
    j->priority = priority;
    if (!lat_engine_set_priority(j->engine, priority, priority > 0)) {
        lat_log(LAT_LOG_WARNING,
                "worker threads get no real-time priority: everything runs in "
                "JACK's thread; raise the limit 'rtprio' for your user");
    }
}

static void
go_live(struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    memcpy(j->name, s.name, sizeof(j->name));
    j->engine_period = s.period;
    lat_engine_set_period(j->engine, s.period);
    follow_priority(j, &s);
    lat_engine_set_running(j->engine, true);
    lat_link_open_gate(j->link, j->engine, j->engine_rate);
    log_back(j, &s);
    j->n_cycles = s.n_cycles;
    j->stalled_ns = 0;
    j->has_been_live = true;
    j->n_renamings = 0;
    j->patience_ns = PATIENCE_NS;
    leave_behind(j);
    enter(j, LIVE);
}

/// Ports first, then the connections, then sound.
static void
step_setting_up(struct lat_jack *j)
{
    if (j->is_dirty) {
        follow_slots(j);
    }
    if (lat_link_state(j->link) != LAT_LINK_ACTIVE) {
        return;
    }
    if (take_view(j, !j->has_been_live)) {
        enter(j, CONNECTING);
    }
}

static void
step_connecting(struct lat_jack *j)
{
    if (j->is_dirty) {
        follow_slots(j);
    }
    if (take_view(j, false)) {
        enter(j, HELD);
    } else {
        lat_link_look(j->link);
    }
}

static void
lose(struct lat_jack *j, const char *why);

static void
step_held(struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    if (s.is_shut_down) {
        lose(j, "the JACK server has gone");
        return;
    }
    if (j->is_dirty) {
        follow_slots(j);
    }
    (void)take_view(j, false);
    if (!j->options.may_play || j->options.may_play(j->options.data)) {
        go_live(j);
    }
}

static void
give_up_opening(struct lat_jack *j)
{
    lat_log(LAT_LOG_DEBUG, "the JACK server does not answer: tried anew");
    lat_link_close(j->link);
    leave_behind(j);
    j->dying = j->link;
    j->link = NULL;
    if (j->patience_ns < MAX_PATIENCE_NS) {
        j->patience_ns *= 2;
    }
    enter(j, WAITING);
}

/// The engine stands still here, so it may change its rate at once.
static void
step_opening(struct lat_jack *j)
{
    const enum lat_link_state state = lat_link_state(j->link);
    if (state == LAT_LINK_OPENING &&
        lat_now_ns() - j->since_ns > j->patience_ns) {
        give_up_opening(j);
        return;
    }
    if (state == LAT_LINK_FAILED && lat_link_reap(j->link)) {
        j->link = NULL;
        enter(j, WAITING);
    } else if (state == LAT_LINK_OPEN) {
        struct lat_link_status s;
        lat_link_status(j->link, &s);
        if ((j->dying || j->has_leaked) && strcmp(s.name, j->name) != 0 &&
            j->n_renamings++ < MAX_RENAMINGS) {
            lat_link_close(j->link);
            enter(j, LOST);
            return;
        }
        if (s.rate != j->engine_rate) {
            struct lat_error error;
            if (lat_control_set_rate(j->control, s.rate, &error) != LAT_OK) {
                lat_log(LAT_LOG_ERROR, "cannot run at %u Hz: %s", s.rate,
                        error.text);
            }
            j->engine_rate = s.rate;
        }
        start_setting_up(j);
    }
}

// The way down.

static void
lose(struct lat_jack *j, const char *why)
{
    lat_log(LAT_LOG_WARNING,
            "%s: no sound until a server is there again; everything else goes "
            "on",
            why);
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    j->n_xruns_before += s.n_xruns;
    j->is_changing_rate = false;
    lat_remembered_lost(j->remembered, lat_now_ns());
    lat_link_close(j->link);
    enter(j, LOST);
}

static void
step_lost(struct lat_jack *j)
{
    const bool is_late = lat_now_ns() - j->since_ns > CLOSE_NS;
    if (!lat_link_is_quiet(j->link) &&
        lat_link_state(j->link) != LAT_LINK_CLOSED) {
        return; // the audio thread is still in the engine
    }
    // From here on commands take effect without it.
    lat_engine_set_running(j->engine, false);
    if (!lat_link_reap(j->link)) {
        if (!is_late) {
            return;
        }
        leave_behind(j);
        j->dying = j->link;
    }
    j->link = NULL;
    enter(j, WAITING);
}

static void
step_waiting(struct lat_jack *j)
{
    if (j->dying && lat_link_reap(j->dying)) {
        j->dying = NULL;
    }
    const uint64_t patience_ns = j->dying ? DYING_NS : RETRY_NS;
    if (lat_now_ns() - j->since_ns >= patience_ns &&
        start_opening(j) != LAT_OK) {
        enter(j, WAITING);
    }
}

// While it lives.

/// PipeWire does not always say goodbye: count the time without a cycle, but
/// only time in which we ran ourselves.
static bool
is_stalled(struct lat_jack *j, const struct lat_link_status *s)
{
    const uint64_t now_ns = lat_now_ns();
    const uint64_t passed_ns = now_ns - j->tick_ns;
    j->tick_ns = now_ns;
    if (s->n_cycles != j->n_cycles || s->is_freewheeling) {
        j->n_cycles = s->n_cycles;
        j->stalled_ns = 0;
    } else if (passed_ns < LONG_TICK_NS) {
        j->stalled_ns += passed_ns;
    }
    return j->stalled_ns > STALL_NS;
}

/// The engine must stand still while its rate changes; the process callback
/// writes silence meanwhile.
static void
follow_rate(struct lat_jack *j, uint32_t rate)
{
    if (!j->is_changing_rate) {
        lat_link_close_gate(j->link);
        j->is_changing_rate = true;
    }
    if (!lat_link_is_quiet(j->link)) {
        return;
    }
    struct lat_error error;
    lat_engine_set_running(j->engine, false);
    if (lat_control_set_rate(j->control, rate, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "cannot run at %u Hz: %s", rate, error.text);
    } else {
        lat_log(LAT_LOG_INFO, "JACK runs at %u Hz now", rate);
    }
    j->engine_rate = rate;
    j->is_changing_rate = false;
    lat_engine_set_running(j->engine, true);
    lat_link_open_gate(j->link, j->engine, rate);
}

static void
step_live(struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    if (s.is_shut_down) {
        lose(j, "the JACK server has gone");
        return;
    }
    if (is_stalled(j, &s)) {
        lose(j, "the JACK server does nothing any more");
        return;
    }
    if (s.rate != j->engine_rate) {
        follow_rate(j, s.rate);
    }
    follow_priority(j, &s);
    if (s.period != j->engine_period) {
        lat_engine_set_period(j->engine, s.period);
        j->engine_period = s.period;
    }
    follow_latency(j);
    if (j->is_dirty) {
        follow_slots(j);
    }
    if (j->has_session || (j->look_ns && lat_now_ns() > j->look_ns)) {
        lat_link_look(j->link);
        j->look_ns = 0;
    }
    (void)take_view(j, false);
}

/// The server may go while the client is being set up.
static bool
is_stuck(const struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    return s.is_shut_down || lat_now_ns() - j->since_ns > OPEN_NS;
}

static void
step(struct lat_jack *j)
{
    if ((j->state == SETTING_UP || j->state == CONNECTING) && is_stuck(j)) {
        lose(j, "the JACK server went while it was asked for ports");
        return;
    }
    switch (j->state) {
    case OPENING:
        step_opening(j);
        break;
    case SETTING_UP:
        step_setting_up(j);
        break;
    case CONNECTING:
        step_connecting(j);
        break;
    case HELD:
        step_held(j);
        break;
    case LIVE:
        step_live(j);
        break;
    case LOST:
        step_lost(j);
        break;
    case WAITING:
        step_waiting(j);
        break;
    }
}

void
lat_jack_tick(struct lat_jack *j)
{
    // Without a server the connections still follow the graph.
    if (j->is_dirty && !j->link) {
        follow_slots(j);
    }
    if (j->has_session && !j->link) {
        follow_session(j);
    }
    step(j);
}

/// While it lives: what waits, and whether it still does.
static uint64_t
live_next_ns(const struct lat_jack *j)
{
    const uint64_t beat_ns = j->tick_ns + BEAT_NS;
    if (j->is_dirty || j->has_session) {
        return 0;
    }
    if (j->is_changing_rate) {
        return lat_now_ns() + STEP_NS;
    }
    if (is_latency_old(j)) {
        return j->latency_ns + LATENCY_NS;
    }
    return j->look_ns && j->look_ns < beat_ns ? j->look_ns + 1 : beat_ns;
}

uint64_t
lat_jack_next_ns(const struct lat_jack *j)
{
    const uint64_t now_ns = lat_now_ns();
    switch (j->state) {
    case LIVE:
        return live_next_ns(j);
    case OPENING:
        return j->since_ns + j->patience_ns + 1;
    case WAITING:
        return j->dying ? now_ns + BEAT_NS : j->since_ns + RETRY_NS;
    default:
        return now_ns + STEP_NS;
    }
}

// Opening and closing.

static void
pause_a_little(void)
{
    const struct timespec t = {0, 1000000};
    nanosleep(&t, NULL);
}

static void
jack_free_all(struct lat_jack *j)
{
    lat_remembered_free(j->remembered);
    lat_cable_plan_fini(&j->cables);
    free(j);
}

enum lat_status
lat_jack_open(const struct lat_jack_options *options, struct lat_jack **out,
              struct lat_error *error)
{
    enum lat_status status =
        lat_jack_check_name(options->name, lat_link_name_max(), error);
    if (status != LAT_OK) {
        return status;
    }
    struct lat_jack *j = calloc(1, sizeof(*j));
    if (!j ||
        lat_remembered_new(options->no_connect, &j->remembered) != LAT_OK) {
        free(j);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    j->options = *options;
    j->patience_ns = PATIENCE_NS;
    snprintf(j->name, sizeof(j->name), "%s", options->name);
    if (!options->is_clocked) {
        lat_remembered_port_added(j->remembered, MIDI_PORT, UINT32_MAX, NULL);
    }
    status = start_opening(j);
    while (status == LAT_OK && lat_link_state(j->link) == LAT_LINK_OPENING &&
           lat_now_ns() - j->since_ns < OPEN_NS) {
        pause_a_little();
    }
    if (status == LAT_OK && lat_link_state(j->link) == LAT_LINK_OPEN) {
        struct lat_link_status s;
        lat_link_status(j->link, &s);
        j->engine_rate = s.rate;
        *out = j;
        return LAT_OK;
    }
    lat_error_set(error, LAT_ESYSTEM,
                  "the JACK server does not answer: restart it");
    if (status == LAT_OK && lat_link_state(j->link) == LAT_LINK_FAILED) {
        lat_link_error(j->link, error);
    }
    if (status == LAT_OK && !lat_link_reap(j->link)) {
        lat_link_abandon(j->link);
    }
    jack_free_all(j);
    return error->status;
}

uint32_t
lat_jack_rate(const struct lat_jack *j)
{
    return j->engine_rate;
}

enum lat_status
lat_jack_start(struct lat_jack *j, struct lat_control *control,
               struct lat_error *error)
{
    j->control = control;
    j->engine = lat_control_engine(control);
    const struct lat_listener listener = {
        .data = j,
        .topics = LAT_TOPIC_PORTS,
        .changed = on_changes,
    };
    if (lat_control_listen(control, &listener) != LAT_OK) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    j->has_session = true;
    start_setting_up(j);
    while (j->state == SETTING_UP || j->state == CONNECTING ||
           (j->state == HELD && !j->options.is_clocked)) {
        step(j);
        pause_a_little();
    }
    if (j->state != LIVE && j->state != HELD) {
        return lat_error_set(error, LAT_ESYSTEM,
                             "the JACK server went while lattice was starting: "
                             "start it again, then lattice");
    }
    return LAT_OK;
}

void
lat_jack_collect(struct lat_jack *j)
{
    if (j->state == LIVE) {
        // What a patchbay did a moment ago is to be in the file.
        const uint64_t start_ns = lat_now_ns();
        const uint64_t look = lat_link_look(j->link);
        while (!lat_link_has_looked(j->link, look) &&
               lat_now_ns() - start_ns < COLLECT_NS) {
            pause_a_little();
        }
        if (j->is_dirty) {
            follow_slots(j);
        }
        (void)take_view(j, false);
    }
    if (lat_remembered_collect(
            j->remembered, &lat_control_document(j->control)->jack) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "out of memory: connections are not saved");
    }
}

void
lat_jack_status(const struct lat_jack *j, struct lat_jack_status *out)
{
    struct lat_link_status s = {.rate = j->engine_rate,
                                .period = j->engine_period};
    if (j->link) {
        lat_link_status(j->link, &s);
    }
    const bool is_counted = j->link && j->state != LOST;
    *out = (struct lat_jack_status){
        .is_open = j->state == LIVE,
        .is_ready = j->state == LIVE || j->state == HELD,
        .n_cycles = s.n_cycles,
        .is_realtime = s.is_realtime,
        .is_freewheeling = s.is_freewheeling,
        .rate = s.rate,
        .period = s.period,
        .n_xruns = j->n_xruns_before + (is_counted ? s.n_xruns : 0),
        .xrun_delay_us = s.xrun_delay_us,
        .engine_ns_at_xrun = s.engine_ns_at_xrun,
        .cpu_load = s.cpu_load,
    };
    memcpy(out->name, j->name, sizeof(out->name));
}

void
lat_jack_want_cables(struct lat_jack *j, struct lat_cable_plan *cables)
{
    lat_cable_plan_fini(&j->cables);
    j->cables = *cables;
    if (j->link) {
        j->cables_serial = lat_link_want_cables(j->link, cables);
    }
}

bool
lat_jack_has_cables(const struct lat_jack *j)
{
    return j->link && lat_link_has_cables(j->link, j->cables_serial);
}

void
lat_jack_want_clock(struct lat_jack *j, bool is_wanted)
{
    j->wants_clock = is_wanted;
    if (j->link) {
        lat_link_want_clock(j->link, is_wanted);
    }
}

bool
lat_jack_is_connected(const struct lat_jack *j, uint32_t slot)
{
    return j->link && lat_link_is_connected(j->link, slot);
}

float
lat_jack_take_peak(struct lat_jack *j, uint32_t slot)
{
    return j->link ? lat_link_take_peak(j->link, slot) : 0.0F;
}

bool
lat_jack_close(struct lat_jack *j)
{
    const uint64_t start_ns = lat_now_ns();
    leave_behind(j);
    bool is_closed = !j->has_leaked;
    if (j->link) {
        lat_link_close(j->link);
        bool is_reaped = lat_link_reap(j->link);
        while (!is_reaped && lat_now_ns() - start_ns < CLOSE_NS) {
            pause_a_little();
            is_reaped = lat_link_reap(j->link);
        }
        if (!is_reaped) {
            lat_link_abandon(j->link);
            is_closed = false;
        }
    }
    if (j->engine) {
        lat_engine_set_running(j->engine, false);
    }
    jack_free_all(j);
    return is_closed;
}
