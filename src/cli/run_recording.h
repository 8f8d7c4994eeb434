// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What is heard, on its way to disk: `--record FILE`, and the last minutes for
/// /record/last.  That is the first audio_out of the session, whatever session
/// is loaded meanwhile.  All functions are [control].
#ifndef LAT_CLI_RUN_RECORDING_H
#define LAT_CLI_RUN_RECORDING_H

#include "run_state.h"

/// Say where recordings go, before there is a session.
/// @return LAT_OK or LAT_ENOMEM.
enum lat_status
lat_cli_set_record_dir(const struct lat_options *o);

/// Begin, before audio runs; does nothing where nothing is to be recorded or
/// kept.
enum lat_status
lat_run_open_recording(struct app *a, struct lat_error *error);

/// What lat_osc_options has as `write_last`; @p data is the app.
enum lat_status
lat_run_write_last(void *data, double seconds, char **path,
                   struct lat_error *error);

/// Audio has ended; the control thread may be there or gone.
void
lat_run_close_recording(struct app *a);

/// All is written, or takes too long.
/// @return false where a recording is not whole.
bool
lat_cli_finish_recordings(void);

#endif // LAT_CLI_RUN_RECORDING_H
