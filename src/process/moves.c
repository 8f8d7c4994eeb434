// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "moves.h"
#include "base/log.h"

static void
place(struct lat_processes *s, const struct process *p, enum lat_place to)
{
    struct lat_error error;
    if (lat_control_place(s->control, p->name, to, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s stays where it is: %s", p->name, error.text);
    }
}

void
lat_process_begin_move(struct lat_processes *s, struct process *p,
                       const struct lat_node *node, uint64_t now_ns)
{
    lat_control_fade_outputs(s->control, p->name, false);
    p->is_moving = true;
    p->move_ns = now_ns;
    if (lat_control_place_of(node) == LAT_PLACE_AWAY) {
        place(s, p, LAT_PLACE_RETURNING);
    }
}

void
lat_process_end_move(struct lat_processes *s, struct process *p)
{
    const struct lat_node *node = lat_process_node(s, p);
    p->is_moving = false;
    if (node && p->state != LEAVING) { // else it was taken back meanwhile
        place(s, p,
              lat_control_is_away(node) ? LAT_PLACE_ENGINE : LAT_PLACE_AWAY);
    }
    lat_control_fade_outputs(s->control, p->name, true);
}

void
lat_process_follow_wish(struct lat_processes *s, struct process *p,
                        uint64_t now_ns)
{
    const struct lat_node *node = lat_process_node(s, p);
    if (!node || p->state == LEAVING) {
        return;
    }
    const bool is_away = lat_control_is_away(node);
    if (lat_control_wants_process(s->control, node)) {
        if (!p->is_moving &&
            lat_control_place_of(node) == LAT_PLACE_RETURNING) {
            place(s, p, LAT_PLACE_AWAY); // it died on the way
        }
    } else if (!is_away) {
        place(s, p, LAT_PLACE_ENGINE);
    } else if (!p->is_moving) {
        lat_process_begin_move(s, p, node, now_ns);
    }
}
