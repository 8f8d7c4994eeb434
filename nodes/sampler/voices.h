// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The voice manager of a sampler: which sounds play, where they are, and who
/// gives way.
///
/// A voice reads between frames through six of them (dsp/six.h): at speed 1 a
/// sound is given back as it is.
///
/// A loop is as long as it is said to be.  Where its end does not lead on into
/// its beginning, the last LAT_SAMPLER_FADE_SECONDS of it become what lies
/// before the beginning, or, where nothing does, that turned round.  Where it
/// does, and in loops of less than ten such times, which are waves with the
/// edges that they have, all is as it is.
///
/// Who is one too many gives way within LAT_SAMPLER_FADE_SECONDS, beside the
/// new voice.  All is a function of what was begun at which frame; nothing
/// depends on how calls cut time.
#ifndef LAT_NODES_SAMPLER_VOICES_H
#define LAT_NODES_SAMPLER_VOICES_H

#include "sounds.h"

#define LAT_SAMPLER_MOST_VOICES  256U
#define LAT_SAMPLER_FADE_SECONDS 0.005

/// Those that sound, and as many that fade.
#define LAT_SAMPLER_SLOTS (2 * LAT_SAMPLER_MOST_VOICES)

/// Most frames of a call.
#define LAT_SAMPLER_CHUNK 64U

enum lat_sampler_loop {
    LAT_SAMPLER_ONCE,
    LAT_SAMPLER_HELD,  ///< goes round until lat_voices_let_go(), then fades
    LAT_SAMPLER_ROUND, ///< goes round until it is cut or taken
};

enum lat_sampler_cut {
    LAT_SAMPLER_CUT_NONE,
    LAT_SAMPLER_CUT_SAME,
    LAT_SAMPLER_CUT_ALL
};

/// Who begins a voice, and so lets it go.
enum lat_sampler_source {
    LAT_SAMPLER_TRIGGER,
    LAT_SAMPLER_PATTERN,
    LAT_SAMPLER_MESSAGE
};

/// No number of frames: as it is while it plays, or never.
#define LAT_SAMPLER_OPEN UINT32_MAX

/// What begins, and how.
struct lat_sampler_event {
    const struct lat_sound *sound; ///< of `sounds`; with frames
    struct lat_sounds *sounds;
    float height;       ///< a gain of its own
    float speed, pan;   ///< the same: times the speed, and beside the place
    float begin, end;   ///< parts of the sound, 0 to 1; in turn: backwards
    bool is_backwards;  ///< it begins at its end
    uint32_t n_attack;  ///< frames
    uint32_t n_release; ///< frames, or LAT_SAMPLER_OPEN
    uint32_t n_hold;    ///< frames until it is let go, or LAT_SAMPLER_OPEN
    int32_t group;      ///< cuts its like; below 0 those of its sound; 0: `cut`
    enum lat_sampler_source source;
    enum lat_sampler_loop loop;
    enum lat_sampler_cut cut;
};

/// A frame of a sound and parts of one, in 2^-32 frames.
typedef int64_t lat_place;

#define LAT_PLACE(frame) ((lat_place)((uint64_t)(frame) << 32U))

/// How far a voice goes in a frame, of a number of frames.  [any]
LAT_RT static inline lat_place
lat_place_step(double frames)
{
    frames = frames > -1e6 ? frames : -1e6;
    frames = frames < 1e6 ? frames : 1e6;
    return (lat_place)(frames * 0x1p32);
}

struct lat_sampler_voice {
    const struct lat_sound *sound;
    struct lat_sounds *sounds; ///< held
    lat_place at;              ///< in the sound
    lat_place low, high;       ///< it plays low <= at < high; whole frames
    uint32_t n_attack, attack; ///< frames, and those that are over
    uint32_t n_fade, fade;     ///< frames of its end, and those left; 0: none
    uint32_t n_release, hold;  ///< frames, and those left; LAT_SAMPLER_OPEN
    uint32_t n_seam;           ///< frames at the end of a loop that are mixed
    int32_t group;
    float height, speed, pan;
    uint8_t loop, source;
    bool is_held, has_gone_round, is_backwards;
    uint64_t born; ///< in the manager's count
};

/// Zeroed but for the limits, it has no voice.
struct lat_voices {
    uint32_t n_most; ///< that sound without fading, 1 to 256
    uint32_t n_fade; ///< frames of LAT_SAMPLER_FADE_SECONDS
    bool takes_oldest;
    uint64_t count; ///< of events
    uint64_t used[LAT_SAMPLER_SLOTS / 64];
    struct lat_sampler_voice voices[LAT_SAMPLER_SLOTS];
};

/// What moves while voices play, for each frame of a call.
struct lat_sampler_live {
    lat_place step[LAT_SAMPLER_CHUNK]; ///< how far voices go in a frame
    float pan[LAT_SAMPLER_CHUNK];      ///< -1 to 1
    float gain[LAT_SAMPLER_CHUNK];
    float left[LAT_SAMPLER_CHUNK]; ///< gains of one channel, of both of these
    float right[LAT_SAMPLER_CHUNK];
    uint32_t n_release[LAT_SAMPLER_CHUNK]; ///< frames in which a part ends
    bool is_steady;      ///< `step` and `n_release` do not move
    bool is_gain_steady; ///< neither do the others
};

/// Nothing plays any more, at once; also before the memory goes.  [audio,
/// worker, or control for what no longer runs]
LAT_RT void
lat_voices_clear(struct lat_voices *v);

/// [audio, worker]
LAT_RT static inline bool
lat_voices_are_silent(const struct lat_voices *v)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < LAT_SAMPLER_SLOTS / 64; i++) {
        any |= v->used[i];
    }
    return !any;
}

/// From now on, have @p n at most, 1 to LAT_SAMPLER_MOST_VOICES; what is beyond
/// fades.  [audio, worker]
LAT_RT void
lat_voices_limit(struct lat_voices *v, uint32_t n);

/// [audio, worker]
LAT_RT void
lat_voices_begin(struct lat_voices *v, const struct lat_sampler_event *event);

/// Those of @p source that are held are not any more.
/// @param n_release  frames in which they fade, where they have none of their
///                   own.  [audio, worker]
LAT_RT void
lat_voices_let_go(struct lat_voices *v, enum lat_sampler_source source,
                  uint32_t n_release);

/// The gain of the right channel at @p pan, of equal power; of the left one
/// that at -@p pan.  [any]
LAT_RT float
lat_sampler_side(float pan, float gain);

/// Add @p n frames, at most LAT_SAMPLER_CHUNK.  [audio, worker]
LAT_RT void
lat_voices_add(struct lat_voices *v, const struct lat_sampler_live *live,
               uint32_t n, float *left, float *right);

#endif // LAT_NODES_SAMPLER_VOICES_H
