// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "port_latency.h"

/// Can sound come in or go out here, once connected?  What goes through doors
/// does so within the engine, whose slots know how late it is.
static bool
is_outer(const struct lat_link *l, uint32_t i)
{
    return l->options.is_clocked || !atomic_load(&l->live[i].is_plain);
}

/// What JACK says of the port at the far end of a path: @return false when it
/// says nothing.
static bool
far_range(const struct lat_link *l, uint32_t i,
          jack_latency_callback_mode_t mode, jack_latency_range_t *out)
{
    jack_port_t *port = atomic_load(&l->live[i].port);
    if (!port || !is_outer(l, i) || !jack_port_connected(port)) {
        return false;
    }
    jack_port_get_latency_range(port, mode, out);
    return true;
}

/// How late a port is, over all paths to connected ports; where nothing is
/// connected, by itself.
static jack_latency_range_t
total_range(const struct lat_link *l, const struct latency *latency, uint32_t i,
            jack_latency_callback_mode_t mode)
{
    const bool is_capture = mode == JackCaptureLatency;
    jack_latency_range_t total = {UINT32_MAX, 0};
    jack_latency_range_t alone = {UINT32_MAX, 0};
    for (uint32_t k = 0; latency && k < latency->n; ++k) {
        const struct lat_latency_path *path = &latency->paths[k];
        jack_latency_range_t far = {0, 0};
        if ((is_capture ? path->out : path->in) != i) {
            continue;
        }
        const uint32_t other = is_capture ? path->in : path->out;
        jack_latency_range_t *range =
            far_range(l, other, mode, &far) ? &total : &alone;
        const uint32_t min = far.min + path->min;
        const uint32_t max = far.max + path->max;
        range->min = min < range->min ? min : range->min;
        range->max = max > range->max ? max : range->max;
    }
    total = total.min <= total.max ? total : alone;
    return total.min <= total.max ? total : (jack_latency_range_t){0, 0};
}

/// An output is as old as what comes in by the inputs that lead to it, an input
/// as early as the outputs that it leads to.  Control makes the paths; that the
/// turn is odd keeps them.
static void
tell(struct lat_link *l, jack_latency_callback_mode_t mode)
{
    const bool is_capture = mode == JackCaptureLatency;
    const uint32_t n = atomic_load(&l->n_live);
    atomic_fetch_add(&l->latency_turn, 1);
    const struct latency *latency = atomic_load(&l->latency);
    for (uint32_t i = 0; i < n; ++i) {
        jack_port_t *port = atomic_load(&l->live[i].port);
        if (port && atomic_load(&l->live[i].is_output) == is_capture) {
            jack_latency_range_t range = total_range(l, latency, i, mode);
            jack_port_set_latency_range(port, mode, &range);
        }
    }
    atomic_fetch_add(&l->latency_turn, 1);
}

static unsigned
bit(jack_latency_callback_mode_t mode)
{
    return mode == JackCaptureLatency ? 1 : 2;
}

void
lat_port_latency_asked(jack_latency_callback_mode_t mode, void *data)
{
    struct lat_link *l = data;
    if (l->is_pipewire) {
        atomic_fetch_or(&l->latency_asked, bit(mode));
        lat_link_wake(l);
    } else {
        tell(l, mode);
    }
}

/// What PipeWire has asked for, once nothing else changes: its audio thread and
/// ours would put what they want from its main thread into the same queue,
/// which is not made for two.  @return bits of modes, which are then taken.
static unsigned
take_asked(struct lat_link *l)
{
    const uint64_t now_ns = lat_now_ns();
    if (!atomic_load(&l->latency_asked)) {
        return 0;
    }
    if (!l->asked_ns) {
        l->asked_ns = now_ns;
    }
    if (now_ns - l->asked_ns < CALM_NS) {
        return 0;
    }
    l->asked_ns = 0;
    return atomic_exchange(&l->latency_asked, 0);
}

void
lat_port_latency_tell(struct lat_link *l, bool is_new)
{
    static const jack_latency_callback_mode_t modes[] = {JackCaptureLatency,
                                                         JackPlaybackLatency};
    if (!l->is_pipewire) {
        if (is_new) {
            jack_recompute_total_latencies(l->client);
        }
        return;
    }
    const unsigned asked = take_asked(l);
    for (uint32_t i = 0; i < LAT_COUNT(modes); ++i) {
        if (is_new || (asked & bit(modes[i]))) {
            tell(l, modes[i]);
        }
    }
}
