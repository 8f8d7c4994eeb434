// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "odd_text.h"

#include "base/rt.h"

#include <string.h>

uint64_t
odd_draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/// What files, readers and shells have trouble with.
static const char *const pieces[] = {
    " ",
    "  ",
    "\t",
    ";",
    " ;",
    "#",
    " #",
    "=",
    " = ",
    ":",
    "::",
    " -> ",
    "->",
    "\\",
    "\\\\",
    "\\n",
    "\\x41",
    "\\x",
    "\"",
    "'",
    "[",
    "]",
    "[node]",
    "%",
    "%s",
    "/",
    "..",
    ",",
    "é",
    "日本",
    "\U0001f3b9",
    "\xcc\x81",
    "ß",
    "\xe2\x80\xa8",
    "\xc2\xa0",
    "\x01",
    "\x1b[m",
    "\x7f",
    "\n",
    "\r",
    "\r\n",
    "\xff",
    "\xc3",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "nothing",
    "physical:1",
    "feedback",
    "\xef\xbb\xbf",
    "main_1 -> x:y",
    "a",
    "Z9_",
};

void
odd_name(uint64_t *seed, size_t most, const char *without, char *out)
{
    const size_t wanted = 1 + odd_draw(seed) % (odd_draw(seed) % 4 ? 24 : most);
    const bool is_plain = odd_draw(seed) % 4 == 0;
    size_t n = 0;
    while (n < wanted && n < most) {
        char one[2] = {(char)(' ' + odd_draw(seed) % 95), '\0'};
        const char *piece = is_plain || odd_draw(seed) % 3 == 0
                                ? one
                                : pieces[odd_draw(seed) % LAT_COUNT(pieces)];
        if (strpbrk(piece, without)) {
            piece = "_";
        }
        const size_t length = strlen(piece);
        if (n + length > most) {
            break;
        }
        memcpy(out + n, piece, length);
        n += length;
    }
    if (n == 0) {
        out[n++] = 'x';
    }
    out[n] = '\0';
}

void
odd_comment(uint64_t *seed, char out[300])
{
    odd_name(seed, 280, "\n\r\x01\x1b\x7f\xff\xc3\xed\xf4\x80\x90", out);
    for (char *c = out; *c; ++c) {
        if ((unsigned char)*c >= 0x80) {
            *c = '~';
        }
    }
}

void
odd_node_name(uint64_t *seed, char out[LAT_NAME_MAX])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const size_t n = 1 + odd_draw(seed) % (LAT_NAME_MAX - 1);
    for (size_t i = 0; i < n; ++i) {
        out[i] = letters[odd_draw(seed) % (i == 0 ? 52 : sizeof(letters) - 1)];
        if (i > 0 && i + 1 < n && out[i - 1] != '.' &&
            odd_draw(seed) % 16 == 0) {
            out[i] = '.';
        } else if (i > 0 && out[i - 1] == '.') {
            out[i] = letters[odd_draw(seed) % 52];
        }
    }
    out[n] = '\0';
}
