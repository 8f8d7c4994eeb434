// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Many who talk to one server: how much a stranger calls forth, who is told
// about processes, and what is left of a packet when others have their turn.

#include "osc/listen.h"
#include "osc/listeners.h"
#include "osc/packet.h"
#include "osc/router.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t n_bytes;
static uint32_t n_packets;
static char last_path[64];
static char last_texts[2][300];
static struct lat_osc_router *router;

static void
count(void *data, const struct lat_osc_peer *peer, const void *packet,
      size_t size)
{
    struct lat_osc_message m;
    (void)data;
    (void)peer;
    n_bytes += size;
    ++n_packets;
    cr_assert_eq(lat_osc_message_read(&m, packet, size, NULL), LAT_OK);
    snprintf(last_path, sizeof(last_path), "%s", m.path);
    for (uint32_t i = 0; i < 2; ++i) {
        const char *const text = lat_osc_text(&m, i);
        snprintf(last_texts[i], sizeof(last_texts[i]), "%s", text ? text : "");
    }
    lat_osc_message_fini(&m);
}

static void
start(void)
{
    osc_setup();
    n_bytes = 0;
    n_packets = 0;
    cr_assert_eq(lat_osc_router_new(osc_control, NULL, &osc_options, count,
                                    NULL, &router),
                 LAT_OK);
}

static void
end(void)
{
    lat_osc_router_free(router);
    osc_teardown();
}

TestSuite(osc_peers, .init = start, .fini = end, .timeout = 60);

static void
make_nodes(uint32_t n)
{
    char name[16];
    for (uint32_t i = 0; i < n; ++i) {
        snprintf(name, sizeof(name), "n%u", i);
        cr_assert_eq(lat_control_node_new(osc_control, "constant", name, false,
                                          NULL, 0, NULL),
                     LAT_OK);
    }
}

static const struct lat_osc_peer peers[] = {
    {.is_remote = false},
    {.is_remote = true},
    {.is_remote = true, .is_tcp = true}};

Test(osc_peers, a_stranger_s_datagram_calls_forth_16_kib)
{
    static const char *const questions[] = {"/graph/nodes", "/node/*/value",
                                            "/graph/load", "/graph/*"};
    make_nodes(2000);
    for (size_t q = 0; q < LAT_COUNT(questions); ++q) {
        size_t all = 0;
        for (size_t i = 0; i < LAT_COUNT(peers); ++i) {
            size_t size = 0;
            void *const packet = osc_packet(&size, questions[q], "");
            n_bytes = 0;
            lat_osc_router_handle(router, packet, size, &peers[i]);
            lat_osc_router_flush(router);
            free(packet);
            all = i == 0 ? n_bytes : all;
            if (peers[i].is_remote && !peers[i].is_tcp) {
                cr_expect_leq(n_bytes, 16384, "%s", questions[q]);
                cr_expect_str_eq(last_path, "/fail");
                cr_expect_not_null(strstr(last_texts[1], "TCP"), "%s",
                                   last_texts[1]);
            } else {
                cr_expect_gt(n_bytes, 16384, "%s", questions[q]);
                cr_expect_eq(n_bytes, all, "%s", questions[q]);
            }
        }
    }
}

Test(osc_peers, a_stranger_s_bundle_calls_forth_16_kib)
{
    uint8_t bundle[16 + 12 * 3000] = "#bundle";
    for (size_t i = 0; i < 3000; ++i) {
        memcpy(bundle + 16 + 12 * i, "\0\0\0\10/status\0", 12);
    }
    lat_osc_router_handle(router, bundle, sizeof(bundle), &peers[1]);
    cr_expect_leq(n_bytes, 16384);
    cr_expect_gt(n_bytes, 15000);
}

static bool
never(void *data)
{
    (void)data;
    return false;
}

Test(osc_peers, nothing_is_lost_or_told_twice_between_turns)
{
    static const char *const questions[] = {"/graph/nodes", "/node/*/value",
                                            "/graph/load"};
    make_nodes(100);
    for (size_t q = 0; q < LAT_COUNT(questions); ++q) {
        char name[16];
        size_t size = 0;
        void *const packet = osc_packet(&size, questions[q], "");
        n_packets = 0;
        struct lat_osc_job *job =
            lat_osc_router_begin(router, packet, size, &peers[0]);
        cr_assert_not_null(job);
        for (int i = 0; i < 40; ++i) {
            cr_assert_not(lat_osc_job_go_on(job, never, NULL));
        }
        const uint32_t n_before = n_packets;
        cr_expect_gt(n_before, 30);
        // Ten that were not told yet go.
        for (int i = 0; i < 10; ++i) {
            snprintf(name, sizeof(name), "n%d", 99 - i);
            cr_assert_eq(lat_control_node_free(osc_control,
                                               &(const char *){name}, 1, NULL),
                         LAT_OK);
        }
        cr_expect(lat_osc_job_go_on(job, NULL, NULL));
        const uint32_t n_ends = strcmp(questions[q], "/node/*/value") != 0;
        cr_expect_eq(n_packets, 90 + n_ends, "%s: %u", questions[q], n_packets);
        free(packet);
        for (int i = 0; i < 10; ++i) {
            snprintf(name, sizeof(name), "n%d", 90 + i);
            cr_assert_eq(lat_control_node_new(osc_control, "constant", name,
                                              false, NULL, 0, NULL),
                         LAT_OK);
        }
    }
}

Test(osc_peers, a_packet_of_zeros_fails_at_the_root)
{
    static const uint8_t in_bundle[24] = "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\4";
    lat_osc_router_handle(router, "\0\0\0\0", 4, &peers[0]);
    cr_expect_str_eq(last_path, "/fail");
    cr_expect_str_eq(last_texts[0], "/");
    lat_osc_router_handle(router, in_bundle, sizeof(in_bundle), &peers[0]);
    cr_expect_str_eq(last_path, "/fail");
    cr_expect_str_eq(last_texts[0], "/bundle");
}

static struct lat_osc_peer
peer_of(uint32_t i)
{
    return (struct lat_osc_peer){
        .is_tcp = true, .connection = i, .generation = i + 1};
}

Test(osc_peers, one_more_listener_takes_the_place_of_the_stalest)
{
    struct lat_osc_listeners l = {.n = 0};
    for (uint32_t i = 0; i < LAT_OSC_MAX_LISTENERS; ++i) {
        const struct lat_osc_peer p = peer_of(i);
        cr_expect_eq(lat_osc_listeners_add(&l, &p, -1), (int32_t)i);
    }
    const struct lat_osc_peer first = peer_of(0);
    const struct lat_osc_peer next = peer_of(1000);
    lat_osc_listeners_touch(&l, &first);
    cr_expect_eq(lat_osc_listeners_add(&l, &next, 5), 1);
    cr_expect_eq(lat_osc_listeners_add(&l, &first, 7), 0);
    cr_expect_eq(lat_osc_listeners_remove(&l, &next), 1);
    cr_expect_eq(lat_osc_listeners_add(&l, &next, 1), 1);
}

Test(osc_peers, a_listener_gets_the_number_that_it_asks_for)
{
    struct lat_osc_listeners l = {.n = 0};
    const struct lat_osc_peer a = peer_of(1);
    const struct lat_osc_peer b = peer_of(2);
    const struct lat_osc_peer c = peer_of(3);
    cr_expect_eq(lat_osc_listeners_add(&l, &a, 7), 7);
    cr_expect_neq(lat_osc_listeners_add(&l, &b, 7), 7);
    cr_expect_lt(lat_osc_listeners_add(&l, &c, 1234), LAT_OSC_MAX_LISTENERS);
}

Test(osc_peers, localhost_is_both_of_its_addresses)
{
    struct lat_osc_sockets s;
    struct lat_error error;
    cr_assert_eq(lat_osc_listen("localhost", 0, &s, &error), LAT_OK, "%s",
                 error.text);
    bool has_4 = false;
    bool has_6 = false;
    for (uint32_t i = 0; i < s.n; ++i) {
        struct sockaddr_in a;
        memcpy(&a, &s.at[i].address, sizeof(a));
        cr_expect_eq(ntohs(a.sin_port), s.port);
        has_4 = has_4 || s.at[i].address.ss_family == AF_INET;
        has_6 = has_6 || s.at[i].address.ss_family == AF_INET6;
    }
    cr_expect(has_4);
    const int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    const struct sockaddr_in6 one = {.sin6_family = AF_INET6,
                                     .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const bool knows_6 =
        fd >= 0 && bind(fd, (const struct sockaddr *)&one, sizeof(one)) == 0;
    cr_expect_eq(has_6, knows_6);
    close(fd);
    struct lat_osc_sockets other;
    cr_expect_eq(lat_osc_listen("localhost", s.port, &other, &error),
                 LAT_ESYSTEM);
    lat_osc_sockets_close(&s);
}
