// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A journal, played again as `lattice render` does.
#ifndef LAT_REPLAY_H
#define LAT_REPLAY_H

#include "rig.h"

/// Play the journal @p path, of 48 kHz, with sessions in @p folder.  Whatever
/// fails in it fails the test.
/// @param n_frames  how much sounds.
struct rig
replay(const char *path, const char *folder, uint32_t block, uint32_t n_frames);

#endif // LAT_REPLAY_H
