// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Where audio enters and leaves: each channel of an audio_in or audio_out,
/// each door, and each midi_out has a slot, by name.
///
/// A driver (JACK, render) looks at the slots and binds a buffer to each, every
/// period, but to those of MIDI.  All functions are [control].
#ifndef LAT_UNITS_SLOTS_H
#define LAT_UNITS_SLOTS_H

#include "node/type.h"

#define LAT_MAX_DEVICE_SLOTS 1024

/// Bytes of a device's name, with the final NUL.
#define LAT_PORT_NAME_MAX 128

/// A device channel.  Slots with the same name and direction are one, so that
/// a session loaded over another keeps its ports.
struct lat_slot {
    char name[LAT_PORT_NAME_MAX]; ///< port name: NODE_CHANNEL, "main_1"
    char node[LAT_NAME_MAX];      ///< its node, for port groups
    uint32_t channel;             ///< from 1
    uint32_t n_channels;          ///< of the node; more than 1 are a group
    bool is_output;               ///< audio leaves the synth here
    bool is_cv;                   ///< control voltage, not audio
    bool is_midi;                 ///< MIDI, not sound
    bool is_plain; ///< of a node in a process, or between it and the engine
    uint32_t refs; ///< 0: the slot is free
    uint32_t generation; ///< changes when the slot is given anew
    uint32_t order;      ///< the node's place in the file
};

/// Zero-initialise before use.
struct lat_slots {
    struct lat_slot all[LAT_MAX_DEVICE_SLOTS];
    uint32_t generation;
};

/// Would lat_slots_take() share one?
bool
lat_slots_have(const struct lat_slots *s, const struct lat_slot *wanted);

uint32_t
lat_slots_count_free(const struct lat_slots *s);

/// Take or share a slot.
/// @return LAT_OK, or LAT_EFULL when all are taken.
enum lat_status
lat_slots_take(struct lat_slots *s, const struct lat_slot *wanted,
               uint16_t *slot);
void
lat_slots_drop(struct lat_slots *s, uint16_t slot);

#endif // LAT_UNITS_SLOTS_H
