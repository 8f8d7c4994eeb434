// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "midi_out.h"

#include <string.h>

enum {
    NOTE_OFF = 0x80,
    NOTE_ON = 0x90,
    SYSTEM = 0xf0,
    START = 0xfa,
    CONTINUE = 0xfb,
    STOP = 0xfc,
};

/// A server tells of a connection before or after it is one.
#define HEARD_PERIODS 4U

/// Does it say that something ends?
static bool
lets_go(const uint8_t *data)
{
    return (data[0] & 0xf0U) == NOTE_OFF || data[0] == STOP;
}

/// Events of a frame keep their order.
static bool
add(struct lat_midi_outs *all, uint64_t frame, uint16_t slot,
    const uint8_t *data, uint32_t size)
{
    const uint32_t most =
        lets_go(data) ? LAT_MAX_OUTGOING : LAT_MAX_OUTGOING / 2;
    if (all->n >= most) {
        atomic_fetch_add_explicit(&all->n_lost, 1, memory_order_relaxed);
        return false;
    }
    struct lat_outgoing event = {
        .frame = frame > all->begin ? (uint32_t)(frame - all->begin) : 0,
        .slot = slot,
        .size = (uint8_t)size,
    };
    memcpy(event.data, data, size);
    uint32_t at = all->n++;
    for (; at && all->events[at - 1].frame > event.frame; --at) {
        all->events[at] = all->events[at - 1];
    }
    all->events[at] = event;
    return true;
}

static void
note(struct lat_midi_held *held, const uint8_t *data)
{
    const uint64_t bit = UINT64_C(1) << (data[1] & 0x3fU);
    uint64_t *keys = &held->keys[data[0] & 0x0fU][data[1] >> 6U & 1U];
    uint64_t *lost = &held->lost[data[0] & 0x0fU][data[1] >> 6U & 1U];
    switch (data[0] < SYSTEM ? data[0] & 0xf0U : data[0]) {
    case NOTE_ON:
        *keys |= bit;
        *lost &= ~bit;
        break;
    case NOTE_OFF:
        *keys &= ~bit;
        break;
    case START:
    case CONTINUE:
        held->is_running = true;
        break;
    case STOP:
        held->is_running = false;
        break;
    default:
        break;
    }
}

/// Let those of @p which go, which is part of what it holds.
static void
let_some_go(struct lat_midi_outs *all, const struct lat_instance *inst,
            uint64_t (*which)[2], uint64_t frame)
{
    for (uint32_t channel = 0; channel < 16; ++channel) {
        for (uint32_t key = 0; key < 128; ++key) {
            const uint64_t bit = UINT64_C(1) << (key & 0x3fU);
            const uint8_t data[] = {(uint8_t)(NOTE_OFF | channel), (uint8_t)key,
                                    64};
            if (which[channel][key >> 6U] & bit) {
                add(all, frame, inst->slots[0], data, sizeof(data));
                inst->held->keys[channel][key >> 6U] &= ~bit;
            }
        }
    }
}

static void
let_keys_go(struct lat_midi_outs *all, const struct lat_instance *inst,
            uint64_t frame)
{
    let_some_go(all, inst, inst->held->keys, frame);
}

static void
let_go(struct lat_midi_outs *all, const struct lat_instance *inst,
       uint64_t frame)
{
    static const uint8_t stop[] = {STOP};
    let_keys_go(all, inst, frame);
    if (inst->held->is_running) {
        add(all, frame, inst->slots[0], stop, sizeof(stop));
        inst->held->is_running = false;
    }
}

LAT_RT void
lat_midi_outs_begin(struct lat_midi_outs *all, uint64_t frame, bool is_ending)
{
    all->begin = frame;
    all->n = all->n_back;
    all->n_back = 0;
    all->is_ending = is_ending;
}

LAT_RT void
lat_midi_outs_heard(struct lat_midi_outs *all, uint32_t slot)
{
    atomic_store_explicit(&all->heard[slot], HEARD_PERIODS,
                          memory_order_relaxed);
}

LAT_RT void
lat_midi_outs_let_lost_go(struct lat_midi_outs *all,
                          const struct lat_plan *plan, uint64_t frame)
{
    for (uint32_t i = 0; i < plan->n_midi_outs; ++i) {
        const struct lat_instance *inst = plan->midi_outs[i]->inst;
        _Atomic uint8_t *const heard = &all->heard[inst->slots[0]];
        uint8_t left = atomic_load_explicit(heard, memory_order_relaxed);
        // Whoever comes meanwhile begins again.
        if (left &&
            atomic_compare_exchange_strong_explicit(
                heard, &left, (uint8_t)(left - 1), memory_order_relaxed,
                memory_order_relaxed) &&
            left == 1) {
            let_some_go(all, inst, inst->held->lost, frame);
        }
    }
}

LAT_RT void
lat_midi_outs_lose(const struct lat_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_midi_outs; ++i) {
        struct lat_midi_held *held = plan->midi_outs[i]->inst->held;
        for (uint32_t channel = 0; channel < 16; ++channel) {
            held->lost[channel][0] |= held->keys[channel][0];
            held->lost[channel][1] |= held->keys[channel][1];
        }
    }
}

LAT_RT void
lat_midi_outs_watch(struct lat_midi_outs *all, const struct lat_plan *plan,
                    uint64_t frame)
{
    for (uint32_t i = 0; i < plan->n_midi_outs; ++i) {
        struct lat_instance *inst = plan->midi_outs[i]->inst;
        inst->held->is_shut = all->is_ending || inst->fade->to < 1.0F;
        if (inst->held->is_shut) {
            let_go(all, inst, frame);
        }
    }
}

LAT_RT void
lat_midi_outs_take(struct lat_midi_outs *all, const struct lat_posted *posted,
                   uint64_t frame)
{
    for (uint32_t i = 0; i < posted->n_midi; ++i) {
        const struct lat_instance *inst = posted->midi_sender[i];
        const struct lat_midi_event *event = &posted->midi[i];
        if (!inst->held->is_shut &&
            add(all, frame + event->frame, inst->slots[0], event->data,
                event->size)) {
            note(inst->held, event->data);
        }
    }
}

LAT_RT void
lat_midi_outs_move(struct lat_midi_outs *all, const struct lat_plan *old,
                   const struct lat_plan *plan, uint64_t frame)
{
    ++all->turn;
    for (uint32_t i = 0; i < plan->n_midi_outs; ++i) {
        plan->midi_outs[i]->inst->held->turn = all->turn;
    }
    for (uint32_t i = 0; i < old->n_midi_outs; ++i) {
        const struct lat_instance *inst = old->midi_outs[i]->inst;
        if (inst->held->turn != all->turn) {
            let_go(all, inst, frame);
        }
    }
}

LAT_RT void
lat_midi_outs_panic(struct lat_midi_outs *all, const struct lat_plan *plan,
                    uint64_t frame)
{
    for (uint32_t i = 0; i < plan->n_midi_outs; ++i) {
        let_keys_go(all, plan->midi_outs[i]->inst, frame);
    }
}
