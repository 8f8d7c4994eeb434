// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// What the files of the client share.  All functions are [control].
#ifndef LAT_OSC_CLIENT_STATE_H
#define LAT_OSC_CLIENT_STATE_H

#include "client.h"
#include "framing.h"
#include "packet.h"

#include <lo/lo.h>

#define LAT_CLIENT_LINE_BYTES 65536

struct lat_osc_client {
    int socket;
    bool is_tcp;
    char where[160]; ///< for people
    struct lat_osc_stream stream;
    uint8_t packet[65536];
    char line[LAT_CLIENT_LINE_BYTES];
};

/// Say that nobody is there.  @return LAT_ESYSTEM.
enum lat_status
lat_osc_client_no_answer(const struct lat_osc_client *c, const char *why,
                         struct lat_error *error);

/// Send @p m, which is taken over; NULL: out of memory.
enum lat_status
lat_osc_client_send(struct lat_osc_client *c, const char *path, lo_message m,
                    struct lat_error *error);

/// @return LAT_OK, LAT_EINVAL when it is too long, LAT_ENOMEM, LAT_ESYSTEM.
enum lat_status
lat_osc_client_send_packet(struct lat_osc_client *c, const void *packet,
                           size_t size, struct lat_error *error);

/// Take what has come, or wait for it.
/// @param each  called for each packet; over TCP it says whether it goes on.
/// @param[out] has_ended  the connection was closed.
/// @return LAT_OK or LAT_ESYSTEM.
enum lat_status
lat_osc_client_receive_packets(struct lat_osc_client *c, lat_osc_packet_fn each,
                               void *data, bool *has_ended,
                               struct lat_error *error);

#endif // LAT_OSC_CLIENT_STATE_H
