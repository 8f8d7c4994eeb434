// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The end of a transaction, and commands that are one by themselves.

#include "base/text.h"
#include "state.h"

struct lat_command
lat_command_begin(struct lat_control *c)
{
    struct lat_command command = {.is_own = !c->is_open};
    if (command.is_own) {
        lat_control_begin(c);
    }
    command.mark = c->g->n_edits;
    return command;
}

enum lat_status
lat_command_end(struct lat_control *c, struct lat_command command,
                enum lat_status status, struct lat_error *error)
{
    if (!status) {
        return command.is_own ? lat_control_commit(c, error) : LAT_OK;
    }
    if (status == LAT_ENOMEM) {
        lat_error_set(error, status, "out of memory");
    }
    if (command.is_own) {
        lat_control_rollback(c);
    } else {
        lat_graph_rollback(c->g, command.mark);
    }
    return status;
}

static void
end_load(struct lat_control *c, bool is_session)
{
    lat_control_close(c);
    lat_control_check_units(c);
    lat_control_describe_doors(c);
    lat_control_tell_whole(c, is_session);
}

// Values, amounts, notes, numbers and wishes touch no unit, door and port.
static bool
is_structural(const struct lat_control *c)
{
    static const bool is_plain[] = {
        [LAT_EDIT_VALUE] = true,   [LAT_EDIT_AMOUNT] = true,
        [LAT_EDIT_NOTE] = true,    [LAT_EDIT_NUMBER] = true,
        [LAT_EDIT_PROCESS] = true, [LAT_EDIT_STRIKE] = true,
    };
    for (uint32_t i = 0; i < c->g->n_edits; ++i) {
        const enum lat_edit_kind kind = c->g->journal[i].kind;
        if (kind >= LAT_COUNT(is_plain) || !is_plain[kind]) {
            return true;
        }
    }
    return c->is_load || c->n_moves;
}

enum lat_status
lat_control_commit(struct lat_control *c, struct lat_error *error)
{
    LAT_ASSERT_ROLE(LAT_ROLE_CONTROL);
    const bool is_load = c->is_load;
    const bool are_ports_new = is_structural(c);
    enum lat_status status = lat_control_check_poly(c, error);
    if (status) {
        lat_control_rollback(c);
    }
    if (!status && is_load) {
        status = lat_control_time_all(c);
    }
    if (!status) {
        status = is_load ? lat_control_commit_load(c, error)
                         : lat_control_commit_edits(c, error);
    }
    if (status) {
        return status;
    }
    if (is_load) {
        end_load(c, true);
        lat_control_follow(c);
        return LAT_OK;
    }
    lat_control_gather_changes(c);
    lat_control_close(c);
    if (are_ports_new) {
        ++c->n_structural;
        lat_control_describe_doors(c);
    }
    lat_control_tell_changes(c, are_ports_new);
    lat_control_forget_journal(c);
    lat_control_check_units(c);
    lat_control_follow(c);
    return LAT_OK;
}

enum lat_status
lat_control_commit_at(struct lat_control *c, uint64_t frame,
                      struct lat_error *error)
{
    c->at = frame;
    const enum lat_status status = lat_control_commit(c, error);
    c->at = 0;
    c->work.n_late += !status && frame && c->stamp > frame;
    return status;
}

static enum lat_status
copy_text(const char *from, char **to)
{
    *to = lat_strdup(from);
    return !*to == !from ? LAT_OK : LAT_ENOMEM;
}

// Who is sent what, and may be, and how keys are tuned is no part of the graph.
static enum lat_status
keep_document(struct lat_control *c)
{
    enum lat_status status = LAT_OK;
    for (size_t i = 0; !status && i < LAT_TUNING_FILES; ++i) {
        status = copy_text(c->document.tuning[i], &c->next_document.tuning[i]);
        if (!status) {
            status = copy_text(c->document.tuning_path[i],
                               &c->next_document.tuning_path[i]);
        }
    }
    c->next_document.tuned = lat_tuned_hold(c->document.tuned);
    struct lat_line **end = &c->next_document.osc;
    for (const struct lat_line *line = c->document.osc; line && !status;
         line = line->next) {
        status = lat_line_append(end, line->key, line->text, line->comment);
        end = *end ? &(*end)->next : end;
    }
    return status;
}

enum lat_status
lat_control_clear(struct lat_control *c, struct lat_error *error)
{
    if (c->is_open) {
        return lat_error_set(error, LAT_EINVAL,
                             "/graph/clear cannot be part of a bundle");
    }
    const struct lat_transport transport = c->transport;
    const enum lat_sync sync = c->document.sync;
    lat_control_begin_load(c, c->block);
    c->transport = transport;
    c->next_document.sync = sync;
    enum lat_status status = keep_document(c);
    if (status) {
        lat_control_rollback(c);
        return lat_error_set(error, status, "out of memory");
    }
    status = lat_control_commit_load(c, error);
    if (!status) {
        end_load(c, false);
    }
    return status;
}
