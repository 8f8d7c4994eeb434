// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_clock: the clock of another machine, as signals.
//
// Start and continue let it run, stop halts it; clocks that come meanwhile,
// which many machines send all the time, are for their tempo alone and tick
// nothing.

#include "midi.h"
#include "ports.h"
#include "types.h"

#include <string.h>

enum { TRIGGER, RUNNING, N_OUTPUTS };

static const struct lat_port outputs[] = {
    LAT_PORT_WHEN("trigger", "1 for one frame at each clock, 24 a beat."),
    LAT_PORT_WHEN("running", "1 from start or continue to stop."),
};

struct clock {
    bool is_running;
    bool was_high;     // the trigger, at the frame before
    uint32_t n_coming; // clocks that came at once, and are yet to tick
};

static size_t
clock_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct clock);
}

static bool
is_for_clock(const struct clock *s, const struct lat_midi_event *event)
{
    static const uint8_t bytes[] = {LAT_MIDI_START, LAT_MIDI_CONTINUE,
                                    LAT_MIDI_STOP, LAT_MIDI_RESET,
                                    LAT_MIDI_SOURCE_LOST};
    return event->size == 1 &&
           (memchr(bytes, event->data[0], sizeof(bytes)) ||
            (event->data[0] == LAT_MIDI_CLOCK && s->is_running));
}

static void
clock_event(struct clock *s, uint8_t byte)
{
    if (byte == LAT_MIDI_CLOCK) {
        s->n_coming++;
        return;
    }
    s->is_running = byte == LAT_MIDI_START || byte == LAT_MIDI_CONTINUE;
    if (!s->is_running) {
        s->n_coming = 0;
    }
}

// Two triggers at one frame do not merge: there is a low frame between them.
static void
clock_write(struct clock *s, const struct lat_io *io, uint32_t from,
            uint32_t to)
{
    for (uint32_t f = from; f < to; f++) {
        s->was_high = s->n_coming && !s->was_high;
        s->n_coming -= s->was_high;
        io->out[TRIGGER][f] = s->was_high ? 1.0F : 0.0F;
        io->out[RUNNING][f] = s->is_running ? 1.0F : 0.0F;
    }
}

LAT_RT static uint64_t
clock_process(const struct lat_context *context, const struct lat_io *io)
{
    struct clock *s = io->state;
    bool changes = s->n_coming || s->was_high;
    uint32_t done = 0;
    for (uint32_t i = 0; i < context->n_midi; i++) {
        const struct lat_midi_event *event = &context->midi[i];
        if (event->frame >= context->n_frames || !is_for_clock(s, event)) {
            continue;
        }
        changes = true;
        clock_write(s, io, done, event->frame);
        done = event->frame;
        clock_event(s, event->data[0]);
    }
    if (!changes) {
        clock_write(s, io, 0, 1);
        return (1U << N_OUTPUTS) - 1;
    }
    clock_write(s, io, done, context->n_frames);
    return 0;
}

const struct lat_node_type lat_type_midi_clock = {
    .name = "midi_clock",
    .doc = "The MIDI clock of another machine, while that runs.  A source that "
           "is disconnected stops.",
    LAT_OUTPUTS(outputs),
    .flags = LAT_TYPE_MIDI | LAT_TYPE_ENGINE,
    .cost_ns = 0.1F,
    .state_bytes = clock_bytes,
    .process = clock_process,
};
