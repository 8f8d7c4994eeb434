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

/// What is read is never written to.
static int
check_files(const struct render *r)
{
    const struct lat_options *const o = r->options;
    const char *const loaded = lat_sessions_file(r->session.sessions);
    const char *const session = loaded ? loaded : o->session;
    struct lat_cli_files *const files = lat_cli_files_new();
    enum lat_status status = files ? LAT_OK : LAT_ENOMEM;
    if (!status) {
        status = lat_cli_files_read(files, session, "the session");
    }
    if (!status) {
        status = lat_cli_files_read(files, o->score, "the score");
    }
    if (!status) {
        status = lat_cli_files_read(files, o->input, "the sound of --input");
    }
    if (!status) {
        status = lat_cli_files_of_graph(
            files, lat_control_graph(r->session.control), session, o);
    }
    if (!status) {
        status = lat_cli_files_written(files, o->output, "the sound");
    }
    if (!status) {
        status = lat_cli_files_written(files, o->stats, "the statistics");
    }
    struct lat_error error;
    if (!status && lat_cli_files_check(files, &error)) {
        lat_cli_files_free(files);
        return lat_render_complain(&error);
    }
    lat_cli_files_free(files);
    return status ? lat_render_no_memory() : LAT_EXIT_DONE;
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
    exit_code = lat_render_begin_score(r);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    exit_code = lat_render_await_ports(r);
    if (exit_code != LAT_EXIT_DONE) {
        return exit_code;
    }
    if (r->out.n == 0 && r->n_failed == 0) {
        lat_log(LAT_LOG_ERROR,
                "%s has no audio_out%s, so there is nothing to render: add "
                "[node main] with type = audio_out, and a cable to main",
                o->session ? o->session : o->score,
                o->score ? " as long as it is rendered" : "");
    }
    if (r->out.n == 0) {
        return LAT_EXIT_INPUT;
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
