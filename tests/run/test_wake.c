// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The audio thread wakes the control thread when it was asked to, once.

#include "run/engine_state.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <poll.h>

static struct lat_bell bell;
static struct rig rig;

static void
make(void)
{
    cr_assert_eq(lat_bell_init(&bell), LAT_OK);
    rig = rig_new(64);
    rig_do(&rig, "new audio_out main channels 1\nnew sine a");
    rig_run(&rig, 128, 64);
    lat_engine_set_bell(lat_control_engine(rig.c), &bell);
}

static void
drop(void)
{
    rig_free(&rig);
    lat_bell_fini(&bell);
}

/// How many of @p n periods ended with a ring?
static uint32_t
n_rings(uint32_t n)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; ++i) {
        struct pollfd p = {.fd = bell.fd, .events = POLLIN};
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(lat_control_engine(rig.c), 64);
        lat_thread_role = LAT_ROLE_NONE;
        found += poll(&p, 1, 0) == 1;
        lat_bell_hush(&bell);
    }
    return found;
}

TestSuite(wake, .init = make, .fini = drop);

Test(wake, nobody_asked_and_nothing_rings)
{
    rig_do(&rig, "connect a main");
    cr_assert_eq(n_rings(100), 0);
}

Test(wake, an_idle_synth_asks_for_reports_that_do_not_come)
{
    lat_control_tick(rig.c);
    lat_control_next_ns(rig.c, UINT64_MAX);
    cr_assert_eq(n_rings(100), 0);
}

Test(wake, a_frame_that_is_done_rings_once)
{
    struct lat_engine *const e = lat_control_engine(rig.c);
    const uint64_t now = atomic_load(&e->frames_done);
    cr_assert(lat_engine_wake(e, now + 200, false));
    cr_assert_eq(n_rings(3), 0);
    cr_assert_eq(n_rings(1), 1, "in the period that plays the frame");
    cr_assert_eq(n_rings(10), 0, "and never again");
}

Test(wake, a_frame_that_is_done_already_is_not_waited_for)
{
    struct lat_engine *const e = lat_control_engine(rig.c);
    cr_assert(!lat_engine_wake(e, atomic_load(&e->frames_done) - 1, false));
}

Test(wake, a_plan_that_comes_back_rings)
{
    struct lat_engine *const e = lat_control_engine(rig.c);
    cr_assert(lat_engine_wake(e, UINT64_MAX, true));
    cr_assert_eq(n_rings(5), 0);
    rig_do(&rig, "new gain b");
    cr_assert_eq(n_rings(5), 1);
    cr_assert(!lat_engine_wake(e, UINT64_MAX, true), "it is not read yet");
    lat_control_tick(rig.c);
    cr_assert(lat_engine_wake(e, UINT64_MAX, true));
}

Test(wake, a_fade_is_looked_at_every_period)
{
    rig_do(&rig, "connect a main");
    rig_run(&rig, 6400, 64);
    rig_do(&rig, "disconnect a main");
    cr_assert_neq(lat_control_next_ns(rig.c, UINT64_MAX), 0);
    cr_assert_eq(n_rings(1), 1);
}

Test(wake, what_nobody_tells_is_looked_at)
{
    struct lat_engine *const e = lat_control_engine(rig.c);
    lat_control_tick(rig.c);
    rig_run(&rig, 640, 64);
    const uint64_t calm_ns = lat_now_ns() + UINT64_C(20000000);
    while (lat_now_ns() < calm_ns) {
    }
    cr_assert_eq(lat_control_next_ns(rig.c, UINT64_MAX), UINT64_MAX);
    cr_assert_leq(lat_control_next_ns(rig.c, atomic_load(&e->frames_done) - 1),
                  lat_now_ns(), "the frame is done");
}
