// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a session holds besides nodes and cables: lines that are kept as text,
/// to be checked by whoever understands them, comments, and what a newer
/// lattice wrote.
///
/// All functions are [control].
#ifndef LAT_GRAPH_DOCUMENT_H
#define LAT_GRAPH_DOCUMENT_H

#include "base/status.h"
#include "model.h"
#include "node/tuned.h"

#include <stdint.h>

/// A line of a section that is kept as text: [jack], [map], [osc].
struct lat_line {
    char *key;     ///< "connect", "map", "feedback"
    char *text;    ///< the value as it stands in the file
    char *comment; ///< lines above it, or NULL
    struct lat_line *next;
};

enum lat_sync {
    LAT_SYNC_OWN,
    LAT_SYNC_JACK,
    LAT_SYNC_MIDI,
    LAT_N_SYNCS,
};

/// Files that the tuning of a session is made of.
enum lat_tuning_file {
    LAT_TUNING_SCALE,
    LAT_TUNING_KEYMAP,
    LAT_TUNING_FILES,
};

/// What a session calls them.
extern const char *const lat_sync_words[LAT_N_SYNCS];
extern const char *const lat_tuning_words[LAT_TUNING_FILES];

/// A cable to or from a port that is not known, as it stands in the file.
struct lat_loose_cable {
    uint32_t src, dst; ///< serials of its nodes, or 0 where there is none
    struct lat_line *line;
    struct lat_loose_cable *next;
};

/// What a file of a newer lattice has that is not known, to be written back.
/// Its nodes are placeholders in the graph; unknown keys of nodes are in their
/// comments.
struct lat_unknown {
    uint32_t format;       ///< of the file, or 0 when it is not newer
    char *made_by;         ///< or NULL
    struct lat_line *keys; ///< SECTION/KEY, of the sections that are known
    /// The others: a line with the key "" and the section's name, then its
    /// own.
    struct lat_line *sections;
    struct lat_line *last_key, *last_section; ///< or NULL
    struct lat_loose_cable *cables;
};

/// What a session holds besides nodes and cables.
struct lat_document {
    uint32_t block; ///< of the file, or 0 when it does not say
    enum lat_sync sync;
    char *tuning[LAT_TUNING_FILES];      ///< as they were named, or NULL
    char *tuning_path[LAT_TUNING_FILES]; ///< where they lie, or NULL
    struct lat_tuned *tuned;             ///< held; NULL: equal semitones
    struct lat_line *jack, *map, *osc;
    struct lat_unknown unknown;
    /// Comments of [session] and [transport] keys ("session/format",
    /// "transport/tempo"), of sections ("cables/", "jack/"), and of the file's
    /// end ("end/"): keys are SECTION/KEY.
    struct lat_comment *comments;
};

/// Append a line to the end of @p list, which owns it; texts are copied,
/// @p comment may be NULL.  @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_line_append(struct lat_line **list, const char *key, const char *text,
                const char *comment);
void
lat_lines_free(struct lat_line **list);
void
lat_comments_free(struct lat_comment **list);
void
lat_loose_cables_free(struct lat_loose_cable **list);

/// May nodes send to @p address, HOST:PORT?  To this machine always; else where
/// a line `send = HOST[:PORT]` of the session's [osc] says so.
bool
lat_document_may_send(const struct lat_document *d, const char *address);

/// Free what it holds, and empty it.
void
lat_document_free(struct lat_document *d);

#endif // LAT_GRAPH_DOCUMENT_H
