// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "packet.h"
#include "base/array.h"
#include "base/rt.h"
#include "timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_HEADER_BYTES 16 // "#bundle", its NUL, the time tag

static uint32_t
read_u32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24U) | ((uint32_t)p[1] << 16U) |
           ((uint32_t)p[2] << 8U) | p[3];
}

static uint64_t
read_u64(const uint8_t *p)
{
    return (uint64_t)read_u32(p) << 32U | read_u32(p + 4);
}

/// Bytes of the padded string at @p p, or 0 when it has no end within @p size.
static size_t
string_bytes(const char *p, size_t size)
{
    const size_t length = strnlen(p, size);
    const size_t padded = (length / 4 + 1) * 4;
    return length < size && padded <= size ? padded : 0;
}

/// liblo reads the size of a blob before it knows that there are four bytes.
static bool
blobs_have_sizes(const char *types, const char *data, size_t size)
{
    size_t at = 0;
    for (; *types; ++types) {
        size_t bytes = 0;
        switch (*types) {
        case 'i':
        case 'f':
        case 'c':
        case 'm':
            bytes = 4;
            break;
        case 'h':
        case 't':
        case 'd':
            bytes = 8;
            break;
        case 's':
        case 'S':
            bytes = string_bytes(data + at, size - at);
            break;
        case 'b':
            if (size - at < 4) {
                return false;
            }
            bytes = 4 + (((size_t)read_u32((const uint8_t *)data + at) + 3) &
                         ~(size_t)3);
            break;
        default:
            break;
        }
        if (bytes > size - at) {
            return false;
        }
        at += bytes;
    }
    return true;
}

/// liblo cannot read these; say so by name.
static const char *
unknown_type(const char *types)
{
    return types + strspn(types, "ifdhsSbcmtTFNI");
}

static enum lat_status
read_arguments(struct lat_osc_message *out, const void *packet, size_t size,
               const char *tags, size_t rest, struct lat_error *error)
{
    const size_t tags_bytes = string_bytes(tags, rest);
    if (tags_bytes == 0 || tags[0] != ',') {
        return lat_error_set(error, LAT_EINVAL,
                             "malformed packet: no type tags after the path");
    }
    const char *const unknown = unknown_type(tags + 1);
    if (*unknown) {
        return lat_error_set(
            error, LAT_EINVAL, "argument %u is %s, which no command takes",
            (unsigned)(unknown - tags), lat_osc_type_name(*unknown));
    }
    int result = 0;
    if (blobs_have_sizes(tags + 1, tags + tags_bytes, rest - tags_bytes)) {
        // liblo only reads, whatever its prototype says.
        out->lo = lo_message_deserialise((void *)packet, size, &result);
    }
    if (!out->lo) {
        return lat_error_set(error, LAT_EINVAL,
                             "malformed packet: the arguments do not fit their "
                             "type tags");
    }
    out->types = lo_message_get_types(out->lo);
    out->argc = (uint32_t)lo_message_get_argc(out->lo);
    out->argv = lo_message_get_argv(out->lo);
    return LAT_OK;
}

enum lat_status
lat_osc_message_read(struct lat_osc_message *out, const void *packet,
                     size_t size, struct lat_error *error)
{
    if (size == 0 || size % 4 != 0) {
        return lat_error_set(error, LAT_EINVAL,
                             "malformed packet: %zu bytes are no multiple of 4",
                             size);
    }
    const char *const path = packet;
    if (path[0] == '\0' && path[1] == '\0' && path[2] == '\0' &&
        path[3] != '\0') {
        return lat_error_set(error, LAT_EINVAL,
                             "command %u of SuperCollider's server, which has "
                             "synths; lattice has nodes: play one by /note, or "
                             "set its inputs",
                             (unsigned)(uint8_t)path[3]);
    }
    const size_t path_bytes = string_bytes(path, size);
    if (path_bytes == 0) {
        return lat_error_set(error, LAT_EINVAL,
                             "malformed packet: the path has no end");
    }
    struct lat_osc_message m = {.path = path, .types = ""};
    if (path_bytes < size) {
        const enum lat_status status = read_arguments(
            &m, packet, size, path + path_bytes, size - path_bytes, error);
        if (status) {
            return status;
        }
    }
    *out = m;
    return LAT_OK;
}

void
lat_osc_message_fini(struct lat_osc_message *m)
{
    lo_message_free(m->lo);
    m->lo = NULL;
}

bool
lat_osc_is_bundle(const void *packet, size_t size)
{
    return size >= 8 && memcmp(packet, "#bundle", 8) == 0;
}

static enum lat_status
append(struct lat_osc_bundle *b, const struct lat_osc_message *m)
{
    if (!lat_grow((void **)&b->messages, &b->capacity, b->n_messages,
                  sizeof(*b->messages))) {
        return LAT_ENOMEM;
    }
    b->messages[b->n_messages++] = *m;
    return LAT_OK;
}

static enum lat_status
read_message_into(struct lat_osc_bundle *b, const uint8_t *packet, size_t size,
                  struct lat_error *error)
{
    struct lat_osc_message m = {.lo = NULL};
    enum lat_status status = lat_osc_message_read(&m, packet, size, error);
    if (status) {
        return status;
    }
    status = append(b, &m);
    if (status) {
        lat_osc_message_fini(&m);
        return lat_error_set(error, status, "out of memory");
    }
    return LAT_OK;
}

static bool
is_too_early(uint64_t tag, uint64_t outer)
{
    return tag > LAT_TIMELINE_NOW && outer > LAT_TIMELINE_NOW &&
           lat_timeline_is_before(tag, outer);
}

enum lat_status
lat_osc_bundle_read(struct lat_osc_bundle *out, const void *packet, size_t size,
                    struct lat_error *error)
{
    struct lat_osc_bundle b = {0};
    const uint8_t *ends[LAT_OSC_MAX_DEPTH]; // of the bundles around `at`
    uint64_t tags[LAT_OSC_MAX_DEPTH];
    uint32_t depth = 0;
    const uint8_t *at = packet;
    enum lat_status status = LAT_OK;
    size_t element_bytes = size;

    for (;;) {
        // `at` is at the start of an element of element_bytes.
        if (!lat_osc_is_bundle(at, element_bytes)) {
            status = read_message_into(&b, at, element_bytes, error);
            at += element_bytes;
        } else if (element_bytes < BUNDLE_HEADER_BYTES) {
            status = lat_error_set(error, LAT_EINVAL,
                                   "malformed bundle: it ends before its time "
                                   "tag does");
        } else if (depth == LAT_OSC_MAX_DEPTH) {
            status = lat_error_set(error, LAT_EINVAL,
                                   "bundles are nested deeper than %d levels",
                                   LAT_OSC_MAX_DEPTH);
        } else {
            tags[depth] = read_u64(at + 8);
            if (depth > 0 && is_too_early(tags[depth], tags[depth - 1])) {
                status = lat_error_set(error, LAT_EINVAL,
                                       "the time tag of a bundle within it is "
                                       "before its own");
            }
            ends[depth++] = at + element_bytes;
            at += BUNDLE_HEADER_BYTES;
        }
        if (status) {
            break;
        }
        while (depth > 0 && at == ends[depth - 1]) {
            --depth;
        }
        if (depth == 0) {
            break;
        }
        const size_t rest = (size_t)(ends[depth - 1] - at);
        element_bytes = rest >= 4 ? read_u32(at) : 0;
        if (rest < 4 || element_bytes > rest - 4 || element_bytes % 4 != 0 ||
            element_bytes == 0) {
            status = lat_error_set(error, LAT_EINVAL,
                                   "malformed bundle: an element's size does "
                                   "not fit");
            break;
        }
        at += 4;
    }
    if (status) {
        lat_osc_bundle_fini(&b);
        return status;
    }
    b.tag = lat_osc_is_bundle(packet, size) ? tags[0] : LAT_TIMELINE_NOW;
    *out = b;
    return LAT_OK;
}

void
lat_osc_bundle_fini(struct lat_osc_bundle *b)
{
    for (uint32_t i = 0; i < b->n_messages; ++i) {
        lat_osc_message_fini(&b->messages[i]);
    }
    free(b->messages);
    b->messages = NULL;
    b->n_messages = 0;
    b->capacity = 0;
}

const char *
lat_osc_packet_path(const void *packet, size_t size)
{
    const char *const path = packet;
    return size > 0 && path[0] == '/' && string_bytes(path, size) > 0 ? path
                                                                      : "/";
}

bool
lat_osc_number(const struct lat_osc_message *m, uint32_t i, double *out)
{
    int32_t as_i;
    int64_t as_h;
    float as_f;
    // Arguments are aligned to four bytes only.
    switch (i < m->argc ? m->types[i] : '\0') {
    case 'i':
        memcpy(&as_i, m->argv[i], sizeof(as_i));
        *out = as_i;
        return true;
    case 'h':
        memcpy(&as_h, m->argv[i], sizeof(as_h));
        *out = (double)as_h;
        return true;
    case 'f':
        memcpy(&as_f, m->argv[i], sizeof(as_f));
        *out = (double)as_f;
        return true;
    case 'd':
        memcpy(out, m->argv[i], sizeof(*out));
        return true;
    case 'T':
    case 'F':
        *out = m->types[i] == 'T';
        return true;
    default:
        return false;
    }
}

const char *
lat_osc_text(const struct lat_osc_message *m, uint32_t i)
{
    const bool is_text =
        i < m->argc && (m->types[i] == 's' || m->types[i] == 'S');
    return is_text ? (const char *)m->argv[i] : NULL;
}

const char *
lat_osc_type_name(char type)
{
    static const struct {
        char type;
        const char *name;
    } names[] = {
        {'i', "a whole number (i)"},
        {'h', "a whole number (h)"},
        {'f', "a number (f)"},
        {'d', "a number (d)"},
        {'T', "true (T)"},
        {'F', "false (F)"},
        {'s', "text (s)"},
        {'S', "text (S)"},
        {'b', "a blob (b)"},
        {'N', "nil (N)"},
        {'I', "an impulse (I)"},
        {'c', "a character (c)"},
        {'m', "a MIDI message (m)"},
        {'t', "a time tag (t)"},
        {'r', "a colour (r)"},
        {'[', "an array ([)"},
        {']', "the end of an array (])"},
    };
    for (size_t i = 0; i < LAT_COUNT(names); ++i) {
        if (names[i].type == type) {
            return names[i].name;
        }
    }
    return "of an unknown type";
}

char *
lat_osc_shorten(const char *text, char *buffer, size_t size)
{
    const size_t length = strnlen(text, size);
    if (length < size) {
        memcpy(buffer, text, length + 1);
    } else {
        snprintf(buffer, size, "%.*s...", (int)size - 4, text);
    }
    return buffer;
}
