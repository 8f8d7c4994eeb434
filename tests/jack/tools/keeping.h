// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

/// A JACK client that keeps what it hears, for a number of frames: what such a
/// program has beside what it keeps.  It names itself by `static const char
/// tool[]`.
#ifndef LAT_TESTS_KEEPING_H
#define LAT_TESTS_KEEPING_H

#include <jack/jack.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/// It waits so long for its first frame.
#define LIMIT_S 120

static jack_client_t *client;
static size_t n_frames, n_done;
static atomic_bool is_running, is_done, has_died;
static atomic_uint n_xruns;
static jack_nframes_t first_frame;

static int
on_xrun(void *data)
{
    (void)data;
    if (atomic_load(&is_running) && !atomic_load(&is_done)) {
        atomic_fetch_add(&n_xruns, 1);
    }
    return 0;
}

static void
on_shutdown(void *data)
{
    (void)data;
    atomic_store(&has_died, true);
}

static int
fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", tool, what);
    return 1;
}

/// @return whether the server calls it from now on.
static bool
begin(JackProcessCallback on_process)
{
    jack_set_process_callback(client, on_process, NULL);
    jack_set_xrun_callback(client, on_xrun, NULL);
    jack_on_shutdown(client, on_shutdown, NULL);
    return jack_activate(client) == 0;
}

/// Who remembers it from last time may have been faster.
static bool
connect_to(const char *source, jack_port_t *port)
{
    const int rc = jack_connect(client, source, jack_port_name(port));
    return rc == 0 || rc == EEXIST;
}

/// Say that it listens, and wait until all is kept, or for too long.
static void
wait_for_all(void)
{
    puts("ready");
    fflush(stdout);
    const size_t limit_s = LIMIT_S + n_frames / jack_get_sample_rate(client);
    for (size_t i = 0;
         i < limit_s * 100 && !atomic_load(&is_done) && !atomic_load(&has_died);
         ++i) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
}

#endif // LAT_TESTS_KEEPING_H
