// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What has no state: arithmetic, gain and pan.

#include "kernel.h"

enum arithmetic { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MINIMUM, OP_MAXIMUM };

#define FAMILY "mixing.inc"
#include "family.inc"
