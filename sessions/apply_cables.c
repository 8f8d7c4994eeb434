// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// [cables]: SRC -> DST [* AMOUNT] [feedback].

#include "apply_private.h"
#include "base/rt.h"
#include "node/value_text.h"
#include "words.h"

#include <string.h>

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

void
lat_apply_cables(const struct lat_apply *a, const struct lat_draft_section *s)
{
    static const char *const keys[] = {"cable"};
    lat_apply_keys(a, s, keys, LAT_COUNT(keys));
    for (size_t i = 0; i < s->n && !lat_problems_is_full(a->target->problems);
         ++i) {
        struct lat_draft_entry *const e = &a->draft->entries[s->first + i];
        if (strcmp(e->key, keys[0]) == 0) {
            apply_cable(a, e);
        }
    }
}
