// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A sound card that is none: a client with physical ports of any name.
//
//     jack_device CLIENT KIND=PORT...
//
// KIND is playback, capture, midi-playback or midi-capture.  It says "ready"
// and stays until it is stopped.

#include <jack/jack.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *type;
    unsigned long flags;
} kinds[] = {
    {"playback=", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput},
    {"capture=", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput},
    {"midi-playback=", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput},
    {"midi-capture=", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput},
};

static int
add_port(jack_client_t *client, const char *text)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); ++i) {
        const size_t n = strlen(kinds[i].name);
        if (strncmp(text, kinds[i].name, n) == 0 &&
            jack_port_register(
                client, text + n, kinds[i].type,
                kinds[i].flags | JackPortIsPhysical | JackPortIsTerminal, 0)) {
            return 0;
        }
    }
    fprintf(stderr, "no port '%s'\n", text);
    return 1;
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: jack_device CLIENT KIND=PORT...\n");
        return 2;
    }
    jack_client_t *client = jack_client_open(argv[1], JackNoStartServer, NULL);
    if (!client) {
        fprintf(stderr, "no JACK server\n");
        return 1;
    }
    int rc = jack_activate(client);
    for (int i = 2; i < argc && rc == 0; ++i) {
        rc = add_port(client, argv[i]);
    }
    if (rc == 0) {
        puts("ready");
        fflush(stdout);
        pause();
    }
    jack_client_close(client);
    return rc != 0;
}
