// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "writer.h"
#include "comments.h"
#include "escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
put_bytes(struct writer *w, const char *text, size_t length)
{
    if (!w->status) {
        w->status = lat_buffer_append(&w->out, text, length);
    }
}

static void
put(struct writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

const char *
lat_write_comment(struct writer *w, const char *comment)
{
    if (!comment) {
        return "";
    }
    const char *const last = strrchr(comment, '\n');
    const char *const behind = last ? last + 1 : comment;
    put_bytes(w, comment, (size_t)(behind - comment));
    return behind;
}

/// Most bytes of a line with that key.
static size_t
longest_line(const char *key)
{
    return strcmp(key, "cable") == 0 ? LAT_SESSION_CABLE_MAX
                                     : LAT_SESSION_LINE_MAX;
}

void
lat_write_line(struct writer *w, const char *line, const char *comment)
{
    const char *const behind = lat_write_comment(w, comment);
    const char *const end = line + strcspn(line, "\n");
    const bool fits =
        *behind == '\0' ||
        (size_t)(end - line) + strlen(behind) <= (size_t)LAT_SESSION_LINE_MAX;
    if (!fits) {
        put(w, behind + strspn(behind, " \t"));
        put(w, "\n");
    }
    put_bytes(w, line, (size_t)(end - line));
    if (fits) {
        put(w, behind);
    }
    put(w, end);
    put(w, "\n");
}

void
lat_write_value(struct writer *w, const char *key, const char *value,
                const char *comment)
{
    struct lat_buffer line = {0};
    const size_t n_first = strcspn(value, "\n");
    const bool fits = strlen(key) + 3 + n_first <= longest_line(key);
    const char *const equals = !fits || *value == ';' ? "="
                               : n_first > 0          ? " = "
                                                      : " =";
    if (lat_buffer_append(&line, key, strlen(key)) ||
        lat_buffer_append(&line, equals, strlen(equals)) ||
        lat_buffer_append(&line, value, strlen(value))) {
        w->status = LAT_ENOMEM;
    } else {
        lat_write_line(w, line.text, comment);
    }
    free(lat_buffer_take(&line));
}

void
lat_write_text(struct writer *w, const char *key, const char *text,
               const char *comment)
{
    struct lat_buffer value = {0};
    if (lat_text_escape(&value, text, strlen(key) + 3)) {
        w->status = LAT_ENOMEM;
    } else {
        lat_write_value(w, key, value.text ? value.text : "", comment);
    }
    free(lat_buffer_take(&value));
}

/// Lines of a wrapped text, indented by up to 4 blanks; NULL if one is too
/// long.
static char *
indent_lines(const char *raw, size_t column, size_t indent)
{
    static const char blanks[] = "\n    ";
    struct lat_buffer out = {0};
    while (*raw != '\0') {
        const size_t length = strcspn(raw, "\n");
        if (column + length > LAT_SESSION_LINE_MAX ||
            lat_buffer_append(&out, raw, length)) {
            free(lat_buffer_take(&out));
            return NULL;
        }
        raw += length;
        if (*raw == '\n') {
            ++raw;
            column = indent;
            if (lat_buffer_append(&out, blanks, 1 + indent)) {
                free(lat_buffer_take(&out));
                return NULL;
            }
        }
    }
    return lat_buffer_take(&out);
}

bool
lat_write_text_as_it_was(struct writer *w, const char *key, const char *text,
                         const char *raw, const char *comment)
{
    char *was = NULL;
    const char *reason = NULL;
    if (!raw || lat_text_unescape(raw, &was, &reason)) {
        return false;
    }
    const bool is_same = strcmp(was, text) == 0;
    free(was);
    char *const value = is_same ? indent_lines(raw, strlen(key) + 3, 4) : NULL;
    if (!value) {
        return false;
    }
    lat_write_value(w, key, value, comment);
    free(value);
    return true;
}

void
lat_write_raw(struct writer *w, const char *key, const char *raw,
              const char *comment)
{
    char *value = indent_lines(raw, strlen(key) + 1, 4);
    if (!value) {
        value = indent_lines(raw, strlen(key) + 1, 1);
    }
    if (!value && *raw != '\0') {
        w->status = LAT_ENOMEM; // for as it was it fits
        return;
    }
    lat_write_value(w, key, value ? value : "", comment);
    free(value);
}

void
lat_write_section(struct writer *w, const char *name, const char *comment)
{
    char line[LAT_SESSION_SECTION_MAX + 3];
    snprintf(line, sizeof(line), "[%s]", name);
    lat_write_line(w, line, comment ? comment : w->out.length > 0 ? "\n" : "");
}

const char *
lat_write_document_comment(const struct writer *w, enum lat_section_kind kind,
                           const char *key)
{
    char prefix[16];
    snprintf(prefix, sizeof(prefix), "%s/", lat_section_name(kind));
    return lat_comments_find(w->document->comments, prefix, key);
}
