// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Holds a node type against what node/type.h promises of every type.
///
/// The descriptor alone says what to try: ports with their kinds and limits,
/// settings with their kinds, words and limits, flags, kernel.  A new type is
/// covered without a line of test code.  Claims are checked in a child process,
/// so that a type that crashes or does not return is reported like any other.
#ifndef LAT_CONFORMANCE_H
#define LAT_CONFORMANCE_H

#include "node/kernels.h"
#include "node/type.h"

/// On which terms a type is tried.
struct conformance_terms {
    /// The kernels of every instruction set to hold equal; NULL where this
    /// machine has none.
    const struct lat_kernels *kernels[LAT_N_ISAS];
    uint32_t seconds; ///< of processor time that a type may take
    uint32_t stride;  ///< one scene in so many is tried
};

/// All that this machine has, and as many scenes as pace.h says.
struct conformance_terms
conformance_terms(void);

#define CONFORMANCE_TEXT_MAX 512

/// @param[out] text  "" for a type that keeps every claim, else
///                   "CLAIM: what is wrong" of the first that it breaks.
void
conformance_check(const struct lat_node_type *type,
                  const struct conformance_terms *terms,
                  char text[CONFORMANCE_TEXT_MAX]);

#endif // LAT_CONFORMANCE_H
