// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The names of the kernels' functions, and how many floats a vector of theirs
/// has.
///
/// CMake compiles the kernels once per instruction set and says which by
/// KERNELS_ISA (a word) and KERNELS_ISA_ID (enum lat_isa).  Their functions
/// carry the word in their names; here they are declared, as catalogue.def
/// lists them.
#ifndef LAT_DSP_NAMES_H
#define LAT_DSP_NAMES_H

#include "node/kernels.h"

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) &&  \
    defined(__AVX512VL__)
# define VEC_W 16
#elif defined(__AVX2__)
# define VEC_W 8
#else
# define VEC_W 4
#endif

/// Whether products are added without a rounding in between: IEEE's fused
/// multiply-add is exact, so all that have it give the same bits.
#if defined(__FMA__) || defined(__aarch64__)
# define KERNELS_FUSE 1
#else
# define KERNELS_FUSE 0
#endif

#define KERNEL_PASTE(name, how, isa)  lat_##name##_##how##_##isa
#define KERNEL_EXPAND(name, how, isa) KERNEL_PASTE(name, how, isa)

/// A kernel's function for one node (`one`), or for LAT_LANES (`lanes`).
#define KERNEL_IN(name, how) KERNEL_EXPAND(name, how, KERNELS_ISA)
/// A kernel's function for a chain.
#define KERNEL_CHAIN(name) KERNEL_EXPAND(name, chain, KERNELS_ISA)
/// The process of a type with a loop.
#define KERNEL_LOOP(name) KERNEL_EXPAND(name, loop, KERNELS_ISA)
/// What struct lat_kernels has besides.
#define KERNEL_PART(name) KERNEL_EXPAND(kernels, name, KERNELS_ISA)

#define LAT_TYPE_KERNEL(name, NAME)                                            \
 LAT_RT uint64_t KERNEL_IN(name, one)(const struct lat_context *context,       \
                                      const struct lat_io *io);                \
 LAT_RT uint64_t KERNEL_IN(name, lanes)(const struct lat_context *context,     \
                                        const struct lat_io *io);
#define LAT_TYPE_TEST_KERNEL(name, NAME) LAT_TYPE_KERNEL(name, NAME)
#include "nodes/catalogue.def"

#define LAT_TYPE_KERNEL(name, NAME)
#define LAT_TYPE_CHAIN(name, NAME)                                             \
 LAT_RT bool KERNEL_CHAIN(name)(const struct lat_context *context,             \
                                const struct lat_chain *chain);
#include "nodes/catalogue.def"

#define LAT_TYPE_LOOP(name, NAME)                                              \
 LAT_RT uint64_t KERNEL_LOOP(name)(const struct lat_context *context,          \
                                   const struct lat_io *io);
#include "nodes/catalogue.def"

// struct lat_kernels says what these do.

LAT_RT void KERNEL_PART(sum)(float *out, const struct lat_term *terms,
                             uint32_t n_terms, uint32_t n_frames);

LAT_RT void KERNEL_PART(add_products)(float *to, const float *x,
                                      const float *amounts, uint32_t n);

LAT_RT void KERNEL_PART(sum_lanes)(float *out,
                                   const struct lat_lane_term *terms,
                                   uint32_t n_terms, const float *values,
                                   const float *floors, uint32_t n_rows);

LAT_RT void KERNEL_PART(sum_across)(float *out,
                                    const struct lat_lane_term *terms,
                                    uint32_t n_terms, uint32_t n_last,
                                    uint32_t n_rows);

LAT_RT void KERNEL_PART(add_across)(float *rows,
                                    const struct lat_lane_term *term,
                                    uint32_t n_lanes, uint32_t n_rows);

LAT_RT void KERNEL_PART(fold_across)(float *out, const float *rows,
                                     uint32_t n_rows);

LAT_RT void KERNEL_PART(permute)(float *out, const struct lat_permuted *p,
                                 uint32_t n_rows);

#if VEC_W >= 8
LAT_RT void KERNEL_PART(sum_permuted)(float *out, const struct lat_permuted *a,
                                      const struct lat_permuted *b,
                                      uint32_t n_rows);
#endif

LAT_RT uint32_t KERNEL_PART(first_bad)(const float *samples, uint32_t n);

#endif // LAT_DSP_NAMES_H
