// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The kernels for AVX2.

#include "tables.h"

#if defined(__x86_64__)
# if !defined(__AVX2__)
#  error "compile this file with -mavx2"
# endif
# define KERNELS_TABLE lat_kernels_avx2
# define KERNELS_ISA   LAT_ISA_AVX2
# define KERNELS_NAME  "avx2"
# include "kernels.inc"
#endif
