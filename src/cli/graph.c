// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/log.h"
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

int
lat_app_graph(const struct lat_options *o)
{
    struct lat_cli_session s;
    int exit_code = lat_cli_load(o, lat_cli_print_log, NULL, &s);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    const enum lat_plan_format format = o->json  ? LAT_PLAN_JSON
                                        : o->dot ? LAT_PLAN_DOT
                                                 : LAT_PLAN_TEXT;
    char *const text = lat_control_print_plan(s.control, format);
    if (text) {
        fputs(text, stdout);
    } else {
        lat_log(LAT_LOG_ERROR, "out of memory");
        exit_code = LAT_EXIT_SYSTEM;
    }
    free(text);
    lat_cli_unload(&s);
    return exit_code;
}
