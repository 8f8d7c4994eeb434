// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "dirt.h"
#include "base/log.h"
#include "base/text.h"
#include "strike.h"

#include <stdlib.h>
#include <string.h>

#define MIDDLE_C 60.0

/// What is meant where an event says nothing; else 0.
static const double defaults[LAT_DIRT_N_KEYS] = {
    [LAT_DIRT_GAIN] = 1.0,
    [LAT_DIRT_DELTA] = 1.0,
};

static bool
says(const struct lat_osc_dirt_event *e, enum lat_osc_dirt_key key)
{
    return e->has >> key & 1U;
}

double
lat_osc_dirt_value(const struct lat_osc_dirt_event *e,
                   enum lat_osc_dirt_key key)
{
    return says(e, key) ? e->values[key] : defaults[key];
}

void
lat_osc_dirt_fini(struct lat_osc_dirt *d)
{
    for (uint32_t i = 0; i < d->n_told; ++i) {
        free(d->told[i]);
    }
    *d = (struct lat_osc_dirt){0};
}

/// Seconds that it lasts, or 0: as long as there is sound.
static double
seconds_of(const struct lat_osc_dirt_event *e)
{
    const double delta = lat_osc_dirt_value(e, LAT_DIRT_DELTA);
    return says(e, LAT_DIRT_SUSTAIN)  ? e->values[LAT_DIRT_SUSTAIN]
           : says(e, LAT_DIRT_LEGATO) ? e->values[LAT_DIRT_LEGATO] * delta
                                      : 0.0;
}

/// Is it to last, but no time?  SuperDirt leaves that out, too.
static bool
is_nothing(const struct lat_osc_dirt_event *e)
{
    const bool is_timed = says(e, LAT_DIRT_SUSTAIN) || says(e, LAT_DIRT_LEGATO);
    return !(lat_osc_dirt_value(e, LAT_DIRT_GAIN) > 0.0) ||
           (is_timed && !(seconds_of(e) > 0.0));
}

static enum lat_status
play_note(struct lat_control *control, struct lat_node *node,
          const struct lat_osc_dirt_event *e, struct lat_error *error)
{
    const double gain = lat_osc_dirt_value(e, LAT_DIRT_GAIN);
    const double note =
        says(e, LAT_DIRT_MIDINOTE) ? e->values[LAT_DIRT_MIDINOTE]
        : says(e, LAT_DIRT_NOTE)   ? MIDDLE_C + e->values[LAT_DIRT_NOTE]
                                 : MIDDLE_C + lat_osc_dirt_value(e, LAT_DIRT_N);
    const double delta = lat_osc_dirt_value(e, LAT_DIRT_DELTA);
    const double timed = seconds_of(e);
    const double seconds = timed > 0.0 ? timed : delta;
    if (!(seconds > 0.0)) {
        return LAT_OK;
    }
    return lat_control_note(control, node->name, note, gain < 1.0 ? gain : 1.0,
                            seconds, error);
}

/// Where numbers go that a sampler takes as they are.
static const struct pair {
    enum lat_osc_dirt_key from;
    enum lat_strike_key to;
} pairs[] = {
    {LAT_DIRT_N, LAT_STRIKE_N},
    {LAT_DIRT_NOTE, LAT_STRIKE_PITCH},
    {LAT_DIRT_GAIN, LAT_STRIKE_GAIN},
    {LAT_DIRT_SPEED, LAT_STRIKE_SPEED},
    {LAT_DIRT_BEGIN, LAT_STRIKE_BEGIN},
    {LAT_DIRT_END, LAT_STRIKE_END},
    {LAT_DIRT_ATTACK, LAT_STRIKE_ATTACK},
    {LAT_DIRT_RELEASE, LAT_STRIKE_RELEASE},
    {LAT_DIRT_CUT, LAT_STRIKE_CUT},
};

static enum lat_status
play_sound(struct lat_control *control, struct lat_node *node,
           const struct lat_osc_dirt_event *e, struct lat_error *error)
{
    const char *const ordinal = lat_text_ordinal(e->s);
    struct lat_strike strike = {0};
    for (size_t i = 0; i < LAT_COUNT(pairs); ++i) {
        if (says(e, pairs[i].from)) {
            lat_osc_strike_say(&strike, pairs[i].to, e->values[pairs[i].from]);
        }
    }
    if (says(e, LAT_DIRT_MIDINOTE)) {
        lat_osc_strike_say(&strike, LAT_STRIKE_PITCH,
                           e->values[LAT_DIRT_MIDINOTE] - MIDDLE_C);
    }
    if (says(e, LAT_DIRT_PAN)) {
        lat_osc_strike_say(&strike, LAT_STRIKE_PAN,
                           2.0 * e->values[LAT_DIRT_PAN] - 1.0);
    }
    if (*ordinal) {
        lat_osc_strike_say(&strike, LAT_STRIKE_N,
                           lat_osc_dirt_value(e, LAT_DIRT_N) +
                               strtod(ordinal + 1, NULL));
    }
    strike.hold = seconds_of(e);
    if (strcmp(node->name, e->s) != 0) {
        strike.sound = lat_name_hash(e->s, (size_t)(ordinal - e->s));
    }
    return lat_control_strike(control, node, &strike, error);
}

/// Types that can play an event, by what they read.
static const struct player {
    uint32_t flag;
    enum lat_status (*play)(struct lat_control *control, struct lat_node *node,
                            const struct lat_osc_dirt_event *e,
                            struct lat_error *error);
} players[] = {
    {LAT_TYPE_NOTES, play_note},
    {LAT_TYPE_STRIKES, play_sound},
};

static const struct player *
player_of(const struct lat_node *node)
{
    for (size_t i = 0; node && i < LAT_COUNT(players); ++i) {
        if (node->type->flags & players[i].flag) {
            return &players[i];
        }
    }
    return NULL;
}

/// The sampler that has a sound of that name, and is of this orbit; else the
/// first that has one.
static struct lat_node *
find_sampler(struct lat_control *control, const struct lat_osc_dirt_event *e)
{
    struct lat_node *found = NULL;
    char name[LAT_NAME_MAX];
    const size_t n = (size_t)(lat_text_ordinal(e->s) - e->s);
    if (n >= sizeof(name)) {
        return NULL;
    }
    memcpy(name, e->s, n);
    name[n] = '\0';
    for (struct lat_node *node = lat_control_graph(control)->first; node;
         node = node->next) {
        const bool can = node->type->flags & LAT_TYPE_STRIKES &&
                         lat_control_has_sound(node, name);
        const int orbit = can ? lat_setting_index(node->type, "orbit") : -1;
        if (orbit >= 0 && node->settings[orbit].number ==
                              lat_osc_dirt_value(e, LAT_DIRT_ORBIT)) {
            return node;
        }
        found = can && !found ? node : found;
    }
    return found;
}

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
                "midi_notes or a sampler does (it is told once, and counted as "
                "dirt_unknown)",
                name, node->type->name);
    } else {
        lat_log(LAT_LOG_WARNING,
                "/dirt/play: no node is called %.60s, and no sampler has a "
                "sound of that name; name it in a sampler's sounds (it is "
                "told once, and counted as dirt_unknown)",
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
    struct lat_node *const named =
        lat_graph_find(lat_control_graph(control), event->s);
    struct lat_node *const node =
        player_of(named) ? named : find_sampler(control, event);
    const struct player *const player = player_of(node);
    if (player) {
        const enum lat_status status =
            is_nothing(event) ? LAT_OK
                              : player->play(control, node, event, error);
        d->n_played += !status;
        return status;
    }
    note_unknown(d, event->s, named);
    return LAT_OK;
}
