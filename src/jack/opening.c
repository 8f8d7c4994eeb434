// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "opening.h"
#include "base/log.h"
#include "diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// What libjack says while a client is opened, on the thread that does it.
struct heard {
    char text[1000];
    size_t length;
};
static _Thread_local struct heard *hearing;

static void
hear(const char *text)
{
    struct heard *h = hearing;
    const size_t n = strlen(text);
    if (h && h->length + n + 1 < sizeof(h->text)) {
        memcpy(h->text + h->length, text, n);
        h->length += n;
        h->text[h->length++] = '\n';
    }
}

/// libjack has much to say about a server that is not there.
static atomic_bool is_muted;

static void
on_jack_message(const char *text)
{
    hear(text);
    if (!atomic_load(&is_muted)) {
        lat_log(LAT_LOG_DEBUG, "libjack: %s", text);
    }
}

void
lat_opening_listen(bool is_retry)
{
    atomic_store(&is_muted, is_retry);
    jack_set_error_function(on_jack_message);
    jack_set_info_function(on_jack_message);
}

static jack_client_t *
open_as(const struct lat_link *l, const char *name, bool is_exact,
        jack_status_t *status)
{
    const jack_options_t how =
        JackNoStartServer | (is_exact ? JackUseExactName : 0);
    return l->options.server ? jack_client_open(name, how | JackServerName,
                                                status, l->options.server)
                             : jack_client_open(name, how, status);
}

/// Is another client called as ours is?
static bool
has_namesake(jack_client_t *client)
{
    const char *name = jack_get_client_name(client);
    const size_t n = strlen(name);
    const char **found = jack_get_ports(client, NULL, NULL, 0);
    bool is_found = false;
    for (uint32_t i = 0; found && found[i] && !is_found; ++i) {
        is_found = strncmp(found[i], name, n) == 0 && found[i][n] == ':';
    }
    jack_free((void *)found);
    return is_found;
}

/// PipeWire lets two clients have the same name: look whether there is one, and
/// do what jackd would.
static jack_client_t *
open_client(const struct lat_link *l, jack_status_t *status)
{
    const bool is_exact = l->options.is_exact_name;
    jack_client_t *client = open_as(l, l->options.name, is_exact, status);
    if (!client || !l->is_pipewire) {
        return client;
    }
    for (uint32_t i = 1; client && i < 100 && has_namesake(client); ++i) {
        jack_client_close(client);
        if (is_exact) {
            *status = JackFailure | JackNameNotUnique;
            return NULL;
        }
        char name[300];
        snprintf(name, sizeof(name), "%.240s-%02u", l->options.name, i);
        client = open_as(l, name, is_exact, status);
    }
    return client;
}

/// A server that refuses a taken name says no more than one that is not there:
/// would it have us under another name?
static bool
is_name_taken(const struct lat_link *l)
{
    jack_client_t *client = l->options.is_exact_name
                                ? open_as(l, l->options.name, false, NULL)
                                : NULL;
    if (client) {
        jack_client_close(client);
    }
    return client;
}

static void
explain(struct lat_link *l, jack_status_t status, const char *messages)
{
    struct lat_error error;
    const struct lat_jack_failure failure = {
        .status = status,
        .messages = messages,
        .name = l->options.name,
        .server = l->options.server,
        .default_server = getenv("JACK_DEFAULT_SERVER"),
        .is_pipewire = l->is_pipewire,
        .is_name_taken = !(status & JackServerFailed) && is_name_taken(l),
    };
    (void)lat_jack_diagnose(&failure, &error);
    pthread_mutex_lock(&l->mutex);
    l->error = error;
    pthread_mutex_unlock(&l->mutex);
}

jack_client_t *
lat_opening_client(struct lat_link *l)
{
    jack_status_t status = 0;
    struct heard heard = {0};
    hearing = &heard;
    jack_client_t *client = open_client(l, &status);
    hearing = NULL;
    if (!client) {
        explain(l, status, heard.text);
    }
    return client;
}
