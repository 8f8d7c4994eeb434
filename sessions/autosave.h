// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Keeping what plays, so that it plays again after anything.
///
/// A little after the first change that is not yet kept, the whole state is put
/// into text and written elsewhere, next to the last ones (autosave_folder.h).
/// A file ends with a line of its own: by it a whole one is known, whether it
/// was work that no session file has, and where the files lie that it names.
/// All functions are [control].
#ifndef LAT_SESSION_AUTOSAVE_H
#define LAT_SESSION_AUTOSAVE_H

#include "base/elsewhere.h"
#include "session.h"

struct lat_autosave;

/// Begin to keep what @p sessions hold, which must outlive it.
///
/// @param name  of the JACK client, as it was asked for.
/// @param elsewhere  where files are written; its calls must be over before
///                   lat_autosave_free(), but for those after
///                   lat_autosave_finish().
/// @return LAT_OK, also where nothing can be written yet: a warning says why,
///         and it is tried again; LAT_EEXIST when another lattice of that name
///         runs; LAT_ENOTFOUND, LAT_ENOMEM.
enum lat_status
lat_autosave_new(struct lat_sessions *sessions, const char *name,
                 const struct lat_elsewhere *elsewhere,
                 struct lat_autosave **out, struct lat_error *error);
void
lat_autosave_free(struct lat_autosave *a);

/// What was restored.
struct lat_restored {
    char file[512];
    double age_s; ///< since it was written
};

/// Put in force what played last, by the newest file that can be read; of
/// others a warning says what is wrong with them.  Without any nothing happens,
/// and out->file is "".
enum lat_status
lat_autosave_restore(struct lat_autosave *a, bool take_block,
                     void (*warn)(void *data, const char *line), void *data,
                     struct lat_restored *out, struct lat_error *error);

/// Write what is to be written.
void
lat_autosave_tick(struct lat_autosave *a);

/// When lat_autosave_tick() has something to do, in lat_now_ns().
uint64_t
lat_autosave_next_ns(const struct lat_autosave *a);

/// The end: write what is not yet kept, wait for the disk, and say what became
/// of work that no session file has.
/// @return LAT_OK; LAT_EIO or LAT_ENOMEM where such work is lost.
enum lat_status
lat_autosave_finish(struct lat_autosave *a);

#endif // LAT_SESSION_AUTOSAVE_H
