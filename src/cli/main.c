// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/log.h"
#include "options.h"
#include "signals.h"
#include "standard_files.h"

static int
run_command(const struct lat_options *o)
{
    switch (o->command) {
    case LAT_COMMAND_RENDER:
        return lat_app_render(o);
    case LAT_COMMAND_CHECK:
        return lat_app_check(o);
    case LAT_COMMAND_NODES:
        return lat_app_nodes(o);
    case LAT_COMMAND_GRAPH:
        return lat_app_graph(o);
    case LAT_COMMAND_PATTERN:
        return lat_app_pattern(o);
    case LAT_COMMAND_SEND:
        return lat_app_send(o);
    case LAT_COMMAND_TOP:
        return lat_app_top(o);
    case LAT_COMMAND_WATCH:
        return lat_app_watch(o);
    default:
        return lat_app_run(o);
    }
}

int
main(int argc, char **argv)
{
    lat_cli_ignore_signals();
    lat_open_standard_files();
    struct lat_options options;
    int exit_code;
    if (lat_options_parse(argc, argv, &options, &exit_code)) {
        if (options.quiet) {
            lat_log_set_level(LAT_LOG_ERROR);
        } else if (options.verbose) {
            lat_log_set_level(LAT_LOG_DEBUG);
        }
        exit_code = run_command(&options);
    }
    return lat_finish_output(exit_code);
}
