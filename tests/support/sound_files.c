// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sound_files.h"
#include "nodes/disk/recording.h"

#include <criterion/criterion.h>
#include <sndfile.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];

void
sound_files_begin(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-disk.XXXXXX");
    cr_assert(mkdtemp(folder));
    cr_assert_eq(lat_recording_set_folder(folder), LAT_OK);
}

void
sound_files_end(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
    cr_assert_eq(lat_recording_set_folder(NULL), LAT_OK);
}

const char *
sound_path(const char *name)
{
    static char paths[4][200];
    static unsigned turn;
    char *const path = paths[turn++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

float
sound_sample(uint32_t channel, uint32_t frame)
{
    const uint32_t bits = (frame * 2654435761U + channel * 40503U) >> 9;
    return (float)(bits % 8191 + 1) / 8200.0F;
}

void
sound_write(const char *name, double rate, uint32_t n_channels, uint32_t n)
{
    SF_INFO info = {.samplerate = (int)rate,
                    .channels = (int)n_channels,
                    .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *const file = sf_open(sound_path(name), SFM_WRITE, &info);
    cr_assert(file);
    for (uint32_t f = 0; f < n; f++) {
        float frame[64];
        for (uint32_t c = 0; c < n_channels; c++) {
            frame[c] = sound_sample(c, f);
        }
        cr_assert_eq(sf_writef_float(file, frame, 1), 1);
    }
    sf_close(file);
}

float *
sound_read(const char *name, uint32_t *n_channels, uint32_t *n)
{
    SF_INFO info = {0};
    SNDFILE *const file = sf_open(sound_path(name), SFM_READ, &info);
    cr_assert(file, "%s: %s", name, sf_strerror(NULL));
    float *const frames = calloc(
        (size_t)info.frames * (size_t)info.channels + 1, sizeof(*frames));
    cr_assert_eq(sf_readf_float(file, frames, info.frames), info.frames);
    sf_close(file);
    *n_channels = (uint32_t)info.channels;
    *n = (uint32_t)info.frames;
    return frames;
}
