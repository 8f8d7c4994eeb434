// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where nodes run: in the engine, or in processes of their own.

#include "check.h"
#include "state.h"

bool
lat_control_has_places(const struct lat_control *c)
{
    return c->has_places;
}

enum lat_status
lat_control_process_set(struct lat_control *c, const char *name, bool is_own,
                        struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    const enum lat_status status =
        lat_control_check_process(node->type, is_own, error);
    if (status || node->place.is_wanted == is_own) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    struct lat_place place = node->place;
    place.is_wanted = is_own;
    return lat_command_end(c, command, lat_control_set_place(c, node, place),
                           error);
}

bool
lat_control_wants_process(const struct lat_control *c,
                          const struct lat_node *node)
{
    return lat_type_can_leave(node->type) &&
           (node->place.is_wanted || c->all_in_processes);
}

bool
lat_control_returns(const struct lat_node *node, uint32_t output)
{
    return lat_units_find_door(node, LAT_DOOR_RETURN,
                               node->layout->out[output].name);
}

enum lat_status
lat_control_place(struct lat_control *c, const char *name, bool is_hosted,
                  bool is_away, struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    const struct lat_command command = lat_command_begin(c);
    struct lat_place place = node->place;
    place.is_hosted = is_hosted;
    place.is_away = is_away;
    return lat_command_end(c, command, lat_control_set_place(c, node, place),
                           error);
}
