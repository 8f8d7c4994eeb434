// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Nodes and cables as the user edits them, on the control thread.
///
/// Only the functions here change the structs of model.h.  Every change goes
/// into a journal while a transaction is open, so that it can be undone as a
/// whole, and so that the engine learns what was added and removed.
///
/// All functions here are [control].
#ifndef LAT_GRAPH_GRAPH_H
#define LAT_GRAPH_GRAPH_H

#include "model.h"

/// @param layouts  of its nodes; outlives the graph and what runs of it.
void
lat_graph_init(struct lat_graph *g, struct lat_layouts *layouts);

/// Free all records.  What runs of them must be gone already.
void
lat_graph_fini(struct lat_graph *g);

/// The live node called @p name, or NULL.
struct lat_node *
lat_graph_find(const struct lat_graph *g, const char *name);

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

/// Bypass a node, or no longer: not what it is already.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_set_bypass(struct lat_graph *g, struct lat_node *node,
                     bool is_bypassed);

/// Ask for a process of its own for a node, or no longer: not what is asked
/// for already.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_set_process(struct lat_graph *g, struct lat_node *node, bool is_own);

/// Give a node another number of voices; those that come have what all have.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_set_poly(struct lat_graph *g, struct lat_node *node, uint8_t poly);

/// Say whether a node may sleep.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_set_sleep(struct lat_graph *g, struct lat_node *node,
                    enum lat_node_sleep sleep);

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

/// A value for an input.
struct lat_graph_value {
    uint32_t input;
    uint32_t voice; ///< from 1; 0: of all, and none has its own any more
    float value;
    const char *written; ///< as it was written, or NULL
    double seconds;      ///< glide time, or negative for the port's own ramp
    bool is_saved;       ///< session files keep it
    bool falls_back;     ///< what is heard is 0 again
};

/// What is said there of `written` holds for a saved value too.
enum lat_status
lat_graph_set_value(struct lat_graph *g, struct lat_node *node,
                    const struct lat_graph_value *value);

/// Play a note, @p pitch semitones from middle C, on a node that takes notes;
/// velocity 0 lets it go.
/// @param seconds  after which it is let go; 0: when somebody says so.
enum lat_status
lat_graph_play_note(struct lat_graph *g, struct lat_node *node, float pitch,
                    float velocity, double seconds);

/// Give a node that takes numbers one.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_give_number(struct lat_graph *g, struct lat_node *node, float value);

/// Have a node strike a sound; nothing of the graph changes.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_graph_strike(struct lat_graph *g, struct lat_node *node,
                 const struct lat_strike *strike);

/// Undo the journal's edits from @p keep on, last first.  What runs of the
/// nodes must be gone already.
void
lat_graph_rollback(struct lat_graph *g, uint32_t keep);

/// Empty the journal: what it holds has been given to the engine, and what was
/// removed has been freed.
void
lat_graph_clear_journal(struct lat_graph *g);

/// Free inputs that a node of layout @p l had, with their records of cables.
void
lat_inputs_free(struct lat_input *in, const struct lat_layout *l);

/// Free the record of a removed node or cable that is on no list.
void
lat_node_free(struct lat_graph *g, struct lat_node *node);
void
lat_cable_free(struct lat_graph *g, struct lat_cable *cable);

#endif // LAT_GRAPH_GRAPH_H
