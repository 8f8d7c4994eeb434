// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "follow.h"

LAT_RT void
lat_engine_follow(struct lat_engine *e, const struct lat_follow *follow)
{
    e->has_follow = follow;
    if (follow) {
        e->follow = *follow;
    }
}

LAT_RT void
lat_engine_lead(struct lat_engine *e)
{
    e->is_led = true;
}

LAT_RT void
lat_engine_move(struct lat_engine *e, const struct lat_transport_move *move)
{
    e->has_move = true;
    e->move = *move;
}

// JACK's transport.

/// What that transport may be off, in seconds, and still be the same line.
#define NUDGE_SECONDS 0.05

// Its position now, from what it tells.
static struct lat_cycle
followed_place(const struct lat_engine *e)
{
    const double cycles = e->follow.beats / e->transport.beats_per_cycle;
    if (e->follow.has_bbt && cycles <= (double)LAT_CYCLES_FOLLOWED) {
        return lat_cycle_from_double(cycles);
    }
    struct lat_transport own = e->transport;
    own.anchor = (struct lat_cycle){0, 0};
    own.anchor_frame = 0;
    own.is_playing = true;
    return lat_transport_at(&own, e->follow.frame);
}

// Positions that come as doubles, or in ticks, differ a little from ours, which
// stays then.  While the other's frames run on, a larger difference is a
// correction that plays nothing twice; all else is a jump.
static void
follow_place(struct lat_engine *e)
{
    struct lat_transport *t = &e->transport;
    const struct lat_follow *f = &e->follow;
    const struct lat_cycle place = followed_place(e);
    const double difference =
        lat_cycle_to_double(place) -
        lat_cycle_to_double(lat_transport_at(t, e->frame));
    const double frame = (double)t->numerator / (double)t->denominator;
    const double behind = f->has_bbt ? f->behind_beats / t->beats_per_cycle : 0;
    if (difference <= 0.01 * frame && difference >= -behind - 0.01 * frame) {
        return;
    }
    const double nudge = NUDGE_SECONDS * t->rate * frame;
    if (f->frame == e->follow_frame && difference < nudge &&
        difference > -nudge) {
        lat_transport_nudge(t, e->frame, place);
    } else {
        lat_transport_locate(t, e->frame, place);
    }
}

static void
follow_transport(struct lat_engine *e, uint32_t n_frames)
{
    const struct lat_follow *f = &e->follow;
    struct lat_transport *t = &e->transport;
    const uint64_t now = e->frame;
    if (f->has_bbt && f->tempo_bpm >= LAT_TEMPO_MIN &&
        f->tempo_bpm <= LAT_TEMPO_MAX && f->tempo_bpm != t->tempo_bpm) {
        lat_transport_set_tempo(t, now, f->tempo_bpm);
    }
    if (f->is_rolling != t->is_playing) {
        lat_transport_play(t, now, f->is_rolling);
    }
    follow_place(e);
    e->follow_frame = f->frame + (f->is_rolling ? n_frames : 0);
}

// A MIDI clock.

// What it says at @p now; @return @p end, or the frame at which it
// says more, if that is before.
static uint64_t
take_sync(struct lat_engine *e, uint64_t now, uint64_t end)
{
    lat_midi_sync_rule(&e->sync, &e->transport, now);
    for (; e->sync.is_on && e->next_sync < e->n_midi; ++e->next_sync) {
        const struct lat_midi_event *event = &e->midi[e->next_sync];
        const uint64_t frame = e->frame + event->frame;
        if (!lat_midi_sync_hears(event)) {
            continue;
        }
        if (frame > now) {
            return frame < end ? frame : end;
        }
        lat_midi_sync_take(&e->sync, &e->transport, now, event);
    }
    return end;
}

LAT_RT void
lat_follow_begin(struct lat_engine *e)
{
    lat_midi_sync_begin(&e->sync, &e->transport, e->frame);
    e->next_sync = 0;
}

static void
tell_moved(struct lat_engine *e, const struct lat_transport *before,
           uint64_t now)
{
    struct lat_record record = {.kind = LAT_RECORD_MOVED, .frame = now};
    if (lat_transport_moved(before, &e->transport, &record.moved) &&
        e->taps.kinds & 1U << LAT_RECORD_MOVED) {
        lat_stream_tell(&e->taps, &record, 0);
    }
}

LAT_RT uint64_t
lat_follow_take(struct lat_engine *e, uint64_t now, uint64_t end,
                uint32_t n_frames)
{
    if (e->has_move) {
        lat_transport_move(&e->transport, now, &e->move);
        e->has_move = false;
    }
    if (e->is_led) {
        return end;
    }
    const struct lat_transport before = e->transport;
    if (e->follows == LAT_FOLLOW_JACK && e->has_follow && now == e->frame) {
        follow_transport(e, n_frames);
    } else if (e->follows == LAT_FOLLOW_MIDI) {
        end = take_sync(e, now, end);
    }
    if (e->follows != LAT_FOLLOW_NONE) {
        tell_moved(e, &before, now);
    }
    return end;
}
