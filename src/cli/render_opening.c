// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "render_opening.h"
#include "base/log.h"
#include "base/text.h"
#include "files.h"
#include "render_ports.h"
#include "render_score.h"
#include "render_tell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Most samples held in memory at a time, all channels together.
#define MAX_HELD (UINT32_C(1) << 22U)

/// How much is rendered where nobody says.
#define DEFAULT_SECONDS 10.0

// Files.

/// What a score says to save, too, never goes to a file that is read.
static enum lat_status
may_save(void *data, const char *path, struct lat_error *error)
{
    const struct render *const r = data;
    return lat_cli_files_may_write(r->files, path, "/session/save", error);
}

/// Note what is read and written, before anything is.
static int
note_files(struct render *r)
{
    const struct lat_options *const o = r->options;
    const char *const loaded = lat_sessions_file(r->session.sessions);
    const char *const session = loaded ? loaded : o->session;
    const struct {
        enum lat_status (*add)(struct lat_cli_files *, const char *,
                               const char *);
        const char *path, *role;
    } all[] = {
        {lat_cli_files_read, session, "the session"},
        {lat_cli_files_read, o->score, "the score"},
        {lat_cli_files_read, o->input, "the sound of --input"},
        {lat_cli_files_written, o->output, "the sound"},
        {lat_cli_files_written, o->stats, "the statistics"},
    };
    r->files = lat_cli_files_new();
    enum lat_status status = r->files ? LAT_OK : LAT_ENOMEM;
    for (size_t i = 0; !status && i < LAT_COUNT(all); ++i) {
        status = all[i].add(r->files, all[i].path, all[i].role);
    }
    if (!status) {
        status = lat_cli_files_of_graph(
            r->files, lat_control_graph(r->session.control), session, o);
    }
    lat_sessions_guard(r->session.sessions, may_save, r);
    return status ? lat_render_no_memory() : LAT_EXIT_DONE;
}

static int
open_demo(struct render *r)
{
    if (!r->options->demo) {
        return LAT_EXIT_DONE;
    }
    if (lat_demo_new(r->session.control, &r->demo)) {
        return lat_render_no_memory();
    }
    if (!lat_demo_is_heard(r->demo) && !r->options->score) {
        lat_log(LAT_LOG_WARNING, "--demo is not heard: %s has no midi_notes",
                r->options->session);
    }
    return LAT_EXIT_DONE;
}

/// What is read is never written to.
static int
check_files(struct render *r)
{
    struct lat_error error;
    if (lat_cli_files_of_graph(r->files, lat_control_graph(r->session.control),
                               lat_sessions_file(r->session.sessions),
                               r->options)) {
        return lat_render_no_memory();
    }
    return lat_cli_files_check(r->files, &error) ? lat_render_complain(&error)
                                                 : LAT_EXIT_DONE;
}

/// What can be said of the command line before anything is read.
static int
check_output(struct render *r)
{
    const struct lat_options *const o = r->options;
    struct lat_error error;
    if (lat_cli_sound_format(o->output, &r->format, &error)) {
        return lat_render_complain(&error);
    }
    if (lat_render_is_stdout(o->output) && isatty(STDOUT_FILENO)) {
        lat_error_set(&error, LAT_EINVAL,
                      "standard output is a terminal: send the sound to a "
                      "program, as in lattice render %.200s - | sox -t wav - "
                      "...",
                      o->session ? o->session : "--score FILE");
        return lat_render_complain(&error);
    }
    return LAT_EXIT_DONE;
}

static int
open_session(struct render *r)
{
    const struct lat_options *const o = r->options;
    int exit_code = check_output(r);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = lat_render_read_score(r);
    }
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = lat_cli_load(o, lat_cli_print_log, NULL, &r->session);
    }
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    lat_cli_tell_arithmetic(o);
    r->engine = lat_control_engine(r->session.control);
    struct lat_engine_status status;
    lat_engine_status(r->engine, &status);
    r->rate = status.rate;
    r->period_frames = o->period > 0 ? o->period : status.block;
    const double seconds = o->seconds > 0 ? o->seconds : DEFAULT_SECONDS;
    r->n_frames = (uint64_t)llround(seconds * r->rate);
    if (r->n_frames == 0) {
        r->n_frames = 1;
    }
    exit_code = note_files(r);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = open_demo(r);
    }
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = lat_render_begin_score(r);
    }
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    exit_code = lat_render_await_ports(r);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    if (r->out.n == 0 && !r->failed) {
        lat_log(LAT_LOG_ERROR,
                "%s has no audio_out%s, so there is nothing to render: add "
                "[node main] with type = audio_out, and a cable to main",
                o->session ? o->session : o->score,
                o->score ? " as long as it is rendered" : "");
    }
    if (r->out.n == 0) {
        return r->failed ? r->failed : LAT_EXIT_INPUT;
    }
    exit_code = check_files(r);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    const uint32_t second = (uint32_t)r->rate;
    const uint32_t most = MAX_HELD / r->out.n;
    const uint32_t wanted = second < most ? second : most;
    const uint32_t n_periods = wanted / r->period_frames;
    r->held_frames = r->period_frames * (n_periods > 0 ? n_periods : 1);
    return LAT_EXIT_DONE;
}

static int
open_input(struct render *r)
{
    const char *const path = r->options->input;
    if (!path) {
        return LAT_EXIT_DONE;
    }
    struct lat_error error;
    const enum lat_status status =
        lat_cli_input_open(path, r->rate, &r->input, &error);
    if (status) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return (int)lat_options_exit_code(status);
    }
    const uint32_t n = lat_cli_input_channels(r->input);
    if (r->in.n == 0) {
        lat_log(LAT_LOG_WARNING, "%s is not heard: the session has no audio_in",
                path);
    } else if (n != r->in.n) {
        lat_log(LAT_LOG_WARNING,
                "%s has %s, audio_in %u: they are taken in order", path,
                lat_count(n, "channel").text, r->in.n);
    }
    return LAT_EXIT_DONE;
}

static int
open_output(struct render *r)
{
    struct lat_error error;
    if (lat_cli_sound_open(r->options->output, r->format, r->rate, r->out.n,
                           r->n_frames, &r->sound, &error)) {
        return lat_render_complain(&error);
    }
    return LAT_EXIT_DONE;
}

int
lat_render_open_all(struct render *r)
{
    int exit_code = open_session(r);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = open_input(r);
    }
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = open_output(r);
    }
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    r->stats = lat_cli_stats_new(r->out.n);
    if (!lat_render_alloc_ports(r) || !r->stats) {
        return lat_render_no_memory();
    }
    return LAT_EXIT_DONE;
}
