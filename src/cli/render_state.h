// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of `lattice render` share; nobody else includes this.
#ifndef LAT_CLI_RENDER_STATE_H
#define LAT_CLI_RENDER_STATE_H

#include "input.h"
#include "load.h"
#include "options.h"
#include "run/engine.h"
#include "sound.h"
#include "stats.h"

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

#endif // LAT_CLI_RENDER_STATE_H
