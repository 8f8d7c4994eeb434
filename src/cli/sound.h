// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound file that is written from its start to its end: 32-bit float WAV or
/// 24-bit FLAC, by its name.
///
/// The same samples give the same bytes.  How long it will be is known before,
/// so a WAV header is right from the start and the file can be a pipe.
/// All functions are [control].
#ifndef LAT_CLI_SOUND_H
#define LAT_CLI_SOUND_H

#include "base/status.h"

#include <stdint.h>

enum lat_sound_format {
    LAT_SOUND_WAV,
    LAT_SOUND_FLAC,
};

#define LAT_SOUND_FLAC_CHANNELS 8

/// The format that a file called @p path has.  "-", devices and pipes are WAV
/// unless they are called .flac.
/// @return LAT_OK, or LAT_EINVAL with a message.
enum lat_status
lat_cli_sound_format(const char *path, enum lat_sound_format *out,
                     struct lat_error *error);

struct lat_cli_sound;

/// Begin to write @p n_frames of @p n_channels (1 to 16383).  "-" is standard
/// output.
/// @return LAT_OK, LAT_ENOMEM, LAT_EINVAL (the format cannot hold that) or
///         LAT_ESYSTEM, with a message.
enum lat_status
lat_cli_sound_open(const char *path, enum lat_sound_format format, double rate,
                   uint32_t n_channels, uint64_t n_frames,
                   struct lat_cli_sound **out, struct lat_error *error);

/// Write @p n_frames; samples beyond what the format holds are cut.
/// @param channels  one buffer for each channel.
enum lat_status
lat_cli_sound_write(struct lat_cli_sound *s, float *const *channels,
                    uint32_t n_frames, struct lat_error *error);

/// Samples that were cut.
uint64_t
lat_cli_sound_n_cut(const struct lat_cli_sound *s);

/// All is written: put the file in its place, and free @p s.  On failure
/// nothing is left of it.
enum lat_status
lat_cli_sound_commit(struct lat_cli_sound *s, struct lat_error *error);

/// Leave no trace, and free @p s, which may be NULL.
void
lat_cli_sound_abort(struct lat_cli_sound *s);

#endif // LAT_CLI_SOUND_H
