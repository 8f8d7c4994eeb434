// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "types.h"

#include <string.h>

static const struct lat_node_type *const types[] = {
    &lat_type_constant,  &lat_type_add,
    &lat_type_subtract,  &lat_type_multiply,
    &lat_type_divide,    &lat_type_min,
    &lat_type_max,       &lat_type_mix,
    &lat_type_bus,       &lat_type_gain,
    &lat_type_pan,       &lat_type_sine,
    &lat_type_saw,       &lat_type_square,
    &lat_type_triangle,  &lat_type_pulse,
    &lat_type_impulse,   &lat_type_noise,
    &lat_type_lowpass,   &lat_type_highpass,
    &lat_type_bandpass,  &lat_type_notch,
    &lat_type_onepole,   &lat_type_adsr,
    &lat_type_delay,     &lat_type_audio_in,
    &lat_type_audio_out, &lat_type_midi_notes,
    &lat_type_midi_cc,   &lat_type_clock,
    &lat_type_phasor,    &lat_type_steps,
    &lat_type_meter,     NULL,
};

const struct lat_node_type *const *
lat_node_types(void)
{
    return types;
}

const struct lat_node_type *
lat_node_type_find(const char *name)
{
    for (const struct lat_node_type *const *t = types; *t; t++) {
        if (!strcmp((*t)->name, name)) {
            return *t;
        }
    }
#ifdef LAT_TEST_HOOKS
    // Nobody is shown it.
    if (!strcmp(lat_type_faulty.name, name)) {
        return &lat_type_faulty;
    }
#endif
    return NULL;
}

const struct lat_node_type *
lat_node_type_port(bool is_out)
{
    return is_out ? &lat_type_port_out : &lat_type_port_in;
}

int
lat_setting_index(const struct lat_node_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->n_settings; i++) {
        if (!strcmp(type->settings[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}
