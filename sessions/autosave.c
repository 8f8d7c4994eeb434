// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "autosave_private.h"
#include "base/log.h"
#include "base/rt.h"
#include "finding.h"

#include <stdlib.h>
#include <time.h>

#define DELAY_NS UINT64_C(1000000000) // from the first change to the file
#define RETRY_NS UINT64_C(2000000000)
#define FINISH_S 5 // for a file that is being written

/// A file on its way to the disk.
struct job {
    struct lat_autosave *autosave;
    struct lat_kept kept;
    uint64_t number;        ///< from 1
    enum lat_status status; ///< LAT_ESYSTEM: given up
    struct lat_error error;
};

/// Say it once that what plays cannot be written, and once that it can again.
static void
tell(struct lat_autosave *a, enum lat_status status,
     const struct lat_error *error)
{
    if (status && !a->is_failing) {
        lat_log(LAT_LOG_WARNING,
                "what plays is not kept: %s; it is tried again", error->text);
    } else if (!status && a->is_failing) {
        lat_log(LAT_LOG_INFO, "what plays is kept again");
    }
    a->is_failing = status != LAT_OK;
}

enum lat_status
lat_autosave_new(struct lat_sessions *sessions, const char *name,
                 const struct lat_elsewhere *elsewhere,
                 struct lat_autosave **out, struct lat_error *error)
{
    struct lat_autosave *const a = calloc(1, sizeof(*a));
    if (!a) {
        return no_memory(error);
    }
    const enum lat_status status =
        lat_autosave_folder_open(name, &a->folder, error);
    if (status && status != LAT_EIO && status != LAT_ESYSTEM) {
        free(a);
        return status;
    }
    pthread_mutex_init(&a->lock, NULL);
    a->sessions = sessions;
    a->elsewhere = *elsewhere;
    sessions->autosave = a;
    tell(a, status, error);
    *out = a;
    return LAT_OK;
}

void
lat_autosave_free(struct lat_autosave *a)
{
    if (a) {
        a->sessions->autosave = NULL;
        lat_autosave_folder_fini(&a->folder);
        pthread_mutex_destroy(&a->lock);
        free(a);
    }
}

// Writing.

/// The caller holds the lock.
static void
write_locked(struct job *job)
{
    struct lat_autosave *const a = job->autosave;
    if (job->number < a->n_written) {
        job->status = LAT_OK; // a late thread: there is something newer
    } else {
        job->status = lat_autosave_folder_write(&a->folder, LAT_AUTOSAVE_LAST,
                                                job->kept.text,
                                                job->kept.length, &job->error);
        a->n_written = job->number;
    }
    if (!job->status) {
        lat_autosave_folder_remove_old(&a->folder, LAT_AUTOSAVE_LAST);
    }
}

static void
write_job(void *data)
{
    struct job *const job = data;
    struct lat_autosave *const a = job->autosave;
    pthread_mutex_lock(&a->lock);
    write_locked(job);
    pthread_mutex_unlock(&a->lock);
}

static void
end_job(void *data)
{
    struct job *const job = data;
    struct lat_autosave *const a = job->autosave;
    struct lat_sessions *const s = a->sessions;
    a->is_writing = false;
    if (!a->is_finished) {
        tell(a, job->status, &job->error);
        if (job->status) {
            a->retry_ns = lat_now_ns() + RETRY_NS;
            lat_sessions_keep_soon(s);
        } else {
            (void)lat_autosave_flush(a, &job->error); // as that works now
        }
    }
    lat_kept_fini(&job->kept);
    free(job);
}

/// Put what plays into text, in a new job.  @return it, or NULL.
static struct job *
new_job(struct lat_autosave *a, void (*collect)(void *data))
{
    struct lat_sessions *const s = a->sessions;
    struct job *const job = calloc(1, sizeof(*job));
    if (!job) {
        return NULL;
    }
    if (collect) {
        collect(s->collect_data);
    }
    job->autosave = a;
    job->number = ++a->n_jobs;
    job->status = LAT_ESYSTEM;
    if (lat_kept_write(s, &job->kept)) {
        free(job);
        return NULL;
    }
    s->since_ns = 0;
    a->is_writing = true;
    return job;
}

static bool
is_due(const struct lat_autosave *a)
{
    return a->sessions->since_ns && !a->is_writing && !a->is_finished;
}

uint64_t
lat_autosave_next_ns(const struct lat_autosave *a)
{
    if (!is_due(a)) {
        return UINT64_MAX;
    }
    const uint64_t due_ns = a->sessions->since_ns + DELAY_NS;
    return due_ns > a->retry_ns ? due_ns : a->retry_ns;
}

void
lat_autosave_tick(struct lat_autosave *a)
{
    if (!is_due(a) || lat_now_ns() < lat_autosave_next_ns(a)) {
        return;
    }
    struct job *const job = new_job(a, a->sessions->note);
    if (!job) {
        a->retry_ns = lat_now_ns() + RETRY_NS;
    } else if (!a->elsewhere.run ||
               !a->elsewhere.run(a->elsewhere.data, write_job, end_job, job)) {
        write_job(job);
        end_job(job);
    }
}

/// Write what plays at the end.
static enum lat_status
write_last(struct lat_autosave *a, struct lat_error *error)
{
    struct timespec until;
    struct job *const job = new_job(a, a->sessions->collect);
    if (!job) {
        return no_memory(error);
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += FINISH_S;
    if (pthread_mutex_timedlock(&a->lock, &until)) {
        lat_error_set(&job->error, LAT_EIO,
                      "the disk of %.400s does not answer", a->folder.path);
    } else {
        write_locked(job);
        pthread_mutex_unlock(&a->lock);
    }
    const enum lat_status status = job->status;
    *error = job->error;
    a->is_finished = true;
    end_job(job);
    return status;
}

/// Is the file that was written last where it was?  Its folder may have been
/// moved away since.
static bool
is_last_there(const struct lat_autosave *a)
{
    const uint64_t number = a->folder.newest[LAT_AUTOSAVE_LAST];
    char *const path =
        lat_autosave_folder_path(&a->folder, LAT_AUTOSAVE_LAST, number);
    const bool is_there = !number || !path || lat_path_is_there(path);
    free(path);
    return is_there;
}

enum lat_status
lat_autosave_finish(struct lat_autosave *a)
{
    struct lat_sessions *const s = a->sessions;
    struct lat_error error;
    if (a->is_finished) {
        return LAT_OK;
    }
    const bool is_kept = !s->since_ns && !a->is_writing && is_last_there(a);
    enum lat_status status = is_kept ? LAT_OK : write_last(a, &error);
    a->is_finished = true;
    if (!status) {
        status = lat_autosave_flush(a, &error);
    }
    if (status) {
        const bool is_lost =
            is_unsaved(s) ||
            (s->unsaved.text && !lat_autosave_is_last(a, &s->unsaved));
        lat_log(is_lost ? LAT_LOG_ERROR : LAT_LOG_WARNING, "%s: %s",
                is_lost ? "what was not saved is lost"
                        : "what plays is not kept",
                error.text);
        return is_lost ? status : LAT_OK;
    }
    if (is_unsaved(s) && !s->is_managed) {
        lat_log(LAT_LOG_INFO, "what was not saved is kept: lattice without a "
                              "session plays it again");
    }
    return LAT_OK;
}
