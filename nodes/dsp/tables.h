// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel tables that this build has.
#ifndef LAT_DSP_TABLES_H
#define LAT_DSP_TABLES_H

#include "node/kernels.h"

#define KERNELS_TABLE_(isa) lat_kernels_##isa
#define KERNELS_TABLE(isa)  KERNELS_TABLE_(isa)

extern const struct lat_kernels KERNELS_TABLE(baseline);

#if defined(__x86_64__)
extern const struct lat_kernels KERNELS_TABLE(avx2);
extern const struct lat_kernels KERNELS_TABLE(avx512);
#elif defined(__aarch64__)
extern const struct lat_kernels KERNELS_TABLE(neon);
#endif

#endif // LAT_DSP_TABLES_H
