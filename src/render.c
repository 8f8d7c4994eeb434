// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice render`: the engine driven by a loop instead of JACK.
//
// About a second of sound is rendered into memory, and then written: the clocks
// of --stats stand still while files are read and written.

#include "cli_input.h"
#include "cli_load.h"
#include "cli_output.h"
#include "cli_stats.h"
#include "log.h"
#include "text.h"

#include <sndfile.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/// Most samples held in memory at a time, all channels together.
#define MAX_HELD (UINT32_C(1) << 22U)

/// A RIFF file counts its bytes in 32 bits; leave room for the header.
#define MAX_WAV_BYTES (UINT64_C(0xFFFFFFFF) - 4096)

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
    struct lat_cli_output file;
    SNDFILE *wav;
    float *interleaved;
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
    static const int ignored[] = {SIGPIPE, SIGXFSZ};
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = SIG_IGN};
    for (unsigned i = 0; i < LAT_COUNT(ignored); ++i) {
        sigaction(ignored[i], &action, NULL);
    }
    action.sa_handler = catch_signal;
    action.sa_flags = (int)SA_RESETHAND;
    for (unsigned i = 0; i < LAT_COUNT(caught); ++i) {
        struct sigaction old;
        if (sigaction(caught[i], &action, &old) == 0 &&
            old.sa_handler == SIG_IGN) {
            sigaction(caught[i], &old, NULL); // under nohup
        }
    }
}

static int
out_of_memory(void)
{
    lat_log(LAT_LOG_ERROR, "out of memory: render fewer channels");
    return LAT_EXIT_SYSTEM;
}

/// libsndfile's sentence for @p text, without its full stop.
static int
complain_about_file(const struct render *r, const char *text)
{
    size_t n = strlen(text);
    if (n > 0 && text[n - 1] == '.') {
        --n;
    }
    lat_log(LAT_LOG_ERROR, "cannot write %s: %.*s; make room, or render less",
            r->options->output, (int)n, text);
    return LAT_EXIT_SYSTEM;
}

// Ports.

static int
compare_slots(const void *a, const void *b, void *data)
{
    const struct lat_device *const *const devices = data;
    const struct lat_device *const x = *devices + *(const uint32_t *)a;
    const struct lat_device *const y = *devices + *(const uint32_t *)b;
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x->channel < y->channel ? -1 : x->channel > y->channel;
}

static void
find_ports(struct ports *p, struct lat_engine *engine, bool is_output)
{
    const struct lat_device *devices = lat_engine_devices(engine);
    const uint32_t n_slots = lat_engine_n_slots(engine);
    p->n = 0;
    for (uint32_t i = 0; i < n_slots; ++i) {
        if (devices[i].refs > 0 && devices[i].is_output == is_output) {
            p->slots[p->n++] = i;
        }
    }
    qsort_r(p->slots, p->n, sizeof(p->slots[0]), compare_slots, &devices);
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

static bool
is_same_file(const char *a, const char *b)
{
    struct stat stat_a;
    struct stat stat_b;
    return stat(a, &stat_a) == 0 && stat(b, &stat_b) == 0 &&
           S_ISREG(stat_a.st_mode) && stat_a.st_dev == stat_b.st_dev &&
           stat_a.st_ino == stat_b.st_ino;
}

/// The session is never written to, and the sound not over.
static int
check_names(const struct render *r)
{
    const struct lat_options *const o = r->options;
    const char *const loaded = lat_sessions_file(r->session.sessions);
    const char *const session = loaded ? loaded : o->session;
    const char *const written[] = {o->output, o->stats};
    for (size_t i = 0; i < LAT_COUNT(written); ++i) {
        if (written[i] && is_same_file(written[i], session)) {
            lat_log(LAT_LOG_ERROR,
                    "%s is the session itself: name another file", written[i]);
            return LAT_EXIT_USAGE;
        }
    }
    if (o->stats && (is_same_file(o->stats, o->output) ||
                     (strcmp(o->stats, o->output) == 0 &&
                      strncmp(o->output, "/dev/", 5) != 0))) {
        lat_log(LAT_LOG_ERROR,
                "%s is for the sound: name another file for the statistics",
                o->stats);
        return LAT_EXIT_USAGE;
    }
    return LAT_EXIT_DONE;
}

static int
open_session(struct render *r)
{
    const struct lat_options *const o = r->options;
    const int exit_code = lat_cli_load(o, lat_cli_print_log, NULL, &r->session);
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
    find_ports(&r->out, r->engine, true);
    find_ports(&r->in, r->engine, false);
    if (r->out.n == 0) {
        lat_log(LAT_LOG_ERROR,
                "%s has no audio_out, so there is nothing to render: add "
                "[node main] with type = audio_out, and a cable to main",
                o->session);
        return LAT_EXIT_INPUT;
    }
    const int names = check_names(r);
    if (names != LAT_EXIT_DONE) {
        return names;
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
    if (lat_cli_output_open(&r->file, r->options->output, &error)) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return LAT_EXIT_SYSTEM;
    }
    const uint64_t n_bytes = r->n_frames * r->out.n * sizeof(float);
    SF_INFO info = {
        .samplerate = (int)lround(r->rate),
        .channels = (int)r->out.n,
        .format = SF_FORMAT_FLOAT |
                  (n_bytes > MAX_WAV_BYTES ? SF_FORMAT_RF64 : SF_FORMAT_WAV),
    };
    r->wav = sf_open_fd(r->file.fd, SFM_WRITE, &info, SF_FALSE);
    if (!r->wav) {
        return complain_about_file(r, sf_strerror(NULL));
    }
    // It holds the time of day: the same sound shall be the same file.
    sf_command(r->wav, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
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
    r->interleaved = malloc((size_t)r->held_frames * r->out.n * sizeof(float));
    r->stats = lat_cli_stats_new(r->out.n);
    if (!alloc_ports(&r->out, r->held_frames) ||
        !alloc_ports(&r->in, r->held_frames) || !r->interleaved || !r->stats) {
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

static bool
write_sound(struct render *r, uint32_t n_frames)
{
    for (uint32_t c = 0; c < r->out.n; ++c) {
        const float *const from = r->out.buffers[c];
        float *const to = r->interleaved + c;
        for (uint32_t f = 0; f < n_frames; ++f) {
            to[(size_t)f * r->out.n] = from[f];
        }
        lat_cli_stats_sound(r->stats, c, from, n_frames);
    }
    return sf_writef_float(r->wav, r->interleaved, n_frames) == n_frames;
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
        if (!write_sound(r, n)) {
            return complain_about_file(r, sf_strerror(r->wav));
        }
        r->n_done += n;
        lat_control_tick(r->session.control);
        show_progress(r);
    }
    return LAT_EXIT_DONE;
}

/// Is all of the sound in the file?  libsndfile does not say when writing the
/// header fails.
static bool
is_complete(const struct render *r)
{
    struct stat s;
    return fstat(r->file.fd, &s) != 0 || !S_ISREG(s.st_mode) ||
           (uint64_t)s.st_size >= r->n_frames * r->out.n * sizeof(float);
}

static int
finish_files(struct render *r)
{
    const int problem = sf_close(r->wav);
    r->wav = NULL;
    if (problem || !is_complete(r)) {
        return complain_about_file(r, sf_error_number(problem));
    }
    struct lat_error error;
    if (lat_cli_output_commit(&r->file, &error)) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return LAT_EXIT_SYSTEM;
    }
    if (r->options->stats) {
        struct lat_engine_status status;
        lat_engine_status(r->engine, &status);
        if (lat_cli_stats_write(r->stats, &status, r->n_frames,
                                r->options->stats, &error)) {
            lat_log(LAT_LOG_ERROR, "%s", error.text);
            return LAT_EXIT_SYSTEM;
        }
    }
    return LAT_EXIT_DONE;
}

static void
close_all(struct render *r)
{
    if (r->wav) {
        sf_close(r->wav);
    }
    lat_cli_output_abort(&r->file);
    lat_cli_input_close(r->input);
    lat_cli_stats_free(r->stats);
    free(r->interleaved);
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
    r->file.fd = -1;
    r->file.pipe = -1;
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
    if (r->shows_progress && exit_code == LAT_EXIT_DONE && !caught_signal) {
        const double seconds = (double)r->n_frames / r->rate;
        fprintf(stderr, "%s: %g s, %s, %.0f Hz, %.1f x real time\n", o->output,
                seconds, lat_count(r->out.n, "channel").text, r->rate,
                seconds / lat_cli_stats_wall(r->stats));
    }
    close_all(r);
    free(r);
    if (caught_signal) {
        raise(caught_signal); // whose action is the default again
    }
    return exit_code;
}
