// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The [session] section: format and block, which are read before all else.

#include "apply_private.h"
#include "words.h"

#include <string.h>

/// The `format` that this program writes.
#define FORMAT 1

/// @p s may be NULL.
static void
read_format(const struct lat_apply *a, const struct lat_draft_section *s,
            struct lat_draft_head *out)
{
    const struct lat_draft_entry *const format =
        s ? lat_draft_entry(a->draft, s, "format") : NULL;
    const struct lat_draft_entry *const made_by =
        s ? lat_draft_entry(a->draft, s, "made_by") : NULL;
    unsigned n = 0;
    if (format && format->more_line == 0 &&
        !lat_words_count(format->value, 1000000, &n)) {
        lat_apply_fail(a, LAT_EINVAL, format->line,
                       "format '%s' is not known; this lattice writes "
                       "format = %d",
                       format->value, FORMAT);
    }
    // It may be in a line that is refused already.
    if (!format && !a->draft->has_errors && !(s && s->has_errors)) {
        lat_apply_fail(a, LAT_EINVAL, s ? s->line : 1,
                       "no format; a session has [session] with format = %d",
                       FORMAT);
    }
    out->format = n;
    out->made_by = made_by ? made_by->value : NULL;
    out->is_newer =
        n > FORMAT || (made_by && lat_is_made_by_newer(made_by->value,
                                                       "lattice " LAT_VERSION));
}

static void
read_block(const struct lat_apply *a, const struct lat_draft_section *s,
           struct lat_draft_head *out)
{
    const struct lat_draft_entry *const e =
        lat_apply_plain_entry(a, s, "block");
    unsigned block = 0;
    if (e && !lat_words_count(e->value, LAT_MAX_BLOCK, &block)) {
        lat_apply_fail(a, LAT_EINVAL, e->line,
                       "block '%s' is not a whole number from 1 to %d",
                       e->value, LAT_MAX_BLOCK);
        block = 0;
    }
    out->block = block;
}

const struct lat_draft_section *
lat_draft_head_section(const struct lat_draft *d)
{
    const struct lat_draft_section *const s =
        lat_draft_section(d, LAT_SECTION_SESSION);
    for (size_t i = 0; !s && i < d->n_sections; ++i) {
        if (lat_section_guess(&d->sections[i]) == LAT_SECTION_SESSION) {
            return &d->sections[i];
        }
    }
    return s;
}

bool
lat_draft_is_session(const struct lat_draft *d)
{
    return lat_draft_head_section(d) != NULL;
}

/// Is there a key that should have been @p key?
static bool
has_misspelt(const struct lat_draft *d, const struct lat_draft_section *s,
             const char *key)
{
    for (size_t i = 0; s && i < s->n; ++i) {
        struct lat_nearest nearest;
        lat_nearest_init(&nearest, d->entries[s->first + i].key);
        lat_nearest_try(&nearest, key);
        if (nearest.best) {
            return true;
        }
    }
    return false;
}

void
lat_draft_read_head(const struct lat_draft *d, struct lat_draft_head *out,
                    struct lat_problems *problems)
{
    const struct lat_draft_target target = {.problems = problems};
    // Nothing below changes the draft.
    struct lat_draft view = *d;
    const struct lat_apply a = {.draft = &view, .target = &target};
    const struct lat_draft_section *const s = lat_draft_head_section(d);
    *out = (struct lat_draft_head){0};
    if (!has_misspelt(d, s, "format") || lat_draft_entry(d, s, "format")) {
        read_format(&a, s, out);
    }
    if (s) {
        lat_apply_one_line_each(&a, s);
        read_block(&a, s, out);
    }
}
