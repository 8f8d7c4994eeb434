// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A thread that goes to sleep says so (is_asleep) and then looks once more.
// Whoever has something for it writes that down first and then looks whether it
// sleeps; both are sequentially consistent, so one of them sees the other.

#include "service.h"
#include "base/bell.h"
#include "base/thread.h"

#include <poll.h>
#include <pthread.h>
#include <stddef.h>

#define STACK_BYTES ((size_t)512 * 1024)
#define LOOK_MS     5
#define FOR_EVER    (-1)

/// Guards `first` of all; held for no longer than it takes to link.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct service {
    struct lat_disk_job *first; ///< the thread alone removes
    struct lat_bell bell;
    bool is_started;
    atomic_bool is_asleep;
    _Atomic uint32_t n_dropped; ///< that are not ended yet
#ifdef LAT_TEST_HOOKS
    atomic_bool is_paused;
#endif
} services[LAT_DISK_THREADS];

static atomic_bool is_offline;

void
lat_disk_be_offline(void)
{
    atomic_store(&is_offline, true);
}

LAT_RT bool
lat_disk_is_offline(void)
{
    return atomic_load_explicit(&is_offline, memory_order_relaxed);
}

static struct lat_disk_job *
next_of(const struct service *s, const struct lat_disk_job *job)
{
    pthread_mutex_lock(&lock);
    struct lat_disk_job *const next = job ? job->next : s->first;
    pthread_mutex_unlock(&lock);
    return next;
}

static void
unlink_job(struct service *s, const struct lat_disk_job *job)
{
    pthread_mutex_lock(&lock);
    struct lat_disk_job **link = &s->first;
    while (*link != job) {
        link = &(*link)->next;
    }
    *link = job->next;
    pthread_mutex_unlock(&lock);
}

#ifdef LAT_TEST_HOOKS
void
lat_disk_pause(enum lat_disk_thread thread, bool is_paused)
{
    atomic_store(&services[thread].is_paused, is_paused);
}

static void
wait_while_paused(const struct service *s)
{
    while (atomic_load(&s->is_paused)) {
        (void)poll(NULL, 0, 1);
    }
}
#else
# define wait_while_paused(s) ((void)(s))
#endif

/// Let every job work a little.  @return whether any has more to do.
static bool
work_on_all(struct service *s)
{
    bool is_more = false;
    struct lat_disk_job *next = NULL;
    for (struct lat_disk_job *job = next_of(s, NULL); job; job = next) {
        wait_while_paused(s);
        const bool is_dropped = atomic_load(&job->is_dropped);
        const bool has_more = job->work(job);
        is_more = is_more || has_more;
        next = next_of(s, job);
        if (is_dropped && !has_more) {
            unlink_job(s, job);
            job->end(job);
            atomic_fetch_sub(&s->n_dropped, 1);
        }
    }
    return is_more;
}

static void *
run(void *data)
{
    struct service *const s = data;
    lat_rt_flush_denormals();
    for (;;) {
        struct pollfd fd = {.fd = s->bell.fd, .events = POLLIN};
        lat_bell_hush(&s->bell);
        while (work_on_all(s)) {
        }
        atomic_store(&s->is_asleep, true);
        if (work_on_all(s)) {
            atomic_store(&s->is_asleep, false);
            continue;
        }
        (void)poll(&fd, 1, FOR_EVER);
        atomic_store(&s->is_asleep, false);
    }
    return NULL;
}

static enum lat_status
start(struct service *s)
{
    pthread_t thread;
    if (s->is_started) {
        return LAT_OK;
    }
    if (lat_bell_init(&s->bell)) {
        return LAT_ESYSTEM;
    }
    if (!lat_thread_start(&thread, STACK_BYTES, run, s)) {
        lat_bell_fini(&s->bell);
        return LAT_ESYSTEM;
    }
    pthread_detach(thread);
    s->is_started = true;
    return LAT_OK;
}

enum lat_status
lat_disk_add(enum lat_disk_thread thread, struct lat_disk_job *job)
{
    struct service *const s = &services[thread];
    if (lat_disk_is_offline()) {
        return LAT_OK;
    }
    const enum lat_status status = start(s);
    if (!status) {
        pthread_mutex_lock(&lock);
        job->next = s->first;
        s->first = job;
        pthread_mutex_unlock(&lock);
        lat_disk_ring(thread);
    }
    return status;
}

void
lat_disk_drop(enum lat_disk_thread thread, struct lat_disk_job *job)
{
    if (lat_disk_is_offline()) {
        while (job->work(job)) {
        }
        job->end(job);
        return;
    }
    atomic_fetch_add(&services[thread].n_dropped, 1);
    atomic_store(&job->is_dropped, true);
    lat_disk_ring(thread);
}

LAT_RT void
lat_disk_ring(enum lat_disk_thread thread)
{
    struct service *const s = &services[thread];
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&s->is_asleep) && atomic_exchange(&s->is_asleep, false)) {
        lat_bell_ring(&s->bell);
    }
}

bool
lat_disk_finish(enum lat_disk_thread thread, uint64_t ns)
{
    struct service *const s = &services[thread];
    const uint64_t end_ns = lat_now_ns() + ns;
    while (atomic_load(&s->n_dropped) && lat_now_ns() < end_ns) {
        (void)poll(NULL, 0, LOOK_MS);
    }
    return !atomic_load(&s->n_dropped);
}

LAT_RT void
lat_disk_at_once(void (*work)(void *data), void *data)
{
    const enum lat_role role = lat_thread_role;
    lat_thread_role = LAT_ROLE_NONE; // what it may do is no longer audio's
    work(data);
    lat_thread_role = role;
}
