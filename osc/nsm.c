// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The manager's name is looked up on a thread of libuv's pool.  Where the host
// has several addresses they are tried one after the other, a second apart: who
// hears of us twice takes us for one.  The answer may come from another address
// of that host, but not from another port; from then on that address is the
// manager's.

#include "nsm.h"
#include "base/log.h"
#include "nsm_address.h"
#include "nsm_url.h"
#include "packet.h"
#include "print.h"
#include "udp.h"

#include <lo/lo.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APP_NAME     "Lattice"
#define CAPABILITIES ":switch:dirty:progress:message:"
#define API_MAJOR    1
#define API_MINOR    1

#define N_SECONDS 5 // to be answered in

enum state { RESOLVING, ANNOUNCED, MANAGED, OVER };

struct lat_nsm {
    struct lat_nsm_hooks hooks;
    enum state state;
    char url[300];
    const char *argv0;
    struct lat_osc_udp *udp;
    struct lat_nsm_addresses addresses;
    struct sockaddr_storage manager; ///< MANAGED
    uv_loop_t *loop;
    uv_timer_t timer; ///< ticks each second until there is an answer
    uint32_t n_ticks;
    uv_getaddrinfo_t lookup;
    bool is_looking_up, is_closing, is_timer_closed;
};

// Sending.

static void
send_message(struct lat_nsm *n, const struct sockaddr_storage *to,
             const char *path, lo_message m)
{
    size_t size = 0;
    void *const packet = m ? lo_message_serialise(m, path, NULL, &size) : NULL;
    if (packet && n->udp) {
        lat_osc_udp_send(n->udp, (const struct sockaddr *)to, packet, size);
    }
    free(packet);
    if (m) {
        lo_message_free(m);
    }
}

/// Tell the manager; @p types are i, f (a double) and s.
static void
tell(struct lat_nsm *n, const char *path, const char *types, ...)
{
    if (n->state != MANAGED) {
        return;
    }
    lo_message m = lo_message_new();
    va_list args;
    va_start(args, types);
    for (const char *t = types; m && *t; ++t) {
        switch (*t) {
        case 'i':
            lo_message_add_int32(m, va_arg(args, int));
            break;
        case 'f':
            lo_message_add_float(m, (float)va_arg(args, double));
            break;
        default:
            lo_message_add_string(m, va_arg(args, const char *));
        }
    }
    va_end(args);
    send_message(n, &n->manager, path, m);
}

static void
announce(struct lat_nsm *n, const struct sockaddr_storage *to)
{
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_string(m, APP_NAME);
        lo_message_add_string(m, CAPABILITIES);
        lo_message_add_string(m, n->argv0);
        lo_message_add_int32(m, API_MAJOR);
        lo_message_add_int32(m, API_MINOR);
        lo_message_add_int32(m, (int32_t)getpid());
    }
    send_message(n, to, "/nsm/server/announce", m);
}

void
lat_nsm_answer(struct lat_nsm *n, enum lat_nsm_request request,
               enum lat_nsm_code code, const char *text)
{
    static const char *const paths[] = {
        [LAT_NSM_OPEN] = "/nsm/client/open",
        [LAT_NSM_SAVE] = "/nsm/client/save",
    };
    if (code == LAT_NSM_OK) {
        tell(n, "/reply", "ss", paths[request], text);
    } else {
        tell(n, "/error", "sis", paths[request], (int)code, text);
    }
}

void
lat_nsm_tell_changed(struct lat_nsm *n, bool is_changed)
{
    tell(n, is_changed ? "/nsm/client/is_dirty" : "/nsm/client/is_clean", "");
}

void
lat_nsm_tell_progress(struct lat_nsm *n, float progress)
{
    tell(n, "/nsm/client/progress", "f", (double)progress);
}

void
lat_nsm_tell_message(struct lat_nsm *n, enum lat_nsm_priority priority,
                     const char *text)
{
    tell(n, "/nsm/client/message", "is", (int)priority, text);
}

void
lat_nsm_tell_label(struct lat_nsm *n, const char *text)
{
    tell(n, "/nsm/client/label", "s", text);
}

// Whether there is a manager.

static void
become_managed(struct lat_nsm *n, const struct sockaddr *from,
               const char *manager)
{
    memcpy(&n->manager, from,
           from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                       : sizeof(struct sockaddr_in));
    n->state = MANAGED;
    uv_timer_stop(&n->timer);
    n->hooks.managed(n->hooks.data, manager);
}

__attribute__((format(printf, 2, 3))) static void
give_up(struct lat_nsm *n, const char *format, ...)
{
    char why[400];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    n->state = OVER;
    uv_timer_stop(&n->timer);
    n->hooks.unmanaged(n->hooks.data, why);
}

static void
on_second(uv_timer_t *timer)
{
    struct lat_nsm *const n = timer->data;
    ++n->n_ticks;
    if (n->n_ticks >= N_SECONDS) {
        give_up(n, "no session manager answers at %s", n->url);
    } else if (n->state == ANNOUNCED && n->n_ticks < n->addresses.n) {
        announce(n, &n->addresses.at[n->n_ticks]);
    }
}

// Receiving.

static bool
is_of_manager(const struct lat_nsm *n, const struct sockaddr *from)
{
    const struct lat_nsm_addresses *const known = &n->addresses;
    if (!lat_nsm_is_same_port(from, &known->at[0])) {
        return false;
    }
    bool is_it = n->state != MANAGED || lat_nsm_is_same_host(from, &n->manager);
    for (uint32_t i = 0; !is_it && i < known->n; ++i) {
        is_it = lat_nsm_is_same_host(from, &known->at[i]);
    }
    return is_it;
}

static bool
is_of_announcement(const struct lat_osc_message *m)
{
    const char *const path = lat_osc_text(m, 0);
    return path && strcmp(path, "/nsm/server/announce") == 0;
}

static void
on_reply(struct lat_nsm *n, const struct lat_osc_message *m,
         const struct sockaddr *from)
{
    const char *const manager = lat_osc_text(m, 2);
    if (n->state == ANNOUNCED && is_of_announcement(m)) {
        become_managed(n, from, manager ? manager : "a session manager");
    }
}

static void
on_error(struct lat_nsm *n, const struct lat_osc_message *m,
         const struct sockaddr *from)
{
    (void)from;
    const char *const text = lat_osc_text(m, 2);
    double code = 0.0;
    lat_osc_number(m, 1, &code);
    if (n->state == ANNOUNCED && is_of_announcement(m)) {
        give_up(n, "the session manager does not take lattice: %.200s (%d)",
                text ? text : "it does not say why", (int)code);
    }
}

static void
on_open(struct lat_nsm *n, const struct lat_osc_message *m,
        const struct sockaddr *from)
{
    const struct lat_nsm_project project = {
        .path = lat_osc_text(m, 0),
        .display_name = lat_osc_text(m, 1),
        .client_id = lat_osc_text(m, 2),
    };
    if (n->state == ANNOUNCED) { // its reply was lost
        become_managed(n, from, "a session manager");
    }
    if (!project.path || *project.path != '/' || !project.display_name ||
        !project.client_id) {
        lat_nsm_answer(n, LAT_NSM_OPEN, LAT_NSM_GENERAL,
                       "open needs PATH, which begins with '/', DISPLAY_NAME "
                       "and CLIENT_ID");
    } else {
        n->hooks.open(n->hooks.data, &project);
    }
}

static void
on_save(struct lat_nsm *n, const struct lat_osc_message *m,
        const struct sockaddr *from)
{
    (void)m;
    (void)from;
    if (n->state == MANAGED) {
        n->hooks.save(n->hooks.data);
    }
}

static void
received(void *data, const struct sockaddr *from, const void *packet,
         size_t size)
{
    static const struct {
        const char *path;
        void (*take)(struct lat_nsm *n, const struct lat_osc_message *m,
                     const struct sockaddr *from);
    } messages[] = {
        {"/reply", on_reply},
        {"/error", on_error},
        {"/nsm/client/open", on_open},
        {"/nsm/client/save", on_save},
    };
    struct lat_nsm *const n = data;
    struct lat_osc_message m = {.lo = NULL};
    struct lat_error error;
    char line[200];
    if ((n->state != ANNOUNCED && n->state != MANAGED) ||
        !is_of_manager(n, from) ||
        lat_osc_message_read(&m, packet, size, &error)) {
        return;
    }
    lat_log(LAT_LOG_DEBUG, "session manager: %s",
            lat_osc_message_text(&m, line, sizeof(line)));
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); ++i) {
        if (strcmp(m.path, messages[i].path) == 0) {
            messages[i].take(n, &m, from);
            break;
        }
    }
    lat_osc_message_fini(&m);
}

// Opening.

static void
unsent(void *data, const struct sockaddr *to, const char *why)
{
    (void)data;
    (void)to;
    lat_log_bounded(LAT_LOG_WARNING,
                    "the session manager was not answered: %s; see whether it "
                    "still runs",
                    why);
}

static enum lat_status
open_socket(struct lat_nsm *n)
{
    const int fd = lat_nsm_addresses_bind(&n->addresses);
    return fd < 0 ? LAT_ESYSTEM
                  : lat_osc_udp_new(n->loop, fd, received, unsent, n, &n->udp);
}

static void
free_if_closed(struct lat_nsm *n)
{
    if (n->is_closing && n->is_timer_closed && !n->is_looking_up) {
        free(n);
    }
}

static void
on_found(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
    struct lat_nsm *const n = lookup->data;
    n->is_looking_up = false;
    if (n->is_closing || n->state != RESOLVING) {
        uv_freeaddrinfo(found);
        free_if_closed(n);
        return;
    }
    const char *why = status ? uv_strerror(status) : "the host has no address";
    if (status == 0) {
        lat_nsm_addresses_take(&n->addresses, found);
    }
    uv_freeaddrinfo(found);
    if (n->addresses.n == 0) {
        give_up(n, "no session manager at %s: %s", n->url, why);
    } else if (open_socket(n)) {
        give_up(n, "no socket for the session manager: %s", strerror(errno));
    } else {
        n->state = ANNOUNCED;
        n->n_ticks = 0;
        uv_timer_again(&n->timer);
        announce(n, &n->addresses.at[0]);
    }
}

enum lat_status
lat_nsm_new(uv_loop_t *loop, const char *url, const char *argv0,
            const struct lat_nsm_hooks *hooks, struct lat_nsm **out,
            struct lat_error *error)
{
    struct lat_nsm_url at;
    const enum lat_status status = lat_nsm_url_read(url, &at, error);
    if (status) {
        return status;
    }
    struct lat_nsm *const n = calloc(1, sizeof(*n));
    if (!n) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    n->hooks = *hooks;
    n->loop = loop;
    n->argv0 = argv0;
    snprintf(n->url, sizeof(n->url), "%s", url);
    uv_timer_init(loop, &n->timer);
    n->timer.data = n->lookup.data = n;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_DGRAM};
    const int rc =
        uv_getaddrinfo(loop, &n->lookup, on_found, at.host, at.port, &hints);
    if (rc) {
        lat_nsm_close(n);
        return lat_error_set(error, LAT_ESYSTEM,
                             "no session manager can be looked for: %s",
                             uv_strerror(rc));
    }
    n->is_looking_up = true;
    uv_timer_start(&n->timer, on_second, 1000, 1000);
    *out = n;
    return LAT_OK;
}

static void
on_timer_closed(uv_handle_t *handle)
{
    struct lat_nsm *const n = handle->data;
    n->is_timer_closed = true;
    free_if_closed(n);
}

bool
lat_nsm_close(struct lat_nsm *n)
{
    if (!n) {
        return true;
    }
    n->is_closing = true;
    n->state = OVER;
    lat_osc_udp_close(n->udp);
    n->udp = NULL;
    uv_close((uv_handle_t *)&n->timer, on_timer_closed);
    return !n->is_looking_up || uv_cancel((uv_req_t *)&n->lookup) == 0;
}
