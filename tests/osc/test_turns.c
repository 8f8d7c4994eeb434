// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lanes: what one peer sends takes no room from others.

#include "osc/turns.h"
#include "test_osc.h"

#include <criterion/criterion.h>

#include <uv.h>
#include <netinet/in.h>

TestSuite(osc_turns, .init = osc_setup, .fini = osc_teardown, .timeout = 60);

#define LANE 1048576U

Test(osc_turns, bound_each_peer_and_leave_room_for_the_others)
{
    uv_loop_t loop;
    struct lat_osc_turns *turns = NULL;
    const struct lat_osc_turns_hooks hooks = {0};
    static const char ping[64] = "/ping\0\0\0,\0\0";
    cr_assert_eq(uv_loop_init(&loop), 0);
    cr_assert_eq(lat_osc_turns_new(&loop, osc_router, &hooks, &turns), LAT_OK);
    struct lat_osc_peer flooder = osc_peer;
    struct lat_osc_peer other = osc_peer;
    ((struct sockaddr_in *)&flooder.address)->sin_port = htons(1);
    ((struct sockaddr_in *)&other.address)->sin_port = htons(2);
    size_t most = 0;
    for (uint32_t i = 0; i < 100000; ++i) {
        const size_t bytes =
            lat_osc_turns_add(turns, &flooder, ping, sizeof(ping));
        cr_assert_geq(bytes, most);
        most = bytes;
    }
    cr_expect(most <= LANE && most > LANE - 200, "%zu bytes", most);
    cr_expect_lt(lat_osc_turns_add(turns, &other, ping, sizeof(ping)), 200);
    lat_osc_turns_close(turns);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&loop), 0);
}
