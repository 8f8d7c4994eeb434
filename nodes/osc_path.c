// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "osc_path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

const char *const lat_osc_taken[] = {
    "node",      "connect",      "disconnect",    "cable",
    "graph",     "panic",        "note",          "session",
    "transport", "status",       "sync",          "notify",
    "subscribe", "unsubscribe",  "process",       "version",
    "ping",      "clearSched",   "dumpOSC",       "error",
    "quit",      "map",          "undo",          "redo",
    "snapshot",  "try",          "keep",          "revert",
    "midi",      "dirt",         "done",          "fail",
    "synced",    "pong",         "bundle",        "late",
    "xrun",      "status.reply", "version.reply", "journal",
    "sample",    "record",       "strike",        NULL,
};

static enum lat_status
no_address(const char *text, struct lat_error *error)
{
    return lat_error_set(error, LAT_EINVAL,
                         "'%.60s' is no OSC address; write one like "
                         "/mix/level, of up to %d parts and without blanks, # "
                         "and ,",
                         text, LAT_OSC_ADDRESS_PARTS);
}

/// Does a part stand between all slashes, of characters that may be sent?
static bool
has_parts(const char *text, const char *without)
{
    uint32_t n = 0;
    if (*text != '/' || strlen(text) >= LAT_OSC_ADDRESS_BYTES ||
        text[strcspn(text, without)]) {
        return false;
    }
    for (const char *p = text; *p; ++n) {
        const size_t length = strcspn(++p, "/");
        if (length == 0) {
            return false;
        }
        p += length;
    }
    for (const char *p = text; *p; ++p) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p == 0x7f) {
            return false;
        }
    }
    return n <= LAT_OSC_ADDRESS_PARTS;
}

enum lat_status
lat_osc_path_check(const char *text, struct lat_error *error)
{
    return !*text || has_parts(text, "#") ? LAT_OK : no_address(text, error);
}

enum lat_status
lat_osc_path_check_free(const char *text, struct lat_error *error)
{
    if (!*text) {
        return LAT_OK;
    }
    if (!has_parts(text, "#,?*[]{}")) {
        return no_address(text, error);
    }
    const size_t n = strcspn(text + 1, "/");
    for (const char *const *word = lat_osc_taken; *word; ++word) {
        if (strlen(*word) == n && strncmp(text + 1, *word, n) == 0) {
            return lat_error_set(error, LAT_EEXIST,
                                 "%.60s is taken: what begins with /%s is "
                                 "lattice's own; choose another address, like "
                                 "/in%.40s",
                                 text, *word, text);
        }
    }
    return LAT_OK;
}
