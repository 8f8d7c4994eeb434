// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The kernels for what every machine of this architecture can do.

#include "tables.h"

#define KERNELS_TABLE lat_kernels_base
#define KERNELS_ISA   LAT_ISA_BASELINE
#define KERNELS_NAME  "baseline"
#include "kernels.inc"
