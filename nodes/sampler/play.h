// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a sampler plays: sounds that a trigger strikes, those of its pattern,
/// and those of messages, in time.
#ifndef LAT_NODES_SAMPLER_PLAY_H
#define LAT_NODES_SAMPLER_PLAY_H

#include "node/type.h"
#include "nodes/pattern_player.h"
#include "voices.h"

/// Its inputs.
enum lat_sampler_input {
    LAT_SAMPLER_IN_TRIGGER,
    LAT_SAMPLER_IN_N,
    LAT_SAMPLER_IN_PITCH,
    LAT_SAMPLER_IN_GAIN,
    LAT_SAMPLER_IN_PAN,
    LAT_SAMPLER_IN_SPEED,
    LAT_SAMPLER_IN_BEGIN,
    LAT_SAMPLER_IN_END,
    LAT_SAMPLER_IN_ATTACK,
    LAT_SAMPLER_IN_RELEASE,
};

/// Its settings; behind them the patterns beside the pattern, by enum
/// lat_strike_key.
enum lat_sampler_setting {
    LAT_SAMPLER_SET_SAMPLE,
    LAT_SAMPLER_SET_VOICES,
    LAT_SAMPLER_SET_LOOP,
    LAT_SAMPLER_SET_CUT,
    LAT_SAMPLER_SET_STEAL,
    LAT_SAMPLER_SET_PATTERN,
    LAT_SAMPLER_SET_WITH,
    LAT_SAMPLER_SET_RATE,
    LAT_SAMPLER_SET_SWAP,
    LAT_SAMPLER_SET_SOUNDS,
    LAT_SAMPLER_SET_ORBIT,
    LAT_SAMPLER_SET_TRACKS,
};

struct lat_sampler {
    bool trigger_is_high;
    uint64_t n_breaks;
    struct lat_voices voices;
    struct lat_pattern_player player;
};

/// Frames of a time.  [any]
LAT_RT uint32_t
lat_sampler_frames(double seconds, double rate);

/// Most voices, as configured.  [any]
uint32_t
lat_sampler_n_voices(const struct lat_config *config);

/// Matches lat_node_type's `process`, for a struct lat_sampler.  [audio,
/// worker]
LAT_RT uint64_t
lat_sampler_process(const struct lat_context *context, const struct lat_io *io);

#endif // LAT_NODES_SAMPLER_PLAY_H
