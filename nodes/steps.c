// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// steps: a row of values, one after the other.
//
// What comes in as a trigger goes out as the gate, at its height, in steps that
// are no rests: with clock/gate a note lasts half a tick.  Where a phase picks
// the step, a note lasts as long as the step.  Then there is no trigger that
// could end with the transport, so the gate closes and nothing moves while that
// is stopped.

#include "base/column.h"
#include "base/text.h"
#include "node/note.h"
#include "node/tuned.h"
#include "ports.h"
#include "types.h"

#include <string.h>

#define MOST_STEPS 1024
#define MOST_WORD  64

enum { IN_TRIGGER, IN_RESET, IN_PHASE };
enum { VALUE, GATE, TRIGGER };

static const struct lat_port inputs[] = {
    LAT_PORT_EVENT("trigger", LAT_PORT_TRIGGER,
                   "Each rise above 0 plays the next step; the gate lasts as "
                   "long as this stays up."),
    LAT_PORT_EVENT("reset", LAT_PORT_TRIGGER,
                   "After a rise above 0 the next trigger plays the first "
                   "step."),
    {
        .name = "phase",
        .doc = "Patched, it picks the step instead: 0 the first, just below 1 "
               "the last; beyond that it wraps.",
        .unit = "",
        .kind = LAT_PORT_SIGNAL,
        .curve = LAT_CURVE_LIN,
        .max = 1.0F,
        .high = 1.0F,
    },
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("value", "", -60.0F, 67.0F,
                 "The step's value; note names are semitones from middle C.  A "
                 "rest holds the one before."),
    LAT_PORT_WHEN("gate",
                  "The trigger input while it is above 0, but 0 in rests.  By "
                  "phase, 1 for the length of a step, low for a frame between "
                  "two, and 0 while the transport is stopped."),
    LAT_PORT_WHEN("trigger",
                  "One frame, as high as the gate, as a step begins that is no "
                  "rest."),
};

// --- Values as text ----------------------------------------------------------

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Copy the next word of @p text, cut to MOST_WORD - 1 bytes.
/// @return the text after it, or NULL where none is left.
static const char *
next_word(const char *text, char word[MOST_WORD])
{
    while (is_blank(*text)) {
        ++text;
    }
    size_t n = 0;
    const char *end = text;
    for (; *end && !is_blank(*end); ++end) {
        if (n < MOST_WORD - 1) {
            word[n++] = *end;
        }
    }
    word[n] = '\0';
    return end > text ? end : NULL;
}

/// Where the word of @p text begins that ends before @p end.
static const char *
start_of_word(const char *text, const char *end)
{
    while (end > text && !is_blank(end[-1])) {
        --end;
    }
    return end;
}

struct step {
    float value;
    bool is_rest;
};

/// @param tuned  what notes are; one that has no pitch is a rest.
static bool
step_from_word(const char *word, const struct lat_tuned *tuned,
               struct step *out)
{
    double value = 0.0;
    bool is_rest = !strcmp(word, "~");
    if (!is_rest && lat_note_from_text(word, &value)) {
        is_rest = !lat_tuned_pitch(tuned, value, &value);
    } else if (!is_rest && !(lat_parse_number(word, &value) &&
                             value >= -(double)LAT_SIGNAL_MAX &&
                             value <= (double)LAT_SIGNAL_MAX)) {
        return false;
    }
    *out = (struct step){(float)value, is_rest};
    return true;
}

static enum lat_status
check_values(const char *text, struct lat_error *error)
{
    char word[MOST_WORD];
    struct step step;
    uint32_t n = 0;
    for (const char *c = text; c && (c = next_word(c, word)); ++n) {
        if (!step_from_word(word, NULL, &step)) {
            return lat_error_set(
                error, LAT_EINVAL,
                "'%s' in values is no step (column %u): write numbers between "
                "-1e6 and 1e6, note names such as c4 or f#3, and ~ for rests, "
                "between blanks",
                word, lat_column_of(text, start_of_word(text, c)));
        }
        if (n == MOST_STEPS) {
            return lat_error_set(
                error, LAT_EINVAL,
                "values has more than %d steps, from '%s' on (column %u)",
                MOST_STEPS, word, lat_column_of(text, start_of_word(text, c)));
        }
    }
    return n ? LAT_OK
             : lat_error_set(error, LAT_EINVAL,
                             "values needs one step at least, such as c4 or ~");
}

static const struct lat_setting settings[] = {
    {
        .name = "values",
        .doc = "The steps, between blanks: numbers, note names (c4 is 0), and "
               "~ for a rest; up to 1024.",
        .unit = "",
        .kind = LAT_SETTING_LIST,
        .initial_text = "0",
        .check = check_values,
    },
};

// --- Playing -----------------------------------------------------------------

struct steps {
    // A reset clears what is before `n`.
    bool has_played; // a step; else the next trigger plays the first
    bool trigger_is_high, reset_is_high;
    bool gate;    // the step that plays sounds
    bool is_open; // by phase: and so did the frame before
    bool has_value, has_located;
    uint32_t at; // the step that plays
    float value;
    uint64_t n_locates;
    uint32_t n;
    float initial; // stands before anything was played
    struct step step[];
};

static size_t
steps_bytes(const struct lat_config *config)
{
    char word[MOST_WORD];
    size_t n = 0;
    for (const char *c = config->settings[0].text;
         c && (c = next_word(c, word));) {
        ++n;
    }
    return sizeof(struct steps) + n * sizeof(struct step);
}

static enum lat_status
steps_init(void *state, const struct lat_config *config)
{
    struct steps *s = state;
    char word[MOST_WORD];
    for (const char *c = config->settings[0].text;
         c && (c = next_word(c, word));) {
        if (!step_from_word(word, config->tuned, &s->step[s->n++])) {
            return LAT_EINVAL;
        }
    }
    for (uint32_t i = s->n; i-- > 0;) {
        s->initial = s->step[i].is_rest ? s->initial : s->step[i].value;
    }
    return s->n ? LAT_OK : LAT_EINVAL;
}

LAT_RT static void
steps_reset(void *state, const struct lat_config *config)
{
    (void)config;
    memset(state, 0, offsetof(struct steps, n));
}

/// Play step @p at.  @return whether it is no rest.
static bool
play_step(struct steps *s, uint32_t at)
{
    s->at = at;
    s->has_played = true;
    if (!s->step[at].is_rest) {
        s->value = s->step[at].value;
        s->has_value = true;
    }
    return !s->step[at].is_rest;
}

static float
value_of(const struct steps *s)
{
    return s->has_value ? s->value : s->initial;
}

static uint64_t
steps_by_trigger(struct steps *s, const struct lat_context *context,
                 const struct lat_io *io)
{
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const float height = lat_io_at(io, IN_TRIGGER, f);
        const bool is_high = height > 0.0F;
        const bool is_reset = lat_io_at(io, IN_RESET, f) > 0.0F;
        bool begins = false;
        if (is_reset && !s->reset_is_high) {
            s->has_played = false;
        }
        if (is_high && !s->trigger_is_high) {
            const bool is_next = s->has_played && s->at + 1 < s->n;
            begins = s->gate = play_step(s, is_next ? s->at + 1 : 0);
        }
        s->gate = s->gate && is_high;
        s->trigger_is_high = is_high;
        s->reset_is_high = is_reset;
        io->out[VALUE][f] = value_of(s);
        io->out[GATE][f] = s->gate ? height : 0.0F;
        io->out[TRIGGER][f] = begins ? height : 0.0F;
    }
    return 0;
}

/// Nothing to do before the span is over, but to say again what is.
static bool
trigger_rests(const struct steps *s, const struct lat_io *io)
{
    return io->step[IN_TRIGGER] == 0 && io->step[IN_RESET] == 0 &&
           (io->in[IN_TRIGGER][0] > 0.0F) == s->trigger_is_high &&
           (io->in[IN_RESET][0] > 0.0F) == s->reset_is_high;
}

/// Step k begins at the float that is nearest to k / n, so that a phase which
/// comes to just that picks it.
static uint32_t
step_at(const struct steps *s, float phase)
{
    double place = (double)phase;
    if (!(place >= 0.0 && place < 1.0)) {
        // Beyond 2^53 nothing is left behind the point.
        if (!(place > -0x1p53 && place < 0x1p53)) {
            return 0;
        }
        place -= (double)(int64_t)place;
        place += place < 0.0 ? 1.0 : 0.0;
    }
    const double n = (double)s->n;
    uint32_t at = (uint32_t)(place * n);
    at += (float)((double)(at + 1) / n) <= (float)place;
    return at < s->n ? at : s->n - 1;
}

static uint64_t
steps_by_phase(struct steps *s, const struct lat_context *context,
               const struct lat_io *io)
{
    if (s->has_located && s->n_locates != context->n_locates) {
        s->has_played = false;
    }
    s->has_located = true;
    s->n_locates = context->n_locates;
    if (!context->is_playing) {
        s->gate = s->is_open = false;
        io->out[VALUE][0] = value_of(s);
        io->out[GATE][0] = io->out[TRIGGER][0] = 0.0F;
        return 7;
    }
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const uint32_t at = step_at(s, lat_io_at(io, IN_PHASE, f));
        const bool is_new = !s->has_played || at != s->at;
        const bool begins = is_new && play_step(s, at);
        s->gate = is_new ? begins : s->gate;
        s->is_open = s->gate && !(begins && s->is_open);
        io->out[VALUE][f] = value_of(s);
        io->out[GATE][f] = s->is_open ? 1.0F : 0.0F;
        io->out[TRIGGER][f] = begins ? 1.0F : 0.0F;
    }
    return 0;
}

LAT_RT static uint64_t
steps_process(const struct lat_context *context, const struct lat_io *io)
{
    struct steps *s = io->state;
    if (io->patched >> IN_PHASE & 1U) {
        return steps_by_phase(s, context, io);
    }
    if (trigger_rests(s, io)) {
        struct lat_context first = *context;
        first.n_frames = 1;
        steps_by_trigger(s, &first, io);
        return 7;
    }
    return steps_by_trigger(s, context, io);
}

const struct lat_node_type lat_type_steps = {
    .name = "steps",
    .doc = "A row of values, played step by step.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    // As a JACK client it would have two ports called trigger.
    .flags = LAT_TYPE_ENGINE | LAT_TYPE_AWAKE,
    .cost_ns = 2.0F,
    .state_bytes = steps_bytes,
    .init = steps_init,
    .reset = steps_reset,
    .process = steps_process,
};
