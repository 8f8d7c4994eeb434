// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// meter: peak and RMS of a signal.
//
// Peak rises at once and falls by 20 dB a second; RMS is the root of the square
// through a one-pole of 50 ms.

#include "numbers.h"
#include "ports.h"
#include "types.h"

#include <math.h>

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("in", 0.0F, "The signal to measure."),
};

static const struct lat_port outputs[] = {
    LAT_PORT_MEASURE("peak", "", 0.0F, 1.0F,
                     "Largest magnitude; falls by 20 dB a second."),
    LAT_PORT_MEASURE("rms", "", 0.0F, 1.0F,
                     "Root of the mean square over about 50 ms."),
};

struct meter {
    float peak;
    double square; // a float would stop short of a constant's
};

static size_t
meter_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct meter);
}

static uint64_t
meter_process(const struct lat_context *context, const struct lat_io *io)
{
    struct meter *s = io->state;
    const float fall = (float)lat_from_db(-20.0 / context->rate);
    const double part = 1 - lat_exp(-1 / (0.05 * context->rate));
    float peak = s->peak;
    double square = s->square;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const float x = lat_io_at(io, 0, f);
        peak *= fall;
        peak = fabsf(x) > peak ? fabsf(x) : peak;
        square += part * ((double)x * (double)x - square);
        io->out[0][f] = peak;
        io->out[1][f] = (float)sqrt(square > 0.0 ? square : 0.0);
    }
    s->peak = peak;
    s->square = square;
    return 0;
}

const struct lat_node_type lat_type_meter = {
    .name = "meter",
    .doc = "Measures how loud a signal is; readable over OSC.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    .flags = LAT_TYPE_READABLE,
    .cost_ns = 2.0F,
    .state_bytes = meter_bytes,
    .process = meter_process,
};
