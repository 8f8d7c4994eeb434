// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes as a pattern, and what follows a NUL as its transforms.  What is
// refused says where; what is taken gives pieces of events that lie in the
// stretch asked for, and the same when they are asked for again.

#include "nodes/pattern/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    const struct lat_pattern_question *q;
    uint32_t n;
    uint64_t sum;
};

static void
must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
mix(struct heard *h, struct lat_ratio r)
{
    must(r.d > 0);
    h->sum = (h->sum ^ (uint64_t)r.n) * UINT64_C(1099511628211);
    h->sum = (h->sum ^ (uint64_t)r.d) * UINT64_C(1099511628211);
}

static void
take(void *data, const struct lat_pattern_event *e)
{
    struct heard *const h = data;
    must(lat_ratio_compare(e->part_begin, h->q->begin) >= 0);
    must(lat_ratio_compare(e->part_end, h->q->end) <= 0);
    must(lat_ratio_compare(e->part_begin, e->part_end) < 0);
    must(lat_ratio_compare(e->begin, e->part_begin) <= 0);
    must(lat_ratio_compare(e->part_end, e->end) <= 0);
    must(e->n_values >= 1 && e->n_values <= LAT_PATTERN_VALUES);
    mix(h, e->part_begin);
    mix(h, e->part_end);
    mix(h, e->values[0].number);
    ++h->n;
}

static uint64_t
ask(const struct lat_pattern *pattern, const struct lat_pattern *with,
    int64_t cycle, struct lat_ratio length)
{
    bool is_over = false;
    struct heard heard = {0};
    struct lat_pattern_question q = {
        .pattern = pattern,
        .with = with,
        .begin = lat_ratio_of(cycle),
        .end = lat_ratio_add(lat_ratio_of(cycle), length, &is_over),
        .seed = 1,
        .take = take,
        .data = &heard,
    };
    heard.q = &q;
    lat_pattern_ask(&q);
    return heard.sum + heard.n + q.n_lost;
}

static void
check_error(const char *text, size_t size,
            const struct lat_pattern_place *place,
            const struct lat_error *error)
{
    must(place->at <= size && place->column >= 1);
    must(place->column <= size + 1 && strlen(error->text) > 0);
    (void)text;
}

static void
ask_all(const struct lat_pattern *pattern, const struct lat_pattern *with)
{
    static const int64_t cycles[] = {0, 1, 7, 1000000000, -3};
    for (size_t i = 0; i < LAT_COUNT(cycles); ++i) {
        const struct lat_ratio little = {1, 64};
        const uint64_t sum = ask(pattern, with, cycles[i], little);
        must(sum == ask(pattern, with, cycles[i], little));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data;
    const char *const nul = size ? memchr(data, 0, size) : NULL;
    const size_t n = nul ? (size_t)(nul - text) : size;
    char *const copy = malloc(size + 1); // as callers have it, with a NUL
    struct lat_pattern *pattern = NULL;
    struct lat_pattern *with = NULL;
    struct lat_pattern_place place = {0, 1};
    struct lat_error error = {0};
    must(copy != NULL);
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (lat_pattern_parse(copy, n, &pattern, &place, &error)) {
        check_error(copy, n, &place, &error);
    }
    if (nul && lat_transform_parse(copy + n + 1, size - n - 1, &with, &place,
                                   &error)) {
        check_error(copy + n + 1, size - n - 1, &place, &error);
    }
    if (pattern &&
        !lat_pattern_check(pattern, with, LAT_PATTERN_COST, &error)) {
        ask_all(pattern, with);
    }
    lat_pattern_free(with);
    lat_pattern_free(pattern);
    free(copy);
    return 0;
}
