// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What strikes voices: a trigger, a pattern in time with the transport, and
// messages.  What an event does not say itself the inputs say.

#include "play.h"
#include "base/text.h"
#include "kit.h"
#include "nodes/numbers.h"

#include <string.h>

static const struct lat_player_settings playing = {
    .pattern = LAT_SAMPLER_SET_PATTERN,
    .with = LAT_SAMPLER_SET_WITH,
    .rate = LAT_SAMPLER_SET_RATE,
    .swap = LAT_SAMPLER_SET_SWAP,
    .pattern_of = lat_kit_pattern_of,
};

LAT_RT uint32_t
lat_sampler_frames(double seconds, double rate)
{
    const double n = seconds * rate + 0.5;
    return n > 0 ? (n < 1e9 ? (uint32_t)n : 1000000000U) : 0;
}

uint32_t
lat_sampler_n_voices(const struct lat_config *config)
{
    return (uint32_t)config->settings[LAT_SAMPLER_SET_VOICES].number;
}

/// The first letter of a word, which says which one it is.
static char
word_of(const struct lat_config *config, uint32_t setting)
{
    static const char no[] = "no";
    const char *const text = config->settings[setting].text;
    return *(text ? text : no);
}

static enum lat_sampler_loop
loop_of(const struct lat_config *config)
{
    const char word = word_of(config, LAT_SAMPLER_SET_LOOP);
    return word == 'h'   ? LAT_SAMPLER_HELD
           : word == 'y' ? LAT_SAMPLER_ROUND
                         : LAT_SAMPLER_ONCE;
}

static enum lat_sampler_cut
cut_of(const struct lat_config *config)
{
    const char word = word_of(config, LAT_SAMPLER_SET_CUT);
    return word == 's'   ? LAT_SAMPLER_CUT_SAME
           : word == 'a' ? LAT_SAMPLER_CUT_ALL
                         : LAT_SAMPLER_CUT_NONE;
}

// --- Striking ----------------------------------------------------------------

/// The number behind `:` of a name, or 0.
static uint32_t
number_in(const char *text)
{
    const char *at = text ? lat_text_ordinal(text) : "";
    uint32_t n = 0;
    for (at += *at == ':'; *at; at++) {
        n = 10 * n + (uint32_t)(*at - '0');
    }
    return n;
}

static const struct lat_sound *
pick(const struct lat_sounds *sounds, double n)
{
    n = n > -1e9 ? n : -1e9;
    n = (n < 1e9 ? n : 1e9) + 0.5;
    int64_t at = (int64_t)n;
    at -= (double)at > n;
    at %= sounds->n;
    return &sounds->list[at < 0 ? at + sounds->n : at];
}

/// Which sound, which of its folder, how loud, by whom, and for how long.
struct struck {
    struct lat_sounds *sounds; ///< or NULL
    double n;
    float height;
    enum lat_sampler_source source;
    uint32_t n_hold; ///< frames, or LAT_SAMPLER_OPEN
    struct lat_strike said;
};

/// What the event says of @p key, or the input.
static float
said(const struct struck *e, enum lat_strike_key key, float otherwise)
{
    return e->said.has >> key & 1U ? e->said.values[key] : otherwise;
}

/// The same in frames, or LAT_SAMPLER_OPEN.
static uint32_t
said_frames(const struct struck *e, enum lat_strike_key key, double rate)
{
    return e->said.has >> key & 1U
               ? lat_sampler_frames((double)e->said.values[key], rate)
               : LAT_SAMPLER_OPEN;
}

static float
speed_of(const struct struck *e)
{
    const double pitch = (double)said(e, LAT_STRIKE_PITCH, 0.0F);
    const float speed = said(e, LAT_STRIKE_SPEED, 1.0F);
    return pitch != 0.0 ? (float)((double)speed * lat_exp2(pitch / 12)) : speed;
}

static int32_t
group_of(const struct struck *e)
{
    const float group = said(e, LAT_STRIKE_CUT, 0.0F);
    return group > -1e6F && group < 1e6F ? (int32_t)group : 0;
}

static void
begin(struct lat_sampler *s, const struct lat_context *context,
      const struct lat_io *io, uint32_t f, const struct struck *e)
{
    const double n = e->n + (double)said(e, LAT_STRIKE_N, 0.0F) +
                     (double)lat_io_at(io, LAT_SAMPLER_IN_N, f);
    const struct lat_sound *const sound = e->sounds ? pick(e->sounds, n) : NULL;
    const float height = e->height * said(e, LAT_STRIKE_GAIN, 1.0F);
    if (!sound || !sound->n_frames || !(height > 0.0F)) {
        return;
    }
    const float speed = speed_of(e);
    const uint32_t n_attack = said_frames(e, LAT_STRIKE_ATTACK, context->rate);
    s->voices.takes_oldest = word_of(io->config, LAT_SAMPLER_SET_STEAL) == 'o';
    lat_voices_begin(
        &s->voices,
        &(struct lat_sampler_event){
            .sound = sound,
            .sounds = e->sounds,
            .height = height,
            .speed = speed,
            .pan = said(e, LAT_STRIKE_PAN, 0.0F),
            .begin = said(e, LAT_STRIKE_BEGIN,
                          lat_io_at(io, LAT_SAMPLER_IN_BEGIN, f)),
            .end =
                said(e, LAT_STRIKE_END, lat_io_at(io, LAT_SAMPLER_IN_END, f)),
            .is_backwards = (lat_io_at(io, LAT_SAMPLER_IN_SPEED, f) < 0.0F) !=
                            (speed < 0.0F),
            .n_attack =
                n_attack != LAT_SAMPLER_OPEN
                    ? n_attack
                    : lat_sampler_frames(
                          (double)lat_io_at(io, LAT_SAMPLER_IN_ATTACK, f),
                          context->rate),
            .n_release = said_frames(e, LAT_STRIKE_RELEASE, context->rate),
            .n_hold = e->n_hold,
            .group = group_of(e),
            .source = e->source,
            .loop = loop_of(io->config),
            .cut = cut_of(io->config),
        });
}

static uint32_t
release_frames(const struct lat_context *context, const struct lat_io *io,
               uint32_t f)
{
    return lat_sampler_frames((double)lat_io_at(io, LAT_SAMPLER_IN_RELEASE, f),
                              context->rate);
}

/// What is prepared of a setting.  It is held by counts of its own, of which
/// its readers know.
static const void *
prepared_of(const struct lat_io *io, uint32_t setting)
{
    const void *const *const prepared = io->config->prepared;
    return prepared ? prepared[setting] : NULL;
}

static struct lat_sounds *
own_sounds(const struct lat_io *io)
{
    return (struct lat_sounds *)prepared_of(io, LAT_SAMPLER_SET_SAMPLE);
}

/// Take note of the trigger at frame @p f.
static void
take_trigger(struct lat_sampler *s, const struct lat_context *context,
             const struct lat_io *io, uint32_t f)
{
    const float height = lat_io_at(io, LAT_SAMPLER_IN_TRIGGER, f);
    const bool is_high = height > 0.0F;
    if (is_high && !s->trigger_is_high) {
        begin(s, context, io, f,
              &(struct struck){
                  .sounds = own_sounds(io),
                  .n = number_in(
                      io->config->settings[LAT_SAMPLER_SET_SAMPLE].text),
                  .height = height,
                  .source = LAT_SAMPLER_TRIGGER,
                  .n_hold = LAT_SAMPLER_OPEN,
              });
    } else if (!is_high && s->trigger_is_high) {
        lat_voices_let_go(&s->voices, LAT_SAMPLER_TRIGGER,
                          release_frames(context, io, f));
    }
    s->trigger_is_high = is_high;
}

/// What messages strike, at the span's first frame.
static void
take_strikes(struct lat_sampler *s, const struct lat_context *context,
             const struct lat_io *io)
{
    for (uint32_t i = 0; i < context->n_strikes; ++i) {
        const struct lat_strike *const k = &context->strikes[i].strike;
        if (context->strikes[i].state != s) {
            continue;
        }
        struct lat_sounds *sounds =
            lat_kit_find(prepared_of(io, LAT_SAMPLER_SET_SOUNDS), k->sound);
        if (!sounds) {
            sounds = lat_kit_find(prepared_of(io, LAT_SAMPLER_SET_PATTERN),
                                  k->sound);
        }
        const uint32_t n_hold = lat_sampler_frames(k->hold, context->rate);
        begin(s, context, io, 0,
              &(struct struck){
                  .sounds = k->sound ? sounds : own_sounds(io),
                  .height = 1.0F,
                  .source = LAT_SAMPLER_MESSAGE,
                  .n_hold = !(k->hold > 0) ? LAT_SAMPLER_OPEN
                            : n_hold       ? n_hold
                                           : 1,
                  .said = *k,
              });
    }
}

// --- The pattern -------------------------------------------------------------

/// The kit whose pattern an onset is of, if it is still there.
static const struct lat_kit *
kit_of(const struct lat_io *io, const struct lat_player_onset *onset)
{
    const uint32_t i = LAT_SAMPLER_SET_PATTERN;
    const struct lat_kit *kit = prepared_of(io, i);
    for (uint32_t k = 0; k <= LAT_CONFIG_EARLIER; ++k) {
        if (kit && lat_pattern_serial(kit->pattern) == onset->serial) {
            return kit;
        }
        kit = k < LAT_CONFIG_EARLIER && io->config->earlier
                  ? io->config->earlier[i * LAT_CONFIG_EARLIER + k]
                  : NULL;
    }
    return NULL;
}

/// What the patterns beside it say at an onset.
static struct lat_strike
look_beside(const struct lat_sampler *s, const struct lat_io *io,
            const struct lat_player_onset *onset)
{
    struct lat_strike said = {0};
    for (uint32_t k = 0; k < LAT_STRIKE_N_KEYS; ++k) {
        const struct lat_pattern *const track =
            prepared_of(io, LAT_SAMPLER_SET_TRACKS + k);
        if (track && lat_player_value_at(&s->player, track, onset->begin,
                                         &said.values[k])) {
            said.has |= 1U << k;
        }
    }
    return said;
}

static void
strike_onset(struct lat_sampler *s, const struct lat_context *context,
             const struct lat_io *io, uint32_t f,
             const struct lat_player_onset *onset)
{
    const struct lat_kit *const kit = kit_of(io, onset);
    struct struck e = {
        .sounds = kit ? lat_kit_of_word(kit, onset->word) : NULL,
        .n = (double)onset->n,
        .height = 1.0F,
        .source = LAT_SAMPLER_PATTERN,
        .n_hold = LAT_SAMPLER_OPEN,
    };
    if (!e.sounds) {
        return;
    }
    if (loop_of(io->config) == LAT_SAMPLER_HELD) {
        const uint32_t end =
            lat_player_frame_of(&s->player, context, onset->end, INT32_MAX);
        e.n_hold = end > f ? end - f : 1;
    }
    e.said = look_beside(s, io, onset);
    begin(s, context, io, f, &e);
}

/// Does a pattern play in this span?
static bool
look_at_pattern(struct lat_sampler *s, const struct lat_context *context,
                const struct lat_io *io)
{
    if (s->n_breaks != context->n_breaks) {
        lat_voices_let_go(&s->voices, LAT_SAMPLER_PATTERN,
                          release_frames(context, io, 0));
        s->n_breaks = context->n_breaks;
    }
    const struct lat_player_wish wish =
        lat_player_wish_of(&s->player, io->config, &playing);
    const bool is_there = wish.pair.pattern || s->player.plays.pattern;
    if (context->is_playing && is_there) {
        lat_player_look(&s->player, context, &wish);
    }
    return context->is_playing && is_there;
}

/// Strike what is due at frame @p f.  @return the frame of what comes next, in
/// this span or behind it.
static uint32_t
take_onsets(struct lat_sampler *s, const struct lat_context *context,
            const struct lat_io *io, uint32_t f)
{
    uint32_t at = UINT32_MAX;
    const struct lat_player_onset *onset =
        lat_player_next(&s->player, context, &at);
    while (onset && at <= f) {
        const struct lat_player_onset copy = *onset;
        lat_player_take(&s->player);
        if (lat_player_has_room(&s->player, context->frame + f)) {
            strike_onset(s, context, io, f, &copy);
        }
        onset = lat_player_next(&s->player, context, &at);
    }
    return onset ? at : UINT32_MAX;
}

// --- Sound -------------------------------------------------------------------

static lat_place
step_of(const struct lat_io *io, uint32_t f)
{
    return lat_place_step(
        (double)lat_io_at(io, LAT_SAMPLER_IN_SPEED, f) *
        lat_exp2((double)lat_io_at(io, LAT_SAMPLER_IN_PITCH, f) / 12));
}

static void
settle(const struct lat_context *context, const struct lat_io *io,
       uint32_t first, uint32_t n, struct lat_sampler_live *out)
{
    const bool is_steady_step =
        !io->step[LAT_SAMPLER_IN_SPEED] && !io->step[LAT_SAMPLER_IN_PITCH];
    const bool is_steady_gain =
        !io->step[LAT_SAMPLER_IN_PAN] && !io->step[LAT_SAMPLER_IN_GAIN];
    out->is_gain_steady = is_steady_gain;
    out->is_steady = is_steady_step && !io->step[LAT_SAMPLER_IN_RELEASE];
    for (uint32_t f = 0; f < n; f++) {
        out->step[f] =
            f && is_steady_step ? out->step[0] : step_of(io, first + f);
        out->n_release[f] = release_frames(context, io, first + f);
    }
    for (uint32_t f = 0; f < n; f++) {
        const float pan = lat_io_at(io, LAT_SAMPLER_IN_PAN, first + f);
        const float gain = lat_io_at(io, LAT_SAMPLER_IN_GAIN, first + f);
        const bool is_same = f && is_steady_gain;
        out->pan[f] = pan;
        out->gain[f] = gain;
        out->left[f] = is_same ? out->left[0] : lat_sampler_side(-pan, gain);
        out->right[f] = is_same ? out->right[0] : lat_sampler_side(pan, gain);
    }
}

/// Up to where the trigger stands as it does at @p f, or a chunk is full.
static uint32_t
stretch_end(const struct lat_io *io, uint32_t f, uint32_t n_frames)
{
    const bool is_high = lat_io_at(io, LAT_SAMPLER_IN_TRIGGER, f) > 0.0F;
    const uint32_t most =
        n_frames - f < LAT_SAMPLER_CHUNK ? n_frames : f + LAT_SAMPLER_CHUNK;
    uint32_t end = io->step[LAT_SAMPLER_IN_TRIGGER] ? f + 1 : most;
    while (end < most &&
           (lat_io_at(io, LAT_SAMPLER_IN_TRIGGER, end) > 0.0F) == is_high) {
        ++end;
    }
    return end;
}

/// Does nothing sound, and nothing begin in this span?
static bool
is_idle(struct lat_sampler *s, const struct lat_context *context,
        const struct lat_io *io, bool has_pattern)
{
    uint32_t at = UINT32_MAX;
    const bool is_high = io->in[LAT_SAMPLER_IN_TRIGGER][0] > 0.0F;
    return !io->step[LAT_SAMPLER_IN_TRIGGER] && is_high == s->trigger_is_high &&
           lat_voices_are_silent(&s->voices) &&
           !(has_pattern && lat_player_next(&s->player, context, &at) &&
             at < context->n_frames);
}

LAT_RT uint64_t
lat_sampler_process(const struct lat_context *context, const struct lat_io *io)
{
    struct lat_sampler *const s = io->state;
    const bool has_pattern = look_at_pattern(s, context, io);
    lat_voices_limit(&s->voices, lat_sampler_n_voices(io->config));
    take_strikes(s, context, io);
    if (is_idle(s, context, io, has_pattern)) {
        io->out[0][0] = io->out[1][0] = 0.0F;
        return 3;
    }
    memset(io->out[0], 0, context->n_frames * sizeof(float));
    memset(io->out[1], 0, context->n_frames * sizeof(float));
    for (uint32_t f = 0, end = 0; f < context->n_frames; f = end) {
        struct lat_sampler_live live;
        end = stretch_end(io, f, context->n_frames);
        take_trigger(s, context, io, f);
        const uint32_t next =
            has_pattern ? take_onsets(s, context, io, f) : UINT32_MAX;
        end = next < end ? next : end;
        if (lat_voices_are_silent(&s->voices)) {
            continue;
        }
        settle(context, io, f, end - f, &live);
        lat_voices_add(&s->voices, &live, end - f, io->out[0] + f,
                       io->out[1] + f);
    }
    return 0;
}
