// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice send`: a message, or a file of them, to a lattice that runs, and
// what it answers.

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "options.h"
#include "osc/client.h"
#include "osc/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_answer(void *data, const char *line, bool is_end)
{
    const struct lat_options *const o = data;
    if (!o->quiet || !is_end) {
        puts(line);
        fflush(stdout); // of a script the next one may be long in coming
    }
}

static const char *
name_of(const struct lat_options *o)
{
    return strcmp(o->file, "-") == 0 ? "standard input" : o->file;
}

static void
print_refusal(void *data, uint32_t line, const char *text)
{
    lat_log(LAT_LOG_ERROR, "%s:%u: %s", name_of(data), line, text);
}

static void
print_late(void *data, uint32_t line, uint32_t n)
{
    const struct lat_options *const o = data;
    lat_log(LAT_LOG_WARNING,
            "%s:%u: %s came too late, this one first, and %s heard at once; "
            "give them more than %g s: --latency",
            name_of(o), line, lat_count(n, "bundle").text,
            n == 1 ? "was" : "were", o->latency);
}

static enum lat_status
read_script(const struct lat_options *o, struct lat_osc_script *out,
            struct lat_error *error)
{
    const bool is_stdin = strcmp(o->file, "-") == 0;
    FILE *const file = is_stdin ? stdin : fopen(o->file, "rb");
    const char *const name = name_of(o);
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!file) {
        return lat_file_cannot_read(o->file, error);
    }
    enum lat_status status =
        lat_file_read_all(file, name, LAT_OSC_SCRIPT_MAX, &bytes, &size, error);
    if (status == LAT_EFULL) {
        lat_error_set(error, LAT_EINVAL,
                      "%s has more than %u MiB: send it in parts", name,
                      LAT_OSC_SCRIPT_MAX >> 20U);
        status = LAT_EINVAL;
    } else if (!status) {
        status = lat_osc_script_read(name, bytes, size, out, error);
    }
    free(bytes);
    if (!is_stdin) {
        fclose(file);
    }
    return status;
}

static enum lat_status
send_script(const struct lat_options *o, struct lat_error *error)
{
    const struct lat_osc_script_hooks hooks = {print_answer, print_refusal,
                                               print_late, (void *)o};
    struct lat_osc_client *client = NULL;
    struct lat_osc_script script = {0};
    error->text[0] = '\0';
    enum lat_status status = read_script(o, &script, error);
    if (!status) {
        status = lat_osc_client_new(o->host_name, o->osc_port, o->tcp, &client,
                                    error);
    }
    if (!status) {
        status = lat_osc_client_play(client, &script, o->latency, o->timeout,
                                     &hooks, error);
    }
    lat_osc_client_free(client);
    lat_osc_script_fini(&script);
    return status;
}

static enum lat_status
send_message(const struct lat_options *o, struct lat_error *error)
{
    struct lat_osc_client *client = NULL;
    if (o->path[0] != '/') {
        return lat_error_set(error, LAT_EINVAL,
                             "'%s' is no path: it begins with /, like "
                             "/graph/nodes",
                             o->path);
    }
    enum lat_status status =
        lat_osc_client_new(o->host_name, o->osc_port, o->tcp, &client, error);
    if (!status) {
        status = lat_osc_client_ask(client, o->path, o->more, o->n_more,
                                    o->timeout, print_answer, (void *)o, error);
    }
    lat_osc_client_free(client);
    return status;
}

int
lat_app_send(const struct lat_options *o)
{
    struct lat_error error;
    struct lat_options from = *o;
    if (o->path && strcmp(o->path, "-") == 0 && !o->n_more && !o->file) {
        from.file = o->path;
        from.path = NULL;
    }
    if (from.path && from.file) {
        lat_log(LAT_LOG_ERROR,
                "'lattice send --file %s' has no use for '%s': what is sent is "
                "in the file",
                from.file, from.path);
        return LAT_EXIT_USAGE;
    }
    if (!from.path && !from.file) {
        lat_log(LAT_LOG_ERROR,
                "'lattice send' needs a path, like /graph/nodes, or --file: "
                "lattice send PATH [ARGUMENT]...");
        return LAT_EXIT_USAGE;
    }
    const enum lat_status status =
        from.file ? send_script(&from, &error) : send_message(&from, &error);
    // What was refused of a script was told line by line.
    if (status && error.text[0]) {
        lat_log(LAT_LOG_ERROR, "%s", error.text);
    }
    return (int)lat_options_exit_code(status);
}
