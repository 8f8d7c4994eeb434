// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What only a score holds: see score.h.

#include "score.h"
#include "strike.h"
#include "verbs.h"

#include <lo/lo.h>

#include <string.h>

/// Argument @p i as bytes, which live as long as the message.
static enum lat_status
blob_arg(struct lat_osc_call *call, uint32_t i, const char *what,
         const void **data, size_t *size)
{
    if (i >= call->m->argc || call->m->types[i] != LO_BLOB) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "argument %u (%s) must be a blob (b)",
                             (unsigned)(i + 1), what);
    }
    // liblo gives a blob where it lies in the packet.
    lo_blob blob = (lo_blob)call->m->argv[i];
    *data = lo_blob_dataptr(blob);
    *size = lo_blob_datasize(blob);
    return LAT_OK;
}

enum lat_status
lat_osc_journal(struct lat_osc_call *call)
{
    double version = 0.0;
    enum lat_status status = lat_osc_need(call, 2, 2);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "VERSION", &version);
    }
    if (!status && version != LAT_SCORE_JOURNAL_VERSION) {
        status = lat_error_set(&call->error, LAT_EINVAL,
                               "it is a journal of version %g, and this "
                               "lattice reads version %d; render it with the "
                               "lattice that wrote it",
                               version, LAT_SCORE_JOURNAL_VERSION);
    }
    if (!status) {
        lat_control_hold_fades(call->control);
        lat_control_lead_transport(call->control);
    }
    return status;
}

enum lat_status
lat_osc_session_text(struct lat_osc_call *call)
{
    const void *text = NULL;
    size_t size = 0;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status && !call->sessions) {
        status = lat_error_set(&call->error, LAT_ENOTFOUND,
                               "this program keeps no sessions");
    }
    if (!status) {
        status = blob_arg(call, 0, "TEXT", &text, &size);
    }
    return status ? status
                  : lat_sessions_read_whole(
                        call->sessions, text, size, "the session of the score",
                        !call->options->keeps_block, &call->error);
}

enum lat_status
lat_osc_midi(struct lat_osc_call *call)
{
    const char *port = NULL;
    const void *bytes = NULL;
    size_t size = 0;
    enum lat_status status = lat_osc_need(call, 2, 2);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "PORT", &port);
    }
    if (!status) {
        status = blob_arg(call, 1, "BYTES", &bytes, &size);
    }
    return status ? status
                  : lat_control_midi(call->control, bytes, size, &call->error);
}

/// Argument @p i as a whole number to the bit.
static enum lat_status
long_arg(struct lat_osc_call *call, uint32_t i, const char *what, int64_t *out)
{
    if (i >= call->m->argc || call->m->types[i] != LO_INT64) {
        return lat_error_set(&call->error, LAT_EINVAL,
                             "argument %u (%s) must be a long (h)",
                             (unsigned)(i + 1), what);
    }
    memcpy(out, call->m->argv[i], sizeof(*out)); // aligned to 4 bytes
    return LAT_OK;
}

/// What argument @p i, a key, and the next one say.
static enum lat_status
strike_arg(struct lat_osc_call *call, uint32_t i, struct lat_strike *strike)
{
    const char *name = NULL;
    double value = 0.0;
    enum lat_status status = lat_osc_text_arg(call, i, "KEY", &name);
    if (!status) {
        status = lat_osc_number_arg(call, i + 1, name, &value);
    }
    const enum lat_strike_key key =
        status ? LAT_STRIKE_N_KEYS : lat_osc_strike_key(name);
    if (!status && key == LAT_STRIKE_N_KEYS) {
        status = lat_error_set(&call->error, LAT_EINVAL,
                               "'%.60s' is nothing that a sound has", name);
    }
    if (!status) {
        lat_osc_strike_say(strike, key, value);
    }
    return status;
}

static enum lat_status
need_striker(struct lat_osc_call *call, const char *name,
             struct lat_node **node)
{
    *node = lat_control_need_node(call->control, name, &call->error);
    if (!*node) {
        return LAT_ENOTFOUND;
    }
    return (*node)->type->flags & LAT_TYPE_STRIKES
               ? LAT_OK
               : lat_error_set(&call->error, LAT_EINVAL,
                               "%s is of type %s, which strikes no sounds; a "
                               "sampler does",
                               name, (*node)->type->name);
}

enum lat_status
lat_osc_strike(struct lat_osc_call *call)
{
    const char *name = NULL;
    struct lat_node *node = NULL;
    struct lat_strike strike = {0};
    int64_t sound = 0;
    enum lat_status status = lat_osc_need(call, 3, 3 + 2 * LAT_STRIKE_N_KEYS);
    if (!status) {
        status = lat_osc_text_arg(call, 0, "NODE", &name);
    }
    if (!status) {
        status = need_striker(call, name, &node);
    }
    if (!status) {
        status = long_arg(call, 1, "SOUND", &sound);
    }
    if (!status) {
        status = lat_osc_number_arg(call, 2, "SECONDS", &strike.hold);
    }
    for (uint32_t i = 3; !status && i < call->m->argc; i += 2) {
        status = strike_arg(call, i, &strike);
    }
    strike.sound = (uint64_t)sound;
    return status
               ? status
               : lat_control_strike(call->control, node, &strike, &call->error);
}

/// Arguments @p i and the next as a place.
static enum lat_status
place_arg(struct lat_osc_call *call, uint32_t i, const char *what,
          struct lat_cycle *out)
{
    int64_t fraction = 0;
    enum lat_status status = long_arg(call, i, what, &out->cycle);
    if (!status) {
        status = long_arg(call, i + 1, "FRACTION", &fraction);
    }
    out->fraction = (uint64_t)fraction;
    return status;
}

static enum lat_status
count_arg(struct lat_osc_call *call, uint32_t i, const char *what,
          uint32_t *out)
{
    double n = 0.0;
    enum lat_status status = lat_osc_number_arg(call, i, what, &n);
    if (!status && !(n >= 0.0 && n <= UINT32_MAX)) {
        status =
            lat_error_set(&call->error, LAT_EINVAL,
                          "%s must lie between 0 and 2^32, not %g", what, n);
    }
    *out = status ? 0 : (uint32_t)n;
    return status;
}

enum lat_status
lat_osc_transport_followed(struct lat_osc_call *call)
{
    struct lat_transport_move move = {0};
    double playing = 0.0;
    enum lat_status status = lat_osc_need(call, 8, 8);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "PLAYING", &playing);
    }
    if (!status) {
        status = lat_osc_number_arg(call, 1, "BPM", &move.tempo_bpm);
    }
    if (!status) {
        status = place_arg(call, 2, "CYCLE", &move.anchor);
    }
    if (!status) {
        status = place_arg(call, 4, "FIRST", &move.first);
    }
    if (!status) {
        status = count_arg(call, 6, "LOCATES", &move.n_locates);
    }
    if (!status) {
        status = count_arg(call, 7, "BREAKS", &move.n_breaks);
    }
    move.is_playing = playing != 0.0;
    return status
               ? status
               : lat_control_move_transport(call->control, &move, &call->error);
}

static enum lat_status
frame_arg(struct lat_osc_call *call, uint64_t *out)
{
    double frame = 0.0;
    enum lat_status status = lat_osc_need(call, 1, 1);
    if (!status) {
        status = lat_osc_number_arg(call, 0, "FRAME", &frame);
    }
    if (!status && !(frame >= 0.0 && frame < 0x1p53)) {
        status =
            lat_error_set(&call->error, LAT_EINVAL,
                          "FRAME must lie between 0 and 2^53, not %g", frame);
    }
    if (!status) {
        *out = (uint64_t)frame;
    }
    return status;
}

enum lat_status
lat_osc_graph_faded(struct lat_osc_call *call)
{
    uint64_t frame = 0;
    const enum lat_status status = frame_arg(call, &frame);
    if (!status) {
        lat_control_end_fades_of(call->control, frame);
    }
    return status;
}

enum lat_status
lat_osc_graph_plan(struct lat_osc_call *call)
{
    uint64_t frame = 0;
    enum lat_status status = frame_arg(call, &frame);
    if (!status) {
        status = lat_osc_set_frame(call, frame);
    }
    if (!status) {
        lat_control_order(call->control, frame);
    }
    return status;
}

enum lat_status
lat_osc_graph_at(struct lat_osc_call *call)
{
    uint64_t frame = 0;
    const enum lat_status status = frame_arg(call, &frame);
    return status ? status : lat_osc_set_frame(call, frame);
}
