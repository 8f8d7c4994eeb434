// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice render`: the engine driven by a loop instead of JACK.
//
// About a second of sound is rendered into memory, and then written: the clocks
// of --stats stand still while files are read and written.

#include "base/log.h"
#include "base/text.h"
#include "files.h"
#include "input.h"
#include "load.h"
#include "signals.h"
#include "sound.h"
#include "stats.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/// Most samples held in memory at a time, all channels together.
#define MAX_HELD (UINT32_C(1) << 22U)

/// Device slots of one direction, in file order, and a buffer for each.
struct ports {
    uint32_t n;
    uint32_t slots[LAT_MAX_DEVICE_SLOTS];
    float *buffers[LAT_MAX_DEVICE_SLOTS];
    float *memory;
};

struct render {
    const struct lat_options *options;
    struct lat_cli_session session;
    struct lat_engine *engine;
    double rate;
    uint32_t period_frames; ///< of one lat_engine_process()
    uint32_t held_frames;   ///< whole periods
    uint64_t n_frames, n_done;
    struct ports out, in;
    struct lat_cli_input *input;
    enum lat_sound_format format;
    struct lat_cli_sound *sound;
    uint64_t n_cut;
    struct lat_cli_stats *stats;
    bool shows_progress;
    uint64_t start_ns, shown_ns;
};

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

static int
out_of_memory(void)
{
    lat_log(LAT_LOG_ERROR, "out of memory: render fewer channels");
    return LAT_EXIT_SYSTEM;
}

/// Print what went wrong with what the command line named.
static int
complain(const struct lat_error *error)
{
    lat_log(LAT_LOG_ERROR, "%s", error->text);
    switch (error->status) {
    case LAT_EINVAL:
        return LAT_EXIT_USAGE;
    default:
        return LAT_EXIT_SYSTEM;
    }
}

/// What goes to standard output is for programs.
static bool
is_standard_output(const char *path)
{
    return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

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

static void
bind_ports(struct lat_engine *engine, const struct ports *p, uint32_t frame)
{
    for (uint32_t i = 0; i < p->n; ++i) {
        lat_engine_bind(engine, p->slots[i], p->buffers[i] + frame);
    }
}

// Opening.

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
        return complain(&error);
    }
    lat_cli_files_free(files);
    return status ? out_of_memory() : LAT_EXIT_DONE;
}

/// What can be said of the command line before anything is read.
static int
check_output(struct render *r)
{
    const struct lat_options *const o = r->options;
    struct lat_error error;
    if (lat_cli_sound_format(o->output, &r->format, &error)) {
        return complain(&error);
    }
    if (is_standard_output(o->output) && isatty(STDOUT_FILENO)) {
        lat_error_set(&error, LAT_EINVAL,
                      "standard output is a terminal: send the sound to a "
                      "program, as in lattice render %.200s - | sox -t wav - "
                      "...",
                      o->session);
        return complain(&error);
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
        return complain(&error);
    }
    return LAT_EXIT_DONE;
}

static int
open_all(struct render *r)
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
        return out_of_memory();
    }
    return LAT_EXIT_DONE;
}

// Rendering.

static uint64_t
cpu_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/// Render @p n_frames into the buffers of r->out, with audio's rules.
static void
process(struct render *r, uint32_t n_frames)
{
    lat_thread_role = LAT_ROLE_AUDIO;
    const uint64_t cpu_ns = cpu_now_ns();
    const uint64_t start_ns = lat_now_ns();
    uint64_t now_ns = start_ns;
    for (uint32_t frame = 0; frame < n_frames && !caught_signal;) {
        const uint32_t left = n_frames - frame;
        const uint32_t n = left < r->period_frames ? left : r->period_frames;
        bind_ports(r->engine, &r->in, frame);
        bind_ports(r->engine, &r->out, frame);
        lat_engine_process(r->engine, n);
        frame += n;
        const uint64_t before_ns = now_ns;
        now_ns = lat_now_ns();
        lat_cli_stats_block(r->stats, now_ns - before_ns);
    }
    lat_cli_stats_time(r->stats, now_ns - start_ns, cpu_now_ns() - cpu_ns);
    lat_thread_role = LAT_ROLE_NONE;
}

static int
write_sound(struct render *r, uint32_t n_frames)
{
    for (uint32_t c = 0; c < r->out.n; ++c) {
        lat_cli_stats_sound(r->stats, c, r->out.buffers[c], n_frames);
    }
    struct lat_error error;
    if (lat_cli_sound_write(r->sound, r->out.buffers, n_frames, &error)) {
        return complain(&error);
    }
    return LAT_EXIT_DONE;
}

static void
show_progress(struct render *r)
{
    const uint64_t now_ns = lat_now_ns();
    if (!r->shows_progress || now_ns - r->shown_ns < 100000000) {
        return;
    }
    r->shown_ns = now_ns;
    const double done_s = (double)r->n_done / r->rate;
    fprintf(stderr, "\r%3.0f %%, %.1f s, %.1f x real time\033[K",
            100.0 * (double)r->n_done / (double)r->n_frames, done_s,
            done_s / (1e-9 * (double)(now_ns - r->start_ns)));
    fflush(stderr);
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
        process(r, n);
        if (caught_signal) {
            break;
        }
        const int exit_code = write_sound(r, n);
        if (exit_code != LAT_EXIT_DONE) {
            return exit_code;
        }
        r->n_done += n;
        lat_control_tick(r->session.control);
        show_progress(r);
    }
    return LAT_EXIT_DONE;
}

static int
finish_files(struct render *r)
{
    struct lat_error error;
    r->n_cut = lat_cli_sound_n_cut(r->sound);
    const enum lat_status status = lat_cli_sound_commit(r->sound, &error);
    r->sound = NULL;
    if (status) {
        return complain(&error);
    }
    if (r->options->stats) {
        struct lat_engine_status engine;
        lat_engine_status(r->engine, &engine);
        if (lat_cli_stats_write(r->stats, &engine, r->n_frames,
                                r->options->stats, &error)) {
            return complain(&error);
        }
    }
    return LAT_EXIT_DONE;
}

// What is said when it is done.

static bool
has_type(const struct render *r, uint32_t flags)
{
    const struct lat_graph *const g = lat_control_graph(r->session.control);
    for (const struct lat_node *node = g->first; node; node = node->next) {
        if (node->type->flags & flags) {
            return true;
        }
    }
    return false;
}

static void
warn_of_silence(const struct render *r)
{
    const char *why = "does anything that sounds reach an audio_out? 'lattice "
                      "graph' shows the cables";
    if (has_type(r, LAT_TYPE_MIDI)) {
        why = "it waits for keys; play them with 'lattice run', or give the "
              "gate that they open a value in the session";
    } else if (!r->input && r->in.n > 0) {
        why = "it waits for sound at its audio_in; give one with --input FILE";
    }
    lat_log(LAT_LOG_WARNING, "%s is silent all through: %s",
            r->options->session, why);
}

static const char *
format_peak(double linear, char *text, size_t size)
{
    if (linear > 0) {
        snprintf(text, size, "peak %+.1f dB", 20 * log10(linear));
    } else {
        snprintf(text, size, "silent");
    }
    return text;
}

static void
tell_end(const struct render *r)
{
    const char *const path = r->options->output;
    const double seconds = (double)r->n_frames / r->rate;
    const double wall = lat_cli_stats_wall(r->stats);
    const double peak = lat_cli_stats_peak(r->stats);
    char text[32];
    if (peak == 0) {
        warn_of_silence(r);
    }
    if (r->n_cut > 0) {
        lat_log(LAT_LOG_WARNING,
                "%s: %" PRIu64 " samples beyond +-1 were cut: lower the level "
                "of audio_out, or name it .wav",
                path, r->n_cut);
    }
    lat_log(LAT_LOG_INFO, "%s: %g s, %.1f x real time, %s",
            is_standard_output(path) ? "standard output" : path, seconds,
            seconds / (wall > 0 ? wall : 1e-9),
            format_peak(peak, text, sizeof(text)));
}

static void
close_all(struct render *r)
{
    lat_cli_sound_abort(r->sound);
    lat_cli_input_close(r->input);
    lat_cli_stats_free(r->stats);
    free(r->out.memory);
    free(r->in.memory);
    lat_cli_unload(&r->session);
}

int
lat_app_render(const struct lat_options *o)
{
    struct render *const r = calloc(1, sizeof(*r));
    if (!r) {
        return out_of_memory();
    }
    r->options = o;
    r->shows_progress = isatty(STDERR_FILENO) && !o->quiet;
    set_signals();
    int exit_code = open_all(r);
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
        tell_end(r);
    }
    close_all(r);
    free(r);
    if (caught_signal) {
        raise(caught_signal); // whose action is the default again
    }
    return exit_code;
}
