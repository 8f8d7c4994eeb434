// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel tables that this build has.
#ifndef LAT_DSP_TABLES_H
#define LAT_DSP_TABLES_H

#include "node/kernels.h"

extern const struct lat_kernels lat_kernels_base;

#if defined(__x86_64__)
extern const struct lat_kernels lat_kernels_avx2;
extern const struct lat_kernels lat_kernels_avx512;
#elif defined(__aarch64__)
extern const struct lat_kernels lat_kernels_neon;
#endif

#endif // LAT_DSP_TABLES_H
