// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The server over real sockets on this machine: UDP, TCP with both framings,
// and senders that misbehave.

#include "base/log.h"
#include "base/rt.h"
#include "control/control.h"
#include "osc/framing.h"
#include "osc/listen.h"
#include "osc/server.h"
#include "run/engine.h"
#include "run/engine_setup.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uv_loop_t loop;
static struct lat_osc *osc;
static struct lat_error error;
static char text[65536];

static void
stop(void *data)
{
    (void)data;
    uv_stop(&loop);
}

static void
start_at(const char *bind)
{
    const struct lat_osc_options options = {.bind = bind, .quit = stop};
    osc_setup();
    uv_loop_init(&loop);
    cr_assert_eq(lat_osc_new(&loop, osc_control, NULL, &options, &osc, &error),
                 LAT_OK, "%s", error.text);
}

static void
start(void)
{
    start_at("127.0.0.1");
}

static void
end(void)
{
    lat_osc_free(osc);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&loop), 0);
    osc_teardown();
}

TestSuite(osc_server, .init = start, .fini = end, .timeout = 60);

/// Let the server do what there is to do, for a moment.
static void
pump(void)
{
    for (int i = 0; i < 3; ++i) {
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    lat_control_tick(osc_control);
    lat_osc_tick(osc);
}

static int
client(int type, const char *host)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(lat_osc_port(osc))};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(lat_osc_port(osc))};
    const bool is_6 = inet_pton(AF_INET, host, &a.sin_addr) != 1;
    if (is_6) {
        cr_assert_eq(inet_pton(AF_INET6, host, &a6.sin6_addr), 1);
    }
    const int fd = socket(is_6 ? AF_INET6 : AF_INET, type, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(is_6 ? connect(fd, (struct sockaddr *)&a6, sizeof(a6))
                      : connect(fd, (struct sockaddr *)&a, sizeof(a)),
                 0);
    const struct timeval timeout = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    return fd;
}

/// Wait for bytes while the server runs.  @return as recv(): 0 at the end.
static ssize_t
receive(int fd, void *bytes, size_t size)
{
    for (int i = 0; i < 5000; ++i) {
        const ssize_t n = recv(fd, bytes, size, MSG_DONTWAIT);
        if (n >= 0 || errno != EAGAIN) {
            return n < 0 ? 0 : n;
        }
        pump();
        usleep(1000);
    }
    cr_assert_fail("nothing came for five seconds");
    return -1;
}

/// One datagram as text.
static const char *
answer(int fd)
{
    char packet[65536];
    const ssize_t n = receive(fd, packet, sizeof(packet));
    char *const as_text = osc_as_text(packet, (size_t)n);
    snprintf(text, sizeof(text), "%s", as_text);
    free(as_text);
    return text;
}

#define SEND(fd, ...)                                                          \
 do {                                                                          \
  size_t size_;                                                                \
  void *const packet_ = osc_packet(&size_, __VA_ARGS__);                       \
  cr_assert_eq(send((fd), packet_, size_, 0), (ssize_t)size_);                 \
  free(packet_);                                                               \
 } while (0)

/// n0 to n2999.
static void
make_3000_constants(void)
{
    char name[16];
    osc_bundle();
    for (int i = 0; i < 3000; ++i) {
        snprintf(name, sizeof(name), "n%d", i);
        osc_add("/node/new", "ss", "constant", name);
    }
    cr_expect_str_eq(osc_send_bundle(), "/done \"/bundle\" 3000\n");
}

Test(osc_server, answers_over_udp_from_its_own_port)
{
    const int fd = client(SOCK_DGRAM, "127.0.0.1");
    SEND(fd, "/node/new", "ss", "sine", "a");
    cr_expect_str_eq(answer(fd), "/done \"/node/new\" \"a\"\n");
    SEND(fd, "/node/a/freq", "f", 5.0);
    SEND(fd, "/node/a/freq", "");
    cr_expect_str_eq(answer(fd), "/node/a/freq 5\n");
    SEND(fd, "/sync", "i", 3);
    cr_expect_str_eq(answer(fd), "/synced 3\n");
    SEND(fd, "/nonsense", "");
    cr_expect_eq(strncmp(answer(fd), "/fail \"/nonsense\" ", 18), 0);
    cr_assert_eq(send(fd, "junk", 4, 0), 4);
    cr_expect_eq(strncmp(answer(fd), "/fail ", 6), 0);
    cr_assert_eq(send(fd, "", 0, 0), 0);
    cr_expect_eq(strncmp(answer(fd), "/fail ", 6), 0);
    close(fd);
}

Test(osc_server, does_a_thousand_waiting_edits_in_one_go)
{
    const int fd = client(SOCK_DGRAM, "127.0.0.1");
    SEND(fd, "/node/new", "ss", "constant", "a");
    answer(fd);
    for (int i = 0; i <= 1000; ++i) {
        SEND(fd, "/node/a/value", "i", i);
    }
    SEND(fd, "/node/a/value", "");
    cr_expect_str_eq(answer(fd), "/node/a/value 1000\n");
    close(fd);
}

Test(osc_server, does_not_overrun_who_asks_for_a_long_list)
{
    make_3000_constants();
    const int fd = client(SOCK_DGRAM, "127.0.0.1");
    SEND(fd, "/graph/nodes", "");
    uint32_t n = 0;
    while (strncmp(answer(fd), "/graph/nodes ", 13) == 0) {
        ++n;
        usleep(20);
    }
    cr_expect_eq(n, 3000, "%u, then %s", n, text);
    cr_expect_str_eq(text, "/done \"/graph/nodes\" 3000\n");
    close(fd);
}

/// Take the next framed packet out of a stream.
static bool
keep(void *data, const void *packet, size_t size)
{
    char **const as_text = data;
    cr_assert_null(*as_text, "more than one answer");
    *as_text = osc_as_text(packet, size);
    return true;
}

static const char *
stream_answer(int fd, enum lat_osc_framing framing)
{
    struct lat_osc_stream s = {0};
    char *as_text = NULL;
    uint8_t byte = 0;
    while (!as_text && receive(fd, &byte, 1) == 1) {
        cr_assert_null(lat_osc_stream_feed(&s, &byte, 1, keep, &as_text));
    }
    // The END after a packet of double-ended SLIP may look like a first one.
    cr_expect_eq(s.framing, framing);
    lat_osc_stream_fini(&s);
    snprintf(text, sizeof(text), "%s", as_text ? as_text : "closed");
    free(as_text);
    return text;
}

static void
send_frame(int fd, enum lat_osc_framing framing, const void *packet,
           size_t size)
{
    uint8_t *const frame = malloc(lat_osc_frame_bound(framing, size));
    const size_t n = lat_osc_frame(framing, packet, size, frame);
    cr_assert_eq(send(fd, frame, n, MSG_NOSIGNAL), (ssize_t)n);
    free(frame);
}

static void
talk_over_tcp(enum lat_osc_framing framing)
{
    const int fd = client(SOCK_STREAM, "127.0.0.1");
    size_t size = 0;
    void *packet = osc_packet(&size, "/node/new", "ss", "sine", "a");
    send_frame(fd, framing, packet, size);
    free(packet);
    cr_expect_str_eq(stream_answer(fd, framing), "/done \"/node/new\" \"a\"\n");
    // -0x1.8p-42 has bytes that SLIP escapes
    packet = osc_packet(&size, "/sync", "i", (int)0xc0dbdcddU);
    send_frame(fd, framing, packet, size);
    free(packet);
    cr_expect_str_eq(stream_answer(fd, framing), "/synced -1059332899\n");
    send_frame(fd, framing, "/x\0\0", 4);
    cr_expect_eq(strncmp(stream_answer(fd, framing), "/fail \"/x\" ", 11), 0);
    close(fd);
}

Test(osc_server, answers_over_tcp_with_sizes)
{
    talk_over_tcp(LAT_FRAMING_SIZE);
}

Test(osc_server, answers_over_tcp_with_double_ended_slip)
{
    talk_over_tcp(LAT_FRAMING_SLIP_DOUBLE);
}

Test(osc_server, answers_over_tcp_with_single_ended_slip)
{
    talk_over_tcp(LAT_FRAMING_SLIP);
}

static void
expect_closed(int fd)
{
    char byte = 0;
    cr_expect_eq(receive(fd, &byte, 1), 0);
    close(fd);
}

Test(osc_server, closes_only_the_connection_that_sends_garbage)
{
    const int good = client(SOCK_STREAM, "127.0.0.1");
    static const char *const garbage[] = {"GET / HTTP/1.0\r\n\r\n",
                                          "\x7f\x45LF", "/abc\xdb\x01",
                                          "\x01\xff\xff\xff"};
    for (size_t i = 0; i < LAT_COUNT(garbage); ++i) {
        const int bad = client(SOCK_STREAM, "127.0.0.1");
        cr_assert_gt(send(bad, garbage[i], strlen(garbage[i]), 0), 0);
        expect_closed(bad);
    }
    send_frame(good, LAT_FRAMING_SIZE, "/ping\0\0\0", 8);
    cr_expect_str_eq(stream_answer(good, LAT_FRAMING_SIZE), "/pong\n");
    close(good);
}

Test(osc_server, takes_a_megabyte_over_tcp)
{
    const int fd = client(SOCK_STREAM, "127.0.0.1");
    osc_bundle();
    uint8_t *const large = calloc(1, 1024 * 1024);
    memcpy(large, "/ping\0\0\0,b\0\0", 12);
    const uint32_t blob = 1024 * 1024 - 16;
    for (unsigned i = 0; i < 4; ++i) {
        large[12 + i] = (uint8_t)(blob >> (24 - 8 * i));
    }
    uint8_t *const frame = malloc(1024 * 1024 + 4);
    const size_t n = lat_osc_frame(LAT_FRAMING_SIZE, large, 1024 * 1024, frame);
    for (size_t sent = 0; sent < n;) {
        const ssize_t rc = send(fd, frame + sent, n - sent, MSG_DONTWAIT);
        sent += rc > 0 ? (size_t)rc : 0;
        pump();
    }
    cr_expect_str_eq(stream_answer(fd, LAT_FRAMING_SIZE), "/pong\n");
    free(large);
    free(frame);
    close(fd);
}

Test(osc_server, makes_room_for_the_next_connection_by_closing_the_idlest)
{
    int fds[33];
    for (size_t i = 0; i < LAT_COUNT(fds); ++i) {
        fds[i] = client(SOCK_STREAM, "127.0.0.1");
        pump();
        if (i == 31) {
            usleep(20000); // all but the second stay silent from here on
            send_frame(fds[0], LAT_FRAMING_SIZE, "/ping\0\0\0", 8);
            cr_expect_str_eq(stream_answer(fds[0], LAT_FRAMING_SIZE),
                             "/pong\n");
        }
    }
    expect_closed(fds[1]);
    fds[1] = client(SOCK_DGRAM, "127.0.0.1");
    const int alive[] = {fds[0], fds[31], fds[32]};
    for (size_t i = 0; i < LAT_COUNT(alive); ++i) {
        send_frame(alive[i], LAT_FRAMING_SIZE, "/ping\0\0\0", 8);
        cr_expect_str_eq(stream_answer(alive[i], LAT_FRAMING_SIZE), "/pong\n");
    }
    for (size_t i = 0; i < LAT_COUNT(fds); ++i) {
        close(fds[i]);
    }
}

Test(osc_server, drops_a_reader_that_does_not_read)
{
    uint8_t frames[200 * 12];
    uint8_t rest[4096];
    size_t n = 0;
    const int slow = client(SOCK_STREAM, "127.0.0.1");
    for (int i = 0; i < 200; ++i) {
        // its answer is long: the list of types
        n += lat_osc_frame(LAT_FRAMING_SLIP, "/graph/*", 8, frames + n);
    }
    bool is_closed = false;
    for (int i = 0; i < 2000 && !is_closed; ++i) {
        is_closed = send(slow, frames, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
                    errno != EAGAIN;
        pump();
    }
    cr_expect(is_closed);
    while (recv(slow, rest, sizeof(rest), 0) > 0) {
    }
    close(slow);
    const int other = client(SOCK_STREAM, "127.0.0.1");
    send_frame(other, LAT_FRAMING_SIZE, "/ping\0\0\0", 8);
    cr_expect_str_eq(stream_answer(other, LAT_FRAMING_SIZE), "/pong\n");
    close(other);
}

Test(osc_server, answers_all_that_came_before_the_end_of_a_stream)
{
    const int fd = client(SOCK_STREAM, "127.0.0.1");
    uint8_t bytes[4096];
    size_t n = 0;
    for (int i = 0; i < 20; ++i) {
        send_frame(fd, LAT_FRAMING_SIZE, "/graph/types\0\0\0\0", 16);
    }
    shutdown(fd, SHUT_WR);
    for (ssize_t got = 1; got > 0; n += (size_t)got) {
        got = receive(fd, bytes, sizeof(bytes));
    }
    cr_expect_gt(n, 20000);
    close(fd);
}

Test(osc_server, keeps_the_order_of_one_peer_across_turns)
{
    make_3000_constants();
    const int fd = client(SOCK_DGRAM, "127.0.0.1");
    const int other = client(SOCK_DGRAM, "127.0.0.1");
    SEND(fd, "/graph/nodes", "");
    SEND(fd, "/node/n5/value", "f", 0.5);
    SEND(fd, "/node/n5/value", "");
    pump();
    SEND(other, "/node/n5/value", "");
    cr_expect_str_eq(answer(other), "/node/n5/value 0\n",
                     "somebody else need not wait for the list");
    uint32_t n = 0;
    while (strncmp(answer(fd), "/graph/nodes ", 13) == 0) {
        ++n;
    }
    cr_expect_eq(n, 3000);
    cr_expect_str_eq(answer(fd), "/node/n5/value 0.5\n");
    close(other);
    close(fd);
}

Test(osc_server, survives_clients_that_leave_before_the_answer)
{
    for (int i = 0; i < 50; ++i) {
        const int fd = client(SOCK_STREAM, "127.0.0.1");
        send_frame(fd, LAT_FRAMING_SIZE, "/graph/types\0\0\0\0", 16);
        send_frame(fd, LAT_FRAMING_SIZE, "/sync\0\0\0,i\0\0\0\0\0\1", 16);
        close(fd);
        const int udp = client(SOCK_DGRAM, "127.0.0.1");
        SEND(udp, "/graph/types", "");
        close(udp);
        pump();
    }
    const int fd = client(SOCK_DGRAM, "127.0.0.1");
    SEND(fd, "/ping", "");
    cr_expect_str_eq(answer(fd), "/pong\n");
    close(fd);
}

Test(osc_server, says_which_port_is_taken_and_what_to_do)
{
    struct lat_osc_options options = {.port = lat_osc_port(osc),
                                      .bind = "127.0.0.1"};
    struct lat_osc *second = NULL;
    char port[16];
    cr_expect_eq(
        lat_osc_new(&loop, osc_control, NULL, &options, &second, &error),
        LAT_ESYSTEM);
    snprintf(port, sizeof(port), "%u", (unsigned)options.port);
    cr_expect_not_null(strstr(error.text, port), "%s", error.text);
    cr_expect_not_null(strstr(error.text, "--osc-port"), "%s", error.text);
    options.bind = "192.0.2.1";
    cr_expect_eq(
        lat_osc_new(&loop, osc_control, NULL, &options, &second, &error),
        LAT_EINVAL);
    cr_expect_not_null(strstr(error.text, "--bind"), "%s", error.text);
    options.bind = "no address";
    cr_expect_eq(
        lat_osc_new(&loop, osc_control, NULL, &options, &second, &error),
        LAT_EINVAL);
    cr_expect_null(second);
}

Test(osc_server, wants_tcp_on_the_same_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t length = sizeof(a);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int taken = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(taken, (struct sockaddr *)&a, sizeof(a)), 0);
    cr_assert_eq(listen(taken, 1), 0);
    getsockname(taken, (struct sockaddr *)&a, &length);
    const struct lat_osc_options options = {.port = ntohs(a.sin_port),
                                            .bind = "127.0.0.1"};
    struct lat_osc *second = NULL;
    cr_expect_eq(
        lat_osc_new(&loop, osc_control, NULL, &options, &second, &error),
        LAT_ESYSTEM);
    cr_expect_not_null(strstr(error.text, "TCP"), "%s", error.text);
    close(taken);
}

Test(osc_server, stops_the_loop_when_asked_to_quit)
{
    const int fd = client(SOCK_DGRAM, "127.0.0.1");
    SEND(fd, "/quit", "");
    cr_expect_neq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    cr_expect_str_eq(answer(fd), "/done \"/quit\"\n");
    close(fd);
}

static bool
has_ipv6(void)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6,
                             .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    const bool is_there =
        fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
    close(fd);
    return is_there;
}

Test(osc_address, listens_on_ipv6, .timeout = 60)
{
    if (!has_ipv6()) {
        cr_skip_test("no IPv6 here");
    }
    start_at("::1");
    const int udp = client(SOCK_DGRAM, "::1");
    SEND(udp, "/node/new", "ss", "sine", "a");
    cr_expect_str_eq(answer(udp), "/done \"/node/new\" \"a\"\n");
    const int tcp = client(SOCK_STREAM, "::1");
    send_frame(tcp, LAT_FRAMING_SIZE, "/ping\0\0\0", 8);
    cr_expect_str_eq(stream_answer(tcp, LAT_FRAMING_SIZE), "/pong\n");
    close(udp);
    close(tcp);
    end();
}

Test(osc_address, knows_ipv4_senders_of_an_ipv6_socket, .timeout = 60)
{
    if (!has_ipv6()) {
        cr_skip_test("no IPv6 here");
    }
    start_at("::");
    const int udp = client(SOCK_DGRAM, "127.0.0.1");
    SEND(udp, "/node/new", "ss", "sine", "a");
    cr_expect_str_eq(answer(udp), "/done \"/node/new\" \"a\"\n");
    close(udp);
    end();
}

static struct sockaddr_storage
address(const char *host)
{
    struct sockaddr_storage a = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
        memcpy(&a, &in, sizeof(in));
    } else {
        cr_assert_eq(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
        memcpy(&a, &in6, sizeof(in6));
    }
    return a;
}

Test(osc_address, tells_this_machine_from_others)
{
    static const struct {
        const char *from, *bound;
        bool is_local;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1", true},
        {"127.8.9.1", "0.0.0.0", true},
        {"::1", "::", true},
        {"::ffff:127.0.0.1", "::", true},
        {"192.0.2.7", "192.0.2.7", true},
        {"::ffff:192.0.2.7", "192.0.2.7", true},
        {"2001:db8::1", "2001:db8::1", true},
        {"192.0.2.7", "0.0.0.0", false},
        {"192.0.2.7", "192.0.2.8", false},
        {"::ffff:192.0.2.7", "::", false},
        {"2001:db8::1", "::", false},
        {"128.0.0.1", "127.0.0.1", false},
    };
    for (size_t i = 0; i < LAT_COUNT(cases); ++i) {
        const struct sockaddr_storage from = address(cases[i].from);
        const struct sockaddr_storage bound = address(cases[i].bound);
        cr_expect_eq(lat_osc_is_local(&from, &bound), cases[i].is_local,
                     "%s to %s", cases[i].from, cases[i].bound);
    }
}

/// What comes on stderr until call again with the number that it gave.
static int
hear_log(FILE *log, int before)
{
    fflush(stderr);
    const int was = dup(STDERR_FILENO);
    dup2(log ? fileno(log) : before, STDERR_FILENO);
    return was;
}

// Nobody may broadcast without asking for it first, so nothing leaves.
Test(osc_server, names_who_cannot_send_and_where_to)
{
    static const char *const pairs[][2] = {{"path", "/out"},
                                           {"host", "255.255.255.255:9123"}};
    struct lat_assignment a[2];
    char said[4096] = "";
    FILE *const log = tmpfile();
    cr_assert_eq(lat_line_append(&lat_control_document(osc_control)->osc,
                                 "send", "255.255.255.255", NULL),
                 LAT_OK);
    for (size_t i = 0; i < 2; ++i) {
        a[i] = (struct lat_assignment){
            .key = pairs[i][0],
            .value = {.is_text = true, .text = pairs[i][1]}};
    }
    cr_assert_eq(lat_control_node_new(osc_control, "osc_out", "far", false, a,
                                      2, &error),
                 LAT_OK, "%s", error.text);
    lat_engine_set_running(lat_control_engine(osc_control), true);
    lat_log_set_level(LAT_LOG_WARNING);
    const int before = hear_log(log, -1);
    const struct lat_value half = {.number = 0.5};
    cr_assert_eq(
        lat_control_param_set(osc_control, "far", "in", half, -1.0, &error),
        LAT_OK, "%s", error.text);
    for (int i = 0; i < 20; ++i) {
        const enum lat_role role = lat_thread_role;
        lat_thread_role = LAT_ROLE_AUDIO;
        lat_engine_process(lat_control_engine(osc_control), 64);
        lat_thread_role = role;
        pump();
    }
    close(hear_log(NULL, before));
    close(before);
    rewind(log);
    said[fread(said, 1, sizeof(said) - 1, log)] = '\0';
    fclose(log);
    cr_expect(strstr(said, "far (osc_out) cannot send to 255.255.255.255 port "
                           "9123: "),
              "%s", said);
    cr_expect(strstr(said, "see its setting host"), "said: '%s'", said);
}
