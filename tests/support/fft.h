// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A plain Fourier transform.
#ifndef LAT_TEST_FFT_H
#define LAT_TEST_FFT_H

#include <complex.h>
#include <stddef.h>

/// In place; @p n is a power of two.
void
fft(double complex *x, size_t n);

#endif // LAT_TEST_FFT_H
