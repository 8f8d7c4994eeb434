// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "reopening.h"
#include "base/log.h"
#include "diagnosis.h"
#include "wishes.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DYING_NS        (5 * SECOND_NS) // for the old link before a new try
#define MAX_PATIENCE_NS (300 * SECOND_NS)
#define MAX_RENAMINGS   3

void
lat_client_leave_behind(struct lat_jack *j)
{
    if (j->dying && !lat_link_reap(j->dying)) {
        lat_link_abandon(j->dying);
        j->has_leaked = true;
    }
    j->dying = NULL;
}

/// May a link that could not be closed still have our name?
static bool
may_meet_old_self(const struct lat_jack *j)
{
    return j->dying || j->has_leaked;
}

// The way up.

enum lat_status
lat_client_start_opening(struct lat_jack *j)
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
    memcpy(options.name, j->wanted, sizeof(options.name));
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

void
lat_client_start_setting_up(struct lat_jack *j)
{
    lat_client_follow_slots(j);
    j->ports_serial =
        lat_link_want_ports(j->link, lat_control_slots(j->control));
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

void
lat_client_follow_priority(struct lat_jack *j, const struct lat_link_status *s)
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
    if (!may_meet_old_self(j)) {
        memcpy(j->wanted, s.name, sizeof(j->wanted));
    }
    j->engine_period = s.period;
    lat_engine_set_period(j->engine, s.period);
    lat_client_follow_priority(j, &s);
    lat_engine_set_running(j->engine, true);
    lat_link_open_gate(j->link, j->engine, j->engine_rate);
    log_back(j, &s);
    j->back_ns = lat_now_ns();
    j->n_cycles = s.n_cycles;
    j->stalled_ns = 0;
    j->has_been_live = true;
    j->n_renamings = 0;
    j->patience_ns = PATIENCE_NS;
    lat_client_leave_behind(j);
    enter(j, LIVE);
}

void
lat_client_step_setting_up(struct lat_jack *j)
{
    if (j->is_dirty) {
        lat_client_follow_slots(j);
    }
    if (lat_link_state(j->link) != LAT_LINK_ACTIVE) {
        return;
    }
    if (lat_client_take_view(j, !j->has_been_live)) {
        enter(j, CONNECTING);
    }
}

void
lat_client_step_connecting(struct lat_jack *j)
{
    if (j->is_dirty) {
        lat_client_follow_slots(j);
    }
    if (lat_client_take_view(j, false)) {
        enter(j, HELD);
    } else {
        lat_link_look(j->link);
    }
}

void
lat_client_step_held(struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    if (s.is_shut_down) {
        lat_client_lose(j, "the JACK server has gone");
        return;
    }
    if (j->is_dirty) {
        lat_client_follow_slots(j);
    }
    (void)lat_client_take_view(j, false);
    if (!j->options.may_play || j->options.may_play(j->options.data)) {
        go_live(j);
    }
}

static void
give_up_opening(struct lat_jack *j)
{
    lat_log(LAT_LOG_DEBUG, "the JACK server does not answer: tried anew");
    lat_link_close(j->link);
    lat_client_leave_behind(j);
    j->dying = j->link;
    j->link = NULL;
    if (j->patience_ns < MAX_PATIENCE_NS) {
        j->patience_ns *= 2;
    }
    enter(j, WAITING);
}

void
lat_client_step_opening(struct lat_jack *j)
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
        if (may_meet_old_self(j) && strcmp(s.name, j->wanted) != 0 &&
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
        lat_client_start_setting_up(j);
    }
}

// The way down.

/// Close the link; what was connected is to come back.
static void
go_down(struct lat_jack *j)
{
    struct lat_link_status s;
    lat_link_status(j->link, &s);
    j->n_xruns_before += s.n_xruns;
    j->is_changing_rate = false;
    j->is_standing = j->is_paused = false;
    lat_remembered_lost(j->remembered, lat_now_ns());
    lat_link_close(j->link);
    enter(j, LOST);
}

void
lat_client_note_loss(struct lat_jack *j, const char *why)
{
    lat_log(LAT_LOG_WARNING,
            "%s: no sound until a server is there again; everything else goes "
            "on",
            why);
    ++j->n_losses;
    j->lost_why = why;
    j->lost_s = (uint64_t)time(NULL);
    j->lost_ns = lat_now_ns();
    j->back_ns = 0;
}

void
lat_client_lose(struct lat_jack *j, const char *why)
{
    if (!j->lost_ns || j->back_ns) {
        lat_client_note_loss(j, why);
    } else if (j->is_standing) {
        j->lost_why = why; // or it went again on the way up
    }
    go_down(j);
}

enum lat_status
lat_jack_reopen_as(struct lat_jack *j, const char *name)
{
    struct lat_error error;
    const enum lat_status status =
        lat_jack_check_name(name, lat_link_name_max(), &error);
    if (status != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return status;
    }
    if (strcmp(name, j->name) == 0) {
        return LAT_OK;
    }
    lat_log(LAT_LOG_INFO, "the JACK client %s becomes %s", j->name, name);
    snprintf(j->name, sizeof(j->name), "%s", name);
    snprintf(j->wanted, sizeof(j->wanted), "%s", name);
    j->is_hasty = true;
    if (j->state == OPENING) {
        give_up_opening(j);
    } else if (j->link && j->state != LOST) {
        go_down(j);
    }
    return LAT_OK;
}

void
lat_client_step_lost(struct lat_jack *j)
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
        lat_client_leave_behind(j);
        j->dying = j->link;
    }
    j->link = NULL;
    enter(j, WAITING);
}

void
lat_client_step_waiting(struct lat_jack *j)
{
    if (j->dying && lat_link_reap(j->dying)) {
        j->dying = NULL;
    }
    const uint64_t patience_ns = j->is_hasty ? 0
                                 : j->dying  ? DYING_NS
                                             : RETRY_NS;
    if (lat_now_ns() - j->since_ns < patience_ns) {
        return;
    }
    j->is_hasty = false;
    if (lat_client_start_opening(j) != LAT_OK) {
        enter(j, WAITING);
    }
}
