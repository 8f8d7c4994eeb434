// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes as a score: it is refused, or carried out while the engine runs.

#include "base/log.h"
#include "base/rt.h"
#include "control/control.h"
#include "osc/score.h"
#include "osc/score_player.h"
#include "run/engine.h"

#include <stdio.h>
#include <stdlib.h>

/// Most frames that are run.
#define MAX_FRAMES 4096U

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run_until(struct lat_control *c, uint64_t *now, uint64_t frame)
{
    const uint64_t end = frame < MAX_FRAMES ? frame : MAX_FRAMES;
    while (*now < end) {
        const uint64_t left = end - *now;
        const uint32_t n = left < 64 ? (uint32_t)left : 64;
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(lat_control_engine(c), n);
        lat_thread_role = LAT_ROLE_NONE;
        *now += n;
    }
}

static void
carry_out(struct lat_score *score)
{
    const struct lat_control_options options = {
        .rate = 48000, .workers = 1, .is_offline = true};
    struct lat_control *c = NULL;
    struct lat_score_player *player = NULL;
    uint64_t now = 0;
    // Without sessions: no file is written.
    if (lat_control_new(&options, &c, NULL) ||
        lat_score_player_new(c, NULL, false, &player)) {
        abort();
    }
    lat_score_place(score, 48000);
    for (uint32_t i = 0; i < score->n; ++i) {
        struct lat_error error;
        run_until(c, &now, score->bundles[i].frame);
        (void)lat_score_play(player, &score->bundles[i], &error);
        lat_control_tick(c);
    }
    run_until(c, &now, now + 64);
    lat_score_player_free(player);
    lat_control_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lat_score score;
    struct lat_error error;
    lat_log_set_level(LAT_LOG_ERROR);
    FILE *const stream = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r")
                                  : fopen("/dev/null", "r");
    if (!stream) {
        abort();
    }
    if (!lat_score_read(&score, stream, "f", &error)) {
        carry_out(&score);
        lat_score_fini(&score);
    }
    fclose(stream);
    return 0;
}
