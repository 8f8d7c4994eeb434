// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "client.h"
#include "base/log.h"
#include "client_state.h"
#include "diagnosis.h"
#include "hosted.h"
#include "living.h"
#include "reopening.h"
#include "wishes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLLECT_NS (SECOND_NS / 2)

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
        lat_client_lose(j, "the JACK server went while it was asked for ports");
        return;
    }
    switch (j->state) {
    case OPENING:
        lat_client_step_opening(j);
        break;
    case SETTING_UP:
        lat_client_step_setting_up(j);
        break;
    case CONNECTING:
        lat_client_step_connecting(j);
        break;
    case HELD:
        lat_client_step_held(j);
        break;
    case LIVE:
        lat_client_step_live(j);
        break;
    case LOST:
        lat_client_step_lost(j);
        break;
    case WAITING:
        lat_client_step_waiting(j);
        break;
    }
}

void
lat_jack_tick(struct lat_jack *j)
{
    // Without a server the connections still follow the graph.
    if (j->is_dirty && !j->link) {
        lat_client_follow_slots(j);
    }
    if (j->has_session && !j->link) {
        lat_client_follow_session(j);
    }
    step(j);
    if (j->has_news && j->options.connections_changed) {
        j->options.connections_changed(j->options.data);
    }
    j->has_news = false;
}

uint64_t
lat_jack_next_ns(const struct lat_jack *j)
{
    const uint64_t now_ns = lat_now_ns();
    switch (j->state) {
    case LIVE:
        return lat_client_live_next_ns(j);
    case OPENING:
        return j->since_ns + j->patience_ns + 1;
    case WAITING:
        return j->is_hasty ? 0
               : j->dying  ? now_ns + BEAT_NS
                           : j->since_ns + RETRY_NS;
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
    lat_names_fini(&j->came);
    lat_cable_plan_fini(&j->cables);
    lat_hosted_fini(j);
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
    snprintf(j->wanted, sizeof(j->wanted), "%s", options->name);
    if (!options->is_clocked) {
        lat_remembered_port_added(j->remembered, LAT_MIDI_PORT, UINT32_MAX,
                                  NULL);
        lat_remembered_set_midi(j->remembered, LAT_MIDI_PORT, true);
        if (options->connects_midi) {
            lat_remembered_connect_midi(j->remembered);
        }
    }
    status = lat_client_start_opening(j);
    uint64_t patience_ns = OPEN_NS;
    while (status == LAT_OK && lat_link_state(j->link) == LAT_LINK_OPENING &&
           lat_now_ns() - j->since_ns < patience_ns) {
        pause_a_little();
        if (options->is_ending && options->is_ending()) {
            patience_ns = END_OPEN_NS;
        }
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
        .topics = LAT_TOPIC_PORTS | LAT_TOPIC_STRUCTURE,
        .changed = lat_client_on_changes,
    };
    if (lat_control_listen(control, &listener) != LAT_OK) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    j->has_session = true;
    lat_client_start_setting_up(j);
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
lat_jack_note(struct lat_jack *j)
{
    if (j->is_dirty) {
        lat_client_follow_slots(j);
    }
    if (j->state == LIVE || j->state == HELD) {
        (void)lat_client_take_view(j, false);
    }
    if (j->is_graph_new) {
        lat_hosted_follow(j);
    }
    lat_client_note_leaving(j);
    if (lat_remembered_collect(
            j->remembered, &lat_control_document(j->control)->jack) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "out of memory: connections are not saved");
    }
    j->digest = lat_remembered_digest(j->remembered);
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
    }
    lat_jack_note(j);
}

static double
seconds_away(const struct lat_jack *j)
{
    const uint64_t end_ns = j->back_ns ? j->back_ns : lat_now_ns();
    return j->lost_ns ? (double)(end_ns - j->lost_ns) * 1e-9 : 0.0;
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
        .is_open = j->state == LIVE && !j->is_standing,
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
        .n_losses = j->n_losses,
        .lost_why = j->lost_why,
        .lost_s = j->lost_s,
        .away_s = seconds_away(j),
    };
    memcpy(out->name, j->name, sizeof(out->name));
}

void
lat_jack_want_cables(struct lat_jack *j, struct lat_cable_plan *cables)
{
    lat_cable_plan_fini(&j->cables);
    j->cables = *cables;
    if (j->control) {
        lat_hosted_settle_names(j);
    }
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

void
lat_jack_midi_source(const struct lat_jack *j, char *out, size_t size)
{
    const char *only = lat_remembered_only_end(j->remembered, LAT_MIDI_PORT);
    snprintf(out, size, "%s", only ? only : "");
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
    lat_client_leave_behind(j);
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
