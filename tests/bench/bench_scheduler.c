// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What running on several threads costs, and what it gains.
//
// usage: bench_scheduler [--threads N] [--ms MS] [PART]...
//        PART: claim wake speed-up grain idle; all without any.  MS is how
//        long each figure of the last three is measured (100).
// build: ninja -C build/release bench_scheduler
//
// Threads are pinned to different processors.  On a machine that does other
// things, trust the least and the median, not the largest.

#include "base/cpu.h"
#include "base/rt.h"
#include "control/control.h"
#include "run/engine.h"
#include "run/scheduler.h"

#include <errno.h>
#include <linux/futex.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAMES      64
#define RATE        48000.0
#define MAX_SAMPLES 200000

static struct lat_cpus cpus;
static uint32_t n_threads;
static double part_ms = 100.0;
static uint64_t *samples;
static uint32_t n_samples;

static void
fail(const char *what)
{
    fprintf(stderr, "bench_scheduler: %s\n", what);
    exit(1);
}

// Samples.

static void
add_sample(uint64_t ns)
{
    if (n_samples < MAX_SAMPLES) {
        samples[n_samples++] = ns;
    }
}

static int
by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void
sort_samples(void)
{
    qsort(samples, n_samples, sizeof(*samples), by_size);
}

/// Of sorted samples, in microseconds.
static double
quantile_us(double share)
{
    const uint32_t k = (uint32_t)(share * n_samples);
    return n_samples ? 1e-3 * (double)samples[k < n_samples ? k : n_samples - 1]
                     : 0.0;
}

static void
print_quantiles(void)
{
    sort_samples();
    printf(" %8.2f %8.2f %8.2f %8.2f\n", quantile_us(0.5), quantile_us(0.99),
           quantile_us(0.999), quantile_us(1.0));
}

// Synths.

struct synth {
    struct lat_control *c;
    struct lat_error error;
};

static struct synth
synth_new(uint32_t workers, bool always_parallel, float grain_ns,
          bool is_offline)
{
    struct synth s = {0};
    const struct lat_control_options options = {
        .rate = RATE,
        .block = FRAMES,
        .workers = workers,
        .pins = &cpus,
        .always_parallel = always_parallel,
        .grain_ns = grain_ns,
        .is_offline = is_offline,
    };
    if (lat_control_new(&options, &s.c, &s.error) != LAT_OK) {
        fail(s.error.text);
    }
    return s;
}

__attribute__((format(printf, 3, 4))) static void
new_node(struct synth *s, const char *type, const char *name, ...)
{
    char text[200];
    va_list args;
    va_start(args, name);
    vsnprintf(text, sizeof(text), name, args);
    va_end(args);
    // NAME [KEY VALUE]...
    struct lat_assignment a[8];
    uint32_t n = 0;
    char *rest = text;
    const char *own_name = strtok_r(rest, " ", &rest);
    for (char *key = NULL; (key = strtok_r(NULL, " ", &rest)) != NULL;) {
        a[n].key = key;
        a[n++].value = (struct lat_value){.is_text = true,
                                          .text = strtok_r(NULL, " ", &rest)};
    }
    if (lat_control_node_new(s->c, type, own_name, false, a, n, &s->error) !=
        LAT_OK) {
        fail(s->error.text);
    }
}

static void
connect_nodes(struct synth *s, const char *kind, int number, const char *target,
              double amount)
{
    char source[40];
    snprintf(source, sizeof(source), "%s%d", kind, number);
    if (lat_control_connect(s->c, source, target, &amount, false, &s->error) !=
        LAT_OK) {
        fail(s->error.text);
    }
}

static const char *
numbered(char *text, const char *kind, int number, const char *port)
{
    snprintf(text, 40, "%s%d%s", kind, number, port);
    return text;
}

static void
make_wide(struct synth *s, int n)
{
    for (int i = 0; i < n; ++i) {
        new_node(s, "sine", "s%d freq %g", i, 100 + 2.7 * i);
        connect_nodes(s, "s", i, "main", 0.5 / n);
    }
}

static void
make_chain(struct synth *s, int n)
{
    char target[40];
    new_node(s, "saw", "f0 freq 55");
    for (int i = 1; i < n; ++i) {
        new_node(s, i % 2 ? "lowpass" : "highpass", "f%d cutoff %d", i,
                 i % 2 ? 9000 : 20);
        connect_nodes(s, "f", i - 1, numbered(target, "f", i, ""), 1.0);
    }
    connect_nodes(s, "f", n - 1, "main", 0.3);
}

static void
make_voices(struct synth *s, int n)
{
    char target[40];
    for (int i = 0; i < n; ++i) {
        new_node(s, "sine", "l%d freq 0.3 phase %g", i, (double)i / n);
        new_node(s, "saw", "s%d freq %g", i, 55 + 1.7 * i);
        new_node(s, "lowpass", "f%d cutoff 1200 q 2", i);
        new_node(s, "adsr", "e%d gate 1 attack 0.01 decay 0.1 sustain 0.8", i);
        new_node(s, "gain", "g%d", i);
        connect_nodes(s, "l", i, numbered(target, "f", i, "/cutoff"), 900.0);
        connect_nodes(s, "s", i, numbered(target, "f", i, ""), 1.0);
        connect_nodes(s, "f", i, numbered(target, "g", i, ""), 1.0);
        connect_nodes(s, "e", i, numbered(target, "g", i, "/cv"), 1.0);
        connect_nodes(s, "g", i, "main", 0.8 / n);
    }
}

#define WIDTH 200

/// Layers of filters of two kinds, each of which reads two of the layer before,
/// in no order.
static void
make_layered(struct synth *s, int n)
{
    char target[40];
    srand(5);
    for (int i = 0; i < WIDTH; ++i) {
        new_node(s, "triangle", "n%d freq %d", i, 50 + 13 * i);
    }
    for (int i = WIDTH; i < n; ++i) {
        const int layer = i / WIDTH * WIDTH;
        new_node(s, rand() % 2 ? "onepole" : "lowpass", "n%d cutoff %d", i,
                 1000 + rand() % 9000);
        numbered(target, "n", i, "");
        const int first = rand() % WIDTH;
        const int second = (first + 1 + rand() % (WIDTH - 1)) % WIDTH;
        connect_nodes(s, "n", layer - WIDTH + first, target, 0.5);
        connect_nodes(s, "n", layer - WIDTH + second, target, 0.5);
    }
    for (int i = n - WIDTH; i < n; ++i) {
        connect_nodes(s, "n", i, "main", 0.5 / WIDTH);
    }
}

struct graph {
    const char *name;
    void (*make)(struct synth *s, int n);
    int n;
    bool has_grains; ///< is in the table of sizes of chunks
};

static const struct graph graphs[] = {
    {"wide: 4096 sines", make_wide, 4096, false},
    {"wide: 16384 sines", make_wide, 16384, false},
    {"chain: 1000 filters", make_chain, 1000, false},
    {"voices: 200 of 5", make_voices, 200, false},
    {"voices: 2000 of 5", make_voices, 2000, true},
    {"voices: 6000 of 5", make_voices, 6000, true},
    {"layered: 20 of 200", make_layered, 4000, true},
};

static void
build(struct synth *s, const struct graph *graph)
{
    lat_control_begin(s->c);
    new_node(s, "audio_out", "main channels 1");
    if (graph) {
        graph->make(s, graph->n);
    }
    if (lat_control_commit(s->c, &s->error) != LAT_OK) {
        fail(s->error.text);
    }
}

static void
process(struct synth *s)
{
    static float out[FRAMES];
    struct lat_engine *e = lat_control_engine(s->c);
    lat_engine_bind(e, 0, out);
    lat_engine_process(e, FRAMES);
}

static void
sleep_us(long us)
{
    nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL);
}

static void
warm_up(struct synth *s)
{
    // Workers must have come up: under a real-time policy they wait for this.
    sleep_us(5000);
    for (int i = 0; i < 200; ++i) {
        process(s);
        lat_control_tick(s->c);
    }
}

/// Several synths in turn, so that what disturbs one disturbs all; sets the
/// median and the 99th percentile of a period of each.
static void
time_in_turn(struct synth *s, uint32_t n, double *p50, double *p99)
{
    uint64_t *kept[LAT_MAX_THREADS + 1];
    uint32_t n_kept = 0;
    for (uint32_t i = 0; i < n; ++i) {
        kept[i] = calloc(MAX_SAMPLES, sizeof(**kept));
        warm_up(&s[i]);
    }
    const uint64_t begin = lat_now_ns();
    while (n_kept + 20 < MAX_SAMPLES &&
           (double)(lat_now_ns() - begin) < 1e6 * part_ms * n) {
        for (uint32_t i = 0; i < n; ++i) {
            process(&s[i]); // the caches are its own again
            for (uint32_t k = 0; k < 20; ++k) {
                const uint64_t start = lat_now_ns();
                process(&s[i]);
                kept[i][n_kept + k] = lat_now_ns() - start;
            }
        }
        n_kept += 20;
    }
    for (uint32_t i = 0; i < n; ++i) {
        memcpy(samples, kept[i], n_kept * sizeof(*samples));
        n_samples = n_kept;
        sort_samples();
        p50[i] = quantile_us(0.5);
        p99[i] = quantile_us(0.99);
        free(kept[i]);
    }
}

// Claiming.

#define CLAIMS 200000U

struct claimers {
    _Alignas(128) _Atomic uint64_t claim;
    _Alignas(128) _Atomic uint32_t done;
    _Alignas(128) _Atomic uint32_t n_ready;
    uint32_t n;
};

struct claimer {
    pthread_t thread;
    struct claimers *all;
    uint32_t index;
};

/// The words that a chunk costs, and no chunk.
static void *
claim_main(void *arg)
{
    struct claimer *me = arg;
    struct claimers *all = me->all;
    lat_cpu_pin_self(cpus.cpu[me->index]);
    atomic_fetch_add(&all->n_ready, 1);
    while (atomic_load(&all->n_ready) < all->n) {
    }
    uint64_t word = atomic_load(&all->claim);
    while (word < CLAIMS) {
        if (atomic_compare_exchange_weak_explicit(&all->claim, &word, word + 1,
                                                  memory_order_acq_rel,
                                                  memory_order_relaxed)) {
            atomic_fetch_add_explicit(&all->done, 1, memory_order_release);
            word = atomic_load_explicit(&all->claim, memory_order_seq_cst);
        }
    }
    return NULL;
}

static double
time_claims(uint32_t n)
{
    double best = (double)INFINITY;
    for (int round = 0; round < 7; ++round) {
        struct claimers all = {.n = n};
        struct claimer claimers[LAT_MAX_THREADS];
        const uint64_t start = lat_now_ns();
        for (uint32_t i = 0; i < n; ++i) {
            claimers[i] = (struct claimer){.all = &all, .index = i};
            pthread_create(&claimers[i].thread, NULL, claim_main, &claimers[i]);
        }
        for (uint32_t i = 0; i < n; ++i) {
            pthread_join(claimers[i].thread, NULL);
        }
        best = fmin(best, (double)(lat_now_ns() - start) / CLAIMS);
    }
    return best;
}

/// Nanoseconds that a level costs on @p w threads over what it costs on one:
/// many levels of two groups in lanes, hardly any work.
static void
time_levels(uint32_t w)
{
    enum {
        LEVELS = 200,
        ROW = 32,
    };
    struct synth s[2];
    double p50[2];
    double p99[2];
    for (uint32_t k = 0; k < 2; ++k) {
        s[k] = synth_new(k ? w : 1, k, 0.001F, true);
        lat_control_begin(s[k].c);
        new_node(&s[k], "audio_out", "main channels 1");
        char target[40];
        for (int i = 0; i < ROW; ++i) {
            new_node(&s[k], "sine", "n%d freq %d", i, 100 + i);
        }
        for (int i = ROW; i < LEVELS * ROW; ++i) {
            // One of another group, so that levels cannot be one chunk.
            const int other = (i / ROW - 1) * ROW + (i + ROW / 2) % ROW;
            new_node(&s[k], "add", "n%d b %g", i, 0.001);
            connect_nodes(&s[k], "n", other, numbered(target, "n", i, "/a"),
                          0.99);
        }
        for (int i = (LEVELS - 1) * ROW; i < LEVELS * ROW; ++i) {
            connect_nodes(&s[k], "n", i, "main", 0.01);
        }
        if (lat_control_commit(s[k].c, &s[k].error) != LAT_OK) {
            fail(s[k].error.text);
        }
    }
    time_in_turn(s, 2, p50, p99);
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(s[1].c), &status);
    printf("%8u %10.0f %10.0f %10.0f   (%u chunks, %u batches)\n", w,
           1e3 * p50[0] / status.n_batches, 1e3 * p50[1] / status.n_batches,
           1e3 * (p50[1] - p50[0] / w) / status.n_batches, status.n_chunks,
           status.n_batches);
    lat_control_free(s[0].c);
    lat_control_free(s[1].c);
}

static void
measure_claim(void)
{
    printf("\nclaiming a chunk and saying that it is done, ns, of all threads "
           "together\n%8s %10s\n",
           "threads", "ns");
    for (uint32_t w = 1; w <= n_threads; ++w) {
        printf("%8u %10.1f\n", w, time_claims(w));
    }
    printf("\na level of two chunks with hardly any work, ns: one thread, all, "
           "and all less\ntheir share of the work\n%8s %10s %10s %10s\n",
           "threads", "one", "all", "hand-over");
    for (uint32_t w = 2; w <= n_threads; ++w) {
        time_levels(w);
    }
}

// Waking.

struct sleeper {
    _Alignas(128) _Atomic uint32_t word;
    _Alignas(128) _Atomic uint64_t woken_ns;
    uint32_t cpu;
};

static long
futex(_Atomic uint32_t *word, int op, uint32_t value)
{
    return syscall(SYS_futex, (uint32_t *)word, op | FUTEX_PRIVATE_FLAG, value,
                   NULL, NULL, 0);
}

static void *
sleep_main(void *arg)
{
    struct sleeper *s = arg;
    lat_cpu_pin_self(s->cpu);
    uint32_t seen = 0;
    while (seen != UINT32_MAX) {
        while (atomic_load(&s->word) == seen) {
            futex(&s->word, FUTEX_WAIT, seen);
        }
        const uint64_t now = lat_now_ns();
        seen = atomic_load(&s->word);
        atomic_store(&s->woken_ns, now);
    }
    return NULL;
}

/// @p idle_us is how long the woken one sleeps before.
static void
measure_wake(void)
{
    if (n_threads < 2) {
        return;
    }
    printf("\nwaking one thread by futex, us; issue: of the one that wakes\n"
           "%8s %10s %8s %8s %8s %8s\n",
           "idle us", "issue", "p50", "p99", "p99.9", "max");
    lat_cpu_pin_self(cpus.cpu[0]);
    static const long idle[] = {100, 1000, 5000};
    for (size_t k = 0; k < LAT_COUNT(idle); ++k) {
        struct sleeper s = {.cpu = cpus.cpu[1]};
        pthread_t thread;
        pthread_create(&thread, NULL, sleep_main, &s);
        sleep_us(2000);
        n_samples = 0;
        double issue_us = 0.0;
        const uint32_t n = idle[k] > 1000 ? 300 : 2000;
        for (uint32_t i = 1; i <= n; ++i) {
            sleep_us(idle[k]);
            atomic_store(&s.woken_ns, 0);
            const uint64_t start = lat_now_ns();
            atomic_store(&s.word, i);
            futex(&s.word, FUTEX_WAKE, 1);
            issue_us += 1e-3 * (double)(lat_now_ns() - start);
            uint64_t woken = 0;
            while (!(woken = atomic_load(&s.woken_ns))) {
            }
            add_sample(woken > start ? woken - start : 0);
        }
        atomic_store(&s.word, UINT32_MAX);
        futex(&s.word, FUTEX_WAKE, 1);
        pthread_join(thread, NULL);
        printf("%8ld %10.2f", idle[k], issue_us / n);
        print_quantiles();
    }
}

// Gain.

static void
measure_gain(void)
{
    printf("\na period of %d frames, us, offline; threads: those that the "
           "scheduler chose;\nforced: parallel whatever it is worth\n"
           "%-22s %8s %8s %8s %8s %8s %8s %8s\n",
           FRAMES, "", "workers", "p50", "p99", "speed-up", "threads", "forced",
           "speed-up");
    for (size_t g = 0; g < LAT_COUNT(graphs); ++g) {
        struct synth s[2 * LAT_MAX_THREADS];
        double p50[2 * LAT_MAX_THREADS];
        double p99[2 * LAT_MAX_THREADS];
        const uint32_t most = n_threads < 8 ? n_threads : 8;
        // Spinning workers of all would be in each other's way: one by one,
        // each beside one thread.
        for (uint32_t w = 1; w <= most; w++) {
            for (uint32_t k = 0; k < 3; ++k) {
                s[k] = synth_new(k ? w : 1, k == 2, 0.0F, true);
                build(&s[k], &graphs[g]);
            }
            time_in_turn(s, w > 1 ? 3 : 1, p50, p99);
            struct lat_engine_status status;
            lat_engine_status(lat_control_engine(s[w > 1].c), &status);
            printf("%-22s %8u %8.1f %8.1f %8.2f %8u",
                   w > 1 ? "" : graphs[g].name, w, p50[w > 1], p99[w > 1],
                   p50[0] / p50[w > 1], status.threads);
            if (w > 1) {
                printf(" %8.1f %8.2f", p50[2], p50[0] / p50[2]);
            }
            printf("\n");
            fflush(stdout);
            for (uint32_t k = 0; k < 3; ++k) {
                lat_control_free(s[k].c);
            }
        }
    }
}

static void
measure_grain(void)
{
    static const float grains[] = {5, 15, 47, 94, 188, 375, 1500};
    printf("\na period on %u threads by the size of chunks, us (0: one "
           "thread)\n%-22s %8s %8s %8s %8s\n",
           n_threads, "", "chunk us", "chunks", "p50", "p99");
    for (size_t g = 0; g < LAT_COUNT(graphs); ++g) {
        if (!graphs[g].has_grains) {
            continue;
        }
        for (size_t k = 0; k <= LAT_COUNT(grains); ++k) {
            const float grain = k ? grains[k - 1] : 0.0F;
            struct synth s = synth_new(k ? n_threads : 1, k, grain, true);
            build(&s, &graphs[g]);
            double p50 = 0.0;
            double p99 = 0.0;
            time_in_turn(&s, 1, &p50, &p99);
            struct lat_engine_status status;
            lat_engine_status(lat_control_engine(s.c), &status);
            printf("%-22s %8.1f %8u %8.1f %8.1f\n", k ? "" : graphs[g].name,
                   (double)grain * FRAMES / 1000, status.n_chunks, p50, p99);
            fflush(stdout);
            lat_control_free(s.c);
        }
    }
}

// Idling.

static double
cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void
measure_idle(void)
{
    static const struct graph small = {"4 voices", make_voices, 4, false};
    const struct graph *const patches[] = {NULL, &small, &graphs[3]};
    const char *const names[] = {"nothing", small.name, graphs[3].name};
    printf("\na period in real time, where little is to be done: us of the "
           "period, per cent of\na core for all threads, workers woken per "
           "period\n%-22s %8s %8s %8s %8s %8s\n",
           "", "workers", "p50", "p99", "core %", "wakes");
    const long period_us = lround(1e6 * FRAMES / RATE);
    for (size_t p = 0; p < LAT_COUNT(patches); ++p) {
        for (uint32_t w = 1; w <= n_threads; w += w < 2 ? 1 : n_threads - 1) {
            struct synth s = synth_new(w, false, 0.0F, false);
            build(&s, patches[p]);
            lat_engine_set_running(lat_control_engine(s.c), true);
            warm_up(&s);
            sleep_us(2000);
            n_samples = 0;
            const double cpu_begin = cpu_s();
            const uint64_t begin = lat_now_ns();
            struct lat_engine_status status;
            lat_engine_status(lat_control_engine(s.c), &status);
            const uint64_t wakes = status.n_wakes;
            while ((double)(lat_now_ns() - begin) < 10e6 * part_ms) {
                const uint64_t start = lat_now_ns();
                process(&s);
                add_sample(lat_now_ns() - start);
                sleep_us(period_us);
            }
            const double share =
                (cpu_s() - cpu_begin) * 1e9 / (double)(lat_now_ns() - begin);
            lat_engine_status(lat_control_engine(s.c), &status);
            sort_samples();
            printf("%-22s %8u %8.2f %8.2f %8.2f %8.2f\n", w > 1 ? "" : names[p],
                   w, quantile_us(0.5), quantile_us(0.99), 100.0 * share,
                   (double)(status.n_wakes - wakes) / n_samples);
            lat_engine_set_running(lat_control_engine(s.c), false);
            lat_control_free(s.c);
        }
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*measure)(void);
    } parts[] = {
        {"claim", measure_claim},   {"wake", measure_wake},
        {"speed-up", measure_gain}, {"grain", measure_grain},
        {"idle", measure_idle},
    };
    lat_cpus_allowed(&cpus);
    n_threads = cpus.n_cores;
    bool is_wanted[LAT_COUNT(parts)] = {0};
    bool is_any = false;
    for (int i = 1; i < argc; ++i) {
        const bool has_value = i + 1 < argc;
        if (!strcmp(argv[i], "--threads") && has_value) {
            n_threads = (uint32_t)strtoul(argv[++i], NULL, 10);
            continue;
        }
        if (!strcmp(argv[i], "--ms") && has_value) {
            part_ms = strtod(argv[++i], NULL);
            continue;
        }
        bool is_known = false;
        for (size_t p = 0; p < LAT_COUNT(parts); ++p) {
            if (!strcmp(argv[i], parts[p].name)) {
                is_wanted[p] = is_any = is_known = true;
            }
        }
        if (!is_known) {
            fail("[--threads N] [--ms MS] [claim|wake|speed-up|grain|idle]...");
        }
    }
    if (n_threads < 1 || n_threads > LAT_MAX_THREADS || n_threads > cpus.n) {
        fail("there are not as many processors");
    }
    samples = calloc(MAX_SAMPLES, sizeof(*samples));
    if (!samples) {
        fail("no memory");
    }
    lat_rt_flush_denormals();
    double load = 0.0;
    getloadavg(&load, 1);
    printf("%u threads on %u processors, %u cores; load %.1f\n", n_threads,
           cpus.n, cpus.n_cores, load);
    for (size_t p = 0; p < LAT_COUNT(parts); ++p) {
        if (is_wanted[p] || !is_any) {
            parts[p].measure();
            fflush(stdout);
        }
    }
    free(samples);
    return 0;
}
