// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "render_score.h"
#include "base/log.h"
#include "base/text.h"
#include "render_ports.h"
#include "render_tell.h"
#include "run/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/// More bundles that fail are not looked for.
#define MAX_FAILURES 10

static const char *
name_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

static void
follow_journal(struct render *r)
{
    const uint32_t rate = r->score.journal_rate;
    if (!rate) {
        return;
    }
    if (!r->own.has_rate) {
        r->own.rate = rate;
    } else if (r->own.rate != (double)rate) {
        lat_log(LAT_LOG_WARNING,
                "%s was played at %u Hz: at another rate the sound is not the "
                "same to the bit",
                name_of(r->options->score), (unsigned)rate);
    }
    if (r->score.is_cut) {
        lat_log(LAT_LOG_WARNING,
                "%s ends within a bundle, as if lattice had been killed: what "
                "is before it is rendered",
                name_of(r->options->score));
    }
}

int
lat_render_read_score(struct render *r)
{
    const char *const path = r->options->score;
    struct lat_error error;
    if (!path) {
        return LAT_EXIT_DONE;
    }
    const bool is_input = strcmp(path, "-") == 0;
    FILE *const stream = is_input ? stdin : fopen(path, "rb");
    enum lat_status status =
        stream ? lat_score_read(&r->score, stream, name_of(path), &error)
               : lat_error_set(&error, LAT_EIO,
                               "cannot read the score %.400s: "
                               "%s",
                               path, strerror(errno));
    if (stream && !is_input) {
        fclose(stream);
    }
    if (status) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
        return (int)lat_options_exit_code(status);
    }
    follow_journal(r);
    return LAT_EXIT_DONE;
}

int
lat_render_begin_score(struct render *r)
{
    const struct lat_options *const o = r->options;
    if (!o->score) {
        return LAT_EXIT_DONE;
    }
    lat_score_place(&r->score, (uint32_t)r->rate);
    const uint64_t end = r->score.bundles[r->score.n - 1].frame;
    if (o->seconds == 0 && end == 0) {
        lat_log(LAT_LOG_ERROR,
                "%s ends at 0 s: say with --seconds how much to render, or end "
                "it with a bundle at a later time",
                name_of(o->score));
        return LAT_EXIT_INPUT;
    }
    if (o->seconds == 0) {
        r->n_frames = end;
    }
    if (lat_score_player_new(r->session.control, r->session.sessions,
                             o->block != 0, &r->player)) {
        return lat_render_no_memory();
    }
    return lat_render_play_score(r, 0);
}

static void
tell_failure(const struct render *r, const struct lat_score_bundle *b,
             const struct lat_error *error)
{
    lat_log(LAT_LOG_ERROR, "%s: bundle %u at %.6f s: %s",
            name_of(r->options->score), (unsigned)b->number,
            lat_score_seconds(b->tag), error->text);
}

int
lat_render_play_score(struct render *r, uint64_t frame)
{
    uint32_t n_played = 0;
    if (lat_control_next_release(r->session.control) <= frame) {
        lat_control_tick(r->session.control);
    }
    for (; r->next_bundle < r->score.n &&
           r->score.bundles[r->next_bundle].frame <= frame;
         ++r->next_bundle, ++n_played) {
        const struct lat_score_bundle *const b =
            &r->score.bundles[r->next_bundle];
        struct lat_error error;
        const enum lat_status status = lat_score_play(r->player, b, &error);
        if (status) {
            const int exit_code = (int)lat_options_exit_code(status);
            r->failed = exit_code > r->failed ? exit_code : r->failed;
            tell_failure(r, b, &error);
            if (++r->n_failed == MAX_FAILURES) {
                lat_log(LAT_LOG_ERROR, "%s: no more of it is looked at",
                        name_of(r->options->score));
                return r->failed;
            }
        }
    }
    if (r->demo) {
        lat_demo_play(r->demo, frame);
    }
    if (n_played > 0) {
        lat_control_tick(r->session.control);
        lat_render_follow_ports(r);
    }
    return LAT_EXIT_DONE;
}

uint64_t
lat_render_next_of_score(const struct render *r)
{
    const uint64_t release = lat_control_next_release(r->session.control);
    const uint64_t bundle = r->next_bundle < r->score.n
                                ? r->score.bundles[r->next_bundle].frame
                                : UINT64_MAX;
    const uint64_t demo = r->demo ? lat_demo_next(r->demo) : UINT64_MAX;
    const uint64_t next = bundle < release ? bundle : release;
    return next < demo ? next : demo;
}

/// Nothing is heard of it.
static void
run_until(struct render *r, uint64_t frame)
{
    lat_thread_role = LAT_ROLE_AUDIO;
    while (r->n_silent < frame) {
        const uint64_t left = frame - r->n_silent;
        const uint32_t n =
            left < r->period_frames ? (uint32_t)left : r->period_frames;
        lat_engine_process(r->engine, n);
        r->n_silent += n;
    }
    lat_thread_role = LAT_ROLE_NONE;
}

int
lat_render_await_ports(struct render *r)
{
    int exit_code = LAT_EXIT_DONE;
    lat_render_find_ports(r);
    while (exit_code == LAT_EXIT_DONE && r->out.n == 0 &&
           lat_render_next_of_score(r) < r->n_frames) {
        run_until(r, lat_render_next_of_score(r));
        exit_code = lat_render_play_score(r, r->n_silent);
        lat_render_find_ports(r);
    }
    return exit_code;
}

void
lat_render_tell_score(const struct render *r)
{
    const char *path = NULL;
    const uint32_t n = r->player ? lat_score_n_skipped(r->player, &path) : 0;
    if (n > 0) {
        lat_log(LAT_LOG_WARNING,
                "%s: left out %s of SuperCollider's own server (%s first), "
                "without a meaning here",
                name_of(r->options->score), lat_count(n, "command").text, path);
    }
}

void
lat_render_end_score(struct render *r)
{
    lat_score_player_free(r->player);
    lat_score_fini(&r->score);
}
