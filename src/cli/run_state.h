// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of `lattice run` share; nobody else includes this.
#ifndef LAT_CLI_RUN_STATE_H
#define LAT_CLI_RUN_STATE_H

#include "beat.h"
#include "control/control.h"
#include "demo.h"
#include "jack/client.h"
#include "meters.h"
#include "options.h"
#include "osc/journal.h"
#include "osc/server.h"
#include "pool.h"
#include "process/host.h"
#include "process/supervisor.h"
#include "sessions/autosave.h"
#include "signals.h"

#include <uv.h>

struct app {
    const struct lat_options *options;
    struct lat_run_manager *manager; ///< of sessions, or NULL
    char client_id[256];             ///< as it calls us, or ""
    struct lat_error why;            ///< of the last thing that failed
    bool is_up;                      ///< everything is open
    struct lat_control *control;
    struct lat_sessions *sessions;
    struct lat_autosave *autosave; ///< or NULL
    struct lat_osc *osc;
    struct lat_journal *journal;         ///< or NULL
    struct lat_demo *demo;               ///< or NULL
    struct lat_run_recording *recording; ///< or NULL
    struct lat_jack *jack;
    struct lat_processes *processes;
    struct lat_process_page *page; ///< of a parent, or NULL
    struct lat_host *host;         ///< of lattice-node, or NULL
    bool has_been_open;
    bool is_restored;            ///< what was played last was put in force
    struct lat_jack_status told; ///< what a service manager knows of the server
    struct lat_play_view *view;
    char *text; ///< of a session that came through a pipe, until it is open
    size_t text_length;
    char osc_address[128];
    uint64_t drawn_ns; ///< when the view was
    bool is_ending;
    int end_code; ///< of the end, where nothing failed before
    uint64_t end_ns;

    uv_loop_t loop;
    struct lat_pool pool; ///< that reads files
    struct lat_beat beat;
    struct lat_bell bell;
    uv_signal_t signals[LAT_N_ENDING_SIGNALS];
    uv_signal_t save;
    uv_signal_t child;
    bool has_loop;
};

#endif // LAT_CLI_RUN_STATE_H
