// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The tuning of a session: what keys and the names of notes mean where nothing
/// else says so.  Counted: the session has it, and every configuration that was
/// made under it.
///
/// All functions are [control] but lat_tuned_pitch().
#ifndef LAT_NODE_TUNED_H
#define LAT_NODE_TUNED_H

#include "tuning.h"

struct lat_tuned {
    struct lat_scale *scale;   ///< or NULL: equal semitones
    struct lat_keymap *keymap; ///< or NULL: a key is a degree
    uint32_t refs;
};

/// @param scale, keymap  its own from now on, also on failure.
/// @return NULL: there is no memory.
struct lat_tuned *
lat_tuned_new(struct lat_scale *scale, struct lat_keymap *keymap);

/// One more has it; NULL does nothing.  @return @p t.
struct lat_tuned *
lat_tuned_hold(struct lat_tuned *t);
void
lat_tuned_release(struct lat_tuned *t);

/// The pitch of the key that is @p semitones above middle C, in semitones; with
/// @p t NULL, these.  [any]
/// @return false, with @p pitch untouched: it is unmapped.
LAT_RT bool
lat_tuned_pitch(const struct lat_tuned *t, double semitones, double *pitch);

#endif // LAT_NODE_TUNED_H
