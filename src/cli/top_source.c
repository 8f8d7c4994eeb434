// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "top_source.h"
#include "base/rt.h"
#include "osc/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_NS  UINT64_C(1000000000)
#define SILENT_NS UINT64_C(5000000000)

/// How often meters are sent.
#define METERS_HZ "10"

struct measured {
    char name[LAT_NAME_MAX + 1];
    bool is_meter; ///< it measures its input by itself
    bool is_wanted;
};

struct lat_top_source {
    const char *host;
    uint16_t port;
    uint64_t interval_ns;
    struct lat_top *top;
    struct lat_osc_client *client; ///< NULL: nobody is there
    struct lat_error error;        ///< why
    uint64_t next_ns;              ///< no connecting or asking before
    uint64_t asked_ns;             ///< when it was asked last
    uint64_t n_pictures;           ///< there were when it was asked
    bool is_asking;
    struct measured measured[LAT_TOP_MAX_MEASURED];
    uint32_t n_measured;
};

struct lat_top_source *
lat_top_source_new(const char *host, uint16_t port, double interval_s,
                   struct lat_top *top)
{
    struct lat_top_source *const s = calloc(1, sizeof(*s));
    if (s) {
        s->host = host;
        s->port = port;
        s->interval_ns = (uint64_t)(interval_s * 1e9);
        s->top = top;
    }
    return s;
}

void
lat_top_source_free(struct lat_top_source *s)
{
    if (s) {
        lat_osc_client_free(s->client);
        free(s);
    }
}

/// It is gone, as s->error says: try again later.
static void
lose(struct lat_top_source *s)
{
    lat_osc_client_free(s->client);
    s->client = NULL;
    s->is_asking = false;
    s->n_measured = 0;
    s->next_ns = lat_now_ns() + RETRY_NS;
    // What had come of a list is not what comes next.
    s->top->n_coming = 0;
}

static void
tell(struct lat_top_source *s, const char *path, const char *const *arguments,
     uint32_t n)
{
    if (s->client &&
        lat_osc_client_tell(s->client, path, arguments, n, &s->error)) {
        lose(s);
    }
}

static void
ask(struct lat_top_source *s, uint64_t now_ns)
{
    s->is_asking = true;
    s->asked_ns = now_ns;
    s->n_pictures = s->top->n_pictures;
    s->next_ns = now_ns + s->interval_ns;
    for (uint32_t i = 0; i < lat_top_n_questions; ++i) {
        tell(s, lat_top_questions[i], NULL, 0);
    }
}

void
lat_top_source_step(struct lat_top_source *s, uint64_t now_ns)
{
    if (s->client && s->is_asking && now_ns > s->asked_ns + SILENT_NS) {
        lat_error_set(&s->error, LAT_ESYSTEM,
                      "the lattice at %s port %u does not answer", s->host,
                      (unsigned)s->port);
        lose(s);
    }
    if (!s->client && now_ns >= s->next_ns) {
        s->next_ns = now_ns + RETRY_NS;
        lat_osc_client_new(s->host, s->port, true, &s->client, &s->error);
        s->next_ns = s->client ? now_ns : s->next_ns;
    }
    if (s->client && !s->is_asking && now_ns >= s->next_ns) {
        ask(s, now_ns);
    }
}

void
lat_top_source_hurry(struct lat_top_source *s)
{
    s->next_ns = 0;
}

int
lat_top_source_fd(const struct lat_top_source *s)
{
    return s->client ? lat_osc_client_fd(s->client) : -1;
}

static void
take(void *data, const struct lat_osc_message *m)
{
    struct lat_top_source *const s = data;
    lat_top_take(s->top, m);
}

void
lat_top_source_receive(struct lat_top_source *s)
{
    bool has_ended = false;
    const enum lat_status status =
        lat_osc_client_receive(s->client, take, s, &has_ended, &s->error);
    if (has_ended) {
        lat_error_set(&s->error, LAT_ESYSTEM,
                      "the lattice at %s port %u has ended", s->host,
                      (unsigned)s->port);
    }
    if (status || has_ended) {
        lose(s);
    } else if (s->top->n_pictures > s->n_pictures) {
        s->is_asking = false;
    }
}

const char *
lat_top_source_problem(const struct lat_top_source *s)
{
    return s->client ? NULL : s->error.text;
}

// Meters.

static void
subscribe(struct lat_top_source *s, const struct measured *m, bool is_on)
{
    char pattern[LAT_NAME_MAX + 32];
    snprintf(pattern, sizeof(pattern), "/node/%s%s/{peak,rms}", m->name,
             m->is_meter ? "" : "/*");
    const char *const arguments[] = {pattern, METERS_HZ};
    tell(s, is_on ? "/subscribe" : "/unsubscribe", arguments, is_on ? 2 : 1);
}

static struct measured *
find_measured(struct lat_top_source *s, const char *name)
{
    for (uint32_t i = 0; i < s->n_measured; ++i) {
        if (strcmp(s->measured[i].name, name) == 0) {
            return &s->measured[i];
        }
    }
    return NULL;
}

/// Keep those that are wanted, and end the others.
static void
drop_unwanted(struct lat_top_source *s)
{
    uint32_t n = 0;
    const uint32_t n_before = s->n_measured;
    for (uint32_t i = 0; i < n_before && s->client; ++i) {
        if (s->measured[i].is_wanted) {
            s->measured[n++] = s->measured[i];
            continue;
        }
        struct lat_top_row *const row =
            lat_top_find(s->top, s->measured[i].name);
        if (row) {
            row->n_meters = 0; // they would be of long ago
        }
        subscribe(s, &s->measured[i], false);
    }
    s->n_measured = s->client ? n : 0;
}

void
lat_top_source_measure(struct lat_top_source *s, const struct lat_top_view *v,
                       uint32_t first, uint32_t n)
{
    n = n < LAT_TOP_MAX_MEASURED ? n : LAT_TOP_MAX_MEASURED;
    const uint32_t end = first + n < v->n ? first + n : v->n;
    for (uint32_t i = 0; i < s->n_measured; ++i) {
        s->measured[i].is_wanted = false;
    }
    for (uint32_t i = first; i < end; ++i) {
        struct measured *const m =
            find_measured(s, s->top->rows[v->order[i]].name);
        if (m) {
            m->is_wanted = true;
        }
    }
    drop_unwanted(s);
    for (uint32_t i = first; i < end && s->client; ++i) {
        const struct lat_top_row *const row = &s->top->rows[v->order[i]];
        if (!find_measured(s, row->name)) {
            struct measured *const m = &s->measured[s->n_measured++];
            *m = (struct measured){.is_wanted = true,
                                   .is_meter = strcmp(row->type, "meter") == 0};
            snprintf(m->name, sizeof(m->name), "%s", row->name);
            subscribe(s, m, true);
        }
    }
}
