// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SuperDirt's messages.

#include "router_state.h"
#include "verbs.h"

#include <string.h>

static enum lat_status
check_superdirt(struct lat_osc_call *call)
{
    return call->options->superdirt
               ? LAT_OK
               : lat_error_set(&call->error, LAT_EINVAL,
                               "start lattice with --superdirt for this");
}

/// Keys that mean something.
static const struct key {
    const char *name;
    enum lat_osc_dirt_key key;
} keys[] = {
    {"n", LAT_DIRT_N},
    {"note", LAT_DIRT_NOTE},
    {"up", LAT_DIRT_NOTE},
    {"midinote", LAT_DIRT_MIDINOTE},
    {"gain", LAT_DIRT_GAIN},
    {"speed", LAT_DIRT_SPEED},
    {"pan", LAT_DIRT_PAN},
    {"begin", LAT_DIRT_BEGIN},
    {"end", LAT_DIRT_END},
    {"attack", LAT_DIRT_ATTACK},
    {"release", LAT_DIRT_RELEASE},
    {"cut", LAT_DIRT_CUT},
    {"orbit", LAT_DIRT_ORBIT},
    {"sustain", LAT_DIRT_SUSTAIN},
    {"legato", LAT_DIRT_LEGATO},
    {"delta", LAT_DIRT_DELTA},
};

/// The value of argument @p i, which names a key.
static enum lat_status
take_value(struct lat_osc_call *call, uint32_t i, const char *name,
           struct lat_osc_dirt_event *event)
{
    if (strcmp(name, "s") == 0) {
        return lat_osc_text_arg(call, i + 1, "s", &event->s);
    }
    for (size_t k = 0; k < LAT_COUNT(keys); ++k) {
        if (strcmp(name, keys[k].name) == 0) {
            double number = 0.0;
            const enum lat_status status =
                lat_osc_number_arg(call, i + 1, keys[k].name, &number);
            lat_osc_dirt_say(event, keys[k].key, number);
            return status;
        }
    }
    return LAT_OK;
}

enum lat_status
lat_osc_dirt_play(struct lat_osc_call *call)
{
    struct lat_osc_dirt_event event = {.s = NULL};
    enum lat_status status = check_superdirt(call);
    if (!status && call->m->argc % 2) {
        status = lat_error_set(&call->error, LAT_EINVAL,
                               "%u arguments are no keys and values in turn",
                               (unsigned)call->m->argc);
    }
    for (uint32_t i = 0; !status && i < call->m->argc; i += 2) {
        const char *name = NULL;
        status = lat_osc_text_arg(call, i, "KEY", &name);
        if (!status) {
            status = take_value(call, i, name, &event);
        }
    }
    return status ? status
                  : lat_osc_dirt_play_event(&call->router->dirt, call->control,
                                            &event, &call->error);
}

// Tidal looks for the numbers of control busses behind this word: there are
// none.
enum lat_status
lat_osc_dirt_handshake(struct lat_osc_call *call)
{
    const enum lat_status status = check_superdirt(call);
    if (!status) {
        lat_osc_answer(call, call->verb->reply, "s", "&controlBusIndices");
    }
    return status;
}
