// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The keys of midi_notes: what MIDI and commands, by the node's settings, come
/// to for the dealer and for what channels say of their notes.
#ifndef LAT_NODES_MIDI_KEYS_H
#define LAT_NODES_MIDI_KEYS_H

#include "midi_express.h"

/// The settings of midi_notes, in its order.
enum {
    LAT_KEYS_CHANNEL,
    LAT_KEYS_TUNING,
    LAT_KEYS_KEYMAP,
    LAT_KEYS_BEND,
    LAT_KEYS_TRANSPOSE,
    LAT_KEYS_KEY_LOW,
    LAT_KEYS_KEY_HIGH,
    LAT_KEYS_VELOCITY_LOW,
    LAT_KEYS_VELOCITY_HIGH,
    LAT_KEYS_VELOCITY_MIDDLE,
    LAT_KEYS_LEGATO,
    LAT_KEYS_GLIDE,
    LAT_KEYS_UNISON,
    LAT_KEYS_DETUNE,
    LAT_KEYS_MPE,
};

/// Zeroed, it has had no frame yet.
struct lat_midi_keys {
    struct lat_dealer dealer;
    struct lat_express express;
    uint32_t channel; ///< that the keys are of, and 1; 0: no frame yet
    uint32_t wanted;  ///< voices a note, by the setting
    uint32_t unison;  ///< the same, as far as there are as many
    /// Frames until silence would mean that the other side is gone, from the
    /// span's first on.
    uint32_t patience;
    bool is_sensed; ///< the other side said that it would not be silent
};

/// The number of a setting.  [any]
LAT_RT static inline double
lat_keys_number(const struct lat_config *config, int setting)
{
    return config->settings[setting].number;
}

/// Begin a span: see what the settings have changed.  [audio, worker]
LAT_RT void
lat_keys_settle(struct lat_midi_keys *s, const struct lat_config *config);

/// A note of a command.  [audio, worker]
LAT_RT void
lat_keys_play(struct lat_midi_keys *s, const struct lat_config *config,
              const struct lat_note_event *note);

/// An event of MIDI that is for the node.  [audio, worker]
LAT_RT void
lat_keys_hear(struct lat_midi_keys *s, const struct lat_config *config,
              const struct lat_midi_event *event);

/// Any event of MIDI: the other side is not silent.  [audio, worker]
LAT_RT void
lat_keys_sense(struct lat_midi_keys *s, const struct lat_config *config,
               const struct lat_midi_event *event);

#endif // LAT_NODES_MIDI_KEYS_H
