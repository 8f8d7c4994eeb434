// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Every node type there is; registry.c lists them.
#ifndef LAT_TYPES_H
#define LAT_TYPES_H

#include "node/type.h"

extern const struct lat_node_type lat_type_port_in;
extern const struct lat_node_type lat_type_port_out;
extern const struct lat_node_type lat_type_constant;
extern const struct lat_node_type lat_type_add;
extern const struct lat_node_type lat_type_subtract;
extern const struct lat_node_type lat_type_multiply;
extern const struct lat_node_type lat_type_divide;
extern const struct lat_node_type lat_type_min;
extern const struct lat_node_type lat_type_max;
extern const struct lat_node_type lat_type_mix;
extern const struct lat_node_type lat_type_bus;
extern const struct lat_node_type lat_type_gain;
extern const struct lat_node_type lat_type_pan;
extern const struct lat_node_type lat_type_sine;
extern const struct lat_node_type lat_type_saw;
extern const struct lat_node_type lat_type_square;
extern const struct lat_node_type lat_type_triangle;
extern const struct lat_node_type lat_type_pulse;
extern const struct lat_node_type lat_type_impulse;
extern const struct lat_node_type lat_type_noise;
extern const struct lat_node_type lat_type_lowpass;
extern const struct lat_node_type lat_type_highpass;
extern const struct lat_node_type lat_type_bandpass;
extern const struct lat_node_type lat_type_notch;
extern const struct lat_node_type lat_type_onepole;
extern const struct lat_node_type lat_type_adsr;
extern const struct lat_node_type lat_type_delay;
extern const struct lat_node_type lat_type_audio_in;
extern const struct lat_node_type lat_type_audio_out;
extern const struct lat_node_type lat_type_midi_notes;
extern const struct lat_node_type lat_type_midi_cc;
extern const struct lat_node_type lat_type_clock;
extern const struct lat_node_type lat_type_phasor;
extern const struct lat_node_type lat_type_steps;
extern const struct lat_node_type lat_type_meter;
extern const struct lat_node_type lat_type_faulty; ///< in test builds

#endif // LAT_TYPES_H
