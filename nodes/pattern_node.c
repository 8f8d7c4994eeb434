// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// pattern: a text in mini-notation, as notes in time with the transport.
//
// The player says which onset is due at which frame, the dealer in which voice
// it sounds.  A gate is to be low for a frame before an onset that touches the
// event before, so whoever lasts up to an onset is let go a frame earlier.

#include "dealer.h"
#include "node/tuned.h"
#include "pattern_player.h"
#include "pattern_settings.h"
#include "ports.h"
#include "types.h"

#include <string.h>

enum { VALUE, GATE, TRIGGER, NUMBER, N_OUTPUTS };
enum {
    SETTING_PATTERN,
    SETTING_WITH,
    SETTING_RATE,
    SETTING_LEGATO,
    SETTING_SWAP
};

#define MOST_BITS 61U // outputs that each say that they are constant

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("value", "", -60.0F, 67.0F,
                 "The value of the event that sounds, or did last; note names "
                 "are semitones from middle C."),
    LAT_PORT_WHEN("gate",
                  "1 as long as an event lasts, low for a frame before an "
                  "onset that touches it; a stop or locate closes it."),
    LAT_PORT_WHEN("trigger", "1 for one frame at each onset."),
    LAT_PORT_OUT("n", "", -60.0F, 67.0F,
                 "The number behind the `:` of the event that sounds, or did "
                 "last, 0 where there is none: c4:2."),
};

// --- Settings ----------------------------------------------------------------

static const char *const answers[] = {"yes", "no", NULL};

static const struct lat_setting settings[] = {
    {
        .name = "pattern",
        .doc = "What is played, in mini-notation, lattice-pattern(1): notes "
               "(c4 is 0; without octave it is 4) and numbers, ~ for silence. "
               "Another one goes on from the same position.",
        .unit = "",
        .kind = LAT_SETTING_TEXT,
        .initial_text = "~",
        .keeps_state = true,
        .check = lat_pattern_text_check_pattern,
        .prepare = lat_pattern_text_make_pattern,
        .forget = lat_pattern_text_forget,
        .is_quick = true,
        .keeps_earlier = true,
    },
    LAT_PATTERN_SETTING_WITH,
    LAT_PATTERN_SETTING_RATE,
    {
        .name = "legato",
        .doc = "The gate stays open where one event touches the next; with "
               "poly, where none is free a voice's gate still falls.",
        .unit = "",
        .kind = LAT_SETTING_WORD,
        .initial_text = "no",
        .words = answers,
        .keeps_state = true,
    },
    LAT_PATTERN_SETTING_SWAP,
};

/// What is fine alone may be too much together.
static enum lat_status
check_all(const struct lat_setting_value *values, struct lat_error *error)
{
    return lat_pattern_text_check_all(values[SETTING_PATTERN].text,
                                      values[SETTING_WITH].text,
                                      values[SETTING_RATE].text, error);
}

// --- Playing -----------------------------------------------------------------

/// An event that sounds.
struct sounding {
    float key;
    struct lat_ratio end;
    uint32_t end_frame; ///< in this span; after it: n_frames + 1
};

#define MOST_SOUNDING LAT_MAX_POLY

struct pattern {
    struct lat_pattern_player player;
    struct lat_dealer dealer;
    struct sounding sounding[MOST_SOUNDING]; ///< the oldest first
    uint32_t n_sounding;
    uint32_t n_struck; ///< keys: an event's own, so that none is struck twice
    uint64_t n_breaks;
};

static size_t
pattern_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct pattern);
}

LAT_RT static void
pattern_reset(void *state, const struct lat_config *config)
{
    (void)config;
    memset(state, 0, sizeof(struct pattern));
}

static bool
is_yes(const struct lat_config *config, uint32_t setting)
{
    return *config->settings[setting].text == 'y';
}

static const struct lat_player_settings playing = {
    .pattern = SETTING_PATTERN,
    .with = SETTING_WITH,
    .rate = SETTING_RATE,
    .swap = SETTING_SWAP,
};

static void
let_go(struct pattern *s, uint32_t i)
{
    lat_dealer_let_go(&s->dealer, 0, s->sounding[i].key, -1.0F);
    --s->n_sounding;
    memmove(&s->sounding[i], &s->sounding[i + 1],
            (s->n_sounding - i) * sizeof(s->sounding[0]));
}

/// Let go all that end by frame @p frame, or, where one sounds at a time and
/// another begins, all.
static void
let_go_until(struct pattern *s, uint32_t frame, bool all)
{
    for (uint32_t i = 0; i < s->n_sounding;) {
        if (all || s->sounding[i].end_frame <= frame) {
            let_go(s, i);
        } else {
            ++i;
        }
    }
}

static void
strike(struct pattern *s, const struct lat_context *context,
       const struct lat_config *config, const struct lat_player_onset *onset)
{
    double pitch = (double)onset->value;
    if (onset->is_note && !lat_tuned_pitch(config->tuned, pitch, &pitch)) {
        return; // this note sounds nothing
    }
    if (s->n_sounding == MOST_SOUNDING) {
        let_go(s, 0);
    }
    s->n_struck = (s->n_struck + 1) % 4194304; // whole numbers of a float
    struct sounding *const new = &s->sounding[s->n_sounding++];
    *new = (struct sounding){
        .key = (float)s->n_struck,
        .end = onset->end,
        .end_frame = lat_player_frame_of(&s->player, context, onset->end,
                                         context->n_frames + 1),
    };
    lat_dealer_strike(&s->dealer, 0, new->key, (float)pitch, onset->n);
    // The last one wins where one sounds at a time.
    for (uint32_t i = s->n_sounding - 1; s->dealer.n_voices == 1 && i-- > 0;) {
        let_go(s, i);
    }
}

static uint32_t
first_end(const struct pattern *s, uint32_t limit)
{
    uint32_t first = limit;
    for (uint32_t i = 0; i < s->n_sounding; ++i) {
        const uint32_t end = s->sounding[i].end_frame;
        first = end < first ? end : first;
    }
    return first;
}

/// Write frames @p from to @p to, and let them pass.
static void
write_voices(struct pattern *s, const struct lat_io *io, uint32_t from,
             uint32_t to)
{
    for (uint32_t voice = 0; voice < s->dealer.n_voices; ++voice) {
        float *const *const out = io->out + (size_t)voice * N_OUTPUTS;
        const float value = s->dealer.voices[voice].pitch;
        const float n = s->dealer.voices[voice].velocity; // says so here
        for (uint32_t f = from; f < to; ++f) {
            out[VALUE][f] = value;
            out[NUMBER][f] = n;
            out[TRIGGER][f] = 0.0F;
        }
        if (s->dealer.triggers >> voice & 1U) {
            out[TRIGGER][from] = 1.0F;
        }
        lat_dealer_pass(&s->dealer, voice, out[GATE] + from, to - from);
    }
    s->dealer.triggers = 0;
}

static uint64_t
finish(struct pattern *s, const struct lat_io *io, uint32_t done, uint32_t n)
{
    if (!done && !s->dealer.moves && !s->dealer.triggers) {
        write_voices(s, io, 0, 1);
        return io->n_out > MOST_BITS ? LAT_ALL_CONSTANT
                                     : (UINT64_C(1) << io->n_out) - 1;
    }
    if (done < n) {
        write_voices(s, io, done, n);
    }
    return 0;
}

/// The next frame of the span at which something happens, n_frames for none.
static uint32_t
next_frame(struct pattern *s, const struct lat_context *context,
           const struct lat_config *config, uint32_t done,
           const struct lat_player_onset **onset, uint32_t *onset_frame)
{
    const uint32_t n = context->n_frames;
    *onset_frame = n + 1;
    *onset = lat_player_next(&s->player, context, onset_frame);
    uint32_t next = first_end(s, n);
    if (*onset && *onset_frame > done && s->n_sounding > 0 &&
        !is_yes(config, SETTING_LEGATO)) {
        // A frame before, somebody may be in its way.
        const bool is_single = s->dealer.n_voices == 1;
        const bool touches = is_single || first_end(s, n + 1) <= *onset_frame;
        next = touches && *onset_frame - 1 < next ? *onset_frame - 1 : next;
    }
    const uint32_t at = *onset && *onset_frame < n ? *onset_frame : n;
    return next < at ? next : at;
}

static void
play(struct pattern *s, const struct lat_context *context,
     const struct lat_io *io, uint32_t *done)
{
    const uint32_t n = context->n_frames;
    const bool is_legato = is_yes(io->config, SETTING_LEGATO);
    const bool is_single = s->dealer.n_voices == 1;
    for (;;) {
        const struct lat_player_onset *onset;
        uint32_t onset_frame;
        const uint32_t at =
            next_frame(s, context, io->config, *done, &onset, &onset_frame);
        if (at >= n) {
            return;
        }
        if (at > *done) {
            write_voices(s, io, *done, at);
            *done = at;
        }
        if (onset && onset_frame == at) {
            // What was known too late to be let go a frame ago.
            const bool is_first = !(s->dealer.triggers & 1U);
            if (!is_legato) {
                let_go_until(s, at, is_single && is_first);
            }
            const struct lat_player_onset copy = *onset;
            lat_player_take(&s->player);
            if (lat_player_has_room(&s->player, context->frame + at)) {
                strike(s, context, io->config, &copy);
            }
        } else if (onset && onset_frame == at + 1 && !is_legato) {
            let_go_until(s, at + 1, is_single);
        } else {
            let_go_until(s, at, false);
        }
    }
}

LAT_RT static uint64_t
pattern_process(const struct lat_context *context, const struct lat_io *io)
{
    struct pattern *const s = io->state;
    const uint32_t n = context->n_frames;
    uint32_t done = 0;
    if (s->dealer.n_voices != io->config->n_voices) {
        lat_dealer_resize(&s->dealer, io->config->n_voices);
    }
    if (s->n_breaks != context->n_breaks) {
        lat_dealer_release(&s->dealer, LAT_HOLDER_NOTES);
        s->n_sounding = 0;
        s->n_breaks = context->n_breaks;
    }
    if (context->is_playing) {
        const struct lat_player_wish wish =
            lat_player_wish_of(&s->player, io->config, &playing);
        lat_player_look(&s->player, context, &wish);
        for (uint32_t i = 0; i < s->n_sounding; ++i) {
            s->sounding[i].end_frame = lat_player_frame_of(
                &s->player, context, s->sounding[i].end, n + 1);
        }
        play(s, context, io, &done);
    }
    return finish(s, io, done, n);
}

const struct lat_node_type lat_type_pattern = {
    .name = "pattern",
    .doc = "A pattern in mini-notation, in time with the transport, silent "
           "while it is stopped. With poly, events that sound together have a "
           "voice each, in their order in the text: the free one that was let "
           "go longest ago, else the one that was struck longest ago; one that "
           "sounds alone is the last that began.",
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .check = check_all,
    .flags = LAT_TYPE_ENGINE | LAT_TYPE_DEALER,
    .is_bounded = true,
    .cost_ns = 1.0F,
    .state_bytes = pattern_bytes,
    .reset = pattern_reset,
    .process = pattern_process,
};
