// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/address.h"
#include "base/rt.h"

#include <criterion/criterion.h>

#include <stddef.h>

Test(address, is_a_host_and_perhaps_a_port)
{
    static const struct {
        const char *text, *host;
        unsigned port;
    } cases[] = {
        {"host", "host", 0},
        {"a-b_c.example:9", "a-b_c.example", 9},
        {"192.168.0.7:65535", "192.168.0.7", 65535},
        {"[::1]:57120", "::1", 57120},
        {"[fe80::1%eth0]:1", "fe80::1%eth0", 1},
        {"::1", "::1", 0},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        struct lat_address a;
        cr_assert(lat_address_read(cases[i].text, &a), "%s", cases[i].text);
        cr_expect_str_eq(a.host, cases[i].host);
        cr_expect_eq(a.port, cases[i].port, "%s", cases[i].text);
    }
}

Test(address, is_nothing_else)
{
    static const char *const wrong[] = {
        "",
        ":9",
        "host:",
        "host:0",
        "host:65536",
        "host:9x",
        "ho st",
        "host:9 ",
        "a:b:c",
        "[::1]",
        "[]:9",
        "[host]:9",
        "[::1]9",
        "[::1]:",
        "host:-1",
        "h\xc3\xa4st",
        "host:000001",
        "/host:9",
        "osc.udp://host:9",
    };
    for (size_t i = 0; i < LAT_COUNT(wrong); ++i) {
        struct lat_address a = {.port = 17};
        cr_expect_not(lat_address_read(wrong[i], &a), "%s", wrong[i]);
        cr_expect_eq(a.port, 17);
    }
}

Test(address, tells_this_machine_by_its_text)
{
    static const char *const here[] = {"localhost", "LocalHost", "127.0.0.1",
                                       "127.9.9.9", "::1",       "0::1"};
    static const char *const there[] = {"127.0.0.1.example",
                                        "localhost.example",
                                        "128.0.0.1",
                                        "::2",
                                        "127.1",
                                        "0.0.0.0"};
    for (size_t i = 0; i < LAT_COUNT(here); ++i) {
        cr_expect(lat_host_is_here(here[i]), "%s", here[i]);
    }
    for (size_t i = 0; i < LAT_COUNT(there); ++i) {
        cr_expect_not(lat_host_is_here(there[i]), "%s", there[i]);
    }
}

Test(address, is_the_same_in_any_spelling)
{
    cr_expect(lat_host_is("Studio.local", "studio.LOCAL"));
    cr_expect(lat_host_is("fe80::0:1", "fe80::1"));
    cr_expect_not(lat_host_is("10.0.0.1", "10.0.0.11"));
    cr_expect_not(lat_host_is("10.0.0.1", "::ffff:10.0.0.1"));
    cr_expect_not(lat_host_is("studio", "studio.local"));
}
