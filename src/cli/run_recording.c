// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_recording.h"
#include "base/folders.h"
#include "base/log.h"
#include "node/disk_counts.h"
#include "nodes/disk/recording.h"
#include "nodes/disk/service.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_CHANNELS 2U

/// That a disk may take at the end.
#define FINISH_NS UINT64_C(5000000000)

#define NO_SLOT (-1)

struct lat_run_recording {
    struct lat_recording *sound;
    struct lat_control *control; ///< NULL: it is gone
    double rate;
    uint32_t n_channels;
    bool is_file; ///< --record
    atomic_bool is_on;
    /// Of the first audio_out, by channel, or NO_SLOT; control writes.
    _Atomic int32_t slots[LAT_RECORDING_CHANNELS];
};

enum lat_status
lat_cli_set_record_dir(const struct lat_options *o)
{
    char *path = NULL;
    enum lat_status status =
        o->record_dir
            ? LAT_OK
            : lat_folders_path(LAT_FOLDER_DATA, "lattice/recordings", &path);
    if (status != LAT_ENOMEM) { // without a home there is no folder
        status = lat_recording_set_folder(o->record_dir ? o->record_dir : path);
    }
    free(path);
    return status;
}

// --- What is the first audio_out ---------------------------------------------

static const struct lat_slot *
first_output(struct lat_control *c)
{
    const struct lat_slot *const slots = lat_control_slots(c);
    const struct lat_slot *first = NULL;
    for (uint32_t i = 0; i < LAT_MAX_DEVICE_SLOTS; ++i) {
        const struct lat_slot *d = &slots[i];
        const struct lat_node *const node =
            d->refs ? lat_graph_find(lat_control_graph(c), d->node) : NULL;
        if (node && node->type->flags & LAT_TYPE_DEVICE_OUT && d->is_output &&
            !d->is_cv && !d->is_midi && !d->is_plain &&
            (!first || d->order < first->order)) {
            first = d;
        }
    }
    return first;
}

/// Hear the slots that the first audio_out has now; one channel is heard on
/// both sides.
static void
follow(struct lat_run_recording *r)
{
    const struct lat_slot *const slots = lat_control_slots(r->control);
    const struct lat_slot *const first = first_output(r->control);
    for (uint32_t c = 0; c < r->n_channels; ++c) {
        int32_t slot = NO_SLOT;
        for (uint32_t i = 0; first && i < LAT_MAX_DEVICE_SLOTS; ++i) {
            const struct lat_slot *d = &slots[i];
            if (d->refs && d->is_output && strcmp(d->node, first->node) == 0 &&
                (d->channel == c + 1 ||
                 (d->n_channels == 1 && c < DEFAULT_CHANNELS))) {
                slot = (int32_t)i;
            }
        }
        atomic_store(&r->slots[c], slot);
    }
}

static void
changed(void *data, const struct lat_changes *changes)
{
    struct lat_run_recording *const r = data;
    struct lat_engine_status e;
    follow(r);
    lat_engine_status(lat_control_engine(r->control), &e);
    if (changes->topics & LAT_TOPIC_RATE && e.rate != r->rate &&
        atomic_exchange(&r->is_on, false) && r->is_file) {
        lat_log(LAT_LOG_WARNING,
                "the recording ends: JACK runs at %.0f Hz now, and its file is "
                "of %.0f Hz",
                e.rate, r->rate);
    }
}

// --- Audio -------------------------------------------------------------------

LAT_RT static void
hear(void *data, float *const *buffers, uint32_t n_frames)
{
    struct lat_run_recording *const r = data;
    const float *channels[LAT_RECORDING_CHANNELS];
    if (!atomic_load_explicit(&r->is_on, memory_order_relaxed)) {
        return;
    }
    for (uint32_t c = 0; c < r->n_channels; ++c) {
        const int32_t slot =
            atomic_load_explicit(&r->slots[c], memory_order_relaxed);
        channels[c] = slot >= 0 ? buffers[slot] : NULL;
    }
    lat_recording_add(r->sound, channels, NULL, n_frames);
}

// --- From start to end -------------------------------------------------------

static enum lat_status
begin_file(const struct app *a, struct lat_run_recording *r,
           struct lat_error *error)
{
    char *path = NULL;
    const char *const wanted = a->options->record;
    const enum lat_status status =
        wanted ? lat_recording_begin_at(r->sound, wanted, &path, error)
               : LAT_OK;
    if (wanted && !status) {
        r->is_file = true;
        lat_log(LAT_LOG_INFO, "recording to %s", path ? path : wanted);
    }
    free(path);
    return status;
}

static enum lat_status
begin(struct app *a, struct lat_run_recording *r, struct lat_error *error)
{
    struct lat_engine *const engine = lat_control_engine(a->control);
    struct lat_engine_status e;
    const struct lat_slot *const first = first_output(a->control);
    const struct lat_listener listener = {
        .data = r,
        .topics = LAT_TOPIC_PORTS | LAT_TOPIC_STRUCTURE | LAT_TOPIC_RATE,
        .changed = changed,
    };
    lat_engine_status(engine, &e);
    r->control = a->control;
    r->rate = e.rate;
    r->n_channels = first && first->n_channels > DEFAULT_CHANNELS
                        ? first->n_channels
                        : DEFAULT_CHANNELS;
    enum lat_status status =
        lat_recording_new(r->rate, r->n_channels, &r->sound);
    if (!status) {
        status = begin_file(a, r, error);
    } else {
        lat_error_set(error, status, "cannot record: %s", lat_strerror(status));
    }
    if (!status && lat_control_listen(a->control, &listener)) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    if (!status) {
        lat_recording_keep(
            r->sound, (uint64_t)(a->options->record_last * 60.0 * r->rate));
        follow(r);
        atomic_store(&r->is_on, true);
        lat_engine_set_ear(engine, &(struct lat_engine_ear){r, hear});
    }
    return status;
}

enum lat_status
lat_run_open_recording(struct app *a, struct lat_error *error)
{
    const bool is_wanted = a->options->record || a->options->record_last;
    if (a->host || a->recording || !is_wanted) {
        return LAT_OK;
    }
    struct lat_run_recording *const r = calloc(1, sizeof(*r));
    if (!r) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    const enum lat_status status = begin(a, r, error);
    if (status) {
        lat_recording_free(r->sound);
        free(r);
        return status;
    }
    a->recording = r;
    return LAT_OK;
}

enum lat_status
lat_run_write_last(void *data, double seconds, char **path,
                   struct lat_error *error)
{
    const struct app *const a = data;
    const struct lat_run_recording *const r = a->recording;
    if (!r || !a->options->record_last) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "nothing is kept; start lattice run with "
                             "--record-last MINUTES");
    }
    return lat_recording_write_last(r->sound, (uint64_t)(seconds * r->rate),
                                    path, error);
}

void
lat_run_close_recording(struct app *a)
{
    if (a->recording) {
        lat_control_unlisten(a->control, a->recording);
        lat_recording_free(a->recording->sound);
        free(a->recording);
        a->recording = NULL;
    }
}

bool
lat_cli_finish_recordings(void)
{
    const bool is_done = lat_disk_finish(LAT_DISK_WRITES, FINISH_NS);
    if (!is_done) {
        lat_log(LAT_LOG_ERROR,
                "a disk takes too long; the end of a recording is lost");
    }
    return is_done && !atomic_load(&lat_disk_counts.n_failed_recordings);
}
