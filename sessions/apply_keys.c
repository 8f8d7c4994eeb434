// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "apply_private.h"

#include <string.h>

enum lat_status
lat_apply_keys(const struct lat_apply *a, const struct lat_draft_section *s,
               const char *const *known, size_t n_known)
{
    enum lat_status status = LAT_OK;
    for (size_t i = 0; i < s->n; ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        const char *const later = lat_apply_later(s->kind, e->key);
        struct lat_nearest nearest;
        lat_nearest_init(&nearest, e->key);
        bool is_known = false;
        for (size_t k = 0; k < n_known; ++k) {
            is_known = is_known || strcmp(e->key, known[k]) == 0;
            lat_nearest_try(&nearest, known[k]);
        }
        if (!is_known && a->is_newer) {
            status = lat_apply_keep_line(a, s, e, NULL);
        } else if (!is_known && later) {
            status = lat_apply_fail(a, LAT_ELATER, e->line, "%s", later);
        } else if (!is_known) {
            status = lat_apply_unknown(a, e->line, "key", e->key, &nearest);
        }
    }
    return status;
}
