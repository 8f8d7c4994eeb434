// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "moves.h"
#include "base/log.h"

static void
place(struct lat_processes *s, const struct process *p, bool is_hosted,
      bool is_away)
{
    struct lat_error error;
    if (lat_control_place(s->control, p->name, is_hosted, is_away, &error) !=
        LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s stays where it is: %s", p->name, error.text);
    }
}

void
lat_process_begin_move(struct lat_processes *s, struct process *p,
                       enum process_move move, uint64_t now_ns)
{
    lat_control_fade_outputs(s->control, p->name, false);
    p->move = move;
    p->move_ns = now_ns;
}

void
lat_process_end_move(struct lat_processes *s, struct process *p)
{
    const bool is_back = p->move == FADING_BACK;
    p->move = STILL;
    place(s, p, !is_back, !is_back);
    lat_control_fade_outputs(s->control, p->name, true);
}

void
lat_process_follow_wish(struct lat_processes *s, struct process *p,
                        uint64_t now_ns)
{
    const struct lat_node *node = lat_process_node(s, p);
    if (!node || p->state == LEAVING || p->move == FADING_BACK ||
        lat_control_wants_process(s->control, node)) {
        return;
    }
    if (node->place.is_away) {
        lat_process_begin_move(s, p, FADING_BACK, now_ns);
    } else {
        place(s, p, false, false);
    }
}
