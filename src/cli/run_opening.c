// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_opening.h"
#include "base/log.h"
#include "base/text.h"
#include "load.h"
#include "osc/feedback.h"
#include "process/sandbox.h"
#include "run_autosave.h"
#include "run_osc.h"
#include "run_recording.h"
#include "sessions/tell.h"
#include "wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define DEFAULT_RATE_HZ 48000.0 // until JACK says

/// Print an error that ends the program, or tell who started it.
static int
fail(struct app *a, const struct lat_error *error, int exit_code)
{
    a->why = *error;
    if (a->page) {
        memcpy(a->page->error, error->text, sizeof(a->page->error) - 1);
        atomic_store(&a->page->state, LAT_PROCESS_FAILED);
    } else if (!a->manager) { // who says so itself
        lat_log(LAT_LOG_ERROR, "%s", error->text);
    }
    return exit_code;
}

static bool
is_host(const struct app *a)
{
    return a->options->command == LAT_COMMAND_HOST;
}

/// Audio must not wait for the disk; only where the whole program may be
/// locked, since a limit that is reached later makes malloc() fail.
static void
lock_memory(bool is_host)
{
    (void)is_host;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    struct rlimit limit;
    const bool is_unlimited = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
                              limit.rlim_cur == RLIM_INFINITY;
    // A process of one node is not to hold all of its stacks.
    const int how = MCL_CURRENT | MCL_FUTURE | (is_host ? MCL_ONFAULT : 0);
    if ((is_unlimited || geteuid() == 0) && mlockall(how) != 0) {
        lat_log(LAT_LOG_DEBUG, "memory is not locked");
    }
#endif
}

static void
print_errors_only(void *data, const char *line, bool is_error)
{
    if (is_error) {
        lat_cli_print_log(data, line, is_error);
    }
}

/// A wrong session is wrong with and without JACK.
static int
check_session(struct app *a)
{
    if (!a->options->session) {
        return LAT_EXIT_DONE;
    }
    struct lat_cli_session s;
    const int exit_code = lat_cli_load(a->options, print_errors_only, NULL, &s);
    if (exit_code == LAT_EXIT_DONE) {
        a->text = lat_sessions_take_text(s.sessions, &a->text_length);
        lat_cli_unload(&s);
    }
    return exit_code;
}

static bool
may_play(void *data)
{
    struct app *a = data;
    if (a->host) {
        return lat_host_may_play(a->host);
    }
    if (!a->has_been_open && a->processes) {
        a->has_been_open = lat_processes_are_up(a->processes);
        return a->has_been_open;
    }
    return true;
}

static void
on_connections(void *data)
{
    const struct app *a = data;
    if (a->sessions) {
        lat_sessions_touch(a->sessions);
    }
}

static int
open_jack(struct app *a)
{
    const struct lat_options *o = a->options;
    struct lat_jack_options how = {
        .bell = &a->bell,
        .may_play = may_play,
        .connections_changed = on_connections,
        .data = a,
        .name = o->jack_name,
        .server = o->jack_server,
        .no_connect = o->no_connect,
        .connects_midi = o->connect_midi,
        .has_meters = o->meters,
        .is_ending = lat_cli_has_ending_signal,
        .cpu = o->pins.n ? (int)o->pins.cpu[0] : -1,
    };
    if (a->manager) {
        how.name = a->client_id;
        how.is_exact_name = true;
    }
    if (is_host(a)) {
        how.name = o->host.client ? o->host.client : o->host.name;
        how.no_connect = a->page != NULL;
        how.is_exact_name = true;
        how.is_clocked = true;
        how.page = a->page;
    }
    struct lat_error error;
    lat_cli_hold_ending_signals(true);
    const enum lat_status status =
        o->waits ? lat_cli_wait_for_jack(&how, &a->jack, &a->is_ending, &error)
                 : lat_jack_open(&how, &a->jack, &error);
    a->is_ending = a->is_ending || lat_cli_has_ending_signal();
    lat_cli_hold_ending_signals(false); // the loop takes them
    if (a->is_ending) {
        return LAT_EXIT_DONE;
    }
    if (status != LAT_OK) {
        return fail(a, &error,
                    error.status == LAT_EINVAL ? LAT_EXIT_USAGE
                                               : LAT_EXIT_SYSTEM);
    }
    if (o->has_rate && o->rate != (double)lat_jack_rate(a->jack)) {
        lat_log(LAT_LOG_WARNING, "--rate is JACK's to say: it runs at %u Hz",
                lat_jack_rate(a->jack));
    }
    return LAT_EXIT_DONE;
}

/// Who asked is told of what could not be had, and the log.
static void
on_unprepared(void *data, const struct lat_unprepared *what)
{
    const struct app *a = data;
    if (a->osc && lat_osc_unprepared(a->osc, what)) {
        return;
    }
    if (a->sessions) {
        lat_sessions_unprepared(a->sessions, what);
    } else {
        lat_log(LAT_LOG_WARNING, "%s", what->text);
    }
}

/// From now on files are read elsewhere.  Not where no file can be opened, nor
/// a thread be made, any more.
static void
start_pool(struct app *a)
{
    const struct lat_elsewhere elsewhere = lat_pool_elsewhere(&a->pool);
    lat_control_set_unprepared(a->control, on_unprepared, a);
    if (!(is_host(a) && a->options->sandbox)) {
        lat_control_set_elsewhere(a->control, &elsewhere);
    }
}

static int
open_session(struct app *a)
{
    const struct lat_options *o = a->options;
    const struct lat_control_options how = {
        .rate = a->jack ? (double)lat_jack_rate(a->jack) : DEFAULT_RATE_HZ,
        .block = o->block,
        .workers = o->workers,
        .isa = o->isa,
        .pins = o->pins.n ? &o->pins : NULL,
        .is_host = is_host(a),
        .has_processes = !is_host(a),
        .all_in_processes = o->node_per_process,
    };
    struct lat_error error;
    enum lat_status status = lat_control_new(&how, &a->control, &error);
    if (status == LAT_OK) {
        lat_engine_set_bell(lat_control_engine(a->control), &a->bell);
    }
    if (status == LAT_OK && is_host(a)) {
        struct lat_host_options node = o->host;
        node.assignments = o->more;
        node.n_assignments = o->n_more;
        node.sandbox = o->sandbox;
        status = lat_host_new(&node, a->control, a->page, &a->host, &error);
        start_pool(a); // what it has from the start is there from the start
        return status ? fail(a, &error, (int)lat_options_exit_code(status))
                      : LAT_EXIT_DONE;
    }
    if (status != LAT_OK) {
        return fail(a, &error, (int)lat_options_exit_code(status));
    }
    lat_cli_tell_arithmetic(o);
    status = lat_sessions_new(a->control, o->session_dir, &a->sessions);
    if (status == LAT_OK) {
        lat_sessions_judge_patterns(a->sessions, lat_feedback_is_pattern);
        status = lat_cli_add_sample_dirs(o, a->sessions);
    }
    if (status != LAT_OK) {
        lat_error_set(&error, status, "cannot look for sessions: %s",
                      lat_strerror(status));
        return fail(a, &error, (int)lat_options_exit_code(status));
    }
    start_pool(a);
    lat_run_open_autosave(a);
    status = lat_run_begin_session(a, &error);
    if (status != LAT_OK) {
        return fail(a, &error, (int)lat_options_exit_code(status));
    }
    if (!a->is_restored && !a->manager) {
        lat_sessions_tell(a->sessions, a->control,
                          o->session ? "loaded" : "started");
    }
    return LAT_EXIT_DONE;
}

static int
open_osc(struct app *a)
{
    struct lat_error error;
    return lat_run_open_osc(a, &error) ? fail(a, &error, LAT_EXIT_SYSTEM)
                                       : LAT_EXIT_DONE;
}

static void
collect(void *data)
{
    lat_jack_collect(data);
}

static void
note(void *data)
{
    lat_jack_note(data);
}

static void
tell(void *data, const char *path, const char *node, const char *text)
{
    const struct app *a = data;
    lat_osc_tell(a->osc, path, node, text);
}

void
lat_run_name_processes(struct app *a)
{
    char prefix[sizeof(a->client_id) + 1];
    snprintf(prefix, sizeof(prefix), "%s%s", a->client_id,
             a->manager ? "/" : "");
    lat_processes_set_prefix(a->processes, prefix);
}

static int
open_processes(struct app *a)
{
    const struct lat_options *o = a->options;
    const struct lat_processes_options how = {
        .server = o->jack_server,
        .sandbox = o->sandbox,
        .memory_mib = o->process_memory_mib,
        .isa = o->isa,
        .verbose = o->verbose,
        .tell = tell,
        .data = a,
    };
    if (is_host(a)) {
        return LAT_EXIT_DONE;
    }
    if (lat_processes_new(&how, a->control, a->jack, &a->processes) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    lat_run_name_processes(a);
    return LAT_EXIT_DONE;
}

static int
open_journal(struct app *a)
{
    struct lat_error error;
    const char *const path = a->options->journal;
    const enum lat_status status =
        path && !a->journal ? lat_journal_new(path, &a->journal, &error)
                            : LAT_OK;
    return status ? fail(a, &error, (int)lat_options_exit_code(status))
                  : LAT_EXIT_DONE;
}

static int
open_demo(struct app *a)
{
    if (!a->options->demo || a->demo) {
        return LAT_EXIT_DONE;
    }
    if (lat_demo_new(a->control, &a->demo)) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    if (!lat_demo_is_heard(a->demo)) {
        lat_log(LAT_LOG_WARNING,
                "--demo is not heard as long as there is no midi_notes");
    }
    return LAT_EXIT_DONE;
}

static int
open_recording(struct app *a)
{
    struct lat_error error;
    const enum lat_status status = lat_run_open_recording(a, &error);
    if (status == LAT_EINVAL) { // the name says no format
        return fail(a, &error, LAT_EXIT_USAGE);
    }
    return status ? fail(a, &error, (int)lat_options_exit_code(status))
                  : LAT_EXIT_DONE;
}

static int
start_audio(struct app *a)
{
    struct lat_error error;
    lock_memory(is_host(a));
    if (a->journal &&
        lat_journal_begin(a->journal, a->control, a->sessions, &error)) {
        return fail(a, &error, LAT_EXIT_SYSTEM);
    }
    if (lat_jack_start(a->jack, a->control, &error) != LAT_OK) {
        return fail(a, &error, LAT_EXIT_SYSTEM);
    }
    if (a->host) {
        lat_host_is_ready(a->host, lat_osc_port(a->osc));
    } else {
        lat_sessions_set_collect(a->sessions, collect, note, a->jack);
    }
    return LAT_EXIT_DONE;
}

static int
open_page(struct app *a)
{
    struct lat_error error;
    if (lat_host_open_page(&a->options->host, &a->page, &error) != LAT_OK) {
        return fail(a, &error, LAT_EXIT_USAGE);
    }
    if (a->page) {
        lat_sandbox_limit_memory(2 * a->options->process_memory_mib);
    }
    return LAT_EXIT_DONE;
}

static int
run_steps(struct app *a, int (*const *steps)(struct app *), uint32_t n)
{
    int exit_code = LAT_EXIT_DONE;
    for (uint32_t i = 0; exit_code == LAT_EXIT_DONE && !a->is_ending && i < n;
         ++i) {
        exit_code = steps[i](a);
    }
    return exit_code;
}

int
lat_run_open_all(struct app *a)
{
    static int (*const steps[])(struct app *) = {
        open_journal,   open_jack, open_session,   open_osc,
        open_processes, open_demo, open_recording, start_audio,
    };
    int exit_code = is_host(a) ? open_page(a) : check_session(a);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = run_steps(a, steps, LAT_COUNT(steps));
    }
    a->is_up = exit_code == LAT_EXIT_DONE && !a->is_ending;
    if (a->is_up) {
        lat_run_set_aside(a);
    }
    return exit_code;
}

// Under a session manager.

int
lat_run_open_sessions(struct app *a)
{
    return open_session(a);
}

/// JACK says at which rate; the session is there already.
static int
follow_rate(struct app *a)
{
    struct lat_error error;
    return lat_control_set_rate(a->control, (double)lat_jack_rate(a->jack),
                                &error)
               ? fail(a, &error, LAT_EXIT_SYSTEM)
               : LAT_EXIT_DONE;
}

int
lat_run_open_rest(struct app *a)
{
    static int (*const steps[])(struct app *) = {
        open_journal, follow_rate,    open_processes,
        open_demo,    open_recording, start_audio,
    };
    int exit_code = open_osc(a);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = open_jack(a);
    }
    if (!a->jack) {
        lat_osc_free(a->osc); // nobody plays yet what it would be told
        a->osc = NULL;
        return exit_code;
    }
    exit_code = run_steps(a, steps, LAT_COUNT(steps));
    a->is_up = a->processes != NULL; // a server that went may come back
    if (a->is_up) {
        lat_run_set_aside(a);
    }
    return exit_code;
}
