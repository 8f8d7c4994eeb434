// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A sound file under a few heads: pages of it, which a thread reads ahead of
/// them and from where the next start is.
///
/// A reader has two decks, so that one file fades into another.  An audio
/// thread gives a deck a file and takes it away; the disk's thread opens it,
/// fills its pages, and closes it.  A page that a head holds is never touched:
/// the head says that it holds it and then looks whether it still is the page
/// that it means; the thread takes its name away and then looks whether
/// anybody holds it.
///
/// Offline a page is read when a head asks for it, so it is never late.
#ifndef LAT_NODES_DISK_READER_H
#define LAT_NODES_DISK_READER_H

#include "file.h"
#include "wide.h"

#include <stdbool.h>

/// Frames of a page.
#define LAT_READER_PAGE 4096U

/// Frames around a page, for whoever looks between frames.
#define LAT_READER_BEFORE (LAT_WIDE_REACH - 1U)
#define LAT_READER_AFTER  LAT_WIDE_REACH

#define LAT_READER_DECKS 2U
#define LAT_READER_HEADS 4U

struct lat_disk_reader;

/// How a head moves on, for what is read ahead of it.
struct lat_disk_reader_wish {
    int64_t page;  ///< where it is
    int32_t way;   ///< 1, or -1 backwards; 0: it stands
    int64_t start; ///< page at which it starts next
    bool goes_round;
};

/// [control]
/// @return LAT_OK, LAT_ENOMEM or LAT_ESYSTEM.
enum lat_status
lat_disk_reader_new(struct lat_disk_reader **out);

/// Nobody runs what has it any more.  What it has is freed by the disk's
/// thread.  [control]
void
lat_disk_reader_free(struct lat_disk_reader *r);

/// Put @p file into a deck that has none.  Its n_held is counted up.
/// [audio, worker; one thread at a time, as all that follow]
/// @return false where the deck is not free yet.
LAT_RT bool
lat_disk_reader_load(struct lat_disk_reader *r, uint32_t deck,
                     struct lat_disk_file *file,
                     const struct lat_disk_reader_wish *wish);

/// Take the file out of a deck where it is, or failed; no head holds a page of
/// it.  [audio, worker]
LAT_RT void
lat_disk_reader_unload(struct lat_disk_reader *r, uint32_t deck);

enum lat_disk_reader_state {
    LAT_READER_FREE,
    LAT_READER_COMING, ///< its first pages are being read
    LAT_READER_HERE,
    LAT_READER_FAILED,
    LAT_READER_LEAVING,
};

/// How it is with a deck's file.  [audio, worker]
LAT_RT enum lat_disk_reader_state
lat_disk_reader_state(const struct lat_disk_reader *r, uint32_t deck);

/// [audio, worker]
LAT_RT void
lat_disk_reader_wish(struct lat_disk_reader *r, uint32_t deck,
                     const struct lat_disk_reader_wish *wish);

/// A page of a deck for head @p head, which lets go of the one that it held
/// there.  [audio, worker]
/// @return its left and right channel at [0] and [1], each pointing at the
///         page's first frame; NULL: it is not there.
LAT_RT const float *const *
lat_disk_reader_hold(struct lat_disk_reader *r, uint32_t deck, uint32_t head,
                     int64_t page);

/// Let go of what @p head holds.  [audio, worker]
LAT_RT void
lat_disk_reader_drop(struct lat_disk_reader *r, uint32_t deck, uint32_t head);

/// Frames of a deck's file, as far as is known: a file may have fewer than it
/// says.  [audio, worker; HERE]
LAT_RT int64_t
lat_disk_reader_length(const struct lat_disk_reader *r, uint32_t deck);

/// Frame @p i of a channel, near an end of the file; 0 elsewhere.  [audio,
/// worker; HERE]
LAT_RT float
lat_disk_reader_near_end(const struct lat_disk_reader *r, uint32_t deck,
                         uint32_t channel, int64_t i);

/// Count a time that what a head needed was not there.  [audio, worker]
LAT_RT void
lat_disk_reader_was_late(struct lat_disk_reader *r, uint32_t deck);

#endif // LAT_NODES_DISK_READER_H
