// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "midi_express.h"

#include <string.h>

#define LOWER_MASTER 1U
#define UPPER_MASTER 16U
#define MOST_MEMBERS 15U
#define BOTH_MEMBERS 14U // of two zones together
#define MEMBER_RANGE 48.0F

const char *const lat_express_modes[] = {"off", "lower", "upper", "both", NULL};

enum { RPN_BEND_RANGE = 0, RPN_MPE = 6 };

// Of LAT_EXPRESS_TIMBRE: the middle.
static const struct lat_express_part at_first = {
    .value = {0.0F, 0.0F, 64.0F / 127.0F}};

/// Channels @p first to @p last, bit by channel.
static uint32_t
channels(uint32_t first, uint32_t last)
{
    return (UINT32_C(2) << last) - (UINT32_C(1) << first);
}

// The channels of a zone, its master's among them; 0 where there is none.
static uint32_t
zone_of_master(const struct lat_express *e, uint32_t master)
{
    if (master == LOWER_MASTER && e->n_lower) {
        return channels(LOWER_MASTER, LOWER_MASTER + e->n_lower);
    }
    if (master == UPPER_MASTER && e->n_upper) {
        return channels(UPPER_MASTER - e->n_upper, UPPER_MASTER);
    }
    return 0;
}

/// The master of a member; 0: the channel is none.
static uint32_t
master_of(const struct lat_express *e, uint32_t channel)
{
    static const uint32_t masters[] = {LOWER_MASTER, UPPER_MASTER};
    for (uint32_t i = 0; e->mode != LAT_MPE_OFF && i < LAT_COUNT(masters);
         i++) {
        if (channel != masters[i] &&
            zone_of_master(e, masters[i]) >> channel & 1U) {
            return masters[i];
        }
    }
    return 0;
}

LAT_RT uint32_t
lat_express_channels(const struct lat_express *e, uint32_t channel)
{
    const uint32_t zone = zone_of_master(e, channel);
    return zone ? zone : UINT32_C(1) << channel;
}

static void
begin_parts(struct lat_express *e, uint32_t of)
{
    for (uint32_t i = 0; i < LAT_DEALER_HOLDERS; i++) {
        if (of >> i & 1U) {
            e->parts[i] = at_first;
        }
    }
}

LAT_RT void
lat_express_begin(struct lat_express *e, enum lat_express_mode mode)
{
    static const uint8_t members[][2] = {
        [LAT_MPE_OFF] = {0, 0},
        [LAT_MPE_LOWER] = {MOST_MEMBERS, 0},
        [LAT_MPE_UPPER] = {0, MOST_MEMBERS},
        [LAT_MPE_BOTH] = {BOTH_MEMBERS / 2, BOTH_MEMBERS / 2},
    };
    e->mode = mode;
    e->n_lower = members[mode][0];
    e->n_upper = members[mode][1];
    begin_parts(e, UINT32_MAX);
    for (uint32_t voice = 0; voice < LAT_MAX_POLY; voice++) {
        memcpy(e->voices[voice], at_first.value, sizeof(e->voices[voice]));
    }
}

static bool
follows_all(const struct lat_express *e, const struct lat_dealer *d)
{
    return e->mode == LAT_MPE_OFF && d->n_voices == 1;
}

// Whose word a voice takes.
static uint32_t
part_of(const struct lat_express *e, const struct lat_dealer *d, uint32_t voice)
{
    return follows_all(e, d) ? 0U : d->voices[voice].holder;
}

static void
say(struct lat_express *e, const struct lat_dealer *d, uint32_t channel,
    enum lat_express_kind kind, float value, bool is_masters)
{
    e->parts[channel].value[kind] = value;
    for (uint32_t voice = 0; voice < d->n_voices; voice++) {
        const bool rings_on =
            !d->voices[voice].n_down && master_of(e, channel) && !is_masters;
        if (part_of(e, d, voice) == channel && !rings_on) {
            e->voices[voice][kind] = value;
        }
    }
}

LAT_RT void
lat_express_set(struct lat_express *e, const struct lat_dealer *d,
                uint32_t channel, enum lat_express_kind kind, float value)
{
    const uint32_t of = kind == LAT_EXPRESS_BEND
                            ? UINT32_C(1) << channel
                            : lat_express_channels(e, channel);
    for (uint32_t i = 1; i < LAT_DEALER_HOLDERS; i++) {
        if (of >> i & 1U) {
            say(e, d, i, kind, value, i != channel);
        }
    }
    if (e->mode == LAT_MPE_OFF) {
        e->parts[0].range = e->parts[channel].range;
        e->parts[0].is_told = e->parts[channel].is_told;
        say(e, d, 0, kind, value, false);
    }
}

LAT_RT void
lat_express_press(struct lat_express *e, const struct lat_dealer *d,
                  uint32_t channel, float key, float value)
{
    for (uint32_t voice = 0; voice < d->n_voices; voice++) {
        const struct lat_dealer_voice *v = &d->voices[voice];
        if (v->key == key && (v->holder == channel || follows_all(e, d))) {
            e->voices[voice][LAT_EXPRESS_PRESSURE] = value;
        }
    }
}

// Members of a zone have one range.
static uint32_t
range_channels(const struct lat_express *e, uint32_t channel)
{
    const uint32_t master = master_of(e, channel);
    return master ? zone_of_master(e, master) & ~(UINT32_C(1) << master)
                  : UINT32_C(1) << channel;
}

static void
set_range(struct lat_express *e, uint32_t channel, bool is_cents, uint8_t value)
{
    const float whole = (float)(int)e->parts[channel].range;
    const float cents = (float)(value > 99 ? 99 : value) / 100.0F;
    const uint32_t of = range_channels(e, channel) |
                        (e->mode == LAT_MPE_OFF ? UINT32_C(1) : 0U);
    for (uint32_t i = 0; i < LAT_DEALER_HOLDERS; i++) {
        if (of >> i & 1U) {
            e->parts[i].range = is_cents ? whole + cents : (float)value;
            e->parts[i].is_told = true;
        }
    }
}

// The MPE configuration message: the latest zone takes from the other.
static uint32_t
configure(struct lat_express *e, uint32_t channel, uint8_t value)
{
    const bool is_lower = channel == LOWER_MASTER;
    if (e->mode == LAT_MPE_OFF || (!is_lower && channel != UPPER_MASTER)) {
        return 0;
    }
    uint32_t *const own = is_lower ? &e->n_lower : &e->n_upper;
    uint32_t *const other = is_lower ? &e->n_upper : &e->n_lower;
    uint32_t changed = zone_of_master(e, LOWER_MASTER) |
                       zone_of_master(e, UPPER_MASTER) | UINT32_C(1) << channel;
    *own = value > MOST_MEMBERS ? MOST_MEMBERS : value;
    if (*own + *other > BOTH_MEMBERS) {
        *other = *own < BOTH_MEMBERS ? BOTH_MEMBERS - *own : 0;
    }
    changed |= zone_of_master(e, channel);
    begin_parts(e, changed);
    return changed;
}

static uint32_t
data_entry(struct lat_express *e, uint32_t channel, uint8_t control,
           uint8_t value)
{
    const struct lat_midi_parameter *p = &e->parts[channel].parameter;
    const bool is_fine = control == LAT_CONTROL_DATA_FINE;
    if (lat_midi_is_chosen(p, LAT_PARAMETER_RPN, RPN_BEND_RANGE)) {
        set_range(e, channel, is_fine, value);
    } else if (!is_fine && lat_midi_is_chosen(p, LAT_PARAMETER_RPN, RPN_MPE)) {
        return configure(e, channel, value);
    }
    return 0;
}

static void
reset_controllers(struct lat_express *e, const struct lat_dealer *d,
                  uint32_t channel)
{
    const uint32_t of = lat_express_channels(e, channel);
    for (uint32_t i = 1; i < LAT_DEALER_HOLDERS; i++) {
        if (of >> i & 1U) {
            lat_express_set(e, d, i, LAT_EXPRESS_BEND, 0.0F);
            e->parts[i].parameter = (struct lat_midi_parameter){0};
        }
    }
    lat_express_set(e, d, channel, LAT_EXPRESS_PRESSURE, 0.0F);
}

LAT_RT uint32_t
lat_express_control(struct lat_express *e, const struct lat_dealer *d,
                    uint32_t channel, uint8_t control, uint8_t value)
{
    switch (control) {
    case LAT_CONTROL_TIMBRE:
        lat_express_set(e, d, channel, LAT_EXPRESS_TIMBRE,
                        (float)value / 127.0F);
        return 0;
    case LAT_CONTROL_RESET:
        reset_controllers(e, d, channel);
        return 0;
    case LAT_CONTROL_DATA_COARSE:
    case LAT_CONTROL_DATA_FINE:
        return data_entry(e, channel, control, value);
    default:
        lat_midi_choose(&e->parts[channel].parameter, control, value);
        return 0;
    }
}

// A voice has what its channel said last.
static void
take(struct lat_express *e, const struct lat_dealer *d, uint32_t voice)
{
    memcpy(e->voices[voice], e->parts[part_of(e, d, voice)].value,
           sizeof(e->voices[voice]));
}

LAT_RT void
lat_express_follow(struct lat_express *e, const struct lat_dealer *d)
{
    for (uint32_t voice = 0; voice < d->n_voices && d->changes >> voice;
         voice++) {
        if (d->changes >> voice & 1U && !follows_all(e, d)) {
            take(e, d, voice);
        }
    }
}

LAT_RT void
lat_express_resize(struct lat_express *e, const struct lat_dealer *d,
                   uint32_t before)
{
    if (e->mode == LAT_MPE_OFF && (before == 1 || d->n_voices == 1)) {
        take(e, d, 0); // it follows others now
    }
    for (uint32_t voice = before; voice < d->n_voices; voice++) {
        take(e, d, voice);
    }
}

LAT_RT float
lat_express_bend(const struct lat_express *e, const struct lat_dealer *d,
                 uint32_t voice, float range)
{
    const uint32_t channel = part_of(e, d, voice);
    const struct lat_express_part *part = &e->parts[channel];
    const uint32_t master = master_of(e, channel);
    const float own = part->is_told ? part->range
                      : master      ? MEMBER_RANGE
                                    : range;
    float bend = e->voices[voice][LAT_EXPRESS_BEND] * own;
    if (master) {
        const struct lat_express_part *m = &e->parts[master];
        bend += m->value[LAT_EXPRESS_BEND] * (m->is_told ? m->range : range);
    }
    return bend;
}
