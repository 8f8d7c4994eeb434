// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "link.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "link_state.h"
#include "link_thread.h"
#include "opening.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define STACK_BYTES ((size_t)512 * 1024)

uint32_t
lat_link_name_max(void)
{
    // jackd takes one byte less than it says.
    const int size = jack_client_name_size() - 2;
    const int room = (int)sizeof((struct lat_link){0}.name) - 1;
    return (uint32_t)(size < room ? size : room);
}

enum lat_status
lat_link_new(const struct lat_link_options *options, struct lat_link **out)
{
    lat_opening_listen(options->is_retry);
    struct lat_link *l = calloc(1, sizeof(*l));
    if (!l) {
        return LAT_ENOMEM;
    }
    l->options = *options;
    l->is_pipewire = lat_link_is_pipewire();
    l->order_end = &l->first_order;
    pthread_mutex_init(&l->mutex, NULL);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->wake < 0 ||
        !lat_thread_start(&l->thread, STACK_BYTES, lat_link_main, l)) {
        lat_link_free(l);
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
        .is_pipewire = l->is_pipewire,
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

/// Free what nobody reads any more.
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
        lat_link_free(l);
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
        lat_link_free(l);
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
