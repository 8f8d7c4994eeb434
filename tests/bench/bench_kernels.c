// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Times every kernel: nanoseconds for a block of 64 frames, for one node and
// for a lane group of 16, on each instruction set of this machine.
//
// usage: bench_kernels [--trace ISA] [KERNEL]...
// build: ninja -C build/release bench_kernels
//
// With --trace (x86-64), for scripts/kernel-limits: a line "@ KERNEL CYCLES" of
// the lanes, then the address of every instruction that a block takes and what
// the registers rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8 to r15 hold before
// it.  A cycle is what one of many additions takes that wait for each other.

#include "node/kernels.h"
#include "nodes/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
# include <signal.h>
# include <sys/ptrace.h>
# include <sys/user.h>
# include <sys/wait.h>
# include <unistd.h>
#endif

#define FRAMES      64
#define MOST_INPUTS 5
#define ROUNDS      15
#define CALLS       400

/// A kernel under certain inputs.
struct scene {
    const char *name;
    enum lat_kernel kernel;
    uint32_t n_in;
    unsigned moving; // bit per input
    float value[MOST_INPUTS];
};

/// In `moving`: in lanes, input 0 is the sum of two cables, one permuted.
#define OF_TWO 256U

#define OSC                                                                    \
 {                                                                             \
  440.0F, 0.0F, 0.2F, 0.0F, 0.3F                                               \
 }
#define SVF                                                                    \
 {                                                                             \
  0.5F, 1000.0F, 0.0F, 2.0F                                                    \
 }

static const struct scene scenes[] = {
    {"add", LAT_KERNEL_ADD, 2, 3, {1, 2}},
    {"multiply", LAT_KERNEL_MULTIPLY, 2, 3, {1, 2}},
    {"multiply by constant", LAT_KERNEL_MULTIPLY, 2, 1, {1, 2}},
    {"divide", LAT_KERNEL_DIVIDE, 2, 3, {1, 2}},
    {"max", LAT_KERNEL_MAX, 2, 3, {1, 2}},
    {"gain by constant", LAT_KERNEL_GAIN, 3, 1, {1, 2, 1}},
    {"gain by cv", LAT_KERNEL_GAIN, 3, 5, {1, 2, 1}},
    {"pan", LAT_KERNEL_PAN, 2, 1, {1, 0.3F}},
    {"pan moving", LAT_KERNEL_PAN, 2, 3, {1, 0.3F}},
    {"sine", LAT_KERNEL_SINE, 4, 0, OSC},
    {"sine freq", LAT_KERNEL_SINE, 4, 1, OSC},
    {"sine phase", LAT_KERNEL_SINE, 4, 4, OSC},
    {"sine all", LAT_KERNEL_SINE, 4, 15, OSC},
    {"saw", LAT_KERNEL_SAW, 4, 0, OSC},
    {"saw freq", LAT_KERNEL_SAW, 4, 1, OSC},
    {"saw all", LAT_KERNEL_SAW, 4, 15, OSC},
    {"square", LAT_KERNEL_SQUARE, 4, 0, OSC},
    {"triangle", LAT_KERNEL_TRIANGLE, 4, 0, OSC},
    {"triangle freq", LAT_KERNEL_TRIANGLE, 4, 1, OSC},
    {"pulse", LAT_KERNEL_PULSE, 5, 0, OSC},
    {"pulse width", LAT_KERNEL_PULSE, 5, 16, OSC},
    {"impulse", LAT_KERNEL_IMPULSE, 1, 0, OSC},
    {"impulse freq", LAT_KERNEL_IMPULSE, 1, 1, OSC},
    {"lowpass", LAT_KERNEL_LOWPASS, 4, 1, SVF},
    {"lowpass cutoff", LAT_KERNEL_LOWPASS, 4, 3, SVF},
    {"lowpass all", LAT_KERNEL_LOWPASS, 4, 15, SVF},
    {"highpass", LAT_KERNEL_HIGHPASS, 4, 1, SVF},
    {"bandpass cutoff", LAT_KERNEL_BANDPASS, 4, 3, SVF},
    {"lowpass low", LAT_KERNEL_LOWPASS, 4, 1, {1, 100, 0, 2}},
    {"lowpass low cutoff", LAT_KERNEL_LOWPASS, 4, 3, {1, 100, 0, 2}},
    {"onepole", LAT_KERNEL_ONEPOLE, 2, 1, {1, 1000}},
    {"onepole of two", LAT_KERNEL_ONEPOLE, 2, 1 | OF_TWO, {1, 1000}},
    {"lowpass of two", LAT_KERNEL_LOWPASS, 4, 1 | OF_TWO, SVF},
    {"onepole low", LAT_KERNEL_ONEPOLE, 2, 1, {1, 100}},
    {"onepole low cutoff", LAT_KERNEL_ONEPOLE, 2, 3, {1, 100}},
    {"onepole cutoff", LAT_KERNEL_ONEPOLE, 2, 3, {1, 1000}},
    {"adsr attack", LAT_KERNEL_ADSR, 5, 0, {1, 1000, 1, 0.5F, 1}},
    {"adsr gate moving", LAT_KERNEL_ADSR, 5, 1, {1, 1000, 1, 0.5F, 1}},
    {"adsr all", LAT_KERNEL_ADSR, 5, 31, {1, 1000, 1, 0.5F, 1}},
    {"adsr at rest", LAT_KERNEL_ADSR, 5, 0, {0, 1, 1, 0.5F, 1}},
};

static float input[MOST_INPUTS][FRAMES * LAT_LANES]
    __attribute__((aligned(LAT_ALIGNMENT)));
static float output[2][FRAMES * LAT_LANES]
    __attribute__((aligned(LAT_ALIGNMENT)));
static uint32_t state[LAT_LANE_WORDS * LAT_LANES]
    __attribute__((aligned(LAT_ALIGNMENT)));

static const struct lat_context context = {
    .rate = 48000,
    .rate_f = 48000.0F,
    .period_f = 1.0F / 48000.0F,
    .n_frames = FRAMES,
    .block = FRAMES,
};

/// Of types with settings: all lanes have the first one's number.
static const struct lat_setting_value curve = {.number = -4};
static const struct lat_config config = {.settings = &curve};
static float settings[LAT_LANES];

static const float *in[MOST_INPUTS];
static uint32_t step[MOST_INPUTS];
static float *const out[2] = {output[0], output[1]};

/// A sum of two rows, the second with its lanes the other way round.
static const struct lat_late_sum *
late_sum(void)
{
    static const float *const sources[] = {input[1], input[2]};
    static const uint32_t row[] = {LAT_LANES};
    static const uint32_t all[] = {0xffffU};
    static int32_t backwards[LAT_LANES];
    static float amounts[LAT_LANES] __attribute__((aligned(LAT_ALIGNMENT)));
    static struct lat_half halves[LAT_LANES / LAT_HALF];
    static struct lat_late_sum sum;
    for (int32_t l = 0; l < LAT_LANES; l++) {
        backwards[l] = LAT_LANES - 1 - l;
        amounts[l] = 0.5F;
    }
    for (uint32_t h = 0; h < LAT_LANES / LAT_HALF; h++) {
        halves[h] = lat_half_of(all, 1, backwards, h * LAT_HALF);
    }
    for (uint32_t k = 0; k < 2; k++) {
        sum.terms[k] = (struct lat_permuted){
            .sources = &sources[k],
            .steps = row,
            .masks = all,
            .n_sources = 1,
            .index = k ? backwards : NULL,
            .halves = halves,
            .amounts = amounts,
        };
    }
    sum.rows = input[0];
    return &sum;
}

static struct lat_io
io_of(const struct scene *scene)
{
    for (uint32_t i = 0; i < MOST_INPUTS; i++) {
        in[i] = input[i];
        step[i] = scene->moving >> i & 1U;
        for (uint32_t k = 0; k < FRAMES * LAT_LANES; k++) {
            const float wobble = (float)(k * 7919 % 1024) / 1024.0F;
            input[i][k] = scene->value[i] * (1.0F - 0.01F * wobble);
        }
    }
    memset(state, 0, sizeof(state));
    for (uint32_t l = 0; l < LAT_LANES; l++) {
        settings[l] = (float)curve.number;
    }
    return (struct lat_io){
        .in = in,
        .step = step,
        .out = out,
        .state = state,
        .config = &config,
        .settings = settings,
        .constant = ~(uint64_t)scene->moving,
        .late = scene->moving & OF_TWO ? late_sum() : NULL,
        .n_in = scene->n_in,
        .n_out = 2,
    };
}

/// What is timed: a node or a group, or a chain.
struct job {
    lat_process_fn process;
    const struct lat_io *io;
    lat_chain_fn process_chain;
    const struct lat_chain *chain;
};

static void
run(const struct job *job)
{
    if (job->chain) {
        job->process_chain(&context, job->chain);
    } else {
        job->process(&context, job->io);
    }
}

/// The best of several rounds, in nanoseconds per call.
static double
time_job(const struct job *job)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t start = lat_now_ns();
        for (int call = 0; call < CALLS; call++) {
            run(job);
        }
        const double ns = (double)(lat_now_ns() - start) / CALLS;
        best = ns < best ? ns : best;
    }
    return best;
}

static void
print_time(lat_process_fn process, const struct scene *scene)
{
    const struct lat_io io = io_of(scene);
    const struct job job = {.process = process, .io = &io};
    printf("%9.1f", time_job(&job));
}

/// A row of filters, at rest.
struct row {
    const char *name;
    enum lat_kernel kernel;
    uint32_t n;
    struct lat_chain_part parts[LAT_CHAIN_PARTS];
};

static struct row rows[] = {
    {"4 lowpasses in a row", LAT_KERNEL_LOWPASS, 4, {{0}}},
    {"16 lowpasses in a row", LAT_KERNEL_LOWPASS, 16, {{0}}},
    {"200 lowpasses in a row", LAT_KERNEL_LOWPASS, 200, {{0}}},
    {"16 onepoles in a row", LAT_KERNEL_ONEPOLE, 16, {{0}}},
    {"200 onepoles in a row", LAT_KERNEL_ONEPOLE, 200, {{0}}},
};

static struct lat_chain
chain_of(struct row *row)
{
    static const float values[] = {1.0F, 9000.0F, 0.0F, 0.7F};
    static float inputs[LAT_COUNT(values)][LAT_LANES]
        __attribute__((aligned(LAT_ALIGNMENT)));
    static uint32_t states[LAT_CHAIN_PARTS][4 * LAT_LANES]
        __attribute__((aligned(LAT_ALIGNMENT)));
    memset(states, 0, sizeof(states));
    for (uint32_t i = 0; i < LAT_COUNT(values); i++) {
        for (uint32_t l = 0; l < LAT_LANES; l++) {
            inputs[i][l] = values[i];
        }
    }
    for (uint32_t p = 0; p < LAT_CHAIN_PARTS; p++) {
        row->parts[p] = (struct lat_chain_part){inputs[0], states[p]};
    }
    return (struct lat_chain){
        .n = row->n,
        .parts = row->parts,
        .in = input[0],
        .step = 1,
        .out = output[0],
    };
}

static double
time_sum(const struct lat_kernels *kernels, uint32_t n_terms)
{
    static float sources[128][FRAMES] __attribute__((aligned(LAT_ALIGNMENT)));
    struct lat_term terms[128];
    for (uint32_t k = 0; k < n_terms; k++) {
        terms[k] = (struct lat_term){sources[k], 1, 0.5F};
    }
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t start = lat_now_ns();
        for (int call = 0; call < CALLS; call++) {
            kernels->sum(output[0], terms, n_terms, FRAMES);
        }
        const double ns = (double)(lat_now_ns() - start) / CALLS;
        best = ns < best ? ns : best;
    }
    return best;
}

static double
time_first_bad(const struct lat_kernels *kernels)
{
    static float samples[FRAMES];
    double best = 1e9;
    volatile uint32_t found = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t start = lat_now_ns();
        for (int call = 0; call < CALLS; call++) {
            found = kernels->first_bad(samples, FRAMES);
        }
        const double ns = (double)(lat_now_ns() - start) / CALLS;
        best = ns < best ? ns : best;
    }
    (void)found;
    return best;
}

static bool
is_asked_for(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strncmp(name, argv[i], strlen(argv[i]))) {
            return true;
        }
    }
    return argc < 2;
}

#ifdef __x86_64__

/// What a cycle takes, in nanoseconds.
static double
time_cycle(void)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t start = lat_now_ns();
        for (int call = 0; call < CALLS; call++) {
            __asm__ volatile(".rept 100\n add %%rbx, %%rax\n .endr" ::: "rax");
        }
        const double ns = (double)(lat_now_ns() - start) / (100.0 * CALLS);
        best = ns < best ? ns : best;
    }
    return best;
}

static void
print_registers(const struct user_regs_struct *r)
{
    const unsigned long long all[] = {
        r->rip, r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->rsp,
        r->r8,  r->r9,  r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
    };
    for (size_t i = 0; i < LAT_COUNT(all); i++) {
        printf("%llx%c", all[i], i + 1 < LAT_COUNT(all) ? ' ' : '\n');
    }
}

/// Print what @p job goes through, in another process.
static void
print_trace(const char *name, const struct job *job)
{
    const uintptr_t entry =
        job->chain ? (uintptr_t)job->process_chain : (uintptr_t)job->process;
    printf("@ %s\t%.1f\n", name, time_job(job) / time_cycle());
    fflush(stdout);
    const pid_t child = fork();
    if (!child) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        run(job);
        _exit(0);
    }
    unsigned long from = 0;
    int status = 0;
    for (waitpid(child, &status, 0); WIFSTOPPED(status);
         waitpid(child, &status, 0)) {
        struct user_regs_struct regs;
        ptrace(PTRACE_GETREGS, child, NULL, &regs);
        if (regs.rip == entry) {
            from = (unsigned long)ptrace(PTRACE_PEEKDATA, child,
                                         (void *)regs.rsp, NULL);
        } else if (from && regs.rip == from) {
            kill(child, SIGKILL);
        }
        if (from && regs.rip != from) {
            print_registers(&regs);
        }
        ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
    }
}

static void
print_traces(const char *isa, int argc, char **argv)
{
    const struct lat_kernels *kernels = lat_kernels_find(isa);
    if (!kernels) {
        fprintf(stderr, "bench_kernels: no %s here\n", isa);
        exit(1);
    }
    for (size_t i = 0; i < LAT_COUNT(scenes); i++) {
        const struct scene *scene = &scenes[i];
        const struct lat_io io = io_of(scene);
        const struct job job = {
            .process = kernels->process_lanes[scene->kernel],
            .io = &io,
        };
        if (is_asked_for(scene->name, argc, argv)) {
            print_trace(scene->name, &job);
        }
    }
    for (size_t i = 0; i < LAT_COUNT(rows); i++) {
        const struct lat_chain chain = chain_of(&rows[i]);
        const struct job job = {
            .process_chain = kernels->process_chain[rows[i].kernel],
            .chain = &chain,
        };
        if (is_asked_for(rows[i].name, argc, argv)) {
            print_trace(rows[i].name, &job);
        }
    }
}

#endif

int
main(int argc, char **argv)
{
    lat_rt_flush_denormals();
#ifdef __x86_64__
    if (argc > 2 && !strcmp(argv[1], "--trace")) {
        print_traces(argv[2], argc - 2, argv + 2);
        return 0;
    }
#endif
    printf("ns for 64 frames: of one node / of 16 in lanes\n%-22s", "");
    for (int isa = 0; isa < LAT_N_ISAS; isa++) {
        const struct lat_kernels *kernels = lat_kernels_get((enum lat_isa)isa);
        if (kernels) {
            printf("%18s", kernels->name);
        }
    }
    printf("\n");
    for (size_t i = 0; i < LAT_COUNT(scenes); i++) {
        const struct scene *scene = &scenes[i];
        if (!is_asked_for(scene->name, argc, argv)) {
            continue;
        }
        printf("%-22s", scene->name);
        for (int isa = 0; isa < LAT_N_ISAS; isa++) {
            const struct lat_kernels *kernels =
                lat_kernels_get((enum lat_isa)isa);
            if (kernels) {
                struct scene alone = *scene;
                alone.moving &= ~OF_TWO;
                print_time(kernels->process[scene->kernel], &alone);
                print_time(kernels->process_lanes[scene->kernel], scene);
            }
        }
        printf("\n");
    }
    for (size_t i = 0; i < LAT_COUNT(rows); i++) {
        const struct lat_chain chain = chain_of(&rows[i]);
        if (!is_asked_for(rows[i].name, argc, argv)) {
            continue;
        }
        printf("%-22s", rows[i].name);
        for (int isa = 0; isa < LAT_N_ISAS; isa++) {
            const struct lat_kernels *kernels =
                lat_kernels_get((enum lat_isa)isa);
            if (kernels) {
                const struct job job = {
                    .process_chain = kernels->process_chain[rows[i].kernel],
                    .chain = &chain,
                };
                printf("%9.1f%9s", time_job(&job), "");
            }
        }
        printf("\n");
    }
    const uint32_t n_terms[] = {1, 2, 3, 4, 8, 16, 32, 100, 128};
    for (size_t i = 0; i < LAT_COUNT(n_terms); i++) {
        if (!is_asked_for("sum", argc, argv)) {
            break;
        }
        printf("sum of %-15u", n_terms[i]);
        for (int isa = 0; isa < LAT_N_ISAS; isa++) {
            const struct lat_kernels *kernels =
                lat_kernels_get((enum lat_isa)isa);
            if (kernels) {
                printf("%9.1f%9s", time_sum(kernels, n_terms[i]), "");
            }
        }
        printf("\n");
    }
    if (is_asked_for("first_bad", argc, argv)) {
        printf("%-22s", "first_bad");
        for (int isa = 0; isa < LAT_N_ISAS; isa++) {
            const struct lat_kernels *kernels =
                lat_kernels_get((enum lat_isa)isa);
            if (kernels) {
                printf("%9.1f%9s", time_first_bad(kernels), "");
            }
        }
        printf("\n");
    }
    return 0;
}
