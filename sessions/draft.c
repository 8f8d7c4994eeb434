// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sessions/draft.h"
#include "rt.h"
#include "sessions/lines.h"

#include <ini.h>

#include <stdlib.h>
#include <string.h>

struct section_rule {
    const char *name;
    const char *repeated; ///< the key that may stand several times
};

static const struct section_rule rules[] = {
    [LAT_SECTION_SESSION] = {"session", NULL},
    [LAT_SECTION_TRANSPORT] = {"transport", NULL},
    [LAT_SECTION_CABLES] = {"cables", "cable"},
    [LAT_SECTION_JACK] = {"jack", "connect"},
    [LAT_SECTION_MAP] = {"map", "map"},
    [LAT_SECTION_OSC] = {"osc", "feedback"},
    [LAT_SECTION_NODE] = {"node", NULL},
};

struct reader {
    struct lat_draft *draft;
    struct lat_lines lines;
    enum lat_status status; ///< the first error, already described
    uint32_t error_line;
};

const char *
lat_section_name(enum lat_section_kind kind)
{
    return kind < LAT_COUNT(rules) ? rules[kind].name : "";
}

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

__attribute__((format(printf, 3, 4))) static enum lat_status
fail(struct reader *r, enum lat_status status, const char *format, ...)
{
    if (r->status) {
        return r->status;
    }
    char text[LAT_ERROR_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    r->error_line = r->lines.number;
    r->status = lat_session_error(r->lines.error, status, r->lines.file_name,
                                  r->lines.number, "%s", text);
    return r->status;
}

static enum lat_status
fail_memory(struct reader *r)
{
    return fail(r, LAT_ENOMEM, "%s", lat_strerror(LAT_ENOMEM));
}

/// Make room for one more element of @p size bytes.
static bool
grow(void **array, size_t *capacity, size_t n, size_t size)
{
    if (n < *capacity) {
        return true;
    }
    const size_t wanted = *capacity ? 2 * *capacity : 16;
    void *const grown = realloc(*array, wanted * size);
    if (!grown) {
        return false;
    }
    *array = grown;
    *capacity = wanted;
    return true;
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

static enum lat_section_kind
section_kind(const char *name)
{
    for (size_t i = 0; i < LAT_SECTION_NODE; ++i) {
        if (strcmp(rules[i].name, name) == 0) {
            return (enum lat_section_kind)i;
        }
    }
    if (strncmp(name, "node", 4) == 0 &&
        (name[4] == ' ' || name[4] == '\t' || name[4] == '\0')) {
        return LAT_SECTION_NODE;
    }
    return LAT_SECTION_UNKNOWN;
}

static enum lat_status
begin_section(struct reader *r)
{
    struct lat_draft *const d = r->draft;
    const char *name = r->lines.section;
    const enum lat_section_kind kind = section_kind(name);
    if (kind == LAT_SECTION_NODE) {
        name += strlen("node");
        name += strspn(name, " \t");
    } else if (kind != LAT_SECTION_UNKNOWN) {
        const struct lat_draft_section *const other =
            lat_draft_section(d, kind);
        if (other) {
            return fail(r, LAT_EEXIST, "section [%s] stands in line %u already",
                        name, other->line);
        }
    }
    void *sections = d->sections;
    if (!grow(&sections, &d->sections_capacity, d->n_sections,
              sizeof(*d->sections))) {
        return fail_memory(r);
    }
    d->sections = sections;
    struct lat_draft_section *const s = &d->sections[d->n_sections++];
    *s = (struct lat_draft_section){
        .kind = kind,
        .name = strdup(name),
        .line = r->lines.number,
        .first = d->n_entries,
    };
    return s->name ? take_comment(r, &s->comment) : fail_memory(r);
}

/// inih asks for a line.
static char *
give_line(char *out, int size, void *data)
{
    struct reader *const r = data;
    struct lat_lines *const l = &r->lines;
    if (r->status) {
        return NULL;
    }
    if (!lat_lines_next(l)) {
        if (l->has_failed) {
            r->status = l->error ? l->error->status : LAT_EINVAL;
            r->error_line = l->number;
        }
        return NULL;
    }
    if (l->kind == LAT_LINE_SECTION && begin_section(r)) {
        return NULL;
    }
    const size_t length = strlen(l->text);
    if (size <= 0 || length >= (size_t)size) {
        fail(r, LAT_EINVAL, "line is longer than %d bytes", size - 1);
        return NULL;
    }
    memcpy(out, l->text, length + 1);
    return out;
}

static bool
may_repeat(const struct lat_draft_section *s, const char *key)
{
    if (s->kind == LAT_SECTION_UNKNOWN) {
        return true;
    }
    const char *const repeated = rules[s->kind].repeated;
    return repeated && strcmp(repeated, key) == 0;
}

static enum lat_status
check_key(struct reader *r, const struct lat_draft_section *s, const char *key)
{
    if (*key == '\0') {
        return fail(r, LAT_EINVAL, "no key before the '='");
    }
    if (may_repeat(s, key)) {
        return LAT_OK;
    }
    const struct lat_draft_entry *const other =
        lat_draft_entry(r->draft, s, key);
    if (other) {
        return fail(r, LAT_EEXIST,
                    "'%s' stands in line %u already; a key may be given once",
                    key, other->line);
    }
    if (s->n >= LAT_SESSION_KEYS_MAX) {
        return fail(r, LAT_EINVAL, "more than %d keys in a section",
                    LAT_SESSION_KEYS_MAX);
    }
    return LAT_OK;
}

static enum lat_status
add_entry(struct reader *r, const char *key, const char *value)
{
    struct lat_draft *const d = r->draft;
    if (d->n_sections == 0) {
        return fail(r, LAT_EINVAL,
                    "'%s' stands above the first [section]; a session begins "
                    "with [session] and format = 1",
                    key);
    }
    struct lat_draft_section *const s = &d->sections[d->n_sections - 1];
    const enum lat_status status = check_key(r, s, key);
    if (status) {
        return status;
    }
    void *entries = d->entries;
    if (!grow(&entries, &d->entries_capacity, d->n_entries,
              sizeof(*d->entries))) {
        return fail_memory(r);
    }
    d->entries = entries;
    struct lat_draft_entry *const e = &d->entries[d->n_entries++];
    ++s->n;
    *e = (struct lat_draft_entry){
        .key = strdup(key),
        .value = strdup(value),
        .line = r->lines.number,
    };
    return e->key && e->value ? take_comment(r, &e->comment) : fail_memory(r);
}

/// The line goes on with the value above.  Its own comment, which has no place
/// there, joins those above the next key.
static enum lat_status
continue_entry(struct reader *r, const char *value)
{
    struct lat_draft *const d = r->draft;
    if (d->n_sections == 0 || d->sections[d->n_sections - 1].n == 0) {
        return fail(r, LAT_EINVAL, "an indented line, but no key above it");
    }
    struct lat_draft_entry *const e = &d->entries[d->n_entries - 1];
    const size_t old_length = strlen(e->value);
    const size_t length = strlen(value);
    if (old_length + length > LAT_SESSION_VALUE_MAX) {
        return fail(r, LAT_EINVAL, "text is longer than %d bytes",
                    LAT_SESSION_VALUE_MAX);
    }
    char *const grown = realloc(e->value, old_length + 1 + length + 1);
    if (!grown) {
        return fail_memory(r);
    }
    e->value = grown;
    grown[old_length] = '\n';
    memcpy(grown + old_length + 1, value, length + 1);
    if (e->more_line == 0) {
        e->more_line = r->lines.number;
    }
    const char *const comment = r->lines.inline_comment;
    if (comment) {
        const char *const text = comment + strspn(comment, " \t");
        if (lat_buffer_append(&r->lines.above, text, strlen(text)) ||
            lat_buffer_append(&r->lines.above, "\n", 1)) {
            return fail_memory(r);
        }
    }
    return LAT_OK;
}

/// inih has a key and its value.
static int
take_value(void *user, const char *section, const char *key, const char *value)
{
    (void)section; // which inih may have cut
    struct reader *const r = user;
    if (r->status) {
        return 0;
    }
    const enum lat_status status = r->lines.kind == LAT_LINE_MORE
                                       ? continue_entry(r, value)
                                       : add_entry(r, key, value);
    return status == LAT_OK;
}

enum lat_status
lat_draft_read(struct lat_draft *out, FILE *stream, const char *file_name,
               struct lat_error *error)
{
    struct lat_draft draft = {0};
    struct reader r = {.draft = &draft};
    struct lat_error local;
    lat_lines_init(&r.lines, stream, file_name, error ? error : &local);
    const int line = ini_parse_stream(give_line, &r, take_value, &r);
    if (line < 0) {
        fail_memory(&r);
    } else if (line > 0 && (!r.status || (uint32_t)line < r.error_line)) {
        // The only thing that inih finds by itself.
        r.status = lat_session_error(r.lines.error, LAT_EINVAL, file_name,
                                     (uint32_t)line,
                                     "expected KEY = VALUE or a [section]");
    }
    if (!r.status) {
        draft.end_comment = lat_buffer_take(&r.lines.above);
        *out = draft;
    } else {
        lat_draft_fini(&draft);
        *out = draft;
    }
    lat_lines_fini(&r.lines);
    return r.status;
}
