// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "voices.h"

#include <math.h>

// --- Which voices there are --------------------------------------------------

static inline bool
is_used(const struct lat_voices *v, uint32_t i)
{
    return v->used[i / 64] >> i % 64 & 1U;
}

static void
end_voice(struct lat_voices *v, uint32_t i)
{
    lat_sounds_release(v->voices[i].sounds);
    v->used[i / 64] &= ~(UINT64_C(1) << i % 64);
}

void
lat_voices_clear(struct lat_voices *v)
{
    for (uint32_t i = 0; i < v->n_slots; i++) {
        if (is_used(v, i)) {
            end_voice(v, i);
        }
    }
}

/// Part @p left of @p n of a fade, as a gain with no corner at its ends.
static inline float
smooth(uint32_t left, uint32_t n)
{
    const float t = (float)left / (float)n;
    return t * t * (3.0F - 2.0F * t);
}

static inline float
level_of(const struct lat_sampler_voice *voice)
{
    float level = voice->height;
    if (voice->attack < voice->n_attack) {
        level *= smooth(voice->attack, voice->n_attack);
    }
    if (voice->n_fade) {
        level *= smooth(voice->fade, voice->n_fade);
    }
    return level;
}

/// How loud it is about here.
static float
loudness_of(const struct lat_sampler_voice *voice)
{
    const uint32_t last = voice->sound->n_frames - 1;
    uint32_t at = voice->at > 0 ? (uint32_t)voice->at : 0;
    at = at < last ? at : last;
    return level_of(voice) * voice->sound->peaks[at / LAT_SOUND_PEAK_FRAMES];
}

static void
fade_out(struct lat_sampler_voice *voice, uint32_t n)
{
    if (!voice->n_fade || voice->fade > n) {
        // It goes on from the level that it has.
        voice->height *=
            voice->n_fade ? smooth(voice->fade, voice->n_fade) : 1.0F;
        voice->n_fade = voice->fade = n > 0 ? n : 1;
    }
    voice->is_held = false;
}

/// Who gives way first, of those that fade or of those that do not.
static uint32_t
find_victim(const struct lat_voices *v, bool is_fading)
{
    uint32_t best = v->n_slots;
    for (uint32_t i = 0; i < v->n_slots; i++) {
        const struct lat_sampler_voice *const voice = &v->voices[i];
        if (!is_used(v, i) || (voice->n_fade > 0) != is_fading) {
            continue;
        }
        const struct lat_sampler_voice *const other = &v->voices[best];
        const bool is_first = best == v->n_slots;
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
    for (uint32_t i = 0; i < v->n_slots; i++) {
        n += is_used(v, i) && (v->voices[i].n_fade > 0) == is_fading;
    }
    return n;
}

static uint32_t
find_free(const struct lat_voices *v)
{
    uint32_t i = 0;
    while (i < v->n_slots && is_used(v, i)) {
        ++i;
    }
    return i;
}

static void
cut_others(struct lat_voices *v, const struct lat_sampler_event *event)
{
    for (uint32_t i = 0; i < v->n_slots; i++) {
        if (is_used(v, i) && (event->cut == LAT_SAMPLER_CUT_ALL ||
                              (event->cut == LAT_SAMPLER_CUT_SAME &&
                               v->voices[i].sound == event->sound))) {
            fade_out(&v->voices[i], v->n_fade);
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
static double
frame_at(const struct lat_sound *sound, float part)
{
    const double at = (double)unit(part) * sound->n_frames + 0.5;
    return (double)(int64_t)at;
}

void
lat_voices_begin(struct lat_voices *v, const struct lat_sampler_event *event)
{
    const double a = frame_at(event->sound, event->begin);
    const double b = frame_at(event->sound, event->end);
    const double low = a < b ? a : b;
    const double high = a < b ? b : a;
    if (low == high) {
        return;
    }
    cut_others(v, event);
    if (count(v, false) == v->n_most) {
        fade_out(&v->voices[find_victim(v, false)], v->n_fade);
    }
    uint32_t slot = find_free(v);
    if (slot == v->n_slots) {
        slot = find_victim(v, true);
        end_voice(v, slot);
    }
    const bool is_backwards = event->is_backwards != (b < a);
    v->voices[slot] = (struct lat_sampler_voice){
        .sound = event->sound,
        .sounds = event->sounds,
        .at = is_backwards ? high - 1 : low,
        .low = low,
        .high = high,
        .n_attack = event->n_attack,
        .height = event->height,
        .loop = (uint8_t)event->loop,
        .is_held = event->loop == LAT_SAMPLER_HELD,
        .is_backwards = b < a,
        .born = v->count++,
    };
    v->used[slot / 64] |= UINT64_C(1) << slot % 64;
    lat_sounds_hold(event->sounds);
}

void
lat_voices_let_go(struct lat_voices *v, uint32_t n_release)
{
    for (uint32_t i = 0; i < v->n_slots; i++) {
        if (is_used(v, i) && v->voices[i].is_held) {
            fade_out(&v->voices[i], n_release);
        }
    }
}

// --- What they sound like ----------------------------------------------------

/// Where a voice is in each frame: whole frames, the part beyond, and its
/// level.
struct places {
    uint32_t n;
    uint32_t n_first; ///< frames before it goes round for the first time
    bool is_whole;    ///< no part is anything but 0
    int32_t whole[LAT_SAMPLER_CHUNK];
    float part[LAT_SAMPLER_CHUNK];
    float level[LAT_SAMPLER_CHUNK];
};

/// Wrap a place that has left a loop.
static void
go_round(struct lat_sampler_voice *voice)
{
    const double length = voice->high - voice->low;
    const double turns = (voice->at - voice->low) / length;
    double whole = (double)(int64_t)turns;
    whole -= whole > turns;
    voice->at -= whole * length;
    voice->at = voice->at < voice->high ? voice->at : voice->low;
}

/// A part of a sound does not end with a step.
static void
fade_before_end(struct lat_sampler_voice *voice, double step,
                uint32_t n_release)
{
    const bool is_back = step < 0;
    const bool is_part =
        is_back ? voice->low > 0 : voice->high < voice->sound->n_frames;
    const double left =
        is_back ? voice->at - voice->low + 1 : voice->high - voice->at;
    const double pace = is_back ? -step : step;
    if (is_part && !voice->n_fade && left <= pace * n_release) {
        const double n = left / pace;
        fade_out(voice, (uint32_t)n + ((double)(uint32_t)n < n));
    }
}

static inline void
pass_frame(struct lat_sampler_voice *voice, double step)
{
    voice->attack += voice->attack < voice->n_attack;
    voice->fade -= voice->n_fade > 0;
    voice->at += step;
}

/// Bring a voice that has left its part back, if it goes round.
static inline bool
is_on(struct lat_sampler_voice *voice, struct places *out)
{
    const bool is_out = voice->at >= voice->high || voice->at < voice->low;
    if (is_out && voice->loop) {
        go_round(voice);
        out->n_first = out->n_first < out->n ? out->n_first : out->n;
        voice->has_gone_round = true;
    }
    return !is_out || voice->loop;
}

static inline void
note_place(const struct lat_sampler_voice *voice, struct places *out)
{
    const int32_t whole = (int32_t)voice->at;
    out->whole[out->n] = whole;
    out->part[out->n] = (float)(voice->at - whole);
}

static inline double
step_at(const struct lat_sampler_voice *voice,
        const struct lat_sampler_live *live, uint32_t f)
{
    return voice->is_backwards ? -live->step[f] : live->step[f];
}

/// Is its level the same for @p n frames, however far it goes?
static bool
is_plain(const struct lat_sampler_voice *voice,
         const struct lat_sampler_live *live, uint32_t n)
{
    const double step = step_at(voice, live, 0);
    const double left =
        step < 0 ? voice->at - voice->low : voice->high - voice->at;
    return live->is_steady && voice->attack >= voice->n_attack &&
           !voice->n_fade &&
           (voice->loop ||
            left > fabs(step) * ((double)live->n_release[0] + n + 1));
}

/// The same as walk(), of a plain voice.
static bool
walk_plain(struct lat_sampler_voice *voice, double step, uint32_t n,
           struct places *out)
{
    for (out->n = 0; out->n < n; out->n++) {
        if (!is_on(voice, out)) {
            return false;
        }
        note_place(voice, out);
        voice->at += step;
    }
    for (uint32_t f = 0; f < n; f++) {
        out->level[f] = voice->height;
    }
    return true;
}

/// Play a voice on by up to @p n frames.  @return whether it goes on after
/// them.
static bool
walk(struct lat_sampler_voice *voice, const struct lat_sampler_live *live,
     uint32_t n, struct places *out)
{
    out->n_first = voice->has_gone_round ? 0 : n;
    if (is_plain(voice, live, n)) {
        return walk_plain(voice, step_at(voice, live, 0), n, out);
    }
    for (out->n = 0; out->n < n; out->n++) {
        const double step = step_at(voice, live, out->n);
        if (!is_on(voice, out)) {
            return false;
        }
        if (!voice->loop) {
            fade_before_end(voice, step, live->n_release[out->n]);
        }
        if (voice->n_fade && !voice->fade) {
            return false;
        }
        note_place(voice, out);
        out->level[out->n] = level_of(voice);
        pass_frame(voice, step);
    }
    return true;
}

/// The frame @p i of a channel, of a loop where that goes round.
static float
frame_of(const struct lat_sampler_voice *voice, bool has_gone_round,
         const float *channel, int32_t i)
{
    const int32_t low = (int32_t)voice->low;
    const int32_t high = (int32_t)voice->high;
    const int32_t length = high - low;
    if (voice->loop && (i >= high || (i < low && has_gone_round))) {
        i = low + ((i - low) % length + length) % length;
    }
    return channel[i];
}

/// Weights of six frames around places between the third and the fourth.
static void
weigh(const float *restrict part, uint32_t n,
      float (*restrict w)[LAT_SAMPLER_CHUNK])
{
    for (uint32_t f = 0; f < n; f++) {
        const float t = part[f];
        const float a = t + 2.0F;
        const float b = t + 1.0F;
        const float c = t - 1.0F;
        const float d = t - 2.0F;
        const float e = t - 3.0F;
        const float ab = a * b;
        const float de = d * e;
        const float tc = t * c;
        w[0][f] = b * tc * de * (-1.0F / 120.0F);
        w[1][f] = a * tc * de * (1.0F / 24.0F);
        w[2][f] = ab * c * de * (-1.0F / 12.0F);
        w[3][f] = ab * t * de * (1.0F / 12.0F);
        w[4][f] = ab * tc * e * (-1.0F / 24.0F);
        w[5][f] = ab * tc * d * (1.0F / 120.0F);
    }
}

/// Does no place of a loop have neighbours across its ends?
static bool
is_inside(const struct lat_sampler_voice *voice, int32_t whole)
{
    return !voice->loop || (whole - 2 >= (int32_t)voice->low &&
                            whole + 3 < (int32_t)voice->high);
}

/// Six frames around each place.
static void
gather(const struct lat_sampler_voice *voice, const struct places *p,
       const float *channel, float (*restrict x)[LAT_SAMPLER_CHUNK])
{
    for (uint32_t f = 0; f < p->n; f++) {
        const int32_t first = p->whole[f] - 2;
        if (is_inside(voice, p->whole[f])) {
            for (int32_t k = 0; k < 6; k++) {
                x[k][f] = channel[first + k];
            }
        } else {
            for (int32_t k = 0; k < 6; k++) {
                x[k][f] = frame_of(voice, f >= p->n_first, channel, first + k);
            }
        }
    }
}

/// What a channel gives at these places.
static void
read_channel(const struct lat_sampler_voice *voice, const struct places *p,
             float (*restrict w)[LAT_SAMPLER_CHUNK], const float *channel,
             float *restrict out)
{
    if (p->is_whole) {
        for (uint32_t f = 0; f < p->n; f++) {
            out[f] = channel[p->whole[f]] * p->level[f];
        }
        return;
    }
    float x[6][LAT_SAMPLER_CHUNK];
    gather(voice, p, channel, x);
    for (uint32_t f = 0; f < p->n; f++) {
        const float sum =
            ((w[0][f] * x[0][f] + w[1][f] * x[1][f]) + w[2][f] * x[2][f]) +
            ((w[3][f] * x[3][f] + w[4][f] * x[4][f]) + w[5][f] * x[5][f]);
        out[f] = sum * p->level[f];
    }
}

/// What a pair of channels loses when it is panned like one: the middle is as
/// loud as the file.
#define PAIR_GAIN 1.41421356F

static bool
are_whole(const struct places *p)
{
    float any = 0.0F;
    for (uint32_t f = 0; f < p->n; f++) {
        any += p->part[f];
    }
    return any == 0.0F;
}

static void
add_voice(const struct lat_sampler_voice *voice, const struct places *p,
          const struct lat_sampler_live *live, float *restrict left,
          float *restrict right)
{
    const struct lat_sound *const sound = voice->sound;
    float w[6][LAT_SAMPLER_CHUNK];
    float first[LAT_SAMPLER_CHUNK];
    float second[LAT_SAMPLER_CHUNK];
    if (!p->is_whole) {
        weigh(p->part, p->n, w);
    }
    read_channel(voice, p, w, sound->channels[0], first);
    if (sound->n_channels == 1) {
        for (uint32_t f = 0; f < p->n; f++) {
            left[f] += first[f] * live->left[f];
            right[f] += first[f] * live->right[f];
        }
        return;
    }
    read_channel(voice, p, w, sound->channels[1], second);
    for (uint32_t f = 0; f < p->n; f++) {
        left[f] += first[f] * (live->left[f] * PAIR_GAIN);
        right[f] += second[f] * (live->right[f] * PAIR_GAIN);
    }
}

void
lat_voices_add(struct lat_voices *v, const struct lat_sampler_live *live,
               uint32_t n, float *left, float *right)
{
    struct places places = {0};
    for (uint32_t i = 0; i < v->n_slots; i++) {
        if (!is_used(v, i)) {
            continue;
        }
        struct lat_sampler_voice *const voice = &v->voices[i];
        const bool goes_on = walk(voice, live, n, &places);
        places.is_whole = are_whole(&places);
        add_voice(voice, &places, live, left, right);
        if (!goes_on) {
            end_voice(v, i);
        }
    }
}
