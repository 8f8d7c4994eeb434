// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "load.h"
#include "base/log.h"
#include "node/kernels.h"
#include "osc/feedback.h"
#include "sessions/examples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct printer {
    void (*print)(void *data, const char *line, bool is_error);
    void *data;
};

static void
print_warning(void *data, const char *line)
{
    const struct printer *const p = data;
    p->print(p->data, line, false);
}

void
lat_cli_print_log(void *data, const char *line, bool is_error)
{
    (void)data;
    lat_log(is_error ? LAT_LOG_ERROR : LAT_LOG_WARNING, "%s", line);
}

/// A folder may come later, as when a disk is not there yet; but it is more
/// often a slip.
static void
warn_of_sample_dir(const char *dir)
{
    struct stat is;
    const bool is_there = stat(dir, &is) == 0;
    if (!is_there || !S_ISDIR(is.st_mode)) {
        lat_log(LAT_LOG_WARNING,
                "no samples are found in --sample-dir %.400s: %s; make that "
                "folder, or name another",
                dir, is_there ? "it is no folder" : strerror(errno));
    }
}

enum lat_status
lat_cli_add_sample_dirs(const struct lat_options *o, struct lat_sessions *s)
{
    enum lat_status status = LAT_OK;
    for (uint32_t i = 0; !status && i < o->n_sample_dirs; ++i) {
        warn_of_sample_dir(o->sample_dirs[i]);
        status = lat_sessions_add_sample_dir(s, o->sample_dirs[i]);
    }
    char *const kit = status ? NULL : lat_samples_folder();
    if (!status) {
        status = kit ? lat_sessions_add_sample_dir(s, kit) : LAT_ENOMEM;
    }
    free(kit);
    return status;
}

int
lat_cli_load(const struct lat_options *o,
             void (*print)(void *data, const char *line, bool is_error),
             void *data, struct lat_cli_session *out)
{
    const struct lat_control_options how = {
        .rate = o->rate,
        .block = o->block,
        .workers = o->workers,
        .isa = o->isa,
        .pins = o->pins.n ? &o->pins : NULL,
        .is_offline = true,
        // Others only look, and 'lattice run' reads it again.
        .without_data =
            o->command != LAT_COMMAND_RENDER && o->command != LAT_COMMAND_CHECK,
    };
    struct printer printer = {print, data};
    struct lat_cli_session s = {NULL, NULL};
    struct lat_error error;
    size_t n_printed = 0;
    enum lat_status status = lat_control_new(&how, &s.control, &error);
    if (status) {
        goto fail;
    }
    status = lat_sessions_new(s.control, o->session_dir, &s.sessions);
    if (status) {
        lat_error_set(&error, status, "cannot look for sessions: %s",
                      lat_strerror(status));
        goto fail;
    }
    status = lat_cli_add_sample_dirs(o, s.sessions);
    if (status) {
        lat_error_set(&error, status, "%s", lat_strerror(status));
        goto fail;
    }
    lat_sessions_judge_patterns(s.sessions, lat_feedback_is_pattern);
    lat_sessions_want_heard(s.sessions, o->command == LAT_COMMAND_CHECK);
    status = o->session
                 ? lat_sessions_open(s.sessions, o->session, o->block == 0,
                                     print_warning, &printer, &error)
                 : LAT_OK;
    if (status) {
        n_printed = lat_sessions_problems(s.sessions, print, data);
        goto fail;
    }
    *out = s;
    return LAT_EXIT_DONE;

fail:
    if (n_printed == 0) {
        print(data, error.text, true);
    }
    lat_cli_unload(&s);
    return (int)lat_options_exit_code(status);
}

void
lat_cli_unload(struct lat_cli_session *s)
{
    if (s->sessions) {
        lat_sessions_free(s->sessions);
    }
    if (s->control) {
        lat_control_free(s->control);
    }
    *s = (struct lat_cli_session){NULL, NULL};
}

void
lat_cli_tell_arithmetic(const struct lat_options *o)
{
    const struct lat_kernels *const k =
        o->isa ? lat_kernels_find(o->isa) : lat_kernels_best();
    if (k && !k->fuses) {
        lat_log(LAT_LOG_WARNING,
                "%s has no fused multiply-add: the sound differs in its last "
                "bits from that of other instruction sets",
                k->name);
    }
}
