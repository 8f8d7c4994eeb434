// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alone.h"
#include "around.h"
#include "gather.h"
#include "sleep.h"

#include <string.h>

// Where this span's frames stand in a feedback ring: in the half that is
// written now.
static size_t
ring_now(const struct lat_context *c)
{
    const uint64_t quantum = c->frame / c->block;
    return (size_t)((quantum & 1U) * c->block + c->frame % c->block);
}

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
        const uint32_t rows = lat_output_is_constant(constant, o) ? 1 : n;
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
    for (uint32_t o = 0; o < io->n_out && constant; ++o) {
        const bool is_constant = lat_output_is_constant(constant, o);
        for (uint32_t f = 1; f < n && is_constant; ++f) {
            io->out[o][f] = io->out[o][0];
        }
    }
}

// What frames from @p begin on are told about time; their events go to @p midi.
static struct lat_context
rest_of(const struct lat_context *whole, uint32_t begin,
        struct lat_midi_event *midi)
{
    struct lat_context rest = *whole;
    rest.frame += begin;
    rest.n_frames -= begin;
    rest.midi = midi;
    rest.n_midi = 0;
    rest.n_notes = begin ? 0 : whole->n_notes;
    rest.n_strikes = begin ? 0 : whole->n_strikes;
    rest.n_numbers = begin ? 0 : whole->n_numbers;
    for (uint32_t i = 0; i < whole->n_midi; ++i) {
        if (whole->midi[i].frame >= begin) {
            midi[rest.n_midi] = whole->midi[i];
            midi[rest.n_midi++].frame -= begin;
        }
    }
    return rest;
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
    const float *in[LAT_MAX_INSTANCE_PORTS];
    float *out[LAT_MAX_INSTANCE_PORTS];
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
        struct lat_io rest = *io;
        struct lat_midi_event midi[LAT_MAX_SPAN_MIDI];
        const struct lat_context part = rest_of(&span->context, begin, midi);
        for (uint32_t i = 0; i < io->n_in; ++i) {
            in[i] = io->in[i] + (size_t)begin * io->step[i];
        }
        for (uint32_t o = 0; o < io->n_out; ++o) {
            out[o] = io->out[o] + begin;
        }
        rest.in = in;
        rest.out = out;
        const uint64_t constant = pn->process(&part, &rest) & ~LAT_ALL_FINITE;
        spread_constants(&rest, constant, part.n_frames);
        const uint32_t bad = first_bad(span->kernels, &rest, 0, part.n_frames);
        if (bad < part.n_frames) {
            note_fault(t, inst, part.frame + bad);
        }
        begin += bad;
    }
}

LAT_RT void
lat_alone_keep_feedback(const struct lat_context *c,
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

// What a node reads and writes in a span.
struct ends {
    const float *in[LAT_MAX_INSTANCE_PORTS];
    uint32_t step[LAT_MAX_INSTANCE_PORTS];
    float *out[LAT_MAX_INSTANCE_PORTS];
    uint32_t n_in, n_out;
    uint64_t constant; ///< bit per input
    uint64_t patched;  ///< the same
};

// What a bypassed node without outputs does not hear: signals or, where it
// plays other instruments by them, events.
static bool
is_silenced(const struct lat_instance *inst, uint32_t kind)
{
    return inst->type->flags & LAT_TYPE_MIDI_OUT ? lat_port_kind_is_event(kind)
                                                 : kind == LAT_PORT_SIGNAL;
}

static void
find_ends(const struct lat_span *span, const struct lat_plan_node *pn,
          float *const *ports, float *scratch, struct ends *e)
{
    static const float silence[1] = {0.0F};
    const struct lat_instance *inst = pn->inst;
    e->n_in = e->n_out = 0;
    e->constant = e->patched = 0;
    for (; e->n_in < inst->n_in; ++e->n_in, scratch += LAT_SPAN_MAX) {
        const struct lat_plan_input *in = &pn->in[e->n_in];
        const struct lat_ramp *ramp = lat_plan_ramp(pn, e->n_in);
        if (lat_gather_rests(in, ramp, span->context.frame) && !pn->bypass) {
            e->in[e->n_in] = &ramp->to;
            e->step[e->n_in] = 0;
            continue;
        }
        e->patched |= e->n_in < 64 && in->patch && in->patch->n_live
                          ? UINT64_C(1) << e->n_in
                          : 0;
        const struct lat_feed feed =
            lat_gather_input(span, pn, e->n_in, scratch);
        e->in[e->n_in] = feed.data;
        e->step[e->n_in] = feed.step;
        if (pn->bypass && !inst->n_out &&
            is_silenced(inst, pn->in[e->n_in].kind)) {
            e->step[e->n_in] = lat_around_silence(
                &span->context, pn->bypass, feed.data, feed.step, scratch);
            e->in[e->n_in] = scratch;
        }
    }
    for (; e->n_out < inst->n_out; ++e->n_out) {
        e->out[e->n_out] = ports[e->n_out];
    }
    const bool has_sound = !(inst->type->flags & LAT_TYPE_MIDI_OUT);
    for (uint32_t k = 0; has_sound && k < inst->n_slots; ++k) {
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

// What a decider has seen of its amplitude.
static void
tell_amplitude(const struct lat_span *span, const struct lat_plan_node *pn,
               const struct lat_io *io, uint64_t constant)
{
    const bool is_gain = pn->inst->type->amplitude == LAT_AMPLITUDE_GAIN;
    const struct lat_sleep_rows rows =
        is_gain ? (struct lat_sleep_rows){io->in[1], io->in[2], io->step[1],
                                          io->step[2]}
                : (struct lat_sleep_rows){io->in[0], io->out[0], io->step[0],
                                          !lat_output_is_constant(constant, 0)};
    lat_sleep_end(span, pn->sleep, &rows);
}

// Silence for a whole span.
static uint64_t
rest(const struct lat_instance *inst, float *const *ports)
{
    uint64_t constant = LAT_ALL_CONSTANT;
    for (uint32_t o = 0; o < inst->n_out; ++o) {
        ports[o][0] = 0.0F;
        constant |= lat_output_bit(o);
    }
    return constant;
}

LAT_RT uint64_t
lat_alone_run(const struct lat_span *span, struct lat_span_thread *t,
              struct lat_plan_node *pn, float *const *ports, float *scratch)
{
    const struct lat_context *c = &span->context;
    struct lat_instance *inst = pn->inst;
    const uint32_t from = pn->sleep ? lat_sleep_begin(span, pn->sleep) : 0;
    const bool listens = pn->sleep && lat_sleep_listens(span, pn->sleep);
    if (from == c->n_frames && !listens) {
        return rest(inst, ports);
    }
    struct ends e;
    find_ends(span, pn, ports, scratch, &e);
    // State in lanes is processed in a copy.
    uint32_t words[LAT_LANE_WORDS];
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
        .outbox = &t->posted,
    };
    t->posted.by = inst;

    uint64_t constant = 0;
    if (from == c->n_frames) {
        tell_amplitude(span, pn, &io, 0);
        return rest(inst, ports);
    }
    if (inst->type->prepare) {
        inst->type->prepare(c, &io);
    }
    if (inst->needs_reset || from) {
        for (uint32_t o = 0; o < io.n_out; ++o) {
            memset(io.out[o], 0, from * sizeof(float));
        }
        process_with_faults(span, t, pn, &io, from);
    } else {
        const uint64_t returned = pn->process(c, &io);
        constant = returned & ~LAT_ALL_FINITE;
        const uint32_t bad =
            inst->type->is_bounded || returned & LAT_ALL_FINITE
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
    if (listens) {
        tell_amplitude(span, pn, &io, constant);
    }
    if (pn->bypass && constant & LAT_ALL_CONSTANT) {
        spread_constants(&io, constant, c->n_frames);
        constant = 0;
    }
    if (pn->bypass) {
        constant = lat_around_mix(c, pn->bypass, &io, inst->n_out, constant);
    }
    if (inst->type->flags & LAT_TYPE_DEVICE_OUT) {
        spread_constants(&io, constant, c->n_frames);
    }
    return constant;
}
