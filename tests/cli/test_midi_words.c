// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/midi_words.h"

#include "base/rt.h"

#include <criterion/criterion.h>

Test(midi_words, say_what_came)
{
    const struct {
        uint32_t size;
        uint8_t data[3];
        const char *words;
    } rows[] = {
        {3, {0x90, 60, 100}, "note on c4 100 ch 1"},
        {3, {0x9f, 0, 1}, "note on c-1 1 ch 16"},
        {3, {0x80, 127, 0}, "note off g9 ch 1"},
        {3, {0x91, 69, 0}, "note off a4 ch 2"},
        {3, {0xb2, 74, 5}, "controller 74 5 ch 3"},
        {2, {0xc0, 9}, "program 9 ch 1"},
        {2, {0xd0, 127}, "pressure 127 ch 1"},
        {3, {0xe0, 0, 0x40}, "bend +0 ch 1"},
        {3, {0xe0, 0, 0}, "bend -8192 ch 1"},
        {3, {0xf2, 8, 1}, "song position 34 beats"},
        {1, {0xfa}, "start"},
        {1, {0xf5}, "something unknown"},
        {0, {0}, "something unknown"},
    };
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        char words[64];
        lat_midi_words(rows[i].data, rows[i].size, words, sizeof(words));
        cr_expect_str_eq(words, rows[i].words);
    }
}
