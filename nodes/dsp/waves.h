// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What is to be known before wave_places.inc: the waves of straight lines, and
/// what makes them band-limited.
#ifndef LAT_DSP_WAVES_H
#define LAT_DSP_WAVES_H

#include "edges.h"

enum wave { WAVE_SAW, WAVE_SQUARE, WAVE_TRIANGLE, WAVE_PULSE };

#endif // LAT_DSP_WAVES_H
