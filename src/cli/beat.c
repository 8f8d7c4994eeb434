// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "beat.h"

#define MS_NS  UINT64_C(1000000)
#define GAP_NS (5 * MS_NS)

static void
tick(struct lat_beat *b)
{
    b->ticked_ns = lat_now_ns();
    b->has_ticked = true;
    b->is_due = false;
    b->hooks.tick(b->hooks.data);
}

static void
on_time(uv_timer_t *timer)
{
    tick(timer->data);
}

static void
on_bell(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct lat_beat *b = poll->data;
    lat_bell_hush(&b->bell);
    b->is_due = true;
}

static void
set_timer(struct lat_beat *b, uint64_t due_ns)
{
    if (due_ns == UINT64_MAX) {
        uv_timer_stop(&b->timer);
        return;
    }
    const uint64_t now_ns = lat_now_ns();
    const uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    uv_update_time(b->timer.loop);
    uv_timer_start(&b->timer, on_time, (left_ns + MS_NS - 1) / MS_NS, 0);
}

/// The loop is about to sleep.
static void
on_prepare(uv_prepare_t *prepare)
{
    struct lat_beat *b = prepare->data;
    const uint64_t gap_ns = b->ticked_ns + GAP_NS;
    if (b->is_due || (!b->has_ticked && lat_now_ns() >= gap_ns)) {
        tick(b);
    }
    uint64_t due_ns = b->hooks.next_ns(b->hooks.data);
    if (!b->has_ticked && due_ns > gap_ns) {
        due_ns = gap_ns;
    }
    b->has_ticked = false;
    set_timer(b, due_ns);
}

int
lat_beat_start(struct lat_beat *b, uv_loop_t *loop, const struct lat_bell *bell,
               const struct lat_beat_hooks *hooks)
{
    *b = (struct lat_beat){.hooks = *hooks, .bell = *bell};
    int rc = uv_poll_init(loop, &b->poll, bell->fd);
    if (rc) {
        return rc;
    }
    uv_prepare_init(loop, &b->prepare);
    uv_timer_init(loop, &b->timer);
    b->poll.data = b->prepare.data = b->timer.data = b;
    uv_prepare_start(&b->prepare, on_prepare);
    return uv_poll_start(&b->poll, UV_READABLE, on_bell);
}
