// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice watch`: what changes in a lattice that runs, a line each.

#include "base/log.h"
#include "base/rt.h"
#include "options.h"
#include "osc/client.h"

#include <stdio.h>

static void
print_line(void *data, const char *line, bool is_end)
{
    (void)data;
    (void)is_end;
    puts(line);
    fflush(stdout); // whoever reads it through a pipe wants it now
}

int
lat_app_watch(const struct lat_options *o)
{
    static const char *const all[] = {"/transport/{tempo,playing}",
                                      "/cable/*/*/*/*"};
    struct lat_error error;
    struct lat_osc_client *client = NULL;
    enum lat_status status =
        lat_osc_client_new(o->host_name, o->osc_port, true, &client, &error);
    if (!status && o->path) {
        status = lat_osc_client_subscribe(client, o->path, &error);
    }
    for (size_t i = 0; !status && !o->path && i < LAT_COUNT(all); ++i) {
        status = lat_osc_client_subscribe(client, all[i], &error);
    }
    if (!status && !o->path) {
        status = lat_osc_client_notify(client, &error);
    }
    if (!status) {
        status = lat_osc_client_listen(client, print_line, NULL, &error);
    }
    lat_osc_client_free(client);
    if (status) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
    }
    return (int)lat_options_exit_code(status);
}
