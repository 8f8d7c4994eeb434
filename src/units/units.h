// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What runs of the nodes and cables of a graph, from commit to commit.
///
/// A graph carries the voices of a node and the lead of a cable, each at `run`,
/// and does not look into them.  Removed nodes and cables leave units and leads
/// that die: they fade, and need nothing of the graph.  Every change within a
/// commit is noted with what undoes it.
///
/// All functions are [control].
#ifndef LAT_UNITS_UNITS_H
#define LAT_UNITS_UNITS_H

#include "base/slab.h"
#include "graph/model.h"
#include "instance.h"
#include "place.h"

struct lat_door;

/// What runs of a node.
struct lat_voices {
    const struct lat_node *node;
    struct lat_unit *first; ///< by `sister`; NULL: the node is away
    struct lat_door *doors; ///< by which its outputs go to processes, and come
    uint32_t mark;          ///< scratch of deriving
    uint8_t place;          ///< enum lat_place
    bool is_muted;          ///< leads out of it aim at 0, where they fade
};

enum lat_run_state {
    LAT_RUN_LIVE,
    LAT_RUN_DYING, ///< fading out
    LAT_RUN_GONE,  ///< by the commit that is under way
};

/// A cable between two units' ports.
struct lat_lead {
    struct lat_unit *src, *dst;
    struct lat_lead *next, *prev; ///< live, or dying, into the same input
    struct lat_lead *sister;      ///< the cable's next, in voice order
    struct lat_ramp *amount;      ///< [audio] from its first plan to its last
    uint64_t dead_at;             ///< DYING: frame at which its fade is over
    uint64_t since;               ///< frame of the first plan with it
    uint64_t key;                 ///< no other ever has it
    uint16_t src_port, dst_port;
    uint8_t src_voice, dst_voice; ///< from 0
    uint8_t state;
    bool is_ring : 1;  ///< it reads the source's feedback ring
    bool is_dying : 1; ///< among the dying
    bool is_told : 1;  ///< a plan with it was submitted
};

/// What feeds an input of a unit.
struct lat_patch {
    struct lat_patch *next; ///< of the unit, by port
    struct lat_lead *first; ///< live ones, in file order
    struct lat_lead *last;
    struct lat_lead *dying; ///< newest first
    uint32_t n_live : 31;
    uint32_t is_told : 1; ///< the engine was told that leads feed this input
    uint16_t port;        ///< from LAT_PATCH_GONE on: the input is gone
    uint16_t old_port;    ///< before the commit that is under way
};

/// The input is gone, of the number that this is added to.
#define LAT_PATCH_GONE 0x8000U

/// One instance.
struct lat_unit {
    /// A door's: of the node whose output it carries.  NULL: that is gone; or
    /// it is no door, and dies.
    struct lat_voices *of;
    struct lat_instance *inst;    ///< owned
    struct lat_unit *next, *prev; ///< of its list
    struct lat_unit *sister;      ///< the node's next, in voice order
    struct lat_patch *in;         ///< some may have no leads
    uint64_t dead_at;             ///< DYING: frame at which its fade is over
    uint64_t key;                 ///< no other ever has it
    uint32_t index;               ///< in the arrays written last
    uint8_t voice;                ///< from 0
    uint8_t state;
    bool is_door;
};

/// What a door is for.
enum lat_door_kind {
    LAT_DOOR_SEND,      ///< from here to whichever processes read the output
    LAT_DOOR_SEND_LATE, ///< the same, from its feedback ring
    LAT_DOOR_RETURN,    ///< from its process, for all that reads it here
    LAT_DOOR_KINDS,
};

/// A port of the device, which nobody sees, for one output of a node: cables
/// between the engine and nodes in processes pass through it.
struct lat_door {
    struct lat_unit unit;        ///< in the lists; it comes first
    struct lat_door *next;       ///< of the same node
    const struct lat_node *node; ///< while it is not dying
    const char *output;          ///< its name, of a layout
    struct lat_lead *lead;       ///< SEND: what it reads, by `sister`
    uint8_t kind;                ///< enum lat_door_kind
    bool is_needed;              ///< scratch of deriving
};

enum lat_unit_list {
    LAT_UNITS_NODES, ///< in file order
    LAT_UNITS_DOORS,
    LAT_UNITS_DYING, ///< newest first
    LAT_UNITS_LISTS,
};

enum lat_unit_change_kind {
    LAT_UNIT_CHANGE_VOICES, ///< a node got a record of its voices
    LAT_UNIT_CHANGE_PLACE,  ///< place: what the node had before
    LAT_UNIT_CHANGE_ADDED,
    LAT_UNIT_CHANGE_GONE, ///< inst: is to be thrown away
    LAT_UNIT_CHANGE_DIES,
    LAT_UNIT_CHANGE_INSTANCE, ///< inst: what it had before
    LAT_UNIT_CHANGE_CONFIG,   ///< config: what inst had before
    LAT_UNIT_CHANGE_HEARD,    ///< the way around inst is heard
    LAT_LEAD_CHANGE_ADDED,
    LAT_LEAD_CHANGE_GONE, ///< its amount is to be thrown away
    LAT_LEAD_CHANGE_DIES,
    LAT_LEAD_CHANGE_SOURCE,
};

/// What a commit has changed, and what undoes it.
struct lat_unit_change {
    enum lat_unit_change_kind kind;
    uint16_t src_port; ///< SOURCE, DIES: what the lead had before
    bool is_ring;      ///< SOURCE: the same
    bool is_adopted;   ///< INSTANCE: the new one goes on with its state
    uint8_t place;
    union {
        struct lat_node *node;
        struct lat_lead **holder; ///< the link to the lead; NULL: none
    };
    union {
        struct lat_unit *unit;
        struct lat_lead *lead;
    };
    union {
        struct lat_instance *inst;
        struct lat_unit *src; ///< SOURCE: what the lead had before
        void *next;           ///< DIES: where it was
    };
    union {
        struct lat_config *config;
        void *prev; ///< DIES
    };
};

struct lat_units {
    struct lat_unit *first[LAT_UNITS_LISTS], *last[LAT_UNITS_LISTS];
    uint32_t n_units, n_live, n_patches, n_leads;
    uint32_t n_doors; ///< units, the dying too
    uint32_t mark;    ///< of the commit that is under way
    uint64_t n_ever;  ///< keys given
    struct lat_slab voices, units, doors, patches, leads;
    struct lat_slab *ramps;  ///< of amounts; they outlive the leads
    struct lat_lead **dying; ///< oldest first
    uint32_t n_dying, dying_capacity;
    bool is_noting; ///< else a failure ends the whole set
    struct lat_unit_change *changes;
    uint32_t n_changes, changes_capacity;
};

/// @param ramps  whose pieces are ramps, and which lives longer.
void
lat_units_init(struct lat_units *u, struct lat_slab *ramps);

/// Free all records.  Instances and amounts must be seen to already.
void
lat_units_fini(struct lat_units *u);

/// The first unit of a node, or NULL; the others follow by `sister`.
static inline struct lat_unit *
lat_units_of(const struct lat_node *node)
{
    return node->run ? node->run->first : NULL;
}

static inline bool
lat_type_is_dealer(const struct lat_node_type *type)
{
    return type->flags & LAT_TYPE_DEALER;
}

/// How many units a node in the engine is to have.
static inline uint32_t
lat_units_wanted(const struct lat_node *node)
{
    return lat_type_is_dealer(node->type) ? 1 : node->poly;
}

/// The unit that runs voice @p voice, from 0, of a node; or NULL.
static inline struct lat_unit *
lat_units_voice(const struct lat_node *node, uint32_t voice)
{
    struct lat_unit *unit = lat_units_of(node);
    while (unit && unit->voice < voice && !lat_type_is_dealer(node->type)) {
        unit = unit->sister;
    }
    return unit;
}

/// Where that unit has input, or output, @p port of the voice.
static inline uint32_t
lat_units_input(const struct lat_node *node, uint32_t voice, uint32_t port)
{
    return port +
           (lat_type_is_dealer(node->type) ? voice * node->layout->n_in : 0);
}
static inline uint32_t
lat_units_output(const struct lat_node *node, uint32_t voice, uint32_t port)
{
    return port +
           (lat_type_is_dealer(node->type) ? voice * node->layout->n_out : 0);
}

/// How many leads a cable has where both ends run.
static inline uint32_t
lat_cable_n_leads(const struct lat_cable *c)
{
    return c->src->poly > c->dst->poly ? c->src->poly : c->dst->poly;
}

/// Where a node runs: in the engine, until somebody says otherwise.
static inline enum lat_place
lat_units_place(const struct lat_node *node)
{
    return node->run ? (enum lat_place)node->run->place : LAT_PLACE_ENGINE;
}
static inline bool
lat_units_is_hosted(const struct lat_node *node)
{
    return lat_place_is_hosted(lat_units_place(node));
}
static inline bool
lat_units_is_away(const struct lat_node *node)
{
    return lat_place_is_away(lat_units_place(node));
}

/// Does it carry the signal one period late: from a process to the engine, or
/// back between processes?
static inline bool
lat_cable_is_late(const struct lat_cable *c)
{
    return lat_units_is_away(c->src) && c->src != c->dst &&
           (!lat_units_is_away(c->dst) || c->is_feedback);
}

/// Does a written step or a new lead on this port click, so that it ramps?
static inline bool
lat_port_fades(const struct lat_port *port)
{
    return port->kind == LAT_PORT_SIGNAL ||
           (port->kind == LAT_PORT_KNOB && port->smooth);
}

/// What the amount of the leads of a cable is to be, for now.
float
lat_units_target(const struct lat_cable *cable);

/// The instance of the first voice of a node, or NULL.
static inline struct lat_instance *
lat_units_instance(const struct lat_node *node)
{
    return node->run && node->run->first ? node->run->first->inst : NULL;
}

/// The door of a unit that is one.
static inline struct lat_door *
lat_units_door(struct lat_unit *unit)
{
    return (struct lat_door *)unit;
}

/// The number of its output, or -1: the node has it no longer.
static inline int
lat_units_door_output(const struct lat_door *door)
{
    return lat_layout_output(door->node->layout, door->output);
}

/// What feeds this input, or NULL.
struct lat_patch *
lat_units_patch(const struct lat_unit *unit, uint32_t port);

/// The door of this kind for an output of a node, or NULL.
struct lat_door *
lat_units_find_door(const struct lat_node *node, enum lat_door_kind kind,
                    const char *output);

/// All units, list after list; all leads into a unit, the dying too.
struct lat_unit *
lat_units_next(const struct lat_units *u, const struct lat_unit *unit);
void
lat_units_each_lead(const struct lat_unit *unit,
                    void (*each)(void *data, struct lat_lead *lead),
                    void *data);

// Changes of a commit.  Each returns LAT_OK, or LAT_ENOMEM and then has changed
// nothing.

/// Have a record of a node's voices.
enum lat_status
lat_units_need_voices(struct lat_units *u, struct lat_node *node);

/// Say where a node runs.  Its units, doors and leads are yet to follow.
enum lat_status
lat_units_set_place(struct lat_units *u, struct lat_node *node,
                    enum lat_place place);

/// Let the next voice of a node run: as @p inst, which then belongs to its
/// unit.
enum lat_status
lat_units_add(struct lat_units *u, struct lat_node *node,
              struct lat_instance *inst);

/// Let a node run no longer, at once or when it has faded out.  Its leads are
/// the caller's to end.
enum lat_status
lat_units_remove(struct lat_units *u, struct lat_node *node);
enum lat_status
lat_units_let_die(struct lat_units *u, struct lat_node *node);

/// Let the voices beyond the first @p n run no longer when they have faded out.
enum lat_status
lat_units_let_voices_die(struct lat_units *u, struct lat_node *node,
                         uint32_t n);

/// Give a unit of a node another instance, whose ports may be others, or
/// another configuration; or a door another instance.
/// @param adopts  the new instance goes on with the state of the old one.
enum lat_status
lat_units_renew(struct lat_units *u, struct lat_node *node,
                struct lat_unit *unit, struct lat_instance *inst, bool adopts);
enum lat_status
lat_units_renew_door(struct lat_units *u, struct lat_door *door,
                     struct lat_instance *inst);
enum lat_status
lat_units_configure(struct lat_units *u, struct lat_unit *unit,
                    struct lat_config *config);

/// Give an instance a way around it, if it has none, that is heard from the
/// next plan on.
enum lat_status
lat_units_hear_bypass(struct lat_units *u, struct lat_instance *inst);

/// Have the leads of a cable between what runs of its ends now, if anything
/// does: behind those of the cables before it, or where they are already. Those
/// between voices that are gone end, or fade.
enum lat_status
lat_units_lead(struct lat_units *u, struct lat_cable *cable);

/// End the leads of a cable at once.
enum lat_status
lat_units_end_leads(struct lat_units *u, struct lat_cable *cable);

/// End a lead of a cable that was removed when it has faded out.
/// @param src_port  where its source has the output now.
enum lat_status
lat_units_let_lead_die(struct lat_units *u, struct lat_lead *lead,
                       uint32_t src_port);

/// Make a door of the `node`, `output` and `kind` of @p wanted, as @p inst,
/// which then belongs to it.
/// @return NULL: there is no memory.
struct lat_door *
lat_units_add_door(struct lat_units *u, const struct lat_door *wanted,
                   struct lat_instance *inst);

/// Have the leads of a door that sends; their source may have another instance.
enum lat_status
lat_units_lead_door(struct lat_units *u, struct lat_door *door);

/// Let it run no longer when it has faded out, nor its leads.
enum lat_status
lat_units_let_door_die(struct lat_units *u, struct lat_door *door);

/// Cut the fades of leads from and to a node.
enum lat_status
lat_units_cut_fades(struct lat_units *u, const struct lat_node *node);

/// Undo what was noted, last first; instances that came go to @p drop.
void
lat_units_undo(struct lat_units *u,
               void (*drop)(void *data, struct lat_instance *inst), void *data);

/// What was noted is in force: forget it, and what is gone.
void
lat_units_settle(struct lat_units *u);

/// All of a set that was made anew is in force.
void
lat_units_settle_all(struct lat_units *u);

// What has happened already.

/// Take the record of the voices of a node that is freed.
void
lat_units_forget(struct lat_units *u, struct lat_node *node);

/// Free a dying unit, or lead, that no plan holds from now on; its instance, or
/// amount, is the caller's.
void
lat_units_bury(struct lat_units *u, struct lat_unit *unit);
void
lat_units_bury_lead(struct lat_units *u, struct lat_lead *lead);

/// Derive from @p g anew what must run of it, and compare.
/// @return NULL, or in a few words what differs.
const char *
lat_units_check(const struct lat_units *u, const struct lat_graph *g);

#endif // LAT_UNITS_UNITS_H
