// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every node type keeps what node/type.h promises of node types, whatever it
// is: tests/support/conformance.h tries it by its descriptor alone.  A type
// that breaks a promise is found out by it.

#include "support/conformance.h"

#include "base/rt.h"
#include "nodes/types.h"

#include <criterion/criterion.h>

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifdef LAT_SOUND_FILES
# include "nodes/disk/service.h"

/// Nothing depends on how fast a disk is.
static void
setup(void)
{
    lat_disk_be_offline();
}

TestSuite(conformance, .init = setup, .timeout = 600);
#else
TestSuite(conformance, .timeout = 600);
#endif

static void
expect_conformance(const struct lat_node_type *type)
{
    const struct conformance_terms terms = conformance_terms();
    char text[CONFORMANCE_TEXT_MAX];
    conformance_check(type, &terms, text);
    cr_expect_str_empty(text, "%s breaks %s", type->name, text);
}

Test(conformance, of_every_type)
{
    for (const struct lat_node_type *const *t = lat_node_types(); *t; ++t) {
        expect_conformance(*t);
    }
}

Test(conformance, of_ports_of_processes)
{
    expect_conformance(lat_node_type_port(false));
    expect_conformance(lat_node_type_port(true));
}

// --- Types of test builds
// ------------------------------------------------------

#ifdef LAT_TEST_HOOKS

# define LAT_TYPE_TEST(name) &lat_type_##name,
static const struct lat_node_type *const test_types[] = {
# include "nodes/catalogue.def"
};

// Types that fail when they are told to.
static bool
fails_on_command(const struct lat_node_type *type)
{
    return strcmp(type->name, "faulty") == 0 ||
           strcmp(type->name, "midi_count") == 0;
}

Test(conformance, of_types_in_test_builds)
{
    for (size_t i = 0; i < LAT_COUNT(test_types); ++i) {
        if (!fails_on_command(test_types[i])) {
            expect_conformance(test_types[i]);
        }
    }
}

#endif

// --- Types that break their promises -----------------------------------------

/// What is wrong with the mutant.
enum fault {
    NO_FAULT,
    RANGES_CROSS,
    NO_DOC,
    STARTS_WITH_SPANS,
    LIES_ABOUT_CONSTANTS,
    CONSTANTS_IT_LACKS,
    READS_CONSTANTS_ON,
    WRITES_BEYOND_OUTPUT,
    WRITES_BEFORE_OUTPUT,
    WRITES_BEYOND_STATE,
    WRITES_BEFORE_STATE,
    WRITES_TO_INPUT,
    FORGETS_TO_RESET,
    DIVIDES_BY_0,
    IS_NOT_BOUNDED,
    LOOKS_AT_BLOCK,
    POISONS_OTHERS,
    ALLOCATES,
    FREES,
    LOCKS, ///< found out in builds that guard audio threads
    CRASHES,
    NEVER_RETURNS,
    REFUSES_A_WORD,
    KEEPS_STATE_TOO_SMALL,
    N_FAULTS,
};

static enum fault fault;

struct mutant {
    float last, count;
    float more[8];
};

static void *kept;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static float poison;
static uint64_t first_seed;

static void
misbehave(const struct lat_context *context, const struct lat_io *io)
{
    struct mutant *m = io->state;
    const uint32_t n = context->n_frames;
    switch (fault) {
    case WRITES_BEYOND_OUTPUT:
        io->out[0][n] = 0.0F;
        break;
    case WRITES_BEFORE_OUTPUT:
        io->out[0][-1] = 0.0F;
        break;
    case WRITES_BEYOND_STATE:
        ((volatile float *)m)[sizeof(*m) / sizeof(float)] = 1.0F;
        break;
    case WRITES_BEFORE_STATE:
        ((volatile float *)m)[-1] = 1.0F;
        break;
    case WRITES_TO_INPUT:
        *(float *)(uintptr_t)io->in[0] = 17.0F;
        break;
    case STARTS_WITH_SPANS:
        io->out[0][0] += 1.0F;
        break;
    case LOOKS_AT_BLOCK:
        io->out[0][0] += context->block == 1 ? 1.0F : 0.0F;
        break;
    case ALLOCATES:
        *(void *volatile *)&kept = malloc(10);
        break;
    case FREES:
        free(kept);
        kept = NULL;
        break;
    case LOCKS:
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        break;
    case CRASHES:
        __builtin_trap();
    case NEVER_RETURNS:
        for (;;) {
            __asm__ __volatile__("");
        }
    default:
        break;
    }
}

static float
sample_of(const struct lat_io *io, uint32_t f)
{
    const float x = lat_io_at(io, 0, f);
    const float gain = lat_io_at(io, 1, f);
    if (fault == READS_CONSTANTS_ON) {
        return io->in[0][f] * gain;
    }
    if (fault == POISONS_OTHERS) {
        if (!isfinite(x) && io->config->seed != first_seed) {
            poison = 1.0F;
        }
        return x * gain + poison;
    }
    return fault == DIVIDES_BY_0 ? x / gain : x * gain;
}

static uint64_t
mutant_process(const struct lat_context *context, const struct lat_io *io)
{
    struct mutant *m = io->state;
    for (uint32_t f = 0; f < context->n_frames; ++f) {
        const float x = sample_of(io, f);
        m->last = 0.5F * (m->last + x);
        m->count += 1.0F;
        const bool is_odd = fault == FORGETS_TO_RESET;
        io->out[0][f] = m->last + (is_odd ? m->count : 0.0F);
    }
    misbehave(context, io);
    return fault == LIES_ABOUT_CONSTANTS ? 1
           : fault == CONSTANTS_IT_LACKS ? 2
                                         : 0;
}

static void
mutant_reset(void *state, const struct lat_config *config)
{
    struct mutant *m = state;
    (void)config;
    m->last = 0.0F;
    if (fault != FORGETS_TO_RESET) {
        m->count = 0.0F;
    }
}

static size_t
mutant_bytes(const struct lat_config *config)
{
    return sizeof(struct mutant) +
           (fault == KEEPS_STATE_TOO_SMALL
                ? sizeof(float) * (size_t)config->settings[1].number
                : 0);
}

static enum lat_status
mutant_init(void *state, const struct lat_config *config)
{
    (void)state;
    kept = fault == FREES && !kept ? malloc(10) : kept;
    first_seed = first_seed ? first_seed : config->seed;
    const char *const word = config->settings[0].text;
    return fault == REFUSES_A_WORD && !strcmp(word, "rough") ? LAT_EINVAL
                                                             : LAT_OK;
}

static const char *const words[] = {"smooth", "rough", NULL};

static struct lat_port inputs[2];
static const struct lat_port outputs[] = {
    {.name = "out", .doc = "A sound.", .unit = "", .min = -1.0F, .max = 1.0F},
};
static const struct lat_setting settings[] = {
    {.name = "mode",
     .doc = "How.",
     .unit = "",
     .kind = LAT_SETTING_WORD,
     .initial_text = "smooth",
     .words = words},
    {.name = "size",
     .doc = "How much.",
     .unit = "",
     .kind = LAT_SETTING_INTEGER,
     .min = 1,
     .max = 8,
     .initial = 2,
     .keeps_state = true},
};

static struct lat_node_type
mutant_of(enum fault of)
{
    fault = of;
    inputs[0] = (struct lat_port){
        .name = "in",
        .doc = "A sound.",
        .unit = "",
        .kind = LAT_PORT_SIGNAL,
        .min = -1e6F,
        .max = 1e6F,
        .low = -1.0F,
        .high = 1.0F,
    };
    inputs[1] = (struct lat_port){
        .name = "gain",
        .doc = of == NO_DOC ? "" : "How loud.",
        .unit = "",
        .kind = LAT_PORT_KNOB,
        .min = of == RANGES_CROSS ? 2.0F : -2.0F,
        .max = 2.0F,
        .low = -1.0F,
        .high = 1.0F,
        .initial = 1.0F,
    };
    return (struct lat_node_type){
        .name = "mutant",
        .doc = "Conforms, but for one fault.",
        .inputs = inputs,
        .n_inputs = LAT_COUNT(inputs),
        .outputs = outputs,
        .n_outputs = LAT_COUNT(outputs),
        .settings = settings,
        .n_settings = LAT_COUNT(settings),
        .cost_ns = 1.0F,
        .is_bounded = of == IS_NOT_BOUNDED,
        .state_bytes = mutant_bytes,
        .init = mutant_init,
        .reset = mutant_reset,
        .process = mutant_process,
    };
}

static void
expect_broken(const struct lat_node_type *type,
              const struct conformance_terms *terms, const char *claim)
{
    char text[CONFORMANCE_TEXT_MAX];
    struct conformance_terms all = *terms;
    all.stride = 1; // some faults are found in one scene only
    conformance_check(type, &all, text);
    cr_expect_eq(strncmp(text, claim, strlen(claim)), 0,
                 "fault %d of %s: \"%s\" is not \"%s\"", (int)fault, type->name,
                 text, claim);
}

Test(conformance, of_a_type_that_has_no_fault)
{
    const struct lat_node_type type = mutant_of(NO_FAULT);
    expect_conformance(&type);
}

Test(conformance, names_the_promise_that_a_type_breaks)
{
    static const char *const claims[N_FAULTS] = {
        [RANGES_CROSS] = "descriptor: the ranges of gain",
        [NO_DOC] = "descriptor: a port's doc",
        [STARTS_WITH_SPANS] = "spans: output 0",
        [LIES_ABOUT_CONSTANTS] = "bounds: output 0: writes beyond its 1 rows",
        [CONSTANTS_IT_LACKS] = "constants: says",
        [READS_CONSTANTS_ON] = "constant inputs: output 0",
        [WRITES_BEYOND_OUTPUT] = "bounds: output 0: writes beyond",
        [WRITES_BEFORE_OUTPUT] = "bounds: output 0: writes before",
        [WRITES_BEYOND_STATE] = "bounds: writes beyond its state",
        [WRITES_BEFORE_STATE] = "bounds: writes before its state",
        [WRITES_TO_INPUT] = "bounds: writes to its input 0",
        [FORGETS_TO_RESET] = "reset: output 0",
        [DIVIDES_BY_0] = "finite: output 0",
        [IS_NOT_BOUNDED] = "bounded: output 0",
        [LOOKS_AT_BLOCK] = "together: ear0",
        [POISONS_OTHERS] = "faults: ear0",
#ifdef LAT_RT_GUARD
        [ALLOCATES] = "bounds: dies of a signal",
        [FREES] = "bounds: dies of a signal",
        [LOCKS] = "bounds: dies of a signal",
#else
        [ALLOCATES] = "audio thread: calls malloc",
        [FREES] = "audio thread: calls free",
        [LOCKS] = "",
#endif
        [CRASHES] = "bounds: dies of a signal",
#ifdef __SANITIZE_THREAD__
        [NEVER_RETURNS] = "end: status 0x9",
#else
        [NEVER_RETURNS] = "bounds: does not return",
#endif
        [REFUSES_A_WORD] = "settings: refuses a value of its own",
        [KEEPS_STATE_TOO_SMALL] = "settings: size keeps a state",
    };
    struct conformance_terms terms = conformance_terms();
    for (int f = 1; f < N_FAULTS; ++f) {
        const struct lat_node_type type = mutant_of((enum fault)f);
        terms.seconds = f == NEVER_RETURNS ? 2 : 300;
        expect_broken(&type, &terms, claims[f]);
    }
}

// --- Kernels that break theirs -----------------------------------------------

static lat_process_fn sound_process;

static uint64_t
wrong_in_lane_3(const struct lat_context *context, const struct lat_io *io)
{
    const uint64_t constant = sound_process(context, io);
    io->out[0][3] += 1.0F;
    return constant;
}

static uint64_t
wrong_at_first(const struct lat_context *context, const struct lat_io *io)
{
    const uint64_t constant = sound_process(context, io);
    io->out[0][0] += 1.0F;
    return constant;
}

static uint64_t
constant_always(const struct lat_context *context, const struct lat_io *io)
{
    struct lat_context first = *context;
    first.n_frames = 1;
    sound_process(&first, io);
    return 1;
}

static uint64_t
finite_always(const struct lat_context *context, const struct lat_io *io)
{
    return sound_process(context, io) | LAT_ALL_FINITE;
}

static uint64_t
writes_a_word_more(const struct lat_context *context, const struct lat_io *io)
{
    const uint32_t n = lat_node_type_find("onepole")->state_words;
    ((uint32_t *)io->state)[n * LAT_LANES] = 1;
    return sound_process(context, io);
}

#ifdef LAT_TEST_HOOKS

Test(conformance, is_not_what_the_faulty_one_has)
{
    const struct conformance_terms terms = conformance_terms();
    expect_broken(lat_node_type_find("faulty"), &terms,
                  "bounds: dies of a signal");
}

#endif

static void
expect_broken_kernel(bool is_lanes, lat_process_fn process, const char *claim)
{
    const struct lat_node_type *type = lat_node_type_find("onepole");
    struct conformance_terms terms = conformance_terms();
    static struct lat_kernels broken;
    static lat_process_fn processes[256];
    int last = 0;
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        last = terms.kernels[isa] ? isa : last;
    }
    broken = *terms.kernels[last];
    const lat_process_fn **const table =
        is_lanes ? &broken.process_lanes : &broken.process;
    sound_process = (*table)[type->kernel];
    cr_assert_leq(broken.n, LAT_COUNT(processes));
    memcpy(processes, *table, broken.n * sizeof(*processes));
    processes[type->kernel] = process;
    *table = processes;
    terms.kernels[last] = &broken;
    expect_broken(type, &terms, claim);
}

static void
expect_broken_loop(lat_process_fn process, const char *claim)
{
    const struct lat_node_type *type = lat_node_type_find("flanger");
    struct conformance_terms terms = conformance_terms();
    static struct lat_kernels broken;
    static lat_process_fn loops[64];
    int last = 0;
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        last = terms.kernels[isa] ? isa : last;
    }
    broken = *terms.kernels[last];
    sound_process = broken.loops[type->loop];
    cr_assert_leq(broken.n_loops, LAT_COUNT(loops));
    memcpy(loops, broken.loops, broken.n_loops * sizeof(*loops));
    loops[type->loop] = process;
    broken.loops = loops;
    terms.kernels[last] = &broken;
    expect_broken(type, &terms, claim);
}

/// Has this processor two sets of kernels that are to give the same bits?
static bool
has_two_alike(void)
{
    const struct conformance_terms terms = conformance_terms();
    unsigned n = 0;
    for (int isa = 0; isa < LAT_N_ISAS; ++isa) {
        n += terms.kernels[isa] &&
             terms.kernels[isa]->fuses == lat_kernels_best()->fuses;
    }
    return n > 1;
}

Test(conformance, names_the_promise_that_a_kernel_breaks)
{
    fault = NO_FAULT;
    expect_broken_kernel(true, NULL, "descriptor: ");
    expect_broken_kernel(true, wrong_in_lane_3, "lanes: output 0 lane 3");
    expect_broken_kernel(true, constant_always, "constants: output 0 moves");
    expect_broken_kernel(true, finite_always, "all finite: output 0 has");
    expect_broken_kernel(true, writes_a_word_more, "bounds: writes beyond");
    if (has_two_alike()) {
        expect_broken_kernel(false, wrong_at_first,
                             "instruction sets: output 0");
    }
}

Test(conformance, names_the_promise_that_a_loop_breaks)
{
    fault = NO_FAULT;
    expect_broken_loop(NULL, "descriptor: ");
    if (has_two_alike()) {
        expect_broken_loop(wrong_at_first, "instruction sets: output 0");
    }
}
