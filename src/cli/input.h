// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound file that feeds audio_in, at the engine's rate.
///
/// The file is read and resampled in pieces of a fixed size, so that the
/// samples do not depend on how many are asked for at a time.
/// All functions are [control].
#ifndef LAT_CLI_INPUT_H
#define LAT_CLI_INPUT_H

#include "base/status.h"

#include <stdint.h>

struct lat_cli_input;

/// Open the sound file @p path.
/// @return LAT_OK, LAT_ENOMEM, or LAT_EINVAL with a message.
enum lat_status
lat_cli_input_open(const char *path, double rate, struct lat_cli_input **out,
                   struct lat_error *error);

void
lat_cli_input_close(struct lat_cli_input *in);

/// Channels of the file.
uint32_t
lat_cli_input_channels(const struct lat_cli_input *in);

/// Read the next @p n_frames; beyond the end there is silence.
/// @param channels  @p n_channels buffers; those that the file lacks get
///                  silence.
void
lat_cli_input_read(struct lat_cli_input *in, float *const *channels,
                   uint32_t n_channels, uint32_t n_frames);

#endif // LAT_CLI_INPUT_H
