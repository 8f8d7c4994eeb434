// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A JACK client that writes down MIDI: `jack_listen NAME N_FRAMES FILE [PORT]`
//
// It connects NAME:in to PORT, or waits for others to connect it.  From the
// first cycle in which that is done it listens for N_FRAMES frames, or until
// SIGTERM comes, and writes a line FRAME HEX an event to FILE; frames are
// JACK's frame times.  On stdout it says "ready" when it listens, and at the
// end one line of JSON: JACK's frame time of the first frame, xruns, and how
// many events there were.

static const char tool[] = "jack_listen";

#include "keeping.h"

#include <jack/midiport.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EVENTS 65536

static struct {
    jack_nframes_t frame;
    size_t size;
    jack_midi_data_t data[3];
} events[MAX_EVENTS];

static jack_port_t *in;
static unsigned n_events;

static int
on_process(jack_nframes_t n, void *data)
{
    (void)data;
    void *buffer = jack_port_get_buffer(in, n);
    if (!atomic_load(&is_running)) {
        if (jack_port_connected(in) == 0) {
            return 0;
        }
        first_frame = jack_last_frame_time(client);
        atomic_store(&is_running, true);
    }
    if (atomic_load(&is_done)) {
        return 0;
    }
    const jack_nframes_t now = jack_last_frame_time(client);
    jack_midi_event_t event;
    for (uint32_t i = 0; jack_midi_event_get(&event, buffer, i) == 0; ++i) {
        if (n_events < MAX_EVENTS && event.size <= 3) {
            events[n_events].frame = now + event.time;
            events[n_events].size = event.size;
            memcpy(events[n_events++].data, event.buffer, event.size);
        }
    }
    n_done += n;
    if (n_done >= n_frames) {
        atomic_store(&is_done, true);
    }
    return 0;
}

static void
on_term(int number)
{
    (void)number;
    atomic_store(&is_done, true);
}

static int
write_events(const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        return fail("cannot write the file");
    }
    for (unsigned i = 0; i < n_events; ++i) {
        fprintf(file, "%u ", events[i].frame);
        for (size_t b = 0; b < events[i].size; ++b) {
            fprintf(file, "%02x", events[i].data[b]);
        }
        fputc('\n', file);
    }
    return fclose(file) != 0 ? fail("cannot write it all") : 0;
}

int
main(int argc, char **argv)
{
    if (argc < 4) {
        return fail("NAME N_FRAMES FILE [PORT]");
    }
    n_frames = strtoul(argv[2], NULL, 10);
    signal(SIGTERM, on_term);
    client = jack_client_open(argv[1], JackNoStartServer, NULL);
    if (!client) {
        return fail("no JACK server");
    }
    in = jack_port_register(client, "in", JACK_DEFAULT_MIDI_TYPE,
                            JackPortIsInput | JackPortIsTerminal, 0);
    if (!begin(on_process)) {
        return fail("cannot activate");
    }
    if (argc > 4 && !connect_to(argv[4], in)) {
        return fail("cannot connect");
    }
    wait_for_all();
    printf("{\"first_frame\": %u, \"xruns\": %u, \"events\": %u}\n",
           first_frame, atomic_load(&n_xruns), n_events);
    jack_client_close(client);
    return write_events(argv[3]);
}
