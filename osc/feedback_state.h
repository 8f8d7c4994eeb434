// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What feedback.c (subscribers) and the other files of feedback share.
/// All functions are [control].
#ifndef LAT_OSC_FEEDBACK_STATE_H
#define LAT_OSC_FEEDBACK_STATE_H

#include "addresses.h"
#include "control/watch.h"
#include "feedback.h"
#include "words.h"

#include <lo/lo.h>

/// Samples of a scope.
#define LAT_FEEDBACK_SCOPE 256U

/// What an output gave lately, as audio tells it.
struct lat_feedback_watch {
    uint32_t id;
    bool is_new;
    enum lat_osc_address_kind kind;
    float value;
    uint32_t n_samples; ///< of the frame that is on its way
    float samples[];    ///< only of a scope: a whole frame, then the next one
};

/// One address.
struct lat_feedback_item {
    enum lat_osc_address_kind kind;
    const char *path;            ///< owned
    bool is_moved;               ///< to the list that takes this one's place
    uint64_t node_id;            ///< 0: of no node
    const struct lat_node *node; ///< this and the cable: not while it is stale
    const struct lat_cable *cable;
    uint32_t port;  ///< an input, a setting, an output, or a number's place
    uint32_t voice; ///< from 1; 0: the whole node's
    struct lat_feedback_watch *watch;
    struct lat_heard heard; ///< of an output in a process
    // What was sent.
    bool is_told;
    double told;        ///< as a number
    uint64_t told_text; ///< a hash
    bool is_due;        ///< to be sent, be it what was sent
    // Hands of the one whom it is for.
    uint64_t quiet_ns;   ///< nothing is sent before, as it moves it
    uint64_t touched_ns; ///< or before this, as it holds it
};

struct lat_subscriber {
    struct lat_osc_peer peer; ///< where to
    struct lat_osc_peer from; ///< who
    uint64_t line;            ///< of the session: its number, else 0
    uint64_t heard_ns;        ///< of a line: when its host last sent anything
    char *pattern;
    char
        *asked; ///< it, as it was asked for: a node may be called otherwise now
    uint64_t interval_ns;
    uint64_t expires_ns; ///< UINT64_MAX: with its connection
    uint64_t next_ns;    ///< no look before
    uint64_t wake_ns;    ///< when a hand is off
    bool is_stale;       ///< its items have to be found again
    bool is_changed;     ///< look again
    bool has_streams;    ///< always look again
    struct lat_feedback_item *items;
    uint32_t n_items;
    struct lat_subscriber *next;
};

/// Senders that are remembered by the number that the control knows.
#define LAT_FEEDBACK_SENDERS 256U

/// Outputs that can be watched at once.
#define LAT_FEEDBACK_MAX_WATCHES 4096U

struct lat_osc_feedback {
    struct lat_control *control;
    const struct lat_osc_options *options;
    struct lat_osc_feedback_hooks hooks;
    struct lat_subscriber *first;
    uint32_t n;
    uint64_t n_lines; ///< so far
    uint64_t now_ns;  ///< of the last packet or tick
    struct lat_osc_peer senders[LAT_FEEDBACK_SENDERS]; ///< by their numbers
    struct lat_reader *reader;
    struct lat_feedback_watch *watches[LAT_FEEDBACK_MAX_WATCHES];
    uint32_t n_watches, turn;
    struct lat_osc_numbers numbers;
    uint64_t numbers_ns;               ///< when they were asked for
    char text[1024];                   ///< of a setting
    float samples[LAT_FEEDBACK_SCOPE]; ///< of a scope
};

/// Is it the value of this input, as it is or as /norm?  All voices are one
/// with each, and the first one is who speaks for them.
static inline bool
lat_feedback_is_input(const struct lat_feedback_item *item, uint64_t node_id,
                      uint32_t input, uint32_t voice)
{
    const bool is_same =
        item->voice == voice || !voice || (!item->voice && voice == 1);
    return (item->kind == LAT_ADDRESS_INPUT ||
            item->kind == LAT_ADDRESS_NORM) &&
           item->node_id == node_id && item->port == input && is_same;
}

// feedback_list.c

/// A new subscriber, at the end.  @return NULL with an error.
struct lat_subscriber *
lat_feedback_add(struct lat_osc_feedback *f, const struct lat_osc_peer *from,
                 const struct lat_osc_peer *to, const char *pattern, double hz,
                 struct lat_error *error);

/// Drop the subscriber at @p at of the list, which is the next one then.
void
lat_feedback_drop(struct lat_osc_feedback *f, struct lat_subscriber **at);

/// Drop all of a session's lines.
void
lat_feedback_drop_lines(struct lat_osc_feedback *f);

// feedback_lines.c

/// A packet of @p peer came: it may be a line's host that comes back.
void
lat_feedback_wake_lines(struct lat_osc_feedback *f,
                        const struct lat_osc_peer *peer, uint64_t now_ns);

// feedback_watch.c

/// @return NULL where it cannot be: its node plays in a process of its own, or
///         too many are watched.
struct lat_feedback_watch *
lat_feedback_watch(struct lat_osc_feedback *f,
                   const struct lat_osc_address *output, double hz);

/// NULL does nothing.
void
lat_feedback_unwatch(struct lat_osc_feedback *f,
                     struct lat_feedback_watch *watch);

/// Take in what audio has told.
void
lat_feedback_take_records(struct lat_osc_feedback *f);

// feedback_read.c

/// Ask for the engine's numbers, as they are now.
void
lat_feedback_take_numbers(struct lat_osc_feedback *f);

// feedback_find.c

/// Find what the pattern means now; what was found before stays as it is.
/// @return false when there is not the memory for all of it.
bool
lat_feedback_find(struct lat_osc_feedback *f, struct lat_subscriber *s);

/// Does it ask for one number of the engine, by a key that there is not?
/// @return true with the nearest one in @p error.
bool
lat_feedback_is_no_number(struct lat_osc_feedback *f, const char *pattern,
                          struct lat_error *error);

void
lat_feedback_drop_items(struct lat_osc_feedback *f, struct lat_subscriber *s);

// feedback_read.c

/// The message for an item, if it is to be sent now; it counts as sent.
/// @param[out] is_moving  set where it glides.
/// @return a message, or NULL.
lo_message
lat_feedback_read(struct lat_osc_feedback *f, struct lat_feedback_item *item,
                  uint64_t now_ns, bool *is_moving);

// feedback_hands.c

/// The subscriber's own hand has moved what @p change is about.
void
lat_feedback_moved(struct lat_subscriber *s, const struct lat_change *change,
                   uint64_t now_ns);

/// Is @p peer the one whom @p s is for?
bool
lat_feedback_is_of(const struct lat_subscriber *s,
                   const struct lat_osc_peer *peer);

// feedback_pack.c

/// Messages to one peer, as few packets as may be.
struct lat_feedback_pack {
    const struct lat_osc_feedback_hooks *hooks;
    const struct lat_osc_peer *peer;
    struct {
        const char *path;
        lo_message message;
    } at[64];
    uint32_t n;
    size_t bytes;
};

/// @param message  taken.
void
lat_feedback_pack_add(struct lat_feedback_pack *p, const char *path,
                      lo_message message);
void
lat_feedback_pack_send(struct lat_feedback_pack *p);

#endif // LAT_OSC_FEEDBACK_STATE_H
