// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "input.h"

#include <samplerate.h>
#include <sndfile.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// Frames read from the file, and made of them, at a time.
#define PIECE 4096

struct lat_cli_input {
    SNDFILE *file;
    uint32_t n_channels;
    double ratio;         ///< engine's rate over the file's
    SRC_STATE *resampler; ///< NULL when the rates are equal
    float *read;          ///< PIECE interleaved frames of the file
    float *ready;         ///< PIECE interleaved frames at the engine's rate
    uint32_t n_ready, next;
    bool is_at_end;
};

static uint32_t
read_piece(struct lat_cli_input *in, float *frames)
{
    const sf_count_t n = sf_readf_float(in->file, frames, PIECE);
    return n > 0 ? (uint32_t)n : 0;
}

/// libsamplerate wants more of the file.
static long
feed_resampler(void *data, float **frames)
{
    struct lat_cli_input *const in = data;
    *frames = in->read;
    return (long)read_piece(in, in->read);
}

static void
refill(struct lat_cli_input *in)
{
    in->next = 0;
    if (in->resampler) {
        const long n =
            src_callback_read(in->resampler, in->ratio, PIECE, in->ready);
        in->n_ready = n > 0 ? (uint32_t)n : 0;
    } else {
        in->n_ready = read_piece(in, in->ready);
    }
    in->is_at_end = in->n_ready == 0;
    // A file may hold anything.
    for (size_t i = 0; i < (size_t)in->n_ready * in->n_channels; ++i) {
        if (!isfinite(in->ready[i])) {
            in->ready[i] = 0;
        }
    }
}

enum lat_status
lat_cli_input_open(const char *path, double rate, struct lat_cli_input **out,
                   struct lat_error *error)
{
    struct lat_cli_input *const in = calloc(1, sizeof(*in));
    if (!in) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    enum lat_status status = LAT_EINVAL;
    SF_INFO info = {0};
    in->file = sf_open(path, SFM_READ, &info);
    if (!in->file) {
        lat_error_set(error, status,
                      "cannot read %s: %.*s; --input takes a sound file", path,
                      (int)strcspn(sf_strerror(NULL), "."), sf_strerror(NULL));
        goto fail;
    }
    in->n_channels = (uint32_t)info.channels;
    in->ratio = rate / info.samplerate;
    const size_t n_samples = (size_t)PIECE * in->n_channels;
    in->read = malloc(n_samples * sizeof(float));
    in->ready = malloc(n_samples * sizeof(float));
    if (!in->read || !in->ready) {
        status = lat_error_set(error, LAT_ENOMEM, "out of memory");
        goto fail;
    }
    if (in->ratio != 1) {
        int problem = 0;
        in->resampler =
            src_is_valid_ratio(in->ratio)
                ? src_callback_new(feed_resampler, SRC_SINC_BEST_QUALITY,
                                   info.channels, &problem, in)
                : NULL;
        if (!in->resampler) {
            lat_error_set(error, status,
                          "cannot resample %s from %d Hz to %.0f Hz: convert "
                          "it first",
                          path, info.samplerate, rate);
            goto fail;
        }
    }
    *out = in;
    return LAT_OK;

fail:
    lat_cli_input_close(in);
    return status;
}

void
lat_cli_input_close(struct lat_cli_input *in)
{
    if (!in) {
        return;
    }
    if (in->resampler) {
        src_delete(in->resampler);
    }
    if (in->file) {
        sf_close(in->file);
    }
    free(in->read);
    free(in->ready);
    free(in);
}

uint32_t
lat_cli_input_channels(const struct lat_cli_input *in)
{
    return in->n_channels;
}

void
lat_cli_input_read(struct lat_cli_input *in, float *const *channels,
                   uint32_t n_channels, uint32_t n_frames)
{
    for (uint32_t f = 0; f < n_frames; ++f) {
        if (in->next == in->n_ready && !in->is_at_end) {
            refill(in);
        }
        const float *const frame =
            in->is_at_end ? NULL
                          : in->ready + (size_t)in->next * in->n_channels;
        for (uint32_t c = 0; c < n_channels; ++c) {
            channels[c][f] = frame && c < in->n_channels ? frame[c] : 0;
        }
        if (frame) {
            ++in->next;
        }
    }
}
