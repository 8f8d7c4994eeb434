// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "note.h"

bool
lat_note_from_text(const char *text, double *semitones_from_c4)
{
    static const int steps[] = {9, 11, 0, 2, 4, 5, 7}; // from a on
    const char letter = (char)(*text | 0x20);
    if (letter < 'a' || letter > 'g') {
        return false;
    }
    int step = steps[letter - 'a'];
    const char *p = text + 1;
    if (*p == '#' || *p == 'b' || *p == 'B') {
        step += *p == '#' ? 1 : -1;
        ++p;
    }
    const bool is_below = p[0] == '-' && p[1] == '1';
    p += is_below;
    if (*p < '0' || *p > '9' || p[1] != '\0') {
        return false;
    }
    const int octave = is_below ? -1 : *p - '0';
    *semitones_from_c4 = (double)(12 * (octave - 4) + step);
    return true;
}
