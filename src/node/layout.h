// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The ports that a node has under its settings, and the settings themselves.
///
/// All functions are [control] but for those that only look into a layout,
/// which are [any].
#ifndef LAT_NODE_LAYOUT_H
#define LAT_NODE_LAYOUT_H

#include "type.h"

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
    uint32_t n_voices; ///< whose ports they are, those of the first first
    uint32_t n_ramps;  ///< of all inputs: one each, two of a signal input
    struct lat_port_info *in, *out;
};

/// One for each type and number of ports that was ever asked for, so the list
/// stays short.  Zeroed: none.
struct lat_layouts {
    struct lat_layout_entry *first;
};

/// Free them all.  Nothing may have such a layout any more.
void
lat_layouts_fini(struct lat_layouts *all);

/// Layout of a type under @p settings; borrowed from @p all, equal layouts are
/// one.  NULL when out of memory.
const struct lat_layout *
lat_layout_get(struct lat_layouts *all, const struct lat_node_type *type,
               const struct lat_setting_value *settings);

/// The same for an instance that has the ports of @p n_voices voices.
const struct lat_layout *
lat_layout_get_voices(struct lat_layouts *all, const struct lat_node_type *type,
                      const struct lat_setting_value *settings,
                      uint32_t n_voices);

/// Has an instance of layout @p voices, for each of its voices, the ports of
/// @p node, which is of the same type?
bool
lat_layout_is_of(const struct lat_layout *voices,
                 const struct lat_layout *node);

/// Index of an input or output, of the first voice, by name, or -1.
int
lat_layout_input(const struct lat_layout *l, const char *name);
int
lat_layout_output(const struct lat_layout *l, const char *name);

/// Index in @p now of the input or output that is number @p port of @p then:
/// the one of its name and voice, or -1.
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

/// Are two values of a setting the same?
bool
lat_setting_equals(const struct lat_setting_value *a,
                   const struct lat_setting_value *b);

/// Are the settings of two nodes of a type the same, also as they are written?
bool
lat_settings_equal(const struct lat_node_type *type,
                   const struct lat_setting_value *a,
                   const struct lat_setting_value *b);

#endif // LAT_NODE_LAYOUT_H
