// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "fft.h"

#define PI 3.14159265358979323846

void
fft(double complex *x, size_t n)
{
    for (size_t i = 1, j = 0; i < n; i++) {
        size_t bit = n / 2;
        for (; j & bit; bit /= 2) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            const double complex t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
    }
    for (size_t size = 2; size <= n; size *= 2) {
        const double complex step =
            cexp(-2 * PI * (double complex)I / (double)size);
        for (size_t start = 0; start < n; start += size) {
            double complex w = 1;
            for (size_t i = start; i < start + size / 2; i++) {
                const double complex t = w * x[i + size / 2];
                x[i + size / 2] = x[i] - t;
                x[i] += t;
                w *= step;
            }
        }
    }
}
