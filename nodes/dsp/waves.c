// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kernel.h"

#include "edge_shape.h"

enum wave { WAVE_SAW, WAVE_SQUARE, WAVE_TRIANGLE, WAVE_PULSE };

#define FAMILY "waves.inc"
#include "family.inc"
