// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One ring has all in its order: where a file begins, its frames, how many were
// lost where, and where it ends.  Frames are put together to chunks, so that
// short spans fill the ring no faster than long ones.

#include "recording.h"
#include "base/log.h"
#include "base/ring.h"
#include "kept.h"
#include "node/disk_counts.h"
#include "place.h"
#include "service.h"
#include "writer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Samples of a chunk.
#define SAMPLES 124U

/// What the ring holds, at least.
#define RING_SECONDS 2.5

/// Chunks that are written at a time, and frames of what was kept.
#define TURN        64
#define KEPT_FRAMES UINT64_C(32768)

/// A second between lines of the log that say the same.
#define SAY_NS UINT64_C(1000000000)

enum kind { FRAMES, BEGIN, LOST, END };

struct chunk {
    uint32_t kind;
    uint32_t n; ///< FRAMES
    union {
        float samples[SAMPLES];
        uint64_t n_lost;
        char name[LAT_RECORDING_NAME_MAX];
    };
};

/// Some of what is kept, on its way to a file.
struct request {
    int fd;
    char *path;
    uint64_t n; ///< frames
};

struct lat_recording {
    struct lat_disk_job job;
    double rate;
    uint32_t n_channels;
    uint32_t n_fit;    ///< frames of a chunk
    uint32_t n_chunks; ///< of the ring
    uint32_t n_enough; ///< of which so many are worth waking the thread for
    struct lat_ring *ring;

    // Audio; the disk's thread once that is gone.
    struct chunk pending; ///< not yet full
    uint64_t n_lost;      ///< frames that the ring does not know of

    // The disk's thread.
    struct lat_writer *writer;
    struct lat_kept kept;
    struct lat_writer *last; ///< what was kept goes there
    uint64_t last_at, last_end;
    uint64_t told_ns;

    // Both, and control.
    _Atomic(struct request *) request;
    atomic_bool is_writing_last;
};

// --- The disk's thread -------------------------------------------------------

/// What fails again and again is told once a second.
static void
fail(struct lat_recording *r, const struct lat_error *error)
{
    const uint64_t now_ns = lat_now_ns();
    atomic_fetch_add(&lat_disk_counts.n_failed_recordings, 1);
    if (!r->told_ns || now_ns - r->told_ns >= SAY_NS) {
        r->told_ns = now_ns;
        lat_log(LAT_LOG_ERROR, "%s", error->text);
    }
}

static void
begin(struct lat_recording *r, const char *name)
{
    struct lat_error error;
    char *path = NULL;
    lat_writer_free(r->writer);
    r->writer = NULL;
    const int fd = lat_disk_place_in_folder(name, &path, &error);
    if (fd < 0 ||
        lat_writer_new(fd, path, r->rate, r->n_channels, &r->writer, &error)) {
        fail(r, &error);
    }
}

static void
take(struct lat_recording *r, const struct chunk *c)
{
    switch (c->kind) {
    case BEGIN:
        begin(r, c->name);
        break;
    case FRAMES:
        if (r->writer) {
            lat_writer_add(r->writer, c->samples, c->n);
        }
        if (r->kept.n_most) {
            lat_kept_add(&r->kept, c->samples, c->n,
                         r->last ? r->last_at : UINT64_MAX);
        }
        break;
    case LOST:
        if (r->writer) {
            lat_writer_add_lost(r->writer, c->n_lost);
        }
        break;
    default:
        lat_writer_free(r->writer);
        r->writer = NULL;
    }
}

/// Begin to write what was asked for, if anything was.
static void
begin_last(struct lat_recording *r)
{
    struct request *const q = atomic_exchange(&r->request, NULL);
    struct lat_error error;
    if (!q) {
        return;
    }
    const uint64_t there = r->kept.n_ever - r->kept.n_first;
    r->last_end = r->kept.n_ever;
    r->last_at = r->last_end - (q->n < there ? q->n : there);
    if (lat_writer_new(q->fd, q->path, r->rate, r->n_channels, &r->last,
                       &error)) {
        fail(r, &error);
        atomic_store(&r->is_writing_last, false);
    }
    free(q);
}

/// Write a little of what was kept.  @return whether there is more.
static bool
write_last(struct lat_recording *r)
{
    if (!r->last) {
        return false;
    }
    uint64_t n = r->last_end - r->last_at;
    n = n < KEPT_FRAMES ? n : KEPT_FRAMES;
    if (n && r->last_at >= r->kept.n_first) {
        const float *const frames = lat_kept_at(&r->kept, r->last_at, &n);
        lat_writer_add(r->last, frames, (uint32_t)n);
        r->last_at += n;
        return true;
    }
    lat_writer_free(r->last);
    r->last = NULL;
    atomic_store(&r->is_writing_last, false);
    return false;
}

/// Write what is in the ring.
static void
drain(struct lat_recording *r)
{
    struct chunk c;
    while (lat_ring_pop(r->ring, &c)) {
        take(r, &c);
    }
}

static bool
work(struct lat_disk_job *job)
{
    struct lat_recording *const r = (struct lat_recording *)job;
    const bool is_dropped = atomic_load(&job->is_dropped);
    struct chunk c;
    uint32_t n = 0;
    while (n < TURN && lat_ring_pop(r->ring, &c)) {
        take(r, &c);
        ++n;
    }
    if (n == TURN) {
        return true;
    }
    if (!r->last) {
        begin_last(r);
    }
    if (write_last(r) || !is_dropped) {
        return r->last != NULL || n > 0;
    }
    if (r->pending.n) {
        take(r, &r->pending);
        r->pending.n = 0;
    }
    if (r->n_lost && r->writer) {
        lat_writer_add_lost(r->writer, r->n_lost);
        r->n_lost = 0;
    }
    lat_writer_free(r->writer);
    r->writer = NULL;
    return false;
}

static void
end(struct lat_disk_job *job)
{
    struct lat_recording *const r = (struct lat_recording *)job;
    lat_kept_clear(&r->kept);
    lat_ring_free(r->ring);
    free(r);
}

// --- Control -----------------------------------------------------------------

enum lat_status
lat_recording_new(double rate, uint32_t n_channels, struct lat_recording **out)
{
    struct lat_recording *const r = calloc(1, sizeof(*r));
    if (!r) {
        return LAT_ENOMEM;
    }
    r->job.work = work;
    r->job.end = end;
    r->rate = rate;
    r->n_channels = n_channels;
    r->n_fit = SAMPLES / n_channels;
    r->n_chunks = (uint32_t)(rate * RING_SECONDS / r->n_fit) + 16;
    r->n_enough = r->n_chunks / 8;
    r->kept.n_channels = n_channels;
    enum lat_status status =
        lat_ring_new(r->n_chunks, sizeof(struct chunk), &r->ring);
    if (!status) {
        r->n_chunks = lat_ring_space(r->ring);
        status = lat_disk_add(LAT_DISK_WRITES, &r->job);
    }
    if (status) {
        lat_ring_free(r->ring);
        free(r);
        return status;
    }
    *out = r;
    return LAT_OK;
}

void
lat_recording_free(struct lat_recording *r)
{
    if (r) {
        if (lat_disk_is_offline()) {
            atomic_store(&r->job.is_dropped, true);
        }
        lat_disk_drop(LAT_DISK_WRITES, &r->job);
    }
}

enum lat_status
lat_recording_begin_at(struct lat_recording *r, const char *path, char **taken,
                       struct lat_error *error)
{
    char *free_path = NULL;
    const int fd = lat_disk_place_at(path, &free_path, error);
    if (fd < 0) {
        return error->status;
    }
    char *const copy = strdup(free_path);
    struct lat_writer *writer = NULL;
    const enum lat_status status =
        lat_writer_new(fd, free_path, r->rate, r->n_channels, &writer, error);
    if (status) {
        free(copy);
        return status;
    }
    r->writer = writer;
    *taken = copy;
    return LAT_OK;
}

void
lat_recording_keep(struct lat_recording *r, uint64_t frames)
{
    r->kept.n_most = frames;
}

/// A name of now, by the clock on the wall.
static void
name_by_time(char *name, size_t size)
{
    const time_t now = time(NULL);
    struct tm t;
    if (!localtime_r(&now, &t) ||
        !strftime(name, size, "last-%Y%m%d-%H%M%S.wav", &t)) {
        (void)strncpy(name, "last.wav", size);
    }
}

enum lat_status
lat_recording_write_last(struct lat_recording *r, uint64_t frames, char **taken,
                         struct lat_error *error)
{
    char name[64];
    if (atomic_load(&r->is_writing_last)) {
        return lat_error_set(error, LAT_EFULL,
                             "what was asked for before is still being "
                             "written; ask again in a moment");
    }
    struct request *const q = calloc(1, sizeof(*q));
    if (!q) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    name_by_time(name, sizeof(name));
    q->n = frames;
    q->fd = lat_disk_place_in_folder(name, &q->path, error);
    *taken = q->fd < 0 ? NULL : strdup(q->path);
    if (q->fd < 0) {
        free(q);
        return error->status;
    }
    atomic_store(&r->is_writing_last, true);
    atomic_store(&r->request, q);
    lat_disk_ring(LAT_DISK_WRITES);
    return LAT_OK;
}

// --- Audio -------------------------------------------------------------------

static void
drain_at_once(void *recording)
{
    drain(recording);
}

/// Has the ring room for @p n chunks?  Offline it is made.
LAT_RT static bool
has_room(struct lat_recording *r, uint32_t n)
{
    if (lat_ring_space(r->ring) < n && lat_disk_is_offline()) {
        lat_disk_at_once(drain_at_once, r);
    }
    return lat_ring_space(r->ring) >= n;
}

LAT_RT static void
push(struct lat_recording *r, const struct chunk *c)
{
    (void)lat_ring_push(r->ring, c);
    lat_ring_commit(r->ring);
    if (r->n_chunks - lat_ring_space(r->ring) >= r->n_enough ||
        c->kind != FRAMES) {
        lat_disk_ring(LAT_DISK_WRITES);
    }
}

/// Frames that found no room.
LAT_RT static void
lose(struct lat_recording *r, uint64_t n)
{
    r->n_lost += n;
    atomic_fetch_add_explicit(&lat_disk_counts.n_lost_frames, n,
                              memory_order_relaxed);
}

LAT_RT static void
push_lost(struct lat_recording *r)
{
    push(r, &(struct chunk){.kind = LOST, .n_lost = r->n_lost});
    r->n_lost = 0;
}

LAT_RT static void
push_pending(struct lat_recording *r)
{
    if (r->pending.n && has_room(r, 1)) {
        push(r, &r->pending);
    } else {
        lose(r, r->pending.n);
    }
    r->pending.n = 0;
}

/// All that was added, and then something that is no frames.
LAT_RT static bool
push_event(struct lat_recording *r, const struct chunk *c)
{
    if (!has_room(r, 3)) {
        return false;
    }
    push_pending(r);
    if (r->n_lost) {
        push_lost(r);
    }
    push(r, c);
    return true;
}

LAT_RT bool
lat_recording_begin(struct lat_recording *r, const char *name)
{
    struct chunk c = {.kind = BEGIN};
    for (uint32_t i = 0; i < LAT_RECORDING_NAME_MAX - 1 && name[i]; ++i) {
        c.name[i] = name[i];
    }
    return push_event(r, &c);
}

LAT_RT bool
lat_recording_end(struct lat_recording *r)
{
    return push_event(r, &(struct chunk){.kind = END});
}

LAT_RT void
lat_recording_add(struct lat_recording *r, const float *const *channels,
                  const uint32_t *steps, uint32_t n)
{
    for (uint32_t f = 0; f < n; ++f) {
        if (r->n_lost && !has_room(r, r->n_enough)) {
            lose(r, n - f);
            return;
        }
        if (r->n_lost) {
            push_lost(r);
        }
        float *const to = r->pending.samples + r->pending.n * r->n_channels;
        for (uint32_t c = 0; c < r->n_channels; ++c) {
            const size_t at = (size_t)f * (steps ? steps[c] : 1);
            to[c] = channels[c] ? channels[c][at] : 0.0F;
        }
        if (++r->pending.n == r->n_fit) {
            push_pending(r);
        }
    }
}
