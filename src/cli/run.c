// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice run` and lattice-node: one event loop on the control thread, which
// sleeps until something happens.  Signals and /quit end the loop after a short
// fade.  What `lattice run` has are sessions and the processes of
// nodes; what lattice-node has is its one node, and perhaps a parent.

#include "base/log.h"
#include "base/rt.h"
#include "base/thread.h"
#include "notify.h"
#include "run_greeting.h"
#include "run_loop.h"
#include "run_manager.h"
#include "run_opening.h"
#include "run_recording.h"
#include "run_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POOL_NS UINT64_C(500000000) // that files which are read may take

static void
close_handle(uv_handle_t *handle, void *data)
{
    (void)data;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

/// @return false when libjack hangs, or whoever reads a file.
static bool
close_all(struct app *a)
{
    lat_play_view_free(a->view);
    lat_processes_free(a->processes);
    bool is_clean = !a->jack || lat_jack_close(a->jack);
    if (a->osc) {
        lat_osc_free(a->osc);
    }
    lat_journal_free(a->journal);
    lat_demo_free(a->demo);
    const bool has_left = lat_run_leave_manager(a);
    if (a->has_loop) {
        uv_walk(&a->loop, close_handle, NULL);
        if (has_left && lat_pool_end(&a->pool, POOL_NS)) {
            uv_run(&a->loop, UV_RUN_DEFAULT);
            uv_loop_close(&a->loop);
        } else {
            is_clean = false;
        }
    }
    if (is_clean) {
        lat_autosave_free(a->autosave);
    }
    if (a->sessions) {
        lat_sessions_free(a->sessions);
    }
    free(a->text);
    lat_host_free(a->host);
    lat_run_close_recording(a);
    lat_control_free(a->control);
    if (!lat_cli_finish_recordings() && a->end_code == LAT_EXIT_DONE) {
        a->end_code = LAT_EXIT_SYSTEM;
    }
    return is_clean;
}

int
lat_app_run(const struct lat_options *o)
{
    struct app *a = calloc(1, sizeof(*a));
    if (!a) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    a->options = o;
    if (lat_cli_set_record_dir(o)) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        free(a);
        return LAT_EXIT_SYSTEM;
    }
    lat_thread_role = LAT_ROLE_CONTROL;
    lat_rt_flush_denormals();
    lat_thread_prefer_self();
    lat_cli_ignore_write_signals();
    lat_cli_hold_ending_signals(true); // until the loop takes them
    if (lat_bell_init(&a->bell)) {
        lat_log(LAT_LOG_ERROR, "the event loop does not start: %s",
                strerror(errno));
        free(a);
        return LAT_EXIT_SYSTEM;
    }
    int exit_code = lat_run_start_loop(a);
    if (exit_code == LAT_EXIT_DONE && o->command != LAT_COMMAND_HOST) {
        lat_run_meet_manager(a);
    }
    if (exit_code == LAT_EXIT_DONE && !a->manager && !a->is_ending) {
        exit_code = lat_run_open_all(a);
        if (exit_code == LAT_EXIT_DONE && !a->is_ending) {
            lat_run_greet(a);
        }
    }
    if (exit_code == LAT_EXIT_DONE && !a->is_ending) {
        lat_cli_hold_ending_signals(false);
        uv_run(&a->loop, UV_RUN_DEFAULT);
    }
    if (!a->page) {
        lat_notify("STOPPING=1");
    }
    const bool is_clean = close_all(a);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = a->end_code;
    }
    if (!is_clean) {
        fflush(NULL);
        _exit(exit_code);
    }
    lat_bell_fini(&a->bell);
    free(a);
    return exit_code;
}
