// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How one life of a JACK client is to be, and how far it is.
#ifndef LAT_JACK_LINK_OPTIONS_H
#define LAT_JACK_LINK_OPTIONS_H

#include "base/bell.h"
#include "base/process_page.h"

#include <stdbool.h>

enum lat_link_state {
    LAT_LINK_OPENING,
    LAT_LINK_FAILED, ///< never opened: reap it
    LAT_LINK_OPEN,
    LAT_LINK_ACTIVE, ///< the server calls us
    LAT_LINK_CLOSED, ///< reap it
};

struct lat_link_options {
    char name[256];
    bool is_exact_name; ///< another name is a failure
    bool is_clocked;    ///< plays with the time that comes in by `clock`
    struct lat_process_page *page; ///< to report to, or NULL
    const char *server;            ///< or NULL; outlives the link
    bool has_meters;
    int cpu;       ///< to pin the audio thread to, or -1
    bool is_retry; ///< libjack's messages are old news
    /// Rung when the state, the status or what is looked at may have changed;
    /// outlives the link unless that is abandoned.  NULL: ask again and again.
    const struct lat_bell *bell;
};

#endif // LAT_JACK_LINK_OPTIONS_H
