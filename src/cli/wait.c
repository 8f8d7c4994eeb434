// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "wait.h"
#include "base/log.h"
#include "notify.h"
#include "signals.h"

#define PAUSE_MS 500

enum lat_status
lat_cli_wait_for_jack(const struct lat_jack_options *options,
                      struct lat_jack **out, bool *is_ended,
                      struct lat_error *error)
{
    enum lat_status status = lat_jack_open(options, out, error);
    if (status == LAT_ESYSTEM) {
        lat_log(LAT_LOG_INFO, "%s; waiting for it (--wait)", error->text);
        lat_notify("STATUS=waiting for a JACK server");
    }
    *is_ended = false;
    while (status == LAT_ESYSTEM && !*is_ended) {
        *is_ended = lat_cli_wait_for_ending_signal(PAUSE_MS);
        if (!*is_ended) {
            status = lat_jack_open(options, out, error);
        }
    }
    return *is_ended ? LAT_OK : status;
}
