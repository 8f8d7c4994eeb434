// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All paths of a kernel give the same bits: a node alone or in lanes, on every
// instruction set, however its frames are cut into spans, and whether an input
// that does not move is flagged as constant or not.

#include "node/kernels.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = 5, MOST_OUTPUTS = 2, MOST_WORDS = 8, FRAMES = 300 };

static const struct lat_node_type *
type_of(enum lat_kernel kernel)
{
    for (const struct lat_node_type *const *t = lat_node_types(); *t; t++) {
        if ((*t)->kernel == (uint32_t)kernel) {
            return *t;
        }
    }
    return NULL;
}

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

/// A value that the port may see: mostly usual ones, some at and beyond limits.
static float
random_value(const struct lat_port *port)
{
    if (port->kind == LAT_PORT_GATE || port->kind == LAT_PORT_TRIGGER) {
        return random_below(3) ? 0.0F : random_within(-1.0F, 1.0F);
    }
    switch (random_below(16)) {
    case 0:
        return 0.0F;
    case 1:
        return -0.0F;
    case 2:
        return port->min;
    case 3:
        return port->max;
    case 4:
        return port->max * 1.5F;
    case 5:
        return -random_within(port->low, port->high);
    case 6:
        return random_within(-1.0F, 1.0F) * 1e-30F;
    default:
        if (port->curve == LAT_CURVE_EXP) {
            const float u = random_within(0.0F, 1.0F);
            return port->low * powf(port->high / port->low, u);
        }
        return random_within(port->low, port->high);
    }
}

/// Of the scene; a low one packs whole envelopes into few frames.
static double rate;

/// How an input behaves over time.
enum motion { STILL, STEPS, MOVES };

static float signals[MOST_INPUTS][LAT_LANES][FRAMES];

static void
random_signal(float *to, const struct lat_port *port, enum motion motion)
{
    float value = random_value(port);
    for (uint32_t f = 0; f < FRAMES; f++) {
        if (motion == MOVES || (motion == STEPS && !random_below(40))) {
            value = random_value(port);
        }
        to[f] = value;
    }
}

static void
random_signals(const struct lat_node_type *type)
{
    for (uint32_t i = 0; i < type->n_inputs; i++) {
        const enum motion motion = (enum motion)random_below(3);
        for (uint32_t lane = 0; lane < LAT_LANES; lane++) {
            random_signal(signals[i][lane], &type->inputs[i], motion);
        }
    }
}

// --- Running a kernel --------------------------------------------------------

static float expected[MOST_OUTPUTS][LAT_LANES][FRAMES];

/// The lanes from @p first on do not move over frames from to from + n.
static bool
is_still(uint32_t input, uint32_t first, uint32_t lanes, uint32_t from,
         uint32_t n)
{
    for (uint32_t lane = first; lane < first + lanes; lane++) {
        for (uint32_t f = from + 1; f < from + n; f++) {
            if (memcmp(&signals[input][lane][f], &signals[input][lane][from],
                       sizeof(float))) {
                return false;
            }
        }
    }
    return true;
}

/// Frames from to from + n of lanes first to first + lanes, as the engine would
/// have it; the output goes to @p got.
static void
run_span(lat_process_fn process, const struct lat_node_type *type,
         uint32_t *state, uint32_t first, uint32_t lanes, uint32_t from,
         uint32_t n, bool flags, float (*got)[LAT_LANES][FRAMES])
{
    static _Alignas(LAT_ALIGNMENT) float in[MOST_INPUTS][FRAMES * LAT_LANES];
    static _Alignas(
        LAT_ALIGNMENT) float out[MOST_OUTPUTS][(FRAMES + 1) * LAT_LANES];
    const float canary = 12345.0F;
    const float *inputs[MOST_INPUTS];
    uint32_t step[MOST_INPUTS];
    float *outputs[MOST_OUTPUTS];
    uint64_t constant = 0;
    for (uint32_t i = 0; i < type->n_inputs; i++) {
        inputs[i] = in[i];
        step[i] = 1;
        if (flags && is_still(i, first, lanes, from, n)) {
            step[i] = 0;
            constant |= UINT64_C(1) << i;
        }
        for (uint32_t f = 0; f < n; f++) {
            for (uint32_t lane = 0; lane < lanes; lane++) {
                in[i][f * lanes + lane] =
                    step[i] || !f ? signals[i][first + lane][from + f] : NAN;
            }
        }
    }
    for (uint32_t k = 0; k < type->n_outputs; k++) {
        outputs[k] = out[k];
        for (uint32_t s = 0; s < (n + 1) * lanes; s++) {
            out[k][s] = canary;
        }
    }
    const struct lat_context context = {
        .rate = rate,
        .rate_f = (float)rate,
        .period_f = (float)(1 / rate),
        .n_frames = n,
        .block = LAT_MAX_BLOCK,
    };
    const struct lat_io io = {
        .in = inputs,
        .step = step,
        .out = outputs,
        .state = state,
        .constant = constant,
        .n_in = type->n_inputs,
        .n_out = type->n_outputs,
    };
    const uint64_t still = process(&context, &io);
    for (uint32_t k = 0; k < type->n_outputs; k++) {
        const uint32_t stride = still >> k & 1U ? 0 : lanes;
        for (uint32_t f = 0; f < n; f++) {
            for (uint32_t lane = 0; lane < lanes; lane++) {
                got[k][first + lane][from + f] = out[k][f * stride + lane];
            }
        }
        for (uint32_t lane = 0; lane < lanes; lane++) {
            const uint32_t rows = stride ? n : 1;
            cr_assert_eq(out[k][rows * lanes + lane], canary,
                         "%s writes beyond its frames", type->name);
        }
    }
}

/// All frames, in spans of random length up to @p longest.
static void
run_lanes(lat_process_fn process, const struct lat_node_type *type,
          uint32_t first, uint32_t lanes, uint32_t longest, bool flags,
          float (*got)[LAT_LANES][FRAMES])
{
    _Alignas(LAT_ALIGNMENT) uint32_t state[MOST_WORDS * LAT_LANES] = {0};
    cr_assert_leq(type->state_words, (uint32_t)MOST_WORDS);
    for (uint32_t f = 0; f < FRAMES;) {
        uint32_t n = 1 + random_below(longest);
        n = n < FRAMES - f ? n : FRAMES - f;
        run_span(process, type, state, first, lanes, f, n, flags, got);
        f += n;
    }
}

static bool
is_same(float a, float b)
{
    return !memcmp(&a, &b, sizeof(a)) || (isnan(a) && isnan(b));
}

static void
check_same(float (*got)[LAT_LANES][FRAMES], const struct lat_node_type *type,
           const struct lat_kernels *kernels, const char *what)
{
    for (uint32_t k = 0; k < type->n_outputs; k++) {
        for (uint32_t lane = 0; lane < LAT_LANES; lane++) {
            for (uint32_t f = 0; f < FRAMES; f++) {
                cr_assert(is_same(got[k][lane][f], expected[k][lane][f]),
                          "%s %s %s: output %u lane %u frame %u is %a, not %a",
                          kernels->name, type->name, what, k, lane, f,
                          (double)got[k][lane][f],
                          (double)expected[k][lane][f]);
            }
        }
    }
}

/// One random scene, in all the ways there are.
static void
check_scene(enum lat_kernel kernel)
{
    static float got[MOST_OUTPUTS][LAT_LANES][FRAMES];
    const struct lat_node_type *type = type_of(kernel);
    const struct lat_kernels *base = lat_kernels_get(LAT_ISA_BASELINE);
    const double rates[] = {48000, 44100, 500};
    rate = rates[random_below(3)];
    random_signals(type);
    for (uint32_t lane = 0; lane < LAT_LANES; lane++) {
        run_lanes(base->process[kernel], type, lane, 1, 1, false, expected);
    }
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        if (!kernels) {
            continue;
        }
        const uint32_t longest = random_below(2) ? 64 : FRAMES;
        for (int flags = 0; flags < 2; flags++) {
            for (uint32_t lane = 0; lane < LAT_LANES; lane++) {
                run_lanes(kernels->process[kernel], type, lane, 1, longest,
                          flags, got);
            }
            check_same(got, type, kernels, flags ? "alone, flagged" : "alone");
            run_lanes(kernels->process_lanes[kernel], type, 0, LAT_LANES,
                      longest, flags, got);
            check_same(got, type, kernels,
                       flags ? "in lanes, flagged" : "in lanes");
        }
    }
}

Test(kernels, give_the_same_bits_on_every_path)
{
    lat_rt_flush_denormals();
    for (int kernel = 1; kernel < LAT_N_KERNELS; kernel++) {
        for (uint64_t scene = 0; scene < 60; scene++) {
            random_state = (uint64_t)kernel * 1000 + scene;
            check_scene((enum lat_kernel)kernel);
        }
    }
}

/// All inputs are @p x, constant or not, for LAT_LANES nodes or one.
static void
check_bounded(const struct lat_kernels *kernels,
              const struct lat_node_type *type, float x, uint32_t step,
              bool is_lanes)
{
    static float input[FRAMES * LAT_LANES];
    static float output[FRAMES * LAT_LANES];
    static uint32_t state[16 * LAT_LANES];
    const float *in[8];
    uint32_t steps[8];
    float *out[] = {output};
    for (uint32_t i = 0; i < FRAMES * LAT_LANES; i++) {
        input[i] = x;
    }
    for (uint32_t i = 0; i < type->n_inputs; i++) {
        in[i] = input;
        steps[i] = step;
    }
    memset(state, 0, sizeof(state));
    const struct lat_context context = {
        .rate = 48000.0,
        .rate_f = 48000.0F,
        .period_f = 1.0F / 48000.0F,
        .n_frames = 64,
        .block = 64,
    };
    const struct lat_io io = {
        .in = in,
        .step = steps,
        .out = out,
        .state = state,
        .constant = step ? 0 : UINT64_MAX,
        .n_in = type->n_inputs,
        .n_out = 1,
    };
    const lat_process_fn process = is_lanes
                                       ? kernels->process_lanes[type->kernel]
                                       : kernels->process[type->kernel];
    const uint32_t n = (process(&context, &io) ? 1U : 64U) *
                       (is_lanes ? (uint32_t)LAT_LANES : 1U);
    process(&context, &io);
    cr_assert_eq(kernels->first_bad(output, n), n, "%s %s of %g", kernels->name,
                 type->name, (double)x);
}

Test(kernels, bounded_ones_give_numbers_whatever_they_are_fed)
{
    const float values[] = {NAN, -NAN, INFINITY, -INFINITY, 3e38F, -3e38F, 0};
    uint32_t n_bounded = 0;
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        for (int k = 1; kernels && k < LAT_N_KERNELS; k++) {
            const struct lat_node_type *type = type_of((enum lat_kernel)k);
            for (size_t v = 0; type->is_bounded && v < LAT_COUNT(values); v++) {
                for (int form = 0; form < 4; form++) {
                    check_bounded(kernels, type, values[v], form & 1, form & 2);
                }
            }
            n_bounded += type->is_bounded;
        }
    }
    cr_assert_geq(n_bounded, 6);
}

Test(kernels, exist_for_every_type_that_names_one)
{
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        for (int k = 1; kernels && k < LAT_N_KERNELS; k++) {
            cr_assert_not_null(type_of((enum lat_kernel)k));
            cr_assert_not_null(kernels->process[k]);
            cr_assert_not_null(kernels->process_lanes[k]);
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

/// The association in its plainest form.
static float
sum_plainly(const struct lat_term *terms, uint32_t n_terms, uint32_t f)
{
    float partial[16];
    bool is_there[16] = {false};
    for (uint32_t k = 0; k < n_terms; k++) {
        const float x = terms[k].source[f * terms[k].step] * terms[k].amount;
        partial[k % 16] = is_there[k % 16] ? partial[k % 16] + x : x;
        is_there[k % 16] = true;
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
                const float plain = sum_plainly(terms, n_terms, f);
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

/// Lanes from @p n_sources groups at random.
struct shuffle {
    const float *rows[4];
    uint32_t steps[4], masks[4];
    int32_t index[LAT_LANES];
    _Alignas(64) float amounts[LAT_LANES];
};

static void
shuffle(struct shuffle *s, uint32_t n_sources, bool is_constant)
{
    *s = (struct shuffle){0};
    for (uint32_t i = 0; i < n_sources; i++) {
        s->rows[i] = sources[i];
        s->steps[i] = is_constant ? 0 : LAT_LANES;
    }
    for (uint32_t l = 0; l < LAT_LANES; l++) {
        s->index[l] = (int32_t)random_below(LAT_LANES);
        s->masks[random_below(n_sources)] |= 1U << l;
        s->amounts[l] = (float)random_below(1000) * 0.37F - 100.0F;
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
        permuted[j] = (struct lat_permuted){
            s[j].rows, s[j].steps,         s[j].masks,
            n ? n : 1, n ? s[j].index : 0, NULL,
        };
        permuted[j].amounts = random_below(2) ? s[j].amounts : NULL;
        terms[j] = (struct lat_lane_term){s[j].rows[0], s[j].steps[0],
                                          permuted[j].amounts};
        if (n) {
            kernels->permute(moved[j], s[j].rows, s[j].steps, s[j].masks, n,
                             s[j].index, ROWS);
            terms[j].rows = moved[j];
            terms[j].step = LAT_LANES;
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
