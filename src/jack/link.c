// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "link.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "by_hand.h"
#include "cables.h"
#include "connect.h"
#include "link_state.h"
#include "look.h"
#include "opening.h"
#include "ports.h"
#include "process.h"

#include <jack/thread.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)512 * 1024)
#define LOOK_NS     UINT64_C(1000000000) // a view at least this often
#define CALM_NS     UINT64_C(10000000)   // changes come in crowds: look once
#define CALM_MS     10
#define BEAT_MS     200

// The link's thread.

static void
set_state(struct lat_link *l, enum lat_link_state state)
{
    pthread_mutex_lock(&l->mutex);
    l->state = state;
    pthread_mutex_unlock(&l->mutex);
}

uint32_t
lat_link_name_max(void)
{
    // jackd takes one byte less than it says.
    const int size = jack_client_name_size() - 2;
    const int room = (int)sizeof((struct lat_link){0}.name) - 1;
    return (uint32_t)(size < room ? size : room);
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
    if (is_later) {
        jack_recompute_total_latencies(l->client);
    }
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

static void
link_free(struct lat_link *l)
{
    free_orders(l->first_order);
    while (l->retired) {
        struct latency *next = l->retired->next;
        free(l->retired);
        l->retired = next;
    }
    free(atomic_load(&l->latency));
    lat_by_hand_fini(l);
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

static void *
link_main(void *data)
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
        const bool is_waiting = atomic_load(&l->has_changed);
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
        link_free(l);
    }
    return NULL;
}

// The control thread.

enum lat_status
lat_link_new(const struct lat_link_options *options, struct lat_link **out)
{
    lat_opening_listen(options->is_retry);
    struct lat_link *l = calloc(1, sizeof(*l));
    if (!l) {
        return LAT_ENOMEM;
    }
    l->options = *options;
    l->order_end = &l->first_order;
    pthread_mutex_init(&l->mutex, NULL);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->wake < 0 ||
        !lat_thread_start(&l->thread, STACK_BYTES, link_main, l)) {
        link_free(l);
        return LAT_ESYSTEM;
    }
    *out = l;
    return LAT_OK;
}

enum lat_link_state
lat_link_state(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    const enum lat_link_state state = l->state;
    pthread_mutex_unlock(&l->mutex);
    return state;
}

void
lat_link_error(struct lat_link *l, struct lat_error *error)
{
    pthread_mutex_lock(&l->mutex);
    if (error) {
        *error = l->error;
    }
    pthread_mutex_unlock(&l->mutex);
}

void
lat_link_status(struct lat_link *l, struct lat_link_status *out)
{
    const uint64_t now_ns = lat_now_ns();
    if (atomic_load(&l->n_fresh_xruns) &&
        now_ns - atomic_load(&l->fresh_ns) > AFTERMATH_NS) {
        atomic_store(&l->xrun_delay_us, atomic_load(&l->fresh_delay_us));
        atomic_fetch_add(&l->n_xruns, atomic_exchange(&l->n_fresh_xruns, 0));
    }
    *out = (struct lat_link_status){
        .is_realtime = atomic_load(&l->is_realtime),
        .priority = atomic_load(&l->priority),
        .is_freewheeling = atomic_load(&l->is_freewheeling),
        .is_shut_down = atomic_load(&l->is_shut_down),
        .rate = atomic_load(&l->rate),
        .period = atomic_load(&l->period),
        .n_cycles = atomic_load(&l->n_cycles),
        .n_xruns = atomic_load(&l->n_xruns),
        .xrun_delay_us = atomic_load(&l->xrun_delay_us),
        .engine_ns_at_xrun = atomic_load(&l->xrun_engine_ns),
        .cpu_load = atomic_load(&l->cpu_load),
    };
    pthread_mutex_lock(&l->mutex);
    memcpy(out->name, l->name, sizeof(out->name));
    pthread_mutex_unlock(&l->mutex);
}

uint64_t
lat_link_want_ports(struct lat_link *l, const struct lat_slot *slots)
{
    pthread_mutex_lock(&l->mutex);
    for (uint32_t i = 0; i < N_SLOTS; ++i) {
        const struct lat_slot *d = &slots[i];
        if (!d->refs || d->generation != l->want[i].generation) {
            atomic_store(&l->live[i].port, NULL);
        }
    }
    memcpy(l->want, slots, sizeof(l->want));
    const uint64_t serial = ++l->want_serial;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
    return serial;
}

void
lat_link_activate(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    l->wants_active = true;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
}

uint64_t
lat_link_order(struct lat_link *l, bool is_connect, const char *from,
               const char *to)
{
    struct order *o = calloc(1, sizeof(*o));
    char *from_copy = lat_strdup(from);
    char *to_copy = lat_strdup(to);
    pthread_mutex_lock(&l->mutex);
    if (o && from_copy && to_copy) {
        *o = (struct order){is_connect, from_copy, to_copy, NULL};
        *l->order_end = o;
        l->order_end = &o->next;
    } else {
        free(o);
        free(from_copy);
        free(to_copy);
    }
    const uint64_t number = ++l->n_ordered;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
    return number;
}

void
lat_link_want_clock(struct lat_link *l, bool is_wanted)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_changed = l->wants_clock != is_wanted;
    l->wants_clock = is_wanted;
    pthread_mutex_unlock(&l->mutex);
    if (has_changed) {
        lat_link_wake(l);
    }
}

/// Free what the latency callback no longer sees.
static void
free_retired(struct lat_link *l)
{
    const unsigned turn = atomic_load(&l->latency_turn);
    struct latency **at = &l->retired;
    while (*at) {
        struct latency *old = *at;
        if (old->turn % 2 == 0 || old->turn != turn) {
            *at = old->next;
            free(old);
        } else {
            at = &old->next;
        }
    }
}

enum lat_status
lat_link_set_latency(struct lat_link *l, const struct lat_latency *latency)
{
    const size_t bytes = latency->n * sizeof(*latency->paths);
    struct latency *new = malloc(sizeof(*new) + bytes);
    if (!new) {
        return LAT_ENOMEM;
    }
    *new = (struct latency){.n = latency->n};
    if (bytes) {
        memcpy(new->paths, latency->paths, bytes);
    }
    struct latency *old = atomic_exchange(&l->latency, new);
    if (old) {
        old->turn = atomic_load(&l->latency_turn);
        old->next = l->retired;
        l->retired = old;
    }
    free_retired(l);
    pthread_mutex_lock(&l->mutex);
    l->has_new_latency = true;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
    return LAT_OK;
}

bool
lat_link_is_connected(const struct lat_link *l, uint32_t slot)
{
    return atomic_load(&l->live[slot].is_connected);
}

bool
lat_link_take_view(struct lat_link *l, struct lat_jack_view *view)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_view = l->has_view;
    if (has_view) {
        *view = l->view;
        l->view = (struct lat_jack_view){0};
        l->has_view = false;
    }
    pthread_mutex_unlock(&l->mutex);
    return has_view;
}

uint64_t
lat_link_look(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    const uint64_t number = ++l->n_looks_wanted;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
    return number;
}

bool
lat_link_has_looked(struct lat_link *l, uint64_t number)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_looked = l->n_looks >= number;
    pthread_mutex_unlock(&l->mutex);
    return has_looked;
}

void
lat_link_open_gate(struct lat_link *l, struct lat_engine *engine, uint32_t rate)
{
    l->engine = engine;
    atomic_store(&l->changed_ns, lat_now_ns());
    atomic_store(&l->engine_rate, rate);
    atomic_store(&l->gate, true);
}

void
lat_link_close_gate(struct lat_link *l)
{
    atomic_store(&l->gate, false);
    atomic_store(&l->turn_at_close, atomic_load(&l->turn));
}

bool
lat_link_is_quiet(struct lat_link *l)
{
    const unsigned turn = atomic_load(&l->turn_at_close);
    return turn % 2 == 0 || atomic_load(&l->turn) != turn;
}

float
lat_link_take_peak(struct lat_link *l, uint32_t slot)
{
    const uint32_t bits = atomic_exchange(&l->live[slot].peak, 0);
    float peak;
    memcpy(&peak, &bits, sizeof(peak));
    return peak;
}

void
lat_link_close(struct lat_link *l)
{
    lat_link_close_gate(l);
    pthread_mutex_lock(&l->mutex);
    l->wants_close = true;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
}

bool
lat_link_reap(struct lat_link *l)
{
    pthread_mutex_lock(&l->mutex);
    const bool is_finished = l->is_finished;
    pthread_mutex_unlock(&l->mutex);
    if (is_finished) {
        pthread_join(l->thread, NULL);
        link_free(l);
    }
    return is_finished;
}

void
lat_link_abandon(struct lat_link *l)
{
    const pthread_t thread = l->thread;
    pthread_mutex_lock(&l->mutex);
    const bool is_finished = l->is_finished;
    l->is_abandoned = true;
    l->wants_close = true;
    pthread_mutex_unlock(&l->mutex);
    if (is_finished) {
        pthread_join(thread, NULL);
        link_free(l);
    } else {
        pthread_detach(thread);
    }
}

uint64_t
lat_link_want_cables(struct lat_link *l, const struct lat_cable_plan *plan)
{
    struct lat_cable_plan copy;
    if (!lat_cable_plan_copy(plan, &copy)) {
        lat_log(LAT_LOG_ERROR, "out of memory: cables to processes are cut");
    }
    pthread_mutex_lock(&l->mutex);
    lat_cable_plan_fini(&l->new_plan);
    l->new_plan = copy;
    const uint64_t serial = ++l->cables_serial;
    pthread_mutex_unlock(&l->mutex);
    lat_link_wake(l);
    return serial;
}

bool
lat_link_has_cables(struct lat_link *l, uint64_t serial)
{
    pthread_mutex_lock(&l->mutex);
    const bool has_them = l->cables_complete >= serial;
    pthread_mutex_unlock(&l->mutex);
    return has_them;
}
