// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// compressor and gate: levels and reductions of dsp/dynamics.h.

#include "dsp/dynamics.h"
#include "dsp/plain.h"
#include "ports.h"
#include "types.h"

#define PORT_SIDECHAIN_                                                        \
 LAT_PORT_AUDIO("sidechain", 0.0F,                                             \
                "What is measured; without a cable, the input itself.  Two "   \
                "nodes that are fed one sum here stay a stereo pair.")

#define PORT_THRESHOLD_(initial_, doc_)                                        \
 LAT_PORT_KNOB_LIN("threshold", "dB", -100.0F, 24.0F, initial_, true, doc_)

#define PORT_TIME_(name_, low_, high_, initial_, doc_)                         \
 LAT_PORT_TIME(name_, 10.0F, low_, high_, initial_, false, doc_)

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The signal, at another level."),
    LAT_PORT_MEASURE("reduction", "dB", 0.0F, 60.0F,
                     "By how much the signal is turned down."),
};

/// What both have.
struct dynamics {
    struct lat_detector detector;
    struct lat_follower follower;
    uint32_t n_hold; // frames; of the gate
    bool is_open;
};

static size_t
dynamics_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct dynamics);
}

static inline uint32_t
run_from(const struct lat_context *context, uint32_t first)
{
    const uint32_t n = context->n_frames - first;
    return n < LAT_DETECTOR_RUN ? n : LAT_DETECTOR_RUN;
}

/// The levels of @p n frames from @p first on.  Input 1 is the sidechain.
static void
measure(struct dynamics *s, const struct lat_context *context,
        const struct lat_io *io, uint32_t first, uint32_t n, float *level)
{
    float x[LAT_DETECTOR_RUN] = {0};
    const uint32_t heard = io->patched >> 1U & 1U;
    for (uint32_t i = 0; i < n; i++) {
        x[i] = lat_io_at(io, heard, first + i);
    }
    lat_detector_db(&s->detector, x, level, n, context->rate);
}

/// What comes out of @p n frames from @p first on, by gains in dB.
static void
turn_down(const struct lat_io *io, uint32_t first, uint32_t n, float *gain)
{
    for (uint32_t i = 0; i < n; i += 4) {
        four_store(gain + i, four_from_db(four_load(gain + i)));
    }
    for (uint32_t i = 0; i < n; i++) {
        io->out[0][first + i] = lat_io_at(io, 0, first + i) * gain[i];
    }
}

// --- compressor --------------------------------------------------------------

enum { IN, SIDECHAIN, THRESHOLD, RATIO, ATTACK, RELEASE, KNEE, MAKEUP };

static const struct lat_port compressor_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    PORT_SIDECHAIN_,
    PORT_THRESHOLD_(-20.0F, "Level above which it turns down; that of a sine "
                            "of amplitude 1 is 0."),
    {
        .name = "ratio",
        .doc = "How many dB more come in for 1 dB more that goes out above the "
               "threshold; kept between 1 and 1000.",
        .unit = "",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_EXP,
        .min = 1.0F,
        .max = 1000.0F,
        .low = 1.0F,
        .high = 20.0F,
        .initial = 4.0F,
        .smooth = true,
    },
    PORT_TIME_("attack", 0.0001F, 0.5F, 0.01F,
               "Time in which more reduction, in dB, goes 63 % of its way."),
    PORT_TIME_("release", 0.005F, 5.0F, 0.15F,
               "Time in which less reduction, in dB, goes 63 % of its way."),
    LAT_PORT_KNOB_LIN("knee", "dB", 0.0F, 40.0F, 6.0F, true,
                      "Width of the bend around the threshold; 0: a corner."),
    LAT_PORT_KNOB_LIN("makeup", "dB", -40.0F, 40.0F, 0.0F, true,
                      "Gain behind it all."),
};

/// What the knobs come to.
struct squeeze {
    float threshold, slope, knee, makeup;
};

static struct squeeze
squeeze_at(struct lat_follower *follower, const struct lat_context *context,
           const struct lat_io *io, uint32_t f)
{
    const float ratio = plain_clamp(lat_io_at(io, RATIO, f), 1.0F, 1000.0F);
    lat_time_set(&follower->attack, lat_io_at(io, ATTACK, f), context->rate);
    lat_time_set(&follower->release, lat_io_at(io, RELEASE, f), context->rate);
    return (struct squeeze){
        .threshold = lat_io_at(io, THRESHOLD, f),
        .slope = 1.0F - 1.0F / ratio,
        .knee = plain_clamp(lat_io_at(io, KNEE, f), 0.0F, 100.0F),
        .makeup = lat_io_at(io, MAKEUP, f),
    };
}

/// @p n frames from @p first on.
static void
compress(struct dynamics *s, const struct lat_context *context,
         const struct lat_io *io, uint32_t first, uint32_t n)
{
    float level[LAT_DETECTOR_RUN];
    float gain[LAT_DETECTOR_RUN] = {0};
    measure(s, context, io, first, n, level);
    const uint32_t moving = io->step[RATIO] | io->step[ATTACK] |
                            io->step[RELEASE] | io->step[THRESHOLD] |
                            io->step[KNEE] | io->step[MAKEUP];
    struct lat_follower follower = s->follower;
    struct squeeze by = squeeze_at(&follower, context, io, first);
    for (uint32_t i = 0; i < n; i++) {
        if (moving) {
            by = squeeze_at(&follower, context, io, first + i);
        }
        const float reduction = lat_follower_next(
            &follower,
            lat_compression_db(level[i], by.threshold, by.slope, by.knee));
        io->out[1][first + i] = reduction;
        gain[i] = by.makeup - reduction;
    }
    s->follower = follower;
    turn_down(io, first, n, gain);
}

LAT_RT static uint64_t
compressor_process(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t f = 0; f < context->n_frames; f += LAT_DETECTOR_RUN) {
        compress(io->state, context, io, f, run_from(context, f));
    }
    return 0;
}

const struct lat_node_type lat_type_compressor = {
    .name = "compressor",
    .doc = "Turns down what is louder than the threshold.",
    LAT_INPUTS(compressor_inputs),
    LAT_OUTPUTS(outputs),
    .cost_ns = 30.0F,
    .state_bytes = dynamics_bytes,
    .process = compressor_process,
};

// --- gate --------------------------------------------------------------------

enum { GATE_RANGE = 3, GATE_ATTACK, GATE_HOLD, GATE_RELEASE };

/// It closes that many dB below where it opens.
#define HYSTERESIS_DB 4.0F

static const struct lat_port gate_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    PORT_SIDECHAIN_,
    PORT_THRESHOLD_(-40.0F, "Level at which it opens; that of a sine of "
                            "amplitude 1 is 0.  It closes 4 dB below."),
    LAT_PORT_KNOB_LIN("range", "dB", 0.0F, 120.0F, 80.0F, true,
                      "By how much it turns down what is quieter."),
    PORT_TIME_("attack", 0.0001F, 0.1F, 0.001F,
               "Time in which opening, in dB, goes 63 % of its way."),
    PORT_TIME_("hold", 0.001F, 1.0F, 0.05F,
               "Time for which it stays open after the last loud frame."),
    PORT_TIME_("release", 0.005F, 2.0F, 0.1F,
               "Time in which closing, in dB, goes 63 % of its way."),
};

/// Whether it is open in the next frame.
static inline bool
opens(struct dynamics *s, float over, float hold, double rate)
{
    const double frames = (double)plain_clamp(hold, 0.0F, 100.0F) * rate;
    if (over >= 0.0F || (s->is_open && over > -HYSTERESIS_DB)) {
        s->is_open = true;
        s->n_hold = 0;
    } else if (s->is_open) {
        s->is_open = ++s->n_hold < frames;
    }
    return s->is_open;
}

/// @p n frames from @p first on.
static void
open_and_close(struct dynamics *s, const struct lat_context *context,
               const struct lat_io *io, uint32_t first, uint32_t n)
{
    struct lat_follower *follower = &s->follower;
    float level[LAT_DETECTOR_RUN];
    float gain[LAT_DETECTOR_RUN] = {0};
    measure(s, context, io, first, n, level);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t f = first + i;
        // Here more reduction is the release, less is the attack.
        lat_time_set(&follower->attack, lat_io_at(io, GATE_RELEASE, f),
                     context->rate);
        lat_time_set(&follower->release, lat_io_at(io, GATE_ATTACK, f),
                     context->rate);
        const float range =
            plain_clamp(lat_io_at(io, GATE_RANGE, f), 0.0F, 200.0F);
        const bool is_open = opens(s, level[i] - lat_io_at(io, THRESHOLD, f),
                                   lat_io_at(io, GATE_HOLD, f), context->rate);
        const float reduction =
            lat_follower_next(follower, is_open ? 0.0F : range);
        io->out[1][f] = reduction;
        gain[i] = -reduction;
    }
    turn_down(io, first, n, gain);
}

LAT_RT static uint64_t
gate_process(const struct lat_context *context, const struct lat_io *io)
{
    for (uint32_t f = 0; f < context->n_frames; f += LAT_DETECTOR_RUN) {
        open_and_close(io->state, context, io, f, run_from(context, f));
    }
    return 0;
}

const struct lat_node_type lat_type_gate = {
    .name = "gate",
    .doc = "A noise gate: turns down what is quieter than the threshold.",
    LAT_INPUTS(gate_inputs),
    LAT_OUTPUTS(outputs),
    .cost_ns = 30.0F,
    .state_bytes = dynamics_bytes,
    .process = gate_process,
};
