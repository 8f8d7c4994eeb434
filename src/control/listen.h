// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Whoever wants to know what was changed, and by whom.
///
/// After every commit a listener is told once, with one entry for each change,
/// in the order in which they were made.  A node or cable of an entry may be
/// removed by one further down; all that an entry points to is borrowed until
/// the listener returns.  A listener reads the graph as it now is, and makes no
/// command.
///
/// All functions are [control].
#ifndef LAT_CONTROL_LISTEN_H
#define LAT_CONTROL_LISTEN_H

#include "graph/model.h"

struct lat_control;

/// What a change is about: bits of a set.
enum lat_topic {
    LAT_TOPIC_STRUCTURE = 1, ///< nodes, their names, cables
    LAT_TOPIC_VALUES = 2,
    LAT_TOPIC_AMOUNTS = 4,
    LAT_TOPIC_SETTINGS = 8,
    LAT_TOPIC_PLACES = 16, ///< where nodes run, or are to
    LAT_TOPIC_NOTES = 32,  ///< played by a command; numbers that were given
    LAT_TOPIC_TRANSPORT = 64,
    LAT_TOPIC_PANIC = 128,
    /// Device slots may have been added, renamed or released: look at
    /// lat_control_slots().  Told between commits too; it has no entries.
    LAT_TOPIC_PORTS = 256,
    LAT_TOPIC_FADED = 512, ///< told between commits; it has no entries
    LAT_TOPIC_RATE = 1024, ///< the same
    LAT_TOPIC_FOLLOWED_TEMPO = 2048, ///< another's, that is followed; the same
};

enum lat_change_kind {
    LAT_CHANGE_NODE_ADDED,
    LAT_CHANGE_NODE_REMOVED,
    LAT_CHANGE_NODE_RENAMED,
    LAT_CHANGE_CABLE_ADDED,
    LAT_CHANGE_CABLE_REMOVED,
    LAT_CHANGE_VALUE, ///< of an input
    LAT_CHANGE_AMOUNT,
    LAT_CHANGE_SETTINGS, ///< of a node: one or more
    LAT_CHANGE_BYPASS,   ///< of a node
    LAT_CHANGE_POLY,     ///< of a node
    LAT_CHANGE_SLEEP,    ///< of a node
    LAT_CHANGE_PLACE,
    LAT_CHANGE_NOTE,
    LAT_CHANGE_NUMBER, ///< given to a node at its path
    LAT_CHANGE_STRIKE, ///< a sound, by a node
    LAT_CHANGE_TEMPO,  ///< this and what follows: of no node
    LAT_CHANGE_BEATS_PER_CYCLE,
    LAT_CHANGE_PLAY,
    LAT_CHANGE_LOCATE,
    LAT_CHANGE_PANIC,
};

struct lat_change {
    enum lat_change_kind kind;
    enum lat_topic topic;
    struct lat_origin origin;
    const struct lat_node *node;   ///< NULL for cables and the transport
    const struct lat_cable *cable; ///< CABLE_ADDED, CABLE_REMOVED, AMOUNT
    uint32_t input;                ///< VALUE: of the node's present ones
    uint32_t voice;                ///< VALUE: from 1; 0: of all
    /// NUMBER; VALUE: what was set; AMOUNT: what it is now; NOTE: semitones
    /// from middle C; TEMPO: beats per minute; BEATS_PER_CYCLE; PLAY: 1 or 0;
    /// LOCATE: cycles; POLY: voices.
    double number;
    double wanted; ///< AMOUNT, CABLE_ADDED: what was set, although what was
                   ///< sent ahead of its frame may say otherwise
    double before; ///< VALUE: what it was, or glided to
    /// VALUE: of its glide; negative: as its port does.  NOTE: its length; 0:
    /// it has none.
    double seconds;
    double velocity;      ///< NOTE: 0 lets it go
    const char *old_name; ///< NODE_RENAMED
    /// SETTINGS: those that it had before, one per setting of its type.
    const struct lat_setting_value *old_settings;
    /// CABLE_REMOVED: its ports, which their nodes may have no more.
    const struct lat_port_info *src_port, *dst_port;
    const struct lat_strike *strike; ///< STRIKE
};

struct lat_changes {
    uint32_t topics; ///< of all of them
    bool is_whole;   ///< another graph is in force: every topic, no entries
    bool is_session; ///< and so is a session's document
    struct lat_origin origin; ///< of whoever ended the transaction
    uint64_t frame;           ///< at which they are heard; 0: as soon as can be
    uint64_t present;         ///< the earliest that they could have had
    uint64_t stamp;           ///< the frame that it comes to
    bool is_ordered;          ///< plans to come are not before it
    bool is_held;             ///< some of it waits for a plan of a later frame
    uint32_t turn;            ///< of their messages to audio; 0: there are none
    uint64_t faded; ///< FADED: what was removed up to this frame is over
    const struct lat_change *entries;
    uint32_t n;
};

struct lat_listener {
    void *data;
    uint32_t topics; ///< called only where one of these has changed
    void (*changed)(void *data, const struct lat_changes *changes);
};

/// Add a listener; they are called in the order in which they came.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_control_listen(struct lat_control *c, const struct lat_listener *listener);

/// Remove the listeners with this @p data; not from inside of one.
void
lat_control_unlisten(struct lat_control *c, const void *data);

/// Say who makes the commands from now on; at first the program itself does.
/// @return who made them so far, to be put back.
struct lat_origin
lat_control_set_origin(struct lat_control *c, struct lat_origin origin);

#endif // LAT_CONTROL_LISTEN_H
