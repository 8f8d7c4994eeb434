// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A node that plays a sound file over and over: for tests of data that settings
// stand for.  It is in test builds only.

#include "ports.h"
#include "types.h"

#include <sndfile.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/// The first channel, as it is in the file.
struct sound {
    uint32_t n;
    float samples[];
};

static struct sound *
read_frames(SNDFILE *file, const SF_INFO *info)
{
    struct sound *sound =
        calloc(1, sizeof(*sound) + (size_t)info->frames * sizeof(float));
    float *frame = calloc((size_t)info->channels, sizeof(*frame));
    if (!sound || !frame) {
        free(sound);
        free(frame);
        return NULL;
    }
    while (sound->n < info->frames && sf_readf_float(file, frame, 1) == 1) {
        sound->samples[sound->n++] = frame[0];
    }
    free(frame);
    return sound;
}

/// While there is a file PATH.slow it stands for a slow disk.
static void
wait_for_disk(const char *path)
{
    const struct timespec beat = {0, 2000000};
    char slow[PATH_MAX];
    const int n = snprintf(slow, sizeof(slow), "%s.slow", path);
    while (n < (int)sizeof(slow) && access(slow, F_OK) == 0) {
        nanosleep(&beat, NULL);
    }
}

static enum lat_status
read_sound(const char *path, double rate, void **data, struct lat_error *error)
{
    SF_INFO info = {0};
    (void)rate;
    wait_for_disk(path);
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file) {
        return lat_error_set(error, LAT_ENOTFOUND,
                             "cannot read %.400s (%.100s); name a sound file "
                             "that is there",
                             path, sf_strerror(NULL));
    }
    struct sound *sound = read_frames(file, &info);
    sf_close(file);
    if (!sound) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    *data = sound;
    return LAT_OK;
}

static const struct lat_setting test_sound_settings[] = {
    {
        .name = "file",
        .doc = "The sound file; its first channel is played, at the rate that "
               "the engine has.",
        .unit = "",
        .kind = LAT_SETTING_FILE,
        .initial_text = "",
        .keeps_state = true,
        .prepare = read_sound,
        .is_sound = true,
        .forget = free,
    },
};

static const struct lat_port test_sound_outputs[] = {
    LAT_PORT_OUT("out", "", -1.0F, 1.0F, "The sound."),
};

static size_t
test_sound_bytes(const struct lat_config *config)
{
    (void)config;
    return sizeof(uint32_t);
}

LAT_RT static uint64_t
test_sound_process(const struct lat_context *context, const struct lat_io *io)
{
    const struct sound *sound = io->config->prepared[0];
    uint32_t *at = io->state;
    for (uint32_t f = 0; f < context->n_frames; f++, ++*at) {
        io->out[0][f] =
            sound && sound->n ? sound->samples[*at % sound->n] : 0.0F;
    }
    return 0;
}

const struct lat_node_type lat_type_test_sound = {
    .name = "test_sound",
    .doc = "Plays a sound file over and over; in test builds only.",
    LAT_OUTPUTS(test_sound_outputs),
    LAT_SETTINGS(test_sound_settings),
    .cost_ns = 1.0F,
    .state_bytes = test_sound_bytes,
    .process = test_sound_process,
};
