// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "escape.h"

#include <stdlib.h>
#include <string.h>

/// Text is wrapped at a blank before this column, where it has one.
#define WRAP_COLUMN 79

/// A word without blanks is cut here at the latest.
#define CUT_COLUMN 180

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/// Read the escape whose '\' is at @p c.
/// @return the bytes it takes in the file, or 0 with @p reason set.
static size_t
read_escape(const char *c, char *out, const char **reason)
{
    if (c[1] == '\\') {
        *out = '\\';
        return 2;
    }
    if (c[1] == 'n') {
        *out = '\n';
        return 2;
    }
    if (c[1] != 'x') {
        *reason = "a \\ begins \\\\, \\n or \\xHH; write \\\\ for the sign "
                  "itself";
        return 0;
    }
    const int high = hex_digit(c[2]);
    const int low = high < 0 ? -1 : hex_digit(c[3]);
    if (low < 0) {
        *reason = "\\x needs two hexadecimal digits";
        return 0;
    }
    const int byte = high * 16 + low;
    if (byte == 0) {
        *reason = "\\x00 cannot stand in text";
        return 0;
    }
    const unsigned char u = (unsigned char)byte;
    memcpy(out, &u, 1);
    return 4;
}

enum lat_status
lat_text_unescape(const char *raw, char **out, const char **reason)
{
    char *const text = malloc(strlen(raw) + 1);
    if (!text) {
        return LAT_ENOMEM;
    }
    size_t n = 0;
    for (const char *c = raw; *c != '\0';) {
        if (c[0] == '\\' && c[1] == '\n') {
            c += 2;
            continue;
        }
        if (*c == '\\') {
            const size_t taken = read_escape(c, text + n, reason);
            if (taken == 0) {
                free(text);
                return LAT_EINVAL;
            }
            c += taken;
        } else {
            text[n] = *c;
            if (*c == '\n') {
                text[n] = ' ';
            }
            ++c;
        }
        ++n;
    }
    text[n] = '\0';
    *out = text;
    return LAT_OK;
}

/// What the writer knows about the byte it writes.
struct place {
    const char *text; ///< all of it
    size_t at;
    bool starts_line; ///< first of the value or of a continuation
};

/// Must the byte be escaped where it stands?
static bool
needs_escape(const struct place *p)
{
    const char c = p->text[p->at];
    const bool is_last = p->text[p->at + 1] == '\0';
    const bool after_blank =
        p->starts_line || p->at == 0 || p->text[p->at - 1] == ' ';
    switch (c) {
    case ' ':
        return p->starts_line || is_last;
    case ';':
        return after_blank;
    case '#':
        return p->starts_line && p->at > 0;
    default:
        return (unsigned char)c < 0x20 || c == 0x7f;
    }
}

/// Write the character at @p p into @p out.
/// @return its bytes in the text; @p n_out becomes those in the file.
static size_t
escape_one(const struct place *p, char out[8], size_t *n_out)
{
    const char *const c = p->text + p->at;
    const size_t length = lat_utf8_length(c);
    if (*c == '\\' || *c == '\n') {
        out[0] = '\\';
        out[1] = *c == '\n' ? 'n' : '\\';
        *n_out = 2;
        return 1;
    }
    if (length == 0 || needs_escape(p)) {
        snprintf(out, 8, "\\x%02x", (unsigned)(unsigned char)*c);
        *n_out = 4;
        return 1;
    }
    memcpy(out, c, length);
    *n_out = length;
    return length;
}

/// May the line be broken in place of the blank at @p at?
static bool
is_break(const char *text, size_t at)
{
    return text[at] == ' ' && at > 0 && text[at - 1] != ' ' &&
           text[at + 1] != ' ' && text[at + 1] != '\0';
}

/// Bytes from @p at to the next place where the line may be broken.
static size_t
word_length(const char *text, size_t at)
{
    size_t n = 0;
    while (text[at + n] != '\0' && !is_break(text, at + n)) {
        ++n;
    }
    return n;
}

enum lat_status
lat_text_escape(struct lat_buffer *out, const char *text, size_t column)
{
    struct place p = {.text = text, .starts_line = true};
    enum lat_status status = LAT_OK;
    while (text[p.at] != '\0' && !status) {
        if (is_break(text, p.at) && !p.starts_line &&
            column + 1 + word_length(text, p.at + 1) > WRAP_COLUMN) {
            status = lat_buffer_append(out, "\n    ", 5);
            column = 4;
            ++p.at;
            p.starts_line = true;
            continue;
        }
        if (column >= CUT_COLUMN && !p.starts_line) {
            status = lat_buffer_append(out, "\\\n    ", 6);
            column = 4;
            p.starts_line = true;
        }
        char bytes[8];
        size_t n = 0;
        p.at += escape_one(&p, bytes, &n);
        if (!status) {
            status = lat_buffer_append(out, bytes, n);
        }
        column += n;
        p.starts_line = false;
    }
    return status;
}
