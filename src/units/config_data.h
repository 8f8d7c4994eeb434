// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What a configuration has of the data that its settings stand for: what they
/// ask for and, until that has come, what was there before.
///
/// All functions are [control].
#ifndef LAT_UNITS_CONFIG_DATA_H
#define LAT_UNITS_CONFIG_DATA_H

#include "prepared.h"

/// A zeroed configuration, with room for data where the type has a setting with
/// `prepare`; or NULL.
struct lat_config *
lat_config_allocate(const struct lat_node_type *type);

/// Hold what the settings of @p config stand for.
/// @param store   NULL: there is no data.
/// @param before  the configuration that it takes the place of, or NULL.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_config_hold_data(struct lat_config *config,
                     const struct lat_node_type *type,
                     const struct lat_prepared_store *store,
                     const struct lat_config *before);

/// Let go of the data, and free the configuration, but not its settings.
void
lat_config_release(const struct lat_node_type *type, struct lat_config *config);

/// What setting @p i stands for, and what there is of it now, which may be of
/// the value before; NULL: nothing that is prepared.
const struct lat_prepared *
lat_config_wanted(const struct lat_config *config, uint32_t i);
const struct lat_prepared *
lat_config_shown(const struct lat_config *config, uint32_t i);

/// The value whose data setting @p i shows; NULL where it shows none.
const struct lat_setting_value *
lat_config_shown_value(const struct lat_config *config, uint32_t i);

/// With @p value in place of @p old, would the node see another setting @p i:
/// another value or, where that is prepared, other data than that of @p config?
bool
lat_config_would_differ(const struct lat_config *config,
                        const struct lat_node_type *type, uint32_t i,
                        const struct lat_setting_value *old,
                        const struct lat_setting_value *value,
                        const struct lat_prepared_store *store);

#endif // LAT_UNITS_CONFIG_DATA_H
