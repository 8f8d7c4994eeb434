// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Nodes and cables as the user edits them: the structs.
///
/// They are open for reading on the control thread: replies, the session writer
/// and whatever derives from them walk them.  Only graph.h changes them.  All
/// functions are [control].
#ifndef LAT_GRAPH_MODEL_H
#define LAT_GRAPH_MODEL_H

#include "base/slab.h"
#include "node/layout.h"

struct lat_voices;
struct lat_lead;

/// Comment and blank lines that stand above a line of a session file.
struct lat_comment {
    char *key;  ///< key of the line below; "" for the section's own line
    char *text; ///< whole lines, each with its newline
    struct lat_comment *next;
};

struct lat_node;

struct lat_cable {
    struct lat_node *src, *dst;
    uint32_t src_port, dst_port;
    float amount;
    bool is_feedback;
    bool is_removed;               ///< by the transaction that is open
    struct lat_lead *run;          ///< what runs of it (units/units.h)
    char *comment;                 ///< lines above it in the file, or NULL
    char written[LAT_WRITTEN_MAX]; ///< the amount as it was written, or ""

    struct lat_cable *next, *prev;         ///< all cables, in file order
    struct lat_cable *next_in, *prev_in;   ///< into the same input, in order
    struct lat_cable *next_out, *prev_out; ///< out of the same node
};

/// The cables into an input.
struct lat_cables {
    struct lat_cable *first; ///< in file order
    struct lat_cable *last;
    uint32_t n_cables;
};

/// What one voice has instead of what all have.
struct lat_single {
    float value, saved;
    char written[LAT_WRITTEN_MAX]; ///< `saved` as it was written, or ""
    bool has_value, has_saved;
};

/// By voice; those beyond `n` have none.
struct lat_singles {
    uint32_t n;
    struct lat_single of[];
};

struct lat_input {
    float value; ///< what was last written; glides have arrived
    float saved; ///< what a session file keeps (gates: not played)
    char written[LAT_WRITTEN_MAX]; ///< `saved` as it was written, or ""
    struct lat_cables *cables;     ///< NULL: there have not been any
    struct lat_singles *singles;   ///< NULL: no voice differs
};

/// What voice @p voice, from 0, has instead of what all have, or NULL.
static inline struct lat_single *
lat_input_single(const struct lat_input *in, uint32_t voice)
{
    return in->singles && voice < in->singles->n ? &in->singles->of[voice]
                                                 : NULL;
}

/// The value of voice @p voice, from 0.
static inline float
lat_input_value(const struct lat_input *in, uint32_t voice)
{
    const struct lat_single *single = lat_input_single(in, voice);
    return single && single->has_value ? single->value : in->value;
}

static inline struct lat_cable *
lat_input_first(const struct lat_input *in)
{
    return in->cables ? in->cables->first : NULL;
}

static inline uint32_t
lat_input_n_cables(const struct lat_input *in)
{
    return in->cables ? in->cables->n_cables : 0;
}

enum lat_node_sleep {
    LAT_NODE_SLEEP_DEFAULT, ///< yes where it has more than one voice
    LAT_NODE_SLEEP_NO,
    LAT_NODE_SLEEP_YES,
};

struct lat_node {
    char *name;      ///< owned
    bool is_removed; ///< by the transaction that is open
    bool is_bypassed;
    bool is_own_process; ///< the user asks for a process of its own; saved
    uint8_t poly;        ///< how many voices it has, from 1
    uint8_t sleep;       ///< enum lat_node_sleep
    const struct lat_node_type *type;
    const struct lat_layout *layout;
    struct lat_setting_value *settings; ///< one per setting of the type
    struct lat_input *in;               ///< one per input
    struct lat_cable *out;              ///< live ones, by next_out
    struct lat_voices *run;             ///< what runs of it (units/units.h)
    struct lat_comment *comments;
    uint64_t id;     ///< of no other node, in any graph
    uint32_t serial; ///< order of creation, never reused
    uint32_t rank;   ///< topological rank: rises along every forward cable
    uint32_t mark;   ///< scratch of searches
    uint32_t index;  ///< scratch of searches
    uint32_t way;    ///< scratch of control/latency.c
    struct lat_node *next, *prev;
    struct lat_node *hash_next;
};

/// May it sleep, where its type can?
static inline bool
lat_node_sleeps(const struct lat_node *node)
{
    return node->sleep == LAT_NODE_SLEEP_DEFAULT
               ? node->poly > 1
               : node->sleep == LAT_NODE_SLEEP_YES;
}

enum lat_edit_kind {
    LAT_EDIT_NODE_ADDED,
    LAT_EDIT_NODE_REMOVED,
    LAT_EDIT_NODE_RENAMED,
    LAT_EDIT_CABLE_ADDED,
    LAT_EDIT_CABLE_REMOVED,
    LAT_EDIT_AMOUNT,
    LAT_EDIT_VALUE,
    LAT_EDIT_SETTINGS,
    LAT_EDIT_BYPASS,  ///< it is now what it was not
    LAT_EDIT_PROCESS, ///< the same of the wish for one
    LAT_EDIT_POLY,
    LAT_EDIT_SLEEP,
    LAT_EDIT_NOTE,   ///< played: nothing to undo
    LAT_EDIT_NUMBER, ///< given: the same
    LAT_EDIT_STRIKE, ///< a sound is struck: the same
};

enum lat_origin_kind {
    LAT_ORIGIN_PROGRAM, ///< the program itself
    LAT_ORIGIN_OSC,
    LAT_ORIGIN_SESSION, ///< a session file
    LAT_ORIGIN_MIDI,
};

/// Who makes a change.
struct lat_origin {
    enum lat_origin_kind kind;
    uint64_t id; ///< which one of its kind: an OSC sender; else 0
};

/// One line of the journal; holds what undoing needs.
struct lat_edit {
    enum lat_edit_kind kind;
    struct lat_origin origin;
    struct lat_node *node;
    struct lat_cable *cable;
    uint32_t input; ///< CABLE_REMOVED: of its destination
    uint8_t voice;  ///< VALUE: which one's, from 1; 0: all of them
    uint8_t old_poly;
    uint8_t old_sleep;
    float old_value, old_saved;
    float old_whole; ///< VALUE: what all had, where `old_value` is one voice's
    /// NUMBER; of a CABLE_ADDED, too; NOTE: semitones from middle C
    float new_value;
    float velocity;                    ///< NOTE
    char old_written[LAT_WRITTEN_MAX]; ///< VALUE, AMOUNT
    /// VALUE: glide time; negative: the port's own ramp.  NOTE: its length; 0:
    /// it has none.
    double seconds;
    struct lat_strike strike;        ///< STRIKE
    char *old_name;                  ///< NODE_RENAMED: owned
    struct lat_singles *old_singles; ///< VALUE: owned
    // SETTINGS: what the node had before
    struct lat_setting_value *old_settings;
    /// VALUE and CABLE_REMOVED too: what `input` counts in.
    const struct lat_layout *old_layout;
    // CABLE_REMOVED: the source's output, `output` of this layout
    const struct lat_layout *src_layout;
    uint32_t output;
    struct lat_input *old_in; ///< NULL: those that it has now
};

struct lat_graph {
    struct lat_layouts *layouts;   ///< of the nodes; borrowed
    struct lat_slab nodes, cables; ///< where their records lie
    struct lat_node *first, *last; ///< live nodes, in file order
    struct lat_cable *first_cable, *last_cable;
    uint32_t n_nodes, n_cables;
    uint32_t next_serial, mark;
    uint32_t next_rank, last_low_rank; ///< above, and below, all ranks

    struct lat_node **buckets;
    uint32_t n_buckets;

    struct lat_edit *journal;
    uint32_t n_edits, edits_capacity;
    struct lat_origin origin; ///< of the edits that come next
};

#endif // LAT_GRAPH_MODEL_H
