// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ar, line, envelope: levels that go from here to there in a time.
//
// A stage of n frames that begins at frame f at the level a has b at f + n, and
// in between a + (b - a) g(i / n) after i frames, where g(p) = p, or, with a
// curve c, (1 - e^(c p)) / (1 - e^c): the curves of SuperCollider's Env.  Each
// frame is computed from i, so that nothing adds up.  The time is read at the
// stage's first frame, and is a frame at least.  A gate that opens at frame f
// finds the old level there.

#include "base/column.h"
#include "base/text.h"
#include "dsp/plain.h"
#include "ports.h"
#include "types.h"

#include <string.h>

#define LOG2_E 1.44269504F

/// Below that size a curve is a straight line.
#define STRAIGHT 0.01F

/// A level on its way.  Zero at first: it rests at 0.
struct way {
    float level;
    float from, to, curve;
    uint32_t i, n; ///< frames done, and in all; i < n while it moves
};

static void
way_begin(struct way *w, float to, float seconds, float curve, double rate)
{
    const double frames = (double)plain_clamp(seconds, 0.0F, 1e4F) * rate + 0.5;
    w->from = w->level;
    w->to = to;
    w->curve = plain_clamp(curve, -40.0F, 40.0F);
    w->i = 0;
    w->n = frames < 1.0 ? 1U : frames < 4e9 ? (uint32_t)frames : 4000000000U;
}

/// @return whether it has come to its end with this frame.
static inline bool
way_next(struct way *w)
{
    w->i++;
    if (w->i >= w->n) {
        w->level = w->to;
        return true;
    }
    float p = (float)((double)w->i / (double)w->n);
    if (w->curve > STRAIGHT || w->curve < -STRAIGHT) {
        const float c = w->curve * LOG2_E;
        p = (1.0F - plain_exp2(c * p)) / (1.0F - plain_exp2(c));
    }
    w->level = w->from + (w->to - w->from) * p;
    return false;
}

static inline bool
way_moves(const struct way *w)
{
    return w->i < w->n;
}

#define SETTING_CURVE_(initial_, doc_)                                         \
 {                                                                             \
  .name = "curve", .doc = (doc_), .unit = "", .kind = LAT_SETTING_NUMBER,      \
  .min = -10, .max = 10, .initial = (initial_), .keeps_state = true            \
 }

static const char end_doc[] = "One frame of 1 as it comes to its end.";

// --- ar ----------------------------------------------------------------------

enum { AR_GATE, AR_ATTACK, AR_RELEASE };

static const struct lat_port ar_inputs[] = {
    LAT_PORT_EVENT("gate", LAT_PORT_GATE,
                   "Goes to 1 as it rises above 0, and to 0 as it falls."),
    LAT_PORT_TIME("attack", 100.0F, 0.001F, 10.0F, 0.01F, false,
                  "Time to 1, on a straight line, from wherever it is."),
    LAT_PORT_TIME("release", 100.0F, 0.001F, 10.0F, 0.3F, false,
                  "Time to 0 after the gate has closed."),
};

static const struct lat_port ar_outputs[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F, "The level; exactly 0 when idle."),
};

static const struct lat_setting ar_settings[] = {
    SETTING_CURVE_(-4, "Of the release: 0 is straight, less falls sooner, more "
                       "later."),
};

struct ar {
    struct way way;
    bool was_open;
};

static size_t
ar_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct ar);
}

LAT_RT static uint64_t
ar_process(const struct lat_context *context, const struct lat_io *io)
{
    struct ar *s = io->state;
    struct way *w = &s->way;
    const float curve = (float)io->config->settings[0].number;
    const bool is_open = lat_io_at(io, AR_GATE, 0) > 0.0F;
    if (!io->step[AR_GATE] && is_open == s->was_open && !way_moves(w)) {
        io->out[0][0] = w->level;
        return lat_output_bit(0);
    }
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const bool opens = lat_io_at(io, AR_GATE, f) > 0.0F;
        io->out[0][f] = w->level;
        if (opens && !s->was_open) {
            way_begin(w, 1.0F, lat_io_at(io, AR_ATTACK, f), 0.0F,
                      context->rate);
        } else if (!opens && s->was_open) {
            way_begin(w, 0.0F, lat_io_at(io, AR_RELEASE, f), curve,
                      context->rate);
        }
        s->was_open = opens;
        if (way_moves(w)) {
            way_next(w);
        }
    }
    return 0;
}

const struct lat_node_type lat_type_ar = {
    .name = "ar",
    .doc = "An envelope: attack while the gate is open, then release.",
    LAT_INPUTS(ar_inputs),
    LAT_OUTPUTS(ar_outputs),
    LAT_SETTINGS(ar_settings),
    .amplitude = LAT_AMPLITUDE_ENVELOPE,
    .cost_ns = 3.0F,
    .state_bytes = ar_bytes,
    .process = ar_process,
};

// --- line --------------------------------------------------------------------

enum { LINE_TRIGGER, LINE_FROM, LINE_TO, LINE_TIME };

static const struct lat_port line_inputs[] = {
    LAT_PORT_EVENT("trigger", LAT_PORT_TRIGGER,
                   "Each rise above 0 sets out from `from`."),
    LAT_PORT_ANY("from", 0.0F, "Where it sets out; it is there at first."),
    LAT_PORT_ANY("to", 1.0F, "Where it goes, as at the trigger."),
    LAT_PORT_TIME("time", 1000.0F, 0.01F, 60.0F, 1.0F, false,
                  "How long it takes, as at the trigger."),
};

static const struct lat_port line_outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "Where it is."),
    LAT_PORT_WHEN("end", end_doc),
};

static const struct lat_setting line_settings[] = {
    SETTING_CURVE_(0, "0 is straight; less moves sooner, more later."),
};

struct line {
    struct way way;
    bool was_high, is_begun, ends;
};

static size_t
line_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct line);
}

LAT_RT static uint64_t
line_process(const struct lat_context *context, const struct lat_io *io)
{
    struct line *s = io->state;
    struct way *w = &s->way;
    const float curve = (float)io->config->settings[0].number;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const bool is_high = lat_io_at(io, LINE_TRIGGER, f) > 0.0F;
        if (!s->is_begun) {
            w->level = lat_io_at(io, LINE_FROM, f);
        }
        if (is_high && !s->was_high) {
            s->is_begun = true;
            s->ends = false;
            w->level = lat_io_at(io, LINE_FROM, f);
            way_begin(w, lat_io_at(io, LINE_TO, f), lat_io_at(io, LINE_TIME, f),
                      curve, context->rate);
        }
        s->was_high = is_high;
        io->out[0][f] = w->level;
        io->out[1][f] = s->ends ? 1.0F : 0.0F;
        s->ends = way_moves(w) && way_next(w);
    }
    return 0;
}

const struct lat_node_type lat_type_line = {
    .name = "line",
    .doc = "Goes from one value to another at each trigger.",
    LAT_INPUTS(line_inputs),
    LAT_OUTPUTS(line_outputs),
    LAT_SETTINGS(line_settings),
    .cost_ns = 3.0F,
    .state_bytes = line_bytes,
    .process = line_process,
};

// --- envelope ----------------------------------------------------------------

#define MOST_STAGES 64
#define MOST_WORD   32

enum { ENV_GATE, ENV_SPEED };
enum { LEVELS, TIMES, CURVES, SUSTAIN, LOOP };

static const struct lat_port env_inputs[] = {
    LAT_PORT_EVENT("gate", LAT_PORT_GATE,
                   "Its rise above 0 begins the first stage; its fall lets go "
                   "of the sustained level."),
    {
        .name = "speed",
        .doc = "2: every stage in half its time; read at its first frame.",
        .unit = "",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_EXP,
        .min = 0.001F,
        .max = 1000.0F,
        .low = 0.1F,
        .high = 10.0F,
        .initial = 1.0F,
    },
};

static const struct lat_port env_outputs[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F, "The level."),
    LAT_PORT_WHEN("end", end_doc),
};

/// The numbers of a list, at most MOST_STAGES + 1.
struct numbers {
    uint32_t n;
    double at[MOST_STAGES + 1];
};

/// @return NULL, or the word that is no number or one too many.
static const char *
numbers_read(const char *text, struct numbers *out)
{
    static const char blanks[] = " \t\r\n";
    out->n = 0;
    while (text && *(text += strspn(text, blanks))) {
        char word[MOST_WORD];
        const size_t size = strcspn(text, blanks);
        if (size >= sizeof(word) || out->n > MOST_STAGES) {
            return text;
        }
        memcpy(word, text, size);
        word[size] = '\0';
        if (!lat_parse_number(word, &out->at[out->n])) {
            return text;
        }
        out->n++;
        text += size;
    }
    return NULL;
}

static enum lat_status
check_numbers(const char *text, double min, double max, const char *what,
              struct lat_error *error)
{
    struct numbers numbers;
    const char *bad = numbers_read(text, &numbers);
    if (bad) {
        return lat_error_set(error, LAT_EINVAL,
                             "'%.*s' is no number of %s (column %u): write at "
                             "most %d numbers between blanks",
                             (int)strcspn(bad, " \t\r\n"), bad, what,
                             lat_column_of(text, bad), MOST_STAGES);
    }
    for (uint32_t i = 0; i < numbers.n; i++) {
        if (!(numbers.at[i] >= min && numbers.at[i] <= max)) {
            return lat_error_set(error, LAT_EINVAL,
                                 "number %u of %s is not within %g and %g",
                                 i + 1, what, min, max);
        }
    }
    return LAT_OK;
}

static enum lat_status
check_levels(const char *text, struct lat_error *error)
{
    return check_numbers(text, -(double)LAT_SIGNAL_MAX, (double)LAT_SIGNAL_MAX,
                         "levels", error);
}

static enum lat_status
check_times(const char *text, struct lat_error *error)
{
    return check_numbers(text, 0, 1000, "times", error);
}

static enum lat_status
check_curves(const char *text, struct lat_error *error)
{
    return check_numbers(text, -10, 10, "curves", error);
}

static const struct lat_setting env_settings[] = {
    [LEVELS] =
        {
            .name = "levels",
            .doc = "Where it goes, beginning at the first; each further one "
                   "is the end of a stage.",
            .unit = "",
            .kind = LAT_SETTING_LIST,
            .initial_text = "0 1 0.5 0",
            .check = check_levels,
        },
    [TIMES] =
        {
            .name = "times",
            .doc = "How long each stage takes, in seconds; the last one is "
                   "that of all further ones.",
            .unit = "s",
            .kind = LAT_SETTING_LIST,
            .initial_text = "0.01 0.2 0.5",
            .check = check_times,
        },
    [CURVES] =
        {
            .name = "curves",
            .doc = "Of each stage, -10 to 10: 0 is straight, less moves "
                   "sooner, more later; the last one is that of all further "
                   "ones.",
            .unit = "",
            .kind = LAT_SETTING_LIST,
            .initial_text = "0 -4",
            .check = check_curves,
        },
    [SUSTAIN] =
        {
            .name = "sustain",
            .doc =
                "After which stage it waits while the gate is open; 0: it "
                "runs to its end whatever the gate does; beyond the last: the "
                "last.",
            .unit = "",
            .kind = LAT_SETTING_INTEGER,
            .min = 0,
            .max = MOST_STAGES,
            .initial = 2,
        },
    [LOOP] =
        {
            .name = "loop",
            .doc = "Instead of waiting it goes on with this stage, up to the "
                   "sustained one again and again; 0: it waits; beyond that: "
                   "that one.",
            .unit = "",
            .kind = LAT_SETTING_INTEGER,
            .min = 0,
            .max = MOST_STAGES,
            .initial = 0,
        },
};

struct stage {
    float to, seconds, curve;
};

struct envelope {
    uint32_t n;
    float first; ///< level
    struct stage stages[MOST_STAGES];
    // Zero at first.
    struct way way;
    uint32_t stage; ///< that runs or waits, from 1; 0: none has yet begun
    bool was_open, is_begun, ends;
};

static size_t
env_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct envelope);
}

/// Number @p i, or the last one; 0 where there is none.
static double
number_or_last(const struct numbers *numbers, uint32_t i)
{
    const uint32_t n = numbers->n;
    return n ? numbers->at[i < n ? i : n - 1] : 0.0;
}

static enum lat_status
env_init(void *state, const struct lat_config *config)
{
    struct envelope *s = state;
    struct numbers levels;
    struct numbers times;
    struct numbers curves;
    numbers_read(config->settings[LEVELS].text, &levels);
    numbers_read(config->settings[TIMES].text, &times);
    numbers_read(config->settings[CURVES].text, &curves);
    s->n = levels.n ? levels.n - 1 : 0;
    s->first = levels.n ? (float)levels.at[0] : 0.0F;
    for (uint32_t i = 0; i < s->n; i++) {
        s->stages[i] = (struct stage){
            (float)levels.at[i + 1],
            (float)number_or_last(&times, i),
            (float)number_or_last(&curves, i),
        };
    }
    return LAT_OK;
}

LAT_RT static void
env_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct envelope *s = state;
    s->way = (struct way){0};
    s->stage = 0;
    s->was_open = false;
    s->is_begun = false;
    s->ends = false;
}

/// Begin stage @p k, from 1, if there is such a one.
static void
env_stage(struct envelope *s, uint32_t k, float speed, double rate)
{
    if (k > s->n) {
        s->ends = true;
        s->stage = 0;
        s->way.i = s->way.n;
        return;
    }
    const struct stage *stage = &s->stages[k - 1];
    s->stage = k;
    way_begin(&s->way, stage->to,
              stage->seconds / plain_clamp(speed, 1e-4F, 1e4F), stage->curve,
              rate);
}

/// The stage after which it waits; 0: none.
static inline uint32_t
env_sustain(const struct envelope *s, const struct lat_io *io)
{
    const uint32_t k = (uint32_t)io->config->settings[SUSTAIN].number;
    return k < s->n ? k : s->n;
}

/// A stage has come to its end.
static void
env_goes_on(struct envelope *s, const struct lat_io *io, float speed,
            double rate)
{
    const uint32_t sustain = env_sustain(s, io);
    const uint32_t loop = (uint32_t)io->config->settings[LOOP].number;
    const bool waits = sustain && s->stage == sustain && s->was_open;
    if (!waits) {
        env_stage(s, s->stage + 1, speed, rate);
    } else if (loop) {
        env_stage(s, loop < sustain ? loop : sustain, speed, rate);
    }
}

/// Whether the gate makes it go elsewhere.
static void
env_hear(struct envelope *s, const struct lat_io *io, bool opens, float speed,
         double rate)
{
    const uint32_t sustain = env_sustain(s, io);
    if (opens && !s->was_open) {
        env_stage(s, 1, speed, rate);
    } else if (!opens && s->was_open && sustain && s->stage &&
               s->stage <= sustain) {
        env_stage(s, sustain + 1, speed, rate);
    }
    s->was_open = opens;
}

LAT_RT static uint64_t
env_process(const struct lat_context *context, const struct lat_io *io)
{
    struct envelope *s = io->state;
    struct way *w = &s->way;
    if (!s->is_begun) {
        s->is_begun = true;
        w->level = s->first;
    }
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const float speed = lat_io_at(io, ENV_SPEED, f);
        io->out[0][f] = w->level;
        io->out[1][f] = s->ends ? 1.0F : 0.0F;
        s->ends = false;
        env_hear(s, io, lat_io_at(io, ENV_GATE, f) > 0.0F, speed,
                 context->rate);
        if (way_moves(w) && way_next(w)) {
            env_goes_on(s, io, speed, context->rate);
        }
    }
    return 0;
}

const struct lat_node_type lat_type_envelope = {
    .name = "envelope",
    .doc = "An envelope of as many stages as you like, with curves and a loop.",
    LAT_INPUTS(env_inputs),
    LAT_OUTPUTS(env_outputs),
    LAT_SETTINGS(env_settings),
    .amplitude = LAT_AMPLITUDE_ENVELOPE,
    .cost_ns = 4.0F,
    .state_bytes = env_bytes,
    .init = env_init,
    .reset = env_reset,
    .process = env_process,
};
