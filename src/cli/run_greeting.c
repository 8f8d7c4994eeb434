// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_greeting.h"
#include "notify.h"

#include <stdio.h>

static void
notify_playing(struct app *a, const struct lat_jack_status *s,
               const char *ready)
{
    char state[256];
    a->told = *s;
    snprintf(state, sizeof(state), "%sSTATUS=playing %.80s at %u Hz, period %u",
             ready, s->name, s->rate, s->period);
    lat_notify(state);
}

void
lat_run_tell_server(struct app *a)
{
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    if (s.is_ready && (!a->told.is_ready || s.rate != a->told.rate ||
                       s.period != a->told.period)) {
        notify_playing(a, &s, "");
    } else if (!s.is_ready && a->told.is_ready) {
        a->told = s;
        lat_notify("STATUS=waiting for the JACK server, which is gone");
    }
}

void
lat_run_greet(struct app *a)
{
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    struct lat_engine_status e;
    lat_engine_status(lat_control_engine(a->control), &e);
    // Who lets us choose the port has to learn it.
    if (a->host) {
        if (!a->page) {
            printf("lattice-node: %s at %u Hz, block %u; OSC on %s (UDP and "
                   "TCP)\n",
                   s.name, s.rate, e.block, a->osc_address);
            fflush(stdout);
        }
        return;
    }
    notify_playing(a, &s, "READY=1\n");
    if (!a->options->quiet || a->options->osc_port == 0) {
        printf("lattice: playing %s at %u Hz, block %u; OSC on %s (UDP and "
               "TCP)\n",
               s.name, s.rate, e.block, a->osc_address);
        fflush(stdout);
    }
    if (a->options->meters) {
        a->view = lat_play_view_new(a->osc_address, a->control);
    }
}
