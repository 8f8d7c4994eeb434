// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every sample follows from its frame alone, so that spans change no bit: where
// the share stands at 1 it is what goes around, at 0 what the node made.

#include "around.h"
#include "plan/plan.h"

#include <math.h>
#include <string.h>

// What goes around to an output: an input, as late as the node is.
struct way {
    const float *data;
    uint32_t step;
};

// Nobody else looks for what is no number on this way.
static float
checked(float x)
{
    return isfinite(x) ? x : 0.0F;
}

static struct way
find_way(const struct lat_io *io, uint16_t input, uint32_t n, float *out)
{
    out[0] = 0.0F;
    if (input == LAT_BYPASS_NOTHING) {
        return (struct way){out, 0};
    }
    const uint32_t step = io->step[input];
    for (uint32_t f = 0; f < (step ? n : 1); ++f) {
        out[f] = checked(io->in[input][f]);
    }
    return (struct way){out, step};
}

static struct way
delay_way(struct way way, float *ring, uint32_t latency, uint32_t at,
          uint32_t n, float *out)
{
    for (uint32_t f = 0; f < n; ++f) {
        const float now = way.data[(size_t)f * way.step];
        out[f] = ring[at];
        ring[at] = now;
        at = at + 1 < latency ? at + 1 : 0;
    }
    return (struct way){out, 1};
}

// @return whether the output is constant now.
static bool
cross(const struct lat_context *c, const struct lat_ramp *share, struct way way,
      bool is_constant, float *out)
{
    const uint64_t end = c->frame + c->n_frames;
    const float first = lat_ramp_at(share, c->frame);
    const bool is_still = lat_ramp_is_still(share, c->frame, end);
    if (is_still && first == 0.0F) {
        return is_constant;
    }
    if (is_still && first == 1.0F) {
        memcpy(out, way.data, (way.step ? c->n_frames : 1) * sizeof(float));
        return !way.step;
    }
    const float made = out[0];
    for (uint32_t f = 0; f < c->n_frames; ++f) {
        const float part = lat_ramp_at(share, c->frame + f);
        const float here = is_constant ? made : out[f];
        const float around = way.data[(size_t)f * way.step];
        out[f] = part == 0.0F   ? here
                 : part == 1.0F ? around
                                : here * (1.0F - part) + around * part;
    }
    return false;
}

LAT_RT uint64_t
lat_around_mix(const struct lat_context *c, struct lat_bypass *b,
               const struct lat_io *io, uint32_t n_out, uint64_t constant)
{
    float around[LAT_SPAN_MAX];
    float late[LAT_SPAN_MAX];
    for (uint32_t o = 0; o < n_out; ++o) {
        struct way way = find_way(io, b->source[o], c->n_frames, around);
        if (b->latency) {
            way = delay_way(way, b->rings + (size_t)o * b->latency, b->latency,
                            b->at, c->n_frames, late);
        }
        const uint64_t bit = lat_output_bit(o);
        const bool is_constant =
            cross(c, &b->share, way, constant & bit, io->out[o]);
        // An output that cannot say that it is constant is written in full.
        for (uint32_t f = 1; is_constant && !bit && f < c->n_frames; ++f) {
            io->out[o][f] = io->out[o][0];
        }
        constant = is_constant ? constant | bit : constant & ~bit;
    }
    if (b->latency) {
        b->at = (uint32_t)(((uint64_t)b->at + c->n_frames) % b->latency);
    }
    return constant;
}

LAT_RT uint32_t
lat_around_silence(const struct lat_context *c, const struct lat_bypass *b,
                   const float *in, uint32_t step, float *out)
{
    const uint64_t end = c->frame + c->n_frames;
    const float first = lat_ramp_at(&b->share, c->frame);
    if (lat_ramp_is_still(&b->share, c->frame, end) && first == 1.0F) {
        out[0] = 0.0F;
        return 0;
    }
    const float constant = in[0];
    for (uint32_t f = 0; f < c->n_frames; ++f) {
        const float part = lat_ramp_at(&b->share, c->frame + f);
        const float here = step ? in[f] : constant;
        out[f] = part == 0.0F ? here : here * (1.0F - part);
    }
    return 1;
}
