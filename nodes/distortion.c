// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// distortion, fold: the curves of dsp/shaper.h.  bitcrush, whose aliases are
// what it is for.

#include "dsp/loops.h"
#include "dsp/plain.h"
#include "dsp/shaper.h"
#include "ports.h"
#include "types.h"

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The bent signal."),
};

#define PORT_MIX_                                                              \
 LAT_PORT_KNOB_LIN("mix", "", 0.0F, 1.0F, 1.0F, true,                          \
                   "0: the signal alone, 1: the bent one alone; both are as "  \
                   "late.")

static size_t
shaper_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct lat_shaper);
}

static enum lat_status
shaper_init(void *state, const struct lat_config *config)
{
    (void)config;
    lat_shaper_init(state);
    return LAT_OK;
}

LAT_RT static void
shaper_reset(void *state, const struct lat_config *config)
{
    (void)config;
    lat_shaper_reset(state);
}

static uint32_t
shaper_latency(const struct lat_config *config)
{
    (void)config;
    return LAT_SHAPER_LATE;
}

// --- distortion --------------------------------------------------------------

static const struct lat_port distortion_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_KNOB_LIN("drive", "dB", 0.0F, 60.0F, 12.0F, true,
                      "Gain in front of the curve x / sqrt(1 + x^2)."),
    PORT_MIX_,
};

const struct lat_node_type lat_type_distortion = {
    .name = "distortion",
    .doc = "Drives a signal into a soft limit of 1, without aliases that are "
           "heard.",
    LAT_INPUTS(distortion_inputs),
    LAT_OUTPUTS(out),
    .cost_ns = 25.0F,
    .state_bytes = shaper_bytes,
    .init = shaper_init,
    .reset = shaper_reset,
    LAT_LOOP(distortion, DISTORTION),
    .latency = shaper_latency,
};

// --- fold --------------------------------------------------------------------

static const struct lat_port fold_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    {
        .name = "drive",
        .doc = "Gain in front of the curve sin(pi x / 2).",
        .unit = "dB",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_LIN,
        .max = 60.0F,
        .high = 18.0F,
        .initial = 6.0F,
        .smooth = true,
    },
    LAT_PORT_KNOB_LIN("offset", "", -2.0F, 2.0F, 0.0F, true,
                      "Added behind the gain: even harmonics."),
    PORT_MIX_,
};

const struct lat_node_type lat_type_fold = {
    .name = "fold",
    .doc = "A wave folder: what is beyond 1 turns round, again and again.",
    LAT_INPUTS(fold_inputs),
    LAT_OUTPUTS(out),
    .cost_ns = 30.0F,
    .state_bytes = shaper_bytes,
    .init = shaper_init,
    .reset = shaper_reset,
    LAT_LOOP(fold, FOLD),
    .latency = shaper_latency,
};

// --- bitcrush ----------------------------------------------------------------

enum { IN, BITS, CRUSH_RATE };

static const struct lat_port crush_inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_KNOB_LIN("bits", "", 1.0F, 24.0F, 8.0F, true,
                      "Steps of 2^(1 - bits), between them too."),
    {
        .name = "rate",
        .doc = "How often the signal is looked at; from the engine's rate on, "
               "at every frame.",
        .unit = "Hz",
        .kind = LAT_PORT_KNOB,
        .curve = LAT_CURVE_EXP,
        .min = 1.0F,
        .max = 192000.0F,
        .low = 200.0F,
        .high = 48000.0F,
        .initial = 12000.0F,
    },
};

static const struct lat_port crush_out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The coarse signal."),
};

struct crush {
    uint64_t phase; // 2^32 is one look
    float held;
    bool is_begun;
};

static size_t
crush_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct crush);
}

/// The nearest multiple of @p step; the float itself where that has no finer
/// ones.
static inline float
coarse(float x, float step)
{
    const double k = (double)x / (double)step;
    return (float)(((k + 0x1.8p52) - 0x1.8p52) * (double)step);
}

LAT_RT static uint64_t
crush_process(const struct lat_context *context, const struct lat_io *io)
{
    struct crush *s = io->state;
    float step = 0.0F;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        if (!f || io->step[BITS]) {
            step = plain_exp2(1.0F -
                              plain_clamp(lat_io_at(io, BITS, f), 1.0F, 24.0F));
        }
        const float hz =
            plain_clamp(lat_io_at(io, CRUSH_RATE, f), 0.0F, context->rate_f);
        s->phase += (uint64_t)((double)hz / context->rate * 4294967296.0);
        if (s->phase >> 32U || !s->is_begun) {
            s->phase = s->is_begun ? s->phase & UINT32_MAX : 0;
            s->is_begun = true;
            s->held = lat_io_at(io, IN, f);
        }
        io->out[0][f] = coarse(s->held, step);
    }
    return 0;
}

const struct lat_node_type lat_type_bitcrush = {
    .name = "bitcrush",
    .doc = "Fewer bits and fewer samples, as of early samplers.",
    LAT_INPUTS(crush_inputs),
    LAT_OUTPUTS(crush_out),
    .cost_ns = 2.0F,
    .state_bytes = crush_bytes,
    .process = crush_process,
};
