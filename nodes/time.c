// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// clock and phasor: the transport, as events and as a signal.
//
// A clock knows the number of the tick that it has not played yet.  Ticks have
// exact positions, and the transport says at which frame a position is; so a
// change of tempo moves what has not been played, and plays nothing twice.

#include "ports.h"
#include "transport.h"
#include "types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

// --- clock -------------------------------------------------------------------

/// Positions are counted in parts of a tick.
#define PARTS     (INT64_C(1) << 20U)
#define MAX_TICKS 4096
#define MAX_LATER 64U // events that wait for the one before

enum { CLOCK_TRIGGER, CLOCK_GATE };
enum { SETTING_TICKS, SETTING_SWING };

static const struct lat_port clock_outputs[] = {
    LAT_PORT_OUT("trigger", "", 0.0F, 1.0F, "1 for one frame at each tick."),
    LAT_PORT_OUT("gate", "", 0.0F, 1.0F, "1 for half a tick from each on."),
};

static const struct lat_setting clock_settings[] = {
    {
        .name = "ticks",
        .doc = "How many there are in a cycle of the transport.",
        .unit = "",
        .kind = LAT_SETTING_INTEGER,
        .min = 1,
        .max = MAX_TICKS,
        .initial = 4,
    },
    {
        .name = "swing",
        .doc = "How late every second tick is, as a part of half a tick: 0.667 "
               "is a triplet's.",
        .unit = "",
        .kind = LAT_SETTING_NUMBER,
        .min = 0,
        .max = 1,
    },
};

struct clock {
    int64_t next;      // number of the tick that has not been played
    int64_t open;      // of the one whose gate is open, if is_open
    uint64_t jump;     // of the transport that `next` belongs to; 0: none yet
    uint32_t triggers; // to come, with a frame between them
    uint32_t edges;    // of the gate, to come, one a frame
    bool is_open;
    bool has_gate, has_trigger; // as last written
};

static size_t
clock_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct clock);
}

/// What a span needs to know of the settings.
struct ticks {
    const struct lat_transport *transport;
    int64_t n;     // in a cycle
    int64_t swing; // parts that every second one is late
};

/// Tick @p i, or where its gate closes.
static struct lat_cycle
tick_at(const struct ticks *t, int64_t i, bool is_end)
{
    const int64_t cycle = i / t->n;
    const int64_t parts = (i - cycle * t->n) * PARTS + (i % 2 ? t->swing : 0) +
                          (is_end ? PARTS / 2 : 0);
    struct lat_cycle at = lat_cycle_from_ratio(parts, (uint64_t)(t->n * PARTS));
    at.cycle += cycle;
    return at;
}

/// The first tick that the present line has at @p frame or later.
static int64_t
first_tick(const struct ticks *t, uint64_t frame)
{
    const struct lat_cycle from = t->transport->anchor;
    const struct lat_cycle now = lat_transport_at(t->transport, frame);
    const u128 whole = ((u128)now.fraction * (u128)t->n) >> 64U;
    int64_t i = now.cycle * t->n + (int64_t)whole - 2;
    i = i < 0 ? 0 : i;
    while (lat_cycle_compare(tick_at(t, i, false), from) < 0 ||
           lat_transport_frame_of(t->transport, tick_at(t, i, false)) < frame) {
        i++;
    }
    return i;
}

static void
clock_write(struct clock *s, const struct lat_io *io, uint32_t from,
            uint32_t to)
{
    for (uint32_t f = from; f < to; f++) {
        s->has_trigger = s->triggers && !s->has_trigger;
        s->triggers -= s->has_trigger;
        s->has_gate ^= s->edges > 0;
        s->edges -= s->edges > 0;
        io->out[CLOCK_TRIGGER][f] = s->has_trigger ? 1.0F : 0.0F;
        io->out[CLOCK_GATE][f] = s->has_gate ? 1.0F : 0.0F;
    }
}

static void
close_gate(struct clock *s)
{
    s->edges += s->is_open && s->edges < MAX_LATER;
    s->is_open = false;
}

static void
play_tick(struct clock *s)
{
    close_gate(s);
    s->edges += s->edges < MAX_LATER;
    s->triggers += s->triggers < MAX_LATER;
    s->open = s->next++;
    s->is_open = true;
}

// Nothing is to come, and the gate is closed.
static uint64_t
clock_stand(struct clock *s, const struct lat_context *context,
            const struct lat_io *io)
{
    close_gate(s);
    s->triggers = 0;
    s->edges = s->has_gate;
    if (s->has_gate || s->has_trigger) {
        clock_write(s, io, 0, context->n_frames);
        return 0;
    }
    clock_write(s, io, 0, 1);
    return 3;
}

static uint64_t
clock_process(const struct lat_context *context, const struct lat_io *io)
{
    struct clock *s = io->state;
    const struct lat_transport *transport = context->transport;
    if (!transport->is_playing) {
        return clock_stand(s, context, io);
    }
    const struct ticks t = {
        transport,
        (int64_t)io->config->settings[SETTING_TICKS].number,
        (int64_t)(io->config->settings[SETTING_SWING].number *
                      ((double)PARTS / 2) +
                  0.5),
    };
    const uint64_t begin = context->frame;
    const uint64_t end = begin + context->n_frames;
    if (s->jump != transport->jump) {
        close_gate(s);
        s->next = first_tick(&t, begin);
        s->jump = transport->jump;
    }
    uint64_t done = begin;
    for (;;) {
        const uint64_t on =
            lat_transport_frame_of(transport, tick_at(&t, s->next, false));
        const uint64_t off =
            s->is_open
                ? lat_transport_frame_of(transport, tick_at(&t, s->open, true))
                : UINT64_MAX;
        uint64_t at = on < off ? on : off;
        at = at > done ? at : done;
        if (at >= end) {
            break;
        }
        clock_write(s, io, (uint32_t)(done - begin), (uint32_t)(at - begin));
        done = at;
        if (off <= on) {
            close_gate(s);
        } else {
            play_tick(s);
        }
    }
    if (done == begin && !s->edges && !s->triggers && !s->has_trigger) {
        clock_write(s, io, 0, 1);
        return 3;
    }
    clock_write(s, io, (uint32_t)(done - begin), context->n_frames);
    return 0;
}

const struct lat_node_type lat_type_clock = {
    .name = "clock",
    .doc = "Ticks of the transport: evenly spread over each cycle. Patch the "
           "gate where notes have a length, the trigger where they have none.",
    LAT_OUTPUTS(clock_outputs),
    LAT_SETTINGS(clock_settings),
    .cost_ns = 0.1F,
    .state_bytes = clock_bytes,
    .process = clock_process,
};

// --- phasor ------------------------------------------------------------------

#define MAX_CYCLES 1000000U

static const struct lat_port phasor_outputs[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F, "Rises from 0 to 1 in each turn."),
};

static bool
read_natural(const char **text, uint64_t *n)
{
    const char *p = *text;
    *n = 0;
    while (*p >= '0' && *p <= '9' && *n <= MAX_CYCLES) {
        *n = *n * 10 + (uint64_t)(*p++ - '0');
    }
    const bool is_there = p > *text && *n > 0 && *n <= MAX_CYCLES;
    *text = p;
    return is_there;
}

/// Read a fraction, "3/2" or "4".
static bool
read_fraction(const char *text, uint64_t *over, uint64_t *under)
{
    *under = 1;
    if (!text || !read_natural(&text, over)) {
        return false;
    }
    if (*text == '/') {
        ++text;
        if (!read_natural(&text, under)) {
            return false;
        }
    }
    return !*text;
}

static bool
check_cycles(const char *text, char *why, size_t size)
{
    uint64_t over;
    uint64_t under;
    if (read_fraction(text, &over, &under)) {
        return true;
    }
    snprintf(why, size,
             "'%.40s' is no fraction such as 4, 1/2 or 3/2, of whole numbers "
             "from 1 to %u",
             text, MAX_CYCLES);
    return false;
}

static const struct lat_setting phasor_settings[] = {{
    .name = "cycles",
    .doc = "How many cycles of the transport one turn takes: a whole number or "
           "a fraction such as 3/2.",
    .unit = "",
    .kind = LAT_SETTING_TEXT,
    .initial_text = "1",
    .check = check_cycles,
}};

struct phasor {
    uint64_t over, under; // of the fraction
};

static size_t
phasor_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct phasor);
}

static enum lat_status
phasor_init(void *state, const struct lat_config *config)
{
    struct phasor *s = state;
    return read_fraction(config->settings[0].text, &s->over, &s->under)
               ? LAT_OK
               : LAT_EINVAL;
}

// There is nothing to start anew: the place is the transport's.
static void
phasor_reset(void *state, const struct lat_config *config)
{
    (void)state;
    (void)config;
}

/// Turns, without whole ones, at a place of the transport: exact, then rounded.
static double
turn_at(const struct phasor *s, struct lat_cycle at)
{
    const int64_t part = at.cycle % (int64_t)s->over;
    const uint64_t cycle =
        (uint64_t)(part < 0 ? part + (int64_t)s->over : part);
    const u128 turn =
        ((u128)cycle << 64U | at.fraction) * s->under % ((u128)s->over << 64U);
    return (double)(uint64_t)(turn >> 32U) / ((double)s->over * 4294967296.0);
}

// Exact once in a cell of 64 absolute frames, or where the line begins in one,
// and straight from there: a function of the frame alone.
static uint64_t
phasor_process(const struct lat_context *context, const struct lat_io *io)
{
    const struct phasor *s = io->state;
    const struct lat_transport *t = context->transport;
    float *restrict out = io->out[0];
    if (!t->is_playing) {
        out[0] = (float)turn_at(s, t->anchor);
        return 1;
    }
    const double step = (double)t->numerator / (double)t->denominator *
                        (double)s->under / (double)s->over;
    double begin = 0.0;
    uint64_t from = UINT64_MAX;
    for (uint32_t f = 0; f < context->n_frames; f++) {
        const uint64_t frame = context->frame + f;
        const uint64_t cell = frame - frame % 64;
        const uint64_t start = cell > t->anchor_frame ? cell : t->anchor_frame;
        if (start != from) {
            from = start;
            begin = turn_at(s, lat_transport_at(t, start));
        }
        const double turn = begin + (double)(frame - start) * step;
        const float x = (float)(turn - (double)(int64_t)turn);
        out[f] = x < 1.0F ? x : 0x1.fffffep-1F;
    }
    return 0;
}

const struct lat_node_type lat_type_phasor = {
    .name = "phasor",
    .doc = "Where the transport is, as a ramp from 0 to 1; it stands while the "
           "transport does.",
    LAT_OUTPUTS(phasor_outputs),
    LAT_SETTINGS(phasor_settings),
    .cost_ns = 1.0F,
    .state_bytes = phasor_bytes,
    .init = phasor_init,
    .reset = phasor_reset,
    .process = phasor_process,
};
