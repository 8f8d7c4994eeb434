// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What nodes send, as packets: to whom, with which time, and what is refused.

#include "osc/sends.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define RATE   48000
#define PERIOD 64

/// What left.
static struct sent {
    struct lat_osc_peer peer;
    uint8_t bytes[256];
    size_t size;
} sent[64];
static uint32_t n_sent;

/// What was looked up.
static char found_host[256];
static char found_port[16];
static uint64_t found_id;

static struct lat_osc_sends *sends;
static struct lat_timeline line;

static void
note_packet(void *data, const struct lat_osc_peer *peer, const void *packet,
            size_t size)
{
    (void)data;
    cr_assert_lt(n_sent, LAT_COUNT(sent));
    sent[n_sent].peer = *peer;
    sent[n_sent].size = size;
    memcpy(sent[n_sent++].bytes, packet, size);
}

static void
note_search(void *data, const char *host, const char *port, uint64_t id)
{
    (void)data;
    snprintf(found_host, sizeof(found_host), "%s", host);
    snprintf(found_port, sizeof(found_port), "%s", port);
    found_id = id;
}

static void
setup(void)
{
    osc_setup();
    const struct lat_osc_sends_hooks hooks = {.send = note_packet,
                                              .find = note_search};
    cr_assert_eq(lat_osc_sends_new(osc_control, &hooks, &sends), LAT_OK);
    line = (struct lat_timeline){.is_set = false};
    n_sent = 0;
    lat_engine_set_running(lat_control_engine(osc_control), true);
}

static void
teardown(void)
{
    lat_osc_sends_free(sends);
    osc_teardown();
}

TestSuite(osc_sends, .init = setup, .fini = teardown);

static void
play(uint32_t n)
{
    for (uint32_t f = 0; f < n; f += PERIOD) {
        lat_engine_process(lat_control_engine(osc_control), PERIOD);
    }
    lat_control_tick(osc_control);
    lat_osc_sends_tick(sends, &line);
}

static void
allow(const char *text)
{
    struct lat_document *const d = lat_control_document(osc_control);
    struct lat_line **at = &d->osc;
    while (*at) {
        at = &(*at)->next;
    }
    cr_assert_eq(lat_line_append(at, "send", text, NULL), LAT_OK);
}

static uint16_t
port_of(const struct sent *s)
{
    struct sockaddr_in in;
    memcpy(&in, &s->peer.address, sizeof(in));
    return ntohs(in.sin_port);
}

/// The only argument of packet @p i, and the time of its bundle, or 0.
static float
value_of(uint32_t i, const char *path, uint64_t *tag)
{
    struct lat_osc_bundle b = {.tag = 0};
    struct lat_osc_message m = {.lo = NULL};
    double number = 0.0;
    *tag = 0;
    cr_assert_lt(i, n_sent, "%u packets", n_sent);
    if (lat_osc_is_bundle(sent[i].bytes, sent[i].size)) {
        cr_assert_eq(lat_osc_bundle_read(&b, sent[i].bytes, sent[i].size, NULL),
                     LAT_OK);
        cr_assert_eq(b.n_messages, 1);
        cr_expect_str_eq(b.messages[0].path, path);
        cr_expect_str_eq(b.messages[0].types, "f");
        cr_assert(lat_osc_number(&b.messages[0], 0, &number));
        *tag = b.tag;
        lat_osc_bundle_fini(&b);
    } else {
        cr_assert_eq(
            lat_osc_message_read(&m, sent[i].bytes, sent[i].size, NULL),
            LAT_OK);
        cr_expect_str_eq(m.path, path);
        cr_expect_str_eq(m.types, "f");
        cr_assert(lat_osc_number(&m, 0, &number));
        lat_osc_message_fini(&m);
    }
    return (float)number;
}

static void
make(const char *host)
{
    const char *const answer = osc_send("/node/new", "ssssss", "osc_out", "o",
                                        "path", "/out", "host", host);
    cr_assert_eq(strncmp(answer, "/done", 5), 0, "%s", answer);
}

Test(osc_sends, a_value_is_a_plain_message)
{
    uint64_t tag = 0;
    make("127.0.0.1:9123");
    play(640);
    cr_expect_eq(n_sent, 0);
    osc_send("/node/o/in", "f", -0.5);
    play(640);
    cr_assert_eq(n_sent, 1);
    cr_expect_eq(value_of(0, "/out", &tag), -0.5F);
    cr_expect_eq(tag, 0);
    cr_expect_eq(port_of(&sent[0]), 9123);
    cr_expect_eq(sent[0].peer.socket, LAT_OSC_OUTGOING);
    cr_expect_eq(lat_osc_sends_count(sends).n_sent, 1);
}

// The line says which time a frame has; the latency is added to it.
Test(osc_sends, an_event_has_the_time_of_its_frame)
{
    const struct lat_timeline_clock clock = {
        .is_running = true,
        .frame = 480,
        .tag = UINT64_C(3989000000) << 32U,
        .now_tag = UINT64_C(3989000000) << 32U,
        .steady_ns = 1,
        .rate = RATE,
        .period = PERIOD,
    };
    int64_t step = 0;
    uint64_t tag = 0;
    make("127.0.0.1:9123");
    play(640);
    (void)lat_timeline_look(&line, &clock, &step);
    lat_control_begin(osc_control);
    struct lat_error error;
    const struct lat_value one = {.number = 1.0};
    cr_assert_eq(
        lat_control_param_set(osc_control, "o", "in", one, -1.0, &error),
        LAT_OK);
    cr_assert_eq(lat_control_commit_at(osc_control, 4800, &error), LAT_OK);
    play(6400);
    cr_assert_eq(n_sent, 1);
    cr_expect_eq(value_of(0, "/out", &tag), 1.0F);
    cr_expect_eq(tag, lat_timeline_tag(&line, 4800));
    cr_expect_eq(lat_timeline_frame(&line, tag), 4800);
    osc_send("/node/o/latency", "f", 0.5);
    osc_send("/node/o/in", "f", 0.0);
    play(6400);
    cr_assert_eq(n_sent, 2);
    cr_expect_eq(value_of(1, "/out", &tag), 0.0F);
    const uint64_t frame = lat_timeline_frame(&line, tag) - RATE / 2;
    cr_expect(frame >= 640 + 6400 && frame < 640 + 2 * 6400, "%llu",
              (unsigned long long)frame);
}

Test(osc_sends, nobody_else_is_sent_anything)
{
    static const char *const others[] = {"192.0.2.1:9000", "example.org:9000",
                                         "[2001:db8::1]:9000",
                                         "127.0.0.1.example:1"};
    for (size_t i = 0; i < LAT_COUNT(others); ++i) {
        const char *answer = osc_send("/node/new", "ssssss", "osc_out", "o",
                                      "path", "/out", "host", others[i]);
        cr_expect(strstr(answer, "send = HOST"), "%s", answer);
        cr_expect(strstr(answer, others[i]), "%s", answer);
    }
    make("127.0.0.1:9123");
    const char *answer = osc_send("/node/o/host", "s", others[0]);
    cr_expect(strstr(answer, "send = HOST"), "%s", answer);
    answer = osc_send("/node/set", "sss", "o", "host", others[0]);
    cr_expect(strstr(answer, "send = HOST"), "%s", answer);
    cr_expect_str_eq(osc_send("/node/o/host", ""),
                     "/node/o/host \"127.0.0.1:9123\"\n");
    answer = osc_send("/node/o/host", "s", "127.0.0.1");
    cr_expect(strstr(answer, "no HOST:PORT"), "%s", answer);
}

Test(osc_sends, a_line_of_the_session_allows_a_host_or_a_port_of_it)
{
    uint64_t tag = 0;
    allow("192.0.2.1:9000");
    allow("192.0.2.2");
    make("192.0.2.1:9000");
    const char *answer = osc_send("/node/o/host", "s", "192.0.2.1:9001");
    cr_expect(strstr(answer, "send = HOST"), "%s", answer);
    osc_send("/node/o/in", "f", -1.0);
    play(640);
    cr_assert_eq(n_sent, 1);
    cr_expect_eq(value_of(0, "/out", &tag), -1.0F);
    cr_expect_eq(port_of(&sent[0]), 9000);
    cr_expect_str_empty(osc_send("/node/o/host", "s", "192.0.2.2:7"));
    osc_send("/node/o/in", "f", -2.0);
    play(640);
    cr_assert_eq(n_sent, 2);
    cr_expect_eq(port_of(&sent[1]), 7);
}

Test(osc_sends, a_name_is_looked_up_and_its_last_value_is_sent_then)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(9000)};
    struct sockaddr_storage address = {0};
    uint64_t tag = 0;
    allow("Studio.example");
    make("studio.example:9000");
    osc_send("/node/o/in", "f", -1.0);
    play(640);
    osc_send("/node/o/in", "f", -2.0);
    play(640);
    cr_expect_eq(n_sent, 0);
    cr_expect_str_eq(found_host, "studio.example");
    cr_expect_str_eq(found_port, "9000");
    const uint64_t id = found_id;
    // Other changes do not look it up again.
    osc_send("/node/o/rate", "f", 50.0);
    play(640);
    cr_expect_eq(found_id, id);
    memcpy(&address, &in, sizeof(in));
    lat_osc_sends_found(sends, id, &address);
    cr_assert_eq(n_sent, 1);
    cr_expect_eq(value_of(0, "/out", &tag), -2.0F);
    osc_send("/node/o/in", "f", -3.0);
    play(640);
    cr_expect_eq(n_sent, 2);
}

Test(osc_sends, nothing_is_sent_without_a_path_or_a_node)
{
    osc_send("/node/new", "ssss", "osc_out", "o", "host", "127.0.0.1:9123");
    osc_send("/node/o/in", "f", -1.0);
    play(640);
    cr_expect_eq(n_sent, 0);
    osc_send("/node/o/path", "s", "/x");
    osc_send("/node/o/in", "f", -2.0);
    lat_engine_process(lat_control_engine(osc_control), PERIOD);
    lat_engine_process(lat_control_engine(osc_control), PERIOD);
    osc_send("/node/free", "s", "o");
    play(640);
    cr_expect_eq(n_sent, 0);
}

Test(osc_sends, lost_events_are_counted)
{
    osc_send("/node/new", "sssf", "impulse", "i", "freq", 12000.0);
    osc_send("/node/new", "ssssss", "osc_out", "o", "path", "/out", "rate",
             "10Hz");
    osc_send("/connect", "ss", "i", "o");
    play(4 * RATE);
    // 24 000 edges a second, of which ten are sent and 64 wait.
    const uint64_t n = lat_osc_sends_count(sends).n_lost;
    cr_expect(n > 3 * 23900 && n < 4 * 24000, "%llu", (unsigned long long)n);
}
