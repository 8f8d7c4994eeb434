// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "process.h"
#include "base/cpu.h"
#include "clock.h"
#include "port_latency.h"
#include "process_midi.h"

#include <jack/midiport.h>
#include <jack/statistics.h>

#include <math.h>
#include <string.h>

// The process callback.

/// What the engine may use of the port of a slot: MIDI has no samples, and
/// begins each period with none.  [audio]
static float *
buffer_of(struct lat_link *l, uint32_t slot, jack_nframes_t n_frames)
{
    jack_port_t *port = atomic_load(&l->live[slot].port);
    void *buffer = port ? jack_port_get_buffer(port, n_frames) : NULL;
    if (buffer && atomic_load(&l->live[slot].is_midi)) {
        jack_midi_clear_buffer(buffer);
        return NULL;
    }
    return buffer;
}

/// Write silence to all outputs from slot @p first on.  [audio]
static void
silence(struct lat_link *l, uint32_t first, jack_nframes_t n_frames)
{
    const uint32_t n = atomic_load(&l->n_live);
    for (uint32_t i = first; i < n; ++i) {
        float *buffer = atomic_load(&l->live[i].is_output)
                            ? buffer_of(l, i, n_frames)
                            : NULL;
        if (buffer) {
            memset(buffer, 0, n_frames * sizeof(float));
        }
    }
}

/// Tell the engine where JACK's transport is.  [audio]
static void
follow_transport(struct lat_link *l)
{
    jack_position_t p;
    memset(&p, 0, sizeof(p));
    const jack_transport_state_t state = jack_transport_query(l->client, &p);
    struct lat_follow follow = {
        .is_rolling = state == JackTransportRolling,
        .frame = p.frame,
    };
    if ((p.valid & JackPositionBBT) && p.ticks_per_beat > 0.0 &&
        p.beats_per_minute > 0.0 && isfinite(p.beats_per_minute)) {
        double tick = (double)p.tick;
        double behind = 1.0 / p.ticks_per_beat;
#ifdef JACK_TICK_DOUBLE
        if (p.valid & JackTickDouble) {
            tick = p.tick_double;
            behind = 0.0;
        }
#endif
        // Bars may have had other lengths before: the tick of the bar's start
        // knows.  Some timebase masters leave it at zero.
        double beats = p.bar_start_tick > 0.0
                           ? p.bar_start_tick / p.ticks_per_beat
                           : (double)(p.bar - 1) * (double)p.beats_per_bar;
        beats += (double)(p.beat - 1) + tick / p.ticks_per_beat;
        if ((p.valid & JackBBTFrameOffset) && p.frame_rate) {
            beats += (double)p.bbt_offset * p.beats_per_minute /
                     (60.0 * (double)p.frame_rate);
        }
        const double quarters =
            p.beat_type > 0.0F ? 4.0 / (double)p.beat_type : 1.0;
        follow.has_bbt = isfinite(beats) && beats >= 0.0;
        follow.tempo_bpm = p.beats_per_minute * quarters;
        follow.beats = beats * quarters;
        follow.behind_beats = behind * quarters;
    }
    lat_engine_follow(l->engine, &follow);
}

/// Tell the engine when JACK says that this period began.  JACK's clock need
/// not be ours.  [audio]
static void
tell_beat(struct lat_link *l, jack_nframes_t n_frames)
{
    jack_nframes_t frame = 0;
    jack_time_t began_us = 0;
    jack_time_t next_us = 0;
    float period_us = 0.0F;
    if (jack_get_cycle_times(l->client, &frame, &began_us, &next_us,
                             &period_us)) {
        return;
    }
    const int64_t since_us = (int64_t)(jack_get_time() - began_us);
    lat_engine_set_beat(l->engine,
                        &(struct lat_engine_beat){
                            .ns = lat_now_ns() - (uint64_t)(since_us * 1000),
                            .is_break = frame != l->next_frame,
                        });
    l->next_frame = frame + n_frames;
}

/// Fold a period into a slot's peak.  [audio]
static void
measure(struct live_port *live, const float *buffer, jack_nframes_t n_frames)
{
    float peak = 0.0F;
    for (jack_nframes_t i = 0; i < n_frames; ++i) {
        const float x = fabsf(buffer[i]);
        peak = x > peak ? x : peak;
    }
    uint32_t bits;
    memcpy(&bits, &peak, sizeof(bits));
    unsigned old = atomic_load_explicit(&live->peak, memory_order_relaxed);
    while (bits > old &&
           !atomic_compare_exchange_weak(&live->peak, &old, bits)) {
    }
}

static bool
looks_at_sound(const struct lat_link *l)
{
    return l->options.has_meters || l->options.page;
}

/// Keep what an output gave in this period.  [audio]
static void
keep_heard(struct lat_process_heard *h, const float *buffer,
           jack_nframes_t n_frames)
{
    const uint64_t n_levels =
        atomic_load_explicit(&h->n_levels, memory_order_relaxed);
    uint64_t n = atomic_load_explicit(&h->n_samples, memory_order_relaxed);
    struct lat_process_level level = {.n = n_frames};
    for (jack_nframes_t i = 0; i < n_frames; ++i) {
        const float x = fabsf(buffer[i]);
        level.peak = x > level.peak ? x : level.peak;
        level.squares += x * x;
        h->samples[n++ % LAT_PROCESS_SAMPLES] = buffer[i];
    }
    h->levels[n_levels % LAT_PROCESS_LEVELS] = level;
    atomic_store_explicit(&h->n_levels, n_levels + 1, memory_order_release);
    atomic_store_explicit(&h->n_samples, n, memory_order_release);
}

/// The same, of the output that goes to a slot, if any does.  [audio]
static void
tell_page(struct lat_process_page *page, uint32_t slot, const float *buffer,
          jack_nframes_t n_frames)
{
    atomic_store_explicit(&page->last[slot], buffer[n_frames - 1],
                          memory_order_relaxed);
    for (uint32_t i = 0; i < LAT_PROCESS_HEARD; ++i) {
        if (atomic_load_explicit(&page->slot_of[i], memory_order_relaxed) ==
            slot + 1) {
            keep_heard(&page->heard[i], buffer, n_frames);
        }
    }
}

/// What a slot carried in this period, for meters and for who started us.
/// [audio]
static void
look_at(struct lat_link *l, uint32_t slot, const float *buffer,
        jack_nframes_t n_frames)
{
    if (l->options.has_meters) {
        measure(&l->live[slot], buffer, n_frames);
    }
    if (l->options.page && slot < LAT_PROCESS_SLOTS && n_frames) {
        tell_page(l->options.page, slot, buffer, n_frames);
    }
}

/// Give processes the time of this period, which is over here, with what the
/// transport came to in it; or, with NULL, none.  [audio]
static void
send_clock(struct lat_link *l, const struct lat_engine_time *time,
           jack_nframes_t n_frames)
{
    jack_port_t *port = atomic_load(&l->clock);
    void *buffer = port ? jack_port_get_buffer(port, n_frames) : NULL;
    if (!buffer) {
        return;
    }
    jack_midi_clear_buffer(buffer);
    uint8_t *bytes =
        time ? jack_midi_event_reserve(buffer, 0, LAT_CLOCK_BYTES) : NULL;
    if (bytes) {
        lat_clock_write(time, bytes);
    }
}

/// The time that comes in by the clock.  [audio]
static bool
read_clock(struct lat_link *l, jack_nframes_t n_frames,
           struct lat_engine_time *time)
{
    jack_port_t *port = atomic_load(&l->midi);
    void *buffer = port ? jack_port_get_buffer(port, n_frames) : NULL;
    jack_midi_event_t event;
    return buffer && jack_midi_event_get(&event, buffer, 0) == 0 &&
           lat_clock_read(event.buffer, event.size, time);
}

/// A process plays the frames that its clock says, each once, from the agreed
/// one on.  One that nobody started plays by itself where no clock comes in.
/// [audio]
/// @return whether it plays this period.
static bool
follow_clock(struct lat_link *l, jack_nframes_t n_frames)
{
    struct lat_process_page *page = l->options.page;
    struct lat_engine_time time;
    if (!read_clock(l, n_frames, &time)) {
        return !page;
    }
    const uint64_t start = page ? atomic_load(&page->start_frame) : 0;
    if (time.frame < start || time.frame + 1 == l->clock_frame ||
        time.transport.rate != (double)atomic_load(&l->engine_rate)) {
        return false;
    }
    if (page && !l->clock_frame) {
        atomic_store(&page->first_frame, time.frame);
    } else if (page && time.frame != l->clock_end) {
        atomic_fetch_add(&page->n_missed, 1);
    }
    l->clock_end = time.frame + n_frames;
    l->clock_frame = time.frame + 1;
    lat_engine_set_time(l->engine, &time);
    return true;
}

/// Run the engine for one period.  [audio]
static void
run(struct lat_link *l, jack_nframes_t n_frames)
{
    struct lat_engine *e = l->engine;
    const uint64_t start_ns = lat_now_ns();
    struct lat_engine_time time;
    struct lat_engine_time end;
    follow_transport(l);
    tell_beat(l, n_frames);
    lat_engine_get_time(e, &time);
    const uint32_t n = lat_engine_n_slots(e);
    for (uint32_t i = 0; i < n; ++i) {
        lat_engine_bind(e, i, buffer_of(l, i, n_frames));
    }
    silence(l, n, n_frames);
    if (!l->options.is_clocked) {
        lat_link_feed_midi(l, n_frames);
    }
    lat_engine_process(e, n_frames);
    lat_link_send_midi(l, n_frames);
    lat_engine_get_time(e, &end);
    time.transport = end.transport;
    send_clock(l, &time, n_frames);
    const uint64_t cycle = atomic_load(&l->n_cycles);
    atomic_store(&l->last_ns[cycle % N_LAST], lat_now_ns() - start_ns);
    for (uint32_t i = 0; looks_at_sound(l) && i < n; ++i) {
        jack_port_t *port = atomic_load(&l->live[i].port);
        const float *buffer = port && !atomic_load(&l->live[i].is_midi)
                                  ? jack_port_get_buffer(port, n_frames)
                                  : NULL;
        if (buffer) {
            look_at(l, i, buffer, n_frames);
        }
    }
}

/// Tell who started us how it goes.  [audio]
static void
report(struct lat_link *l, bool has_played)
{
    struct lat_process_page *page = l->options.page;
    if (!page) {
        return;
    }
    atomic_fetch_add(&page->n_played, has_played);
    atomic_fetch_add(&page->n_cycles, 1);
    atomic_store(&page->began_ns, 0);
}

static int
on_process(jack_nframes_t n_frames, void *data)
{
    struct lat_link *l = data;
    if (l->options.page) {
        atomic_store(&l->options.page->began_ns, lat_now_ns());
    }
    lat_thread_role = LAT_ROLE_AUDIO; // what libjack does around is its own
    atomic_fetch_add(&l->turn, 1);
    const bool plays = atomic_load(&l->gate) &&
                       atomic_load(&l->engine_rate) == atomic_load(&l->rate) &&
                       (!l->options.is_clocked || follow_clock(l, n_frames));
    if (plays) {
        run(l, n_frames);
    } else {
        silence(l, 0, n_frames);
        send_clock(l, NULL, n_frames);
    }
    report(l, plays);
    atomic_fetch_add(&l->n_cycles, 1);
    atomic_fetch_add(&l->turn, 1);
    lat_thread_role = LAT_ROLE_NONE;
    return 0;
}

// The other callbacks post flags.

static void
on_thread_init(void *data)
{
    const struct lat_link *l = data;
    lat_rt_flush_denormals();
    if (l->options.cpu >= 0) {
        (void)lat_cpu_pin_self((uint32_t)l->options.cpu);
    }
}

static void
note_mode_change(struct lat_link *l)
{
    atomic_store(&l->changed_ns, lat_now_ns());
    atomic_store(&l->n_fresh_xruns, 0);
}

static int
on_period(jack_nframes_t n_frames, void *data)
{
    struct lat_link *l = data;
    if (atomic_exchange(&l->period, n_frames) != n_frames) {
        note_mode_change(l);
        lat_link_wake(l);
    }
    return 0;
}

static int
on_rate(jack_nframes_t rate, void *data)
{
    struct lat_link *l = data;
    atomic_store(&l->rate, rate);
    lat_link_wake(l);
    return 0;
}

static void
on_freewheel(int is_starting, void *data)
{
    struct lat_link *l = data;
    atomic_store(&l->is_freewheeling, is_starting != 0);
    note_mode_change(l);
    lat_link_wake(l);
}

/// Changes of mode cause xruns that mean nothing, before and after they are
/// announced; so a fresh xrun counts only when it has aged.
static int
on_xrun(void *data)
{
    struct lat_link *l = data;
    const uint64_t now_ns = lat_now_ns();
    if (!atomic_load(&l->gate) || atomic_load(&l->is_freewheeling) ||
        now_ns - atomic_load(&l->changed_ns) < AFTERMATH_NS) {
        return 0;
    }
    uint64_t worst_ns = 0;
    for (uint32_t i = 0; i < N_LAST; ++i) {
        const uint64_t ns = atomic_load(&l->last_ns[i]);
        worst_ns = ns > worst_ns ? ns : worst_ns;
    }
    atomic_store(&l->xrun_engine_ns, worst_ns);
    atomic_store(&l->fresh_delay_us,
                 (double)jack_get_xrun_delayed_usecs(l->client));
    if (atomic_load(&l->n_fresh_xruns) == 0) {
        atomic_store(&l->fresh_ns, now_ns);
    }
    atomic_fetch_add(&l->n_fresh_xruns, 1);
    return 0;
}

static void
on_shutdown(jack_status_t code, const char *reason, void *data)
{
    (void)code;
    (void)reason;
    struct lat_link *l = data;
    atomic_store(&l->is_shut_down, true);
    lat_link_wake(l);
}

static void
note_change(struct lat_link *l)
{
    atomic_store(&l->has_changed, true);
    lat_link_wake(l);
}

static void
on_port_registered(jack_port_id_t port, int is_there, void *data)
{
    struct lat_link *l = data;
    if (is_there) {
        const unsigned n = atomic_load(&l->n_came);
        atomic_store(&l->came[n % LAT_LINK_CAME], port);
        atomic_store(&l->n_came, n + 1);
    }
    note_change(l);
}

/// Who hears a port of MIDI may have been there before the server was lost.
static void
tell_heard(struct lat_link *l, const jack_port_t *port)
{
    const unsigned n = atomic_load(&l->n_live);
    for (unsigned i = 0; port && i < n; ++i) {
        const struct live_port *live = &l->live[i];
        if (atomic_load(&live->port) == port && atomic_load(&live->is_midi) &&
            atomic_load(&live->is_output)) {
            lat_engine_heard(l->engine, i);
        }
    }
}

static void
on_port_connected(jack_port_id_t a, jack_port_id_t b, int is_there, void *data)
{
    struct lat_link *l = data;
    const jack_port_t *midi = atomic_load(&l->midi);
    // JACK merges what is connected: whose keys are held is not known.
    if (!is_there && midi && !l->options.is_clocked && atomic_load(&l->gate) &&
        (jack_port_by_id(l->client, a) == midi ||
         jack_port_by_id(l->client, b) == midi)) {
        lat_engine_lose_midi(l->engine);
    }
    if (is_there && atomic_load(&l->gate)) {
        tell_heard(l, jack_port_by_id(l->client, a));
        tell_heard(l, jack_port_by_id(l->client, b));
    }
    note_change(l);
}

static void
on_port_renamed(jack_port_id_t port, const char *from, const char *to,
                void *data)
{
    (void)port;
    (void)from;
    (void)to;
    note_change(data);
}

void
lat_process_set_callbacks(struct lat_link *l)
{
    jack_client_t *client = l->client;
    jack_set_process_callback(client, on_process, l);
    jack_set_thread_init_callback(client, on_thread_init, l);
    jack_set_buffer_size_callback(client, on_period, l);
    jack_set_sample_rate_callback(client, on_rate, l);
    jack_set_freewheel_callback(client, on_freewheel, l);
    jack_set_xrun_callback(client, on_xrun, l);
    jack_set_latency_callback(client, lat_port_latency_asked, l);
    jack_set_port_registration_callback(client, on_port_registered, l);
    jack_set_port_connect_callback(client, on_port_connected, l);
    jack_set_port_rename_callback(client, on_port_renamed, l);
    jack_on_info_shutdown(client, on_shutdown, l);
}
