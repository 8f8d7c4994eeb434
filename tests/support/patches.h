// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Patches that tests of lanes and of the scheduler share.
#ifndef LAT_PATCHES_H
#define LAT_PATCHES_H

#include "rig.h"

typedef void (*patch_fn)(struct rig *r);

void
patch_voices(struct rig *r);
void
patch_layers(struct rig *r);
void
patch_chain(struct rig *r);
void
patch_sines(struct rig *r);
/// Cables that follow no order, sums of several, one source for many.
void
patch_tangle(struct rig *r);

/// A handful of live edits of patch_voices(), a function of @p turn.
void
patch_edit_voices(struct rig *r, int turn);

__attribute__((format(printf, 2, 3))) void
rig_say(struct rig *r, const char *format, ...);

/// Build in one transaction, so that nothing ramps.
void
rig_build(struct rig *r, patch_fn make);

/// A patch on one thread, in blocks of 64, in lanes or node by node.
struct rig
rig_of_patch(patch_fn make, const char *isa, bool without_lanes);

/// Fail unless the patch @p what sounds in lanes and in periods of any length
/// as it does node by node, to the bit, with every instruction set of this
/// machine.
void
rig_compare_patch(patch_fn make, uint32_t n_frames, const char *what);

/// What a tap hears last in 960 frames of the output `out` of a node.
float
rig_hear_tap(struct rig *r, const char *node);

/// Fail unless both recordings are the same, to the bit, and not silent.
void
rig_same_bits(const struct rig *a, const struct rig *b);

#endif // LAT_PATCHES_H
