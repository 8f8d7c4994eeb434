// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "nsm_url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "osc.udp://"

static enum lat_status
refuse(struct lat_error *error, const char *url)
{
    return lat_error_set(error, LAT_EINVAL,
                         "NSM_URL is '%.200s', not osc.udp://HOST:PORT/", url);
}

/// Copy @p n bytes, if there are any and they fit.
static bool
copy(char *out, size_t size, const char *text, size_t n)
{
    if (n == 0 || n >= size) {
        return false;
    }
    memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

enum lat_status
lat_nsm_url_read(const char *url, struct lat_nsm_url *out,
                 struct lat_error *error)
{
    struct lat_nsm_url u;
    const size_t n_scheme = sizeof(SCHEME) - 1;
    if (strncmp(url, SCHEME, n_scheme) != 0) {
        return refuse(error, url);
    }
    const char *host = url + n_scheme;
    const bool is_v6 = *host == '[';
    host += is_v6;
    const size_t n_host = strcspn(host, is_v6 ? "]" : ":/");
    const char *port = host + n_host;
    if (is_v6 && *port == ']') {
        ++port;
    }
    if (*port != ':' || !copy(u.host, sizeof(u.host), host, n_host)) {
        return refuse(error, url);
    }
    ++port;
    const size_t n_port = strspn(port, "0123456789");
    if (!copy(u.port, sizeof(u.port), port, n_port) ||
        (port[n_port] != '\0' && port[n_port] != '/')) {
        return refuse(error, url);
    }
    const long number = strtol(u.port, NULL, 10);
    if (number < 1 || number > 65535) {
        return refuse(error, url);
    }
    *out = u;
    return LAT_OK;
}
