// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice run` and lattice-node: one event loop on the control thread, which
// sleeps until something happens.  Signals and /quit end the loop after a short
// fade.  What `lattice run` has are sessions and the processes of
// nodes; what lattice-node has is its one node, and perhaps a parent.

#include "base/log.h"
#include "base/rt.h"
#include "run_opening.h"
#include "run_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POOL_NS UINT64_C(500000000) // that files which are read may take

static void
greet(struct app *a)
{
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    struct lat_engine_status e;
    lat_engine_status(lat_control_engine(a->control), &e);
    // Who lets us choose the port has to learn it.
    if (a->host) {
        if (!a->page) {
            printf("lattice-node: %s at %u Hz, block %u; OSC on %s (UDP and "
                   "TCP)\n",
                   s.name, s.rate, e.block, a->osc_address);
            fflush(stdout);
        }
        return;
    }
    if (!a->options->quiet || a->options->osc_port == 0) {
        printf("lattice: playing %s at %u Hz, block %u; OSC on %s (UDP and "
               "TCP)\n",
               s.name, s.rate, e.block, a->osc_address);
        fflush(stdout);
    }
    if (a->options->meters) {
        a->view = lat_play_view_new(a->osc_address);
    }
}

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
    if (a->has_loop) {
        uv_walk(&a->loop, close_handle, NULL);
        if (lat_pool_end(&a->pool, POOL_NS)) {
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
    lat_control_free(a->control);
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
    lat_thread_role = LAT_ROLE_CONTROL;
    lat_rt_flush_denormals();
    lat_cli_ignore_write_signals();
    lat_cli_hold_ending_signals(true); // until the loop takes them
    if (lat_bell_init(&a->bell)) {
        lat_log(LAT_LOG_ERROR, "the event loop does not start: %s",
                strerror(errno));
        free(a);
        return LAT_EXIT_SYSTEM;
    }
    const int exit_code = lat_run_open_all(a);
    if (exit_code == LAT_EXIT_DONE && !a->is_ending) {
        greet(a);
        uv_run(&a->loop, UV_RUN_DEFAULT);
    }
    const bool is_clean = close_all(a);
    if (!is_clean) {
        fflush(NULL);
        _exit(exit_code);
    }
    lat_bell_fini(&a->bell);
    free(a);
    return exit_code;
}
