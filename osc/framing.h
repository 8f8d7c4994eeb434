// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// Packets in a byte stream: sizes in front (OSC 1.0) or SLIP (OSC 1.1).
///
/// A stream finds out by its first byte which framing the other side speaks:
/// a size up to 1 MiB starts with 0, double-ended SLIP with END, single-ended
/// SLIP with the first byte of a packet, '/' or '#'.  Anything else is garbage.
/// Knows no sockets. All functions are [control].
#ifndef LAT_OSC_FRAMING_H
#define LAT_OSC_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lat_osc_framing {
    LAT_FRAMING_UNKNOWN,
    LAT_FRAMING_SIZE,        ///< 32-bit size, then the packet
    LAT_FRAMING_SLIP,        ///< packet, END
    LAT_FRAMING_SLIP_DOUBLE, ///< END, packet, END
};

/// The receiving side of one connection.  Zero it to start.
struct lat_osc_stream {
    enum lat_osc_framing framing;
    uint8_t *packet; ///< what is there of the packet under way
    size_t size, capacity;
    size_t expected;   ///< SIZE: bytes of the packet under way
    uint32_t n_header; ///< SIZE: bytes of its size that are there
    bool is_escape;    ///< SLIP: the byte before was ESC
};

void
lat_osc_stream_fini(struct lat_osc_stream *s);

/// Called with each packet, borrowed.  @return false to stop: the rest of the
/// bytes is dropped.
typedef bool (*lat_osc_packet_fn)(void *data, const void *packet, size_t size);

/// Take in @p n bytes.
/// @return NULL, or why the stream cannot go on.  Static storage.
const char *
lat_osc_stream_feed(struct lat_osc_stream *s, const uint8_t *bytes, size_t n,
                    lat_osc_packet_fn each, void *data);

/// Most bytes that a packet of @p size takes in a frame.
size_t
lat_osc_frame_bound(enum lat_osc_framing framing, size_t size);

/// Write a frame to @p out, which has that room.  @return its size.
size_t
lat_osc_frame(enum lat_osc_framing framing, const void *packet, size_t size,
              uint8_t *out);

#endif // LAT_OSC_FRAMING_H
