// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_cc: a knob of a controller, as a signal.
//
// What a controller's reset leaves alone is by the MMA's recommended practice
// RP-015, "Response to Reset All Controllers"; parameters and parts are those
// of the MIDI 1.0 detailed specification.

#include "midi_parameter.h"
#include "ports.h"
#include "types.h"

static const struct lat_port cc_outputs[] = {
    LAT_PORT_OUT("value", "", 0.0F, 1.0F,
                 "The control's last value; 0 before the first."),
};

enum { SETTING_CHANNEL, SETTING_CONTROL, SETTING_KIND, SETTING_PARAMETER };

static const char *const kinds[] = {"cc", "cc14", "rpn", "nrpn", NULL};

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
    {
        .name = "kind",
        .doc = "cc: a control of 7 bits; cc14: of 14, with the fine part at "
               "32 more (controls 0 to 31); rpn, nrpn: a registered, or not "
               "registered, parameter of 14 bits.",
        .unit = "",
        .kind = LAT_SETTING_WORD,
        .initial_text = "cc",
        .words = kinds,
    },
    {
        .name = "parameter",
        .doc = "Which parameter, of rpn and nrpn: 128 times the coarse part "
               "of its number and the fine part.",
        .unit = "",
        .kind = LAT_SETTING_INTEGER,
        .min = 0,
        .max = 16383,
        .initial = 0,
    },
};

enum kind { KIND_CC, KIND_CC14, KIND_RPN, KIND_NRPN };

struct cc {
    float value;
    uint32_t whole;                       // of 14 bits
    struct lat_midi_parameter chosen[16]; // by channel
};

static size_t
cc_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct cc);
}

static enum kind
kind_of(const struct lat_config *config)
{
    const char *word = config->settings[SETTING_KIND].text;
    return *word == 'r'   ? KIND_RPN
           : *word == 'n' ? KIND_NRPN
           : word[2]      ? KIND_CC14
                          : KIND_CC;
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

static bool
set_whole(struct cc *s, int whole)
{
    s->whole = whole < 0 ? 0U : whole > 16383 ? 16383U : (uint32_t)whole;
    s->value = (float)s->whole / 16383.0F;
    return true;
}

/// By the standard a coarse part puts the fine one to 0.
static bool
set_part(struct cc *s, bool is_fine, uint8_t value)
{
    return set_whole(s, is_fine ? (int)(s->whole & ~0x7fU) + value
                                : 128 * (int)value);
}

static bool
control_event(struct cc *s, enum kind kind, uint32_t control, uint8_t number,
              uint8_t value)
{
    if (number == LAT_CONTROL_RESET && !survives_reset(control)) {
        const bool is_full =
            control % 32 == LAT_CONTROL_EXPRESSION && control < 64;
        s->whole = is_full ? 16383 : 0;
        s->value = is_full ? 1.0F : 0.0F;
        return true;
    }
    if (kind == KIND_CC14 && control < 32 &&
        (number == control || number == control + 32)) {
        return set_part(s, number != control, value);
    }
    if (number == control) {
        s->value = (float)value / 127.0F;
        return true;
    }
    return false;
}

static bool
parameter_event(struct cc *s, enum kind kind, uint32_t parameter,
                struct lat_midi_parameter *chosen, uint8_t number,
                uint8_t value)
{
    if (lat_midi_choose(chosen, number, value) ||
        !lat_midi_is_chosen(
            chosen, kind == KIND_RPN ? LAT_PARAMETER_RPN : LAT_PARAMETER_NRPN,
            parameter)) {
        return false;
    }
    switch (number) {
    case LAT_CONTROL_DATA_COARSE:
    case LAT_CONTROL_DATA_FINE:
        return set_part(s, number == LAT_CONTROL_DATA_FINE, value);
    case LAT_CONTROL_INCREMENT:
        return set_whole(s, (int)s->whole + 1);
    case LAT_CONTROL_DECREMENT:
        return set_whole(s, (int)s->whole - 1);
    default:
        return false;
    }
}

/// @return whether the value may have changed.
static bool
cc_event(struct cc *s, const struct lat_midi_event *event,
         const struct lat_config *config)
{
    const enum kind kind = kind_of(config);
    const uint8_t number = event->data[1];
    const uint8_t value = event->data[2];
    if (lat_midi_is_byte(event, LAT_MIDI_RESET)) {
        *s = (struct cc){0};
        return true;
    }
    if (!lat_midi_is_for(event, config) ||
        (event->data[0] & 0xf0U) != LAT_MIDI_CONTROL) {
        return false;
    }
    return kind == KIND_RPN || kind == KIND_NRPN
               ? parameter_event(
                     s, kind,
                     (uint32_t)config->settings[SETTING_PARAMETER].number,
                     &s->chosen[event->data[0] & 0x0fU], number, value)
               : control_event(
                     s, kind,
                     (uint32_t)config->settings[SETTING_CONTROL].number, number,
                     value);
}

LAT_RT static uint64_t
cc_process(const struct lat_context *context, const struct lat_io *io)
{
    struct cc *s = io->state;
    float *restrict value = io->out[0];
    uint32_t done = 0;
    bool changes = false;
    for (uint32_t i = 0; i < context->n_midi; i++) {
        const struct lat_midi_event *event = &context->midi[i];
        const float before = s->value;
        if (event->frame >= context->n_frames ||
            !cc_event(s, event, io->config)) {
            continue;
        }
        changes = true;
        while (done < event->frame) {
            value[done++] = before;
        }
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
    .doc = "One knob of a MIDI controller, or one parameter that it sends data "
           "for, 0 to 1.",
    LAT_OUTPUTS(cc_outputs),
    LAT_SETTINGS(cc_settings),
    .flags = LAT_TYPE_MIDI | LAT_TYPE_ENGINE | LAT_TYPE_MONO,
    .cost_ns = 0.1F,
    .state_bytes = cc_bytes,
    .process = cc_process,
};
