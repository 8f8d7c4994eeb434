// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "framing.h"
#include "packet.h"

#include <stdlib.h>
#include <string.h>

#define SLIP_END     0xc0U
#define SLIP_ESC     0xdbU
#define SLIP_ESC_END 0xdcU
#define SLIP_ESC_ESC 0xddU

static const char out_of_memory[] = "out of memory";
static const char too_large[] = "a packet of more than 1 MiB";

void
lat_osc_stream_fini(struct lat_osc_stream *s)
{
    free(s->packet);
    memset(s, 0, sizeof(*s));
}

/// Make room for @p size bytes of packet.
static const char *
reserve(struct lat_osc_stream *s, size_t size)
{
    if (size > LAT_OSC_MAX_PACKET) {
        return too_large;
    }
    if (size <= s->capacity) {
        return NULL;
    }
    size_t capacity = s->capacity ? s->capacity : 1024;
    while (capacity < size) {
        capacity *= 2;
    }
    uint8_t *const packet = realloc(s->packet, capacity);
    if (!packet) {
        return out_of_memory;
    }
    s->packet = packet;
    s->capacity = capacity;
    return NULL;
}

static const char *
append(struct lat_osc_stream *s, const uint8_t *bytes, size_t n)
{
    const char *const error = reserve(s, s->size + n);
    if (!error && n > 0) {
        memcpy(s->packet + s->size, bytes, n);
        s->size += n;
    }
    return error;
}

static const char *
recognise(struct lat_osc_stream *s, uint8_t first)
{
    if (first == 0) {
        s->framing = LAT_FRAMING_SIZE;
    } else if (first == SLIP_END) {
        s->framing = LAT_FRAMING_SLIP_DOUBLE;
    } else if (first == '/' || first == '#') {
        s->framing = LAT_FRAMING_SLIP;
    } else {
        return "neither a size nor SLIP; no OSC";
    }
    return NULL;
}

/// Take one byte of a size in front of a packet.
static const char *
feed_header(struct lat_osc_stream *s, uint8_t byte)
{
    s->expected = (s->expected << 8U) | byte;
    if (++s->n_header < 4) {
        return NULL;
    }
    if (s->expected > LAT_OSC_MAX_PACKET) {
        return too_large;
    }
    if (s->expected == 0 || s->expected % 4 != 0) {
        return "a packet's size is no multiple of 4";
    }
    return NULL;
}

static const char *
feed_sizes(struct lat_osc_stream *s, const uint8_t *bytes, size_t n,
           lat_osc_packet_fn each, void *data)
{
    const char *error = NULL;
    for (size_t i = 0; i < n && !error;) {
        if (s->n_header < 4) {
            error = feed_header(s, bytes[i++]);
            continue;
        }
        const size_t missing = s->expected - s->size;
        const size_t take = missing < n - i ? missing : n - i;
        error = append(s, bytes + i, take);
        i += take;
        if (!error && s->size == s->expected) {
            const size_t size = s->size;
            s->size = 0;
            s->expected = 0;
            s->n_header = 0;
            if (!each(data, s->packet, size)) {
                return NULL;
            }
        }
    }
    return error;
}

static const char *
feed_escaped(struct lat_osc_stream *s, uint8_t byte)
{
    const uint8_t plain = byte == SLIP_ESC_END ? SLIP_END : SLIP_ESC;
    if (byte != SLIP_ESC_END && byte != SLIP_ESC_ESC) {
        return "a SLIP escape that there is not";
    }
    s->is_escape = false;
    return append(s, &plain, 1);
}

static const char *
feed_slip(struct lat_osc_stream *s, const uint8_t *bytes, size_t n,
          lat_osc_packet_fn each, void *data)
{
    const char *error = NULL;
    for (size_t i = 0; i < n && !error;) {
        if (s->is_escape) {
            error = feed_escaped(s, bytes[i++]);
            continue;
        }
        size_t plain = i;
        while (plain < n && bytes[plain] != SLIP_END &&
               bytes[plain] != SLIP_ESC) {
            ++plain;
        }
        error = append(s, bytes + i, plain - i);
        i = plain + 1;
        if (error || plain == n) {
            continue;
        }
        if (bytes[plain] == SLIP_ESC) {
            s->is_escape = true;
        } else if (s->size > 0) {
            const size_t size = s->size;
            s->size = 0;
            if (!each(data, s->packet, size)) {
                return NULL;
            }
        }
    }
    return error;
}

const char *
lat_osc_stream_feed(struct lat_osc_stream *s, const uint8_t *bytes, size_t n,
                    lat_osc_packet_fn each, void *data)
{
    if (n > 0 && s->framing == LAT_FRAMING_UNKNOWN) {
        const char *const error = recognise(s, bytes[0]);
        if (error) {
            return error;
        }
    }
    return s->framing == LAT_FRAMING_SIZE ? feed_sizes(s, bytes, n, each, data)
                                          : feed_slip(s, bytes, n, each, data);
}

size_t
lat_osc_frame_bound(enum lat_osc_framing framing, size_t size)
{
    return framing == LAT_FRAMING_SIZE ? size + 4 : 2 * size + 2;
}

size_t
lat_osc_frame(enum lat_osc_framing framing, const void *packet, size_t size,
              uint8_t *out)
{
    const uint8_t *const bytes = packet;
    uint8_t *to = out;
    if (framing == LAT_FRAMING_SIZE) {
        for (unsigned shift = 32; shift > 0; shift -= 8) {
            *to++ = (uint8_t)(size >> (shift - 8));
        }
        memcpy(to, packet, size);
        return size + 4;
    }
    if (framing == LAT_FRAMING_SLIP_DOUBLE) {
        *to++ = SLIP_END;
    }
    for (size_t i = 0; i < size; ++i) {
        if (bytes[i] == SLIP_END || bytes[i] == SLIP_ESC) {
            *to++ = SLIP_ESC;
            *to++ = bytes[i] == SLIP_END ? SLIP_ESC_END : SLIP_ESC_ESC;
        } else {
            *to++ = bytes[i];
        }
    }
    *to++ = SLIP_END;
    return (size_t)(to - out);
}
