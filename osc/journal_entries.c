// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Commands are carried out in the order in which they came, so their frames
// never decrease; but that would tell a bundle by the time at which it was sent
// ahead.  So what was sent ahead goes to its own frame, as long as that is the
// same.

#include "journal_entries.h"
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

struct lat_journal_entry *
lat_journal_entry_add(struct lat_journal_entries *all, uint64_t frame)
{
    if (!lat_grow((void **)&all->at, &all->capacity, all->n,
                  sizeof(*all->at))) {
        return NULL;
    }
    struct lat_journal_entry *const e = &all->at[all->n++];
    *e = (struct lat_journal_entry){
        .frame = frame,
        .wished = frame,
        .number = all->n_ever++,
        .faded = UINT64_MAX,
    };
    return e;
}

/// What was commanded later was not seen sooner.
static void
let_follow(struct lat_journal_entries *all,
           const struct lat_journal_entry *late)
{
    for (uint32_t i = 0; i < all->n; ++i) {
        struct lat_journal_entry *const e = &all->at[i];
        if (e->is_command && e->number > late->number &&
            e->frame < late->frame) {
            e->frame = late->frame;
        }
    }
}

void
lat_journal_entries_late(struct lat_journal_entries *all, uint32_t turn,
                         uint64_t frame)
{
    for (uint32_t i = 0; i < all->n; ++i) {
        struct lat_journal_entry *const e = &all->at[i];
        const uint64_t meant = e->at ? e->at : e->frame;
        if (e->turn != turn || turn == 0 || meant >= frame) {
            continue;
        }
        const uint64_t k = all->n_late++ % LAT_JOURNAL_LATE;
        all->late[k].wished = e->wished;
        all->late[k].frame = frame;
        if (e->at) {
            e->at = frame;
        } else {
            e->frame = frame;
            let_follow(all, e);
        }
    }
}

uint64_t
lat_journal_entries_faded(const struct lat_journal_entries *all, uint64_t frame)
{
    const uint64_t first =
        all->n_late > LAT_JOURNAL_LATE ? all->n_late - LAT_JOURNAL_LATE : 0;
    uint64_t last = frame;
    for (uint64_t i = first; i < all->n_late; ++i) {
        const uint64_t k = i % LAT_JOURNAL_LATE;
        if (all->late[k].wished <= frame && all->late[k].frame > last) {
            last = all->late[k].frame;
        }
    }
    return last;
}

/// May it change places with all that was commanded until its own frame?
static bool
may_wait(const struct lat_journal_entries *all,
         const struct lat_journal_entry *e)
{
    for (uint32_t i = 0; i < all->n; ++i) {
        const struct lat_journal_entry *const other = &all->at[i];
        if (other->is_command && other->number > e->number &&
            other->frame <= e->at && !(e->is_plain && other->is_plain)) {
            return false;
        }
    }
    return true;
}

static bool
is_before(const struct lat_journal_entry *x, const struct lat_journal_entry *y)
{
    return x->frame != y->frame ? x->frame < y->frame : x->number < y->number;
}

/// The first at the frame of @p from, and behind it, before which no plain
/// command may be.
static uint64_t
find_fence(const struct lat_journal_entries *all,
           const struct lat_journal_entry *from)
{
    uint64_t fence = UINT64_MAX;
    for (uint32_t i = 0; i < all->n; ++i) {
        const struct lat_journal_entry *const e = &all->at[i];
        if (e->frame == from->frame && e->is_command && !e->is_plain &&
            e->number > from->number && e->number < fence) {
            fence = e->number;
        }
    }
    return fence;
}

/// Where it stands among the plain commands of its frame.
static uint64_t
turn_of(const struct lat_journal_entry *e)
{
    return e->at ? e->frame : e->wished;
}

static struct lat_journal_entry *
find_first(struct lat_journal_entries *all)
{
    struct lat_journal_entry *first = all->n ? all->at : NULL;
    for (uint32_t i = 1; i < all->n; ++i) {
        first = is_before(&all->at[i], first) ? &all->at[i] : first;
    }
    if (!first || !first->is_plain) {
        return first;
    }
    // Plain commands that audio took at one frame it took by the frames that
    // they were sent for.
    const uint64_t fence = find_fence(all, first);
    const uint64_t frame = first->frame;
    for (uint32_t i = 0; i < all->n; ++i) {
        struct lat_journal_entry *const e = &all->at[i];
        if (e->is_plain && e->frame == frame && e->number < fence &&
            (turn_of(e) < turn_of(first) ||
             (turn_of(e) == turn_of(first) && e->number < first->number))) {
            first = e;
        }
    }
    return first;
}

struct lat_journal_entry *
lat_journal_entries_first(struct lat_journal_entries *all, uint64_t until)
{
    for (;;) {
        struct lat_journal_entry *const e = find_first(all);
        const uint64_t meant = e && e->at > e->frame ? e->at : e ? e->frame : 0;
        if (!e || meant >= until || e->seen_at > until) {
            return NULL;
        }
        if (!e->at || !may_wait(all, e)) {
            return e;
        }
        e->frame = e->at;
        e->at = 0;
    }
}

void
lat_journal_entries_drop(struct lat_journal_entries *all)
{
    struct lat_journal_entry *const e = find_first(all);
    lat_journal_bundle_fini(&e->bundle);
    *e = all->at[--all->n];
}

void
lat_journal_entries_fini(struct lat_journal_entries *all)
{
    for (uint32_t i = 0; i < all->n; ++i) {
        lat_journal_bundle_fini(&all->at[i].bundle);
    }
    free(all->at);
    *all = (struct lat_journal_entries){0};
}
