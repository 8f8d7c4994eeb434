// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the control thread tells the audio thread, in a ring.
#ifndef LAT_RUN_MESSAGES_H
#define LAT_RUN_MESSAGES_H

#include "node/transport.h"

#include <stdbool.h>
#include <stdint.h>

struct lat_instance;
struct lat_plan;
struct lat_ramp;
struct lat_stream;
struct lat_tap;

enum lat_message_kind {
    LAT_MESSAGE_PLAN,   ///< run another plan
    LAT_MESSAGE_VALUE,  ///< an input's value moves
    LAT_MESSAGE_NORMAL, ///< a signal input's own share moves
    LAT_MESSAGE_AMOUNT, ///< a cable's amount moves
    LAT_MESSAGE_FADE,   ///< a device node's output moves, or a bypass
    LAT_MESSAGE_NOTE,   ///< a note is struck or let go
    LAT_MESSAGE_NUMBER, ///< a node is given a number
    LAT_MESSAGE_STRIKE, ///< a node strikes a sound
    LAT_MESSAGE_ADOPT,  ///< an instance goes on with the state of another one
    LAT_MESSAGE_PANIC,  ///< every node starts anew, every gate closes
    LAT_MESSAGE_TEMPO,
    LAT_MESSAGE_BEATS,
    LAT_MESSAGE_PLAY,
    LAT_MESSAGE_LOCATE,
    LAT_MESSAGE_SYNC,
    LAT_MESSAGE_RATE,
    LAT_MESSAGE_TAP,    ///< a tap begins, or ends
    LAT_MESSAGE_STREAM, ///< a stream begins, or ends
};

/// Control to audio.  Along the ring, frames of messages that are not sent
/// ahead never decrease, and none is later than that of one ahead behind it.
struct lat_message {
    enum lat_message_kind kind;
    uint32_t turn; ///< of the transaction that it is part of
    uint32_t id;   ///< of the instance whose input or cable moves
    /// VALUE, NORMAL, AMOUNT, FADE: the target; NUMBER; NOTE: pitch
    float value;
    float velocity;  ///< NOTE
    bool fades_old;  ///< PLAN: the old plan fades out, else it just ends
    uint8_t spacing; ///< VALUE of an event: frames to the one before it
    uint64_t frame;  ///< at which it takes effect
    uint64_t delay;  ///< AMOUNT, FADE: frames after which the ramp begins
    uint64_t length; ///< frames of the ramp, 0: a step
    bool is_fade;    ///< the ramp's shape
    bool is_over;    ///< TAP, STREAM: audio is to let go of it
    bool is_ahead;   ///< what comes behind it may have to be done before it
    union {
        struct lat_plan *plan;
        struct lat_ramp *ramp; ///< VALUE, NORMAL, AMOUNT, FADE
        const void *state;     ///< NOTE, NUMBER, STRIKE: of its node
        double number;         ///< TEMPO, BEATS, PLAY, SYNC, RATE
        struct lat_cycle cycle;
        struct lat_tap *tap;
        struct lat_stream *stream;
        struct {
            struct lat_instance *from;
            struct lat_instance *to; ///< of the same type and size of state
        };                           ///< ADOPT
    };
    struct lat_strike strike; ///< STRIKE
};

#endif // LAT_RUN_MESSAGES_H
