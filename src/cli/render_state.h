// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of `lattice render` share; nobody else includes this.
#ifndef LAT_CLI_RENDER_STATE_H
#define LAT_CLI_RENDER_STATE_H

#include "demo.h"
#include "input.h"
#include "load.h"
#include "options.h"
#include "osc/score_player.h"
#include "run/engine.h"
#include "sound.h"
#include "stats.h"

/// A channel of a file.
struct port {
    int32_t slot;        ///< of the engine, -1: there is none now
    uint32_t generation; ///< of that slot
    char name[LAT_PORT_NAME_MAX];
};

/// A slot that has no channel of its own.
struct more {
    uint32_t slot;
    uint32_t channel; ///< which it shares
};

/// Channels of one direction, in file order, and a buffer for each.
struct ports {
    uint32_t n, n_more;
    struct port at[LAT_MAX_DEVICE_SLOTS];
    struct more more[LAT_MAX_DEVICE_SLOTS];
    float *buffers[LAT_MAX_DEVICE_SLOTS];
    float *memory;
};

struct render {
    const struct lat_options *options; ///< `own`
    struct lat_options own;            ///< with what a journal says
    struct lat_cli_session session;
    struct lat_engine *engine;
    double rate;
    uint32_t period_frames; ///< of one lat_engine_process()
    uint32_t held_frames;   ///< whole periods
    uint64_t n_frames, n_done;
    struct ports out, in;
    bool has_ports;     ///< they were found
    bool has_told_more; ///< channels
    float *added;       ///< a period of every slot of out.more
    struct lat_score score;
    struct lat_score_player *player; ///< NULL: there is no score
    struct lat_demo *demo;           ///< or NULL
    uint32_t next_bundle;
    uint32_t n_failed; ///< bundles
    int failed;        ///< what they end with, or 0
    struct lat_cli_files *files;
    uint64_t n_silent; ///< frames before there is an audio_out
    struct lat_cli_input *input;
    enum lat_sound_format format;
    struct lat_cli_sound *sound;
    uint64_t n_cut;
    struct lat_cli_stats *stats;
    bool shows_progress;
    uint64_t start_ns, shown_ns;
};

#endif // LAT_CLI_RENDER_STATE_H
