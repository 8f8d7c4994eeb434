// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// steps: a row of values, one after the other.

#include "note.h"
#include "ports.h"
#include "text.h"
#include "types.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_STEPS 4096U
#define MAX_LATER 64U // edges that wait for the one before

enum { IN_TRIGGER, IN_RESET, IN_PHASE };
enum { OUT_VALUE, OUT_GATE, OUT_TRIGGER };

static const struct lat_port inputs[] = {
    LAT_PORT_EVENT("trigger", LAT_PORT_TRIGGER,
                   "Each rise above 0 plays the next step, the first at first; "
                   "the gate stays open as long as it is high."),
    LAT_PORT_EVENT("reset", LAT_PORT_TRIGGER,
                   "Each rise above 0 makes the next step the first."),
    {
        .name = "phase",
        .doc = "From 0 to 1: picks the step instead, and trigger does nothing; "
               "the gate stays open until a rest. Below 0 it picks none.",
        .unit = "",
        .kind = LAT_PORT_SIGNAL,
        .curve = LAT_CURVE_LIN,
        .min = -1.0F,
        .max = 1.0F,
        .high = 1.0F,
        .initial = -1.0F,
    },
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("value", "", -60.0F, 60.0F,
                 "The step's; a rest keeps the one before."),
    LAT_PORT_OUT("gate", "", 0.0F, 1.0F, "1 while a step sounds."),
    LAT_PORT_OUT("trigger", "", 0.0F, 1.0F,
                 "1 for one frame as a step begins, but for a rest."),
};

// The next word, or NULL at the end.
static const char *
next_word(const char **text, size_t *length)
{
    const char *p = *text + strspn(*text, " \t");
    *length = strcspn(p, " \t");
    *text = p + *length;
    return *length ? p : NULL;
}

/// NAN is a rest.
static bool
read_step(const char *word, size_t length, float *value)
{
    char text[32];
    double x = NAN;
    if (length >= sizeof(text)) {
        return false;
    }
    memcpy(text, word, length);
    text[length] = '\0';
    if (strcmp(text, "~") != 0 && !lat_note_from_text(text, &x) &&
        !lat_parse_number(text, &x)) {
        return false;
    }
    *value = (float)x;
    return isnan(x) || fabs(x) <= (double)LAT_SIGNAL_MAX;
}

static bool
check_values(const char *text, char *why, size_t size)
{
    uint32_t n = 0;
    size_t length = 0;
    float value;
    for (const char *word = next_word(&text, &length); word;
         word = next_word(&text, &length)) {
        if (!read_step(word, length, &value)) {
            snprintf(why, size,
                     "'%.*s' is neither a number, a note such as eb3, nor ~ "
                     "for a rest",
                     (int)(length < 40 ? length : 40), word);
            return false;
        }
        ++n;
    }
    if (!n || n > MAX_STEPS) {
        snprintf(why, size,
                 "there must be 1 to %u steps, between blanks; ~ is "
                 "a rest",
                 MAX_STEPS);
    }
    return n && n <= MAX_STEPS;
}

static const struct lat_setting settings[] = {{
    .name = "values",
    .doc = "The steps, between blanks: numbers, names of notes (a4, eb3, f#2; "
           "c4 is 0, in semitones), ~ for a rest.",
    .unit = "",
    .kind = LAT_SETTING_LIST,
    .initial_text = "0",
    .check = check_values,
}};

struct steps {
    uint32_t n;
    uint32_t next;   // the step that a trigger plays
    uint32_t picked; // by the phase, and 1; 0: none
    uint32_t edges;  // of the gate, to come, one a frame
    float value;
    bool was_high, was_reset; // inputs at the frame before
    bool is_open;             // what the gate is to be
    bool has_gate;            // as last written
    float values[];           // NAN: rest
};

static size_t
steps_bytes(const struct lat_config *config)
{
    const char *text = config->settings[0].text;
    size_t length = 0;
    size_t n = 0;
    while (next_word(&text, &length)) {
        ++n;
    }
    return sizeof(struct steps) + n * sizeof(float);
}

static enum lat_status
steps_init(void *state, const struct lat_config *config)
{
    struct steps *s = state;
    const char *text = config->settings[0].text;
    size_t length = 0;
    for (const char *word = next_word(&text, &length); word;
         word = next_word(&text, &length)) {
        if (!read_step(word, length, &s->values[s->n++])) {
            return LAT_EINVAL;
        }
    }
    return s->n ? LAT_OK : LAT_EINVAL;
}

static void
steps_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct steps *s = state;
    const uint32_t n = s->n;
    memset(s, 0, offsetof(struct steps, values));
    s->n = n;
}

// Edges at one frame do not merge: each further one comes a frame later.
static void
set_gate(struct steps *s, bool is_open)
{
    if (is_open != s->is_open) {
        s->is_open = is_open;
        s->edges += s->edges < MAX_LATER ? 1U : (uint32_t)-1;
    }
}

/// @return whether it is no rest.
static bool
play(struct steps *s, uint32_t step)
{
    const float value = s->values[step];
    set_gate(s, false);
    if (isnan(value)) {
        return false;
    }
    s->value = value;
    set_gate(s, true);
    return true;
}

// @return whether a step begins at this frame.
static bool
step_by_phase(struct steps *s, float phase)
{
    const uint32_t at =
        (uint32_t)((double)(phase < 1.0F ? phase : 0.0F) * s->n);
    const uint32_t step = at < s->n ? at : s->n - 1;
    if (s->picked == step + 1) {
        return false;
    }
    s->picked = step + 1;
    s->next = step + 1 < s->n ? step + 1 : 0;
    return play(s, step);
}

static bool
step_by_trigger(struct steps *s, bool is_high)
{
    s->picked = 0;
    if (is_high && !s->was_high) {
        const uint32_t step = s->next;
        s->next = step + 1 < s->n ? step + 1 : 0;
        return play(s, step);
    }
    if (!is_high) {
        set_gate(s, false);
    }
    return false;
}

static uint64_t
steps_process(const struct lat_context *context, const struct lat_io *io)
{
    struct steps *s = io->state;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const bool is_high = lat_io_at(io, IN_TRIGGER, f) > 0.0F;
        const bool is_reset = lat_io_at(io, IN_RESET, f) > 0.0F;
        const float phase = lat_io_at(io, IN_PHASE, f);
        if (is_reset && !s->was_reset) {
            s->next = 0;
        }
        const bool begins = phase >= 0.0F ? step_by_phase(s, phase)
                                          : step_by_trigger(s, is_high);
        s->was_high = is_high;
        s->was_reset = is_reset;
        s->has_gate ^= s->edges > 0;
        s->edges -= s->edges > 0;
        io->out[OUT_VALUE][f] = s->value;
        io->out[OUT_GATE][f] = s->has_gate ? 1.0F : 0.0F;
        io->out[OUT_TRIGGER][f] = begins ? 1.0F : 0.0F;
    }
    return 0;
}

const struct lat_node_type lat_type_steps = {
    .name = "steps",
    .doc = "A row of values, one after the other: a sequencer. Patch a clock's "
           "gate to trigger, and value to a pitch.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .cost_ns = 1.5F,
    .state_bytes = steps_bytes,
    .init = steps_init,
    .reset = steps_reset,
    .process = steps_process,
};
