// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The wires that are remembered, and our ports; remembered.h says what a wire
/// is.  Nobody but the files of that module includes this.
/// All functions are [control].
#ifndef LAT_JACK_WIRES_H
#define LAT_JACK_WIRES_H

#include "remembered.h"
#include "wire_lines.h"

enum wire_state {
    WIRE_WAITING, ///< not there; made as soon as both ends are
    WIRE_TRIED,   ///< ordered since both ends are there
    WIRE_PRESENT,
    WIRE_GONE, ///< was present until gone_ns; not yet clear why it went
    WIRE_NONE, ///< leads nowhere, as the user wants it
};

struct wire {
    char *own;
    char *ask;   ///< the other end as the line says it, or as it was seen
    char *other; ///< the port that it stands for, once seen
    bool is_output;
    enum wire_state state;
    bool is_kept;     ///< remembered while the other end is absent
    bool is_made;     ///< by us: the next session may take it out
    bool is_rule;     ///< of the rule, not of a line
    bool is_passing;  ///< of an option: not saved, and no session takes it out
    bool is_marked;   ///< of the last session
    bool must_return; ///< was present when the server went
    bool has_lost_end;
    bool is_seen;    ///< scratch of update
    bool is_written; ///< scratch of collect
    uint64_t gone_ns;
    uint64_t tried_ns; ///< TRIED: the last time,
    uint32_t n_tries;  ///< and how often
    struct wire *next;
};

/// One of our ports; the list is in their order.
struct own_port {
    char *name;
    uint32_t order;
    bool is_midi;
    bool is_ruled;   ///< the rule would connect it
    bool is_leaving; ///< its node is gone and fades out
    struct own_port *next;
};

struct lat_remembered {
    bool no_connect;
    bool has_rule_connected;  ///< scratch of collect
    struct lat_names sources; ///< physical MIDI sources, as last connected
    bool connects_midi;       ///< all of them, as they come
    uint32_t n_playback;      ///< physical ports to play to, as last seen
    struct wire *first;
    struct own_port *ports;
};

void
lat_wire_free(struct wire *x);

/// Put a copy of @p with where @p text is; where there is no memory it stays.
void
lat_wire_replace(char **text, const char *with);

/// @return our port of that name, or NULL.
struct own_port *
lat_wires_find_port(const struct lat_remembered *w, const char *own);

/// @return the new wire, the one that is there already, or NULL.
struct wire *
lat_wires_add(struct lat_remembered *w, const char *own, const char *ask,
              bool is_output);

/// Add a wire that we make ourselves.
/// @return it, or NULL.
struct wire *
lat_wires_add_ours(struct lat_remembered *w, const char *own, const char *ask,
                   bool is_output);

/// Note that a port is to have no connection; where it gets one after all, that
/// counts.
void
lat_wires_add_nothing(struct lat_remembered *w, const char *own,
                      bool is_output);

/// Add what a line says.
void
lat_wires_add_line(struct lat_remembered *w, const struct wire_ends *e);

/// If a wire was taken out by hand its port is to have none.  What the rule
/// would still connect it to is then not wanted either.
void
lat_wires_refuse(struct lat_remembered *w, const struct wire *x);

#endif // LAT_JACK_WIRES_H
