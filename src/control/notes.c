// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Notes that are played by a command rather than by a keyboard, and numbers
// that are given to nodes.

#include "run/engine.h"
#include "state.h"

#include <float.h>
#include <math.h>

#define MIDDLE_C 60.0

static enum lat_status
check(const struct lat_node *node, double note, double velocity,
      struct lat_error *error)
{
    if (!(node->type->flags & LAT_TYPE_NOTES)) {
        return lat_error_set(error, LAT_EINVAL,
                             "%s is of type %s, which takes no notes; play a "
                             "midi_notes, or set its inputs",
                             node->name, node->type->name);
    }
    if (!(note >= 0.0 && note <= 127.0)) {
        return lat_error_set(error, LAT_EINVAL,
                             "NOTE must lie between 0 and 127 (60 is c4), not "
                             "%g",
                             note);
    }
    if (!(velocity >= 0.0 && velocity <= 1.0)) {
        return lat_error_set(error, LAT_EINVAL,
                             "VELOCITY must lie between 0 and 1, not %g",
                             velocity);
    }
    return LAT_OK;
}

enum lat_status
lat_control_midi(struct lat_control *c, const uint8_t *bytes, size_t size,
                 struct lat_error *error)
{
    if (size < 1 || size > 3) {
        return lat_error_set(error, LAT_EINVAL,
                             "a message of MIDI has one to three bytes, not "
                             "%zu",
                             size);
    }
    if (bytes[0] == LAT_MIDI_SOURCE_LOST) {
        lat_engine_lose_midi(c->engine);
    } else {
        lat_engine_midi(c->engine, 0, bytes, (uint32_t)size);
    }
    return LAT_OK;
}

enum lat_status
lat_control_note(struct lat_control *c, const char *name, double note,
                 double velocity, double seconds, struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    enum lat_status status =
        node ? check(node, note, velocity, error) : LAT_ENOTFOUND;
    if (status) {
        return status;
    }
    if (!(seconds >= 0.0 && seconds <= LAT_NOTE_SECONDS_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a note lasts up to a day, not %g seconds",
                             seconds);
    }
    if (seconds > 0.0 && c->n_releases >= LAT_NOTES_HELD_MAX) {
        return lat_error_set(error, LAT_EFULL,
                             "%u notes wait for their end, and there is room "
                             "for no more; let them be shorter",
                             c->n_releases);
    }
    const struct lat_command command = lat_command_begin(c);
    status = lat_graph_play_note(c->g, node, (float)(note - MIDDLE_C),
                                 (float)velocity, seconds);
    return lat_command_end(c, command, status, error);
}

enum lat_status
lat_control_strike(struct lat_control *c, struct lat_node *node,
                   const struct lat_strike *strike, struct lat_error *error)
{
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_graph_strike(c->g, node, strike),
                           error);
}

enum lat_status
lat_control_give(struct lat_control *c, struct lat_node *const *nodes,
                 uint32_t n, double value, struct lat_error *error)
{
    if (!(fabs(value) <= (double)FLT_MAX)) {
        return lat_error_set(error, LAT_EINVAL,
                             "a number must be finite, and within 3.4e38");
    }
    const struct lat_command command = lat_command_begin(c);
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; i < n && !status; ++i) {
        status = lat_graph_give_number(c->g, nodes[i], (float)value);
    }
    return lat_command_end(c, command, status, error);
}
