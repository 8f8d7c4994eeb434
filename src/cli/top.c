// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice top`: what a lattice that runs costs, live or once.

#include "top.h"
#include "base/log.h"
#include "base/rt.h"
#include "options.h"
#include "top_json.h"
#include "top_screen.h"
#include "top_source.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define NO_LIMIT UINT32_MAX

/// How long meters are waited for: a few of theirs.
#define METERS_NS UINT64_C(300000000)

/// A new node is timed in one of 64 spans; one in a process never is, here.
#define FIGURES_SPANS 64.0
#define FIGURES_NS    UINT64_C(1000000000)
#define LOOK_NS       UINT64_C(20000000)

/// Listen until there are so many pictures, or until @p end_ns.
static void
hear(struct lat_top_source *s, const struct lat_top *top, uint64_t n_pictures,
     uint64_t end_ns)
{
    for (uint64_t now_ns = lat_now_ns();
         now_ns < end_ns && top->n_pictures < n_pictures;
         now_ns = lat_now_ns()) {
        lat_top_source_step(s, now_ns);
        if (lat_top_source_problem(s)) {
            return;
        }
        struct pollfd fd = {.fd = lat_top_source_fd(s), .events = POLLIN};
        if (poll(&fd, 1, (int)((end_ns - now_ns) / 1000000) + 1) > 0) {
            lat_top_source_receive(s);
        }
    }
}

/// How long figures are waited for: long enough for every node to be timed.
static uint64_t
figures_ns(const struct lat_top *top)
{
    const struct lat_top_engine *const e = &top->engine;
    const double all_s =
        e->rate > 0.0 ? FIGURES_SPANS * (e->block + e->period) / e->rate : 0.0;
    return FIGURES_NS +
           (all_s > 0.0 && all_s < 60.0 ? (uint64_t)(all_s * 1e9) : 0);
}

static bool
lacks_figures(const struct lat_top *top)
{
    uint32_t i = 0;
    while (i < top->n_rows && lat_top_is_timed(&top->rows[i])) {
        ++i;
    }
    return i < top->n_rows;
}

/// Ask again until all nodes were timed since the graph was edited.
static void
hear_figures(struct lat_top_source *s, const struct lat_top *top)
{
    const uint64_t end_ns = lat_now_ns() + figures_ns(top);
    for (uint64_t now_ns = lat_now_ns();
         now_ns < end_ns && !lat_top_source_problem(s) && lacks_figures(top);
         now_ns = lat_now_ns()) {
        hear(s, top, UINT64_MAX, now_ns + LOOK_NS);
        lat_top_source_hurry(s);
        hear(s, top, top->n_pictures + 1, end_ns);
    }
}

static void
print_table(const struct lat_top *top, const struct lat_top_view *v, uint32_t n)
{
    char line[LAT_TOP_LINE_BYTES];
    for (uint32_t i = 0; i < LAT_TOP_N_HEADER; ++i) {
        puts(lat_top_header(top, i, line));
    }
    putchar('\n');
    puts(lat_top_head(v, LAT_TOP_LINE_BYTES, line));
    for (uint32_t i = 0; i < n; ++i) {
        puts(lat_top_line(top, v, &top->rows[v->order[i]], LAT_TOP_LINE_BYTES,
                          line));
    }
}

static enum lat_exit
show_once(const struct lat_options *o, struct lat_top_source *s,
          struct lat_top *top, struct lat_top_view *v)
{
    hear(s, top, 1, lat_now_ns() + (uint64_t)(o->timeout * 1e9));
    if (!lat_top_source_problem(s) && top->n_pictures > 0) {
        hear_figures(s, top);
    }
    if (!lat_top_source_problem(s) && top->n_pictures > 0 &&
        lat_top_select(top, v)) {
        lat_top_source_measure(s, v, 0, LAT_TOP_MAX_MEASURED);
        hear(s, top, UINT64_MAX, lat_now_ns() + METERS_NS);
    }
    if (lat_top_source_problem(s)) {
        lat_log(LAT_LOG_ERROR, "%s", lat_top_source_problem(s));
        return LAT_EXIT_SYSTEM;
    }
    if (top->n_pictures == 0) {
        lat_log(LAT_LOG_ERROR,
                "the lattice at %s port %u does not answer within %g s: see "
                "--timeout",
                o->host_name, (unsigned)o->osc_port, o->timeout);
        return LAT_EXIT_SYSTEM;
    }
    if (top->is_out_of_memory || !lat_top_select(top, v)) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    const uint32_t n_lines = o->lines ? o->lines : NO_LIMIT;
    const uint32_t n = v->n < n_lines ? v->n : n_lines;
    if (o->json) {
        return lat_top_print_json(top, v, n) ? LAT_EXIT_DONE : LAT_EXIT_SYSTEM;
    }
    print_table(top, v, n);
    return LAT_EXIT_DONE;
}

int
lat_app_top(const struct lat_options *o)
{
    const bool is_once = o->once || o->json;
    if (!is_once && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
        lat_log(LAT_LOG_ERROR, "'lattice top' needs a terminal: 'lattice top "
                               "--once' prints one table");
        return LAT_EXIT_USAGE;
    }
    struct lat_top top = {0};
    struct lat_top_view view = {
        .column = o->sort ? lat_top_column_find(o->sort) : LAT_TOP_SHARE,
        .is_reversed = o->reverse,
        .filter = o->filter,
    };
    struct lat_top_source *const s =
        lat_top_source_new(o->host_name, o->osc_port, o->interval, &top);
    enum lat_exit code = LAT_EXIT_SYSTEM;
    if (!s) {
        lat_log(LAT_LOG_ERROR, "out of memory");
    } else if (is_once) {
        code = show_once(o, s, &top, &view);
    } else {
        code = lat_top_show(s, &top, &view);
    }
    lat_top_source_free(s);
    lat_top_view_fini(&view);
    lat_top_fini(&top);
    return (int)code;
}
