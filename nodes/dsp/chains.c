// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "kernel.h"

#include "filter_kinds.h"

#include "ops_lanes.inc"

#include "math.inc"

#include "filter_steps.inc"

#include "ops_end.inc"

#include "chains.inc"
