// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sound files that change on disk while they are in use.

#include "control/state.h"
#include "support/patches.h"
#include "support/wav.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static const char *
path_of(const char *name)
{
    static char path[200];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void
setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/lattice-watched.XXXXXX");
    cr_assert(mkdtemp(folder));
    wav_write(path_of("0.wav"), 0.25F);
}

static void
teardown(void)
{
    char command[100];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

TestSuite(watched_files, .init = setup, .fini = teardown, .timeout = 60);

/// What was to be done elsewhere, and has been, but is not taken yet.
static struct {
    void (*done)(void *job);
    void *job;
} jobs[8];

static uint32_t n_jobs;

static bool
run(void *data, void (*work)(void *job), void (*done)(void *job), void *job)
{
    (void)data;
    cr_assert_lt(n_jobs, LAT_COUNT(jobs));
    work(job);
    jobs[n_jobs].done = done;
    jobs[n_jobs++].job = job;
    return true;
}

static void
take_jobs(void)
{
    while (n_jobs) {
        --n_jobs;
        jobs[n_jobs].done(jobs[n_jobs].job);
    }
}

/// Let a second pass, as far as the control knows.
static void
pass_second(struct rig *r)
{
    r->c->look_ns = 0;
    lat_control_tick(r->c); // which looks
    take_jobs();
    lat_control_tick(r->c); // which has read what changed
    lat_control_tick(r->c);
    take_jobs();
    lat_control_tick(r->c);
}

static struct rig
rig_with_sampler(void)
{
    const struct lat_elsewhere elsewhere = {.run = run};
    struct rig r = rig_new(64);
    char lines[300];
    snprintf(lines, sizeof(lines),
             "new sampler s pan -1 sample %s\n"
             "new audio_out main channels 1 limit off\n"
             "connect s/left main",
             path_of("0.wav"));
    rig_do(&r, lines);
    rig_run(&r, 640, 64);
    lat_control_set_elsewhere(r.c, &elsewhere);
    pass_second(&r);
    return r;
}

/// The first sample of what is struck.
static float
strike(struct rig *r)
{
    rig_do(r, "set s trigger 1");
    const uint32_t from = r->n_frames;
    rig_run(r, 640, 64);
    return r->recorded[from];
}

Test(watched_files, a_file_is_read_again_when_it_has_settled)
{
    struct rig r = rig_with_sampler();
    cr_expect_float_eq(strike(&r), 0.25F, 1e-6);
    wav_write(path_of("0.wav"), 0.5F);
    pass_second(&r);
    cr_expect_float_eq(strike(&r), 0.25F, 1e-6, "it may not be whole");
    pass_second(&r);
    cr_expect_float_eq(strike(&r), 0.5F, 1e-6);
    const uint64_t n = r.c->n_changed_files;
    pass_second(&r);
    pass_second(&r);
    cr_expect_eq(r.c->n_changed_files, n, "once is enough");
    rig_free(&r);
}

Test(watched_files, one_that_goes_on_changing_waits)
{
    struct rig r = rig_with_sampler();
    for (int i = 0; i < 4; i++) {
        wav_write(path_of("0.wav"), 0.5F + 0.01F * (float)i);
        pass_second(&r);
        cr_expect_float_eq(strike(&r), 0.25F, 1e-6, "%d", i);
        usleep(20000); // time stamps have their grain
    }
    pass_second(&r);
    cr_expect_float_eq(strike(&r), 0.53F, 1e-6);
    rig_free(&r);
}

Test(watched_files, what_is_gone_or_no_sound_plays_on_and_comes_back)
{
    struct rig r = rig_with_sampler();
    cr_assert_eq(unlink(path_of("0.wav")), 0);
    pass_second(&r);
    pass_second(&r);
    cr_expect_float_eq(strike(&r), 0.25F, 1e-6);
    FILE *const file = fopen(path_of("0.wav"), "w");
    cr_assert(file);
    fputs("no sound at all", file);
    fclose(file);
    pass_second(&r);
    pass_second(&r);
    cr_expect_float_eq(strike(&r), 0.25F, 1e-6);
    wav_write(path_of("0.wav"), 0.75F);
    pass_second(&r);
    pass_second(&r);
    cr_expect_float_eq(strike(&r), 0.75F, 1e-6);
    rig_free(&r);
}

Test(watched_files, all_that_play_a_file_get_the_new_one)
{
    struct rig r = rig_with_sampler();
    char lines[300];
    snprintf(lines, sizeof(lines),
             "new sampler t pan -1 sample %s\nconnect t/left main",
             path_of("0.wav"));
    rig_do(&r, lines);
    pass_second(&r);
    wav_write(path_of("0.wav"), 0.5F);
    pass_second(&r);
    pass_second(&r);
    rig_run(&r, 6400, 64);
    rig_do(&r, "set t trigger 1");
    cr_expect_float_eq(strike(&r), 1.0F, 1e-6);
    rig_free(&r);
}

Test(watched_files, nobody_looks_where_there_are_none)
{
    const struct lat_elsewhere elsewhere = {.run = run};
    struct rig r = rig_new(64);
    lat_control_set_elsewhere(r.c, &elsewhere);
    r.c->look_ns = 0;
    lat_control_tick(r.c);
    cr_expect_eq(n_jobs, 0);
    cr_expect_eq(lat_control_next_look_ns(r.c), UINT64_MAX);
    rig_free(&r);
}

Test(watched_files, a_look_outlives_the_control)
{
    struct rig r = rig_with_sampler();
    r.c->look_ns = 0;
    lat_control_tick(r.c);
    cr_expect_eq(n_jobs, 1);
    rig_free(&r);
    take_jobs();
}
