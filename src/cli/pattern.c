// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pattern.h"
#include "base/array.h"
#include "base/log.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- What is wrong -----------------------------------------------------------

#define MOST_BEFORE 60 // characters of the text that are shown
#define MOST_BEHIND 19

static bool
begins_character(char c)
{
    return ((unsigned char)c & 0xc0U) != 0x80U;
}

/// Characters of bytes that may be none are one column each.
static void
print_plain(const char *from, const char *to)
{
    for (; from < to; ++from) {
        const unsigned char c = (unsigned char)*from;
        fputc(c < 0x20 || c == 0x7f ? ' ' : c, stderr);
    }
}

/// The text around byte @p at, and a caret below it.
static void
point_at(const char *text, size_t at)
{
    const char *from = text + at;
    const char *to = text + at;
    uint32_t n_before = 0;
    while (from > text && n_before < MOST_BEFORE) {
        --from;
        n_before += begins_character(*from);
    }
    for (uint32_t n = 0; *to && n <= MOST_BEHIND; ++n) {
        do {
            ++to;
        } while (*to && !begins_character(*to));
    }
    fputs("  ", stderr);
    print_plain(from, to);
    fprintf(stderr, "\n  %*s^\n", (int)n_before, "");
}

static int
refuse(const char *what, const char *text, enum lat_status status,
       const struct lat_pattern_place *place, const struct lat_error *error)
{
    lat_log(LAT_LOG_ERROR, "%s%s", what, error->text);
    if (status == LAT_EINVAL) {
        point_at(text, place->at);
    }
    return (int)lat_options_exit_code(status);
}

// --- Events ------------------------------------------------------------------

static void
take(void *data, const struct lat_pattern_event *event)
{
    struct lat_cli_events *const all = data;
    void *grown = all->events;
    if (!lat_grow(&grown, &all->room, all->n, sizeof(*all->events))) {
        all->is_full = true;
        return;
    }
    all->events = grown;
    all->events[all->n++] = *event;
}

static int
compare(const void *a, const void *b)
{
    const struct lat_pattern_event *const x = a;
    const struct lat_pattern_event *const y = b;
    int order = lat_ratio_compare(x->part_begin, y->part_begin);
    order = order ? order : lat_ratio_compare(x->begin, y->begin);
    order = order ? order : (x->place > y->place) - (x->place < y->place);
    return order ? order : lat_ratio_compare(x->part_end, y->part_end);
}

static void
print_number(struct lat_ratio number)
{
    char buffer[40];
    if (number.d == 1) {
        printf("%" PRId64, number.n);
    } else {
        fputs(lat_format_double(lat_ratio_to_double(number), buffer,
                                sizeof(buffer)),
              stdout);
    }
}

/// Words hold no character that JSON would want to be escaped.
static void
print_value(const struct lat_pattern *p, const struct lat_pattern_value *value)
{
    uint32_t length = 0;
    const char *const word = lat_pattern_word(p, value, &length);
    if (word) {
        printf("\"%.*s\"", (int)length, word);
    } else {
        print_number(value->number);
    }
}

static void
print_values(const struct lat_pattern *p, const struct lat_pattern_event *e)
{
    for (uint32_t i = 0; i < e->n_values; ++i) {
        fputs(i > 0 ? "," : e->n_values > 1 ? "[" : "", stdout);
        print_value(p, &e->values[i]);
    }
    fputs(e->n_values > 1 ? "]" : "", stdout);
}

static void
print_event(const struct lat_pattern *p, const struct lat_pattern_event *e)
{
    printf("{\"whole\":[\"%" PRId64 "/%" PRId64 "\",\"%" PRId64 "/%" PRId64
           "\"],\"part\":[\"%" PRId64 "/%" PRId64 "\",\"%" PRId64 "/%" PRId64
           "\"],\"value\":",
           e->begin.n, e->begin.d, e->end.n, e->end.d, e->part_begin.n,
           e->part_begin.d, e->part_end.n, e->part_end.d);
    print_values(p, e);
    puts("}");
}

/// @return an exit code.
static int
print_cycle(const struct lat_options *o, struct lat_pattern_question *q,
            int64_t cycle)
{
    struct lat_cli_events all = {0};
    q->begin = lat_ratio_of(cycle);
    q->end = lat_ratio_of(cycle + 1);
    q->take = take;
    q->data = &all;
    lat_pattern_ask(q);
    if (all.n > 0) {
        qsort(all.events, all.n, sizeof(*all.events), compare);
    }
    if (o->draw) {
        lat_cli_pattern_draw(q->pattern, cycle, &all);
    }
    for (uint32_t i = 0; i < all.n && !o->draw; ++i) {
        print_event(q->pattern, &all.events[i]);
    }
    free(all.events);
    if (all.is_full) {
        lat_log(LAT_LOG_ERROR, "out of memory");
        return LAT_EXIT_SYSTEM;
    }
    if (q->n_lost > 0) {
        lat_log(LAT_LOG_ERROR,
                "cycle %" PRId64 ": times of %s need fractions of more than 64 "
                "bits: use simpler factors and weights",
                cycle, lat_count(q->n_lost, "step").text);
        return LAT_EXIT_INPUT;
    }
    return LAT_EXIT_DONE;
}

static uint64_t
seed_of(const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037); // FNV-1a, as nodes have it
    for (; *name; ++name) {
        h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    }
    return h;
}

static int
print_cycles(const struct lat_options *o, const struct lat_pattern *pattern,
             const struct lat_pattern *with)
{
    struct lat_pattern_question q = {
        .pattern = pattern,
        .with = with,
        .seed = seed_of(o->seed ? o->seed : "pattern"),
    };
    int exit_code = LAT_EXIT_DONE;
    for (uint32_t i = 0; i < o->cycles && exit_code == LAT_EXIT_DONE; ++i) {
        exit_code = print_cycle(o, &q, o->from + i);
    }
    return exit_code;
}

int
lat_app_pattern(const struct lat_options *o)
{
    struct lat_pattern *pattern = NULL;
    struct lat_pattern *with = NULL;
    struct lat_pattern_place place = {0};
    struct lat_error error;
    enum lat_status status =
        lat_pattern_parse(o->text, strlen(o->text), &pattern, &place, &error);
    if (status) {
        return refuse("", o->text, status, &place, &error);
    }
    int exit_code = LAT_EXIT_DONE;
    if (o->with) {
        status = lat_transform_parse(o->with, strlen(o->with), &with, &place,
                                     &error);
        exit_code = status ? refuse("--with, ", o->with, status, &place, &error)
                           : LAT_EXIT_DONE;
    }
    if (!status) {
        status = lat_pattern_check(pattern, with, LAT_PATTERN_COST, &error);
        place.at = 0;
        exit_code = status ? refuse("", o->text, status, &place, &error)
                           : print_cycles(o, pattern, with);
    }
    lat_pattern_free(with);
    lat_pattern_free(pattern);
    return exit_code;
}
