// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages about the server itself, as SuperCollider's users know them.

#include "node/transport.h"
#include "verbs.h"

#include <stdlib.h>
#include <time.h>

enum lat_status
lat_osc_status(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    struct lat_engine_status e;
    lat_engine_status(lat_control_engine(call->control), &e);
    const int32_t n_nodes = (int32_t)lat_control_graph(call->control)->n_nodes;
    int32_t n_types = 0;
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        ++n_types;
    }
    lat_osc_answer(call, "/status.reply", "iiiiiffdd", 1, n_nodes, n_nodes,
                   (int32_t)e.n_batches, n_types, e.load * 100.0,
                   e.load_peak * 100.0, e.rate, e.rate);
    return LAT_OK;
}

/// Messages of /status/engine: KEY and one value.
struct numbers {
    const struct lat_osc_call *call;
    uint32_t n;
};

static void
tell_number(struct numbers *to, const char *key, double value)
{
    lat_osc_answer(to->call, to->call->path, "sd", key, value);
    ++to->n;
}

static void
tell_count(struct numbers *to, const char *key, uint64_t value)
{
    if (value <= INT32_MAX) {
        lat_osc_answer(to->call, to->call->path, "si", key, (int32_t)value);
    } else {
        lat_osc_answer(to->call, to->call->path, "sh", key, (int64_t)value);
    }
    ++to->n;
}

static void
tell_text(struct numbers *to, const char *key, const char *value)
{
    lat_osc_answer(to->call, to->call->path, "ss", key, value ? value : "");
    ++to->n;
}

static void
tell_engine(struct numbers *to, const struct lat_engine_status *e)
{
    tell_count(to, "frame", e->frame);
    tell_number(to, "rate", e->rate);
    tell_count(to, "block", e->block);
    tell_count(to, "period", e->period);
    tell_count(to, "workers", e->workers);
    tell_text(to, "isa", e->isa);
    tell_number(to, "cycle", lat_cycle_to_double(e->cycle));
    tell_count(to, "playing", e->is_playing);
    tell_number(to, "tempo", e->tempo_bpm);
    tell_number(to, "load", e->load);
    tell_number(to, "load_peak", e->load_peak);
    tell_count(to, "process_ns", e->process_ns_last);
    tell_count(to, "process_ns_max", e->process_ns_max);
    tell_count(to, "periods", e->n_periods);
    tell_count(to, "late", e->n_late);
    tell_count(to, "faults", e->n_faults);
    tell_count(to, "lost_midi", e->n_lost_midi);
    tell_count(to, "swaps", e->n_swaps);
    tell_count(to, "outputs_read", e->n_tapped);
    tell_count(to, "records_sent", e->n_sent);
    tell_count(to, "records_lost", e->n_lost);
    tell_count(to, "nodes", e->n_nodes);
    tell_count(to, "cables", e->n_cables);
    tell_count(to, "batches", e->n_batches);
    tell_count(to, "chunks", e->n_chunks);
    tell_count(to, "buffers", e->buffers_in_use);
    tell_count(to, "buffers_peak", e->buffers_peak);
    tell_count(to, "buffer_allocations", e->buffer_allocations);
    tell_count(to, "buffer_gets", e->buffer_gets);
    tell_number(to, "buffer_reuse", e->buffer_reuse);
    tell_count(to, "compile_us", e->compile_us);
    tell_text(to, "late_node", e->late_node);
    tell_count(to, "threads", e->threads);
    tell_count(to, "workers_realtime", e->workers_are_realtime);
    tell_count(to, "spans_parallel", e->n_parallel);
    tell_count(to, "spans_serial", e->n_serial);
    tell_count(to, "wakes", e->n_wakes);
    tell_count(to, "yields", e->n_yields);
    tell_count(to, "sleeps", e->n_sleeps);
    tell_count(to, "retreats", e->n_retreats);
}

static void
tell_jack(struct numbers *to, const struct lat_osc_jack *j)
{
    char when[32] = "";
    const time_t lost_s = (time_t)j->lost_s;
    struct tm t;
    if (j->lost_why && gmtime_r(&lost_s, &t)) {
        (void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &t);
    }
    tell_count(to, "jack", j->is_open);
    tell_count(to, "xruns", j->n_xruns);
    tell_number(to, "jack_load", j->cpu_load);
    tell_count(to, "xrun_engine_ns", j->engine_ns_at_xrun);
    tell_count(to, "jack_losses", j->n_losses);
    tell_text(to, "jack_lost", j->lost_why);
    tell_text(to, "jack_lost_at", when);
    tell_number(to, "jack_away", j->away_s);
}

enum lat_status
lat_osc_status_engine(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    struct numbers to = {.call = call};
    const struct lat_engine *engine = lat_control_engine(call->control);
    struct lat_engine_status e;
    lat_engine_status(engine, &e);
    tell_engine(&to, &e);
    const double shares[] = {0.5, 0.99, 0.999};
    uint64_t ns[3];
    lat_engine_percentiles(engine, shares, 3, ns);
    tell_count(&to, "process_ns_p50", ns[0]);
    tell_count(&to, "process_ns_p99", ns[1]);
    tell_count(&to, "process_ns_p999", ns[2]);
    uint64_t n_waiting = 0;
    uint64_t n_late = 0;
    lat_osc_count_bundles(call, &n_waiting, &n_late);
    tell_count(&to, "bundles_waiting", n_waiting);
    tell_count(&to, "bundles_late", n_late);
    if (call->options->jack_status) {
        struct lat_osc_jack j = {0};
        call->options->jack_status(call->options->data, &j);
        tell_jack(&to, &j);
    }
    if (call->options->process_status) {
        struct lat_process_counts p = {0};
        call->options->process_status(call->options->data, &p);
        tell_count(&to, "processes", p.n);
        tell_count(&to, "processes_playing", p.n_playing);
        tell_count(&to, "processes_given_up", p.n_given_up);
        tell_count(&to, "process_deaths", p.n_deaths);
        tell_count(&to, "process_restarts", p.n_restarts);
        tell_count(&to, "process_missed", p.n_missed);
        tell_count(&to, "late_cables", p.n_late_cables);
    }
    lat_osc_done_list(call, to.n);
    return LAT_OK;
}

enum lat_status
lat_osc_sync_id(struct lat_osc_call *call)
{
    double id = 0.0;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "ID", &id);
    }
    if (status) {
        return status;
    }
    if (id < INT32_MIN || id > INT32_MAX || id != (double)(int32_t)id) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "ID is no whole number of 32 bits");
    }
    return lat_osc_sync(call, (int32_t)id);
}

enum lat_status
lat_osc_clear_sched(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (!status) {
        lat_osc_clear_waiting(call);
        lat_osc_answer(call, "/done", "s", call->path);
    }
    return status;
}

enum lat_status
lat_osc_version(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (status) {
        return status;
    }
    // 1.2.3 is 1, 2, ".3", so that the parts join up as SuperCollider's do.
    char *end = NULL;
    const int32_t major = (int32_t)strtol(LAT_VERSION, &end, 10);
    const int32_t minor = *end == '.' ? (int32_t)strtol(end + 1, &end, 10) : 0;
    lat_osc_answer(call, "/version.reply", "siisss", "lattice", major, minor,
                   end, "", "");
    return LAT_OK;
}

enum lat_status
lat_osc_ping(struct lat_osc_call *call)
{
    // Controllers put all sorts of things into theirs.
    lat_osc_answer(call, "/pong", "");
    return LAT_OK;
}

enum lat_status
lat_osc_dump_osc(struct lat_osc_call *call)
{
    double how = 0.0; // SuperCollider's 2 and 3 are hexadecimal
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "0 or 1", &how);
    }
    if (!status) {
        lat_osc_set_dumping(call, how != 0.0);
        lat_osc_answer(call, "/done", "s", call->path);
    }
    return status;
}

enum lat_status
lat_osc_error_mode(struct lat_osc_call *call)
{
    return lat_osc_need(call, 1, 1);
}

enum lat_status
lat_osc_quit_program(struct lat_osc_call *call)
{
    const enum lat_status status = lat_osc_need(call, 0, 0);
    if (!status) {
        lat_osc_quit(call);
    }
    return status;
}
