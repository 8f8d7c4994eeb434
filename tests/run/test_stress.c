// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A driver's thread, workers and the control thread at full speed: plans are
// swapped, periods change, the driver stops and starts.  What is asserted is
// little; sanitizers and the guarded build look at the rest.

#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 1024

struct driver {
    struct lat_engine *e;
    pthread_t thread;
    _Atomic bool stops;
    _Atomic uint32_t period;
    _Atomic uint64_t n_bad;
    float buffer[LONGEST];
};

static void *
drive(void *arg)
{
    struct driver *d = arg;
    lat_rt_flush_denormals();
    while (!atomic_load(&d->stops)) {
        const uint32_t n = atomic_load(&d->period);
        lat_thread_role = LAT_ROLE_AUDIO;
        for (uint32_t i = 0; i < lat_engine_n_slots(d->e); ++i) {
            lat_engine_bind(d->e, i, i ? NULL : d->buffer);
        }
        lat_engine_process(d->e, n);
        lat_thread_role = LAT_ROLE_NONE;
        for (uint32_t i = 0; i < n; ++i) {
            if (!isfinite(d->buffer[i])) {
                atomic_fetch_add(&d->n_bad, 1);
            }
        }
    }
    return NULL;
}

static void
start(struct driver *d)
{
    atomic_store(&d->stops, false);
    lat_engine_set_running(d->e, true);
    cr_assert_eq(pthread_create(&d->thread, NULL, drive, d), 0);
}

static void
stop(struct driver *d)
{
    atomic_store(&d->stops, true);
    pthread_join(d->thread, NULL);
    lat_engine_set_running(d->e, false);
}

static void
load_voices(struct rig *r)
{
    lat_control_begin_load(r->c, 0);
    patch_voices(r);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
}

static uint64_t
swaps(const struct rig *r)
{
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(r->c), &status);
    return status.n_swaps;
}

Test(stress, swaps_resizes_and_restarts, .timeout = 6000)
{
    // LAT_STRESS=100000 makes it the long run.
    const char *text = getenv("LAT_STRESS");
    const uint64_t n_swaps = text ? strtoull(text, NULL, 10) : 1500;
    struct rig r = {0};
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = 64,
        .workers = 3,
        .always_parallel = true,
        .grain_ns = 4.0F,
    };
    cr_assert_eq(lat_control_new(&options, &r.c, &r.error), LAT_OK);
    struct driver *d = calloc(1, sizeof(*d));
    d->e = lat_control_engine(r.c);
    atomic_store(&d->period, 64);
    lat_engine_set_period(d->e, 64);
    load_voices(&r);
    start(d);
    srand(5);
    int turn = 0;
    while (swaps(&r) < n_swaps) {
        patch_edit_voices(&r, turn++);
        if (turn % 7 == 0) {
            atomic_store(&d->period, 1 + (uint32_t)rand() % LONGEST);
        }
        if (turn % 101 == 0) {
            load_voices(&r);
        }
        if (turn % 211 == 0) {
            stop(d);
            patch_edit_voices(&r, turn);
            lat_control_tick(r.c);
            start(d);
        }
        lat_control_tick(r.c);
    }
    stop(d);
    lat_control_tick(r.c);
    cr_assert_eq(atomic_load(&d->n_bad), 0);
    lat_control_free(r.c);
    free(d);
}
