// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where a voice is in each frame, and when it ends.

#include "voice.h"

/// Wrap a place that has left a loop.
static void
go_round(struct lat_sampler_voice *voice)
{
    const lat_place length = voice->high - voice->low;
    const lat_place beyond = (voice->at - voice->low) % length;
    voice->at = voice->low + (beyond < 0 ? beyond + length : beyond);
}

/// Frames until a place is out of its part, at this step.
static int64_t
frames_inside(const struct lat_sampler_voice *voice, lat_place step)
{
    if (step > 0) {
        return (voice->high - voice->at + step - 1) / step;
    }
    return step < 0 ? (voice->at - voice->low) / -step + 1 : INT64_MAX;
}

/// A part of a sound does not end with a step.
static void
fade_before_end(struct lat_sampler_voice *voice, lat_place step,
                uint32_t n_release)
{
    const bool is_part = step < 0
                             ? voice->low > 0
                             : voice->high < LAT_PLACE(voice->sound->n_frames);
    if (is_part && !voice->n_fade) {
        const int64_t left = frames_inside(voice, step);
        if (left <= (int64_t)n_release) {
            lat_voice_fade_out(voice, (uint32_t)left);
        }
    }
}

static inline void
pass_frame(struct lat_sampler_voice *voice, lat_place step)
{
    voice->attack += voice->attack < voice->n_attack;
    voice->fade -= voice->n_fade > 0;
    voice->hold -= voice->hold != LAT_SAMPLER_OPEN;
    voice->at += step;
}

/// Bring a voice that has left its part back, if it goes round.
static inline bool
is_on(struct lat_sampler_voice *voice, struct lat_sampler_places *out)
{
    const bool is_out = voice->at >= voice->high || voice->at < voice->low;
    if (is_out && voice->loop) {
        go_round(voice);
        out->n_first = out->n_first < out->n ? out->n_first : out->n;
        voice->has_gone_round = true;
    }
    return !is_out || voice->loop;
}

/// Note @p n places, of one step.
static inline void
note_places(struct lat_sampler_places *out, lat_place at, lat_place step,
            uint32_t n)
{
    int32_t *restrict whole = out->whole + out->n;
    float *restrict part = out->part + out->n;
    for (uint32_t f = 0; f < n; f++, at += step) {
        whole[f] = (int32_t)(at >> 32);
        part[f] = (float)(int32_t)((uint32_t)at >> 8U) * 0x1p-24F;
    }
    out->n += n;
}

static inline lat_place
step_at(const struct lat_sampler_voice *voice,
        const struct lat_sampler_live *live, uint32_t f)
{
    lat_place step = live->step[f];
    if (voice->speed != 1.0F) {
        step = lat_place_step((double)step * 0x1p-32 * (double)voice->speed);
    }
    return voice->is_backwards ? -step : step;
}

/// Is its level the same for @p n frames?
static bool
is_plain(const struct lat_sampler_voice *voice,
         const struct lat_sampler_live *live, uint32_t n)
{
    return live->is_steady && voice->attack >= voice->n_attack &&
           !voice->n_fade && voice->hold > n &&
           (voice->loop ||
            frames_inside(voice, step_at(voice, live, 0)) >
                (int64_t)lat_voice_release(voice, live->n_release[0]) + n);
}

/// The same as lat_voice_walk(), of a plain voice.
static bool
walk_plain(struct lat_sampler_voice *voice, lat_place step, uint32_t n,
           struct lat_sampler_places *out)
{
    out->n = 0;
    while (out->n < n) {
        if (!is_on(voice, out)) {
            return false;
        }
        const int64_t inside = frames_inside(voice, step);
        const uint32_t m = inside < n - out->n ? (uint32_t)inside : n - out->n;
        note_places(out, voice->at, step, m);
        voice->at += step * m;
    }
    for (uint32_t f = 0; f < n; f++) {
        out->level[f] = voice->height;
    }
    voice->hold -= voice->hold == LAT_SAMPLER_OPEN ? 0 : n;
    return true;
}

LAT_RT bool
lat_voice_walk(struct lat_sampler_voice *voice,
               const struct lat_sampler_live *live, uint32_t n,
               struct lat_sampler_places *out)
{
    out->n_first = voice->has_gone_round ? 0 : n;
    if (is_plain(voice, live, n)) {
        return walk_plain(voice, step_at(voice, live, 0), n, out);
    }
    out->n = 0;
    while (out->n < n) {
        const lat_place step = step_at(voice, live, out->n);
        if (!is_on(voice, out)) {
            return false;
        }
        const uint32_t n_release =
            lat_voice_release(voice, live->n_release[out->n]);
        if (!voice->loop) {
            fade_before_end(voice, step, n_release);
        }
        if (!voice->hold) {
            lat_voice_fade_out(voice, n_release);
            voice->hold = LAT_SAMPLER_OPEN;
        }
        if (voice->n_fade && !voice->fade) {
            return false;
        }
        out->level[out->n] = lat_voice_level(voice);
        note_places(out, voice->at, step, 1);
        pass_frame(voice, step);
    }
    return true;
}
