// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Sound on its way to disk: an audio thread puts frames into a ring, the
/// disk's thread writes them to a file.
///
/// What finds no room is counted, and is silence in the file, so that what
/// follows stays in time.  A file is valid up to the last second but one while
/// it is written.  None that exists is overwritten: NAME.wav becomes
/// NAME-2.wav.
#ifndef LAT_NODES_DISK_RECORDING_H
#define LAT_NODES_DISK_RECORDING_H

#include "base/rt.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/// Most bytes of a file's name, with its NUL.
#define LAT_RECORDING_NAME_MAX 240U

/// Most channels of a recording; FLAC has 8.
#define LAT_RECORDING_CHANNELS 64U

// --- Names -------------------------------------------------------------------

/// @p name is the folder for recordings, to be made when it is needed.  Before
/// any recording.  NULL: there is none, and every recording fails.  [control]
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_recording_set_folder(const char *name);

/// Can this be the name of a recording: .wav or .flac, inside of the folder?
/// Matches lat_setting's `check`.  [any but audio]
enum lat_status
lat_recording_check_name(const char *name, struct lat_error *error);

// --- Recordings --------------------------------------------------------------

struct lat_recording;

/// @param n_channels  1 to LAT_RECORDING_CHANNELS.  [control]
/// @return LAT_OK, LAT_ENOMEM or LAT_ESYSTEM.
enum lat_status
lat_recording_new(double rate, uint32_t n_channels, struct lat_recording **out);

/// No audio thread has it any more.  What is in the ring is written, and the
/// file is closed, by the disk's thread; nobody waits.  NULL is none.
/// [control]
void
lat_recording_free(struct lat_recording *r);

/// Begin a file of this name in the folder for recordings.  One that is being
/// written ends.  [audio, worker]
/// @return false where there is no room yet: try again in the next frame.
LAT_RT bool
lat_recording_begin(struct lat_recording *r, const char *name);

/// Add @p n frames.  [audio, worker]
/// @param channels  of these samples, one for each; NULL: silence.
/// @param steps  of each: 1, or 0 where all samples are the first; NULL: 1.
LAT_RT void
lat_recording_add(struct lat_recording *r, const float *const *channels,
                  const uint32_t *steps, uint32_t n);

/// The file ends.  [audio, worker]
/// @return false where there is no room yet: try again in the next frame.
LAT_RT bool
lat_recording_end(struct lat_recording *r);

// --- Those that begin with the control thread --------------------------------

/// Begin with a file at @p path, before audio adds anything.  [control]
/// @param[out] taken  the path that was free, to be freed.
/// @return LAT_OK, LAT_ENOMEM, LAT_EINVAL, or LAT_ESYSTEM with a message.
enum lat_status
lat_recording_begin_at(struct lat_recording *r, const char *path, char **taken,
                       struct lat_error *error);

/// From now on, keep what was added in the last @p frames, in memory.  Before
/// audio adds anything.  [control]
void
lat_recording_keep(struct lat_recording *r, uint64_t frames);

/// Write the last @p frames of what is kept to a new file in the folder for
/// recordings, named by date and time.  That goes on after the return.
/// [control]
/// @param[out] taken  its path, to be freed.
/// @return LAT_OK, LAT_ENOMEM, LAT_EFULL where one is being written, or
///         LAT_ESYSTEM with a message.
enum lat_status
lat_recording_write_last(struct lat_recording *r, uint64_t frames, char **taken,
                         struct lat_error *error);

#endif // LAT_NODES_DISK_RECORDING_H
