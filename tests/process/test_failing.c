// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Memory that runs out while processes are followed: what could not be told,
// or made, is later, and nothing is left behind.

#include "base/log.h"
#include "process/follow.h"
#include "support/failing.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(process_memory, .timeout = 60);

// --- A process that only listens ---------------------------------------------

struct ear {
    int fd;
    uint16_t port;
    struct lat_osc_sender *sender;
    uint8_t bytes[32768];
    size_t n;
};

static void
open_ear(struct ear *e)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(at);
    e->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    cr_assert_eq(bind(e->fd, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(getsockname(e->fd, (struct sockaddr *)&at, &size), 0);
    e->port = ntohs(at.sin_port);
    e->n = 0;
    cr_assert_eq(lat_osc_sender_new(&e->sender), LAT_OK);
}

static void
close_ear(struct ear *e)
{
    close(e->fd);
    lat_osc_sender_free(e->sender);
}

// @return bytes that came with this flush.
static size_t
hear(struct ear *e)
{
    const size_t before = e->n;
    lat_osc_sender_flush(e->sender, e->port);
    ssize_t n = 0;
    while ((n = recv(e->fd, e->bytes + e->n, sizeof(e->bytes) - e->n, 0)) > 0) {
        e->n += (size_t)n;
    }
    return e->n - before;
}

// Is every message of the bundle in @p all somewhere in @p some?
static bool
has_all(const struct ear *some, const struct ear *all)
{
    bool has = true;
    for (size_t at = 16; at + 4 <= all->n;) { // behind "#bundle" and its time
        uint32_t size = 0;
        memcpy(&size, all->bytes + at, sizeof(size));
        at += sizeof(size);
        size = ntohl(size);
        has = has && memmem(some->bytes, some->n, all->bytes + at, size);
        at += size;
    }
    return has;
}

// --- What a process is told --------------------------------------------------

static const char *const patch = "new constant k value 0.25\n"
                                 "new sine s freq 100\n"
                                 "new mix m inputs 3\n"
                                 "connect k m/in_1\n";
static const char *const change = "set m inputs 5\n"
                                  "set m level_1 0.5\n"
                                  "disconnect k m/in_1\n"
                                  "connect k m/in_2 0.5\n"
                                  "connect s m/in_5\n"
                                  "connect s m/level_2 0.1\n";

// Tell of the change with the n-th allocation failing; 0: none.  @return
// whether so many were made.
static bool
tell_failing(uint32_t n, struct ear *e)
{
    struct rig r = rig_new(64);
    struct lat_told told = {0};
    open_ear(e);
    rig_do(&r, patch);
    const struct lat_node *node = lat_graph_find(lat_control_graph(r.c), "m");
    cr_assert_eq(lat_told_remember(&told, node), LAT_OK);
    cr_assert_eq(lat_told_update(&told, node, true, e->sender), LAT_OK);
    (void)hear(e);
    e->n = 0;
    rig_do(&r, change);
    failing_begin(n, false);
    const enum lat_status status =
        lat_told_update(&told, node, true, e->sender);
    const bool has_failed = failing_end();
    (void)hear(e);
    cr_expect_eq(status, has_failed ? LAT_ENOMEM : LAT_OK, "allocation %u", n);
    if (has_failed) {
        cr_expect_eq(lat_told_update(&told, node, true, e->sender), LAT_OK);
        cr_expect_gt(hear(e), 0, "allocation %u: the rest is not told", n);
    }
    cr_expect_eq(lat_told_update(&told, node, true, e->sender), LAT_OK);
    cr_expect_eq(hear(e), 0, "allocation %u: it is told for ever", n);
    lat_told_forget(&told);
    close_ear(e);
    rig_free(&r);
    return has_failed;
}

Test(process_memory, what_could_not_be_told_is_told_later)
{
    static struct ear whole;
    static struct ear part;
    cr_assert_not(tell_failing(0, &whole));
    cr_assert_gt(whole.n, 100);
    uint32_t n = 1;
    failing_count_begin();
    for (; tell_failing(n, &part); ++n) {
        cr_expect(has_all(&part, &whole), "allocation %u: lacks something", n);
    }
    cr_expect_eq(failing_count_end(), 0);
    cr_expect_gt(n, 3);
}

static bool
is_there(void *data, const struct lat_node *of)
{
    (void)data;
    (void)of;
    return true;
}

Test(process_memory, connections_that_lack_some_say_so)
{
    struct rig r = rig_new(64);
    struct lat_told told = {0};
    static struct ear e;
    open_ear(&e);
    rig_do(&r, patch);
    rig_do(&r, change);
    const struct lat_graph *g = lat_control_graph(r.c);
    const struct lat_node *node = lat_graph_find(g, "m");
    cr_assert_eq(lat_told_remember(&told, node), LAT_OK);
    cr_assert_eq(lat_told_update(&told, node, true, e.sender), LAT_OK);
    bool has_failed = true;
    uint32_t n = 1;
    failing_count_begin();
    for (; has_failed; ++n) {
        const struct lat_told_where where = {.is_there = is_there,
                                             .prefix = ""};
        struct lat_cable_plan plan = {0};
        failing_begin(n, false);
        lat_told_cables(&told, node, &where, &plan);
        has_failed = failing_end();
        cr_expect_eq(plan.is_short, has_failed, "allocation %u", n);
        lat_cable_plan_fini(&plan);
    }
    cr_expect_eq(failing_count_end(), 0);
    cr_expect_gt(n, 2);
    lat_told_forget(&told);
    close_ear(&e);
    rig_free(&r);
}

// --- The supervisor ----------------------------------------------------------

static struct lat_control *
new_control(void)
{
    const struct lat_control_options options = {
        .rate = 48000.0,
        .block = 64,
        .workers = 1,
        .is_offline = true,
        .has_processes = true,
    };
    struct lat_control *c = NULL;
    struct lat_error error;
    cr_assert_eq(lat_control_new(&options, &c, &error), LAT_OK);
    cr_assert_eq(lat_control_node_new(c, "sine", "p", true, NULL, 0, &error),
                 LAT_OK);
    return c;
}

static uint32_t
count_processes(const struct lat_processes *s)
{
    struct lat_process_counts counts;
    lat_processes_count(s, &counts);
    return counts.n;
}

// @return whether the n-th allocation was made, and failed.
static bool
follow_failing(uint32_t n)
{
    struct lat_control *c = new_control();
    const struct lat_processes_options options = {0};
    struct lat_processes *s = NULL;
    struct lat_error error;
    failing_begin(n, false);
    enum lat_status status = lat_processes_new(&options, c, NULL, &s);
    bool has_failed = failing_end();
    cr_expect_eq(status, has_failed ? LAT_ENOMEM : LAT_OK, "allocation %u", n);
    if (has_failed) {
        cr_assert_eq(lat_processes_new(&options, c, NULL, &s), LAT_OK);
    } else {
        failing_begin(n, false);
    }
    status = lat_control_place(c, "p", LAT_PLACE_LEAVING, &error);
    has_failed = failing_end() || has_failed;
    if (status) {
        cr_expect_eq(count_processes(s), 0);
        cr_expect_eq(lat_control_place(c, "p", LAT_PLACE_LEAVING, &error),
                     LAT_OK);
    } else if (count_processes(s) == 0) {
        cr_expect(s->is_behind, "allocation %u: nobody tries again", n);
        s->are_cables_old = false;
        cr_expect_lt(lat_processes_next_ns(s), UINT64_MAX);
        lat_processes_follow(s);
    }
    cr_expect_eq(count_processes(s), 1, "allocation %u", n);
    cr_expect_not(s->is_behind);
    lat_processes_free(s);
    lat_control_free(c);
    return has_failed;
}

Test(process_memory, a_process_that_could_not_be_added_is_added_later)
{
    lat_log_set_level(LAT_LOG_ERROR);
    uint32_t n = 1;
    failing_count_begin();
    while (follow_failing(n)) {
        ++n;
    }
    cr_expect_eq(failing_count_end(), 0);
    cr_expect_gt(n, 3);
}
