// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The inner loops that are compiled once per instruction set.
///
/// nodes/dsp/ has a file per family, which is compiled for a baseline, AVX2,
/// AVX-512 (x86-64) or NEON (arm64).  All give the same bits.  One table is
/// chosen at start.
#ifndef LAT_NODE_KERNELS_H
#define LAT_NODE_KERNELS_H

#include "type.h"

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
    uint32_t step; ///< 1, LAT_LANES, or 0: constant, only source[0] is valid
    float amount;
};

/// LAT_LANES terms at once: row r is at rows[r * step].
struct lat_lane_term {
    const float *rows;
    uint32_t step;        ///< LAT_LANES, or 0: constant, only row 0 is valid
    const float *amounts; ///< LAT_LANES of them, aligned; NULL: all 1
};

/// Rows whose lanes come from up to four groups: see permute() below.
struct lat_permuted {
    const float *const *sources;
    const uint32_t *steps, *masks;
    uint32_t n_sources;
    const int32_t *index; ///< NULL: the lanes of the first source as they are
    const float *amounts; ///< LAT_LANES of them, aligned; NULL: all 1
};

/// Equal filters in a row, run in skewed lanes: lane l is l frames behind.
struct lat_chain {
    uint32_t n; ///< filters, 1 to LAT_LANES
    const float *in;
    uint32_t step; ///< of `in`: 1, or 0
    /// Constants of every lane, one row per input but the first.
    const float *const *rows;
    const float *amounts; ///< of the cable into each lane; lane 0's is not used
    float *out;           ///< of the last filter
    void *state;
};

/// Run a chain.  [audio, worker]
///
/// @return whether all of its samples are finite; if not, state and output are
///         worth nothing.
typedef bool (*lat_chain_fn)(const struct lat_context *context,
                             const struct lat_chain *chain);

/// The functions for one instruction set.  [audio, worker]
struct lat_kernels {
    enum lat_isa isa;
    const char *name; ///< as --isa takes it: baseline, avx2, avx512, neon
    /// How many kernels there are: of struct lat_node_type's `kernel`, by which
    /// the tables below are read.  Entry 0 stands for none.
    uint32_t n;
    /// For one node, and for LAT_LANES nodes; NULL where there is none.
    const lat_process_fn *process;
    const lat_process_fn *process_lanes;
    /// For a chain; NULL where there is none.
    const lat_chain_fn *process_chain;

    /// out[f] = sum of the terms, in the fixed association of sum.inc.
    void (*sum)(float *out, const struct lat_term *terms, uint32_t n_terms,
                uint32_t n_frames);
    /// LAT_LANES sums at once: the terms of every lane in the same association,
    /// then the lanes' values (NULL: none), and no less than their floors
    /// (NULL: none).
    void (*sum_lanes)(float *out, const struct lat_lane_term *terms,
                      uint32_t n_terms, const float *values,
                      const float *floors, uint32_t n_rows);
    /// out[r] = the sum of all lanes of all terms; the last term has
    /// @p n_last lanes.  The association is that of sum() for the terms' lanes
    /// in order.
    void (*sum_across)(float *out, const struct lat_lane_term *terms,
                       uint32_t n_terms, uint32_t n_last, uint32_t n_rows);
    /// Row r, lane l of out becomes lane index[l] of row r of the source whose
    /// mask has bit l.
    void (*permute)(float *out, const float *const *sources,
                    const uint32_t *steps, const uint32_t *masks,
                    uint32_t n_sources, const int32_t *index, uint32_t n_rows);
    /// sum_lanes() of two terms, of which permute() would give @p b, without
    /// values and floors.  NULL where it gains nothing.
    void (*sum_permuted)(float *out, const struct lat_permuted *a,
                         const struct lat_permuted *b, uint32_t n_rows);
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

#endif // LAT_NODE_KERNELS_H
