// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/rt.h"
#include "osc/packet.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/// A literal without its final NUL, and its size.
#define BYTES(literal) (literal), sizeof(literal) - 1

static struct lat_osc_message m;
static struct lat_error error;

/// Read from a block of exactly this size, so that ASan sees a read beyond.
static enum lat_status
read_message(const char *bytes, size_t size)
{
    static char *block;
    block = realloc(block, size ? size : 1);
    memcpy(block, bytes, size);
    error.text[0] = '\0';
    return lat_osc_message_read(&m, block, size, &error);
}

Test(osc_packet, reads_every_kind_of_number)
{
    cr_assert_eq(read_message(BYTES("/n\0\0"
                                    ",ifdhTF\0"
                                    "\xff\xff\xff\xfe"
                                    "\x3f\x80\0\0"
                                    "\x40\x45\0\0\0\0\0\0"
                                    "\0\0\0\x01\0\0\0\0")),
                 LAT_OK);
    const double wanted[] = {-2.0, 1.0, 42.0, 4294967296.0, 1.0, 0.0};
    cr_assert_eq(m.argc, LAT_COUNT(wanted));
    for (uint32_t i = 0; i < LAT_COUNT(wanted); ++i) {
        double number = -1.0;
        cr_expect(lat_osc_number(&m, i, &number));
        cr_expect_eq(number, wanted[i]);
        cr_expect_null(lat_osc_text(&m, i));
    }
    double beyond = 7.0;
    cr_expect_not(lat_osc_number(&m, LAT_COUNT(wanted), &beyond));
    cr_expect_eq(beyond, 7.0);
    lat_osc_message_fini(&m);
}

Test(osc_packet, reads_text_of_both_kinds)
{
    cr_assert_eq(read_message(BYTES("/n\0\0,sS\0one\0twos\0\0\0\0")), LAT_OK);
    double number = 0.0;
    cr_expect_str_eq(lat_osc_text(&m, 0), "one");
    cr_expect_str_eq(lat_osc_text(&m, 1), "twos");
    cr_expect_null(lat_osc_text(&m, 2));
    cr_expect_not(lat_osc_number(&m, 0, &number));
    lat_osc_message_fini(&m);
}

Test(osc_packet, takes_a_path_alone_as_no_arguments)
{
    cr_assert_eq(read_message(BYTES("/ping\0\0\0")), LAT_OK);
    cr_expect_str_eq(m.path, "/ping");
    cr_expect_eq(m.argc, 0);
    lat_osc_message_fini(&m);
    cr_assert_eq(read_message(BYTES("/ping\0\0\0,\0\0\0")), LAT_OK);
    cr_expect_eq(m.argc, 0);
    lat_osc_message_fini(&m);
}

Test(osc_packet, refuses_every_truncation)
{
    static const char whole[] = "/node/new\0\0\0,ssif\0\0\0sine\0\0\0\0lfo\0"
                                "\0\0\0\1\x3f\x80\0\0";
    const size_t size = sizeof(whole) - 1;
    for (size_t n = 0; n < size; ++n) {
        if (n == 12) {
            continue; // the path alone is a message
        }
        cr_expect_eq(read_message(whole, n), LAT_EINVAL, "%zu bytes", n);
        cr_expect_str_not_empty(error.text);
    }
    cr_expect_eq(read_message(whole, size), LAT_OK);
    lat_osc_message_fini(&m);
}

Test(osc_packet, refuses_what_does_not_fit)
{
    // no comma; a blob without its size; a blob larger than the packet; bytes
    // after the last argument
    cr_expect_eq(read_message(BYTES("/a\0\0abc\0")), LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("/a\0\0,b\0\0")), LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("/a\0\0,b\0\0\0\0\0\x08zzzz")), LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("/a\0\0,b\0\0\xff\xff\xff\xffzzzz")),
                 LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("/a\0\0,i\0\0\0\0\0\1\0\0\0\2")),
                 LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("/a\0\0,h\0\0\0\0\0\1")), LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("/a\0\0,s\0\0abcd")), LAT_EINVAL);
    cr_expect_eq(read_message(BYTES("")), LAT_EINVAL);
}

Test(osc_packet, names_types_that_nothing_takes)
{
    cr_expect_eq(read_message(BYTES("/a\0\0,[i]\0\0\0\0\0\0\0\1")), LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "an array"), "%s", error.text);
    cr_expect_eq(read_message(BYTES("/a\0\0,r\0\0\0\0\0\0")), LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "a colour"), "%s", error.text);
}

static struct lat_osc_bundle bundle;

static enum lat_status
read_bundle(const char *bytes, size_t size)
{
    static char *block;
    block = realloc(block, size ? size : 1);
    memcpy(block, bytes, size);
    return lat_osc_bundle_read(&bundle, block, size, &error);
}

#define HEAD "#bundle\0\0\0\0\0\0\0\0\1"

Test(osc_packet, flattens_nested_bundles_in_order)
{
    static const char bytes[] = HEAD "\0\0\0\x04/a\0\0"
                                     "\0\0\0\x20" HEAD "\0\0\0\x04/b\0\0"
                                     "\0\0\0\x04/c\0\0"
                                     "\0\0\0\x10" HEAD "\0\0\0\x04/d\0\0";
    cr_assert_eq(read_bundle(BYTES(bytes)), LAT_OK);
    cr_assert_eq(bundle.n_messages, 4);
    for (uint32_t i = 0; i < 4; ++i) {
        cr_expect_eq(bundle.messages[i].path[1], (char)('a' + i));
    }
    lat_osc_bundle_fini(&bundle);
}

Test(osc_packet, takes_an_empty_bundle)
{
    cr_assert_eq(read_bundle(BYTES(HEAD)), LAT_OK);
    cr_expect_eq(bundle.n_messages, 0);
    lat_osc_bundle_fini(&bundle);
}

Test(osc_packet, refuses_every_truncation_of_a_bundle)
{
    static const char bytes[] = HEAD "\0\0\0\x0c/a\0\0,i\0\0\0\0\0\1"
                                     "\0\0\0\x18" HEAD "\0\0\0\x04/b\0\0";
    for (size_t n = 0; n < sizeof(bytes) - 1; ++n) {
        if (n == 16 || n == 32) {
            continue; // whole bundles of none and one message
        }
        cr_expect_eq(read_bundle(bytes, n), LAT_EINVAL, "%zu bytes", n);
    }
}

Test(osc_packet, refuses_sizes_that_do_not_fit)
{
    cr_expect_eq(read_bundle(BYTES(HEAD "\0\0\0\0")), LAT_EINVAL);
    cr_expect_eq(read_bundle(BYTES(HEAD "\0\0\0\x05/a\0\0\0")), LAT_EINVAL);
    cr_expect_eq(read_bundle(BYTES(HEAD "\0\0\0\x08/a\0\0")), LAT_EINVAL);
    cr_expect_eq(read_bundle(BYTES(HEAD "\xff\xff\xff\xfc/a\0\0")), LAT_EINVAL);
}

Test(osc_packet, refuses_bundles_nested_too_deep)
{
    char bytes[20 * (LAT_OSC_MAX_DEPTH + 1)];
    for (int extra = 0; extra < 2; ++extra) {
        const size_t depth = LAT_OSC_MAX_DEPTH + (size_t)extra;
        size_t at = 0;
        for (size_t i = 0; i < depth; ++i) {
            memcpy(bytes + at, HEAD, 16);
            at += 16;
            if (i + 1 < depth) {
                const size_t rest = 16 + 20 * (depth - i - 2);
                memset(bytes + at, 0, 4);
                bytes[at + 2] = (char)(rest >> 8U);
                bytes[at + 3] = (char)rest;
                at += 4;
            }
        }
        cr_expect_eq(read_bundle(bytes, at), extra ? LAT_EINVAL : LAT_OK);
    }
}

Test(osc_packet, shortens_only_what_is_too_long)
{
    char buffer[8];
    cr_expect_str_eq(lat_osc_shorten("1234567", buffer, 8), "1234567");
    cr_expect_str_eq(lat_osc_shorten("12345678", buffer, 8), "1234...");
}

Test(packet, a_number_for_an_address_is_a_command_of_supercolliders)
{
    static const char s_new[] = "\0\0\0\x09,s\0\0sin";
    error = (struct lat_error){0};
    cr_expect_eq(lat_osc_message_read(&m, s_new, 12, &error), LAT_EINVAL);
    cr_expect(strstr(error.text, "command 9 of SuperCollider's server"), "%s",
              error.text);
}
