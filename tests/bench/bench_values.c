// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What one value takes on the control thread, from the command to the ring.
//
// usage: bench_values [--nodes N] [--process] [--values N] [--cable]
// build: ninja -C build/release bench_values
//
// The graph is a chain from an audio_in to an audio_out, its last node first in
// the file.  With --process, one of its nodes is in a process, which whoever
// runs processes hears of, but does not start.  With --cable, a cable is made
// and cut in place of each value.  Prints the median in nanoseconds;
// scripts/bench-values counts instructions.

#include "base/rt.h"
#include "control/control.h"
#include "process/supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lat_control *c;
static struct lat_processes *processes;

static void
check(enum lat_status status, const struct lat_error *error)
{
    if (status) {
        fprintf(stderr, "bench_values: %s\n", error->text);
        exit(1);
    }
}

static void
make(const char *type, const char *name)
{
    struct lat_error error = {0};
    const struct lat_assignment mono = {"channels", {.number = 1.0}};
    const uint32_t n = strncmp(type, "audio", 5) == 0;
    check(lat_control_node_new(c, type, name, false, &mono, n, &error), &error);
}

static void
patch(const char *src, const char *dst)
{
    struct lat_error error = {0};
    check(lat_control_connect(c, src, dst, NULL, false, &error), &error);
}

static void
build(uint32_t n_nodes, bool has_process)
{
    struct lat_error error = {0};
    char from[40];
    char to[40];
    lat_control_begin(c);
    make("audio_out", "main");
    make("audio_in", "in");
    for (uint32_t i = n_nodes; i-- > 0;) {
        snprintf(to, sizeof(to), "g%u", i);
        make("gain", to);
    }
    for (uint32_t i = n_nodes; i-- > 1;) {
        snprintf(from, sizeof(from), "g%u", i - 1);
        snprintf(to, sizeof(to), "g%u", i);
        patch(from, to);
    }
    snprintf(from, sizeof(from), "g%u", n_nodes - 1);
    patch(from, "main");
    patch("in", "g0");
    check(lat_control_commit(c, &error), &error);
    if (has_process) {
        check(lat_control_process_set(c, "g2", true, &error), &error);
        check(lat_control_place(c, "g2", LAT_PLACE_AWAY, &error), &error);
    }
}

/// The one function that is counted.
__attribute__((noinline)) static void
set_value(uint32_t i)
{
    struct lat_error error = {0};
    const struct lat_value value = {.number = 0.25 + 0.25 * (double)(i % 2)};
    check(lat_control_param_set(c, "g1", "gain", value, -1.0, &error), &error);
}

__attribute__((noinline)) static void
change_cable(uint32_t i)
{
    struct lat_error error = {0};
    const enum lat_status status =
        i % 2 ? lat_control_disconnect(c, "g0", "main", &error)
              : lat_control_connect(c, "g0", "main", NULL, false, &error);
    check(status, &error);
}

static int
compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    uint32_t n_nodes = 10;
    uint32_t n_values = 1000;
    bool has_process = false;
    bool is_cable = false;
    for (int i = 1; i < argc; ++i) {
        if (!strcmp(argv[i], "--nodes") && i + 1 < argc) {
            n_nodes = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (!strcmp(argv[i], "--values") && i + 1 < argc) {
            n_values = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else if (!strcmp(argv[i], "--process")) {
            has_process = true;
        } else if (!strcmp(argv[i], "--cable")) {
            is_cable = true;
        }
    }
    if (n_nodes < 3 || !n_values) {
        fprintf(stderr, "bench_values: at least 3 nodes and a value\n");
        return 2;
    }
    const struct lat_control_options options = {
        .rate = 48000.0, .block = 64, .workers = 1, .has_processes = true};
    struct lat_error error = {0};
    check(lat_control_new(&options, &c, &error), &error);
    const struct lat_processes_options how = {.server = NULL};
    if (has_process && lat_processes_new(&how, c, NULL, &processes) != LAT_OK) {
        fprintf(stderr, "bench_values: out of memory\n");
        return 1;
    }
    build(n_nodes, has_process);
    uint64_t *ns = calloc(n_values, sizeof(*ns));
    for (uint32_t i = 0; ns && i < n_values; ++i) {
        const uint64_t start_ns = lat_now_ns();
        if (is_cable) {
            change_cable(i);
        } else {
            set_value(i);
        }
        ns[i] = lat_now_ns() - start_ns;
        lat_control_tick(c);
    }
    if (ns) {
        qsort(ns, n_values, sizeof(*ns), compare);
        printf("%u nodes%s: %.0f ns\n", n_nodes,
               has_process ? ", one in a process" : "",
               (double)ns[n_values / 2]);
    }
    free(ns);
    lat_processes_free(processes);
    lat_control_free(c);
    return 0;
}
