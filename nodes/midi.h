// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What all nodes that hear MIDI share: the standard's numbers, and which
/// messages are for a node.
#ifndef LAT_NODES_MIDI_H
#define LAT_NODES_MIDI_H

#include "node/type.h"

enum lat_midi_status {
    LAT_MIDI_NOTE_OFF = 0x80,
    LAT_MIDI_NOTE_ON = 0x90,
    LAT_MIDI_KEY_PRESSURE = 0xa0,
    LAT_MIDI_CONTROL = 0xb0,
    LAT_MIDI_PROGRAM = 0xc0,
    LAT_MIDI_PRESSURE = 0xd0,
    LAT_MIDI_BEND = 0xe0,
    LAT_MIDI_SYSTEM = 0xf0,   ///< from here on: of no channel
    LAT_MIDI_POSITION = 0xf2, ///< of the song, in sixteenths
    LAT_MIDI_CLOCK = 0xf8,
    LAT_MIDI_START = 0xfa,
    LAT_MIDI_CONTINUE = 0xfb,
    LAT_MIDI_STOP = 0xfc,
    LAT_MIDI_SENSING = 0xfe,
    LAT_MIDI_RESET = 0xff,
};

enum lat_midi_control {
    LAT_CONTROL_DATA_COARSE = 6,
    LAT_CONTROL_EXPRESSION = 11,
    LAT_CONTROL_DATA_FINE = 38,
    LAT_CONTROL_SUSTAIN = 64,
    LAT_CONTROL_SOSTENUTO = 66,
    LAT_CONTROL_TIMBRE = 74,
    LAT_CONTROL_INCREMENT = 96,
    LAT_CONTROL_DECREMENT = 97,
    LAT_CONTROL_NRPN_FINE = 98,
    LAT_CONTROL_NRPN_COARSE = 99,
    LAT_CONTROL_RPN_FINE = 100,
    LAT_CONTROL_RPN_COARSE = 101,
    LAT_CONTROL_ALL_SOUND_OFF = 120,
    LAT_CONTROL_RESET = 121,
    LAT_CONTROL_ALL_NOTES_OFF = 123,
    LAT_CONTROL_POLY = 127, ///< 124 to 127 change the mode and end all notes
};

/// The first setting of each.
#define LAT_SETTING_CHANNEL                                                    \
 {                                                                             \
  .name = "channel", .doc = "MIDI channel to listen to; 0: all.", .unit = "",  \
  .kind = LAT_SETTING_INTEGER, .min = 0, .max = 16, .keeps_state = true        \
 }

/// The channel that a node listens to, from 1 on; 0: all.  [any]
LAT_RT static inline uint32_t
lat_midi_channel(const struct lat_config *config)
{
    return (uint32_t)config->settings[0].number;
}

/// A message on the node's channel, of as many bytes as the standard has it.
/// [any]
LAT_RT static inline bool
lat_midi_is_for(const struct lat_midi_event *event,
                const struct lat_config *config)
{
    const uint32_t channel = lat_midi_channel(config);
    const uint8_t status = event->data[0];
    const bool is_short = status >= LAT_MIDI_PROGRAM && status < LAT_MIDI_BEND;
    return event->size == (is_short ? 2 : 3) && status >= LAT_MIDI_NOTE_OFF &&
           status < LAT_MIDI_SYSTEM && event->data[1] < 0x80 &&
           (is_short || event->data[2] < 0x80) &&
           (!channel || (status & 0x0fU) + 1 == channel);
}

/// Is it this byte alone?  [any]
LAT_RT static inline bool
lat_midi_is_byte(const struct lat_midi_event *event, uint8_t byte)
{
    return event->size == 1 && event->data[0] == byte;
}

#endif // LAT_NODES_MIDI_H
