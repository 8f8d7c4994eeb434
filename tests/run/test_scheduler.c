// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// However many threads take part, whatever holds them up: the same bits, and
// never a hang.

#include "support/patches.h"

#include "control/state.h"
#include "node/kernels.h"
#include "plan/lanes.h"
#include "run/scheduler.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct rig
rig_of(uint32_t workers, const char *isa)
{
    return rig_with(&(struct lat_control_options){
        .rate = 48000.0,
        .block = 64,
        .workers = workers,
        .isa = isa,
        .is_offline = true,
        .always_parallel = workers > 1,
        .grain_ns = workers > 1 ? 2.0F : 0.0F, // many small chunks
    });
}

// Two workers, used or not as the scheduler chooses.
static struct rig
rig_that_chooses(float grain_ns)
{
    return rig_with(&(struct lat_control_options){
        .rate = 48000.0,
        .block = 64,
        .workers = 2,
        .is_offline = true,
        .grain_ns = grain_ns,
    });
}

// Did workers take part?
static void
expect_parallel(struct rig *r)
{
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r->c), &status);
    cr_assert_gt(status.n_parallel, 0);
    cr_assert_gt(status.n_chunks, 4);
}

static const patch_fn patches[] = {patch_voices, patch_layers, patch_chain,
                                   patch_sines, patch_tangle};

Test(scheduler, any_number_of_workers_gives_the_same_bits, .timeout = 120)
{
    for (size_t p = 0; p < LAT_COUNT(patches); ++p) {
        struct rig one = rig_of(1, NULL);
        rig_build(&one, patches[p]);
        rig_run(&one, 6400, 64);
        for (uint32_t w = 2; w <= 8; ++w) {
            struct rig r = rig_of(w, NULL);
            rig_build(&r, patches[p]);
            rig_run(&r, 6400, 256);
            if (patches[p] != patch_chain) { // one chunk, whatever one does
                expect_parallel(&r);
            }
            rig_same_bits(&one, &r);
            rig_free(&r);
        }
        rig_free(&one);
    }
}

Test(scheduler, workers_and_instruction_sets_together, .timeout = 120)
{
    for (int fuses = 0; fuses < 2; ++fuses) {
        if (!rig_isa(fuses, 0)) {
            continue;
        }
        struct rig one = rig_of(1, rig_isa(fuses, 0));
        rig_build(&one, patch_tangle);
        rig_run(&one, 3200, 64);
        for (size_t i = 0; rig_isa(fuses, i); ++i) {
            struct rig r = rig_of(3, rig_isa(fuses, i));
            rig_build(&r, patch_tangle);
            rig_run(&r, 3200, 100);
            rig_same_bits(&one, &r);
            rig_free(&r);
        }
        rig_free(&one);
    }
}

Test(scheduler, live_edits_with_workers_are_the_same_bits, .timeout = 120)
{
    struct rig one = rig_of(1, NULL);
    struct rig many = rig_of(4, NULL);
    rig_build(&one, patch_voices);
    rig_build(&many, patch_voices);
    for (int turn = 0; turn < 300; ++turn) {
        const uint32_t n = 20 + (uint32_t)(turn * 37 % 200);
        patch_edit_voices(&one, turn);
        rig_run(&one, n, 64);
        patch_edit_voices(&many, turn);
        rig_run(&many, n, 90);
    }
    rig_same_bits(&one, &many);
    rig_free(&one);
    rig_free(&many);
}

#define N_VOICES 160

static void
patch_many_voices(struct rig *r)
{
    rig_do(r, "new audio_out main channels 1");
    for (int i = 0; i < N_VOICES; ++i) {
        rig_say(r, "new saw s%d freq %d", i, 55 + i);
        rig_say(r, "new lowpass f%d cutoff 1200", i);
        rig_say(r, "new gain g%d", i);
        rig_say(r, "connect s%d f%d", i, i);
        rig_say(r, "connect f%d g%d", i, i);
        rig_say(r, "connect g%d main 0.004", i);
    }
}

// The chunk that plays node @p name.
static uint32_t
chunk_of(const struct rig *r, const char *name)
{
    const struct lat_plan *plan = r->c->plan;
    const struct lat_instance *inst =
        lat_units_instance(lat_graph_find(&r->c->graph, name));
    for (uint32_t c = 0; c < plan->n_chunks; ++c) {
        const struct lat_chunk *chunk = &plan->chunks[c];
        for (uint32_t i = chunk->first; i < chunk->first + chunk->n; ++i) {
            const struct lat_task *t = &plan->tasks[i];
            const bool is_group =
                t->kind == LAT_TASK_LANES || t->kind == LAT_TASK_CHAIN;
            const uint32_t n = is_group                   ? t->lanes->n
                               : t->kind == LAT_TASK_NODE ? 1
                                                          : 0;
            for (uint32_t l = 0; l < n; ++l) {
                const struct lat_plan_node *pn =
                    is_group ? t->lanes->members[l] : t->node;
                if (pn->inst == inst) {
                    return c;
                }
            }
        }
    }
    return UINT32_MAX;
}

Test(scheduler, a_voice_is_not_torn_apart_nor_its_sum_left_to_one_thread)
{
    struct rig r = rig_that_chooses(0.0F);
    rig_build(&r, patch_many_voices);
    const struct lat_plan *plan = r.c->plan;
    const uint32_t last = chunk_of(&r, "main");
    for (int i = 0; i < N_VOICES; ++i) {
        char name[3][16];
        uint32_t chunk[3];
        for (int k = 0; k < 3; ++k) {
            snprintf(name[k], sizeof(name[k]), "%c%d", "sfg"[k], i);
            chunk[k] = chunk_of(&r, name[k]);
        }
        cr_assert_lt(chunk[0], last);
        cr_assert(chunk[0] == chunk[1] && chunk[1] == chunk[2], "voice %d", i);
    }
    const struct lat_chunk *end = &plan->chunks[last];
    for (uint32_t i = end->first; i < end->first + end->n; ++i) {
        cr_assert_neq(plan->tasks[i].kind, LAT_TASK_SUM);
    }
    rig_free(&r);
}

Test(scheduler, starts_and_stops, .timeout = 60)
{
    for (int i = 0; i < 100; ++i) {
        struct rig r = rig_of(1 + (uint32_t)i % 6, NULL);
        rig_build(&r, patch_chain);
        rig_run(&r, 128, 64);
        rig_free(&r);
    }
}

// The first line of a file of a thread that begins with @p key, after that.
static bool
read_line(const char *thread, const char *file, const char *key, char line[200])
{
    char path[300];
    bool found = false;
    snprintf(path, sizeof(path), "/proc/self/task/%s/%s", thread, file);
    FILE *const f = fopen(path, "r");
    while (f && !found && fgets(line, 200, f)) {
        found = strncmp(line, key, strlen(key)) == 0;
    }
    if (f) {
        fclose(f);
    }
    memmove(line, line + strlen(key),
            found ? strlen(line + strlen(key)) + 1 : 0);
    return found;
}

static void
expect_deaf(const char *thread)
{
    static const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGUSR1, SIGALRM};
    char line[200];
    cr_assert(read_line(thread, "status", "SigBlk:", line));
    const unsigned long long blocked = strtoull(line, NULL, 16);
    for (size_t i = 0; i < LAT_COUNT(signals); ++i) {
        cr_expect(blocked >> (signals[i] - 1) & 1U, "signal %d", signals[i]);
    }
}

// How many workers there are; each one is shown to @p look, if it is any.
static unsigned
count_workers(void (*look)(const char *thread))
{
    unsigned n = 0;
    DIR *const threads = opendir("/proc/self/task");
    cr_assert_not_null(threads);
    for (const struct dirent *d; (d = readdir(threads));) {
        char name[200];
        if (read_line(d->d_name, "comm", "lattice-worker", name)) {
            ++n;
            if (look) {
                look(d->d_name);
            }
        }
    }
    closedir(threads);
    return n;
}

Test(scheduler, workers_take_no_signal)
{
    struct rig r = rig_of(3, NULL);
    cr_expect_eq(count_workers(expect_deaf), 2);
    rig_free(&r);
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    cr_expect_not(sigismember(&mine, SIGTERM)); // who starts them does hear
}

#ifdef LAT_TEST_HOOKS

static _Atomic uint32_t seed;

// Up to 60 us, before or after a claim, now and then.
static void
delay_at_random(uint32_t thread, int when)
{
    (void)thread;
    (void)when;
    const uint32_t x = atomic_fetch_add(&seed, 1) * UINT32_C(2654435761) >> 20U;
    if (x % 16 == 0) {
        const uint64_t end = lat_now_ns() + x * 15;
        while (lat_now_ns() < end) {
        }
    } else if (x % 64 == 1) {
        sched_yield();
    }
}

Test(scheduler, delays_in_claims_change_no_bit, .timeout = 300)
{
    for (size_t p = 0; p < LAT_COUNT(patches); ++p) {
        struct rig one = rig_of(1, NULL);
        rig_build(&one, patches[p]);
        rig_run(&one, 12800, 64);
        lat_scheduler_hook = delay_at_random;
        struct rig r = rig_of(4, NULL);
        rig_build(&r, patches[p]);
        rig_run(&r, 12800, 192);
        lat_scheduler_hook = NULL;
        rig_same_bits(&one, &r);
        rig_free(&r);
        rig_free(&one);
    }
}

// LAT_STRESS=100000 spans make it the long run.
Test(scheduler, delays_and_swaps_change_no_bit, .timeout = 6000)
{
    const char *text = getenv("LAT_STRESS");
    const int n_turns = text ? atoi(text) / 40 : 40;
    struct rig one = rig_of(1, NULL);
    struct rig many = rig_of(4, NULL);
    rig_build(&one, patch_voices);
    rig_build(&many, patch_voices);
    for (int turn = 0; turn < n_turns; ++turn) {
        one.n_frames = many.n_frames = 0;
        patch_edit_voices(&one, turn);
        rig_run(&one, 2560, 64);
        lat_scheduler_hook = delay_at_random;
        patch_edit_voices(&many, turn);
        rig_run(&many, 2560, 96);
        lat_scheduler_hook = NULL;
        rig_same_bits(&one, &many);
    }
    rig_free(&one);
    rig_free(&many);
}

static _Atomic int frozen_when;
static _Atomic uint32_t freeze_us;

// Freezes a worker once.
static void
freeze(uint32_t thread, int when)
{
    if (thread && when == atomic_load(&frozen_when)) {
        const uint32_t us = atomic_exchange(&freeze_us, 0);
        const struct timespec t = {us / 1000000, (long)(us % 1000000) * 1000};
        if (us) {
            lat_thread_role = LAT_ROLE_NONE; // a guarded build forbids this
            nanosleep(&t, NULL);
            lat_thread_role = LAT_ROLE_WORKER;
        }
    }
}

Test(scheduler, a_frozen_worker_costs_time_but_no_sample, .timeout = 120)
{
    static const uint32_t times_us[] = {1000, 30000, 1000000};
    struct rig one = rig_of(1, NULL);
    rig_build(&one, patch_voices);
    rig_run(&one, 12800, 64);
    for (size_t t = 0; t < LAT_COUNT(times_us); ++t) {
        for (int when = 0; when < 2; ++when) {
            struct rig r = rig_of(3, NULL);
            rig_build(&r, patch_voices);
            rig_run(&r, 3200, 64);
            atomic_store(&frozen_when, when);
            atomic_store(&freeze_us, times_us[t]);
            lat_scheduler_hook = freeze;
            rig_run(&r, 9600, 64);
            lat_scheduler_hook = NULL;
            rig_same_bits(&one, &r);
            struct lat_engine_status status;
            lat_engine_status(lat_control_engine(r.c), &status);
            // A millisecond may pass unseen where this thread is held up too.
            if (when && !atomic_load(&freeze_us) && times_us[t] > 1000) {
                cr_assert_gt(status.n_yields + status.n_sleeps, 0,
                             "the wait was not counted");
            }
            rig_free(&r);
        }
    }
    rig_free(&one);
}

// Makes every claim, which one thread alone does without, cost as much as many
// chunks, whether or not a worker gets a processor here.
static void
delay_claims(uint32_t thread, int when)
{
    (void)thread;
    const uint64_t end = lat_now_ns() + 100000;
    while (when && lat_now_ns() < end) {
    }
}

// The first spans of a synth cost more than those to come.
Test(scheduler, both_ways_are_tried_again_soon_after_the_start, .timeout = 120)
{
    struct rig r = rig_that_chooses(4.0F);
    lat_scheduler_hook = delay_claims; // one thread is faster
    rig_build(&r, patch_many_voices);
    uint32_t n_tries = 0;
    uint64_t n_parallel = 0;
    bool was_parallel = false;
    // So much to do in a period that two threads are worth a try on any
    // machine.
    for (uint32_t i = 0; i < 20; ++i) {
        rig_run(&r, 4096, 4096); // 64 spans
        struct lat_engine_status status;
        lat_engine_status(lat_control_engine(r.c), &status);
        const bool is_parallel = status.n_parallel > n_parallel;
        n_tries += is_parallel && !was_parallel;
        was_parallel = is_parallel;
        n_parallel = status.n_parallel;
    }
    cr_expect_geq(n_tries, 3, "%u times, %llu spans", n_tries,
                  (unsigned long long)n_parallel);
    lat_scheduler_hook = NULL;
    rig_free(&r);
}

Test(scheduler, workers_that_gain_nothing_are_left_alone, .timeout = 120)
{
    struct rig one = rig_of(1, NULL);
    rig_build(&one, patch_many_voices);
    rig_run(&one, 96000, 4096);
    struct rig r = rig_that_chooses(4.0F);
    lat_scheduler_hook = delay_claims;
    rig_build(&r, patch_many_voices);
    rig_run(&r, 96000, 4096);
    lat_scheduler_hook = NULL;
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r.c), &status);
    cr_assert_gt(status.n_parallel, 0, "they were never tried");
    cr_assert_lt(status.n_parallel, status.n_serial / 2,
                 "%llu spans in parallel, %llu alone",
                 (unsigned long long)status.n_parallel,
                 (unsigned long long)status.n_serial);
    rig_same_bits(&one, &r);
    rig_free(&r);
    rig_free(&one);
}

#endif

Test(scheduler, one_processor_for_all_threads, .timeout = 120)
{
    struct rig one = rig_of(1, NULL);
    rig_build(&one, patch_voices);
    rig_run(&one, 3200, 64);
    cpu_set_t all;
    cpu_set_t first;
    sched_getaffinity(0, sizeof(all), &all);
    CPU_ZERO(&first);
    for (size_t i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &first);
            break;
        }
    }
    sched_setaffinity(0, sizeof(first), &first);
    struct rig r = rig_of(4, NULL);
    rig_build(&r, patch_voices);
    rig_run(&r, 3200, 64);
    rig_same_bits(&one, &r);
    struct lat_cpus cpus;
    lat_cpus_allowed(&cpus);
    cr_assert_eq(cpus.n, 1, "the mask counts, not the machine");
    sched_setaffinity(0, sizeof(all), &all);
    rig_free(&r);
    rig_free(&one);
}

static _Atomic bool hog_stops;

static void *
hog(void *arg)
{
    (void)arg;
    struct sched_param p = {.sched_priority = 80};
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &p);
    // A real-time hog that would not sleep would starve the machine: it takes
    // 2 ms of every 4.
    while (!atomic_load(&hog_stops)) {
        const uint64_t end = lat_now_ns() + 2000000;
        while (lat_now_ns() < end) {
        }
        usleep(2000);
    }
    return NULL;
}

Test(scheduler, a_hog_above_costs_time_but_no_sample, .timeout = 120)
{
    struct rig one = rig_of(1, NULL);
    rig_build(&one, patch_layers);
    rig_run(&one, 9600, 64);
    pthread_t thread;
    atomic_store(&hog_stops, false);
    cr_assert_eq(pthread_create(&thread, NULL, hog, NULL), 0);
    struct rig r = rig_of(3, NULL);
    rig_build(&r, patch_layers);
    rig_run(&r, 9600, 64);
    atomic_store(&hog_stops, true);
    pthread_join(thread, NULL);
    rig_same_bits(&one, &r);
    rig_free(&r);
    rig_free(&one);
}

// Control groups, where this machine lets us make one.

#define GROUP "/sys/fs/cgroup/cpu/lattice-test"

static bool
put(const char *file, long value)
{
    char path[200];
    snprintf(path, sizeof(path), "%s", file);
    FILE *f = fopen(path, "we");
    if (!f) {
        return false;
    }
    const bool is_written = fprintf(f, "%ld\n", value) > 0;
    return !fclose(f) && is_written;
}

// Compare while this process is in the group; @p priority above 0 asks for
// real-time workers.  @return what lat_engine_set_priority() said.
static bool
compare_in_group(const struct rig *one, int priority)
{
    cr_assert(put(GROUP "/cgroup.procs", getpid()));
    struct rig r = rig_of(3, NULL);
    const bool is_granted =
        lat_engine_set_priority(lat_control_engine(r.c), priority, false);
    rig_build(&r, patch_layers);
    rig_run(&r, one->n_frames, 64);
    rig_same_bits(one, &r);
    rig_free(&r);
    cr_assert(put("/sys/fs/cgroup/cpu/cgroup.procs", getpid()));
    return is_granted;
}

Test(scheduler, quotas_and_refusals_change_no_sample, .timeout = 120)
{
    if (mkdir(GROUP, 0755) && access(GROUP "/cpu.cfs_quota_us", W_OK)) {
        cr_skip_test("no control group can be made here");
    }
    struct rig one = rig_of(1, NULL);
    rig_build(&one, patch_layers);
    rig_run(&one, 24000, 64);
    // Half of one processor, no real-time workers.
    put(GROUP "/cpu.cfs_period_us", 20000);
    put(GROUP "/cpu.cfs_quota_us", 10000);
    compare_in_group(&one, 0);
    put(GROUP "/cpu.cfs_quota_us", -1);
    if (!access(GROUP "/cpu.rt_runtime_us", W_OK)) {
        // FIFO refused; then granted, and throttled after 5 ms of every 50.
        put(GROUP "/cpu.rt_runtime_us", 0);
        cr_assert_not(compare_in_group(&one, 10), "FIFO should be refused");
        if (put(GROUP "/cpu.rt_period_us", 50000) &&
            put(GROUP "/cpu.rt_runtime_us", 5000)) {
            compare_in_group(&one, 10);
        }
    }
    rmdir(GROUP);
    rig_free(&one);
}

Test(scheduler, a_small_patch_wakes_nobody)
{
    struct rig r = rig_that_chooses(0.0F);
    rig_build(&r, patch_chain);
    rig_run(&r, 12800, 64);
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r.c), &status);
    cr_assert_eq(status.n_wakes, 0);
    cr_assert_eq(status.n_parallel, 0);
    rig_free(&r);
}

Test(scheduler, offline_workers_start_when_a_plan_may_need_them)
{
    struct rig r = rig_that_chooses(0.0F);
    cr_expect_eq(count_workers(NULL), 0);
    rig_build(&r, patch_chain);
    rig_run(&r, 64, 64);
    cr_expect_eq(count_workers(NULL), 0);
    for (int i = 0; i < 1000; ++i) {
        rig_say(&r, "new sine more%d\nconnect more%d main 0.001", i, i);
    }
    cr_expect_eq(count_workers(NULL), 1);
    rig_run(&r, 64, 64);
    rig_do(&r, "free more0");
    cr_expect_eq(count_workers(NULL), 1);
    rig_free(&r);
}

Test(scheduler, workers_of_a_synth_that_plays_live_are_there_from_the_start)
{
    struct rig r = rig_with(&(struct lat_control_options){
        .rate = 48000.0,
        .block = 64,
        .workers = 2,
    });
    cr_expect_eq(count_workers(NULL), 1);
    rig_free(&r);
}

Test(scheduler, reads_lists_of_processors)
{
    struct lat_cpus cpus;
    struct lat_error error;
    cr_assert_eq(lat_cpus_parse("0", &cpus, &error), LAT_OK);
    cr_assert_eq(cpus.n, 1);
    static const char *const wrong[] = {"",    "x",  "0,",   "0,0", "-1",
                                        "3-1", "0-", "9999", "0 1"};
    for (size_t i = 0; i < LAT_COUNT(wrong); ++i) {
        cr_assert_eq(lat_cpus_parse(wrong[i], &cpus, &error), LAT_EINVAL, "%s",
                     wrong[i]);
    }
}
