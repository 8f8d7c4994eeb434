// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of session.h share; nobody else includes this.
/// All functions are [control].
#ifndef LAT_SESSION_SESSION_STATE_H
#define LAT_SESSION_SESSION_STATE_H

#include "awaited.h"
#include "file_finder.h"
#include "problems.h"
#include "session.h"
#include "store.h"

/// NAME.ini
#define LEAF_MAX (LAT_SESSION_NAME_MAX + 8)

struct lat_autosave;

/// The whole state as text: see kept.h.
struct lat_kept {
    char *text; ///< NULL: none
    size_t length;
};

/// What is loaded and no file of ours.
struct lat_nameless {
    const char *what; ///< as in "loaded WHAT"
    const char *why;  ///< there is no name to save under
};

struct lat_sessions {
    struct lat_control *control;
    char *folder;   ///< or NULL: nobody knows the user's home
    char *examples; ///< where the installed ones lie, or NULL
    char *file;     ///< that was loaded last, absolute, or NULL
    char *loaded;   ///< absolute path through no links, or NULL
    bool is_saved;  ///< the loaded file was written by us
    const struct lat_nameless *nameless; ///< why it has no name, or NULL
    bool is_managed;                     ///< a session manager has the say
    char *project;      ///< the file of its project, through no links, or NULL
    uint64_t n_changes; ///< since the start
    uint64_t n_saves;   ///< since the start
    uint64_t n_saved;   ///< of them, those that the file has
    uint64_t since_ns;  ///< when the first came that is not kept yet, or 0
    struct lat_autosave *autosave; ///< or NULL
    struct lat_kept unsaved;       ///< what another session took the place of
    uint32_t block;                ///< what a session gets that does not say
    bool wants_heard;
    lat_pattern_judge_fn judge;   ///< of patterns of feedback, or NULL
    struct lat_finder finder;     ///< of files that settings name
    struct lat_awaited awaited;   ///< lines whose data is on its way
    struct lat_problems problems; ///< of the last file
    char *file_name;              ///< what messages call it
    char *text;                   ///< of the last pipe, or NULL
    size_t text_length;
    bool has_text;           ///< to be read in place of the pipe
    lat_save_guard_fn guard; ///< of files that are saved to, or NULL
    void *guard_data;
    void (*collect)(void *data);
    void (*note)(void *data);
    void *collect_data;
};

static inline enum lat_status
no_memory(struct lat_error *error)
{
    return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
}

static inline bool
is_changed(const struct lat_sessions *s)
{
    return s->n_changes != s->n_saved;
}

/// Is what plays work that no session file has?
static inline bool
is_unsaved(const struct lat_sessions *s)
{
    return is_changed(s) && lat_control_graph(s->control)->n_nodes > 0;
}

/// Note what is loaded now.
/// @param path  is taken over; where it is NULL, @p nameless says why.
void
lat_sessions_remember(struct lat_sessions *s, char *path,
                      const struct lat_nameless *nameless, bool is_saved);

/// What plays is to be kept soon.
void
lat_sessions_keep_soon(struct lat_sessions *s);

/// What is no session's file, or not yet, finds files where sessions are.
void
lat_sessions_begin_in_folder(struct lat_sessions *s);

#endif // LAT_SESSION_SESSION_STATE_H
