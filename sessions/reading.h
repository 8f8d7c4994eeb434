// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Reading a session file whole, and putting it in force.
/// All functions are [control].
#ifndef LAT_SESSION_READING_H
#define LAT_SESSION_READING_H

#include "apply.h"
#include "session_state.h"

/// A file as it was read, on its way into force.
struct reading {
    struct lat_sessions *sessions;
    const char *file_name; ///< what messages call it
    const char *path;      ///< where it lies, or NULL: nowhere
    bool is_from_far;      ///< whoever asks may not know what is in the file
    const char *part;
    bool takes_block;
    void (*warn)(void *data, const char *line);
    void *data;
    struct lat_error *error;
    struct lat_draft draft;
    struct lat_draft_head head;
};

/// Read a draft.  @return LAT_OK also where it has errors, as long as there is
/// sense in looking for more of them; else the draft is freed.
enum lat_status
lat_reading_read(struct reading *r, FILE *stream);

/// Put the draft in force, and free it.
enum lat_status
lat_reading_apply(struct reading *r);

/// Both, of a text that is there; @p n is not 0.
enum lat_status
lat_reading_take(struct reading *r, char *text, size_t n);

#endif // LAT_SESSION_READING_H
