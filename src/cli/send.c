// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice send`: one message to a lattice that runs, and what it answers.

#include "base/log.h"
#include "options.h"
#include "osc/client.h"

#include <stdio.h>

static void
print_answer(void *data, const char *line, bool is_end)
{
    const bool *const is_quiet = data;
    if (!*is_quiet || !is_end) {
        puts(line);
    }
}

int
lat_app_send(const struct lat_options *o)
{
    struct lat_error error;
    struct lat_osc_client *client = NULL;
    bool is_quiet = o->quiet;
    if (o->path[0] != '/') {
        lat_log(LAT_LOG_ERROR,
                "'%s' is no path: it begins with /, like "
                "/graph/nodes",
                o->path);
        return LAT_EXIT_INPUT;
    }
    enum lat_status status =
        lat_osc_client_new(o->host_name, o->osc_port, o->tcp, &client, &error);
    if (!status) {
        status =
            lat_osc_client_ask(client, o->path, o->more, o->n_more, o->timeout,
                               print_answer, &is_quiet, &error);
    }
    lat_osc_client_free(client);
    if (status) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
    }
    return (int)lat_options_exit_code(status);
}
