// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "render_tell.h"
#include "base/log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int
lat_render_no_memory(void)
{
    lat_log(LAT_LOG_ERROR, "out of memory: render fewer channels");
    return LAT_EXIT_SYSTEM;
}

/// Print what went wrong with what the command line named.
int
lat_render_complain(const struct lat_error *error)
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
bool
lat_render_is_stdout(const char *path)
{
    return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0;
}

void
lat_render_show_progress(struct render *r)
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
            r->options->session ? r->options->session : r->options->score, why);
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

void
lat_render_tell_end(const struct render *r)
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
            lat_render_is_stdout(path) ? "standard output" : path, seconds,
            seconds / (wall > 0 ? wall : 1e-9),
            format_peak(peak, text, sizeof(text)));
}
