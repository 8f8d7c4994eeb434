// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "midi_words.h"
#include "base/rt.h"
#include "node/type.h"

#include <stdio.h>

enum argument {
    NO_ARGUMENT,
    KEY,        ///< as a name
    KEY_NUMBER, ///< the same, and a number
    NUMBER,
    NUMBERS,
    WHEEL,    ///< from its centre
    POSITION, ///< beats
};

/// What a status byte means; those of channels by their upper half.
static const struct row {
    uint8_t status;
    enum argument argument;
    const char *words;
} rows[] = {
    {0x80, KEY, "note off"},
    {0x90, KEY_NUMBER, "note on"},
    {0xa0, KEY_NUMBER, "key pressure"},
    {0xb0, NUMBERS, "controller"},
    {0xc0, NUMBER, "program"},
    {0xd0, NUMBER, "pressure"},
    {0xe0, WHEEL, "bend"},
    {0xf2, POSITION, "song position"},
    {0xf3, NUMBER, "song"},
    {LAT_MIDI_SOURCE_LOST, NO_ARGUMENT, "a source has gone"},
    {0xf6, NO_ARGUMENT, "tune request"},
    {0xf8, NO_ARGUMENT, "clock"},
    {0xfa, NO_ARGUMENT, "start"},
    {0xfb, NO_ARGUMENT, "continue"},
    {0xfc, NO_ARGUMENT, "stop"},
    {0xfe, NO_ARGUMENT, "active sensing"},
    {0xff, NO_ARGUMENT, "reset"},
};

static const struct row *
find_row(const uint8_t *data, uint32_t size)
{
    uint8_t status = size ? data[0] : 0;
    status = status < 0xf0 ? status & 0xf0U : status;
    if (status == 0x90 && size > 2 && !data[2]) {
        status = 0x80; // as the standard has it
    }
    for (size_t i = 0; i < LAT_COUNT(rows); ++i) {
        if (rows[i].status == status) {
            return &rows[i];
        }
    }
    return NULL;
}

static void
write_argument(const struct row *row, uint32_t a, uint32_t b, char *out,
               size_t size)
{
    static const char *const names[] = {"c",  "c#", "d",  "d#", "e",  "f",
                                        "f#", "g",  "g#", "a",  "a#", "b"};
    const char *name = names[a % 12];
    const int octave = (int)(a / 12) - 1;
    switch (row->argument) {
    case KEY:
        snprintf(out, size, " %s%d", name, octave);
        break;
    case KEY_NUMBER:
        snprintf(out, size, " %s%d %u", name, octave, b);
        break;
    case NUMBER:
        snprintf(out, size, " %u", a);
        break;
    case NUMBERS:
        snprintf(out, size, " %u %u", a, b);
        break;
    case WHEEL:
        snprintf(out, size, " %+d", (int)(a + 128 * b) - 8192);
        break;
    case POSITION:
        snprintf(out, size, " %g beats", (a + 128 * b) / 4.0);
        break;
    case NO_ARGUMENT:
        break;
    }
}

void
lat_midi_words(const uint8_t *data, uint32_t size, char *out, size_t out_size)
{
    const struct row *row = find_row(data, size);
    char argument[40] = "";
    char channel[16] = "";
    if (!row) {
        snprintf(out, out_size, "something unknown");
        return;
    }
    const uint32_t a = size > 1 ? data[1] & 0x7fU : 0;
    const uint32_t b = size > 2 ? data[2] & 0x7fU : 0;
    write_argument(row, a, b, argument, sizeof(argument));
    if (row->status < 0xf0) {
        snprintf(channel, sizeof(channel), " ch %u", (data[0] & 0x0fU) + 1);
    }
    snprintf(out, out_size, "%s%s%s", row->words, argument, channel);
}
