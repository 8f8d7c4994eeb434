// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "unsaved.h"
#include "autosave_state.h"
#include "base/log.h"

#define BRINGS_BACK ": /session/load " LAT_SESSION_AUTOSAVE " brings it back"

enum lat_status
lat_unsaved_note(const struct lat_sessions *s, struct lat_kept *out,
                 struct lat_error *error)
{
    *out = (struct lat_kept){0};
    if (!is_unsaved(s) || (s->autosave && lat_autosave_has_it(s->autosave))) {
        return LAT_OK;
    }
    if (s->note) {
        s->note(s->collect_data);
    }
    return lat_kept_write(s, out) ? no_memory(error) : LAT_OK;
}

/// Write what is kept in memory, if there is any.
static enum lat_status
write_kept(struct lat_sessions *s, struct lat_error *error)
{
    return s->autosave ? lat_autosave_flush(s->autosave, error)
                       : lat_error_set(error, LAT_ENOTFOUND,
                                       "this lattice keeps nothing in files");
}

void
lat_unsaved_keep(struct lat_sessions *s, struct lat_kept *noted)
{
    struct lat_error error;
    if (!noted->text) {
        return;
    }
    if (s->unsaved.text && write_kept(s, &error)) { // what is older first
        lat_log(LAT_LOG_WARNING,
                "%s; what was kept in memory before is lost for what comes now",
                error.text);
    }
    lat_kept_fini(&s->unsaved);
    s->unsaved = *noted;
    *noted = (struct lat_kept){0};
    // Under a manager nothing is loaded but what it says.
    if (write_kept(s, &error)) {
        lat_log(LAT_LOG_WARNING,
                "%s; what was not saved is kept in memory only, until lattice "
                "ends or the next is%s",
                error.text, s->is_managed ? "" : BRINGS_BACK);
    } else if (!s->is_managed) {
        lat_log(LAT_LOG_INFO, "what was not saved is kept" BRINGS_BACK);
    }
}

void
lat_sessions_set_aside(struct lat_sessions *s)
{
    struct lat_kept last;
    if (s->autosave && !lat_autosave_read_last(s->autosave, &last)) {
        if (lat_kept_is_unsaved(&last)) {
            lat_unsaved_keep(s, &last);
        }
        lat_kept_fini(&last);
    }
}

static void
log_warning(void *data, const char *line)
{
    (void)data;
    lat_log(LAT_LOG_WARNING, "%s", line);
}

enum lat_status
lat_unsaved_load(struct lat_sessions *s, struct lat_error *error)
{
    struct lat_kept now;
    enum lat_status status = lat_unsaved_note(s, &now, error);
    if (status) {
        return status;
    }
    if (s->unsaved.text) {
        status = lat_kept_apply(s, &s->unsaved, LAT_SESSION_AUTOSAVE, true,
                                log_warning, NULL, error);
    } else if (s->autosave) {
        status = lat_autosave_load(s->autosave, &now, true, log_warning, NULL,
                                   error);
    } else {
        status = lat_error_set(error, LAT_ENOTFOUND, "nothing is kept yet");
    }
    if (status) {
        lat_kept_fini(&now);
    } else {
        lat_unsaved_keep(s, &now);
    }
    return status;
}
