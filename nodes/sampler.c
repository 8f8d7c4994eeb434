// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// sampler: sounds from files, played by a trigger.

#include "base/text.h"
#include "numbers.h"
#include "ports.h"
#include "sampler/voices.h"
#include "types.h"

#include <string.h>

enum { TRIGGER, N, PITCH, GAIN, PAN, SPEED, BEGIN, END, ATTACK, RELEASE };
enum {
    SETTING_SAMPLE,
    SETTING_VOICES,
    SETTING_LOOP,
    SETTING_CUT,
    SETTING_STEAL
};

static const char *const loops[] = {"no", "held", "yes", NULL};
static const char *const cuts[] = {"no", "same", "all", NULL};
static const char *const steals[] = {"quietest", "oldest", NULL};

static const struct lat_port inputs[] = {
    LAT_PORT_EVENT("trigger", LAT_PORT_TRIGGER,
                   "Each rise above 0 plays a sound; its height is a gain."),
    LAT_PORT_KNOB_LIN("n", "", -10000.0F, 10000.0F, 0.0F, false,
                      "Which sound of the folder, from 0, taken at the "
                      "trigger, rounded; beyond the last it begins anew."),
    LAT_PORT_PITCH("Transposes what plays: 12 is twice the speed."),
    LAT_PORT_LEVEL("gain", 1000.0F, NULL, "Linear gain."),
    LAT_PORT_KNOB_LIN("pan", "", -1.0F, 1.0F, 0.0F, true,
                      "-1 left, 1 right, of equal power; with a file of two "
                      "channels their balance."),
    LAT_PORT_KNOB_LIN("speed", "", -100.0F, 100.0F, 1.0F, false,
                      "1 as it is in the file, 2 twice as fast; below 0 "
                      "backwards."),
    LAT_PORT_KNOB_LIN("begin", "", 0.0F, 1.0F, 0.0F, false,
                      "The part of the sound at which it begins, taken at the "
                      "trigger."),
    LAT_PORT_KNOB_LIN("end", "", 0.0F, 1.0F, 1.0F, false,
                      "The part at which it ends, taken at the trigger; before "
                      "begin it plays backwards."),
    LAT_PORT_TIME("attack", 60.0F, 0.001F, 1.0F, 0.0F, false,
                  "Time in which it comes up, taken at the trigger."),
    LAT_PORT_TIME("release", 60.0F, 0.001F, 1.0F, 0.005F, false,
                  "Time in which it goes where it ends before the file does, "
                  "or is let go."),
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("left", "", -1.0F, 1.0F, "The left channel."),
    LAT_PORT_OUT("right", "", -1.0F, 1.0F, "The right channel."),
};

static const struct lat_setting settings[] = {
    [SETTING_SAMPLE] =
        {
            .name = "sample",
            .doc = "A sound file, or a folder of them, in the session's folder "
                   "or one of --sample-dir; NAME:3 is the sound of the folder "
                   "NAME that n 3 is, in the order of the bytes of their "
                   "names.",
            .unit = "",
            .kind = LAT_SETTING_FILE,
            .initial_text = "",
            .keeps_state = true,
            .prepare = lat_sounds_read,
            .is_sound = true,
            .forget = lat_sounds_forget,
        },
    [SETTING_VOICES] =
        {
            .name = "voices",
            .doc = "How many sound at once; one more takes the place of "
                   "another, which fades over 5 ms.",
            .unit = "",
            .kind = LAT_SETTING_INTEGER,
            .min = 1,
            .max = LAT_SAMPLER_MOST_VOICES,
            .initial = 32,
            .keeps_state = true,
        },
    [SETTING_LOOP] =
        {
            .name = "loop",
            .doc = "no: each plays once. held: it goes round as long as the "
                   "trigger stays up, then it is let go. yes: until it is cut "
                   "or another takes its place.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "no",
            .words = loops,
            .keeps_state = true,
        },
    [SETTING_CUT] =
        {
            .name = "cut",
            .doc = "What a new one ends, over 5 ms: no, nothing; same, the "
                   "same sound; all, all that plays (an open hi-hat and a "
                   "closed one).",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "no",
            .words = cuts,
            .keeps_state = true,
        },
    [SETTING_STEAL] =
        {
            .name = "steal",
            .doc = "Whose place is taken where there are too many.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "quietest",
            .words = steals,
            .keeps_state = true,
        },
};

struct sampler {
    bool trigger_is_high;
    struct lat_voices voices;
};

/// Which of its words a setting is.
static uint32_t
word_of(const struct lat_config *config, uint32_t setting)
{
    const char *const *const words = settings[setting].words;
    const char *const text = config->settings[setting].text;
    uint32_t i = 0;
    while (words[i + 1] && text && strcmp(words[i], text) != 0) {
        ++i;
    }
    return text ? i : 0;
}

static uint32_t
voices_of(const struct lat_config *config)
{
    return (uint32_t)config->settings[SETTING_VOICES].number;
}

static uint32_t
frames_of(double seconds, double rate)
{
    const double n = seconds * rate + 0.5;
    return n > 0 ? (n < 1e9 ? (uint32_t)n : 1000000000U) : 0;
}

static size_t
sampler_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct sampler);
}

static enum lat_status
sampler_init(void *state, const struct lat_config *config)
{
    struct sampler *const s = state;
    lat_sounds_sweep();
    s->voices.n_most = voices_of(config);
    s->voices.n_fade = frames_of(LAT_SAMPLER_FADE_SECONDS, config->rate);
    return LAT_OK;
}

static void
sampler_fini(void *state)
{
    struct sampler *const s = state;
    lat_voices_clear(&s->voices);
    lat_sounds_sweep();
}

LAT_RT static void
sampler_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct sampler *const s = state;
    lat_voices_clear(&s->voices);
    s->voices.count = 0;
    s->trigger_is_high = false;
}

// --- A trigger ---------------------------------------------------------------

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
pick(const struct lat_sounds *sounds, const struct lat_config *config, float n)
{
    n = n > -1e6F ? n : -1e6F;
    n = n < 1e6F ? n : 1e6F;
    const double wanted =
        (double)n + 0.5 + number_in(config->settings[SETTING_SAMPLE].text);
    int64_t at = (int64_t)wanted;
    at -= (double)at > wanted;
    at %= sounds->n;
    return &sounds->list[at < 0 ? at + sounds->n : at];
}

static void
begin(struct sampler *s, const struct lat_context *context,
      const struct lat_io *io, uint32_t f)
{
    const struct lat_config *const config = io->config;
    // Held by its count alone, of which the prepared data's readers know.
    struct lat_sounds *const sounds =
        (struct lat_sounds *)config->prepared[SETTING_SAMPLE];
    const struct lat_sound *const sound =
        sounds ? pick(sounds, config, lat_io_at(io, N, f)) : NULL;
    if (!sound || !sound->n_frames) {
        return;
    }
    s->voices.takes_oldest = word_of(config, SETTING_STEAL) == 1;
    lat_voices_begin(
        &s->voices,
        &(struct lat_sampler_event){
            .sound = sound,
            .sounds = sounds,
            .height = lat_io_at(io, TRIGGER, f),
            .begin = lat_io_at(io, BEGIN, f),
            .end = lat_io_at(io, END, f),
            .is_backwards = lat_io_at(io, SPEED, f) < 0.0F,
            .n_attack =
                frames_of((double)lat_io_at(io, ATTACK, f), context->rate),
            .loop = (enum lat_sampler_loop)word_of(config, SETTING_LOOP),
            .cut = (enum lat_sampler_cut)word_of(config, SETTING_CUT),
        });
}

static uint32_t
release_frames(const struct lat_context *context, const struct lat_io *io,
               uint32_t f)
{
    return frames_of((double)lat_io_at(io, RELEASE, f), context->rate);
}

/// Take note of the trigger at frame @p f.
static void
take_trigger(struct sampler *s, const struct lat_context *context,
             const struct lat_io *io, uint32_t f)
{
    const bool is_high = lat_io_at(io, TRIGGER, f) > 0.0F;
    if (is_high && !s->trigger_is_high) {
        begin(s, context, io, f);
    } else if (!is_high && s->trigger_is_high) {
        lat_voices_let_go(&s->voices, release_frames(context, io, f));
    }
    s->trigger_is_high = is_high;
}

// --- Sound -------------------------------------------------------------------

/// sin(x), 0 to pi / 2.
static double
sine_of(double x)
{
    double sum = 0;
    for (int n = 17; n > 1; n -= 2) { // Taylor
        sum = (1 - sum) * x * x / (n * (n - 1));
    }
    return x * (1 - sum);
}

static float
side(float pan, float gain)
{
    double p = (double)pan;
    p = p > -1 ? p : -1;
    p = p < 1 ? p : 1;
    return (float)(sine_of((1 + p) * 0.78539816339744830962) * (double)gain);
}

static lat_place
step_of(const struct lat_io *io, uint32_t f)
{
    return lat_place_step((double)lat_io_at(io, SPEED, f) *
                          lat_exp2((double)lat_io_at(io, PITCH, f) / 12));
}

static void
settle(const struct lat_context *context, const struct lat_io *io,
       uint32_t first, uint32_t n, struct lat_sampler_live *out)
{
    const bool is_steady_step = !io->step[SPEED] && !io->step[PITCH];
    const bool is_steady_gain = !io->step[PAN] && !io->step[GAIN];
    out->is_steady = is_steady_step && !io->step[RELEASE];
    for (uint32_t f = 0; f < n; f++) {
        out->step[f] =
            f && is_steady_step ? out->step[0] : step_of(io, first + f);
        out->n_release[f] = release_frames(context, io, first + f);
    }
    for (uint32_t f = 0; f < n; f++) {
        const float pan = lat_io_at(io, PAN, first + f);
        const float gain = lat_io_at(io, GAIN, first + f);
        const bool is_same = f && is_steady_gain;
        out->left[f] = is_same ? out->left[0] : side(-pan, gain);
        out->right[f] = is_same ? out->right[0] : side(pan, gain);
    }
}

/// Up to where the trigger stands as it does at @p f, or a chunk is full.
static uint32_t
stretch_end(const struct lat_io *io, uint32_t f, uint32_t n_frames)
{
    const bool is_high = lat_io_at(io, TRIGGER, f) > 0.0F;
    const uint32_t most =
        n_frames - f < LAT_SAMPLER_CHUNK ? n_frames : f + LAT_SAMPLER_CHUNK;
    uint32_t end = io->step[TRIGGER] ? f + 1 : most;
    while (end < most && (lat_io_at(io, TRIGGER, end) > 0.0F) == is_high) {
        ++end;
    }
    return end;
}

LAT_RT static uint64_t
sampler_process(const struct lat_context *context, const struct lat_io *io)
{
    struct sampler *const s = io->state;
    const bool is_high = io->in[TRIGGER][0] > 0.0F;
    if (!io->step[TRIGGER] && is_high == s->trigger_is_high &&
        lat_voices_are_silent(&s->voices)) {
        io->out[0][0] = io->out[1][0] = 0.0F;
        return 3;
    }
    lat_voices_limit(&s->voices, voices_of(io->config));
    memset(io->out[0], 0, context->n_frames * sizeof(float));
    memset(io->out[1], 0, context->n_frames * sizeof(float));
    for (uint32_t f = 0, end = 0; f < context->n_frames; f = end) {
        struct lat_sampler_live live;
        end = stretch_end(io, f, context->n_frames);
        take_trigger(s, context, io, f);
        if (lat_voices_are_silent(&s->voices)) {
            continue;
        }
        settle(context, io, f, end - f, &live);
        lat_voices_add(&s->voices, &live, end - f, io->out[0] + f,
                       io->out[1] + f);
    }
    return 0;
}

const struct lat_node_type lat_type_sampler = {
    .name = "sampler",
    .doc = "Sounds from files, played by a trigger, with voices of its own.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .flags = LAT_TYPE_AWAKE,
    .cost_ns = 20.0F,
    .state_bytes = sampler_bytes,
    .init = sampler_init,
    .fini = sampler_fini,
    .reset = sampler_reset,
    .process = sampler_process,
};
