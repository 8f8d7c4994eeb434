// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The way back to a server that was away, against links that a test makes: they
// stand in for those of the library.

#include "base/rt.h"
#include "jack/client.h"
#include "support/rig.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS   UINT64_C(5000000)
#define SECOND_NS UINT64_C(1000000000)

// Time passes when the test says so.

static uint64_t ahead_ns;

int
shifted_clock(clockid_t clock, struct timespec *t) __asm__("clock_gettime");

int
shifted_clock(clockid_t clock, struct timespec *t)
{
    const int rc = (int)syscall(SYS_clock_gettime, clock, t);
    if (clock == CLOCK_MONOTONIC) {
        const uint64_t ns = (uint64_t)t->tv_nsec + ahead_ns;
        t->tv_sec += (time_t)(ns / SECOND_NS);
        t->tv_nsec = (long)(ns % SECOND_NS);
    }
    return rc;
}

// A server: it answers or not, and may have forgotten what it was asked.

static struct {
    bool answers, forgets, interrupts;
    unsigned n_links, n_alive;
    bool is_jackd;    ///< which says when it goes
    unsigned n_asked; ///< whether it has looked, by who waits for that
    const char *name;
    char opened_as[256];
    bool has_keys, are_connected; ///< another program, keys:out -> midi_in
} server;

struct lat_link {
    bool is_forgotten, is_activated, wants_close;
    bool is_interrupted; ///< in the process callback
    uint64_t n_cycles, want_serial, n_ordered, n_looks;
};

enum lat_link_state
lat_link_state(struct lat_link *l)
{
    static const enum lat_link_state states[] = {LAT_LINK_OPEN, LAT_LINK_ACTIVE,
                                                 LAT_LINK_CLOSED};
    const bool is_answered =
        server.answers && !(l->is_forgotten && !l->is_activated);
    if (!is_answered) {
        return l->is_activated ? LAT_LINK_ACTIVE : LAT_LINK_OPENING;
    }
    return states[l->wants_close ? 2 : l->is_activated];
}

enum lat_status
lat_link_new(const struct lat_link_options *options, struct lat_link **out)
{
    snprintf(server.opened_as, sizeof(server.opened_as), "%s", options->name);
    struct lat_link *l = calloc(1, sizeof(*l));
    cr_assert_not_null(l);
    l->is_forgotten = server.forgets;
    ++server.n_links;
    ++server.n_alive;
    *out = l;
    return LAT_OK;
}

bool
lat_link_reap(struct lat_link *l)
{
    if (lat_link_state(l) != LAT_LINK_CLOSED) {
        return false;
    }
    --server.n_alive;
    free(l);
    return true;
}

void
lat_link_abandon(struct lat_link *l)
{
    free(l); // which is no longer known to the client
}

void
lat_link_status(struct lat_link *l, struct lat_link_status *out)
{
    l->n_cycles += server.answers;
    *out = (struct lat_link_status){.rate = 48000,
                                    .period = 64,
                                    .n_cycles = l->n_cycles,
                                    .is_pipewire = !server.is_jackd};
    snprintf(out->name, sizeof(out->name), "%s", server.name);
}

bool
lat_link_take_view(struct lat_link *l, struct lat_jack_view *view)
{
    *view = (struct lat_jack_view){.ports_serial = l->want_serial,
                                   .orders_done = l->n_ordered};
    lat_names_add(&view->own, "midi_in");
    if (server.has_keys) {
        lat_names_add(&view->others, "keys:out");
    }
    if (server.has_keys && server.are_connected) {
        lat_jack_view_add_pair(view, "midi_in", "keys:out", false);
    }
    return server.answers;
}

uint64_t
lat_link_want_ports(struct lat_link *l, const struct lat_slot *slots)
{
    (void)slots;
    return ++l->want_serial;
}

void
lat_link_activate(struct lat_link *l)
{
    l->is_activated = true;
}

uint64_t
lat_link_order(struct lat_link *l, bool is_connect, const char *from,
               const char *to)
{
    if (strcmp(from, "keys:out") == 0 && strcmp(to, "midi_in") == 0) {
        server.are_connected = is_connect;
    }
    return ++l->n_ordered;
}

void
lat_link_close(struct lat_link *l)
{
    l->wants_close = true;
    l->is_interrupted = server.interrupts;
}

bool
lat_link_is_quiet(struct lat_link *l)
{
    return !l->is_interrupted;
}

uint64_t
lat_link_look(struct lat_link *l)
{
    return ++l->n_looks;
}

bool
lat_link_has_looked(struct lat_link *l, uint64_t number)
{
    ++server.n_asked;
    return l->n_looks >= number;
}

uint32_t
lat_link_name_max(void)
{
    return 63;
}

// What does not matter here.

void
lat_link_error(struct lat_link *l, struct lat_error *error)
{
    (void)l;
    (void)error;
}

uint64_t
lat_link_want_cables(struct lat_link *l, const struct lat_cable_plan *plan)
{
    (void)l;
    (void)plan;
    return 0;
}

bool
lat_link_has_cables(struct lat_link *l, uint64_t serial)
{
    (void)l;
    (void)serial;
    return true;
}

enum lat_status
lat_link_set_latency(struct lat_link *l, const struct lat_latency *latency)
{
    (void)l;
    (void)latency;
    return LAT_OK;
}

void
lat_link_want_clock(struct lat_link *l, bool is_wanted)
{
    (void)l;
    (void)is_wanted;
}

bool
lat_link_is_connected(const struct lat_link *l, uint32_t slot)
{
    (void)l;
    (void)slot;
    return false;
}

void
lat_link_open_gate(struct lat_link *l, struct lat_engine *engine, uint32_t rate)
{
    (void)l;
    (void)engine;
    (void)rate;
}

void
lat_link_close_gate(struct lat_link *l)
{
    (void)l;
}

float
lat_link_take_peak(struct lat_link *l, uint32_t slot)
{
    (void)l;
    (void)slot;
    return 0.0F;
}

// The tests.

static struct rig r;
static struct lat_jack *jack;

static unsigned n_told;

static void
count(void *data)
{
    (void)data;
    ++n_told;
}

static void
set_up(void)
{
    struct lat_error error;
    const struct lat_jack_options options = {
        .name = "lattice", .cpu = -1, .connections_changed = count};
    server.answers = true;
    server.name = "lattice";
    r = rig_new(64);
    cr_assert_eq(lat_jack_open(&options, &jack, &error), LAT_OK);
    cr_assert_eq(lat_jack_start(jack, r.c, &error), LAT_OK);
}

static void
tear_down(void)
{
    server.answers = true;
    lat_jack_close(jack);
    rig_free(&r);
}

TestSuite(reopening, .init = set_up, .fini = tear_down);

static bool
is_up(void)
{
    struct lat_jack_status s;
    lat_jack_status(jack, &s);
    return s.is_open;
}

static void
tick_for(uint64_t ns)
{
    for (uint64_t past_ns = 0; past_ns < ns; past_ns += TICK_NS) {
        ahead_ns += TICK_NS;
        lat_jack_tick(jack);
    }
}

/// @return how long it takes until it plays, or @p most_ns.
static uint64_t
time_to_play(uint64_t most_ns)
{
    uint64_t past_ns = 0;
    while (past_ns < most_ns && !is_up()) {
        tick_for(TICK_NS);
        past_ns += TICK_NS;
    }
    return past_ns;
}

Test(reopening, comes_back_soon_to_a_server_that_was_stopped)
{
    for (uint64_t seconds = 3; seconds < 12; ++seconds) {
        server.answers = false;
        tick_for(seconds * SECOND_NS);
        cr_assert_not(is_up());
        server.answers = true;
        const uint64_t ns = time_to_play(60 * SECOND_NS);
        cr_assert_leq(ns, 6 * SECOND_NS, "after %u s: %g s", (unsigned)seconds,
                      (double)ns / 1e9);
    }
}

Test(reopening, asks_again_when_the_server_forgot_that_it_was_asked)
{
    server.answers = false;
    tick_for(4 * SECOND_NS);
    server.answers = true;
    server.forgets = true;
    tick_for(10 * SECOND_NS);
    cr_assert_not(is_up());
    server.forgets = false;
    cr_assert_leq(time_to_play(60 * SECOND_NS), 20 * SECOND_NS);
}

Test(reopening, is_content_with_few_tries_while_nobody_answers)
{
    server.answers = false;
    tick_for(3600 * SECOND_NS);
    cr_assert_leq(server.n_links, 20, "%u", server.n_links);
    cr_assert_geq(server.n_links, 5, "%u", server.n_links);
    server.answers = true;
    cr_assert_leq(time_to_play(60 * SECOND_NS), 6 * SECOND_NS);
}

Test(reopening, comes_back_though_its_thread_was_killed_in_the_engine)
{
    server.interrupts = true;
    server.answers = false;
    tick_for(5 * SECOND_NS);
    cr_assert_not(is_up());
    server.answers = true;
    cr_assert_leq(time_to_play(60 * SECOND_NS), 6 * SECOND_NS);
}

Test(reopening, does_not_keep_another_name_while_an_old_self_lives)
{
    server.answers = false;
    tick_for(60 * SECOND_NS); // some tries are given up
    server.answers = true;
    server.name = "lattice-01";
    tick_for(TICK_NS);
    server.name = "lattice";
    (void)time_to_play(60 * SECOND_NS);
    struct lat_jack_status s;
    lat_jack_status(jack, &s);
    cr_assert_str_eq(s.name, "lattice");
    cr_assert(s.is_open);
}

Test(reopening, asks_for_its_name_again_where_an_old_self_kept_it)
{
    struct lat_jack_status s;
    server.answers = false;
    tick_for(60 * SECOND_NS); // some tries are given up
    server.answers = true;
    server.name = "lattice-01"; // for good
    (void)time_to_play(60 * SECOND_NS);
    lat_jack_status(jack, &s);
    cr_assert_str_eq(s.name, "lattice-01");
    server.answers = false;
    tick_for(3 * SECOND_NS);
    cr_assert_not(is_up());
    server.answers = true;
    server.name = "lattice";
    (void)time_to_play(60 * SECOND_NS);
    cr_assert_str_eq(server.opened_as, "lattice");
    lat_jack_status(jack, &s);
    cr_assert_str_eq(s.name, "lattice");
}

Test(reopening, stays_what_the_server_called_it_beside_another_program)
{
    server.answers = false;
    tick_for(3 * SECOND_NS);
    server.answers = true;
    server.name = "lattice-01";
    (void)time_to_play(60 * SECOND_NS);
    server.answers = false;
    tick_for(3 * SECOND_NS);
    server.answers = true;
    (void)time_to_play(60 * SECOND_NS);
    cr_assert_str_eq(server.opened_as, "lattice-01");
}

Test(reopening, goes_on_under_another_name_at_once)
{
    server.name = "piece";
    cr_assert_eq(lat_jack_reopen_as(jack, "piece"), LAT_OK);
    lat_jack_tick(jack);
    cr_assert_not(is_up());
    cr_assert_leq(time_to_play(60 * SECOND_NS), SECOND_NS / 2);
    struct lat_jack_status s;
    lat_jack_status(jack, &s);
    cr_assert_str_eq(server.opened_as, "piece");
    cr_assert_str_eq(s.name, "piece");
    cr_assert_eq(s.n_losses, 0, "that is no loss of the server");
    cr_assert_eq(server.n_alive, 1, "the old self is gone");
}

Test(reopening, takes_another_name_also_while_the_server_is_away)
{
    // Closing, waiting, and asking a server that does not answer.
    for (uint64_t seconds = 2; seconds < 20; seconds += 3) {
        char name[32];
        snprintf(name, sizeof(name), "piece-%u", (unsigned)seconds);
        server.answers = false;
        tick_for(seconds * SECOND_NS);
        server.name = name;
        cr_assert_eq(lat_jack_reopen_as(jack, name), LAT_OK);
        server.answers = true;
        (void)time_to_play(60 * SECOND_NS);
        struct lat_jack_status s;
        lat_jack_status(jack, &s);
        cr_assert(s.is_open);
        cr_assert_str_eq(server.opened_as, name);
        cr_assert_str_eq(s.name, name);
    }
}

Test(reopening, stays_what_it_is_where_the_name_is_none_or_its_own)
{
    cr_assert_eq(lat_jack_reopen_as(jack, ""), LAT_EINVAL);
    cr_assert_eq(lat_jack_reopen_as(jack, "a:b"), LAT_EINVAL);
    cr_assert_eq(lat_jack_reopen_as(jack, "lattice"), LAT_OK);
    lat_jack_tick(jack);
    cr_assert(is_up());
    cr_assert_eq(server.n_links, 1);
}

Test(reopening, says_why_and_when_the_server_was_lost)
{
    struct lat_jack_status s;
    lat_jack_status(jack, &s);
    cr_assert_eq(s.n_losses, 0);
    cr_assert_null(s.lost_why);
    const uint64_t before_s = (uint64_t)time(NULL);
    server.answers = false;
    tick_for(30 * SECOND_NS);
    lat_jack_status(jack, &s);
    cr_assert_eq(s.n_losses, 1, "however many tries there were since");
    cr_assert_str_eq(s.lost_why, "the JACK server does nothing any more");
    cr_assert_geq(s.lost_s, before_s);
    cr_assert_gt(s.away_s, 20.0);
    server.answers = true;
    (void)time_to_play(60 * SECOND_NS);
    lat_jack_status(jack, &s);
    const double away_s = s.away_s;
    tick_for(10 * SECOND_NS);
    lat_jack_status(jack, &s);
    cr_assert_eq(s.away_s, away_s, "it does not grow any more");
    cr_assert_eq(s.n_losses, 1);
}

static bool
has_line(const char *text)
{
    const struct lat_line *l = lat_control_document(r.c)->jack;
    while (l && strcmp(l->text, text) != 0) {
        l = l->next;
    }
    return l;
}

Test(reopening, tells_of_connections_that_somebody_made_or_took_out)
{
    tick_for(SECOND_NS);
    server.has_keys = true;
    tick_for(SECOND_NS);
    cr_assert_eq(n_told, 0, "a program that comes is nothing to save");
    server.are_connected = true;
    tick_for(SECOND_NS);
    cr_assert_eq(n_told, 1);
    lat_jack_note(jack);
    cr_assert(has_line("keys:out -> midi_in"));
    tick_for(SECOND_NS);
    cr_assert_eq(n_told, 1, "noting is no change");
    server.has_keys = server.are_connected = false;
    tick_for(SECOND_NS);
    server.answers = false;
    tick_for(5 * SECOND_NS);
    server.answers = true;
    (void)time_to_play(60 * SECOND_NS);
    tick_for(3600 * SECOND_NS);
    cr_assert_eq(n_told, 1, "nor a server, or a program, that is away");
    lat_jack_note(jack);
    cr_assert(has_line("keys:out -> midi_in"), "which is waited for");
    server.has_keys = true;
    tick_for(SECOND_NS);
    cr_assert(server.are_connected);
    server.are_connected = false;
    tick_for(SECOND_NS);
    cr_assert_eq(n_told, 2);
    lat_jack_note(jack);
    cr_assert_not(has_line("keys:out -> midi_in"));
}

Test(reopening, notes_connections_without_a_server_and_waits_for_nothing)
{
    server.has_keys = server.are_connected = true;
    tick_for(SECOND_NS);
    server.answers = false;
    lat_jack_note(jack);
    tick_for(5 * SECOND_NS);
    cr_assert_not(is_up());
    lat_jack_note(jack);
    cr_assert_eq(server.n_asked, 0);
    cr_assert(has_line("keys:out -> midi_in"));
}

Test(reopening, stays_with_a_jackd_that_only_stands_still)
{
    server.is_jackd = true;
    tick_for(SECOND_NS);
    server.answers = false;
    tick_for(6 * SECOND_NS);
    struct lat_jack_status s;
    lat_jack_status(jack, &s);
    cr_assert_not(s.is_open, "there is no sound");
    cr_assert_eq(s.n_losses, 1);
    cr_assert_str_eq(s.lost_why, "the JACK server does nothing any more");
    rig_do(&r, "new sine a"); // without an audio thread
    server.answers = true;
    tick_for(SECOND_NS / 2);
    lat_jack_status(jack, &s);
    cr_assert(s.is_open);
    cr_assert_eq(server.n_links, 1, "it is the same client");
    cr_assert_gt(s.away_s, 3.0);
    cr_assert_lt(s.away_s, 7.0);
    server.answers = false;
    tick_for(60 * SECOND_NS);
    lat_jack_status(jack, &s);
    cr_assert_eq(s.n_losses, 2);
    cr_assert_gt(server.n_links, 1, "but not for ever");
    server.answers = true;
    cr_assert_leq(time_to_play(60 * SECOND_NS), 20 * SECOND_NS);
}
