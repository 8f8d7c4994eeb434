// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_notes: a keyboard, as signals.
//
// The last key wins: the keys held down are kept in the order in which they
// were struck, and letting one go falls back to the newest that is still held.
// Going from key to key the gate stays open; trigger marks each.  A key that is
// let go while the sustain pedal is down stays in the list as one that sounds
// only where none is held.

#include "midi.h"
#include "node/tuning.h"
#include "ports.h"
#include "types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIDDLE_C  60.0F
#define MAX_HELD  128U
#define MAX_EDGES 64U // of a gate, to come

enum { PITCH, GATE, VELOCITY, TRIGGER, PRESSURE, RELEASE, N_OUTPUTS };

static const struct lat_port notes_outputs[] = {
    LAT_PORT_OUT("pitch", "semitones", -60.0F, 67.0F,
                 "Key and pitch bend, from middle C."),
    LAT_PORT_WHEN("gate", "1 while any key is held."),
    LAT_PORT_OUT("velocity", "", 0.0F, 1.0F,
                 "How hard the sounding key was struck."),
    LAT_PORT_WHEN("trigger", "1 for one frame as a key is struck."),
    LAT_PORT_OUT("pressure", "", 0.0F, 1.0F,
                 "Aftertouch, of the channel or of the sounding key, whichever "
                 "came last."),
    LAT_PORT_OUT("release", "", 0.0F, 1.0F,
                 "How fast the last key was let go."),
};

enum {
    SETTING_CHANNEL,
    SETTING_TUNING,
    SETTING_KEYMAP,
    SETTING_BEND,
    SETTING_TRANSPOSE,
    SETTING_KEY_LOW,
    SETTING_KEY_HIGH,
    SETTING_VELOCITY_LOW,
    SETTING_VELOCITY_HIGH,
    SETTING_VELOCITY_MIDDLE,
};

#define SETTING(name_, kind_, unit_, min_, max_, initial_, doc_)               \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = (unit_),                             \
  .kind = LAT_SETTING_##kind_, .min = (min_), .max = (max_),                   \
  .initial = (initial_), .keeps_state = true                                   \
 }

static const struct lat_setting notes_settings[] = {
    LAT_SETTING_CHANNEL,
    {
        .name = "tuning",
        .doc = "A scale of the Scala archive (.scl); without one the octave "
               "has twelve equal semitones.  Keys that are held keep their "
               "pitch when it changes.",
        .unit = "",
        .kind = LAT_SETTING_FILE,
        .initial_text = "",
        .keeps_state = true,
        .prepare = lat_scale_prepare,
        .forget = free,
    },
    {
        .name = "keymap",
        .doc = "Which key is which degree of the scale, and a key's frequency "
               "(.kbm); without one middle C is degree 0.  Unmapped keys sound "
               "nothing.",
        .unit = "",
        .kind = LAT_SETTING_FILE,
        .initial_text = "",
        .keeps_state = true,
        .prepare = lat_keymap_prepare,
        .forget = free,
    },
    SETTING("bend", NUMBER, "semitones", 0, 96, 2,
            "What a full pitch bend comes to."),
    SETTING("transpose", INTEGER, "", -127, 127, 0,
            "Keys further up that sound instead."),
    SETTING("key_low", INTEGER, "", 0, 127, 0,
            "The lowest key that is heard; 60 is middle C."),
    SETTING("key_high", INTEGER, "", 0, 127, 127,
            "The highest key that is heard."),
    SETTING("velocity_low", INTEGER, "", 1, 127, 1,
            "The softest velocity that is heard, as MIDI has it."),
    SETTING("velocity_high", INTEGER, "", 1, 127, 127,
            "The hardest velocity that is heard."),
    SETTING("velocity_middle", NUMBER, "", 0.01, 0.99, 0.5,
            "What a velocity of one half becomes; the others follow, along a "
            "curve from 0 to 1."),
};

/// Who holds a key: a channel, from 1 on, or a command.
#define HOLDER_NOTES 0U
#define ALL_HOLDERS  UINT32_MAX

struct held {
    float key; // from middle C
    float pitch;
    float velocity;
    uint32_t holder;
    bool is_down; // not just held by the pedal
};

struct notes {
    struct held held[MAX_HELD]; // the newest last
    uint32_t n_held;
    uint32_t n_edges; // of the gate that are yet to come, one a frame
    uint32_t channel; // that the keys are of, and 1; 0: no frame yet
    float pitch;      // from middle C, without bend
    float bend;       // -1 to 1
    float velocity;
    float pressure;
    float release;
    float sounding;  // the key
    bool has_gate;   // as it was last written
    uint32_t pedals; // bit by holder
};

static size_t
notes_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct notes);
}

// Edges of the gate at one frame do not merge: the first is at the frame, each
// further one a frame later.
static void
note_gate(struct notes *s, bool was_open)
{
    if (was_open != (s->n_held > 0)) {
        s->n_edges += s->n_edges < MAX_EDGES ? 1U : (uint32_t)-1;
    }
}

static void
forget_key(struct notes *s, uint32_t i)
{
    s->n_held--;
    memmove(s->held + i, s->held + i + 1, (s->n_held - i) * sizeof(*s->held));
}

/// Sound the newest key that is down; without any the pitch stays.
static void
sound_newest(struct notes *s)
{
    for (uint32_t i = s->n_held; i-- > 0;) {
        if (s->held[i].is_down) {
            s->sounding = s->held[i].key;
            s->pitch = s->held[i].pitch;
            s->velocity = s->held[i].velocity;
            return;
        }
    }
}

static bool
is_of(uint32_t holder, const struct held *held)
{
    return holder == ALL_HOLDERS || holder == held->holder;
}

static uint32_t
pedals_of(uint32_t holder)
{
    return holder == ALL_HOLDERS ? UINT32_MAX : UINT32_C(1) << holder;
}

static void
release_all(struct notes *s, uint32_t holder)
{
    const bool was_open = s->n_held > 0;
    for (uint32_t i = s->n_held; i-- > 0;) {
        if (is_of(holder, &s->held[i])) {
            forget_key(s, i);
        }
    }
    s->pedals &= ~pedals_of(holder);
    sound_newest(s);
    note_gate(s, was_open);
}

static void
key_up(struct notes *s, uint32_t holder, float key)
{
    const bool was_open = s->n_held > 0;
    for (uint32_t i = 0; i < s->n_held; i++) {
        if (s->held[i].key == key && s->held[i].holder == holder &&
            s->held[i].is_down) {
            s->held[i].is_down = false;
            if (!(s->pedals & pedals_of(holder))) {
                forget_key(s, i);
            }
            break;
        }
    }
    sound_newest(s);
    note_gate(s, was_open);
}

static double
number(const struct lat_config *config, int setting)
{
    return config->settings[setting].number;
}

// The ends of the ranges leave it open: /note may play what MIDI has not.
static bool
is_within(double x, double low, double lowest, double high, double highest)
{
    return (low <= lowest || x >= low) && (high >= highest || x <= high);
}

static bool
is_heard(const struct lat_config *config, float key, float velocity)
{
    return is_within((double)(MIDDLE_C + key), number(config, SETTING_KEY_LOW),
                     0.0, number(config, SETTING_KEY_HIGH), 127.0) &&
           is_within(round((double)velocity * 127.0),
                     number(config, SETTING_VELOCITY_LOW), 1.0,
                     number(config, SETTING_VELOCITY_HIGH), 127.0);
}

// Source: Christophe Schlick, "Fast Alternatives to Perlin's Bias and Gain
// Functions", Graphics Gems IV (1994).
static float
curved(float velocity, double middle)
{
    const double v = (double)velocity;
    return (float)(v / ((1.0 / middle - 2.0) * (1.0 - v) + 1.0));
}

/// @return whether the key was struck: one that is not heard, or unmapped, is
///         not.
static bool
key_down(struct notes *s, const struct lat_config *config, uint32_t holder,
         float key, float velocity)
{
    const bool was_open = s->n_held > 0;
    double pitch = 0.0;
    if (!is_heard(config, key, velocity) ||
        !lat_tuning_pitch(
            config->prepared[SETTING_TUNING], config->prepared[SETTING_KEYMAP],
            (double)(MIDDLE_C + key) + number(config, SETTING_TRANSPOSE),
            &pitch)) {
        return false;
    }
    for (uint32_t i = 0; i < s->n_held; i++) {
        if (s->held[i].key == key && s->held[i].holder == holder) {
            forget_key(s, i);
            break;
        }
    }
    if (s->n_held == MAX_HELD) {
        forget_key(s, 0);
    }
    s->held[s->n_held++] =
        (struct held){key, (float)pitch,
                      curved(velocity, number(config, SETTING_VELOCITY_MIDDLE)),
                      holder, true};
    sound_newest(s);
    note_gate(s, was_open);
    return true;
}

static void
pedal(struct notes *s, uint32_t holder, bool is_down)
{
    const bool was_open = s->n_held > 0;
    s->pedals &= ~pedals_of(holder);
    s->pedals |= is_down ? pedals_of(holder) : 0U;
    for (uint32_t i = s->n_held; !is_down && i-- > 0;) {
        if (!s->held[i].is_down && is_of(holder, &s->held[i])) {
            forget_key(s, i);
        }
    }
    note_gate(s, was_open);
}

static void
notes_control(struct notes *s, uint32_t holder, uint8_t control, uint8_t value)
{
    if (control == LAT_CONTROL_SUSTAIN) {
        pedal(s, holder, value >= 64);
    } else if (control == LAT_CONTROL_RESET) {
        s->bend = 0.0F;
        s->pressure = 0.0F;
        pedal(s, holder, false);
    } else if (control == LAT_CONTROL_ALL_SOUND_OFF ||
               (control >= LAT_CONTROL_ALL_NOTES_OFF &&
                control <= LAT_CONTROL_POLY)) {
        release_all(s, holder);
    }
}

/// @return whether a key was struck.
static bool
notes_event(struct notes *s, const struct lat_config *config,
            const struct lat_midi_event *event)
{
    const uint8_t key = event->data[1];
    const uint8_t value = event->data[2];
    const uint32_t holder = (event->data[0] & 0x0fU) + 1;
    switch (event->data[0] & 0xf0U) {
    case LAT_MIDI_NOTE_ON:
        if (value) {
            return key_down(s, config, holder, (float)key - MIDDLE_C,
                            (float)value / 127.0F);
        }
        key_up(s, holder, (float)key - MIDDLE_C);
        return false;
    case LAT_MIDI_NOTE_OFF:
        key_up(s, holder, (float)key - MIDDLE_C);
        s->release = (float)value / 127.0F;
        return false;
    case LAT_MIDI_KEY_PRESSURE:
        if (s->sounding == (float)key - MIDDLE_C) {
            s->pressure = (float)value / 127.0F;
        }
        return false;
    case LAT_MIDI_CONTROL:
        notes_control(s, holder, key, value);
        return false;
    case LAT_MIDI_PRESSURE:
        s->pressure = (float)key / 127.0F;
        return false;
    case LAT_MIDI_BEND:
        s->bend = (float)(key + 128 * value - 8192) / 8192.0F;
        return false;
    default:
        return false;
    }
}

/// Write frames @p from to @p to; the trigger is at @p from if at all.
static void
notes_write(struct notes *s, const struct lat_io *io, uint32_t from,
            uint32_t to, bool triggers)
{
    const float bend = s->bend * (float)number(io->config, SETTING_BEND);
    for (uint32_t f = from; f < to; f++) {
        if (s->n_edges) {
            s->n_edges--;
            s->has_gate = !s->has_gate;
        }
        io->out[PITCH][f] = s->pitch + bend;
        io->out[GATE][f] = s->has_gate ? 1.0F : 0.0F;
        io->out[VELOCITY][f] = s->velocity;
        io->out[TRIGGER][f] = triggers && f == from ? 1.0F : 0.0F;
        io->out[PRESSURE][f] = s->pressure;
        io->out[RELEASE][f] = s->release;
    }
}

// What concerns a span's first frame alone.
static bool
notes_begin(struct notes *s, const struct lat_context *context,
            const struct lat_io *io, bool *triggers)
{
    const uint32_t channel = lat_midi_channel(io->config) + 1;
    bool changes = s->n_edges > 0;
    if (s->channel != channel) {
        release_all(s, ALL_HOLDERS); // who would let them go?
        s->channel = channel;
        changes = true;
    }
    for (uint32_t i = 0; i < context->n_notes; i++) {
        const struct lat_note_event *note = &context->notes[i];
        if (note->state != s) {
            continue;
        }
        changes = true;
        if (note->velocity > 0.0F) {
            *triggers |= key_down(s, io->config, HOLDER_NOTES, note->pitch,
                                  note->velocity);
        } else {
            key_up(s, HOLDER_NOTES, note->pitch);
        }
    }
    return changes;
}

LAT_RT static uint64_t
notes_process(const struct lat_context *context, const struct lat_io *io)
{
    struct notes *s = io->state;
    uint32_t done = 0;
    bool triggers = false;
    bool changes = notes_begin(s, context, io, &triggers);
    for (uint32_t i = 0; i < context->n_midi; i++) {
        const struct lat_midi_event *event = &context->midi[i];
        const bool is_end = lat_midi_is_byte(event, LAT_MIDI_RESET) ||
                            lat_midi_is_byte(event, LAT_MIDI_SOURCE_LOST);
        if ((!is_end && !lat_midi_is_for(event, io->config)) ||
            event->frame >= context->n_frames) {
            continue;
        }
        changes = true;
        if (event->frame > done) {
            notes_write(s, io, done, event->frame, triggers);
            done = event->frame;
            triggers = false;
        }
        if (is_end) {
            release_all(s, ALL_HOLDERS);
            if (lat_midi_is_byte(event, LAT_MIDI_RESET)) {
                s->bend = 0.0F;
                s->pressure = 0.0F;
            }
        } else {
            triggers |= notes_event(s, io->config, event);
        }
    }
    if (!changes) {
        notes_write(s, io, 0, 1, false);
        return (1U << N_OUTPUTS) - 1;
    }
    notes_write(s, io, done, context->n_frames, triggers);
    return 0;
}

const struct lat_node_type lat_type_midi_notes = {
    .name = "midi_notes",
    .doc = "The keys of a MIDI keyboard, one at a time: the last one wins. The "
           "sustain pedal holds the gate open. When a MIDI source is "
           "disconnected, the channel changes, or a reset, mode or "
           "all-notes-off message comes, every key is let go. /note plays it "
           "over OSC.",
    LAT_OUTPUTS(notes_outputs),
    LAT_SETTINGS(notes_settings),
    .flags = LAT_TYPE_MIDI | LAT_TYPE_NOTES | LAT_TYPE_ENGINE,
    .cost_ns = 0.1F,
    .state_bytes = notes_bytes,
    .process = notes_process,
};
