// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "note.h"

bool
lat_note_from_text(const char *text, double *semitones_from_c4)
{
    static const int steps[] = {9, 11, 0, 2, 4, 5, 7}; // of a to g
    const char letter = (char)(*text | 0x20);
    if (letter < 'a' || letter > 'g') {
        return false;
    }
    int step = steps[letter - 'a'];
    ++text;
    if (*text == '#') {
        ++step;
        ++text;
    } else if (*text == 'b' || *text == 'B') {
        --step;
        ++text;
    }
    const bool is_below = text[0] == '-' && text[1] == '1';
    if (!is_below && (*text < '0' || *text > '9')) {
        return false;
    }
    const int octave = is_below ? -1 : *text - '0';
    if (text[is_below ? 2 : 1]) {
        return false;
    }
    *semitones_from_c4 = 12.0 * (octave - 4) + step;
    return true;
}
