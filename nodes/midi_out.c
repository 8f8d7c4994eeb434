// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// midi_out: gates and pitches as MIDI notes, for other instruments.
//
// What finds no room in the outbox is tried again a frame later: what was sent
// is written down only once it is sent.  The engine keeps which keys are down,
// too, and lets them go where the node cannot (run/midi_out.h).

#include "midi.h"
#include "midi_out_clock.h"
#include "ports.h"
#include "types.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIDDLE_C      60.0F
#define MOST_KEY      127.0F
#define MOST_CONTROLS 16
#define MOST_CONTROL  119 // what comes behind are mode messages
#define CENTRE        8192
/// Bends and controls of one kind are this far apart at least: a cable of MIDI
/// carries about a thousand messages a second.
#define GAP_SECONDS 0.001

enum { GATE, PITCH, VELOCITY, CONTROLS };

static const struct lat_port inputs[] = {
    LAT_PORT_EVENT("gate", LAT_PORT_GATE,
                   "A note is struck where it rises above 0, and let go where "
                   "it falls."),
    {
        .name = "pitch",
        .doc = "Which key, from middle C, rounded. Where it comes to another "
               "key while the gate is high that one is struck, and the first "
               "let go behind it. Beyond keys 0 to 127 nothing is struck.",
        .unit = "semitones",
        .kind = LAT_PORT_SIGNAL,
        .curve = LAT_CURVE_LIN,
        .min = -120.0F,
        .max = 120.0F,
        .low = -60.0F,
        .high = 67.0F,
    },
    {
        .name = "velocity",
        .doc = "How hard the note is struck.",
        .unit = "",
        .kind = LAT_PORT_SIGNAL,
        .curve = LAT_CURVE_LIN,
        .min = 0.0F,
        .max = 1.0F,
        .low = 0.0F,
        .high = 1.0F,
        .initial = 0.8F,
    },
    {
        .name = "cc",
        .doc = "The value of a controller, sent where it changes, from 0.",
        .unit = "",
        .kind = LAT_PORT_SIGNAL,
        .curve = LAT_CURVE_LIN,
        .min = 0.0F,
        .max = 1.0F,
        .low = 0.0F,
        .high = 1.0F,
        .repeat = "controls",
    },
};

static enum lat_status
check_numbers(const char *text, struct lat_error *error)
{
    uint32_t n = 0;
    for (const char *at = text; *at;) {
        char *end = NULL;
        const long number = strtol(at, &end, 10);
        if (end == at || (*end && *end != ' ') || number < 0 ||
            number > MOST_CONTROL) {
            return lat_error_set(error, LAT_EINVAL,
                                 "control_numbers are numbers from 0 to %d "
                                 "between blanks, such as 1 74, not '%.60s'",
                                 MOST_CONTROL, at);
        }
        at = end + strspn(end, " ");
        if (++n > MOST_CONTROLS) {
            return lat_error_set(error, LAT_EINVAL,
                                 "control_numbers are %d at most, one for each "
                                 "cc input",
                                 MOST_CONTROLS);
        }
    }
    return LAT_OK;
}

enum {
    SETTING_CHANNEL,
    SETTING_BEND,
    SETTING_CONTROLS,
    SETTING_NUMBERS,
    SETTING_CLOCK,
};

static const char *const no_yes[] = {"no", "yes", NULL};

static const struct lat_setting settings[] = {
    [SETTING_CHANNEL] =
        {
            .name = "channel",
            .doc = "MIDI channel to send on. When it changes, every note is "
                   "let go.",
            .unit = "",
            .kind = LAT_SETTING_INTEGER,
            .min = 1,
            .max = 16,
            .initial = 1,
            .keeps_state = true,
        },
    [SETTING_BEND] =
        {
            .name = "bend",
            .doc = "What the receiver takes a full pitch bend for: the pitch "
                   "between keys, and where it moves to from its key, is sent "
                   "as pitch bend. 0: none is sent.",
            .unit = "semitones",
            .kind = LAT_SETTING_NUMBER,
            .min = 0,
            .max = 96,
            .keeps_state = true,
        },
    [SETTING_CONTROLS] =
        {
            .name = "controls",
            .doc = "How many cc inputs there are.",
            .unit = "",
            .kind = LAT_SETTING_INTEGER,
            .min = 1,
            .max = MOST_CONTROLS,
            .initial = 1,
        },
    [SETTING_NUMBERS] =
        {
            .name = "control_numbers",
            .doc = "The controllers of cc_1, cc_2 and so on; of those that are "
                   "not listed it is the input's own number.",
            .unit = "",
            .kind = LAT_SETTING_LIST,
            .initial_text = "",
            .check = check_numbers,
        },
    [SETTING_CLOCK] =
        {
            .name = "clock",
            .doc = "yes: 24 clocks a beat while the transport plays, with "
                   "start, continue, stop and song position.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "no",
            .words = no_yes,
            .keeps_state = true,
        },
};

struct voice {
    uint8_t note;    // that is down, and 1; 0: none
    uint8_t leaving; // the same of one that another took the place of
    uint8_t channel; // of both
    bool gate;       // as it was when last looked at
};

struct control {
    uint8_t number;
    uint8_t sent;
    uint64_t free_at; // frame of the next, at the earliest
};

struct midi_out {
    struct lat_midi_out_clock clock;
    struct control controls[MOST_CONTROLS];
    uint32_t newest; // voice
    int32_t bend;    // as sent, from the centre
    uint64_t bend_free_at;
    bool owes; // something found no room, or waits for its turn
    struct voice voices[];
};

static size_t
midi_out_bytes(const struct lat_config *config)
{
    return sizeof(struct midi_out) + config->n_voices * sizeof(struct voice);
}

static enum lat_status
midi_out_init(void *state, const struct lat_config *config)
{
    struct midi_out *s = state;
    const char *at = config->settings[SETTING_NUMBERS].text;
    for (uint32_t i = 0; i < MOST_CONTROLS; ++i) {
        s->controls[i].number = (uint8_t)(i + 1);
        if (at && *at) {
            char *end = NULL;
            s->controls[i].number = (uint8_t)strtol(at, &end, 10);
            at = end + strspn(end, " ");
        }
    }
    return LAT_OK;
}

/// The clock is the transport's, and goes on; what was sent was sent.
LAT_RT static void
midi_out_reset(void *state, const struct lat_config *config)
{
    struct midi_out *s = state;
    s->newest = 0;
    s->owes = false;
    memset(s->voices, 0, config->n_voices * sizeof(struct voice));
}

/// What a span asks for again and again.
struct now {
    const struct lat_io *io;
    uint32_t f;       // in the span
    uint64_t frame;   // absolute
    uint64_t gap;     // frames
    uint32_t n_ports; // of a voice
    uint8_t channel;  // from 0
    double bend;      // semitones; 0: none
};

static float
at_port(const struct now *now, uint32_t voice, uint32_t port)
{
    return lat_io_at(now->io, voice * now->n_ports + port, now->f);
}

/// @return false, and the node owes it, where there is no room.
static bool
send(struct midi_out *s, const struct now *now, uint8_t status, uint8_t a,
     uint8_t b)
{
    const struct lat_midi_event event = {now->f, 3, {status, a, b}};
    const bool is_sent = lat_io_send_midi(now->io, &event);
    s->owes = s->owes || !is_sent;
    return is_sent;
}

/// The key of a voice's pitch, and 1; 0 where there is none.
static uint8_t
note_at(const struct now *now, uint32_t voice)
{
    const float key = roundf(at_port(now, voice, PITCH) + MIDDLE_C);
    return key >= 0.0F && key <= MOST_KEY ? (uint8_t)(key + 1.0F) : 0;
}

/// Is a note down on a channel, by any voice?
static bool
is_down(const struct midi_out *s, const struct now *now, uint8_t note,
        uint8_t channel)
{
    for (uint32_t k = 0; k < now->io->config->n_voices; ++k) {
        if (s->voices[k].note == note && s->voices[k].channel == channel) {
            return true;
        }
    }
    return false;
}

/// Let the key of @p v go that is not wanted any more, unless another voice
/// has it down.
static bool
let_go(struct midi_out *s, const struct now *now, struct voice *v)
{
    if (v->leaving && !is_down(s, now, v->leaving, v->channel) &&
        !send(s, now, (uint8_t)(LAT_MIDI_NOTE_OFF | v->channel),
              (uint8_t)(v->leaving - 1), 64)) {
        return false;
    }
    v->leaving = 0;
    return true;
}

/// What the newest voice's pitch is from its key, from the centre of the wheel.
static int32_t
bend_at(const struct now *now, uint32_t voice, uint8_t note)
{
    const double off =
        (double)(at_port(now, voice, PITCH) + MIDDLE_C) - (double)(note - 1);
    double wheel = now->bend > 0.0 ? off / now->bend * CENTRE : 0.0;
    wheel = wheel > CENTRE - 1 ? CENTRE - 1 : wheel;
    return (int32_t)lrint(wheel < -CENTRE ? -CENTRE : wheel);
}

static bool
bend_to(struct midi_out *s, const struct now *now, int32_t bend)
{
    const uint32_t wheel = (uint32_t)(bend + CENTRE);
    if (bend == s->bend) {
        return true;
    }
    if (!send(s, now, (uint8_t)(LAT_MIDI_BEND | now->channel), wheel & 0x7fU,
              (uint8_t)(wheel >> 7U))) {
        return false;
    }
    s->bend = bend;
    s->bend_free_at = now->frame + now->gap;
    return true;
}

/// @return false where there is no room.
static bool
strike(struct midi_out *s, const struct now *now, uint32_t voice, uint8_t note)
{
    struct voice *v = &s->voices[voice];
    const float level = at_port(now, voice, VELOCITY);
    const float clamped = level > 1.0F ? 1.0F : level > 0.0F ? level : 0.0F;
    const uint8_t velocity = (uint8_t)(127.0F * clamped + 0.5F);
    if (!bend_to(s, now, bend_at(now, voice, note)) ||
        !send(s, now, (uint8_t)(LAT_MIDI_NOTE_ON | now->channel),
              (uint8_t)(note - 1), velocity ? velocity : 1)) {
        return false;
    }
    v->note = note;
    v->channel = now->channel;
    s->newest = voice;
    return true;
}

/// Has the pitch left the key that is down, further than a bend goes?
static bool
has_left(const struct now *now, uint32_t voice, uint8_t note)
{
    const double off =
        (double)(at_port(now, voice, PITCH) + MIDDLE_C) - (double)(note - 1);
    return now->bend > 0.0 ? fabs(off) > now->bend
                           : note_at(now, voice) != note;
}

/// Voices end before any begins: a key may go from one to another.
static void
end_voice(struct midi_out *s, const struct now *now, uint32_t voice)
{
    struct voice *v = &s->voices[voice];
    const bool gate = at_port(now, voice, GATE) > 0.0F;
    v->gate = v->gate && gate;
    if (!v->leaving && v->note && (!v->gate || v->channel != now->channel)) {
        v->leaving = v->note;
        v->note = 0;
    }
    let_go(s, now, v);
}

static void
begin_voice(struct midi_out *s, const struct now *now, uint32_t voice)
{
    struct voice *v = &s->voices[voice];
    const bool gate = at_port(now, voice, GATE) > 0.0F;
    if (v->leaving) {
        return; // that comes first
    }
    const uint8_t note = note_at(now, voice);
    if (gate && !v->gate) {
        v->gate = !note || strike(s, now, voice, note);
    } else if (gate && v->note && note && has_left(now, voice, v->note)) {
        const uint8_t old = v->note;
        if (strike(s, now, voice, note)) {
            v->leaving = old;
            let_go(s, now, v);
        }
    }
}

static void
step_bend(struct midi_out *s, const struct now *now)
{
    const struct voice *v = &s->voices[s->newest];
    const int32_t bend = v->note         ? bend_at(now, s->newest, v->note)
                         : now->bend > 0 ? s->bend
                                         : 0;
    if (bend != s->bend && now->frame < s->bend_free_at) {
        s->owes = true;
    } else {
        bend_to(s, now, bend);
    }
}

static void
step_control(struct midi_out *s, const struct now *now, uint32_t i)
{
    struct control *c = &s->controls[i];
    const float x = at_port(now, s->newest, CONTROLS + i);
    const float clamped = x > 1.0F ? 1.0F : x > 0.0F ? x : 0.0F;
    const uint8_t value = (uint8_t)(127.0F * clamped + 0.5F);
    if (c->sent == value) {
        return;
    }
    if (now->frame < c->free_at) {
        s->owes = true;
    } else if (send(s, now, (uint8_t)(LAT_MIDI_CONTROL | now->channel),
                    c->number, value)) {
        c->sent = value;
        c->free_at = now->frame + now->gap;
    }
}

static bool
stands_still(const struct lat_io *io)
{
    uint32_t i = 0;
    while (i < io->n_in && !io->step[i]) {
        ++i;
    }
    return i == io->n_in;
}

LAT_RT static uint64_t
midi_out_process(const struct lat_context *context, const struct lat_io *io)
{
    struct midi_out *s = io->state;
    const struct lat_config *config = io->config;
    const struct lat_setting_value *set = config->settings;
    struct now now = {
        .io = io,
        .gap = (uint64_t)(GAP_SECONDS * context->rate),
        .n_ports = io->n_in / config->n_voices,
        .channel = (uint8_t)(set[SETTING_CHANNEL].number - 1.0),
        .bend = set[SETTING_BEND].number,
    };
    const bool is_still = stands_still(io);
    const bool has_clock = set[SETTING_CLOCK].text[0] == 'y';
    const bool ticks =
        lat_midi_out_clock_begin(&s->clock, has_clock, context, io);
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        now.f = f;
        now.frame = context->frame + f;
        if (ticks) {
            lat_midi_out_clock_step(&s->clock, f, context, io);
        }
        if (f && is_still && !s->owes) {
            if (!ticks) {
                break;
            }
            continue;
        }
        s->owes = false;
        for (uint32_t v = 0; v < config->n_voices; ++v) {
            end_voice(s, &now, v);
        }
        for (uint32_t v = 0; v < config->n_voices; ++v) {
            begin_voice(s, &now, v);
        }
        step_bend(s, &now);
        for (uint32_t i = 0; i + CONTROLS < now.n_ports; ++i) {
            step_control(s, &now, i);
        }
    }
    return 0;
}

const struct lat_node_type lat_type_midi_out = {
    .name = "midi_out",
    .doc = "Plays other instruments: notes, controllers and clock, at their "
           "frame, at a MIDI port of the node's name. No note stays down when "
           "the node, its cables or lattice go, on a panic, or while it is "
           "bypassed.",
    LAT_INPUTS(inputs),
    LAT_SETTINGS(settings),
    .flags = LAT_TYPE_MIDI_OUT | LAT_TYPE_ENGINE | LAT_TYPE_DEALER,
    .cost_ns = 1.0F,
    .state_bytes = midi_out_bytes,
    .init = midi_out_init,
    .reset = midi_out_reset,
    .process = midi_out_process,
};
