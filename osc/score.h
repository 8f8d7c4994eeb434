// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Scores: files of OSC bundles in SuperCollider's binary format.
///
/// A score is bundles, each behind its length in bytes as a big-endian int32.
/// Their time tags count from 0: seconds, and 2^-32 of them.  Any bytes may be
/// given to these functions.  All are [control].
#ifndef LAT_OSC_SCORE_H
#define LAT_OSC_SCORE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/// Latest time of a bundle: a year.
#define LAT_SCORE_MAX_S 31536000U

/// The first message of a journal: the version of its format, and the rate.
#define LAT_SCORE_JOURNAL         "/journal"
#define LAT_SCORE_JOURNAL_VERSION 2

struct lat_score_bundle {
    const uint8_t *packet; ///< borrowed from the score
    size_t size;
    uint64_t tag;
    uint64_t frame;  ///< once it was placed
    uint32_t number; ///< in the file, from 1 on
};

/// Zero it to start.
struct lat_score {
    uint8_t *bytes; ///< owned
    size_t size;
    struct lat_score_bundle *bundles; ///< owned
    uint32_t n, capacity;
    uint32_t journal_rate; ///< Hz; 0: it is no journal
    bool is_cut;           ///< a journal whose end is missing
};

/// Read a score to the end of @p stream.
///
/// @param name  of the file, for messages.
/// @return LAT_OK; LAT_EINVAL, with the number and the place of the bundle that
///         is wrong; LAT_EIO or LAT_ENOMEM.  On failure nothing is to be freed.
enum lat_status
lat_score_read(struct lat_score *out, FILE *stream, const char *name,
               struct lat_error *error);

/// The same for `bytes` that are there, and their `size`.  What there is then
/// is to be freed in any case.
enum lat_status
lat_score_parse(struct lat_score *s, const char *name, struct lat_error *error);
void
lat_score_fini(struct lat_score *s);

/// The frame of a tag at @p rate Hz, rounded half up; that of "now" is 0.
uint64_t
lat_score_frame(uint64_t tag, uint32_t rate);

/// The tag whose frame that is.
uint64_t
lat_score_tag(uint64_t frame, uint32_t rate);

/// Give each bundle its frame, and sort them: those of one frame stay in the
/// order of the file.
void
lat_score_place(struct lat_score *s, uint32_t rate);

/// Seconds of a tag.
double
lat_score_seconds(uint64_t tag);

#endif // LAT_OSC_SCORE_H
