// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "connect.h"
#include "base/log.h"
#include "names.h"
#include "planned.h"

#include <errno.h>

static jack_port_t *
find(const struct lat_link *l, const char *name)
{
    char full[600];
    lat_name_with_client(l->name, name, full, sizeof(full));
    return jack_port_by_name(l->client, full);
}

bool
lat_link_are_there(const struct lat_link *l, const char *from, const char *to)
{
    return find(l, from) && find(l, to);
}

bool
lat_link_are_connected(const struct lat_link *l, const char *from,
                       const char *to)
{
    char full[600];
    jack_port_t *port = find(l, from);
    lat_name_with_client(l->name, to, full, sizeof(full));
    return port && jack_port_connected_to(port, full);
}

bool
lat_link_change(struct lat_link *l, const char *from, const char *to,
                bool is_connect)
{
    char a[600];
    char b[600];
    lat_name_with_client(l->name, from, a, sizeof(a));
    lat_name_with_client(l->name, to, b, sizeof(b));
    const int rc = is_connect ? jack_connect(l->client, a, b)
                              : jack_disconnect(l->client, a, b);
    if (rc != 0) {
        lat_log(LAT_LOG_DEBUG, "JACK does not %s '%s' and '%s' (%d)",
                is_connect ? "connect" : "disconnect", a, b, rc);
    }
    return rc == 0;
}

void
lat_link_carry_out(struct lat_link *l, const struct order *o)
{
    char from[600];
    char to[600];
    if (!lat_planned_full(l, o->from, from, sizeof(from)) ||
        !lat_planned_full(l, o->to, to, sizeof(to))) {
        return; // its process has gone meanwhile
    }
    if (o->is_connect) {
        const int rc = jack_connect(l->client, from, to);
        if (rc != 0 && rc != EEXIST && !atomic_load(&l->is_shut_down)) {
            lat_log(LAT_LOG_WARNING, "JACK does not connect '%s' to '%s'", from,
                    to);
        }
    } else {
        (void)jack_disconnect(l->client, from, to);
    }
}
