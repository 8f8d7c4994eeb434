// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Memory that runs out: a command succeeds, or says so and changes nothing.

#include "support/failing.h"
#include "support/pace.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static const char *const patch = "new constant k value 0.25\n"
                                 "new sine s freq 100\n"
                                 "new mix m inputs 3\n"
                                 "new delay d time 0.01 mix 0.5\n"
                                 "new audio_out main channels 1\n"
                                 "connect k m/in_1\n"
                                 "connect s m/in_3 0.5\n"
                                 "connect m d\n"
                                 "feedback d m/in_2 0.3\n"
                                 "connect d main\n"
                                 "new saw v poly 3 freq.2 70\n"
                                 "new gain g poly 3 gain 0.1\n"
                                 "new midi_notes keys poly 3\n"
                                 "connect keys/pitch v/pitch\n"
                                 "connect v g\n"
                                 "feedback g v/freq 3\n"
                                 "connect g main 0.2\n";

/// Lines are one transaction; "rate" is the server's.
static const char *const commands[] = {
    "set k value 0.5",
    "set s freq 200 0.1",
    "connect s m/in_3 0.1",
    "disconnect m d",
    "free s",
    "set m inputs 2",
    "set m inputs 5",
    "set d max_time 3",
    "new saw w freq 50\nconnect w m/in_1\nconnect w main 0.1",
    "disconnect k m/in_1\ndisconnect d main\nconnect d k\nconnect k main",
    "new audio_out main channels 4",
    "set v poly 5\nset g poly 5\nset keys poly 5",
    "set v poly 2\nset g poly 2\nset keys poly 2",
    "set g poly 1",
    "set v.3 freq 20\nset v freq 30\nset g.2 gain 0.3 0.1",
    "disconnect g main\nfree v",
    "set m inputs 2\nset m level_1 0.5 0.1\nfree k\nset d time 0.02",
    "rate",
    "clear",
};
#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

static enum lat_status
run_lines(struct rig *r, const char *lines)
{
    enum lat_status status = LAT_OK;
    char text[256];
    lat_control_begin(r->c);
    strcpy(text, lines);
    char *rest = text;
    for (char *line = strtok_r(rest, "\n", &rest); !status && line;
         line = strtok_r(NULL, "\n", &rest)) {
        status = rig_try(r, line);
    }
    if (status) {
        lat_control_rollback(r->c);
        return status;
    }
    return lat_control_commit(r->c, &r->error);
}

static enum lat_status
run_command(struct rig *r, const char *command)
{
    if (!strcmp(command, "rate")) {
        return lat_control_set_rate(r->c, 44100.0, &r->error);
    }
    return strcmp(command, "clear") ? run_lines(r, command)
                                    : lat_control_clear(r->c, &r->error);
}

/// What waits for its frame: nodes that commands have nothing to do with.
static const char *const bundle = "new saw b freq 90\n"
                                  "connect b main 0.1\n"
                                  "disconnect g main";

// A patch that sounds, with a cable that is just fading.
static struct rig
playing_rig(bool waits)
{
    struct rig r = rig_new(64);
    rig_do(&r, patch);
    rig_run(&r, 1024, 64);
    rig_do(&r, "disconnect m d\nconnect m d 0.9\ndisconnect s m/in_3");
    rig_do(&r, "connect s m/in_3 0.5");
    rig_run(&r, 64, 64);
    if (waits) {
        lat_control_begin(r.c);
        rig_do(&r, bundle);
        cr_assert_eq(lat_control_commit_at(r.c, 2000, &r.error), LAT_OK);
    }
    return r;
}

// With the n-th allocation failing.  @return whether so many were made.
static bool
try_failing(const char *command, bool waits, uint32_t n,
            const struct rig *undisturbed)
{
    struct rig r = playing_rig(waits);
    char *before = lat_control_print_plan(r.c, LAT_PLAN_JSON);
    failing_begin(n, false);
    const enum lat_status status = run_command(&r, command);
    const bool has_failed = failing_end();
    if (status) {
        cr_assert(has_failed, "%s: %s", command, r.error.text);
        cr_expect(strstr(r.error.text, "memory") != NULL, "%s", r.error.text);
        char *after = lat_control_print_plan(r.c, LAT_PLAN_JSON);
        cr_expect_str_eq(before, after, "%s, %u", command, n);
        free(after);
        rig_run(&r, 2048, 64);
        cr_expect_eq(rig_first_difference(&r, undisturbed), r.n_frames,
                     "%s, allocation %u: heard at frame %u", command, n,
                     rig_first_difference(&r, undisturbed));
        cr_expect_eq(run_command(&r, command), LAT_OK, "%s, %u: %s", command, n,
                     r.error.text);
    }
    rig_run(&r, 2048, 64);
    free(before);
    rig_free(&r);
    return has_failed;
}

static void
try_all(bool waits)
{
    struct rig undisturbed = playing_rig(waits);
    rig_run(&undisturbed, 2048, 64);
    uint32_t n_failures = 0;
    for (size_t i = 0; i < N_COMMANDS; ++i) {
        if (waits && strstr(commands[i], "disconnect g main")) {
            continue; // it is the bundle's
        }
        uint32_t n = 1;
        while (try_failing(commands[i], waits, n, &undisturbed)) {
            n += TEST_STRIDE;
        }
        n_failures += n - 1;
    }
    cr_expect_gt(n_failures, 20 * N_COMMANDS);
    rig_free(&undisturbed);
}

Test(memory, a_command_that_finds_none_changes_nothing)
{
    try_all(false);
}

Test(memory, nor_does_it_where_a_bundle_waits)
{
    try_all(true);
}

Test(memory, outputs_that_find_none_for_a_fade_change_at_once)
{
    struct rig r = playing_rig(false);
    failing_begin(1, true);
    lat_control_fade_outputs(r.c, "s", false);
    lat_control_fade_outputs(r.c, "s", true);
    lat_control_tick(r.c);
    failing_end();
    rig_run(&r, 2048, 64);
    rig_free(&r);
}

// Blocks that are left of a load, and of an empty one after it.
static size_t
left_of_load(struct rig *r, const char *lines)
{
    failing_count_begin();
    lat_control_begin_load(r->c, 64);
    rig_do(r, lines);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
    rig_run(r, 2048, 64);
    lat_control_begin_load(r->c, 64);
    cr_assert_eq(lat_control_commit(r->c, &r->error), LAT_OK);
    rig_run(r, 2048, 64);
    return failing_count_end();
}

Test(memory, a_load_frees_what_it_made_and_removed_again)
{
    struct rig r = playing_rig(false);
    (void)left_of_load(&r, "new mix m\nfree m"); // some is kept for ever
    cr_expect_eq(left_of_load(&r, "new mix m\nnew constant k\n"
                                  "connect k m/in_1\nfree m\nfree k"),
                 left_of_load(&r, ""));
    rig_free(&r);
}
