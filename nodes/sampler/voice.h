// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of the voice manager share.  All functions are [audio,
/// worker].
#ifndef LAT_NODES_SAMPLER_VOICE_H
#define LAT_NODES_SAMPLER_VOICE_H

#include "voices.h"

/// The first that is used from @p i on, or LAT_SAMPLER_SLOTS.
LAT_RT static inline uint32_t
lat_voices_next(const struct lat_voices *v, uint32_t i)
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

LAT_RT static inline void
lat_voices_end(struct lat_voices *v, uint32_t i)
{
    lat_sounds_release(v->voices[i].sounds);
    v->used[i / 64] &= ~(UINT64_C(1) << i % 64);
}

/// Part @p left of @p n of a fade, as a gain with no corner at its ends.
LAT_RT static inline float
lat_voice_smooth(uint32_t left, uint32_t n)
{
    const float t = (float)left / (float)n;
    return t * t * (3.0F - 2.0F * t);
}

LAT_RT static inline float
lat_voice_level(const struct lat_sampler_voice *voice)
{
    float level = voice->height;
    if (voice->attack < voice->n_attack) {
        level *= lat_voice_smooth(voice->attack, voice->n_attack);
    }
    if (voice->n_fade) {
        level *= lat_voice_smooth(voice->fade, voice->n_fade);
    }
    return level;
}

/// Begin to fade, in @p n frames at most.
LAT_RT static inline void
lat_voice_fade_out(struct lat_sampler_voice *voice, uint32_t n)
{
    if (!voice->n_fade || voice->fade > n) {
        // It goes on from the level that it has.
        voice->height *=
            voice->n_fade ? lat_voice_smooth(voice->fade, voice->n_fade) : 1.0F;
        voice->n_fade = voice->fade = n > 0 ? n : 1;
    }
    voice->is_held = false;
}

/// Frames in which it fades where it is let go, of those of all.
LAT_RT static inline uint32_t
lat_voice_release(const struct lat_sampler_voice *voice, uint32_t n_release)
{
    return voice->n_release == LAT_SAMPLER_OPEN ? n_release : voice->n_release;
}

/// Where a voice is in each frame: whole frames, the part beyond, and its
/// level.
struct lat_sampler_places {
    uint32_t n;
    uint32_t n_first; ///< frames before it goes round for the first time
    int32_t whole[LAT_SAMPLER_CHUNK];
    float part[LAT_SAMPLER_CHUNK];
    float level[LAT_SAMPLER_CHUNK];
};

/// Play a voice on by up to @p n frames.  @return whether it goes on after
/// them.
LAT_RT bool
lat_voice_walk(struct lat_sampler_voice *voice,
               const struct lat_sampler_live *live, uint32_t n,
               struct lat_sampler_places *out);

#endif // LAT_NODES_SAMPLER_VOICE_H
