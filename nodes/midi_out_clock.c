// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Clock k is k / 24 beats from position 0.  A cycle need not have a whole
// number of beats, but of thousandths it has: clock k is the place 1000 k of
// those that a cycle is cut into.

#include "midi_out_clock.h"
#include "midi.h"
#include "node/transport.h"

#include <math.h>

#define CLOCKS_A_BEAT      24
#define CLOCKS_A_SIXTEENTH 6
#define PLACES             1000 // from clock to clock
#define MOST_POSITION      0x3fff

static int64_t
divide_up(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

static uint64_t
per_cycle(const struct lat_midi_out_clock *s)
{
    return (uint64_t)CLOCKS_A_BEAT * s->beats;
}

/// The first clock that is not due before frame @p offset.
static int64_t
clock_from(const struct lat_midi_out_clock *s,
           const struct lat_context *context, uint32_t offset)
{
    return divide_up(lat_context_due(context, offset, per_cycle(s)), PLACES);
}

/// The first clock that was not dropped.
static int64_t
first_clock(const struct lat_midi_out_clock *s,
            const struct lat_context *context)
{
    return divide_up(lat_context_first(context, per_cycle(s)), PLACES);
}

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/// Where the transport stands, up to the next clock.
static int64_t
standing_clock(const struct lat_midi_out_clock *s,
               const struct lat_context *context)
{
    const double place = lat_cycle_to_double(lat_context_cycle_at(context, 0)) *
                         (double)per_cycle(s) / PLACES;
    return (int64_t)ceil(place - 1e-6);
}

/// The receiver is to start at the sixteenth that comes at clock @p from, or
/// after it.
static void
start_from(struct lat_midi_out_clock *s, int64_t from)
{
    s->start = divide_up(later(from, 0), CLOCKS_A_SIXTEENTH);
    s->start *= CLOCKS_A_SIXTEENTH;
    s->owes_position = s->start / CLOCKS_A_SIXTEENTH <= MOST_POSITION;
    s->owes_stop = s->is_running;
}

/// @return whether there is room for it, and it was sent.
static bool
send(const struct lat_io *io, uint32_t f, uint8_t byte)
{
    const struct lat_midi_event event = {f, 1, {byte}};
    return lat_io_send_midi(io, &event);
}

/// Stop and song position, which do not wait for a clock.
static bool
send_owed(struct lat_midi_out_clock *s, uint32_t f, const struct lat_io *io)
{
    if (s->owes_stop) {
        if (!send(io, f, LAT_MIDI_STOP)) {
            return false;
        }
        s->owes_stop = s->is_running = false;
    }
    if (s->owes_position) {
        const uint32_t at = (uint32_t)(s->start / CLOCKS_A_SIXTEENTH);
        const struct lat_midi_event event = {
            f, 3, {LAT_MIDI_POSITION, at & 0x7fU, (uint8_t)(at >> 7U)}};
        if (!lat_io_send_midi(io, &event)) {
            return false;
        }
        s->owes_position = false;
    }
    return true;
}

LAT_RT bool
lat_midi_out_clock_begin(struct lat_midi_out_clock *s, bool is_on,
                         const struct lat_context *context,
                         const struct lat_io *io)
{
    if (!is_on) {
        s->owes_position = false;
        s->owes_stop = s->is_running;
        s->has_begun = false;
        return !send_owed(s, 0, io);
    }
    const uint32_t beats =
        (uint32_t)(context->transport->beats_per_cycle * 1000.0 + 0.5);
    const bool is_elsewhere =
        s->has_begun &&
        (s->n_locates != context->n_locates || s->beats != beats);
    s->beats = beats;
    s->n_locates = context->n_locates;
    if (!context->is_playing) {
        if (is_elsewhere) {
            start_from(s, standing_clock(s, context));
        }
        s->owes_stop = s->is_running;
    } else if (!s->has_begun || !s->was_playing || is_elsewhere) {
        s->next = later(first_clock(s, context), clock_from(s, context, 0));
        start_from(s, s->next);
    } else {
        s->next = later(s->next, first_clock(s, context));
    }
    s->was_playing = context->is_playing;
    s->has_begun = true;
    return !send_owed(s, 0, io) ||
           (context->is_playing &&
            s->next < clock_from(s, context, context->n_frames));
}

LAT_RT void
lat_midi_out_clock_step(struct lat_midi_out_clock *s, uint32_t f,
                        const struct lat_context *context,
                        const struct lat_io *io)
{
    if (!send_owed(s, f, io) || !s->has_begun || !context->is_playing) {
        return;
    }
    const int64_t end = clock_from(s, context, f + 1);
    while (s->next < end) {
        if (!s->is_running && s->next >= s->start) {
            if (!send(io, f, s->start ? LAT_MIDI_CONTINUE : LAT_MIDI_START)) {
                return;
            }
            s->is_running = true;
        }
        if (!send(io, f, LAT_MIDI_CLOCK)) {
            return;
        }
        ++s->next;
    }
}
