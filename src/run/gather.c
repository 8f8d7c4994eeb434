// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Inputs are gathered just before a node runs, into scratch that stays in the
// first-level cache; an input with one plain cable is a pointer to its source.
//
// The bits of an input are a function of its value, its live cables in order
// and its dying cables in order.  -0 is the neutral element of every addition
// here, so that adding nothing and not adding are the same.

#include "gather.h"
#include "mix.h"

#include <string.h>

// Where this span's frames were written into a feedback ring, a quantum ago.
static size_t
ring_before(const struct lat_context *c)
{
    const uint64_t quantum = c->frame / c->block;
    return (size_t)((~quantum & 1U) * c->block + c->frame % c->block);
}

LAT_RT struct lat_term
lat_gather_term(const struct lat_context *c, const struct lat_plan_cable *cable)
{
    struct lat_term term = {.amount = cable->amount->to};
    if (cable->feedback) {
        term.source = cable->feedback + ring_before(c);
        term.step = 1;
    } else {
        term.source = cable->signal->data;
        term.step = *cable->signal->pitch;
    }
    return term;
}

// Bring the live cables' terms up to date.
// @return whether all amounts stand still in this span.
static bool
settle(const struct lat_span *span, struct lat_plan_patch *in)
{
    const struct lat_context *c = &span->context;
    bool is_still = true;
    bool is_idle = true;
    for (uint32_t i = 0; i < in->n_live; ++i) {
        const struct lat_ramp *amount = in->cables[i].amount;
        in->terms[i] = lat_gather_term(c, &in->cables[i]);
        in->terms[i].amount = lat_ramp_at(amount, c->frame);
        if (in->rows) {
            in->across->amounts[i] = in->terms[i].amount;
        }
        is_still = is_still &&
                   lat_ramp_is_still(amount, c->frame, c->frame + c->n_frames);
        is_idle = is_idle && lat_ramp_is_idle(amount, c->frame);
    }
    in->settled_epoch = is_idle ? span->amount_epoch : 0;
    return is_still;
}

static bool
update_terms(const struct lat_span *span, struct lat_plan_patch *in)
{
    if (in->settled_epoch != span->amount_epoch) {
        return settle(span, in);
    }
    if (in->rows) {
        return true;
    }
    for (uint32_t i = 0; i < in->n_live; ++i) {
        const float amount = in->terms[i].amount;
        in->terms[i] = lat_gather_term(&span->context, &in->cables[i]);
        in->terms[i].amount = amount;
    }
    return true;
}

static bool
all_constant(const struct lat_plan_patch *in)
{
    for (uint32_t i = 0; i < in->n_live; ++i) {
        if (in->terms[i].step) {
            return false;
        }
    }
    return true;
}

// The input's own value: constant, or written to `out`.
static struct lat_feed
own_value(const struct lat_context *c, uint32_t kind,
          const struct lat_ramp *value, float *out)
{
    const uint64_t end = c->frame + c->n_frames;
    if (kind == LAT_PORT_TRIGGER) {
        out[0] = 0.0F;
        if (value->start < c->frame || value->start >= end) {
            return (struct lat_feed){out, 0};
        }
        memset(out, 0, c->n_frames * sizeof(float));
        out[value->start - c->frame] = value->to;
        return (struct lat_feed){out, 1};
    }
    if (lat_ramp_is_still(value, c->frame, end)) {
        out[0] = lat_ramp_at(value, c->frame);
        return (struct lat_feed){out, 0};
    }
    lat_ramp_fill(value, c->frame, out, c->n_frames);
    return (struct lat_feed){out, 1};
}

// Events combine by maximum, in order.  A trigger that is not set takes no
// part, so that one hears where its cables cross 0.
static struct lat_feed
gather_event(const struct lat_span *span, const struct lat_plan_input *in,
             const struct lat_ramp *value, float *out)
{
    const struct lat_context *c = &span->context;
    const struct lat_feed own = own_value(c, in->kind, value, out);
    const struct lat_plan_patch *patch = in->patch;
    const uint32_t n_cables = patch ? patch->n_live + patch->n_dying : 0;
    if (!n_cables) {
        return own;
    }
    const bool rests = in->kind == LAT_PORT_TRIGGER;
    for (uint32_t f = 0; f < c->n_frames; ++f) {
        const float x = out[own.step ? f : 0];
        out[f] = rests && x == 0.0F ? LAT_MIX_LEAST : x;
    }
    for (uint32_t i = 0; i < n_cables; ++i) {
        const struct lat_term t = lat_gather_term(c, &patch->cables[i]);
        lat_mix_maximum(out, &t, c->n_frames);
    }
    return (struct lat_feed){out, 1};
}

// Sixteen cables at a time, most of them from the lanes of groups.
static struct lat_feed
sum_rows(const struct lat_span *span, struct lat_plan_patch *in, float *out)
{
    const struct lat_context *c = &span->context;
    const uint32_t n_rows = (in->n_live + LAT_LANES - 1) / LAT_LANES;
    struct lat_lane_term terms[LAT_SUM_BLOCK / LAT_LANES];
    float scattered[LAT_SUM_BLOCK / LAT_LANES / 2][LAT_LANES * LAT_SPAN_MAX];
    uint32_t n_scattered = 0;
    uint32_t any = 0;
    for (uint32_t r = 0; r < n_rows; ++r) {
        terms[r].amounts = in->across->amounts + (size_t)r * LAT_LANES;
        if (in->rows[r].data) {
            terms[r].rows = in->rows[r].data;
            terms[r].step = *in->rows[r].pitch;
        } else {
            float *to = scattered[n_scattered++];
            for (uint32_t l = 0; l < LAT_LANES; ++l) {
                const uint32_t k = r * LAT_LANES + l;
                const struct lat_term t = lat_gather_term(
                    c, &in->cables[k < in->n_live ? k : in->n_live - 1]);
                for (uint32_t f = 0; f < c->n_frames; ++f) {
                    to[f * LAT_LANES + l] = t.source[(size_t)f * t.step];
                }
            }
            terms[r].rows = to;
            terms[r].step = LAT_LANES;
        }
        any |= terms[r].step;
    }
    const uint32_t n_last = in->n_live - (n_rows - 1) * LAT_LANES;
    span->kernels->sum_across(out, terms, n_rows, n_last,
                              any ? c->n_frames : 1);
    return (struct lat_feed){out, any != 0};
}

LAT_RT void
lat_gather_begin_sum(const struct lat_span *span, struct lat_plan_across *sum)
{
    sum->is_still = update_terms(span, sum->patch);
    sum->step = sum->is_still ? 0 : LAT_LANES;
}

// Make all rows what the first one is.
static void
spread_partials(struct lat_plan_across *sum, uint32_t n)
{
    for (uint32_t f = 1; f < n; ++f) {
        memcpy(sum->partials + (size_t)f * LAT_LANES, sum->partials,
               LAT_LANES * sizeof(float));
    }
}

// While amounts move, each lane is added in the way of lat_mix_sum_moving().
static void
add_moving(const struct lat_span *span, const struct lat_plan_lanes *g)
{
    const struct lat_context *c = &span->context;
    const struct lat_plan_cable *cables =
        g->sum->patch->cables + (size_t)g->row * LAT_LANES;
    for (uint32_t l = 0; l < g->n; ++l) {
        float partial[LAT_SPAN_MAX];
        float x[LAT_SPAN_MAX];
        float amounts[LAT_SPAN_MAX];
        float *to = g->sum->partials + l;
        lat_ramp_fill(cables[l].amount, c->frame, amounts, c->n_frames);
        for (uint32_t f = 0; f < c->n_frames; ++f) {
            x[f] = g->out[0][(size_t)f * g->out_pitch[0] + l];
            partial[f] = to[(size_t)f * LAT_LANES];
        }
        span->kernels->add_products(partial, x, amounts, c->n_frames);
        for (uint32_t f = 0; f < c->n_frames; ++f) {
            to[(size_t)f * LAT_LANES] = partial[f];
        }
    }
}

LAT_RT void
lat_gather_add(const struct lat_span *span, const struct lat_plan_lanes *g)
{
    struct lat_plan_across *sum = g->sum;
    const uint32_t n = span->context.n_frames;
    for (uint32_t l = 0; !g->row && l < LAT_LANES; ++l) {
        sum->partials[l] = -0.0F; // adds nothing
    }
    if (!g->row || (!sum->step && g->out_pitch[0])) {
        spread_partials(sum, n);
    }
    sum->step = g->out_pitch[0] ? LAT_LANES : sum->step;
    if (!sum->is_still) {
        add_moving(span, g);
        return;
    }
    const struct lat_lane_term term = {
        .rows = g->out[0],
        .step = g->out_pitch[0],
        .amounts = sum->amounts + (size_t)g->row * LAT_LANES,
    };
    span->kernels->add_across(sum->partials, &term, g->n, sum->step ? n : 1);
}

static struct lat_feed
fold_joined(const struct lat_span *span, const struct lat_plan_across *sum,
            float *out)
{
    span->kernels->fold_across(out, sum->partials,
                               sum->step ? span->context.n_frames : 1);
    return (struct lat_feed){out, sum->step != 0};
}

// The live cables alone, up to LAT_SUM_BLOCK of them.
LAT_RT struct lat_feed
lat_gather_cables(const struct lat_span *span, struct lat_plan_patch *in,
                  float *out)
{
    const struct lat_context *c = &span->context;
    if (in->across && in->across->partials) {
        return fold_joined(span, in->across, out);
    }
    const bool is_still = update_terms(span, in);
    if (is_still && in->rows) {
        return sum_rows(span, in, out);
    }
    const bool is_constant = is_still && all_constant(in);
    if (is_still && in->n_live == 1 && in->terms[0].amount == 1.0F &&
        in->terms[0].step <= 1) {
        return (struct lat_feed){in->terms[0].source, in->terms[0].step};
    }
    if (is_still) {
        lat_mix_sum(span->kernels, out, in->terms, in->n_live,
                    is_constant ? 1 : c->n_frames);
    } else {
        lat_mix_sum_moving(span->kernels, out, in->terms, in->cables,
                           in->n_live, c->frame, c->n_frames);
    }
    return (struct lat_feed){out, !is_constant};
}

static struct lat_feed
sum_nothing(float *out)
{
    out[0] = -0.0F;
    return (struct lat_feed){out, 0};
}

// All live cables: those of a large sum were added up in parts by tasks of
// their own.
static struct lat_feed
sum_live(const struct lat_span *span, struct lat_plan_patch *in, float *out)
{
    if (!in->parts) {
        return lat_gather_cables(span, in, out);
    }
    uint32_t any = 0;
    for (uint32_t p = 0; p < in->n_parts; ++p) {
        const struct lat_plan_sum *sum = &in->parts[p];
        in->terms[p] = (struct lat_term){sum->out, sum->pitch, 1.0F};
        any |= sum->pitch;
        // Other processors made many of them: fetch all at once.
        for (uint32_t f = 0; f < LAT_SPAN_MAX; f += LAT_LANES) {
            __builtin_prefetch(sum->out + f);
        }
    }
    lat_mix_sum(span->kernels, out, in->terms, in->n_parts,
                any ? span->context.n_frames : 1);
    return (struct lat_feed){out, any != 0};
}

static struct lat_feed
gather_sum(const struct lat_span *span, const struct lat_plan_input *in,
           const struct lat_ramp *ramp, float *out)
{
    const struct lat_context *c = &span->context;
    const uint32_t n = c->n_frames;
    struct lat_plan_patch *patch = in->patch;
    const bool is_signal = in->kind == LAT_PORT_SIGNAL;
    const struct lat_ramp *share = is_signal ? ramp + 1 : NULL;
    const uint32_t n_dying = patch ? patch->n_dying : 0;
    const bool is_patched = patch && (patch->n_live || n_dying);
    if (!is_patched &&
        (!share || (share->to == 1.0F && lat_ramp_is_idle(share, c->frame)))) {
        return own_value(c, in->kind, ramp, out);
    }

    // The share of the input's own value: all of it in a knob.
    float own[LAT_SPAN_MAX];
    struct lat_feed value = own_value(c, in->kind, ramp, own);
    if (share) {
        value.step = lat_mix_normal(own, value.step, share, c->frame, n);
    }
    const bool has_value = value.step || own[0] != 0.0F;
    const struct lat_feed live =
        patch ? sum_live(span, patch, out) : sum_nothing(out);
    const bool has_floor = in->floor > 0.0F;
    if (!has_value && !n_dying && !has_floor) {
        return live;
    }
    const bool is_constant = !live.step && !value.step && !n_dying;
    const uint32_t n_rows = is_constant ? 1 : n;
    lat_mix_spread(out, live.data, live.step, n_rows);
    if (has_value) {
        lat_mix_add(out, own, value.step, n_rows);
    }
    for (uint32_t i = 0; i < n_dying; ++i) {
        const struct lat_plan_cable *cable = &patch->cables[patch->n_live + i];
        const struct lat_term t = lat_gather_term(c, cable);
        lat_mix_add_moving(out, &t, cable->amount, c->frame, n);
    }
    if (has_floor) {
        lat_mix_floor(out, own, value.step, in->floor, n_rows);
    }
    return (struct lat_feed){out, !is_constant};
}

LAT_RT struct lat_feed
lat_gather_input(const struct lat_span *span, const struct lat_plan_node *pn,
                 uint32_t i, float *out)
{
    const struct lat_plan_input *in = &pn->in[i];
    const struct lat_ramp *ramp = lat_plan_ramp(pn, i);
    if (lat_port_kind_is_event(in->kind)) {
        return gather_event(span, in, ramp, out);
    }
    return gather_sum(span, in, ramp, out);
}
