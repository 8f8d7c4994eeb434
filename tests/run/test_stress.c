// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A driver's thread, workers and the control thread at full speed: plans are
// swapped, periods change, the driver stops and starts, what is sent ahead is
// made anew.  What is asserted is little; sanitizers and the guarded build look
// at the rest.

#include "run/engine_state.h"
#include "support/pace.h"
#include "support/patches.h"

#include <criterion/criterion.h>

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST 1024

/// Most frames that a driver keeps.
#define KEPT 2000000U

struct driver {
    struct lat_engine *e;
    pthread_t thread;
    _Atomic bool stops;
    _Atomic uint32_t period;
    _Atomic uint64_t n_bad;
    float buffer[LONGEST];
    float *kept; ///< NULL: none; and it does not go at full speed
    _Atomic uint32_t n_kept;
};

static void
keep(struct driver *d, uint32_t n)
{
    const uint32_t n_kept = atomic_load(&d->n_kept);
    if (n_kept + n <= KEPT) {
        memcpy(d->kept + n_kept, d->buffer, n * sizeof(float));
        atomic_store(&d->n_kept, n_kept + n);
    }
    usleep(300);
}

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
        if (d->kept) {
            keep(d, n);
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

/// Bundles sent, each with a node that adds 1, and nodes made in between, each
/// of which adds 1000.
struct sent {
    uint64_t at[600];
    uint32_t n, n_between;
};

static void
send_one(struct rig *r, struct sent *sent)
{
    struct lat_engine_clock clock;
    char text[100];
    uint32_t n_waiting = 0;
    lat_engine_clock(lat_control_engine(r->c), &clock);
    for (uint32_t i = 0; i < sent->n; ++i) {
        n_waiting += sent->at[i] > clock.frame;
    }
    if (n_waiting > 5) {
        return; // of more, some come later
    }
    const uint64_t frame =
        clock.frame + 4 * clock.period + (uint64_t)rand() % 4000;
    snprintf(text, sizeof(text),
             "new constant b%u value 1\nconnect b%u a/value", sent->n, sent->n);
    lat_control_begin(r->c);
    rig_do(r, text);
    cr_assert_eq(lat_control_commit_at(r->c, frame, &r->error), LAT_OK);
    sent->at[sent->n++] = frame;
}

static void
edit_between(struct rig *r, struct sent *sent)
{
    char text[100];
    const uint32_t i = sent->n_between++;
    snprintf(text, sizeof(text),
             "new constant u%u value 1000\nconnect u%u a/value", i, i);
    rig_do(r, text);
}

/// How many bundles are not heard from their frame on.
static uint32_t
count_wrong(const struct driver *d, const struct sent *sent)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < sent->n; ++i) {
        const uint64_t at = sent->at[i];
        uint32_t n_due = 0;
        for (uint32_t k = 0; k < sent->n; ++k) {
            n_due += sent->at[k] == at;
        }
        const int was = (int)d->kept[at - 1] % 1000;
        n += at >= atomic_load(&d->n_kept) ||
             (int)d->kept[at] % 1000 - was != (int)n_due;
    }
    return n;
}

Test(stress, bundles_have_their_frames_whatever_is_edited_meanwhile,
     .timeout = 600)
{
    struct rig r = rig_with(&(struct lat_control_options){
        .rate = 48000.0, .block = 64, .workers = 2});
    struct driver *d = calloc(1, sizeof(*d));
    struct sent sent = {.n = 0};
    d->kept = calloc(KEPT, sizeof(float));
    d->e = lat_control_engine(r.c);
    atomic_store(&d->period, 64);
    lat_engine_set_period(d->e, 64);
    rig_do(&r, "new constant a\nnew constant z\nconnect z a/value\n"
               "new audio_out main channels 1 limit off\nconnect a main");
    start(d);
    srand(7);
    while (sent.n < 120) {
        if (rand() % 3) {
            send_one(&r, &sent);
        } else {
            edit_between(&r, &sent);
        }
        lat_control_tick(r.c);
        usleep((useconds_t)rand() % 3000);
    }
    usleep(200000);
    lat_control_tick(r.c);
    stop(d);
    const uint32_t n_wrong = count_wrong(d, &sent);
    const uint64_t n_late =
        atomic_load(&d->e->n_missed) + lat_control_work(r.c).n_late;
    cr_expect_leq(n_wrong, n_late, "%u of %u, and %u were late", n_wrong,
                  sent.n, (unsigned)n_late);
    cr_expect_eq(d->kept[atomic_load(&d->n_kept) - 1],
                 (float)(sent.n + 1000 * sent.n_between));
    rig_free(&r);
    free(d->kept);
    free(d);
}
