// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Outputs that audio tells of.

#include "base/log.h"
#include "feedback_state.h"
#include "graph/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// Records of audio that may wait: about what 200 scopes are in a look.
#define N_RECORDS 8192U

void
lat_feedback_unwatch(struct lat_osc_feedback *f,
                     struct lat_feedback_watch *watch)
{
    if (watch) {
        lat_reader_unwatch(f->reader, watch->id);
        f->watches[watch->id % LAT_FEEDBACK_MAX_WATCHES] = NULL;
        --f->n_watches;
        free(watch);
    }
}

static const uint8_t record_kinds[] = {
    [LAT_ADDRESS_SAMPLE] = LAT_RECORD_SAMPLE,
    [LAT_ADDRESS_PEAK] = LAT_RECORD_LEVEL,
    [LAT_ADDRESS_RMS] = LAT_RECORD_LEVEL,
    [LAT_ADDRESS_SCOPE] = LAT_RECORD_SCOPE,
};

struct lat_feedback_watch *
lat_feedback_watch(struct lat_osc_feedback *f,
                   const struct lat_osc_address *output, double hz)
{
    const bool is_scope = output->kind == LAT_ADDRESS_SCOPE;
    if (!f->reader && lat_reader_new(f->control, N_RECORDS, 0, &f->reader)) {
        return NULL;
    }
    if (f->n_watches == LAT_FEEDBACK_MAX_WATCHES) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "feedback: %u outputs are watched already; what is "
                        "above that is not sent; subscribe to fewer",
                        LAT_FEEDBACK_MAX_WATCHES);
        return NULL;
    }
    struct lat_feedback_watch *const w =
        calloc(1, sizeof(*w) +
                      (is_scope ? sizeof(float) * 2 * LAT_FEEDBACK_SCOPE : 0));
    // No faster than audio can tell, with room between two scopes.
    struct lat_engine_status e;
    lat_engine_status(lat_control_engine(f->control), &e);
    const double most_hz =
        e.rate / (is_scope ? 2.0 * LAT_FEEDBACK_SCOPE : 256.0);
    // A record of one that is gone names a number that nobody has again soon.
    do {
        ++f->turn;
    } while (f->watches[f->turn % LAT_FEEDBACK_MAX_WATCHES]);
    const struct lat_tap_wish wish = {.kind = record_kinds[output->kind],
                                      .id = f->turn,
                                      .hz = hz < most_hz ? hz : most_hz,
                                      .n_samples = LAT_FEEDBACK_SCOPE,
                                      .step = 1};
    struct lat_error error;
    char name[LAT_VOICE_NAME_MAX];
    lat_voice_name(output->node->name, output->voice, name);
    if (!w || lat_reader_watch(f->reader, name, output->name, &wish, &error)) {
        free(w);
        return NULL;
    }
    w->id = f->turn;
    w->kind = output->kind;
    f->watches[w->id % LAT_FEEDBACK_MAX_WATCHES] = w;
    ++f->n_watches;
    return w;
}

static void
take_record(struct lat_feedback_watch *w, const struct lat_record *r)
{
    switch (w->kind) {
    case LAT_ADDRESS_SAMPLE:
        w->value = r->sample;
        w->is_new = true;
        break;
    case LAT_ADDRESS_PEAK:
        w->value = r->level.peak;
        w->is_new = true;
        break;
    case LAT_ADDRESS_RMS:
        w->value = sqrtf(r->level.mean_square);
        w->is_new = true;
        break;
    case LAT_ADDRESS_SCOPE:
        if (r->at != w->n_samples) {
            w->n_samples = 0; // a part was lost
        }
        if (r->at == w->n_samples && r->at + r->n <= LAT_FEEDBACK_SCOPE) {
            float *const next = w->samples + LAT_FEEDBACK_SCOPE;
            memcpy(next + r->at, r->samples, r->n * sizeof(float));
            w->n_samples += r->n;
            if (w->n_samples == LAT_FEEDBACK_SCOPE) {
                memcpy(w->samples, next, LAT_FEEDBACK_SCOPE * sizeof(float));
                w->is_new = true;
                w->n_samples = 0;
            }
        }
        break;
    default:
        break;
    }
}

void
lat_feedback_take_records(struct lat_osc_feedback *f)
{
    struct lat_record r;
    while (f->reader && lat_reader_next(f->reader, &r)) {
        struct lat_feedback_watch *const w =
            f->watches[r.id % LAT_FEEDBACK_MAX_WATCHES];
        if (w && w->id == r.id) {
            take_record(w, &r);
        }
    }
}
