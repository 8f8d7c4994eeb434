// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a file says once: [session] and [transport].

#include "apply_private.h"
#include "base/rt.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_TEMPO           120.0
#define DEFAULT_BEATS_PER_CYCLE 4.0

static const char *const session_keys[] = {"format", "made_by", "block",
                                           "tuning", "keymap"};

// A file that cannot be read is named still when the session is saved.
static void
apply_tuning(const struct lat_apply *a, const struct lat_draft_section *s)
{
    for (size_t i = 0; i < LAT_TUNING_FILES; ++i) {
        const struct lat_draft_entry *const e =
            lat_draft_entry(a->draft, s, lat_tuning_words[i]);
        char *name = NULL;
        struct lat_error error;
        if (e && !lat_apply_text(a, e, &name) &&
            lat_control_set_tuning(a->target->control, (enum lat_tuning_file)i,
                                   name, &error)) {
            lat_apply_warn(a, e->line, "%s: %s; notes are tuned without it",
                           lat_tuning_words[i], error.text);
        }
        free(name);
    }
}

void
lat_apply_session(const struct lat_apply *a, const struct lat_draft_head *head)
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
    lat_apply_keys(a, s, session_keys, LAT_COUNT(session_keys));
    apply_tuning(a, s);
}

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
read_sync(const struct lat_apply *a, const struct lat_draft_section *s,
          enum lat_sync *out)
{
    const struct lat_draft_entry *const e = lat_apply_plain_entry(a, s, "sync");
    for (size_t i = 0; e && i < LAT_N_SYNCS; ++i) {
        if (strcmp(e->value, lat_sync_words[i]) == 0) {
            *out = (enum lat_sync)i;
            return;
        }
    }
    if (e) {
        lat_apply_fail(a, LAT_EINVAL, e->line,
                       "sync is own, jack or midi, not '%s'", e->value);
    }
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

void
lat_apply_transport(const struct lat_apply *a)
{
    static const char *const keys[] = {"tempo", "beats_per_cycle", "playing",
                                       "sync"};
    static const char *const playing_words[] = {"no", "yes"};
    const struct lat_draft_section *const s =
        lat_draft_section(a->draft, LAT_SECTION_TRANSPORT);
    bool is_playing = true;
    enum lat_sync sync = LAT_SYNC_OWN;
    if (s) {
        lat_apply_keys(a, s, keys, LAT_COUNT(keys));
        lat_apply_one_line_each(a, s);
    }
    apply_tempo(a, s);
    read_choice(a, s, "playing", playing_words, &is_playing);
    read_sync(a, s, &sync);
    struct lat_error local;
    if (lat_control_play(a->target->control, is_playing, &local)) {
        lat_apply_fail_at(a, s ? s->line : 1, &local);
    }
    lat_control_document(a->target->control)->sync = sync;
}
