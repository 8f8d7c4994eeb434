// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is said of the lines of a draft, and what their values stand for.

#include "apply_private.h"
#include "escape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum lat_status
lat_apply_fail(const struct lat_apply *a, enum lat_status status, uint32_t line,
               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lat_problems_add_list(a->target->problems, status, line, format, args);
    va_end(args);
    return status;
}

enum lat_status
lat_apply_fail_at(const struct lat_apply *a, uint32_t line,
                  const struct lat_error *error)
{
    return lat_apply_fail(a, error->status, line, "%s", error->text);
}

enum lat_status
lat_apply_fail_memory(const struct lat_apply *a, uint32_t line)
{
    return lat_apply_fail(a, LAT_ENOMEM, line, "%s", lat_strerror(LAT_ENOMEM));
}

void
lat_apply_warn(const struct lat_apply *a, uint32_t line, const char *format,
               ...)
{
    va_list args;
    va_start(args, format);
    lat_problems_add_list(a->target->problems, LAT_OK, line, format, args);
    va_end(args);
}

bool
lat_apply_is_doubtful(const struct lat_apply *a, const char *endpoint)
{
    const size_t n = strcspn(endpoint, "/");
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        const struct lat_draft_section *const s = &a->draft->sections[i];
        const size_t m = strlen(s->name);
        if (s->kind == LAT_SECTION_NODE && s->has_errors && m <= n &&
            memcmp(s->name, endpoint, m) == 0 &&
            (m == n || (endpoint[m] == '.' &&
                        strspn(endpoint + m + 1, "0123456789") == n - m - 1))) {
            return true; // all of it, or a voice
        }
    }
    return false;
}

enum lat_status
lat_apply_text(const struct lat_apply *a, const struct lat_draft_entry *e,
               char **out)
{
    const char *reason = lat_strerror(LAT_ENOMEM);
    const enum lat_status status = lat_text_unescape(e->value, out, &reason);
    return status ? lat_apply_fail(a, status, e->line, "%s: %s", e->key, reason)
                  : LAT_OK;
}

enum lat_status
lat_apply_one_line(const struct lat_apply *a, const struct lat_draft_entry *e)
{
    if (e->more_line == 0) {
        return LAT_OK;
    }
    return lat_apply_fail(a, LAT_EINVAL, e->more_line,
                          "an indented line continues the one above, and only "
                          "text may; remove the blanks at its start");
}

bool
lat_apply_name(const struct lat_apply *a, const char *name, char *out,
               size_t size)
{
    const char *const part = a->target->part;
    const int n =
        snprintf(out, size, "%s%s%s", part ? part : "", part ? "." : "", name);
    return n >= 0 && (size_t)n < size;
}

enum lat_status
lat_apply_unknown(const struct lat_apply *a, uint32_t line, const char *what,
                  const char *name, const struct lat_nearest *nearest)
{
    if (nearest->best) {
        return lat_apply_fail(a, LAT_ENOTFOUND, line,
                              "unknown %s '%s'; did you mean '%s'?", what, name,
                              nearest->best);
    }
    return lat_apply_fail(a, LAT_ENOTFOUND, line, "unknown %s '%s'", what,
                          name);
}

const struct lat_draft_entry *
lat_apply_plain_entry(const struct lat_apply *a,
                      const struct lat_draft_section *s, const char *key)
{
    const struct lat_draft_entry *const e =
        s ? lat_draft_entry(a->draft, s, key) : NULL;
    return e && e->more_line == 0 ? e : NULL;
}

void
lat_apply_one_line_each(const struct lat_apply *a,
                        const struct lat_draft_section *s)
{
    for (size_t i = 0; i < s->n; ++i) {
        lat_apply_one_line(a, &a->draft->entries[s->first + i]);
    }
}
