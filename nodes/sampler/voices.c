// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "voices.h"
#include "nodes/dsp/six.h"

// --- Which voices there are --------------------------------------------------

/// The first that is used from @p i on, or LAT_SAMPLER_SLOTS.
static inline uint32_t
next_used(const struct lat_voices *v, uint32_t i)
{
    while (i < LAT_SAMPLER_SLOTS) {
        const uint64_t left = v->used[i / 64] >> i % 64;
        if (left) {
            return i + (uint32_t)__builtin_ctzll(left);
        }
        i = (i / 64 + 1) * 64;
    }
    return i;
}

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
    for (uint32_t i = next_used(v, 0); i < LAT_SAMPLER_SLOTS;
         i = next_used(v, i + 1)) {
        end_voice(v, i);
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
    uint32_t at = voice->at > 0 ? (uint32_t)(voice->at >> 32) : 0;
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
    uint32_t best = LAT_SAMPLER_SLOTS;
    for (uint32_t i = next_used(v, 0); i < LAT_SAMPLER_SLOTS;
         i = next_used(v, i + 1)) {
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
    for (uint32_t i = next_used(v, 0); i < LAT_SAMPLER_SLOTS;
         i = next_used(v, i + 1)) {
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
        fade_out(&v->voices[find_victim(v, false)], v->n_fade);
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

static void
cut_others(struct lat_voices *v, const struct lat_sampler_event *event)
{
    for (uint32_t i = next_used(v, 0); i < LAT_SAMPLER_SLOTS;
         i = next_used(v, i + 1)) {
        if (event->cut == LAT_SAMPLER_CUT_ALL ||
            (event->cut == LAT_SAMPLER_CUT_SAME &&
             v->voices[i].sound == event->sound)) {
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
static lat_place
frame_at(const struct lat_sound *sound, float part)
{
    return LAT_PLACE((double)unit(part) * sound->n_frames + 0.5);
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
        end_voice(v, slot);
    }
    const bool is_backwards = event->is_backwards != (b < a);
    v->voices[slot] = (struct lat_sampler_voice){
        .sound = event->sound,
        .sounds = event->sounds,
        .at = is_backwards ? high - LAT_PLACE(1) : low,
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
    for (uint32_t i = next_used(v, 0); i < LAT_SAMPLER_SLOTS;
         i = next_used(v, i + 1)) {
        if (v->voices[i].is_held) {
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
            fade_out(voice, (uint32_t)left);
        }
    }
}

static inline void
pass_frame(struct lat_sampler_voice *voice, lat_place step)
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

/// Note @p n places, of one step.
static inline void
note_places(struct places *out, lat_place at, lat_place step, uint32_t n)
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
    return voice->is_backwards ? -live->step[f] : live->step[f];
}

/// Is its level the same for @p n frames?
static bool
is_plain(const struct lat_sampler_voice *voice,
         const struct lat_sampler_live *live, uint32_t n)
{
    return live->is_steady && voice->attack >= voice->n_attack &&
           !voice->n_fade &&
           (voice->loop || frames_inside(voice, step_at(voice, live, 0)) >
                               (int64_t)live->n_release[0] + n);
}

/// The same as walk(), of a plain voice.
static bool
walk_plain(struct lat_sampler_voice *voice, lat_place step, uint32_t n,
           struct places *out)
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
    out->n = 0;
    while (out->n < n) {
        const lat_place step = step_at(voice, live, out->n);
        if (!is_on(voice, out)) {
            return false;
        }
        if (!voice->loop) {
            fade_before_end(voice, step, live->n_release[out->n]);
        }
        if (voice->n_fade && !voice->fade) {
            return false;
        }
        out->level[out->n] = level_of(voice);
        note_places(out, voice->at, step, 1);
        pass_frame(voice, step);
    }
    return true;
}

/// The frame @p i of a channel, of a loop where that goes round.
static float
frame_of(const struct lat_sampler_voice *voice, bool has_gone_round,
         const float *channel, int32_t i)
{
    const int32_t low = (int32_t)(voice->low >> 32);
    const int32_t high = (int32_t)(voice->high >> 32);
    const int32_t length = high - low;
    if (voice->loop && (i >= high || (i < low && has_gone_round))) {
        i = low + ((i - low) % length + length) % length;
    }
    return channel[i];
}

/// Six frames each from four places on: x[k] has number k of each.
static inline void
load_around(const float *channel, const int32_t *first, four x[6])
{
    four late[4]; // of which the last two are not yet there
    for (uint32_t f = 0; f < 4; f++) {
        x[f] = four_load(channel + first[f]);
        late[f] = four_load(channel + first[f] + 2);
    }
    four_transpose(x);
    four_transpose(late);
    x[4] = late[2];
    x[5] = late[3];
}

/// The same where some are across the ends of a loop.
static void
load_around_ends(const struct lat_sampler_voice *voice, const bool gone[4],
                 const float *channel, const int32_t *first, four x[6])
{
    for (int32_t k = 0; k < 6; k++) {
        for (uint32_t f = 0; f < 4; f++) {
            x[k][f] = frame_of(voice, gone[f], channel, first[f] + k);
        }
    }
}

/// Do four places of a voice have their neighbours beside them?
static inline bool
are_inside(const struct lat_sampler_voice *voice, const int32_t *first)
{
    const int32_t low = (int32_t)(voice->low >> 32);
    const int32_t high = (int32_t)(voice->high >> 32) - 6;
    bool is_inside = true;
    for (uint32_t f = 0; f < 4; f++) {
        is_inside = is_inside && first[f] >= low && first[f] <= high;
    }
    return is_inside;
}

/// What a channel gives at these places, in fours.
/// @param w  the weights of each four.
static void
read_channel(const struct lat_sampler_voice *voice, const struct places *p,
             four (*restrict w)[6], const float *channel, float *restrict out)
{
    for (uint32_t f = 0; f < p->n; f += 4, w++) {
        int32_t first[4];
        four x[6];
        for (uint32_t k = 0; k < 4; k++) {
            first[k] = p->whole[f + k < p->n ? f + k : p->n - 1] - 2;
        }
        if (!voice->loop || are_inside(voice, first)) {
            load_around(channel, first, x);
        } else {
            const bool gone[4] = {f >= p->n_first, f + 1 >= p->n_first,
                                  f + 2 >= p->n_first, f + 3 >= p->n_first};
            load_around_ends(voice, gone, channel, first, x);
        }
        const four sum = (((*w)[0] * x[0] + (*w)[1] * x[1]) + (*w)[2] * x[2]) +
                         (((*w)[3] * x[3] + (*w)[4] * x[4]) + (*w)[5] * x[5]);
        four_store(out + f, sum * four_load(p->level + f));
    }
}

/// What all channels give, between frames.
static void
read_between(const struct lat_sampler_voice *voice, const struct places *p,
             float (*restrict out)[LAT_SAMPLER_CHUNK])
{
    four w[LAT_SAMPLER_CHUNK / 4][6];
    for (uint32_t f = 0; f < p->n; f += 4) {
        lat_six_weights(four_load(p->part + f), w[f / 4]);
    }
    for (uint32_t c = 0; c < voice->sound->n_channels; c++) {
        read_channel(voice, p, w, voice->sound->channels[c], out[c]);
    }
}

/// The same where all of them are whole.
static void
read_whole(const struct lat_sampler_voice *voice, const struct places *p,
           float (*restrict out)[LAT_SAMPLER_CHUNK])
{
    for (uint32_t c = 0; c < voice->sound->n_channels; c++) {
        const float *const channel = voice->sound->channels[c];
        for (uint32_t f = 0; f < p->n; f++) {
            out[c][f] = channel[p->whole[f]] * p->level[f];
        }
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
    float y[2][LAT_SAMPLER_CHUNK];
    if (are_whole(p)) {
        read_whole(voice, p, y);
    } else {
        read_between(voice, p, y);
    }
    if (voice->sound->n_channels == 1) {
        for (uint32_t f = 0; f < p->n; f++) {
            left[f] += y[0][f] * live->left[f];
            right[f] += y[0][f] * live->right[f];
        }
        return;
    }
    for (uint32_t f = 0; f < p->n; f++) {
        left[f] += y[0][f] * (live->left[f] * PAIR_GAIN);
        right[f] += y[1][f] * (live->right[f] * PAIR_GAIN);
    }
}

void
lat_voices_add(struct lat_voices *v, const struct lat_sampler_live *live,
               uint32_t n, float *left, float *right)
{
    struct places places = {0};
    for (uint32_t i = next_used(v, 0); i < LAT_SAMPLER_SLOTS;
         i = next_used(v, i + 1)) {
        struct lat_sampler_voice *const voice = &v->voices[i];
        const bool goes_on = walk(voice, live, n, &places);
        add_voice(voice, &places, live, left, right);
        if (!goes_on) {
            end_voice(v, i);
        }
    }
}
