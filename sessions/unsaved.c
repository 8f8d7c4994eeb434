// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "unsaved.h"
#include "autosave_state.h"
#include "base/log.h"

enum lat_status
lat_unsaved_note(const struct lat_sessions *s, struct lat_kept *out,
                 struct lat_error *error)
{
    *out = (struct lat_kept){0};
    if (!is_changed(s) || lat_control_graph(s->control)->n_nodes == 0) {
        return LAT_OK;
    }
    if (s->note) {
        s->note(s->collect_data);
    }
    return lat_kept_write(s, out) ? no_memory(error) : LAT_OK;
}

void
lat_unsaved_keep(struct lat_sessions *s, struct lat_kept *noted)
{
    if (!noted->text) {
        return;
    }
    lat_kept_fini(&s->unsaved);
    s->unsaved = *noted;
    *noted = (struct lat_kept){0};
    if (s->autosave) {
        lat_autosave_write_unsaved(s->autosave, &s->unsaved);
    }
    if (s->is_managed) {
        return; // it loads nothing but what its manager says
    }
    lat_log(LAT_LOG_INFO,
            "what was not saved is kept: /session/load " LAT_SESSION_AUTOSAVE
            " brings it back");
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
        status = lat_autosave_load(s->autosave, true, log_warning, NULL, error);
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
