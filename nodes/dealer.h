// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The dealer: which note sounds in which voice.
///
/// Notes come from holders: 0 is commands, 1 to 16 are MIDI's channels.  A
/// voice here is one note's; who has several oscillators a note copies them.
///
/// A note is dealt
///  1. the voice that it has already (same holder and key), else
///  2. the free voice that was let go longest ago; those that never sounded
///     come first, by number, else
///  3. of the voices whose keys are up and which only a pedal holds, the one
///     that was struck longest ago, else
///  4. the voice that was struck longest ago.
///
/// A voice that is taken from its note forgets it, and its gate falls for a
/// frame and rises again.  A single voice is another thing: the last note wins,
/// the gate stays open from key to key, and a key that is let go gives way to
/// the newest that is still down.
///
/// The sustain pedal of a holder keeps its keys that are let go; the sostenuto
/// pedal those that were down when it went down.
///
/// All is a function of the calls and their order, and of frames; nothing is
/// allocated, and zeroed memory is a dealer without voices.
#ifndef LAT_NODES_DEALER_H
#define LAT_NODES_DEALER_H

#include "node/type.h"

#define LAT_DEALER_HOLDERS 17U
#define LAT_DEALER_KEYS    128U ///< most that are held; the oldest go

/// Sets of holders, bit by holder.
#define LAT_HOLDER_NOTES UINT32_C(1)       ///< of commands
#define LAT_HOLDER_MIDI  UINT32_C(0x1fffe) ///< of all channels

struct lat_dealer_key {
    float key; ///< semitones from middle C, as it was struck
    float pitch, velocity;
    uint8_t holder;
    uint8_t voice;
    bool is_down; ///< not just held by a pedal
    bool is_kept; ///< by the sostenuto pedal, as long as that is down
};

struct lat_dealer_voice {
    float key, pitch, velocity; ///< of the note that sounds, or did last
    float release;              ///< how fast its last key was let go
    float from;                 ///< where a glide to `pitch` began
    uint32_t glide, at;      ///< its frames, and those that are over; 0: none
    uint32_t n_edges;        ///< of the gate that are yet to come, one a frame
    uint64_t struck, let_go; ///< when, in the dealer's count
    uint8_t n_keys, n_down;  ///< that hold it, and those of them that are down
    uint8_t holder;          ///< of the note
    bool has_gate;           ///< as it was at the last frame
};

struct lat_dealer {
    struct lat_dealer_key keys[LAT_DEALER_KEYS]; ///< the newest last
    struct lat_dealer_voice voices[LAT_MAX_POLY];
    uint32_t n_keys, n_voices;
    uint32_t sustain, sostenuto; ///< pedals that are down, by holder
    uint64_t count;              ///< of what happened
    /// Voices, by bit: struck, so that a trigger is due; with another note than
    /// before; not yet as they will stay, because of edges or a glide.  Who
    /// takes note clears the first two.
    uint64_t triggers, changes, moves;
    uint32_t glide; ///< frames from key to key of a single voice
    bool is_legato; ///< a single voice marks no key while another holds it
};

/// Have @p n voices, 1 to LAT_MAX_POLY: keys of those that go are let go, the
/// others stay.  [audio, worker]
LAT_RT void
lat_dealer_resize(struct lat_dealer *d, uint32_t n);

/// A note begins; @p key says which, and @p pitch how high it sounds.  [audio,
/// worker]
LAT_RT void
lat_dealer_strike(struct lat_dealer *d, uint32_t holder, float key, float pitch,
                  float velocity);

/// A key comes up; one that is not down is nothing.
/// @param release  how fast; below 0: as before.  [audio, worker]
LAT_RT void
lat_dealer_let_go(struct lat_dealer *d, uint32_t holder, float key,
                  float release);

/// A pedal of these @p holders goes down or comes up.  [audio, worker]
LAT_RT void
lat_dealer_sustain(struct lat_dealer *d, uint32_t holders, bool is_down);
LAT_RT void
lat_dealer_sostenuto(struct lat_dealer *d, uint32_t holders, bool is_down);

/// All keys and pedals of these @p holders come up.  [audio, worker]
LAT_RT void
lat_dealer_release(struct lat_dealer *d, uint32_t holders);

/// The pitch of a voice @p k frames from now, as it glides.  [audio, worker]
LAT_RT static inline float
lat_dealer_pitch(const struct lat_dealer_voice *v, uint32_t k)
{
    const uint64_t at = (uint64_t)v->at + k;
    return at >= v->glide ? v->pitch
                          : (float)((double)v->from +
                                    ((double)v->pitch - (double)v->from) *
                                        (double)at / (double)v->glide);
}

/// Write @p n frames of a voice's gate, and let them pass.  [audio, worker]
LAT_RT void
lat_dealer_pass(struct lat_dealer *d, uint32_t voice, float *gate, uint32_t n);

#endif // LAT_NODES_DEALER_H
