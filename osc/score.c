// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "score.h"
#include "base/array.h"
#include "base/file.h"
#include "packet.h"
#include "timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/// Bytes before a bundle's first message.
#define HEADER_BYTES 16U

#define HALF UINT64_C(0x80000000)

static uint32_t
read_u32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24U) | ((uint32_t)p[1] << 16U) |
           ((uint32_t)p[2] << 8U) | p[3];
}

/// What a journal begins with says at which rate it was played.
static uint32_t
find_journal_rate(const struct lat_osc_bundle *b)
{
    double rate = 0.0;
    const bool is_journal =
        b->n_messages == 1 &&
        strcmp(b->messages[0].path, LAT_SCORE_JOURNAL) == 0 &&
        b->messages[0].argc == 2 && lat_osc_number(b->messages, 1, &rate);
    return is_journal && rate >= 1.0 && rate <= 1e6 ? (uint32_t)rate : 0;
}

/// A bundle of which all is there.
static enum lat_status
add_bundle(struct lat_score *s, const uint8_t *packet, size_t size,
           const char *name, struct lat_error *error)
{
    struct lat_osc_bundle bundle = {0};
    struct lat_error why;
    const uint32_t number = s->n + 1;
    const size_t at = (size_t)(packet - s->bytes);
    if (size < HEADER_BYTES || !lat_osc_is_bundle(packet, size)) {
        return lat_error_set(
            error, LAT_EINVAL,
            "%.400s: what should be bundle %" PRIu32
            " (byte %zu) is no OSC bundle; a score is bundles, "
            "each behind its length, as sclang's Score.write "
            "writes them",
            name, number, at);
    }
    if (lat_osc_bundle_read(&bundle, packet, size, &why)) {
        return lat_error_set(error, why.status,
                             "%.400s: bundle %" PRIu32 " (byte %zu): %.300s",
                             name, number, at, why.text);
    }
    const uint64_t tag = bundle.tag <= LAT_TIMELINE_NOW ? 0 : bundle.tag;
    if (s->n == 0) {
        s->journal_rate = find_journal_rate(&bundle);
    }
    lat_osc_bundle_fini(&bundle);
    if (tag >> 32U > LAT_SCORE_MAX_S) {
        return lat_error_set(error, LAT_EINVAL,
                             "%.400s: bundle %" PRIu32
                             " (byte %zu) is for %.0f "
                             "s; a score's times count from 0, and a year is "
                             "the most",
                             name, number, at, lat_score_seconds(tag));
    }
    if (!lat_grow((void **)&s->bundles, &s->capacity, s->n,
                  sizeof(*s->bundles))) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    s->bundles[s->n++] = (struct lat_score_bundle){
        .packet = packet, .size = size, .tag = tag, .number = number};
    return LAT_OK;
}

/// The end of the file is within a bundle: whoever wrote a journal was killed.
static enum lat_status
end_early(struct lat_score *s, size_t at, const char *name,
          struct lat_error *error)
{
    s->is_cut = s->journal_rate != 0;
    return s->is_cut
               ? LAT_OK
               : lat_error_set(error, LAT_EINVAL,
                               "%.400s: it is cut short: it ends within bundle "
                               "%" PRIu32 " (byte %zu); write it anew",
                               name, s->n + 1, at);
}

static enum lat_status
read_bundles(struct lat_score *s, const char *name, struct lat_error *error)
{
    enum lat_status status = LAT_OK;
    size_t at = 0;
    while (!status && at < s->size) {
        const size_t left = s->size - at;
        const uint32_t size = left < 4 ? 0 : read_u32(s->bytes + at);
        if (left >= 4 &&
            (size < HEADER_BYTES || size % 4 != 0 || size > INT32_MAX)) {
            return lat_error_set(
                error, LAT_EINVAL,
                "%.400s: the length of bundle %" PRIu32
                " (byte %zu) cannot be %" PRIu32
                "; a score is bundles, each behind its length, as sclang's "
                "Score.write writes them",
                name, s->n + 1, at, size);
        }
        if (left < 4 || left - 4 < size) {
            return end_early(s, at, name, error);
        }
        status = add_bundle(s, s->bytes + at + 4, size, name, error);
        at += 4 + (size_t)size;
    }
    return status;
}

enum lat_status
lat_score_read(struct lat_score *out, FILE *stream, const char *name,
               struct lat_error *error)
{
    struct lat_score s = {0};
    enum lat_status status =
        lat_file_read_all(stream, name, SIZE_MAX, &s.bytes, &s.size, error);
    if (!status) {
        status = lat_score_parse(&s, name, error);
    }
    if (status) {
        lat_score_fini(&s);
        return status;
    }
    *out = s;
    return LAT_OK;
}

enum lat_status
lat_score_parse(struct lat_score *s, const char *name, struct lat_error *error)
{
    const enum lat_status status = read_bundles(s, name, error);
    return status || s->n > 0
               ? status
               : lat_error_set(error, LAT_EINVAL,
                               "%.400s is empty: a score has a bundle at least",
                               name);
}

void
lat_score_fini(struct lat_score *s)
{
    free(s->bytes);
    free(s->bundles);
    *s = (struct lat_score){0};
}

// Time.

uint64_t
lat_score_frame(uint64_t tag, uint32_t rate)
{
    const uint64_t of_fraction = (tag & UINT32_MAX) * rate + HALF;
    return tag <= LAT_TIMELINE_NOW ? 0
                                   : (tag >> 32U) * rate + (of_fraction >> 32U);
}

uint64_t
lat_score_tag(uint64_t frame, uint32_t rate)
{
    const uint64_t rest = frame % rate << 32U;
    return (frame / rate << 32U) + (rest + rate / 2) / rate;
}

double
lat_score_seconds(uint64_t tag)
{
    return (double)(tag >> 32U) + (double)(tag & UINT32_MAX) * 0x1p-32;
}

static int
compare(const void *a, const void *b)
{
    const struct lat_score_bundle *const x = a;
    const struct lat_score_bundle *const y = b;
    if (x->frame != y->frame) {
        return x->frame < y->frame ? -1 : 1;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

void
lat_score_place(struct lat_score *s, uint32_t rate)
{
    for (uint32_t i = 0; i < s->n; ++i) {
        s->bundles[i].frame = lat_score_frame(s->bundles[i].tag, rate);
    }
    qsort(s->bundles, s->n, sizeof(*s->bundles), compare);
}
