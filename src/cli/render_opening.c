// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "render_opening.h"
#include "base/log.h"
#include "base/text.h"
#include "files.h"
#include "render_tell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Most samples held in memory at a time, all channels together.
#define MAX_HELD (UINT32_C(1) << 22U)

// Ports.

static int
compare_slots(const void *a, const void *b, void *data)
{
    const struct lat_slot *const *const slots = data;
    const struct lat_slot *const x = *slots + *(const uint32_t *)a;
    const struct lat_slot *const y = *slots + *(const uint32_t *)b;
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x->channel < y->channel ? -1 : x->channel > y->channel;
}

static void
find_ports(struct ports *p, struct lat_control *control, bool is_output)
{
    const struct lat_slot *slots = lat_control_slots(control);
    const uint32_t n_slots = lat_engine_n_slots(lat_control_engine(control));
    p->n = 0;
    for (uint32_t i = 0; i < n_slots; ++i) {
        if (slots[i].refs > 0 && slots[i].is_output == is_output) {
            p->slots[p->n++] = i;
        }
    }
    qsort_r(p->slots, p->n, sizeof(p->slots[0]), compare_slots, &slots);
}

static bool
alloc_ports(struct ports *p, uint32_t n_frames)
{
    const size_t align = LAT_ALIGNMENT / sizeof(float);
    const size_t stride = (n_frames + align - 1) / align * align;
    const size_t n = stride * (p->n > 0 ? p->n : 1);
    p->memory = aligned_alloc(LAT_ALIGNMENT, n * sizeof(float));
    if (!p->memory) {
        return false;
    }
    memset(p->memory, 0, n * sizeof(float));
    for (uint32_t i = 0; i < p->n; ++i) {
        p->buffers[i] = p->memory + i * stride;
    }
    return true;
}

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
                      o->session);
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
    r->n_frames = (uint64_t)llround(o->seconds * r->rate);
    if (r->n_frames == 0) {
        r->n_frames = 1;
    }
    find_ports(&r->out, r->session.control, true);
    find_ports(&r->in, r->session.control, false);
    if (r->out.n == 0) {
        lat_log(LAT_LOG_ERROR,
                "%s has no audio_out, so there is nothing to render: add "
                "[node main] with type = audio_out, and a cable to main",
                o->session);
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
    if (!alloc_ports(&r->out, r->held_frames) ||
        !alloc_ports(&r->in, r->held_frames) || !r->stats) {
        return lat_render_no_memory();
    }
    return LAT_EXIT_DONE;
}
