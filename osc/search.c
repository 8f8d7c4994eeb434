// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A search is either with the resolver or waits for its timer, so ending one
// is to cancel the first or to close the second.

#include "search.h"
#include "base/address.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_WAIT_MS 1000U
#define MOST_WAIT_MS  30000U

struct search {
    uv_getaddrinfo_t request;
    uv_timer_t timer;
    struct lat_osc_searches *all; ///< NULL: they have gone meanwhile
    uint64_t id;
    uint64_t wait_ms; ///< before it is tried the next time
    char host[LAT_HOST_MAX];
    char port[8];
    bool has_told; ///< that it is not found
    struct search *next, **at;
};

struct lat_osc_searches {
    uv_loop_t *loop;
    struct lat_osc_search_hooks hooks;
    struct search *first;
};

static void
closed(uv_handle_t *timer)
{
    free(timer->data);
}

static void
end(struct search *s)
{
    if (s->all) {
        *s->at = s->next;
        if (s->next) {
            s->next->at = s->at;
        }
    }
    uv_close((uv_handle_t *)&s->timer, closed);
}

/// Was it told of the host, by this search or by another?
static bool
is_told(const struct lat_osc_searches *all, const char *host)
{
    const struct search *s = all->first;
    while (s && !(s->has_told && strcmp(s->host, host) == 0)) {
        s = s->next;
    }
    return s;
}

static void
try_once(struct search *s);

static void
try_again(uv_timer_t *timer)
{
    struct search *const s = timer->data;
    if (s->all->hooks.is_wanted(s->all->hooks.data, s->id)) {
        try_once(s);
    } else {
        end(s);
    }
}

static void
wait(struct search *s, const char *why)
{
    if (!is_told(s->all, s->host)) {
        lat_log(LAT_LOG_WARNING,
                "%s is not found: %s; it is looked for again until it is "
                "there; is it written right? An address in numbers needs no "
                "search",
                s->host, why);
    }
    s->has_told = true;
    uv_timer_start(&s->timer, try_again, s->wait_ms, 0);
    s->wait_ms *= 2;
    s->wait_ms = s->wait_ms < MOST_WAIT_MS ? s->wait_ms : MOST_WAIT_MS;
}

static void
answered(uv_getaddrinfo_t *request, int status, struct addrinfo *all)
{
    struct search *const s = request->data;
    if (!s->all) {
        end(s);
    } else if (status) {
        wait(s, uv_strerror(status));
    } else {
        struct sockaddr_storage address = {0};
        memcpy(&address, all->ai_addr, all->ai_addrlen);
        if (s->has_told) {
            lat_log(LAT_LOG_INFO, "%s is found now", s->host);
        }
        s->all->hooks.found(s->all->hooks.data, s->id, &address);
        end(s);
    }
    uv_freeaddrinfo(all);
}

static void
try_once(struct search *s)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    const int status = uv_getaddrinfo(s->all->loop, &s->request, answered,
                                      s->host, s->port, &hints);
    if (status) {
        wait(s, uv_strerror(status));
    }
}

enum lat_status
lat_osc_searches_new(uv_loop_t *loop, const struct lat_osc_search_hooks *hooks,
                     struct lat_osc_searches **out)
{
    struct lat_osc_searches *const all = calloc(1, sizeof(*all));
    if (!all) {
        return LAT_ENOMEM;
    }
    all->loop = loop;
    all->hooks = *hooks;
    *out = all;
    return LAT_OK;
}

void
lat_osc_searches_begin(struct lat_osc_searches *all, const char *host,
                       const char *port, uint64_t id)
{
    struct search *const s = calloc(1, sizeof(*s));
    if (!s) {
        return;
    }
    *s = (struct search){
        .all = all,
        .id = id,
        .wait_ms = FIRST_WAIT_MS,
        .next = all->first,
        .at = &all->first,
    };
    snprintf(s->host, sizeof(s->host), "%s", host);
    snprintf(s->port, sizeof(s->port), "%s", port);
    uv_timer_init(all->loop, &s->timer); // cannot fail
    s->timer.data = s;
    s->request.data = s;
    if (s->next) {
        s->next->at = &s->next;
    }
    all->first = s;
    try_once(s);
}

void
lat_osc_searches_free(struct lat_osc_searches *all)
{
    if (!all) {
        return;
    }
    while (all->first) {
        struct search *const s = all->first;
        all->first = s->next;
        s->all = NULL;
        if (uv_is_active((uv_handle_t *)&s->timer)) {
            uv_close((uv_handle_t *)&s->timer, closed);
        } else {
            uv_cancel((uv_req_t *)&s->request); // or it ends when it answers
        }
    }
    free(all);
}
