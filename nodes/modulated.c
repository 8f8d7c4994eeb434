// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// chorus, flanger, phaser: what an LFO moves in a copy of the sound.
//
// The LFO is a sine (its phase counted in 2^-64 of a turn, so that it never
// drifts), the right side's a quarter of a turn ahead of the left's.
//
// chorus and flanger read a line at moving places, by the polynomial through
// six frames (dsp/line.h): chorus at two for each side, half a turn apart,
// between 15 - 8 and 15 + 8 ms; flanger at one, between 0.25 and 5.75 ms.
// What goes round again is what the left reads.
//
// phaser is six all-passes of the first order in a row for each side, all at
// one frequency that moves between 200 Hz and 3.2 kHz at full depth, around 800
// Hz.  With the dry sound beside them they make three notches; what goes round
// again comes from behind the last of them, a frame late.

#include "dsp/four.h"
#include "dsp/loops.h"
#include "dsp/moving.h"
#include "dsp/plain.h"
#include "ports.h"
#include "types.h"

enum { IN, RATE, DEPTH, FEEDBACK, MIX };

#define INPUTS_(rate_, depth_, depth_doc_, feedback_, mix_)                    \
 {                                                                             \
  LAT_PORT_AUDIO("in", 0.0F, "The signal."),                                   \
      {                                                                        \
          .name = "rate",                                                      \
          .doc = "Turns of the LFO in a second.",                              \
          .unit = "Hz",                                                        \
          .kind = LAT_PORT_KNOB,                                               \
          .curve = LAT_CURVE_EXP,                                              \
          .max = 100.0F,                                                       \
          .low = 0.02F,                                                        \
          .high = 10.0F,                                                       \
          .initial = (rate_),                                                  \
          .smooth = true,                                                      \
      },                                                                       \
      LAT_PORT_KNOB_LIN("depth", "", 0.0F, 1.0F, depth_, true, depth_doc_),    \
      LAT_PORT_KNOB_LIN("feedback", "", -0.99F, 0.99F, feedback_, true,        \
                        "Part that goes round again."),                        \
      LAT_PORT_KNOB_LIN("mix", "", 0.0F, 1.0F, mix_, true,                     \
                        "0: the signal alone, 1: the moving copies alone."),   \
 }

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left side."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F, "The right side."),
};

/// What a frame adds to the LFO's phase.
static inline uint64_t
lfo_step(const struct lat_context *context, const struct lat_io *io, uint32_t f)
{
    const float hz = plain_clamp(lat_io_at(io, RATE, f), 0.0F, 1000.0F);
    return (uint64_t)((double)hz / context->rate * 0x1p64);
}

/// sin(2 pi phase), within 1e-5, of four phases: an odd polynomial over the
/// half turn around 0, to which the other half is mirrored.
static inline four
lfo_sines(four_i phase)
{
    const four_i far =
        (phase > INT32_C(0x40000000)) | (phase < -INT32_C(0x40000000));
    const four_i mirrored = (four_i)(0x80000000U - (four_u)phase);
    const four_i turn = (mirrored & far) | (phase & ~far);
    const four x = __builtin_convertvector(turn, four) * 0x1p-31F;
    const four s = x * x;
    four q = s * 0.0821458866F - 0.599264529F;
    q = q * s + 2.55016404F;
    q = q * s - 5.16771278F;
    q = q * s + 3.14159265F;
    return q * x;
}

/// The LFO on the left, on the left half a turn ahead, and the same on the
/// right, a quarter of a turn ahead.
static inline four
lfo_four(uint64_t phase)
{
    const uint32_t p = (uint32_t)(phase >> 32U);
    const four_u turns = {p, p + 0x80000000U, p + 0x40000000U, p + 0xc0000000U};
    return lfo_sines((four_i)turns);
}

static inline void
put(const struct lat_io *io, uint32_t f, float x, const float copies[2])
{
    const float mix = plain_clamp(lat_io_at(io, MIX, f), 0.0F, 1.0F);
    for (int side = 0; side < 2; side++) {
        io->out[side][f] = x * (1.0F - mix) + copies[side] * mix;
    }
}

static inline float
feedback_at(const struct lat_io *io, uint32_t f)
{
    return plain_clamp(lat_io_at(io, FEEDBACK, f), -0.99F, 0.99F);
}

// --- chorus, flanger ---------------------------------------------------------

static size_t
moving_bytes(const struct lat_config *config)
{
    return sizeof(struct lat_moving) +
           sizeof(float) * lat_moving_size(config->rate);
}

LAT_RT static void
moving_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct lat_moving *s = state;
    s->phase = 0;
    lat_line_reset(&s->line);
}

static const struct lat_port chorus_inputs[] = INPUTS_(
    0.6F, 0.5F, "How far the copies move; 1: by 8 ms either way.", 0.0F, 0.5F);

const struct lat_node_type lat_type_chorus = {
    .name = "chorus",
    .doc = "Several of the same: copies whose pitch wavers, in stereo.",
    LAT_INPUTS(chorus_inputs),
    LAT_OUTPUTS(outputs),
    .cost_ns = 25.0F,
    .state_bytes = moving_bytes,
    .reset = moving_reset,
    LAT_LOOP(chorus, CHORUS),
};

static const struct lat_port flanger_inputs[] = INPUTS_(
    0.2F, 0.7F, "How far the copy moves; 1: from 0.25 to 5.75 ms.", 0.5F, 0.5F);

const struct lat_node_type lat_type_flanger = {
    .name = "flanger",
    .doc = "A comb of notches that moves, in stereo.",
    LAT_INPUTS(flanger_inputs),
    LAT_OUTPUTS(outputs),
    .cost_ns = 15.0F,
    .state_bytes = moving_bytes,
    .reset = moving_reset,
    LAT_LOOP(flanger, FLANGER),
};

// --- phaser ------------------------------------------------------------------

#define STAGES        6
#define PHASER_HZ     800.0F
#define PHASER_OCTAVE 2.0F

struct phaser {
    uint64_t phase;
    float before[2];            // what came out
    float nodes[2][STAGES + 1]; // what went into each all-pass, and came out
};

static size_t
phaser_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct phaser);
}

/// tan(x) within 1e-3 of it for 0 <= x < 1.2, by Pade.
static inline float
tangent(float x)
{
    const float s = x * x;
    return x * (105.0F - 10.0F * s) / (105.0F - 45.0F * s + s * s);
}

static inline float
phaser_side(float *nodes, float x, float hz, float period)
{
    const float w = plain_clamp(hz * period, 0.0F, 0.36F) * 3.14159265F;
    const float t = tangent(w);
    const float c = (1.0F - t) / (1.0F + t);
    float now = x;
    for (int i = 0; i < STAGES; i++) {
        const float y = nodes[i] + c * (nodes[i + 1] - now);
        nodes[i] = now;
        now = y;
    }
    nodes[STAGES] = now;
    return now;
}

LAT_RT static uint64_t
phaser_process(const struct lat_context *context, const struct lat_io *io)
{
    struct phaser *s = io->state;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const float depth = plain_clamp(lat_io_at(io, DEPTH, f), 0.0F, 1.0F);
        const float x = lat_io_at(io, IN, f);
        const float feedback = feedback_at(io, f);
        const four turns = lfo_four(s->phase);
        for (int side = 0; side < 2; side++) {
            const float turn = turns[2 * side];
            const float hz =
                PHASER_HZ * plain_exp2(PHASER_OCTAVE * depth * turn);
            s->before[side] =
                phaser_side(s->nodes[side], x + feedback * s->before[side], hz,
                            context->period_f);
        }
        put(io, f, x, s->before);
        s->phase += lfo_step(context, io, f);
    }
    return 0;
}

static const struct lat_port phaser_inputs[] =
    INPUTS_(0.3F, 0.7F, "How far the notches move; 1: by 2 octaves either way.",
            0.3F, 0.5F);

const struct lat_node_type lat_type_phaser = {
    .name = "phaser",
    .doc = "Three notches that move, in stereo.",
    LAT_INPUTS(phaser_inputs),
    LAT_OUTPUTS(outputs),
    .cost_ns = 25.0F,
    .state_bytes = phaser_bytes,
    .process = phaser_process,
};
