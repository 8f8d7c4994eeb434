// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Session files: INI in, INI out, through the commands of control.h.
///
/// Only this folder knows inih.  Reading applies all of a file or nothing.
/// Writing is atomic (temporary file, fsync, rename), deterministic, and keeps
/// comments.  All functions are [control].
#ifndef LAT_SESSION_H
#define LAT_SESSION_H

#include "control/control.h"

#include <stdio.h>

/// Where sessions live and which one is loaded.
struct lat_sessions;

/// Files that saving left behind when it was killed are removed.
///
/// @param folder  --session-dir, or NULL for $XDG_DATA_HOME/lattice/sessions
///                (created when first written to).  Where nobody knows the
///                user's home there is none, and sessions have no names.
enum lat_status
lat_sessions_new(struct lat_control *control, const char *folder,
                 struct lat_sessions **out);
void
lat_sessions_free(struct lat_sessions *s);

/// The session folder's path, or NULL.
const char *
lat_sessions_folder(const struct lat_sessions *s);

/// Path of the file that /session/save writes without NAME, or NULL: there is
/// none for what was read from a pipe, and for an example.
const char *
lat_sessions_loaded(const struct lat_sessions *s);

/// How often it was saved since the start.
uint64_t
lat_sessions_n_saves(const struct lat_sessions *s);

/// The name of the loaded file without ".ini", or "" where there is none.
/// @return @p buffer.
const char *
lat_sessions_name(const struct lat_sessions *s, char *buffer, size_t size);

/// Path of the file that lat_sessions_open() read last, an example too, or
/// NULL: nothing else is to be written there.
const char *
lat_sessions_file(const struct lat_sessions *s);

/// Has anything that a file holds been changed since the session was loaded,
/// saved or begun?  What is played (notes, gates, the position) is none of it.
bool
lat_sessions_is_changed(const struct lat_sessions *s);

/// Is there work that no session file has: what plays, or what another session
/// took the place of and could not be written?
bool
lat_sessions_has_unsaved(const struct lat_sessions *s);

/// Something else is played this time: what played last is kept with the
/// unsaved work if no session file has it, and stays what is restored until
/// this one has written something itself.
void
lat_sessions_set_aside(struct lat_sessions *s);

/// Something was changed that no command of the control does: connections.
void
lat_sessions_touch(struct lat_sessions *s);

/// Where the installed examples lie; there is a default.
enum lat_status
lat_sessions_set_examples(struct lat_sessions *s, const char *folder);

/// Look for files that settings name in @p folder, too, after the folder of the
/// session and those that were added before.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_sessions_add_sample_dir(struct lat_sessions *s, const char *folder);

/// Say in the log what could not be had, with file and line where a session
/// asked for it.
void
lat_sessions_unprepared(const struct lat_sessions *s,
                        const struct lat_unprepared *what);

/// Warn also of nodes that nobody hears; not at first.
void
lat_sessions_want_heard(struct lat_sessions *s, bool is_wanted);

/// May a session be saved to @p path?
/// @return LAT_OK, or another status with the reason in @p error.
typedef enum lat_status (*lat_save_guard_fn)(void *data, const char *path,
                                             struct lat_error *error);

/// Ask @p guard before each save from now on; neither is a file written to any
/// more that was only loaded.
void
lat_sessions_guard(struct lat_sessions *s, lat_save_guard_fn guard, void *data);

/// Can @p pattern of a line `feedback = HOST:PORT PATTERN` mean anything?
/// @return false with the reason in @p error.
typedef bool (*lat_pattern_judge_fn)(const char *pattern,
                                     struct lat_error *error);

/// Refuse sessions with patterns that @p judge does, from now on; NULL: none.
void
lat_sessions_judge_patterns(struct lat_sessions *s, lat_pattern_judge_fn judge);

/// Load SESSION of the command line: a path, which may lead to a pipe, "-" for
/// standard input, or, without '/' and if no such file is there, a name in the
/// session folder or of an example.
///
/// @param warn  hears of warnings ("FILE:LINE: warning: …"); may be NULL.
/// @param[out] error  "FILE:LINE: …": the first error of the file, and how
///             many more there are; see lat_sessions_problems().
enum lat_status
lat_sessions_open(struct lat_sessions *s, const char *session, bool take_block,
                  void (*warn)(void *data, const char *line), void *data,
                  struct lat_error *error);

/// Call @p each with every error and warning of the file that was read last, in
/// the order of lines: "FILE:LINE: [warning: ]…".  Nothing of a file with an
/// error is applied.
/// @return the number of errors.
size_t
lat_sessions_problems(const struct lat_sessions *s,
                      void (*each)(void *data, const char *line, bool is_error),
                      void *data);

/// What was read from the pipe that was opened last, to free(), or NULL: a pipe
/// cannot be read twice.
char *
lat_sessions_take_text(struct lat_sessions *s, size_t *length);
/// Let the next lat_sessions_open() read @p text in place of a pipe.  It is
/// taken over; NULL does nothing.
void
lat_sessions_give_text(struct lat_sessions *s, char *text, size_t length);

/// What stands for the work that another session took the place of; no session
/// can be saved under this name.
#define LAT_SESSION_AUTOSAVE "autosave"

// By NAME inside the session folder, as OSC does.  A NAME with '/' or a leading
// '.' is refused, and a link that leads out of the folder.  Reading finds the
// installed examples too.  Errors show nothing of a file that is no session.
// Work that no file has is kept when another session takes its place.

enum lat_status
lat_sessions_load(struct lat_sessions *s, const char *name,
                  struct lat_error *error);
/// Write to NAME, or over the loaded file when NAME is NULL.  Saving over
/// another session than the loaded one needs @p overwrite.
enum lat_status
lat_sessions_save(struct lat_sessions *s, const char *name, bool overwrite,
                  struct lat_error *error);
/// Add a session's nodes and cables as PART.NODE.
enum lat_status
lat_sessions_import(struct lat_sessions *s, const char *name, const char *part,
                    struct lat_error *error);
/// Empty everything; no session is loaded.
enum lat_status
lat_sessions_new_session(struct lat_sessions *s, struct lat_error *error);
/// Call @p each with every session name, sorted.
enum lat_status
lat_sessions_list(struct lat_sessions *s,
                  void (*each)(void *data, const char *name), void *data,
                  struct lat_error *error);

/// Call @p each with what a sampler's `sample` can be, in the order in which
/// folders are looked through, by name in each: sound files (@p n is 1), and
/// folders with so many.
enum lat_status
lat_sessions_sounds(const struct lat_sessions *s,
                    void (*each)(void *data, const char *name, uint32_t n),
                    void *data, struct lat_error *error);

/// Called before writing, to bring document->jack up to date with the
/// connections that are present: @p collect may wait for them, @p note is for
/// autosaves and does not.  Both may be NULL.
void
lat_sessions_set_collect(struct lat_sessions *s, void (*collect)(void *data),
                         void (*note)(void *data), void *data);

/// The whole state as a text, with the folder in which its files lie, for
/// lat_sessions_read_whole().
/// @param[out] text  to free(); ends without a NUL that counts.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_sessions_write_whole(const struct lat_sessions *s, char **text,
                         size_t *length);

/// Put such a text, or one of a session file, in force in the place of
/// everything; it has no session's name.
/// @param name  what messages call it.
enum lat_status
lat_sessions_read_whole(struct lat_sessions *s, const char *text, size_t length,
                        const char *name, bool take_block,
                        struct lat_error *error);

/// Read a session from a stream through control's commands; the caller opened
/// the transaction.  @p file_name is for messages.  For tests and fuzzers.
enum lat_status
lat_session_read(struct lat_control *control, FILE *stream,
                 const char *file_name, const char *part,
                 void (*warn)(void *data, const char *line), void *data,
                 struct lat_error *error);

/// Write the present state as text.
enum lat_status
lat_session_write(struct lat_control *control, FILE *stream);

#endif // LAT_SESSION_H
