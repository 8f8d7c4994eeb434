// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Files of messages, for `lattice send --file`.
///
/// One message a line, as on a command line: PATH and arguments between blanks;
/// quotes keep blanks in an argument.  `#` at the beginning of a word begins a
/// comment.  Lines between `{` and `}` are a bundle.  `@S` in front of a
/// message or a `{` is its time, S seconds after the beginning of the run,
/// `+S` that of the line with a time before it and S seconds more.  Lines with
/// times that follow each other are a run.
///
/// A binary score of SuperCollider's (a 32-bit size, then a bundle, again and
/// again) is one run; its tags count from 0.
///
/// All functions are [control].
#ifndef LAT_OSC_SCRIPT_H
#define LAT_OSC_SCRIPT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A message to be sent by itself, or a bundle.
struct lat_osc_step {
    uint32_t line; ///< where it begins, from 1; of a score: which bundle
    char **words;  ///< of a message without a time: path and arguments
    uint32_t n_words;
    uint8_t *packet; ///< of all others: a bundle, its tag to be filled in
    size_t size;
    uint32_t *lines; ///< of the messages of a bundle in text
    uint32_t n_lines;
    bool is_timed;
    double at_s; ///< seconds after the beginning of the run
};

struct lat_osc_script {
    struct lat_osc_step *steps;
    uint32_t n, capacity;
    bool is_score;
};

/// Most bytes that a file may have.
#define LAT_OSC_SCRIPT_MAX (64U << 20U)

/// Read all of it.
///
/// @param name   of the file, for errors.
/// @param[out] out  to be given to lat_osc_script_fini(); untouched on failure.
/// @return LAT_OK; LAT_EINVAL with "FILE:LINE: what is wrong"; LAT_ENOMEM.
enum lat_status
lat_osc_script_read(const char *name, const void *bytes, size_t size,
                    struct lat_osc_script *out, struct lat_error *error);
void
lat_osc_script_fini(struct lat_osc_script *s);

#endif // LAT_OSC_SCRIPT_H
