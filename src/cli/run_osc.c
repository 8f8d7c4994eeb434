// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_osc.h"
#include "base/log.h"
#include "run_ending.h"
#include "run_recording.h"

#include <stdio.h>
#include <string.h>

static void
ask_jack(void *data, struct lat_osc_jack *out)
{
    const struct app *a = data;
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    *out = (struct lat_osc_jack){
        .is_open = s.is_open,
        .n_xruns = s.n_xruns,
        .engine_ns_at_xrun = s.engine_ns_at_xrun,
        .cpu_load = s.cpu_load,
        .n_losses = s.n_losses,
        .lost_why = s.lost_why,
        .lost_s = s.lost_s,
        .away_s = s.away_s,
    };
}

static enum lat_status
restart_process(void *data, const char *node, struct lat_error *error)
{
    const struct app *a = data;
    return lat_processes_restart(a->processes, node, error);
}

static void
count_processes(void *data, struct lat_process_counts *out)
{
    const struct app *a = data;
    lat_processes_count(a->processes, out);
}

static void
start_host(void *data, uint64_t frame)
{
    const struct app *a = data;
    lat_host_start(a->host, frame);
}

static void
on_quit(void *data)
{
    lat_run_begin_end(data);
}

enum lat_status
lat_run_open_osc(struct app *a, struct lat_error *error)
{
    const struct lat_options *o = a->options;
    const bool is_host = a->host != NULL;
    struct lat_osc_options how = {
        .port = o->osc_port,
        .bind = o->bind,
        .remote = o->remote,
        .dumps = o->verbose,
        .superdirt = o->superdirt,
        .quit = on_quit,
        .jack_status = ask_jack,
        .restart = is_host ? NULL : restart_process,
        .process_status = is_host ? NULL : count_processes,
        .write_last = is_host ? NULL : lat_run_write_last,
        .start = is_host ? start_host : NULL,
        .data = a,
    };
    enum lat_status status =
        lat_osc_new(&a->loop, a->control, a->sessions, &how, &a->osc, error);
    if (status == LAT_ESYSTEM && a->manager && how.port != 0) {
        // A session may have several of us, and none is told a port.
        lat_log(LAT_LOG_WARNING, "%s; another port is used", error->text);
        how.port = 0;
        status = lat_osc_new(&a->loop, a->control, a->sessions, &how, &a->osc,
                             error);
    }
    if (status != LAT_OK) {
        return status;
    }
    const bool is_v6 = strchr(o->bind, ':') != NULL;
    snprintf(a->osc_address, sizeof(a->osc_address), "%s%s%s:%u",
             is_v6 ? "[" : "", o->bind, is_v6 ? "]" : "",
             (unsigned)lat_osc_port(a->osc));
    return LAT_OK;
}
