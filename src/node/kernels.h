// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The inner loops that are compiled once per instruction set.
///
/// nodes/dsp/ has a file per family, which is compiled for a baseline, AVX2,
/// AVX-512 (x86-64) or NEON (arm64).  All that fuse give the same bits; where
/// there is no fused multiply-add (x86-64 before 2013, and the baseline there),
/// the last bits are others.  One table is chosen at start.
#ifndef LAT_NODE_KERNELS_H
#define LAT_NODE_KERNELS_H

#include "halves.h"
#include "type.h"

/// What nodes in lanes may have: inputs, outputs, and words of state.  That is
/// enough for the filters, ladders, crossovers and envelopes that come by the
/// hundred.  A kernel beyond any of these limits is right in every other way
/// and runs alone: 16 of its nodes cost what 16 nodes cost, where in lanes they
/// cost about as much as 2 to 4.  What keeps buffers of sound (reverbs,
/// choruses, delays) is no kernel at all: it has a `process` of its own, whose
/// state may be of any size.
#define LAT_LANE_INPUTS  16U
#define LAT_LANE_OUTPUTS 4U
#define LAT_LANE_WORDS   64U

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

/// How many partial sums there are for @p n terms.  [any]
LAT_RT static inline uint32_t
lat_sum_partials(uint32_t n)
{
    return n > 4 ? 16 : n == 4 ? 2 : 1;
}

/// Which of @p n terms comes at turn @p k; it goes to partial k mod their
/// number.  [any]
LAT_RT static inline uint32_t
lat_sum_turn(uint32_t n, uint32_t k)
{
    return n == 3 && k ? 3 - k : k;
}

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
    const struct lat_half *halves; ///< with `index`: LAT_LANES / LAT_HALF
    const float *amounts;          ///< LAT_LANES of them, aligned; NULL: all 1
};

/// Two terms, as sum_permuted() below takes them, and where their sums go: what
/// a kernel that waits for its frame before may do meanwhile.
struct lat_late_sum {
    struct lat_permuted terms[2];
    float *rows;
};

/// What an input in lanes is that reads rows of one cable: their product with
/// the amounts, plus the values, and no less than the floors.  LAT_LANES of
/// each, aligned.
struct lat_late_line {
    const float *amounts, *values, *floors;
};

/// Most filters of a chain that run as one wave, in parts of LAT_LANES.
#define LAT_CHAIN_PARTS 16U

/// LAT_LANES filters of a chain, or those that are left.
struct lat_chain_part {
    /// A row of LAT_LANES for each input: the amounts of the cables into the
    /// lanes, then constants.  Lanes without a filter hold numbers too.
    const float *rows;
    void *state;
};

/// Equal filters in a row, run as a wave: each works a frame behind the one
/// before it.
struct lat_chain {
    uint32_t n; ///< filters, 1 to LAT_CHAIN_PARTS * LAT_LANES
    const struct lat_chain_part *parts;
    const float *in; ///< of the first filter, whose amount is not used
    uint32_t step;   ///< of `in`: 1, or 0
    float *out;      ///< of the last filter; not `in`
};

/// Run a chain.  [audio, worker]
///
/// @return whether all of its samples are finite; if not, states are what they
///         were, and the output is worth nothing.
typedef LAT_RT bool (*lat_chain_fn)(const struct lat_context *context,
                                    const struct lat_chain *chain);

/// Whether nodes of @p type with so many ports may run in lanes and in chains.
/// [any]
LAT_RT static inline bool
lat_kernel_fits_lanes(const struct lat_node_type *type, uint32_t n_in,
                      uint32_t n_out)
{
    return type->kernel && n_in <= LAT_LANE_INPUTS &&
           n_out <= LAT_LANE_OUTPUTS && type->state_words <= LAT_LANE_WORDS;
}

/// The functions for one instruction set.  [audio, worker]
struct lat_kernels {
    enum lat_isa isa;
    bool fuses;       ///< adds products with one rounding
    const char *name; ///< as --isa takes it: baseline, avx2, avx512, neon
    /// How many kernels there are: of struct lat_node_type's `kernel`, by which
    /// the tables below are read.  Entry 0 stands for none.
    uint32_t n;
    /// For one node, and for LAT_LANES nodes; NULL where there is none.
    const lat_process_fn *process;
    const lat_process_fn *process_lanes;
    /// How many there are of struct lat_node_type's `loop`, entry 0 standing
    /// for none, and what its process is here.
    uint32_t n_loops;
    const lat_process_fn *loops;
    /// For a chain; NULL where there is none.
    const lat_chain_fn *process_chain;

    /// out[f] = sum of the terms, in the fixed association of sum.inc.
    LAT_RT void (*sum)(float *out, const struct lat_term *terms,
                       uint32_t n_terms, uint32_t n_frames);
    /// to[f] += x[f] * amounts[f], as sum() adds terms.
    LAT_RT void (*add_products)(float *to, const float *x, const float *amounts,
                                uint32_t n);
    /// LAT_LANES sums at once: the terms of every lane in the same association,
    /// then the lanes' values (NULL: none), and no less than their floors
    /// (NULL: none).
    LAT_RT void (*sum_lanes)(float *out, const struct lat_lane_term *terms,
                             uint32_t n_terms, const float *values,
                             const float *floors, uint32_t n_rows);
    /// out[r] = the sum of all lanes of all terms; the last term has
    /// @p n_last lanes.  The association is that of sum() for the terms' lanes
    /// in order.
    LAT_RT void (*sum_across)(float *out, const struct lat_lane_term *terms,
                              uint32_t n_terms, uint32_t n_last,
                              uint32_t n_rows);
    /// The same in steps: begin with LAT_LANES partial sums of -0 in each of
    /// the rows, take a term of @p n_lanes lanes on top, and fold in the end.
    LAT_RT void (*add_across)(float *rows, const struct lat_lane_term *term,
                              uint32_t n_lanes, uint32_t n_rows);
    LAT_RT void (*fold_across)(float *out, const float *rows, uint32_t n_rows);
    /// Row r, lane l of out becomes lane index[l] of row r of the source whose
    /// mask has bit l.  The amounts are not asked for.
    LAT_RT void (*permute)(float *out, const struct lat_permuted *p,
                           uint32_t n_rows);
    /// sum_lanes() of two terms, of which permute() would give @p b, without
    /// values and floors.  NULL where it gains nothing.
    LAT_RT void (*sum_permuted)(float *out, const struct lat_permuted *a,
                                const struct lat_permuted *b, uint32_t n_rows);
    /// Index of the first NaN or infinity among @p n samples, or n.
    LAT_RT uint32_t (*first_bad)(const float *samples, uint32_t n);
};

/// What runs a node of @p type that is alone.  [any]
LAT_RT static inline lat_process_fn
lat_kernels_process(const struct lat_kernels *kernels,
                    const struct lat_node_type *type)
{
    return type->kernel ? kernels->process[type->kernel]
           : type->loop ? kernels->loops[type->loop]
                        : type->process;
}

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
