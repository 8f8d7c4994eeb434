// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The table of the kernels, for the instruction set that this is compiled for.

#include "names.h"
#include "nodes/types.h"
#include "tables.h"

static const lat_process_fn alone[LAT_N_KERNELS] = {
#define LAT_TYPE_KERNEL(name, NAME)      [LAT_KERNEL_##NAME] = KERNEL_IN(name, one),
#define LAT_TYPE_TEST_KERNEL(name, NAME) LAT_TYPE_KERNEL(name, NAME)
#include "nodes/catalogue.def"
};

static const lat_process_fn in_lanes[LAT_N_KERNELS] = {
#define LAT_TYPE_KERNEL(name, NAME)                                            \
 [LAT_KERNEL_##NAME] = KERNEL_IN(name, lanes),
#define LAT_TYPE_TEST_KERNEL(name, NAME) LAT_TYPE_KERNEL(name, NAME)
#include "nodes/catalogue.def"
};

static const lat_chain_fn in_chains[LAT_N_KERNELS] = {
#define LAT_TYPE_KERNEL(name, NAME)
#define LAT_TYPE_CHAIN(name, NAME) [LAT_KERNEL_##NAME] = KERNEL_CHAIN(name),
#include "nodes/catalogue.def"
};

static const lat_process_fn loops[LAT_N_LOOPS] = {
#define LAT_TYPE_LOOP(name, NAME) [LAT_LOOP_##NAME] = KERNEL_LOOP(name),
#include "nodes/catalogue.def"
};

#define TEXT_OF(word) #word
#define TEXT(word)    TEXT_OF(word)

const struct lat_kernels KERNELS_TABLE(KERNELS_ISA) = {
    .isa = KERNELS_ISA_ID,
    .name = TEXT(KERNELS_ISA),
    .fuses = KERNELS_FUSE,
    .n = LAT_N_KERNELS,
    .process = alone,
    .process_lanes = in_lanes,
    .process_chain = in_chains,
    .n_loops = LAT_N_LOOPS,
    .loops = loops,
    .sum = KERNEL_PART(sum),
    .add_products = KERNEL_PART(add_products),
    .sum_lanes = KERNEL_PART(sum_lanes),
    .sum_across = KERNEL_PART(sum_across),
    .add_across = KERNEL_PART(add_across),
    .fold_across = KERNEL_PART(fold_across),
    .permute = KERNEL_PART(permute),
#if VEC_W >= 8
    .sum_permuted = KERNEL_PART(sum_permuted),
#endif
    .first_bad = KERNEL_PART(first_bad),
};
