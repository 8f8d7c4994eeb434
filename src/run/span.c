// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Inputs are gathered just before a node runs, into scratch that stays in the
// first-level cache; an input with one plain cable is a pointer to its source.
//
// The bits of an input are a function of its value, its live cables in order
// and its dying cables in order.  -0 is the neutral element of every addition
// here, so that adding nothing and not adding are the same.

#include "span.h"
#include "around.h"
#include "engine_state.h"
#include "mix.h"
#include "plan/lanes.h"
#include "span_private.h"

#include <string.h>

// Every 64th task is timed in each span, in turn.
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

LAT_RT struct lat_term
lat_span_term(const struct lat_context *c, const struct lat_plan_cable *cable)
{
    struct lat_term term = {.amount = cable->run->amount.to};
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
        const struct lat_ramp *amount = &in->cables[i].run->amount;
        in->terms[i] = lat_span_term(c, &in->cables[i]);
        in->terms[i].amount = lat_ramp_at(amount, c->frame);
        if (in->rows) {
            in->amounts[i] = in->terms[i].amount;
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
        in->terms[i] = lat_span_term(&span->context, &in->cables[i]);
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

// Events combine by maximum, in order.
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
    if (!own.step) {
        for (uint32_t f = 1; f < c->n_frames; ++f) {
            out[f] = out[0];
        }
    }
    for (uint32_t i = 0; i < n_cables; ++i) {
        const struct lat_term t = lat_span_term(c, &patch->cables[i]);
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
        terms[r].amounts = in->amounts + (size_t)r * LAT_LANES;
        if (in->rows[r].data) {
            terms[r].rows = in->rows[r].data;
            terms[r].step = *in->rows[r].pitch;
        } else {
            float *to = scattered[n_scattered++];
            for (uint32_t l = 0; l < LAT_LANES; ++l) {
                const uint32_t k = r * LAT_LANES + l;
                const struct lat_term t = lat_span_term(
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

// The live cables alone, up to LAT_SUM_BLOCK of them.
static struct lat_feed
sum_cables(const struct lat_span *span, struct lat_plan_patch *in, float *out)
{
    const struct lat_context *c = &span->context;
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
        lat_mix_sum_moving(out, in->terms, in->cables, in->n_live, c->frame,
                           c->n_frames);
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
        return sum_cables(span, in, out);
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
        const struct lat_term t = lat_span_term(c, cable);
        lat_mix_add_moving(out, &t, &cable->run->amount, c->frame, n);
    }
    if (has_floor) {
        lat_mix_floor(out, own, value.step, in->floor, n_rows);
    }
    return (struct lat_feed){out, !is_constant};
}

LAT_RT struct lat_feed
lat_span_gather(const struct lat_span *span, const struct lat_plan_node *pn,
                uint32_t i, float *out)
{
    const struct lat_plan_input *in = &pn->in[i];
    const struct lat_ramp *ramp = lat_plan_ramp(pn, i);
    if (lat_port_kind_is_event(in->kind)) {
        return gather_event(span, in, ramp, out);
    }
    return gather_sum(span, in, ramp, out);
}

// Faults.

static void
note_fault(struct lat_span_thread *t, struct lat_instance *inst, uint64_t frame)
{
    inst->mute_until = frame - frame % 64 + 64;
    inst->needs_reset = true;
    atomic_fetch_add_explicit(&inst->n_faults, 1, memory_order_relaxed);
    if (t->n_faults < LAT_SPAN_FAULTS) {
        t->faults[t->n_faults] = (struct lat_fault){inst, frame};
    }
    ++t->n_faults;
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
process_with_faults(const struct lat_span *span, struct lat_span_thread *t,
                    struct lat_plan_node *pn, const struct lat_io *io,
                    uint32_t begin)
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
            lat_instance_reset(inst, pn->config, io->state);
            inst->needs_reset = false;
        }
        struct lat_context part = span->context;
        struct lat_io rest = *io;
        part.frame = frame + begin;
        part.n_frames = n - begin;
        struct lat_midi_event midi[8];
        part.midi = midi;
        part.n_midi = 0;
        part.n_notes = begin ? 0 : span->context.n_notes;
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
            note_fault(t, inst, part.frame + bad);
        }
        begin += bad;
    }
}

// Devices.

static void
send_to_device(const struct lat_span *span, const struct lat_plan *plan,
               const struct lat_plan_node *pn)
{
    const struct lat_context *c = &span->context;
    const struct lat_instance *inst = pn->inst;
    for (uint32_t k = 0; k < inst->n_slots; ++k) {
        float *to = span->buffers[inst->slots[k]];
        if (to) {
            lat_mix_to_device(to + span->offset,
                              pn->device + (size_t)k * LAT_SPAN_MAX, inst->fade,
                              &plan->fade, c->frame, c->n_frames);
        }
    }
}

LAT_RT void
lat_span_keep_feedback(const struct lat_context *c,
                       const struct lat_plan_node *pn)
{
    for (uint32_t o = 0; pn->feedback && o < pn->inst->n_out; ++o) {
        if (pn->feedback[o]) {
            float *to = pn->feedback[o] + ring_now(c);
            const uint32_t pitch = *pn->out[o].pitch;
            for (uint32_t f = 0; f < c->n_frames; ++f) {
                to[f] = pn->out[o].data[(size_t)f * pitch];
            }
        }
    }
}

// Nodes.

// What a node reads and writes in a span.
struct ends {
    const float *in[LAT_MAX_PORTS];
    uint32_t step[LAT_MAX_PORTS];
    float *out[LAT_MAX_PORTS];
    uint32_t n_in, n_out;
    uint64_t constant; ///< bit per input
    uint64_t patched;  ///< the same
};

static void
find_ends(const struct lat_span *span, const struct lat_plan_node *pn,
          float *const *ports, float *scratch, struct ends *e)
{
    static const float silence[1] = {0.0F};
    const struct lat_instance *inst = pn->inst;
    e->n_in = e->n_out = 0;
    e->constant = e->patched = 0;
    for (; e->n_in < inst->n_in; ++e->n_in, scratch += LAT_SPAN_MAX) {
        const struct lat_plan_patch *patch = pn->in[e->n_in].patch;
        e->patched |=
            e->n_in < 64 && patch && patch->n_live ? UINT64_C(1) << e->n_in : 0;
        const struct lat_feed feed =
            lat_span_gather(span, pn, e->n_in, scratch);
        e->in[e->n_in] = feed.data;
        e->step[e->n_in] = feed.step;
        if (pn->bypass && !inst->n_out &&
            pn->in[e->n_in].kind == LAT_PORT_SIGNAL) {
            e->step[e->n_in] = lat_around_silence(
                &span->context, pn->bypass, feed.data, feed.step, scratch);
            e->in[e->n_in] = scratch;
        }
    }
    for (; e->n_out < inst->n_out; ++e->n_out) {
        e->out[e->n_out] = ports[e->n_out];
    }
    for (uint32_t k = 0; k < inst->n_slots; ++k) {
        if (pn->device) {
            e->out[e->n_out++] = pn->device + (size_t)k * LAT_SPAN_MAX;
        } else {
            const float *from = span->buffers[inst->slots[k]];
            e->in[e->n_in] = from ? from + span->offset : silence;
            e->step[e->n_in++] = from ? 1 : 0;
        }
    }
    for (uint32_t i = 0; i < e->n_in && i < 64; ++i) {
        e->constant |= (uint64_t)!e->step[i] << i;
    }
}

LAT_RT uint64_t
lat_span_run_node(const struct lat_span *span, struct lat_span_thread *t,
                  struct lat_plan_node *pn, float *const *ports, float *scratch)
{
    const struct lat_context *c = &span->context;
    struct lat_instance *inst = pn->inst;
    struct ends e;
    find_ends(span, pn, ports, scratch, &e);
    // State in lanes is processed in a copy.
    uint32_t words[LAT_MAX_STATE_WORDS];
    const bool is_away = inst->type->kernel && inst->pitch != 1;
    if (is_away) {
        lat_instance_load(inst, words);
    }
    const struct lat_io io = {
        .in = e.in,
        .step = e.step,
        .out = e.out,
        .state = is_away ? words : inst->state,
        .config = pn->config,
        .constant = e.constant,
        .patched = e.patched,
        .n_in = e.n_in,
        .n_out = e.n_out,
    };

    uint64_t constant = 0;
    if (inst->type->prepare) {
        inst->type->prepare(c, &io);
    }
    if (inst->needs_reset) {
        process_with_faults(span, t, pn, &io, 0);
    } else {
        constant = pn->process(c, &io);
        const uint32_t bad =
            inst->type->is_bounded
                ? c->n_frames
                : first_bad(span->kernels, &io, constant, c->n_frames);
        if (bad < c->n_frames) {
            spread_constants(&io, constant, c->n_frames);
            constant = 0;
            note_fault(t, inst, c->frame + bad);
            process_with_faults(span, t, pn, &io, bad);
        }
    }
    if (is_away) {
        lat_instance_store(inst, words);
    }
    if (pn->bypass) {
        constant = lat_around_mix(c, pn->bypass, &io, inst->n_out, constant);
    }
    if (inst->type->flags & LAT_TYPE_DEVICE_OUT) {
        spread_constants(&io, constant, c->n_frames);
    }
    return constant;
}

static void
run_node(const struct lat_span *span, struct lat_span_thread *t,
         struct lat_plan_node *pn)
{
    float *out[LAT_MAX_PORTS];
    for (uint32_t o = 0; o < pn->inst->n_out; ++o) {
        out[o] = pn->out[o].data;
    }
    const uint64_t constant = lat_span_run_node(span, t, pn, out, t->scratch);
    for (uint32_t o = 0; o < pn->inst->n_out; ++o) {
        lat_plan_set_pitch(&pn->out_pitch[o], !(o < 64 && constant >> o & 1U));
    }
    lat_span_keep_feedback(&span->context, pn);
    if (pn->inst->taps) {
        lat_taps_take(&span->context, pn);
    }
}

// Tasks.

static void
run_sum(const struct lat_span *span, struct lat_plan_sum *sum)
{
    const struct lat_feed feed = sum_cables(span, &sum->in, sum->out);
    lat_plan_set_pitch(&sum->pitch, feed.step);
    if (feed.data != sum->out) {
        lat_mix_spread(sum->out, feed.data, feed.step,
                       feed.step ? span->context.n_frames : 1);
    }
}

static void
run_task(const struct lat_span *span, struct lat_span_thread *t,
         const struct lat_task *task)
{
    switch (task->kind) {
    case LAT_TASK_NODE:
        run_node(span, t, task->node);
        break;
    case LAT_TASK_LANES:
    case LAT_TASK_CHAIN:
        lat_lanes_run(span, t, task->lanes);
        break;
    case LAT_TASK_SUM:
        run_sum(span, task->sum);
        break;
    }
}

static void
note_load(struct lat_instance *inst, uint64_t ns, uint32_t share)
{
    const float mean =
        atomic_load_explicit(&inst->load_ns, memory_order_relaxed);
    const float now = (float)ns / (float)share;
    atomic_store_explicit(&inst->load_ns,
                          mean > 0.0F ? mean + 0.125F * (now - mean) : now,
                          memory_order_relaxed);
}

// The nodes of a task share its time.
static void
run_timed(const struct lat_span *span, struct lat_span_thread *t,
          const struct lat_task *task)
{
    const uint64_t begin_ns = lat_now_ns();
    run_task(span, t, task);
    const uint64_t ns = lat_now_ns() - begin_ns;
    struct lat_instance *first = NULL;
    if (task->kind == LAT_TASK_NODE) {
        first = task->node->inst;
        note_load(first, ns, 1);
    } else if (task->kind != LAT_TASK_SUM) {
        first = task->lanes->members[0]->inst;
        for (uint32_t l = 0; l < task->lanes->n; ++l) {
            note_load(task->lanes->members[l]->inst, ns, task->lanes->n);
        }
    }
    if (first && ns > t->longest_ns) {
        t->longest_ns = ns;
        t->slowest = first;
    }
}

LAT_RT void
lat_span_run_chunk(struct lat_span *span, struct lat_plan *plan,
                   const struct lat_chunk *chunk, struct lat_span_thread *t)
{
    const uint32_t timed = (uint32_t)(span->turn % TIMED_ONE_IN);
    const uint32_t end = chunk->first + chunk->n;
    for (uint32_t i = chunk->first; i < end; ++i) {
        if (i % TIMED_ONE_IN == timed) {
            run_timed(span, t, &plan->tasks[i]);
        } else {
            run_task(span, t, &plan->tasks[i]);
        }
    }
}

LAT_RT void
lat_span_finish(struct lat_span *span, struct lat_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_devices; ++i) {
        send_to_device(span, plan, plan->devices[i]);
    }
}

// Whoever found a fault wrote it down; streams have one writer.
static void
tell_faults(struct lat_taps *taps, const struct lat_span_thread *t)
{
    const uint32_t n =
        t->n_faults < LAT_SPAN_FAULTS ? t->n_faults : LAT_SPAN_FAULTS;
    for (uint32_t i = 0; i < n; ++i) {
        const struct lat_record record = {
            .kind = LAT_RECORD_FAULT,
            .inst = t->faults[i].inst,
            .frame = t->faults[i].frame,
        };
        lat_stream_tell(taps, &record, i + 1 < n ? 0 : t->n_faults - n);
    }
}

LAT_RT void
lat_span_collect(struct lat_span *span, struct lat_span_thread *t)
{
    if (t->n_faults) {
        tell_faults(span->taps, t);
        atomic_fetch_add_explicit(span->n_faults, t->n_faults,
                                  memory_order_relaxed);
        t->n_faults = 0;
    }
    if (t->slowest && t->longest_ns > span->longest_ns) {
        span->longest_ns = t->longest_ns;
        span->slowest = t->slowest;
    }
    t->longest_ns = 0;
    t->slowest = NULL;
}
