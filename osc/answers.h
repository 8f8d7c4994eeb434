// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// How answers leave the router.  All functions are [control].
#ifndef LAT_OSC_ANSWERS_H
#define LAT_OSC_ANSWERS_H

#include "packet.h"
#include "queue.h"
#include "router.h"

struct lat_osc_call;

/// Answers hold no more text than fits one UDP datagram.
#define LAT_OSC_SCRATCH_BYTES 60000

/// Most that a datagram from another machine calls forth, since anybody can
/// write anybody's address on one.
#define LAT_OSC_STRANGER_BYTES 16384

/// The way out, and room to put answers together.
struct lat_osc_out {
    lat_osc_send_fn send;
    void *data;
    struct lat_osc_queue *held; ///< if not NULL, answers wait here
    const bool *dumps; ///< *dumps: what is refused is in the log anyway
    /// Bytes that the packet may still be answered with, and whether it came
    /// to that.
    size_t allowance;
    bool is_cut;
    char scratch[LAT_OSC_SCRATCH_BYTES];
    uint8_t packet[LAT_OSC_SCRATCH_BYTES + 1024];
};

/// Send @p m, which is taken over; NULL sends nothing.
void
lat_osc_out_message(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                    const char *path, lo_message m);

/// Answer /fail PATH TEXT NAME…, and log it.  The names are those of @p call,
/// which may be NULL.
void
lat_osc_out_fail(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                 const char *path, const char *text,
                 const struct lat_osc_call *call);

/// Answer that there is no memory.
void
lat_osc_out_fail_memory(struct lat_osc_out *out,
                        const struct lat_osc_peer *peer, const char *path);

/// Answer /done PATH NAME….
void
lat_osc_out_done(struct lat_osc_out *out, const struct lat_osc_peer *peer,
                 const char *path, const struct lat_osc_call *call);

/// Bytes of a peer's name, with its NUL.
#define LAT_OSC_PEER_NAME_MAX 64

/// "127.0.0.1 port 57120".  @return @p buffer.
const char *
lat_osc_peer_name(const struct lat_osc_peer *peer, char *buffer, size_t size);

/// Say in the log, at a bounded rate, what was refused.
void
lat_osc_log_failure(const struct lat_osc_peer *peer, const char *path,
                    const char *text);

#endif // LAT_OSC_ANSWERS_H
