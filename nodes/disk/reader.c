// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "reader.h"
#include "base/log.h"
#include "node/disk_counts.h"
#include "service.h"

#include <stdlib.h>
#include <string.h>

/// Pages of a deck: what is wanted, what heads hold, and some to be filled.
#define SLOTS 40
#define AHEAD 32

/// Pages that are read before a file counts as there.
#define FIRST 2U

/// Frames at each end of a file that are kept for loops.
#define END_FRAMES LAT_WIDE_REACH

#define NO_PAGE (-1)
#define NO_SLOT (-1)

#define ROW (LAT_READER_BEFORE + LAT_READER_PAGE + LAT_READER_AFTER)

/// A second between lines of the log that a slow disk causes.
#define SAY_NS UINT64_C(1000000000)

struct slot {
    _Atomic int64_t page; ///< that it has, or NO_PAGE
    const float *channels[2];
    float *memory; ///< two rows
};

struct deck {
    _Atomic uint32_t state;     ///< enum lat_disk_reader_state
    struct lat_disk_file *file; ///< from COMING on
    _Atomic int64_t length;
    _Atomic int64_t page, start; ///< the wish
    _Atomic int32_t way;
    atomic_bool goes_round;
    _Atomic int32_t held[LAT_READER_HEADS]; ///< slots
    struct slot slots[SLOTS];
    _Atomic uint32_t n_late;
    // Of whoever reads.
    struct lat_decoder *decoder;
    float *memory;
    float first[2][END_FRAMES], last[2][END_FRAMES];
    int64_t last_frame; ///< of `last`, its first
    uint32_t n_told;
    uint64_t told_ns;
};

struct lat_disk_reader {
    struct lat_disk_job job;
    struct deck decks[LAT_READER_DECKS];
};

// --- The disk's thread, or offline whoever asks ------------------------------

static struct slot *
slot_of_page(struct deck *d, int64_t page)
{
    for (uint32_t s = 0; s < SLOTS; ++s) {
        if (atomic_load_explicit(&d->slots[s].page, memory_order_relaxed) ==
            page) {
            return &d->slots[s];
        }
    }
    return NULL;
}

/// Page number @p i of those that are wanted, the most urgent first; NO_PAGE
/// where there is none of that number.
static int64_t
wanted(const struct deck *d, uint32_t i)
{
    const int64_t length = atomic_load(&d->length);
    const int64_t n_pages = (length + LAT_READER_PAGE - 1) / LAT_READER_PAGE;
    const int64_t way = atomic_load(&d->way);
    int64_t page = atomic_load(&d->page);
    if (i == 1) {
        page = atomic_load(&d->start);
    } else if (i > 1) {
        page += (way ? way : 1) * (int64_t)(i - 1);
    }
    if (i > 1 && atomic_load(&d->goes_round) && n_pages > 0) {
        page = (page % n_pages + n_pages) % n_pages;
    }
    return page >= 0 && page < n_pages ? page : NO_PAGE;
}

static bool
is_wanted(const struct deck *d, int64_t page)
{
    bool is = page == NO_PAGE;
    for (uint32_t i = 0; !is && i < AHEAD; ++i) {
        is = wanted(d, i) == page;
    }
    return is && page != NO_PAGE;
}

/// Take a slot from whoever does not need it.
static struct slot *
empty_slot(struct deck *d)
{
    for (uint32_t s = 0; s < SLOTS; ++s) {
        struct slot *const slot = &d->slots[s];
        const int64_t page = atomic_load(&slot->page);
        bool is_held = is_wanted(d, page);
        if (is_held) {
            continue;
        }
        atomic_store(&slot->page, NO_PAGE);
        for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
            is_held = is_held || atomic_load(&d->held[h]) == (int32_t)s;
        }
        if (!is_held) {
            return slot;
        }
        atomic_store(&slot->page, page);
    }
    return NULL;
}

/// Learn that a file is shorter than it said.
static void
note_end(struct deck *d, int64_t end, int64_t wanted_end)
{
    if (end < wanted_end && end < atomic_load(&d->length)) {
        atomic_store(&d->length, end > 0 ? end : 0);
    }
}

static bool
read_page(struct deck *d, int64_t page)
{
    struct slot *const slot = empty_slot(d);
    if (!slot) {
        return false;
    }
    const int64_t first = page * LAT_READER_PAGE - LAT_READER_BEFORE;
    float *const rows[2] = {slot->memory, slot->memory + ROW};
    note_end(d, lat_decoder_read(d->decoder, first, ROW, rows), first + ROW);
    slot->channels[0] = rows[0] + LAT_READER_BEFORE;
    slot->channels[1] =
        (d->file->n_channels > 1 ? rows[1] : rows[0]) + LAT_READER_BEFORE;
    atomic_store(&slot->page, page);
    return true;
}

/// Read one page that is wanted and not there.  @return whether any was.
static bool
read_next(struct deck *d)
{
    for (uint32_t i = 0; i < AHEAD; ++i) {
        const int64_t page = wanted(d, i);
        if (page != NO_PAGE && !slot_of_page(d, page)) {
            return read_page(d, page);
        }
    }
    return false;
}

/// Keep the ends of a file, which a loop joins.
static void
read_ends(struct deck *d)
{
    const int64_t length = d->file->n_frames;
    float *const first[2] = {d->first[0], d->first[1]};
    float *const last[2] = {d->last[0], d->last[1]};
    d->last_frame = length > END_FRAMES ? length - END_FRAMES : 0;
    note_end(d, lat_decoder_read(d->decoder, d->last_frame, END_FRAMES, last),
             length);
    (void)lat_decoder_read(d->decoder, 0, END_FRAMES, first);
    if (d->file->n_channels == 1) {
        memcpy(d->first[1], d->first[0], sizeof(d->first[0]));
        memcpy(d->last[1], d->last[0], sizeof(d->last[0]));
    }
}

static void
close_deck(struct deck *d)
{
    for (uint32_t s = 0; s < SLOTS; ++s) {
        atomic_store(&d->slots[s].page, NO_PAGE);
    }
    lat_decoder_free(d->decoder);
    free(d->memory);
    lat_disk_file_release(d->file);
    d->decoder = NULL;
    d->memory = NULL;
    d->file = NULL;
    atomic_store(&d->state, LAT_READER_FREE);
}

static void
open_deck(struct deck *d)
{
    struct lat_error error = {.text = "out of memory"};
    d->memory = calloc((size_t)SLOTS * 2 * ROW, sizeof(*d->memory));
    if (!d->memory || lat_decoder_new(d->file, &d->decoder, &error)) {
        lat_log(LAT_LOG_WARNING, "%s", error.text);
        atomic_store(&d->state, LAT_READER_FAILED);
        return;
    }
    for (uint32_t s = 0; s < SLOTS; ++s) {
        d->slots[s].memory = d->memory + (size_t)s * 2 * ROW;
    }
    read_ends(d);
    for (uint32_t i = 0; i < FIRST && !lat_disk_is_offline(); ++i) {
        (void)read_next(d);
    }
    atomic_store(&d->state, LAT_READER_HERE);
}

/// Tell the log of what came too late.
static void
tell_late(struct deck *d)
{
    const uint32_t n = atomic_load_explicit(&d->n_late, memory_order_relaxed);
    const uint64_t now_ns = lat_now_ns();
    if (n == d->n_told || now_ns - d->told_ns < SAY_NS) {
        return;
    }
    lat_log(LAT_LOG_WARNING,
            "%.400s was read too late %u times and is silent there; a faster "
            "disk, or less speed, helps",
            d->file->path, n - d->n_told);
    d->n_told = n;
    d->told_ns = now_ns;
}

static bool
work_on_deck(struct deck *d, bool is_dropped)
{
    const uint32_t state = atomic_load(&d->state);
    if (state == LAT_READER_FREE) {
        return false;
    }
    if (is_dropped || state == LAT_READER_LEAVING) {
        close_deck(d);
        return true;
    }
    if (state == LAT_READER_COMING) {
        open_deck(d);
        return true;
    }
    if (state == LAT_READER_HERE) {
        tell_late(d);
        return read_next(d);
    }
    return false;
}

static bool
work(struct lat_disk_job *job)
{
    struct lat_disk_reader *const r = (struct lat_disk_reader *)job;
    const bool is_dropped = atomic_load(&job->is_dropped);
    bool is_more = false;
    for (uint32_t i = 0; i < LAT_READER_DECKS; ++i) {
        is_more = work_on_deck(&r->decks[i], is_dropped) || is_more;
    }
    return is_more;
}

static void
end(struct lat_disk_job *job)
{
    free(job);
}

// --- Control -----------------------------------------------------------------

enum lat_status
lat_disk_reader_new(struct lat_disk_reader **out)
{
    struct lat_disk_reader *const r = calloc(1, sizeof(*r));
    if (!r) {
        return LAT_ENOMEM;
    }
    r->job.work = work;
    r->job.end = end;
    for (uint32_t i = 0; i < LAT_READER_DECKS; ++i) {
        for (uint32_t s = 0; s < SLOTS; ++s) {
            r->decks[i].slots[s].page = NO_PAGE;
        }
        for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
            r->decks[i].held[h] = NO_SLOT;
        }
    }
    const enum lat_status status = lat_disk_add(LAT_DISK_READS, &r->job);
    if (status) {
        free(r);
        return status;
    }
    *out = r;
    return LAT_OK;
}

void
lat_disk_reader_free(struct lat_disk_reader *r)
{
    if (!r) {
        return;
    }
    for (uint32_t i = 0; i < LAT_READER_DECKS; ++i) {
        for (uint32_t h = 0; h < LAT_READER_HEADS; ++h) {
            atomic_store(&r->decks[i].held[h], NO_SLOT);
        }
    }
    if (lat_disk_is_offline()) {
        atomic_store(&r->job.is_dropped, true);
    }
    lat_disk_drop(LAT_DISK_READS, &r->job);
}

// --- Audio -------------------------------------------------------------------

static void
open_at_once(void *deck)
{
    open_deck(deck);
}

static void
close_at_once(void *deck)
{
    close_deck(deck);
}

struct question {
    struct deck *deck;
    int64_t page;
};

static void
read_at_once(void *question)
{
    const struct question *const q = question;
    read_page(q->deck, q->page);
}

LAT_RT void
lat_disk_reader_wish(struct lat_disk_reader *r, uint32_t deck,
                     const struct lat_disk_reader_wish *wish)
{
    struct deck *const d = &r->decks[deck];
    atomic_store_explicit(&d->goes_round, wish->goes_round,
                          memory_order_relaxed);
    atomic_store_explicit(&d->way, wish->way, memory_order_relaxed);
    atomic_store_explicit(&d->start, wish->start, memory_order_relaxed);
    atomic_store_explicit(&d->page, wish->page, memory_order_release);
    lat_disk_ring(LAT_DISK_READS);
}

LAT_RT bool
lat_disk_reader_load(struct lat_disk_reader *r, uint32_t deck,
                     struct lat_disk_file *file,
                     const struct lat_disk_reader_wish *wish)
{
    struct deck *const d = &r->decks[deck];
    if (atomic_load(&d->state) != LAT_READER_FREE) {
        return false;
    }
    lat_disk_file_hold(file);
    d->file = file;
    atomic_store(&d->length, file->n_frames);
    atomic_store(&d->n_late, d->n_told);
    atomic_store(&d->state, LAT_READER_COMING);
    lat_disk_reader_wish(r, deck, wish);
    if (lat_disk_is_offline()) {
        lat_disk_at_once(open_at_once, d);
    }
    return true;
}

LAT_RT void
lat_disk_reader_unload(struct lat_disk_reader *r, uint32_t deck)
{
    struct deck *const d = &r->decks[deck];
    if (lat_disk_is_offline()) {
        lat_disk_at_once(close_at_once, d);
        return;
    }
    atomic_store(&d->state, LAT_READER_LEAVING);
    lat_disk_ring(LAT_DISK_READS);
}

LAT_RT enum lat_disk_reader_state
lat_disk_reader_state(const struct lat_disk_reader *r, uint32_t deck)
{
    return (enum lat_disk_reader_state)atomic_load(&r->decks[deck].state);
}

LAT_RT const float *const *
lat_disk_reader_hold(struct lat_disk_reader *r, uint32_t deck, uint32_t head,
                     int64_t page)
{
    struct deck *const d = &r->decks[deck];
    if (lat_disk_is_offline() && !slot_of_page(d, page)) {
        atomic_store(&d->held[head], NO_SLOT);
        lat_disk_at_once(read_at_once, &(struct question){d, page});
    }
    for (uint32_t s = 0; s < SLOTS; ++s) {
        struct slot *const slot = &d->slots[s];
        if (atomic_load_explicit(&slot->page, memory_order_relaxed) == page) {
            atomic_store(&d->held[head], (int32_t)s);
            if (atomic_load(&slot->page) == page) {
                return slot->channels;
            }
        }
    }
    atomic_store(&d->held[head], NO_SLOT);
    return NULL;
}

LAT_RT void
lat_disk_reader_drop(struct lat_disk_reader *r, uint32_t deck, uint32_t head)
{
    atomic_store(&r->decks[deck].held[head], NO_SLOT);
}

LAT_RT int64_t
lat_disk_reader_length(const struct lat_disk_reader *r, uint32_t deck)
{
    return atomic_load_explicit(&r->decks[deck].length, memory_order_relaxed);
}

LAT_RT float
lat_disk_reader_near_end(const struct lat_disk_reader *r, uint32_t deck,
                         uint32_t channel, int64_t i)
{
    const struct deck *const d = &r->decks[deck];
    if (i >= 0 && i < END_FRAMES) {
        return d->first[channel][i];
    }
    const int64_t at = i - d->last_frame;
    return at >= 0 && at < END_FRAMES ? d->last[channel][at] : 0.0F;
}

LAT_RT void
lat_disk_reader_was_late(struct lat_disk_reader *r, uint32_t deck)
{
    atomic_fetch_add_explicit(&r->decks[deck].n_late, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&lat_disk_counts.n_late_reads, 1,
                              memory_order_relaxed);
    lat_disk_ring(LAT_DISK_READS);
}
