// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_cc: a knob of a controller, as a signal.
//
// What a controller's reset leaves alone is by the MMA's recommended practice
// RP-015, "Response to Reset All Controllers".

#include "midi.h"
#include "ports.h"
#include "types.h"

static const struct lat_port cc_outputs[] = {
    LAT_PORT_OUT("value", "", 0.0F, 1.0F,
                 "The control's last value; 0 before the first."),
};

enum { SETTING_CHANNEL, SETTING_CONTROL };

static const struct lat_setting cc_settings[] = {
    LAT_SETTING_CHANNEL,
    {
        .name = "control",
        .doc = "Which control: its number in MIDI.",
        .unit = "",
        .kind = LAT_SETTING_INTEGER,
        .min = 0,
        .max = 127,
        .initial = 1,
    },
};

struct cc {
    float value;
};

static size_t
cc_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct cc);
}

// Does "reset all controllers" leave it alone?  Bank, volume, pan, their fine
// halves, sounds and effects.
static bool
survives_reset(uint32_t control)
{
    const uint32_t coarse = control < 64 ? control % 32 : control;
    return coarse == 0 || coarse == 7 || coarse == 10 ||
           (control >= 70 && control <= 79) ||
           (control >= 91 && control <= 95) ||
           control >= LAT_CONTROL_ALL_SOUND_OFF;
}

/// What an event makes of the control's value.
/// @return whether it concerns it.
static bool
cc_event(const struct lat_midi_event *event, const struct lat_config *config,
         uint32_t control, float *value)
{
    if (lat_midi_is_byte(event, LAT_MIDI_RESET)) {
        *value = 0.0F;
        return true;
    }
    if (!lat_midi_is_for(event, config) ||
        (event->data[0] & 0xf0U) != LAT_MIDI_CONTROL) {
        return false;
    }
    if (event->data[1] == control) {
        *value = (float)event->data[2] / 127.0F;
        return true;
    }
    if (event->data[1] == LAT_CONTROL_RESET && !survives_reset(control)) {
        *value = control % 32 == LAT_CONTROL_EXPRESSION && control < 64 ? 1.0F
                                                                        : 0.0F;
        return true;
    }
    return false;
}

LAT_RT static uint64_t
cc_process(const struct lat_context *context, const struct lat_io *io)
{
    struct cc *s = io->state;
    const uint32_t control =
        (uint32_t)io->config->settings[SETTING_CONTROL].number;
    float *restrict value = io->out[0];
    uint32_t done = 0;
    bool changes = false;
    for (uint32_t i = 0; i < context->n_midi; i++) {
        const struct lat_midi_event *event = &context->midi[i];
        float next = s->value;
        if (event->frame >= context->n_frames ||
            !cc_event(event, io->config, control, &next)) {
            continue;
        }
        changes = true;
        while (done < event->frame) {
            value[done++] = s->value;
        }
        s->value = next;
    }
    if (!changes) {
        value[0] = s->value;
        return 1;
    }
    while (done < context->n_frames) {
        value[done++] = s->value;
    }
    return 0;
}

const struct lat_node_type lat_type_midi_cc = {
    .name = "midi_cc",
    .doc = "One knob of a MIDI controller, 0 to 1.",
    LAT_OUTPUTS(cc_outputs),
    LAT_SETTINGS(cc_settings),
    .flags = LAT_TYPE_MIDI | LAT_TYPE_ENGINE,
    .cost_ns = 0.1F,
    .state_bytes = cc_bytes,
    .process = cc_process,
};
