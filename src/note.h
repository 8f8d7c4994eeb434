// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Names of notes.
#ifndef LAT_NOTE_H
#define LAT_NOTE_H

#include <stdbool.h>

/// Read all of @p text as the name of a note: a letter from a to g in any case,
/// `#` or `b` or neither, an octave from -1 to 9.  c4 is middle C.  [any]
///
/// @param[out] semitones_from_c4  0 for c4, 9 for a4.
/// @return false, with the number untouched, if it is anything else.
bool
lat_note_from_text(const char *text, double *semitones_from_c4);

#endif // LAT_NOTE_H
