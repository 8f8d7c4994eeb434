// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "link_thread.h"
#include "cables.h"
#include "connect.h"
#include "look.h"
#include "opening.h"
#include "planned.h"
#include "port_latency.h"
#include "ports.h"
#include "process.h"

#include <jack/thread.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_NS UINT64_C(1000000000) // a view at least this often
#define BEAT_MS 200

static void
set_state(struct lat_link *l, enum lat_link_state state)
{
    pthread_mutex_lock(&l->mutex);
    l->state = state;
    pthread_mutex_unlock(&l->mutex);
}

static bool
open_link(struct lat_link *l)
{
    jack_client_t *client = lat_opening_client(l);
    if (!client) {
        return false;
    }
    l->client = client;
    atomic_store(&l->rate, jack_get_sample_rate(client));
    atomic_store(&l->period, jack_get_buffer_size(client));
    atomic_store(&l->is_realtime, jack_is_realtime(client) != 0);
    const int priority = jack_client_real_time_priority(client);
    atomic_store(&l->priority, priority > 0 ? priority : 0);
    pthread_mutex_lock(&l->mutex);
    snprintf(l->name, sizeof(l->name), "%s", jack_get_client_name(client));
    pthread_mutex_unlock(&l->mutex);
    lat_process_set_callbacks(l);
    lat_ports_add_midi(l);
    return true;
}

static void
free_orders(struct order *o)
{
    while (o) {
        struct order *next = o->next;
        free(o->from);
        free(o->to);
        free(o);
        o = next;
    }
}

/// Do what was asked for since the last time.
static void
work(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_ports = l->want_serial != l->todo_serial;
    if (has_ports) {
        memcpy(l->todo, l->want, sizeof(l->todo));
        l->todo_serial = l->want_serial;
    }
    struct order *orders = l->first_order;
    l->first_order = NULL;
    l->order_end = &l->first_order;
    const uint64_t n_ordered = l->n_ordered;
    const uint64_t n_looks = l->n_looks_wanted;
    const bool is_look_wanted = n_looks != l->n_looks;
    const bool is_activation = l->wants_active && l->state == LAT_LINK_OPEN;
    const bool wants_clock = l->wants_clock;
    const bool is_later = l->has_new_latency && l->state == LAT_LINK_ACTIVE;
    l->has_new_latency &= !is_later;
    const bool has_cables = l->cables_serial != l->cables_taken;
    pthread_mutex_unlock(&l->mutex);

    if (has_ports) {
        lat_ports_update(l);
    }
    if (is_activation && jack_activate(l->client) == 0) {
        set_state(l, LAT_LINK_ACTIVE);
    }
    for (const struct order *o = orders; o; o = o->next) {
        lat_link_carry_out(l, o);
    }
    free_orders(orders);
    lat_port_latency_tell(l, is_later);
    l->n_done = n_ordered;
    lat_ports_update_clock(l, wants_clock);
    atomic_store(&l->cpu_load, (double)jack_cpu_load(l->client));
    const uint64_t now_ns = lat_now_ns();
    const bool is_calm = now_ns - l->looked_ns >= CALM_NS;
    const bool has_changed = is_calm && atomic_exchange(&l->has_changed, false);
    if (has_changed || has_ports || has_cables || is_activation ||
        ((l->plan.n_cables || l->n_foreign) &&
         now_ns - l->looked_ns >= LOOK_NS)) {
        lat_cables_keep(l);
    }
    if (has_changed || has_ports || is_activation || is_look_wanted || orders ||
        now_ns - l->looked_ns >= LOOK_NS) {
        lat_link_make_view(l);
        l->looked_ns = now_ns;
        pthread_mutex_lock(&l->mutex);
        l->n_looks = n_looks;
        pthread_mutex_unlock(&l->mutex);
    }
}

static bool
is_over(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    const bool over = l->wants_close;
    pthread_mutex_unlock(&l->mutex);
    return over;
}

static void
close_link(struct lat_link *l)
{
    if (!atomic_load(&l->is_shut_down)) {
        lat_ports_forget(l);
        jack_deactivate(l->client);
    }
    jack_client_close(l->client); // fails when the server is gone: fine
}

void
lat_link_free(struct lat_link *l)
{
    free_orders(l->first_order);
    while (l->retired) {
        struct latency *next = l->retired->next;
        free(l->retired);
        l->retired = next;
    }
    free(atomic_load(&l->latency));
    lat_planned_fini(l);
    lat_cables_fini(l);
    free(l->foreign);
    lat_jack_view_fini(&l->view);
    close(l->wake);
    pthread_mutex_destroy(&l->mutex);
    free(l);
}

/// Is there something that the control thread has not taken?
static bool
has_news(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_view = l->has_view;
    pthread_mutex_unlock(&l->mutex);
    return has_view;
}

/// Wake the control thread.  Who abandons a link may forget the bell.
static void
ring(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    if (l->options.bell && !l->is_abandoned) {
        lat_bell_ring(l->options.bell);
    }
    pthread_mutex_unlock(&l->mutex);
}

void *
lat_link_main(void *data)
{
    struct lat_link *l = data;
    lat_thread_role = LAT_ROLE_NONE;
    const bool is_open = open_link(l);
    if (is_open) {
        set_state(l, LAT_LINK_OPEN);
    }
    bool is_woken = true;
    while (is_open && !is_over(l)) {
        if (!atomic_load(&l->is_shut_down)) {
            work(l);
        }
        if (is_woken || has_news(l)) {
            ring(l);
        }
        struct pollfd p = {.fd = l->wake, .events = POLLIN};
        const bool is_waiting =
            atomic_load(&l->has_changed) || atomic_load(&l->latency_asked);
        is_woken = poll(&p, 1, is_waiting ? CALM_MS : BEAT_MS) > 0;
        if (is_woken) {
            uint64_t n;
            const ssize_t got = read(l->wake, &n, sizeof(n));
            (void)got;
        }
    }
    if (is_open) {
        close_link(l);
    }
    pthread_mutex_lock(&l->mutex);
    l->state = is_open ? LAT_LINK_CLOSED : LAT_LINK_FAILED;
    l->is_finished = true;
    const bool is_abandoned = l->is_abandoned;
    if (l->options.bell && !is_abandoned) {
        lat_bell_ring(l->options.bell); // the link may be freed from here on
    }
    pthread_mutex_unlock(&l->mutex);
    if (is_abandoned) {
        lat_link_free(l);
    }
    return NULL;
}
