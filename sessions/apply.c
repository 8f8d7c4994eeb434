// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "apply.h"
#include "apply_private.h"
#include "base/rt.h"
#include "base/text.h"
#include "check.h"
#include "comments.h"
#include "escape.h"
#include "lines.h"
#include "node/value_text.h"
#include "words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TEMPO           120.0
#define DEFAULT_BEATS_PER_CYCLE 4.0

/// Refuse keys that are not in @p known, or keep those of a newer lattice.
static enum lat_status
check_keys(const struct lat_apply *a, const struct lat_draft_section *s,
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

// [session]

static const char *const session_keys[] = {"format", "made_by", "block"};

static void
apply_session(const struct lat_apply *a, const struct lat_draft_head *head)
{
    const struct lat_draft_section *const s = lat_draft_head_section(a->draft);
    if (!s) {
        return;
    }
    lat_control_document(a->target->control)->block = head->block;
    if (a->is_newer) {
        lat_apply_warn(a, s->line,
                       "made by a newer lattice than this %s; what is unknown "
                       "here is kept and does nothing, and the file is not "
                       "overwritten",
                       LAT_VERSION);
    }
    check_keys(a, s, session_keys, LAT_COUNT(session_keys));
}

// [transport]

static enum lat_status
read_number(const struct lat_apply *a, const struct lat_draft_section *s,
            const char *key, double *out, uint32_t *line)
{
    const struct lat_draft_entry *const e = lat_apply_plain_entry(a, s, key);
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
    const struct lat_draft_entry *const e = lat_apply_plain_entry(a, s, key);
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

static void
apply_tempo(const struct lat_apply *a, const struct lat_draft_section *s)
{
    struct lat_control *const c = a->target->control;
    struct lat_error local;
    double tempo = DEFAULT_TEMPO;
    double beats = DEFAULT_BEATS_PER_CYCLE;
    uint32_t line = 0;
    if (!read_number(a, s, "tempo", &tempo, &line) &&
        lat_control_tempo(c, tempo, &local)) {
        lat_apply_fail_at(a, line, &local);
    }
    if (!read_number(a, s, "beats_per_cycle", &beats, &line) &&
        lat_control_beats_per_cycle(c, beats, &local)) {
        lat_apply_fail_at(a, line, &local);
    }
}

/// A file without [transport] has what a new session has.
static void
apply_transport(const struct lat_apply *a)
{
    static const char *const keys[] = {"tempo", "beats_per_cycle", "playing",
                                       "sync"};
    static const char *const playing_words[] = {"no", "yes"};
    static const char *const sync_words[] = {"own", "jack"};
    const struct lat_draft_section *const s =
        lat_draft_section(a->draft, LAT_SECTION_TRANSPORT);
    bool is_playing = true;
    bool is_jack = false;
    if (s) {
        check_keys(a, s, keys, LAT_COUNT(keys));
        lat_apply_one_line_each(a, s);
    }
    apply_tempo(a, s);
    read_choice(a, s, "playing", playing_words, &is_playing);
    const struct lat_draft_entry *const sync =
        lat_apply_plain_entry(a, s, "sync");
    if (sync && strcmp(sync->value, "midi") == 0 && !a->is_newer) {
        lat_apply_fail(a, LAT_ELATER, sync->line,
                       "sync = midi comes in a later release; write own or "
                       "jack");
    } else {
        read_choice(a, s, "sync", sync_words, &is_jack);
    }
    struct lat_error local;
    if (lat_control_play(a->target->control, is_playing, &local)) {
        lat_apply_fail_at(a, s ? s->line : 1, &local);
    }
    lat_control_document(a->target->control)->sync =
        is_jack ? LAT_SYNC_JACK : LAT_SYNC_OWN;
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

/// A cable was refused.  Where a node is doubtful, that may be because of it;
/// then only the other end tells anything.
static enum lat_status
refuse_cable(const struct lat_apply *a, const struct lat_draft_entry *e,
             const struct cable_line *line, const char *src, const char *dst,
             const struct lat_error *error)
{
    const struct lat_control *const c = a->target->control;
    const bool is_src_doubtful = lat_apply_is_doubtful(a, line->words.word[0]);
    const bool is_dst_doubtful = lat_apply_is_doubtful(a, line->words.word[2]);
    struct lat_error local;
    if (!is_src_doubtful && !is_dst_doubtful) {
        lat_apply_fail_at(a, e->line, error);
    } else if (line->amount && !lat_value_is_number(line->amount)) {
        lat_apply_fail(a, LAT_EINVAL, e->line,
                       "an amount is a number in the unit of the input, like "
                       "0.5, 600 or -6dB, not '%s'",
                       line->amount);
    } else if (!is_src_doubtful &&
               lat_control_check_end(c, src, true, &local)) {
        lat_apply_fail_at(a, e->line, &local);
    } else if (!is_dst_doubtful &&
               lat_control_check_end(c, dst, false, &local)) {
        lat_apply_fail_at(a, e->line, &local);
    }
    return error->status;
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
        return refuse_cable(a, e, &line, src, dst, &local);
    }
    if (graph->n_cables == n_before) {
        return lat_apply_fail(a, LAT_EEXIST, e->line,
                              "this cable stands above already; there is at "
                              "most one from a port to a port");
    }
    attach_comment(graph, graph->n_cables - n_before, e);
    return LAT_OK;
}

static void
apply_cables(const struct lat_apply *a, const struct lat_draft_section *s)
{
    static const char *const keys[] = {"cable"};
    check_keys(a, s, keys, LAT_COUNT(keys));
    for (size_t i = 0; i < s->n && !lat_problems_is_full(a->target->problems);
         ++i) {
        struct lat_draft_entry *const e = &a->draft->entries[s->first + i];
        if (strcmp(e->key, keys[0]) == 0) {
            apply_cable(a, e);
        }
    }
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

/// Does the map lead to a node whose section has errors?
static bool
is_map_doubtful(const struct lat_apply *a, const struct lat_draft_section *s,
                const char *text)
{
    struct lat_words w;
    return s->kind == LAT_SECTION_MAP && lat_words_split(&w, text) &&
           w.n >= 3 && lat_apply_is_doubtful(a, w.word[2]);
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
    } else if (status == LAT_ENOTFOUND && is_map_doubtful(a, s, text)) {
        // Its node's section has errors, which are told.
    } else if (status) {
        lat_apply_fail_at(a, e->line, &local);
    } else if (lat_line_append(list, e->key, text, e->comment)) {
        status = lat_apply_fail_memory(a, e->line);
    }
    free(text);
    return status;
}

static void
apply_lines(const struct lat_apply *a, const struct lat_draft_section *s)
{
    struct lat_document *const d = lat_control_document(a->target->control);
    struct lat_line **list = s->kind == LAT_SECTION_JACK  ? &d->jack
                             : s->kind == LAT_SECTION_MAP ? &d->map
                                                          : &d->osc;
    const char *const key = s->kind == LAT_SECTION_JACK  ? "connect"
                            : s->kind == LAT_SECTION_MAP ? "map"
                                                         : "feedback";
    check_keys(a, s, &key, 1);
    if (s->n > 0 && s->kind != LAT_SECTION_JACK) {
        // Nothing reads the document's map and osc yet.
        lat_apply_warn(a, s->line,
                       "[%s] is kept, but comes in a later release and does "
                       "nothing yet",
                       s->name);
    }
    for (size_t i = 0; i < s->n && !lat_problems_is_full(a->target->problems);
         ++i) {
        const struct lat_draft_entry *const e =
            &a->draft->entries[s->first + i];
        if (strcmp(e->key, key) == 0) {
            apply_line(a, s, list, e);
        }
        while (*list) {
            list = &(*list)->next;
        }
    }
}

// All of it

static bool
has_capital(const char *text, size_t length)
{
    bool has = false;
    for (size_t i = 0; i < length; ++i) {
        has = has || (text[i] >= 'A' && text[i] <= 'Z');
    }
    return has;
}

/// Refuse a section that is not known, and take it for what it seems to be.
static void
apply_unknown_section(const struct lat_apply *a, struct lat_draft_section *s)
{
    if (a->is_newer) {
        lat_apply_keep_section(a, s);
        return;
    }
    const enum lat_section_kind guess = lat_section_guess(s);
    const char *const later = lat_apply_later(LAT_SECTION_UNKNOWN, s->name);
    const size_t n_word = strcspn(s->name, " \t");
    char name[LAT_NAME_MAX + 16];
    struct lat_nearest nearest = {.best = NULL};
    if (guess == LAT_SECTION_NODE) {
        const char *const rest = s->name + n_word;
        snprintf(name, sizeof(name), "[node %s]", rest + strspn(rest, " \t"));
    } else {
        snprintf(name, sizeof(name), "[%s]", lat_section_name(guess));
    }
    if (s->is_bad) {
        // That is told already.
    } else if (later) {
        lat_apply_fail(a, LAT_ELATER, s->line, "%s", later);
    } else if (guess == LAT_SECTION_UNKNOWN &&
               lat_draft_entry(a->draft, s, "type")) {
        lat_apply_fail(a, LAT_ENOTFOUND, s->line,
                       "unknown section '%s'; a node's is [node %s]", s->name,
                       s->name);
    } else if (guess == LAT_SECTION_UNKNOWN) {
        lat_apply_unknown(a, s->line, "section", s->name, &nearest);
    } else {
        lat_apply_fail(a, LAT_ENOTFOUND, s->line,
                       "unknown section '%s'; did you mean %s?%s", s->name,
                       name,
                       has_capital(s->name, n_word)
                           ? " Names of sections are in lower case"
                           : "");
    }
    s->has_errors = true;
    s->kind = guess;
    if (guess == LAT_SECTION_NODE) {
        memmove(s->name, s->name + n_word, strlen(s->name + n_word) + 1);
        const size_t n = strspn(s->name, " \t");
        memmove(s->name, s->name + n, strlen(s->name + n) + 1);
    } else if (lat_draft_entry(a->draft, s, "type")) {
        s->kind = LAT_SECTION_NODE;
    }
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

static void
apply_nodes(const struct lat_apply *a)
{
    for (size_t i = 0;
         i < a->draft->n_sections && !lat_problems_is_full(a->target->problems);
         ++i) {
        struct lat_draft_section *const s = &a->draft->sections[i];
        if (s->kind == LAT_SECTION_NODE) {
            lat_apply_node(a, s);
        }
    }
}

static void
apply_unknown_sections(const struct lat_apply *a)
{
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        if (a->draft->sections[i].kind == LAT_SECTION_UNKNOWN) {
            apply_unknown_section(a, &a->draft->sections[i]);
        }
    }
}

/// Everything but nodes, in file order, nodes being there.
static void
apply_others(const struct lat_apply *a)
{
    for (size_t i = 0; i < a->draft->n_sections; ++i) {
        struct lat_draft_section *const s = &a->draft->sections[i];
        if (s->kind == LAT_SECTION_CABLES) {
            apply_cables(a, s);
        } else if (!a->target->part &&
                   (s->kind == LAT_SECTION_JACK || s->kind == LAT_SECTION_MAP ||
                    s->kind == LAT_SECTION_OSC)) {
            apply_lines(a, s);
        }
        if (!a->target->part && s->kind < LAT_SECTION_NODE) {
            keep_comments(a, s);
        }
    }
}

static void
apply_document(const struct lat_apply *a, const struct lat_draft_head *head)
{
    struct lat_document *const document =
        lat_control_document(a->target->control);
    apply_session(a, head);
    apply_transport(a);
    if (a->draft->end_comment && lat_comments_add(&document->comments, "end/",
                                                  "", &a->draft->end_comment)) {
        lat_apply_fail_memory(a, 1);
    }
}

void
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
    struct lat_loose_cable **loose =
        &lat_control_document(target->control)->unknown.cables;
    while (*loose) {
        loose = &(*loose)->next;
    }
    if (head->is_newer && !ends) {
        lat_apply_fail_memory(&a, 1);
        return;
    }
    if (head->is_newer) {
        lat_apply_keep_head(&a, head);
    }
    if (!target->part) {
        apply_document(&a, head);
    }
    apply_unknown_sections(&a);
    apply_nodes(&a);
    apply_others(&a);
    if (target->problems->n_errors) {
        lat_loose_cables_free(loose);
    } else if (target->wants_heard) {
        lat_apply_warn_unheard(&a);
    }
    lat_cable_ends_free(ends);
}
