// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A JACK client that sends raw events at exact frames:
// `jack_send [--fast] NAME TO FRAME:HEX [FRAME:HEX]…`
//
// It connects NAME:out to the port TO and counts frames from the first cycle in
// which that is done; the events are in the order of their frames.  At the end
// it prints one line of JSON: JACK's frame time of its frame 0.
//
// With --fast the server is freewheeling from before the first frame until
// REST_FRAMES behind the last event: nobody can be late then.

#include <jack/jack.h>
#include <jack/midiport.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_EVENTS  65536
#define MAX_BYTES   64
#define REST_FRAMES 48000

struct event {
    size_t frame;
    size_t size;
    jack_midi_data_t data[MAX_BYTES];
};

static jack_client_t *client;
static jack_port_t *out;
static struct event events[MAX_EVENTS];
static unsigned n_events, next_event;
static size_t now;
static atomic_bool is_fast, is_running, is_done;
static jack_nframes_t first_frame;

static int
on_process(jack_nframes_t n, void *data)
{
    (void)data;
    void *buffer = jack_port_get_buffer(out, n);
    jack_midi_clear_buffer(buffer);
    if (!atomic_load(&is_running)) {
        if (jack_port_connected(out) == 0) {
            return 0;
        }
        first_frame = jack_last_frame_time(client);
        atomic_store(&is_running, true);
    }
    for (; next_event < n_events && events[next_event].frame < now + n;
         ++next_event) {
        const struct event *e = &events[next_event];
        jack_midi_event_write(buffer, (jack_nframes_t)(e->frame - now), e->data,
                              e->size);
    }
    now += n;
    if (next_event == n_events &&
        (!atomic_load(&is_fast) ||
         now > events[n_events - 1].frame + REST_FRAMES)) {
        atomic_store(&is_done, true);
    }
    return 0;
}

static void
on_freewheel(int is_starting, void *data)
{
    (void)data;
    atomic_store(&is_fast, is_starting != 0);
}

static int
fail(const char *what)
{
    fprintf(stderr, "jack_send: %s\n", what);
    return 1;
}

/// Wait for at most 30 s.
static bool
wait_for(const atomic_bool *is, bool what)
{
    for (int i = 0; i < 3000 && atomic_load(is) != what; ++i) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    return atomic_load(is) == what;
}

static int
read_event(const char *text, struct event *e)
{
    char *hex = NULL;
    e->frame = strtoul(text, &hex, 10);
    if (*hex++ != ':') {
        return fail("an event is FRAME:HEX");
    }
    for (e->size = 0; hex[0] && hex[1] && e->size < MAX_BYTES; hex += 2) {
        const char digits[3] = {hex[0], hex[1], '\0'};
        e->data[e->size++] = (jack_midi_data_t)strtoul(digits, NULL, 16);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    const bool goes_fast = argc > 1 && strcmp(argv[1], "--fast") == 0;
    argc -= goes_fast;
    argv += goes_fast;
    if (argc < 4 || argc - 3 > MAX_EVENTS) {
        return fail("[--fast] NAME TO FRAME:HEX...");
    }
    for (int i = 3; i < argc; ++i) {
        if (read_event(argv[i], &events[n_events++]) != 0) {
            return 1;
        }
    }
    client = jack_client_open(argv[1], JackNoStartServer, NULL);
    if (!client) {
        return fail("no JACK server");
    }
    out = jack_port_register(client, "out", JACK_DEFAULT_MIDI_TYPE,
                             JackPortIsOutput | JackPortIsTerminal, 0);
    jack_set_process_callback(client, on_process, NULL);
    jack_set_freewheel_callback(client, on_freewheel, NULL);
    if (!out || jack_activate(client) != 0) {
        return fail("cannot activate");
    }
    if (goes_fast &&
        (jack_set_freewheel(client, 1) != 0 || !wait_for(&is_fast, true))) {
        return fail("the server does not freewheel");
    }
    // Who remembers it from last time may have been faster.
    const int rc = jack_connect(client, jack_port_name(out), argv[2]);
    if (rc != 0 && rc != EEXIST) {
        return fail("cannot connect");
    }
    const bool is_sent = wait_for(&is_done, true);
    if (goes_fast &&
        (jack_set_freewheel(client, 0) != 0 || !wait_for(&is_fast, false))) {
        return fail("the server freewheels for ever");
    }
    nanosleep(&(struct timespec){0, 100000000}, NULL); // the last is heard
    printf("{\"first_frame\": %u}\n", first_frame);
    jack_client_close(client);
    return is_sent ? 0 : 1;
}
