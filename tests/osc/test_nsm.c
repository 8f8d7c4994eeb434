// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A session manager's client, with a manager that is a socket of this test.

#include "base/rt.h"
#include "osc/nsm.h"
#include "osc/nsm_url.h"
#include "osc/packet.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uv_loop_t loop;
static struct lat_nsm *nsm;
static struct lat_error error;
static int manager = -1;
static uint16_t port;
static struct sockaddr_in client;

static struct {
    unsigned n_managed, n_unmanaged, n_open, n_save;
    char text[400]; ///< of the last one
} heard;

static void
on_managed(void *data, const char *name)
{
    (void)data;
    ++heard.n_managed;
    snprintf(heard.text, sizeof(heard.text), "%s", name);
}

static void
on_unmanaged(void *data, const char *why)
{
    (void)data;
    ++heard.n_unmanaged;
    snprintf(heard.text, sizeof(heard.text), "%s", why);
}

static void
on_open(void *data, const struct lat_nsm_project *p)
{
    (void)data;
    ++heard.n_open;
    snprintf(heard.text, sizeof(heard.text), "%s|%s|%s", p->path,
             p->display_name, p->client_id);
}

static void
on_save(void *data)
{
    (void)data;
    ++heard.n_save;
}

static const struct lat_nsm_hooks hooks = {
    .managed = on_managed,
    .unmanaged = on_unmanaged,
    .open = on_open,
    .save = on_save,
};

static int
new_socket(in_addr_t address, uint16_t *out)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(address)};
    socklen_t size = sizeof(a);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&a, size), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &size), 0);
    *out = ntohs(a.sin_port);
    return fd;
}

static void
begin(void)
{
    memset(&heard, 0, sizeof(heard));
    nsm = NULL;
    cr_assert_eq(uv_loop_init(&loop), 0);
    manager = new_socket(INADDR_ANY, &port);
}

static void
end(void)
{
    lat_nsm_close(nsm);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&loop), 0);
    close(manager);
}

TestSuite(nsm, .init = begin, .fini = end, .timeout = 60);

static enum lat_status
announce_to(const char *host)
{
    char url[100];
    snprintf(url, sizeof(url), "osc.udp://%s:%u/", host, port);
    return lat_nsm_new(&loop, url, "./a program", &hooks, &nsm, &error);
}

static char packet[2000];
static struct lat_osc_message got;

/// What came to the manager, which must come.
static const char *
receive(void)
{
    ssize_t size = -1;
    while (size < 0) {
        socklen_t n = sizeof(client);
        uv_run(&loop, UV_RUN_NOWAIT);
        size = recvfrom(manager, packet, sizeof(packet), MSG_DONTWAIT,
                        (struct sockaddr *)&client, &n);
    }
    lat_osc_message_fini(&got);
    cr_assert_eq(lat_osc_message_read(&got, packet, (size_t)size, &error),
                 LAT_OK);
    return got.path;
}

static void
let_run(void)
{
    for (int i = 0; i < 20; ++i) {
        uv_run(&loop, UV_RUN_NOWAIT);
    }
}

static void
send_from(int fd, const char *path, lo_message m)
{
    size_t size = 0;
    char out[2000];
    cr_assert(lo_message_serialise(m, path, out, &size));
    cr_assert_eq(sendto(fd, out, size, 0, (const struct sockaddr *)&client,
                        sizeof(client)),
                 (ssize_t)size);
    lo_message_free(m);
    let_run();
}

static lo_message
texts(const char *a, const char *b, const char *c)
{
    lo_message m = lo_message_new();
    const char *const all[] = {a, b, c};
    for (int i = 0; i < 3 && all[i]; ++i) {
        lo_message_add_string(m, all[i]);
    }
    return m;
}

static void
welcome(void)
{
    cr_assert_eq(announce_to("127.0.0.1"), LAT_OK, "%s", error.text);
    cr_assert_str_eq(receive(), "/nsm/server/announce");
    send_from(manager, "/reply",
              texts("/nsm/server/announce", "Welcome.", "A manager"));
    cr_assert_eq(heard.n_managed, 1);
}

Test(nsm, reads_its_url)
{
    struct lat_nsm_url u;
    static const struct {
        const char *url, *host, *port;
    } good[] = {
        {"osc.udp://host:11287/", "host", "11287"},
        {"osc.udp://10.0.0.1:1", "10.0.0.1", "1"},
        {"osc.udp://[::1]:65535/", "::1", "65535"},
        {"osc.udp://a-b.example.org:80/any/path", "a-b.example.org", "80"},
    };
    for (size_t i = 0; i < LAT_COUNT(good); ++i) {
        cr_assert_eq(lat_nsm_url_read(good[i].url, &u, &error), LAT_OK);
        cr_assert_str_eq(u.host, good[i].host);
        cr_assert_str_eq(u.port, good[i].port);
    }
    static const char *const bad[] = {
        "",
        "osc.tcp://host:1/",
        "osc.udp://host",
        "osc.udp://host:/",
        "osc.udp://:5/",
        "osc.udp://host:0/",
        "osc.udp://host:65536/",
        "osc.udp://host:5x/",
        "osc.udp://[::1:5/",
        "osc.udp://::1:5/",
        "host:5",
        "osc.udp://host:123456789012345678901234567890/",
    };
    for (size_t i = 0; i < LAT_COUNT(bad); ++i) {
        cr_assert_eq(lat_nsm_url_read(bad[i], &u, &error), LAT_EINVAL, "%s",
                     bad[i]);
        cr_assert(strstr(error.text, "osc.udp://HOST:PORT/"));
    }
    char longest[600];
    snprintf(longest, sizeof(longest), "osc.udp://%0500d:5/", 1);
    cr_assert_eq(lat_nsm_url_read(longest, &u, &error), LAT_EINVAL);
}

Test(nsm, announces_itself)
{
    double major = 0.0;
    double minor = 0.0;
    double pid = 0.0;
    cr_assert_eq(announce_to("localhost"), LAT_OK, "%s", error.text);
    cr_assert_str_eq(receive(), "/nsm/server/announce");
    cr_assert_str_eq(got.types, "sssiii");
    cr_assert_str_eq(lat_osc_text(&got, 0), "Lattice");
    cr_assert_str_eq(lat_osc_text(&got, 1), ":switch:dirty:progress:message:");
    cr_assert_str_eq(lat_osc_text(&got, 2), "./a program");
    cr_assert(lat_osc_number(&got, 3, &major));
    cr_assert(lat_osc_number(&got, 4, &minor));
    cr_assert(lat_osc_number(&got, 5, &pid));
    cr_assert_eq(major, 1.0);
    cr_assert_eq(minor, 1.0);
    cr_assert_eq(pid, (double)getpid());
    cr_assert_eq(heard.n_managed + heard.n_unmanaged, 0);
}

Test(nsm, takes_an_answer_from_another_address_of_the_host)
{
    // The host is 127.0.0.2 by its name, and answers as 127.0.0.1.
    cr_assert_eq(announce_to("127.0.0.2"), LAT_OK, "%s", error.text);
    receive();
    send_from(manager, "/reply",
              texts("/nsm/server/announce", "Welcome.", "A manager"));
    cr_assert_eq(heard.n_managed, 1);
    cr_assert_str_eq(heard.text, "A manager");
    lat_nsm_tell_changed(nsm, true);
    cr_assert_str_eq(receive(), "/nsm/client/is_dirty");
}

Test(nsm, listens_to_nobody_else)
{
    uint16_t other_port = 0;
    const int other = new_socket(INADDR_LOOPBACK, &other_port);
    cr_assert_eq(announce_to("127.0.0.1"), LAT_OK);
    receive();
    send_from(other, "/reply",
              texts("/nsm/server/announce", "Welcome.", "Somebody"));
    cr_assert_eq(heard.n_managed, 0);
    send_from(other, "/nsm/client/open", texts("/tmp/x", "x", "x"));
    cr_assert_eq(heard.n_managed + heard.n_open, 0);
    send_from(manager, "/reply",
              texts("/nsm/server/announce", "Welcome.", "A manager"));
    send_from(other, "/nsm/client/save", texts(NULL, NULL, NULL));
    cr_assert_eq(heard.n_managed, 1);
    cr_assert_eq(heard.n_save, 0);
    close(other);
}

Test(nsm, says_why_it_is_not_taken)
{
    cr_assert_eq(announce_to("127.0.0.1"), LAT_OK);
    receive();
    lo_message m = texts("/nsm/server/announce", NULL, NULL);
    lo_message_add_int32(m, -2);
    lo_message_add_string(m, "too new");
    send_from(manager, "/error", m);
    cr_assert_eq(heard.n_unmanaged, 1);
    cr_assert(strstr(heard.text, "too new (-2)"), "%s", heard.text);
    send_from(manager, "/nsm/client/open", texts("/tmp/x", "x", "x"));
    cr_assert_eq(heard.n_open, 0, "it is over");
}

Test(nsm, gives_up_without_an_answer)
{
    cr_assert_eq(announce_to("127.0.0.1"), LAT_OK);
    while (!heard.n_unmanaged) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    cr_assert(strstr(heard.text, "no session manager answers"), "%s",
              heard.text);
}

Test(nsm, hands_on_what_is_asked_and_answers)
{
    double code = 0.0;
    welcome();
    send_from(manager, "/nsm/client/open", texts("/tmp/a b", "demo", "L.nX"));
    cr_assert_eq(heard.n_open, 1);
    cr_assert_str_eq(heard.text, "/tmp/a b|demo|L.nX");
    lat_nsm_answer(nsm, LAT_NSM_OPEN, LAT_NSM_OK, "OK");
    cr_assert_str_eq(receive(), "/reply");
    cr_assert_str_eq(lat_osc_text(&got, 0), "/nsm/client/open");
    cr_assert_str_eq(lat_osc_text(&got, 1), "OK");
    send_from(manager, "/nsm/client/save", texts(NULL, NULL, NULL));
    cr_assert_eq(heard.n_save, 1);
    lat_nsm_answer(nsm, LAT_NSM_SAVE, LAT_NSM_GENERAL, "no room");
    cr_assert_str_eq(receive(), "/error");
    cr_assert_str_eq(got.types, "sis");
    cr_assert_str_eq(lat_osc_text(&got, 0), "/nsm/client/save");
    cr_assert(lat_osc_number(&got, 1, &code));
    cr_assert_eq(code, -1.0);
    lat_nsm_tell_progress(nsm, 0.5F);
    cr_assert_str_eq(receive(), "/nsm/client/progress");
    cr_assert_str_eq(got.types, "f");
    lat_nsm_tell_message(nsm, LAT_NSM_ERROR, "oh");
    cr_assert_str_eq(receive(), "/nsm/client/message");
    cr_assert_str_eq(got.types, "is");
    lat_nsm_tell_label(nsm, "5 nodes");
    cr_assert_str_eq(receive(), "/nsm/client/label");
    lat_nsm_tell_changed(nsm, false);
    cr_assert_str_eq(receive(), "/nsm/client/is_clean");
}

Test(nsm, takes_an_open_whose_welcome_was_lost)
{
    cr_assert_eq(announce_to("127.0.0.1"), LAT_OK);
    receive();
    send_from(manager, "/nsm/client/open", texts("/tmp/x", "x", "x"));
    cr_assert_eq(heard.n_managed, 1);
    cr_assert_eq(heard.n_open, 1);
}

Test(nsm, refuses_what_makes_no_sense)
{
    welcome();
    send_from(manager, "/nsm/client/open", texts("/tmp/x", "x", NULL));
    cr_assert_str_eq(receive(), "/error");
    send_from(manager, "/nsm/client/open", texts("not/absolute", "x", "x"));
    cr_assert_str_eq(receive(), "/error");
    cr_assert_eq(heard.n_open, 0);
    static const char *const junk[] = {
        "", "x", "/reply", "/nsm/client/open", "#bundle", "/error\0\0,i\0\0"};
    for (size_t i = 0; i < LAT_COUNT(junk); ++i) {
        for (size_t size = 0; size <= 24; ++size) {
            char bytes[24] = {0};
            memcpy(bytes, junk[i], strlen(junk[i]));
            sendto(manager, bytes, size, 0, (const struct sockaddr *)&client,
                   sizeof(client));
            let_run();
        }
    }
    cr_assert_eq(heard.n_open + heard.n_unmanaged, 0);
    cr_assert_eq(heard.n_managed, 1);
}

Test(nsm, is_closed_at_any_time)
{
    cr_assert_eq(announce_to("no.such.host.invalid"), LAT_OK);
    lat_nsm_close(nsm); // while the name is looked up
    nsm = NULL;
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(heard.n_managed + heard.n_unmanaged, 0);
}
