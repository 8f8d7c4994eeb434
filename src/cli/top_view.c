// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is seen of a lattice: rows in an order, and lines.

#include "base/rt.h"
#include "osc/match.h"
#include "top.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME_WIDTH 40
#define MAX_TYPE_WIDTH 20
#define CELL_BYTES     (LAT_NAME_MAX + 1)

// Numbers of a row.

bool
lat_top_is_timed(const struct lat_top_row *row)
{
    return row->block_ns > 0.0;
}

double
lat_top_share(const struct lat_top *t, const struct lat_top_row *row)
{
    const struct lat_top_engine *const e = &t->engine;
    if (!lat_top_is_timed(row)) {
        return -1.0;
    }
    return e->block > 0.0 && e->rate > 0.0
               ? row->block_ns * e->rate / (1e9 * e->block)
               : 0.0;
}

double
lat_top_period_ns(const struct lat_top *t, const struct lat_top_row *row)
{
    const struct lat_top_engine *const e = &t->engine;
    if (!lat_top_is_timed(row)) {
        return -1.0;
    }
    return e->block > 0.0 && e->period > 0.0
               ? row->block_ns * e->period / e->block
               : row->block_ns;
}

float
lat_top_peak(const struct lat_top_row *row)
{
    float loudest = -1.0F;
    for (uint32_t i = 0; i < row->n_meters; ++i) {
        loudest = fmaxf(loudest, row->meters[i].peak);
    }
    return loudest;
}

float
lat_top_rms(const struct lat_top_row *row)
{
    float loudest = -1.0F;
    for (uint32_t i = 0; i < row->n_meters; ++i) {
        loudest = fmaxf(loudest, row->meters[i].rms);
    }
    return loudest;
}

// Columns.

static double
number_of_batch(const struct lat_top *t, const struct lat_top_row *row)
{
    (void)t;
    return (double)row->batch;
}

static double
number_of_peak(const struct lat_top *t, const struct lat_top_row *row)
{
    (void)t;
    return (double)lat_top_peak(row);
}

static double
number_of_rms(const struct lat_top *t, const struct lat_top_row *row)
{
    (void)t;
    return (double)lat_top_rms(row);
}

static void
write_whole(double value, char *out)
{
    snprintf(out, CELL_BYTES, value < 0.0 ? "-" : "%.0f", value);
}

static void
write_percent(double value, char *out)
{
    snprintf(out, CELL_BYTES, value < 0.0 ? "-" : "%.2f%%", 100.0 * value);
}

static void
write_db(double value, char *out)
{
    if (value < 0.0) {
        snprintf(out, CELL_BYTES, "-");
    } else if (value < 1e-6) {
        snprintf(out, CELL_BYTES, "silent");
    } else {
        snprintf(out, CELL_BYTES, "%+.1f dB", 20.0 * log10(value));
    }
}

static const char *
text_of_node(const struct lat_top_row *row)
{
    return row->name;
}

static const char *
text_of_type(const struct lat_top_row *row)
{
    return row->type;
}

/// A column of text has `text`, one of numbers `number` and `write`.
static const struct {
    const char *name, *head;
    int width; ///< of numbers
    const char *(*text)(const struct lat_top_row *row);
    double (*number)(const struct lat_top *t, const struct lat_top_row *row);
    void (*write)(double value, char *out);
} columns[LAT_TOP_N_COLUMNS] = {
    [LAT_TOP_NODE] = {.name = "node", .head = "NODE", .text = text_of_node},
    [LAT_TOP_TYPE] = {.name = "type", .head = "TYPE", .text = text_of_type},
    [LAT_TOP_BATCH] = {.name = "batch",
                       .head = "BATCH",
                       .width = 6,
                       .number = number_of_batch,
                       .write = write_whole},
    [LAT_TOP_NS] = {.name = "ns",
                    .head = "NS",
                    .width = 9,
                    .number = lat_top_period_ns,
                    .write = write_whole},
    [LAT_TOP_SHARE] = {.name = "share",
                       .head = "SHARE",
                       .width = 7,
                       .number = lat_top_share,
                       .write = write_percent},
    [LAT_TOP_PEAK] = {.name = "peak",
                      .head = "PEAK",
                      .width = 9,
                      .number = number_of_peak,
                      .write = write_db},
    [LAT_TOP_RMS] = {.name = "rms",
                     .head = "RMS",
                     .width = 9,
                     .number = number_of_rms,
                     .write = write_db},
};

enum lat_top_column
lat_top_column_find(const char *name)
{
    enum lat_top_column i = LAT_TOP_NODE;
    while (i < LAT_TOP_N_COLUMNS && strcmp(columns[i].name, name) != 0) {
        ++i;
    }
    return i;
}

const char *
lat_top_column_name(enum lat_top_column column)
{
    return columns[column].name;
}

// Rows.

bool
lat_top_matches(const char *filter, const char *name)
{
    if (!filter || !*filter) {
        return true;
    }
    return lat_osc_is_pattern(filter) ? lat_osc_match(filter, name)
                                      : strstr(name, filter) != NULL;
}

/// A row that is being sorted.
struct place {
    double number;
    const char *text;
    const char *name; ///< of those that are equal a comes before b
    uint32_t row;
    bool is_reversed;
};

static int
compare_places(const void *a, const void *b)
{
    const struct place *const x = a;
    const struct place *const y = b;
    int order = x->text ? strcmp(x->text, y->text)
                        : (x->number < y->number) - (x->number > y->number);
    order = x->is_reversed ? -order : order;
    return order ? order : strcmp(x->name, y->name);
}

static int
at_most(size_t n, int most)
{
    return n < (size_t)most ? (int)n : most;
}

static int
larger(int a, int b)
{
    return a > b ? a : b;
}

/// Rows that are meant, unsorted.
static void
collect(const struct lat_top *t, struct lat_top_view *v, struct place *places)
{
    for (uint32_t i = 0; i < t->n_rows; ++i) {
        const struct lat_top_row *const row = &t->rows[i];
        if (!lat_top_matches(v->filter, row->name)) {
            continue;
        }
        struct place *const p = &places[v->n++];
        *p = (struct place){
            .name = row->name, .row = i, .is_reversed = v->is_reversed};
        if (columns[v->column].text) {
            p->text = columns[v->column].text(row);
        } else {
            p->number = columns[v->column].number(t, row);
        }
        v->name_width =
            larger(v->name_width, at_most(strlen(row->name), MAX_NAME_WIDTH));
        v->type_width =
            larger(v->type_width, at_most(strlen(row->type), MAX_TYPE_WIDTH));
    }
}

bool
lat_top_select(const struct lat_top *t, struct lat_top_view *v)
{
    v->n = 0;
    v->name_width = 8;
    v->type_width = 8;
    if (t->n_rows == 0) {
        return true;
    }
    if (v->capacity < t->n_rows) {
        free(v->order);
        v->order = calloc(t->n_rows, sizeof(*v->order));
        v->capacity = v->order ? t->n_rows : 0;
    }
    struct place *const places = malloc(t->n_rows * sizeof(*places));
    if (!v->order || !places) {
        free(places);
        return false;
    }
    collect(t, v, places);
    if (v->n > 0) {
        qsort(places, v->n, sizeof(*places), compare_places);
    }
    for (uint32_t i = 0; i < v->n; ++i) {
        v->order[i] = places[i].row;
    }
    free(places);
    return true;
}

void
lat_top_view_fini(struct lat_top_view *v)
{
    free(v->order);
    v->order = NULL;
    v->n = 0;
    v->capacity = 0;
}

// Lines.

/// End a line that has @p n characters at @p width, without blanks there.
static char *
finish(char *out, int n, int width)
{
    n = n < width ? n : width;
    while (n > 0 && out[n - 1] == ' ') {
        --n;
    }
    out[n > 0 ? n : 0] = '\0';
    return out;
}

/// Write a cell at @p at; @p cell gives its text.  @return where it ends.
static int
put_cell(const struct lat_top_view *v, enum lat_top_column c, const char *cell,
         char out[LAT_TOP_LINE_BYTES], int at)
{
    const int width = c == LAT_TOP_NODE   ? v->name_width
                      : c == LAT_TOP_TYPE ? v->type_width
                                          : columns[c].width;
    const int n = snprintf(out + at, LAT_TOP_LINE_BYTES - (size_t)at,
                           columns[c].text ? "%s%-*.*s" : "%s%*.*s",
                           c == 0 ? "" : " ", width, width, cell);
    return at + n < LAT_TOP_LINE_BYTES ? at + n : LAT_TOP_LINE_BYTES - 1;
}

char *
lat_top_head(const struct lat_top_view *v, int width,
             char out[LAT_TOP_LINE_BYTES])
{
    int n = 0;
    for (enum lat_top_column c = LAT_TOP_NODE; c < LAT_TOP_N_COLUMNS; ++c) {
        char head[16];
        // v: the largest, or z, is on top
        const bool goes_down = !columns[c].text != v->is_reversed;
        snprintf(head, sizeof(head), "%s%s", columns[c].head,
                 c != v->column ? ""
                 : goes_down    ? "v"
                                : "^");
        n = put_cell(v, c, head, out, n);
    }
    return finish(out, n, width);
}

char *
lat_top_line(const struct lat_top *t, const struct lat_top_view *v,
             const struct lat_top_row *row, int width,
             char out[LAT_TOP_LINE_BYTES])
{
    int n = 0;
    for (enum lat_top_column c = LAT_TOP_NODE; c < LAT_TOP_N_COLUMNS; ++c) {
        char cell[CELL_BYTES];
        if (columns[c].text) {
            snprintf(cell, sizeof(cell), "%s", columns[c].text(row));
        } else {
            columns[c].write(columns[c].number(t, row), cell);
        }
        n = put_cell(v, c, cell, out, n);
    }
    if (row->asleep) {
        const size_t room = LAT_TOP_LINE_BYTES - (size_t)n;
        const int more = snprintf(out + n, room, "  %u asleep", row->asleep);
        n += (size_t)more < room ? more : 0;
    }
    return finish(out, n, width);
}

static void
write_load(const struct lat_top_engine *e, char out[LAT_TOP_LINE_BYTES])
{
    const double period_us =
        e->rate > 0.0 ? 1e6 * (e->period > 0.0 ? e->period : e->block) / e->rate
                      : 0.0;
    snprintf(out, LAT_TOP_LINE_BYTES,
             "load %.1f%% of the period, peak %.1f%%, 99%% of periods within "
             "%.0f of %.0f us; %.0f of %.0f workers%s",
             100.0 * e->load, 100.0 * e->load_peak, e->process_ns_p99 / 1e3,
             period_us, e->threads, e->workers,
             e->workers_realtime > 0.0 ? ", realtime" : "");
}

static void
write_late(const struct lat_top_engine *e, char out[LAT_TOP_LINE_BYTES])
{
    const bool is_late = e->late > 0.0 && *e->late_node;
    const int n = snprintf(
        out, LAT_TOP_LINE_BYTES,
        "late: %.0f of %.0f periods%s%s%s, %.0f xruns; bundles: %.0f late, "
        "%.0f waiting",
        e->late, e->periods, is_late ? " (" : "", is_late ? e->late_node : "",
        is_late ? ")" : "", e->xruns, e->bundles_late, e->bundles_waiting);
    if (e->processes > 0.0 && n < LAT_TOP_LINE_BYTES) {
        snprintf(out + n, LAT_TOP_LINE_BYTES - (size_t)n,
                 "; %.0f of %.0f processes play", e->processes_playing,
                 e->processes);
    }
}

static void
write_graph(const struct lat_top_engine *e, char out[LAT_TOP_LINE_BYTES])
{
    char asleep[40] = "";
    if (e->asleep > 0.0) {
        snprintf(asleep, sizeof(asleep), " (%.0f voices asleep)", e->asleep);
    }
    snprintf(out, LAT_TOP_LINE_BYTES,
             "%.0f nodes%s, %.0f cables, %.0f batches; %.0f frames at %.0f Hz, "
             "block %.0f, %s%s; %s at %.2f, %.1f bpm",
             e->nodes, asleep, e->cables, e->batches, e->period, e->rate,
             e->block, e->isa, e->jack > 0.0 ? "" : ", no JACK server",
             e->playing > 0.0 ? "playing" : "stopped", e->cycle, e->tempo);
}

char *
lat_top_header(const struct lat_top *t, uint32_t i,
               char out[LAT_TOP_LINE_BYTES])
{
    static void (*const lines[LAT_TOP_N_HEADER])(
        const struct lat_top_engine *e,
        char out[LAT_TOP_LINE_BYTES]) = {write_load, write_late, write_graph};
    lines[i](&t->engine, out);
    return out;
}
