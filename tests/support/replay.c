// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "replay.h"
#include "osc/score_player.h"

#include <criterion/criterion.h>

#include <stdio.h>

/// Run up to @p frame, and let notes go meanwhile.
static void
run_to(struct rig *r, uint64_t frame, uint32_t block)
{
    while (r->n_frames < frame) {
        const uint64_t release = lat_control_next_release(r->c);
        const uint64_t end = release < frame ? release : frame;
        rig_run(r, (uint32_t)end - r->n_frames, block);
        if (end == release) {
            lat_control_tick(r->c);
        }
    }
}

struct rig
replay(const char *path, const char *folder, uint32_t block, uint32_t n_frames)
{
    struct rig again = rig_new(block);
    struct lat_sessions *sessions = NULL;
    struct lat_score_player *player = NULL;
    struct lat_score score;
    struct lat_error error;
    FILE *const stream = fopen(path, "r");
    cr_assert_not_null(stream);
    cr_assert_eq(lat_score_read(&score, stream, path, &error), LAT_OK, "%s",
                 error.text);
    fclose(stream);
    cr_expect_eq(score.journal_rate, 48000);
    lat_score_place(&score, 48000);
    cr_assert_eq(lat_sessions_new(again.c, folder, &sessions), LAT_OK);
    cr_assert_eq(lat_score_player_new(again.c, sessions, false, &player),
                 LAT_OK);
    for (uint32_t i = 0; i < score.n; ++i) {
        const struct lat_score_bundle *const b = &score.bundles[i];
        run_to(&again, b->frame, block);
        cr_assert_eq(lat_score_play(player, b, &error), LAT_OK,
                     "bundle %u at %llu: %s", b->number,
                     (unsigned long long)b->frame, error.text);
        lat_control_tick(again.c);
    }
    run_to(&again, n_frames, block);
    lat_score_player_free(player);
    lat_sessions_free(sessions);
    lat_score_fini(&score);
    return again;
}
