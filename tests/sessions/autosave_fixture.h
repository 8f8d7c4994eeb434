// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A synth that keeps what it plays in a folder of the test.
#ifndef LAT_TEST_AUTOSAVE_FIXTURE_H
#define LAT_TEST_AUTOSAVE_FIXTURE_H

#include "test_sessions.h"

#include "base/rt.h"
#include "sessions/autosave.h"

#include <fcntl.h>
#include <time.h>

#define SINE HEAD "[node a]\ntype = sine\n"

/// A synth that keeps what it plays, and a disk whose work waits.
struct fixture {
    struct lat_control *control;
    struct lat_sessions *sessions;
    struct lat_autosave *autosave;
    char *home;       ///< XDG_STATE_HOME
    char kept[400];   ///< where it keeps what it plays
    char folder[400]; ///< of its sessions
    bool holds;       ///< the disk does nothing for now
    void (*work)(void *job);
    void (*done)(void *job);
    void *job;
    struct lat_error error;
};

static inline bool
run_elsewhere(void *data, void (*work)(void *job), void (*done)(void *job),
              void *job)
{
    struct fixture *const f = data;
    cr_assert_null(f->job, "two files at once");
    f->work = work;
    f->done = done;
    f->job = job;
    return true;
}

/// The disk does what it was given.
static inline void
let_write(struct fixture *f)
{
    void *const job = f->job;
    if (job) {
        f->job = NULL;
        f->work(job);
        f->done(job);
    }
}

static inline void
start(struct fixture *f, const char *name)
{
    f->control = new_control();
    cr_assert_eq(lat_sessions_new(f->control, f->folder, &f->sessions), LAT_OK);
    const struct lat_elsewhere elsewhere = {.data = f, .run = run_elsewhere};
    const enum lat_status status = lat_autosave_new(
        f->sessions, name, &elsewhere, &f->autosave, &f->error);
    cr_assert_eq(status, LAT_OK, "%s", f->error.text);
}

static inline void
set_up(struct fixture *f)
{
    *f = (struct fixture){.home = new_folder()};
    setenv("XDG_STATE_HOME", f->home, 1);
    snprintf(f->kept, sizeof(f->kept), "%s/lattice/synth", f->home);
    snprintf(f->folder, sizeof(f->folder), "%s/sessions", f->home);
    start(f, "synth");
}

/// As kill -9 does: nothing more is written.
static inline void
stop(struct fixture *f)
{
    lat_autosave_free(f->autosave);
    lat_sessions_free(f->sessions);
    lat_control_free(f->control);
}

static inline void
tear_down(struct fixture *f)
{
    stop(f);
    unsetenv("XDG_STATE_HOME");
    drop_folder(f->home);
}

static inline void
add_node(struct fixture *f, const char *name)
{
    cr_assert_eq(lat_control_node_new(f->control, "sine", name, false, NULL, 0,
                                      &f->error),
                 LAT_OK, "%s", f->error.text);
}

static inline bool
has_node(const struct fixture *f, const char *name)
{
    return lat_graph_find(lat_control_graph(f->control), name) != NULL;
}

/// Wait until the autosave has something to do, and let it.
static inline void
come_due(struct fixture *f)
{
    const uint64_t due_ns = lat_autosave_next_ns(f->autosave);
    cr_assert_neq(due_ns, UINT64_MAX);
    while (lat_now_ns() < due_ns) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    lat_autosave_tick(f->autosave);
}

static inline void
keep(struct fixture *f)
{
    come_due(f);
    let_write(f);
}

/// @return the file that was restored, or "".
static inline const char *
restore(struct fixture *f)
{
    static struct lat_restored restored;
    cr_assert_eq(lat_autosave_restore(f->autosave, true, NULL, NULL, &restored,
                                      &f->error),
                 LAT_OK, "%s", f->error.text);
    return restored.file;
}

/// Another life.
static inline const char *
start_again(struct fixture *f)
{
    stop(f);
    start(f, "synth");
    return restore(f);
}

static inline enum lat_status
load(struct fixture *f, const char *name)
{
    return lat_sessions_load(f->sessions, name, &f->error);
}

/// Cut a file to @p length bytes, or write over its middle.
static inline void
spoil(const char *path, long length)
{
    FILE *const file = fopen(path, "r+");
    cr_assert_not_null(file, "%s", path);
    if (length >= 0) {
        cr_assert_eq(ftruncate(fileno(file), length), 0);
    } else {
        fseek(file, 20, SEEK_SET);
        fputs("\n[nonsense", file);
    }
    fclose(file);
}

static inline enum lat_status
new_session(struct fixture *f)
{
    return lat_sessions_new_session(f->sessions, &f->error);
}

/// The log, from now on: a pipe, to be closed.
static inline int
take_log(void)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
    cr_assert_geq(dup2(ends[1], STDERR_FILENO), 0);
    close(ends[1]);
    return ends[0];
}

/// How often @p text has been logged.
static inline unsigned
count_logged(int log, const char *text)
{
    static char all[65536];
    static size_t length;
    unsigned n = 0;
    const ssize_t more = read(log, all + length, sizeof(all) - length - 1);
    length += more > 0 ? (size_t)more : 0;
    for (const char *c = strstr(all, text); c; c = strstr(c + 1, text)) {
        ++n;
    }
    return n;
}

#endif // LAT_TEST_AUTOSAVE_FIXTURE_H
