// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "draft.h"
#include "base/array.h"
#include "lines.h"

#include <ini.h>

#include <stdlib.h>
#include <string.h>

struct reader {
    struct lat_draft *draft;
    struct lat_lines lines;
    enum lat_status status; ///< why reading ended before the file did
    uint32_t pending; ///< the line that inih has and says nothing of, or 0
    bool skips_more;  ///< the line above was refused; so are its others
    const char *long_value; ///< of the line that inih has, or NULL: its own
};

const struct lat_draft_section *
lat_draft_section(const struct lat_draft *d, enum lat_section_kind kind)
{
    for (size_t i = 0; i < d->n_sections; ++i) {
        if (d->sections[i].kind == kind) {
            return &d->sections[i];
        }
    }
    return NULL;
}

const struct lat_draft_entry *
lat_draft_entry(const struct lat_draft *d,
                const struct lat_draft_section *section, const char *key)
{
    for (size_t i = 0; i < section->n; ++i) {
        const struct lat_draft_entry *const e = &d->entries[section->first + i];
        if (strcmp(e->key, key) == 0) {
            return e;
        }
    }
    return NULL;
}

void
lat_draft_fini(struct lat_draft *d)
{
    for (size_t i = 0; i < d->n_sections; ++i) {
        free(d->sections[i].name);
        free(d->sections[i].comment);
    }
    for (size_t i = 0; i < d->n_entries; ++i) {
        free(d->entries[i].key);
        free(d->entries[i].value);
        free(d->entries[i].comment);
    }
    free(d->sections);
    free(d->entries);
    free(d->end_comment);
    *d = (struct lat_draft){0};
}

/// Something is wrong with the current line or, where it is not 0, with
/// @p line; reading goes on.
__attribute__((format(printf, 4, 5))) static void
refuse_line(struct reader *r, uint32_t line, enum lat_status status,
            const char *format, ...)
{
    struct lat_draft *const d = r->draft;
    va_list args;
    va_start(args, format);
    lat_problems_add_list(r->lines.problems, status,
                          line ? line : r->lines.number, format, args);
    va_end(args);
    if (d->n_sections > 0) {
        d->sections[d->n_sections - 1].has_errors = true;
    } else {
        d->has_errors = true;
    }
    r->skips_more = true;
}

static enum lat_status
fail_memory(struct reader *r)
{
    r->status = lat_problems_add(r->lines.problems, LAT_ENOMEM, r->lines.number,
                                 "%s", lat_strerror(LAT_ENOMEM));
    return r->status;
}

/// The comment of the current line: the lines above it and its own.
static enum lat_status
take_comment(struct reader *r, char **out)
{
    struct lat_lines *const l = &r->lines;
    if (l->inline_comment && lat_buffer_append(&l->above, l->inline_comment,
                                               strlen(l->inline_comment))) {
        return fail_memory(r);
    }
    *out = lat_buffer_take(&l->above);
    return LAT_OK;
}

static enum lat_status
begin_section(struct reader *r)
{
    struct lat_draft *const d = r->draft;
    const char *name = r->lines.section;
    const enum lat_section_kind kind = lat_section_kind_of(name);
    const struct lat_draft_section *other = NULL;
    if (kind == LAT_SECTION_NODE) {
        name += strlen("node");
        name += strspn(name, " \t");
    } else if (kind != LAT_SECTION_UNKNOWN) {
        other = lat_draft_section(d, kind);
    }
    const uint32_t other_line = other ? other->line : 0;
    if (!lat_grow((void **)&d->sections, &d->sections_capacity, d->n_sections,
                  sizeof(*d->sections))) {
        return fail_memory(r);
    }
    struct lat_draft_section *const s = &d->sections[d->n_sections++];
    *s = (struct lat_draft_section){
        .kind = kind,
        .name = strdup(name),
        .line = r->lines.number,
        .first = d->n_entries,
        .is_bad = r->lines.is_bad || other_line,
        .has_errors = r->lines.is_bad,
    };
    r->skips_more = false;
    if (!s->name) {
        return fail_memory(r);
    }
    if (other_line && !r->lines.is_bad) {
        refuse_line(r, 0, LAT_EEXIST, "section [%s] stands in line %u already",
                    name, other_line);
    }
    return take_comment(r, &s->comment);
}

/// Note a line that the line reader has refused.
static void
take_bad_line(struct reader *r)
{
    struct lat_draft *const d = r->draft;
    const bool is_more = r->lines.kind == LAT_LINE_MORE;
    if (r->lines.kind == LAT_LINE_BLANK || r->lines.kind == LAT_LINE_SECTION) {
        return;
    }
    if (d->n_sections > 0) {
        d->sections[d->n_sections - 1].has_errors = true;
    } else {
        d->has_errors = true;
    }
    r->skips_more = r->skips_more || !is_more;
}

/// inih found neither a key nor a section in the line before.
static void
end_line(struct reader *r)
{
    const struct lat_draft *const d = r->draft;
    if (r->pending && (d->n_sections > 0 || !d->has_errors)) {
        refuse_line(r, r->pending, LAT_EINVAL,
                    "expected KEY = VALUE or a [section]");
    }
    r->pending = 0;
}

/// Of a cable that is longer than what inih can hold, inih gets the key.
static const char *
shorten(struct reader *r, const char *line)
{
    static const char key[] = "cable";
    const char *value = line;
    if (strncmp(line, key, sizeof(key) - 1) == 0) {
        value += sizeof(key) - 1;
        value += strspn(value, " \t");
    }
    if (*value != '=' && *value != ':') {
        return line; // which is refused
    }
    r->long_value = value + 1 + strspn(value + 1, " \t");
    return "cable = long";
}

/// inih asks for a line.
static char *
give_line(char *out, int size, void *data)
{
    struct reader *const r = data;
    struct lat_lines *const l = &r->lines;
    end_line(r);
    if (r->status || lat_problems_is_full(l->problems)) {
        return NULL;
    }
    if (!lat_lines_next(l)) {
        r->status = l->status;
        return NULL;
    }
    if (l->kind == LAT_LINE_SECTION && begin_section(r)) {
        return NULL;
    }
    const char *line = l->text;
    if (l->is_bad) {
        take_bad_line(r);
        line = l->kind == LAT_LINE_SECTION ? "[]" : "";
    } else if (l->kind == LAT_LINE_ENTRY || l->kind == LAT_LINE_MORE) {
        r->pending = l->number;
    }
    r->long_value = NULL;
    if (!l->is_bad && l->kind == LAT_LINE_ENTRY &&
        strlen(line) > LAT_SESSION_LINE_MAX) {
        line = shorten(r, line);
    } else if (!l->is_bad && l->kind == LAT_LINE_SECTION) {
        line = "[]"; // a name that inih would cut: ours is known
    }
    const size_t length = strlen(line);
    if (size <= 0 || length >= (size_t)size) {
        r->pending = 0;
        refuse_line(r, 0, LAT_EINVAL, "line is longer than %d bytes", size - 1);
        line = "";
    }
    memcpy(out, line, strlen(line) + 1);
    return out;
}

/// @return whether the key may stand where it does.
static bool
check_key(struct reader *r, const struct lat_draft_section *s, const char *key)
{
    if (*key == '\0') {
        refuse_line(r, 0, LAT_EINVAL, "no key before the '='");
        return false;
    }
    if (lat_section_may_repeat(s, key)) {
        return true;
    }
    const struct lat_draft_entry *const other =
        lat_draft_entry(r->draft, s, key);
    if (other) {
        refuse_line(r, 0, LAT_EEXIST,
                    "'%s' stands in line %u already; a key may be given once",
                    key, other->line);
        return false;
    }
    if (s->n >= LAT_SESSION_KEYS_MAX) {
        if (s->n == LAT_SESSION_KEYS_MAX && !s->has_errors) {
            refuse_line(r, 0, LAT_EINVAL, "more than %d keys in a section",
                        LAT_SESSION_KEYS_MAX);
        }
        r->skips_more = true;
        return false;
    }
    return true;
}

static void
add_entry(struct reader *r, const char *key, const char *value)
{
    struct lat_draft *const d = r->draft;
    r->skips_more = false;
    if (d->n_sections == 0) {
        if (!d->has_errors) {
            refuse_line(r, 0, LAT_EINVAL,
                        "'%s' stands above the first [section]; a session "
                        "begins with [session] and format = 1",
                        key);
        }
        r->skips_more = true;
        return;
    }
    struct lat_draft_section *const s = &d->sections[d->n_sections - 1];
    if (!check_key(r, s, key)) {
        return;
    }
    if (!lat_grow((void **)&d->entries, &d->entries_capacity, d->n_entries,
                  sizeof(*d->entries))) {
        fail_memory(r);
        return;
    }
    struct lat_draft_entry *const e = &d->entries[d->n_entries++];
    ++s->n;
    *e = (struct lat_draft_entry){
        .key = strdup(key),
        .value = strdup(value),
        .line = r->lines.number,
    };
    if (e->key && e->value) {
        take_comment(r, &e->comment);
    } else {
        fail_memory(r);
    }
}

/// A comment on a continuation has no place there and joins those above the
/// next key.
static void
keep_inline_comment(struct reader *r)
{
    const char *const comment = r->lines.inline_comment;
    if (comment) {
        const char *const text = comment + strspn(comment, " \t");
        if (lat_buffer_append(&r->lines.above, text, strlen(text)) ||
            lat_buffer_append(&r->lines.above, "\n", 1)) {
            fail_memory(r);
        }
    }
}

static void
drop_last_entry(struct reader *r)
{
    struct lat_draft *const d = r->draft;
    const struct lat_draft_entry *const e = &d->entries[--d->n_entries];
    --d->sections[d->n_sections - 1].n;
    free(e->key);
    free(e->value);
    free(e->comment);
    r->skips_more = true;
}

/// The line goes on with the value above.
static void
continue_entry(struct reader *r, const char *value)
{
    struct lat_draft *const d = r->draft;
    if (r->skips_more) {
        return;
    }
    if (d->n_sections == 0 || d->sections[d->n_sections - 1].n == 0) {
        refuse_line(r, 0, LAT_EINVAL, "an indented line, but no key above it");
        return;
    }
    struct lat_draft_entry *const e = &d->entries[d->n_entries - 1];
    const size_t old_length = strlen(e->value);
    const size_t length = strlen(value);
    if (old_length + length > LAT_SESSION_VALUE_MAX) {
        refuse_line(r, 0, LAT_EINVAL, "text is longer than %d bytes",
                    LAT_SESSION_VALUE_MAX);
        drop_last_entry(r); // half of it may be wrong in other ways
        return;
    }
    char *const grown = realloc(e->value, old_length + 1 + length + 1);
    if (!grown) {
        fail_memory(r);
        return;
    }
    e->value = grown;
    grown[old_length] = '\n';
    memcpy(grown + old_length + 1, value, length + 1);
    if (e->more_line == 0) {
        e->more_line = r->lines.number;
    }
    keep_inline_comment(r);
}

/// inih has a key and its value.
static int
take_value(void *user, const char *section, const char *key, const char *value)
{
    (void)section; // which inih may have cut
    struct reader *const r = user;
    r->pending = 0;
    if (r->status) {
        return 1;
    }
    if (r->lines.kind == LAT_LINE_MORE) {
        continue_entry(r, value);
    } else {
        add_entry(r, key, r->long_value ? r->long_value : value);
    }
    return 1;
}

/// Is there any section that a session has, or one that was meant to be?
static bool
is_of_interest(const struct lat_draft *d)
{
    bool is = d->n_sections == 0;
    for (size_t i = 0; i < d->n_sections && !is; ++i) {
        is = lat_section_guess(&d->sections[i]) != LAT_SECTION_UNKNOWN;
    }
    return is;
}

enum lat_status
lat_draft_read(struct lat_draft *out, FILE *stream,
               struct lat_problems *problems)
{
    struct lat_draft draft = {0};
    struct reader r = {.draft = &draft};
    lat_lines_init(&r.lines, stream, problems);
    if (ini_parse_stream(give_line, &r, take_value, &r) < 0) {
        fail_memory(&r);
    }
    end_line(&r);
    if (!r.status && draft.has_errors && !is_of_interest(&draft)) {
        // Some other file: what its lines lack, nobody wants to know.
        lat_problems_keep_first(problems);
        r.status = LAT_EINVAL;
    }
    if (!r.status) {
        draft.end_comment = lat_buffer_take(&r.lines.above);
    } else {
        lat_draft_fini(&draft);
    }
    *out = draft;
    lat_lines_fini(&r.lines);
    return r.status;
}
