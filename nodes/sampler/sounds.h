// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sounds in memory: those of a folder, in the order of the bytes of their
/// names, or one file's.
///
/// Who plays one holds all of them, so that a sound which is no longer named
/// rings on to its end: what is forgotten while it is held is kept aside until
/// somebody sweeps.
#ifndef LAT_NODES_SAMPLER_SOUNDS_H
#define LAT_NODES_SAMPLER_SOUNDS_H

#include "base/rt.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Zeros before and behind each channel, so that whoever looks between frames
/// need not look where the sound ends.
#define LAT_SOUND_EDGE 4

/// Frames of which `peaks` has one number.
#define LAT_SOUND_PEAK_FRAMES 256U

/// Most bytes of all sounds of a folder.
#define LAT_SOUNDS_MOST_BYTES ((size_t)1 << 30U)

struct lat_sound {
    uint32_t n_frames;
    uint32_t n_channels;      ///< 1 or 2; of more, the first two are kept
    const float *channels[2]; ///< frames at the engine's rate; [1] may be [0]
    const float *peaks;       ///< largest sample of each LAT_SOUND_PEAK_FRAMES
};

struct lat_sounds {
    uint32_t n;
    _Atomic uint32_t n_held;
    struct lat_sounds *next_aside;
    struct lat_sound *list;
};

/// Read what @p path names: a sound file, a folder of such, or either followed
/// by `:N`.  Of a folder, those of its files are taken that libsndfile can
/// read.  Matches lat_setting's `prepare`.  [any thread but audio]
enum lat_status
lat_sounds_read(const char *path, double rate, void **out,
                struct lat_error *error);

/// A number for the files that @p path names as they are now: of which size,
/// and when they were written.  0: there are none.  [any thread but audio]
uint64_t
lat_sounds_stamp(const char *path);

/// Matches lat_setting's `forget`.  [any thread but audio]
void
lat_sounds_forget(void *sounds);

/// Free what was forgotten and is held no more.  [any thread but audio]
void
lat_sounds_sweep(void);

/// [audio, worker]
LAT_RT static inline void
lat_sounds_hold(struct lat_sounds *s)
{
    atomic_fetch_add_explicit(&s->n_held, 1, memory_order_relaxed);
}

/// [audio, worker, or control for who no longer runs]
LAT_RT static inline void
lat_sounds_release(struct lat_sounds *s)
{
    atomic_fetch_sub_explicit(&s->n_held, 1, memory_order_release);
}

#endif // LAT_NODES_SAMPLER_SOUNDS_H
