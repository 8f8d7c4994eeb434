// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "name.h"
#include "node/type.h"

#include <string.h>

static bool
is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_name_part(const char *name, size_t length)
{
    // Words of the OSC tree that would stand where a node's name stands.
    static const char *const reserved[] = {"new",  "free", "set", "rename",
                                           "info", "list", "all"};
    if (length == 0 || length > LAT_NAME_PART_MAX || !is_letter(name[0])) {
        return false;
    }
    for (size_t i = 1; i < length; ++i) {
        const char c = name[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    for (size_t i = 0; i < LAT_COUNT(reserved); ++i) {
        if (strlen(reserved[i]) == length &&
            memcmp(reserved[i], name, length) == 0) {
            return false;
        }
    }
    return true;
}

bool
lat_name_is_valid(const char *name, bool allow_dots)
{
    if (!name || strnlen(name, LAT_NAME_MAX) >= LAT_NAME_MAX) {
        return false;
    }
    for (;;) {
        const size_t length = allow_dots ? strcspn(name, ".") : strlen(name);
        if (!is_name_part(name, length)) {
            return false;
        }
        if (name[length] == '\0') {
            return true;
        }
        name += length + 1;
    }
}
