// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "writer.h"
#include "base/log.h"
#include "node/disk_counts.h"

#include <sndfile.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FLAC_SCALE 8388608.0 // 2^23

#define DISK_REMEDY "make room, or choose another --record-dir"

/// Frames that are put side by side at a time.
#define PIECE 1024

struct lat_writer {
    SNDFILE *sound;
    char *path;
    double rate;
    uint32_t n_channels;
    bool is_flac, has_failed;
    uint64_t n_frames, n_lost, n_cut;
    uint64_t n_flushed; ///< frames of which the header knows
    int32_t numbers[];  ///< FLAC: PIECE frames
};

static bool
is_flac_name(const char *path)
{
    const size_t n = strlen(path);
    return n > 5 && strcasecmp(path + n - 5, ".flac") == 0;
}

/// libsndfile's sentence, without its full stop.
static int
length_of(const char *text)
{
    const size_t n = strlen(text);
    return (int)(n && text[n - 1] == '.' ? n - 1 : n);
}

static enum lat_status
open_sound(struct lat_writer *w, int fd, struct lat_error *error)
{
    SF_INFO info = {
        .samplerate = (int)lround(w->rate),
        .channels = (int)w->n_channels,
        .format = w->is_flac ? SF_FORMAT_FLAC | SF_FORMAT_PCM_24
                             : SF_FORMAT_RF64 | SF_FORMAT_FLOAT,
    };
    w->sound = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
    if (!w->sound) {
        const char *const why = sf_strerror(NULL);
        const bool is_the_disk = sf_error(NULL) == SF_ERR_SYSTEM;
        close(fd);
        (void)unlink(w->path); // nothing is in it
        if (is_the_disk) {
            return lat_error_set(error, LAT_EIO,
                                 "cannot write %.400s: %.*s; " DISK_REMEDY,
                                 w->path, length_of(why), why);
        }
        return lat_error_set(error, LAT_EINVAL,
                             "cannot write %.400s: %.*s; %d Hz with %u "
                             "channels may be beyond its format: name it .wav",
                             w->path, length_of(why), why, info.samplerate,
                             w->n_channels);
    }
    (void)sf_command(w->sound, SFC_RF64_AUTO_DOWNGRADE, NULL, SF_TRUE);
    return LAT_OK;
}

enum lat_status
lat_writer_new(int fd, char *path, double rate, uint32_t n_channels,
               struct lat_writer **out, struct lat_error *error)
{
    const size_t n_numbers =
        is_flac_name(path) ? (size_t)PIECE * n_channels : 0;
    struct lat_writer *const w =
        calloc(1, sizeof(*w) + n_numbers * sizeof(w->numbers[0]));
    if (!w) {
        close(fd);
        free(path);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    w->path = path;
    w->rate = rate;
    w->n_channels = n_channels;
    w->is_flac = n_numbers > 0;
    const enum lat_status status = open_sound(w, fd, error);
    if (status) {
        free(path);
        free(w);
        return status;
    }
    *out = w;
    return LAT_OK;
}

static void
fail(struct lat_writer *w)
{
    w->has_failed = true;
    atomic_fetch_add(&lat_disk_counts.n_failed_recordings, 1);
    lat_log(LAT_LOG_ERROR,
            "cannot write %.400s: %.*s; it ends after %.1f s: " DISK_REMEDY,
            w->path, length_of(sf_strerror(w->sound)), sf_strerror(w->sound),
            (double)w->n_frames / w->rate);
}

/// 24 bits at the top of 32, and whether it had to be cut.
static int32_t
to_24_bits(float sample, uint64_t *n_cut)
{
    const double x = rint((double)sample * FLAC_SCALE);
    *n_cut += fabsf(sample) > 1.0F;
    const double top = FLAC_SCALE - 1;
    const double cut = x > top ? top : x < -FLAC_SCALE ? -FLAC_SCALE : x;
    return (int32_t)cut * 256;
}

static bool
write_piece(struct lat_writer *w, const float *frames, uint32_t n)
{
    if (!w->is_flac) {
        return sf_writef_float(w->sound, frames, n) == n;
    }
    for (size_t i = 0; i < (size_t)n * w->n_channels; ++i) {
        w->numbers[i] = to_24_bits(frames[i], &w->n_cut);
    }
    return sf_writef_int(w->sound, w->numbers, n) == n;
}

/// Once a second, so that the file is one if all ends here.
static void
flush(struct lat_writer *w)
{
    if (!w->is_flac && (double)(w->n_frames - w->n_flushed) >= w->rate) {
        (void)sf_command(w->sound, SFC_UPDATE_HEADER_NOW, NULL, 0);
        w->n_flushed = w->n_frames;
    }
}

void
lat_writer_add(struct lat_writer *w, const float *frames, uint32_t n)
{
    while (n && !w->has_failed) {
        const uint32_t some = n < PIECE ? n : PIECE;
        if (!write_piece(w, frames, some)) {
            fail(w);
            return;
        }
        w->n_frames += some;
        frames += (size_t)some * w->n_channels;
        n -= some;
    }
    if (!w->has_failed) {
        flush(w);
    }
}

void
lat_writer_add_lost(struct lat_writer *w, uint64_t n)
{
    float silence[256] = {0};
    const uint32_t most =
        (uint32_t)(sizeof(silence) / sizeof(silence[0])) / w->n_channels;
    w->n_lost += n;
    lat_log(LAT_LOG_WARNING,
            "%.400s has a gap at %.2f s: the disk was too slow for %.1f ms of "
            "sound",
            w->path, (double)w->n_frames / w->rate, (double)n * 1000 / w->rate);
    while (n && !w->has_failed) {
        const uint32_t some = n < most ? (uint32_t)n : most;
        lat_writer_add(w, silence, some);
        n -= some;
    }
}

void
lat_writer_free(struct lat_writer *w)
{
    if (!w) {
        return;
    }
    if (sf_close(w->sound) != 0 && !w->has_failed) {
        atomic_fetch_add(&lat_disk_counts.n_failed_recordings, 1);
        lat_log(LAT_LOG_ERROR,
                "the end of %.400s could not be written; make room, or choose "
                "another --record-dir",
                w->path);
    } else if (!w->has_failed) {
        lat_log(LAT_LOG_INFO, "recorded %.400s: %.2f s", w->path,
                (double)w->n_frames / w->rate);
    }
    if (w->n_cut) {
        lat_log(LAT_LOG_WARNING,
                "%llu samples of %.400s were beyond what FLAC holds and were "
                "cut; name it .wav, or lower the level",
                (unsigned long long)w->n_cut, w->path);
    }
    free(w->path);
    free(w);
}
