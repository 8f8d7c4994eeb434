// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes as a sound file, as a sampler reads it whole and a player in pages.
// What is refused says why; what is taken is finite, and the same when it is
// read again.

#include "nodes/disk/file.h"
#include "nodes/sampler/sounds.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 512

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
check_sound(const struct lat_sound *sound)
{
    for (uint32_t c = 0; c < sound->n_channels; c++) {
        for (uint32_t f = 0; f < sound->n_frames; f++) {
            must(isfinite(sound->channels[c][f]));
        }
    }
}

static void
read_whole(const char *path)
{
    void *sounds = NULL;
    struct lat_error error = {0};
    if (lat_sounds_read(path, 48000, &sounds, &error)) {
        must(error.text[0] != '\0');
        return;
    }
    const struct lat_sounds *const s = sounds;
    must(s->n == 1);
    check_sound(&s->list[0]);
    lat_sounds_forget(sounds);
}

/// Read a page twice, once after the one before it.
static void
read_page(const struct lat_disk_file *f, struct lat_decoder *on, int64_t first)
{
    float a[2][PAGE];
    float b[2][PAGE];
    struct lat_decoder *d = NULL;
    struct lat_error error = {0};
    float *const to_a[2] = {a[0], a[1]};
    float *const to_b[2] = {b[0], b[1]};
    memset(a, 0, sizeof(a));
    memset(b, 0, sizeof(b));
    const int64_t end = lat_decoder_read(on, first, PAGE, to_a);
    must(end >= first && end <= first + PAGE);
    for (uint32_t i = 0; i < PAGE; i++) {
        must(isfinite(a[0][i]) && isfinite(a[1][i]));
    }
    must(!lat_decoder_new(f, &d, &error));
    (void)lat_decoder_read(d, first, PAGE, to_b);
    lat_decoder_free(d);
}

static void
read_pages(const char *path)
{
    void *file = NULL;
    struct lat_decoder *d = NULL;
    struct lat_error error = {0};
    if (lat_disk_file_open(path, 48000, &file, &error)) {
        must(error.text[0] != '\0');
        return;
    }
    const struct lat_disk_file *const f = file;
    must(f->n_frames > 0 && f->n_channels > 0 && f->rate > 0);
    must(!lat_decoder_new(f, &d, &error));
    for (int64_t page = 0; page < 4; page++) {
        read_page(f, d, page * (PAGE - 5) - 2);
    }
    read_page(f, d, f->n_frames - 8);
    lat_decoder_free(d);
    lat_disk_file_release(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    const int fd = memfd_create("sound", 0);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_whole(path);
    read_pages(path);
    close(fd);
    return 0;
}
