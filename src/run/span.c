// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "span.h"
#include "alone.h"
#include "gather.h"
#include "lanes.h"
#include "midi_out.h"
#include "mix.h"
#include "nap.h"
#include "sleep.h"

// Every 64th task is timed in each span, in turn.
#define TIMED_ONE_IN 64U

static void
send_out(const struct lat_span *span, const struct lat_plan *plan,
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

static void
run_node(const struct lat_span *span, struct lat_span_thread *t,
         struct lat_plan_node *pn)
{
    float *out[LAT_MAX_INSTANCE_PORTS];
    for (uint32_t o = 0; o < pn->inst->n_out; ++o) {
        out[o] = pn->out[o].data;
    }
    const uint64_t constant = lat_alone_run(span, t, pn, out, t->scratch);
    for (uint32_t o = 0; o < pn->inst->n_out; ++o) {
        lat_plan_set_pitch(&pn->out_pitch[o],
                           !lat_output_is_constant(constant, o));
    }
    lat_alone_keep_feedback(&span->context, pn);
    if (pn->inst->taps) {
        lat_taps_take(&span->context, pn);
    }
}

static void
run_sum(const struct lat_span *span, struct lat_plan_sum *sum)
{
    const struct lat_feed feed = lat_gather_cables(span, &sum->in, sum->out);
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
    case LAT_TASK_LOOK:
        lat_sleep_look(span, task->look, t->scratch);
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

static void
note_loads(const struct lat_plan_lanes *lanes, uint64_t ns)
{
    uint32_t n = 0;
    for (const struct lat_plan_lanes *g = lanes; g; g = g->next) {
        n += g->n;
    }
    for (const struct lat_plan_lanes *g = lanes; g; g = g->next) {
        for (uint32_t l = 0; l < g->n; ++l) {
            note_load(g->members[l]->inst, ns, n);
        }
    }
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
    } else if (task->kind == LAT_TASK_LANES || task->kind == LAT_TASK_CHAIN) {
        first = task->lanes->members[0]->inst;
        note_loads(task->lanes, ns);
    }
    if (first && ns > t->longest_ns) {
        t->longest_ns = ns;
        t->slowest = first;
    }
}

// What describes a group that comes soon is fetched meanwhile.
static void
expect(const struct lat_plan *plan, uint32_t i, uint32_t end)
{
    if (i + 2 < end && plan->tasks[i + 2].kind == LAT_TASK_LANES) {
        const char *g = (const char *)plan->tasks[i + 2].lanes;
        const size_t size = offsetof(struct lat_plan_lanes, next);
        for (size_t at = 0; at < size; at += 64) {
            __builtin_prefetch(g + at);
        }
    }
    if (i + 1 < end && plan->tasks[i + 1].kind == LAT_TASK_LANES) {
        const struct lat_plan_lanes *g = plan->tasks[i + 1].lanes;
        const char *in = (const char *)g->in;
        __builtin_prefetch(g->rows);
        for (size_t at = 0; at < g->n_in * sizeof(*g->in); at += 64) {
            __builtin_prefetch(in + at);
        }
    }
}

static void
run_tasks(const struct lat_span *span, const struct lat_plan *plan,
          uint32_t first, uint32_t end, struct lat_span_thread *t)
{
    const uint32_t timed = (uint32_t)(span->turn % TIMED_ONE_IN);
    for (uint32_t i = first; i < end; ++i) {
        expect(plan, i, end);
        if (i % TIMED_ONE_IN == timed) {
            run_timed(span, t, &plan->tasks[i]);
        } else {
            run_task(span, t, &plan->tasks[i]);
        }
    }
}

// Groups of a nap that holds are timed as others are, so they are run then.
static void
time_one(const struct lat_span *span, const struct lat_plan *plan,
         const struct lat_plan_nap *nap, struct lat_span_thread *t)
{
    const uint32_t timed = (uint32_t)(span->turn % TIMED_ONE_IN);
    const uint32_t first =
        nap->first + (timed - nap->first % TIMED_ONE_IN) % TIMED_ONE_IN;
    for (uint32_t i = first; i < nap->first + nap->n; i += TIMED_ONE_IN) {
        if (plan->tasks[i].kind == LAT_TASK_LANES) {
            run_timed(span, t, &plan->tasks[i]);
        }
    }
}

LAT_RT void
lat_span_run_chunk(struct lat_span *span, struct lat_plan *plan,
                   const struct lat_chunk *chunk, struct lat_span_thread *t)
{
    const uint32_t end = chunk->first + chunk->n;
    uint32_t i = chunk->first;
    for (uint32_t k = 0; k < chunk->n_naps; ++k) {
        struct lat_plan_nap *nap = &plan->naps[chunk->nap + k];
        run_tasks(span, plan, i, nap->first, t);
        i = nap->first + nap->n;
        if (lat_nap_goes_on(span, nap)) {
            time_one(span, plan, nap, t);
            lat_nap_write(nap);
        } else {
            run_tasks(span, plan, nap->first, i, t);
            lat_nap_note(span, plan, nap);
        }
    }
    run_tasks(span, plan, i, end, t);
}

LAT_RT void
lat_span_finish(struct lat_span *span, struct lat_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_outputs; ++i) {
        send_out(span, plan, plan->outputs[i]);
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

static void
tell_posted(struct lat_taps *taps, const struct lat_posted *p)
{
    for (uint32_t i = 0; i < p->n; ++i) {
        const struct lat_record record = {
            .kind = LAT_RECORD_SENT,
            .frame = p->sent[i].frame,
            .sent =
                {
                    .inst = p->sender[i],
                    .value = p->sent[i].value,
                    .n_lost = p->sent[i].n_lost,
                    .is_event = p->sent[i].is_event,
                },
        };
        lat_stream_tell(taps, &record, 0);
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
    if (t->posted.n) {
        tell_posted(span->taps, &t->posted);
        t->posted.n = 0;
    }
    if (t->posted.n_midi) {
        if (span->midi_outs) {
            lat_midi_outs_take(span->midi_outs, &t->posted,
                               span->context.frame);
        }
        t->posted.n_midi = 0;
    }
    if (t->slowest && t->longest_ns > span->longest_ns) {
        span->longest_ns = t->longest_ns;
        span->slowest = t->slowest;
    }
    t->longest_ns = 0;
    t->slowest = NULL;
}
