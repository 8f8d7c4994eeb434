// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Assignments of a command, checked before anything is changed.
///
/// All functions are [control].
#ifndef LAT_CONTROL_CHECK_H
#define LAT_CONTROL_CHECK_H

#include "control.h"

struct lat_checked {
    struct lat_setting_value *settings; ///< owned; NULL when none is assigned
    const struct lat_layout *layout;
    int *inputs;     ///< per assignment: the input, or -1
    float *values;   ///< per assignment
    uint8_t *voices; ///< per assignment: whose, from 1, or 0: of all
    uint8_t poly;    ///< 0: it is not assigned
    bool has_process, is_own_process;
    bool has_bypass, is_bypassed;
    bool has_sleep, sleeps;
};

/// Check, with note names as in @p tuned, @p n assignments to @p node, which is
/// NULL for one that does not exist yet.
/// @param[out] k  on success, to be freed with lat_checked_free().
enum lat_status
lat_check_assignments(struct lat_layouts *layouts,
                      const struct lat_tuned *tuned,
                      const struct lat_node_type *type,
                      const struct lat_node *node,
                      const struct lat_assignment *a, uint32_t n,
                      struct lat_checked *k, struct lat_error *error);

void
lat_checked_free(const struct lat_node_type *type, struct lat_checked *k);

/// Check one value of an input.
enum lat_status
lat_control_check_input(const char *key, const struct lat_port *port,
                        const struct lat_tuned *tuned, struct lat_value value,
                        float *out, struct lat_error *error);

/// May a node of this type have a process of its own?
enum lat_status
lat_control_check_process(const struct lat_node_type *type, bool is_own,
                          struct lat_error *error);

/// A node that is to be in a process has one voice.
enum lat_status
lat_control_check_own_voice(const char *name, bool is_own, uint32_t poly,
                            struct lat_error *error);

/// Is its name short enough for one, which is a JACK client of that name?
enum lat_status
lat_control_check_process_name(const char *name, bool is_own,
                               struct lat_error *error);

#endif // LAT_CONTROL_CHECK_H
