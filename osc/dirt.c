// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "dirt.h"
#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define MIDDLE_C 60.0

struct lat_osc_dirt_event
lat_osc_dirt_event(void)
{
    return (struct lat_osc_dirt_event){.gain = 1.0, .delta = 1.0};
}

void
lat_osc_dirt_fini(struct lat_osc_dirt *d)
{
    for (uint32_t i = 0; i < d->n_told; ++i) {
        free(d->told[i]);
    }
    *d = (struct lat_osc_dirt){0};
}

static enum lat_status
play_note(struct lat_control *control, const struct lat_osc_dirt_event *e,
          struct lat_error *error)
{
    const double note = e->has_midinote ? e->midinote
                        : e->has_note   ? MIDDLE_C + e->note
                                        : MIDDLE_C + e->n;
    const double seconds = e->has_sustain ? e->sustain : e->delta;
    // What lasts no time, or is not loud, SuperDirt leaves out, too.
    if (!(e->gain > 0.0) || !(seconds > 0.0)) {
        return LAT_OK;
    }
    return lat_control_note(control, e->s, note, e->gain < 1.0 ? e->gain : 1.0,
                            seconds, error);
}

/// Types that can play an event, by what they read.
static const struct player {
    uint32_t flag;
    enum lat_status (*play)(struct lat_control *control,
                            const struct lat_osc_dirt_event *e,
                            struct lat_error *error);
} players[] = {
    {LAT_TYPE_NOTES, play_note},
};

static void
note_unknown(struct lat_osc_dirt *d, const char *name,
             const struct lat_node *node)
{
    ++d->n_unknown;
    for (uint32_t i = 0; i < d->n_told; ++i) {
        if (strcmp(d->told[i], name) == 0) {
            return;
        }
    }
    char *const copy = d->n_told < LAT_OSC_DIRT_NAMES ? lat_strdup(name) : NULL;
    if (!copy) {
        return;
    }
    d->told[d->n_told++] = copy;
    if (node) {
        lat_log(LAT_LOG_WARNING,
                "/dirt/play: %.60s is of type %s, which plays no events; a "
                "midi_notes does (it is told once, and counted as "
                "dirt_unknown)",
                name, node->type->name);
    } else {
        lat_log(LAT_LOG_WARNING,
                "/dirt/play: no node is called %.60s; /node/new midi_notes "
                "makes one that plays (it is told once, and counted as "
                "dirt_unknown)",
                name);
    }
}

enum lat_status
lat_osc_dirt_play_event(struct lat_osc_dirt *d, struct lat_control *control,
                        const struct lat_osc_dirt_event *event,
                        struct lat_error *error)
{
    if (!event->s) {
        return lat_error_set(error, LAT_EINVAL,
                             "s is missing: the name of the node that plays");
    }
    const struct lat_node *const node =
        lat_graph_find(lat_control_graph(control), event->s);
    for (size_t i = 0; node && i < LAT_COUNT(players); ++i) {
        if (node->type->flags & players[i].flag) {
            const enum lat_status status =
                players[i].play(control, event, error);
            d->n_played += !status;
            return status;
        }
    }
    note_unknown(d, event->s, node);
    return LAT_OK;
}
