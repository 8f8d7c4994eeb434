// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "names.h"

#include <stdio.h>
#include <string.h>

void
lat_name_with_client(const char *client, const char *name, char *out,
                     size_t size)
{
    if (strchr(name, ':')) {
        snprintf(out, size, "%s", name);
    } else {
        snprintf(out, size, "%s:%s", client, name);
    }
}

const char *
lat_name_without_client(const char *client, const char *name)
{
    const size_t n = strlen(client);
    return strncmp(name, client, n) == 0 && name[n] == ':' ? name + n + 1
                                                           : name;
}

void
lat_name_spell_out(char *name)
{
    for (; *name; ++name) {
        if (*name == '/' || *name == '_') {
            *name = ' ';
        }
    }
}

void
lat_name_for_people(const struct lat_slot *d, char *out, size_t size)
{
    static const char *const side[] = {"left", "right"};
    if (d->is_plain) {
        // send/voice/out is "voice out"
        const char *slash = strchr(d->name, '/');
        snprintf(out, size, "%s", slash ? slash + 1 : d->name);
        lat_name_spell_out(out);
    } else if (d->n_channels == 1) {
        snprintf(out, size, "%s", d->node);
    } else if (d->n_channels == 2 && d->channel >= 1 && d->channel <= 2) {
        snprintf(out, size, "%s %s", d->node, side[d->channel - 1]);
    } else {
        snprintf(out, size, "%s %u", d->node, d->channel);
    }
}
