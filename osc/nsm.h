// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// The client's side of New Session Manager's protocol, API 1.1.
///
/// A socket of its own: what is announced from it is answered to it.  Only
/// messages are spoken here; what they ask for is the hooks' to do, and
/// lat_nsm_answer() ends each.  A manager that goes away is not noticed, and
/// does no harm.  All functions are [control].
#ifndef LAT_OSC_NSM_H
#define LAT_OSC_NSM_H

#include "base/status.h"

#include <uv.h>

#include <stdbool.h>

struct lat_nsm;

/// Numbers of errors that a manager knows.
enum lat_nsm_code {
    LAT_NSM_OK = 0,
    LAT_NSM_GENERAL = -1,
    LAT_NSM_NO_SESSION_OPEN = -6,
    LAT_NSM_NOT_NOW = -8,
    LAT_NSM_BAD_PROJECT = -9,
    LAT_NSM_CREATE_FAILED = -10,
};

/// What a manager asks for.
enum lat_nsm_request { LAT_NSM_OPEN, LAT_NSM_SAVE };

/// How much a message matters.
enum lat_nsm_priority {
    LAT_NSM_LOW = 0,
    LAT_NSM_WARNING = 1,
    LAT_NSM_ERROR = 3,
};

/// Borrowed until the hook returns.
struct lat_nsm_project {
    const char *path;         ///< where it may keep its files
    const char *display_name; ///< of the session
    const char *client_id;    ///< for the JACK client
};

struct lat_nsm_hooks {
    /// The manager has taken us; it will ask to open a project.
    void (*managed)(void *data, const char *manager);
    /// There is no manager: @p why is a line for people.  Nothing else will
    /// come.  Not called from inside of lat_nsm_new().
    void (*unmanaged)(void *data, const char *why);
    /// To be answered, now or later.
    void (*open)(void *data, const struct lat_nsm_project *project);
    void (*save)(void *data);
    void *data;
};

/// Announce the program to the manager at @p url, and wait up to five seconds
/// for its answer: then managed() or unmanaged() is called.
///
/// @param argv0  by what the program was launched, exactly; borrowed.
/// @param hooks  copied.
/// @return LAT_OK; LAT_EINVAL for no such URL; LAT_ENOMEM, LAT_ESYSTEM.
enum lat_status
lat_nsm_new(uv_loop_t *loop, const char *url, const char *argv0,
            const struct lat_nsm_hooks *hooks, struct lat_nsm **out,
            struct lat_error *error);

/// Answer a request.
/// @param text  for people; with LAT_NSM_OK, "OK".
void
lat_nsm_answer(struct lat_nsm *n, enum lat_nsm_request request,
               enum lat_nsm_code code, const char *text);

/// Is there something to save?
void
lat_nsm_tell_changed(struct lat_nsm *n, bool is_changed);

/// How much of what was asked for is done, 0 to 1.
void
lat_nsm_tell_progress(struct lat_nsm *n, float progress);

void
lat_nsm_tell_message(struct lat_nsm *n, enum lat_nsm_priority priority,
                     const char *text);

/// What stands beside our name.
void
lat_nsm_tell_label(struct lat_nsm *n, const char *text);

/// Close the socket; what is left is freed when the loop runs.  NULL does
/// nothing.
/// @return false while a name is still looked up: the loop may be held up by
///         that for long.
bool
lat_nsm_close(struct lat_nsm *n);

#endif // LAT_OSC_NSM_H
