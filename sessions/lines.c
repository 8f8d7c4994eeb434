// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOO_LONG                                                               \
 "line is longer than 199 bytes; continue long text on an indented line"

enum lat_status
lat_buffer_append(struct lat_buffer *b, const char *text, size_t length)
{
    if (b->capacity - b->length <= length) {
        const size_t capacity = 2 * (b->length + length) + 64;
        char *const grown = realloc(b->text, capacity);
        if (!grown) {
            return LAT_ENOMEM;
        }
        b->text = grown;
        b->capacity = capacity;
    }
    memcpy(b->text + b->length, text, length);
    b->length += length;
    b->text[b->length] = '\0';
    return LAT_OK;
}

char *
lat_buffer_take(struct lat_buffer *b)
{
    char *const text = b->text;
    *b = (struct lat_buffer){0};
    return text;
}

void
lat_lines_init(struct lat_lines *l, FILE *stream, struct lat_problems *problems)
{
    *l = (struct lat_lines){.stream = stream, .problems = problems};
}

void
lat_lines_fini(struct lat_lines *l)
{
    free(lat_buffer_take(&l->above));
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *
skip_blanks(const char *c)
{
    while (is_blank(*c)) {
        ++c;
    }
    return c;
}

/// Cut blanks off the end of @p text, which is @p length long.
static size_t
cut_blanks(char *text, size_t length)
{
    while (length > 0 && is_blank(text[length - 1])) {
        --length;
    }
    text[length] = '\0';
    return length;
}

size_t
lat_utf8_length(const char *text)
{
    const unsigned char *const u = (const unsigned char *)text;
    if (u[0] < 0x80) {
        return 1;
    }
    // Lead byte and the limits of the byte after it (Unicode, table 3-7).
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i) {
        if (u[0] < forms[i].first || u[0] > forms[i].last) {
            continue;
        }
        if (u[1] < forms[i].low || u[1] > forms[i].high) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].length; ++k) {
            if (u[k] < 0x80 || u[k] > 0xbf) {
                return 0;
            }
        }
        return forms[i].length;
    }
    return 0;
}

/// The line is wrong, the next one may be right.
static void
fail(struct lat_lines *l, const char *text)
{
    l->is_bad = true;
    lat_problems_add(l->problems, LAT_EINVAL, l->number, "%s", text);
}

/// There is no sense in going on.
static long
fail_for_good(struct lat_lines *l, enum lat_status status, const char *text)
{
    l->status = status;
    lat_problems_add(l->problems, status, l->number, "%s", text);
    return -1;
}

static bool
is_comment(const char *text)
{
    const char *const c = skip_blanks(text);
    return *c == ';' || *c == '#';
}

static long
end_of_file(struct lat_lines *l)
{
    if (ferror(l->stream)) {
        char text[120];
        snprintf(text, sizeof(text), "reading failed: %s", strerror(errno));
        return fail_for_good(l, LAT_EIO, text);
    }
    return -1;
}

/// Read a line without its end into l->text; of one that is too long, the
/// beginning.
/// @return its length, or -1 at the end of the file or on an error.
static long
read_bytes(struct lat_lines *l)
{
    size_t n = 0;
    size_t n_all = 0;
    int c = 0;
    while ((c = getc_unlocked(l->stream)) != EOF && c != '\n') {
        if (++l->n_bytes > LAT_SESSION_FILE_MAX) {
            return fail_for_good(
                l, LAT_EINVAL,
                "the file is larger than 64 MiB; is it a session?");
        }
        if (c == '\0') {
            return fail_for_good(l, LAT_EINVAL,
                                 "NUL byte; this is no text file");
        }
        ++n_all;
        if (n < LAT_SESSION_COMMENT_MAX) {
            l->text[n++] = (char)c;
        }
    }
    if (c == EOF && (ferror(l->stream) || n == 0)) {
        return end_of_file(l);
    }
    ++l->n_bytes;
    if (n > 0 && n == n_all && l->text[n - 1] == '\r') {
        --n;
    }
    l->text[n] = '\0';
    if (n_all >= LAT_SESSION_COMMENT_MAX) {
        fail(l, is_comment(l->text) ? "comment line is longer than 4000 bytes"
                                    : TOO_LONG);
    }
    return (long)n;
}

static void
check_bytes(struct lat_lines *l, size_t length)
{
    for (size_t i = 0; i < length;) {
        const size_t n = lat_utf8_length(l->text + i);
        const unsigned byte = (unsigned char)l->text[i];
        const bool is_control = (byte < ' ' && byte != '\t') || byte == 0x7f;
        if (n == 0 || is_control) {
            char text[80];
            snprintf(text, sizeof(text),
                     "%s 0x%02x%s; in text, write it as \\x%02x",
                     is_control ? "control byte" : "byte", byte,
                     is_control ? "" : " is not UTF-8", byte);
            fail(l, text);
            return;
        }
        i += n;
    }
}

/// Move an inline comment, with the blanks before it, out of the line, which is
/// no longer than LAT_SESSION_CABLE_MAX.
static void
split_inline_comment(struct lat_lines *l)
{
    l->inline_comment = NULL;
    for (char *c = l->text; *c != '\0'; ++c) {
        if (*c != ';' || c == l->text || !is_blank(c[-1])) {
            continue;
        }
        char *start = c;
        while (start > l->text && is_blank(start[-1])) {
            --start;
        }
        const size_t length = strlen(start);
        memcpy(l->inline_buffer, start, length + 1);
        cut_blanks(l->inline_buffer, length);
        l->inline_comment = l->inline_buffer;
        *start = '\0';
        return;
    }
}

/// Take the name of a [section] line whose '[' is at @p start.  Of a line that
/// is wrong, take what may have been meant.
static void
take_section(struct lat_lines *l, const char *start)
{
    const char *const name = skip_blanks(start + 1);
    const char *const end = name + strcspn(name, "]");
    size_t length = (size_t)(end - name);
    l->kind = LAT_LINE_SECTION;
    l->has_entry = false;
    if (l->is_bad) {
        // That is known already.
    } else if (*end == '\0') {
        fail(l, "the section's name has no ']' at its end");
    } else if (*skip_blanks(end + 1) != '\0') {
        fail(l, "only a comment may follow [section]");
    } else if (end - start - 1 > LAT_SESSION_SECTION_MAX) {
        fail(l, "the section's name is longer than 160 bytes");
    }
    if (length > LAT_SESSION_SECTION_MAX) {
        length = LAT_SESSION_SECTION_MAX;
    }
    memcpy(l->section, name, length);
    cut_blanks(l->section, length);
}

static bool
keep_comment_line(struct lat_lines *l, size_t length)
{
    l->kind = LAT_LINE_BLANK;
    l->inline_comment = NULL;
    length = cut_blanks(l->text, length);
    if (lat_buffer_append(&l->above, l->text, length) ||
        lat_buffer_append(&l->above, "\n", 1)) {
        fail_for_good(l, LAT_ENOMEM, lat_strerror(LAT_ENOMEM));
        return false;
    }
    l->text[0] = '\0';
    return true;
}

static void
skip_byte_order_mark(struct lat_lines *l, size_t *length)
{
    if (l->number == 1 && *length >= 3 &&
        memcmp(l->text, "\xef\xbb\xbf", 3) == 0) {
        *length -= 3;
        memmove(l->text, l->text + 3, *length + 1);
    }
}

/// Find what the line is, be it right or wrong.
static void
tell_kind(struct lat_lines *l)
{
    const char *const start = skip_blanks(l->text);
    if (l->has_entry && start > l->text) {
        l->kind = LAT_LINE_MORE;
    } else if (*start == '[') {
        take_section(l, start);
    } else {
        l->kind = LAT_LINE_ENTRY;
        l->has_entry = true;
    }
}

static size_t
longest_line(const struct lat_lines *l)
{
    return strcmp(l->section, "cables") == 0 ? LAT_SESSION_CABLE_MAX
                                             : LAT_SESSION_LINE_MAX;
}

bool
lat_lines_next(struct lat_lines *l)
{
    ++l->number;
    l->is_bad = false;
    l->inline_comment = NULL;
    const long n = read_bytes(l);
    if (n < 0) {
        l->text[0] = '\0';
        return false;
    }
    size_t length = (size_t)n;
    skip_byte_order_mark(l, &length);
    if (!l->is_bad) {
        check_bytes(l, length);
    }
    if (*skip_blanks(l->text) == '\0' || is_comment(l->text)) {
        return keep_comment_line(l, l->is_bad ? 0 : length);
    }
    if (!l->is_bad && length > longest_line(l)) {
        fail(l, TOO_LONG);
    }
    if (!l->is_bad) {
        split_inline_comment(l);
    }
    tell_kind(l);
    return true;
}
