// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of odd_session.h share; nobody else includes this.
#ifndef LAT_ODD_SESSION_PRIVATE_H
#define LAT_ODD_SESSION_PRIVATE_H

#include "node/layout.h"
#include "sessions/lines.h"

#include <stdbool.h>

struct odd_node {
    char name[LAT_NAME_MAX];
    const struct lat_node_type *type;
    struct lat_setting_value *settings;
    const struct lat_layout *layout; ///< once it has been written
};

struct odd_maker {
    uint64_t seed;
    struct lat_buffer out;
    struct odd_node *nodes;
    uint32_t n, n_devices;
    struct lat_layouts layouts;
    bool has_many_comments;
    bool has_odd_order; ///< of keys and sections
};

/// 0 to n - 1.
uint32_t
odd_below(struct odd_maker *m, uint32_t n);

void
odd_put_line(struct odd_maker *m, const char *line);
void
odd_put_text(struct odd_maker *m, const char *key, const char *text);

/// A value of an input within its limits, as people might write it.
void
odd_value(struct odd_maker *m, const struct lat_port *port, char out[64]);
/// The amount of a cable to an input.
void
odd_amount(struct odd_maker *m, const struct lat_port *port, char out[64]);

// Sections.

void
odd_put_cables(struct odd_maker *m);
void
odd_put_jack(struct odd_maker *m);
void
odd_put_maps(struct odd_maker *m);
void
odd_put_osc(struct odd_maker *m);

#endif // LAT_ODD_SESSION_PRIVATE_H
