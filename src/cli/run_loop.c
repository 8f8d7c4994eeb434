// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_loop.h"
#include "base/log.h"
#include "run_ending.h"
#include "run_greeting.h"
#include "run_manager.h"
#include "sessions/tell.h"

#include <signal.h>

#define VIEW_NS   UINT64_C(50000000) // from one drawing to the next
#define ENDING_NS UINT64_C(5000000)  // from one look whether it has faded

static void
on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct app *a = handle->data;
    lat_run_begin_end(a);
}

/// SIGUSR1: write the session, if it has a name.
static void
on_save(uv_signal_t *handle, int number)
{
    (void)number;
    struct app *a = handle->data;
    if (!a->sessions || !lat_sessions_loaded(a->sessions)) {
        lat_log(LAT_LOG_DEBUG, "SIGUSR1: no session to save");
        return;
    }
    struct lat_error error;
    if (lat_sessions_save(a->sessions, NULL, false, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return;
    }
    lat_sessions_tell(a->sessions, a->control, "saved");
}

// The loop.

/// A process that has lost JACK ends: its parent, which comes back first,
/// starts another.
static void
host_tick(struct app *a)
{
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    lat_host_tick(a->host, a->jack);
    if (a->page && !s.is_ready) {
        a->is_ending = true;
        a->end_ns = 0;
    }
}

static void
on_child(uv_signal_t *handle, int number)
{
    (void)number;
    struct app *a = handle->data;
    if (a->processes && !a->is_ending) {
        lat_processes_tick(a->processes);
    }
}

static void
draw_view(struct app *a)
{
    const uint64_t now_ns = lat_now_ns();
    if (now_ns - a->drawn_ns >= VIEW_NS) {
        a->drawn_ns = now_ns;
        lat_play_view_draw(a->view, lat_control_engine(a->control),
                           lat_control_slots(a->control), a->jack);
    }
}

static void
on_tick(void *data)
{
    struct app *a = data;
    if (!a->is_up) {
        return;
    }
    lat_control_tick(a->control);
    if (!a->is_ending) {
        lat_jack_tick(a->jack);
    }
    if (a->processes && !a->is_ending) {
        lat_processes_tick(a->processes);
    }
    if (a->host) {
        host_tick(a);
    } else if (!a->is_ending) {
        lat_run_tell_server(a);
    }
    if (a->autosave) {
        lat_autosave_tick(a->autosave);
    }
    if (a->manager) {
        lat_run_manager_tick(a);
    }
    lat_osc_tick(a->osc);
    if (a->demo && !a->is_ending) {
        lat_demo_tick(a->demo);
    }
    if (a->journal) {
        lat_journal_tick(a->journal);
    }
    if (a->view) {
        draw_view(a);
    }
    if (a->is_ending &&
        (lat_now_ns() >= a->end_ns ||
         lat_engine_has_ended(lat_control_engine(a->control)))) {
        uv_stop(&a->loop);
    }
}

static uint64_t
next_ns(void *data)
{
    const struct app *a = data;
    if (!a->is_up) {
        return lat_log_next_ns();
    }
    const uint64_t times[] = {
        lat_control_next_ns(a->control, lat_osc_awaited(a->osc)),
        a->is_ending ? lat_now_ns() + ENDING_NS : lat_jack_next_ns(a->jack),
        a->processes && !a->is_ending ? lat_processes_next_ns(a->processes)
                                      : UINT64_MAX,
        a->host ? lat_host_next_ns(a->host) : UINT64_MAX,
        a->view ? a->drawn_ns + VIEW_NS : UINT64_MAX,
        a->autosave ? lat_autosave_next_ns(a->autosave) : UINT64_MAX,
        a->manager ? lat_run_manager_next_ns(a) : UINT64_MAX,
        lat_osc_next_ns(a->osc),
        a->demo && !a->is_ending ? lat_demo_next_ns(a->demo) : UINT64_MAX,
        a->journal ? lat_journal_next_ns(a->journal) : UINT64_MAX,
        lat_log_next_ns(),
    };
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < LAT_COUNT(times); ++i) {
        next = times[i] < next ? times[i] : next;
    }
    return next;
}

static int
watch_signal(struct app *a, uv_signal_t *handle, uv_signal_cb call, int number)
{
    uv_signal_init(&a->loop, handle);
    handle->data = a;
    return uv_signal_start(handle, call, number);
}

static int
watch_signals(struct app *a)
{
    int rc = watch_signal(a, &a->child, on_child, SIGCHLD);
    if (rc == 0) {
        rc = watch_signal(a, &a->save, on_save, SIGUSR1);
    }
    for (uint32_t i = 0; rc == 0 && i < LAT_N_ENDING_SIGNALS; ++i) {
        const int number = lat_cli_ending_signals[i];
        if (lat_cli_ends_us(number)) {
            rc = watch_signal(a, &a->signals[i], on_signal, number);
        }
    }
    return rc;
}

int
lat_run_start_loop(struct app *a)
{
    int rc = uv_loop_init(&a->loop);
    if (rc == 0) {
        a->has_loop = true;
        a->pool.loop = &a->loop;
        rc = lat_beat_start(&a->beat, &a->loop, &a->bell,
                            &(struct lat_beat_hooks){
                                .tick = on_tick,
                                .next_ns = next_ns,
                                .data = a,
                            });
    }
    if (rc == 0) {
        rc = watch_signals(a);
    }
    if (rc != 0) {
        lat_log(LAT_LOG_ERROR, "the event loop does not start: %s",
                uv_strerror(rc));
        return LAT_EXIT_SYSTEM;
    }
    return LAT_EXIT_DONE;
}
