// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a MIDI channel says of its notes while they sound: bend, pressure and
/// timbre; and the zones of MPE, in which a note has a channel of its own.
///
/// Without MPE what a channel says is for the notes of that channel, those that
/// ring on too.  A single voice, and notes that no channel holds, follow all
/// channels: what came last counts.
///
/// A zone of MPE has a master channel (1 or 16) and members beside it.  A
/// member's word is for its notes whose keys are down; a key that came up keeps
/// what was said last, whatever its channel tells the next note.  The master's
/// word is for all notes of its zone: its bend is added to theirs, its pressure
/// and timbre take the place of theirs until a member says otherwise.
///
/// Source: "MIDI Polyphonic Expression", MMA and AMEI, M1-100-UM; for resets
/// the MMA's recommended practice RP-015.
///
/// Zeroed memory is to be begun.
#ifndef LAT_NODES_MIDI_EXPRESS_H
#define LAT_NODES_MIDI_EXPRESS_H

#include "dealer.h"
#include "midi_parameter.h"

enum lat_express_mode {
    LAT_MPE_OFF,
    LAT_MPE_LOWER,
    LAT_MPE_UPPER,
    LAT_MPE_BOTH,
};

/// Their words, in order; NULL-terminated.
extern const char *const lat_express_modes[];

enum lat_express_kind {
    LAT_EXPRESS_BEND, ///< -1 to 1
    LAT_EXPRESS_PRESSURE,
    LAT_EXPRESS_TIMBRE,
    LAT_N_EXPRESS,
};

struct lat_express_part {
    float value[LAT_N_EXPRESS];
    float range;  ///< of the bend in semitones, if `is_told`
    bool is_told; ///< by RPN 0
    struct lat_midi_parameter parameter;
};

struct lat_express {
    /// By channel, from 1; 0 is what came last from any.
    struct lat_express_part parts[LAT_DEALER_HOLDERS];
    float voices[LAT_MAX_POLY][LAT_N_EXPRESS];
    uint32_t n_lower, n_upper; ///< members of the zones; 0: there is none
    enum lat_express_mode mode;
};

/// Begin, and after a reset: nothing was said yet.  [audio, worker]
LAT_RT void
lat_express_begin(struct lat_express *e, enum lat_express_mode mode);

/// The channels that a channel speaks for, bit by channel: of a master all of
/// its zone, else itself.  [audio, worker]
LAT_RT uint32_t
lat_express_channels(const struct lat_express *e, uint32_t channel);

/// A channel says something.  [audio, worker]
LAT_RT void
lat_express_set(struct lat_express *e, const struct lat_dealer *d,
                uint32_t channel, enum lat_express_kind kind, float value);

/// Pressure on one key.  [audio, worker]
LAT_RT void
lat_express_press(struct lat_express *e, const struct lat_dealer *d,
                  uint32_t channel, float key, float value);

/// Hear a control: timbre, a parameter's number and data, a reset.
/// @return the channels of which the zone changed, and where the standard has
///         all notes end; mostly none.  [audio, worker]
LAT_RT uint32_t
lat_express_control(struct lat_express *e, const struct lat_dealer *d,
                    uint32_t channel, uint8_t control, uint8_t value);

/// Voices that have another note now take what its channel said.  To be called
/// after every note, before the dealer's `changes` are cleared.  [audio,
/// worker]
LAT_RT void
lat_express_follow(struct lat_express *e, const struct lat_dealer *d);

/// There are more voices, or fewer than @p before.  [audio, worker]
LAT_RT void
lat_express_resize(struct lat_express *e, const struct lat_dealer *d,
                   uint32_t before);

/// A voice's bend in semitones.
/// @param range  of channels that RPN 0 told nothing and that are no members.
///               [audio, worker]
LAT_RT float
lat_express_bend(const struct lat_express *e, const struct lat_dealer *d,
                 uint32_t voice, float range);

#endif // LAT_NODES_MIDI_EXPRESS_H
