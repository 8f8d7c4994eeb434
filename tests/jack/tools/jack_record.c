// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A JACK client that records: `jack_record NAME N_PORTS N_FRAMES FILE [PORT]…`
//
// It has the ports NAME:in_1 … in_N and connects in_K to the K-th PORT, or
// waits for others to connect them.  From the first cycle in which all of them
// are connected it keeps N_FRAMES frames, and writes them to FILE as raw,
// interleaved 32-bit floats.  On stdout it says "ready" when it listens, and at
// the end one line of JSON: frames, JACK's frame time of the first one, xruns,
// and when all ports had been heard, on the monotonic clock, or 0.

static const char tool[] = "jack_record";

#include "keeping.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PORTS 16

static jack_port_t *ports[MAX_PORTS];
static unsigned n_ports;
static float *sound;
static bool has_heard[MAX_PORTS];
static unsigned n_heard;
static double heard_s;

static void
listen(unsigned p, float sample)
{
    if (sample == 0.0F || has_heard[p]) {
        return;
    }
    has_heard[p] = true;
    if (++n_heard == n_ports) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        heard_s = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    }
}

static int
on_process(jack_nframes_t n, void *data)
{
    (void)data;
    if (atomic_load(&is_done)) {
        return 0;
    }
    if (!atomic_load(&is_running)) {
        for (unsigned p = 0; p < n_ports; ++p) {
            if (jack_port_connected(ports[p]) == 0) {
                return 0;
            }
        }
        first_frame = jack_last_frame_time(client);
        atomic_store(&is_running, true);
    }
    const size_t left = n_frames - n_done;
    const size_t count = n < left ? n : left;
    for (unsigned p = 0; p < n_ports; ++p) {
        const float *in = jack_port_get_buffer(ports[p], n);
        for (size_t f = 0; f < count; ++f) {
            sound[(n_done + f) * n_ports + p] = in[f];
            listen(p, in[f]);
        }
    }
    n_done += count;
    if (n_done == n_frames) {
        atomic_store(&is_done, true);
    }
    return 0;
}

static int
write_sound(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        return fail("cannot write the file");
    }
    const size_t n = n_done * n_ports;
    const size_t written = fwrite(sound, sizeof(*sound), n, file);
    return fclose(file) != 0 || written != n ? fail("cannot write it all") : 0;
}

int
main(int argc, char **argv)
{
    if (argc < 5) {
        return fail("NAME N_PORTS N_FRAMES FILE [PORT]...");
    }
    n_ports = (unsigned)strtoul(argv[2], NULL, 10);
    n_frames = strtoul(argv[3], NULL, 10);
    if (n_ports < 1 || n_ports > MAX_PORTS || n_frames < 1) {
        return fail("wrong counts");
    }
    sound = calloc(n_frames * n_ports, sizeof(*sound));
    client = jack_client_open(argv[1], JackNoStartServer, NULL);
    if (!sound || !client) {
        return fail("no JACK server");
    }
    for (unsigned p = 0; p < n_ports; ++p) {
        char name[16];
        snprintf(name, sizeof(name), "in_%u", p + 1);
        ports[p] = jack_port_register(client, name, JACK_DEFAULT_AUDIO_TYPE,
                                      JackPortIsInput | JackPortIsTerminal, 0);
    }
    if (!begin(on_process)) {
        return fail("cannot activate");
    }
    for (int i = 5; i < argc && i - 5 < (int)n_ports; ++i) {
        if (!connect_to(argv[i], ports[i - 5])) {
            return fail("cannot connect");
        }
    }
    wait_for_all();
    printf("{\"frames\": %zu, \"first_frame\": %u, \"xruns\": %u, \"rate\": "
           "%u, \"heard\": %.6f}\n",
           n_done, first_frame, atomic_load(&n_xruns),
           jack_get_sample_rate(client), heard_s);
    jack_client_close(client);
    return write_sound(argv[4]);
}
