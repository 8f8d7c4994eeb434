// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "clock.h"

#include <string.h>

#define BYTES_EACH 10U

static const uint8_t head[] = {0xf0, 0x7d, 'L', 2};

static uint64_t
bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static double
double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

LAT_RT void
lat_clock_write(const struct lat_engine_time *time,
                uint8_t out[LAT_CLOCK_BYTES])
{
    const struct lat_transport *t = &time->transport;
    const uint64_t numbers[LAT_CLOCK_NUMBERS] = {
        time->frame,
        t->anchor_frame,
        (uint64_t)t->anchor.cycle,
        t->anchor.fraction,
        t->numerator,
        t->denominator,
        bits_of(t->rate),
        bits_of(t->tempo_bpm),
        bits_of(t->beats_per_cycle),
        t->is_playing,
        (uint64_t)t->first.cycle,
        t->first.fraction,
        t->n_locates,
        t->n_breaks,
    };
    memcpy(out, head, sizeof(head));
    uint8_t *byte = out + sizeof(head);
    for (uint32_t i = 0; i < LAT_CLOCK_NUMBERS; ++i) {
        for (uint32_t k = 0; k < BYTES_EACH; ++k) {
            *byte++ = (uint8_t)(numbers[i] >> 7 * k & 0x7fU);
        }
    }
    *byte = 0xf7;
}

LAT_RT bool
lat_clock_read(const uint8_t *bytes, size_t size, struct lat_engine_time *out)
{
    if (size != LAT_CLOCK_BYTES || memcmp(bytes, head, sizeof(head)) != 0) {
        return false;
    }
    uint64_t numbers[LAT_CLOCK_NUMBERS] = {0};
    const uint8_t *byte = bytes + sizeof(head);
    for (uint32_t i = 0; i < LAT_CLOCK_NUMBERS; ++i) {
        for (uint32_t k = 0; k < BYTES_EACH; ++k) {
            numbers[i] |= (uint64_t)(*byte++ & 0x7fU) << 7 * k;
        }
    }
    if (!numbers[5]) {
        return false; // the denominator
    }
    *out = (struct lat_engine_time){
        .frame = numbers[0],
        .transport =
            {
                .anchor_frame = numbers[1],
                .anchor = {(int64_t)numbers[2], numbers[3]},
                .numerator = numbers[4],
                .denominator = numbers[5],
                .rate = double_of(numbers[6]),
                .tempo_bpm = double_of(numbers[7]),
                .beats_per_cycle = double_of(numbers[8]),
                .is_playing = numbers[9] != 0,
                .first = {(int64_t)numbers[10], numbers[11]},
                .n_locates = numbers[12],
                .n_breaks = numbers[13],
            },
    };
    return true;
}
