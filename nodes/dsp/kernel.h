// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What every file of kernels begins with.
#ifndef LAT_DSP_KERNEL_H
#define LAT_DSP_KERNEL_H

// What gcc assumes by default about traps keeps it from vectorising selections;
// no bit depends on it.  Ordering instructions before registers are given out
// helps where there are 32; with 16 it makes states go through memory.  This
// has to stand before all functions: compilers inline none that is compiled
// otherwise.
#if defined(__GNUC__) && !defined(__clang__)
# pragma GCC optimize("no-trapping-math", "no-tree-slp-vectorize")
# if !defined(__AVX2__) || defined(__AVX512F__)
#  pragma GCC optimize("schedule-insns")
# endif
#endif

#include "names.h"
#include "one.h"
#include "vec.h"

#include <string.h>

// FMA(a, b, c) is a b + c.

/// a b - c.
#define FMS(a, b, c) FMA(a, b, -(c))
/// c - a b.
#define FNMA(a, b, c) FMA(-(a), b, c)
/// A step of Horner's rule with the coefficient @p k.
#define HORNER(q, x, k) FMA(q, x, SPLAT(k))

#endif // LAT_DSP_KERNEL_H
