// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// WAV headers are our own: libsndfile's lack the size of the extension that a
// format other than PCM must have, which sox warns of, and it needs to seek.

#include "sound.h"
#include "output.h"

#include <sndfile.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/// A RIFF file counts its bytes in 32 bits; leave room for the header.
#define MAX_WAV_BYTES (UINT64_C(0xFFFFFFFF) - 4096)

#define FORMAT_FLOAT 3

#define FLAC_SCALE 8388608.0 // 2^23

/// Frames that are put side by side at a time.
#define PIECE 4096

struct lat_cli_sound {
    struct lat_cli_output file;
    char *path; ///< as given, for messages
    uint32_t n_channels;
    SNDFILE *flac;
    uint64_t n_cut;
    union {
        unsigned char bytes[4];
        int32_t number;
    } piece[]; ///< PIECE frames
};

// Names.

static bool
ends_with(const char *path, const char *end)
{
    const size_t length = strlen(path);
    const size_t n = strlen(end);
    return length > n && strcasecmp(path + length - n, end) == 0;
}

/// Is it something that has no name of its own choice?
static bool
is_stream(const char *path)
{
    struct stat s;
    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0) {
        return true;
    }
    // Files have names in /proc and /dev too, this program among them.
    return stat(path, &s) == 0 && !S_ISREG(s.st_mode);
}

enum lat_status
lat_cli_sound_format(const char *path, enum lat_sound_format *out,
                     struct lat_error *error)
{
    if (ends_with(path, ".flac")) {
        *out = LAT_SOUND_FLAC;
    } else if (ends_with(path, ".wav") || is_stream(path)) {
        *out = LAT_SOUND_WAV;
    } else {
        return lat_error_set(error, LAT_EINVAL,
                             "cannot write %.200s: its name says the format, "
                             ".wav or .flac; - is WAV to standard output",
                             path);
    }
    return LAT_OK;
}

static const char *
name_of(const struct lat_cli_sound *s)
{
    return strcmp(s->path, "-") == 0 ? "standard output" : s->path;
}

/// libsndfile's sentence, without its full stop.
static enum lat_status
fail_flac(const struct lat_cli_sound *s, const char *text,
          struct lat_error *error)
{
    size_t n = strlen(text);
    if (n > 0 && text[n - 1] == '.') {
        --n;
    }
    return lat_error_set(error, LAT_ESYSTEM,
                         "cannot write %.200s: %.*s; make room, or render less",
                         name_of(s), (int)n, text);
}

static enum lat_status
fail_wav(const struct lat_cli_sound *s, struct lat_error *error)
{
    const int problem = errno;
    return lat_error_set(error, LAT_ESYSTEM, "cannot write %.200s: %s; %s",
                         name_of(s), strerror(problem),
                         problem == EPIPE
                             ? "the program that reads it has ended"
                             : "make room, or render less");
}

// WAV.

struct header {
    unsigned char bytes[128];
    size_t n;
};

static void
put(struct header *h, uint64_t value, unsigned n_bytes)
{
    for (unsigned i = 0; i < n_bytes; ++i) {
        h->bytes[h->n++] = (unsigned char)(value >> (8 * i));
    }
}

static void
put_name(struct header *h, const char *name)
{
    memcpy(h->bytes + h->n, name, 4);
    h->n += 4;
}

static void
put_format(struct header *h, uint32_t rate, uint32_t n_channels)
{
    const uint64_t n_bytes = UINT64_C(4) * n_channels * rate;
    put_name(h, "fmt ");
    put(h, 18, 4);
    put(h, FORMAT_FLOAT, 2);
    put(h, n_channels, 2);
    put(h, rate, 4);
    put(h, n_bytes < UINT32_MAX ? n_bytes : UINT32_MAX, 4);
    put(h, 4 * n_channels, 2);
    put(h, 32, 2);
    put(h, 0, 2); // size of the extension
}

/// RIFF, or RF64 where 32 bits are too few.
static void
make_header(struct header *h, uint32_t rate, uint32_t n_channels,
            uint64_t n_frames)
{
    const uint64_t n_bytes = n_frames * n_channels * 4;
    const bool is_long = n_bytes > MAX_WAV_BYTES;
    const uint64_t n_small = 4 + 26 + 12 + 8 + (is_long ? 36 : 0);
    put_name(h, is_long ? "RF64" : "RIFF");
    put(h, is_long ? UINT32_MAX : n_small + n_bytes, 4);
    put_name(h, "WAVE");
    if (is_long) {
        put_name(h, "ds64");
        put(h, 28, 4);
        put(h, n_small + n_bytes, 8);
        put(h, n_bytes, 8);
        put(h, n_frames, 8);
        put(h, 0, 4);
    }
    put_format(h, rate, n_channels);
    put_name(h, "fact");
    put(h, 4, 4);
    put(h, n_frames < UINT32_MAX ? n_frames : UINT32_MAX, 4);
    put_name(h, "data");
    put(h, is_long ? UINT32_MAX : n_bytes, 4);
}

static enum lat_status
open_wav(struct lat_cli_sound *s, uint32_t rate, uint64_t n_frames,
         struct lat_error *error)
{
    struct header h = {.n = 0};
    make_header(&h, rate, s->n_channels, n_frames);
    if (!lat_cli_output_write(&s->file, h.bytes, h.n)) {
        return fail_wav(s, error);
    }
    return LAT_OK;
}

static bool
write_wav(struct lat_cli_sound *s, float *const *channels, uint32_t first,
          uint32_t n_frames)
{
    const uint32_t n = s->n_channels;
    for (uint32_t c = 0; c < n; ++c) {
        for (uint32_t f = 0; f < n_frames; ++f) {
            uint32_t bits;
            memcpy(&bits, &channels[c][first + f], sizeof(bits));
            unsigned char *const to = s->piece[(size_t)f * n + c].bytes;
            for (unsigned i = 0; i < 4; ++i) {
                to[i] = (unsigned char)(bits >> (8 * i));
            }
        }
    }
    return lat_cli_output_write(&s->file, s->piece,
                                (size_t)n_frames * n * sizeof(s->piece[0]));
}

// FLAC.

static enum lat_status
open_flac(struct lat_cli_sound *s, uint32_t rate, struct lat_error *error)
{
    SF_INFO info = {
        .samplerate = (int)rate,
        .channels = (int)s->n_channels,
        .format = SF_FORMAT_FLAC | SF_FORMAT_PCM_24,
    };
    s->flac = sf_open_fd(s->file.fd, SFM_WRITE, &info, SF_FALSE);
    if (!s->flac) {
        return lat_error_set(error, LAT_EINVAL,
                             "cannot write %.200s: FLAC has no %u Hz with %u "
                             "channels here; name it .wav",
                             s->path, rate, s->n_channels);
    }
    return LAT_OK;
}

/// 24 bits at the top of 32, and whether it had to be cut.
static int32_t
to_24_bits(float sample, uint64_t *n_cut)
{
    const double x = rint((double)sample * FLAC_SCALE);
    if (fabsf(sample) > 1.0F) {
        ++*n_cut;
    }
    const double top = FLAC_SCALE - 1;
    const double cut = x > top ? top : x < -FLAC_SCALE ? -FLAC_SCALE : x;
    return (int32_t)cut * 256;
}

static bool
write_flac(struct lat_cli_sound *s, float *const *channels, uint32_t first,
           uint32_t n_frames)
{
    const uint32_t n = s->n_channels;
    for (uint32_t c = 0; c < n; ++c) {
        for (uint32_t f = 0; f < n_frames; ++f) {
            s->piece[(size_t)f * n + c].number =
                to_24_bits(channels[c][first + f], &s->n_cut);
        }
    }
    return sf_writef_int(s->flac, &s->piece[0].number, n_frames) == n_frames;
}

// Both.

enum lat_status
lat_cli_sound_open(const char *path, enum lat_sound_format format, double rate,
                   uint32_t n_channels, uint64_t n_frames,
                   struct lat_cli_sound **out, struct lat_error *error)
{
    const bool is_flac = format == LAT_SOUND_FLAC;
    if (is_flac && n_channels > LAT_SOUND_FLAC_CHANNELS) {
        return lat_error_set(error, LAT_EINVAL,
                             "cannot write %.200s: FLAC has at most %d "
                             "channels, not %u; name it .wav",
                             path, LAT_SOUND_FLAC_CHANNELS, n_channels);
    }
    struct lat_cli_sound *const s = calloc(
        1, sizeof(*s) + (size_t)PIECE * n_channels * sizeof(s->piece[0]));
    if (!s || !(s->path = strdup(path))) {
        free(s);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    s->n_channels = n_channels;
    const uint32_t whole_rate = (uint32_t)llround(rate);
    enum lat_status status =
        lat_cli_output_open(&s->file, path, is_flac, error);
    if (!status) {
        status = is_flac ? open_flac(s, whole_rate, error)
                         : open_wav(s, whole_rate, n_frames, error);
    }
    if (status) {
        lat_cli_sound_abort(s);
        return status;
    }
    *out = s;
    return LAT_OK;
}

enum lat_status
lat_cli_sound_write(struct lat_cli_sound *s, float *const *channels,
                    uint32_t n_frames, struct lat_error *error)
{
    for (uint32_t first = 0; first < n_frames; first += PIECE) {
        const uint32_t left = n_frames - first;
        const uint32_t n = left < PIECE ? left : PIECE;
        if (s->flac ? !write_flac(s, channels, first, n)
                    : !write_wav(s, channels, first, n)) {
            return s->flac ? fail_flac(s, sf_strerror(s->flac), error)
                           : fail_wav(s, error);
        }
    }
    return LAT_OK;
}

uint64_t
lat_cli_sound_n_cut(const struct lat_cli_sound *s)
{
    return s->n_cut;
}

static void
free_sound(struct lat_cli_sound *s)
{
    free(s->path);
    free(s);
}

enum lat_status
lat_cli_sound_commit(struct lat_cli_sound *s, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    if (s->flac) {
        const int problem = sf_close(s->flac);
        s->flac = NULL;
        if (problem) {
            status = fail_flac(s, sf_error_number(problem), error);
        }
    }
    if (status) {
        lat_cli_output_abort(&s->file);
    } else {
        status = lat_cli_output_commit(&s->file, error);
    }
    free_sound(s);
    return status;
}

void
lat_cli_sound_abort(struct lat_cli_sound *s)
{
    if (!s) {
        return;
    }
    if (s->flac) {
        sf_close(s->flac);
    }
    lat_cli_output_abort(&s->file);
    free_sound(s);
}
