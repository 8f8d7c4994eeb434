// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "problems.h"
#include "base/array.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Bytes of a file name that a message shows; of longer ones, the end.
#define FILE_NAME_SHOWN 240

static void
append(struct lat_problems *p, enum lat_status status, uint32_t line,
       const char *text)
{
    char *const copy = strdup(text);
    if (!copy ||
        !lat_grow((void **)&p->list, &p->capacity, p->n, sizeof(*p->list))) {
        free(copy);
        p->is_out_of_memory = true;
        return;
    }
    p->list[p->n] = (struct lat_problem){
        .line = line, .status = status, .order = p->n, .text = copy};
    ++p->n;
}

enum lat_status
lat_problems_add_list(struct lat_problems *p, enum lat_status status,
                      uint32_t line, const char *format, va_list args)
{
    const size_t n_alike = status ? p->n_errors : p->n - p->n_errors;
    if (status) {
        ++p->n_errors;
    }
    char text[LAT_ERROR_MAX];
    vsnprintf(text, sizeof(text), format, args);
    if (status == LAT_ENOMEM) {
        p->is_out_of_memory = true;
    } else if (n_alike < LAT_PROBLEMS_MAX) {
        append(p, status, line, text);
    } else if (n_alike == LAT_PROBLEMS_MAX) {
        snprintf(text, sizeof(text), "more than %d %s; the rest is left out",
                 LAT_PROBLEMS_MAX, status ? "errors" : "warnings");
        append(p, status, UINT32_MAX, text);
    }
    return status;
}

enum lat_status
lat_problems_add(struct lat_problems *p, enum lat_status status, uint32_t line,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lat_problems_add_list(p, status, line, format, args);
    va_end(args);
    return status;
}

bool
lat_problems_is_full(const struct lat_problems *p)
{
    return p->is_out_of_memory || p->n_errors > LAT_PROBLEMS_MAX;
}

static int
by_line(const void *a, const void *b)
{
    const struct lat_problem *const x = a;
    const struct lat_problem *const y = b;
    return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
                              : (x->order > y->order) - (x->order < y->order);
}

void
lat_problems_sort(struct lat_problems *p)
{
    if (p->n > 0) {
        qsort(p->list, p->n, sizeof(*p->list), by_line);
    }
    for (size_t i = 0; i < p->n; ++i) {
        // What was left out stands where that began to be.
        if (i > 0 && p->list[i].line == UINT32_MAX) {
            p->list[i].line = p->list[i - 1].line;
        }
    }
}

void
lat_problems_keep_first(struct lat_problems *p)
{
    lat_problems_sort(p);
    for (; p->n > 1; --p->n) {
        free(p->list[p->n - 1].text);
    }
    p->n_errors = p->n;
}

void
lat_problem_print(const struct lat_problem *problem, const char *file_name,
                  struct lat_error *out)
{
    const size_t length = strlen(file_name);
    const char *const shown = length > FILE_NAME_SHOWN
                                  ? file_name + length - FILE_NAME_SHOWN
                                  : file_name;
    lat_error_set(out, problem->status, "%s%s:%u: %s%s",
                  shown == file_name ? "" : "...", shown, problem->line,
                  problem->status ? "" : "warning: ", problem->text);
}

enum lat_status
lat_problems_first(const struct lat_problems *p, const char *file_name,
                   struct lat_error *error)
{
    if (p->is_out_of_memory) {
        return lat_error_set(error, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
    }
    const struct lat_problem *first = NULL;
    for (size_t i = 0; i < p->n && !first; ++i) {
        first = p->list[i].status ? &p->list[i] : NULL;
    }
    if (!first) {
        return LAT_OK;
    }
    struct lat_error text;
    lat_problem_print(first, file_name, &text);
    const size_t n_more = p->n_errors - 1;
    if (n_more == 0) {
        return lat_error_set(error, first->status, "%s", text.text);
    }
    return lat_error_set(error, first->status, "%.580s (and %s)", text.text,
                         lat_count(n_more, "more error").text);
}

void
lat_problems_fini(struct lat_problems *p)
{
    for (size_t i = 0; i < p->n; ++i) {
        free(p->list[i].text);
    }
    free(p->list);
    *p = (struct lat_problems){0};
}
