// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The inner loops that are compiled once per instruction set.
///
/// nodes/dsp/kernels.inc holds one source for all; nodes/dsp/kernels_*.c
/// compile it for a baseline, AVX2, AVX-512 (x86-64) or NEON (arm64).  All give
/// the same bits.  One table is chosen at start.
#ifndef LAT_KERNELS_H
#define LAT_KERNELS_H

#include "node.h"

enum lat_kernel {
    LAT_KERNEL_NONE,
    LAT_KERNEL_ADD,
    LAT_KERNEL_SUBTRACT,
    LAT_KERNEL_MULTIPLY,
    LAT_KERNEL_DIVIDE,
    LAT_KERNEL_MIN,
    LAT_KERNEL_MAX,
    LAT_KERNEL_GAIN,
    LAT_KERNEL_PAN,
    LAT_KERNEL_SINE,
    LAT_KERNEL_SAW,
    LAT_KERNEL_SQUARE,
    LAT_KERNEL_TRIANGLE,
    LAT_KERNEL_PULSE,
    LAT_KERNEL_IMPULSE,
    LAT_KERNEL_LOWPASS,
    LAT_KERNEL_HIGHPASS,
    LAT_KERNEL_BANDPASS,
    LAT_KERNEL_NOTCH,
    LAT_KERNEL_ONEPOLE,
    LAT_KERNEL_ADSR,
    LAT_N_KERNELS,
};

enum lat_isa {
    LAT_ISA_BASELINE,
    LAT_ISA_AVX2,
    LAT_ISA_AVX512,
    LAT_ISA_NEON,
    LAT_N_ISAS,
};

/// One term of a sum: row r of the source is source[r * step], scaled.
struct lat_term {
    const float *source;
    uint32_t step; ///< 1, or 0: constant, only source[0] is valid
    float amount;  ///< 1 costs nothing
};

struct lat_kernels {
    enum lat_isa isa;
    const char *name; ///< as --isa takes it: baseline, avx2, avx512, neon
    /// For one node, and for LAT_LANES nodes; NULL where there is none.
    lat_process_fn process[LAT_N_KERNELS];
    lat_process_fn process_lanes[LAT_N_KERNELS];

    /// out[f] = sum of the terms, in the fixed association of sum.inc.
    void (*sum)(float *out, const struct lat_term *terms, uint32_t n_terms,
                uint32_t n_frames);
    /// Index of the first NaN or infinity among @p n samples, or n.
    uint32_t (*first_bad)(const float *samples, uint32_t n);
};

/// The table for @p isa, or NULL where this machine cannot run it.  [any]
const struct lat_kernels *
lat_kernels_get(enum lat_isa isa);

/// The best table of this machine.  [any]
const struct lat_kernels *
lat_kernels_best(void);

/// The table called @p name, or NULL.  [any]
const struct lat_kernels *
lat_kernels_find(const char *name);

#endif // LAT_KERNELS_H
