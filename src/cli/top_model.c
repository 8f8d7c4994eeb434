// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What messages say about a lattice.
//
// The list of nodes makes new rows, which take the place of those before when
// it is complete; other lists, and meters, fill them in by name. Rows are
// sorted by name, so that a list of thousands is found its rows in.

#include "base/rt.h"
#include "osc/words.h"
#include "top.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const lat_top_questions[] = {"/graph/nodes", "/graph/load",
                                         "/graph/asleep", "/graph/batches",
                                         "/status/engine"};
const uint32_t lat_top_n_questions = LAT_COUNT(lat_top_questions);

static int
compare_names(const void *a, const void *b)
{
    const struct lat_top_row *const x = a;
    const struct lat_top_row *const y = b;
    return strcmp(x->name, y->name);
}

static int
compare_to_name(const void *name, const void *row)
{
    const struct lat_top_row *const r = row;
    return strcmp(name, r->name);
}

struct lat_top_row *
lat_top_find(const struct lat_top *t, const char *name)
{
    return t->n_rows > 0 ? bsearch(name, t->rows, t->n_rows, sizeof(*t->rows),
                                   compare_to_name)
                         : NULL;
}

/// The row that argument @p i names, or NULL.
static struct lat_top_row *
find_named(const struct lat_top *t, const struct lat_osc_message *m, uint32_t i)
{
    const char *const name = lat_osc_text(m, i);
    return name ? lat_top_find(t, name) : NULL;
}

/// Copy text that goes to a terminal, so that it can do nothing there.
static void
copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
    for (char *at = out; *at; ++at) {
        if (*at < ' ' || *at > '~') {
            *at = '?';
        }
    }
}

// Lists.

static void
take_node(struct lat_top *t, const struct lat_osc_message *m)
{
    const char *const name = lat_osc_text(m, 0);
    const char *const type = lat_osc_text(m, 1);
    if (!name || !type) {
        return;
    }
    if (t->n_coming == t->capacity) {
        const uint32_t capacity = t->capacity ? 2 * t->capacity : 64;
        struct lat_top_row *const rows =
            realloc(t->coming, capacity * sizeof(*rows));
        if (!rows) {
            t->is_out_of_memory = true;
            return;
        }
        t->coming = rows;
        t->capacity = capacity;
    }
    struct lat_top_row *const row = &t->coming[t->n_coming++];
    *row = (struct lat_top_row){.batch = -1};
    copy(row->name, sizeof(row->name), name);
    copy(row->type, sizeof(row->type), type);
}

/// The list is complete: it is what there is now.
static void
end_nodes(struct lat_top *t)
{
    for (uint32_t i = 0; i < t->n_coming; ++i) {
        struct lat_top_row *const row = &t->coming[i];
        const struct lat_top_row *const old = lat_top_find(t, row->name);
        if (old) {
            row->block_ns = old->block_ns;
            row->batch = old->batch;
            row->asleep = old->asleep;
            row->n_meters = old->n_meters;
            memcpy(row->meters, old->meters, sizeof(row->meters));
        }
    }
    if (t->n_coming > 0) {
        qsort(t->coming, t->n_coming, sizeof(*t->coming), compare_names);
    }
    free(t->rows);
    t->rows = t->coming;
    t->n_rows = t->n_coming;
    t->coming = NULL;
    t->n_coming = 0;
    t->capacity = 0;
}

static void
take_load(struct lat_top *t, const struct lat_osc_message *m)
{
    struct lat_top_row *const row = find_named(t, m, 0);
    if (row) {
        lat_osc_number(m, 1, &row->block_ns);
    }
}

static void
take_asleep(struct lat_top *t, const struct lat_osc_message *m)
{
    struct lat_top_row *const row = find_named(t, m, 0);
    double n = 0.0;
    if (row && lat_osc_number(m, 1, &n) && n >= 0.0 && n <= LAT_MAX_POLY) {
        row->asleep_coming = (uint32_t)n;
    }
}

/// Who is not in the list is awake.
static void
end_asleep(struct lat_top *t)
{
    for (uint32_t i = 0; i < t->n_rows; ++i) {
        t->rows[i].asleep = t->rows[i].asleep_coming;
        t->rows[i].asleep_coming = 0;
    }
}

static void
take_batch(struct lat_top *t, const struct lat_osc_message *m)
{
    double number = 0.0;
    if (!lat_osc_number(m, 0, &number)) {
        return;
    }
    for (uint32_t i = 1; i < m->argc; ++i) {
        struct lat_top_row *const row = find_named(t, m, i);
        if (row) {
            row->batch = (int32_t)number;
        }
    }
}

// Numbers of the engine.

#define NUMBER(name)                                                           \
 {                                                                             \
#  name, offsetof(struct lat_top_engine, name), 0                              \
 }
#define TEXT(name)                                                             \
 {                                                                             \
#  name, offsetof(struct lat_top_engine, name),                                \
      sizeof(((struct lat_top_engine *)NULL)->name)                            \
 }

static const struct {
    const char *key;
    size_t at;
    size_t size; ///< of a text; 0: a number
} numbers[] = {
    NUMBER(rate),
    NUMBER(block),
    NUMBER(period),
    NUMBER(workers),
    NUMBER(threads),
    NUMBER(workers_realtime),
    NUMBER(load),
    NUMBER(load_peak),
    NUMBER(process_ns_p99),
    NUMBER(periods),
    NUMBER(late),
    NUMBER(bundles_late),
    NUMBER(bundles_waiting),
    NUMBER(nodes),
    NUMBER(cables),
    NUMBER(batches),
    NUMBER(asleep),
    NUMBER(playing),
    NUMBER(tempo),
    NUMBER(cycle),
    NUMBER(jack),
    NUMBER(xruns),
    NUMBER(jack_load),
    NUMBER(processes),
    NUMBER(processes_playing),
    TEXT(isa),
    TEXT(late_node),
};

static void
take_number(struct lat_top *t, const struct lat_osc_message *m)
{
    const char *const key = lat_osc_text(m, 0);
    for (size_t i = 0; key && i < LAT_COUNT(numbers); ++i) {
        char *const at = (char *)&t->engine + numbers[i].at;
        const char *const text = lat_osc_text(m, 1);
        double number = 0.0;
        if (strcmp(numbers[i].key, key) != 0) {
            continue;
        }
        if (numbers[i].size && text) {
            copy(at, numbers[i].size, text);
        } else if (!numbers[i].size && lat_osc_number(m, 1, &number)) {
            memcpy(at, &number, sizeof(number));
        }
    }
}

static void
end_numbers(struct lat_top *t)
{
    ++t->n_pictures;
}

static const struct {
    const char *path;
    void (*take)(struct lat_top *t, const struct lat_osc_message *m);
    void (*end)(struct lat_top *t); ///< when the list is complete
} lists[] = {
    {"/graph/nodes", take_node, end_nodes},
    {"/graph/load", take_load, NULL},
    {"/graph/asleep", take_asleep, end_asleep},
    {"/graph/batches", take_batch, NULL},
    {"/status/engine", take_number, end_numbers},
};

// Meters: /node/NAME/OUT/peak and rms, and /node/NAME/peak and rms of a node
// that measures what goes into it.

static struct lat_top_meter *
meter_of(struct lat_top_row *row, const char *output)
{
    for (uint32_t i = 0; i < row->n_meters; ++i) {
        if (strcmp(row->meters[i].output, output) == 0) {
            return &row->meters[i];
        }
    }
    if (row->n_meters == LAT_TOP_METERS) {
        return NULL;
    }
    struct lat_top_meter *const meter = &row->meters[row->n_meters++];
    *meter = (struct lat_top_meter){0};
    snprintf(meter->output, sizeof(meter->output), "%s", output);
    return meter;
}

static void
take_meter(struct lat_top *t, const struct lat_osc_message *m)
{
    struct lat_osc_words w;
    double value = 0.0;
    if (!lat_osc_split(&w, m->path) || w.n < 3 || w.n > 4 ||
        strcmp(w.word[0], "node") != 0 || !lat_osc_number(m, 0, &value)) {
        return;
    }
    const char *const measure = w.word[w.n - 1];
    const bool is_peak = strcmp(measure, "peak") == 0;
    struct lat_top_row *const row = is_peak || strcmp(measure, "rms") == 0
                                        ? lat_top_find(t, w.word[1])
                                        : NULL;
    struct lat_top_meter *const meter =
        row ? meter_of(row, w.n == 4 ? w.word[2] : "") : NULL;
    if (meter) {
        *(is_peak ? &meter->peak : &meter->rms) = (float)value;
    }
}

void
lat_top_take(struct lat_top *t, const struct lat_osc_message *m)
{
    const bool is_end = strcmp(m->path, "/done") == 0;
    const char *const path = is_end ? lat_osc_text(m, 0) : m->path;
    if (!path || path[0] != '/') {
        return;
    }
    for (size_t i = 0; i < LAT_COUNT(lists); ++i) {
        if (strcmp(lists[i].path, path) != 0) {
            continue;
        }
        if (!is_end) {
            lists[i].take(t, m);
        } else if (lists[i].end) {
            lists[i].end(t);
        }
        return;
    }
    take_meter(t, m);
}

void
lat_top_fini(struct lat_top *t)
{
    free(t->rows);
    free(t->coming);
    *t = (struct lat_top){0};
}
