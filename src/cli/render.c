// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice render`: the engine driven by a loop instead of JACK.
//
// About a second of sound is rendered into memory, and then written: the clocks
// of --stats stand still while files are read and written.

#include "base/rt.h"
#include "files.h"
#include "nodes/disk/service.h"
#include "render_opening.h"
#include "render_ports.h"
#include "render_score.h"
#include "render_state.h"
#include "render_tell.h"
#include "run_recording.h"
#include "signals.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught_signal;

static void
catch_signal(int number)
{
    caught_signal = number;
}

/// A write that cannot be done shall fail, not kill; and who interrupts us
/// finds no half file.
static void
set_signals(void)
{
    lat_cli_ignore_write_signals();
    struct sigaction action = {.sa_handler = catch_signal};
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < LAT_N_ENDING_SIGNALS; ++i) {
        if (!lat_cli_is_ignored(lat_cli_ending_signals[i])) { // as under nohup
            sigaction(lat_cli_ending_signals[i], &action, NULL);
        }
    }
}

static uint64_t
cpu_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/// Render up to frame @p n_frames of the buffers of r->out, from @p frame on,
/// with audio's rules.
static void
process(struct render *r, uint32_t frame, uint32_t n_frames)
{
    lat_thread_role = LAT_ROLE_AUDIO;
    const uint64_t cpu_ns = cpu_now_ns();
    const uint64_t start_ns = lat_now_ns();
    uint64_t now_ns = start_ns;
    while (frame < n_frames && !caught_signal) {
        const uint32_t left = n_frames - frame;
        const uint32_t n = left < r->period_frames ? left : r->period_frames;
        lat_render_bind_ports(r, frame);
        lat_engine_process(r->engine, n);
        lat_render_finish_ports(r, frame, n);
        frame += n;
        const uint64_t before_ns = now_ns;
        now_ns = lat_now_ns();
        lat_cli_stats_block(r->stats, now_ns - before_ns);
    }
    lat_cli_stats_time(r->stats, now_ns - start_ns, cpu_now_ns() - cpu_ns);
    lat_thread_role = LAT_ROLE_NONE;
}

/// Fill the buffers of r->out, and carry out the score meanwhile.
static int
fill(struct render *r, uint32_t n_frames)
{
    int exit_code = LAT_EXIT_DONE;
    uint32_t frame = 0;
    while (frame < n_frames && exit_code == LAT_EXIT_DONE && !caught_signal) {
        if (r->n_done + frame < r->n_silent) {
            const uint64_t left = r->n_silent - r->n_done;
            frame = left < n_frames ? (uint32_t)left : n_frames;
            continue; // the buffers are zero as they came
        }
        exit_code = lat_render_play_score(r, r->n_done + frame);
        const uint64_t next = lat_render_next_of_score(r) - r->n_done;
        const uint32_t end = next >= n_frames ? n_frames
                             : next > frame   ? (uint32_t)next
                                              : frame + 1;
        if (exit_code == LAT_EXIT_DONE) {
            process(r, frame, end);
        }
        frame = end;
    }
    return exit_code;
}

static int
write_sound(struct render *r, uint32_t n_frames)
{
    for (uint32_t c = 0; c < r->out.n; ++c) {
        lat_cli_stats_sound(r->stats, c, r->out.buffers[c], n_frames);
    }
    struct lat_error error;
    if (lat_cli_sound_write(r->sound, r->out.buffers, n_frames, &error)) {
        return lat_render_complain(&error);
    }
    return LAT_EXIT_DONE;
}

static int
render_all(struct render *r)
{
    lat_rt_flush_denormals();
    if (r->options->pins.n > 0) {
        lat_cpu_pin_self(r->options->pins.cpu[0]);
    }
    lat_engine_set_period(r->engine, r->period_frames);
    r->start_ns = lat_now_ns();
    while (r->n_done < r->n_frames && !caught_signal) {
        const uint64_t left = r->n_frames - r->n_done;
        const uint32_t n =
            left < r->held_frames ? (uint32_t)left : r->held_frames;
        if (r->input) {
            lat_cli_input_read(r->input, r->in.buffers, r->in.n, n);
        }
        int exit_code = fill(r, n);
        if (caught_signal) {
            break;
        }
        if (exit_code == LAT_EXIT_DONE) {
            exit_code = write_sound(r, n);
        }
        if (exit_code != LAT_EXIT_DONE) {
            return exit_code;
        }
        r->n_done += n;
        lat_control_tick(r->session.control);
        lat_render_show_progress(r);
    }
    // What is for the end is carried out, though it is not heard.
    if (!caught_signal && lat_render_play_score(r, r->n_done)) {
        return r->failed;
    }
    lat_render_tell_score(r);
    return r->failed;
}

static int
finish_files(struct render *r)
{
    struct lat_error error;
    r->n_cut = lat_cli_sound_n_cut(r->sound);
    const enum lat_status status = lat_cli_sound_commit(r->sound, &error);
    r->sound = NULL;
    if (status) {
        return lat_render_complain(&error);
    }
    if (r->options->stats) {
        struct lat_engine_status engine;
        lat_engine_status(r->engine, &engine);
        if (lat_cli_stats_write(r->stats, &engine, r->n_frames,
                                r->options->stats, &error)) {
            return lat_render_complain(&error);
        }
    }
    return LAT_EXIT_DONE;
}

static void
close_all(struct render *r)
{
    lat_cli_sound_abort(r->sound);
    lat_cli_input_close(r->input);
    lat_cli_stats_free(r->stats);
    lat_render_free_ports(r);
    lat_render_end_score(r);
    lat_demo_free(r->demo);
    lat_cli_unload(&r->session);
    lat_cli_files_free(r->files);
}

int
lat_app_render(const struct lat_options *o)
{
    struct render *const r = calloc(1, sizeof(*r));
    if (!r) {
        return lat_render_no_memory();
    }
    lat_disk_be_offline();
    if (lat_cli_set_record_dir(o)) {
        free(r);
        return lat_render_no_memory();
    }
    r->own = *o;
    r->options = &r->own;
    r->shows_progress = isatty(STDERR_FILENO) && !o->quiet;
    set_signals();
    int exit_code = lat_render_open_all(r);
    if (exit_code == LAT_EXIT_DONE) {
        exit_code = render_all(r);
    }
    if (exit_code == LAT_EXIT_DONE && !caught_signal) {
        exit_code = finish_files(r);
    }
    if (r->shows_progress && r->shown_ns > 0) {
        fputs("\r\033[K", stderr);
    }
    if (exit_code == LAT_EXIT_DONE && !caught_signal) {
        lat_render_tell_end(r);
    }
    close_all(r);
    free(r);
    if (exit_code == LAT_EXIT_DONE && !lat_cli_finish_recordings()) {
        exit_code = LAT_EXIT_SYSTEM;
    }
    if (caught_signal) {
        raise(caught_signal); // whose action is the default again
    }
    return exit_code;
}
