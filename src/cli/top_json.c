// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "top_json.h"
#include "base/log.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

/// A number, or null where it is none or not told.
static json_t *
number(double value)
{
    return isfinite(value) && value >= 0.0 ? json_real(value) : json_null();
}

static json_t *
row_to_json(const struct lat_top *t, const struct lat_top_row *row)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:i}", "name",
                     row->name, "type", row->type, "batch",
                     row->batch < 0 ? json_null() : json_integer(row->batch),
                     "ns", number(lat_top_period_ns(t, row)), "share",
                     number(lat_top_share(t, row)), "peak",
                     number((double)lat_top_peak(row)), "rms",
                     number((double)lat_top_rms(row)), "asleep",
                     (int)row->asleep);
}

bool
lat_top_print_json(const struct lat_top *t, const struct lat_top_view *v,
                   uint32_t n)
{
    const struct lat_top_engine *const e = &t->engine;
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"load", e->load},
        {"load_peak", e->load_peak},
        {"process_ns_p99", e->process_ns_p99},
        {"rate", e->rate},
        {"block", e->block},
        {"period", e->period},
        {"workers", e->workers},
        {"threads", e->threads},
        {"periods", e->periods},
        {"late", e->late},
        {"xruns", e->xruns},
        {"bundles_late", e->bundles_late},
        {"bundles_waiting", e->bundles_waiting},
        {"nodes", e->nodes},
        {"cables", e->cables},
        {"batches", e->batches},
        {"asleep", e->asleep},
        {"playing", e->playing},
        {"tempo", e->tempo},
    };
    json_t *const all = json_object();
    json_t *const nodes = json_array();
    int failed = !all || !nodes;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); ++i) {
        failed |=
            json_object_set_new(all, numbers[i].key, number(numbers[i].value));
    }
    for (uint32_t i = 0; i < n; ++i) {
        failed |=
            json_array_append_new(nodes, row_to_json(t, &t->rows[v->order[i]]));
    }
    failed |= json_object_set(all, "table", nodes);
    failed = failed || json_dumpf(all, stdout, JSON_INDENT(2)) != 0;
    json_decref(nodes);
    json_decref(all);
    if (failed) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return false;
    }
    putchar('\n');
    return true;
}
