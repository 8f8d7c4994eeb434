// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sound files of tests, in a folder of their own.
#ifndef LAT_TEST_SOUND_FILES_H
#define LAT_TEST_SOUND_FILES_H

#include <stdint.h>

/// Make the folder and have recordings go there; and remove it.
void
sound_files_begin(void);
void
sound_files_end(void);

/// The path of a file in it; static, for the next four calls.
const char *
sound_path(const char *name);

/// What sound_write() writes at a frame: no two frames near each other are
/// equal, and none is silent.
float
sound_sample(uint32_t channel, uint32_t frame);

/// Write @p n frames as a float WAV.
void
sound_write(const char *name, double rate, uint32_t n_channels, uint32_t n);

/// All frames of a file, interleaved, to be freed.
float *
sound_read(const char *name, uint32_t *n_channels, uint32_t *n);

#endif // LAT_TEST_SOUND_FILES_H
