// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_notes and midi_cc: a keyboard and its knobs, as signals.
//
// The last key wins: the keys held down are kept in the order in which they
// were struck, and letting one go falls back to the newest that is still held.
// Going from key to key the gate stays open; trigger marks each.

#include "ports.h"
#include "types.h"

#include <string.h>

#define BEND_SEMITONES 2.0F
#define MIDDLE_C       60.0F

enum {
    STATUS_NOTE_OFF = 0x80,
    STATUS_NOTE_ON = 0x90,
    STATUS_CONTROL = 0xb0,
    STATUS_BEND = 0xe0,
    CONTROL_ALL_SOUND_OFF = 120,
    CONTROL_ALL_NOTES_OFF = 123,
};

enum { SETTING_CHANNEL, SETTING_CONTROL };

#define SETTING_CHANNEL_                                                       \
 {                                                                             \
  .name = "channel", .doc = "MIDI channel to listen to; 0: all.", .unit = "",  \
  .kind = LAT_SETTING_INTEGER, .min = 0, .max = 16, .keeps_state = true        \
 }

/// A three-byte message on the node's channel.
static bool
is_for(const struct lat_midi_event *event, const struct lat_config *config)
{
    const uint32_t channel = (uint32_t)config->settings[SETTING_CHANNEL].number;
    return event->size == 3 && (event->data[0] & 0x80U) &&
           (!channel || (event->data[0] & 0x0fU) + 1 == channel);
}

// --- midi_notes --------------------------------------------------------------

enum { PITCH, GATE, VELOCITY, TRIGGER };

static const struct lat_port notes_outputs[] = {
    LAT_PORT_OUT("pitch", "semitones", -60.0F, 67.0F,
                 "Key and pitch bend (2 semitones), from middle C."),
    LAT_PORT_OUT("gate", "", 0.0F, 1.0F, "1 while any key is held."),
    LAT_PORT_OUT("velocity", "", 0.0F, 1.0F,
                 "How hard the sounding key was struck."),
    LAT_PORT_OUT("trigger", "", 0.0F, 1.0F,
                 "1 for one frame as a key is struck."),
};

static const struct lat_setting notes_settings[] = {SETTING_CHANNEL_};

struct notes {
    uint8_t n_held;
    uint8_t held[128]; // keys, the newest last
    uint8_t velocity_of[128];
    float key; // from middle C, without bend
    float bend;
    float velocity;
};

static size_t
notes_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct notes);
}

static void
key_up(struct notes *s, uint8_t key)
{
    const uint8_t *at = memchr(s->held, key, s->n_held);
    if (at) {
        const size_t i = (size_t)(at - s->held);
        s->n_held--;
        memmove(s->held + i, s->held + i + 1, s->n_held - i);
    }
}

/// Sound the newest key that is held; without any the pitch stays.
static void
sound_newest(struct notes *s)
{
    if (s->n_held) {
        const uint8_t key = s->held[s->n_held - 1];
        s->key = (float)key - MIDDLE_C;
        s->velocity = (float)s->velocity_of[key] / 127.0F;
    }
}

/// @return whether a key was struck.
static bool
notes_event(struct notes *s, const struct lat_midi_event *event)
{
    const uint8_t key = event->data[1] & 0x7fU;
    const uint8_t value = event->data[2] & 0x7fU;
    switch (event->data[0] & 0xf0U) {
    case STATUS_NOTE_ON:
        key_up(s, key);
        if (value) {
            s->held[s->n_held++] = key;
            s->velocity_of[key] = value;
        }
        sound_newest(s);
        return value > 0;
    case STATUS_NOTE_OFF:
        key_up(s, key);
        sound_newest(s);
        return false;
    case STATUS_CONTROL:
        if (key == CONTROL_ALL_NOTES_OFF || key == CONTROL_ALL_SOUND_OFF) {
            s->n_held = 0;
        }
        return false;
    case STATUS_BEND:
        s->bend = (float)(key + 128 * value - 8192) * (BEND_SEMITONES / 8192);
        return false;
    default:
        return false;
    }
}

/// Write frames @p from to @p to; the trigger is at @p from if at all.
static void
notes_write(const struct notes *s, const struct lat_io *io, uint32_t from,
            uint32_t to, bool triggers)
{
    for (uint32_t f = from; f < to; f++) {
        io->out[PITCH][f] = s->key + s->bend;
        io->out[GATE][f] = s->n_held ? 1.0F : 0.0F;
        io->out[VELOCITY][f] = s->velocity;
        io->out[TRIGGER][f] = triggers && f == from ? 1.0F : 0.0F;
    }
}

static uint64_t
notes_process(const struct lat_context *context, const struct lat_io *io)
{
    struct notes *s = io->state;
    uint32_t done = 0;
    bool triggers = false;
    bool changes = false;
    for (uint32_t i = 0; i < context->n_midi; i++) {
        const struct lat_midi_event *event = &context->midi[i];
        if (!is_for(event, io->config) || event->frame >= context->n_frames) {
            continue;
        }
        changes = true;
        if (event->frame > done) {
            notes_write(s, io, done, event->frame, triggers);
            done = event->frame;
            triggers = false;
        }
        triggers |= notes_event(s, event);
    }
    if (!changes) {
        notes_write(s, io, 0, 1, false);
        return 15;
    }
    notes_write(s, io, done, context->n_frames, triggers);
    return 0;
}

const struct lat_node_type lat_type_midi_notes = {
    .name = "midi_notes",
    .doc = "The keys of a MIDI keyboard, one at a time: the last one wins.",
    LAT_OUTPUTS(notes_outputs),
    LAT_SETTINGS(notes_settings),
    .flags = LAT_TYPE_MIDI | LAT_TYPE_ENGINE,
    .cost_ns = 0.1F,
    .state_bytes = notes_bytes,
    .process = notes_process,
};

// --- midi_cc -----------------------------------------------------------------

static const struct lat_port cc_outputs[] = {
    LAT_PORT_OUT("value", "", 0.0F, 1.0F,
                 "The control's last value; 0 before the first."),
};

static const struct lat_setting cc_settings[] = {
    SETTING_CHANNEL_,
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

static uint64_t
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
        if (!is_for(event, io->config) || event->frame >= context->n_frames ||
            (event->data[0] & 0xf0U) != STATUS_CONTROL ||
            event->data[1] != control) {
            continue;
        }
        changes = true;
        while (done < event->frame) {
            value[done++] = s->value;
        }
        s->value = (float)(event->data[2] & 0x7fU) / 127.0F;
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
