// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What is wrong with a session file, and what is odd about it.
///
/// Reading goes on after an error, so that one look at a file tells all of
/// them; whoever reads keeps one error from calling forth others.  Nothing of
/// a file with an error is applied. All functions are [control].
#ifndef LAT_SESSION_PROBLEMS_H
#define LAT_SESSION_PROBLEMS_H

#include "base/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Most errors of a file that are told, and most warnings.
#define LAT_PROBLEMS_MAX 1000

struct lat_problem {
    uint32_t line;
    enum lat_status status; ///< LAT_OK: a warning
    size_t order;           ///< of finding
    char *text;
};

struct lat_problems {
    struct lat_problem *list;
    uint32_t n, capacity;
    size_t n_errors;       ///< found, of which some may be left out
    bool is_out_of_memory; ///< some is not in the list
};

/// Add a problem; a warning where @p status is LAT_OK.  @return @p status.
__attribute__((format(printf, 4, 5))) enum lat_status
lat_problems_add(struct lat_problems *p, enum lat_status status, uint32_t line,
                 const char *format, ...);

/// The same with the arguments in a list.
__attribute__((format(printf, 4, 0))) enum lat_status
lat_problems_add_list(struct lat_problems *p, enum lat_status status,
                      uint32_t line, const char *format, va_list args);

/// Forget all errors but the one of the first line.
void
lat_problems_keep_first(struct lat_problems *p);

/// Is there no sense in looking for more errors?
bool
lat_problems_is_full(const struct lat_problems *p);

/// Bring the problems into the order of their lines.
void
lat_problems_sort(struct lat_problems *p);

/// "FILE:LINE: [warning: ]TEXT" into @p out.
void
lat_problem_print(const struct lat_problem *problem, const char *file_name,
                  struct lat_error *out);

/// The first error of the sorted problems, which says how many more there are.
/// @p error may be NULL.  @return its status, or LAT_OK where there is none.
enum lat_status
lat_problems_first(const struct lat_problems *p, const char *file_name,
                   struct lat_error *error);

void
lat_problems_fini(struct lat_problems *p);

#endif // LAT_SESSION_PROBLEMS_H
