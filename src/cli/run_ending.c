// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_ending.h"
#include "base/log.h"

#define FADE_NS     UINT64_C(20000000)
#define MAX_FADE_NS UINT64_C(400000000)

/// Write the last of what is kept.
static void
keep_last(struct app *a)
{
    if (a->autosave) {
        if (lat_autosave_finish(a->autosave)) {
            a->end_code = LAT_EXIT_SYSTEM;
        }
    } else if (a->sessions && !a->manager &&
               lat_sessions_has_unsaved(a->sessions)) {
        lat_log(LAT_LOG_WARNING,
                "what was not saved is lost: this lattice did not keep it");
    }
}

/// Fade out, then stop: a stream that just breaks off clicks.  The graph stays
/// what it is, so that a session that is saved meanwhile is whole.  A server
/// that does nothing any more is not waited for.
void
lat_run_begin_end(struct app *a)
{
    if (!a->is_up) { // a manager has nothing opened yet
        a->is_ending = true;
        uv_stop(&a->loop);
    }
    if (a->is_ending) {
        return;
    }
    a->is_ending = true;
    struct lat_jack_status s;
    lat_jack_status(a->jack, &s);
    uint64_t fade_ns = 0;
    lat_engine_end(lat_control_engine(a->control));
    keep_last(a);
    if (s.is_open && s.rate) {
        fade_ns = FADE_NS + UINT64_C(3000000000) * s.period / s.rate;
        fade_ns = fade_ns < MAX_FADE_NS ? fade_ns : MAX_FADE_NS;
    }
    a->end_ns = lat_now_ns() + fade_ns;
}
