// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What voices sound like.

#include "nodes/dsp/six.h"
#include "voice.h"

/// What lies @p k frames before the sound: turned round its first frame, so
/// that it leads on into that, and is no further from 0 than the sound is.
static float
before_sound(const struct lat_sampler_voice *voice, const float *channel,
             int32_t k)
{
    const int32_t n = (int32_t)voice->n_seam + 1;
    const float part = lat_voice_smooth((uint32_t)(n - k), (uint32_t)n);
    return 2.0F * channel[0] * part - channel[k];
}

/// What a loop has near its end: more and more of what lies before its
/// beginning.
static float
mix_seam(const struct lat_sampler_voice *voice, const float *channel, int32_t i)
{
    const int32_t low = (int32_t)(voice->low >> 32);
    const int32_t high = (int32_t)(voice->high >> 32);
    const int32_t before = i - high + low;
    const float old = lat_voice_smooth((uint32_t)(high - i), voice->n_seam + 1);
    const float new =
        before < 0 ? before_sound(voice, channel, -before) : channel[before];
    return new + (channel[i] - new) * old;
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
    return i >= high - (int32_t)voice->n_seam && i < high
               ? mix_seam(voice, channel, i)
               : channel[i];
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
    const int32_t high =
        (int32_t)(voice->high >> 32) - (int32_t)voice->n_seam - 6;
    bool is_inside = true;
    for (uint32_t f = 0; f < 4; f++) {
        is_inside = is_inside && first[f] >= low && first[f] <= high;
    }
    return is_inside;
}

/// What a channel gives at these places, in fours.
/// @param w  the weights of each four.
static void
read_channel(const struct lat_sampler_voice *voice,
             const struct lat_sampler_places *p, four (*restrict w)[6],
             const float *channel, float *restrict out)
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
read_between(const struct lat_sampler_voice *voice,
             const struct lat_sampler_places *p,
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
read_whole(const struct lat_sampler_voice *voice,
           const struct lat_sampler_places *p,
           float (*restrict out)[LAT_SAMPLER_CHUNK])
{
    for (uint32_t c = 0; c < voice->sound->n_channels; c++) {
        const float *const channel = voice->sound->channels[c];
        for (uint32_t f = 0; f < p->n && !voice->n_seam; f++) {
            out[c][f] = channel[p->whole[f]] * p->level[f];
        }
        for (uint32_t f = 0; f < p->n && voice->n_seam; f++) {
            out[c][f] = frame_of(voice, f >= p->n_first, channel, p->whole[f]) *
                        p->level[f];
        }
    }
}

/// What a pair of channels loses when it is panned like one: the middle is as
/// loud as the file.
#define PAIR_GAIN 1.41421356F

static bool
are_whole(const struct lat_sampler_places *p)
{
    float any = 0.0F;
    for (uint32_t f = 0; f < p->n; f++) {
        any += p->part[f];
    }
    return any == 0.0F;
}

/// sin(x), 0 to pi / 2.
static double
sine_of(double x)
{
    double sum = 0;
    for (int n = 17; n > 1; n -= 2) { // Taylor
        sum = (1 - sum) * x * x / (n * (n - 1));
    }
    return x * (1 - sum);
}

LAT_RT float
lat_sampler_side(float pan, float gain)
{
    double p = (double)pan;
    p = p > -1 ? p : -1;
    p = p < 1 ? p : 1;
    return (float)(sine_of((1 + p) * 0.78539816339744830962) * (double)gain);
}

/// Gains of the channels of a voice, for each frame.
struct gains {
    const float *left, *right;
    float own[2][LAT_SAMPLER_CHUNK]; ///< where it has a place of its own
};

static void
find_gains(const struct lat_sampler_voice *voice,
           const struct lat_sampler_live *live, uint32_t n, struct gains *out)
{
    out->left = live->left;
    out->right = live->right;
    if (voice->pan == 0.0F) {
        return;
    }
    for (uint32_t f = 0; f < n; f++) {
        const float pan = live->pan[f] + voice->pan;
        const bool is_same = f && live->is_gain_steady;
        out->own[0][f] =
            is_same ? out->own[0][0] : lat_sampler_side(-pan, live->gain[f]);
        out->own[1][f] =
            is_same ? out->own[1][0] : lat_sampler_side(pan, live->gain[f]);
    }
    out->left = out->own[0];
    out->right = out->own[1];
}

static void
add_voice(const struct lat_sampler_voice *voice,
          const struct lat_sampler_places *p,
          const struct lat_sampler_live *live, float *restrict left,
          float *restrict right)
{
    struct gains gains;
    float y[2][LAT_SAMPLER_CHUNK];
    if (are_whole(p)) {
        read_whole(voice, p, y);
    } else {
        read_between(voice, p, y);
    }
    find_gains(voice, live, p->n, &gains);
    const bool is_pair = voice->sound->n_channels > 1;
    const float *const other = y[is_pair];
    const float scale = is_pair ? PAIR_GAIN : 1.0F;
    for (uint32_t f = 0; f < p->n; f++) {
        left[f] += y[0][f] * (gains.left[f] * scale);
        right[f] += other[f] * (gains.right[f] * scale);
    }
}

void
lat_voices_add(struct lat_voices *v, const struct lat_sampler_live *live,
               uint32_t n, float *left, float *right)
{
    struct lat_sampler_places places;
    for (uint32_t i = lat_voices_next(v, 0); i < LAT_SAMPLER_SLOTS;
         i = lat_voices_next(v, i + 1)) {
        struct lat_sampler_voice *const voice = &v->voices[i];
        const bool goes_on = lat_voice_walk(voice, live, n, &places);
        add_voice(voice, &places, live, left, right);
        if (!goes_on) {
            lat_voices_end(v, i);
        }
    }
}
