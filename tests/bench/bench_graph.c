// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a graph of many nodes takes: time to compile, and memory.
//
// usage: bench_graph [--nodes N] [--runs N] [--each] [GRAPH]...
//        GRAPH: sines (W1), voices (W2), layers (W5); all without any.
// build: ninja -C build/release bench_graph
//
// With --each, every command is a transaction, as from a patcher: records lie
// between those of other commands, and nothing is loaded at once.
//
// "first" is the compilation of a session that was just loaded, which gets its
// memory from the system, "again" the median of N more, which find it warm; the
// plan is thrown away in between.  "derive" is what comes before the first one,
// from the graph to units and leads (none with --each), and "flat" the part of
// "again" that writes these as arrays.  Memory is what malloc() says is in use,
// by node: of the graph's records, of the audio side of nodes and cables, of
// the plan without its buffers, and of state and buffers.

#include "control/state.h"
#include "plan/lanes.h"
#include "units/derive.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lat_control *c;
static uint32_t n_nodes = 10000;
static uint32_t n_runs = 31;
static bool is_each;

static void
check(enum lat_status status, const struct lat_error *error)
{
    if (status) {
        fprintf(stderr, "bench_graph: %s\n", error->text);
        exit(1);
    }
}

static void
make(const char *type, const char *name)
{
    struct lat_error error = {0};
    const struct lat_assignment mono = {"channels", {.number = 1.0}};
    const uint32_t n = strcmp(type, "audio_out") == 0;
    check(lat_control_node_new(c, type, name, false, &mono, n, &error), &error);
}

static void
patch(const char *src, const char *dst, double amount)
{
    struct lat_error error = {0};
    check(lat_control_connect(c, src, dst, &amount, false, &error), &error);
}

static void
make_sines(void)
{
    char name[40];
    for (uint32_t i = 0; i < n_nodes; ++i) {
        snprintf(name, sizeof(name), "s%u", i);
        make("sine", name);
        patch(name, "main", 0.001);
    }
}

static void
make_voices(void)
{
    static const char *const types[] = {"sine", "saw", "lowpass", "adsr",
                                        "gain"};
    static const char *const cables[][2] = {
        {"0", "2"}, {"1", "2"}, {"2", "4"}, {"3", "4"}};
    static const char *const ports[] = {"/cutoff", "", "", "/cv"};
    char src[40];
    char dst[40];
    for (uint32_t v = 0; v < n_nodes / 5; ++v) {
        for (uint32_t i = 0; i < 5; ++i) {
            snprintf(src, sizeof(src), "v%u_%u", v, i);
            make(types[i], src);
        }
        for (uint32_t i = 0; i < 4; ++i) {
            snprintf(src, sizeof(src), "v%u_%s", v, cables[i][0]);
            snprintf(dst, sizeof(dst), "v%u_%s%s", v, cables[i][1], ports[i]);
            patch(src, dst, i ? 1.0 : 900.0);
        }
        snprintf(src, sizeof(src), "v%u_4", v);
        patch(src, "main", 0.004);
    }
}

static void
make_layers(void)
{
    char src[40];
    char dst[40];
    const uint32_t width = 100;
    for (uint32_t i = 0; i < n_nodes; ++i) {
        const uint32_t layer = i / width;
        snprintf(dst, sizeof(dst), "n%u", i);
        make("onepole", dst);
        for (uint32_t k = 0; layer && k < 2; ++k) {
            const uint32_t other = (i + k * (1 + 13 * layer % 97)) % width;
            snprintf(src, sizeof(src), "n%u", (layer - 1) * width + other);
            patch(src, dst, 0.5);
        }
    }
    for (uint32_t i = n_nodes > width ? n_nodes - width : 0; i < n_nodes; ++i) {
        snprintf(src, sizeof(src), "n%u", i);
        patch(src, "main", 0.01);
    }
}

static int
by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static struct lat_plan *
compile_again(void)
{
    struct lat_plan *plan = NULL;
    if (lat_control_compile(c, &c->units, c->block, &plan)) {
        exit(1);
    }
    return plan;
}

static uint32_t
compile_again_us(void)
{
    uint32_t *us = calloc(n_runs + 1, sizeof(*us));
    for (uint32_t i = 0; us && i < n_runs; ++i) {
        struct lat_plan *plan = compile_again();
        us[i] = plan->compile_us;
        lat_plan_free(plan);
    }
    if (!us) {
        exit(1);
    }
    qsort(us, n_runs, sizeof(*us), by_size);
    const uint32_t median = us[n_runs / 2];
    free(us);
    return median;
}

static size_t
in_use(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

// Buffers, and the state of nodes alone and in lanes.
static size_t
sound_bytes(void)
{
    const struct lat_plan *p = c->plan;
    size_t bytes =
        lat_buffer_pool_bytes(p->pool) + lat_buffer_pool_bytes(p->lane_pool);
    for (uint32_t i = 0; i < p->n_blocks; ++i) {
        bytes += (size_t)p->blocks[i]->n_words * LAT_LANES * sizeof(uint32_t);
    }
    for (uint32_t i = 0; i < p->n_nodes; ++i) {
        bytes += p->nodes[i].inst->state_bytes;
    }
    return bytes;
}

static int
by_time(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double
flatten_ms(void)
{
    uint64_t *ns = calloc(n_runs + 1, sizeof(*ns));
    for (uint32_t i = 0; ns && i < n_runs; ++i) {
        struct lat_flat flat = {0};
        const uint64_t begin_ns = lat_now_ns();
        if (lat_units_flatten(&c->units, &flat)) {
            exit(1);
        }
        ns[i] = lat_now_ns() - begin_ns;
        lat_flat_free(&flat);
    }
    if (!ns) {
        exit(1);
    }
    qsort(ns, n_runs, sizeof(*ns), by_time);
    const double ms = 1e-6 * (double)ns[n_runs / 2];
    free(ns);
    return ms;
}

static void
measure(const char *name, void (*build)(void))
{
    const struct lat_control_options options = {.rate = 48000.0, .block = 64};
    struct lat_error error = {0};
    check(lat_control_new(&options, &c, &error), &error);
    const size_t empty = in_use();
    if (!is_each) {
        lat_control_begin_load(c, 0);
    }
    make("audio_out", "main");
    build();
    const size_t journal = c->g->edits_capacity * sizeof(*c->g->journal);
    const size_t graph = in_use() - journal; // with --each, all but garbage
    double derive_ms = 0.0;
    if (!is_each) {
        const uint64_t begin_ns = lat_now_ns();
        check(lat_control_commit(c, &error), &error);
        derive_ms = 1e-6 * (double)(lat_now_ns() - begin_ns) -
                    1e-3 * c->plan->compile_us;
    }
    lat_control_tick(c);
    const size_t all = in_use();
    const size_t sound = sound_bytes();

    struct lat_plan *plan = compile_again();
    const size_t plan_bytes = in_use() - all;
    const size_t buffers = lat_buffer_pool_bytes(plan->pool) +
                           lat_buffer_pool_bytes(plan->lane_pool);
    lat_plan_free(plan);

    const double n = c->graph.n_nodes;
    const uint32_t n_cables = c->graph.n_cables;
    const uint32_t first_us = c->plan->compile_us;
    const uint32_t again_us = compile_again_us();
    printf("%-8s %7.0f %7u %7.2f %9.2f %9.2f %7.2f %7.0f %7.0f %7.0f %7.0f "
           "%9.0f\n",
           name, n, n_cables, derive_ms, 1e-3 * first_us, 1e-3 * again_us,
           flatten_ms(), (double)(graph - empty) / n,
           (double)(all - graph - plan_bytes - (sound - buffers)) / n,
           (double)(plan_bytes - buffers) / n, (double)sound / n,
           (double)(all - empty - sound) / n);
    lat_control_free(c);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*build)(void);
    } graphs[] = {
        {"sines", make_sines},
        {"voices", make_voices},
        {"layers", make_layers},
    };
    bool is_wanted[LAT_COUNT(graphs)] = {0};
    bool is_any = false;
    for (int i = 1; i < argc; ++i) {
        if (!strcmp(argv[i], "--nodes") && i + 1 < argc) {
            n_nodes = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (!strcmp(argv[i], "--runs") && i + 1 < argc) {
            n_runs = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (!strcmp(argv[i], "--each")) {
            is_each = true;
        } else {
            for (size_t g = 0; g < LAT_COUNT(graphs); ++g) {
                is_wanted[g] =
                    is_wanted[g] || strcmp(argv[i], graphs[g].name) == 0;
            }
            is_any = true;
        }
    }
    printf("%-8s %7s %7s %7s %9s %9s %7s %7s %7s %7s %7s %9s\n", "", "", "",
           "derive", "first", "again", "flat", "graph", "audio", "plan",
           "sound", "but sound");
    printf("%-8s %7s %7s %7s %9s %9s %7s %7s %7s %7s %7s %9s\n", "", "nodes",
           "cables", "ms", "ms", "ms", "ms", "B/node", "B/node", "B/node",
           "B/node", "B/node");
    for (size_t g = 0; g < LAT_COUNT(graphs); ++g) {
        if (is_wanted[g] || !is_any) {
            measure(graphs[g].name, graphs[g].build);
        }
    }
    return 0;
}
