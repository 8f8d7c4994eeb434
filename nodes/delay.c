// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// delay: an echo with feedback.  pingpong: two that feed one another, the left
// one of which is given the sum of both sides, so that a mono sound wanders,
// patched to one side or to both.  Where both have cables it is half the sum:
// the first echo of a mono sound is as loud as the sound either way.
//
// The lines are those of dsp/line.h.  A time that a float says as nearly as it
// can to be whole frames is whole frames: then the echo is the sound, to the
// bit.
//
// change = crossfade: the tap follows the time while it moves by less than a
// frame a frame, which bends the pitch.  Where it moves faster, as any step
// does, the sound would be run through at many times its speed; instead the tap
// stays where it is and is faded out while a second one, at the new time, is
// faded in.
//
// change = tape: there is one tap, which goes to the time as a tape's head
// would: its speed over the sound is between a half and twice the usual, takes
// 10 ms to get there, and comes back to the usual as the head comes near.

#include "delay_lines.h"
#include "dsp/plain.h"
#include "ports.h"
#include "types.h"

#include <math.h>

/// In which pingpong takes half the sum instead of the sum, or the other way.
#define SHARE_SECONDS 0.005F

/// In which a tape's head comes to 1/e of its way, once it is near.
#define HEAD_SECONDS 0.05

/// In which its speed comes to 1/e of its way.  Less than a quarter of the
/// other, or the head would go too far.
#define SPEED_SECONDS 0.01

static const char *const changes[] = {"crossfade", "tape", NULL};

#define PORT_TIME_                                                             \
 LAT_PORT_TIME("time", 60.0F, 0.001F, 2.0F, 0.3F, false,                       \
               "Delay; kept within one frame and max_time.")

#define PORT_FEEDBACK_(doc_)                                                   \
 LAT_PORT_KNOB_LIN("feedback", "", -1.0F, 1.0F, 0.3F, true, doc_)

#define PORT_MIX_                                                              \
 LAT_PORT_KNOB_LIN("mix", "", 0.0F, 1.0F, 0.5F, true,                          \
                   "0: the signal alone, 1: the echoes alone.")

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    PORT_TIME_,
    PORT_FEEDBACK_("Part of the echo that goes round again; kept within -1 "
                   "and 1."),
    PORT_MIX_,
};

static const struct lat_port pair_inputs[] = {
    LAT_PORT_AUDIO("left", 0.0F,
                   "The left side.  Echoes are of both sides together, and "
                   "come from the left first."),
    LAT_PORT_AUDIO("right", 0.0F,
                   "The right side.  Where both sides have cables, the echoes "
                   "are of half their sum."),
    PORT_TIME_,
    PORT_FEEDBACK_("Part of each echo that comes again, from the other side; "
                   "kept within -1 and 1."),
    PORT_MIX_,
};

static const struct lat_port pair_outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left side and its echoes."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F, "The right side and its echoes."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "Signal and echoes."),
};

static const struct lat_setting settings[] = {
    {
        .name = "max_time",
        .doc = "The longest time; memory is taken for it. Changed, what the "
               "echoes are of stays, as far as it fits.",
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
                   "to the new time. tape: the pitch bends until the echo is "
                   "there, at half to twice the speed.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "crossfade",
            .words = changes,
            .keeps_state = true,
        },
};

/// What a frame makes of its knobs.
struct settled {
    double frames; // of delay
    float feedback;
    float mix;
};

/// What does not change within a span.
struct terms {
    uint32_t n_lines;   // 1, or 2 that feed one another
    double near, heavy; // parts of a tape head's way and speed in a frame
    bool is_tape;
    float share, share_step; // of both sides, to which it moves, in a frame
};

static inline struct terms
terms_of(const struct lat_context *context, const struct lat_io *io,
         uint32_t n_lines)
{
    const char *word = io->config->settings[SETTING_CHANGE].text;
    return (struct terms){
        .n_lines = n_lines,
        .near = 1.0 / (HEAD_SECONDS * context->rate),
        .heavy = 1.0 / (SPEED_SECONDS * context->rate),
        .is_tape = word && word[0] == 't',
        .share = (io->patched & 3U) == 3U ? 0.5F : 1.0F,
        .share_step = context->period_f / (2.0F * SHARE_SECONDS),
    };
}

/// Whole frames, where it is so near to them that the time cannot say them any
/// better.
static inline double
whole_if_near(double frames)
{
    const double k = (frames + 0x1.8p52) - 0x1.8p52;
    return fabs(frames - k) < frames * 0x1p-23 ? k : frames;
}

/// The time is input n_lines, feedback and mix come behind it.
static inline struct settled
settle(const struct lat_context *context, const struct lat_io *io, uint32_t f,
       const struct terms *t)
{
    const uint32_t time = t->n_lines;
    const double longest = delay_longest(io->state);
    double frames = (double)lat_io_at(io, time, f) * context->rate;
    frames = frames > 1.0 ? frames : 1.0;
    frames = frames < longest ? frames : longest;
    return (struct settled){
        whole_if_near(frames),
        plain_clamp(lat_io_at(io, time + 1, f), -1.0F, 1.0F),
        plain_clamp(lat_io_at(io, time + 2, f), 0.0F, 1.0F),
    };
}

/// Does the time move from @p a to @p b slowly enough to be followed?
static inline bool
is_slow(double a, double b)
{
    return fabs(b - a) < 1.0;
}

static inline void
head_move(struct delay *s, double frames, const struct terms *t)
{
    const double way = frames - s->tap;
    double speed = way * t->near > -1.0 ? way * t->near : -1.0; // twice as fast
    speed = speed < 0.5 ? speed : 0.5;                          // half as fast
    s->speed += (speed - s->speed) * t->heavy;
    s->tap += s->speed;
    s->tap = s->tap > 1.0 ? s->tap : 1.0;
    const double longest = delay_longest(s);
    s->tap = s->tap < longest ? s->tap : longest;
    if (fabs(s->speed) < 1e-5 && fabs(way) < 1e-3) {
        s->tap = frames;
        s->speed = 0.0;
    }
}

/// Let the tap follow the time, or begin a fade.
static inline void
tap_move(struct delay *s, double frames, const struct terms *t)
{
    if (s->n_fade) {
        s->to = is_slow(s->to, frames) ? frames : s->to;
    } else if (!s->line.n_valid || (is_slow(s->tap, frames) && !t->is_tape)) {
        s->tap = frames;
        s->speed = 0.0;
    } else if (t->is_tape) {
        head_move(s, frames, t);
    } else {
        s->to = frames;
        s->n_fade = s->fade_frames;
    }
}

static inline void
share_move(struct delay *s, const struct terms *t)
{
    const float way = t->share - s->share;
    const bool is_far = way > t->share_step || way < -t->share_step;
    const float step = way > 0.0F ? t->share_step : -t->share_step;
    s->share = is_far && s->line.n_valid ? s->share + step : t->share;
}

static inline void
fade_pass(struct delay *s)
{
    if (s->n_fade && !--s->n_fade) {
        s->tap = s->to;
        s->is_leaving = false;
    }
}

static inline float
blend(float x, float echo, float mix)
{
    return x * (1.0F - mix) + echo * mix;
}

/// The echoes of @p n frames of constant time.
static void
stretch_read(struct delay *s, uint32_t line, float *restrict y, uint32_t n)
{
    const uint32_t whole = (uint32_t)s->tap;
    const float part = (float)(s->tap - (double)whole);
    const float *from =
        frames_of(s, line) + lat_line_place(&s->line, s->size, whole + 3);
    float w[6];
    if (part == 0.0F) { // the weights of the others are 0
        for (uint32_t f = 0; f < n; f++) {
            y[f] = from[f + 3] + 0.0F; // never -0 either
        }
        return;
    }
    lat_six_weights_one(part, w);
    for (uint32_t f = 0; f < n; f++) {
        y[f] = lat_line_sum(w, from[f + 5], from[f + 4], from[f + 3],
                            from[f + 2], from[f + 1], from[f]);
    }
}

/// What line @p line is given of a frame besides echoes.
static inline float
fed(const struct delay *s, const struct terms *t, uint32_t line, float left,
    float right)
{
    if (t->n_lines == 1) {
        return left;
    }
    return line ? 0.0F : (left + right) * s->share;
}

/// Most frames of a stretch.
#define RUN 64U

/// @p n frames of constant knobs from frame @p first on, the echoes of which
/// are in the outputs.
static inline void
stretch(struct delay *s, const struct terms *t, struct settled k,
        const struct lat_io *io, uint32_t first, uint32_t n)
{
    float room[2][RUN];
    const uint32_t last = t->n_lines - 1;
    const float *const x[2] = {lat_io_row(io, 0, first, n, room[0]),
                               lat_io_row(io, last, first, n, room[1])};
    for (uint32_t line = 0; line < t->n_lines; line++) {
        const float *restrict echo = io->out[last - line] + first;
        float *restrict to = frames_of(s, line) + s->line.next;
        for (uint32_t f = 0; f < n; f++) {
            to[f] = fed(s, t, line, x[0][f], x[1][f]) + k.feedback * echo[f];
        }
    }
    for (uint32_t line = 0; line < t->n_lines; line++) {
        float *restrict y = io->out[line] + first;
        for (uint32_t f = 0; f < n; f++) {
            y[f] = blend(x[line][f], y[f], k.mix);
        }
    }
    lat_line_pass(&s->line, s->size, n);
}

static inline void
one_frame(struct delay *s, const struct terms *t, struct settled k,
          const struct lat_io *io, uint32_t f)
{
    const uint32_t last = t->n_lines - 1;
    float x[2], echoes[2];
    for (uint32_t line = 0; line <= last; line++) {
        x[line] = lat_io_at(io, line, f);
        echoes[line] = tap_read(s, line, 0);
    }
    fade_pass(s);
    for (uint32_t line = 0; line < t->n_lines; line++) {
        frames_of(s, line)[s->line.next] =
            fed(s, t, line, x[0], x[last]) + k.feedback * echoes[last - line];
        io->out[line][f] = blend(x[line], echoes[line], k.mix);
    }
    lat_line_pass(&s->line, s->size, 1);
}

static inline uint64_t
run(const struct lat_context *context, const struct lat_io *io,
    uint32_t n_lines)
{
    struct delay *s = io->state;
    const struct terms t = terms_of(context, io, n_lines);
    const uint32_t n_frames = context->n_frames;
    const bool is_steady =
        !io->step[n_lines] && !io->step[n_lines + 1] && !io->step[n_lines + 2];
    for (uint32_t f = 0; f < n_frames;) {
        const struct settled k = settle(context, io, f, &t);
        tap_move(s, k.frames, &t);
        share_move(s, &t);
        const bool is_still = is_steady && !s->n_fade && s->tap == k.frames &&
                              s->share == t.share;
        bool nothing = false;
        uint32_t n = is_still ? lat_line_stretch(&s->line, s->size,
                                                 (uint32_t)s->tap, &nothing)
                              : 0;
        const uint32_t most = n_frames - f < RUN ? n_frames - f : RUN;
        n = n < most ? n : most;
        if (n) {
            for (uint32_t line = 0; line < n_lines; line++) {
                float *y = io->out[line] + f;
                if (nothing) {
                    memset(y, 0, n * sizeof(*y));
                } else {
                    stretch_read(s, line, y, n);
                }
            }
            stretch(s, &t, k, io, f, n);
            f += n;
        } else {
            one_frame(s, &t, k, io, f);
            f++;
        }
    }
    return 0;
}

LAT_RT static uint64_t
delay_process(const struct lat_context *context, const struct lat_io *io)
{
    return run(context, io, 1);
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
    .init = delay_init,
    .take_over = delay_take_over,
    .reset = delay_reset,
    .process = delay_process,
};

LAT_RT static uint64_t
pingpong_process(const struct lat_context *context, const struct lat_io *io)
{
    return run(context, io, 2);
}

const struct lat_node_type lat_type_pingpong = {
    .name = "pingpong",
    .doc = "Echoes that go from side to side, of a mono sound too.",
    LAT_INPUTS(pair_inputs),
    LAT_OUTPUTS(pair_outputs),
    LAT_SETTINGS(settings),
    .cost_ns = 2.5F,
    .state_bytes = delay_bytes,
    .init = delay_init,
    .take_over = delay_take_over,
    .reset = delay_reset,
    .process = pingpong_process,
};
