// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "run_autosave.h"
#include "base/log.h"
#include "base/text.h"
#include "load.h"

static void
print_warning(void *data, const char *line)
{
    lat_cli_print_log(data, line, false);
}

void
lat_run_open_autosave(struct app *a)
{
    const struct lat_elsewhere elsewhere = lat_pool_elsewhere(&a->pool);
    struct lat_error error;
    if (lat_autosave_new(a->sessions,
                         a->manager ? a->client_id : a->options->jack_name,
                         &elsewhere, &a->autosave, &error)) {
        lat_log(LAT_LOG_WARNING, "%s; this one does not keep what it plays",
                error.text);
    }
}

/// Play what was played last.
static enum lat_status
restore(struct app *a, struct lat_error *error)
{
    struct lat_jack_status s;
    struct lat_restored restored;
    const enum lat_status status =
        lat_autosave_restore(a->autosave, a->options->block == 0, print_warning,
                             NULL, &restored, error);
    const struct lat_graph *const g = lat_control_graph(a->control);
    if (!status && restored.file[0] != '\0') {
        lat_jack_status(a->jack, &s);
        lat_log(LAT_LOG_INFO, "restored %s: %s, %s, %s old; JACK period %u",
                restored.file, lat_count(g->n_nodes, "node").text,
                lat_count(g->n_cables, "cable").text,
                lat_age(restored.age_s).text, s.period);
        a->is_restored = true;
    }
    return status;
}

enum lat_status
lat_run_begin_session(struct app *a, struct lat_error *error)
{
    const struct lat_options *o = a->options;
    if (a->manager) {
        return LAT_OK; // who will say what is loaded
    }
    if (o->session) {
        lat_sessions_give_text(a->sessions, a->text, a->text_length);
        a->text = NULL;
        return lat_sessions_open(a->sessions, o->session, o->block == 0,
                                 print_warning, NULL, error);
    }
    return a->autosave && !o->empty ? restore(a, error) : LAT_OK;
}

void
lat_run_set_aside(struct app *a)
{
    const struct lat_options *o = a->options;
    if (o->session || o->empty || a->manager) {
        lat_sessions_set_aside(a->sessions);
    }
}
