// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Effects on the bench: what they are fed, and what can be said of what they
/// make of it.
#ifndef LAT_EFFECTS_H
#define LAT_EFFECTS_H

#include "rig.h"

#define EFFECTS_RATE 48000.0

/// A patch in one transaction, so that nothing ramps; its sound is what comes
/// to the one channel of `main`, whose limiter is off.
struct rig
effects_rig(uint32_t block, const char *commands);

/// The amplitude of a tone of @p hz in @p n frames, whole turns of it.
double
effects_tone(const float *x, uint32_t n, double hz);

/// What is in @p n frames besides their mean and the harmonics of @p hz, in dB
/// of the fundamental, within @p low to @p high Hz; a Blackman-Harris window
/// over @p n, a power of two.
/// @param n_harmonics  0: all; 1: what is beside the fundamental alone
double
effects_residue_db(const float *x, uint32_t n, double hz, double low,
                   double high, uint32_t n_harmonics);

/// The click figure of frame @p at: the largest second difference in 16 frames
/// around it over the largest of the 64 frames to either side.
double
effects_click(const float *x, uint32_t at);

/// Fail unless @p commands, played with @p turns one after the other, a line
/// each 1500 frames, give the same bits at blocks of 1, 16, 64 and 1000.
void
effects_same_bits(const char *commands, const char *const *turns,
                  uint32_t n_turns);

#endif // LAT_EFFECTS_H
