// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sessions/apply.h"
#include "rt.h"
#include "sessions/apply_private.h"
#include "sessions/check.h"
#include "sessions/comments.h"
#include "sessions/escape.h"
#include "sessions/lines.h"
#include "sessions/words.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/// The `format` that this program writes.
#define FORMAT 1

#define DEFAULT_TEMPO           120.0
#define DEFAULT_BEATS_PER_CYCLE 4.0

enum lat_status
lat_apply_fail(const struct lat_apply *a, enum lat_status status, uint32_t line,
               const char *format, ...)
{
    char text[LAT_ERROR_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return lat_session_error(a->target->error, status, a->target->file_name,
                             line, "%s", text);
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
    if (!a->target->warn) {
        return;
    }
    char text[LAT_ERROR_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct lat_error shown;
    lat_session_error(&shown, LAT_OK, a->target->file_name, line, "%s", text);
    a->target->warn(a->target->data, shown.text);
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

static enum lat_status
unknown(const struct lat_apply *a, uint32_t line, const char *what,
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

/// Refuse keys that are not in @p known, or keep those of a newer lattice.
static enum lat_status
check_keys(const struct lat_apply *a, const struct lat_draft_section *s,
           const char *const *known, size_t n_known)
{
    for (size_t i = 0; i < s->n; ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        struct lat_nearest nearest;
        lat_nearest_init(&nearest, e->key);
        bool is_known = false;
        for (size_t k = 0; k < n_known; ++k) {
            is_known = is_known || strcmp(e->key, known[k]) == 0;
            lat_nearest_try(&nearest, known[k]);
        }
        enum lat_status status = LAT_OK;
        if (!is_known && a->is_newer) {
            status = lat_apply_keep_line(a, s, e, NULL);
        } else if (!is_known) {
            status = unknown(a, e->line, "key", e->key, &nearest);
        }
        if (status) {
            return status;
        }
    }
    return LAT_OK;
}

// [session]

static enum lat_status
read_format(const struct lat_apply *a, const struct lat_draft_section *s,
            struct lat_draft_head *out)
{
    const struct lat_draft_entry *const format =
        s ? lat_draft_entry(a->draft, s, "format") : NULL;
    if (!format) {
        return lat_apply_fail(a, LAT_EINVAL, s ? s->line : 1,
                              "no format; a session has [session] with "
                              "format = %d",
                              FORMAT);
    }
    unsigned n = 0;
    if (!lat_words_count(format->value, 1000000, &n)) {
        return lat_apply_fail(a, LAT_EINVAL, format->line,
                              "format '%s' is not known; this lattice writes "
                              "format = %d",
                              format->value, FORMAT);
    }
    const struct lat_draft_entry *const made_by =
        lat_draft_entry(a->draft, s, "made_by");
    out->format = n;
    out->made_by = made_by ? made_by->value : NULL;
    out->is_newer =
        n > FORMAT || (made_by && lat_is_made_by_newer(made_by->value,
                                                       "lattice " LAT_VERSION));
    return LAT_OK;
}

static enum lat_status
read_block(const struct lat_apply *a, const struct lat_draft_section *s,
           struct lat_draft_head *out)
{
    const struct lat_draft_entry *const e =
        lat_draft_entry(a->draft, s, "block");
    unsigned block = 0;
    if (e && !lat_words_count(e->value, LAT_MAX_BLOCK, &block)) {
        return lat_apply_fail(a, LAT_EINVAL, e->line,
                              "block '%s' is not a whole number from 1 to %d",
                              e->value, LAT_MAX_BLOCK);
    }
    out->block = block;
    return LAT_OK;
}

static enum lat_status
check_one_line_each(const struct lat_apply *a,
                    const struct lat_draft_section *s)
{
    for (size_t i = 0; i < s->n; ++i) {
        const enum lat_status status =
            lat_apply_one_line(a, &a->draft->entries[s->first + i]);
        if (status) {
            return status;
        }
    }
    return LAT_OK;
}

enum lat_status
lat_draft_read_head(const struct lat_draft *d, const char *file_name,
                    struct lat_draft_head *out, struct lat_error *error)
{
    const struct lat_draft_target target = {.file_name = file_name,
                                            .error = error};
    // Nothing below changes the draft.
    struct lat_draft view = *d;
    const struct lat_apply a = {.draft = &view, .target = &target};
    const struct lat_draft_section *const s =
        lat_draft_section(d, LAT_SECTION_SESSION);
    struct lat_draft_head head = {0};
    enum lat_status status = read_format(&a, s, &head);
    if (!status) {
        status = check_one_line_each(&a, s);
    }
    if (!status) {
        status = read_block(&a, s, &head);
    }
    if (!status) {
        *out = head;
    }
    return status;
}

static enum lat_status
apply_session(const struct lat_apply *a, const struct lat_draft_section *s,
              const struct lat_draft_head *head)
{
    static const char *const keys[] = {"format", "made_by", "block"};
    lat_control_document(a->target->control)->block = head->block;
    if (a->is_newer) {
        lat_apply_warn(a, s->line,
                       "made by a newer lattice than this %s; what is unknown "
                       "here is kept and does nothing, and the file is not "
                       "overwritten",
                       LAT_VERSION);
    }
    return check_keys(a, s, keys, LAT_COUNT(keys));
}

// [transport]

static enum lat_status
read_number(const struct lat_apply *a, const struct lat_draft_section *s,
            const char *key, double *out, uint32_t *line)
{
    const struct lat_draft_entry *const e =
        s ? lat_draft_entry(a->draft, s, key) : NULL;
    if (!e) {
        return LAT_OK;
    }
    *line = e->line;
    if (!lat_parse_number(e->value, out)) {
        return lat_apply_fail(a, LAT_EINVAL, e->line,
                              "%s '%s' is not a number; write it as in 120 or "
                              "0.5",
                              key, e->value);
    }
    return LAT_OK;
}

/// Read one of two words: *OUT becomes whether it is the second.
static enum lat_status
read_choice(const struct lat_apply *a, const struct lat_draft_section *s,
            const char *key, const char *const words[2], bool *out)
{
    const struct lat_draft_entry *const e =
        s ? lat_draft_entry(a->draft, s, key) : NULL;
    if (!e) {
        return LAT_OK;
    }
    for (size_t i = 0; i < 2; ++i) {
        if (strcmp(e->value, words[i]) == 0) {
            *out = i == 1;
            return LAT_OK;
        }
    }
    return lat_apply_fail(a, LAT_EINVAL, e->line, "%s is %s or %s, not '%s'",
                          key, words[0], words[1], e->value);
}

static enum lat_status
apply_tempo(const struct lat_apply *a, const struct lat_draft_section *s)
{
    struct lat_control *const c = a->target->control;
    struct lat_error local;
    double tempo = DEFAULT_TEMPO;
    double beats = DEFAULT_BEATS_PER_CYCLE;
    uint32_t tempo_line = 0;
    uint32_t beats_line = 0;
    enum lat_status status = read_number(a, s, "tempo", &tempo, &tempo_line);
    if (!status) {
        status = read_number(a, s, "beats_per_cycle", &beats, &beats_line);
    }
    if (status) {
        return status;
    }
    if (lat_control_tempo(c, tempo, &local)) {
        return lat_apply_fail_at(a, tempo_line, &local);
    }
    if (lat_control_beats_per_cycle(c, beats, &local)) {
        return lat_apply_fail_at(a, beats_line, &local);
    }
    return LAT_OK;
}

/// @p s is NULL when the file has no [transport]: then all is as it is in a
/// new session.
static enum lat_status
apply_transport(const struct lat_apply *a, const struct lat_draft_section *s)
{
    static const char *const keys[] = {"tempo", "beats_per_cycle", "playing",
                                       "sync"};
    static const char *const playing_words[] = {"no", "yes"};
    static const char *const sync_words[] = {"own", "jack"};
    bool is_playing = true;
    bool is_jack = false;
    enum lat_status status =
        s ? check_keys(a, s, keys, LAT_COUNT(keys)) : LAT_OK;
    if (!status && s) {
        status = check_one_line_each(a, s);
    }
    if (!status) {
        status = apply_tempo(a, s);
    }
    if (!status) {
        status = read_choice(a, s, "playing", playing_words, &is_playing);
    }
    if (!status) {
        status = read_choice(a, s, "sync", sync_words, &is_jack);
    }
    if (status) {
        return status;
    }
    struct lat_error local;
    if (lat_control_play(a->target->control, is_playing, &local)) {
        return lat_apply_fail_at(a, s ? s->line : 1, &local);
    }
    lat_control_document(a->target->control)->sync =
        is_jack ? LAT_SYNC_JACK : LAT_SYNC_OWN;
    return LAT_OK;
}

// [cables]

struct cable_line {
    struct lat_words words;
    const char *amount; ///< NULL: the line has none
    bool is_feedback;
};

/// SRC -> DST [* AMOUNT] [feedback]
static enum lat_status
read_cable(const struct lat_apply *a, const struct lat_draft_entry *e,
           struct cable_line *out)
{
    struct lat_words *const w = &out->words;
    out->amount = NULL;
    out->is_feedback = false;
    bool is_good = lat_words_split(w, e->value) && w->n >= 3 &&
                   strcmp(w->word[1], "->") == 0;
    size_t next = 3;
    if (is_good && strcmp(w->word[next], "*") == 0) {
        out->amount = w->word[next + 1];
        next += 2;
    }
    if (is_good && strcmp(w->word[next], "feedback") == 0) {
        out->is_feedback = true;
        ++next;
    }
    if (!is_good || w->n != next) {
        return lat_apply_fail(a, LAT_EINVAL, e->line,
                              "'%s' is no cable; write SRC -> DST [* AMOUNT] "
                              "[feedback], with blanks around -> and *",
                              e->value);
    }
    return LAT_OK;
}

/// Give the first of the last @p n cables its comment.
static void
attach_comment(const struct lat_graph *graph, uint32_t n,
               struct lat_draft_entry *e)
{
    struct lat_cable *cable = graph->last_cable;
    while (n > 1 && cable) {
        cable = cable->prev;
        --n;
    }
    if (cable && !cable->comment) {
        cable->comment = e->comment;
        e->comment = NULL;
    }
}

static enum lat_status
apply_cable(const struct lat_apply *a, struct lat_draft_entry *e)
{
    struct cable_line line;
    enum lat_status status = lat_apply_one_line(a, e);
    if (!status) {
        status = read_cable(a, e, &line);
    }
    if (status) {
        return status;
    }
    struct lat_control *const c = a->target->control;
    const struct lat_graph *const graph = lat_control_graph(c);
    const uint32_t n_before = graph->n_cables;
    char src[1024 + LAT_NAME_MAX];
    char dst[sizeof(src)];
    struct lat_error local;
    if (!lat_apply_name(a, line.words.word[0], src, sizeof(src)) ||
        !lat_apply_name(a, line.words.word[2], dst, sizeof(dst))) {
        return lat_apply_fail(a, LAT_EINVAL, e->line, "the line is too long");
    }
    const struct lat_value amount = {.is_text = true, .text = line.amount};
    status = lat_control_connect_value(
        c, src, dst, line.amount ? &amount : NULL, line.is_feedback, &local);
    if (status == LAT_ENOTFOUND && a->is_newer) {
        return lat_apply_keep_cable(a, e, src, dst, local.text);
    }
    if (status) {
        return lat_apply_fail_at(a, e->line, &local);
    }
    if (graph->n_cables == n_before) {
        return lat_apply_fail(a, LAT_EEXIST, e->line,
                              "this cable stands above already; there is at "
                              "most one from a port to a port");
    }
    attach_comment(graph, graph->n_cables - n_before, e);
    return LAT_OK;
}

static enum lat_status
apply_cables(const struct lat_apply *a, const struct lat_draft_section *s)
{
    static const char *const keys[] = {"cable"};
    enum lat_status status = check_keys(a, s, keys, LAT_COUNT(keys));
    for (size_t i = 0; i < s->n && !status; ++i) {
        struct lat_draft_entry *const e = &a->draft->entries[s->first + i];
        if (strcmp(e->key, keys[0]) == 0) {
            status = apply_cable(a, e);
        }
    }
    return status;
}

// [jack], [map], [osc]

static enum lat_status
check_line(const struct lat_apply *a, enum lat_section_kind kind,
           const char *text, struct lat_error *error)
{
    switch (kind) {
    case LAT_SECTION_JACK:
        return lat_check_connect(text, error);
    case LAT_SECTION_MAP:
        return lat_check_map(text, lat_control_graph(a->target->control),
                             error);
    default:
        return lat_check_feedback(text, error);
    }
}

static enum lat_status
apply_line(const struct lat_apply *a, const struct lat_draft_section *s,
           struct lat_line **list, const struct lat_draft_entry *e)
{
    char *text = NULL;
    enum lat_status status = lat_apply_text(a, e, &text);
    if (status) {
        return status;
    }
    struct lat_error local;
    status = check_line(a, s->kind, text, &local);
    if (status == LAT_ENOTFOUND && a->is_newer) {
        status = lat_apply_keep_line(a, s, e, local.text);
    } else if (status) {
        lat_apply_fail_at(a, e->line, &local);
    } else if (lat_line_append(list, e->key, text, e->comment)) {
        status = lat_apply_fail_memory(a, e->line);
    }
    free(text);
    return status;
}

static enum lat_status
apply_lines(const struct lat_apply *a, const struct lat_draft_section *s)
{
    struct lat_document *const d = lat_control_document(a->target->control);
    struct lat_line **list = s->kind == LAT_SECTION_JACK  ? &d->jack
                             : s->kind == LAT_SECTION_MAP ? &d->map
                                                          : &d->osc;
    const char *const key = s->kind == LAT_SECTION_JACK  ? "connect"
                            : s->kind == LAT_SECTION_MAP ? "map"
                                                         : "feedback";
    enum lat_status status = check_keys(a, s, &key, 1);
    if (s->n > 0 && s->kind != LAT_SECTION_JACK) {
        // Nothing reads the document's map and osc yet.
        lat_apply_warn(a, s->line,
                       "[%s] is kept, but comes in a later release and does "
                       "nothing yet",
                       s->name);
    }
    for (size_t i = 0; i < s->n && !status; ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        if (strcmp(e->key, key) == 0) {
            status = apply_line(a, s, list, e);
        }
        while (*list) {
            list = &(*list)->next;
        }
    }
    return status;
}

// All of it

static enum lat_status
apply_unknown_section(const struct lat_apply *a,
                      const struct lat_draft_section *s)
{
    if (a->is_newer) {
        return lat_apply_keep_section(a, s);
    }
    struct lat_nearest nearest;
    lat_nearest_init(&nearest, s->name);
    for (int kind = 0; kind < LAT_SECTION_UNKNOWN; ++kind) {
        lat_nearest_try(&nearest,
                        lat_section_name((enum lat_section_kind)kind));
    }
    return unknown(a, s->line, "section", s->name, &nearest);
}

/// Keep the comments of a section and, where they have no place of their own,
/// of its keys.
static enum lat_status
keep_comments(const struct lat_apply *a, struct lat_draft_section *s)
{
    struct lat_document *const d = lat_control_document(a->target->control);
    char prefix[16];
    snprintf(prefix, sizeof(prefix), "%s/", lat_section_name(s->kind));
    enum lat_status status =
        lat_comments_add(&d->comments, prefix, "", &s->comment);
    const bool is_single =
        s->kind == LAT_SECTION_SESSION || s->kind == LAT_SECTION_TRANSPORT;
    for (size_t i = 0; is_single && i < s->n && !status; ++i) {
        struct lat_draft_entry *const e = &a->draft->entries[s->first + i];
        if (e->comment) {
            status =
                lat_comments_add(&d->comments, prefix, e->key, &e->comment);
        }
    }
    return status ? lat_apply_fail_memory(a, s->line) : LAT_OK;
}

static enum lat_status
apply_nodes(const struct lat_apply *a)
{
    enum lat_status status = LAT_OK;
    for (size_t i = 0; i < a->draft->n_sections && !status; ++i) {
        struct lat_draft_section *const s = &a->draft->sections[i];
        if (s->kind == LAT_SECTION_NODE) {
            status = lat_apply_node(a, s);
        } else if (s->kind == LAT_SECTION_UNKNOWN) {
            status = apply_unknown_section(a, s);
        }
    }
    return status;
}

/// Everything but nodes, in file order, nodes being there.
static enum lat_status
apply_others(const struct lat_apply *a)
{
    enum lat_status status = LAT_OK;
    for (size_t i = 0; i < a->draft->n_sections && !status; ++i) {
        struct lat_draft_section *const s = &a->draft->sections[i];
        if (s->kind == LAT_SECTION_CABLES) {
            status = apply_cables(a, s);
        } else if (!a->target->part &&
                   (s->kind == LAT_SECTION_JACK || s->kind == LAT_SECTION_MAP ||
                    s->kind == LAT_SECTION_OSC)) {
            status = apply_lines(a, s);
        }
        if (!status && !a->target->part && s->kind < LAT_SECTION_NODE) {
            status = keep_comments(a, s);
        }
    }
    return status;
}

enum lat_status
lat_draft_apply(struct lat_draft *d, const struct lat_draft_head *head,
                const struct lat_draft_target *target)
{
    struct lat_cable_ends *const ends =
        head->is_newer ? lat_cable_ends_new(d) : NULL;
    const struct lat_apply a = {
        .draft = d,
        .target = target,
        .is_newer = head->is_newer,
        .ends = ends,
    };
    enum lat_status status = LAT_OK;
    struct lat_loose_cable **loose =
        &lat_control_document(target->control)->unknown.cables;
    while (*loose) {
        loose = &(*loose)->next;
    }
    if (head->is_newer) {
        status =
            ends ? lat_apply_keep_head(&a, head) : lat_apply_fail_memory(&a, 1);
    }
    if (!status && !target->part) {
        // The head was read, so [session] is there.
        status =
            apply_session(&a, lat_draft_section(d, LAT_SECTION_SESSION), head);
        if (!status) {
            status = apply_transport(
                &a, lat_draft_section(d, LAT_SECTION_TRANSPORT));
        }
    }
    if (!status) {
        status = apply_nodes(&a);
    }
    if (!status) {
        status = apply_others(&a);
    }
    if (!status && !target->part && d->end_comment) {
        struct lat_document *const document =
            lat_control_document(target->control);
        if (lat_comments_add(&document->comments, "end/", "",
                             &d->end_comment)) {
            status = lat_apply_fail_memory(&a, 1);
        }
    }
    if (status) {
        lat_loose_cables_free(loose);
    }
    lat_cable_ends_free(ends);
    return status;
}
