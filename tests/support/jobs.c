// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "jobs.h"

#include <criterion/criterion.h>

enum { MOST = 16 };

static struct {
    void (*work)(void *job);
    void (*done)(void *job);
    void *job;
} jobs[MOST];
static uint32_t n_jobs;

static bool
run_later(void *data, void (*work)(void *job), void (*done)(void *job),
          void *job)
{
    (void)data;
    cr_assert_lt(n_jobs, MOST);
    jobs[n_jobs].work = work;
    jobs[n_jobs].done = done;
    jobs[n_jobs++].job = job;
    return true;
}

const struct lat_elsewhere jobs_later = {.run = run_later};

uint32_t
jobs_waiting(void)
{
    return n_jobs;
}

void
jobs_one_goes_on(uint32_t i)
{
    jobs[i].work(jobs[i].job);
    jobs[i].done(jobs[i].job);
}

void
jobs_go_on(void)
{
    const uint32_t n = n_jobs;
    n_jobs = 0;
    for (uint32_t i = 0; i < n; ++i) {
        jobs_one_goes_on(i);
    }
}
