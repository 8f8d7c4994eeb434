// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Tempo, transport and panic.

#include "state.h"

static enum lat_status
timed_command(struct lat_control *c, const struct lat_message *m,
              struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_control_add_timed(c, m), error);
}

// Is a gate, of any voice?
static bool
is_open(const struct lat_node *node, const struct lat_input *gate)
{
    bool is = false;
    for (uint32_t v = 0; v < node->poly && !is; ++v) {
        is = lat_input_value(gate, v) > 0.0F;
    }
    return is;
}

enum lat_status
lat_control_panic(struct lat_control *c, struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    for (struct lat_node *n = c->g->first; n; n = n->next) {
        const uint32_t n_in =
            n->type->flags & LAT_TYPE_RECORDS ? 0 : n->layout->n_in;
        for (uint32_t i = 0; !status && i < n_in; ++i) {
            if (n->layout->in[i].port->kind == LAT_PORT_GATE &&
                is_open(n, &n->in[i])) {
                const struct lat_graph_value v = {.input = i, .seconds = -1.0};
                status = lat_graph_set_value(c->g, n, &v);
            }
        }
    }
    if (!status) {
        const struct lat_message m = {.kind = LAT_MESSAGE_PANIC};
        status = lat_control_add_timed(c, &m);
    }
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_tempo(struct lat_control *c, double bpm, struct lat_error *error)
{
    if (!(bpm >= LAT_TEMPO_MIN && bpm <= LAT_TEMPO_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "the tempo must lie between %g and %g beats per "
                             "minute, not %g",
                             LAT_TEMPO_MIN, LAT_TEMPO_MAX, bpm);
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.tempo_bpm = bpm;
    const struct lat_message m = {.kind = LAT_MESSAGE_TEMPO, .number = bpm};
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

enum lat_status
lat_control_beats_per_cycle(struct lat_control *c, double beats,
                            struct lat_error *error)
{
    if (!(beats >= LAT_BEATS_PER_CYCLE_MIN &&
          beats <= LAT_BEATS_PER_CYCLE_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "beats_per_cycle must lie between %g and %g, not "
                             "%g",
                             LAT_BEATS_PER_CYCLE_MIN, LAT_BEATS_PER_CYCLE_MAX,
                             beats);
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.beats_per_cycle = beats;
    const struct lat_message m = {.kind = LAT_MESSAGE_BEATS, .number = beats};
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

static enum lat_status
own_transport(const struct lat_control *c, struct lat_error *error)
{
    if (!c->is_load && c->document.sync == LAT_SYNC_MIDI) {
        return lat_error_set(error, LAT_EINVAL,
                             "the session follows a MIDI clock (sync = midi): "
                             "start, stop and locate it there");
    }
    if (!c->is_load && c->document.sync == LAT_SYNC_JACK) {
        return lat_error_set(error, LAT_EINVAL,
                             "the session follows JACK's transport (sync = "
                             "jack): start, stop and locate it there");
    }
    return LAT_OK;
}

enum lat_status
lat_control_play(struct lat_control *c, bool is_playing,
                 struct lat_error *error)
{
    const enum lat_status status = own_transport(c, error);
    if (status) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    c->transport.is_playing = is_playing;
    const struct lat_message m = {
        .kind = LAT_MESSAGE_PLAY,
        .number = is_playing,
    };
    return lat_command_end(c, command, lat_control_add_timed(c, &m), error);
}

enum lat_status
lat_control_locate(struct lat_control *c, double cycle, struct lat_error *error)
{
    const enum lat_status status = own_transport(c, error);
    if (status) {
        return status;
    }
    if (!(cycle >= 0.0 && cycle <= 1e9)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a place must lie between 0 and 1e9 cycles, not "
                             "%g",
                             cycle);
    }
    const struct lat_message m = {
        .kind = LAT_MESSAGE_LOCATE,
        .cycle = lat_cycle_from_double(cycle),
    };
    return timed_command(c, &m, error);
}

void
lat_control_lead_transport(struct lat_control *c)
{
    lat_engine_lead(c->engine);
}

static bool
is_place(const struct lat_cycle *c)
{
    return c->cycle >= -LAT_CYCLES_FOLLOWED && c->cycle <= LAT_CYCLES_FOLLOWED;
}

enum lat_status
lat_control_move_transport(struct lat_control *c,
                           const struct lat_transport_move *move,
                           struct lat_error *error)
{
    if (!(move->tempo_bpm >= LAT_TEMPO_MIN &&
          move->tempo_bpm <= LAT_TEMPO_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "the tempo must lie between %g and %g beats per "
                             "minute, not %g",
                             LAT_TEMPO_MIN, LAT_TEMPO_MAX, move->tempo_bpm);
    }
    if (!is_place(&move->anchor) || !is_place(&move->first)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a place must lie within 2^32 cycles of the "
                             "start");
    }
    lat_engine_move(c->engine, move);
    return LAT_OK;
}

const struct lat_transport *
lat_control_transport(const struct lat_control *c)
{
    return &c->transport;
}
