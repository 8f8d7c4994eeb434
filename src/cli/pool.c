// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pool.h"
#include "base/rt.h"

#include <stdlib.h>

#define LOOK_MS 20 // from one look whether the time is up

struct lat_pool_task {
    uv_work_t request;
    struct lat_pool *pool;
    void (*work)(void *job);
    void (*done)(void *job);
    void *job;
    struct lat_pool_task *next;
};

static void
on_work(uv_work_t *request)
{
    const struct lat_pool_task *task = request->data;
    task->work(task->job);
}

static void
on_done(uv_work_t *request, int status)
{
    struct lat_pool_task *task = request->data;
    struct lat_pool_task **link = &task->pool->first;
    (void)status; // given up or not: who asked sees what there is
    while (*link != task) {
        link = &(*link)->next;
    }
    *link = task->next;
    task->done(task->job);
    free(task);
}

static bool
run(void *data, void (*work)(void *job), void (*done)(void *job), void *job)
{
    struct lat_pool *pool = data;
    struct lat_pool_task *task = calloc(1, sizeof(*task));
    if (!task) {
        return false;
    }
    *task = (struct lat_pool_task){.pool = pool,
                                   .work = work,
                                   .done = done,
                                   .job = job,
                                   .next = pool->first};
    task->request.data = task;
    if (uv_queue_work(pool->loop, &task->request, on_work, on_done) != 0) {
        free(task);
        return false;
    }
    pool->first = task;
    return true;
}

struct lat_elsewhere
lat_pool_elsewhere(struct lat_pool *pool)
{
    return (struct lat_elsewhere){.data = pool, .run = run};
}

static void
on_time(uv_timer_t *timer)
{
    (void)timer; // the loop only has to wake up
}

bool
lat_pool_end(struct lat_pool *pool, uint64_t ns)
{
    const uint64_t end_ns = lat_now_ns() + ns;
    uv_timer_t timer;
    if (!pool->first) {
        return true;
    }
    for (struct lat_pool_task *t = pool->first; t; t = t->next) {
        (void)uv_cancel((uv_req_t *)&t->request);
    }
    uv_timer_init(pool->loop, &timer);
    uv_timer_start(&timer, on_time, LOOK_MS, LOOK_MS);
    while (pool->first && lat_now_ns() < end_ns) {
        uv_run(pool->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(pool->loop, UV_RUN_NOWAIT);
    return !pool->first;
}
