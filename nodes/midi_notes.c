// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_notes: a keyboard, as signals.
//
// MIDI and commands say what is struck and let go; the dealer says in which
// voice, and what channels say of notes that sound is kept beside it.

#include "midi_keys.h"
#include "node/tuning.h"
#include "ports.h"
#include "types.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BITS 61U // outputs that each say that they are constant

enum { PITCH, GATE, VELOCITY, TRIGGER, PRESSURE, RELEASE, TIMBRE, N_OUTPUTS };

static const struct lat_port notes_outputs[] = {
    LAT_PORT_OUT("pitch", "semitones", -60.0F, 67.0F,
                 "Key and pitch bend, from middle C."),
    LAT_PORT_WHEN("gate", "1 while the key is held, or a pedal holds it."),
    LAT_PORT_OUT("velocity", "", 0.0F, 1.0F,
                 "How hard the sounding key was struck."),
    LAT_PORT_WHEN("trigger", "1 for one frame as a key is struck."),
    LAT_PORT_OUT("pressure", "", 0.0F, 1.0F,
                 "Aftertouch, of the channel or of the sounding key, whichever "
                 "came last."),
    LAT_PORT_OUT("release", "", 0.0F, 1.0F,
                 "How fast the last key was let go."),
    LAT_PORT_OUT("timbre", "", 0.0F, 1.0F,
                 "Controller 74 of the channel: brightness, or where MPE has "
                 "the finger on the key."),
};

#define SETTING_WORDS(name_, words_, initial_, doc_)                           \
 {                                                                             \
  .name = (name_), .doc = (doc_), .unit = "", .kind = LAT_SETTING_WORD,        \
  .initial_text = (initial_), .words = (words_), .keeps_state = true           \
 }

static const char *const answers[] = {"yes", "no", NULL};

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
        .doc = "A scale of the Scala archive (.scl); without it and a keymap "
               "that of the session, and without one the octave has twelve "
               "equal semitones.  Keys that are held keep their pitch when it "
               "changes.",
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
            "What a full pitch bend comes to until a message (RPN 0) says "
            "otherwise; of members of MPE's zones it is 48."),
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
    SETTING_WORDS("legato", answers, "no",
                  "Where one note sounds at a time: no trigger from key to key "
                  "while one of them is held."),
    SETTING("glide", NUMBER, "s", 0, 60, 0,
            "Where one note sounds at a time: how long the pitch takes from "
            "key to key while one of them is held."),
    SETTING("unison", INTEGER, "", 1, LAT_MAX_POLY, 1,
            "Voices that a note has; as many notes sound at a time as the "
            "node's voices allow.  A change lets all keys go."),
    SETTING("detune", NUMBER, "cents", 0, 1200, 10,
            "From the lowest to the highest of a note's voices."),
    SETTING_WORDS("mpe", lat_express_modes, "off",
                  "MPE's zones: lower is channels 1 to 16 with master 1, upper "
                  "the same with master 16, both are 1 to 8 and 9 to 16; a "
                  "configuration message changes them.  Channel should be 0.  "
                  "A change lets all keys of MIDI go."),
};

static size_t
notes_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct lat_midi_keys);
}

static void
fill(float *out, uint32_t from, uint32_t to, float x)
{
    for (uint32_t f = from; f < to; f++) {
        out[f] = x;
    }
}

/// Frames @p from to @p to of one of the node's voices, but for its gate;
/// @p offset is its place among those of its note, in semitones.
static void
write_voice(const struct lat_midi_keys *s, const struct lat_io *io,
            uint32_t dealt, float *const *out, float offset, uint32_t from,
            uint32_t to)
{
    const struct lat_dealer_voice *v = &s->dealer.voices[dealt];
    const float *said = s->express.voices[dealt];
    const bool triggers = s->dealer.triggers >> dealt & 1U;
    const float bend =
        lat_express_bend(&s->express, &s->dealer, dealt,
                         (float)lat_keys_number(io->config, LAT_KEYS_BEND));
    uint32_t f = from;
    for (; f < to && v->glide - v->at > f - from; f++) {
        out[PITCH][f] = lat_dealer_pitch(v, f - from) + bend + offset;
    }
    fill(out[PITCH], f, to, v->pitch + bend + offset);
    fill(out[VELOCITY], from, to, v->velocity);
    fill(out[TRIGGER], from, to, 0.0F);
    out[TRIGGER][from] = triggers ? 1.0F : 0.0F;
    fill(out[PRESSURE], from, to, said[LAT_EXPRESS_PRESSURE]);
    fill(out[RELEASE], from, to, v->release);
    fill(out[TIMBRE], from, to, said[LAT_EXPRESS_TIMBRE]);
}

/// From the middle of a note's voices, in semitones.
static float
detuned(const struct lat_midi_keys *s, const struct lat_config *config,
        uint32_t k)
{
    return s->unison < 2 ? 0.0F
                         : (float)(lat_keys_number(config, LAT_KEYS_DETUNE) /
                                   100.0 * ((double)k / (s->unison - 1) - 0.5));
}

/// Write frames @p from to @p to, and let them pass.
static void
notes_write(struct lat_midi_keys *s, const struct lat_io *io, uint32_t from,
            uint32_t to)
{
    float *const *out = io->out;
    for (uint32_t dealt = 0; dealt < s->dealer.n_voices; dealt++) {
        float *const *first = out;
        for (uint32_t k = 0; k < s->unison; k++, out += N_OUTPUTS) {
            write_voice(s, io, dealt, out, detuned(s, io->config, k), from, to);
        }
        lat_dealer_pass(&s->dealer, dealt, first[GATE] + from, to - from);
        for (first += N_OUTPUTS; first < out; first += N_OUTPUTS) {
            memcpy(first[GATE] + from, first[GATE - N_OUTPUTS] + from,
                   (to - from) * sizeof(float));
        }
    }
    for (; out < io->out + io->n_out; out++) { // a note has no room there
        memset(*out + from, 0, (to - from) * sizeof(**out));
    }
    s->dealer.triggers = 0;
}

/// Write what lies before @p frame.
static void
advance(struct lat_midi_keys *s, const struct lat_io *io, uint32_t *done,
        uint32_t frame)
{
    if (frame > *done) {
        notes_write(s, io, *done, frame);
        *done = frame;
    }
}

// The other side sends something every 300 ms once it has sent the byte that
// says so.
static void
notice_silence(struct lat_midi_keys *s, const struct lat_io *io, uint32_t *done,
               uint32_t until)
{
    static const struct lat_midi_event gone = {.size = 1,
                                               .data = {LAT_MIDI_SOURCE_LOST}};
    if (s->is_sensed && s->patience <= until) {
        advance(s, io, done, s->patience);
        lat_keys_hear(s, io->config, &gone);
        s->is_sensed = false;
    }
}

// What concerns a span's first frame alone.
static void
notes_begin(struct lat_midi_keys *s, const struct lat_context *context,
            const struct lat_config *config)
{
    lat_keys_settle(s, config);
    for (uint32_t i = 0; i < context->n_notes; i++) {
        if (context->notes[i].state == s) {
            lat_keys_play(s, config, &context->notes[i]);
        }
    }
}

LAT_RT static uint64_t
notes_process(const struct lat_context *context, const struct lat_io *io)
{
    struct lat_midi_keys *s = io->state;
    uint32_t done = 0;
    notes_begin(s, context, io->config);
    for (uint32_t i = 0; i < context->n_midi; i++) {
        const struct lat_midi_event *event = &context->midi[i];
        if (event->frame >= context->n_frames) {
            continue;
        }
        notice_silence(s, io, &done, event->frame);
        lat_keys_sense(s, io->config, event);
        if (lat_midi_is_for(event, io->config) ||
            lat_midi_is_byte(event, LAT_MIDI_RESET) ||
            lat_midi_is_byte(event, LAT_MIDI_SOURCE_LOST)) {
            advance(s, io, &done, event->frame);
            lat_keys_hear(s, io->config, event);
        }
    }
    notice_silence(s, io, &done, context->n_frames - 1);
    s->patience -= s->is_sensed ? context->n_frames : 0;
    if (!done && !s->dealer.moves && !s->dealer.triggers) {
        notes_write(s, io, 0, 1);
        return io->n_out > MOST_BITS ? LAT_ALL_CONSTANT
                                     : (UINT64_C(1) << io->n_out) - 1;
    }
    advance(s, io, &done, context->n_frames);
    return 0;
}

// A range without anything in it would be a keyboard that is dead.
static enum lat_status
notes_check(const struct lat_setting_value *settings, struct lat_error *error)
{
    static const int ends[][2] = {
        {LAT_KEYS_KEY_LOW, LAT_KEYS_KEY_HIGH},
        {LAT_KEYS_VELOCITY_LOW, LAT_KEYS_VELOCITY_HIGH},
    };
    for (size_t i = 0; i < LAT_COUNT(ends); i++) {
        const double low = settings[ends[i][0]].number;
        const double high = settings[ends[i][1]].number;
        if (low > high) {
            return lat_error_set(error, LAT_EINVAL,
                                 "no key is heard: %s = %g is above %s = %g",
                                 notes_settings[ends[i][0]].name, low,
                                 notes_settings[ends[i][1]].name, high);
        }
    }
    return LAT_OK;
}

const struct lat_node_type lat_type_midi_notes = {
    .name = "midi_notes",
    .doc = "The keys of a MIDI keyboard. One note sounds at a time, and the "
           "last key wins; with poly, each note has a voice: the one it has "
           "already, else the free one that was let go longest ago, else the "
           "oldest that only a pedal holds, else the oldest. The pedals "
           "sustain and sostenuto hold gates open. When a MIDI source is "
           "disconnected or falls silent after active sensing, the channel "
           "changes, or a mode or all-notes-off message comes, every key of "
           "MIDI is let go; a system reset lets go of all. /note plays it over "
           "OSC.",
    LAT_OUTPUTS(notes_outputs),
    LAT_SETTINGS(notes_settings),
    .check = notes_check,
    .flags = LAT_TYPE_MIDI | LAT_TYPE_NOTES | LAT_TYPE_ENGINE | LAT_TYPE_DEALER,
    .is_bounded = true,
    .cost_ns = 0.1F,
    .state_bytes = notes_bytes,
    .process = notes_process,
};
