// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Nodes and cables as the user edits them, on the control thread.
///
/// The structs are open for reading: replies, the session writer and the plan
/// compiler walk them.  Only the functions here change them.  Every change goes
/// into a journal while a transaction is open, so that it can be undone as a
/// whole, and so that the engine learns what was added and removed.  Nodes and
/// cables that were removed stay on the lists of the dying until the engine has
/// faded them out.
///
/// All functions here are [control].
#ifndef LAT_GRAPH_GRAPH_H
#define LAT_GRAPH_GRAPH_H

#include "node/type.h"

struct lat_instance;
struct lat_cable_run;

/// A port of a node: the type's description and the name with its number.
struct lat_port_info {
    const struct lat_port *port;
    const char *name;
    char numbered[20]; ///< the name of a repeated port
    uint32_t ramp;     ///< an input's place among the ramps of an instance
};

/// The ports that a type has with certain settings.
struct lat_layout {
    uint32_t n_in, n_out;
    uint32_t n_ramps; ///< of all inputs: one each, two of a signal input
    struct lat_port_info *in, *out;
};

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
    bool is_live; ///< a plan with it was submitted
    bool is_cut;  ///< removed by the transaction that is being committed
    bool is_dying;
    uint64_t dead_at;          ///< frame at which its fade is over
    struct lat_cable_run *run; ///< the audio side
    struct lat_node *door;     ///< what the engine reads instead of `src`, a
                               ///< node in a process of its own; or NULL
    char *comment;             ///< lines above it in the file, or NULL
    char written[LAT_WRITTEN_MAX]; ///< the amount as it was written, or ""

    struct lat_cable *next, *prev;         ///< all cables, in file order
    struct lat_cable *next_in, *prev_in;   ///< into the same input, in order
    struct lat_cable *next_out, *prev_out; ///< out of the same node
    struct lat_cable *dying_next, *dying_prev; ///< dying, into the same input
};

/// The cables into an input.
struct lat_cables {
    struct lat_cable *first; ///< live cables, in file order
    struct lat_cable *last;
    struct lat_cable *dying; ///< linked by dying_next
    uint32_t n_cables;       ///< live ones
    uint32_t n_dying;
    bool is_patched; ///< the engine was told that cables feed this input
};

struct lat_input {
    float value; ///< what was last written; glides have arrived
    float saved; ///< what a session file keeps (gates: not played)
    char written[LAT_WRITTEN_MAX]; ///< `saved` as it was written, or ""
    struct lat_cables *cables;     ///< NULL: there have not been any
};

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

/// Where a node runs.
struct lat_place {
    bool is_wanted; ///< the user asks for a process of its own; saved
    bool is_hosted; ///< it has a process, or is about to
    bool is_away;   ///< it runs there and not in the engine: no instance
};

struct lat_node {
    char name[LAT_NAME_MAX];
    bool is_cut; ///< removed by the transaction that is being committed
    bool is_dying;
    bool is_muted; ///< the control has faded its cables out, and will in again
    const struct lat_node_type *type;
    const struct lat_layout *layout;
    struct lat_setting_value *settings; ///< one per setting of the type
    struct lat_input *in;               ///< one per input
    struct lat_cable *out;              ///< live ones, by next_out
    struct lat_instance *instance;      ///< the audio side
    struct lat_comment *comments;
    struct lat_place place;
    uint64_t id;     ///< of no other node, in any graph
    uint32_t serial; ///< order of creation, never reused
    uint32_t rank;   ///< topological rank: rises along every forward cable
    uint32_t mark;   ///< scratch of searches
    uint32_t index;  ///< scratch of searches and of the plan compiler
    uint64_t dead_at;
    uint32_t way; ///< scratch of control_places.c
    struct lat_node *next, *prev;
    struct lat_node *dying_next, *dying_prev;
    struct lat_node *hash_next;
    // Doors only: nodes that nobody made, through which cables pass between
    // the engine and nodes in processes.
    bool is_door;
    bool is_used;                ///< scratch of the control
    struct lat_node *stands_for; ///< whose output it carries
    uint32_t stands_port;
    bool is_late; ///< it carries the output through a feedback ring
};

enum lat_edit_kind {
    LAT_EDIT_NODE_ADDED,
    LAT_EDIT_NODE_REMOVED,
    LAT_EDIT_NODE_RENAMED,
    LAT_EDIT_CABLE_ADDED,
    LAT_EDIT_CABLE_REMOVED,
    LAT_EDIT_AMOUNT,
    LAT_EDIT_VALUE,
    LAT_EDIT_SETTINGS,
    LAT_EDIT_PLACE,
    LAT_EDIT_NOTE,     ///< played: nothing to undo
    LAT_EDIT_FADE_CUT, ///< a dying cable ends before its fade does
};

/// One line of the journal; holds what undoing needs.
struct lat_edit {
    enum lat_edit_kind kind;
    struct lat_node *node;
    struct lat_cable *cable;
    uint32_t input; ///< CABLE_REMOVED: of its destination
    float old_value, old_saved;
    float new_value;                   ///< NOTE: semitones from middle C
    float velocity;                    ///< NOTE
    char old_written[LAT_WRITTEN_MAX]; ///< VALUE, AMOUNT
    double seconds; ///< VALUE: glide time; negative: the port's own ramp
    char old_name[LAT_NAME_MAX];
    // SETTINGS: what the node had before
    struct lat_setting_value *old_settings;
    /// VALUE and CABLE_REMOVED too: what `input` counts in.
    const struct lat_layout *old_layout;
    // CABLE_REMOVED: the source's output, `output` of this layout
    const struct lat_layout *src_layout;
    uint32_t output;
    struct lat_input *old_in;          ///< NULL: those that it has now
    struct lat_instance *old_instance; ///< PLACE too
    struct lat_place old_place;
};

struct lat_graph {
    struct lat_node *first, *last; ///< live nodes, in file order
    struct lat_cable *first_cable, *last_cable;
    struct lat_node *first_door, *last_door;
    struct lat_cable *first_door_cable, *last_door_cable; ///< into doors
    struct lat_node *dying;     ///< linked by dying_next
    uint32_t n_nodes, n_cables; ///< without doors
    uint32_t next_serial, mark;
    uint32_t next_rank, last_low_rank; ///< above, and below, all ranks

    struct lat_node **buckets;
    uint32_t n_buckets;

    struct lat_edit *journal;
    uint32_t n_edits, edits_capacity;
};

void
lat_graph_init(struct lat_graph *g);

/// Free all records, the dying too.  Instances must be gone already.
void
lat_graph_fini(struct lat_graph *g);

/// The live node called @p name, or NULL.
struct lat_node *
lat_graph_find(const struct lat_graph *g, const char *name);

/// Layout of a type under @p settings; borrowed for the program's life, equal
/// layouts are one.  NULL when out of memory.
const struct lat_layout *
lat_layout_get(const struct lat_node_type *type,
               const struct lat_setting_value *settings);

/// Index of an input or output by name, or -1.
int
lat_layout_input(const struct lat_layout *l, const char *name);
int
lat_layout_output(const struct lat_layout *l, const char *name);

/// Index in @p now of the input or output that is number @p port of @p then:
/// the one of its name, or -1.
int
lat_layout_follow_input(const struct lat_layout *then,
                        const struct lat_layout *now, uint32_t port);
int
lat_layout_follow_output(const struct lat_layout *then,
                         const struct lat_layout *now, uint32_t port);

/// Copies of settings; with @p from NULL, the type's defaults.
struct lat_setting_value *
lat_settings_copy(const struct lat_node_type *type,
                  const struct lat_setting_value *from);
void
lat_settings_free(const struct lat_node_type *type,
                  struct lat_setting_value *settings);

/// Add a node with default input values.  @p settings become the node's.
/// The name is free and valid (the caller checked).
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_add_node(struct lat_graph *g, const struct lat_node_type *type,
                   const char *name, struct lat_setting_value *settings,
                   struct lat_node **out);

/// Remove a node and all its cables.
enum lat_status
lat_graph_remove_node(struct lat_graph *g, struct lat_node *node);

/// Add a door for output @p port of @p of: an engine's port to or from
/// processes.  @p settings, the first of which is its name, become the door's.
enum lat_status
lat_graph_add_door(struct lat_graph *g, const struct lat_node_type *type,
                   struct lat_node *of, uint32_t port, bool is_late,
                   struct lat_setting_value *settings, struct lat_node **out);

/// Are two values of a setting the same?
bool
lat_setting_equals(const struct lat_setting_value *a,
                   const struct lat_setting_value *b);

/// Say where a node runs.
enum lat_status
lat_graph_set_place(struct lat_graph *g, struct lat_node *node,
                    struct lat_place place);

/// The live node after @p node (NULL: the first), doors last; or NULL.
struct lat_node *
lat_graph_next_node(const struct lat_graph *g, const struct lat_node *node);

/// The live cable after @p cable (NULL: the first), those into doors last.
struct lat_cable *
lat_graph_next_cable(const struct lat_graph *g, const struct lat_cable *cable);

/// What the engine reads at the start of a cable: the source itself, or the
/// door that brings its sound in from a process.
static inline struct lat_node *
lat_cable_source(const struct lat_cable *c)
{
    return c->door ? c->door : c->src;
}
static inline uint32_t
lat_cable_source_port(const struct lat_cable *c)
{
    return c->door ? 0 : c->src_port;
}
/// Is it read from a feedback ring?  What comes from a process is late anyway.
static inline bool
lat_cable_is_ring(const struct lat_cable *c)
{
    return c->is_feedback && !c->door;
}

/// Does it carry the signal one period late: from a process to the engine, or
/// back between processes?
static inline bool
lat_cable_is_late(const struct lat_cable *c)
{
    return c->src->place.is_away && c->src != c->dst &&
           (!c->dst->place.is_away || c->is_feedback);
}

enum lat_status
lat_graph_rename_node(struct lat_graph *g, struct lat_node *node,
                      const char *name);

/// Give a node other settings.  Its layout follows; input values and cables of
/// ports that stay are kept, cables of ports that go are removed first.
/// @p settings become the node's.
enum lat_status
lat_graph_set_settings(struct lat_graph *g, struct lat_node *node,
                       struct lat_setting_value *settings);

/// Add a cable.  @return LAT_OK, LAT_ENOMEM, or LAT_ECYCLE with the cycle
/// spelled out in @p error.
enum lat_status
lat_graph_add_cable(struct lat_graph *g, struct lat_node *src,
                    uint32_t src_port, struct lat_node *dst, uint32_t dst_port,
                    float amount, bool is_feedback, struct lat_cable **out,
                    struct lat_error *error);

enum lat_status
lat_graph_remove_cable(struct lat_graph *g, struct lat_cable *cable);

/// The live cable from port to port, or NULL.
struct lat_cable *
lat_graph_find_cable(const struct lat_node *src, uint32_t src_port,
                     const struct lat_node *dst, uint32_t dst_port);

/// Copy a number as it was written; text that is too long, or NULL, is as if
/// nobody had written it.
void
lat_written_copy(char out[LAT_WRITTEN_MAX], const char *text);

/// An amount that changes is no longer as it was written: the caller may put
/// the new text into the cable.  Undoing brings back the old one.
enum lat_status
lat_graph_set_amount(struct lat_graph *g, struct lat_cable *cable,
                     float amount);

/// What is said there of `written` holds for a saved value too.
/// @param seconds  glide time, or negative for the port's own ramp.
/// @param is_saved  session files keep it.
enum lat_status
lat_graph_set_value(struct lat_graph *g, struct lat_node *node, uint32_t input,
                    float value, double seconds, bool is_saved);

/// Play a note, @p pitch semitones from middle C, on a node that takes notes;
/// velocity 0 lets it go.
enum lat_status
lat_graph_play_note(struct lat_graph *g, struct lat_node *node, float pitch,
                    float velocity);

/// Undo the journal's edits from @p keep on, last first.  Instances of nodes
/// that were added or given other settings go to @p drop (may be NULL).
void
lat_graph_rollback(struct lat_graph *g, uint32_t keep,
                   void (*drop)(void *data, struct lat_instance *instance),
                   void *data);

/// Empty the journal: what it holds has been given to the engine, and what was
/// removed has been put among the dying, or freed.
void
lat_graph_clear_journal(struct lat_graph *g);

/// Take a dying cable off its list, until the journal is undone: what it leads
/// from or to changes.  @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_cut_fade(struct lat_graph *g, struct lat_cable *cable);

/// Put a removed node or cable among the dying: it still sounds.
void
lat_graph_keep_node(struct lat_graph *g, struct lat_node *node);
void
lat_graph_keep_cable(struct lat_cable *cable);

/// Take a dying node or cable off its list.
void
lat_graph_bury_node(struct lat_graph *g, struct lat_node *node);
void
lat_graph_bury_cable(struct lat_cable *cable);

/// Free inputs that a node of layout @p l had, with their records of cables.
void
lat_inputs_free(struct lat_input *in, const struct lat_layout *l);

/// Free the record of a removed node or cable that is on no list.
void
lat_node_free(struct lat_node *node);
void
lat_cable_free(struct lat_cable *cable);

#endif // LAT_GRAPH_GRAPH_H
