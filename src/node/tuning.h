// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Tunings as the Scala archive has them: a scale (.scl) and a keyboard mapping
/// (.kbm).
///
/// Source: Manuel Op de Coul, "Scala scale file format" and "Keyboard
/// mappings", huygens-fokker.org/scala.
///
/// Pitches are semitones from middle C (MIDI 60, 261.6256 Hz); a key is a MIDI
/// note number, also below 0 and above 127.
#ifndef LAT_NODE_TUNING_H
#define LAT_NODE_TUNING_H

#include "base/rt.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Most notes of a scale, and keys of a mapping; most bytes of a file.
#define LAT_TUNING_NOTES 4096U
#define LAT_TUNING_BYTES 1048576U

/// A scale: degree 0 is 0, degree `n` is the period.
struct lat_scale {
    uint32_t n;
    double period;  ///< semitones; 0 where there are no notes
    double steps[]; ///< of degrees 0 to n - 1, semitones; in the file's order
};

/// A key that sounds nothing.
#define LAT_KEY_UNMAPPED INT32_MIN

/// A keyboard mapping.
struct lat_keymap {
    int32_t first, last; ///< keys that are retuned; others are as without it
    int32_t middle;      ///< the key of the pattern's first entry
    int32_t reference;   ///< the key of which the pitch is given
    double pitch;        ///< that pitch
    int32_t octave;      ///< degrees from one pattern to the next
    uint32_t n;          ///< entries; 0: one key is one degree
    int32_t degrees[];   ///< or LAT_KEY_UNMAPPED
};

/// Read what is in a file; @p name is for errors, which say its line and what
/// is wanted there.  What comes back is one piece, to be freed.  [any but
/// audio]
/// @return LAT_OK, LAT_EINVAL or LAT_ENOMEM.
enum lat_status
lat_scale_parse(const char *text, size_t size, const char *name,
                struct lat_scale **out, struct lat_error *error);
enum lat_status
lat_keymap_parse(const char *text, size_t size, const char *name,
                 struct lat_keymap **out, struct lat_error *error);

/// Read a file: `prepare` of a setting.  [any but audio]
enum lat_status
lat_scale_prepare(const char *path, double rate, void **data,
                  struct lat_error *error);
enum lat_status
lat_keymap_prepare(const char *path, double rate, void **data,
                   struct lat_error *error);

/// The pitch of @p key; between two keys, as far between their pitches.
/// @param scale   NULL: twelve equal semitones.
/// @param keymap  NULL: a key is a degree, and middle C is degree 0.
/// @return false, with @p pitch untouched: the key, or one of the two, is
///         unmapped.  [any]
LAT_RT bool
lat_tuning_pitch(const struct lat_scale *scale, const struct lat_keymap *keymap,
                 double key, double *pitch);

#endif // LAT_NODE_TUNING_H
