// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// wavetable: cycles from a file, read by the phase of an oscillator.

#include "disk/file.h"
#include "dsp/loops.h"
#include "dsp/wavetable_state.h"
#include "ports.h"
#include "sampler/sounds.h"
#include "types.h"

#include <stdlib.h>
#include <string.h>

#define FADE_SECONDS 0.005

/// Frames of a cycle where a file has several.
#define CYCLE 2048U

static const struct lat_port inputs[] = {
    LAT_PORT_FREQ(261.6256F, 20.0F, 20000.0F,
                  "Frequency; below 0 the wave runs backwards."),
    LAT_PORT_PITCH("Transposes: the frequency is multiplied by 2^(pitch/12)."),
    LAT_PORT_PHASE,
    LAT_PORT_SYNC,
    LAT_PORT_KNOB_LIN("position", "", 0.0F, 1.0F, 0.0F, true,
                      "Which cycle is heard: 0 the first, 1 the last; between "
                      "two of them, part of either."),
};

static const struct lat_port outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The wave, at the level of the file."),
};

// --- The file ----------------------------------------------------------------

/// How many cycles of how many frames a file has.
static enum lat_status
find_cycles(const struct lat_disk_file *f, uint32_t *n_cycles,
            uint32_t *n_frames, struct lat_error *error)
{
    const bool are_several = f->n_frames % CYCLE == 0;
    const int64_t n = are_several ? f->n_frames / CYCLE : 1;
    if (n > LAT_WAVETABLE_CYCLES ||
        (!are_several && f->n_frames > LAT_WAVETABLE_FRAMES)) {
        return lat_error_set(
            error, LAT_EINVAL,
            "%.400s has %lld frames, which is no wavetable; name a file of up "
            "to %u cycles of %u frames each, or of a single one of up to %u",
            f->path, (long long)f->n_frames, LAT_WAVETABLE_CYCLES, CYCLE,
            LAT_WAVETABLE_FRAMES);
    }
    *n_cycles = (uint32_t)n;
    *n_frames = are_several ? CYCLE : (uint32_t)f->n_frames;
    return LAT_OK;
}

/// Read the first channel of a file.
static enum lat_status
read_cycles(const struct lat_disk_file *f, uint32_t n_cycles, uint32_t n_frames,
            struct lat_wavetable **out, struct lat_error *error)
{
    const uint32_t n = n_cycles * n_frames;
    struct lat_decoder *d = NULL;
    float *const frames = malloc(2 * (size_t)n * sizeof(*frames));
    enum lat_status status =
        frames ? lat_decoder_new(f, &d, error)
               : lat_error_set(error, LAT_ENOMEM, "out of memory");
    if (!status) {
        float *const channels[2] = {frames, frames + n};
        lat_decoder_read(d, 0, n, channels);
        status = lat_wavetable_new(n_cycles, n_frames, frames, out);
        status =
            status ? lat_error_set(error, LAT_ENOMEM, "out of memory") : LAT_OK;
    }
    lat_decoder_free(d);
    free(frames);
    return status;
}

static enum lat_status
prepare_file(const char *path, double rate, void **out, struct lat_error *error)
{
    void *file = NULL;
    uint32_t n_cycles = 0;
    uint32_t n_frames = 0;
    struct lat_wavetable *table = NULL;
    enum lat_status status = lat_disk_file_open(path, rate, &file, error);
    if (status) {
        return status;
    }
    status = find_cycles(file, &n_cycles, &n_frames, error);
    status =
        status ? status : read_cycles(file, n_cycles, n_frames, &table, error);
    lat_disk_file_release(file);
    *out = status ? *out : table;
    return status;
}

static const struct lat_setting settings[] = {
    {
        .name = "file",
        .doc = "A sound file in the session's folder or one of --sample-dir, "
               "of cycles of 2048 frames, 256 at most, or of a single cycle of "
               "any length up to 8192; its rate does not matter, and of "
               "several channels the first is taken. Another file fades in "
               "over 5 ms.",
        .unit = "",
        .kind = LAT_SETTING_FILE,
        .initial_text = "",
        .keeps_state = true,
        .prepare = prepare_file,
        .keeps_earlier = true,
        .is_sound = true,
        .stamp = lat_sounds_stamp,
        .forget = free,
    },
};

// --- The node ----------------------------------------------------------------

static size_t
wavetable_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(struct lat_wavetable_osc);
}

static enum lat_status
wavetable_init(void *state, const struct lat_config *config)
{
    struct lat_wavetable_osc *const s = state;
    s->n_fade = (uint32_t)(FADE_SECONDS * config->rate + 0.5);
    return LAT_OK;
}

LAT_RT static void
wavetable_reset(void *state, const struct lat_config *config)
{
    struct lat_wavetable_osc *const s = state;
    const uint32_t n_fade = s->n_fade;
    (void)config;
    memset(s, 0, sizeof(*s));
    s->n_fade = n_fade;
}

const struct lat_node_type lat_type_wavetable = {
    .name = "wavetable",
    .doc =
        "A wave from a file, band-limited: its cycles, and what lies between "
        "them.  It fades out below half the rate.",
    LAT_INPUTS(inputs),
    LAT_OUTPUTS(outputs),
    LAT_SETTINGS(settings),
    .is_bounded = true,
    .cost_ns = 8.0F,
    .state_bytes = wavetable_bytes,
    .init = wavetable_init,
    .reset = wavetable_reset,
    LAT_LOOP(wavetable, WAVETABLE),
};
