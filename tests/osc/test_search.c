// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Hosts that are not found are looked for again, until they are or nobody wants
// them any more.

#include "base/rt.h"
#include "osc/search.h"

#include <criterion/criterion.h>

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The resolver, for the names of this test: how often it fails first.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int n_failures;
static _Atomic int n_asked;
static uint64_t asked_ns[16];

typedef int (*resolver_fn)(const char *host, const char *port,
                           const struct addrinfo *hints, struct addrinfo **out);

/// Takes the place of the C library's.
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
            struct addrinfo **out)
{
    resolver_fn real = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    const char *const end = host ? strstr(host, ".invalid") : NULL;
    if (!end) {
        return real(host, port, hints, out);
    }
    pthread_mutex_lock(&lock);
    const bool fails = n_asked < n_failures;
    asked_ns[n_asked % 16] = lat_now_ns();
    ++n_asked;
    pthread_mutex_unlock(&lock);
    return fails ? EAI_AGAIN : real("127.0.0.7", port, hints, out);
}

static uv_loop_t loop;
static struct lat_osc_searches *searches;
static bool is_wanted;
static uint64_t found_id;
static struct sockaddr_in found;
static char said[4096];
static int stderr_before;
static FILE *log_file;

static bool
ask_wanted(void *data, uint64_t id)
{
    (void)data;
    (void)id;
    return is_wanted;
}

static void
note_found(void *data, uint64_t id, const struct sockaddr_storage *address)
{
    (void)data;
    found_id = id;
    memcpy(&found, address, sizeof(found));
}

static void
begin(void)
{
    const struct lat_osc_search_hooks hooks = {ask_wanted, note_found, NULL};
    uv_loop_init(&loop);
    cr_assert_eq(lat_osc_searches_new(&loop, &hooks, &searches), LAT_OK);
    is_wanted = true;
    n_asked = 0;
    found_id = 0;
    log_file = tmpfile();
    fflush(stderr);
    stderr_before = dup(STDERR_FILENO);
    dup2(fileno(log_file), STDERR_FILENO);
}

static void
end(void)
{
    lat_osc_searches_free(searches);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&loop), 0);
}

TestSuite(search, .init = begin, .fini = end, .timeout = 60);

static void
read_log(void)
{
    fflush(stderr);
    dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    rewind(log_file);
    said[fread(said, 1, sizeof(said) - 1, log_file)] = '\0';
    fclose(log_file);
}

static int
count(const char *part)
{
    int n = 0;
    for (const char *at = strstr(said, part); at; at = strstr(at + 1, part)) {
        ++n;
    }
    return n;
}

Test(search, goes_on_until_a_host_is_there)
{
    n_failures = 2;
    lat_osc_searches_begin(searches, "tablet.invalid", "9001", 7);
    while (!found_id) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    read_log();
    cr_expect_eq(found_id, 7);
    cr_expect_eq(n_asked, 3);
    cr_expect_eq(ntohs(found.sin_port), 9001);
    cr_expect_eq(ntohl(found.sin_addr.s_addr), 0x7f000007);
    // Never sooner than a second, then two.
    cr_expect_geq(asked_ns[1] - asked_ns[0], UINT64_C(990000000));
    cr_expect_geq(asked_ns[2] - asked_ns[1], UINT64_C(1990000000));
    cr_expect_eq(count("tablet.invalid is not found"), 1, "%s", said);
    cr_expect_eq(count("looked for again"), 1, "%s", said);
    cr_expect_eq(count("tablet.invalid is found now"), 1, "%s", said);
}

Test(search, tells_once_of_a_host_that_many_want)
{
    n_failures = 4;
    for (uint64_t id = 1; id <= 4; ++id) {
        lat_osc_searches_begin(searches, "tablet.invalid", "9001", id);
    }
    while (n_asked < 8) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    while (!found_id) {
        uv_run(&loop, UV_RUN_ONCE);
    }
    read_log();
    cr_expect_eq(count("is not found"), 1, "%s", said);
}

Test(search, ends_where_nobody_wants_it)
{
    n_failures = 100;
    is_wanted = false;
    lat_osc_searches_begin(searches, "tablet.invalid", "9001", 7);
    uv_run(&loop, UV_RUN_DEFAULT); // until there is nothing left to do
    read_log();
    cr_expect_eq(n_asked, 1);
}

Test(search, lets_go_of_all_at_once)
{
    n_failures = 100;
    lat_osc_searches_begin(searches, "tablet.invalid", "9001", 7);
    while (!n_asked) {
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    uv_run(&loop, UV_RUN_ONCE); // one waits for its timer, one is asked
    lat_osc_searches_begin(searches, "other.invalid", "9001", 8);
    read_log();
    cr_expect_eq(found_id, 0);
}
