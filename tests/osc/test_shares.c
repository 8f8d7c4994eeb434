// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bundles that wait: what each sender may have of the room.

#include "osc/schedule.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define N_SENDERS 6
#define MIB       (1U << 20U)

static struct lat_osc_schedule schedule;
static uint32_t n_of[N_SENDERS];   ///< bundles that should wait
static size_t bytes_of[N_SENDERS]; ///< and their bytes
static uint32_t n_dropped[N_SENDERS];

static void
make(void)
{
    memset(&schedule, 0, sizeof(schedule));
    memset(n_of, 0, sizeof(n_of));
    memset(bytes_of, 0, sizeof(bytes_of));
    memset(n_dropped, 0, sizeof(n_dropped));
    srand(3);
}

static void
drop(void)
{
    lat_osc_schedule_fini(&schedule);
}

TestSuite(osc_shares, .init = make, .fini = drop, .timeout = 60);

static struct lat_osc_peer
sender(uint32_t k)
{
    struct lat_osc_peer peer = {0};
    struct sockaddr_in *const a = (struct sockaddr_in *)&peer.address;
    a->sin_family = AF_INET;
    a->sin_port = htons((uint16_t)(k + 1));
    return peer;
}

static uint32_t
number_of(const struct lat_osc_peer *peer)
{
    const struct sockaddr_in *const a =
        (const struct sockaddr_in *)&peer->address;
    return ntohs(a->sin_port) - 1U;
}

/// A bundle of @p size bytes comes.
static enum lat_status
come(uint32_t k, size_t size, uint64_t tag)
{
    static const uint8_t bytes[MIB];
    const struct lat_osc_peer peer = sender(k);
    struct lat_osc_scheduled *e = NULL;
    const enum lat_status status =
        lat_osc_schedule_add(&schedule, &peer, bytes, size, tag, &e);
    if (!status) {
        ++n_of[k];
        bytes_of[k] += size;
    }
    while ((e = lat_osc_schedule_take_dropped(&schedule))) {
        const uint32_t from = number_of(&e->peer);
        ++n_dropped[from];
        --n_of[from];
        bytes_of[from] -= e->size;
        free(e);
    }
    return status;
}

Test(osc_shares, who_is_alone_may_have_all)
{
    for (uint32_t i = 0; i < 4096; ++i) {
        cr_assert_eq(come(0, 20, 100 + i), LAT_OK);
    }
    cr_expect_eq(come(0, 20, 5), LAT_EFULL);
    cr_expect_eq(schedule.n, 4096);
    cr_expect_eq(n_dropped[0], 0);
}

Test(osc_shares, who_has_most_makes_room_with_what_is_last)
{
    for (uint32_t i = 0; i < 4096; ++i) {
        cr_assert_eq(come(0, 20, 100 + i), LAT_OK);
    }
    uint32_t n = 0;
    while (come(1, 20, 9999) == LAT_OK) {
        ++n;
        cr_assert_eq(n_dropped[0], n);
        cr_assert_eq(schedule.n, 4096);
    }
    cr_expect_eq(n, 2048, "half of it: %u", n);
    for (uint32_t i = 0; i < 2048; ++i) {
        struct lat_osc_scheduled *const e = lat_osc_schedule_take(&schedule);
        cr_assert_eq(e->tag, 100 + i, "what comes first is kept");
        free(e);
    }
}

Test(osc_shares, bytes_count_too)
{
    for (uint32_t i = 0; i < 64; ++i) {
        cr_assert_eq(come(0, 65536, 100 + i), LAT_OK);
    }
    cr_expect_eq(come(1, 60000, 5), LAT_OK);
    cr_expect_eq(n_dropped[0], 1);
    cr_expect_eq(come(1, 5536, 5), LAT_OK, "what the dropped one has left");
    cr_expect_eq(n_dropped[0], 1);
    cr_expect_eq(come(2, MIB, 5), LAT_OK);
    cr_expect_eq(n_dropped[0], 17);
    cr_expect_eq(come(2, 3 * MIB, 5), LAT_EFULL,
                 "as much would be left to none");
    cr_expect_eq(schedule.bytes, 4 * MIB);
}

static size_t
share(uint32_t n, size_t bytes)
{
    return n * (size_t)1024 > bytes ? n * (size_t)1024 : bytes;
}

Test(osc_shares, nobody_is_refused_while_another_has_more)
{
    for (int i = 0; i < 60000; ++i) {
        const uint32_t k =
            (uint32_t)rand() % 3 ? 0 : (uint32_t)rand() % N_SENDERS;
        const size_t size = rand() % 2 ? 20 : (size_t)(rand() % 5000 + 1);
        const size_t wanted = share(n_of[k] + 1, bytes_of[k] + size);
        size_t most = 0;
        for (uint32_t s = 0; s < N_SENDERS; ++s) {
            const size_t theirs = share(n_of[s], bytes_of[s]);
            most = theirs > most ? theirs : most;
        }
        const bool is_full =
            schedule.n == 4096 || schedule.bytes + size > 4 * MIB;
        const enum lat_status status = come(k, size, (uint64_t)rand());
        cr_assert_eq(status, is_full && most <= wanted ? LAT_EFULL : LAT_OK,
                     "%d: %d, %zu of %zu", i, (int)status, wanted, most);
        cr_assert(schedule.n <= 4096 && schedule.bytes <= 4 * MIB);
        if (rand() % 5 == 0 && schedule.n) {
            struct lat_osc_scheduled *const e =
                lat_osc_schedule_take(&schedule);
            --n_of[number_of(&e->peer)];
            bytes_of[number_of(&e->peer)] -= e->size;
            free(e);
        }
        uint32_t n = 0;
        for (uint32_t s = 0; s < N_SENDERS; ++s) {
            n += n_of[s];
        }
        cr_assert_eq(n, schedule.n);
    }
    cr_expect_gt(n_dropped[0], 0);
}

// With a router.

static struct lat_timeline_clock now = {
    .is_running = true,
    .frame = 1000000,
    .tag = UINT64_C(3989000000) << 32U,
    .now_tag = UINT64_C(3989000000) << 32U,
    .steady_ns = UINT64_C(1000000000000),
    .rate = 48000,
    .period = 64,
};

static void
read_clock(void *data, struct lat_timeline_clock *out)
{
    (void)data;
    *out = now;
}

static void
make_router(void)
{
    osc_options.clock = read_clock;
    osc_setup();
}

static void
drop_router(void)
{
    osc_teardown();
    osc_options.clock = NULL;
}

TestSuite(osc_shares_told, .init = make_router, .fini = drop_router);

static const char *
send_later(uint32_t k)
{
    osc_peer = sender(k);
    osc_bundle_at(now.now_tag + (UINT64_C(5) << 32U));
    osc_add("/transport/play", "");
    return osc_send_bundle();
}

Test(osc_shares_told, whose_bundle_is_dropped_is_told)
{
    for (uint32_t i = 0; i < 4096; ++i) {
        cr_assert_str_eq(send_later(0), "");
    }
    cr_expect_not_null(strstr(send_later(0), "there is no room for more"));
    cr_expect_str_eq(send_later(1), "");
    const char *const told = osc_tick();
    cr_expect_not_null(strstr(told, "/fail \"/bundle\" \"dropped before"), "%s",
                       told);
    cr_expect_not_null(strstr(told, "send the last ones later"), "%s", told);
    cr_expect_str_eq(osc_tick(), "", "once");
}
