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

enum lat_place
lat_control_place_of(const struct lat_node *node)
{
    return lat_units_place(node);
}

bool
lat_control_is_hosted(const struct lat_node *node)
{
    return lat_units_is_hosted(node);
}

bool
lat_control_is_away(const struct lat_node *node)
{
    return lat_units_is_away(node);
}

bool
lat_control_is_late(const struct lat_cable *cable)
{
    return lat_cable_is_late(cable);
}

bool
lat_control_returns(const struct lat_node *node, uint32_t output)
{
    return lat_units_find_door(node, LAT_DOOR_RETURN,
                               node->layout->out[output].name);
}

enum lat_status
lat_control_check_own_voice(const char *name, bool is_own, uint32_t poly,
                            struct lat_error *error)
{
    return is_own && poly > 1
               ? lat_error_set(error, LAT_EINVAL,
                               "%s: a node in a process of its own has one "
                               "voice, not %u; say process engine, or poly 1",
                               name, poly)
               : LAT_OK;
}

enum lat_status
lat_control_process_set(struct lat_control *c, const char *name, bool is_own,
                        struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    enum lat_status status =
        lat_control_check_process(node->type, is_own, error);
    if (!status) {
        status = lat_control_check_process_name(node->name, is_own, error);
    }
    if (!status) {
        status =
            lat_control_check_own_voice(node->name, is_own, node->poly, error);
    }
    if (status || node->is_own_process == is_own) {
        return status;
    }
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_control_set_process(c, node, is_own),
                           error);
}

enum lat_status
lat_control_place(struct lat_control *c, const char *name, enum lat_place place,
                  struct lat_error *error)
{
    struct lat_node *node = lat_control_need_node(c, name, error);
    if (!node) {
        return LAT_ENOTFOUND;
    }
    const struct lat_command command = lat_command_begin(c);
    return lat_command_end(c, command, lat_control_add_move(c, node, place),
                           error);
}
