// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "render_ports.h"
#include "base/log.h"
#include "run/engine.h"

#include <stdlib.h>
#include <string.h>

static int
compare_slots(const void *a, const void *b, void *data)
{
    const struct lat_slot *const *const slots = data;
    const struct lat_slot *const x = *slots + *(const uint32_t *)a;
    const struct lat_slot *const y = *slots + *(const uint32_t *)b;
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x->channel < y->channel ? -1 : x->channel > y->channel;
}

/// Slots of one direction, in file order.
static uint32_t
list_slots(struct render *r, bool is_output, uint32_t *out)
{
    const struct lat_slot *slots = lat_control_slots(r->session.control);
    const uint32_t n_slots = lat_engine_n_slots(r->engine);
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_slots; ++i) {
        if (slots[i].refs > 0 && slots[i].is_output == is_output &&
            !slots[i].is_midi) {
            out[n++] = i;
        }
    }
    qsort_r(out, n, sizeof(*out), compare_slots, &slots);
    return n;
}

static void
be_channel(struct port *p, uint32_t slot, const struct lat_slot *s)
{
    p->slot = (int32_t)slot;
    p->generation = s->generation;
    memcpy(p->name, s->name, sizeof(p->name));
}

static void
find_channels(struct render *r, struct ports *p, bool is_output)
{
    const struct lat_slot *const slots = lat_control_slots(r->session.control);
    uint32_t found[LAT_MAX_DEVICE_SLOTS];
    p->n = list_slots(r, is_output, found);
    for (uint32_t i = 0; i < p->n; ++i) {
        be_channel(&p->at[i], found[i], &slots[found[i]]);
    }
}

void
lat_render_find_ports(struct render *r)
{
    find_channels(r, &r->out, true);
    find_channels(r, &r->in, false);
}

// Later.

/// The channel that a slot is: the one that it was, or that of its name.
static struct port *
own_channel(struct ports *p, uint32_t slot, const struct lat_slot *s)
{
    for (uint32_t i = 0; i < p->n; ++i) {
        if (p->at[i].slot == (int32_t)slot &&
            p->at[i].generation == s->generation) {
            return &p->at[i];
        }
    }
    for (uint32_t i = 0; i < p->n; ++i) {
        if (p->at[i].slot < 0 && strcmp(p->at[i].name, s->name) == 0) {
            return &p->at[i];
        }
    }
    return NULL;
}

static void
let_go(struct ports *p, const struct lat_slot *slots)
{
    for (uint32_t i = 0; i < p->n; ++i) {
        struct port *const at = &p->at[i];
        if (at->slot >= 0 && (slots[at->slot].refs == 0 ||
                              slots[at->slot].generation != at->generation)) {
            at->slot = -1;
        }
    }
}

static void
follow(struct render *r, struct ports *p, bool is_output)
{
    const struct lat_slot *const slots = lat_control_slots(r->session.control);
    uint32_t found[LAT_MAX_DEVICE_SLOTS];
    const uint32_t n = list_slots(r, is_output, found);
    let_go(p, slots);
    p->n_more = 0;
    for (uint32_t i = 0; p->n > 0 && i < n; ++i) {
        const struct lat_slot *const s = &slots[found[i]];
        struct port *const own = own_channel(p, found[i], s);
        if (own) {
            be_channel(own, found[i], s);
        } else {
            p->more[p->n_more++] = (struct more){
                .slot = found[i], .channel = (s->channel - 1) % p->n};
        }
    }
}

void
lat_render_follow_ports(struct render *r)
{
    if (!r->has_ports) {
        return; // they are still to be found
    }
    follow(r, &r->out, true);
    follow(r, &r->in, false);
    if (r->out.n_more > 0 && !r->has_told_more) {
        r->has_told_more = true;
        lat_log(LAT_LOG_WARNING,
                "the file has the channels of the first audio_out: what came "
                "later under another name is added to them");
    }
}

// Memory.

static uint32_t
stride_of(uint32_t n_frames)
{
    const uint32_t align = LAT_ALIGNMENT / sizeof(float);
    return (n_frames + align - 1) / align * align;
}

static bool
alloc_channels(struct ports *p, uint32_t n_frames)
{
    const size_t stride = stride_of(n_frames);
    const size_t n = stride * (p->n > 0 ? p->n : 1);
    p->memory = aligned_alloc(LAT_ALIGNMENT, n * sizeof(float));
    if (!p->memory) {
        return false;
    }
    memset(p->memory, 0, n * sizeof(float));
    for (uint32_t i = 0; i < p->n; ++i) {
        p->buffers[i] = p->memory + i * stride;
    }
    return true;
}

bool
lat_render_alloc_ports(struct render *r)
{
    r->has_ports = true;
    const size_t n = (size_t)stride_of(r->period_frames) * LAT_MAX_DEVICE_SLOTS;
    if (r->options->score) {
        r->added = aligned_alloc(LAT_ALIGNMENT, n * sizeof(float));
    }
    return alloc_channels(&r->out, r->held_frames) &&
           alloc_channels(&r->in, r->held_frames) &&
           (r->added || !r->options->score);
}

void
lat_render_free_ports(struct render *r)
{
    free(r->out.memory);
    free(r->in.memory);
    free(r->added);
}

// Every period.

LAT_RT static float *
added_of(const struct render *r, uint32_t i)
{
    return r->added + (size_t)stride_of(r->period_frames) * i;
}

LAT_RT static void
bind(const struct render *r, const struct ports *p, uint32_t frame)
{
    for (uint32_t i = 0; i < p->n; ++i) {
        if (p->at[i].slot >= 0) {
            lat_engine_bind(r->engine, (uint32_t)p->at[i].slot,
                            p->buffers[i] + frame);
        }
    }
}

LAT_RT void
lat_render_bind_ports(struct render *r, uint32_t frame)
{
    bind(r, &r->in, frame);
    bind(r, &r->out, frame);
    for (uint32_t i = 0; i < r->in.n_more; ++i) {
        const struct more *const m = &r->in.more[i];
        lat_engine_bind(r->engine, m->slot, r->in.buffers[m->channel] + frame);
    }
    for (uint32_t i = 0; i < r->out.n_more; ++i) {
        lat_engine_bind(r->engine, r->out.more[i].slot, added_of(r, i));
    }
}

LAT_RT void
lat_render_finish_ports(struct render *r, uint32_t frame, uint32_t n_frames)
{
    for (uint32_t i = 0; i < r->out.n; ++i) {
        if (r->out.at[i].slot < 0) {
            memset(r->out.buffers[i] + frame, 0, n_frames * sizeof(float));
        }
    }
    for (uint32_t i = 0; i < r->out.n_more; ++i) {
        float *const to = r->out.buffers[r->out.more[i].channel] + frame;
        const float *const from = added_of(r, i);
        for (uint32_t f = 0; f < n_frames; ++f) {
            to[f] += from[f];
        }
    }
}
