// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "osc/framing.h"
#include "osc/packet.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

struct seen {
    uint32_t n;
    size_t size;
    uint8_t last[4096];
    uint32_t stop_after;
};

static bool
note(void *data, const void *packet, size_t size)
{
    struct seen *const seen = data;
    ++seen->n;
    seen->size = size;
    memcpy(seen->last, packet,
           size < sizeof(seen->last) ? size : sizeof(seen->last));
    return seen->n != seen->stop_after;
}

/// Bytes that SLIP must escape are in it.
static const uint8_t packet[] = {'/', 'a',  0,    0,    ',', 'i',  0,    0,
                                 1,   0xc0, 0xdb, 0xdc, 0,   0xdd, 0xc0, 0xc0};

static void
round_trip(enum lat_osc_framing framing, size_t step)
{
    uint8_t bytes[3 * (2 * sizeof(packet) + 4)];
    size_t n = 0;
    for (int i = 0; i < 3; ++i) {
        n += lat_osc_frame(framing, packet, sizeof(packet), bytes + n);
    }
    cr_assert_leq(n, 3 * lat_osc_frame_bound(framing, sizeof(packet)));
    struct lat_osc_stream s = {0};
    struct seen seen = {0};
    for (size_t i = 0; i < n; i += step) {
        const size_t take = step < n - i ? step : n - i;
        cr_assert_null(lat_osc_stream_feed(&s, bytes + i, take, note, &seen));
    }
    cr_expect_eq(s.framing, framing);
    cr_expect_eq(seen.n, 3);
    cr_assert_eq(seen.size, sizeof(packet));
    cr_expect_arr_eq(seen.last, packet, sizeof(packet));
    lat_osc_stream_fini(&s);
}

Test(osc_framing, gives_back_what_was_framed_however_it_is_cut)
{
    static const enum lat_osc_framing framings[] = {
        LAT_FRAMING_SIZE, LAT_FRAMING_SLIP, LAT_FRAMING_SLIP_DOUBLE};
    for (size_t i = 0; i < LAT_COUNT(framings); ++i) {
        for (size_t step = 1; step < 40; ++step) {
            round_trip(framings[i], step);
        }
    }
}

static const char *
feed(const void *bytes, size_t n, struct seen *seen)
{
    struct lat_osc_stream s = {0};
    const char *const error = lat_osc_stream_feed(&s, bytes, n, note, seen);
    lat_osc_stream_fini(&s);
    return error;
}

Test(osc_framing, refuses_garbage)
{
    struct seen seen = {0};
    cr_expect_not_null(feed("GET / HTTP/1.1\r\n", 16, &seen));
    cr_expect_not_null(feed("\x00\x10\x00\x04", 4, &seen)); // 1 MiB + 4
    cr_expect_not_null(feed("\x00\x00\x00\x00", 4, &seen));
    cr_expect_not_null(feed("\x00\x00\x00\x05", 4, &seen));
    cr_expect_not_null(feed("/a\xdb\x01", 4, &seen));
    cr_expect_eq(seen.n, 0);
}

Test(osc_framing, refuses_slip_packets_over_the_limit)
{
    struct lat_osc_stream s = {0};
    struct seen seen = {0};
    uint8_t bytes[4096];
    memset(bytes, '/', sizeof(bytes));
    const char *error = NULL;
    size_t total = 0;
    while (!error && total < 2 * (size_t)LAT_OSC_MAX_PACKET) {
        error = lat_osc_stream_feed(&s, bytes, sizeof(bytes), note, &seen);
        total += sizeof(bytes);
    }
    cr_expect_not_null(error);
    cr_expect_eq(total, LAT_OSC_MAX_PACKET + sizeof(bytes));
    cr_expect_leq(s.capacity, LAT_OSC_MAX_PACKET);
    lat_osc_stream_fini(&s);
}

Test(osc_framing, takes_a_packet_of_the_largest_size)
{
    uint8_t *const large = calloc(1, LAT_OSC_MAX_PACKET + 4);
    cr_assert_not_null(large);
    large[1] = LAT_OSC_MAX_PACKET >> 16U;
    struct seen seen = {0};
    cr_expect_null(feed(large, LAT_OSC_MAX_PACKET + 4, &seen));
    cr_expect_eq(seen.n, 1);
    cr_expect_eq(seen.size, LAT_OSC_MAX_PACKET);
    free(large);
}

Test(osc_framing, stops_when_told_to)
{
    struct seen seen = {.stop_after = 2};
    cr_expect_null(feed("/aaa\xc0/bbb\xc0/ccc\xc0", 15, &seen));
    cr_expect_eq(seen.n, 2);
}
