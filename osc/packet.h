// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// OSC packets: what came in, as messages with typed arguments.
///
/// liblo reads and writes messages.  What it takes on trust (sizes of bundle
/// elements, a blob's size) is checked here first, so any bytes may be given to
/// these functions.  All are [control].
#ifndef LAT_OSC_PACKET_H
#define LAT_OSC_PACKET_H

#include "base/status.h"

#include <lo/lo_lowlevel.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Largest packet that is taken: 1 MiB.
#define LAT_OSC_MAX_PACKET 1048576U

/// Bundles within bundles.
#define LAT_OSC_MAX_DEPTH 16

/// A message; path, types and arguments live until lat_osc_message_fini().
struct lat_osc_message {
    const char *path;  ///< borrowed from the packet
    const char *types; ///< one letter an argument, without the comma
    uint32_t argc;
    lo_arg **argv;
    lo_message lo; ///< owned; NULL for a message without arguments
};

/// Messages of a bundle, those of bundles within it too, in order.
struct lat_osc_bundle {
    uint64_t tag; ///< its time tag
    struct lat_osc_message *messages;
    uint32_t n_messages;
    uint32_t capacity;
};

/// Read one message.  The packet must outlive @p out.  A message without type
/// tags, as old senders write it, has no arguments.
/// @return LAT_OK, LAT_EINVAL with what is malformed, or LAT_ENOMEM.
enum lat_status
lat_osc_message_read(struct lat_osc_message *out, const void *packet,
                     size_t size, struct lat_error *error);
void
lat_osc_message_fini(struct lat_osc_message *m);

/// Does the packet start as a bundle does?
bool
lat_osc_is_bundle(const void *packet, size_t size);

/// Read a bundle.  A bundle within it has a tag that is not before that of the
/// one around it, or says "now".  The packet must outlive @p out.
/// @return as lat_osc_message_read(); on failure nothing is to be released.
enum lat_status
lat_osc_bundle_read(struct lat_osc_bundle *out, const void *packet, size_t size,
                    struct lat_error *error);
void
lat_osc_bundle_fini(struct lat_osc_bundle *b);

/// The path at the front of a packet that could not be read, for the answer;
/// "/" when there is none.
const char *
lat_osc_packet_path(const void *packet, size_t size);

/// Argument @p i as a number: i f d h, T and F as 1 and 0.
/// @return false, with @p out untouched, for any other type.
bool
lat_osc_number(const struct lat_osc_message *m, uint32_t i, double *out);

/// Argument @p i as text (s or S), or NULL.  Lives as long as the message.
const char *
lat_osc_text(const struct lat_osc_message *m, uint32_t i);

/// What to call an argument of this type: "a blob (b)".  Static storage.
const char *
lat_osc_type_name(char type);

/// @p text, cut with "..." where it is longer than @p size - 1 bytes.
/// @return @p buffer.
char *
lat_osc_shorten(const char *text, char *buffer, size_t size);

#endif // LAT_OSC_PACKET_H
