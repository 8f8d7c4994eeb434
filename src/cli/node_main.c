// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// lattice-node: one node as a JACK client.

#include "base/log.h"
#include "options.h"
#include "signals.h"
#include "standard_files.h"

int
main(int argc, char **argv)
{
    struct lat_options options;
    int exit_code;
    lat_cli_ignore_signals();
    lat_log_set_program("lattice-node");
    lat_open_standard_files();
    if (lat_options_parse_host(argc, argv, &options, &exit_code)) {
        if (options.quiet) {
            lat_log_set_level(LAT_LOG_ERROR);
        } else if (options.verbose) {
            lat_log_set_level(LAT_LOG_DEBUG);
        }
        exit_code = lat_app_run(&options);
    }
    return lat_finish_output(exit_code);
}
