// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The kernels for NEON.

#include "tables.h"

#if defined(__aarch64__)
# define KERNELS_TABLE lat_kernels_neon
# define KERNELS_ISA   LAT_ISA_NEON
# define KERNELS_NAME  "neon"
# include "kernels.inc"
#endif
