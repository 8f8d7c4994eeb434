// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice run` and lattice-node: one event loop on the control thread, which
// sleeps until something happens.  Signals and /quit end the loop after a short
// fade.  What `lattice run` has are sessions and the processes of
// nodes; what lattice-node has is its one node, and perhaps a parent.

#include "base/cpu.h"
#include "base/log.h"
#include "beat.h"
#include "control/control.h"
#include "jack/client.h"
#include "load.h"
#include "meters.h"
#include "options.h"
#include "osc/server.h"
#include "pool.h"
#include "process/host.h"
#include "process/sandbox.h"
#include "process/supervisor.h"
#include "sessions/tell.h"
#include "signals.h"
#include "wait.h"

#include <uv.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define VIEW_NS     UINT64_C(50000000) // from one drawing to the next
#define FADE_NS     UINT64_C(20000000)
#define ENDING_NS   UINT64_C(5000000) // from one look whether it has faded
#define MAX_FADE_NS UINT64_C(400000000)
#define POOL_NS     UINT64_C(500000000) // that files which are read may take

struct app {
    const struct lat_options *options;
    struct lat_control *control;
    struct lat_sessions *sessions;
    struct lat_osc *osc;
    struct lat_jack *jack;
    struct lat_processes *processes;
    struct lat_process_page *page; ///< of a parent, or NULL
    struct lat_host *host;         ///< of lattice-node, or NULL
    bool has_been_open;
    struct lat_play_view *view;
    char *text; ///< of a session that came through a pipe, until it is open
    size_t text_length;
    char osc_address[128];
    uint64_t drawn_ns; ///< when the view was
    bool is_ending;
    uint64_t end_ns;

    uv_loop_t loop;
    struct lat_pool pool; ///< that reads files
    struct lat_beat beat;
    struct lat_bell bell;
    uv_signal_t signals[LAT_N_ENDING_SIGNALS];
    uv_signal_t save;
    uv_signal_t child;
    bool has_loop;
};

/// Print an error that ends the program, or tell who started it.
static int
fail(const struct app *a, const struct lat_error *error, int exit_code)
{
    if (a->page) {
        memcpy(a->page->error, error->text, sizeof(a->page->error) - 1);
        atomic_store(&a->page->state, LAT_PROCESS_FAILED);
    } else {
        lat_log(LAT_LOG_ERROR, "%s", error->text);
    }
    return exit_code;
}

static bool
is_host(const struct app *a)
{
    return a->options->command == LAT_COMMAND_HOST;
}

// Ending.

/// Fade out, then stop: a stream that just breaks off clicks.  The graph stays
/// what it is, so that a session that is saved meanwhile is whole.  A server
/// that does nothing any more is not waited for.
static void
begin_end(struct app *a)
{
    if (a->is_ending) {
        return;
    }
    a->is_ending = true;
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    uint64_t fade_ns = 0;
    lat_engine_end(lat_control_engine(a->control));
    if (s.is_open && s.rate) {
        fade_ns = FADE_NS + UINT64_C(3000000000) * s.period / s.rate;
        fade_ns = fade_ns < MAX_FADE_NS ? fade_ns : MAX_FADE_NS;
    }
    a->end_ns = lat_now_ns() + fade_ns;
}

static void
on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct app *a = handle->data;
    begin_end(a);
}

/// SIGUSR1: write the session, if it has a name.
static void
on_save(uv_signal_t *handle, int number)
{
    (void)number;
    struct app *a = handle->data;
    if (!a->sessions || !lat_sessions_loaded(a->sessions)) {
        lat_log(LAT_LOG_DEBUG, "SIGUSR1: no session to save");
        return;
    }
    struct lat_error error;
    if (lat_sessions_save(a->sessions, NULL, false, &error) != LAT_OK) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return;
    }
    lat_sessions_tell(a->sessions, a->control, "saved");
}

static void
on_quit(void *data)
{
    begin_end(data);
}

// The loop.

/// A process that has lost JACK ends: its parent, which comes back first,
/// starts another.
static void
host_tick(struct app *a)
{
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    lat_host_tick(a->host, a->jack);
    if (a->page && !s.is_ready) {
        a->is_ending = true;
        a->end_ns = 0;
    }
}

static void
on_child(uv_signal_t *handle, int number)
{
    (void)number;
    struct app *a = handle->data;
    if (a->processes && !a->is_ending) {
        lat_processes_tick(a->processes);
    }
}

static void
draw_view(struct app *a)
{
    const uint64_t now_ns = lat_now_ns();
    if (now_ns - a->drawn_ns >= VIEW_NS) {
        a->drawn_ns = now_ns;
        lat_play_view_draw(a->view, lat_control_engine(a->control),
                           lat_control_slots(a->control), a->jack);
    }
}

static void
on_tick(void *data)
{
    struct app *a = data;
    lat_control_tick(a->control);
    if (!a->is_ending) {
        lat_jack_tick(a->jack);
    }
    if (a->processes && !a->is_ending) {
        lat_processes_tick(a->processes);
    }
    if (a->host) {
        host_tick(a);
    }
    lat_osc_tick(a->osc);
    if (a->view) {
        draw_view(a);
    }
    if (a->is_ending &&
        (lat_now_ns() >= a->end_ns ||
         lat_engine_has_ended(lat_control_engine(a->control)))) {
        uv_stop(&a->loop);
    }
}

static uint64_t
next_ns(void *data)
{
    const struct app *a = data;
    const uint64_t times[] = {
        lat_control_next_ns(a->control, lat_osc_awaited(a->osc)),
        a->is_ending ? lat_now_ns() + ENDING_NS : lat_jack_next_ns(a->jack),
        a->processes && !a->is_ending ? lat_processes_next_ns(a->processes)
                                      : UINT64_MAX,
        a->host ? lat_host_next_ns(a->host) : UINT64_MAX,
        a->view ? a->drawn_ns + VIEW_NS : UINT64_MAX,
        lat_log_next_ns(),
    };
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < LAT_COUNT(times); ++i) {
        next = times[i] < next ? times[i] : next;
    }
    return next;
}

static int
watch_signal(struct app *a, uv_signal_t *handle, uv_signal_cb call, int number)
{
    uv_signal_init(&a->loop, handle);
    handle->data = a;
    return uv_signal_start(handle, call, number);
}

static int
watch_signals(struct app *a)
{
    int rc = watch_signal(a, &a->child, on_child, SIGCHLD);
    if (rc == 0) {
        rc = watch_signal(a, &a->save, on_save, SIGUSR1);
    }
    for (uint32_t i = 0; rc == 0 && i < LAT_N_ENDING_SIGNALS; ++i) {
        const int number = lat_cli_ending_signals[i];
        if (number != SIGHUP || !lat_cli_is_ignored(number)) {
            rc = watch_signal(a, &a->signals[i], on_signal, number);
        }
    }
    return rc;
}

static int
start_loop(struct app *a)
{
    int rc = uv_loop_init(&a->loop);
    if (rc == 0) {
        a->has_loop = true;
        a->pool.loop = &a->loop;
        rc = lat_beat_start(&a->beat, &a->loop, &a->bell,
                            &(struct lat_beat_hooks){
                                .tick = on_tick,
                                .next_ns = next_ns,
                                .data = a,
                            });
    }
    if (rc == 0) {
        rc = watch_signals(a);
        lat_cli_hold_ending_signals(false);
    }
    if (rc != 0) {
        lat_log(LAT_LOG_ERROR, "the event loop does not start: %s",
                uv_strerror(rc));
        return LAT_EXIT_SYSTEM;
    }
    return LAT_EXIT_DONE;
}

static void
close_handle(uv_handle_t *handle, void *data)
{
    (void)data;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

// Opening.

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

static int
open_jack(struct app *a)
{
    const struct lat_options *o = a->options;
    struct lat_jack_options how = {
        .bell = &a->bell,
        .may_play = may_play,
        .data = a,
        .name = o->jack_name,
        .server = o->jack_server,
        .no_connect = o->no_connect,
        .has_meters = o->meters,
        .is_ending = lat_cli_has_ending_signal,
        .cpu = o->pins.n ? (int)o->pins.cpu[0] : -1,
    };
    if (is_host(a)) {
        how.name = o->host.name;
        how.no_connect = a->page != NULL;
        how.is_exact_name = true;
        how.is_clocked = true;
        how.page = a->page;
    }
    struct lat_error error;
    const enum lat_status status =
        o->waits ? lat_cli_wait_for_jack(&how, &a->jack, &a->is_ending, &error)
                 : lat_jack_open(&how, &a->jack, &error);
    a->is_ending = a->is_ending || lat_cli_has_ending_signal();
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

static void
print_warning(void *data, const char *line)
{
    lat_cli_print_log(data, line, false);
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
        .rate = (double)lat_jack_rate(a->jack),
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
    status = lat_sessions_new(a->control, o->session_dir, &a->sessions);
    if (status == LAT_OK) {
        status = lat_cli_add_sample_dirs(o, a->sessions);
    }
    if (status != LAT_OK) {
        lat_error_set(&error, status, "cannot look for sessions: %s",
                      lat_strerror(status));
        return fail(a, &error, (int)lat_options_exit_code(status));
    }
    start_pool(a);
    if (o->session) {
        lat_sessions_give_text(a->sessions, a->text, a->text_length);
        a->text = NULL;
        status = lat_sessions_open(a->sessions, o->session, o->block == 0,
                                   print_warning, NULL, &error);
    }
    if (status != LAT_OK) {
        return fail(a, &error, (int)lat_options_exit_code(status));
    }
    lat_sessions_tell(a->sessions, a->control,
                      o->session ? "loaded" : "started");
    return LAT_EXIT_DONE;
}

static void
ask_jack(void *data, uint64_t *n_xruns, double *cpu_load,
         uint64_t *engine_ns_at_xrun, int *is_open)
{
    const struct app *a = data;
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    *n_xruns = s.n_xruns;
    *cpu_load = s.cpu_load;
    *engine_ns_at_xrun = s.engine_ns_at_xrun;
    *is_open = s.is_open;
}

static enum lat_status
restart(void *data, const char *node, struct lat_error *error)
{
    const struct app *a = data;
    return lat_processes_restart(a->processes, node, error);
}

static void
count_processes(void *data, struct lat_process_counts *out)
{
    const struct app *a = data;
    lat_processes_count(a->processes, out);
}

static void
start_host(void *data, uint64_t frame)
{
    const struct app *a = data;
    lat_host_start(a->host, frame);
}

static int
open_osc(struct app *a)
{
    const struct lat_options *o = a->options;
    const struct lat_osc_options how = {
        .port = o->osc_port,
        .bind = o->bind,
        .remote = o->remote,
        .dumps = o->verbose,
        .quit = on_quit,
        .jack_status = ask_jack,
        .restart = is_host(a) ? NULL : restart,
        .process_status = is_host(a) ? NULL : count_processes,
        .start = is_host(a) ? start_host : NULL,
        .data = a,
    };
    struct lat_error error;
    if (lat_osc_new(&a->loop, a->control, a->sessions, &how, &a->osc, &error) !=
        LAT_OK) {
        return fail(a, &error, LAT_EXIT_SYSTEM);
    }
    const bool is_v6 = strchr(o->bind, ':') != NULL;
    snprintf(a->osc_address, sizeof(a->osc_address), "%s%s%s:%u",
             is_v6 ? "[" : "", o->bind, is_v6 ? "]" : "",
             (unsigned)lat_osc_port(a->osc));
    return LAT_EXIT_DONE;
}

static void
collect(void *data)
{
    lat_jack_collect(data);
}

static void
tell(void *data, const char *path, const char *node, const char *text)
{
    const struct app *a = data;
    lat_osc_tell(a->osc, path, node, text);
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
    return LAT_EXIT_DONE;
}

static int
start_audio(struct app *a)
{
    struct lat_error error;
    lock_memory(is_host(a));
    if (lat_jack_start(a->jack, a->control, &error) != LAT_OK) {
        return fail(a, &error, LAT_EXIT_SYSTEM);
    }
    if (a->host) {
        lat_host_is_ready(a->host, lat_osc_port(a->osc));
    } else {
        lat_sessions_set_collect(a->sessions, collect, a->jack);
    }
    return LAT_EXIT_DONE;
}

static void
greet(struct app *a)
{
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    struct lat_engine_status e;
    lat_engine_status(lat_control_engine(a->control), &e);
    // Who lets us choose the port has to learn it.
    if (a->host) {
        if (!a->page) {
            printf("lattice-node: %s at %u Hz, block %u; OSC on %s (UDP and "
                   "TCP)\n",
                   s.name, s.rate, e.block, a->osc_address);
            fflush(stdout);
        }
        return;
    }
    if (!a->options->quiet || a->options->osc_port == 0) {
        printf("lattice: playing %s at %u Hz, block %u; OSC on %s (UDP and "
               "TCP)\n",
               s.name, s.rate, e.block, a->osc_address);
        fflush(stdout);
    }
    if (a->options->meters) {
        a->view = lat_play_view_new(a->osc_address);
    }
}

// Everything in its order.

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
open_all(struct app *a)
{
    static int (*const steps[])(struct app *) = {
        open_jack, start_loop,     open_session,
        open_osc,  open_processes, start_audio,
    };
    int exit_code = is_host(a) ? open_page(a) : check_session(a);
    for (uint32_t i = 0;
         exit_code == LAT_EXIT_DONE && !a->is_ending && i < LAT_COUNT(steps);
         ++i) {
        exit_code = steps[i](a);
    }
    return exit_code;
}

/// @return false when libjack hangs, or whoever reads a file.
static bool
close_all(struct app *a)
{
    lat_play_view_free(a->view);
    lat_processes_free(a->processes);
    bool is_clean = !a->jack || lat_jack_close(a->jack);
    if (a->osc) {
        lat_osc_free(a->osc);
    }
    if (a->has_loop) {
        uv_walk(&a->loop, close_handle, NULL);
        if (lat_pool_end(&a->pool, POOL_NS)) {
            uv_run(&a->loop, UV_RUN_DEFAULT);
            uv_loop_close(&a->loop);
        } else {
            is_clean = false;
        }
    }
    if (a->sessions) {
        lat_sessions_free(a->sessions);
    }
    free(a->text);
    lat_host_free(a->host);
    lat_control_free(a->control);
    return is_clean;
}

int
lat_app_run(const struct lat_options *o)
{
    struct app *a = calloc(1, sizeof(*a));
    if (!a) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    a->options = o;
    lat_thread_role = LAT_ROLE_CONTROL;
    lat_rt_flush_denormals();
    lat_cli_ignore_write_signals();
    lat_cli_hold_ending_signals(true); // until the loop takes them
    if (lat_bell_init(&a->bell)) {
        lat_log(LAT_LOG_ERROR, "the event loop does not start: %s",
                strerror(errno));
        free(a);
        return LAT_EXIT_SYSTEM;
    }
    const int exit_code = open_all(a);
    if (exit_code == LAT_EXIT_DONE && !a->is_ending) {
        greet(a);
        uv_run(&a->loop, UV_RUN_DEFAULT);
    }
    const bool is_clean = close_all(a);
    if (!is_clean) {
        fflush(NULL);
        _exit(exit_code);
    }
    lat_bell_fini(&a->bell);
    free(a);
    return exit_code;
}
