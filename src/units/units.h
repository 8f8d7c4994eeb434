// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What runs of the nodes of a graph, from commit to commit.
///
/// A graph carries a node's voices at `run`, which it does not look into.
/// Every change within a commit is noted with what undoes it.
///
/// All functions are [control].
#ifndef LAT_UNITS_UNITS_H
#define LAT_UNITS_UNITS_H

#include "base/slab.h"
#include "graph/model.h"
#include "instance.h"

/// What runs of a node.
struct lat_voices {
    struct lat_unit *first;
};

/// One instance.
struct lat_unit {
    struct lat_voices *of;
    struct lat_instance *inst; ///< owned; NULL: its node is away
    bool is_back; ///< its node comes back with the commit that is under way
};

/// What a commit has changed, and what was there before: an instance, or the
/// configuration of one.
struct lat_unit_change {
    struct lat_node *node;
    struct lat_instance *inst;
    struct lat_config *config; ///< NULL: the instance was another one
};

struct lat_units {
    struct lat_slab voices, units;
    struct lat_unit_change *changes;
    uint32_t n_changes, changes_capacity;
};

void
lat_units_init(struct lat_units *u);

/// Free all records.  Instances must be gone already.
void
lat_units_fini(struct lat_units *u);

static inline struct lat_unit *
lat_units_of(const struct lat_node *node)
{
    return node->run ? node->run->first : NULL;
}

/// The instance of a node, or NULL.
static inline struct lat_instance *
lat_units_instance(const struct lat_node *node)
{
    return node->run ? node->run->first->inst : NULL;
}

/// Give a node its instance, which then belongs to its unit.  Not noted.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_units_put(struct lat_units *u, struct lat_node *node,
              struct lat_instance *inst);

/// Give a node another instance (NULL: none), or another configuration, and
/// note what it had.
/// @return LAT_OK or LAT_ENOMEM; then all is as it was.
enum lat_status
lat_units_change(struct lat_units *u, struct lat_node *node,
                 struct lat_instance *inst);
enum lat_status
lat_units_configure(struct lat_units *u, struct lat_node *node,
                    struct lat_config *config);

/// Undo what was noted, last first; instances that came go to @p drop.
void
lat_units_undo(struct lat_units *u,
               void (*drop)(void *data, struct lat_instance *inst), void *data);

/// What was noted is in force: forget it.
void
lat_units_settle(struct lat_units *u);

/// Take the records of a node, whose instance the caller has seen to.
void
lat_units_forget(struct lat_units *u, struct lat_node *node);

#endif // LAT_UNITS_UNITS_H
