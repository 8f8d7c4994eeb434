// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is played becomes entries, each a bundle with a frame.  An entry waits
// until audio has seen its messages, and so has told if they came late, and
// until its frame is done.  Then nothing earlier can come, and what is written
// is in the order in which it took effect.

#include "journal.h"
#include "base/array.h"
#include "base/log.h"
#include "base/rt.h"
#include "control/listen.h"
#include "control/watch.h"
#include "journal_entries.h"
#include "journal_file.h"
#include "run/engine_setup.h"
#include "score.h"

#include <lo/lo.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Records from audio that wait for us.
#define N_RECORDS 16384U

/// While something is to come, look so often.
#define LOOK_NS UINT64_C(20000000)

/// Of MIDI, where there is no wish to be woken up, at least so often.
#define IDLE_NS UINT64_C(200000000)

struct lat_journal {
    const char *path; ///< borrowed
    struct lat_control *control;
    struct lat_sessions *sessions;
    struct lat_reader *reader;
    struct lat_journal_file file;
    uint32_t n_files;
    uint64_t base; ///< frame at which the file begins
    uint32_t rate;
    struct lat_journal_entries entries;
    uint64_t n_lost; ///< records, that were told
    bool has_failed;
    bool is_gone; ///< somebody has removed the file, and that was told
};

static uint64_t
frames_done(const struct lat_journal *j)
{
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(j->control), &status);
    return status.frame;
}

static void
fail(struct lat_journal *j, const char *why)
{
    if (!j->has_failed) {
        lat_log(LAT_LOG_WARNING,
                "cannot go on with the journal %s: %s; it ends there, and "
                "lattice plays on: make room, and start again with another "
                "--journal",
                j->file.path ? j->file.path : j->path, why);
    }
    j->has_failed = true;
}

// Entries.

/// When will audio have seen what was sent by now?  It begins a period after
/// the present one, and ends it.
static uint64_t
seen_at(const struct lat_journal *j)
{
    struct lat_engine_clock clock;
    lat_engine_clock(lat_control_engine(j->control), &clock);
    return clock.is_running ? frames_done(j) + 2 * (uint64_t)clock.period : 0;
}

/// @return it, empty, or NULL.
static struct lat_journal_entry *
add_entry(struct lat_journal *j, uint64_t frame)
{
    struct lat_journal_entry *const e =
        j->has_failed ? NULL : lat_journal_entry_add(&j->entries, frame);
    if (!e) {
        fail(j, "out of memory");
    }
    return e;
}

/// One for what was commanded now.
static struct lat_journal_entry *
add_command(struct lat_journal *j, const struct lat_changes *changes)
{
    struct lat_journal_entry *const e = add_entry(j, changes->present);
    if (e) {
        e->wished = changes->stamp;
        e->turn = changes->turn;
        e->seen_at = seen_at(j);
        e->is_command = true;
    }
    return e;
}

// What comes back from audio.

static void
take_record(struct lat_journal *j, const struct lat_record *record)
{
    struct lat_journal_entry *const e = add_entry(j, record->frame);
    if (e) {
        lat_journal_add_record(&e->bundle, record);
    }
}

static void
take_records(struct lat_journal *j)
{
    struct lat_record record;
    while (lat_reader_next(j->reader, &record)) {
        if (record.kind == LAT_RECORD_LATE) {
            lat_journal_entries_late(&j->entries, record.id, record.frame);
        } else if (!j->has_failed) {
            take_record(j, &record);
        }
    }
    const uint64_t n_lost = lat_reader_lost(j->reader);
    if (n_lost != j->n_lost) {
        lat_log_bounded(LAT_LOG_WARNING,
                        "the journal %s lacks %" PRIu64 " events that found no "
                        "room: it will not render to the same bits",
                        j->path, n_lost - j->n_lost);
        j->n_lost = n_lost;
    }
}

// What control does.

/// Add a message about a frame to what is about to be written.
static void
add_frame(struct lat_journal *j, struct lat_journal_entry *e, const char *path,
          uint64_t frame)
{
    lo_message m = lo_message_new();
    if (m) {
        lo_message_add_int64(m,
                             (int64_t)(frame > j->base ? frame - j->base : 0));
    }
    lat_journal_add(&e->bundle, path, m);
}

static void
add_text(struct lat_journal *j, struct lat_journal_entry *e)
{
    char *text = NULL;
    size_t length = 0;
    lo_message m = NULL;
    if (!lat_sessions_write_whole(j->sessions, &text, &length)) {
        lo_blob blob = lo_blob_new((int32_t)length, text);
        m = blob ? lo_message_new() : NULL;
        if (m) {
            lo_message_add_blob(m, blob);
        }
        lo_blob_free(blob);
    }
    lat_journal_add(&e->bundle, "/session/text", m);
    free(text);
}

static void
add_whole(struct lat_journal *j, const struct lat_changes *changes)
{
    struct lat_journal_entry *e = add_command(j, changes);
    if (e && changes->is_session) {
        add_text(j, e);
        e = add_command(j, changes);
        if (e) {
            lat_journal_add_awaited(&e->bundle, j->control);
        }
    } else if (e) {
        lat_journal_add(&e->bundle, "/graph/clear", lo_message_new());
    }
}

static void
add_changes(struct lat_journal *j, const struct lat_changes *changes)
{
    static const uint32_t plain =
        LAT_TOPIC_VALUES | LAT_TOPIC_AMOUNTS | LAT_TOPIC_NOTES;
    const struct lat_journal_changes c = {j->control, changes};
    struct lat_journal_entry *const e = add_command(j, changes);
    for (uint32_t i = 0; e && i < changes->n; ++i) {
        lat_journal_add_change(&e->bundle, &c, i);
    }
    if (e) {
        // What waits for a plan that was sent ahead has its frame, too.
        e->at = changes->stamp > changes->present ? changes->stamp : 0;
        e->is_ordered = changes->is_ordered;
        // What waits for one beyond its frame keeps its place before others.
        e->is_plain = !(changes->topics & ~plain) && !changes->is_held;
    }
}

static void
begin_again(struct lat_journal *j, uint64_t frame);

static void
on_changes(void *data, const struct lat_changes *changes)
{
    struct lat_journal *const j = data;
    if (j->has_failed) {
        return;
    }
    if (changes->topics == LAT_TOPIC_RATE) {
        begin_again(j, changes->stamp);
    } else if (changes->topics == LAT_TOPIC_FADED) {
        struct lat_journal_entry *const e = add_command(j, changes);
        if (e) {
            e->faded = changes->faded;
        }
    } else if (changes->is_whole) {
        add_whole(j, changes);
    } else {
        add_changes(j, changes);
    }
}

// Writing.

static void
write_entry(struct lat_journal *j, struct lat_journal_entry *e)
{
    const uint64_t frame = e->frame > j->base ? e->frame - j->base : 0;
    if (e->faded != UINT64_MAX) {
        add_frame(j, e, "/graph/faded",
                  lat_journal_entries_faded(&j->entries, e->faded));
    }
    if (e->at && (e->bundle.size || e->is_ordered)) {
        add_frame(j, e, e->is_ordered ? "/graph/plan" : "/graph/at", e->at);
    }
    if (e->bundle.is_out_of_memory ||
        (e->bundle.size &&
         lat_journal_file_add(&j->file, e->bundle.bytes, e->bundle.size,
                              lat_score_tag(frame, j->rate)))) {
        fail(j, "out of memory");
    }
}

/// What is done by @p until; all where that is UINT64_MAX.
static void
write_until(struct lat_journal *j, uint64_t until)
{
    struct lat_journal_entry *e = NULL;
    while (!j->has_failed &&
           (e = lat_journal_entries_first(&j->entries, until))) {
        write_entry(j, e);
        lat_journal_entries_drop(&j->entries);
    }
}

static void
flush(struct lat_journal *j)
{
    struct lat_error error;
    if (j->file.size > 0 && !j->is_gone && lat_journal_file_is_gone(&j->file)) {
        j->is_gone = true;
        lat_log(LAT_LOG_WARNING,
                "the journal %s was removed while it is written: nobody will "
                "find what is played; start again with another --journal",
                j->file.path);
    }
    if (!j->has_failed && lat_journal_file_flush(&j->file, &error)) {
        fail(j, error.text);
    }
}

/// The last bundle does nothing: it says how long it was.
static void
end_file(struct lat_journal *j)
{
    uint8_t last[16] = "#bundle";
    const uint64_t now = frames_done(j);
    write_until(j, UINT64_MAX);
    if (!j->has_failed && now > j->base &&
        lat_journal_file_add(&j->file, last, sizeof(last),
                             lat_score_tag(now - j->base, j->rate))) {
        fail(j, "out of memory");
    }
    flush(j);
    lat_journal_file_close(&j->file);
}

static void
add_head(struct lat_journal *j, uint64_t frame)
{
    struct lat_journal_entry *const e = add_entry(j, frame);
    lo_message m = e ? lo_message_new() : NULL;
    if (m) {
        lo_message_add_int32(m, LAT_SCORE_JOURNAL_VERSION);
        lo_message_add_int32(m, (int32_t)j->rate);
    }
    if (e) {
        e->is_command = true; // before the session
        lat_journal_add(&e->bundle, LAT_SCORE_JOURNAL, m);
    }
}

static void
begin_at(struct lat_journal *j, uint64_t frame)
{
    struct lat_engine_status status;
    lat_engine_status(lat_control_engine(j->control), &status);
    j->rate = (uint32_t)status.rate;
    j->base = frame;
    add_head(j, frame);
    add_whole(j, &(struct lat_changes){
                     .is_session = true, .present = frame, .stamp = frame});
}

/// Another rate: another file.
static void
begin_again(struct lat_journal *j, uint64_t frame)
{
    struct lat_error error;
    enum lat_status status = LAT_EEXIST;
    end_file(j);
    while (status == LAT_EEXIST) {
        status = lat_journal_file_open(&j->file, j->path, ++j->n_files, &error);
    }
    if (status) {
        fail(j, error.text);
        return;
    }
    j->is_gone = false;
    begin_at(j, frame);
    lat_log(LAT_LOG_INFO, "the journal goes on in %s, at %u Hz", j->file.path,
            (unsigned)j->rate);
}

void
lat_journal_tick(struct lat_journal *j)
{
    const uint64_t now = frames_done(j); // before what came by then is read
    take_records(j);
    if (!lat_control_reached(j->control, 0)) {
        for (uint32_t i = 0; i < j->entries.n; ++i) {
            j->entries.at[i].seen_at = seen_at(j); // the ring is full
        }
    }
    write_until(j, now);
    flush(j);
}

uint64_t
lat_journal_next_ns(const struct lat_journal *j)
{
    return j->has_failed
               ? UINT64_MAX
               : lat_now_ns() + (j->entries.n > 0 ? LOOK_NS : IDLE_NS);
}

// Beginning and end.

enum lat_status
lat_journal_new(const char *path, struct lat_journal **out,
                struct lat_error *error)
{
    struct lat_journal *const j = calloc(1, sizeof(*j));
    if (!j) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    j->path = path;
    j->n_files = 1;
    const enum lat_status status =
        lat_journal_file_open(&j->file, path, 1, error);
    if (status) {
        free(j);
        return status;
    }
    *out = j;
    return LAT_OK;
}

enum lat_status
lat_journal_begin(struct lat_journal *j, struct lat_control *control,
                  struct lat_sessions *sessions, struct lat_error *error)
{
    const struct lat_listener listener = {
        .data = j,
        .topics = (LAT_TOPIC_RATE << 1U) - 1 - LAT_TOPIC_PORTS,
        .changed = on_changes,
    };
    if (j->reader) {
        return LAT_OK; // a manager has tried before
    }
    j->control = control;
    j->sessions = sessions;
    if (lat_reader_new(control, N_RECORDS,
                       1U << LAT_RECORD_MIDI | 1U << LAT_RECORD_LATE |
                           1U << LAT_RECORD_MOVED,
                       &j->reader) ||
        lat_control_listen(control, &listener)) {
        return lat_error_set(error, LAT_ENOMEM, "out of memory");
    }
    begin_at(j, frames_done(j));
    write_until(j, UINT64_MAX);
    if (j->has_failed || lat_journal_file_flush(&j->file, error)) {
        struct lat_error why = *error;
        return lat_error_set(error, LAT_ESYSTEM,
                             "cannot write the journal %.300s: %.200s; make "
                             "room, or give --journal another place",
                             j->path, j->has_failed ? "no memory" : why.text);
    }
    return LAT_OK;
}

void
lat_journal_free(struct lat_journal *j)
{
    if (!j) {
        return;
    }
    if (j->control) {
        lat_control_unlisten(j->control, j);
    }
    if (j->reader) {
        take_records(j);
        end_file(j);
        lat_reader_free(j->reader);
    } else {
        unlink(j->file.path); // nothing was played
    }
    lat_journal_file_close(&j->file);
    lat_journal_entries_fini(&j->entries);
    free(j);
}
