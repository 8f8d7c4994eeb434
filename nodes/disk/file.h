// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound file that is read while it plays: open, and known, but in no memory.
///
/// Whoever plays it has a decoder of its own over the one descriptor, so all
/// read where they like, and go on with what they opened when another file
/// takes its name.
#ifndef LAT_NODES_DISK_FILE_H
#define LAT_NODES_DISK_FILE_H

#include "base/rt.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdint.h>

struct lat_disk_file {
    uint64_t id;    ///< that no other has or had
    uint64_t place; ///< a number of its path
    int fd;
    int64_t n_frames;    ///< as it says, 1 or more
    uint32_t n_channels; ///< 1 or more
    double rate;         ///< frames a second
    _Atomic uint32_t n_held;
    char path[]; ///< for messages
};

/// Matches lat_setting's `prepare`.  [any thread but audio]
enum lat_status
lat_disk_file_open(const char *path, double rate, void **out,
                   struct lat_error *error);

/// Matches lat_setting's `forget`: it is closed when nobody holds it any more.
/// [any thread but audio]
void
lat_disk_file_release(void *file);

/// [audio, worker; who knows that somebody else holds it]
LAT_RT static inline void
lat_disk_file_hold(struct lat_disk_file *f)
{
    atomic_fetch_add_explicit(&f->n_held, 1, memory_order_relaxed);
}

struct lat_decoder;

/// A decoder at frame 0.  [any thread but audio]
/// @param f  borrowed; held by the caller for as long as this lives.
/// @return LAT_OK, LAT_ENOMEM, or LAT_EINVAL with a message.
enum lat_status
lat_decoder_new(const struct lat_disk_file *f, struct lat_decoder **out,
                struct lat_error *error);

/// [any thread but audio]
void
lat_decoder_free(struct lat_decoder *d);

/// Read frames @p first to @p first + @p n; what lies outside of the file, and
/// what is no number, is 0.  Of more channels than two the first two are read.
/// [any one thread but audio]
///
/// @param[out] channels  of @p n samples each; [1] is not touched where there
///                       is one channel only.
/// @return the frame behind the last one that there was, or @p first where
///         there was none.
int64_t
lat_decoder_read(struct lat_decoder *d, int64_t first, uint32_t n,
                 float *const channels[2]);

#endif // LAT_NODES_DISK_FILE_H
