// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "autosave.h"
#include "autosave_folder.h"
#include "autosave_state.h"
#include "base/log.h"
#include "base/rt.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DELAY_NS UINT64_C(1000000000) // from the first change to the file
#define RETRY_NS UINT64_C(2000000000)
#define FINISH_S 5 // for a file that is being written

struct lat_autosave {
    struct lat_sessions *sessions;
    struct lat_elsewhere elsewhere;
    pthread_mutex_t lock; ///< whose holder uses the folder
    struct lat_autosave_folder folder;
    uint64_t n_written; ///< number of the newest job that was
    uint64_t n_jobs;
    bool is_writing;      ///< a file is on its way
    bool is_finished;     ///< and what comes then is of no interest
    uint64_t retry_ns;    ///< not to be tried before, or 0
    struct lat_error why; ///< it could not be written, as told; or empty
};

/// A file on its way to the disk.
struct job {
    struct lat_autosave *autosave;
    struct lat_kept kept;
    uint64_t number;        ///< from 1
    enum lat_status status; ///< LAT_ESYSTEM: given up
    struct lat_error error;
};

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
    if (status) {
        free(a);
        return status;
    }
    pthread_mutex_init(&a->lock, NULL);
    a->sessions = sessions;
    a->elsewhere = *elsewhere;
    sessions->autosave = a;
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

/// Say it once that a file could not be written, and once that it can again.
static void
tell(struct lat_autosave *a, enum lat_status status,
     const struct lat_error *error)
{
    if (status && strcmp(a->why.text, error->text) != 0) {
        lat_log(LAT_LOG_WARNING, "what plays is not kept: %s", error->text);
        a->why = *error;
    } else if (!status && a->why.text[0] != '\0') {
        lat_log(LAT_LOG_INFO, "what plays is kept again");
        a->why.text[0] = '\0';
    }
}

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
            s->since_ns = s->since_ns ? s->since_ns : lat_now_ns();
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

void
lat_autosave_finish(struct lat_autosave *a)
{
    struct timespec until;
    const bool is_kept = !a->sessions->since_ns && !a->is_writing;
    if (a->is_finished || is_kept) {
        a->is_finished = true;
        return;
    }
    struct job *const job = new_job(a, a->sessions->collect);
    a->is_finished = true;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += FINISH_S;
    if (!job || pthread_mutex_timedlock(&a->lock, &until)) {
        lat_log(LAT_LOG_ERROR, "what plays is not kept: %s",
                job ? "the disk does not answer" : lat_strerror(LAT_ENOMEM));
    } else {
        write_locked(job);
        pthread_mutex_unlock(&a->lock);
        tell(a, job->status, &job->error);
    }
    if (job) {
        end_job(job);
    }
}

void
lat_autosave_write_unsaved(struct lat_autosave *a, const struct lat_kept *kept)
{
    struct lat_error error;
    pthread_mutex_lock(&a->lock);
    const enum lat_status status = lat_autosave_folder_write(
        &a->folder, LAT_AUTOSAVE_UNSAVED, kept->text, kept->length, &error);
    pthread_mutex_unlock(&a->lock);
    if (status) {
        lat_log(LAT_LOG_WARNING,
                "what was not saved is kept in memory only: %s", error.text);
    }
}

// Reading.

/// Put the newest file of a kind that can be read in force.
/// @param[out] path  of that file, to free(); NULL where there is none.
static enum lat_status
load_newest(struct lat_autosave *a, enum lat_autosave_kind kind,
            bool take_block, void (*warn)(void *data, const char *line),
            void *data, char **path, struct lat_error *error)
{
    uint64_t number = UINT64_MAX;
    enum lat_status status = LAT_ENOTFOUND;
    *path = NULL;
    while (status &&
           (number = lat_autosave_folder_before(&a->folder, kind, number))) {
        struct lat_kept kept = {0};
        free(*path);
        *path = lat_autosave_folder_path(&a->folder, kind, number);
        status = *path ? lat_kept_read(*path, &kept, error) : no_memory(error);
        if (!status) {
            status = lat_kept_apply(a->sessions, &kept, *path, take_block, warn,
                                    data, error);
        }
        lat_kept_fini(&kept);
        if (status) {
            lat_log(LAT_LOG_WARNING, "%s; it is passed over", error->text);
        }
    }
    if (status) {
        free(*path);
        *path = NULL;
    }
    return status;
}

enum lat_status
lat_autosave_load(struct lat_autosave *a, bool take_block,
                  void (*warn)(void *data, const char *line), void *data,
                  struct lat_error *error)
{
    char *path = NULL;
    enum lat_status status = LAT_ENOTFOUND;
    lat_error_set(error, status, "nothing is kept yet");
    for (unsigned kind = LAT_N_AUTOSAVE_KINDS; status && kind-- > 0;) {
        status = load_newest(a, (enum lat_autosave_kind)kind, take_block, warn,
                             data, &path, error);
        free(path);
    }
    return status;
}

static void
note_restored(const char *path, struct lat_restored *out)
{
    struct stat st;
    struct timespec now;
    snprintf(out->file, sizeof(out->file), "%s", path);
    clock_gettime(CLOCK_REALTIME, &now);
    if (stat(path, &st) == 0) {
        out->age_s = (double)(now.tv_sec - st.st_mtim.tv_sec);
    }
}

enum lat_status
lat_autosave_restore(struct lat_autosave *a, bool take_block,
                     void (*warn)(void *data, const char *line), void *data,
                     struct lat_restored *out, struct lat_error *error)
{
    char *path = NULL;
    *out = (struct lat_restored){0};
    const enum lat_status status =
        load_newest(a, LAT_AUTOSAVE_LAST, take_block, warn, data, &path, error);
    if (path) {
        note_restored(path, out);
        a->sessions->since_ns = 0; // it is kept
    }
    free(path);
    return status == LAT_ENOMEM ? status : LAT_OK;
}

void
lat_autosave_set_aside(struct lat_autosave *a)
{
    struct lat_kept kept = {0};
    char *const path = lat_autosave_folder_path(
        &a->folder, LAT_AUTOSAVE_LAST, a->folder.newest[LAT_AUTOSAVE_LAST]);
    if (path && !lat_kept_read(path, &kept, NULL) &&
        lat_kept_is_unsaved(&kept)) {
        lat_autosave_folder_set_aside(&a->folder);
    }
    lat_kept_fini(&kept);
    free(path);
}
