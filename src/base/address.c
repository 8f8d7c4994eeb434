// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/// A host in numbers: 4 bytes, or 16.
struct numbers {
    size_t n; ///< 0: it is a name
    uint8_t bytes[16];
};

static struct numbers
numbers_of(const char *host)
{
    struct numbers out = {0};
    if (inet_pton(AF_INET, host, out.bytes) == 1) {
        out.n = 4;
    } else if (inet_pton(AF_INET6, host, out.bytes) == 1) {
        out.n = 16;
    }
    return out;
}

static bool
read_port(const char *text, uint16_t *port)
{
    const size_t n = strspn(text, DIGITS);
    const unsigned long number = n && n < 6 ? strtoul(text, NULL, 10) : 0;
    *port = (uint16_t)number;
    return !text[n] && number > 0 && number < 65536;
}

static bool
set_host(struct lat_address *a, const char *text, size_t n, const char *of)
{
    if (n == 0 || n >= LAT_HOST_MAX) {
        return false;
    }
    memcpy(a->host, text, n);
    a->host[n] = '\0';
    return strspn(a->host, of) == n;
}

bool
lat_address_read(const char *text, struct lat_address *out)
{
    struct lat_address a = {.port = 0};
    const char *const bracket = *text == '[' ? strchr(text, ']') : NULL;
    const char *const colon = strrchr(text, ':');
    bool is_right = false;
    if (bracket) {
        is_right = set_host(&a, text + 1, (size_t)(bracket - text - 1),
                            LETTERS DIGITS ":.%") &&
                   strchr(a.host, ':') && bracket[1] == ':' &&
                   read_port(bracket + 2, &a.port);
    } else if (colon && strchr(text, ':') != colon) {
        is_right = set_host(&a, text, strlen(text), LETTERS DIGITS ":.") &&
                   numbers_of(a.host).n == 16;
    } else {
        const size_t n = colon ? (size_t)(colon - text) : strlen(text);
        is_right = set_host(&a, text, n, LETTERS DIGITS "-_.") &&
                   (!colon || read_port(colon + 1, &a.port));
    }
    if (is_right) {
        *out = a;
    }
    return is_right;
}

bool
lat_address_in_numbers(const struct lat_address *a,
                       struct sockaddr_storage *out)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons(a->port)};
    const struct numbers n = numbers_of(
        strcasecmp(a->host, "localhost") == 0 ? "127.0.0.1" : a->host);
    memset(out, 0, sizeof(*out));
    if (n.n == 4) {
        memcpy(&in.sin_addr, n.bytes, n.n);
        memcpy(out, &in, sizeof(in));
    } else if (n.n == 16) {
        memcpy(&in6.sin6_addr, n.bytes, n.n);
        memcpy(out, &in6, sizeof(in6));
    }
    return n.n > 0;
}

bool
lat_host_is_here(const char *host)
{
    static const uint8_t one[16] = {[15] = 1};
    const struct numbers n = numbers_of(host);
    return strcasecmp(host, "localhost") == 0 ||
           (n.n == 4 && n.bytes[0] == 127) ||
           (n.n == 16 && memcmp(n.bytes, one, sizeof(one)) == 0);
}

bool
lat_host_is(const char *host, const char *other)
{
    const struct numbers a = numbers_of(host);
    const struct numbers b = numbers_of(other);
    return a.n ? a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0
               : strcasecmp(host, other) == 0;
}
