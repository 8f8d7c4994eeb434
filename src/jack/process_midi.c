// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "process_midi.h"

#include <jack/midiport.h>

LAT_RT void
lat_link_feed_midi(struct lat_link *l, jack_nframes_t n_frames)
{
    jack_port_t *port = atomic_load(&l->midi);
    void *buffer = port ? jack_port_get_buffer(port, n_frames) : NULL;
    const uint32_t n = buffer ? jack_midi_get_event_count(buffer) : 0;
    for (uint32_t i = 0; i < n; ++i) {
        jack_midi_event_t event;
        if (jack_midi_event_get(&event, buffer, i) == 0 && event.size >= 1 &&
            event.size <= 3 && event.buffer[0] >= 0x80 &&
            event.buffer[0] != LAT_MIDI_SOURCE_LOST &&
            event.buffer[0] != 0xf0 && event.buffer[0] != 0xf7) {
            lat_engine_midi(l->engine, event.time, event.buffer,
                            (uint32_t)event.size);
        }
    }
}

LAT_RT void
lat_link_send_midi(struct lat_link *l, jack_nframes_t n_frames)
{
    const struct lat_outgoing *events = NULL;
    const uint32_t n = lat_engine_outgoing(l->engine, &events);
    for (uint32_t i = 0; i < n; ++i) {
        const struct lat_outgoing event = events[i];
        const struct live_port *live = &l->live[event.slot];
        jack_port_t *port = atomic_load(&live->port);
        void *buffer = port && atomic_load(&live->is_midi)
                           ? jack_port_get_buffer(port, n_frames)
                           : NULL;
        if (buffer && jack_midi_event_write(buffer, event.frame, event.data,
                                            event.size) != 0) {
            lat_engine_put_back(l->engine, &event);
        }
    }
}
