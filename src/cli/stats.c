// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Block times go into a histogram whose buckets are 1/64 of a power of two
// wide, so that percentiles are right to 1.6 per cent however long the render.

#include "stats.h"
#include "output.h"

#include <jansson.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANTISSA_BITS 6
#define N_BUCKETS     ((64 - MANTISSA_BITS + 1) << MANTISSA_BITS)

struct loudness {
    double peak;
    double squares;
    uint64_t n;
};

struct lat_cli_stats {
    uint64_t wall_ns, cpu_ns;
    uint64_t n_blocks, max_ns;
    uint64_t buckets[N_BUCKETS];
    uint32_t n_channels;
    struct loudness channels[];
};

struct lat_cli_stats *
lat_cli_stats_new(uint32_t n_channels)
{
    struct lat_cli_stats *const s =
        calloc(1, sizeof(*s) + n_channels * sizeof(s->channels[0]));
    if (s) {
        s->n_channels = n_channels;
    }
    return s;
}

void
lat_cli_stats_free(struct lat_cli_stats *s)
{
    free(s);
}

/// Bucket of @p ns: exact below 2^MANTISSA_BITS, then the leading bits.
static unsigned
bucket_of(uint64_t ns)
{
    if (ns < (1U << MANTISSA_BITS)) {
        return (unsigned)ns;
    }
    const unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - MANTISSA_BITS;
    return (shift << MANTISSA_BITS) + (unsigned)(ns >> shift);
}

/// The middle of a bucket.
static double
value_of(unsigned bucket)
{
    if (bucket < (2U << MANTISSA_BITS)) {
        return bucket;
    }
    const unsigned shift = (bucket >> MANTISSA_BITS) - 1;
    const unsigned mantissa = bucket - (shift << MANTISSA_BITS);
    return ldexp(mantissa + 0.5, (int)shift);
}

void
lat_cli_stats_block(struct lat_cli_stats *s, uint64_t ns)
{
    ++s->buckets[bucket_of(ns)];
    ++s->n_blocks;
    if (ns > s->max_ns) {
        s->max_ns = ns;
    }
}

void
lat_cli_stats_time(struct lat_cli_stats *s, uint64_t wall_ns, uint64_t cpu_ns)
{
    s->wall_ns += wall_ns;
    s->cpu_ns += cpu_ns;
}

void
lat_cli_stats_sound(struct lat_cli_stats *s, uint32_t channel,
                    const float *samples, size_t n)
{
    struct loudness *const l = &s->channels[channel];
    double peak = l->peak;
    double squares = l->squares;
    for (size_t i = 0; i < n; ++i) {
        const double x = (double)samples[i];
        peak = fabs(x) > peak ? fabs(x) : peak;
        squares += x * x;
    }
    l->peak = peak;
    l->squares = squares;
    l->n += n;
}

double
lat_cli_stats_wall(const struct lat_cli_stats *s)
{
    return 1e-9 * (double)s->wall_ns;
}

double
lat_cli_stats_peak(const struct lat_cli_stats *s)
{
    double peak = 0;
    for (uint32_t c = 0; c < s->n_channels; ++c) {
        peak = fmax(peak, s->channels[c].peak);
    }
    return peak;
}

/// The time that @p share of the blocks did not exceed.
static json_int_t
percentile(const struct lat_cli_stats *s, double share)
{
    const double wanted = share * (double)s->n_blocks;
    uint64_t n = 0;
    for (unsigned i = 0; i < N_BUCKETS; ++i) {
        n += s->buckets[i];
        if (n > 0 && (double)n >= wanted) {
            const double max = (double)s->max_ns;
            return llround(value_of(i) < max ? value_of(i) : max);
        }
    }
    return 0;
}

static json_t *
to_json(const struct lat_cli_stats *s, const struct lat_engine_status *engine,
        uint64_t n_frames)
{
    json_t *const peak = json_array();
    json_t *const rms = json_array();
    for (uint32_t c = 0; c < s->n_channels; ++c) {
        const struct loudness *const l = &s->channels[c];
        const double n = l->n > 0 ? (double)l->n : 1;
        json_array_append_new(peak, json_real(l->peak));
        json_array_append_new(rms, json_real(sqrt(l->squares / n)));
    }
    json_t *const block_ns =
        json_pack("{s:I, s:I, s:I}", "p50", percentile(s, 0.5), "p99",
                  percentile(s, 0.99), "max", (json_int_t)s->max_ns);
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:o,"
        " s:o, s:o}",
        "frames", (json_int_t)n_frames, "rate", llround(engine->rate), "block",
        (json_int_t)engine->block, "workers", (json_int_t)engine->workers,
        "isa", engine->isa, "nodes", (json_int_t)engine->n_nodes, "cables",
        (json_int_t)engine->n_cables, "batches", (json_int_t)engine->n_batches,
        "chunks", (json_int_t)engine->n_chunks, "buffers",
        (json_int_t)engine->buffers_peak, "wall_s", lat_cli_stats_wall(s),
        "cpu_s", 1e-9 * (double)s->cpu_ns, "block_ns", block_ns, "peak", peak,
        "rms", rms);
}

enum lat_status
lat_cli_stats_write(const struct lat_cli_stats *s,
                    const struct lat_engine_status *engine, uint64_t n_frames,
                    const char *path, struct lat_error *error)
{
    json_t *const object = to_json(s, engine, n_frames);
    if (!object) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    struct lat_cli_output out;
    const char *const name = strcmp(path, "-") == 0 ? "standard output" : path;
    enum lat_status status = lat_cli_output_open(&out, path, false, error);
    if (!status) {
        const size_t flags =
            JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9);
        if (json_dumpfd(object, out.fd, flags) != 0 ||
            dprintf(out.fd, "\n") != 1) {
            status = lat_error_set(error, LAT_ESYSTEM, "cannot write %s: %s",
                                   name, strerror(errno));
            lat_cli_output_abort(&out);
        } else {
            status = lat_cli_output_commit(&out, error);
        }
    }
    json_decref(object);
    return status;
}
