// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The tuning of a session that is being loaded.

#include "base/text.h"
#include "state.h"

#include <stdlib.h>

/// What the session's keys are, as the settings of a midi_notes are.
static const struct lat_setting files[LAT_TUNING_FILES] = {
    [LAT_TUNING_SCALE] = {.name = "tuning",
                          .kind = LAT_SETTING_FILE,
                          .prepare = lat_scale_prepare},
    [LAT_TUNING_KEYMAP] = {.name = "keymap",
                           .kind = LAT_SETTING_FILE,
                           .prepare = lat_keymap_prepare},
};

static enum lat_status
read_file(struct lat_control *c, enum lat_tuning_file which, const char *name,
          void **data, struct lat_error *error)
{
    struct lat_document *const d = lat_control_document(c);
    char *path = NULL;
    enum lat_status status = c->finder.find
                                 ? c->finder.find(c->finder.data, &files[which],
                                                  name, c->origin, &path, error)
                                 : LAT_OK;
    if (!status) {
        status = files[which].prepare(path ? path : name, c->rate, data, error);
    }
    free(d->tuning_path[which]);
    d->tuning_path[which] = path;
    return status;
}

enum lat_status
lat_control_set_tuning(struct lat_control *c, enum lat_tuning_file which,
                       const char *name, struct lat_error *error)
{
    struct lat_document *d = lat_control_document(c);
    char *copy = lat_strdup(name);
    if (!copy) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    free(d->tuning[which]);
    d->tuning[which] = copy;
    void *data = NULL;
    enum lat_status status =
        c->without_data ? LAT_OK : read_file(c, which, name, &data, error);
    if (status || !data) {
        return status;
    }
    if (!d->tuned) {
        d->tuned = lat_tuned_new(NULL, NULL);
    }
    if (!d->tuned) {
        free(data);
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    // Nobody else has it yet: the session comes first.
    if (which == LAT_TUNING_SCALE) {
        d->tuned->scale = data;
    } else {
        d->tuned->keymap = data;
    }
    return LAT_OK;
}
