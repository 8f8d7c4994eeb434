// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>

Test(control, ten_thousand_nodes_compile)
{
    struct rig r = rig_new(64);
    lat_control_begin_load(r.c, 0);
    rig_do(&r, "new audio_out main channels 1");
    char line[100];
    for (int i = 0; i < 10000; ++i) {
        snprintf(line, sizeof(line), "new sine s%d", i);
        rig_do(&r, line);
        snprintf(line, sizeof(line), "connect s%d main", i);
        rig_do(&r, line);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    cr_assert_eq(lat_control_graph(r.c)->n_nodes, 10001);
    rig_run(&r, 128, 64);
    rig_free(&r);
}

/// The sum of @p n terms in blocks, and of the blocks: 16 partial sums, folded.
static float
sum_in_blocks(const float *terms, uint32_t n)
{
    if (n > 128) {
        float sums[160];
        uint32_t n_sums = 0;
        for (uint32_t k = 0; k < n; k += 128) {
            sums[n_sums++] =
                sum_in_blocks(terms + k, n - k < 128 ? n - k : 128);
        }
        return sum_in_blocks(sums, n_sums);
    }
    float partial[16] = {0.0F};
    for (uint32_t k = 0; k < n; ++k) {
        partial[k % 16] += terms[k];
    }
    for (uint32_t half = 8; half; half /= 2) {
        for (uint32_t j = 0; j < half; ++j) {
            partial[j] += partial[j + half];
        }
    }
    return partial[0];
}

Test(control, an_input_sums_twenty_thousand_cables)
{
    enum { N = 20000 }; // blocks of blocks of blocks
    static float values[N];
    struct rig r = rig_new(64);
    lat_control_begin_load(r.c, 0);
    rig_do(&r, "new audio_out main channels 1 limit off");
    char line[100];
    for (int i = 0; i < N; ++i) {
        values[i] = (float)(0.25 / (1 + i % 997) * (i % 3 ? 0.001 : -0.001));
        snprintf(line, sizeof(line), "new constant c%d value %.9g", i,
                 (double)values[i]);
        rig_do(&r, line);
        snprintf(line, sizeof(line), "connect c%d main", i);
        rig_do(&r, line);
    }
    cr_assert_eq(lat_control_commit(r.c, &r.error), LAT_OK);
    rig_run(&r, 2400, 64);
    cr_assert_eq(r.recorded[2399], sum_in_blocks(values, N));
    rig_free(&r);
}
