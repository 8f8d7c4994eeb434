// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sounds.h"
#include "base/file.h"
#include "base/text.h"
#include "pages.h"

#include <samplerate.h>
#include <sndfile.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Frames that are read at once.
#define CHUNK 4096

/// The best converter takes long to make very much of little.
#define MOST_FINE 16

/// Frames as they come, interleaved.
struct frames {
    float *samples;
    size_t n, capacity; ///< in frames
    uint32_t n_channels;
};

static size_t
bytes_of_frames(const struct frames *f)
{
    return sizeof(*f->samples) * f->n_channels * f->capacity;
}

static void
free_frames(struct frames *f)
{
    lat_pages_free(f->samples, bytes_of_frames(f));
}

/// How much memory a bank may still take, and why it cannot be had.
struct reading {
    double rate;
    size_t bytes_left;
    struct lat_error *error;
};

// --- One file ----------------------------------------------------------------

static enum lat_status
too_large(struct reading *r, const char *path)
{
    return lat_error_set(r->error, LAT_EFULL,
                         "%.400s is too large: a sampler keeps up to %zu MiB "
                         "in memory; cut it, or name fewer files",
                         path, LAT_SOUNDS_MOST_BYTES >> 20U);
}

/// Have room for @p n more frames.
static enum lat_status
make_room(struct reading *r, struct frames *f, size_t n, const char *path)
{
    if (f->n + n <= f->capacity) {
        return LAT_OK;
    }
    const size_t bytes = sizeof(float) * f->n_channels;
    const size_t wanted = f->n + n + f->n / 2;
    if ((f->n + n) * bytes > r->bytes_left) {
        return too_large(r, path);
    }
    float *const grown =
        lat_pages_grow(f->samples, bytes_of_frames(f), wanted * bytes);
    if (!grown) {
        return lat_error_set(r->error, LAT_ENOMEM, "out of memory");
    }
    f->samples = grown;
    f->capacity = wanted;
    return LAT_OK;
}

/// Read all that there is, whatever the header says of how much that is.
static enum lat_status
read_frames(struct reading *r, SNDFILE *file, uint32_t n_channels,
            struct frames *out, const char *path)
{
    float *const some = calloc((size_t)CHUNK * n_channels, sizeof(*some));
    enum lat_status status =
        some ? LAT_OK : lat_error_set(r->error, LAT_ENOMEM, "out of memory");
    sf_count_t got = CHUNK;
    while (!status && (got = sf_readf_float(file, some, CHUNK)) > 0) {
        status = make_room(r, out, (size_t)got, path);
        for (sf_count_t f = 0; !status && f < got; f++) {
            for (uint32_t c = 0; c < out->n_channels; c++) {
                const float x = some[(size_t)f * n_channels + c];
                out->samples[out->n * out->n_channels + c] =
                    isfinite(x) ? x : 0.0F;
            }
            out->n++;
        }
    }
    free(some);
    return status;
}

/// Bring frames to the engine's rate.
static enum lat_status
convert(struct reading *r, struct frames *f, double file_rate, const char *path)
{
    const double ratio = r->rate / file_rate;
    if (file_rate == r->rate || f->n == 0) {
        return LAT_OK;
    }
    struct frames to = {.n_channels = f->n_channels};
    if (!src_is_valid_ratio(ratio)) {
        return lat_error_set(r->error, LAT_EINVAL,
                             "%.400s has a rate of %g Hz, which cannot be "
                             "brought to %g Hz; convert the file",
                             path, file_rate, r->rate);
    }
    const double n_wanted = (double)f->n * ratio + 16;
    enum lat_status status = n_wanted < 1e9
                                 ? make_room(r, &to, (size_t)n_wanted, path)
                                 : too_large(r, path);
    SRC_DATA data = {
        .data_in = f->samples,
        .data_out = to.samples,
        .input_frames = (long)f->n,
        .output_frames = (long)n_wanted,
        .src_ratio = ratio,
    };
    const int failed =
        status ? 0
               : src_simple(&data,
                            ratio < MOST_FINE ? SRC_SINC_BEST_QUALITY
                                              : SRC_SINC_FASTEST,
                            (int)f->n_channels);
    if (failed) {
        status = lat_error_set(r->error, LAT_ESYSTEM,
                               "%.400s cannot be resampled: "
                               "%.100s",
                               path, src_strerror(failed));
    }
    if (status) {
        free_frames(&to);
        return status;
    }
    to.n = (size_t)data.output_frames_gen;
    free_frames(f);
    *f = to;
    return LAT_OK;
}

static size_t
row_of(size_t n_frames)
{
    return n_frames + 2 * (size_t)LAT_SOUND_EDGE;
}

/// The memory of a sound.
static size_t
bytes_of_sound(size_t n_frames, uint32_t n_channels)
{
    const size_t n_peaks = n_frames / LAT_SOUND_PEAK_FRAMES + 1;
    return sizeof(float) * (row_of(n_frames) * n_channels + n_peaks);
}

/// Lay frames out as voices read them: one piece of memory for all.
static enum lat_status
lay_out(struct reading *r, const struct frames *f, struct lat_sound *out)
{
    const size_t row = row_of(f->n);
    const size_t bytes = bytes_of_sound(f->n, f->n_channels);
    float *const memory = lat_pages_grow(NULL, 0, bytes);
    if (!memory) {
        return lat_error_set(r->error, LAT_ENOMEM, "out of memory");
    }
    float *const peaks = memory + row * f->n_channels;
    for (uint32_t c = 0; c < f->n_channels; c++) {
        float *const to = memory + c * row + LAT_SOUND_EDGE;
        for (size_t i = 0; i < f->n; i++) {
            const float x = f->samples[i * f->n_channels + c];
            float *const peak = &peaks[i / LAT_SOUND_PEAK_FRAMES];
            to[i] = x;
            *peak = fabsf(x) > *peak ? fabsf(x) : *peak;
        }
    }
    *out = (struct lat_sound){
        .n_frames = (uint32_t)f->n,
        .n_channels = f->n_channels,
        .channels = {memory + LAT_SOUND_EDGE,
                     memory + LAT_SOUND_EDGE + (f->n_channels - 1) * row},
        .peaks = peaks,
    };
    r->bytes_left -= bytes < r->bytes_left ? bytes : r->bytes_left;
    return LAT_OK;
}

/// Open a file, and nothing that waits for somebody.
static SNDFILE *
open_file(const char *path, SF_INFO *info)
{
    struct stat is;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode)) {
        close(fd);
        return NULL;
    }
    return sf_open_fd(fd, SFM_READ, info, SF_TRUE); // which closes it
}

static enum lat_status
read_sound(struct reading *r, const char *path, struct lat_sound *out)
{
    SF_INFO info = {0};
    SNDFILE *const file = open_file(path, &info);
    if (!file || info.channels < 1) {
        const char *const why = sf_strerror(file);
        const enum lat_status status =
            lat_error_set(r->error, LAT_EINVAL,
                          "cannot read %.400s (%.100s); name a sound "
                          "file that is whole, such as WAV or FLAC",
                          path, why);
        sf_close(file);
        return status;
    }
    struct frames f = {.n_channels = info.channels > 1 ? 2 : 1};
    enum lat_status status =
        read_frames(r, file, (uint32_t)info.channels, &f, path);
    sf_close(file);
    status = status ? status : convert(r, &f, info.samplerate, path);
    status = status ? status : lay_out(r, &f, out);
    free_frames(&f);
    return status;
}

// --- A folder ----------------------------------------------------------------

static int
is_sound_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && lat_file_has_sound_name(entry->d_name);
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/// Its place stays where one of several cannot be read: numbers are what
/// people play by.
static enum lat_status
read_entry(struct reading *r, const char *folder, const char *name,
           struct lat_sound *out)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        return lat_error_set(r->error, LAT_ENOMEM, "out of memory");
    }
    const enum lat_status status = read_sound(r, path, out);
    free(path);
    return status;
}

static enum lat_status
read_folder(struct reading *r, const char *path, struct lat_sounds *out)
{
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, is_sound_name, by_bytes);
    enum lat_status status = LAT_OK;
    bool is_readable = false;
    if (n <= 0) {
        status = lat_error_set(
            r->error, n ? LAT_ENOTFOUND : LAT_EINVAL,
            n ? "cannot read the folder %.400s: %.100s"
              : "the folder %.400s has no sound files%.100s; put some into it, "
                "such as WAV or FLAC",
            path, n ? strerror(errno) : "");
    }
    out->list = n > 0 ? calloc((size_t)n, sizeof(*out->list)) : NULL;
    if (n > 0 && !out->list) {
        status = lat_error_set(r->error, LAT_ENOMEM, "out of memory");
    }
    for (int i = 0; i < n; i++) {
        if (out->list && (!status || status == LAT_EINVAL)) {
            const enum lat_status one =
                read_entry(r, path, entries[i]->d_name, &out->list[out->n++]);
            is_readable = is_readable || !one;
            status = one ? one : status;
        }
        free(entries[i]);
    }
    free(entries);
    return status == LAT_EINVAL && is_readable ? LAT_OK : status;
}

// --- All of them -------------------------------------------------------------

static void
free_sounds(struct lat_sounds *s)
{
    for (uint32_t i = 0; s && i < s->n; i++) {
        const struct lat_sound *const one = &s->list[i];
        if (one->channels[0]) {
            lat_pages_free((float *)one->channels[0] - LAT_SOUND_EDGE,
                           bytes_of_sound(one->n_frames, one->n_channels));
        }
    }
    if (s) {
        free(s->list);
    }
    free(s);
}

static enum lat_status
read_any(struct reading *r, const char *path, struct lat_sounds *out)
{
    struct stat is;
    if (stat(path, &is) != 0) {
        return lat_error_set(r->error, LAT_ENOTFOUND,
                             "cannot read %.400s: %.100s; name a sound file, "
                             "or a folder of them, beside the session, in a "
                             "--sample-dir or of the kit (bd, sn, hh …)",
                             path, strerror(errno));
    }
    if (S_ISDIR(is.st_mode)) {
        return read_folder(r, path, out);
    }
    out->list = calloc(1, sizeof(*out->list));
    if (!out->list) {
        return lat_error_set(r->error, LAT_ENOMEM, "out of memory");
    }
    out->n = 1;
    return read_sound(r, path, &out->list[0]);
}

enum lat_status
lat_sounds_read(const char *path, double rate, void **out,
                struct lat_error *error)
{
    struct reading r = {rate, LAT_SOUNDS_MOST_BYTES, error};
    struct lat_sounds *const s = calloc(1, sizeof(*s));
    char *const bare = lat_strdup(path);
    enum lat_status status =
        s && bare ? LAT_OK : lat_error_set(error, LAT_ENOMEM, "out of memory");
    struct stat is;
    if (!status && stat(bare, &is) != 0) {
        bare[lat_text_ordinal(bare) - bare] = '\0';
    }
    status = status ? status : read_any(&r, bare, s);
    free(bare);
    if (status) {
        free_sounds(s);
        return status;
    }
    *out = s;
    return LAT_OK;
}

// --- What they are now -------------------------------------------------------

static uint64_t
stamp_of(uint64_t sum, const char *name, const struct stat *is)
{
    const uint64_t numbers[] = {
        lat_name_hash(name, strlen(name)),
        (uint64_t)is->st_ino,
        (uint64_t)is->st_size,
        (uint64_t)is->st_mtim.tv_sec,
        (uint64_t)is->st_mtim.tv_nsec,
    };
    for (size_t i = 0; i < LAT_COUNT(numbers); i++) {
        sum = (sum ^ numbers[i]) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29U;
    }
    return sum ? sum : 1;
}

static uint64_t
stamp_of_folder(uint64_t sum, const char *path)
{
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, is_sound_name, by_bytes);
    const int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < n; i++) {
        struct stat is;
        if (folder >= 0 && fstatat(folder, entries[i]->d_name, &is, 0) == 0) {
            sum = stamp_of(sum, entries[i]->d_name, &is);
        }
        free(entries[i]);
    }
    free(entries);
    if (folder >= 0) {
        close(folder);
    }
    return sum;
}

uint64_t
lat_sounds_stamp(const char *path)
{
    struct stat is;
    char *const bare = lat_strdup(path);
    bool is_there = bare && stat(bare, &is) == 0;
    if (bare && !is_there) {
        bare[lat_text_ordinal(bare) - bare] = '\0';
        is_there = stat(bare, &is) == 0;
    }
    const uint64_t sum = !is_there             ? 0
                         : S_ISDIR(is.st_mode) ? stamp_of_folder(1, bare)
                                               : stamp_of(1, "", &is);
    free(bare);
    return sum;
}

// --- Kept aside --------------------------------------------------------------

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/// Forgotten, and held when last seen; under the mutex.
static struct lat_sounds *aside;

static void
sweep(void)
{
    for (struct lat_sounds **link = &aside; *link;) {
        struct lat_sounds *const s = *link;
        if (atomic_load_explicit(&s->n_held, memory_order_acquire)) {
            link = &s->next_aside;
        } else {
            *link = s->next_aside;
            free_sounds(s);
        }
    }
}

void
lat_sounds_sweep(void)
{
    pthread_mutex_lock(&mutex);
    sweep();
    pthread_mutex_unlock(&mutex);
}

void
lat_sounds_forget(void *sounds)
{
    struct lat_sounds *const s = sounds;
    pthread_mutex_lock(&mutex);
    s->next_aside = aside;
    aside = s;
    sweep();
    pthread_mutex_unlock(&mutex);
}
