// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Names of notes: a4, eb3, F#2.
#ifndef LAT_NODE_NOTE_H
#define LAT_NODE_NOTE_H

#include <stdbool.h>

/// Read a note with its octave: a letter a to g in any case, `#` or `b` or
/// neither, an octave from -1 to 9; c4 is 0, a4 is 9.  [any]
/// @return false, with @p semitones_from_c4 untouched, for anything else.
bool
lat_note_from_text(const char *text, double *semitones_from_c4);

#endif // LAT_NODE_NOTE_H
