// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/bell.h"

#include <criterion/criterion.h>

#include <poll.h>

static bool
rings(const struct lat_bell *bell)
{
    struct pollfd p = {.fd = bell->fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

Test(bell, is_heard_once_however_often_it_was_rung)
{
    struct lat_bell bell;
    cr_assert_eq(lat_bell_init(&bell), LAT_OK);
    cr_assert(!rings(&bell), "it is silent at first");
    lat_bell_ring(&bell);
    lat_bell_ring(&bell);
    cr_assert(rings(&bell));
    lat_bell_hush(&bell);
    cr_assert(!rings(&bell));
    lat_bell_hush(&bell); // does not wait
    lat_bell_fini(&bell);
}

Test(bell, is_rung_from_an_audio_thread)
{
    struct lat_bell bell;
    cr_assert_eq(lat_bell_init(&bell), LAT_OK);
    lat_thread_role = LAT_ROLE_AUDIO; // a guarded build aborts for a write
    lat_bell_ring(&bell);
    lat_thread_role = LAT_ROLE_NONE;
    cr_assert(rings(&bell));
    lat_bell_fini(&bell);
}
