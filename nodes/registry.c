// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "types.h"

#include <string.h>

static const struct lat_node_type *const types[] = {
#define LAT_TYPE(name) &lat_type_##name,
#include "catalogue.def"
    NULL,
};

#ifdef LAT_TEST_HOOKS
// Nobody is shown these.
static const struct lat_node_type *const test_types[] = {
# define LAT_TYPE_TEST(name) &lat_type_##name,
# include "catalogue.def"
    NULL,
};
#endif

static const struct lat_node_type *
find(const struct lat_node_type *const *list, const char *name)
{
    while (*list && strcmp((*list)->name, name) != 0) {
        list++;
    }
    return *list;
}

const struct lat_node_type *const *
lat_node_types(void)
{
    return types;
}

const struct lat_node_type *
lat_node_type_find(const char *name)
{
    const struct lat_node_type *type = find(types, name);
#ifdef LAT_TEST_HOOKS
    type = type ? type : find(test_types, name);
#endif
    return type;
}

const struct lat_node_type *
lat_node_type_port(bool is_out)
{
    return is_out ? &lat_type_port_out : &lat_type_port_in;
}

int
lat_setting_index(const struct lat_node_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->n_settings; i++) {
        if (!strcmp(type->settings[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}
