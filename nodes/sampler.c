// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// sampler: sounds from files, played by a trigger, a pattern or messages: its
// ports and settings.

#include "pattern_settings.h"
#include "ports.h"
#include "sampler/kit.h"
#include "sampler/play.h"
#include "types.h"

#include <string.h>

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
    LAT_PORT_SPEED(false, "1 as it is in the file, 2 twice as fast; below 0 "
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
    [LAT_SAMPLER_SET_SAMPLE] =
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
            .stamp = lat_sounds_stamp,
            .forget = lat_sounds_forget,
            .sweep = lat_sounds_sweep,
        },
    [LAT_SAMPLER_SET_VOICES] =
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
    [LAT_SAMPLER_SET_LOOP] =
        {
            .name = "loop",
            .doc = "no: each plays once. held: it goes round as long as the "
                   "trigger stays up, or its event of the pattern lasts, then "
                   "it is let go. yes: until it is cut or another takes its "
                   "place. Where the end of a loop of 50 ms or more does not "
                   "lead on into its beginning, its last 5 ms fade into what "
                   "lies before it.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "no",
            .words = loops,
            .keeps_state = true,
        },
    [LAT_SAMPLER_SET_CUT] =
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
    [LAT_SAMPLER_SET_STEAL] =
        {
            .name = "steal",
            .doc = "Whose place is taken where there are too many.",
            .unit = "",
            .kind = LAT_SETTING_WORD,
            .initial_text = "quietest",
            .words = steals,
            .keeps_state = true,
        },
    [LAT_SAMPLER_SET_PATTERN] =
        {
            .name = "pattern",
            .doc = "Sounds by name, and by number behind `:`, in "
                   "mini-notation, lattice-pattern(1): bd [hh hh] sn:2 ~. All "
                   "that it names are loaded before another one takes over, "
                   "which goes on from the same position.",
            .unit = "",
            .kind = LAT_SETTING_TEXT,
            .initial_text = "~",
            .keeps_state = true,
            .check = lat_kit_check_pattern,
            .prepare = lat_kit_make_pattern,
            .forget = lat_kit_forget,
            .is_at_hand = lat_kit_is_at_hand,
            .files_of = lat_kit_files_of_pattern,
            .stamp = lat_kit_stamp,
            .sweep = lat_sounds_sweep,
            .keeps_earlier = true,
        },
    [LAT_SAMPLER_SET_WITH] = LAT_PATTERN_SETTING_WITH,
    [LAT_SAMPLER_SET_RATE] = LAT_PATTERN_SETTING_RATE,
    [LAT_SAMPLER_SET_SWAP] = LAT_PATTERN_SETTING_SWAP,
    [LAT_SAMPLER_SET_SOUNDS] =
        {
            .name = "sounds",
            .doc = "Names of sounds that /dirt/play can play, beside those of "
                   "the pattern; * are all that /sample/list lists.",
            .unit = "",
            .kind = LAT_SETTING_TEXT,
            .initial_text = "",
            .keeps_state = true,
            .prepare = lat_kit_make_list,
            .forget = lat_kit_forget,
            .is_at_hand = lat_kit_is_at_hand,
            .files_of = lat_kit_files_of_list,
            .stamp = lat_kit_stamp,
            .sweep = lat_sounds_sweep,
        },
    [LAT_SAMPLER_SET_ORBIT] =
        {
            .name = "orbit",
            .doc = "Which orbit's events of /dirt/play it plays, of several "
                   "samplers that have their sound.",
            .unit = "",
            .kind = LAT_SETTING_INTEGER,
            .min = 0,
            .max = 63,
            .initial = 0,
            .keeps_state = true,
        },
#define TRACK(key, what, says)                                                 \
 [LAT_SAMPLER_SET_TRACKS + LAT_STRIKE_##key] = {                               \
     .name = what "_pattern",                                                  \
     .doc = says ", as a pattern of numbers beside the pattern: each event "   \
                 "takes what it has at its onset, before `with`.",             \
     .unit = "",                                                               \
     .kind = LAT_SETTING_TEXT,                                                 \
     .initial_text = "",                                                       \
     .keeps_state = true,                                                      \
     .check = lat_pattern_text_check_track,                                    \
     .prepare = lat_pattern_text_make_pattern,                                 \
     .forget = lat_pattern_text_forget,                                        \
     .is_quick = true,                                                         \
 }
    TRACK(N, "n", "What is added to n"),
    TRACK(SPEED, "speed", "What speed is multiplied by"),
    TRACK(GAIN, "gain", "What gain is multiplied by"),
    TRACK(PAN, "pan", "What is added to pan"),
    TRACK(PITCH, "pitch", "What is added to pitch, in semitones or notes"),
    TRACK(BEGIN, "begin", "What begin is"),
    TRACK(END, "end", "What end is"),
    TRACK(ATTACK, "attack", "What attack is, in seconds"),
    TRACK(RELEASE, "release", "What release is, in seconds"),
    TRACK(CUT, "cut",
          "A group whose sounds end each other over 5 ms (below 0, only those "
          "of the same sound; 0, as the setting cut says)"),
#undef TRACK
};

/// What is fine alone may be too much together.
static enum lat_status
check_all(const struct lat_setting_value *values, struct lat_error *error)
{
    return lat_pattern_text_check_all(values[LAT_SAMPLER_SET_PATTERN].text,
                                      values[LAT_SAMPLER_SET_WITH].text,
                                      values[LAT_SAMPLER_SET_RATE].text, error);
}

static size_t
sampler_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct lat_sampler);
}

static enum lat_status
sampler_init(void *state, const struct lat_config *config)
{
    struct lat_sampler *const s = state;
    s->voices.n_most = lat_sampler_n_voices(config);
    s->voices.n_fade =
        lat_sampler_frames(LAT_SAMPLER_FADE_SECONDS, config->rate);
    return LAT_OK;
}

static void
sampler_fini(void *state)
{
    struct lat_sampler *const s = state;
    lat_voices_clear(&s->voices);
    lat_sounds_sweep();
}

LAT_RT static void
sampler_reset(void *state, const struct lat_config *config)
{
    (void)config;
    struct lat_sampler *const s = state;
    lat_voices_clear(&s->voices);
    s->voices.count = 0;
    s->trigger_is_high = false;
    s->player = (struct lat_pattern_player){.n = 0};
    s->n_breaks = 0;
}

const struct lat_node_type lat_type_sampler = {
    .name = "sampler",
    .doc = "Sounds from files, played by a trigger, by a pattern in time with "
           "the transport, or by what Tidal and Strudel send (/dirt/play), "
           "with voices of its own.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .check = check_all,
    .flags = LAT_TYPE_AWAKE | LAT_TYPE_STRIKES,
    .cost_ns = 20.0F,
    .state_bytes = sampler_bytes,
    .init = sampler_init,
    .fini = sampler_fini,
    .reset = sampler_reset,
    .process = lat_sampler_process,
};
