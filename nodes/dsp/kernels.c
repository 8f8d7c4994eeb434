// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/kernels.h"

#include "tables.h"

#include <string.h>

const struct lat_kernels *
lat_kernels_get(enum lat_isa isa)
{
    switch (isa) {
    case LAT_ISA_BASELINE:
        return &lat_kernels_baseline;
#if defined(__x86_64__)
    case LAT_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                   ? &lat_kernels_avx2
                   : NULL;
    case LAT_ISA_AVX512:
        return __builtin_cpu_supports("fma") &&
                       __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512vl")
                   ? &lat_kernels_avx512
                   : NULL;
#elif defined(__aarch64__)
    case LAT_ISA_NEON:
        return &lat_kernels_neon;
#endif
    default:
        return NULL;
    }
}

const struct lat_kernels *
lat_kernels_best(void)
{
    for (int isa = LAT_N_ISAS - 1; isa > 0; isa--) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        if (kernels) {
            return kernels;
        }
    }
    return &lat_kernels_baseline;
}

const struct lat_kernels *
lat_kernels_find(const char *name)
{
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        if (kernels && !strcmp(kernels->name, name)) {
            return kernels;
        }
    }
    return NULL;
}
