// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// osc_out: a signal or an event as OSC.
//
// The node decides what is sent at which frame, and hands that on; who sends it
// is elsewhere.  An event is a step up from exactly 0, and back to it, of a
// signal that does not go below: triggers and gates are made of those, and
// waves are not.  Events are kept in their order until they may be sent; of a
// signal that moves only the present value is of interest.  All of it is a
// function of the frames.

#include "base/address.h"
#include "osc_path.h"
#include "ports.h"
#include "types.h"

#include <math.h>

/// Events that wait to be sent; more are lost and counted.
#define MAX_EDGES 64U

enum { HOST, PATH, RATE, LATENCY };

static enum lat_status
check_host(const char *text, struct lat_error *error)
{
    struct lat_address address;
    return lat_address_read(text, &address) && address.port
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "'%.60s' is no HOST:PORT; write one like "
                               "127.0.0.1:57120 or [::1]:57120",
                               text);
}

static const struct lat_port inputs[] = {
    LAT_PORT_ANY("in", 0.0F, "What is sent, where it changes."),
};

static const struct lat_setting settings[] = {
    {
        .name = "host",
        .doc = "HOST:PORT to send to, over UDP: this machine, or what a line "
               "send of the session's [osc] names.",
        .unit = "",
        .kind = LAT_SETTING_TEXT,
        .initial_text = "127.0.0.1:57120",
        .keeps_state = true,
        .check = check_host,
    },
    {
        .name = "path",
        .doc = "OSC address to send to, like /kick; without one nothing is "
               "sent.",
        .unit = "",
        .kind = LAT_SETTING_TEXT,
        .initial_text = "",
        .keeps_state = true,
        .check = lat_osc_path_check,
    },
    {
        .name = "rate",
        .doc = "Messages a second, at most. Events that come faster wait, up "
               "to 64 of them.",
        .unit = "Hz",
        .kind = LAT_SETTING_NUMBER,
        .min = 0.01,
        .max = 1000,
        .initial = 100,
        .keeps_state = true,
    },
    {
        .name = "latency",
        .doc = "What is added to the time tags of events, which lie at the "
               "event's frame without it: a receiver that obeys them plays "
               "in time if they come before.",
        .unit = "s",
        .kind = LAT_SETTING_NUMBER,
        .max = 10,
        .keeps_state = true,
    },
};

struct edge {
    uint64_t frame;
    float value;
};

struct osc_out {
    float last;       ///< the sample before
    bool is_wave;     ///< the last one that was not 0 was below
    bool is_open;     ///< an event began that has not ended
    float sent;       ///< what the receiver knows
    bool has_sent;    ///< then, when:
    uint64_t sent_at; ///< frame
    uint32_t n_lost;  ///< events since then
    uint32_t n_edges, first;
    struct edge edges[MAX_EDGES]; ///< a ring, in time order
};

static size_t
osc_out_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct osc_out);
}

static void
keep_edge(struct osc_out *s, uint64_t frame, float value)
{
    if (s->n_edges == MAX_EDGES) {
        ++s->n_lost;
        return;
    }
    s->edges[(s->first + s->n_edges++) % MAX_EDGES] =
        (struct edge){frame, value};
}

static void
look_for_edge(struct osc_out *s, uint64_t frame, float x)
{
    if (s->last == 0.0F && x > 0.0F && !s->is_wave) {
        keep_edge(s, frame, x);
        s->is_open = true;
    } else if (s->is_open && x == 0.0F) {
        keep_edge(s, frame, x);
    }
    s->is_open = s->is_open && x > 0.0F;
    s->is_wave = x == 0.0F ? s->is_wave : x < 0.0F;
    s->last = x;
}

/// Send what is first in turn.
static void
send_next(struct osc_out *s, const struct lat_io *io, uint64_t frame, float x)
{
    struct lat_sent sent = {.frame = frame, .value = x, .n_lost = s->n_lost};
    if (s->n_edges) {
        const struct edge *edge = &s->edges[s->first];
        sent.frame = edge->frame;
        sent.value = edge->value;
        sent.is_event = true;
    } else if (x == s->sent) {
        return;
    }
    if (!lat_io_send(io, &sent)) {
        return; // it is tried again
    }
    if (s->n_edges) {
        s->first = (s->first + 1) % MAX_EDGES;
        --s->n_edges;
    }
    s->sent = sent.value;
    s->sent_at = frame;
    s->has_sent = true;
    s->n_lost = 0;
}

LAT_RT static uint64_t
osc_out_process(const struct lat_context *context, const struct lat_io *io)
{
    struct osc_out *s = io->state;
    const double apart = context->rate / io->config->settings[RATE].number;
    const uint64_t gap = (uint64_t)apart + ((double)(uint64_t)apart < apart);
    if (!io->step[0] && !s->n_edges && io->in[0][0] == s->last &&
        s->last == s->sent) {
        return 0;
    }
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        const uint64_t frame = context->frame + f;
        float x = lat_io_at(io, 0, f);
        x = isfinite(x) ? x : s->last;
        look_for_edge(s, frame, x);
        if (!s->has_sent || frame - s->sent_at >= gap) {
            send_next(s, io, frame, x);
        }
    }
    return 0;
}

const struct lat_node_type lat_type_osc_out = {
    .name = "osc_out",
    .doc = "Sends a signal to an OSC address where it changes. Steps up from "
           "0, and back to it, are events: each is sent, in a bundle with the "
           "time tag of its frame.",
    LAT_INPUTS(inputs),
    LAT_SETTINGS(settings),
    .flags = LAT_TYPE_SENDS | LAT_TYPE_ENGINE,
    .cost_ns = 1.0F,
    .state_bytes = osc_out_bytes,
    .process = osc_out_process,
};
