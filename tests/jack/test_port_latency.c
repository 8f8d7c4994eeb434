// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who tells JACK how late ports are, and when, against stand-ins for libjack.

#include "jack/port_latency.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

// A libjack: an input and an output, both connected.

static char in, out;

static struct {
    unsigned n_told, n_recomputed;
    jack_latency_range_t capture, playback; ///< as last told
} jack;

static jack_port_t *
as_port(char *p)
{
    return (jack_port_t *)p;
}

int
jack_port_connected(const jack_port_t *port)
{
    (void)port;
    return 1;
}

void
jack_port_get_latency_range(jack_port_t *port,
                            jack_latency_callback_mode_t mode,
                            jack_latency_range_t *range)
{
    (void)port;
    *range = mode == JackCaptureLatency ? (jack_latency_range_t){10, 20}
                                        : (jack_latency_range_t){30, 40};
}

void
jack_port_set_latency_range(jack_port_t *port,
                            jack_latency_callback_mode_t mode,
                            jack_latency_range_t *range)
{
    const bool is_capture = mode == JackCaptureLatency;
    cr_assert_eq(port, as_port(is_capture ? &out : &in));
    *(is_capture ? &jack.capture : &jack.playback) = *range;
    ++jack.n_told;
}

int
jack_recompute_total_latencies(jack_client_t *client)
{
    (void)client;
    ++jack.n_recomputed;
    return 0;
}

// The tests: from the input to the output it takes 5 to 7 frames.

static struct lat_link *l;

static void
set_up(void)
{
    l = calloc(1, sizeof(*l));
    struct latency *latency =
        calloc(1, sizeof(*latency) + sizeof(*latency->paths));
    cr_assert(l && latency);
    latency->n = 1;
    latency->paths[0] =
        (struct lat_latency_path){.in = 0, .out = 1, .min = 5, .max = 7};
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->latency = latency;
    l->n_live = 2;
    l->live[0].port = as_port(&in);
    l->live[1].port = as_port(&out);
    l->live[1].is_output = true;
}

static void
tear_down(void)
{
    close(l->wake);
    free(atomic_load(&l->latency));
    free(l);
}

TestSuite(port_latency, .init = set_up, .fini = tear_down);

static bool
is_woken(void)
{
    uint64_t n;
    return read(l->wake, &n, sizeof(n)) == sizeof(n);
}

static void
tell_calmly(void)
{
    const struct timespec calm = {0, CALM_NS};
    nanosleep(&calm, NULL);
    lat_port_latency_tell(l, false);
}

static void
assert_all_told(void)
{
    cr_assert_eq(jack.n_told, 2);
    cr_assert_eq(jack.capture.min, 15);
    cr_assert_eq(jack.capture.max, 27);
    cr_assert_eq(jack.playback.min, 35);
    cr_assert_eq(jack.playback.max, 47);
}

Test(port_latency, is_told_to_jackd_before_its_callback_returns)
{
    lat_port_latency_asked(JackCaptureLatency, l);
    cr_assert_eq(jack.n_told, 1);
    lat_port_latency_asked(JackPlaybackLatency, l);
    assert_all_told();
    lat_port_latency_tell(l, false);
    assert_all_told();
    cr_assert_eq(jack.n_recomputed, 0);
}

Test(port_latency, is_never_told_in_a_callback_of_pipewire_but_soon_after)
{
    l->is_pipewire = true;
    lat_port_latency_asked(JackCaptureLatency, l);
    lat_port_latency_asked(JackPlaybackLatency, l);
    cr_assert_eq(jack.n_told, 0);
    cr_assert(is_woken());
    lat_port_latency_tell(l, false);
    cr_assert_eq(jack.n_told, 0, "as long as other things change");
    tell_calmly();
    assert_all_told();
    tell_calmly(); // once
    assert_all_told();
}

Test(port_latency, that_is_new_is_asked_for_by_jackd_and_told_to_pipewire)
{
    lat_port_latency_tell(l, true);
    cr_assert_eq(jack.n_recomputed, 1);
    cr_assert_eq(jack.n_told, 0);
    l->is_pipewire = true;
    lat_port_latency_tell(l, true);
    cr_assert_eq(jack.n_recomputed, 1);
    assert_all_told();
}
