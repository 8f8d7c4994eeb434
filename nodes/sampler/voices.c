// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "voice.h"

// --- Which voices there are --------------------------------------------------

static inline bool
is_used(const struct lat_voices *v, uint32_t i)
{
    return v->used[i / 64] >> i % 64 & 1U;
}

void
lat_voices_clear(struct lat_voices *v)
{
    for (uint32_t i = lat_voices_next(v, 0); i < LAT_SAMPLER_SLOTS;
         i = lat_voices_next(v, i + 1)) {
        lat_voices_end(v, i);
    }
}

/// How loud it is about here.
static float
loudness_of(const struct lat_sampler_voice *voice)
{
    const uint32_t last = voice->sound->n_frames - 1;
    uint32_t at = voice->at > 0 ? (uint32_t)(voice->at >> 32) : 0;
    at = at < last ? at : last;
    return lat_voice_level(voice) *
           voice->sound->peaks[at / LAT_SOUND_PEAK_FRAMES];
}

/// Who gives way first, of those that fade or of those that do not.
static uint32_t
find_victim(const struct lat_voices *v, bool is_fading)
{
    uint32_t best = LAT_SAMPLER_SLOTS;
    for (uint32_t i = lat_voices_next(v, 0); i < LAT_SAMPLER_SLOTS;
         i = lat_voices_next(v, i + 1)) {
        const struct lat_sampler_voice *const voice = &v->voices[i];
        if ((voice->n_fade > 0) != is_fading) {
            continue;
        }
        const struct lat_sampler_voice *const other = &v->voices[best];
        const bool is_first = best == LAT_SAMPLER_SLOTS;
        if (is_first || (v->takes_oldest && !is_fading
                             ? voice->born < other->born
                             : loudness_of(voice) < loudness_of(other) ||
                                   (loudness_of(voice) == loudness_of(other) &&
                                    voice->born < other->born))) {
            best = i;
        }
    }
    return best;
}

static uint32_t
count(const struct lat_voices *v, bool is_fading)
{
    uint32_t n = 0;
    for (uint32_t i = lat_voices_next(v, 0); i < LAT_SAMPLER_SLOTS;
         i = lat_voices_next(v, i + 1)) {
        n += (v->voices[i].n_fade > 0) == is_fading;
    }
    return n;
}

/// Have room for @p n more that sound.
static void
make_room(struct lat_voices *v, uint32_t n)
{
    for (uint32_t sounding = count(v, false); sounding + n > v->n_most;
         sounding--) {
        lat_voice_fade_out(&v->voices[find_victim(v, false)], v->n_fade);
    }
}

LAT_RT void
lat_voices_limit(struct lat_voices *v, uint32_t n)
{
    if (n != v->n_most) {
        v->n_most = n;
        make_room(v, 0);
    }
}

static uint32_t
find_free(const struct lat_voices *v)
{
    uint32_t i = 0;
    while (i < LAT_SAMPLER_SLOTS && is_used(v, i)) {
        ++i;
    }
    return i;
}

static bool
cuts(const struct lat_sampler_event *event,
     const struct lat_sampler_voice *other)
{
    const bool is_same = other->sound == event->sound;
    if (event->group) {
        return other->group == event->group && (event->group > 0 || is_same);
    }
    return event->cut == LAT_SAMPLER_CUT_ALL ||
           (event->cut == LAT_SAMPLER_CUT_SAME && is_same);
}

static void
cut_others(struct lat_voices *v, const struct lat_sampler_event *event)
{
    for (uint32_t i = lat_voices_next(v, 0); i < LAT_SAMPLER_SLOTS;
         i = lat_voices_next(v, i + 1)) {
        if (cuts(event, &v->voices[i])) {
            lat_voice_fade_out(&v->voices[i], v->n_fade);
        }
    }
}

static inline float
unit(float x)
{
    x = x > 0.0F ? x : 0.0F;
    return x < 1.0F ? x : 1.0F;
}

/// The frame of a sound that is nearest to a part of it.
static lat_place
frame_at(const struct lat_sound *sound, float part)
{
    return LAT_PLACE((double)unit(part) * sound->n_frames + 0.5);
}

static inline float
size_of(float x)
{
    return x < 0.0F ? -x : x;
}

/// Does what a channel has at the end of a loop lead on into its beginning?
/// The step across is no larger than three times those beside it.
static bool
leads_on(const float *channel, uint32_t low, uint32_t high)
{
    const float before = size_of(channel[high - 1] - channel[high - 2]);
    const float behind = size_of(channel[low + 1] - channel[low]);
    const float larger = before > behind ? before : behind;
    return size_of(channel[low] - channel[high - 1]) <= 3.0F * larger + 1e-4F;
}

/// In fades: what is shorter is the turn of a wave, with the edges that it has.
#define SHORT_LOOP 10U

/// Frames before the end of a loop that are to be mixed.
static uint32_t
seam_of(const struct lat_sound *sound, lat_place low, lat_place high,
        uint32_t n_fade)
{
    const uint32_t first = (uint32_t)(low >> 32);
    const uint32_t end = (uint32_t)(high >> 32);
    if (end - first < SHORT_LOOP * n_fade ||
        (leads_on(sound->channels[0], first, end) &&
         leads_on(sound->channels[1], first, end))) {
        return 0;
    }
    return n_fade;
}

void
lat_voices_begin(struct lat_voices *v, const struct lat_sampler_event *event)
{
    const lat_place a = frame_at(event->sound, event->begin);
    const lat_place b = frame_at(event->sound, event->end);
    const lat_place low = a < b ? a : b;
    const lat_place high = a < b ? b : a;
    if (low == high) {
        return;
    }
    cut_others(v, event);
    make_room(v, 1);
    uint32_t slot = find_free(v);
    if (slot == LAT_SAMPLER_SLOTS) {
        slot = find_victim(v, true);
        lat_voices_end(v, slot);
    }
    const bool is_backwards = event->is_backwards != (b < a);
    v->voices[slot] = (struct lat_sampler_voice){
        .sound = event->sound,
        .sounds = event->sounds,
        .at = is_backwards ? high - LAT_PLACE(1) : low,
        .low = low,
        .high = high,
        .n_attack = event->n_attack,
        .n_release = event->n_release,
        .hold = event->n_hold,
        .n_seam = event->loop ? seam_of(event->sound, low, high, v->n_fade) : 0,
        .group = event->group,
        .height = event->height,
        .speed = event->speed,
        .pan = event->pan,
        .source = (uint8_t)event->source,
        .loop = (uint8_t)event->loop,
        .is_held = event->loop == LAT_SAMPLER_HELD,
        .is_backwards = b < a,
        .born = v->count++,
    };
    v->used[slot / 64] |= UINT64_C(1) << slot % 64;
    lat_sounds_hold(event->sounds);
}

void
lat_voices_let_go(struct lat_voices *v, enum lat_sampler_source source,
                  uint32_t n_release)
{
    for (uint32_t i = lat_voices_next(v, 0); i < LAT_SAMPLER_SLOTS;
         i = lat_voices_next(v, i + 1)) {
        struct lat_sampler_voice *const voice = &v->voices[i];
        if (voice->is_held && voice->source == source) {
            lat_voice_fade_out(voice, lat_voice_release(voice, n_release));
        }
    }
}
