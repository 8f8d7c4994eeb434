// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A MIDI message as people read it: `note on c4 100 ch 1`.
#ifndef LAT_CLI_MIDI_WORDS_H
#define LAT_CLI_MIDI_WORDS_H

#include <stddef.h>
#include <stdint.h>

/// Write what @p data, of @p size bytes, says; with the final NUL, cut to
/// @p out_size.  [any]
void
lat_midi_words(const uint8_t *data, uint32_t size, char *out, size_t out_size);

#endif // LAT_CLI_MIDI_WORDS_H
