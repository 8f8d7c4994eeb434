// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// clock and phasor: the transport, as events and as a signal.
//
// All is counted in whole places of a cycle, so nothing drifts.  A clock
// remembers which tick is next and where its gate closes, and both are asked
// for by the line that the transport follows at that moment: through a change
// of tempo no tick is lost or comes twice.

#include "fraction.h"
#include "ports.h"
#include "types.h"

// --- clock -------------------------------------------------------------------

/// Places from tick to tick: half a tick is a million, so swing is exact as
/// people write it, to six digits.
#define HALF_TICK  1000000
#define MOST_TICKS 1024

enum { TRIGGER, GATE };
enum { SETTING_TICKS, SETTING_SWING };

static const struct lat_port clock_outputs[] = {
    LAT_PORT_WHEN("trigger", "1 for one frame at each tick."),
    LAT_PORT_WHEN("gate",
                  "1 from each tick on for half a tick, and low for a frame "
                  "where two would touch; a stop or locate closes it."),
};

static const struct lat_setting clock_settings[] = {
    {
        .name = "ticks",
        .doc = "How many ticks a cycle has.",
        .unit = "",
        .kind = LAT_SETTING_INTEGER,
        .min = 1,
        .max = MOST_TICKS,
        .initial = 4,
    },
    {
        .name = "swing",
        .doc = "Every second tick is late by this part of half a tick.",
        .unit = "",
        .kind = LAT_SETTING_NUMBER,
        .min = 0,
        .max = 1,
        .initial = 0,
        .keeps_state = true,
    },
};

struct clock {
    bool has_begun;
    bool gate;
    bool owes_gate; // low for one frame between two that touch
    int64_t next;   // tick
    int64_t close;  // place at which the gate closes
    uint64_t n_locates, n_breaks;
};

/// What a span needs to know of the settings.
struct grid {
    int64_t swing; // places
    uint64_t per_cycle;
};

static size_t
clock_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct clock);
}

static int64_t
place_of(const struct grid *g, int64_t tick)
{
    return tick * 2 * HALF_TICK + (tick & 1 ? g->swing : 0);
}

/// The first tick at @p place or later.
static int64_t
tick_from(const struct grid *g, int64_t place)
{
    int64_t tick = place / (2 * HALF_TICK);
    tick -= place % (2 * HALF_TICK) < 0;
    return place_of(g, tick) < place ? tick + 1 : tick;
}

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/// Take in what happened to the transport before this span.
static void
clock_follow(struct clock *s, const struct grid *g,
             const struct lat_context *context)
{
    if (s->has_begun && s->n_breaks != context->n_breaks) {
        s->gate = s->owes_gate = false;
    }
    s->n_breaks = context->n_breaks;
    if (!context->is_playing) {
        return; // until then a play says what it drops
    }
    const int64_t first =
        tick_from(g, lat_context_first(context, g->per_cycle));
    if (!s->has_begun) {
        const int64_t now = lat_context_due(context, 0, g->per_cycle);
        s->next = later(first, tick_from(g, now));
        s->has_begun = true;
    } else if (s->n_locates != context->n_locates) {
        s->next = first;
    } else {
        s->next = later(s->next, first);
    }
    s->n_locates = context->n_locates;
}

/// One frame, by the end of which places before @p due are due.
static bool
clock_step(struct clock *s, const struct grid *g, int64_t due)
{
    if (place_of(g, s->next) < due) {
        s->next = tick_from(g, due);
        s->close = place_of(g, s->next - 1) + HALF_TICK;
        s->owes_gate = s->gate;
        s->gate = !s->gate;
        return true;
    }
    if (s->owes_gate) {
        s->owes_gate = false;
        s->gate = true;
    } else if (s->gate && s->close < due) {
        s->gate = false;
    }
    return false;
}

static uint64_t
clock_rests(const struct clock *s, const struct lat_io *io)
{
    io->out[TRIGGER][0] = 0.0F;
    io->out[GATE][0] = s->gate ? 1.0F : 0.0F;
    return 3;
}

LAT_RT static uint64_t
clock_process(const struct lat_context *context, const struct lat_io *io)
{
    struct clock *s = io->state;
    const struct lat_setting_value *set = io->config->settings;
    const struct grid g = {
        .swing = (int64_t)(set[SETTING_SWING].number * HALF_TICK + 0.5),
        .per_cycle = 2 * HALF_TICK * (uint64_t)set[SETTING_TICKS].number,
    };
    clock_follow(s, &g, context);
    const uint32_t n = context->n_frames;
    if (!context->is_playing) {
        return clock_rests(s, io);
    }
    const int64_t end = lat_context_due(context, n, g.per_cycle);
    if (place_of(&g, s->next) >= end && !s->owes_gate &&
        !(s->gate && s->close < end)) {
        return clock_rests(s, io);
    }
    for (uint32_t f = 0; f < n; f++) {
        const int64_t due = lat_context_due(context, f + 1, g.per_cycle);
        io->out[TRIGGER][f] = clock_step(s, &g, due) ? 1.0F : 0.0F;
        io->out[GATE][f] = s->gate ? 1.0F : 0.0F;
    }
    return 0;
}

const struct lat_node_type lat_type_clock = {
    .name = "clock",
    .doc = "Ticks in time with the transport, silent while it is stopped.",
    LAT_OUTPUTS(clock_outputs),
    LAT_SETTINGS(clock_settings),
    .flags = LAT_TYPE_AWAKE,
    .is_bounded = true,
    .cost_ns = 2.0F,
    .state_bytes = clock_bytes,
    .process = clock_process,
};

// --- phasor ------------------------------------------------------------------

static const struct lat_port phasor_outputs[] = {
    LAT_PORT_OUT("out", "", 0.0F, 1.0F,
                 "The place in the turn, from 0 to just below 1; it stands "
                 "while the transport does."),
};

static enum lat_status
check_cycles(const char *text, struct lat_error *error)
{
    struct lat_fraction cycles;
    if (lat_fraction_from_text(text, &cycles)) {
        return LAT_OK;
    }
    return lat_error_set(error, LAT_EINVAL,
                         "cycles must be a number or a fraction above 0 such "
                         "as 1, 3/2 or 0.25, of numbers up to %d, not '%.60s'",
                         LAT_FRACTION_MAX, text);
}

static const struct lat_setting phasor_settings[] = {
    {
        .name = "cycles",
        .doc = "How many cycles one turn takes: a number or a fraction, 3/2.",
        .unit = "",
        .kind = LAT_SETTING_TEXT,
        .initial_text = "1",
        .check = check_cycles,
    },
};

static size_t
phasor_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct lat_fraction);
}

static enum lat_status
phasor_init(void *state, const struct lat_config *config)
{
    return lat_fraction_from_text(config->settings[0].text, state) ? LAT_OK
                                                                   : LAT_EINVAL;
}

/// It has no memory: what its settings come to stays.
LAT_RT static void
phasor_reset(void *state, const struct lat_config *config)
{
    (void)state;
    (void)config;
}

__extension__ typedef unsigned __int128 u128;

/// @p c / @p turn, the part after the point, kept below 1.
static float
place_in_turn(struct lat_cycle c, struct lat_fraction turn)
{
    int64_t rest = c.cycle % (int64_t)turn.numerator;
    rest += rest < 0 ? (int64_t)turn.numerator : 0;
    // In cycles times the denominator, below the numerator once it is taken
    // off as often as it goes.
    const u128 part = (u128)c.fraction * turn.denominator;
    const u128 whole =
        (u128)(uint64_t)rest * turn.denominator + (uint64_t)(part >> 64U);
    const u128 place = (whole % turn.numerator) << 64U | (uint64_t)part;
    // Positions are rounded down to 2^-64 cycles at each change of tempo: a
    // turn that ends within a few of those ends here.  A frame is 2^-30 at
    // least.
    const u128 left = ((u128)turn.numerator << 64U) - place;
    if (left <= (u128)turn.denominator << 16U) {
        return 0.0F;
    }
    const uint64_t out = (uint64_t)(place / turn.numerator);
    const float y = (float)((double)(out >> 11U) * 0x1p-53);
    return y < 1.0F ? y : 0x1.fffffep-1F;
}

LAT_RT static uint64_t
phasor_process(const struct lat_context *context, const struct lat_io *io)
{
    const struct lat_fraction *turn = io->state;
    float *restrict out = io->out[0];
    if (!context->is_playing) {
        out[0] = place_in_turn(lat_context_cycle_at(context, 0), *turn);
        return 1;
    }
    struct lat_cycle place[64];
    for (uint32_t f = 0; f < context->n_frames; f++) {
        if (f % LAT_COUNT(place) == 0) {
            const uint32_t left = context->n_frames - f;
            const uint32_t most = LAT_COUNT(place);
            lat_context_cycles(context, f, left < most ? left : most, place);
        }
        out[f] = place_in_turn(place[f % LAT_COUNT(place)], *turn);
    }
    return 0;
}

const struct lat_node_type lat_type_phasor = {
    .name = "phasor",
    .doc = "A ramp from 0 to 1 in time with the transport.",
    LAT_OUTPUTS(phasor_outputs),
    LAT_SETTINGS(phasor_settings),
    .flags = LAT_TYPE_AWAKE,
    .is_bounded = true,
    .cost_ns = 15.0F,
    .state_bytes = phasor_bytes,
    .init = phasor_init,
    .reset = phasor_reset,
    .process = phasor_process,
};
