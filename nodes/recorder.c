// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// recorder: two channels to a file, while a gate is high.

#include "disk/recording.h"
#include "ports.h"
#include "types.h"

#include <string.h>

enum { LEFT, RIGHT, RECORD };
enum { SETTING_FILE };

static const struct lat_port inputs[] = {
    LAT_PORT_AUDIO("left", 0.0F, "The left channel."),
    LAT_PORT_AUDIO("right", 0.0F, "The right channel."),
    LAT_PORT_EVENT("record", LAT_PORT_GATE,
                   "While it is high all is recorded; each time to a file of "
                   "its own."),
};

static const struct lat_setting settings[] = {
    [SETTING_FILE] =
        {
            .name = "file",
            .doc = "What the next file in --record-dir is called, .wav (32 bit "
                   "float) or .flac (24 bit). None is overwritten: take.wav "
                   "becomes take-2.wav.",
            .unit = "",
            .kind = LAT_SETTING_TEXT,
            .initial_text = "recording.wav",
            .keeps_state = true,
            .check = lat_recording_check_name,
        },
};

struct recorder {
    struct lat_recording *recording;
    bool is_recording;
    bool is_ending; ///< the end found no room yet
};

static size_t
recorder_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct recorder);
}

static enum lat_status
recorder_init(void *state, const struct lat_config *config)
{
    struct recorder *const s = state;
    return lat_recording_new(config->rate, 2, &s->recording);
}

static void
recorder_fini(void *state)
{
    const struct recorder *const s = state;
    lat_recording_free(s->recording);
}

/// A recording goes on, whatever else starts anew.
LAT_RT static void
recorder_reset(void *state, const struct lat_config *config)
{
    (void)state;
    (void)config;
}

/// Take note of the gate at frame @p f.
static void
take_gate(struct recorder *s, const struct lat_io *io, uint32_t f)
{
    const bool is_high = lat_io_at(io, RECORD, f) > 0.0F;
    if (s->is_recording && !is_high) {
        s->is_recording = false;
        s->is_ending = true;
    }
    if (s->is_ending) {
        s->is_ending = !lat_recording_end(s->recording);
    }
    if (is_high && !s->is_recording && !s->is_ending) {
        s->is_recording = lat_recording_begin(
            s->recording, io->config->settings[SETTING_FILE].text);
    }
}

/// Up to where the gate stands as it does at frame @p f.
static uint32_t
stretch_end(const struct lat_io *io, uint32_t f, uint32_t n_frames)
{
    const bool is_high = lat_io_at(io, RECORD, f) > 0.0F;
    uint32_t end = io->step[RECORD] ? f + 1 : n_frames;
    while (end < n_frames && (lat_io_at(io, RECORD, end) > 0.0F) == is_high) {
        ++end;
    }
    return end;
}

LAT_RT static uint64_t
recorder_process(const struct lat_context *context, const struct lat_io *io)
{
    struct recorder *const s = io->state;
    for (uint32_t f = 0, end = 0; f < context->n_frames; f = end) {
        end = stretch_end(io, f, context->n_frames);
        take_gate(s, io, f);
        if (s->is_recording) {
            const float *const channels[2] = {
                io->in[LEFT] + (size_t)f * io->step[LEFT],
                io->in[RIGHT] + (size_t)f * io->step[RIGHT]};
            lat_recording_add(s->recording, channels, io->step, end - f);
        }
    }
    return 0;
}

const struct lat_node_type lat_type_recorder = {
    .name = "recorder",
    .doc = "Records two channels to a file, from the frame on at which its "
           "gate opens. What a disk is too slow for is silence there, and "
           "counted.",
    LAT_INPUTS(inputs),
    LAT_SETTINGS(settings),
    .flags =
        LAT_TYPE_READABLE | LAT_TYPE_RECORDS | LAT_TYPE_AWAKE | LAT_TYPE_ENGINE,
    .cost_ns = 3.0F,
    .state_bytes = recorder_bytes,
    .init = recorder_init,
    .fini = recorder_fini,
    .reset = recorder_reset,
    .process = recorder_process,
};
