// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "numbers.h"
#include "node/disk_counts.h"
#include "node/transport.h"

#include <assert.h>
#include <time.h>

static struct lat_osc_number *
add(struct lat_osc_numbers *to, const char *key, char type)
{
    assert(to->n < LAT_OSC_MAX_NUMBERS);
    struct lat_osc_number *const n = &to->at[to->n++];
    n->key = key;
    n->type = type;
    return n;
}

static void
tell_number(struct lat_osc_numbers *to, const char *key, double value)
{
    add(to, key, 'd')->real = value;
}

static void
tell_count(struct lat_osc_numbers *to, const char *key, uint64_t value)
{
    add(to, key, 'h')->count = (int64_t)value;
}

static void
tell_text(struct lat_osc_numbers *to, const char *key, const char *value)
{
    struct lat_osc_number *const n = add(to, key, 's');
    snprintf(n->text, sizeof(n->text), "%s", value ? value : "");
}

static void
tell_engine(struct lat_osc_numbers *to, const struct lat_engine_status *e)
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
    tell_count(to, "lost_midi_out", e->n_lost_midi_out);
    tell_count(to, "late_reads", atomic_load(&lat_disk_counts.n_late_reads));
    tell_count(to, "lost_frames", atomic_load(&lat_disk_counts.n_lost_frames));
    tell_count(to, "failed_recordings",
               atomic_load(&lat_disk_counts.n_failed_recordings));
    tell_count(to, "midi_clock", e->has_midi_clock);
    tell_number(to, "midi_clock_ppm", e->midi_clock_ppm);
    tell_number(to, "midi_clock_jitter_us", e->midi_clock_jitter_us);
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
tell_jack(struct lat_osc_numbers *to, const struct lat_osc_jack *j)
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

static void
tell_processes(struct lat_osc_numbers *to, const struct lat_process_counts *p)
{
    tell_count(to, "processes", p->n);
    tell_count(to, "processes_playing", p->n_playing);
    tell_count(to, "processes_given_up", p->n_given_up);
    tell_count(to, "process_deaths", p->n_deaths);
    tell_count(to, "process_restarts", p->n_restarts);
    tell_count(to, "process_missed", p->n_missed);
    tell_count(to, "late_cables", p->n_late_cables);
}

void
lat_osc_numbers_take(struct lat_control *control,
                     const struct lat_osc_options *options,
                     const struct lat_osc_bundle_counts *bundles,
                     struct lat_osc_numbers *out)
{
    const struct lat_engine *engine = lat_control_engine(control);
    struct lat_engine_status e;
    out->n = 0;
    lat_engine_status(engine, &e);
    tell_engine(out, &e);
    tell_count(out, "asleep", lat_control_n_asleep(control));
    const double shares[] = {0.5, 0.99, 0.999};
    uint64_t ns[3];
    lat_engine_percentiles(engine, shares, 3, ns);
    tell_count(out, "process_ns_p50", ns[0]);
    tell_count(out, "process_ns_p99", ns[1]);
    tell_count(out, "process_ns_p999", ns[2]);
    tell_count(out, "bundles_waiting", bundles->n_waiting);
    tell_count(out, "bundles_late", bundles->n_late);
    tell_count(out, "osc_out_sent", bundles->n_sent);
    tell_count(out, "osc_out_lost", bundles->n_not_sent);
    if (options->superdirt) {
        tell_count(out, "dirt_played", bundles->n_dirt_played);
        tell_count(out, "dirt_unknown", bundles->n_dirt_unknown);
    }
    if (options->jack_status) {
        struct lat_osc_jack j = {0};
        options->jack_status(options->data, &j);
        tell_jack(out, &j);
    }
    if (options->process_status) {
        struct lat_process_counts p = {0};
        options->process_status(options->data, &p);
        tell_processes(out, &p);
    }
}
