// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Which parameter the data of a channel is for: RPN and NRPN, as the MIDI 1.0
/// detailed specification has them.
#ifndef LAT_NODES_MIDI_PARAMETER_H
#define LAT_NODES_MIDI_PARAMETER_H

#include "midi.h"

enum lat_midi_parameter_kind {
    LAT_PARAMETER_NONE,
    LAT_PARAMETER_RPN,
    LAT_PARAMETER_NRPN,
};

struct lat_midi_parameter {
    uint8_t kind; ///< enum lat_midi_parameter_kind
    uint8_t coarse, fine;
};

/// Hear a control: does it choose a parameter, or none?  [audio, worker]
LAT_RT static inline bool
lat_midi_choose(struct lat_midi_parameter *p, uint8_t number, uint8_t value)
{
    switch (number) {
    case LAT_CONTROL_NRPN_FINE:
    case LAT_CONTROL_RPN_FINE:
        p->fine = value;
        break;
    case LAT_CONTROL_NRPN_COARSE:
    case LAT_CONTROL_RPN_COARSE:
        p->coarse = value;
        break;
    case LAT_CONTROL_RESET:
        *p = (struct lat_midi_parameter){0};
        return true;
    default:
        return false;
    }
    p->kind =
        number >= LAT_CONTROL_RPN_FINE ? LAT_PARAMETER_RPN : LAT_PARAMETER_NRPN;
    if (p->coarse == 127 && p->fine == 127) {
        p->kind = LAT_PARAMETER_NONE; // "null": data is for nothing
    }
    return true;
}

/// Is data for this one?  [audio, worker]
LAT_RT static inline bool
lat_midi_is_chosen(const struct lat_midi_parameter *p,
                   enum lat_midi_parameter_kind kind, uint32_t number)
{
    return p->kind == kind && 128U * p->coarse + p->fine == number;
}

#endif // LAT_NODES_MIDI_PARAMETER_H
