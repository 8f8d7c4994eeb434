// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli_load.h"

#include <stdio.h>

static void
print_line(void *data, const char *line, bool is_error)
{
    const bool *const is_quiet = data;
    if (is_error || !*is_quiet) {
        fprintf(stderr, "%s\n", line);
    }
}

int
lat_app_check(const struct lat_options *o)
{
    struct lat_cli_session s;
    bool is_quiet = o->quiet;
    const int exit_code = lat_cli_load(o, print_line, &is_quiet, &s);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    const struct lat_graph *const g = lat_control_graph(s.control);
    if (!o->quiet) {
        printf("%s: fine, %u node%s, %u cable%s\n", o->session, g->n_nodes,
               g->n_nodes == 1 ? "" : "s", g->n_cables,
               g->n_cables == 1 ? "" : "s");
    }
    lat_cli_unload(&s);
    return exit_code;
}
