// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Decoders read by pread(), each at a place of its own.  Reading on from where
// the last read ended needs no seek, which some formats do only by decoding
// from far before.

#include "file.h"

#include <sndfile.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Frames that are read at once.
#define CHUNK 1024

/// Frames of the last read that are kept: two pages share so many.
#define KEPT 256

/// More than any file has: what says so does not know.
#define MOST_FRAMES (INT64_C(1) << 40U)

struct lat_decoder {
    const struct lat_disk_file *file;
    int64_t at; ///< byte, of the virtual file
    SNDFILE *sound;
    int64_t next_frame; ///< that a read gives without a seek
    float kept[2][KEPT];
    float *some; ///< CHUNK frames, interleaved
};

// --- Bytes -------------------------------------------------------------------

static sf_count_t
bytes_length(void *data)
{
    const struct lat_decoder *const d = data;
    struct stat is;
    return fstat(d->file->fd, &is) == 0 ? is.st_size : 0;
}

static sf_count_t
bytes_seek(sf_count_t offset, int whence, void *data)
{
    struct lat_decoder *const d = data;
    const int64_t from = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? d->at
                                              : bytes_length(data);
    if (offset < -from) {
        return -1;
    }
    d->at = from + offset;
    return d->at;
}

static sf_count_t
bytes_read(void *to, sf_count_t n, void *data)
{
    struct lat_decoder *const d = data;
    sf_count_t got = 0;
    while (got < n) {
        const ssize_t some = pread(d->file->fd, (char *)to + got,
                                   (size_t)(n - got), d->at + got);
        if (some <= 0 && !(some < 0 && errno == EINTR)) {
            break;
        }
        got += some > 0 ? some : 0;
    }
    d->at += got;
    return got;
}

static sf_count_t
bytes_tell(void *data)
{
    const struct lat_decoder *const d = data;
    return d->at;
}

static SF_VIRTUAL_IO bytes = {
    .get_filelen = bytes_length,
    .seek = bytes_seek,
    .read = bytes_read,
    .tell = bytes_tell,
};

// --- Decoders ----------------------------------------------------------------

static enum lat_status
cannot_read(const struct lat_disk_file *f, const char *why,
            struct lat_error *error)
{
    size_t n = strlen(why);
    n -= n && why[n - 1] == '.';
    return lat_error_set(error, LAT_EINVAL,
                         "cannot read %.400s (%.*s); name a sound file that is "
                         "whole, such as WAV or FLAC",
                         f->path, n < 100 ? (int)n : 100, why);
}

/// Open a decoder, and learn what the file says of itself.
static enum lat_status
open_decoder(const struct lat_disk_file *f, SF_INFO *info,
             struct lat_decoder **out, struct lat_error *error)
{
    struct lat_decoder *const d = calloc(1, sizeof(*d));
    if (!d) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    *info = (SF_INFO){0};
    d->file = f;
    d->sound = sf_open_virtual(&bytes, SFM_READ, info, d);
    if (!d->sound || info->channels < 1 || info->samplerate < 1) {
        const enum lat_status status =
            cannot_read(f, sf_strerror(d->sound), error);
        lat_decoder_free(d);
        return status;
    }
    d->some = calloc((size_t)CHUNK * (size_t)info->channels, sizeof(*d->some));
    if (!d->some) {
        lat_decoder_free(d);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    *out = d;
    return LAT_OK;
}

enum lat_status
lat_decoder_new(const struct lat_disk_file *f, struct lat_decoder **out,
                struct lat_error *error)
{
    SF_INFO info;
    struct lat_decoder *d = NULL;
    enum lat_status status = open_decoder(f, &info, &d, error);
    if (!status && (uint32_t)info.channels != f->n_channels) {
        lat_decoder_free(d);
        status = cannot_read(f, "it was written to meanwhile", error);
    }
    *out = status ? *out : d;
    return status;
}

void
lat_decoder_free(struct lat_decoder *d)
{
    if (d) {
        sf_close(d->sound);
        free(d->some);
    }
    free(d);
}

/// Keep the last frames of what was read, for the next read.
static void
keep(struct lat_decoder *d, uint32_t n, float *const channels[2])
{
    for (uint32_t c = 0; n >= KEPT && c < 2 && c < d->file->n_channels; c++) {
        memcpy(d->kept[c], channels[c] + n - KEPT, sizeof(d->kept[c]));
    }
}

/// Put what was kept at the head of a read that begins in it.
/// @return how many frames that were.
static uint32_t
take_kept(const struct lat_decoder *d, int64_t first, uint32_t n,
          float *const channels[2])
{
    const int64_t shared = d->next_frame - first;
    if (shared < 1 || shared > KEPT || shared > n || d->next_frame < KEPT) {
        return 0;
    }
    for (uint32_t c = 0; c < 2 && c < d->file->n_channels; c++) {
        memcpy(channels[c], d->kept[c] + KEPT - shared,
               (size_t)shared * sizeof(float));
    }
    return (uint32_t)shared;
}

/// Take @p got frames apart.
static void
spread(const struct lat_decoder *d, uint32_t got, uint32_t at,
       float *const channels[2])
{
    const uint32_t n_channels = d->file->n_channels;
    for (uint32_t c = 0; c < 2 && c < n_channels; c++) {
        for (uint32_t f = 0; f < got; f++) {
            const float x = d->some[(size_t)f * n_channels + c];
            channels[c][at + f] = isfinite(x) ? x : 0.0F;
        }
    }
}

int64_t
lat_decoder_read(struct lat_decoder *d, int64_t first, uint32_t n,
                 float *const channels[2])
{
    uint32_t done = first < 0 ? (uint32_t)-first : 0;
    for (uint32_t c = 0; c < 2 && c < d->file->n_channels; c++) {
        memset(channels[c], 0, n * sizeof(float));
    }
    done += done ? 0 : take_kept(d, first, n, channels);
    bool is_there =
        d->next_frame == first + done ||
        sf_seek(d->sound, first + done, SEEK_SET) == first + (int64_t)done;
    while (is_there && done < n) {
        const uint32_t wanted = n - done < CHUNK ? n - done : CHUNK;
        const sf_count_t got = sf_readf_float(d->sound, d->some, wanted);
        spread(d, got > 0 ? (uint32_t)got : 0, done, channels);
        done += got > 0 ? (uint32_t)got : 0;
        is_there = got == wanted;
    }
    d->next_frame = is_there ? first + n : -1;
    keep(d, n, channels);
    return first + done;
}

// --- Files -------------------------------------------------------------------

static uint64_t
number_of(const char *path)
{
    uint64_t h = UINT64_C(14695981039346656037); // FNV-1a
    for (; *path; ++path) {
        h = (h ^ (unsigned char)*path) * UINT64_C(1099511628211);
    }
    return h;
}

/// Open a file, and nothing that waits for somebody.
static int
open_file(const char *path, struct lat_error *error)
{
    struct stat is;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        lat_error_set(error, LAT_ENOTFOUND,
                      "cannot read %.400s: %.100s; name a sound file beside "
                      "the session, or in a --sample-dir",
                      path, strerror(errno));
    } else if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode)) {
        lat_error_set(error, LAT_EINVAL,
                      "cannot read %.400s: it is %s; name a sound file", path,
                      S_ISDIR(is.st_mode) ? "a folder" : "no ordinary file");
        close(fd);
        return -1;
    }
    return fd;
}

/// Take note of what a file says of itself.
static enum lat_status
describe(struct lat_disk_file *f, struct lat_error *error)
{
    SF_INFO info;
    struct lat_decoder *d = NULL;
    const enum lat_status status = open_decoder(f, &info, &d, error);
    lat_decoder_free(d);
    if (status) {
        return status;
    }
    if (info.frames < 1 || !info.seekable) {
        return cannot_read(f,
                           info.frames < 1 ? "it has no frames"
                                           : "it can only be read in order",
                           error);
    }
    f->n_frames = info.frames < MOST_FRAMES ? info.frames : MOST_FRAMES;
    f->n_channels = (uint32_t)info.channels;
    f->rate = info.samplerate;
    return LAT_OK;
}

enum lat_status
lat_disk_file_open(const char *path, double rate, void **out,
                   struct lat_error *error)
{
    static _Atomic uint64_t n_ever;
    const size_t size = strlen(path) + 1;
    const int fd = open_file(path, error);
    (void)rate; // it plays at any
    if (fd < 0) {
        return error ? error->status : LAT_EINVAL;
    }
    struct lat_disk_file *const f = calloc(1, sizeof(*f) + size);
    if (!f) {
        close(fd);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    memcpy(f->path, path, size);
    f->fd = fd;
    f->id = atomic_fetch_add(&n_ever, 1) + 1;
    f->place = number_of(path);
    f->n_held = 1;
    const enum lat_status status = describe(f, error);
    if (status) {
        lat_disk_file_release(f);
        return status;
    }
    *out = f;
    return LAT_OK;
}

void
lat_disk_file_release(void *file)
{
    struct lat_disk_file *const f = file;
    if (atomic_fetch_sub_explicit(&f->n_held, 1, memory_order_acq_rel) == 1) {
        close(f->fd);
        free(f);
    }
}
