// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The tables of kernels, and sums.  That all paths of a kernel give the same
// bits is for test_conformance.c.

#include "node/kernels.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lat_node_type *const type_of[LAT_N_KERNELS] = {
#define LAT_TYPE_KERNEL(name, NAME)      [LAT_KERNEL_##NAME] = &lat_type_##name,
#define LAT_TYPE_TEST_KERNEL(name, NAME) LAT_TYPE_KERNEL(name, NAME)
#include "nodes/catalogue.def"
};

// --- Random numbers and signals ----------------------------------------------

static uint64_t random_state;

static uint32_t
random_bits(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32U);
}

static uint32_t
random_below(uint32_t n)
{
    return random_bits() % n;
}

/// From @p low to @p high.
static float
random_within(float low, float high)
{
    return low + (high - low) * ((float)(random_bits() >> 8U) * 0x1p-24F);
}

static bool
is_same(float a, float b)
{
    return !memcmp(&a, &b, sizeof(a)) || (isnan(a) && isnan(b));
}

Test(kernels, exist_for_every_type_that_names_one)
{
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        for (int k = 1; kernels && k < LAT_N_KERNELS; k++) {
            cr_assert_eq((int)type_of[k]->kernel, k, "%s", type_of[k]->name);
            cr_assert_not_null(kernels->process[k]);
            cr_assert_not_null(kernels->process_lanes[k]);
        }
        for (int k = 1; kernels && k < LAT_N_LOOPS; k++) {
            cr_assert_not_null(kernels->loops[k]);
        }
    }
}

Test(kernels, are_found_by_name)
{
    const struct lat_kernels *best = lat_kernels_best();
    cr_assert_not_null(best);
    cr_assert_eq(lat_kernels_find(best->name), best);
    cr_assert_eq(lat_kernels_get(best->isa), best);
    cr_assert_eq(lat_kernels_find("baseline"),
                 lat_kernels_get(LAT_ISA_BASELINE));
    cr_assert_null(lat_kernels_find("mmx"));
}

// --- sum and first_bad -------------------------------------------------------

/// @p y and term @p t, rounded once or twice.
static float
add_plainly(const struct lat_term *t, uint32_t f, float y, bool fuses)
{
    const float x = t->source[f * t->step];
    return fuses ? fmaf(x, t->amount, y) : x * t->amount + y;
}

/// The association in its plainest form.
static float
sum_plainly(const struct lat_term *t, uint32_t n_terms, uint32_t f, bool fuses)
{
    if (n_terms == 3) {
        const float even =
            sum_plainly((const struct lat_term[]){t[0], t[2]}, 2, f, fuses);
        return add_plainly(&t[1], f, even, fuses);
    }
    const uint32_t n_partials = n_terms > 4 ? 16 : n_terms == 2 ? 1 : 2;
    float partial[16];
    bool is_there[16] = {false};
    for (uint32_t k = 0; k < n_terms; k++) {
        const uint32_t j = k % n_partials;
        partial[j] =
            add_plainly(&t[k], f, is_there[j] ? partial[j] : -0.0F, fuses);
        is_there[j] = true;
    }
    for (uint32_t half = 8; half; half /= 2) {
        for (uint32_t j = 0; j < half; j++) {
            if (is_there[j + half]) {
                partial[j] += partial[j + half];
            }
        }
    }
    return partial[0];
}

Test(kernels, sum_in_the_fixed_association)
{
    enum { TERMS = 140, ROWS = 150 };
    static float sources[TERMS][ROWS * LAT_LANES];
    struct lat_term terms[TERMS];
    float out[ROWS + 1];
    random_state = 7;
    for (uint32_t k = 0; k < TERMS; k++) {
        for (uint32_t f = 0; f < ROWS * LAT_LANES; f++) {
            sources[k][f] = random_within(-1.0F, 1.0F);
        }
    }
    for (uint32_t n_terms = 1; n_terms <= TERMS; n_terms++) {
        for (uint32_t k = 0; k < n_terms; k++) {
            const uint32_t steps[] = {1, 1, 1, 0, LAT_LANES};
            terms[k] = (struct lat_term){
                sources[k],
                steps[random_below(5)],
                random_below(2) ? 1.0F : random_within(-2.0F, 2.0F),
            };
        }
        // Now and then lanes of one group, side by side.
        for (uint32_t k = random_below(40); k < n_terms;) {
            const uint32_t run = 1 + random_below(LAT_LANES);
            for (uint32_t lane = 0; lane < run && k + lane < n_terms; lane++) {
                terms[k + lane].source = sources[k] + lane;
                terms[k + lane].step = LAT_LANES;
            }
            k += run + random_below(10);
        }
        const uint32_t n = 1 + random_below(ROWS);
        for (int isa = 0; isa < LAT_N_ISAS; isa++) {
            const struct lat_kernels *kernels =
                lat_kernels_get((enum lat_isa)isa);
            if (!kernels) {
                continue;
            }
            out[n] = 99.0F;
            kernels->sum(out, terms, n_terms, n);
            cr_assert_eq(out[n], 99.0F);
            for (uint32_t f = 0; f < n; f++) {
                const float plain =
                    sum_plainly(terms, n_terms, f, kernels->fuses);
                cr_assert(is_same(out[f], plain), "%s: %u terms, frame %u",
                          kernels->name, n_terms, f);
            }
        }
    }
}

Test(kernels, find_the_first_bad_sample)
{
    const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
    float samples[200];
    for (uint32_t f = 0; f < 200; f++) {
        samples[f] = f % 2 ? 3.4e38F : -1e-45F;
    }
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        for (uint32_t n = 0; kernels && n <= 200; n++) {
            cr_assert_eq(kernels->first_bad(samples, n), n);
            if (n) {
                const uint32_t at = (n * 7) % n;
                const float kept = samples[at];
                const float last = samples[n - 1];
                samples[n - 1] = bad[(n + 1) % 4];
                samples[at] = bad[n % 4];
                cr_assert_eq(kernels->first_bad(samples, n), at);
                samples[at] = at == n - 1 ? last : kept;
                cr_assert_eq(kernels->first_bad(samples, n),
                             n - 1 + (at == n - 1));
                samples[n - 1] = last;
            }
        }
    }
}

// --- permuted sums -----------------------------------------------------------

#define ROWS 64

static _Alignas(64) float sources[4][ROWS * LAT_LANES];

/// Lanes from some groups, at random or as they come there one after the other.
struct shuffle {
    const float *rows[4];
    uint32_t steps[4], masks[4];
    int32_t index[LAT_LANES];
    struct lat_half halves[LAT_LANES / LAT_HALF];
    _Alignas(64) float amounts[LAT_LANES];
};

static void
shuffle(struct shuffle *s, uint32_t n_sources, bool is_constant)
{
    const bool is_turned = random_below(2);
    const uint32_t first = random_below(n_sources * LAT_LANES);
    *s = (struct shuffle){0};
    for (uint32_t i = 0; i < n_sources; i++) {
        s->rows[i] = sources[i];
        s->steps[i] = is_constant ? 0 : LAT_LANES;
    }
    for (uint32_t l = 0; l < LAT_LANES; l++) {
        const uint32_t from = is_turned ? first + l : random_below(1024);
        s->index[l] = (int32_t)(from % LAT_LANES);
        s->masks[from / LAT_LANES % n_sources] |= 1U << l;
        s->amounts[l] = (float)random_below(1000) * 0.37F - 100.0F;
    }
}

/// Without lanes that are not in @p used.
static struct lat_permuted
permuted_of(struct shuffle *s, uint32_t n_sources, uint32_t used)
{
    for (uint32_t i = 0; i < n_sources; i++) {
        s->masks[i] &= used;
    }
    for (uint32_t h = 0; h < LAT_LANES / LAT_HALF; h++) {
        s->halves[h] = lat_half_of(s->masks, n_sources, s->index, h * LAT_HALF);
    }
    return (struct lat_permuted){
        .sources = s->rows,
        .steps = s->steps,
        .masks = s->masks,
        .n_sources = n_sources,
        .index = s->index,
        .halves = s->halves,
    };
}

static void
expect_run(const struct lat_half *half, uint32_t k, uint32_t source, int from,
           uint32_t lanes)
{
    cr_assert_eq(half->run[k].source, source);
    cr_assert_eq(half->run[k].from, from);
    cr_assert_eq(half->run[k].lanes, lanes);
}

Test(kernels, turned_lanes_lie_in_runs)
{
    int32_t index[LAT_LANES + 2];
    for (int32_t l = 0; l < LAT_LANES + 2; l++) {
        index[l] = (l + 3) % LAT_LANES;
    }
    const uint32_t masks[] = {0xe000U, 0x1fffU};
    struct lat_half half = lat_half_of(masks, 2, index, 0);
    cr_assert_eq(half.n_runs, 1);
    expect_run(&half, 0, 1, 3, 0xff);
    half = lat_half_of(masks, 2, index, LAT_HALF);
    cr_assert_eq(half.n_runs, 2);
    expect_run(&half, 0, 1, 11, 0x1f);
    expect_run(&half, 1, 0, -5, 0xe0);
    // One run, of which the row has but three lanes.
    half = lat_half_of((uint32_t[]){0x700U}, 1, index + 2, LAT_HALF);
    cr_assert_eq(half.n_runs, 2);
    expect_run(&half, 0, 0, 13, 0x7);
    expect_run(&half, 1, 0, 0, 0);
    // The last lanes of a row, all of a short one and the first of a third.
    int32_t short_row[LAT_HALF] = {15, 0, 1, 2, 3, 0, 1, 2};
    half = lat_half_of((uint32_t[]){0xe0U, 0x1U, 0x1eU}, 3, short_row, 0);
    cr_assert_eq(half.n_runs, 3);
    expect_run(&half, 0, 1, 15, 0x1);
    expect_run(&half, 1, 2, -1, 0x1e);
    expect_run(&half, 2, 0, -5, 0xe0);
    short_row[6] = 5;
    half = lat_half_of((uint32_t[]){0xe0U, 0x1U, 0x1eU}, 3, short_row, 0);
    cr_assert_eq(half.n_runs, 0);
    index[1] = index[3] = index[5] = 0;
    cr_assert_eq(lat_half_of(masks, 2, index, 0).n_runs, 0);
}

// What belongs into lane @p l of row @p r; NULL: nothing.
static const float *
lane_of(const struct shuffle *s, uint32_t n_sources, uint32_t r, uint32_t l)
{
    for (uint32_t k = 0; k < n_sources; k++) {
        if (s->masks[k] >> l & 1U) {
            return s->rows[k] + (size_t)r * s->steps[k] + s->index[l];
        }
    }
    return NULL;
}

Test(kernels, permute_takes_every_lane_from_its_source)
{
    static _Alignas(64) float got[ROWS * LAT_LANES];
    for (uint32_t i = 0; i < 4 * ROWS * LAT_LANES; i++) {
        sources[i / (ROWS * LAT_LANES)][i % (ROWS * LAT_LANES)] = (float)i;
    }
    for (uint32_t n = 0; n < 800; n++) {
        const struct lat_kernels *kernels =
            lat_kernels_get((enum lat_isa)(n % LAT_N_ISAS));
        const uint32_t n_rows = 1 + random_below(ROWS);
        const uint32_t n_sources = 1 + random_below(4);
        struct shuffle s;
        shuffle(&s, n_sources, random_below(4) == 0);
        // In a third eight lanes or fewer are in use.
        const struct lat_permuted p = permuted_of(
            &s, n_sources, n % 3 ? 0xffffU : 0xffU >> random_below(8));
        if (kernels) {
            kernels->permute(got, &p, n_rows);
        }
        for (uint32_t i = 0; kernels && i < n_rows * LAT_LANES; i++) {
            const uint32_t l = i % LAT_LANES;
            const float *wanted = lane_of(&s, n_sources, i / LAT_LANES, l);
            cr_assert(!wanted || got[i] == *wanted, "%s: row %u, lane %u",
                      kernels->name, i / LAT_LANES, l);
        }
    }
}

static void
check_permuted(const struct lat_kernels *kernels, uint32_t n_a, uint32_t n_b)
{
    static _Alignas(64) float moved[2][ROWS * LAT_LANES];
    static _Alignas(64) float got[ROWS * LAT_LANES];
    static _Alignas(64) float wanted[ROWS * LAT_LANES];
    struct shuffle s[2];
    struct lat_lane_term terms[2];
    struct lat_permuted permuted[2];
    for (uint32_t j = 0; j < 2; j++) {
        const uint32_t n = j ? n_b : n_a;
        shuffle(&s[j], n ? n : 1, random_below(4) == 0);
        permuted[j] = permuted_of(&s[j], n ? n : 1, 0xffffU);
        permuted[j].amounts = random_below(2) ? s[j].amounts : NULL;
        terms[j] = (struct lat_lane_term){s[j].rows[0], s[j].steps[0],
                                          permuted[j].amounts};
        if (n) {
            kernels->permute(moved[j], &permuted[j], ROWS);
            terms[j].rows = moved[j];
            terms[j].step = LAT_LANES;
        } else {
            permuted[j].index = NULL;
        }
    }
    kernels->sum_lanes(wanted, terms, 2, NULL, NULL, ROWS);
    kernels->sum_permuted(got, &permuted[0], &permuted[1], ROWS);
    cr_assert_eq(memcmp(got, wanted, sizeof(got)), 0, "%s: %u and %u sources",
                 kernels->name, n_a, n_b);
}

Test(kernels, sum_permuted_lanes_as_if_in_two_steps)
{
    for (uint32_t i = 0; i < 4 * ROWS * LAT_LANES; i++) {
        sources[i / (ROWS * LAT_LANES)][i % (ROWS * LAT_LANES)] =
            (float)random_below(100000) * 1e-4F - 5.0F;
    }
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        for (uint32_t n = 0; kernels && kernels->sum_permuted && n < 200; n++) {
            check_permuted(kernels, n % 5, 1 + random_below(4));
        }
    }
}
