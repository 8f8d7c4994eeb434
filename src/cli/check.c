// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.h"
#include "load.h"
#include "nodes/disk/service.h"

#include <stdio.h>

static void
print_line(void *data, const char *line, bool is_error)
{
    const bool *const is_quiet = data;
    if (is_error || !*is_quiet) {
        fprintf(stderr, "%s\n", line);
    }
}

/// Check one file.  @return an exit code.
static int
check(const struct lat_options *o)
{
    struct lat_cli_session s;
    bool is_quiet = o->quiet;
    const int exit_code = lat_cli_load(o, print_line, &is_quiet, &s);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    const struct lat_graph *const g = lat_control_graph(s.control);
    if (!o->quiet) {
        printf("%s: fine, %s, %s\n", o->session,
               lat_count(g->n_nodes, "node").text,
               lat_count(g->n_cables, "cable").text);
        fflush(stdout);
    }
    lat_cli_unload(&s);
    return exit_code;
}

int
lat_app_check(const struct lat_options *o)
{
    lat_disk_be_offline();
    int exit_code = check(o);
    struct lat_options one = *o;
    for (uint32_t i = 0; i < o->n_more; ++i) {
        one.session = o->more[i];
        const int other = check(&one);
        // A wrong file counts for less than a system that failed.
        exit_code = other > exit_code ? other : exit_code;
    }
    return exit_code;
}
