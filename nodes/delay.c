// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// delay: an echo with feedback.
//
// The line is read between frames by a cubic through four of them (Hermite, as
// Catmull and Rom have it).  The nearest point that can be read is one frame
// old; below two frames the cubic's newest point is that one twice.  A reset is
// instant: the line keeps count of the frames written since, and what is older
// reads as 0.
//
// The tap follows the time while it moves by less than a frame a frame, which
// bends the pitch.  Where it moves faster, as any step does, the sound would be
// run through at many times its speed; instead the tap stays where it is and is
// faded out while a second one, at the new time, is faded in.

#include "numbers.h"
#include "ports.h"
#include "types.h"

enum { SETTING_MAX_TIME, SETTING_CHANGE };
enum { IN, TIME, FEEDBACK, MIX };

/// Frames of the line beyond the longest delay, for the cubic.
#define EXTRA_FRAMES 4U

#define FADE_SECONDS 0.02

static const char *const changes[] = {"crossfade", NULL};
static const char *const later_changes[] = {"tape", NULL};

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_TIME("time", 60.0F, 0.001F, 2.0F, 0.3F, false,
                  "Delay; kept within one frame and max_time."),
    LAT_PORT_KNOB_LIN("feedback", "", -1.0F, 1.0F, 0.3F, true,
                      "Part of the echo that goes round again; kept within -1 "
                      "and 1."),
    LAT_PORT_KNOB_LIN("mix", "", 0.0F, 1.0F, 0.5F, true,
                      "0: the signal alone, 1: the echoes alone."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "Signal and echoes."),
};

static const struct lat_setting settings[] = {
    {
        .name = "max_time",
        .doc = "The longest time; memory is taken for it.",
        .unit = "s",
        .kind = LAT_SETTING_NUMBER,
        .min = 0.001,
        .max = 60,
        .initial = 2,
    },
    [SETTING_CHANGE] =
        {
            .name = "change",
            .doc = "How the time changes. crossfade: a move by less than 1 s "
                   "in a second bends the pitch, a faster one fades over 20 ms "
                   "to the new time.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "crossfade",
            .words = changes,
            .later = later_changes,
            .keeps_state = true,
        },
};

struct delay {
    uint32_t next;    // place of the frame to write
    uint32_t n_valid; // frames written since the reset, at most the line's size
    uint32_t n_fade;  // frames that are left of the fade from `tap` to `to`
    float tap, to;    // frames of delay
    _Alignas(LAT_ALIGNMENT) float line[];
};

static uint32_t
line_frames(const struct lat_config *config)
{
    const double seconds = config->settings[SETTING_MAX_TIME].number;
    return (uint32_t)(seconds * config->rate + 0.5) + EXTRA_FRAMES;
}

static size_t
delay_bytes(const struct lat_config *config)
{
    return sizeof(struct delay) + line_frames(config) * sizeof(float);
}

LAT_RT static void
delay_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct delay *s = state;
    s->next = 0;
    s->n_valid = 0;
    s->n_fade = 0;
}

/// What a frame makes of its inputs.
struct settled {
    float frames; // of delay
    float feedback;
    float mix;
};

static inline float
clamp(float x, float low, float high)
{
    x = x > low ? x : low;
    return x < high ? x : high;
}

static inline struct settled
settle(const struct lat_io *io, uint32_t f, float rate, float longest)
{
    return (struct settled){
        clamp(lat_io_at(io, TIME, f) * rate, 1.0F, longest),
        clamp(lat_io_at(io, FEEDBACK, f), -1.0F, 1.0F),
        clamp(lat_io_at(io, MIX, f), 0.0F, 1.0F),
    };
}

/// Between @p b and @p c, at part @p t of the way; @p a and @p d are beyond.
static inline float
cubic(float a, float b, float c, float d, float t)
{
    const float slope = 0.5F * (c - a);
    const float k2 = (a - 2.5F * b) + (2.0F * c - 0.5F * d);
    const float k3 = 1.5F * (b - c) + 0.5F * (d - a);
    return b + t * (slope + t * (k2 + t * k3));
}

/// The frame written @p age frames ago, 1 being the newest.
static inline float
line_at(const struct delay *s, uint32_t size, uint32_t age)
{
    const uint32_t i = s->next >= age ? s->next - age : s->next + size - age;
    return age <= s->n_valid ? s->line[i] : 0.0F;
}

static inline float
line_read(const struct delay *s, uint32_t size, float frames)
{
    const uint32_t whole = (uint32_t)frames;
    const float part = frames - (float)whole;
    const float b = line_at(s, size, whole);
    const float a = whole > 1 ? line_at(s, size, whole - 1) : b;
    return cubic(a, b, line_at(s, size, whole + 1), line_at(s, size, whole + 2),
                 part);
}

/// Does the time move from @p a to @p b slowly enough to be followed?
static inline bool
is_slow(float a, float b)
{
    return b - a < 1.0F && a - b < 1.0F;
}

/// Let the tap follow the time, or begin a fade of @p n_fade frames.
static inline void
tap_move(struct delay *s, float frames, uint32_t n_fade)
{
    if (s->n_fade) {
        s->to = is_slow(s->to, frames) ? frames : s->to;
    } else if (!s->n_valid || is_slow(s->tap, frames)) {
        s->tap = frames;
    } else {
        s->to = frames;
        s->n_fade = n_fade;
    }
}

/// The echo of this frame, one tap's or between two.
static inline float
tap_read(struct delay *s, uint32_t size, uint32_t n_fade)
{
    const float echo = line_read(s, size, s->tap);
    if (!s->n_fade) {
        return echo;
    }
    const float t = (float)(n_fade - s->n_fade) / (float)n_fade;
    const float share = t * t * (3.0F - 2.0F * t);
    const float next = line_read(s, size, s->to);
    s->n_fade--;
    s->tap = s->n_fade ? s->tap : s->to;
    return echo * (1.0F - share) + next * share;
}

static inline float
blend(float x, float echo, float mix)
{
    return x * (1.0F - mix) + echo * mix;
}

static void
advance(struct delay *s, uint32_t size, uint32_t n)
{
    s->next = s->next + n < size ? s->next + n : 0;
    s->n_valid = s->n_valid + n < size ? s->n_valid + n : size;
}

/// Frames that can be done at once from here on, because they lie in one piece
/// where they are read, do not read one another, and lie in one piece where
/// they are written; 0 if there are none.
static uint32_t
stretch_frames(const struct delay *s, uint32_t size, uint32_t whole)
{
    if (whole < 2 || whole + 2 > s->n_valid) {
        return 0;
    }
    const uint32_t oldest = whole + 2;
    const uint32_t from =
        s->next >= oldest ? s->next - oldest : s->next + size - oldest;
    if (from + EXTRA_FRAMES > size) {
        return 0;
    }
    uint32_t n = whole - 1;
    n = n < size - s->next ? n : size - s->next;
    const uint32_t readable = size - from - (EXTRA_FRAMES - 1);
    return n < readable ? n : readable;
}

/// @p n frames of constant time, feedback and mix.
static void
stretch(struct delay *s, uint32_t size, struct settled k,
        const float *restrict x, size_t step, float *restrict y, uint32_t n)
{
    const uint32_t whole = (uint32_t)k.frames;
    const float part = k.frames - (float)whole;
    const uint32_t oldest = whole + 2;
    const float *from = s->line + (s->next >= oldest ? s->next - oldest
                                                     : s->next + size - oldest);
    float *to = s->line + s->next;
    for (uint32_t f = 0; f < n; f++) {
        y[f] = cubic(from[f + 3], from[f + 2], from[f + 1], from[f], part);
    }
    for (uint32_t f = 0; f < n; f++) {
        const float echo = y[f];
        to[f] = x[f * step] + k.feedback * echo;
        y[f] = blend(x[f * step], echo, k.mix);
    }
    advance(s, size, n);
}

LAT_RT static uint64_t
delay_process(const struct lat_context *context, const struct lat_io *io)
{
    struct delay *s = io->state;
    const uint32_t n_frames = context->n_frames;
    const uint32_t size = line_frames(io->config);
    const float longest = (float)(size - EXTRA_FRAMES);
    const uint32_t n_fade = (uint32_t)(FADE_SECONDS * context->rate + 0.5);
    const bool is_steady =
        !io->step[TIME] && !io->step[FEEDBACK] && !io->step[MIX];
    for (uint32_t f = 0; f < n_frames;) {
        const struct settled k = settle(io, f, context->rate_f, longest);
        tap_move(s, k.frames, n_fade);
        uint32_t n = is_steady && !s->n_fade
                         ? stretch_frames(s, size, (uint32_t)k.frames)
                         : 0;
        n = n < n_frames - f ? n : n_frames - f;
        if (n) {
            const size_t step = io->step[IN];
            stretch(s, size, k, io->in[IN] + f * step, step, io->out[0] + f, n);
            f += n;
            continue;
        }
        const float x = lat_io_at(io, IN, f);
        const float echo = tap_read(s, size, n_fade);
        s->line[s->next] = x + k.feedback * echo;
        io->out[0][f] = blend(x, echo, k.mix);
        advance(s, size, 1);
        f++;
    }
    return 0;
}

const struct lat_node_type lat_type_delay = {
    .name = "delay",
    .doc = "Echoes: a delay with feedback.  A time that moves slowly bends the "
           "pitch; one that steps fades over.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    LAT_SETTINGS(settings),
    .cost_ns = 1.0F,
    .state_bytes = delay_bytes,
    .reset = delay_reset,
    .process = delay_process,
};
