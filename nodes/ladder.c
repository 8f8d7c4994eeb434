// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ladder: the loop of dsp/ladder.h behind the curve of dsp/shaper.h, both at 4
// times the rate.

#include "dsp/ladder.h"
#include "dsp/plain.h"
#include "dsp/shaper.h"
#include "ports.h"
#include "types.h"

#define RUN LAT_SHAPER_RUN

/// What goes into the ladder stays below that.
#define ROOM 2.0F

enum { IN, CUTOFF, PITCH, RESONANCE, DRIVE };

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal."),
    LAT_PORT_CUTOFF("Corner, and the pitch at which it oscillates; kept within "
                    "0.01 Hz and 0.8 of the rate.  Cables take it no lower "
                    "than 5 Hz, or its value if that is lower."),
    LAT_PORT_PITCH("Transposes: the cutoff is multiplied by 2^(pitch/12)."),
    LAT_PORT_KNOB_LIN("resonance", "", 0.0F, 1.0F, 0.0F, true,
                      "More rings longer; from 0.95 on it oscillates by "
                      "itself.  Lows keep their level."),
    LAT_PORT_KNOB_LIN("drive", "dB", 0.0F, 40.0F, 0.0F, true,
                      "Gain in front of a curve that bends what comes near 2."),
};

static const struct lat_port out[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The filtered signal."),
};

struct ladder {
    struct lat_shaper shaper;
    struct lat_ladder ladder;
};

static size_t
ladder_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct ladder);
}

static enum lat_status
ladder_init(void *state, const struct lat_config *config)
{
    (void)config;
    struct ladder *s = state;
    lat_shaper_init(&s->shaper);
    return LAT_OK;
}

LAT_RT static void
ladder_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct ladder *s = state;
    lat_shaper_reset(&s->shaper);
    s->ladder = (struct lat_ladder){0};
}

static uint32_t
ladder_latency(const struct lat_config *config)
{
    (void)config;
    return LAT_SHAPER_LATE;
}

static inline struct lat_ladder_tuning
tuning_at(const struct lat_context *context, const struct lat_io *io,
          uint32_t f)
{
    const float pitch = plain_clamp(lat_io_at(io, PITCH, f), -1440.0F, 1440.0F);
    const float hz = plain_clamp(lat_io_at(io, CUTOFF, f), 0.0F, 1e6F);
    return lat_ladder_tune((double)hz *
                               (double)plain_exp2(pitch * (1.0F / 12.0F)),
                           4.0 * context->rate, lat_io_at(io, RESONANCE, f));
}

LAT_RT static uint64_t
ladder_process(const struct lat_context *context, const struct lat_io *io)
{
    struct ladder *s = io->state;
    const uint32_t moving =
        io->step[CUTOFF] | io->step[PITCH] | io->step[RESONANCE];
    struct lat_ladder_tuning tuning = tuning_at(context, io, 0);
    float gain = 1.0F;
    uint32_t n = 0;
    for (uint32_t first = 0; first < context->n_frames; first += n) {
        float x[RUN];
        float *bent[4];
        n = lat_shaper_left(&s->shaper);
        n = n < context->n_frames - first ? n : context->n_frames - first;
        for (uint32_t f = 0; f < n; f++) {
            if (!(first + f) || io->step[DRIVE]) {
                gain = plain_from_db(plain_clamp(
                    lat_io_at(io, DRIVE, first + f), -100.0F, 100.0F));
            }
            x[f] = plain_clamp(lat_io_at(io, IN, first + f) * gain / ROOM,
                               -1e15F, 1e15F);
        }
        lat_shaper_bend(&s->shaper, LAT_SHAPE_SATURATE, x, n);
        for (uint32_t p = 0; p < 4; p++) {
            bent[p] = lat_shaper_bent(&s->shaper, p);
        }
        for (uint32_t f = 0; f < n; f++) {
            if (moving) {
                tuning = tuning_at(context, io, first + f);
            }
            for (uint32_t p = 0; p < 4; p++) {
                bent[p][f] =
                    lat_ladder_next(&s->ladder, &tuning, bent[p][f] * ROOM);
            }
        }
        lat_shaper_lower(&s->shaper, io->out[0] + first, n);
    }
    return 0;
}

const struct lat_node_type lat_type_ladder = {
    .name = "ladder",
    .doc =
        "A low-pass of four poles in a loop that saturates, 24 dB an octave; "
        "it can be driven, and oscillates.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(out),
    .cost_ns = 120.0F,
    .state_bytes = ladder_bytes,
    .init = ladder_init,
    .reset = ladder_reset,
    .process = ladder_process,
    .latency = ladder_latency,
};
