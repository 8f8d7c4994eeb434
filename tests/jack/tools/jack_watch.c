// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A JACK client that counts xruns: `jack_watch SECONDS [PORT]`
//
// It listens to PORT, if one is given, so that the server has to wait for the
// client that owns it.  After SECONDS it prints one line of JSON: cycles of the
// server, xruns, the largest delay that the server told of in microseconds, its
// load in percent, mean and largest, and the level of what was heard.

#include <jack/jack.h>
#include <jack/statistics.h>

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TICK_NS  50000000
#define SETTLE_S 0.3

static jack_client_t *client;
static jack_port_t *port;
static atomic_bool is_counting, has_died;
static atomic_ullong n_cycles;
static atomic_uint n_xruns;
static _Atomic float max_delay_us;

// Written by the process callback, read when it has ended.
static double energy;
static float peak;

static int
on_process(jack_nframes_t n, void *data)
{
    (void)data;
    const float *in = jack_port_get_buffer(port, n);
    if (!atomic_load(&is_counting)) {
        return 0;
    }
    for (jack_nframes_t f = 0; f < n; ++f) {
        energy += (double)in[f] * (double)in[f];
        peak = fmaxf(peak, fabsf(in[f]));
    }
    atomic_fetch_add(&n_cycles, 1);
    return 0;
}

static int
on_xrun(void *data)
{
    (void)data;
    if (atomic_load(&is_counting)) {
        atomic_fetch_add(&n_xruns, 1);
        const float delay_us = jack_get_xrun_delayed_usecs(client);
        if (delay_us > atomic_load(&max_delay_us)) {
            atomic_store(&max_delay_us, delay_us);
        }
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
    fprintf(stderr, "jack_watch: %s\n", what);
    return 1;
}

static void
pause_for(double seconds)
{
    const long ticks = lround(seconds * 1e9 / TICK_NS);
    for (long i = 0; i < ticks && !atomic_load(&has_died); ++i) {
        nanosleep(&(struct timespec){0, TICK_NS}, NULL);
    }
}

int
main(int argc, char **argv)
{
    const double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.0;
    if (seconds <= 0.0) {
        return fail("SECONDS [PORT]");
    }
    client = jack_client_open("watch", JackNoStartServer, NULL);
    if (!client) {
        return fail("no JACK server");
    }
    port = jack_port_register(client, "in", JACK_DEFAULT_AUDIO_TYPE,
                              JackPortIsInput | JackPortIsTerminal, 0);
    jack_set_process_callback(client, on_process, NULL);
    jack_set_xrun_callback(client, on_xrun, NULL);
    jack_on_shutdown(client, on_shutdown, NULL);
    if (jack_activate(client) != 0) {
        return fail("cannot activate");
    }
    if (argc > 2 && jack_connect(client, argv[2], jack_port_name(port)) != 0) {
        return fail("cannot connect");
    }
    // Coming in may cost the server a cycle, and that is not counted.
    pause_for(SETTLE_S);
    atomic_store(&is_counting, true);
    double load = 0.0;
    double load_max = 0.0;
    long n = 0;
    const long n_ticks = lround(seconds * 1e9 / TICK_NS);
    for (; n < n_ticks && !atomic_load(&has_died); ++n) {
        nanosleep(&(struct timespec){0, TICK_NS}, NULL);
        const double now = (double)jack_cpu_load(client);
        load += now;
        load_max = fmax(load_max, now);
    }
    atomic_store(&is_counting, false);
    const jack_nframes_t period = jack_get_buffer_size(client);
    const jack_nframes_t rate = jack_get_sample_rate(client);
    jack_deactivate(client);
    const unsigned long long cycles = atomic_load(&n_cycles);
    const double frames = (double)cycles * period;
    printf("{\"cycles\": %llu, \"xruns\": %u, \"max_delay_us\": %.0f, "
           "\"load\": %.2f, \"load_max\": %.2f, \"rms\": %.6g, \"peak\": %.6g, "
           "\"period\": %u, \"rate\": %u}\n",
           cycles, atomic_load(&n_xruns), (double)atomic_load(&max_delay_us),
           load / (double)(n ? n : 1), load_max,
           sqrt(energy / (frames > 0.0 ? frames : 1.0)), (double)peak, period,
           rate);
    jack_client_close(client);
    return atomic_load(&has_died) ? fail("the server went away") : 0;
}
