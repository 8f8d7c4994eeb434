// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The kernels for AVX-512 with its F, DQ, BW and VL parts.

#include "tables.h"

#if defined(__x86_64__)
# if !defined(__AVX512F__) || !defined(__AVX512DQ__) ||                        \
     !defined(__AVX512BW__) || !defined(__AVX512VL__)
#  error "compile this file with -mavx512f -mavx512dq -mavx512bw -mavx512vl"
# endif
# define KERNELS_TABLE lat_kernels_avx512
# define KERNELS_ISA   LAT_ISA_AVX512
# define KERNELS_NAME  "avx512"
# include "kernels.inc"
#endif
