// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Inputs are gathered just before a node runs, into scratch that stays in the
// first-level cache; an input with one plain cable is a pointer to its source.
//
// The bits of an input are a function of its value, its live cables in order
// and its dying cables in order.  -0 is the neutral element of every addition
// here, so that adding nothing and not adding are the same.

#include "span.h"
#include "engine_private.h"
#include "mix.h"

#include <string.h>

// Every 64th node is timed in each span, in turn.
#define TIMED_ONE_IN 64U

// Where this span's frames stand in a feedback ring: the half that is written
// now, and the half that was written a quantum ago.
static size_t
ring_now(const struct lat_context *c)
{
    const uint64_t quantum = c->frame / c->block;
    return (size_t)((quantum & 1U) * c->block + c->frame % c->block);
}

static size_t
ring_before(const struct lat_context *c)
{
    const uint64_t quantum = c->frame / c->block;
    return (size_t)((~quantum & 1U) * c->block + c->frame % c->block);
}

static struct lat_term
cable_term(const struct lat_context *c, const struct lat_plan_cable *cable)
{
    struct lat_term term = {.amount = cable->run->amount.to};
    if (cable->feedback) {
        term.source = cable->feedback + ring_before(c);
        term.step = 1;
    } else {
        term.source = cable->signal->data;
        term.step = cable->signal->step;
    }
    return term;
}

// Bring the live cables' terms up to date.
// @return whether all amounts stand still in this span.
static bool
settle(const struct lat_span *span, struct lat_plan_input *in)
{
    const struct lat_context *c = &span->context;
    bool is_still = true;
    bool is_idle = true;
    for (uint32_t i = 0; i < in->n_live; ++i) {
        const struct lat_ramp *amount = &in->cables[i].run->amount;
        in->terms[i] = cable_term(c, &in->cables[i]);
        in->terms[i].amount = lat_ramp_at(amount, c->frame);
        is_still = is_still && lat_ramp_is_still(amount, c->frame,
                                                 c->frame + c->n_frames);
        is_idle = is_idle && lat_ramp_is_idle(amount, c->frame);
    }
    in->settled_epoch = is_idle ? span->amount_epoch : 0;
    return is_still;
}

static bool
update_terms(const struct lat_span *span, struct lat_plan_input *in)
{
    if (in->settled_epoch != span->amount_epoch) {
        return settle(span, in);
    }
    for (uint32_t i = 0; i < in->n_live; ++i) {
        const float amount = in->terms[i].amount;
        in->terms[i] = cable_term(&span->context, &in->cables[i]);
        in->terms[i].amount = amount;
    }
    return true;
}

static bool
all_constant(const struct lat_plan_input *in)
{
    for (uint32_t i = 0; i < in->n_live; ++i) {
        if (in->terms[i].step) {
            return false;
        }
    }
    return true;
}

// What an input receives: a pointer, and whether it is constant.
struct feed {
    const float *data;
    uint32_t step;
};

// The input's own value: constant, or written to `out`.
static struct feed
own_value(const struct lat_context *c, const struct lat_plan_input *in,
          float *out)
{
    const struct lat_ramp *value = &in->run->value;
    const uint64_t end = c->frame + c->n_frames;
    if (in->kind == LAT_PORT_TRIGGER) {
        out[0] = 0.0F;
        if (value->start < c->frame || value->start >= end) {
            return (struct feed){out, 0};
        }
        memset(out, 0, c->n_frames * sizeof(float));
        out[value->start - c->frame] = value->to;
        return (struct feed){out, 1};
    }
    if (lat_ramp_is_still(value, c->frame, end)) {
        out[0] = lat_ramp_at(value, c->frame);
        return (struct feed){out, 0};
    }
    lat_ramp_fill(value, c->frame, out, c->n_frames);
    return (struct feed){out, 1};
}

// Events combine by maximum, in order.
static struct feed
gather_event(const struct lat_span *span, struct lat_plan_input *in, float *out)
{
    const struct lat_context *c = &span->context;
    const struct feed own = own_value(c, in, out);
    const uint32_t n_cables = in->n_live + in->n_dying;
    if (!n_cables) {
        return own;
    }
    if (!own.step) {
        for (uint32_t f = 1; f < c->n_frames; ++f) {
            out[f] = out[0];
        }
    }
    for (uint32_t i = 0; i < n_cables; ++i) {
        const struct lat_term t = cable_term(c, &in->cables[i]);
        lat_mix_maximum(out, &t, c->n_frames);
    }
    return (struct feed){out, 1};
}

static struct feed
gather_sum(const struct lat_span *span, struct lat_plan_input *in, float *out)
{
    const struct lat_context *c = &span->context;
    const uint32_t n = c->n_frames;
    const uint64_t end = c->frame + n;
    if (!in->n_live && !in->n_dying &&
        (in->kind == LAT_PORT_KNOB || in->run->normal.to == 1.0F) &&
        lat_ramp_is_idle(&in->run->normal, c->frame)) {
        return own_value(c, in, out);
    }

    // The share of the input's own value: all of it in a knob.
    float own[LAT_MAX_BLOCK];
    struct feed value = own_value(c, in, own);
    if (in->kind == LAT_PORT_SIGNAL) {
        value.step = lat_mix_normal(own, value.step, &in->run->normal,
                                    c->frame, n);
    }
    const bool is_still = update_terms(span, in);
    const bool has_value = value.step || own[0] != 0.0F;

    if (is_still && in->n_live == 1 && in->terms[0].amount == 1.0F &&
        !has_value && !in->n_dying) {
        return (struct feed){in->terms[0].source, in->terms[0].step};
    }
    const bool is_constant = is_still && !value.step && !in->n_dying &&
                             lat_ramp_is_still(&in->run->value, c->frame, end) &&
                             all_constant(in);
    const uint32_t n_rows = is_constant ? 1 : n;
    if (is_still) {
        lat_mix_sum(span->kernels, out, in->terms, in->n_live, n_rows);
    } else {
        lat_mix_sum_moving(out, in->terms, in->cables, in->n_live, c->frame,
                           n_rows);
    }
    if (has_value) {
        lat_mix_add(out, own, value.step, n_rows);
    }
    for (uint32_t i = in->n_live; i < in->n_live + in->n_dying; ++i) {
        const struct lat_term t = cable_term(c, &in->cables[i]);
        lat_mix_add_moving(out, &t, &in->cables[i].run->amount, c->frame, n);
    }
    return (struct feed){out, !is_constant};
}

static struct feed
gather(const struct lat_span *span, struct lat_plan_input *in, float *out)
{
    if (in->kind == LAT_PORT_GATE || in->kind == LAT_PORT_TRIGGER) {
        return gather_event(span, in, out);
    }
    return gather_sum(span, in, out);
}

// Faults.

static void
report_fault(const struct lat_span *span, struct lat_instance *inst,
             uint64_t frame)
{
    const struct lat_report report = {
        .kind = LAT_REPORT_FAULT,
        .inst = inst,
        .frame = frame,
    };
    atomic_fetch_add_explicit(&inst->n_faults, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(span->n_faults, 1, memory_order_relaxed);
    if (lat_ring_push(span->reports, &report)) {
        lat_ring_commit(span->reports);
    }
}

// First bad frame of any output, or n.  Constant outputs have one row.
static uint32_t
first_bad(const struct lat_kernels *kernels, const struct lat_io *io,
          uint64_t constant, uint32_t n)
{
    uint32_t first = n;
    for (uint32_t o = 0; o < io->n_out; ++o) {
        const bool is_constant = o < 64 && constant >> o & 1U;
        const uint32_t rows = is_constant ? 1 : n;
        const uint32_t bad = kernels->first_bad(io->out[o], rows);
        if (bad < rows && bad < first) {
            first = bad;
        }
    }
    return first;
}

static void
spread_constants(const struct lat_io *io, uint64_t constant, uint32_t n)
{
    for (uint32_t o = 0; o < io->n_out && o < 64; ++o) {
        for (uint32_t f = 1; f < n && constant >> o & 1U; ++f) {
            io->out[o][f] = io->out[o][0];
        }
    }
}

// Process frames [begin, n) of a span in which the node failed or fails: from
// the first bad sample to the end of its 64-frame cell its outputs are 0, then
// it starts anew.  Cells lie on the grid of absolute frames.
static void
process_with_faults(const struct lat_span *span, struct lat_plan_node *pn,
                    const struct lat_io *io, uint32_t begin)
{
    struct lat_instance *inst = pn->inst;
    const uint32_t n = span->context.n_frames;
    const uint64_t frame = span->context.frame;
    const float *in[LAT_MAX_PORTS];
    float *out[LAT_MAX_PORTS];
    while (begin < n) {
        uint32_t end = n;
        if (inst->mute_until > frame + begin) {
            if (inst->mute_until - frame < n) {
                end = (uint32_t)(inst->mute_until - frame);
            }
            for (uint32_t o = 0; o < io->n_out; ++o) {
                memset(io->out[o] + begin, 0, (end - begin) * sizeof(float));
            }
            begin = end;
            continue;
        }
        if (inst->needs_reset) {
            lat_instance_reset(inst, pn->config);
            inst->needs_reset = false;
        }
        struct lat_context part = span->context;
        struct lat_io rest = *io;
        part.frame = frame + begin;
        part.n_frames = n - begin;
        struct lat_midi_event midi[8];
        part.midi = midi;
        part.n_midi = 0;
        for (uint32_t i = 0; i < span->context.n_midi; ++i) {
            if (span->context.midi[i].frame >= begin &&
                part.n_midi < LAT_COUNT(midi)) {
                midi[part.n_midi] = span->context.midi[i];
                midi[part.n_midi++].frame -= begin;
            }
        }
        for (uint32_t i = 0; i < io->n_in; ++i) {
            in[i] = io->in[i] + (size_t)begin * io->step[i];
        }
        for (uint32_t o = 0; o < io->n_out; ++o) {
            out[o] = io->out[o] + begin;
        }
        rest.in = in;
        rest.out = out;
        const uint64_t constant = pn->process(&part, &rest);
        spread_constants(&rest, constant, part.n_frames);
        const uint32_t bad = first_bad(span->kernels, &rest, 0, part.n_frames);
        if (bad < part.n_frames) {
            const uint64_t at = part.frame + bad;
            inst->mute_until = at - at % 64 + 64;
            inst->needs_reset = true;
            report_fault(span, inst, at);
        }
        begin += bad;
    }
}

// Devices.

static void
send_to_device(const struct lat_span *span, const struct lat_plan *plan,
               const struct lat_instance *inst, const struct lat_io *io)
{
    const struct lat_context *c = &span->context;
    const uint32_t first = inst->n_out;
    for (uint32_t k = 0; k < inst->n_slots; ++k) {
        float *to = span->buffers[inst->slots[k]];
        if (to) {
            lat_mix_to_device(to + span->offset, io->out[first + k],
                              &inst->fade, &plan->fade, c->frame, c->n_frames);
        }
    }
}

static void
keep_feedback(const struct lat_context *c, const struct lat_instance *inst,
              const struct lat_signal *out)
{
    for (uint32_t o = 0; o < inst->n_out; ++o) {
        if (inst->feedback[o]) {
            float *to = inst->feedback[o] + ring_now(c);
            for (uint32_t f = 0; f < c->n_frames; ++f) {
                to[f] = out[o].data[(size_t)f * out[o].step];
            }
        }
    }
}

// Nodes.

static void
run_node(struct lat_span *span, struct lat_plan *plan,
         struct lat_plan_node *pn)
{
    static const float silence[1] = {0.0F};
    const struct lat_context *c = &span->context;
    struct lat_instance *inst = pn->inst;
    const float *in[LAT_MAX_PORTS];
    uint32_t step[LAT_MAX_PORTS];
    float *out[LAT_MAX_PORTS];
    float *scratch = plan->scratch;
    uint64_t constant_in = 0;

    uint32_t n_in = 0;
    for (; n_in < inst->n_in; ++n_in, scratch += plan->block) {
        const struct feed feed = gather(span, &pn->in[n_in], scratch);
        in[n_in] = feed.data;
        step[n_in] = feed.step;
    }
    uint32_t n_out = 0;
    for (; n_out < inst->n_out; ++n_out) {
        out[n_out] = pn->out[n_out].data;
    }
    for (uint32_t k = 0; k < inst->n_slots; ++k, scratch += plan->block) {
        if (inst->type->flags & LAT_TYPE_DEVICE_OUT) {
            out[n_out++] = scratch;
        } else {
            const float *from = span->buffers[inst->slots[k]];
            in[n_in] = from ? from + span->offset : silence;
            step[n_in++] = from ? 1 : 0;
        }
    }
    for (uint32_t i = 0; i < n_in && i < 64; ++i) {
        constant_in |= (uint64_t)!step[i] << i;
    }
    const struct lat_io io = {
        .in = in,
        .step = step,
        .out = out,
        .state = inst->state,
        .config = pn->config,
        .constant = constant_in,
        .n_in = n_in,
        .n_out = n_out,
    };

    uint64_t constant = 0;
    if (inst->type->prepare) {
        inst->type->prepare(c, &io);
    }
    if (inst->needs_reset) {
        process_with_faults(span, pn, &io, 0);
    } else {
        constant = pn->process(c, &io);
        const uint32_t bad =
            first_bad(span->kernels, &io, constant, c->n_frames);
        if (bad < c->n_frames) {
            spread_constants(&io, constant, c->n_frames);
            constant = 0;
            const uint64_t at = c->frame + bad;
            inst->mute_until = at - at % 64 + 64;
            inst->needs_reset = true;
            report_fault(span, inst, at);
            process_with_faults(span, pn, &io, bad);
        }
    }
    for (uint32_t o = 0; o < inst->n_out; ++o) {
        pn->out[o].step = !(o < 64 && constant >> o & 1U);
    }
    keep_feedback(c, inst, pn->out);
    if (inst->type->flags & LAT_TYPE_DEVICE_OUT) {
        spread_constants(&io, constant, c->n_frames);
        send_to_device(span, plan, inst, &io);
    }
    if (inst->type->flags & LAT_TYPE_READABLE) {
        for (uint32_t o = 0; o < inst->n_out; ++o) {
            const size_t last = (size_t)(c->n_frames - 1) * pn->out[o].step;
            atomic_store_explicit(&inst->readout[o], out[o][last],
                                  memory_order_relaxed);
        }
    }
}

static uint64_t
run_timed(struct lat_span *span, struct lat_plan *plan,
          struct lat_plan_node *pn)
{
    const uint64_t begin_ns = lat_now_ns();
    run_node(span, plan, pn);
    const uint64_t ns = lat_now_ns() - begin_ns;
    const float mean =
        atomic_load_explicit(&pn->inst->load_ns, memory_order_relaxed);
    const float now = (float)ns;
    atomic_store_explicit(&pn->inst->load_ns,
                          mean > 0.0F ? mean + 0.125F * (now - mean) : now,
                          memory_order_relaxed);
    return ns;
}

LAT_RT void
lat_span_run(struct lat_span *span, struct lat_plan *plan)
{
    const uint32_t timed = (uint32_t)(span->turn % TIMED_ONE_IN);
    uint64_t longest_ns = 0;
    for (uint32_t i = 0; i < plan->n_nodes; ++i) {
        if (i % TIMED_ONE_IN != timed) {
            run_node(span, plan, &plan->nodes[i]);
            continue;
        }
        const uint64_t ns = run_timed(span, plan, &plan->nodes[i]);
        if (ns > longest_ns) {
            longest_ns = ns;
            span->slowest = plan->nodes[i].inst;
        }
    }
}
